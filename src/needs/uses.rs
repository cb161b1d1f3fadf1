//! What each kind of item uses up, itself and through what AWS makes along with it.

use std::collections::{BTreeMap, BTreeSet};

use super::places::{self, Place, is};
use super::{Known, Most, Wanted};
use crate::deployment::{Certainty, Deployment, Item, Value};
use crate::model::instance_type::Family;
use crate::model::{Per, Region};

/// What an item uses of one quota.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    pub quota: &'static str,
    pub per: Per,
    pub amount: u64,
    /// What may come on top.
    pub more: Most,
    pub origin: Origin,
}

/// Who makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The deployment.
    File,
    /// AWS, along with what the deployment makes.
    Aws,
}

/// What a use may look at.
pub(super) struct World<'a> {
    pub items: &'a BTreeMap<&'a str, &'a Item>,
    pub all: &'a [Item],
    pub known: Known<'a>,
}

impl<'a> World<'a> {
    /// The item of this kind that bears this name.
    pub fn named(&self, kind: &str, name: &str) -> Option<&'a Item> {
        self.all.iter().find(|item| is(item, kind) && item.properties.at("name").as_text() == Some(name))
    }

    /// The launch templates that a block means: by what it comes from, or by its name.
    fn templates(&self, block: &Value) -> Vec<&'a Item> {
        let mut found: Vec<&Item> = Vec::new();
        for value in [block, block.at("id"), block.at("name"), block.at("launch_template_id")] {
            let sources =
                value.sources().iter().filter_map(|address| self.items.get(address.as_str()).copied());
            let named = value.as_text().and_then(|name| self.named("launch-template", name));
            found.extend(sources.chain(named).filter(|item| is(item, "launch-template")));
        }
        found
    }
}

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

const fn file(quota: &'static str, per: Per, amount: u64) -> Use {
    Use { quota, per, amount, more: Most::Of(0), origin: Origin::File }
}

const fn aws(quota: &'static str, per: Per, amount: u64) -> Use {
    Use { quota, per, amount, more: Most::Of(0), origin: Origin::Aws }
}

impl Use {
    const fn more(self, more: Most) -> Self {
        Self { more, ..self }
    }
}

/// No region has more zones than this (us-east-1 has six).
const ZONES_AT_MOST: u64 = 6;

/// What an item uses.
pub(super) fn uses(world: &World<'_>, item: &Item) -> Vec<Use> {
    let Some(kind) = &item.kind else { return Vec::new() };
    let properties = &item.properties;
    match kind.as_str() {
        "elastic-ip" => address(properties),
        "nat-gateway" => nat_gateway(properties),
        // A VPC comes with a security group, a main route table and a network ACL:
        // https://docs.aws.amazon.com/vpc/latest/userguide/create-vpc.html
        "vpc" => vec![file("vpc", Per::Region, 1), aws("security-group", Per::Region, 1)],
        "internet-gateway" => vec![file("internet-gateway", Per::Region, 1)],
        "subnet" => vec![file("subnet", Per::Vpc, 1)],
        "route-table" => vec![file("route-table", Per::Vpc, 1)],
        "network-acl" => vec![file("network-acl", Per::Vpc, 1)],
        "security-group" => vec![file("security-group", Per::Region, 1)],
        "network-interface" => vec![file("network-interface", Per::Region, 1)],
        "vpc-endpoint" => endpoint(properties),
        "launch-template" => vec![file("launch-template", Per::Region, 1)],
        "target-group" => vec![file("target-group", Per::Region, 1)],
        "load-balancer" => load_balancer(properties),
        "volume" => volume(properties),
        "instance" => instances(world, &[properties], Most::Of(0), 1),
        "auto-scaling-group" => auto_scaling_group(world, properties),
        "eks-cluster" => cluster(),
        "eks-nodegroup" => node_group(world, properties),
        "iam-role" => vec![file("iam-role", Per::Account, 1)],
        "iam-policy" => vec![file("iam-policy", Per::Account, 1)],
        "iam-instance-profile" => vec![file("iam-instance-profile", Per::Account, 1)],
        "iam-oidc-provider" => vec![file("iam-oidc-provider", Per::Account, 1)],
        "log-group" => vec![file("log-group", Per::Region, 1)],
        _ => Vec::new(),
    }
}

