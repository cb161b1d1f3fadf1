//! The laws themselves, each on one world.

use std::collections::{BTreeMap, BTreeSet};

use aws_janitor::inventory::Inventory;
use aws_janitor::model::words::how;
use aws_janitor::model::{
    Catalog, Class, Guard, GuardRule, Judged, Key, KindName, Life, Link, Near, Resource, Verdict,
};
use aws_janitor::plan::check::check;
use aws_janitor::plan::planner::plan_by;
use aws_janitor::plan::{Action, Fate, Keep, Plan, StepId};
use aws_janitor::policy::Policy;

use crate::rng::Rng;
use crate::truth;
use crate::world::{Cloud, Goes, Progress};
use crate::worlds::{Hidden, World};
use crate::{cuts, deleted, going, planned};

pub(crate) fn say(ok: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if ok { Ok(()) } else { Err(why()) }
}

pub(crate) fn cloud(world: &World, rng: &mut Rng) -> Cloud {
    Cloud::new(world, if rng.chance(1, 2) { Goes::WithAny } else { Goes::WithAll })
}

pub(crate) fn every_resource_has_exactly_one_fate(world: &World, _: &mut Rng) -> Result<(), String> {
    let plan = planned(world, &world.inventory());
    say(plan.fates.keys().eq(world.things.keys()), || "a resource has no fate".into())?;
    for (key, fate) in &plan.fates {
        let deletes = plan.steps.iter().filter(|s| s.resource == *key && s.action == Action::Delete).count();
        let awaits = plan.steps.iter().filter(|s| s.resource == *key && s.action == Action::Await).count();
        let links: Vec<&Link> = plan
            .steps
            .iter()
            .filter(|s| s.resource == *key)
            .filter_map(|s| if let Action::Cut(link) = &s.action { Some(link) } else { None })
            .collect();
        let fits = match fate {
            Fate::Delete => deletes == 1 && awaits == 0,
            Fate::Carried(_) => deletes == 0 && awaits <= 1,
            Fate::Leaving => deletes == 0 && awaits == 1 && links.is_empty(),
            Fate::Kept(_) => deletes == 0 && awaits == 0 && links.is_empty(),
        };
        say(fits, || format!("{key} has {deletes} deletes and {awaits} awaits, yet its fate is {fate:?}"))?;
        let distinct: BTreeSet<&Link> = links.iter().copied().collect();
        say(distinct.len() == links.len(), || format!("{key} is cut twice from the same"))?;
        let recorded = plan.resources.contains_key(key);
        say(recorded != matches!(fate, Fate::Kept(_)), || format!("{key} is recorded: {recorded}"))?;
    }
    for (i, step) in plan.steps.iter().enumerate() {
        say(step.id == StepId(i as u32 + 1), || format!("step {} is misnumbered", step.id.0))?;
        say(step.after.iter().all(|a| a.step < step.id), || format!("step {} comes too early", step.id.0))?;
        say(step.after.windows(2).all(|w| w[0].step < w[1].step), || format!("step {} repeats", step.id.0))?;
        say(step.after.iter().all(|a| !a.why.is_empty()), || format!("step {} gives no reason", step.id.0))?;
    }
    Ok(())
}

pub(crate) fn nothing_but_orphans_is_touched(world: &World, rng: &mut Rng) -> Result<(), String> {
    let hidden = if rng.chance(1, 2) { world.hide(rng, Hidden::default()) } else { Hidden::default() };
    let plan = planned(world, &world.seen(&world.things, &hidden));
    let mut cloud = cloud(world, rng);
    let why = |why| format!("{why}\nhidden: {hidden:?}");
    cloud.run(&plan, &mut Progress::default(), rng, usize::MAX).map_err(why)?;
    for key in &cloud.touched {
        let thing = &world.things[key];
        let orphan = world.verdicts[key].verdict == Verdict::Orphan;
        say(orphan && thing.guards.is_empty(), || format!("{key} was touched and is no orphan, or guarded"))?;
        say(thing.life != Life::Coming, || format!("{key} was touched while it was being made"))?;
    }
    for (key, fate) in &plan.fates {
        let witness = world.catalog.get(&key.kind).unwrap().class == Class::Witness;
        say(!witness || *fate != Fate::Delete, || {
            format!("{key} is only to be read, and a call deletes it")
        })?;
    }
    for key in deleted(&plan) {
        let data = world.catalog.get(&key.kind).unwrap().class == Class::Data;
        say(!data || world.with_data.contains(&key.kind), || format!("{key} holds data that nobody named"))?;
    }
    Ok(())
}

