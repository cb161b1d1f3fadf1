//! The tags of this program's own, by which an owner speaks about one thing without any flag: `aws-janitor:keep`, and
//! `aws-janitor:expires=DATE`. The gates ask for them with the present moment.
//!
//! Until its moment a thing that expires is kept as by a protect term, and what lies in it with it; afterwards its owner
//! has said that it is old enough. A moment that cannot be read is none that has passed.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::model::{Gate, Resource};

use super::gates::Ground;

/// Whoever writes it means the thing to stay, whatever its value.
const KEEP: &str = "aws-janitor:keep";

/// A day, or a moment, until which the thing is to stay.
const EXPIRES: &str = "aws-janitor:expires";

/// An owner's word, past by now, about how long a thing was to stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expired {
    /// The moment.
    pub at: Timestamp,
    /// The word, in a sentence.
    pub why: String,
}

/// Why a thing's own tags keep it now.
pub(super) fn keeps(resource: &Resource, now: Timestamp) -> Option<Ground> {
    let ground = |key: &str, why: String| Ground { gate: Gate::OwnTag { key: key.to_owned() }, why };
    if let Some((key, value)) = tagged(resource, KEEP).next() {
        return Some(ground(key, format!("tag {key}={value} says that it is to stay")));
    }
    tagged(resource, EXPIRES).find_map(|(key, value)| match moment(value) {
        Some(at) if at <= now => None,
        Some(at) => Some(ground(key, format!("tag {key}={value} says that it is to stay until {at}"))),
        None => Some(ground(
            key,
            format!(
                "tag {key}={value} says until when it is to stay, and cannot be read: write a day, 2026-12-01, or a time with its offset, 2026-12-01T18:00:00Z"
            ),
        )),
    })
}

/// An owner's word that the thing was to stay until a moment which is past: the last one, where there are several.
pub(super) fn expired(resource: &Resource, now: Timestamp) -> Option<Expired> {
    if keeps(resource, now).is_some() {
        return None;
    }
    let words = tagged(resource, EXPIRES).filter_map(|(key, value)| {
        let why = format!("tag {key}={value}: its owner said that it is old enough since then");
        Some(Expired { at: moment(value)?, why })
    });
    words.max_by_key(|word| word.at)
}

/// The tags of this key. Letter case does not count, as for protect terms.
fn tagged<'r>(resource: &'r Resource, wanted: &str) -> impl Iterator<Item = (&'r String, &'r String)> {
    resource.tags.iter().filter(move |(key, _)| key.trim().eq_ignore_ascii_case(wanted))
}

/// The moment that a text names. A day comes when it has begun everywhere: nobody knows in which zone its writer lives,
/// and at twelve o'clock UTC it begins in the last one.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    // More than a day without an offset is a moment that depends on the reader.
    let day: Date = (text.len() == "2026-12-01".len()).then(|| text.parse().ok())??;
    TimeZone::UTC.to_timestamp(day.at(12, 0, 0, 0)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::inventory::testing::{at, key};

    const NOW: &str = "2026-11-21T12:00:00Z";

    fn with(tags: &[(&str, &str)]) -> Resource {
        let mut resource = Resource::new(key("vpc", "vpc-1"));
        resource.tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        resource
    }

    fn kept(tags: &[(&str, &str)]) -> bool {
        keeps(&with(tags), at(NOW)).is_some()
    }

    #[test]
    fn keep_keeps_whatever_its_value_and_however_its_key_is_written() {
        for (key, value) in [
            ("aws-janitor:keep", ""),
            ("aws-janitor:keep", "false"),
            ("AWS-Janitor:Keep", "yes"),
            (" aws-janitor:keep ", "until March"),
        ] {
            assert!(kept(&[(key, value)]), "{key}={value}");
            assert_eq!(expired(&with(&[(key, value), (EXPIRES, "2020-01-01")]), at(NOW)), None);
        }
        for key in ["aws-janitor:keeper", "aws-janitor", "keep-aws-janitor:keep"] {
            assert!(!kept(&[(key, "yes")]), "{key}");
        }
    }

    #[test]
    fn a_day_keeps_until_it_has_begun_everywhere_and_a_time_until_its_moment() {
        for (value, keeps) in [
            ("2026-12-01", true),
            ("2026-11-22", true),
            ("2026-11-21", false),
            ("2026-11-20", false),
            ("2026-11-21T12:00:01Z", true),
            ("2026-11-21T12:00:00Z", false),
            ("2026-11-21T13:00:00+01:00", false),
            ("2026-11-21T11:00:00-05:00", true),
        ] {
            assert_eq!(kept(&[(EXPIRES, value)]), keeps, "{value}");
            assert_eq!(expired(&with(&[(EXPIRES, value)]), at(NOW)).is_none(), keeps, "{value}");
        }
        let before = at("2026-11-21T11:59:59Z");
        assert!(keeps(&with(&[(EXPIRES, "2026-11-21")]), before).is_some());
    }

    #[test]
    fn a_value_that_cannot_be_read_keeps_and_says_what_to_write() {
        for value in [
            "",
            "never",
            "01.12.2020",
            "12/01/2020",
            "2020-1-1",
            "20200101",
            "2020-02-30",
            "2020-01-01T10:00",
            "2020-01-01 or so",
            "1577836800",
            "24h",
        ] {
            let ground = keeps(&with(&[(EXPIRES, value)]), at(NOW)).expect(value);
            assert!(ground.why.contains("cannot be read: write a day, 2026-12-01"), "{}", ground.why);
            assert_eq!(expired(&with(&[(EXPIRES, value)]), at(NOW)), None, "{value}");
        }
    }

    #[test]
    fn of_two_words_the_one_that_keeps_longer_counts() {
        let both = with(&[(EXPIRES, "2020-01-01"), ("AWS-JANITOR:EXPIRES", "2026-12-01")]);
        assert!(keeps(&both, at(NOW)).is_some());
        let past = with(&[(EXPIRES, "2020-01-01"), ("AWS-JANITOR:EXPIRES", "2026-01-01")]);
        assert_eq!(expired(&past, at(NOW)).map(|it| it.at), Some(at("2026-01-01T12:00:00Z")));
        let odd = with(&[(EXPIRES, "2020-01-01"), ("aws-janitor:Expires", "soon")]);
        assert!(keeps(&odd, at(NOW)).is_some() && expired(&odd, at(NOW)).is_none());
    }

    proptest! {
        /// Whatever is written there, it keeps or it names a moment that is past: never both, never neither.
        #[test]
        fn whatever_is_written_keeps_or_is_past(value in "\\PC{0,20}|[0-9T:Z+-]{0,25}") {
            let resource = with(&[(EXPIRES, value.as_str())]);
            let past = expired(&resource, at(NOW));
            prop_assert_eq!(keeps(&resource, at(NOW)).is_some(), past.is_none());
            prop_assert!(past.is_none_or(|word| word.at <= at(NOW)));
        }
    }
}
