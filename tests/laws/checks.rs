//! Laws of the checker, of the saved file and of narrowing.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_janitor::model::{Key, Life, Verdict};
use aws_janitor::plan::check::check;
use aws_janitor::plan::file::{PlanFile, Sources};
use aws_janitor::plan::narrow::narrow;
use aws_janitor::plan::{Action, Fate, Plan, StepId};
use aws_janitor::policy::Policy;

use crate::rng::Rng;
use crate::world::{Cloud, Goes, Progress};
use crate::worlds::{Hidden, World};
use crate::{cuts, deleted, going, planned};

pub(crate) fn saved(world: &World, hidden: &Hidden) -> (Plan, PlanFile) {
    let inventory = world.seen(&world.things, hidden);
    let plan = planned(world, &inventory);
    let policy = Policy { with_data: world.with_data.clone(), ..Policy::default() };
    let file = PlanFile::new(Sources {
        plan: &plan,
        inventory: &inventory,
        verdicts: &world.verdicts,
        policy: &policy,
        catalog: world.catalog,
        tool_version: "0",
        now: inventory.taken,
        valid_for: Duration::from_secs(60),
        saved: None,
    });
    (plan, file.unwrap())
}

pub(crate) fn the_checker_passes_every_plan(world: &World, rng: &mut Rng) -> Result<(), String> {
    let hidden = if rng.chance(1, 3) { world.hide(rng, Hidden::default()) } else { Hidden::default() };
    let plan = planned(world, &world.seen(&world.things, &hidden));
    check(&plan, world.catalog, Some(&world.verdicts))
        .map_err(|faults| format!("{faults:?}\nhidden: {hidden:?}"))
}

/// What the checker passes after a plan was tampered with must still be a plan that the strict cloud carries out.
pub(crate) fn what_the_checker_passes_the_strict_cloud_carries_out(
    world: &World,
    rng: &mut Rng,
) -> Result<(), String> {
    let mut plan = planned(world, &world.inventory());
    if plan.steps.is_empty() {
        return Ok(());
    }
    let at = rng.below(plan.steps.len());
    let sure = match rng.below(6) {
        0 => {
            let after = &mut plan.steps[at].after;
            if after.is_empty() {
                return Ok(());
            }
            let lost = rng.below(after.len());
            after.remove(lost);
            false
        }
        1 => {
            plan.steps[at].after.clear();
            false
        }
        2 => {
            let other = rng.below(plan.steps.len());
            plan.steps.swap(at, other);
            at != other
        }
        3 => {
            plan.steps[at].api = Some("x:Other".into());
            true
        }
        4 => {
            let mut again = plan.steps[at].clone();
            again.id = StepId(plan.steps.len() as u32 + 1);
            plan.steps.push(again);
            true
        }
        _ => {
            let Some((key, _)) = plan.fates.iter().find(|(_, fate)| matches!(fate, Fate::Kept(_))) else {
                return Ok(());
            };
            plan.steps[at].resource = key.clone();
            true
        }
    };
    if check(&plan, world.catalog, Some(&world.verdicts)).is_err() {
        return Ok(());
    }
    if sure {
        return Err("the checker passes a plan that was tampered with".into());
    }
    for _ in 0..4 {
        let mut cloud = Cloud::new(world, if rng.chance(1, 2) { Goes::WithAny } else { Goes::WithAll });
        cloud.run(&plan, &mut Progress::default(), rng, usize::MAX)?;
    }
    Ok(())
}

pub(crate) fn a_saved_plan_reads_back_the_same(world: &World, _: &mut Rng) -> Result<(), String> {
    // Hashing is slow without optimization, and this law has few ways to break.
    if !world.seed.is_multiple_of(8) {
        return Ok(());
    }
    let (plan, file) = saved(world, &Hidden::default());
    let text = serde_json::to_string_pretty(&file).map_err(|e| e.to_string())?;
    let back = PlanFile::read(&text).map_err(|e| e.to_string())?;
    if back != file || back.plan() != plan {
        return Err("it reads back otherwise".into());
    }
    for line in &back.blocked {
        if line.why.is_empty() || line.why.contains("does not stay") {
            return Err(format!("{} is blocked for no reason: {}", line.id, line.why));
        }
    }
    Ok(())
}

