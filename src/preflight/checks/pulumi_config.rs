//! Finds keys of a provider in `Pulumi.yaml` that have a `default` or a `type` instead of a `value`.
//!
//! Only keys of the project itself have a schema; Pulumi refuses to load the project otherwise:
//! <https://www.pulumi.com/docs/iac/concepts/config/#project-level-configuration>

use super::super::scene::Scene;
use super::super::{CheckName, Finding, Outcome};
use crate::deployment::pulumi_project::{ConfigEntry, PulumiProject};
use crate::model::quoted;

/// What only a key of the project may have.
const SCHEMA: [&str; 2] = ["default", "type"];

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for project in &scene.facts.projects {
        let wrong: Vec<Finding> = project.config.iter().filter_map(|entry| refused(project, entry)).collect();
        if wrong.is_empty() {
            findings.push(Finding {
                check: CheckName::PulumiConfig,
                outcome: Outcome::Pass,
                subject: project.name.clone(),
                source: project.source.clone(),
                line: None,
                evidence: "each key of a provider is a plain value or has a `value`".to_owned(),
                remedy: String::new(),
            });
        }
        findings.extend(wrong);
    }
    findings
}

fn refused(project: &PulumiProject, entry: &ConfigEntry) -> Option<Finding> {
    let (namespace, _) = entry.key.split_once(':')?;
    if namespace == project.name {
        return None;
    }
    let schema: Vec<&str> = SCHEMA.into_iter().filter(|name| entry.members.contains(*name)).collect();
    let first = schema.first()?;
    let has = schema.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
    let remedy = if entry.members.contains("value") {
        format!("leave {has} away")
    } else if schema.contains(&"default") {
        "write `value:` in its place".to_owned()
    } else {
        format!(
            "write a `value:` in the place of `{first}`, or set it with `pulumi config set {}`",
            quoted(&entry.key)
        )
    };
    Some(Finding {
        check: CheckName::PulumiConfig,
        outcome: Outcome::Fail,
        subject: entry.key.clone(),
        source: project.source.clone(),
        line: Some(entry.line),
        evidence: format!(
            "`{}` is a key of provider `{namespace}` and has {has}, which only keys of the project may have: Pulumi refuses the project",
            entry.key
        ),
        remedy,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::World;
    use super::*;

    fn project(entries: &[(&str, &[&str])]) -> PulumiProject {
        let entry = |(index, (key, members)): (usize, &(&str, &[&str]))| ConfigEntry {
            key: (*key).to_owned(),
            line: index + 5,
            members: members.iter().map(|it| (*it).to_owned()).collect(),
        };
        PulumiProject {
            source: "Pulumi.yaml".to_owned(),
            name: "shop".to_owned(),
            config: entries.iter().enumerate().map(entry).collect(),
        }
    }

    fn of(entries: &[(&str, &[&str])]) -> Vec<Finding> {
        let mut world = World::new();
        world.projects.push(project(entries));
        world.findings(CheckName::PulumiConfig)
    }

    #[test]
    fn a_provider_key_with_a_default_fails_at_its_line() {
        let found = of(&[("zones", &["type", "default"]), ("aws:region", &["default"])]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].outcome, found[0].line), (Outcome::Fail, Some(6)));
        assert!(found[0].remedy.contains("`value:`"));
    }

    #[test]
    fn a_type_is_refused_as_well_and_so_it_is_beside_a_value() {
        assert_eq!(of(&[("aws:region", &["type", "value"])])[0].outcome, Outcome::Fail);
        assert_eq!(of(&[("kubernetes:context", &["type"])])[0].outcome, Outcome::Fail);
    }

    #[test]
    fn a_value_a_plain_value_and_keys_of_the_project_pass() {
        let healthy: &[(&str, &[&str])] = &[
            ("aws:region", &["value"]),
            ("aws:profile", &[]),
            ("shop:zones", &["type", "default"]),
            ("zones", &["default"]),
        ];
        let found = of(healthy);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].outcome, Outcome::Pass);
    }
}
