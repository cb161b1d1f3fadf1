//! Judging anew at every point of a run: while the world stands still, all goes on; when it moves, what moved stays.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Anew, Question, Ruling, Rulings, judged};
use crate::inventory::testing::{KINDS, World, at, key};
use crate::inventory::{Gap, Inventory, complete};
use crate::judge::judge;
use crate::kinds::CATALOG;
use crate::model::words::{fact, how};
use crate::model::{Key, KindName, Life, Link, Resource};
use crate::plan::file::{PlanFile, Sources};
use crate::plan::undo::{Touch, Touched};
use crate::plan::{Action, Fate, StepId, planner};
use crate::policy::{Policy, Selector};

const NOW: &str = "2026-11-21T12:00:00Z";
const BEFORE: &str = "2026-11-19T12:00:00Z";

/// A failed attempt, of which only some is tagged.
fn attempt() -> World {
    let mut world = World::new();
    let tagged = [
        ("vpc", "vpc-1"),
        ("nat-gateway", "nat-1"),
        ("eks-cluster", "demo"),
        ("iam-role", "demo-role"),
        ("iam-role", "demo-nodes"),
    ];
    for (kind, id) in tagged {
        world.add(kind, id).tag(kind, id, "Project", "demo").tag(kind, id, "EnvironmentSuffix", "a1");
    }
    world.add("subnet", "subnet-1").link("subnet", "subnet-1", how::WITHIN, "vpc", "vpc-1");
    world.add("internet-gateway", "igw-1").link("internet-gateway", "igw-1", how::ATTACHED, "vpc", "vpc-1");
    world.link("nat-gateway", "nat-1", how::WITHIN, "subnet", "subnet-1");
    world.add("elastic-ip", "eip-1").link("nat-gateway", "nat-1", how::USES, "elastic-ip", "eip-1");
    world.add("network-interface", "eni-1");
    world.link("network-interface", "eni-1", how::WITHIN, "subnet", "subnet-1");
    world.link("network-interface", "eni-1", how::MADE_BY, "nat-gateway", "nat-1");
    world.link("eks-cluster", "demo", how::WITHIN, "vpc", "vpc-1");
    world.link("eks-cluster", "demo", how::USES, "iam-role", "demo-role");
    world.fact("eks-cluster", "demo", fact::ISSUER, "https://oidc.eks.us-east-1.amazonaws.com/id/A");
    world.add("eks-nodegroup", "demo/ng");
    world.link("eks-nodegroup", "demo/ng", how::OF_CLUSTER, "eks-cluster", "demo");
    world.link("eks-nodegroup", "demo/ng", how::USES, "iam-role", "demo-nodes");
    world.link("eks-nodegroup", "demo/ng", how::USES, "subnet", "subnet-1");
    world.add("instance", "i-1").link("instance", "i-1", how::WITHIN, "subnet", "subnet-1");
    world.link("instance", "i-1", how::MADE_BY, "eks-nodegroup", "demo/ng");
    world.add("security-group", "sg-1").link("security-group", "sg-1", how::WITHIN, "vpc", "vpc-1");
    world.tag("security-group", "sg-1", "kubernetes.io/cluster/demo", "owned");
    world.add("iam-oidc-provider", "arn:oidc");
    world.fact("iam-oidc-provider", "arn:oidc", fact::ISSUER, "oidc.eks.us-east-1.amazonaws.com/id/A");
    world.add("iam-instance-profile", "demo-profile");
    world.link("iam-instance-profile", "demo-profile", how::CONTAINS, "iam-role", "demo-nodes");
    for resource in world.inventory.resources.values_mut() {
        resource.created = Some(at(BEFORE));
    }
    world
}

fn selector() -> Selector {
    let select = vec!["tag:Project=demo,tag:EnvironmentSuffix=a1".parse().unwrap()];
    let protect = vec!["tag:keep".parse().unwrap()];
    Selector::new(&Policy { select, protect, ..Policy::default() }, &KINDS).unwrap()
}

fn completed(inventory: &Inventory) -> Inventory {
    let mut inventory = inventory.clone();
    complete(&mut inventory);
    inventory
}

fn plan_of(world: &World) -> PlanFile {
    let inventory = completed(&world.inventory);
    let verdicts = judge(&inventory, &selector(), at(NOW)).verdicts;
    let plan = planner::plan(&inventory, CATALOG, &verdicts, &BTreeSet::new());
    let kept: Vec<_> = plan.fates.iter().filter(|(_, fate)| matches!(fate, Fate::Kept(_))).collect();
    assert!(kept.is_empty(), "all of the attempt goes: {kept:?}");
    PlanFile::new(Sources {
        plan: &plan,
        inventory: &inventory,
        verdicts: &verdicts,
        policy: &Policy::default(),
        catalog: CATALOG,
        tool_version: "0",
        now: at(NOW),
        valid_for: Duration::from_secs(3600),
        saved: None,
    })
    .unwrap()
}

