//! Whether the random worlds are worth trying: all that a law is about comes up in them, and often.

use std::collections::BTreeMap;

use aws_janitor::kinds::CATALOG;
use aws_janitor::model::{Key, Verdict};
use aws_janitor::plan::Action;

use crate::planned;
use crate::worlds::{Hidden, World};

/// Each rule of the real table is met, at both ends by what may go.
#[test]
fn the_random_worlds_draw_every_rule_of_the_table() {
    let mut drawn: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    // The more kinds there are, the more worlds it takes to meet each rule often enough.
    for seed in 0..100 * CATALOG.iter().count() as u64 {
        let (world, _) = World::new(seed);
        let orphan = |key: &Key| world.verdicts.get(key).is_some_and(|it| it.verdict == Verdict::Orphan);
        for (key, thing) in &world.things {
            let spec = world.catalog.get(&key.kind).unwrap();
            for link in thing.links.iter().filter(|link| link.to != *key) {
                let rule = spec.rule(&link.how, &link.to.kind).unwrap();
                let part = spec.parts.contains(&rule.to);
                if orphan(key) && (part || orphan(&link.to)) {
                    *drawn.entry((spec.name, rule.how, rule.to)).or_default() += 1;
                }
            }
        }
    }
    for spec in CATALOG.iter() {
        for rule in spec.links {
            let count = drawn.get(&(spec.name, rule.how, rule.to)).copied().unwrap_or(0);
            assert!(count >= 20, "{}: {} -> {} came up {count} times", spec.name, rule.how, rule.to);
        }
    }
}

/// Every kind of fate, reason and step comes up often.
#[test]
fn the_random_worlds_show_everything() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..2000 {
        let (world, mut rng) = World::new(seed);
        let hidden = if seed % 2 == 0 { world.hide(&mut rng, Hidden::default()) } else { Hidden::default() };
        let plan = planned(&world, &world.seen(&world.things, &hidden));
        for fate in plan.fates.values() {
            let name = format!("{fate:?}");
            *seen.entry(name.split([' ', '{']).next().unwrap().to_owned()).or_default() += 1;
        }
        for step in &plan.steps {
            let name = match step.action {
                Action::Cut(_) => "cut",
                Action::Delete => "delete",
                Action::Await => "await",
            };
            *seen.entry(name.to_owned()).or_default() += 1;
        }
    }
    for (what, least) in [
        ("Delete", 1000),
        ("Carried(Key", 200),
        ("Leaving", 200),
        ("Kept(NotOrphan", 200),
        ("Kept(HoldsData)", 50),
        ("Kept(Witness)", 20),
        ("Kept(Guarded", 100),
        ("Kept(HeldBy", 200),
        ("Kept(TiedTo", 200),
        ("Kept(GoesWith", 50),
        ("Kept(WouldTake", 50),
        ("Kept(Unseen", 200),
        ("Kept(Cycle", 50),
        ("cut", 200),
        ("delete", 1000),
        ("await", 200),
    ] {
        let count = seen.get(what).copied().unwrap_or(0);
        assert!(count >= least, "{what} came up {count} times: {seen:?}");
    }
}
