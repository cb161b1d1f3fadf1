//! One resource, wholly: verdict, evidence, what holds it down to the cause, what it holds, cost, age, links.
//!
//! It takes a scan with its verdicts and its plan, and makes of them the document that `explain -o json`
//! prints and the text for people. The commands also find here which resource or name was meant.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strsim::levenshtein;

use super::colour::Tone;
use super::label::{said, short};
use super::view::{ScanView, is};
use super::{Look, age, cost, csv, fates, plan_text, wrap};
use crate::graph::{Graph, NodeId, say};
use crate::model::{Gate, Key, Link, Resource, Verdict};
use crate::plan::file::PlanFile;
use crate::plan::{Action, Fate};

/// The schema of [`Explanation`].
pub const SCHEMA: &str = "aws-janitor/explain/1";

/// What there is to say of one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The account.
    pub account: crate::model::AccountId,
    /// The resource.
    pub resource: Key,
    /// Its ARN.
    pub arn: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its state in AWS's own word.
    pub state: Option<String>,
    /// Its stack.
    pub stack: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Its verdict.
    pub verdict: Verdict,
    /// The gate that decided it; `null` for an orphan, which passed them all.
    pub gate: Option<Gate>,
    /// Why.
    pub evidence: Vec<String>,
    /// What would happen to it, in one sentence.
    pub fate: String,
    /// What forbids its deletion directly.
    pub held_by: Vec<Hold>,
    /// From what holds it directly to the cause, if something that stays holds it; each as `kind id`.
    pub path: Vec<String>,
    /// What it forbids the deletion of.
    pub holds: Vec<Hold>,
    /// What it costs per month; nothing if the price is not known.
    pub monthly_usd: Option<f64>,
    /// What it refers to.
    pub links: Vec<Link>,
}

/// One end of a link that forbids a deletion.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// The resource at the other end.
    pub resource: Key,
    /// The link as a sentence.
    pub why: String,
    /// What would happen to that one: `delete`, `carried`, `leaving`, `kept`.
    pub fate: String,
}

/// Resources that an id, ARN or name may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<'a> {
    /// This one.
    One(&'a Key),
    /// Several bear the name.
    Many(Vec<&'a Key>),
    /// None; these come near.
    Near(Vec<String>),
}

/// Finds what was asked for: an id or an ARN first, then a name.
pub fn find<'a>(view: &ScanView<'a>, asked: &str) -> Found<'a> {
    let resources = &view.inventory.resources;
    let matching = |test: &dyn Fn(&Resource) -> bool| -> Vec<&'a Key> {
        resources.iter().filter(|(_, resource)| test(resource)).map(|(key, _)| key).collect()
    };
    for found in [
        matching(&|resource| resource.key.id == asked || resource.arn.as_deref() == Some(asked)),
        matching(&|resource| resource.name.as_deref() == Some(asked)),
    ] {
        match found.as_slice() {
            [] => {}
            [one] => return Found::One(one),
            _ => return Found::Many(found),
        }
    }
    let mut near: Vec<(usize, String)> = resources
        .values()
        .flat_map(|resource| [Some(resource.key.id.to_string()), resource.name.clone()])
        .flatten()
        .filter_map(|text| {
            let distance = levenshtein(asked, &text);
            let alike = text.contains(asked) && asked.len() >= 3;
            (alike || distance * 3 <= asked.chars().count())
                .then_some((if alike { 0 } else { distance }, text))
        })
        .collect();
    near.sort();
    near.dedup();
    Found::Near(near.into_iter().take(3).map(|(_, text)| text).collect())
}

/// The name that was probably meant.
pub fn near<'a>(asked: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = names.map(|name| (levenshtein(asked, name), name)).min()?;
    (near.0 * 3 <= asked.chars().count()).then_some(near.1)
}

/// All that is known of this resource.
pub fn explain(view: &ScanView<'_>, file: &PlanFile, key: &Key) -> Option<Explanation> {
    let resource = view.inventory.resources.get(key)?;
    let judged = view.verdicts.get(key);
    let graph = Graph::new(view.inventory, *view.catalog);
    let node = graph.find(key)?;
    let held_by = graph
        .holds_on(node)
        .map(|(_, edge)| {
            let near = graph.key(edge.from);
            hold(file, near, say(&near.id, &edge.link.how, &key.id, None))
        })
        .collect::<BTreeSet<_>>();
    let holds = graph
        .out(node)
        .filter(|(_, edge)| edge.rule.holds != crate::model::Holds::Nothing)
        .filter_map(|(_, edge)| edge.to.map(|to| (graph.key(to), edge)))
        .map(|(far, edge)| hold(file, far, say(&key.id, &edge.link.how, &far.id, None)))
        .collect::<BTreeSet<_>>();
    Some(Explanation {
        schema: SCHEMA.to_owned(),
        account: view.inventory.caller.account.clone(),
        resource: key.clone(),
        arn: resource.arn.clone(),
        name: resource.name.clone(),
        state: resource.state.clone(),
        stack: judged.and_then(|judged| judged.stack.clone()),
        created: resource.created,
        verdict: judged.map_or(Verdict::Uncertain, |judged| judged.verdict),
        gate: judged.and_then(|judged| judged.gate.clone()),
        evidence: judged.map(|judged| judged.evidence.clone()).unwrap_or_default(),
        fate: fate_text(file, key),
        held_by: held_by.into_iter().collect(),
        path: path(&graph, file, node),
        holds: holds.into_iter().collect(),
        monthly_usd: cost::monthly(resource, view.catalog),
        links: resource.links.iter().cloned().collect(),
    })
}

