//! CloudFormation's records in a land: the attempt's stack as its record has it, standing, failed or gone, and stacks of
//! others beside it.

use std::collections::BTreeSet;

use aws_janitor::kinds::{Member, record};
use aws_janitor::model::words::{fact, how};
use aws_janitor::model::{Key, KindName, Life, Region, Resource, Tags};

use super::doubt::Doubt;
use super::hand::{Hand, role};
use super::land::{ACCOUNT, AWAY, Draw, HOME, Land, Owner, ago};
use super::network;
use super::situation::Situation::{self, *};
use super::stack::Stack;
use super::states::deployed;
use super::strangers::others;
use super::write::cloudformation;
use crate::rng::Rng;

const KIND: &str = "cloudformation-stack";

/// The kinds onto which CloudFormation writes none of its tags.
const UNTAGGED: [&str; 10] = [
    "iam-role",
    "iam-policy",
    "iam-instance-profile",
    "iam-oidc-provider",
    "launch-template",
    "load-balancer",
    "target-group",
    "eks-addon",
    "eks-fargate-profile",
    "volume",
];

const FAILED: [&str; 3] = ["CREATE_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED"];
const STANDS: [&str; 5] = [
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_FAILED",
    "UPDATE_FAILED",
];
const AT_WORK: [&str; 3] = ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"];

/// Whether the stack of a situation failed, so that it goes with all its members.
pub(super) fn failed(of: Situation) -> bool {
    matches!(
        of,
        RecordFailed
            | RecordFailedBare
            | RecordNested
            | RecordNamesElsewhere
            | RecordExported
            | RecordOfAnother
    )
}

/// Writes the record of an attempt, of which `made` was made, and some of it gone since.
#[expect(clippy::too_many_lines, reason = "one record after the other")]
pub(crate) fn records(land: &mut Land, rng: &mut Rng, stack: &Stack, of: Situation, made: &[Key]) {
    let hand = &stack.hand;
    let mine: Vec<Key> = deployed(land, hand.owner);
    let state = match of {
        _ if failed(of) => *rng.pick(&FAILED),
        RecordAtWork => *rng.pick(&AT_WORK),
        _ => rng.pick(&STANDS),
    };
    // Its own tags CloudFormation writes onto every member that takes any, the cluster among them.
    for thing in land.things.values_mut().filter(|it| it.owner == hand.owner) {
        if thing.resource.key.kind.as_str() == "eks-cluster" {
            thing.resource.tags.extend(hand.key.clone());
        }
    }
    if of == RecordFailedBare {
        for thing in land.things.values_mut().filter(|it| it.owner == hand.owner) {
            thing.resource.tags.retain(|key, _| !hand.key.contains_key(key));
        }
    }
    // A log that nobody asked to be deleted keeps its stack: of one that is to go it is left out, and stays by itself.
    let asked = ["ROLLBACK_FAILED", "DELETE_FAILED"].contains(&state);
    let stays = matches!(of, RecordStands | RecordAtWork | RecordUnread);
    let takes = |key: &&Key| key.kind.as_str() != "log-group" || asked || stays;
    let members: Vec<Key> = mine.iter().filter(takes).cloned().collect();
    let gone: Vec<Key> = made.iter().filter(|key| !land.things.contains_key(*key)).cloned().collect();
    let arn = arn(land, &hand.label);
    if of == RecordGone {
        members.iter().for_each(|key| mark(land, key, &arn));
        land.gone.insert(Key::new(KindName::of(KIND), Region::new(HOME), arn));
        return;
    }
    let mut rows: Vec<Member> = Vec::new();
    let (outer, inner) = members.split_at(if of == RecordNested { members.len() / 2 } else { members.len() });
    for key in outer {
        // What others of the stack need is deleted after them.
        let needed =
            members.iter().any(|other| land.things[other].resource.links.iter().any(|link| link.to == *key));
        let stuck = state == "DELETE_FAILED" && !needed && rng.chance(1, 4);
        let row = row(land, key, if stuck { "DELETE_FAILED" } else { "CREATE_COMPLETE" });
        rows.push(row);
        mark(land, key, &arn);
    }
    for key in &gone {
        // What somebody removed by hand the record still has.
        let by_hand = rng.chance(1, 4) && key.kind.as_str() != "log-group";
        let status = if by_hand { "CREATE_COMPLETE" } else { "DELETE_COMPLETE" };
        let kind = cloudformation(key.kind.as_str()).unwrap();
        rows.push(Member { type_name: kind.to_owned(), id: key.id.to_string(), status: status.to_owned() });
    }
    let cluster = cloudformation("eks-cluster").unwrap();
    if rows.iter().all(|row| row.type_name != cluster) {
        rows.push(Member {
            type_name: cluster.into(),
            id: hand.cluster.clone(),
            status: "DELETE_COMPLETE".into(),
        });
    }
    rows.push(Member {
        type_name: "AWS::EC2::Route".into(),
        id: "shop-r-1".into(),
        status: "CREATE_COMPLETE".into(),
    });
    let mut taken: BTreeSet<Key> = outer.iter().cloned().collect();
    if !inner.is_empty() {
        taken.insert(nested(land, hand, inner, &arn, &mut rows));
    }
    if of == RecordNamesElsewhere {
        names_elsewhere(land, rng, hand, of, &mut rows);
    }
    let key = write(land, hand, &arn, state, &rows, taken);
    beside(land, rng, stack, &key, of);
}