/// Addresses of a pool that the account brought along do not count:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-byoip.html>.
fn address(properties: &Value) -> Vec<Use> {
    let pool = properties.at("public_ipv4_pool");
    match pool.as_text() {
        Some(pool) if pool != "amazon" && !pool.is_empty() => Vec::new(),
        _ => vec![file("eip", Per::Region, 1)],
    }
}

/// Each zonal gateway has an interface; a regional one counts in its VPC, and AWS allocates an address
/// for each zone it serves unless the deployment names them:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>.
fn nat_gateway(properties: &Value) -> Vec<Use> {
    if properties.at("availability_mode").as_text() != Some("regional") {
        return vec![file("nat-gateway", Per::Zone, 1), aws("network-interface", Per::Region, 1)];
    }
    let named = ["allocation_id", "availability_zone_address"];
    let own = if named.iter().any(|name| !properties.at(name).is_empty()) { 0 } else { ZONES_AT_MOST };
    let addresses = aws("eip", Per::Region, 0).more(Most::Of(own));
    vec![file("regional-nat-gateway", Per::Vpc, 1), addresses]
}

/// Interface endpoints have an interface in each of their subnets; gateway endpoints have none:
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>.
fn endpoint(properties: &Value) -> Vec<Use> {
    let one = Most::Of(1);
    match properties.at("vpc_endpoint_type") {
        // Gateway is what is made where no type is named.
        Value::Null => vec![file("gateway-endpoint", Per::Region, 1)],
        Value::Text(word) if word == "Gateway" => vec![file("gateway-endpoint", Per::Region, 1)],
        Value::Text(_) => vec![file("vpc-endpoint", Per::Vpc, 1), interfaces_in(properties.at("subnet_ids"))],
        _ => vec![
            file("gateway-endpoint", Per::Region, 0).more(one),
            file("vpc-endpoint", Per::Vpc, 0).more(one),
            aws("network-interface", Per::Region, 0).more(Most::Of(ZONES_AT_MOST)),
        ],
    }
}

/// One interface for each of these subnets; for a list that is not known, one in each zone at most.
fn interfaces_in(subnets: &Value) -> Use {
    match subnets {
        Value::List(list) => aws("network-interface", Per::Region, length(list)),
        Value::Text(_) => aws("network-interface", Per::Region, 1),
        Value::Null => aws("network-interface", Per::Region, 0),
        _ => aws("network-interface", Per::Region, 1).more(Most::Of(ZONES_AT_MOST - 1)),
    }
}

fn length(list: &[Value]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}

fn load_balancer(properties: &Value) -> Vec<Use> {
    let interfaces = interfaces_in(properties.at("subnets"));
    let any = |name| file(name, Per::Region, 0).more(Most::Of(1));
    let word = properties.at("load_balancer_type");
    match word.as_text() {
        Some("application") => vec![file("alb", Per::Region, 1), interfaces],
        Some("network") => vec![file("nlb", Per::Region, 1), interfaces],
        Some("gateway") => vec![file("gwlb", Per::Region, 1), interfaces],
        // Application is what is made where no type is named.
        None if word.is_empty() => vec![file("alb", Per::Region, 1), interfaces],
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
        let any = |(_, quota)| file(quota, Per::Region, 0).more(Most::Of(size.unwrap_or(LARGEST_VOLUME)));
        return VOLUMES.map(any).into();
    };
    let quotas = VOLUMES.iter().filter(|(name, _)| *name == named).map(|(_, quota)| *quota);
    let of_type = quotas.map(|quota| match size {
        Some(size) => file(quota, Per::Region, size),
        None => file(quota, Per::Region, 1).more(Most::Of(LARGEST_VOLUME - 1)),
    });
    of_type.collect()
}

/// A cluster has a security group and two to four interfaces of its own:
/// <https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html>.
fn cluster() -> Vec<Use> {
    vec![
        file("eks-cluster", Per::Region, 1),
        aws("security-group", Per::Region, 1),
        aws("network-interface", Per::Region, 2).more(Most::Of(2)),
    ]
}

