//! When something that was called away has gone, and when to stop waiting for it: takes what each look
//! brings, and tells `answers`.
//!
//! The SDK's stock waiters misjudge failed NAT gateways, stopping instances and active clusters; these rules
//! know only rows and lives, which each kind's reader has made from AWS's states.

use std::time::Duration;

use super::check::standing;
use crate::model::{
    Catalog, CloudError, ErrorClass, KindSpec, Life, Link, Near, Resource, Settle, words::fact,
};
use crate::plan::{Action, Step};

/// How often to look at what should be gone at once and is not: a minute or two of eventual consistency.
const AT_ONCE: Settle = Settle::Poll { every: 5, usually: 5, at_most: 300 };

/// So many looks in a row must show it standing before that is believed (EC2 is eventually consistent).
const LOOKS: u32 = 2;

/// How often to look, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rhythm {
    /// Between two looks.
    pub(super) every: Duration,
    /// How long it usually takes.
    pub(super) usually: Duration,
    /// When to give up.
    pub(super) at_most: Duration,
    /// The IAM action of the look.
    api: &'static str,
}

impl Rhythm {
    fn new(settle: Settle, api: &'static str) -> Self {
        let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
        match settle {
            Settle::AtOnce => Self::new(AT_ONCE, api),
            Settle::Poll { every, usually, at_most } => Self {
                every: seconds(every.max(1)),
                usually: seconds(usually),
                at_most: seconds(at_most),
                api,
            },
        }
    }

    /// The same for a cloud that only imagines: there everything goes at once.
    pub(super) fn hurried(self) -> Self {
        Self { every: Duration::from_millis(1), ..self }
    }
}

/// The rhythm of waiting for this step. What goes with another follows the rule of that link.
pub(super) fn rhythm(catalog: &Catalog, step: &Step, planned: &Resource) -> Rhythm {
    let Some(spec) = catalog.get(&step.resource.kind) else { return Rhythm::new(AT_ONCE, "none") };
    let api = spec.apis.list.first().copied().unwrap_or("none");
    let own = Rhythm::new(spec.settle, api);
    let with_target =
        planned.links.iter().filter_map(|link| match spec.rule(&link.how, &link.to.kind)?.near {
            Near::GoesWithTarget(settle) => Some(Rhythm::new(settle, api)),
            Near::Free | Near::CutFirst | Near::AfterTarget | Near::AfterIfGoes => None,
        });
    match step.action {
        Action::Await => with_target.max_by_key(|rhythm| rhythm.at_most).unwrap_or(own),
        Action::Cut(ref link) => match cut_settles(spec, link) {
            Settle::AtOnce => own,
            settle @ Settle::Poll { .. } => Rhythm::new(settle, api),
        },
        Action::Delete => own,
    }
}

/// How the cut of a link comes to its end.
pub(super) fn cut_settles(spec: &KindSpec, link: &Link) -> Settle {
    let cut = spec.rule(&link.how, &link.to.kind).and_then(|rule| rule.cut);
    cut.map_or(Settle::AtOnce, |cut| cut.settle)
}

/// Who removes what is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remover {
    /// This run called for it.
    ThisRun,
    /// AWS by itself, or somebody else.
    Another,
}

/// What is known of something that should go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waited {
    pub(super) since: Duration,
    pub(super) rhythm: Rhythm,
    pub(super) remover: Remover,
    /// What was wrong with it before the call, so that an old trouble is not taken for a new one.
    trouble_before: Option<String>,
    was_leaving: bool,
    standing: u32,
    /// AWS's word for its state at the last look.
    pub(super) state: Option<String>,
}

/// What a look says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LookResult {
    /// It is gone.
    Gone,
    /// It is still there, as may be.
    Waiting,
    /// It stands, and nobody is removing it: begin the step anew.
    StandsAgain,
    /// It will not go.
    Failed(CloudError),
}

impl Waited {
    /// Begins to wait; `row` is how it looked before.
    pub(super) fn new(since: Duration, rhythm: Rhythm, remover: Remover, row: Option<&Resource>) -> Self {
        Self {
            since,
            rhythm,
            remover,
            trouble_before: row.and_then(trouble),
            was_leaving: false,
            standing: 0,
            state: row.and_then(|row| row.state.clone()),
        }
    }