/// What becomes of the stack, and what stands beside it.
fn beside(land: &mut Land, rng: &mut Rng, stack: &Stack, key: &Key, of: Situation) {
    let keep_all = |land: &mut Land| {
        let own = land.things.iter().filter(|(_, it)| it.owner == stack.hand.owner);
        let own: Vec<Key> = own.map(|(key, _)| key.clone()).collect();
        land.kept.extend(own.into_iter().map(|key| (key, of)));
    };
    match of {
        // What a cluster left that is gone is no member, and nobody's.
        RecordStands => {
            let members = land.records[key].clone();
            land.kept.extend(members.into_iter().chain([key.clone()]).map(|key| (key, of)));
        }
        RecordAtWork => {
            keep_all(land);
            land.get(key).life = Life::Coming;
        }
        RecordUnread => {
            keep_all(land);
            land.hidden.insert((KindName::of(KIND), Region::new(HOME)));
            land.doubts.insert(Doubt::DeniedListing);
        }
        RecordAbandoned => land.policy.abandoned.push("shop/a1".to_owned()),
        RecordExported => {
            let pay = neighbour(land, rng, of, &Tags::new());
            let importer = land.get(&pay).clone().link("imports", key);
            *land.get(&pay) = importer;
            let members = land.records[key].clone();
            land.kept.extend(members.into_iter().chain([key.clone()]).map(|key| (key, of)));
        }
        RecordOfAnother => _ = neighbour(land, rng, of, &stack.hand.key),
        _ => {}
    }
}

fn arn(land: &mut Land, name: &str) -> String {
    let id = land.id("");
    format!("arn:aws:cloudformation:{HOME}:{ACCOUNT}:stack/{name}/{id}")
}

/// Puts a stack with its record into the land.
#[expect(clippy::too_many_arguments, reason = "a record has so many parts")]
fn write(
    land: &mut Land,
    hand: &Hand,
    arn: &str,
    state: &str,
    rows: &[Member],
    members: BTreeSet<Key>,
) -> Key {
    let name = arn.split('/').nth(1).unwrap();
    let keyed = land.things.values().any(|it| {
        it.owner == hand.owner && hand.key.iter().all(|(key, value)| it.resource.tags.get(key) == Some(value))
    });
    let mut it = hand.thing(KIND, arn).named(name).state(state).born(hand.born);
    if keyed {
        it = it.tags(&hand.key);
    }
    it.unique_id = Some(arn.to_owned());
    record(&mut it, rows);
    let key = hand.put(land, it);
    land.records.insert(key.clone(), members);
    key
}

