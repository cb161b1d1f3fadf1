//! Tables of facts that stand in the program, each with the day on which it was last checked: reports and checks ask
//! whether that is long ago.

use jiff::{SignedDuration, Timestamp};

/// How long a table is taken for what is.
const FRESH: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Whether a table that was last checked on this day (`2026-11-21`) is older than 90 days. A day that cannot be read
/// is.
pub fn is_old(checked: &str, now: Timestamp) -> bool {
    let day: Result<Timestamp, _> = format!("{checked}T00:00:00Z").parse();
    day.map_or(true, |day| now.duration_since(day) > FRESH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_old_after_90_days() {
        let at = |now: &str| is_old("2026-11-21", now.parse().expect("a moment"));
        assert!(!at("2026-11-21T12:00:00Z"));
        assert!(!at("2027-02-19T00:00:00Z"));
        assert!(at("2027-02-19T00:00:01Z"));
        assert!(!at("2020-01-01T00:00:00Z"), "a clock that is behind");
        assert!(is_old("soon", "2026-11-21T00:00:00Z".parse().expect("a moment")));
    }
}