/// The account goes on living between planning and applying.
fn live_on(world: &World, rng: &mut Rng) -> World {
    let mut later = world.clone();
    let keys: Vec<Key> = later.things.keys().cloned().collect();
    for key in &keys {
        let thing = later.things.get_mut(key).unwrap();
        match rng.below(16) {
            0 => {
                thing.tags.insert("used".into(), "yes".into());
            }
            1 => thing.life = if rng.chance(1, 2) { Life::Leaving } else { Life::Standing },
            2 => thing.links.clear(),
            3 => {
                later.verdicts.get_mut(key).unwrap().verdict = *rng.pick(&[Verdict::Active, Verdict::Orphan]);
            }
            4 => thing.guards.clear(),
            5 => {
                later.things.remove(key);
            }
            6 | 7 => {
                if let Some(link) = thing.links.pop_first() {
                    // Half of the time it is seen with another end: a new link.
                    if rng.chance(1, 2) {
                        let same = keys
                            .iter()
                            .find(|k| k.kind == link.to.kind && k.region == link.to.region && **k != link.to);
                        let to = same.cloned().unwrap_or(link.to.clone());
                        thing.links.insert(aws_janitor::model::Link { to, ..link });
                    }
                }
            }
            8 => {
                let mut new = thing.clone();
                new.key.id = format!("{}-new", key.id).into();
                later.verdicts.insert(new.key.clone(), later.verdicts[key].clone());
                later.things.insert(new.key.clone(), new);
            }
            _ => {}
        }
    }
    later
}

pub(crate) fn narrowing_never_adds(world: &World, rng: &mut Rng) -> Result<(), String> {
    let hidden = if rng.chance(1, 3) { world.hide(rng, Hidden::default()) } else { Hidden::default() };
    let (plan, file) = saved(world, &hidden);
    let later = live_on(world, rng);
    let hidden = if rng.chance(1, 3) { later.hide(rng, hidden) } else { hidden };
    let fresh = later.seen(&later.things, &hidden);
    let narrowed = narrow(&file, &fresh, &later.verdicts, later.catalog);
    let new = deleted(&narrowed.plan).difference(&deleted(&plan)).next().cloned();
    // What is new may go along with something that goes, as AWS takes it along; no step is about it.
    let along = |key: &Key| {
        !plan.fates.contains_key(key)
            && matches!(narrowed.plan.fates.get(key), Some(Fate::Carried(_) | Fate::Leaving))
    };
    let new =
        new.or_else(|| going(&narrowed.plan).difference(&going(&plan)).find(|key| !along(key)).cloned());
    if let Some(key) =
        new.or_else(|| cuts(&narrowed.plan).difference(&cuts(&plan)).next().map(|(k, _)| k.clone()))
    {
        return Err(format!("{key} is added\nlater: {later}"));
    }
    check(&narrowed.plan, later.catalog, Some(&later.verdicts))
        .map_err(|f| format!("{f:?}\nlater: {later}"))?;
    // Every call of the saved plan is still made, or left out with its reason, or about what is gone.
    let told: BTreeSet<StepId> = narrowed.left_out.iter().map(|l| l.step).collect();
    for step in plan.steps.iter().filter(|s| s.action == Action::Delete && !told.contains(&s.id)) {
        let gone = !fresh.resources.contains_key(&step.resource);
        if !gone && !deleted(&narrowed.plan).contains(&step.resource) {
            return Err(format!("step {} vanished without a word\nlater: {later}", step.id.0));
        }
    }
    let mut cloud = Cloud::new(&later, Goes::WithAll);
    cloud.doom(&narrowed.plan);
    cloud
        .run(&narrowed.plan, &mut Progress::default(), rng, usize::MAX)
        .map_err(|w| format!("{w}\nlater: {later}"))
}

pub(crate) fn narrowing_to_what_did_not_change_changes_nothing(
    world: &World,
    _: &mut Rng,
) -> Result<(), String> {
    let (plan, file) = saved(world, &Hidden::default());
    let narrowed = narrow(&file, &world.inventory(), &world.verdicts, world.catalog);
    let same = narrowed.plan.steps == plan.steps && narrowed.left_out.is_empty() && narrowed.gone.is_empty();
    if same { Ok(()) } else { Err(format!("another plan: {:?}", narrowed.plan.steps)) }
}
