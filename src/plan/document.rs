//! A step as it stands in JSON: flat, in the words that scripts ask for. The saved plan and the journal hold
//! it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Action, After, Step, StepId};
use crate::model::{Key, KindName, Link, Region};

/// What a step does, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Word {
    /// Severs one link of the resource without deleting it.
    Cut,
    /// Deletes the resource and waits until it is gone.
    Delete,
    /// Waits until AWS has removed the resource by itself.
    Await,
}

/// One step of a plan.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepDocument {
    /// Its number.
    id: StepId,
    /// What it does.
    action: Word,
    /// The kind of its resource.
    kind: KindName,
    /// The id of its resource.
    resource: String,
    /// The region of its resource, or `global`.
    region: Region,
    /// The link that a cut severs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<Link>,
    /// The IAM action of its call; `null` for an await.
    api: Option<String>,
    /// The steps it waits for, and why.
    after: Vec<After>,
    /// How long it usually takes, in seconds of AWS's clock.
    expected_seconds: u32,
}

/// A step whose word and link do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("step {0} must name a link if, and only if, it is a cut")]
pub(super) struct Misfit(u32);

impl TryFrom<StepDocument> for Step {
    type Error = Misfit;

    fn try_from(it: StepDocument) -> Result<Self, Misfit> {
        let action = match (it.action, it.link) {
            (Word::Cut, Some(link)) => Action::Cut(link),
            (Word::Delete, None) => Action::Delete,
            (Word::Await, None) => Action::Await,
            (Word::Cut, None) | (Word::Delete | Word::Await, Some(_)) => return Err(Misfit(it.id.0)),
        };
        Ok(Self {
            id: it.id,
            action,
            resource: Key::new(it.kind, it.region, it.resource),
            api: it.api,
            after: it.after,
            expected_seconds: it.expected_seconds,
        })
    }
}

impl From<Step> for StepDocument {
    fn from(step: Step) -> Self {
        let (action, link) = match step.action {
            Action::Cut(link) => (Word::Cut, Some(link)),
            Action::Delete => (Word::Delete, None),
            Action::Await => (Word::Await, None),
        };
        Self {
            id: step.id,
            action,
            kind: step.resource.kind,
            resource: step.resource.id.into(),
            region: step.resource.region,
            link,
            api: step.api,
            after: step.after,
            expected_seconds: step.expected_seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Step;

    #[test]
    fn a_cut_without_its_link_is_no_step() {
        let text = r#"{"id":1,"action":"cut","kind":"a","resource":"b","region":"r","api":null,"after":[],"expected_seconds":1}"#;
        assert!(serde_json::from_str::<Step>(text).is_err());
        let step: Step = serde_json::from_str(&text.replace("cut", "delete")).expect("a step");
        assert_eq!(serde_json::to_string(&step).expect("JSON"), text.replace("cut", "delete"));
    }
}
