//! What instances use, whatever kind makes them: an interface each, and virtual processors by type and price.
//!
//! Shared by the kinds that make instances or describe them. One names a type itself, or its launch template
//! does, or a default of AWS's.

use std::collections::BTreeSet;

use crate::model::Per;
use crate::model::deployed::Plays;
use crate::model::deployment::{Change, Item};
use crate::model::index::By;
use crate::model::instance_type::Family;
use crate::model::need::{Most, Use, World};
use crate::model::value::Value;

/// Where type and price of instances may stand: what stands first goes before what stands after it.
pub struct Described<'a> {
    own: &'a Value,
    /// One of these describes them; where there are several, the file does not tell which.
    templates: Vec<&'a Value>,
    default: Option<&'a Value>,
}

/// What a description says of the types.
enum InstanceTypes {
    Nothing,
    /// One of these.
    Named(Vec<String>),
    /// Any.
    Open,
}

/// How many instances are bought in one way, and how many more may be.
#[derive(Clone, Copy)]
struct Bought {
    count: u64,
    more: Most,
}

impl<'a> Described<'a> {
    pub const fn new(own: &'a Value, templates: Vec<&'a Value>, default: Option<&'a Value>) -> Self {
        Self { own, templates, default }
    }

    /// What so many instances use.
    pub fn uses(&self, world: &World<'_>, count: u64, more: Most) -> Vec<Use> {
        if count == 0 && more == Most::Of(0) {
            return Vec::new();
        }
        let mut uses = vec![Use::aws("network-interface", Per::Region, count).more(more)];
        // On a dedicated host the host counts, by another quota.
        if self.places().any(is_on_its_host) {
            return uses;
        }
        let types = self.types();
        for (spot, bought) in self.bought(count, more) {
            if bought.count > 0 || bought.more != Most::Of(0) {
                uses.extend(processors(world, &types, spot, bought));
            }
        }
        uses
    }

    /// The types of which they may be; none if it may be any.
    fn types(&self) -> Vec<String> {
        let levels = [vec![self.own], self.templates.clone(), self.default.into_iter().collect()];
        for level in levels {
            let types_of_each: Vec<InstanceTypes> = level.into_iter().map(types_in).collect();
            if types_of_each.iter().all(|types| matches!(types, InstanceTypes::Nothing)) {
                continue;
            }
            let mut all = Vec::new();
            for types in types_of_each {
                match types {
                    InstanceTypes::Named(types) => all.extend(types),
                    InstanceTypes::Nothing | InstanceTypes::Open => return Vec::new(),
                }
            }
            return all;
        }
        Vec::new()
    }

    /// How many are bought on demand (`false`) and on the spot market (`true`).
    fn bought(&self, count: u64, more: Most) -> [(bool, Bought); 2] {
        let all = Bought { count, more };
        let none = Bought { count: 0, more: Most::Of(0) };
        let mixed = self.own.at("mixed_instances_policy");
        if !mixed.is_empty() && !self.own.is_open() {
            return distributed(mixed.at("instances_distribution"), all);
        }
        if self.places().any(is_spot) {
            return [(false, none), (true, all)];
        }
        // Where nothing at all is told, the types are open already.
        let is_told = self.places().any(|it| !it.is_open());
        if is_told && self.places().any(|it| MARKETS.iter().any(|path| it.at(path).is_open())) {
            let perhaps = Bought { count: 0, more: more.plus(Most::Of(count)) };
            return [(false, perhaps), (true, perhaps)];
        }
        [(false, all), (true, none)]
    }

    /// What describes them, without the default.
    fn places(&self) -> impl Iterator<Item = &'a Value> {
        [self.own].into_iter().chain(self.templates.iter().copied())
    }
}

/// The types that a thing names, now or as it was.
pub fn types(item: &Item) -> Vec<String> {
    let mut named = named(&item.properties);
    named.extend(self::named(&item.before));
    named
}

