//! The engine events of a Pulumi preview, one a line: what `pulumi preview --json` prints while
//! `PULUMI_ENABLE_STREAMING_JSON_PREVIEW` is set, and what `--event-log` writes.
//!
//! <https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/events.go>. They tell no
//! dependencies, so that an unknown value does not say where it comes from.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::pulumi_preview::step::{RawStep, Step};
use super::pulumi_preview::steps::Preview;
use super::pulumi_preview::{Diagnostic, healthy};
use super::{Deployment, Format, Input, ReadError, json};

const FORMAT: Format = Format::PulumiEvents;

/// One event: one of these is there.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Event {
    prelude_event: Option<Prelude>,
    resource_pre_event: Option<PreEvent>,
    res_op_failed_event: Option<IgnoredAny>,
    diagnostic_event: Option<Diagnostic>,
    policy_event: Option<Policy>,
    error_event: Option<IgnoredAny>,
    summary_event: Option<Summary>,
    cancel_event: Option<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Prelude {
    config: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
struct PreEvent {
    metadata: RawStep,
    /// Missing where the step is carried out.
    #[serde(default)]
    planning: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Policy {
    enforcement_level: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Summary {
    maybe_corrupt: bool,
}

/// Reads them. The summary is the last thing that a preview which went well has to say: without it the
/// file is cut short.
pub fn read(input: &Input<'_>) -> Result<Deployment, ReadError> {
    let (mut config, mut steps) = (BTreeMap::new(), Vec::new());
    let (mut errors, mut summary, mut cancelled) = (0, None, false);
    for event in json::lines::<Event>(input.bytes, FORMAT) {
        let event = event?;
        config.extend(event.prelude_event.and_then(|prelude| prelude.config).unwrap_or_default());
        if let Some(step) = event.resource_pre_event {
            if !step.planning {
                let found = "the events of a Pulumi update that was carried out".to_owned();
                return Err(ReadError::NotAPlan { found });
            }
            steps.push(Step::of(step.metadata, FORMAT));
        }
        let said = event.diagnostic_event.is_some_and(|it| it.severity == "error");
        let forbidden = event.policy_event.is_some_and(|it| it.enforcement_level == "mandatory");
        let failed = event.error_event.is_some() || event.res_op_failed_event.is_some();
        errors += usize::from(said) + usize::from(forbidden) + usize::from(failed);
        cancelled |= event.cancel_event.is_some();
        summary = event.summary_event.or(summary);
    }
    healthy(FORMAT, errors, false)?;
    match summary {
        Some(summary) => healthy(FORMAT, 0, summary.maybe_corrupt)?,
        None if cancelled => {
            let why = "it was cancelled before it came to its summary".to_owned();
            return Err(ReadError::Errored { format: FORMAT.title(), why });
        }
        None => return Err(ReadError::Truncated { format: FORMAT.title() }),
    }
    Preview { format: FORMAT, config, steps }.deployment(input)
}
