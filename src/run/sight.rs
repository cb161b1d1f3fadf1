//! What the last reading said of each step, and whether that may still be believed: takes a referee's answer, and
//! tells the loop whether a step may start, is left, waits, or needs another reading.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::plan::StepId;
use crate::plan::again::{Ruling, Rulings};

/// How old a reading may be when a step starts.
pub(super) const MINUTE: Duration = Duration::from_secs(60);
/// How long a step that could not be judged waits for the next reading.
pub(super) const NEXT_READING: Duration = Duration::from_secs(30);
/// How long it is tried to judge a step before it is left.
const PATIENCE: Duration = Duration::from_secs(300);
/// And how often at least: where the endpoint's clock runs fast, the time is over in a moment.
const READINGS: u32 = 4;

/// The readings of a run.
#[derive(Debug, Default)]
pub(super) struct Sight {
    last: Option<Reading>,
    /// Since when a step could not be judged, and how often.
    unseen: BTreeMap<StepId, Unseen>,
    /// About which steps one is under way.
    under_way: Option<BTreeSet<StepId>>,
    /// How often one came in between the look at a step and its call.
    overtaken: BTreeMap<StepId, u32>,
}

#[derive(Debug)]
struct Reading {
    /// The steps that it was asked about; `None` for all.
    about: Option<BTreeSet<StepId>>,
    /// Until when it is believed: a minute from its beginning, as what it tells may be as old as that.
    until: Duration,
    rulings: Rulings,
    /// Whether it has just come: for those who waited for it nothing fresher can be had.
    just_come: bool,
}

#[derive(Debug, Clone, Copy)]
struct Unseen {
    since: Duration,
    times: u32,
}

/// What follows for a step that is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leave {
    /// It may start.
    Start,
    /// It is left out, for this reason.
    Out(String),
    /// It waits for a later reading.
    Wait,
    /// A reading is needed first.
    Ask,
}

impl Sight {
    /// A reading has begun that tells of these steps.
    pub(super) fn begin(&mut self, about: BTreeSet<StepId>) {
        self.under_way = Some(about);
    }

    /// Whether one is under way.
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// Takes in what was read, begun at this time.
    pub(super) fn take(&mut self, began: Duration, rulings: Rulings) {
        let about = std::mem::take(&mut self.under_way);
        self.last = Some(Reading { about, until: began + MINUTE, rulings, just_come: true });
    }

    /// Nothing could be read: so nothing may start.
    pub(super) fn fail(&mut self, began: Duration) {
        self.take(began, Rulings::new());
    }

    /// What was read before the run began serves until this time.
    pub(super) fn trust(&mut self, until: Duration, rulings: Rulings) {
        self.last = Some(Reading { about: None, until, rulings, just_come: false });
    }

    /// Those who waited for the reading have been told.
    pub(super) fn told(&mut self) {
        if let Some(reading) = &mut self.last {
            reading.just_come = false;
        }
    }

