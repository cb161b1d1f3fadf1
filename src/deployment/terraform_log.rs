//! Reads the log of `terraform plan -json`, one JSON object a line, into a deployment.
//!
//! <https://developer.hashicorp.com/terraform/internals/machine-readable-ui>. It tells what changes, and no
//! attributes; what stays as it is does not stand in it.

use serde::Deserialize;

use super::{
    Certainty, Change, Deployment, Format, Input, Item, ReadError, ReplaceOrder, Uncounted, Value, Weight,
    json, types,
};
use crate::kinds;

const FORMAT: Format = Format::TerraformLog;

/// One line.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LogLine {
    #[serde(rename = "@level")]
    level: String,
    #[serde(rename = "type")]
    sort: String,
    ui: Option<String>,
    change: Option<LoggedChange>,
    changes: Option<LoggedSummary>,
    hook: Option<Hook>,
}

/// What is being done. A plan too does something: it reads data sources.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Hook {
    action: String,
}

#[derive(Debug, Deserialize)]
struct LoggedChange {
    resource: LoggedResource,
    action: String,
}

#[derive(Debug, Deserialize)]
struct LoggedResource {
    addr: String,
    /// The address within its module.
    #[serde(default)]
    resource: String,
    #[serde(default)]
    resource_type: String,
}