/// The plan of a world by a policy that lets a run revoke rules of what stays.
fn revoking(world: &World, inventory: &Inventory) -> Plan {
    let policy =
        Policy { with_data: world.with_data.clone(), revoke_in_kept_groups: true, ..Policy::default() };
    plan_by(inventory, world.catalog, &world.verdicts, &policy)
}

/// Lets things that can work with a group do so, half of them.
fn set_to_work(world: &mut World, groups: &[Key], rng: &mut Rng) {
    let group = |thing: &Resource| {
        let spec = world.catalog.get(&thing.key.kind);
        spec.is_some_and(|spec| spec.rule(how::USES, &groups[0].kind).is_some())
    };
    let users = world.things.values().filter(|it| group(it) && it.key.region == groups[0].region);
    let users: Vec<Key> = users.map(|it| it.key.clone()).collect();
    for user in users.into_iter().filter(|_| rng.chance(1, 2)).collect::<Vec<_>>() {
        let link = Link::new(how::USES, rng.pick(groups).clone());
        world.things.get_mut(&user).unwrap().links.insert(link);
    }
}

/// The same world with groups that name each other, some of them nobody's, and others of its things at work with them.
fn with_groups(world: &World) -> World {
    const GROUP: &str = "security-group";
    let mut world = world.clone();
    if world.catalog.named(GROUP).is_none() {
        return world;
    }
    let mut rng = Rng::new(world.seed ^ 0x9e7);
    let region = world.regions.first().unwrap().clone();
    let verdicts = [
        Verdict::Orphan,
        Verdict::Orphan,
        Verdict::Foreign,
        Verdict::Active,
        Verdict::Protected,
        Verdict::TooYoung,
        Verdict::Uncertain,
    ];
    let groups: Vec<Key> =
        (0..4).map(|n| Key::new(KindName::of(GROUP), region.clone(), format!("sg-of-rules-{n}"))).collect();
    for group in &groups {
        let mut thing = Resource::new(group.clone());
        if rng.chance(1, 8) {
            let rule = *rng.pick(&[GuardRule::DefaultThing, GuardRule::OtherAccount]);
            thing.guards.insert(Guard { rule, why: "so it is".to_owned() });
        }
        for other in groups.iter().filter(|other| *other != group) {
            for role in [how::NAMES, how::NAMES_OUTBOUND] {
                let handles =
                    if rng.chance(1, 10) { Vec::new() } else { vec![format!("sgr-{}", rng.next())] };
                if rng.chance(1, 3) {
                    thing.links.insert(Link::via(role, other.clone(), handles));
                }
            }
        }
        let judged = Judged {
            verdict: *rng.pick(&verdicts),
            gate: None,
            evidence: vec!["so it is".to_owned()],
            proof: None,
            stack: None,
            selected: true,
        };
        world.verdicts.insert(group.clone(), judged);
        world.things.insert(group.clone(), thing);
    }
    set_to_work(&mut world, &groups, &mut rng);
    world
}

#[test]
fn the_worlds_have_rules_to_revoke() {
    let worlds = (0..300).map(|seed| with_groups(&World::new(seed).0));
    let changed = worlds.filter(|world| !revoking(world, &world.inventory()).cut_from.is_empty()).count();
    assert!(changed > 15, "{changed} of 300");
}

