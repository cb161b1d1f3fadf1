//! What time does to a stack that was made: robots tag it, a destroy is killed half-way, somebody says that a thing
//! must stay; and what makes even an honest reader doubt.

use aws_janitor::kinds::CATALOG;
use aws_janitor::model::words::{fact, how};
use aws_janitor::model::{GuardRule, Key, KindSpec, Region, Scope, Tags};
use aws_janitor::policy::Policy;
use jiff::Timestamp;

use super::doubt::Doubt;
use super::hand::role;
use super::land::{ACCOUNT, AWAY, Draw, HOME, Land, Owner, ago, now};
use super::network;
use super::situation::Situation::{self, *};
use super::stack::{Stack, lone};
use super::world::Robot;
use crate::rng::Rng;

/// The kinds that GorillaStack's auto-tag writes onto.
const AUTO_TAGGED: [&str; 14] = [
    "elastic-ip",
    "network-interface",
    "internet-gateway",
    "nat-gateway",
    "network-acl",
    "route-table",
    "security-group",
    "subnet",
    "vpc",
    "vpc-peering-connection",
    "instance",
    "volume",
    "load-balancer",
    "iam-role",
];

/// An organisation's robot writes onto everything of a stack. What it writes does not tell whose a thing is.
pub(crate) fn robot(land: &mut Land, rng: &mut Rng, stack: &Stack, robot: Robot) {
    if robot == Robot::GuardDuty {
        network::guard_duty(land, stack.hand.owner, &stack.hand, &stack.net);
        return;
    }
    let keys: Vec<Key> =
        land.things.iter().filter(|it| it.1.owner == stack.hand.owner).map(|it| it.0.clone()).collect();
    let deployer = format!("arn:aws:sts::{ACCOUNT}:assumed-role/ci/deploy-17");
    for key in keys {
        let apart = match robot {
            // GorillaStack's covers no more than this of what is here.
            Robot::AutoTag => !AUTO_TAGGED.contains(&key.kind.as_str()),
            _ => ["eks-addon", "eks-nodegroup"].contains(&key.kind.as_str()),
        };
        if apart {
            continue;
        }
        let by_aws = land.things[&key].resource.links_as(how::MADE_BY).next().is_some();
        let minutes = i64::try_from(rng.below(500)).unwrap();
        land.alter(&key, |it| match robot {
            Robot::AutoTag => {
                let it = it.tag("AutoTag_CreateTime", &ago(3000 + minutes).to_string());
                let who = format!("arn:aws:sts::{ACCOUNT}:assumed-role/AWSServiceRoleForAmazonEKS/x");
                it.tag("AutoTag_Creator", if by_aws { &who } else { &deployer })
            }
            Robot::Custodian => it.tag("CreatedBy", &deployer),
            Robot::Migration => it.tag("map-migrated", &format!("mig{:05}", minutes)),
            Robot::GuardDuty => it,
        });
    }
    if robot == Robot::Custodian {
        land.policy.neutral_tags = vec!["CreatedBy".to_owned()];
    }
}

/// A destroy was killed half-way: some of what nothing else needs any more is gone.
pub(crate) fn kill(land: &mut Land, rng: &mut Rng, stack: &Stack) {
    for _ in 0..2 + rng.below(3) {
        // By whom ever, wherever he is.
        let all = land.things.values().chain(land.beyond.values());
        let needed: Vec<&Key> = all.flat_map(|it| it.resource.links.iter().map(|link| &link.to)).collect();
        let may_go = |key: &&Key| {
            // What AWS makes and takes away itself, nobody's destroy begins with.
            let made = land.things[*key].resource.links_as(how::MADE_BY).next().is_some();
            land.things[*key].owner == stack.hand.owner
                && !made
                && !needed.contains(key)
                && !land.kept.contains_key(*key)
        };
        let leaves: Vec<Key> = land.things.keys().filter(may_go).cloned().collect();
        for key in leaves {
            if rng.chance(1, 4) {
                remove(land, &key);
            }
        }
    }
}

/// A thing is gone, and what only it held is free.
fn remove(land: &mut Land, key: &Key) {
    land.things.remove(key);
    for thing in land.things.values_mut() {
        let free = ["elastic-ip", "route-table", "network-acl"].contains(&thing.resource.key.kind.as_str());
        thing.resource.links.retain(|link| link.to != *key || !free);
    }
}