/// A run that has carried out the first so many steps of the plan.
struct Run {
    file: PlanFile,
    touched: Touched,
    world: World,
}

impl Run {
    fn after(steps: usize) -> Self {
        let world = attempt();
        let mut run = Self { file: plan_of(&world), touched: Touched::new(), world };
        for at in 0..steps.min(run.file.steps.len()) {
            run.carry_out(at);
        }
        run
    }

    fn all_steps() -> usize {
        plan_of(&attempt()).steps.len()
    }

    /// Until this is gone.
    fn until_gone(kind: &str, id: &str) -> Self {
        let file = plan_of(&attempt());
        let gone = |step: &crate::plan::Step| step.resource == key(kind, id) && step.action == Action::Delete;
        Self::after(file.steps.iter().position(gone).unwrap() + 1)
    }

    fn carry_out(&mut self, at: usize) {
        let step = self.file.steps[at].clone();
        self.touched.insert(step.id, Touch::Done);
        let rows = &mut self.world.inventory.resources;
        match &step.action {
            Action::Cut(link) => drop(rows.get_mut(&step.resource).unwrap().links.remove(link)),
            Action::Await => {}
            Action::Delete => {
                rows.remove(&step.resource);
                let goes = |key: &Key| {
                    let fate = self.file.fates.iter().find(|line| line.resource == *key).map(|it| &it.fate);
                    matches!(fate, Some(Fate::Carried(carrier)) if *carrier == step.resource)
                };
                rows.retain(|key, _| !goes(key));
            }
        }
    }

