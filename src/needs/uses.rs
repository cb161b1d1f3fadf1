//! What each kind of item uses up, itself and through what AWS makes along with it.

use std::collections::{BTreeMap, BTreeSet};

use super::instances::{self, Described};
use super::places::{self, Place};
use crate::deployment::{Certainty, Change, Deployment, Item, Value};
use crate::model::need::{Most, Use, Wanted, World};
use crate::model::{Per, Region};

/// What EKS makes nodes of where neither the group nor its launch template names a type:
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html>.
const DEFAULT_TYPE: &str = "t3.medium";

/// The short names of all quotas that an item may use. Each must stand in the catalog, or what uses it
/// would be counted against nothing.
pub const QUOTAS: &[&str] = &[
    "eip",
    "vpc",
    "nat-gateway",
    "regional-nat-gateway",
    "internet-gateway",
    "subnet",
    "route-table",
    "network-acl",
    "security-group",
    "network-interface",
    "vpc-endpoint",
    "gateway-endpoint",
    "launch-template",
    "target-group",
    "alb",
    "nlb",
    "gwlb",
    "ebs-gp3",
    "ebs-gp2",
    "ebs-io1",
    "ebs-io2",
    "ebs-st1",
    "ebs-sc1",
    "ebs-standard",
    "auto-scaling-group",
    "eks-cluster",
    "eks-nodegroup",
    "iam-role",
    "iam-policy",
    "iam-instance-profile",
    "iam-oidc-provider",
    "policy-per-role",
    "eip-per-nat",
    "log-group",
    "vcpu",
    "vcpu-g",
    "vcpu-p",
    "vcpu-f",
    "vcpu-x",
    "vcpu-inf",
    "vcpu-trn",
    "vcpu-dl",
    "vcpu-high-memory",
    "vcpu-hpc",
    "vcpu-spot",
    "vcpu-spot-g",
    "vcpu-spot-p",
    "vcpu-spot-f",
    "vcpu-spot-x",
    "vcpu-spot-inf",
    "vcpu-spot-trn",
    "vcpu-spot-dl",
];

/// No region has more zones than this (us-east-1 has six).
const ZONES_AT_MOST: u64 = 6;

/// What the launch templates that a block means describe: those it comes from, or that of its id or name.
fn meant<'a>(world: &World<'a>, block: &Value) -> Vec<&'a Value> {
    let mut found: Vec<&Item> = Vec::new();
    for name in ["id", "name", "launch_template_id", "launch_template_name"] {
        let value = if matches!(block, Value::Map(_) | Value::List(_)) { block.at(name) } else { block };
        let sources = value.sources().iter().filter_map(|address| world.items.get(address.as_str()).copied());
        let named = value.as_text().and_then(|text| template(world, text, block.at("version")));
        found.extend(sources.chain(named).filter(|item| item.is("launch-template")));
    }
    found.sort_by(|one, other| one.address.cmp(&other.address));
    found.dedup_by(|one, other| one.address == other.address);
    found.into_iter().map(|item| world.described(item)).collect()
}

/// The launch template of this id or name, if the file tells this version of it: the latest one.
fn template<'a>(world: &World<'a>, text: &str, version: &Value) -> Option<&'a Item> {
    let mut templates = world.all.iter().filter(|item| item.is("launch-template"));
    let template = templates.find(|item| {
        let told = [item.properties.at("id"), item.properties.at("name"), item.before.at("id")];
        told.iter().any(|it| it.as_text() == Some(text))
    })?;
    let latest = world.described(template).at("latest_version").as_count();
    let told = match version.as_count() {
        Some(version) => template.change == Change::Create || latest == Some(version),
        None => version.as_text() != Some("$Default") || template.change == Change::Create,
    };
    told.then_some(template)
}