/// Where the policy lets a run revoke rules of what stays, more goes, and of what stays nothing but rules that name what
/// is gone: of nobody who is protected, too young, unclear or of another account.
pub(crate) fn what_stays_loses_only_rules_that_name_what_goes(
    world: &World,
    rng: &mut Rng,
) -> Result<(), String> {
    let world = &with_groups(world);
    let hidden = if rng.chance(1, 2) { world.hide(rng, Hidden::default()) } else { Hidden::default() };
    let inventory = world.seen(&world.things, &hidden);
    let plan = revoking(world, &inventory);
    let faults = check(&plan, world.catalog, Some(&world.verdicts));
    say(faults.is_ok(), || format!("the checker refuses it: {faults:?}"))?;
    let without = planned(world, &inventory);
    let fewer: Vec<Key> = going(&without).difference(&going(&plan)).cloned().collect();
    say(fewer.is_empty(), || format!("what may be revoked keeps {fewer:?}"))?;
    let mut cloud = cloud(world, rng);
    cloud.rules_are_free = true;
    cloud
        .run(&plan, &mut Progress::default(), rng, usize::MAX)
        .map_err(|why| format!("{why}\nhidden: {hidden:?}"))?;
    for (key, link) in cuts(&plan).iter().filter(|(key, _)| !going(&plan).contains(key)) {
        let (thing, verdict) = (&world.things[key], world.verdicts[key].verdict);
        let known = matches!(verdict, Verdict::Foreign | Verdict::Active);
        let guarded = thing.guards.iter().any(|guard| guard.rule != GuardRule::DefaultThing);
        say(known && !guarded, || format!("{key} is {verdict} and was changed"))?;
        say(!cloud.standing.contains_key(&link.to), || {
            format!("{key} was cut from {}, which stands", link.to)
        })?;
        let rule = world.catalog.get(&key.kind).unwrap().rule(&link.how, &link.to.kind).unwrap();
        say(rule.cut.is_some_and(|cut| cut.by_hand.is_some()), || format!("{key} loses by {link:?}"))?;
    }
    Ok(())
}

/// Runs a plan to its end and compares what is left with what the plan said.
pub(crate) fn run_whole(
    world: &World,
    plan: &Plan,
    mut cloud: Cloud,
    rng: &mut Rng,
) -> Result<Cloud, String> {
    let anyway = cloud.going_anyway();
    let mut progress = Progress::default();
    cloud.run(plan, &mut progress, rng, usize::MAX)?;
    let gone = |key: &Key| !cloud.standing.contains_key(key);
    for key in going(plan) {
        say(gone(&key), || format!("{key} was to go and stands when the plan is done"))?;
    }
    cloud.settle(rng);
    for (key, thing) in &world.things {
        let goes = plan.fates.get(key).is_some_and(|fate| !matches!(fate, Fate::Kept(_)));
        let stands = cloud.standing.get(key);
        say(goes || anyway.contains(key) || stands.is_some(), || format!("{key} was to stay and is gone"))?;
        if let Some(left) = stands {
            let far_gone = |l: &Link| world.things.contains_key(&l.to) && !cloud.standing.contains_key(&l.to);
            let whole = thing.links.iter().all(|link| left.links.contains(link) || far_gone(link));
            say(whole, || format!("{key} stays and was cut"))?;
        }
    }
    Ok(cloud)
}

pub(crate) fn a_strict_cloud_never_refuses_and_what_is_left_is_what_was_kept(
    world: &World,
    rng: &mut Rng,
) -> Result<(), String> {
    let plan = planned(world, &world.inventory());
    for _ in 0..2 {
        run_whole(world, &plan, cloud(world, rng), rng)?;
    }
    Ok(())
}

pub(crate) fn every_reason_for_keeping_is_true(world: &World, rng: &mut Rng) -> Result<(), String> {
    let hidden = if rng.chance(1, 2) { world.hide(rng, Hidden::default()) } else { Hidden::default() };
    let inventory = world.seen(&world.things, &hidden);
    truth::check(world, &inventory, &planned(world, &inventory))
}

