//! The engine events of a Pulumi preview, one a line: what `pulumi preview --json` prints while
//! `PULUMI_ENABLE_STREAMING_JSON_PREVIEW` is set, and what `--event-log` writes.
//!
//! <https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/events.go>. They tell no
//! dependencies, so that an unknown value does not say where it comes from.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::pulumi_preview::step::{PreviewStep, RawStep};
use super::pulumi_preview::steps::Preview;
use super::pulumi_preview::{Diagnostic, healthy};
use super::{Deployment, Format, Input, ReadError, json};

const FORMAT: Format = Format::PulumiEvents;

/// One event: one of these is there.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct EngineEvent {
    prelude_event: Option<Prelude>,
    resource_pre_event: Option<PreEvent>,
    res_op_failed_event: Option<IgnoredAny>,
    diagnostic_event: Option<Diagnostic>,
    policy_event: Option<PolicyEvent>,
    error_event: Option<IgnoredAny>,
    summary_event: Option<SummaryEvent>,
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
struct PolicyEvent {
    enforcement_level: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SummaryEvent {
    maybe_corrupt: bool,
}

/// Reads them. The summary is the last thing that a preview which went well has to say: without it the
/// file is cut short.
pub fn read(input: &Input<'_>) -> Result<Deployment, ReadError> {
    let (mut config, mut steps) = (BTreeMap::new(), Vec::new());
    let (mut errors, mut summary, mut cancelled) = (0, None, false);
    for event in json::lines::<EngineEvent>(input.bytes, FORMAT) {
        let event = event?;
        config.extend(event.prelude_event.and_then(|prelude| prelude.config).unwrap_or_default());
        if let Some(step) = event.resource_pre_event {
            if !step.planning {
                let found = "the events of a Pulumi update that was carried out".to_owned();
                return Err(ReadError::NotAPlan { found });
            }
            steps.push(PreviewStep::of(step.metadata, FORMAT));
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

#[cfg(test)]
mod tests {
    use serde_json::{Value as Raw, json};

    use super::*;
    use crate::deployment::{Alone, Change, ReplaceOrder};
    use crate::model::Region;

    const VPC: &str = "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::main";

    fn read_all(events: &[Raw]) -> Result<Deployment, ReadError> {
        let text: String = events.iter().map(|event| format!("{event}\n")).collect();
        let parameters = BTreeMap::new();
        read(&Input {
            source: "events",
            bytes: text.as_bytes(),
            beside: &Alone,
            region: None,
            parameters: &parameters,
        })
    }

    fn pre(op: &str, planning: bool) -> Raw {
        let state = json!({"type": "aws:ec2/vpc:Vpc", "urn": VPC, "custom": true, "id": "", "parent": "",
            "inputs": {"cidrBlock": "10.0.0.0/16"}, "outputs": null,
            "provider": "urn:pulumi:dev::shop::pulumi:providers:aws::default::x"});
        let mut event =
            json!({"metadata": {"op": op, "urn": VPC, "old": null, "new": state, "detailedDiff": null}});
        if planning {
            event["planning"] = json!(true);
        }
        json!({"sequence": 1, "timestamp": 1, "resourcePreEvent": event})
    }

    fn prelude() -> Raw {
        json!({"sequence": 0, "timestamp": 1, "preludeEvent": {"config": {"aws:region": "eu-west-1"}}})
    }

    fn summary() -> Raw {
        json!({"sequence": 9, "timestamp": 1, "summaryEvent": {"maybeCorrupt": false, "isPreview": true}})
    }

    #[test]
    fn events_tell_what_a_preview_tells() {
        let deployment = read_all(&[prelude(), pre("create", true), summary()]).expect("events");
        let item = &deployment.items[0];
        assert_eq!((item.address.as_str(), item.change), (VPC, Change::Create));
        assert_eq!(item.region, Some(Region::new("eu-west-1")));
        assert_eq!(item.properties.at("cidr_block").as_text(), Some("10.0.0.0/16"));
        let ops = ["delete-replaced", "replace", "create-replacement"].map(|op| pre(op, true));
        let all: Vec<Raw> = ops.into_iter().chain([summary()]).collect();
        let deployment = read_all(&all).expect("events");
        assert_eq!(deployment.items.len(), 1);
        assert_eq!(deployment.items[0].change, Change::Replace(ReplaceOrder::DeleteFirst));
    }

    #[test]
    fn events_without_a_summary_are_cut_short_or_cancelled() {
        let error = read_all(&[prelude(), pre("create", true)]).expect_err("no summary");
        assert!(matches!(error, ReadError::Truncated { .. }), "{error}");
        let cancelled = json!({"sequence": 2, "timestamp": 1, "cancelEvent": {}});
        let error = read_all(&[prelude(), cancelled]).expect_err("cancelled");
        assert!(matches!(error, ReadError::Errored { .. }), "{error}");
    }

    #[test]
    fn the_events_of_an_update_are_no_preview() {
        let error = read_all(&[prelude(), pre("create", false), summary()]).expect_err("carried out");
        assert!(matches!(error, ReadError::NotAPlan { .. }), "{error}");
    }

    #[test]
    fn a_preview_that_failed_is_refused() {
        for failed in [
            json!({"diagnosticEvent": {"severity": "error", "message": "hunter2"}}),
            json!({"policyEvent": {"enforcementLevel": "mandatory"}}),
            json!({"errorEvent": {"error": "hunter2"}}),
        ] {
            let error = read_all(&[prelude(), failed, summary()]).expect_err("failed");
            assert!(matches!(error, ReadError::Errored { .. }), "{error}");
            assert!(!error.to_string().contains("hunter2"));
        }
        let corrupt = json!({"summaryEvent": {"maybeCorrupt": true}});
        assert!(matches!(read_all(&[corrupt]), Err(ReadError::Errored { .. })));
        let advice = json!({"policyEvent": {"enforcementLevel": "advisory"}});
        assert!(read_all(&[advice, summary()]).is_ok());
    }
}
