//! Finds a lock on the stack's state, or an operation in it that was begun and not finished.
//!
//! Terraform: <https://developer.hashicorp.com/terraform/language/state/locking>, Pulumi:
//! <https://www.pulumi.com/docs/iac/guides/testing/troubleshooting/#interrupted-update-recovery>

use jiff::Timestamp;

use super::super::scene::Scene;
use super::super::{CheckName, Finding, Outcome};
use crate::model::quoted;
use crate::states::{Lock, Pending, StackState};

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for state in &scene.facts.states {
        findings.extend(state.locks.iter().map(|lock| locked(scene, state, lock)));
        if !state.pending.is_empty() {
            findings.push(unfinished(state));
        }
        if state.locks.is_empty() && state.pending.is_empty() {
            let evidence = format!("this {} state is not locked, as far as its files tell", state.tool);
            findings.push(finding(state, &state.source, Outcome::Pass, evidence, String::new()));
        }
    }
    findings
}

fn finding(state: &StackState, source: &str, outcome: Outcome, evidence: String, remedy: String) -> Finding {
    Finding {
        check: CheckName::StateLock,
        outcome,
        subject: state.stack.clone().unwrap_or_else(|| state.source.clone()),
        source: source.to_owned(),
        line: None,
        evidence,
        remedy,
    }
}

fn locked(scene: &Scene<'_>, state: &StackState, lock: &Lock) -> Finding {
    let who = lock.who.as_deref().unwrap_or("somebody");
    let what = lock.operation.as_deref().map(|it| format!(" for {it}")).unwrap_or_default();
    let since = lock.since.map(|since| {
        format!(", since {} ({})", since.strftime("%Y-%m-%d %H:%M:%SZ"), ago(since, scene.facts.now))
    });
    let evidence = format!("{who} holds the lock{what}{}", since.unwrap_or_default());
    let (unlock, runs) = match (state.tool, &lock.id) {
        ("Terraform", Some(id)) => (format!("`terraform force-unlock {}`", quoted(id)), "terraform"),
        ("Terraform", None) => {
            ("`terraform force-unlock ID`, with the id that Terraform prints".to_owned(), "terraform")
        }
        (_, _) => {
            let stack = state.stack.as_deref().map(|it| format!(" --stack {}", quoted(it)));
            (format!("`pulumi cancel{}`", stack.unwrap_or_default()), "pulumi")
        }
    };
    let remedy = format!("wait for that run to end; if no {runs} runs any more, unlock it with {unlock}");
    finding(state, &lock.source, Outcome::Fail, evidence, remedy)
}

fn unfinished(state: &StackState) -> Finding {
    let line = |it: &Pending| format!("{} {} {}", it.operation, it.type_name, it.name);
    let mut list: Vec<String> = state.pending.iter().take(FEW).map(line).collect();
    if state.pending.len() > FEW {
        list.push(format!("{} more", state.pending.len() - FEW));
    }
    let made = state.pending.iter().any(|it| it.operation == "creating");
    let evidence = match state.pending.len() {
        1 => format!("an operation was begun and not finished: {}", list.join(", ")),
        many => format!("{many} operations were begun and not finished: {}", list.join(", ")),
    };
    let remedy = match made {
        true => {
            "run `pulumi refresh` and, for each that was being made, import what exists or say that it does not; what it left in AWS `aws-janitor scan` shows"
        }
        false => "run `pulumi refresh`, so that the state tells what is there",
    };
    finding(state, &state.source, Outcome::Fail, evidence, remedy.to_owned())
}

/// How long ago, in the largest whole unit; a machine whose clock runs behind sees a lock of the future.
fn ago(since: Timestamp, now: Timestamp) -> String {
    match now.duration_since(since).as_secs() {
        ..0 => "in the future by this machine's clock".to_owned(),
        seconds @ 0..7_200 => format!("{} min ago", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} hours ago", seconds / 3_600),
        seconds => format!("{} days ago", seconds / 86_400),
    }
}

/// As many operations as this are named.
const FEW: usize = 3;

#[cfg(test)]
mod tests {
    use super::super::super::testing::World;
    use super::*;

    fn state(tool: &'static str) -> StackState {
        StackState {
            source: "state.json".to_owned(),
            tool,
            stack: Some("shop/a1".to_owned()),
            locks: Vec::new(),
            pending: Vec::new(),
        }
    }

    fn lock() -> Lock {
        Lock {
            source: ".terraform.tfstate.lock.info".to_owned(),
            id: Some("0e2a".to_owned()),
            who: Some("root@vm".to_owned()),
            operation: Some("OperationTypeApply".to_owned()),
            since: Some("2026-11-18T12:00:00Z".parse().unwrap()),
        }
    }

    fn of(state: StackState) -> Vec<Finding> {
        let mut world = World::new();
        world.states.push(state);
        world.findings(CheckName::StateLock)
    }

    #[test]
    fn a_lock_fails_with_who_since_when_and_how_to_unlock() {
        let found = of(StackState { locks: vec![lock()], ..state("Terraform") });
        assert_eq!(found[0].outcome, Outcome::Fail);
        for part in ["root@vm", "OperationTypeApply", "2026-11-18", "3 days ago"] {
            assert!(found[0].evidence.contains(part), "{part}: {}", found[0].evidence);
        }
        assert!(found[0].remedy.contains("terraform force-unlock 0e2a"));
        let found = of(StackState { locks: vec![Lock { id: None, ..lock() }], ..state("Pulumi") });
        assert!(found[0].remedy.contains("pulumi cancel --stack shop/a1"));
    }

    #[test]
    fn what_a_lock_says_of_itself_cannot_add_to_the_command() {
        let hostile = Lock { id: Some("x; rm -rf ~".to_owned()), ..lock() };
        let found = of(StackState { locks: vec![hostile], ..state("Terraform") });
        assert!(found[0].remedy.ends_with("`terraform force-unlock 'x; rm -rf ~'`"), "{}", found[0].remedy);
        let state = StackState { stack: Some("a b".to_owned()), locks: vec![lock()], ..state("Pulumi") };
        assert!(of(state)[0].remedy.ends_with("`pulumi cancel --stack 'a b'`"));
    }

    #[test]
    fn a_lock_that_tells_nothing_of_itself_still_fails() {
        let bare = Lock { id: None, who: None, operation: None, since: None, ..lock() };
        let found = of(StackState { locks: vec![bare], ..state("Terraform") });
        assert_eq!(found[0].outcome, Outcome::Fail);
    }

    #[test]
    fn a_pending_operation_fails_and_many_are_counted() {
        let pending = |name: &str| Pending {
            operation: "creating".to_owned(),
            type_name: "aws:eks/cluster:Cluster".to_owned(),
            name: name.to_owned(),
        };
        let many = ["a", "b", "c", "d", "e"].map(pending).to_vec();
        let found = of(StackState { pending: many, ..state("Pulumi") });
        assert_eq!(found[0].outcome, Outcome::Fail);
        assert!(found[0].evidence.contains("5 operations") && found[0].evidence.contains("2 more"));
        assert!(found[0].remedy.contains("pulumi refresh"));
    }

    #[test]
    fn a_free_state_passes() {
        assert_eq!(of(state("Terraform"))[0].outcome, Outcome::Pass);
    }
}