pub(crate) fn what_was_not_seen_is_not_hurt(world: &World, rng: &mut Rng) -> Result<(), String> {
    let hidden = world.hide(rng, Hidden::default());
    let plan = planned(world, &world.seen(&world.things, &hidden));
    let why = |why| format!("{why}\nhidden: {hidden:?}");
    run_whole(world, &plan, cloud(world, rng), rng).map(|_| ()).map_err(why)
}

fn no_more(less: &Plan, more: &Plan) -> Result<(), String> {
    let subset = |a: BTreeSet<Key>, b: &BTreeSet<Key>| a.into_iter().find(|key| !b.contains(key));
    let added = subset(going(less), &going(more)).or_else(|| subset(deleted(less), &deleted(more)));
    say(added.is_none(), || format!("{} goes only because less is known or more is kept", added.unwrap()))?;
    let cut = cuts(less).into_iter().find(|cut| !cuts(more).contains(cut));
    say(cut.is_none(), || format!("{:?} is cut only because less is known or more is kept", cut))
}

pub(crate) fn more_gaps_never_mean_more_deletions(world: &World, rng: &mut Rng) -> Result<(), String> {
    let first = if rng.chance(1, 2) { world.hide(rng, Hidden::default()) } else { Hidden::default() };
    let second = world.hide(rng, first.clone());
    let more = planned(world, &world.seen(&world.things, &first));
    let less = planned(world, &world.seen(&world.things, &second));
    no_more(&less, &more).map_err(|why| format!("{why}\nfirst: {first:?}\nsecond: {second:?}"))
}

/// Whoever stays, for whatever reason, keeps what it works with and what was made for it.
pub(crate) fn staying_is_using(world: &World, rng: &mut Rng) -> Result<(), String> {
    let hidden = if rng.chance(1, 2) { world.hide(rng, Hidden::default()) } else { Hidden::default() };
    let inventory = world.seen(&world.things, &hidden);
    let plan = planned(world, &inventory);
    let deleted = deleted(&plan);
    let stays = |key: &Key| matches!(plan.fates.get(key), Some(Fate::Kept(_)));
    for (key, thing) in &inventory.resources {
        let rule =
            |link: &&Link| world.catalog.get(&key.kind).unwrap().rule(&link.how, &link.to.kind).is_some();
        for link in thing.links.iter().filter(rule).filter(|link| link.to != *key) {
            let lost = if truth::works_with(key.kind.as_str(), &link.how) && stays(key) {
                deleted.contains(&link.to)
            } else {
                truth::SERVING_ROLES.contains(&&*link.how) && stays(&link.to) && deleted.contains(key)
            };
            say(!lost, || format!("{key} {} {}, and one goes from the other", link.how, link.to))?;
        }
    }
    Ok(())
}

pub(crate) fn more_to_keep_never_means_more_deletions(world: &World, rng: &mut Rng) -> Result<(), String> {
    let more = planned(world, &world.inventory());
    let mut strict = world.clone();
    for judged in strict.verdicts.values_mut() {
        if rng.chance(1, 4) {
            judged.verdict = Verdict::Active;
        }
    }
    no_more(&planned(&strict, &strict.inventory()), &more)
}

/// Where things kept go away of themselves, a later plan may do more, and rightly.
fn still(world: &World, plan: &Plan, cloud: &Cloud) -> bool {
    let anyway = cloud.going_anyway();
    !world
        .things
        .keys()
        .any(|key| anyway.contains(key) && matches!(plan.fates.get(key), None | Some(Fate::Kept(_))))
}

/// Where an attachment of a thing in a circle ended because its far end went, the circle may open by itself.
fn opened(world: &World, plan: &Plan, after: &Cloud) -> bool {
    let lost = |key: &Key| after.standing.get(key).is_some_and(|left| left.links != world.things[key].links);
    plan.fates.iter().any(|(key, fate)| matches!(fate, Fate::Kept(Keep::Cycle { .. })) && lost(key))
}

