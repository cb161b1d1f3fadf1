//! Tells what the files leave out and so no check has seen, and what no check can know by now.

use crate::deployment::Weight;
use crate::model::dated;
use crate::model::deployed::Plays;

use super::super::eks_facts::CHECKED;
use super::super::scene::Scene;
use super::super::{CheckName, Finding, Outcome};

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for deployment in scene.files.iter().map(|file| file.deployment) {
        let finding = |outcome, subject: &str, evidence: String| Finding {
            check: CheckName::Coverage,
            outcome,
            subject: subject.to_owned(),
            source: deployment.source.clone(),
            line: None,
            evidence,
            remedy: String::new(),
        };
        let open: Vec<Finding> = deployment
            .uncounted
            .iter()
            .filter(|uncounted| uncounted.weight == Weight::Open)
            .map(|it| {
                finding(Outcome::Unclear, &it.what, format!("what it makes was not looked at: {}", it.why))
            })
            .collect();
        if open.is_empty() && !deployment.items.is_empty() {
            let evidence = "the file tells all that will be made, as far as one can".to_owned();
            findings.push(finding(Outcome::Pass, &deployment.source, evidence));
        }
        findings.extend(open);
    }
    findings.extend(aged(scene));
    findings
}

/// That what stands in the program may be no longer so, where a check went by it.
fn aged(scene: &Scene<'_>) -> Option<Finding> {
    let concerned = scene.changed_playing(Plays::NodeGroup).next()?;
    let evidence = format!(
        "what EKS takes and AWS does not tell (which AMI types go with which version) was last checked on {CHECKED}"
    );
    let remedy = "use a newer version of this program, or look at the AMI types by yourself";
    dated::is_old(CHECKED, scene.facts.now)
        .then(|| concerned.finding(CheckName::Coverage, Outcome::Warn, evidence, remedy))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{World, item};
    use super::*;
    use crate::deployment::Uncounted;

    fn of(weight: Weight) -> Outcome {
        let mut world = World::new();
        world.add(item("a", "vpc"));
        let uncounted =
            Uncounted { what: "Nested".to_owned(), why: "its template is not beside".to_owned(), weight };
        world.deployments[0].uncounted.push(uncounted);
        world.findings(CheckName::Coverage)[0].outcome
    }

    #[test]
    fn what_was_checked_long_ago_is_told_with_its_day_where_it_matters() {
        let warned = |kind, now| {
            let mut world = World::new();
            world.now = now;
            world.add(item("a", kind));
            let found = world.findings(CheckName::Coverage);
            found.iter().any(|it| it.outcome == Outcome::Warn && it.evidence.contains(CHECKED))
        };
        let (soon, late) = ("2026-12-24T00:00:00Z", "2029-01-01T00:00:00Z");
        assert!(warned("eks-nodegroup", late));
        assert!(!warned("eks-nodegroup", soon) && !warned("vpc", late));
    }

    #[test]
    fn what_a_file_leaves_open_is_unclear_and_a_remark_is_not() {
        assert_eq!(of(Weight::Open), Outcome::Unclear);
        assert_eq!(of(Weight::Remark), Outcome::Pass);
    }
}