/// What an item uses.
pub(super) fn uses(world: &World<'_>, item: &Item) -> Vec<Use> {
    let Some(kind) = &item.kind else { return Vec::new() };
    let properties = &item.properties;
    match kind.as_str() {
        "elastic-ip" => address(properties),
        "nat-gateway" => nat_gateway(properties),
        // A VPC comes with a security group, a main route table and a network ACL:
        // https://docs.aws.amazon.com/vpc/latest/userguide/create-vpc.html
        "vpc" => vec![Use::file("vpc", Per::Region, 1), Use::aws("security-group", Per::Region, 1)],
        "internet-gateway" => vec![Use::file("internet-gateway", Per::Region, 1)],
        "subnet" => vec![Use::file("subnet", Per::Vpc, 1)],
        "route-table" => vec![Use::file("route-table", Per::Vpc, 1)],
        "network-acl" => vec![Use::file("network-acl", Per::Vpc, 1)],
        "security-group" => vec![Use::file("security-group", Per::Region, 1)],
        "network-interface" => vec![Use::file("network-interface", Per::Region, 1)],
        "vpc-endpoint" => endpoint(properties),
        "launch-template" => vec![Use::file("launch-template", Per::Region, 1)],
        "target-group" => vec![Use::file("target-group", Per::Region, 1)],
        "load-balancer" => load_balancer(properties),
        "volume" => volume(properties),
        "instance" => instance(world, properties),
        "auto-scaling-group" => auto_scaling_group(world, properties),
        "eks-cluster" => cluster(),
        "eks-nodegroup" => node_group(world, properties),
        "iam-role" => vec![Use::file("iam-role", Per::Account, 1)],
        "iam-policy" => vec![Use::file("iam-policy", Per::Account, 1)],
        "iam-instance-profile" => vec![Use::file("iam-instance-profile", Per::Account, 1)],
        "iam-oidc-provider" => vec![Use::file("iam-oidc-provider", Per::Account, 1)],
        "log-group" => vec![Use::file("log-group", Per::Region, 1)],
        _ => Vec::new(),
    }
}

/// Addresses of a pool that the account brought along do not count:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-byoip.html>.
fn address(properties: &Value) -> Vec<Use> {
    let pool = properties.at("public_ipv4_pool");
    match pool.as_text() {
        Some(pool) if pool != "amazon" && !pool.is_empty() => Vec::new(),
        _ => vec![Use::file("eip", Per::Region, 1)],
    }
}

/// Each zonal gateway has an interface; a regional one counts in its VPC, and AWS allocates an address
/// for each zone it serves unless the deployment names them:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>.
fn nat_gateway(properties: &Value) -> Vec<Use> {
    if properties.at("availability_mode").as_text() != Some("regional") {
        return vec![Use::file("nat-gateway", Per::Zone, 1), Use::aws("network-interface", Per::Region, 1)];
    }
    let named = ["allocation_id", "availability_zone_address"];
    let own = if named.iter().any(|name| !properties.at(name).is_empty()) { 0 } else { ZONES_AT_MOST };
    let addresses = Use::aws("eip", Per::Region, 0).more(Most::Of(own));
    vec![Use::file("regional-nat-gateway", Per::Vpc, 1), addresses]
}

/// Interface endpoints have an interface in each of their subnets; gateway endpoints have none:
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>.
fn endpoint(properties: &Value) -> Vec<Use> {
    let one = Most::Of(1);
    match properties.at("vpc_endpoint_type") {
        // Gateway is what is made where no type is named.
        Value::Null => vec![Use::file("gateway-endpoint", Per::Region, 1)],
        Value::Text(word) if word == "Gateway" => vec![Use::file("gateway-endpoint", Per::Region, 1)],
        Value::Text(_) => {
            vec![Use::file("vpc-endpoint", Per::Vpc, 1), interfaces_in(properties.at("subnet_ids"))]
        }
        _ => vec![
            Use::file("gateway-endpoint", Per::Region, 0).more(one),
            Use::file("vpc-endpoint", Per::Vpc, 0).more(one),
            Use::aws("network-interface", Per::Region, 0).more(Most::Of(ZONES_AT_MOST)),
        ],
    }
}

/// One interface for each of these subnets; for a list that is not known, one in each zone at most.
fn interfaces_in(subnets: &Value) -> Use {
    match subnets {
        Value::List(list) => Use::aws("network-interface", Per::Region, length(list)),
        Value::Text(_) | Value::Map(_) => Use::aws("network-interface", Per::Region, 1),
        Value::Null => Use::aws("network-interface", Per::Region, 0),
        _ => Use::aws("network-interface", Per::Region, 1).more(Most::Of(ZONES_AT_MOST - 1)),
    }
}

fn length(list: &[Value]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}

fn load_balancer(properties: &Value) -> Vec<Use> {
    let by_subnet = ["subnets", "subnet_mapping"].map(|name| properties.at(name));
    let interfaces = interfaces_in(by_subnet.into_iter().find(|it| !it.is_empty()).unwrap_or(&Value::Null));
    let any = |name| Use::file(name, Per::Region, 0).more(Most::Of(1));
    let word = properties.at("load_balancer_type");
    match word.as_text() {
        Some("application") => vec![Use::file("alb", Per::Region, 1), interfaces],
        Some("network") => vec![Use::file("nlb", Per::Region, 1), interfaces],
        Some("gateway") => vec![Use::file("gwlb", Per::Region, 1), interfaces],
        // Application is what is made where no type is named.
        None if word.is_empty() => vec![Use::file("alb", Per::Region, 1), interfaces],
        _ => vec![any("alb"), any("nlb"), any("gwlb"), interfaces],
    }
}