/// The row of a standing member.
fn row(land: &Land, key: &Key, status: &str) -> Member {
    let it = &land.things[key].resource;
    let id = match key.kind.as_str() {
        "elastic-ip" => it.facts[fact::PUBLIC_IP].clone(),
        "eks-addon" => key.id.replacen('/', "|", 1),
        _ => key.id.to_string(),
    };
    let type_name = cloudformation(key.kind.as_str()).unwrap().to_owned();
    Member { type_name, id, status: status.to_owned() }
}

/// Writes CloudFormation's own tags onto a member, where it does.
fn mark(land: &mut Land, key: &Key, arn: &str) {
    let name = arn.split('/').nth(1).unwrap();
    land.alter(key, |mut it: Resource| {
        it.tags.retain(|key, _| !key.starts_with("aws:cloudformation:"));
        if UNTAGGED.contains(&key.kind.as_str()) {
            return it;
        }
        it.tag("aws:cloudformation:stack-id", arn).tag("aws:cloudformation:stack-name", name)
    });
}

/// A stack within the stack, which has these members.
fn nested(land: &mut Land, hand: &Hand, inner: &[Key], parent: &str, rows: &mut Vec<Member>) -> Key {
    let own = arn(land, &format!("{}-Inner-7K", hand.label));
    let all: Vec<Member> = inner.iter().map(|key| row(land, key, "CREATE_COMPLETE")).collect();
    inner.iter().for_each(|key| mark(land, key, &own));
    let key = write(land, hand, &own, "CREATE_COMPLETE", &all, inner.iter().cloned().collect());
    mark(land, &key, parent);
    rows.push(Member {
        type_name: "AWS::CloudFormation::Stack".into(),
        id: own,
        status: "CREATE_COMPLETE".into(),
    });
    key
}

/// Others have things of the names that stand in the record: in another region, and a group that is called so.
fn names_elsewhere(land: &mut Land, rng: &mut Rng, hand: &Hand, of: Situation, rows: &mut Vec<Member>) {
    let team = others(of, Owner::Team, "pay", &[]);
    let away = Hand { region: AWAY, ..team.clone() };
    let it = away.thing("eks-cluster", hand.cluster.clone()).state("ACTIVE").born(ago(9000));
    away.put(land, it);
    let net = network::network(land, &team, rng, 1, 0);
    let name = format!("{}-Group-1AB", hand.label);
    land.alter(&net.group, |it| it.named(&name));
    let type_name = cloudformation("security-group").unwrap().to_owned();
    rows.push(Member { type_name, id: name, status: "CREATE_COMPLETE".into() });
}

/// A stack of others that stands, whose things bear these tags.
fn neighbour(land: &mut Land, rng: &mut Rng, of: Situation, tags: &Tags) -> Key {
    let team = others(of, Owner::Team, "pay", &[]);
    let arn = arn(land, "pay");
    let net = network::network(land, &team, rng, 1, 0);
    let id = land.id("lt-");
    let template = team.put(land, team.thing("launch-template", id).named("pay-ng").born(ago(50_000)));
    let it = role(&team, "api", "ec2.amazonaws.com", None);
    let api = team.put(land, it);
    let target = format!("arn:aws:elasticloadbalancing:{HOME}:{ACCOUNT}:targetgroup/pay/50dc");
    let it = team.thing("target-group", target).named("pay").fact(fact::HEALTHY_TARGETS, 0);
    let target = team.put(land, it.link(how::WITHIN, &net.vpc));
    let members = [net.vpc.clone(), template, api, target, net.public[0].clone()];
    let mut rows = Vec::new();
    for key in &members {
        rows.push(row(land, key, "CREATE_COMPLETE"));
        mark(land, key, &arn);
        land.alter(key, |it| it.tags(tags));
    }
    let state: &str = rng.pick::<&str>(&STANDS);
    write(land, &team, &arn, state, &rows, members.into_iter().collect())
}
