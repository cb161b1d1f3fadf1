//! Reads `Pulumi.yaml` as far as the checks ask:
//! <https://www.pulumi.com/docs/iac/concepts/projects/project-file/>

use std::collections::BTreeSet;

use super::yaml::{self, YamlEntry, YamlError};

/// A `Pulumi.yaml`, as far as the checks read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PulumiProject {
    /// The file.
    pub source: String,
    /// The project's name.
    pub name: String,
    /// Its `config` entries, in order.
    pub config: Vec<ConfigEntry>,
}

/// One entry of a project's `config`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigEntry {
    /// The key as it is written: `aws:region`, `zones`.
    pub key: String,
    /// Its line in the file, from 1.
    pub line: usize,
    /// The names that stand below it: `default`, `value`, `type`, `secret`, … Empty where it is a plain value.
    pub members: BTreeSet<String>,
}

/// Why a project file cannot be read. The text is one sentence without the file's name and without content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProjectError {
    /// It is not YAML.
    #[error("this Pulumi project file cannot be read: {0}")]
    Yaml(#[from] YamlError),
    /// It is something else.
    #[error("this is not a Pulumi project file: {0}")]
    Other(&'static str),
}

impl ProjectError {
    /// What to do about it, in one sentence.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Yaml(_) => "mend the file at that place",
            Self::Other(_) => "name the Pulumi.yaml of the program",
        }
    }
}

/// Reads a project file.
pub fn read(source: &str, text: &str) -> Result<PulumiProject, ProjectError> {
    let document = yaml::document(text)?;
    if document.entries().is_empty() {
        return Err(ProjectError::Other("it is not a mapping"));
    }
    let name = document.get("name").and_then(yaml::YamlNode::as_text);
    let name = name.ok_or(ProjectError::Other("it has no name"))?;
    if document.get("runtime").is_none() {
        return Err(ProjectError::Other("it has no runtime"));
    }
    // In older projects `config` is the path of a folder, which holds no entries.
    let config = document.get("config").map_or(&[] as &[YamlEntry], yaml::YamlNode::entries);
    Ok(PulumiProject {
        source: source.to_owned(),
        name: name.to_owned(),
        config: config.iter().map(entry).collect(),
    })
}

fn entry(entry: &YamlEntry) -> ConfigEntry {
    ConfigEntry {
        key: entry.key.clone(),
        line: entry.line,
        members: entry.node.entries().iter().map(|member| member.key.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECT: &str = "\
name: shop
runtime:
  name: nodejs
description: A shop # with a comment
config:
  # The region is the provider's.
  aws:region:
    default: us-east-1
  zones:
    type: integer
    default: 3
  suffix: c3
  password:
    value: hunter2
    secret: true
";

    #[test]
    fn config_entries_tell_their_lines_and_what_stands_below() {
        let project = read("Pulumi.yaml", PROJECT).unwrap();
        assert_eq!((project.source.as_str(), project.name.as_str()), ("Pulumi.yaml", "shop"));
        let entries: Vec<_> = project
            .config
            .iter()
            .map(|it| (it.key.as_str(), it.line, it.members.iter().map(String::as_str).collect::<Vec<_>>()))
            .collect();
        assert_eq!(
            entries,
            [
                ("aws:region", 7, vec!["default"]),
                ("zones", 9, vec!["default", "type"]),
                ("suffix", 12, vec![]),
                ("password", 13, vec!["secret", "value"]),
            ]
        );
        assert!(!format!("{project:?}").contains("hunter2"), "values are not kept");
    }

    #[test]
    fn a_project_without_config_has_none() {
        for config in ["", "config: config-folder\n", "config:\n", "config: {}\n"] {
            let text = format!("name: shop\nruntime: yaml\n{config}");
            assert_eq!(read("Pulumi.yaml", &text).map(|it| it.config.len()), Ok(0), "{config}");
        }
    }

    #[test]
    fn what_is_no_project_file_is_said_to_be_none() {
        for text in [
            "",
            "- a\n",
            "name: shop\n",
            "runtime: go\n",
            "config:\n  aws:region: a\n",
            "name: [a]\nruntime: go\n",
        ] {
            assert!(read("Pulumi.yaml", text).is_err(), "{text:?}");
        }
        let error = read("Pulumi.yaml", "name: shop\nruntime: go\nname: hunter2\n").unwrap_err();
        assert!(error.to_string().contains("line 3") && !error.to_string().contains("hunter2"), "{error}");
    }
}