/// What each type of volume counts against.
const VOLUMES: [(&str, &str); 7] = [
    ("gp3", "ebs-gp3"),
    ("gp2", "ebs-gp2"),
    ("io1", "ebs-io1"),
    ("io2", "ebs-io2"),
    ("st1", "ebs-st1"),
    ("sc1", "ebs-sc1"),
    ("standard", "ebs-standard"),
];

/// The largest volume of any type, in GiB:
/// <https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html>.
const LARGEST_VOLUME: u64 = 64 * 1024;

/// Storage, in GiB. gp2 is what is made where no type is named:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html>.
fn volume(properties: &Value) -> Vec<Use> {
    let word = properties.at("type");
    let size = properties.at("size").as_count();
    let named = word.as_text().or_else(|| word.is_empty().then_some("gp2"));
    let Some(named) = named else {
        let any =
            |(_, quota)| Use::file(quota, Per::Region, 0).more(Most::Of(size.unwrap_or(LARGEST_VOLUME)));
        return VOLUMES.map(any).into();
    };
    let quotas = VOLUMES.iter().filter(|(name, _)| *name == named).map(|(_, quota)| *quota);
    let of_type = quotas.map(|quota| match size {
        Some(size) => Use::file(quota, Per::Region, size),
        None => Use::file(quota, Per::Region, 1).more(Most::Of(LARGEST_VOLUME - 1)),
    });
    of_type.collect()
}

/// A cluster has a security group and two to four interfaces of its own:
/// <https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html>.
fn cluster() -> Vec<Use> {
    vec![
        Use::file("eks-cluster", Per::Region, 1),
        Use::aws("security-group", Per::Region, 1),
        Use::aws("network-interface", Per::Region, 2).more(Most::Of(2)),
    ]
}

/// A managed node group makes an Auto Scaling group and a launch template of its own, and its nodes:
/// <https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html>.
fn node_group(world: &World<'_>, properties: &Value) -> Vec<Use> {
    let mut uses = vec![
        Use::file("eks-nodegroup", Per::Cluster, 1),
        Use::aws("auto-scaling-group", Per::Region, 1),
        Use::aws("launch-template", Per::Region, 1),
    ];
    let (nodes, more) = between(properties.at("scaling_config"), "desired_size", "min_size", "max_size");
    let templates = meant(world, properties.at("launch_template"));
    let told = !templates.is_empty() || properties.at("launch_template").is_empty();
    let default = told.then(default_type);
    let described = Described::new(properties, templates, default.as_ref());
    uses.extend(described.uses(world, nodes, more));
    uses
}

fn default_type() -> Value {
    Value::Map([("instance_type".to_owned(), Value::text(DEFAULT_TYPE))].into())
}

fn auto_scaling_group(world: &World<'_>, properties: &Value) -> Vec<Use> {
    let (instances, more) = between(properties, "desired_capacity", "min_size", "max_size");
    let (instances, more) = instances::unweighted(properties, instances, more);
    let mut templates = meant(world, properties.at("launch_template"));
    let mixed = properties.at("mixed_instances_policy.launch_template");
    for block in [mixed, mixed.at("launch_template_specification"), mixed.at("launch_template")] {
        templates.extend(meant(world, block));
    }
    let mut uses = vec![Use::file("auto-scaling-group", Per::Region, 1)];
    uses.extend(Described::new(properties, templates, None).uses(world, instances, more));
    uses
}

/// One instance; where it names no type itself, its launch template does.
fn instance(world: &World<'_>, properties: &Value) -> Vec<Use> {
    let templates = meant(world, properties.at("launch_template"));
    Described::new(properties, templates, None).uses(world, 1, Most::Of(0))
}

