//! Reads what `pulumi preview --json` prints into a deployment.
//!
//! <https://github.com/pulumi/pulumi/blob/master/pkg/display/json.go>. Its `changeSummary` is not read: it
//! counts components and what other providers make.

pub(super) mod step;
pub(super) mod steps;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

use self::step::{PreviewStep, RawStep};
use self::steps::Preview;
use super::json::{self, Json};
use super::{Deployment, Format, Input, ReadError};

const FORMAT: Format = Format::PulumiPreview;

/// A preview's JSON.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PreviewDocument {
    config: Option<BTreeMap<String, Json>>,
    steps: PreviewSteps,
    diagnostics: Option<Vec<Diagnostic>>,
    maybe_corrupt: bool,
}

/// What Pulumi has to say.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Diagnostic {
    /// `error`, `warning`, `info`, `info#err`.
    pub severity: String,
}

#[derive(Debug, Default)]
struct PreviewSteps(Vec<PreviewStep>);

impl<'de> Deserialize<'de> for PreviewSteps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EachStep)
    }
}

struct EachStep;

impl<'de> Visitor<'de> for EachStep {
    type Value = PreviewSteps;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of steps")
    }

    fn visit_unit<E>(self) -> Result<PreviewSteps, E> {
        Ok(PreviewSteps::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<PreviewSteps, A::Error> {
        let mut steps = Vec::new();
        while let Some(raw) = seq.next_element::<RawStep>()? {
            steps.push(PreviewStep::of(raw, FORMAT));
        }
        Ok(PreviewSteps(steps))
    }
}

/// Reads it. Components have no items: they are their children.
pub fn read(input: &Input<'_>) -> Result<Deployment, ReadError> {
    let document: PreviewDocument = json::document(input.bytes, FORMAT)?;
    let errors = document.diagnostics.iter().flatten().filter(|it| it.severity == "error").count();
    healthy(FORMAT, errors, document.maybe_corrupt)?;
    let config = document.config.unwrap_or_default().into_iter();
    let texts = config.filter_map(|(key, Json(value))| Some((key, value.as_text()?.to_owned())));
    Preview { format: FORMAT, config: texts.collect(), steps: document.steps.0 }.deployment(input)
}

/// A preview that failed does not tell everything.
pub(super) fn healthy(format: Format, errors: usize, corrupt: bool) -> Result<(), ReadError> {
    let why = match errors {
        0 if corrupt => "it says that something in the stack's state is broken (`maybeCorrupt`)".to_owned(),
        0 => return Ok(()),
        1 => "it holds an error".to_owned(),
        many => format!("it holds {many} errors"),
    };
    Err(ReadError::Errored { format: format.title(), why })
}