fn hold(file: &PlanFile, key: &Key, why: String) -> Hold {
    let fate = fate_of(file, key).map_or("kept", csv::fate);
    Hold { resource: key.clone(), why, fate: fate.to_owned() }
}

fn fate_of<'a>(file: &'a PlanFile, key: &Key) -> Option<&'a Fate> {
    file.fates.iter().find(|line| line.resource == *key).map(|line| &line.fate)
}

fn fate_text(file: &PlanFile, key: &Key) -> String {
    match fate_of(file, key) {
        Some(Fate::Delete) => {
            let step = file.steps.iter().find(|step| step.resource == *key && step.action == Action::Delete);
            step.map_or("would be deleted".to_owned(), |step| {
                format!("would be deleted, step {} of {}", step.id.0, file.steps.len())
            })
        }
        Some(Fate::Carried(with)) => format!("would go by itself with {with}"),
        Some(Fate::Leaving) => "AWS is already removing it".to_owned(),
        Some(Fate::Kept(keep)) => format!("stays: {}", fates::keep_text(keep)),
        None => "stays: it was not planned".to_owned(),
    }
}

/// From what holds the resource directly to the cause: the planner's own path if it is blocked,
/// else along what stays, as far as that goes.
fn path(graph: &Graph<'_>, file: &PlanFile, node: NodeId) -> Vec<String> {
    let key = graph.key(node);
    if let Some(blocked) = file.blocked.iter().find(|blocked| is(key, blocked)) {
        return blocked.by.clone();
    }
    let stays =
        |key: &Key| !matches!(fate_of(file, key), Some(Fate::Delete | Fate::Carried(_) | Fate::Leaving));
    let mut path = Vec::new();
    let mut seen = BTreeSet::from([node]);
    let mut at = node;
    while let Some((_, edge)) =
        graph.holds_on(at).find(|(_, edge)| !seen.contains(&edge.from) && stays(graph.key(edge.from)))
    {
        seen.insert(edge.from);
        path.push(graph.key(edge.from).to_string());
        at = edge.from;
    }
    path
}

/// The explanation for people.
pub fn text(it: &Explanation, now: Timestamp, look: Look) -> String {
    let mut lines = Lines { text: String::new(), look };
    let name = it.name.as_deref().filter(|name| *name != it.resource.id);
    let name = name.map(|name| format!(" ({})", super::plain(name))).unwrap_or_default();
    let name = if short(&it.resource.id) == it.resource.id { name } else { String::new() };
    lines.text =
        look.paint.tint(Tone::Head, &format!("{}{name} in {}", said(&it.resource), it.resource.region));
    lines.text.push('\n');
    lines.field("verdict", it.verdict.word());
    for evidence in &it.evidence {
        lines.field("", &super::plain(evidence));
    }
    lines.field("fate", &it.fate);
    if let Some(arn) = &it.arn {
        // Not wrapped, so that it can be copied.
        lines.text.push_str(&format!("  {:<8} {arn}\n", "arn"));
    }
    if let Some(stack) = &it.stack {
        lines.field("stack", &super::plain(stack));
    }
    if let Some(state) = &it.state {
        lines.field("state", state);
    }
    lines.field(
        "age",
        &it.created.map_or("AWS does not tell".to_owned(), |created| {
            format!("{} (made {created})", age(created, now))
        }),
    );
    let price = match it.monthly_usd {
        Some(usd) if usd < 0.005 => "nothing".to_owned(),
        Some(usd) => format!("{}/month ({})", cost::usd(usd), cost::note()),
        None => "the price is not known".to_owned(),
    };
    lines.field("cost", &price);
    lines.holds("held by", &it.resource, &it.held_by);
    if !it.path.is_empty() {
        let arrow = look.symbols.arrow();
        lines.field(
            "path",
            &format!(
                "{}{arrow}{}",
                short(&it.resource.id),
                it.path.iter().map(|step| plan_text::shortened(step)).collect::<Vec<_>>().join(arrow)
            ),
        );
    }
    lines.holds("holds", &it.resource, &it.holds);
    for (index, link) in it.links.iter().enumerate() {
        lines.field(if index == 0 { "links" } else { "" }, &format!("{} {}", link.how, said(&link.to)));
    }
    lines.text
}

struct Lines {
    text: String,
    look: Look,
}

impl Lines {
    fn field(&mut self, label: &str, value: &str) {
        for (index, line) in wrap(value, self.look.width.saturating_sub(11)).into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            self.text.push_str(&format!("  {label:<8} {line}\n"));
        }
    }

    fn holds(&mut self, label: &str, own: &Key, holds: &[Hold]) {
        if holds.is_empty() {
            self.field(label, "nothing");
        }
        for (index, hold) in holds.iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let why = hold
                .why
                .replace(own.id.as_str(), "it")
                .replace(hold.resource.id.as_str(), &said(&hold.resource));
            let fate = match hold.fate.as_str() {
                "delete" => "would be deleted",
                "carried" => "would go by itself",
                "leaving" => "is going",
                _ => "stays",
            };
            self.field(label, &format!("{why} ({fate})"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn a_name_with_a_slip_of_the_pen_is_found_and_another_is_not() {
        let regions = || ["eu-west-1", "us-east-1"].into_iter();
        assert_eq!(near("us-est-1", regions()), Some("us-east-1"));
        assert_eq!(near("mars", regions()), None);
    }
}
