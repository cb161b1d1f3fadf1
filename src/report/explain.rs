//! One resource, wholly: verdict, evidence, what holds it down to the cause, what it holds, cost, age, links.
//!
//! It takes a scan with its verdicts and its plan, and makes of them the document that `explain -o json`
//! prints; `explain_text` makes the text for people of it, and `explain_path` finds the way to the cause. The commands
//! also find here which resource or name was meant.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strsim::levenshtein;

use super::explain_path::{Ground, Way};
use super::view::ScanView;
use super::{cost, csv, fates};
use crate::graph::{Graph, say};
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
    /// From what holds it directly to the cause, the shortest way, if something that stays keeps it; each as `kind id`.
    pub path: Vec<String>,
    /// The same, each with who it is and why it stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path_told: Vec<String>,
    /// Why the last one on the path stays, or this one, if nothing else keeps it; nothing of what goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What can be done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The selection as if which all this is told, where none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumed: Option<String>,
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
    /// The role of the link between them.
    pub how: String,
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
            hold(file, near, &edge.link.how, say(&near.id, &edge.link.how, &key.id, None))
        })
        .collect::<BTreeSet<_>>();
    let holds = graph
        .out(node)
        .filter(|(_, edge)| edge.rule.holds != crate::model::Holds::Nothing)
        .filter_map(|(_, edge)| edge.to.map(|to| (graph.key(to), edge)))
        .map(|(far, edge)| hold(file, far, &edge.link.how, say(&key.id, &edge.link.how, &far.id, None)))
        .collect::<BTreeSet<_>>();
    let way = Way::of(&Ground { view, file, graph: &graph }, node);
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
        path: way.path.iter().map(Key::to_string).collect(),
        path_told: way.told,
        cause: way.cause,
        remedy: way.remedy,
        assumed: None,
        holds: holds.into_iter().collect(),
        monthly_usd: cost::monthly(resource, view.catalog),
        links: resource.links.iter().cloned().collect(),
    })
}

fn hold(file: &PlanFile, key: &Key, how: &str, why: String) -> Hold {
    let fate = fate_of(file, key).map_or("kept", csv::fate);
    Hold { resource: key.clone(), how: how.to_owned(), why, fate: fate.to_owned() }
}

pub(super) fn fate_of<'a>(file: &'a PlanFile, key: &Key) -> Option<&'a Fate> {
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
