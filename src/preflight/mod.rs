//! Everything that can be known before a deploy: takes deployments and facts, runs one check after the other,
//! and gives their findings.
//!
//! Pure: a check is given the deployments and the [`Facts`] that were read for them, and gives findings,
//! each with its evidence and its remedy. What a check could not look at is a finding too.

pub mod checks;
mod eks_facts;
pub mod facts;
pub mod finding;
mod network;
pub mod questions;
mod reach;
mod scene;
#[cfg(test)]
mod testing;

use std::collections::BTreeSet;

use crate::deployment::Deployment;

pub use checks::{CHECKS, Check, choose};
pub use facts::{AddonSupport, ClusterSupport, EksSupport, Facts, Support};
pub use finding::{CheckName, Finding, Outcome, Overall, verdict};
pub use questions::{Questions, questions};
use scene::Scene;

/// Carries out the chosen checks, in the order of [`CHECKS`]. `quotas` are the findings of the check of that
/// name, whose needs and limits are counted elsewhere. A check that found nothing to look at says so.
pub fn run(
    deployments: &[Deployment],
    facts: &Facts<'_>,
    chosen: &BTreeSet<CheckName>,
    quotas: Vec<Finding>,
) -> Vec<Finding> {
    let files = scene::files(deployments);
    let scene = Scene { files: &files, facts };
    let mut findings = Vec::new();
    let mut quotas = Some(quotas);
    for check in CHECKS.iter().filter(|check| chosen.contains(&check.name)) {
        let mut found = match check.look {
            Some(look) => look(&scene),
            None => quotas.take().unwrap_or_default(),
        };
        if found.is_empty() {
            found.push(Finding::skipped(check.name, check.nothing));
        }
        found.sort_by_key(|finding| finding.outcome);
        findings.extend(found.into_iter().map(on_one_line));
    }
    findings
}

/// Names and tags are written by strangers: what a terminal or a CI system would obey at the beginning of a
/// line never gets there.
fn on_one_line(finding: Finding) -> Finding {
    let plain = |text: String| match text.contains(char::is_control) {
        true => text.replace(char::is_control, " "),
        false => text,
    };
    Finding {
        subject: plain(finding.subject),
        evidence: plain(finding.evidence),
        remedy: plain(finding.remedy),
        ..finding
    }
}

#[cfg(test)]
mod tests {
    use super::testing::World;
    use super::*;

    #[test]
    fn a_check_with_nothing_to_look_at_says_so_and_never_that_all_is_well() {
        let world = World::new();
        let found = world.all();
        assert_eq!(found.len(), CHECKS.len());
        for finding in found {
            assert_eq!(finding.outcome, Outcome::Skipped, "{finding:?}");
            assert!(!finding.evidence.is_empty());
        }
    }

    #[test]
    fn only_the_chosen_checks_are_carried_out() {
        let world = World::new();
        let chosen = [CheckName::Tags, CheckName::Region].into();
        let found = run(&world.deployments, &world.facts(), &chosen, Vec::new());
        let names: Vec<CheckName> = found.iter().map(|finding| finding.check).collect();
        assert_eq!(names, [CheckName::Region, CheckName::Tags]);
    }

    #[test]
    fn a_name_with_line_ends_stays_on_one_line() {
        let mut world = World::new();
        let name = "a\n::stop-commands::x\u{1b}[31m";
        world.live("iam-role", name);
        world.add(testing::item("r\n::x", "iam-role").with("name", testing::text(name)));
        for finding in world.all() {
            assert!(
                !format!("{}{}{}", finding.subject, finding.evidence, finding.remedy)
                    .contains(char::is_control)
            );
        }
    }

    #[test]
    fn quota_findings_from_outside_take_their_place() {
        let world = World::new();
        let short = Finding {
            check: CheckName::Quotas,
            outcome: Outcome::Fail,
            subject: "eip in us-east-1".to_owned(),
            source: "plan.json".to_owned(),
            line: None,
            evidence: "3 are needed, 2 are free".to_owned(),
            remedy: "free one".to_owned(),
        };
        let chosen = [CheckName::Quotas].into();
        let found = run(&world.deployments, &world.facts(), &chosen, vec![short.clone()]);
        assert_eq!(found, [short]);
    }
}
