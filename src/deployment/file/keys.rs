//! The names at the top of a JSON file, by which `file` knows its format.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::deployment::{Format, ReadError, Value, json};

/// The names at the top of a document, with the values of those few that tell more.
#[derive(Default)]
struct Keys(BTreeMap<String, Value>);

/// Why a document is not passed over to its end: its format shows, and its reader tells what is wrong with the rest.
const DECIDED: &str = "its names decide";

/// Names whose value is looked at: short texts and numbers.
const TELLING: &[&str] = &["schema", "$schema"];

struct Collect<'a>(&'a mut Keys);

impl<'de> DeserializeSeed<'de> for Collect<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Collect<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let telling = TELLING.contains(&name.as_str());
            // Noted before its value is read: a document that is cut short there still tells its names.
            self.0.0.entry(name.clone()).or_insert(Value::Null);
            if self.0.decide() {
                return Err(serde::de::Error::custom(DECIDED));
            }
            if telling {
                let value = map.next_value::<json::Json>()?.0;
                self.0.0.insert(name, value);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// The format of a file that begins with an object.
pub fn recognise(bytes: &[u8]) -> Result<Format, ReadError> {
    let mut keys = Keys::default();
    let mut document = serde_json::Deserializer::from_slice(bytes);
    let read = Collect(&mut keys).deserialize(&mut document);
    if keys.decide() {
        return keys.format().map_err(|found| ReadError::NotAPlan { found });
    }
    let end = read.and_then(|()| match keys.is_line() {
        true => Ok(()),
        false => document.end(),
    });
    match (keys.format(), end) {
        (Ok(format), Ok(())) => Ok(format),
        (Ok(format), Err(error)) => Err(json::refused(format, &error, 0)),
        (Err(found), Ok(())) => Err(ReadError::NotAPlan { found }),
        (Err(_), Err(error)) => Err(ReadError::NotAPlan { found: keys.broken(&error) }),
    }
}

impl Keys {
    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.has(name))
    }

    /// Whether no name that follows can make it another format: those of which files are large. A document of this
    /// program's own names its schema first.
    fn decide(&self) -> bool {
        let of_ours = ["schema", "$schema"].iter().any(|name| self.has(name));
        let plan = self.has("format_version") && self.has_any(&["resource_changes", "planned_values"]);
        let preview = self.has("config") && self.has("steps");
        !of_ours && !self.is_line() && (plan || preview || self.is_template())
    }

    /// Whether it is a template by what every one has and nothing else has.
    fn is_template(&self) -> bool {
        self.has("Resources") && self.format() == Ok(Format::CloudFormationTemplate)
    }

    /// Whether it is the first of many, one a line.
    fn is_line(&self) -> bool {
        self.is_terraform_line() || self.is_pulumi_event()
    }

    fn is_terraform_line(&self) -> bool {
        self.has("@level") && self.has_any(&["@message", "@module"])
    }

    fn is_pulumi_event(&self) -> bool {
        self.has("sequence") && self.has("timestamp")
    }

    /// The format; what it is instead, if it is none.
    fn format(&self) -> Result<Format, String> {
        if let Some(schema) = ["schema", "$schema"].iter().find_map(|name| self.0.get(*name)?.as_text())
            && let Some(document) = schema.strip_prefix("aws-janitor/")
        {
            let name: String =
                document.chars().take_while(|it| it.is_ascii_lowercase() || *it == '-').collect();
            return Err(format!("an aws-janitor document ({name})"));
        }
        if self.is_terraform_line() {
            return Ok(Format::TerraformLog);
        }
        if self.is_pulumi_event() {
            return Ok(Format::PulumiEvents);
        }
        if self.has("format_version") {
            return self.terraform();
        }
        if self.has("changeSummary")
            || self.has("steps") && self.has_any(&["config", "duration", "diagnostics"])
            || self.has("diagnostics") && self.has("duration")
        {
            return Ok(Format::PulumiPreview);
        }
        if self.has_any(&["ChangeSetName", "ChangeSetId"]) {
            return match self.has("Changes") {
                true => Ok(Format::CloudFormationChangeSet),
                false => Err("a list of change sets, or the answer of another call".to_owned()),
            };
        }
        if self.has("Resources") || self.has("AWSTemplateFormatVersion") {
            return Ok(Format::CloudFormationTemplate);
        }
        if self.has("version") && self.has("artifacts") {
            return Ok(Format::CdkOut);
        }
        Err(self.otherwise().to_owned())
    }

    fn terraform(&self) -> Result<Format, String> {
        if self.has_any(&[
            "resource_changes",
            "planned_values",
            "configuration",
            "output_changes",
            "variables",
        ]) {
            return Ok(Format::TerraformPlan);
        }
        Err(match () {
            () if self.has("provider_schemas") => "a list of Terraform provider schemas",
            () if self.has("valid") => "the answer of `terraform validate`",
            () => "a Terraform state, as `terraform show -json` prints it",
        }
        .to_owned())
    }

    /// What it is, as far as anybody would take it for a plan.
    fn otherwise(&self) -> &'static str {
        match () {
            () if self.has("encrypted_data") => "an encrypted OpenTofu state or plan",
            () if self.has("terraform_version") && self.has_any(&["lineage", "serial", "resources"]) => {
                "a Terraform state"
            }
            () if self.has("deployment") => "a Pulumi stack export",
            () if self.has("checkpoint") => "a Pulumi checkpoint",
            () if self.has("resourcePlans") => "a Pulumi update plan; `pulumi preview --json` tells more",
            () if self.has("TemplateBody") => {
                "the answer of `aws cloudformation get-template`, whose `TemplateBody` is a template"
            }
            () if self.has("Stacks") || self.has("StackResources") => "the answer of a CloudFormation call",
            () if self.has("tree") => "a CDK construct tree; name the folder it lies in",
            () if self.has_any(&["files", "dockerImages"]) && self.has("version") => {
                "a CDK asset list; name the folder it lies in"
            }
            () if self.has("apiVersion") && self.has("kind") => "a Kubernetes manifest",
            () if self.has("resource") && self.has_any(&["provider", "terraform", "variable"]) => {
                "a Terraform configuration in JSON"
            }
            () => "JSON without anything of a plan",
        }
    }

    /// What it is if it is no JSON to its end, and its names so far tell no format.
    fn broken(&self, error: &serde_json::Error) -> String {
        let where_ = format!("line {}, column {}", error.line(), error.column());
        match (error.is_eof(), self.0.is_empty()) {
            (true, _) => "JSON that ends in the middle".to_owned(),
            (false, true) => format!("no JSON (see {where_})"),
            (false, false) => format!("JSON that is broken at {where_}"),
        }
    }
}