pub(crate) fn a_run_cut_short_and_resumed_ends_where_a_whole_one_does(
    world: &World,
    rng: &mut Rng,
) -> Result<(), String> {
    let plan = planned(world, &world.inventory());
    let mut cloud = cloud(world, rng);
    let whole = run_whole(world, &plan, cloud.clone(), rng)?;
    let mut progress = Progress::default();
    let events = rng.below(12);
    cloud.run(&plan, &mut progress, rng, events)?;
    // A killed run knows what was done; what was under way it does again.
    let mut resumed = Progress { running: BTreeSet::new(), ..progress };
    cloud.run(&plan, &mut resumed, rng, usize::MAX)?;
    cloud.settle(rng);
    say(cloud.standing == whole.standing, || "a resumed run ends elsewhere".into())
}

pub(crate) fn a_run_cut_short_and_planned_anew_ends_where_a_whole_one_does(
    world: &World,
    rng: &mut Rng,
) -> Result<(), String> {
    let hidden = if rng.chance(1, 4) { world.hide(rng, Hidden::default()) } else { Hidden::default() };
    let plan = planned(world, &world.seen(&world.things, &hidden));
    let mut cloud = cloud(world, rng);
    if !still(world, &plan, &cloud) {
        return Ok(());
    }
    let whole = run_whole(world, &plan, cloud.clone(), rng)?;
    if opened(world, &plan, &whole) {
        return Ok(());
    }
    cloud.run(&plan, &mut Progress::default(), rng, rng_below(world.seed))?;
    // What goes along shows itself late: the plan after the next may still have something to do.
    for _ in 0..3 {
        let anew = planned(world, &world.seen(&cloud.snapshot(rng), &hidden));
        cloud
            .run(&anew, &mut Progress::default(), rng, usize::MAX)
            .map_err(|why| format!("planned anew: {why}"))?;
        cloud.settle(rng);
    }
    let left: Vec<&Key> = cloud.standing.keys().filter(|k| !whole.standing.contains_key(*k)).collect();
    let lost: Vec<&Key> = whole.standing.keys().filter(|k| !cloud.standing.contains_key(*k)).collect();
    say(cloud.standing == whole.standing, || {
        format!("planned anew it ends elsewhere: left {left:?}, lost {lost:?}")
    })
}

fn rng_below(seed: u64) -> usize {
    Rng::new(seed).below(14)
}

pub(crate) fn a_finished_plan_leaves_nothing_to_plan(world: &World, rng: &mut Rng) -> Result<(), String> {
    let plan = planned(world, &world.inventory());
    let cloud = cloud(world, rng);
    if !still(world, &plan, &cloud) {
        return Ok(());
    }
    let after = run_whole(world, &plan, cloud, rng)?;
    if opened(world, &plan, &after) {
        return Ok(());
    }
    let again = planned(world, &world.seen(&after.standing, &Hidden::default()));
    say(again.steps.is_empty(), || format!("there is more to do: {:?}", again.steps[0]))
}

pub(crate) fn the_same_inventory_in_any_order_gives_the_same_bytes(
    world: &World,
    rng: &mut Rng,
) -> Result<(), String> {
    let mut things: Vec<(&Key, &Resource)> = world.things.iter().collect();
    for i in (1..things.len()).rev() {
        things.swap(i, rng.below(i + 1));
    }
    let mut listed = world.inventory();
    listed.resources = BTreeMap::new();
    for (key, thing) in things {
        let mut again = Resource::new(key.clone());
        again.life = thing.life;
        again.guards = thing.guards.clone();
        thing.links.iter().rev().for_each(|link| {
            again.links.insert(link.clone());
        });
        listed.resources.insert(key.clone(), again);
    }
    let bytes = |plan: &Plan| serde_json::to_string(&plan.steps).unwrap() + &format!("{:?}", plan.fates);
    let one = bytes(&planned(world, &world.inventory()));
    say(one == bytes(&planned(world, &listed)), || "another order of listing, another plan".into())
}

