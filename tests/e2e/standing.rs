//! What stands, told by AWS itself and never by the program under test.
//!
//! It takes the embedded AWS's own books, or what moto answers to boto3, and gives the tests lines `type id`,
//! where the type is spelled as AWS's tagging API has it (`ec2:natgateway`, `iam:role`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aws_janitor_sandbox::{Sandbox, Thing, World};

use crate::venv::Venv;

/// Types that hold data: nobody names them in most runs, so they stay.
const DATA: [&str; 2] = ["ec2:volume", "logs:log-group"];

/// Everything that stands.
pub fn standing(sandbox: &Sandbox) -> BTreeSet<String> {
    sandbox.inventory().iter().map(line).collect()
}

/// What stands, and whose it is.
#[derive(Debug)]
pub struct Shares {
    /// What the failed attempts made, data aside.
    pub of_attempts: BTreeSet<String>,
    /// What they made that holds data, but for the disks of instances.
    pub data: BTreeSet<String>,
    /// What is somebody else's.
    pub of_others: BTreeSet<String>,
}

/// Divides what stands between the failed attempts and everybody else.
///
/// A thing is an attempt's if its name or a tag says so; what is without tags is whose the thing is that it is
/// a part of.
pub fn shares(sandbox: &Sandbox) -> Shares {
    let things = sandbox.inventory();
    let wholes = wholes(&sandbox.world());
    let by_id: BTreeMap<&str, &Thing> = things.iter().map(|thing| (thing.id.as_str(), thing)).collect();
    let mut shares =
        Shares { of_attempts: BTreeSet::new(), data: BTreeSet::new(), of_others: BTreeSet::new() };
    for thing in &things {
        // A disk that is a part of an instance goes with it.
        let data = DATA.contains(&thing.kind) && !wholes.contains_key(&thing.id);
        let share = match (of_attempt(thing, &by_id, &wholes), data) {
            (true, true) => &mut shares.data,
            (true, false) => &mut shares.of_attempts,
            (false, _) => &mut shares.of_others,
        };
        share.insert(line(thing));
    }
    shares
}

/// What of these lines stands no longer.
pub fn gone(before: &BTreeSet<String>, sandbox: &Sandbox) -> Vec<String> {
    let after = standing(sandbox);
    before.difference(&after).cloned().collect()
}

fn line(thing: &Thing) -> String {
    format!("{} {}", thing.kind, thing.id)
}

fn of_attempt(thing: &Thing, by_id: &BTreeMap<&str, &Thing>, wholes: &BTreeMap<String, String>) -> bool {
    let mut at = thing;
    loop {
        let said = at.tags.iter().flat_map(|(key, value)| [key, value]).chain([&at.id]);
        if said.into_iter().any(|text| text.contains("attempt-")) {
            return true;
        }
        let whole = wholes.get(&at.id).and_then(|id| by_id.get(id.as_str()));
        match whole {
            Some(whole) if at.tags.is_empty() => at = whole,
            Some(_) | None => return false,
        }
    }
}

/// What each thing is a part of, by ids, for the types of which some carry no tags.
fn wholes(world: &World) -> BTreeMap<String, String> {
    let mut wholes = BTreeMap::new();
    let mut note = |part: &str, whole: &str| {
        wholes.insert(part.to_owned(), whole.to_owned());
    };
    for state in world.regions.values() {
        let ec2 = &state.ec2;
        ec2.subnets.iter().for_each(|(id, it)| note(id, &it.vpc));
        ec2.route_tables.iter().for_each(|(id, it)| note(id, &it.vpc));
        ec2.network_acls.iter().for_each(|(id, it)| note(id, &it.vpc));
        ec2.interfaces.iter().for_each(|(id, it)| note(id, &it.vpc));
        ec2.security_groups.iter().for_each(|(id, it)| note(id, &it.vpc));
        ec2.rules.iter().for_each(|(id, it)| note(id, &it.group));
        for (id, volume) in &ec2.volumes {
            volume.instance.iter().for_each(|it| note(id, it));
        }
        for balancer in state.elb.load_balancers.keys() {
            let start = balancer.replace(":loadbalancer/", ":listener/");
            let listeners = state.elb.listeners.keys().filter(|arn| arn.starts_with(&start));
            listeners.for_each(|arn| note(arn, balancer));
        }
        for (name, cluster) in &state.eks.clusters {
            for (part, group) in &cluster.nodegroups {
                // EKS names the group `eks-<node group>-<id>`, and the profile that it makes `eks-<id>`.
                let id = group.scaling_group.strip_prefix(&format!("eks-{part}-")).unwrap();
                note(&format!("eks-{id}"), &format!("{name}/{part}"));
            }
        }
    }
    wholes
}

/// What stands on an endpoint that only answers calls, asked by boto3.
pub async fn by_boto3(venv: &Venv, url: &str) -> BTreeSet<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/moto/standing.py");
    let script = std::fs::read_to_string(script).unwrap();
    venv.boto3(&script, url).await.lines().map(str::to_owned).collect()
}
