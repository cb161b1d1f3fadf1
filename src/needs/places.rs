//! Where what an item uses counts: a region, a zone, a VPC, a cluster. Asked for each use, before they are
//! added up.

use std::collections::{BTreeMap, BTreeSet};

use super::NeedsError;
use crate::deployment::{Deployment, Item, Value};
use crate::kinds;
use crate::model::deployed::Plays;
use crate::model::index::{By, Items};
use crate::model::need::{Use, World};
use crate::model::{Per, Region};

/// What the name of something begins with that the deployment makes.
pub const NEW: &str = "new ";

/// A place in which a need counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The account.
    Account,
    /// A region.
    Region(Region),
    /// A zone, VPC or cluster that stands, by the id that the quota's usage is counted by.
    In(Region, String),
    /// Something that the deployment makes, by its address: nothing of its quota is used yet.
    New(Region, String),
    /// A zone that the file does not name. Two labels are two zones; without a label it may be any.
    SomeZone(Region, Option<String>),
    /// A VPC or cluster that the file does not name.
    Some(Region),
}

impl Place {
    /// Whether it may be another one than it seems.
    pub(super) const fn is_vague(&self) -> bool {
        matches!(self, Self::SomeZone(_, _) | Self::Some(_))
    }

    /// Its region; `global` for the account.
    pub fn region(&self) -> Region {
        match self {
            Self::Account => Region::global(),
            Self::Region(region)
            | Self::In(region, _)
            | Self::New(region, _)
            | Self::SomeZone(region, _)
            | Self::Some(region) => region.clone(),
        }
    }

    /// For people and scripts: the region's name, a zone's, an id, an address.
    pub fn name(&self) -> String {
        match self {
            Self::Account => Region::global().as_str().to_owned(),
            Self::Region(region) => region.as_str().to_owned(),
            Self::In(_, id) => id.clone(),
            Self::New(_, address) => format!("{NEW}{address}"),
            Self::SomeZone(_, _) => "a zone".to_owned(),
            Self::Some(_) => "one of them".to_owned(),
        }
    }
}

/// One of the places where a use may count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The place.
    pub place: Place,
    /// Whether it is this one and no other.
    pub sure: bool,
}

/// The places where a use counts: one if the file tells it, else each that it may be.
pub(super) fn spots(
    world: &World<'_>,
    containers: &Containers,
    item: &Item,
    used: &Use,
) -> Result<Vec<Spot>, NeedsError> {
    let one = |place| vec![Spot { place, sure: true }];
    if used.per == Per::Account {
        return Ok(one(Place::Account));
    }
    let region = region(item)?;
    Ok(match used.per {
        Per::Account | Per::Region => one(Place::Region(region)),
        Per::Zone => zones(world, item, &region),
        Per::Vpc => containers.within(world, item, &region, &IN_VPC),
        Per::Cluster => containers.within(world, item, &region, &IN_CLUSTER),
        Per::Itself => one(Place::New(region, item.address.clone())),
    })
}

/// The clusters that several files make together, by region and name: one may name what another makes.
pub(super) struct MadeClusters<'a>(BTreeMap<(&'a Region, &'a str), &'a str>);

impl<'a> MadeClusters<'a> {
    /// All that these make.
    pub(super) fn of(deployments: &'a [Deployment]) -> Self {
        let items = deployments.iter().flat_map(|deployment| &deployment.items);
        let made = items.filter(|item| is(item, Plays::Cluster) && item.change.makes());
        let named = made.filter_map(|item| {
            let name = item.properties.at("name").as_text()?;
            Some(((item.region.as_ref()?, name), item.address.as_str()))
        });
        Self(named.collect())
    }

    /// These places, with what is made instead of what its name says.
    pub(super) fn put_in(&self, mut spots: Vec<Spot>, used: &Use) -> Vec<Spot> {
        for spot in spots.iter_mut().filter(|_| used.per == Per::Cluster) {
            if let Place::In(region, name) = &spot.place
                && let Some(address) = self.0.get(&(region, name.as_str()))
            {
                spot.place = Place::New(region.clone(), (*address).to_owned());
            }
        }
        spots
    }
}

/// The region of an item.
pub(super) fn region(item: &Item) -> Result<Region, NeedsError> {
    let region = item.region.as_ref().filter(|region| !region.is_global());
    region.cloned().ok_or_else(|| NeedsError::NoRegion { address: item.address.clone() })
}