/// Somebody says that a thing of the attempt must stay.
pub(crate) fn word(land: &mut Land, rng: &mut Rng, stack: &Stack, of: Situation) -> bool {
    let kinds: &[&str] = match of {
        ProtectedByTag => &["vpc", "nat-gateway", "iam-role", "security-group", "subnet", "eks-cluster"],
        WordsInATag => &["vpc", "elastic-ip", "iam-role", "security-group", "launch-template"],
        ProtectedByAws => &["eks-cluster", "load-balancer", "instance", "log-group"],
        _ => return false,
    };
    let of_kinds = |kind: &&str| land.of(stack.hand.owner, kind);
    let may: Vec<Key> = kinds.iter().flat_map(of_kinds).collect();
    let single = |key: &&Key| land.things[*key].resource.links_as(how::MADE_BY).next().is_none();
    let may: Vec<Key> = may.iter().filter(single).cloned().collect();
    if may.is_empty() {
        return false;
    }
    let key = rng.pick(&may).clone();
    match of {
        ProtectedByTag => {
            land.policy.protect.push("tag:keep".parse().unwrap());
            land.alter(&key, |it| it.tag("keep", "yes"));
            // Who protects a VPC or a subnet protects what lies in it.
            let lies = |it: &&super::land::Thing| {
                it.owner == stack.hand.owner && it.resource.links_as(how::WITHIN).any(|link| link.to == key)
            };
            let inside: Vec<Key> =
                land.things.values().filter(lies).map(|it| it.resource.key.clone()).collect();
            land.kept.extend(inside.into_iter().map(|key| (key, of)));
        }
        WordsInATag => {
            let (tag, value) =
                *rng.pick(&[("do-not-delete", "true"), ("Retain", "yes"), ("note", "please keep")]);
            land.alter(&key, |it| it.tag(tag, value));
        }
        _ => land.alter(&key, |it| it.guard(GuardRule::Protection, "deletion protection is on")),
    }
    land.kept.insert(key, of);
    true
}

/// Makes doubt. False where this world has nothing to doubt.
pub(crate) fn doubt(land: &mut Land, rng: &mut Rng, stack: &Stack, doubt: Doubt) -> bool {
    match doubt {
        Doubt::DeniedListing => {
            // Half of the time what is hidden hides somebody who lives.
            let lives = |spec: &&KindSpec| {
                let mut others = land.things.values().filter(|it| it.owner != stack.hand.owner);
                others.any(|it| it.resource.key.kind.as_str() == spec.name)
            };
            let living: Vec<&KindSpec> = CATALOG.iter().filter(lives).collect();
            let all: Vec<&KindSpec> = CATALOG.iter().collect();
            let any = living.is_empty() || rng.chance(1, 2);
            let spec = *rng.pick(if any { &all } else { &living });
            let region = match spec.scope {
                Scope::Global => Region::global(),
                Scope::Regional if rng.chance(1, 4) => Region::new(AWAY),
                Scope::Regional => Region::new(HOME),
            };
            land.hidden.insert((spec.kind(), region));
        }
        Doubt::NobodysTag => {
            let mut bare: Vec<Key> = land
                .things
                .values()
                .filter(|it| it.owner == stack.hand.owner && it.resource.tags.is_empty())
                .map(|it| it.resource.key.clone())
                .collect();
            bare.retain(|key| key.kind.as_str() != "iam-instance-profile");
            if bare.is_empty() {
                return false;
            }
            let (tag, value) =
                *rng.pick(&[("CostCenter", "4711"), ("AutoTag_Creator", "arn:aws:iam::1:user/x")]);
            let key = rng.pick(&bare).clone();
            land.alter(&key, |it| it.tag(tag, value));
        }
        Doubt::FreshTrace => {
            let used = Some((ago(180), HOME));
            stack
                .hand
                .put(land, role(&stack.hand, "hook", "lambda.amazonaws.com,scheduler.amazonaws.com", used));
        }
        Doubt::Undated => land.policy.older_than = Some("2h".parse().unwrap()),
        Doubt::WithoutClaim => {
            let node = lone(land, &stack.hand, (&stack.net, &stack.net.private[0], &stack.net.group), true);
            land.alter(&node, |it| it.tag("aws:autoscaling:groupName", "workers"));
            let it = land.get(&node).clone();
            *land.get(&node) = it.guard(GuardRule::UnknownMaker, "the Auto Scaling group workers keeps it");
        }
        Doubt::BeingMade => {
            let nats = land.of(stack.hand.owner, "nat-gateway");
            let Some(nat) = nats.first() else { return false };
            let at = if rng.chance(1, 2) { ago(3) } else { now() + jiff::SignedDuration::from_mins(7) };
            land.alter(nat, |it| it.born(at));
        }
        Doubt::StrangerInVpc
        | Doubt::Namesake
        | Doubt::BorneByOthers
        | Doubt::TwinElsewhere
        | Doubt::StateUnread => return false,
    }
    land.doubts.insert(doubt);
    true
}

/// An owner's stack is of those that expire, and CloudTrail dates what AWS does not.
pub(crate) fn expiring(land: &mut Land, owner: Owner, key: &Tags, born: Timestamp) {
    if land.policy.expired.is_empty() {
        let text = "expired = [{ select = 'tag:purpose=ci-test', after = '24h' }]";
        land.policy.expired = Policy::from_toml(text).unwrap().expired;
    }
    let bears = |tags: &Tags| key.iter().all(|(name, value)| tags.get(name) == Some(value));
    for thing in land.things.values_mut().filter(|it| it.owner == owner) {
        let mut it = thing.resource.clone();
        if bears(&it.tags) {
            it = it.tag("purpose", "ci-test");
        }
        if it.created.is_none() {
            it = it.fact(fact::MADE_AT, born);
        }
        thing.resource = it;
    }
}

/// CloudTrail dates what AWS does not: with `--older-than` all of the attempt is of proven age.
pub(crate) fn dated(land: &mut Land, stack: &Stack) {
    land.policy.older_than = Some("2h".parse().unwrap());
    for thing in land.things.values_mut().filter(|it| it.owner == stack.hand.owner) {
        let it = thing.resource.clone();
        if it.created.is_none() {
            thing.resource = it.fact(fact::MADE_AT, stack.hand.born);
        }
    }
}