impl LoggedResource {
    fn is_data(&self) -> bool {
        self.resource.starts_with("data.") || self.addr.starts_with("data.")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LoggedSummary {
    add: u64,
    operation: String,
}

/// What was read so far.
#[derive(Default)]
struct Log {
    items: Vec<Item>,
    errors: usize,
    put_off: Vec<String>,
    replaced: usize,
    summary: Option<LoggedSummary>,
}

/// Reads it. The summary is what a plan that went well comes to: without it the file is cut short.
pub fn read(input: &Input<'_>) -> Result<Deployment, ReadError> {
    let mut log = Log::default();
    for line in json::lines::<LogLine>(input.bytes, FORMAT) {
        log.take(line?, input)?;
    }
    if log.errors > 0 {
        let why = if log.errors == 1 { "it holds an error" } else { "it holds errors" }.to_owned();
        return Err(ReadError::Errored { format: FORMAT.title(), why });
    }
    let Some(summary) = &log.summary else { return Err(ReadError::Truncated { format: FORMAT.title() }) };
    let makes = log.items.iter().filter(|item| item.change.makes()).count();
    if u64::try_from(makes).is_ok_and(|makes| makes < summary.add) {
        let why = format!("its summary adds {} and its lines only {makes}", summary.add);
        return Err(ReadError::Broken { format: FORMAT.title(), why });
    }
    Ok(Deployment {
        source: input.source.to_owned(),
        format: FORMAT,
        stack: None,
        account: None,
        uncounted: log.uncounted(),
        items: log.items,
    })
}

impl Log {
    fn take(&mut self, line: LogLine, input: &Input<'_>) -> Result<(), ReadError> {
        self.errors += usize::from(line.level == "error");
        let reads = line.hook.as_ref().is_some_and(|hook| hook.action == "read");
        match line.sort.as_str() {
            "version" => known(line.ui.as_deref().unwrap_or_default())?,
            "planned_change" => {
                if let Some(planned) = line.change {
                    let item = self.item(planned, input)?;
                    self.items.extend(item);
                }
            }
            "deferred_change" => {
                let put_off = line.change.map(|change| change.resource);
                self.put_off.extend(put_off.filter(|it| !it.is_data()).map(|it| it.addr));
            }
            "change_summary" => {
                let summary = line.changes.unwrap_or_default();
                if summary.operation != "plan" {
                    return Err(carried_out());
                }
                self.summary = Some(summary);
            }
            "apply_start" | "apply_progress" | "apply_complete" | "apply_errored" if !reads => {
                return Err(carried_out());
            }
            _ => {}
        }
        Ok(())
    }

    /// The item of a planned change; nothing of a data source, which makes nothing.
    fn item(&mut self, planned: LoggedChange, input: &Input<'_>) -> Result<Option<Item>, ReadError> {
        if planned.resource.is_data() {
            return Ok(None);
        }
        let address = planned.resource.addr;
        let change = match planned.action.as_str() {
            "noop" | "no-op" | "read" | "import" | "move" | "remove" | "forget" => Change::Keep,
            "create" => Change::Create,
            "update" => Change::Update,
            "delete" => Change::Delete,
            "replace" => {
                self.replaced += 1;
                Change::Replace(ReplaceOrder::CreateFirst)
            }
            _ => {
                let why = format!("the action on `{address}` is not known");
                return Err(ReadError::Broken { format: FORMAT.title(), why });
            }
        };
        let type_name = planned.resource.resource_type;
        let row = types::of_terraform(&type_name);
        let region = if type_name.starts_with("aws") { input.region.clone() } else { None };
        Ok(Some(Item {
            address,
            kind: row.map(|row| row.name()),
            change,
            certainty: Certainty::Certain,
            region: row.map_or(region.clone(), |row| row.region(region)),
            // The log tells no attributes; it does not say that there are none.
            properties: Value::Unknown(Vec::new()),
            before: Value::Null,
            after: Vec::new(),
            type_name,
        }))
    }

    fn uncounted(&mut self) -> Vec<Uncounted> {
        let why = "Terraform puts it off until more is known, and so does not say how many there will be";
        let put_off = std::mem::take(&mut self.put_off).into_iter();
        let mut all: Vec<Uncounted> =
            put_off.map(|what| Uncounted { what, why: why.to_owned(), weight: Weight::Open }).collect();
        let grown = self.items.iter().filter(|item| item.change == Change::Update && may_grow(item));
        all.extend(grown.map(|item| {
            Uncounted {
            what: item.address.clone(),
            why: "it is changed, and the log does not tell whether it grows; `terraform show -json` of the \
                  saved plan tells it"
                .to_owned(),
            weight: Weight::Open,
        }
        }));
        if self.replaced > 0 {
            all.push(Uncounted {
                what: "the order of replacements".to_owned(),
                why: "the log does not tell it, so that the old and the new one are counted side by side; \
                      `terraform show -json` of the saved plan tells it"
                    .to_owned(),
                weight: Weight::Remark,
            });
        }
        all
    }
}

/// Whether a thing of this kind may need more after a change in place.
fn may_grow(item: &Item) -> bool {
    kinds::row_of(item).is_some_and(|row| !row.deployed.sizes.is_empty())
}

/// Versions of the log with a known major number are read, whatever they add.
fn known(ui: &str) -> Result<(), ReadError> {
    if matches!(ui.split('.').next(), Some("0" | "1")) {
        return Ok(());
    }
    let version = ui.chars().filter(char::is_ascii_graphic).take(20).collect();
    Err(ReadError::UnknownVersion { format: FORMAT.title(), version })
}

fn carried_out() -> ReadError {
    ReadError::NotAPlan { found: "the log of a Terraform run that was carried out".to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value as Raw, json};

    use super::*;
    use crate::deployment::Alone;
    use crate::model::Region;

    fn read_all(lines: &[Raw]) -> Result<Deployment, ReadError> {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let (region, parameters) = (Some(Region::new("eu-west-1")), BTreeMap::new());
        let bytes = text.as_bytes();
        read(&Input { source: "log", bytes, beside: &Alone, region, parameters: &parameters })
    }

    fn planned(address: &str, type_name: &str, action: &str) -> Raw {
        json!({"@level": "info", "type": "planned_change", "change": {"action": action, "resource": {
            "addr": address, "resource": address, "resource_type": type_name, "implied_provider": "aws",
        }}})
    }

    fn summary(add: u64, operation: &str) -> Raw {
        json!({"@level": "info", "type": "change_summary",
            "changes": {"add": add, "change": 0, "remove": 0, "operation": operation}})
    }

    #[test]
    fn a_planned_change_is_an_item_without_attributes() {
        let deployment = read_all(&[
            json!({"@level": "info", "type": "version", "terraform": "1.11.4", "ui": "1.2"}),
            planned("module.a.aws_eip.nat[0]", "aws_eip", "create"),
            planned("aws_iam_role.r", "aws_iam_role", "replace"),
            planned("aws_vpc.v", "aws_vpc", "remove"),
            planned("data.aws_vpc.v", "aws_vpc", "read"),
            summary(2, "plan"),
        ])
        .expect("a log");
        let kinds: Vec<_> =
            deployment.items.iter().map(|it| it.kind.as_ref().map(|kind| kind.as_str())).collect();
        assert_eq!(kinds, [Some("elastic-ip"), Some("iam-role"), Some("vpc")]);
        let changes: Vec<_> = deployment.items.iter().map(|item| item.change).collect();
        assert_eq!(changes, [Change::Create, Change::Replace(ReplaceOrder::CreateFirst), Change::Keep]);
        assert_eq!(deployment.items[0].region, Some(Region::new("eu-west-1")));
        assert_eq!(deployment.items[1].region, Some(Region::global()));
        assert!(deployment.items[0].properties.at("anything").is_open(), "not told is not absent");
        assert_eq!(deployment.uncounted.len(), 1, "the order of the replacement");
    }

    #[test]
    fn a_change_that_may_be_growth_is_left_open() {
        let open = |type_name: &str| {
            let line = planned(&format!("{type_name}.a"), type_name, "update");
            let all = read_all(&[line, summary(0, "plan")]).expect("a log").uncounted;
            all.into_iter().filter(|it| it.weight == Weight::Open).count()
        };
        assert_eq!((open("aws_eks_node_group"), open("aws_vpc")), (1, 0));
    }

    #[test]
    fn a_log_without_its_summary_is_cut_short() {
        let error = read_all(&[planned("aws_eip.a", "aws_eip", "create")]).expect_err("no summary");
        assert!(matches!(error, ReadError::Truncated { .. }), "{error}");
        let lost = read_all(&[planned("aws_eip.a", "aws_eip", "create"), summary(2, "plan")]);
        assert!(matches!(lost, Err(ReadError::Broken { .. })), "a line is lost");
    }

    #[test]
    fn the_log_of_an_apply_is_no_plan() {
        let start = json!({"@level": "info", "type": "apply_start", "hook": {"action": "create"}});
        for lines in [
            vec![planned("aws_eip.a", "aws_eip", "create"), summary(1, "plan"), start],
            vec![summary(0, "apply")],
            vec![summary(0, "destroy")],
        ] {
            assert!(matches!(read_all(&lines), Err(ReadError::NotAPlan { .. })), "{lines:?}");
        }
    }

    #[test]
    fn a_plan_reads_data_sources_and_carries_nothing_out() {
        let read = |sort: &str| json!({"@level": "info", "type": sort, "hook": {"action": "read"}});
        let lines = [read("apply_start"), read("apply_complete"), summary(0, "plan")];
        assert!(read_all(&lines).expect("a log").items.is_empty());
    }

    #[test]
    fn an_error_and_an_unknown_version_are_refused_and_what_is_put_off_is_open() {
        let error = json!({"@level": "error", "type": "diagnostic", "@message": "hunter2"});
        let refused = read_all(&[error, summary(0, "plan")]).expect_err("failed");
        assert!(matches!(refused, ReadError::Errored { .. }));
        assert!(!refused.to_string().contains("hunter2"));
        let version = json!({"@level": "info", "type": "version", "ui": "2.0"});
        assert!(matches!(read_all(&[version]), Err(ReadError::UnknownVersion { .. })));
        let mut put_off = planned("aws_eip.a[*]", "aws_eip", "create");
        put_off["type"] = json!("deferred_change");
        let deployment = read_all(&[put_off, summary(0, "plan")]).expect("a log");
        assert_eq!(deployment.uncounted[0].weight, Weight::Open);
        let odd = read_all(&[planned("aws_eip.a", "aws_eip", "invent"), summary(1, "plan")]);
        assert!(matches!(odd, Err(ReadError::Broken { .. })));
    }
}