/// The zones an item may stand in: its own, else that of the subnets it may lie in.
fn zones(world: &World<'_>, item: &Item, region: &Region) -> Vec<Spot> {
    if let Some(place) = zone_in(&item.properties, region) {
        return vec![Spot { place, sure: true }];
    }
    let subnet = item.properties.at("subnet_id");
    // One that stands is named by its id: the file may tell its zone, else the account does.
    if let Some(id) = subnet.as_text() {
        let subnets = world.items.called(Plays::Subnet, By::Id, id);
        let objects = subnets.flat_map(|it| [&it.properties, &it.before]);
        let mut of_file = objects.filter(|it| it.at("id").as_text() == Some(id));
        let of_account = || Some(Place::In(region.clone(), world.known.zones.get(id)?.clone()));
        let place = of_file.find_map(|it| zone_in(it, region)).or_else(of_account);
        let place = place.unwrap_or(Place::SomeZone(region.clone(), None));
        return vec![Spot { place, sure: true }];
    }
    // An id may come from an output that refers to other things as well: those that are known to be of another
    // kind are left out.
    let other =
        |address: &str| world.items.at(address).is_some_and(|it| it.kind.is_some() && !is(it, Plays::Subnet));
    let subnets = subnet.sources();
    let candidates: Vec<Place> = subnets
        .iter()
        .filter(|address| !other(address))
        .map(|address| {
            let subnet = world.items.at(address);
            subnet
                .and_then(|subnet| zone_in(&subnet.properties, region))
                .unwrap_or(Place::SomeZone(region.clone(), None))
        })
        .collect::<BTreeSet<Place>>()
        .into_iter()
        .collect();
    match candidates.as_slice() {
        [] => vec![Spot { place: Place::SomeZone(region.clone(), None), sure: true }],
        [only] => vec![Spot { place: only.clone(), sure: true }],
        // One unknown among them, and it may be any.
        many if many.len() > MOST_PLACES || many.contains(&Place::SomeZone(region.clone(), None)) => {
            vec![Spot { place: Place::SomeZone(region.clone(), None), sure: true }]
        }
        many => many.iter().map(|place| Spot { place: place.clone(), sure: false }).collect(),
    }
}

fn zone_in(properties: &Value, region: &Region) -> Option<Place> {
    let zone = properties.at("availability_zone");
    match zone.as_text() {
        Some(zone) => Some(Place::In(region.clone(), zone.to_owned())),
        None => Some(Place::SomeZone(region.clone(), Some(zone.zone_place()?.to_owned()))),
    }
}

/// What things lie in, and the attribute by which they say in which.
struct Container {
    plays: Plays,
    named_by: &'static str,
}

const IN_VPC: Container = Container { plays: Plays::Vpc, named_by: "vpc_id" };
const IN_CLUSTER: Container = Container { plays: Plays::Cluster, named_by: "cluster_name" };

/// Of more places than these in which one thing may lie it is not told which they are: it may lie in any, which
/// needs no less. So many things, each of which may lie in many, are not told once for each pair.
const MOST_PLACES: usize = 8;

/// The VPCs and clusters that a deployment makes: what lies in one asks for them.
pub(super) struct Containers {
    /// By part and region (none of what may be made in any), and by their addresses.
    made: BTreeMap<(Plays, Option<Region>), Vec<String>>,
    /// The types that adopt one that AWS has made already.
    adopting: BTreeSet<(Plays, &'static str)>,
}

impl Containers {
    pub fn of(items: &Items<'_>) -> Self {
        let mut made: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for part in [IN_VPC.plays, IN_CLUSTER.plays] {
            for item in items.playing(part).iter().filter(|it| it.change.makes()) {
                made.entry((part, item.region.clone())).or_default().push(item.address.clone());
            }
        }
        let adopted = kinds::rows().map(|row| (row.deployed.plays, row.deployed.types.adopted));
        let adopting = adopted.flat_map(|(part, types)| types.iter().map(move |it| (part, *it))).collect();
        Self { made, adopting }
    }

    /// Those made in a region, or a few more of them than are told.
    fn made_in(&self, part: Plays, region: &Region) -> Vec<&String> {
        let of = |region| self.made.get(&(part, region)).into_iter().flatten();
        of(Some(region.clone())).chain(of(None)).take(MOST_PLACES + 1).collect()
    }

    /// The VPC or cluster an item lies in: named by an id, or by what the deployment makes.
    fn within(&self, world: &World<'_>, item: &Item, region: &Region, container: &Container) -> Vec<Spot> {
        let value = item.properties.at(container.named_by);
        let made = |address: &str| Place::New(region.clone(), address.to_owned());
        let one = |place| vec![Spot { place, sure: true }];
        if let Some(id) = value.as_text() {
            return match world.items.first_called(&[(container.plays, By::Name)], id) {
                Some(it) if it.change.makes() => one(made(&it.address)),
                _ => one(Place::In(region.clone(), id.to_owned())),
            };
        }
        if !value.is_open() || item.properties.is_open() {
            return one(Place::Some(region.clone()));
        }
        // A default VPC that is adopted stands already.
        let adopts = |it: &Item| self.adopting.contains(&(container.plays, it.type_name.as_str()));
        // What is set and not known yet is the id of something that the deployment makes; where the file does
        // not tell which, it may be any of them.
        let here = |it: &&Item| it.region.as_ref().is_none_or(|its| its == region);
        let mut named: Vec<&String> = Vec::new();
        for it in value.sources().iter().filter_map(|address| world.items.at(address)) {
            if adopts(it) {
                return one(Place::Some(region.clone()));
            }
            if is(it, container.plays) && it.change.makes() && here(&it) {
                named.push(&it.address);
            }
        }
        named.sort();
        named.dedup();
        let candidates = if named.is_empty() { self.made_in(container.plays, region) } else { named };
        match candidates.as_slice() {
            [] => one(Place::Some(region.clone())),
            [only] => one(made(only)),
            several if several.len() > MOST_PLACES => {
                vec![Spot { place: Place::Some(region.clone()), sure: false }]
            }
            several => several.iter().map(|it| Spot { place: made(it), sure: false }).collect(),
        }
    }
}

/// Whether an item plays this part.
fn is(item: &Item, part: Plays) -> bool {
    kinds::row_of(item).is_some_and(|row| row.deployed.plays == part)
}