/// How many there will be, and how many more there may be if the file leaves it open: the number wanted,
/// else between the smallest and the largest.
fn between(value: &Value, wanted: &str, least: &str, most: &str) -> (u64, Most) {
    if let Some(wanted) = value.at(wanted).as_count() {
        return (wanted, Most::Of(0));
    }
    let least = value.at(least).as_count();
    match (value.at(wanted), value.at(most).as_count()) {
        // Nothing wanted is named: it begins with the smallest number.
        (Value::Null, _) => (least.unwrap_or(0), if least.is_some() { Most::Of(0) } else { Most::Unbounded }),
        (_, Some(most)) => (least.unwrap_or(0), Most::Of(most.saturating_sub(least.unwrap_or(0)))),
        (_, None) => (least.unwrap_or(0), Most::Unbounded),
    }
}

/// The instance types that the deployments name, by region, so that their sizes can be asked for.
pub fn instance_types(deployments: &[Deployment]) -> BTreeMap<Region, BTreeSet<String>> {
    let mut wanted: BTreeMap<Region, BTreeSet<String>> = BTreeMap::new();
    let makes_instances = ["instance", "auto-scaling-group", "eks-nodegroup", "launch-template"];
    let items = deployments.iter().flat_map(|deployment| &deployment.items);
    let counts = |item: &&Item| item.change.makes() || item.change == Change::Update;
    for item in items.filter(|item| counts(item) || item.is("launch-template")) {
        if let (Some(region), true) = (&item.region, makes_instances.iter().any(|kind| item.is(kind))) {
            let mut named = instances::named(&item.properties);
            named.extend(instances::named(&item.before));
            let default = (named.is_empty() && item.is("eks-nodegroup")).then(|| DEFAULT_TYPE.to_owned());
            wanted.entry(region.clone()).or_default().extend(named.into_iter().chain(default));
        }
    }
    wanted.retain(|_, types| !types.is_empty());
    wanted
}

/// Limits on the parts of one thing that the deployment makes: what a new VPC holds besides what it
/// comes with, how many policies a new role has, how many addresses a new NAT gateway.
pub(super) fn parts(world: &World<'_>, put: &mut dyn FnMut(&'static str, Place, Wanted, &str)) {
    let certain = |item: &&Item| item.change.makes() && item.certainty == Certainty::Certain;
    for item in world.all.iter().filter(certain) {
        if item.is("vpc") {
            let Ok(region) = places::region(item) else { continue };
            let place = Place::New(region, item.address.clone());
            let comes_along = Wanted { implicit: 1, ..Wanted::default() };
            put("route-table", place.clone(), comes_along, &item.address);
            put("network-acl", place, comes_along, &item.address);
        }
        if item.is("nat-gateway") {
            let Ok(region) = places::region(item) else { continue };
            let place = Place::New(region, item.address.clone());
            put("eip-per-nat", place, addresses(&item.properties), &item.address);
        }
        if item.is("iam-role") {
            let attached = policies(world, item);
            put(
                "policy-per-role",
                Place::New(Region::global(), item.address.clone()),
                attached,
                &item.address,
            );
        }
    }
}

/// How many addresses a zonal gateway has that has more than one: each may have that.
fn addresses(gateway: &Value) -> Wanted {
    let secondary = gateway.at("secondary_allocation_ids");
    if secondary.is_empty() || gateway.at("availability_mode").as_text() == Some("regional") {
        return Wanted::default();
    }
    match secondary {
        Value::Unknown(_) | Value::Secret => {
            Wanted { certain: 1, unknown: Most::Unbounded, ..Wanted::default() }
        }
        known => Wanted::certain(1 + length(known.members())),
    }
}

/// How many managed policies the deployment attaches to a role.
fn policies(world: &World<'_>, role: &Item) -> Wanted {
    let name = role.properties.at("name").as_text();
    let means = |to: &Value| to.sources().contains(&role.address) || (name.is_some() && to.as_text() == name);
    let of_role = |attachment: &&Item| {
        let to = attachment.properties.at("role");
        means(to) || (to.is_empty() && attachment.after.contains(&role.address))
    };
    let made = |kind: &'static str| world.all.iter().filter(move |it| it.change.makes() && it.is(kind));
    let attachments = made("iam-role-policy-attachment").filter(of_role).count();
    // CloudFormation's policies may name the roles that they are attached to.
    let naming =
        made("iam-policy").filter(|it| it.properties.at("roles").members().iter().any(means)).count();
    let own = role.properties.at("managed_policy_arns");
    let (told, unknown) = match own {
        _ if own.is_open() => (0, Most::Unbounded),
        own => (length(own.members()), Most::Of(0)),
    };
    let others = u64::try_from(attachments.saturating_add(naming)).unwrap_or(u64::MAX);
    Wanted { unknown, ..Wanted::certain(told.saturating_add(others)) }
}
