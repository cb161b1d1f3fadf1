//! The log of `terraform plan -json`: one JSON object a line.
//!
//! <https://developer.hashicorp.com/terraform/internals/machine-readable-ui>. It tells what changes, and no
//! attributes; what stays as it is does not stand in it.

use serde::Deserialize;

use super::{
    Certainty, Change, Deployment, Format, Input, Item, Order, ReadError, Uncounted, Value, Weight, json,
    types,
};

const FORMAT: Format = Format::TerraformLog;

/// One line.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    #[serde(rename = "@level")]
    level: String,
    #[serde(rename = "type")]
    sort: String,
    ui: Option<String>,
    change: Option<Planned>,
    changes: Option<Summary>,
}

#[derive(Debug, Deserialize)]
struct Planned {
    resource: Resource,
    action: String,
}

#[derive(Debug, Deserialize)]
struct Resource {
    addr: String,
    /// The address within its module.
    #[serde(default)]
    resource: String,
    #[serde(default)]
    resource_type: String,
}

impl Resource {
    fn is_data(&self) -> bool {
        self.resource.starts_with("data.") || self.addr.starts_with("data.")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Summary {
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
    summary: Option<Summary>,
}

/// Reads it. The summary is what a plan that went well comes to: without it the file is cut short.
pub fn read(input: &Input<'_>) -> Result<Deployment, ReadError> {
    let mut log = Log::default();
    for line in json::lines::<Line>(input.bytes, FORMAT) {
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
    fn take(&mut self, line: Line, input: &Input<'_>) -> Result<(), ReadError> {
        self.errors += usize::from(line.level == "error");
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
            "apply_start" | "apply_progress" | "apply_complete" | "apply_errored" => {
                return Err(carried_out());
            }
            _ => {}
        }
        Ok(())
    }

    /// The item of a planned change; nothing of a data source, which makes nothing.
    fn item(&mut self, planned: Planned, input: &Input<'_>) -> Result<Option<Item>, ReadError> {
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
                Change::Replace(Order::CreateFirst)
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
            properties: Value::default(),
            after: Vec::new(),
            type_name,
        }))
    }

    fn uncounted(&mut self) -> Vec<Uncounted> {
        let why = "Terraform puts it off until more is known, and so does not say how many there will be";
        let put_off = std::mem::take(&mut self.put_off).into_iter();
        let mut all: Vec<Uncounted> =
            put_off.map(|what| Uncounted { what, why: why.to_owned(), weight: Weight::Open }).collect();
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