/// The types that instances of this description name; none if they name none or it may be any.
fn named(properties: &Value) -> Vec<String> {
    match types_in(properties) {
        InstanceTypes::Named(types) => types,
        InstanceTypes::Nothing | InstanceTypes::Open => Vec::new(),
    }
}

fn types_in(place: &Value) -> InstanceTypes {
    let overrides = place.at("mixed_instances_policy.launch_template.override");
    for value in [place.at("instance_types"), place.at("instance_type")] {
        if !value.is_empty() {
            return all_named(value.members().iter());
        }
    }
    if overrides.is_open() || !place.at("instance_requirements").is_empty() {
        return InstanceTypes::Open;
    }
    let overrides = overrides.members();
    if overrides.iter().any(|it| it.is_open() || !it.at("instance_requirements").is_empty()) {
        return InstanceTypes::Open;
    }
    let types: Vec<&Value> =
        overrides.iter().map(|it| it.at("instance_type")).filter(|it| !it.is_empty()).collect();
    match types.len() {
        0 => InstanceTypes::Nothing,
        // An override without a type is of the launch template's, whatever that is.
        some if some < overrides.len() => InstanceTypes::Open,
        _ => all_named(types.into_iter()),
    }
}

fn all_named<'a>(values: impl Iterator<Item = &'a Value>) -> InstanceTypes {
    let named: Option<Vec<String>> = values.map(|it| it.as_text().map(str::to_owned)).collect();
    named.map_or(InstanceTypes::Open, InstanceTypes::Named)
}

/// A group that mixes buys its first so many on demand, and of the others so many in a hundred; without a
/// word all of them:
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html>.
fn distributed(distribution: &Value, all: Bought) -> [(bool, Bought); 2] {
    let share = |name: &str, default: u64| match distribution.at(name) {
        Value::Null => Some(default),
        value => value.as_count(),
    };
    let base = share("on_demand_base_capacity", 0);
    let percentage = share("on_demand_percentage_above_base_capacity", 100).filter(|it| *it <= 100);
    let (on_demand, spot) = match (base, percentage) {
        (_, Some(100)) => (all.count, 0),
        (Some(base), Some(percentage)) => {
            let above = all.count.saturating_sub(base);
            let on_demand = above.saturating_mul(percentage);
            (all.count - above + on_demand / 100, above - on_demand.div_ceil(100))
        }
        _ => (0, 0),
    };
    let bought = |count: u64, never: bool| Bought {
        count,
        more: if never { Most::Of(0) } else { all.more.plus(Most::Of(all.count - on_demand - spot)) },
    };
    [(false, bought(on_demand, false)), (true, bought(spot, percentage == Some(100)))]
}

/// Where it stands how instances are paid for.
const MARKETS: [&str; 3] = ["capacity_type", "instance_market_options.market_type", SPOT_PRICE];

/// A launch configuration with a bid buys on the spot market:
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateLaunchConfiguration.html>
const SPOT_PRICE: &str = "spot_price";

fn is_spot(properties: &Value) -> bool {
    let says = |path: &&str| properties.at(path).as_text().is_some_and(|it| it.eq_ignore_ascii_case("spot"));
    let bids = properties.at(SPOT_PRICE);
    MARKETS.iter().any(says) || (!bids.is_empty() && !bids.is_open())
}

fn is_on_its_host(properties: &Value) -> bool {
    ["tenancy", "placement.tenancy"].iter().any(|path| properties.at(path).as_text() == Some("host"))
}

/// The number of instances of a group whose capacity may be counted in something else: in units of which a
/// type has several, or in processors or memory.
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups-instance-weighting.html>
pub fn unweighted(properties: &Value, capacity: u64, more: Most) -> (u64, Most) {
    let overrides = properties.at("mixed_instances_policy.launch_template.override").members();
    let in_units = overrides.iter().any(|it| !it.at("weighted_capacity").is_empty());
    match properties.at("desired_capacity_type") {
        Value::Null | Value::Unknown(_) if in_units => (0, more.plus(Most::Of(capacity))),
        Value::Text(word) if word == "units" && in_units => (0, more.plus(Most::Of(capacity))),
        Value::Text(word) if word != "units" && !word.is_empty() => (0, Most::Unbounded),
        _ => (capacity, more),
    }
}

