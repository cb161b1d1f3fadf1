//! The two laws over many worlds, and the report of what breaks them. `LAWS_OWNERS_SHOW` shows one world by its
//! number, what the program made of it, and a wrong deletion made small.

#![expect(clippy::print_stdout, reason = "one world is shown to whoever asks for it")]

use std::collections::BTreeSet;
use std::sync::Mutex;

use aws_janitor::judge::{Judgement, judge};
use aws_janitor::kinds::CATALOG;
use aws_janitor::model::{Key, Touches, Verdict};
use aws_janitor::plan::planner::plan;
use aws_janitor::plan::{Action, Fate, Plan};

use super::doubt::Doubt;
use super::hand::KEYED;
use super::land::now;
use super::more;
use super::situation::{RECORDS, Situation};
use super::small::small;
use super::stack::Stage;
use super::tally::Tally;
use super::truth::Truth;
use super::world::{Ask, Recipe, World};

/// A wrong deletion: of what, why it must stay, and what the program did.
#[derive(Debug, Clone)]
pub(crate) struct Wrong {
    pub(crate) key: Key,
    pub(crate) of: Situation,
    pub(crate) what: &'static str,
}

/// What came of a world.
pub(crate) struct Outcome {
    pub(crate) wrong: Vec<Wrong>,
    pub(crate) expected: usize,
    /// What was to go and stays, with what kept it.
    pub(crate) left: Vec<(Key, String)>,
    pub(crate) doubts: BTreeSet<Doubt>,
}

pub(crate) fn decide(world: &World) -> (Judgement, Plan) {
    let inventory = world.land.inventory();
    let judgement = judge(&inventory, &world.selector(), now());
    let plan = plan(&inventory, CATALOG, &judgement.verdicts, &world.policy().with_data);
    (judgement, plan)
}

pub(crate) fn outcome(world: &World) -> Outcome {
    let truth = Truth::of(world);
    let (judgement, plan) = decide(world);
    let mut wrong = Vec::new();
    for (key, fate) in &plan.fates {
        let Some(stays) = truth.stays.get(key) else { continue };
        if matches!(fate, Fate::Delete | Fate::Carried(_)) {
            wrong.push(Wrong { key: key.clone(), of: stays.of, what: "deleted" });
        } else if judgement.verdicts[key].verdict == Verdict::Orphan && !stays.only_named {
            wrong.push(Wrong { key: key.clone(), of: stays.of, what: "called an orphan" });
        }
    }
    for step in &plan.steps {
        let Action::Cut(link) = &step.action else { continue };
        let spec = CATALOG.get(&step.resource.kind).unwrap();
        let both = spec.rule(&link.how, &link.to.kind).and_then(|rule| rule.cut).map(|cut| cut.touches);
        let far = (both == Some(Touches::BothEnds)).then_some(&link.to);
        for key in [Some(&step.resource), far].into_iter().flatten() {
            if let Some(stays) = truth.stays.get(key).filter(|it| !it.only_named) {
                wrong.push(Wrong { key: key.clone(), of: stays.of, what: "cut" });
            }
        }
    }
    for key in more::members_by_call(world, &plan.steps) {
        let of = world.land.things[&key].of;
        wrong.push(Wrong { key, of, what: "deleted apart from its stack" });
    }
    let expected = truth.expected();
    let goes = |key: &&Key| {
        matches!(plan.fates.get(*key), None | Some(Fate::Delete | Fate::Carried(_) | Fate::Leaving))
    };
    let left = expected.iter().filter(|key| !goes(key)).map(|key| {
        let judged = &judgement.verdicts[key];
        let by = match judged.verdict {
            Verdict::Orphan => format!("orphan, kept: {:?}", plan.fates[key]),
            _ => format!("{}: {}", judged.verdict, judged.evidence.first().map_or("", String::as_str)),
        };
        (key.clone(), by)
    });
    let left = left.collect();
    Outcome { wrong, expected: expected.len(), left, doubts: truth.doubts() }
}

