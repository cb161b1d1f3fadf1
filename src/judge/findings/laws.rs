//! The law of settling: hearing only those of whose reading something changed ends where hearing everybody does,
//! with the same verdicts by the same gates and in the same words.

use proptest::prelude::*;

use super::Findings;
use crate::inventory::testing::{KINDS, World, at};
use crate::inventory::{Inventory, complete};
use crate::judge::gates::Court;
use crate::judge::laws::worlds;
use crate::judge::tests::policy;
use crate::judge::view::View;
use crate::judge::{settle, stack};
use crate::model::words::{fact, how};
use crate::model::{Gate, Key, Link, Verdict};
use crate::policy::Selector;

/// What was found of each, with how often somebody changed.
type Told = (Vec<(Key, Verdict, Option<Gate>, Vec<String>)>, usize);

/// Everybody is heard again, round by round, until a round in which nobody changes.
fn plainly(court: &Court<'_>, findings: &mut Findings<'_>) -> usize {
    let mut changes = 0;
    loop {
        let before = changes;
        for at in 0..findings.all.len() {
            if let Some(ruling) = settle::follow(court, findings, findings.keys[at]) {
                findings.all[at].becomes(ruling);
                changes += 1;
            }
        }
        if changes == before {
            return changes;
        }
    }
}

fn told(inventory: &Inventory, settle: impl FnOnce(&Court<'_>, &mut Findings<'_>) -> usize) -> Told {
    let selector = Selector::new(&policy(), &KINDS).expect("a selector");
    let view = View::of(inventory);
    let stacks = stack::membership(&view, selector.stack_key());
    let gone = [].into();
    let court = Court::new(&view, &selector, at("2026-11-21T12:00:00Z"), &stacks, &gone);
    let heard = inventory.resources.iter().map(|(key, resource)| (key, court.hear(key, resource)));
    let mut findings = Findings::of(heard);
    let changes = settle(&court, &mut findings);
    let line = |(key, finding): (&Key, crate::judge::gates::Finding)| {
        let gate = finding.decides().map(|ground| ground.gate.clone());
        (key.clone(), finding.verdict, gate, finding.evidence().cloned().collect())
    };
    (findings.into_all().map(line).collect(), changes)
}

/// Roles beside those that `worlds` draws, so that every rule has something to follow.
fn more() -> impl Strategy<Value = Vec<(usize, &'static str, usize)>> {
    let role = prop_oneof![Just(how::TRUSTS), Just(how::CONTAINS), Just(how::ASSOCIATED), Just(how::USES)];
    proptest::collection::vec((0..64usize, role, 0..64usize), 0..6)
}

fn linked(mut world: World, more: &[(usize, &'static str, usize)]) -> Inventory {
    let keys: Vec<Key> = world.inventory.resources.keys().cloned().collect();
    for (near, role, far) in more.iter().filter(|_| !keys.is_empty()) {
        let resource = world.inventory.resources.get_mut(&keys[near % keys.len()]).expect("added before");
        resource.links.insert(Link::new(role, keys[far % keys.len()].clone()));
        resource.facts.insert(fact::LAST_USED.to_owned(), "2026-11-21T11:00:00Z".to_owned());
        resource.facts.insert(fact::TRUSTED_SERVICES.to_owned(), "ec2.amazonaws.com".to_owned());
    }
    complete(&mut world.inventory);
    world.inventory
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hearing_whom_a_change_concerns_ends_where_hearing_everybody_does(world in worlds(), more in more()) {
        let inventory = linked(world, &more);
        let (plain, _) = told(&inventory, plainly);
        let (quick, left) = told(&inventory, |court, findings| {
            settle::settle(court, findings);
            plainly(court, findings)
        });
        prop_assert_eq!(&quick, &plain);
        prop_assert_eq!(left, 0, "somebody was not heard again");
    }
}