    /// Takes in what a look brought.
    pub(super) fn look(&mut self, step: &Step, row: Option<&Resource>, now: Duration) -> LookResult {
        let Some(row) = row else { return LookResult::Gone };
        if let Action::Cut(link) = &step.action
            && standing(row, link).is_none()
        {
            return LookResult::Gone;
        }
        self.state.clone_from(&row.state);
        self.standing = if row.life == Life::Leaving { 0 } else { self.standing + 1 };
        self.was_leaving |= row.life == Life::Leaving;
        let waited = now.saturating_sub(self.since);
        let overdue = self.is_overdue(now);
        if step.action != Action::Await && self.standing >= LOOKS {
            match self.remover {
                Remover::Another => return LookResult::StandsAgain,
                Remover::ThisRun => {
                    if let Some(error) = self.came_back(step, row, waited) {
                        return LookResult::Failed(error);
                    }
                }
            }
        }
        match overdue {
            true => LookResult::Failed(self.timeout(step, row, waited)),
            false => LookResult::Waiting,
        }
    }

    /// Whether it has been waited for as long as it may take.
    pub(super) fn is_overdue(&self, now: Duration) -> bool {
        now.saturating_sub(self.since) >= self.rhythm.at_most
    }

    /// Whether AWS gave up a deletion: it was going and stands again, or it has come into trouble.
    fn came_back(&self, step: &Step, row: &Resource, waited: Duration) -> Option<CloudError> {
        let trouble = trouble(row);
        let new_trouble = trouble.is_some() && trouble != self.trouble_before;
        let old_trouble_for_long = trouble.is_some() && waited >= self.rhythm.usually;
        if !self.was_leaving && !new_trouble && !old_trouble_for_long {
            return None;
        }
        let shown = shown(row);
        let message = match trouble {
            Some(trouble) => format!("the deletion did not go through, it is {shown}: {trouble}"),
            None => format!("the deletion did not go through, it is {shown}"),
        };
        Some(self.error(step, "DeletionFailed", message))
    }

    fn timeout(&self, step: &Step, row: &Resource, waited: Duration) -> CloudError {
        let trouble = trouble(row).map(|trouble| format!(": {trouble}")).unwrap_or_default();
        let message = format!("still there after {} s, it is {}{trouble}", waited.as_secs(), shown(row));
        self.error(step, "Timeout", message)
    }

    fn error(&self, step: &Step, code: &str, message: String) -> CloudError {
        let api = step.api.clone().unwrap_or_else(|| self.rhythm.api.to_owned());
        CloudError { class: ErrorClass::Refused, api, code: code.to_owned(), message, request_id: None }
    }
}

fn trouble(row: &Resource) -> Option<String> {
    row.facts.get(fact::TROUBLE).cloned()
}