    /// The steps that the last reading leaves out.
    pub(super) fn out(&self) -> impl Iterator<Item = StepId> + '_ {
        let rulings = self.last.iter().flat_map(|reading| &reading.rulings);
        rulings.filter(|(_, ruling)| matches!(ruling, Ruling::Out(_))).map(|(step, _)| *step)
    }

    /// Whether a step that was looked at may not be called: a reading that came in meanwhile speaks against it, or one
    /// is under way that will soon speak of it. For that a step waits some times, so that it has its turn in the end
    /// where readings take long.
    pub(super) fn is_overtaken(&mut self, step: StepId) -> bool {
        let ruling = self.last.as_ref().and_then(|reading| reading.rulings.get(&step));
        if ruling.is_some_and(|ruling| *ruling != Ruling::Go) {
            return true;
        }
        let times = self.overtaken.entry(step).or_default();
        let waits = self.under_way.as_ref().is_some_and(|about| about.contains(&step)) && *times < READINGS;
        *times += u32::from(waits);
        waits
    }

    /// Whether a step may start now.
    pub(super) fn leave(&mut self, step: StepId, now: Duration) -> Leave {
        // What is being read now will be known soon, and is fresher.
        if self.under_way.as_ref().is_some_and(|about| about.contains(&step)) {
            return Leave::Ask;
        }
        let Some(reading) = &self.last else { return Leave::Ask };
        if now > reading.until && !reading.just_come {
            return Leave::Ask;
        }
        // A reading says nothing of what it was not asked about.
        if reading.about.as_ref().is_some_and(|about| !about.contains(&step)) {
            return Leave::Ask;
        }
        let why = match reading.rulings.get(&step) {
            Some(Ruling::Go) => {
                self.unseen.remove(&step);
                return Leave::Start;
            }
            Some(Ruling::Out(why)) => return Leave::Out(why.clone()),
            Some(Ruling::Unseen(why)) => why.clone(),
            None => "the account could not be read again".to_owned(),
        };
        // What was not seen is asked for anew, and not again of the same reading.
        let unseen = self.unseen.entry(step).or_insert(Unseen { since: now, times: 0 });
        if !reading.just_come && unseen.times > 0 {
            return Leave::Ask;
        }
        unseen.times += 1;
        if now.saturating_sub(unseen.since) >= PATIENCE && unseen.times >= READINGS {
            return Leave::Out(why);
        }
        Leave::Wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: StepId = StepId(1);

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn read(sight: &mut Sight, began: u64, ruling: Option<Ruling>) {
        let rulings = ruling.into_iter().map(|ruling| (ONE, ruling)).collect();
        sight.take(at(began), rulings);
    }

    #[test]
    fn a_reading_serves_for_a_minute_from_its_beginning() {
        let mut sight = Sight::default();
        assert_eq!(sight.leave(ONE, at(0)), Leave::Ask);
        read(&mut sight, 0, Some(Ruling::Go));
        sight.told();
        assert_eq!(sight.leave(ONE, at(60)), Leave::Start);
        assert_eq!(sight.leave(ONE, at(61)), Leave::Ask);
    }

    #[test]
    fn a_reading_that_took_longer_serves_those_who_waited_for_it_and_nobody_else() {
        let mut sight = Sight::default();
        read(&mut sight, 0, Some(Ruling::Go));
        assert_eq!(sight.leave(ONE, at(500)), Leave::Start);
        sight.told();
        assert_eq!(sight.leave(ONE, at(500)), Leave::Ask);
    }

    #[test]
    fn a_reading_says_nothing_of_a_step_that_it_was_not_asked_about() {
        let mut sight = Sight::default();
        sight.begin(BTreeSet::from([StepId(2)]));
        assert!(sight.is_under_way());
        read(&mut sight, 0, None);
        assert!(!sight.is_under_way());
        assert_eq!(sight.leave(ONE, at(1)), Leave::Ask, "even of one that has just come");
        assert_eq!(sight.leave(StepId(2), at(1)), Leave::Wait);
    }

    #[test]
    fn what_was_not_seen_waits_for_other_readings_and_is_left_in_the_end() {
        for unseen in [Some(Ruling::Unseen("a gap".into())), None] {
            let mut sight = Sight::default();
            let mut now = 0;
            let told = loop {
                read(&mut sight, now, unseen.clone());
                let told = sight.leave(ONE, at(now));
                sight.told();
                if told != Leave::Wait {
                    break told;
                }
                assert_eq!(sight.leave(ONE, at(now + 30)), Leave::Ask, "the same reading says no more");
                now += 60;
            };
            assert!(matches!(told, Leave::Out(_)), "{told:?}");
            assert_eq!(now, 300);
        }
    }

    #[test]
    fn a_fast_clock_leaves_time_for_some_readings_all_the_same() {
        let mut sight = Sight::default();
        for reading in 1..=READINGS {
            // Each takes longer than the whole patience.
            read(&mut sight, u64::from(reading) * 10_000, None);
            let told = sight.leave(ONE, at(u64::from(reading) * 10_000 + 9_000));
            assert_eq!(told == Leave::Wait, reading < READINGS, "{reading}: {told:?}");
            sight.told();
        }
    }

    #[test]
    fn nothing_starts_or_is_called_while_a_reading_about_it_is_under_way() {
        let mut sight = Sight::default();
        read(&mut sight, 0, Some(Ruling::Go));
        assert!(sight.leave(ONE, at(1)) == Leave::Start && !sight.is_overtaken(ONE));
        sight.begin(BTreeSet::from([StepId(2)]));
        assert!(sight.leave(ONE, at(2)) == Leave::Start && !sight.is_overtaken(ONE), "it is about others");
        sight.begin(BTreeSet::from([ONE]));
        assert!(sight.leave(ONE, at(3)) == Leave::Ask && sight.is_overtaken(ONE));
        read(&mut sight, 3, Some(Ruling::Go));
        assert!(sight.leave(ONE, at(4)) == Leave::Start && !sight.is_overtaken(ONE));
        read(&mut sight, 5, Some(Ruling::Out("taken".into())));
        assert!(sight.is_overtaken(ONE));
    }

    #[test]
    fn a_step_that_readings_overtake_again_and_again_has_its_turn() {
        let mut sight = Sight::default();
        let overtaken = (0..100).filter(|_| {
            sight.begin(BTreeSet::from([ONE]));
            sight.is_overtaken(ONE)
        });
        assert_eq!(overtaken.count(), READINGS as usize);
    }

    #[test]
    fn what_was_seen_after_all_starts() {
        let mut sight = Sight::default();
        read(&mut sight, 0, None);
        assert_eq!(sight.leave(ONE, at(1)), Leave::Wait);
        read(&mut sight, 31, Some(Ruling::Go));
        assert_eq!(sight.leave(ONE, at(32)), Leave::Start);
    }
}
