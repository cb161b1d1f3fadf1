//! The planner's laws, tried on random worlds against a strict cloud that enforces the rules itself.
//!
//! `LAWS_WORLDS` sets how many worlds each law is tried on (2,000 by default; use 60,000 before a release:
//! rare breaks of a careful planner have shown themselves only there). The same number, the same worlds;
//! `LAWS_FIRST` starts elsewhere, for worlds that nobody has tried yet.

#![expect(
    clippy::disallowed_methods,
    reason = "the number of worlds is asked of the environment, and a large plan is timed"
)]
#![expect(clippy::unwrap_used, reason = "a world that cannot be built is a failed test")]

mod checks;
mod coverage;
mod examples;
mod invented;
mod laws;
mod mutated;
mod owners;
mod parsers;
mod real_run;
mod rng;
mod states;
mod truth;
mod world;
mod worlds;

use std::collections::BTreeSet;

use aws_janitor::inventory::Inventory;
use aws_janitor::model::{Key, Link};
use aws_janitor::plan::planner::plan;
use aws_janitor::plan::{Action, Fate, Plan};

use rng::Rng;
use worlds::World;

/// A law: what is wrong with the planner in this world, if anything. The choices beside come from the source.
pub(crate) type Law = fn(&World, &mut Rng) -> Result<(), String>;

pub(crate) fn planned(world: &World, inventory: &Inventory) -> Plan {
    plan(inventory, world.catalog, &world.verdicts, &world.with_data)
}

/// What goes by a plan, whichever way.
pub(crate) fn going(plan: &Plan) -> BTreeSet<Key> {
    plan.fates.iter().filter(|(_, fate)| !matches!(fate, Fate::Kept(_))).map(|(key, _)| key.clone()).collect()
}

/// What a plan deletes by calls.
pub(crate) fn deleted(plan: &Plan) -> BTreeSet<Key> {
    plan.steps.iter().filter(|s| s.action == Action::Delete).map(|s| s.resource.clone()).collect()
}

/// The links that a plan cuts.
pub(crate) fn cuts(plan: &Plan) -> BTreeSet<(Key, Link)> {
    let cut = |step: &aws_janitor::plan::Step| match &step.action {
        Action::Cut(link) => Some((step.resource.clone(), link.clone())),
        Action::Delete | Action::Await => None,
    };
    plan.steps.iter().filter_map(cut).collect()
}

/// Tries a law on many worlds; the first that breaks it is made small and printed.
fn holds(law: Law) {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let first = number("LAWS_FIRST").unwrap_or(0);
    for seed in first..first + number("LAWS_WORLDS").unwrap_or(2000) {
        let (world, mut rng) = World::new(seed);
        if let Err(broken) = law(&world, &mut rng) {
            report(law, &world, &broken);
        }
    }
}

fn report(law: Law, world: &World, first: &str) -> ! {
    let fails = |world: &World| (0..60).find_map(|s| law(world, &mut Rng::new(s)).err().map(|why| (s, why)));
    let mut small = world.clone();
    let mut why = (u64::MAX, first.to_owned());
    loop {
        let found = smaller(&small).find_map(|world| fails(&world).map(|why| (world, why)));
        let Some((next, reason)) = found else { break };
        (small, why) = (next, reason);
    }
    let plan = planned(&small, &small.inventory());
    let mut text = format!("{}\n(choices {})\n{small}plan of the whole:\n", why.1, why.0);
    for step in &plan.steps {
        let after: Vec<String> = step.after.iter().map(|a| format!("{} ({})", a.step.0, a.why)).collect();
        text +=
            &format!("  {} {:?} {} after {}\n", step.id.0, step.action, step.resource.id, after.join(", "));
    }
    for (key, fate) in &plan.fates {
        text += &format!("  {}: {fate:?}\n", key.id);
    }
    panic!("{text}");
}

/// Worlds with one thing, one link or one oddity less.
fn smaller(world: &World) -> impl Iterator<Item = World> {
    let less = world.things.keys().map(|key| world.without(key));
    let unlinked = world.things.values().flat_map(move |thing| {
        thing.links.iter().map(move |link| {
            let mut world = world.clone();
            world.things.get_mut(&thing.key).unwrap().links.remove(link);
            world
        })
    });
    less.chain(unlinked)
}

macro_rules! laws {
    ($($file:ident::$law:ident),* $(,)?) => {
        $(#[test]
        fn $law() {
            holds($file::$law);
        })*
    };
}

laws! {
    laws::every_resource_has_exactly_one_fate,
    laws::nothing_but_orphans_is_touched,
    laws::a_strict_cloud_never_refuses_and_what_is_left_is_what_was_kept,
    laws::every_reason_for_keeping_is_true,
    laws::what_was_not_seen_is_not_hurt,
    laws::more_gaps_never_mean_more_deletions,
    laws::staying_is_using,
    laws::what_stays_loses_only_rules_that_name_what_goes,
    laws::more_to_keep_never_means_more_deletions,
    laws::a_run_cut_short_and_resumed_ends_where_a_whole_one_does,
    laws::a_run_cut_short_and_planned_anew_ends_where_a_whole_one_does,
    laws::a_finished_plan_leaves_nothing_to_plan,
    laws::the_same_inventory_in_any_order_gives_the_same_bytes,
    laws::names_decide_nothing,
    laws::preferences_are_kept_wherever_they_can_be,
    checks::the_checker_passes_every_plan,
    checks::what_the_checker_passes_the_strict_cloud_carries_out,
    checks::a_saved_plan_reads_back_the_same,
    checks::narrowing_never_adds,
    checks::narrowing_to_what_did_not_change_changes_nothing,
}

#[test]
fn the_real_run_is_never_refused_and_may_die_at_any_event() {
    holds(real_run::the_real_run_is_never_refused_and_may_die_at_any_event);
}