/// The class of worlds in which a share is asked for.
pub(crate) fn class(world: &World) -> String {
    let recipe = &world.recipe;
    if recipe.dated {
        return "aged by CloudTrail".to_owned();
    }
    if recipe.attempts.contains(&Stage::Leaked) {
        return "leaked, and expired".to_owned();
    }
    let drawn: Vec<&Situation> = world.land.situations.iter().collect();
    let more = if drawn.is_empty() && recipe.robot.is_none() { "" } else { ", and more" };
    if let Ask::Name | Ask::Vpc | Ask::Cluster = recipe.ask {
        return format!("asked by {:?}{more}", recipe.ask);
    }
    let by_record = drawn.iter().any(|of| RECORDS.contains(of));
    if !KEYED[..3].contains(&recipe.style) && !by_record {
        return format!("style {:?}{more}", recipe.style);
    }
    match (drawn.as_slice(), recipe.robot) {
        ([], None) => {}
        ([one], None) => return format!("with {one:?}"),
        ([], Some(robot)) => return format!("robot {robot:?}"),
        _ => return "several of these".to_owned(),
    }
    match recipe.ask {
        Ask::Tags | Ask::Stack => "the story".to_owned(),
        ask => format!("asked by {ask:?}"),
    }
}

/// Tries worlds on all processors.
fn tally(first: u64, count: u64) -> Tally {
    let next = Mutex::new(first);
    let whole = Mutex::new(Tally::default());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut mine = Tally::default();
                loop {
                    let seed = {
                        let mut next = next.lock().unwrap();
                        *next += 1;
                        *next - 1
                    };
                    if seed >= first + count {
                        break;
                    }
                    let world = Recipe::draw(seed).build();
                    let mut outcome = outcome(&world);
                    outcome.wrong.extend(more::wrong(&world));
                    mine.add(&world, &outcome);
                }
                whole.lock().unwrap().merge(mine);
            });
        }
    });
    whole.into_inner().unwrap()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|it| it.parse().ok())
}

#[test]
fn worlds_with_owners_lose_nothing_that_lives_and_keep_nothing_that_is_nobodys() {
    if let Some(seed) = number("LAWS_OWNERS_SHOW") {
        show(seed);
        return;
    }
    // More than the other laws are tried on, 100,000 where they take 60,000: these are many classes in one.
    let count = number("LAWS_WORLDS").map_or(3000, |count| count * 5 / 3);
    let tally = tally(number("LAWS_FIRST").unwrap_or(0), count);
    tally.print();
    let mut faults = Vec::new();
    for (of, (_, wrong, first)) in &tally.situations {
        faults.extend(first.as_ref().map(|(seed, it)| {
            format!("{of:?}: {wrong} wrong deletions, the first in world {seed}: {} {}", it.key, it.what)
        }));
    }
    for (name, share) in &tally.classes {
        let least = if name == "the story" { 1.0 } else { 0.99 };
        if share.gone() < least {
            let (seed, key, by) = share.first.as_ref().unwrap();
            faults.push(format!(
                "{name}: {:.2} % gone, the first left in world {seed}: {key}, {by}",
                share.gone() * 100.0
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Prints one world and what the program made of it, a wrong deletion made as small as can be.
fn show(seed: u64) {
    let recipe = Recipe::draw(seed);
    let mut world = recipe.build();
    let whole = outcome(&world);
    if let Some(of) = whole.wrong.first().map(|it| it.of) {
        println!("{} wrong in the whole world; made small:", whole.wrong.len());
        world = small(&recipe, |outcome| outcome.wrong.iter().any(|it| it.of == of));
    }
    println!("{world}");
    let (judgement, plan) = decide(&world);
    for (key, fate) in plan.fates {
        let judged = &judgement.verdicts[&key];
        println!("  {key}: {} ({}), {fate:?}", judged.verdict, judged.evidence[0]);
    }
    let outcome = outcome(&world);
    for wrong in outcome.wrong.iter().chain(&more::wrong(&world)) {
        println!("WRONG {} {}, by {:?}", wrong.key, wrong.what, wrong.of);
    }
    for (key, by) in &outcome.left {
        println!("LEFT {key}: {by}");
    }
}