/// The virtual processors of so many instances of these types.
fn processors(world: &World<'_>, types: &[String], spot: bool, bought: Bought) -> Vec<Use> {
    let Bought { count, more } = bought;
    if types.is_empty() {
        let quota = if spot { "vcpu-spot" } else { "vcpu" };
        return vec![Use::aws(quota, Per::Region, 0).more(Most::Unbounded)];
    }
    let sizes: Vec<(Option<&'static str>, Option<u64>)> = types
        .iter()
        .map(|name| {
            let family = Family::of(name);
            let quota = if spot { family.spot() } else { family.on_demand() };
            (quota, world.known.vcpus.get(name).copied())
        })
        .collect();
    let quotas: BTreeSet<&'static str> = sizes.iter().filter_map(|(quota, _)| *quota).collect();
    let mut uses = Vec::new();
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
        uses.push(Use::aws(quota, Per::Region, least.saturating_mul(count)).more(bound));
    }
    uses
}

/// Where it stands how many instances there will be.
pub struct Sizes {
    pub wanted: &'static str,
    pub least: &'static str,
    pub most: &'static str,
}

impl Sizes {
    /// How many there will be, and how many more there may be if the file leaves it open: the number wanted,
    /// else between the smallest and the largest.
    pub fn between(&self, value: &Value) -> (u64, Most) {
        if let Some(wanted) = value.at(self.wanted).as_count() {
            return (wanted, Most::Of(0));
        }
        let least = value.at(self.least).as_count();
        match (value.at(self.wanted), value.at(self.most).as_count()) {
            // Nothing wanted is named: it begins with the smallest number.
            (Value::Null, _) => {
                (least.unwrap_or(0), if least.is_some() { Most::Of(0) } else { Most::Unbounded })
            }
            (_, Some(most)) => (least.unwrap_or(0), Most::Of(most.saturating_sub(least.unwrap_or(0)))),
            (_, None) => (least.unwrap_or(0), Most::Unbounded),
        }
    }
}

/// What describes the instances that a block means, launch templates or configurations: those it comes from,
/// or that of its id or name.
pub fn templates<'a>(world: &World<'a>, block: &Value) -> Vec<&'a Value> {
    let mut found: Vec<&Item> = Vec::new();
    for name in ["id", "name", "launch_template_id", "launch_template_name"] {
        let value = if matches!(block, Value::Map(_) | Value::List(_)) { block.at(name) } else { block };
        let sources = value.sources().iter().filter_map(|address| world.items.at(address));
        let named = value.as_text().and_then(|text| template(world, text, block.at("version")));
        found.extend(sources.chain(named).filter(|item| describes(item)));
    }
    found.sort_by(|one, other| one.address.cmp(&other.address));
    found.dedup_by(|one, other| one.address == other.address);
    found.into_iter().map(|item| world.described(item)).collect()
}

fn describes(item: &Item) -> bool {
    super::row_of(item).is_some_and(|row| row.deployed.plays.describes_instances())
}

/// By what those are called that describe instances.
const DESCRIBES: [(Plays, By); 4] = [
    (Plays::LaunchTemplate, By::Id),
    (Plays::LaunchTemplate, By::Name),
    (Plays::LaunchConfiguration, By::Id),
    (Plays::LaunchConfiguration, By::Name),
];

/// The one of this id or name, if the file tells this version of it: the latest one. A launch configuration
/// has but one.
fn template<'a>(world: &World<'a>, text: &str, version: &Value) -> Option<&'a Item> {
    let template = world.items.first_called(&DESCRIBES, text)?;
    let latest = world.described(template).at("latest_version").as_count();
    let is_current = match version.as_count() {
        Some(version) => template.change == Change::Create || latest == Some(version),
        None => version.as_text() != Some("$Default") || template.change == Change::Create,
    };
    is_current.then_some(template)
}
