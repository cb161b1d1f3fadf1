//! Tells what the files leave out and so no check has seen.

use crate::deployment::Weight;

use super::super::scene::Scene;
use super::super::{CheckName, Finding, Outcome};

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for deployment in scene.deployments {
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
    findings
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
    fn what_a_file_leaves_open_is_unclear_and_a_remark_is_not() {
        assert_eq!(of(Weight::Open), Outcome::Unclear);
        assert_eq!(of(Weight::Remark), Outcome::Pass);
    }
}