/// The kind of a fate, without the names in it.
fn bare(fate: &Fate) -> u8 {
    match fate {
        Fate::Delete => 0,
        Fate::Carried(_) => 1,
        Fate::Leaving => 2,
        Fate::Kept(_) => 3,
    }
}

pub(crate) fn names_decide_nothing(world: &World, _: &mut Rng) -> Result<(), String> {
    let count = world.things.len();
    let places: BTreeMap<&Key, usize> = world.things.keys().enumerate().map(|(i, key)| (key, i)).collect();
    let rename = |key: &Key| match places.get(key) {
        Some(i) => Key::new(key.kind.clone(), key.region.clone(), format!("n{:02}", count - i)),
        None => key.clone(),
    };
    let mut other = world.clone();
    other.things.clear();
    for (key, thing) in &world.things {
        let mut thing = thing.clone();
        thing.key = rename(key);
        thing.links = thing.links.into_iter().map(|link| Link { to: rename(&link.to), ..link }).collect();
        other.verdicts.insert(thing.key.clone(), world.verdicts[key].clone());
        other.things.insert(thing.key.clone(), thing);
    }
    let one = planned(world, &world.inventory());
    let two = planned(&other, &other.inventory());
    for (key, fate) in &one.fates {
        say(bare(fate) == bare(&two.fates[&rename(key)]), || {
            format!("{key} has another fate by another name")
        })?;
    }
    say(one.steps.len() == two.steps.len(), || "other names, other steps".into())
}

/// What each step comes after, along all chains.
fn before(plan: &Plan) -> BTreeMap<StepId, BTreeSet<StepId>> {
    let mut before: BTreeMap<StepId, BTreeSet<StepId>> = BTreeMap::new();
    for step in &plan.steps {
        let mut all = BTreeSet::new();
        for after in &step.after {
            all.insert(after.step);
            all.extend(before[&after.step].iter().copied());
        }
        before.insert(step.id, all);
    }
    before
}

/// The steps after which a thing is surely gone.
fn gone_steps(plan: &Plan, world: &World, key: &Key) -> BTreeSet<StepId> {
    let own = plan.steps.iter().find(|s| s.resource == *key && !matches!(s.action, Action::Cut(_)));
    if let Some(step) = own {
        return BTreeSet::from([step.id]);
    }
    let thing = &world.things[key];
    let carriers = thing.links.iter().filter(|l| l.to != *key && goes_with(world.catalog, &key.kind, l));
    let known = carriers.filter(|l| world.things.contains_key(&l.to));
    known.flat_map(|l| gone_steps(plan, world, &l.to)).collect()
}

fn goes_with(catalog: Catalog, kind: &KindName, link: &Link) -> bool {
    let rule = catalog.get(kind).and_then(|spec| spec.rule(&link.how, &link.to.kind));
    rule.is_some_and(|rule| matches!(rule.near, Near::GoesWithTarget(_)))
}

pub(crate) fn preferences_are_kept_wherever_they_can_be(world: &World, _: &mut Rng) -> Result<(), String> {
    let plan = planned(world, &world.inventory());
    let before = before(&plan);
    for key in deleted(&plan) {
        let own = gone_steps(&plan, world, &key).into_iter().next().unwrap();
        for link in world.things[&key].links.iter().filter(|l| l.to != key) {
            let rule = world.catalog.get(&key.kind).unwrap().rule(&link.how, &link.to.kind);
            let prefers = rule.is_some_and(|r| r.near == Near::AfterIfGoes);
            if !prefers || !plan.fates.get(&link.to).is_some_and(|f| !matches!(f, Fate::Kept(_))) {
                continue;
            }
            let far = gone_steps(&plan, world, &link.to);
            let waits = far.iter().all(|step| before[&own].contains(step));
            // Else the far end must need this one gone, or one of its cuts made, or go along with it.
            let needed = far.iter().any(|step| *step == own || before[step].contains(&own));
            say(waits || needed, || format!("{key} could have gone after {}", link.to))?;
        }
    }
    Ok(())
}
