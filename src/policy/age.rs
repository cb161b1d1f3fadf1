//! Lengths of time as people write them: `90s`, `45m`, `2h`, `3d`, `1w`, and combined `1d12h`.
//!
//! The policy keeps `older-than` and `timeout` as this value, the selector and the run take its duration,
//! and evidence shows ages by it. Strict on purpose: a bare `24` read as hours, or a negative age, would
//! fail open and take the only gate away that a fresh deployment has.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A length of time in whole seconds: how old a thing must be, how long a run may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age {
    seconds: u64,
}

/// An age that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an age: {why} (examples: 90s, 45m, 2h, 3d, 1w, 1d12h)")]
pub struct AgeError {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

/// Units from the longest to the shortest, in seconds.
const UNITS: &[(char, u64)] = &[('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// A hundred years: longer than AWS exists, and far from where time arithmetic ends.
const LONGEST: u64 = 36_525 * 86_400;

impl Age {
    /// The same as a duration.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

impl FromStr for Age {
    type Err = AgeError;

    /// Reads an age. Units go from long to short and each stands once.
    fn from_str(text: &str) -> Result<Self, AgeError> {
        match seconds(text) {
            Ok(seconds) => Ok(Self { seconds }),
            Err(why) => Err(AgeError { text: text.to_owned(), why }),
        }
    }
}

impl fmt::Display for Age {
    /// As it can be read back, `1d12h`. Days are the largest unit: "17d" is understood faster than "2w3d".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.seconds;
        let mut text = String::new();
        for (unit, size) in UNITS.iter().skip(1) {
            if rest >= *size {
                text.push_str(&format!("{}{unit}", rest / size));
                rest %= size;
            }
        }
        f.pad(if text.is_empty() { "0s" } else { &text })
    }
}

/// The age in seconds, or what is wrong with it.
fn seconds(text: &str) -> Result<u64, String> {
    let mut units = UNITS.iter();
    let mut sum: u64 = 0;
    let mut rest = text;
    if rest.is_empty() {
        return Err("it is empty".to_owned());
    }
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        if number.is_empty() {
            return Err(format!("`{rest}` does not begin with a number"));
        }
        let Some(unit) = tail.chars().next() else {
            return Err(format!("`{number}` has no unit"));
        };
        // The search goes on behind the last unit found, so a unit that is repeated or out of order is not found.
        let Some((_, size)) = units.by_ref().find(|(letter, _)| *letter == unit) else {
            return Err(format!("`{unit}` is no unit, or stands twice or in the wrong order"));
        };
        sum = number
            .parse::<u64>()
            .ok()
            .and_then(|count| count.checked_mul(*size))
            .and_then(|part| sum.checked_add(part))
            .filter(|sum| *sum <= LONGEST)
            .ok_or("it is longer than a hundred years")?;
        rest = &tail[unit.len_utf8()..];
    }
    Ok(sum)
}

/// An age for people: its two largest units, `3d 4h`, `45m`.
pub fn show(age: Duration) -> String {
    let mut rest = age.as_secs();
    let mut parts = Vec::new();
    // Weeks are left out: "17d" is understood faster than "2w 3d".
    for (unit, size) in UNITS.iter().skip(1) {
        if rest >= *size && parts.len() < 2 {
            parts.push(format!("{}{unit}", rest / size));
            rest %= size;
        } else if !parts.is_empty() {
            break;
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_age_is_read_back_as_it_was_printed(seconds in 0..=LONGEST) {
            let age = Age { seconds };
            prop_assert_eq!(age.to_string().parse::<Age>(), Ok(age));
        }
    }

    #[test]
    fn ages_with_units_are_read() {
        for (text, seconds) in [
            ("90s", 90),
            ("45m", 2_700),
            ("2h", 7_200),
            ("3d", 259_200),
            ("1w", 604_800),
            ("1d12h", 129_600),
            ("1w2d3h4m5s", 788_645),
            ("0s", 0),
        ] {
            assert_eq!(text.parse().map(Age::duration), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_examples() {
        for text in [
            "24",
            "-1h",
            "1 fortnight",
            "",
            "0x",
            "1h ",
            " 1h",
            "h",
            "1.5h",
            "1h30",
            "12h1d",
            "1h1h",
            "2H",
            "+1h",
            "１h",
            "99999999999999999999h",
            "18446744073709551615w",
            "200000d",
            "1h-2m",
        ] {
            let error = text.parse::<Age>().expect_err(text).to_string();
            assert!(error.contains("examples: 90s, 45m, 2h"), "{error}");
        }
    }

    #[test]
    fn an_age_is_shown_by_its_two_largest_units() {
        for (seconds, shown) in [
            (0, "0s"),
            (59, "59s"),
            (2_700, "45m"),
            (7_260, "2h 1m"),
            (86_400, "1d"),
            (273_700, "3d 4h"),
            (86_401, "1d"),
        ] {
            assert_eq!(show(Duration::from_secs(seconds)), shown);
        }
    }
}