    fn ask<T>(&self, answer: impl Fn(&Anew, Question<'_>) -> T) -> T {
        let fresh = completed(&self.world.inventory);
        let (touched, selector) = (&self.touched, &selector());
        let question = Question {
            file: &self.file,
            touched,
            fresh: &fresh,
            selector,
            now: at("2026-11-21T12:10:00Z"),
            catalog: CATALOG,
        };
        answer(&judged(question), question)
    }

    fn rulings(&self) -> Rulings {
        let left = self.file.steps.iter().map(|step| step.id).filter(|id| !self.touched.contains_key(id));
        let left: BTreeSet<StepId> = left.collect();
        self.ask(|anew, question| anew.rulings(question, &left))
    }

    /// The resources whose step does not hold any more, with the reason.
    fn out(&self) -> Vec<String> {
        let line = |(id, ruling): (StepId, Ruling)| {
            let step = self.file.steps.iter().find(|step| step.id == id).unwrap();
            match ruling {
                Ruling::Go => None,
                Ruling::Out(why) => Some(format!("{}: {why}", step.resource.id)),
                Ruling::Unseen(why) => Some(format!("{} unseen: {why}", step.resource.id)),
            }
        };
        self.rulings().into_iter().filter_map(line).collect()
    }

    #[track_caller]
    fn check_out(&self, ids: &[&str]) -> String {
        let out = self.out();
        for id in ids {
            let is_told = out.iter().any(|line| line.starts_with(&format!("{id}: ")));
            assert!(is_told, "{id} goes on: {out:#?}");
        }
        out.join("\n")
    }

    #[track_caller]
    fn check_goes_on(&self, ids: &[&str]) {
        let out = self.out();
        for id in ids {
            assert!(!out.iter().any(|line| line.starts_with(id)), "{id} is left: {out:#?}");
        }
    }
}

/// A living cluster of another stack on these roles, in a network of its own.
fn blue(world: &mut World, kind: &str, id: &str) {
    world.add("vpc", "vpc-9").tag("vpc", "vpc-9", "Project", "blue");
    world.add(kind, id).tag(kind, id, "Project", "blue").link(kind, id, how::WITHIN, "vpc", "vpc-9");
}

#[test]
fn while_the_world_stands_still_every_step_holds_to_the_last() {
    for steps in 0..=Run::all_steps() {
        let run = Run::after(steps);
        assert_eq!(run.out(), [""; 0], "after {steps} steps of {:#?}", run.file.steps);
    }
}

#[test]
fn what_is_under_way_makes_nobody_of_the_rest_active() {
    for steps in 0..Run::all_steps() {
        let mut run = Run::after(steps);
        let step = run.file.steps[steps].clone();
        if step.action != Action::Delete {
            continue;
        }
        for (touch, life) in [(Touch::UnderWay, Life::Leaving), (Touch::Called, Life::Standing)] {
            run.touched.insert(step.id, touch);
            let row = run.world.inventory.resources.get_mut(&step.resource).unwrap();
            row.life = life;
            // What is going loses its links before it is gone.
            row.links.clear();
            assert_eq!(run.out(), [""; 0], "while {} is {touch:?}", step.resource);
        }
    }
}

#[test]
fn a_protected_network_is_not_touched_any_more_and_the_rest_goes() {
    let mut run = Run::until_gone("eks-cluster", "demo");
    run.world.tag("vpc", "vpc-1", "keep", "me");
    let told = run.check_out(&["vpc-1", "subnet-1", "igw-1", "sg-1"]);
    assert!(told.contains("tag keep=me matches --protect tag:keep"), "{told}");
    run.check_goes_on(&["demo-profile", "demo-role", "demo-nodes"]);
    // What works in it stays, and so does what that works with.
    let mut run = Run::after(0);
    run.world.tag("vpc", "vpc-1", "keep", "me");
    run.check_out(&["vpc-1", "demo", "demo/ng", "demo-role", "demo-profile", "arn:oidc"]);
}

#[test]
fn a_role_that_another_stacks_new_cluster_took_stays() {
    let mut run = Run::until_gone("eks-cluster", "demo");
    blue(&mut run.world, "eks-cluster", "blue");
    run.world.link("eks-cluster", "blue", how::USES, "iam-role", "demo-role");
    let told = run.check_out(&["demo-role"]);
    assert!(told.contains("blue"), "{told}");
    run.check_goes_on(&["nat-1", "demo-profile", "vpc-1"]);
}

#[test]
fn a_living_instance_that_starts_with_the_profile_keeps_profile_and_role() {
    let mut run = Run::after(0);
    blue(&mut run.world, "instance", "i-9");
    run.world.link("instance", "i-9", how::USES, "iam-instance-profile", "demo-profile");
    run.check_out(&["demo-profile", "demo-nodes"]);
    run.check_goes_on(&["nat-1", "vpc-1", "demo-role"]);
}

#[test]
fn a_route_of_a_stranger_through_the_gateway_keeps_it() {
    let mut run = Run::after(0);
    blue(&mut run.world, "route-table", "rtb-9");
    run.world.link("route-table", "rtb-9", how::ROUTES_THROUGH, "nat-gateway", "nat-1");
    run.check_out(&["nat-1", "vpc-1"]);
}

#[test]
fn a_redeploy_under_the_same_names_is_not_what_was_condemned() {
    for tagged in ["a1", "a2", ""] {
        let mut run = Run::until_gone("eks-cluster", "demo");
        let world = &mut run.world;
        world.add("eks-cluster", "demo").born("eks-cluster", "demo", "2026-11-21T12:05:00Z");
        world.add("eks-nodegroup", "demo/ng").born("eks-nodegroup", "demo/ng", "2026-11-21T12:05:00Z");
        for (kind, id) in [("eks-cluster", "demo"), ("eks-nodegroup", "demo/ng")] {
            if !tagged.is_empty() {
                world.tag(kind, id, "Project", "demo").tag(kind, id, "EnvironmentSuffix", tagged);
            }
        }
        world.link("eks-nodegroup", "demo/ng", how::OF_CLUSTER, "eks-cluster", "demo");
        world.link("eks-cluster", "demo", how::USES, "iam-role", "demo-role");
        world.link("eks-nodegroup", "demo/ng", how::USES, "iam-role", "demo-nodes");
        world.link("eks-cluster", "demo", how::WITHIN, "vpc", "vpc-1");
        run.check_out(&["demo-role", "demo-nodes", "vpc-1", "subnet-1", "nat-1", "sg-1"]);
    }
}

#[test]
fn what_turned_up_in_the_network_keeps_it_whole_whatever_tags_it_wears() {
    let mut run = Run::after(1);
    run.world.add("load-balancer", "lb-9").link("load-balancer", "lb-9", how::WITHIN, "vpc", "vpc-1");
    run.world.tag("load-balancer", "lb-9", "Project", "demo").tag(
        "load-balancer",
        "lb-9",
        "EnvironmentSuffix",
        "a1",
    );
    let told = run.check_out(&["vpc-1", "subnet-1", "nat-1", "igw-1"]);
    assert!(told.contains("lb-9"), "{told}");
}

#[test]
fn what_aws_makes_beside_the_plans_own_things_follows_them() {
    let mut run = Run::after(0);
    run.world.add("network-interface", "eni-9");
    run.world.link("network-interface", "eni-9", how::WITHIN, "subnet", "subnet-1");
    run.world.link("network-interface", "eni-9", how::MADE_BY, "instance", "i-1");
    assert_eq!(run.out(), [""; 0]);
    // A disk is data, and nobody said that it may go along.
    run.world.add("volume", "vol-9").link("volume", "vol-9", how::MADE_BY, "instance", "i-1");
    run.check_out(&["demo/ng", "demo-nodes"]);
}

#[test]
fn a_tag_of_somebody_else_keeps_what_wears_it() {
    let mut run = Run::after(0);
    run.world.tag("iam-role", "demo-role", "team", "blue");
    let told = run.check_out(&["demo-role"]);
    assert!(told.contains("team"), "{told}");
}

#[test]
fn a_gap_keeps_for_the_time_being_and_a_claim_for_good() {
    for kind in KINDS.iter() {
        let mut run = Run::after(0);
        let place = key(kind, "any").region;
        run.world.inventory.resources.retain(|key, _| key.kind.as_str() != *kind);
        run.world.inventory.gaps.insert(Gap::new(KindName::of(kind), place, "slow"));
        let rulings = run.rulings();
        assert!(!rulings.values().any(|it| matches!(it, Ruling::Out(_))), "{kind}: {rulings:?}");
        // What could not be read can be worked with, and what worked with it held it.
        let own = run.file.steps.iter().filter(|step| step.resource.kind.as_str() == *kind);
        for step in own.filter(|step| step.action != Action::Await) {
            assert!(
                matches!(rulings[&step.id], Ruling::Unseen(_)),
                "{}: {:?}",
                step.resource,
                rulings[&step.id]
            );
        }
        run.world.tag_if_there("vpc", "vpc-1", "keep");
        if *kind != "vpc" {
            let vpc = run.file.steps.iter().find(|step| step.resource == key("vpc", "vpc-1")).unwrap();
            assert!(matches!(run.rulings()[&vpc.id], Ruling::Out(_)), "{kind}");
        }
    }
}

#[test]
fn who_could_not_be_looked_for_beyond_the_regions_keeps_a_role_for_the_time_being() {
    let mut run = Run::after(0);
    let (kind, far) = (KindName::of("eks-cluster"), crate::model::Region::new("eu-west-1"));
    let elsewhere = &mut run.world.inventory.elsewhere;
    elsewhere.regions.insert(far.clone());
    elsewhere.enabled.get_or_insert_default().insert(far.clone());
    elsewhere.gaps.insert(Gap::new(kind, far, "slow"));
    let rulings = run.rulings();
    let of = |id: &str| {
        let deletes = |step: &&crate::plan::Step| step.resource.id == id && step.action == Action::Delete;
        &rulings[&run.file.steps.iter().find(deletes).unwrap().id]
    };
    assert!(matches!(of("demo-nodes"), Ruling::Unseen(_)), "{:?}", of("demo-nodes"));
    assert_eq!(of("vpc-1"), &Ruling::Go);
}

impl World {
    fn tag_if_there(&mut self, kind: &str, id: &str, name: &str) {
        if let Some(row) = self.inventory.resources.get_mut(&key(kind, id)) {
            row.tags.insert(name.to_owned(), "yes".to_owned());
        }
    }
}

#[test]
fn a_cut_is_made_only_for_what_still_goes() {
    let run = Run::after(0);
    let cut = run.file.steps.iter().find(|step| matches!(step.action, Action::Cut(_))).unwrap().clone();
    assert_eq!(run.rulings()[&cut.id], Ruling::Go);
    let mut kept = Run::after(0);
    kept.world.tag("vpc", "vpc-1", "keep", "me");
    assert!(matches!(kept.rulings()[&cut.id], Ruling::Out(_)), "{:?}", kept.rulings()[&cut.id]);
}

#[test]
fn nothing_new_is_ever_added() {
    let mut run = Run::after(0);
    let mut other = Resource::new(key("elastic-ip", "eip-2"));
    other.tags = run.world.get("vpc", "vpc-1").tags.clone();
    other.links.extend([Link::new(how::ATTACHED, key("instance", "i-1"))]);
    run.world.inventory.resources.insert(other.key.clone(), other);
    let added = run.ask(|anew, _| {
        anew.narrowed
            .plan
            .steps
            .iter()
            .any(|step| step.resource.id == "eip-2" && step.action != Action::Await)
    });
    assert!(!added);
}