fn shown(row: &Resource) -> String {
    row.state.clone().unwrap_or_else(|| {
        let word = match row.life {
            Life::Coming => "coming",
            Life::Standing => "standing",
            Life::Leaving => "leaving",
        };
        word.to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cut, Holds, LinkRule, Touches};
    use crate::run::testing::{CATALOG, cut, delete, key, plan, wait};

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn row(life: Life, trouble: Option<&str>) -> Resource {
        let mut row = Resource::new(key("slow", "slow-1"));
        row.life = life;
        row.facts.extend(trouble.map(|trouble| (fact::TROUBLE.to_owned(), trouble.to_owned())));
        row
    }

    fn waited(remover: Remover, before: &Resource) -> (Waited, Step) {
        let step = delete(1, "slow", &[]);
        (Waited::new(at(0), rhythm(&CATALOG, &step, before), remover, Some(before)), step)
    }

    /// Takes in one look every 15 seconds and returns what the last one says.
    #[track_caller]
    fn check(remover: Remover, before: &Resource, looks: &[&Resource], expected: &str) {
        let (mut waited, step) = waited(remover, before);
        let mut said = Vec::new();
        for (index, row) in (1..).zip(looks) {
            said.push(waited.look(&step, Some(row), at(15 * index)));
        }
        let (last, before) = said.split_last().unwrap();
        assert!(before.iter().all(|seen| *seen == LookResult::Waiting), "{said:?}");
        let ended = match last {
            LookResult::Gone => "gone".to_owned(),
            LookResult::Waiting => "waiting".to_owned(),
            LookResult::StandsAgain => "stands again".to_owned(),
            LookResult::Failed(error) => format!("{}: {}", error.code, error.message),
        };
        assert_eq!(ended, expected);
    }

    #[test]
    fn a_deletion_that_was_given_up_fails_at_the_second_look() {
        let (standing, leaving) = (row(Life::Standing, None), row(Life::Leaving, None));
        let failed = "DeletionFailed: the deletion did not go through, it is standing";
        check(Remover::ThisRun, &standing, &[&leaving, &standing], "waiting");
        check(Remover::ThisRun, &standing, &[&leaving, &standing, &leaving, &standing], "waiting");
        check(Remover::ThisRun, &standing, &[&leaving, &standing, &standing], failed);
    }

    #[test]
    fn a_row_that_never_shows_that_it_leaves_is_given_its_time() {
        let standing = row(Life::Standing, None);
        check(Remover::ThisRun, &standing, &[&standing; 39], "waiting");
        check(
            Remover::ThisRun,
            &standing,
            &[&standing; 40],
            "Timeout: still there after 600 s, it is standing",
        );
    }

    #[test]
    fn an_old_trouble_is_no_reason_to_give_up_soon_but_a_new_one_is() {
        let (fine, ill) = (row(Life::Standing, None), row(Life::Standing, Some("no role")));
        let failed = "DeletionFailed: the deletion did not go through, it is standing: no role";
        check(Remover::ThisRun, &fine, &[&ill, &ill], failed);
        check(Remover::ThisRun, &ill, &[&ill; 3], "waiting");
        check(Remover::ThisRun, &ill, &[&ill; 4], failed);
    }

    #[test]
    fn what_another_gave_up_is_begun_anew() {
        let (standing, leaving) = (row(Life::Standing, None), row(Life::Leaving, None));
        check(Remover::Another, &leaving, &[&leaving, &standing, &standing], "stands again");
    }

    #[test]
    fn what_goes_with_another_is_given_the_time_of_that_rule() {
        let file = plan(vec![delete(1, "slow", &[]), wait(2, &[1])]);
        let shadow = file.resources.iter().find(|row| row.key.kind.as_str() == "shadow").unwrap();
        let found = rhythm(&CATALOG, &file.steps[1], shadow);
        assert_eq!((found.every, found.usually, found.at_most), (at(20), at(40), at(900)));
        let mut waited = Waited::new(at(0), found, Remover::Another, None);
        for second in (20..900).step_by(20) {
            assert_eq!(waited.look(&file.steps[1], Some(shadow), at(second)), LookResult::Waiting);
        }
        assert!(matches!(waited.look(&file.steps[1], Some(shadow), at(900)), LookResult::Failed(_)));
    }

    #[test]
    fn a_cut_that_takes_its_time_is_waited_for_by_its_own_rhythm() {
        const SLOW_CUT: KindSpec = KindSpec {
            links: &[LinkRule {
                how: "names",
                to: "quick",
                holds: Holds::DeleteUntilCut,
                near: Near::CutFirst,
                cut: Some(Cut {
                    api: "x:Cut",
                    touches: Touches::BothEnds,
                    by_hand: None,
                    settle: Settle::Poll { every: 15, usually: 120, at_most: 1800 },
                }),
            }],
            settle: Settle::Poll { every: 5, usually: 15, at_most: 600 },
            ..KindSpec::invented("slow")
        };
        let catalog = Catalog::new(&[&SLOW_CUT]);
        let (step, planned) = (cut(1, key("slow", "slow-1"), &[]), Resource::new(key("slow", "slow-1")));
        assert_eq!(rhythm(&catalog, &step, &planned).at_most, at(1800));
        assert_eq!(rhythm(&catalog, &delete(1, "slow", &[]), &planned).at_most, at(600));
        // Without a rule of its own the owner's rhythm is taken.
        assert_eq!(rhythm(&CATALOG, &step, &planned), rhythm(&CATALOG, &delete(1, "slow", &[]), &planned));
    }

    #[test]
    fn a_cut_is_done_when_the_link_is_gone_although_its_owner_leaves() {
        let step = cut(1, key("slow", "slow-1"), &[]);
        let Action::Cut(link) = &step.action else { panic!("no cut") };
        let mut leaving = row(Life::Leaving, None);
        leaving.links.insert(link.clone());
        let mut waited =
            Waited::new(at(0), rhythm(&CATALOG, &step, &leaving), Remover::Another, Some(&leaving));
        assert_eq!(waited.look(&step, Some(&leaving), at(15)), LookResult::Waiting);
        leaving.links.clear();
        assert_eq!(waited.look(&step, Some(&leaving), at(30)), LookResult::Gone);
    }
}
