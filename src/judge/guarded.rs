//! What protection keeps of what was selected: told by commands, which end with 4 for it. From the verdicts alone.

use crate::model::{Gate, GuardRule, Key, Verdicts};

/// A selected resource that stays only because AWS's own protection is switched on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarded {
    /// The resource.
    pub key: Key,
    /// Which protection it is, in a sentence.
    pub why: String,
}

/// What protection that is switched on keeps of what was selected, by key. What a term of `protect` keeps
/// anyway is none of it, whatever protection it has as well.
pub fn guarded(verdicts: &Verdicts) -> Vec<Guarded> {
    let switched_on = Some(Gate::Guard { rule: GuardRule::Protection });
    let kept = verdicts.iter().filter(|(_, judged)| judged.selected && judged.gate == switched_on);
    kept.map(|(key, judged)| Guarded {
        key: key.clone(),
        why: judged.evidence.first().cloned().unwrap_or_default(),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::{attempt, judged, policy};
    use crate::model::{Guard, Verdict};
    use crate::policy::Policy;

    fn guarded_under(policy: &Policy) -> Vec<String> {
        let mut world = attempt();
        let guard = Guard { rule: GuardRule::Protection, why: "term".into() };
        world.get("nat-gateway", "nat-1").guards.insert(guard);
        let verdicts = judged(&world.inventory, policy).verdicts;
        let nat = verdicts.iter().find(|(key, _)| key.id == "nat-1").map(|(_, judged)| judged.verdict);
        assert_eq!(nat, Some(Verdict::Protected));
        guarded(&verdicts).into_iter().map(|it| format!("{}: {}", it.key.id, it.why)).collect()
    }

    #[test]
    fn protection_keeps_what_is_selected_and_what_hangs_on_it_is_not_told_as_guarded_too() {
        assert_eq!(guarded_under(&policy()), ["nat-1: term"]);
    }

    #[test]
    fn a_protect_term_that_happens_to_say_the_same_words_is_no_guard() {
        let protect = vec!["id=nat-1".parse().expect("terms")];
        assert_eq!(guarded_under(&Policy { protect, ..policy() }), [""; 0]);
    }

    #[test]
    fn nothing_that_was_not_selected_is_guarded() {
        let select = vec!["name=nothing".parse().expect("terms")];
        assert_eq!(guarded_under(&Policy { select, ..policy() }), [""; 0]);
    }
}
