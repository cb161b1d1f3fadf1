//! What the user's guard rules forbid to delete: gives the rules the facts of each thing that the judge would let go,
//! and the judge what is to stay, by which he judges again. A rule is asked of a thing once, when nothing else keeps
//! it, so that what one rule keeps does not change what another one sees.

use std::collections::{BTreeMap, BTreeSet};

use crate::guards::Asked;
use crate::inventory::marks;
use crate::kinds::CATALOG;
use crate::model::words::{fact, how};
use crate::model::{Class, Gate, Key, Resource, StackVerdict, Verdict};
use crate::price;

use super::Judgement;
use super::gates::{Court, Ground};
use super::record;

/// What is to stay of that which this judgement lets go. `asked` is what was asked about, and grows.
pub(super) fn ask(
    court: &Court<'_>,
    judgement: &Judgement,
    asked: &mut BTreeSet<Key>,
) -> BTreeMap<Key, Ground> {
    let guards = court.selector.guards();
    let mut kept = BTreeMap::new();
    if guards.is_empty() {
        return kept;
    }
    let stacks: BTreeMap<&str, StackVerdict> =
        judgement.stacks.iter().map(|stack| (stack.name.as_str(), stack.verdict)).collect();
    for (key, judged) in &judgement.verdicts {
        let Some(resource) = court.view.get(key).filter(|_| judged.verdict == Verdict::Orphan) else {
            continue;
        };
        if !asked.insert(key.clone()) {
            continue;
        }
        let stack = judged.stack.as_deref().and_then(|name| Some((name, *stacks.get(name)?)));
        let Some(said) = guards.forbid(&facts(court, resource, stack)) else { continue };
        let gate = match said.unclear {
            true => Gate::GuardUnclear { rules: said.rules },
            false => Gate::Forbidden { rules: said.rules },
        };
        kept.insert(key.clone(), Ground { gate, why: said.why });
    }
    kept
}

fn facts<'a>(
    court: &'a Court<'_>,
    resource: &'a Resource,
    stack: Option<(&'a str, StackVerdict)>,
) -> Asked<'a> {
    let key = &resource.key;
    let caller = &court.view.inventory.caller;
    let spec = CATALOG.get(&key.kind);
    // The same kinds of data that the planner asks leave for: a stack's are those of what it made.
    let class = spec.map_or(Class::Data, |spec| spec.class);
    let price = spec.and_then(|spec| price::monthly(&(spec.cost)(resource), &key.region));
    let age = court.dates.get(key).map(|dated| court.now.duration_since(dated.at).as_hours());
    Asked {
        caller: &caller.arn,
        account: caller.account.as_str(),
        resource,
        class,
        holds_data: class == Class::Data || resource.facts.contains_key(fact::HOLDS_DATA),
        within: court.view.at(key).inside.iter().map(|around| around.id.as_str()).collect(),
        stack,
        claims: claims(court, resource, stack.map(|(name, _)| name)),
        // A float becomes the nearest whole number that there is.
        monthly_cents: price.map(|dollars| (dollars * 100.0).round() as i64),
        age_hours: age.filter(|hours| *hours >= 0),
    }
}

/// Who claims a thing, each with by what one knows: `cluster:demo`. Whoever shares it is among them.
fn claims(court: &Court<'_>, resource: &Resource, stack: Option<&str>) -> BTreeSet<String> {
    let place = court.view.at(&resource.key);
    let stack = stack.map(|name| format!("stack:{name}"));
    let clusters = place.sharers.iter().map(|name| format!("cluster:{name}"));
    let recorded = [how::MEMBER_OF, how::TAGGED_BY].into_iter().flat_map(|role| resource.links_as(role));
    let recorded = recorded.map(|link| record::name(&link.to));
    let marked = marks::cloudformation_stack(resource).map(str::to_owned);
    let deployed = recorded.chain(marked).map(|name| format!("cloudformation:{name}"));
    let makers = place.owners.keys().chain(&place.carriers).map(|key| format!("{}:{}", key.kind, key.id));
    stack.into_iter().chain(clusters).chain(deployed).chain(makers).collect()
}