/// A managed node group makes an Auto Scaling group and a launch template of its own, and its nodes:
/// <https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html>.
fn node_group(world: &World<'_>, properties: &Value) -> Vec<Use> {
    let mut uses = vec![
        file("eks-nodegroup", Per::Cluster, 1),
        aws("auto-scaling-group", Per::Region, 1),
        aws("launch-template", Per::Region, 1),
    ];
    let (nodes, more) = between(properties.at("scaling_config"), "desired_size", "min_size", "max_size");
    let templates = world.templates(properties.at("launch_template"));
    let told = !templates.is_empty() || properties.at("launch_template").is_empty();
    let default = told.then(default_type);
    let mut places: Vec<&Value> =
        [properties].into_iter().chain(templates.iter().map(|item| &item.properties)).collect();
    // What is open may be any type, and not the default.
    let open = |it: &Value| it.members().iter().any(Value::is_open);
    if !places.iter().any(|it| open(it.at("instance_types")) || open(it.at("instance_type"))) {
        places.extend(&default);
    }
    uses.extend(instances(world, &places, more, nodes));
    uses
}

fn default_type() -> Value {
    Value::Map([("instance_type".to_owned(), Value::text(DEFAULT_TYPE))].into())
}

fn auto_scaling_group(world: &World<'_>, properties: &Value) -> Vec<Use> {
    let (instances_wanted, more) = between(properties, "desired_capacity", "min_size", "max_size");
    let mut templates = world.templates(properties.at("launch_template"));
    let mixed = properties.at("mixed_instances_policy.launch_template");
    templates.extend(world.templates(mixed));
    templates.extend(world.templates(mixed.at("launch_template_specification")));
    let places: Vec<&Value> =
        [properties].into_iter().chain(templates.iter().map(|item| &item.properties)).collect();
    let mut uses = vec![file("auto-scaling-group", Per::Region, 1)];
    uses.extend(instances(world, &places, more, instances_wanted));
    uses
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

/// What so many instances use: virtual processors of their type, and an interface each.
/// `described` are the places where type and price may stand, the first that tells them counts.
fn instances(world: &World<'_>, described: &[&Value], more: Most, count: u64) -> Vec<Use> {
    let mut uses = Vec::new();
    if count > 0 || more != Most::Of(0) {
        uses.push(aws("network-interface", Per::Region, count).more(more));
    }
    // On a dedicated host the host counts, by another quota.
    if described
        .iter()
        .any(|it| it.at("tenancy").as_text().or(it.at("placement.tenancy").as_text()) == Some("host"))
    {
        return uses;
    }
    let market = market(described);
    let sizes: Vec<(Option<&'static str>, Option<u64>)> = types(described)
        .into_iter()
        .flat_map(|name| {
            let (family, vcpus) = (Family::of(&name), world.known.vcpus.get(&name).copied());
            let quotas = match market {
                Market::OnDemand => vec![family.on_demand()],
                Market::Spot => vec![family.spot()],
                Market::Either => vec![family.on_demand(), family.spot()],
            };
            quotas.into_iter().map(move |quota| (quota, vcpus))
        })
        .collect();
    let quotas: BTreeSet<&'static str> = sizes.iter().filter_map(|(quota, _)| *quota).collect();
    for quota in quotas {
        let of_quota = || sizes.iter().filter(move |(own, _)| *own == Some(quota)).map(|(_, vcpus)| *vcpus);
        // Of several types AWS takes the one it has; one that counts elsewhere makes this one nothing.
        let least = if sizes.iter().all(|(own, _)| *own == Some(quota)) {
            of_quota().map(Option::unwrap_or_default).min().unwrap_or(0)
        } else {
            0
        };
        let largest = of_quota().collect::<Option<Vec<u64>>>().and_then(|all| all.into_iter().max());
        let bound = match (largest, more) {
            (Some(largest), Most::Of(more)) => Most::Of(
                largest
                    .saturating_mul(count.saturating_add(more))
                    .saturating_sub(least.saturating_mul(count)),
            ),
            _ => Most::Unbounded,
        };
        uses.push(aws(quota, Per::Region, least.saturating_mul(count)).more(bound));
    }
    if sizes.is_empty() && (count > 0 || more != Most::Of(0)) {
        let quota = if market == Market::Spot { "vcpu-spot" } else { "vcpu" };
        uses.push(aws(quota, Per::Region, 0).more(Most::Unbounded));
    }
    uses
}

/// How instances are paid for, as far as these places tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Market {
    OnDemand,
    Spot,
    /// The file leaves it open, or some are paid for in this way and some in that.
    Either,
}

fn market(described: &[&Value]) -> Market {
    let words = |path| described.iter().map(move |it| it.at(path));
    let mut all = words("capacity_type").chain(words("instance_market_options.market_type"));
    if all.clone().any(|it| it.as_text().is_some_and(|text| text.eq_ignore_ascii_case("spot"))) {
        return Market::Spot;
    }
    // Of a group of several types Auto Scaling takes On-Demand instances unless this says less:
    // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html
    let share = "mixed_instances_policy.instances_distribution.on_demand_percentage_above_base_capacity";
    let mixed = words(share).any(|it| !it.is_empty() && it.as_count() != Some(100));
    // Where nothing at all is told, types are not either.
    let told = described.iter().any(|it| !it.is_open());
    if mixed || (told && all.any(Value::is_open)) { Market::Either } else { Market::OnDemand }
}

/// The instance types that these places name: the first place that names any.
fn types(described: &[&Value]) -> Vec<String> {
    let named = |value: &Value| -> Vec<String> {
        if value.members().iter().any(Value::is_open) {
            return Vec::new();
        }
        let all = value.members().iter();
        all.filter_map(|it| it.as_text()).filter(|text| !text.is_empty()).map(str::to_owned).collect()
    };
    for place in described {
        for path in ["instance_types", "instance_type"] {
            let found = named(place.at(path));
            if !found.is_empty() {
                return found;
            }
        }
        let overrides = place.at("mixed_instances_policy.launch_template.override").members().iter();
        let found: Vec<String> = overrides.flat_map(|it| named(it.at("instance_type"))).collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// The instance types that the deployments name, by region, so that their sizes can be asked for.
pub fn instance_types(deployments: &[Deployment]) -> BTreeMap<Region, BTreeSet<String>> {
    let mut wanted: BTreeMap<Region, BTreeSet<String>> = BTreeMap::new();
    let makes_instances = ["instance", "auto-scaling-group", "eks-nodegroup", "launch-template"];
    let items = deployments.iter().flat_map(|deployment| &deployment.items);
    for item in items.filter(|item| item.change.makes() || is(item, "launch-template")) {
        if let (Some(region), true) = (&item.region, makes_instances.iter().any(|kind| is(item, kind))) {
            let named = types(&[&item.properties]);
            let default = (named.is_empty() && is(item, "eks-nodegroup")).then(|| DEFAULT_TYPE.to_owned());
            wanted.entry(region.clone()).or_default().extend(named.into_iter().chain(default));
        }
    }
    wanted.retain(|_, types| !types.is_empty());
    wanted
}

/// Limits on the parts of one thing that the deployment makes: what a new VPC holds besides what it
/// comes with, how many policies a new role has.
pub(super) fn parts(world: &World<'_>, put: &mut dyn FnMut(&'static str, Place, Wanted, &str)) {
    let certain = |item: &&Item| item.change.makes() && item.certainty == Certainty::Certain;
    for item in world.all.iter().filter(certain) {
        if is(item, "vpc") {
            let Ok(region) = places::region(item) else { continue };
            let place = Place::New(region, item.address.clone());
            let comes_along = Wanted { implicit: 1, ..Wanted::default() };
            put("route-table", place.clone(), comes_along, &item.address);
            put("network-acl", place, comes_along, &item.address);
        }
        if is(item, "iam-role") {
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

/// How many managed policies the deployment attaches to a role.
fn policies(world: &World<'_>, role: &Item) -> Wanted {
    let name = role.properties.at("name").as_text();
    let means = |to: &Value| to.sources().contains(&role.address) || (name.is_some() && to.as_text() == name);
    let of_role = |attachment: &&Item| {
        let to = attachment.properties.at("role");
        means(to) || (to.is_empty() && attachment.after.contains(&role.address))
    };
    let made = |kind: &'static str| world.all.iter().filter(move |it| it.change.makes() && is(it, kind));
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
