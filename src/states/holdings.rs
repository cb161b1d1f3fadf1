//! What a state owns and names, put together from all that it tells: the readers of the formats hand each thing in, and
//! get back what the judge is told of. Only here a thing's kind, its names, its region and the state's account are
//! decided, so that every format means the same.

use std::collections::{BTreeMap, BTreeSet};

use super::attributes::Attributes;
use super::{StateError, mentions};
use crate::deployment::places::{account_of_arn, region_named, region_of_arn, region_of_zone};
use crate::kinds::CATALOG;
use crate::model::deployed::KindRow;
use crate::model::{AccountId, Ids, OwnedStatus, OwnedThing, Region};

/// What a state owns and names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holdings {
    /// What it owns.
    pub owned: Vec<OwnedThing>,
    /// Every other id, ARN and name of another thing in it.
    pub named: BTreeSet<String>,
    /// The accounts that it tells: of what it owns, and of whoever ran the tool.
    pub accounts: BTreeSet<AccountId>,
}

/// A thing of AWS's as a format tells of it.
pub(super) struct Told {
    /// Its address in the tool.
    pub address: String,
    /// Its type in the tool.
    pub type_name: String,
    /// The row of that type.
    pub row: Option<&'static KindRow>,
    /// Its id; empty for one that was being made.
    pub id: String,
    /// What the state says of it.
    pub status: OwnedStatus,
    /// What makes things of the same region as this one, where the format tells it apart from all else that does.
    pub provider: Option<String>,
}

/// Gathers what a state tells.
#[derive(Default)]
pub(super) struct Gathering {
    holdings: Holdings,
    /// What is to get its region from others, by its place among what is owned.
    homeless: Vec<(usize, String)>,
    /// The regions of what each provider made.
    regions: BTreeMap<String, BTreeSet<Region>>,
}

impl Gathering {
    /// Takes a thing that the state owns.
    pub fn own(&mut self, told: Told, it: Attributes) -> Result<(), StateError> {
        let spec = told.row.and_then(|row| CATALOG.named(row.kind));
        let pending = told.status == OwnedStatus::Pending;
        // Of what a scan cannot see nothing is claimed, so that it may go without an id, as some types do.
        if told.id.is_empty() && spec.is_some() && !pending {
            return Err(StateError::Broken { why: "a thing in it has no id".to_owned() });
        }
        let ids = spec.map(|spec| spec.ids);
        let also = if pending { planned(ids, &it) } else { names(ids, &told.id, &it) };
        self.holdings.accounts.extend(arn_of(&told.id, &it).and_then(account_of_arn));
        let regions = regions(&told.id, &it);
        let is_global = told.row.is_some_and(|row| row.global);
        if let (Some(provider), false, Some(_)) = (&told.provider, is_global, spec) {
            self.regions.entry(provider.clone()).or_default().extend(regions.iter().cloned());
        }
        let region = match (is_global, regions.len()) {
            (true, _) => Some(Region::global()),
            (false, 1) => regions.first().cloned(),
            // What it says itself in two ways nobody decides.
            (false, _) => None,
        };
        if let (None, true, Some(provider)) = (&region, regions.is_empty(), told.provider) {
            self.homeless.push((self.holdings.owned.len(), provider));
        }
        self.holdings.named.extend(it.found);
        self.holdings.owned.push(OwnedThing {
            address: shown(&told.address),
            type_name: shown(&told.type_name),
            kind: told.row.map(KindRow::name),
            id: shown(&told.id),
            also,
            region,
            status: told.status,
            tags: if pending { it.tags } else { BTreeMap::new() },
        });
        Ok(())
    }

    /// Takes a thing that the state only looks up: its names are kept as those of another's thing.
    pub fn look_up(&mut self, row: Option<&'static KindRow>, id: &str, it: Attributes) {
        if let Some(spec) = row.and_then(|row| CATALOG.named(row.kind)) {
            self.holdings.named.extend(names(Some(spec.ids), id, &it));
            self.holdings.named.extend(Some(shown(id)).filter(|id| !id.is_empty()));
        }
        self.name(it);
    }

    /// Takes what is mentioned anywhere else.
    pub fn name(&mut self, it: Attributes) {
        self.holdings.named.extend(it.found);
    }

    /// Takes the account that the tool ran in.
    pub fn ran_in(&mut self, account: Option<AccountId>) {
        self.holdings.accounts.extend(account);
    }

    /// Takes the region that a provider is set to.
    pub fn works_in(&mut self, provider: &str, region: Region) {
        self.regions.entry(provider.to_owned()).or_default().insert(region);
    }

    /// All of it.
    pub fn done(self) -> Holdings {
        let Self { mut holdings, homeless, regions } = self;
        for (at, provider) in homeless {
            let region = regions.get(&provider).filter(|regions| regions.len() == 1);
            holdings.owned[at].region = region.and_then(|regions| regions.first().cloned());
        }
        for thing in &holdings.owned {
            // A name stays named: what it refers to may be of another kind.
            let own = thing.also.iter().chain(Some(&thing.id));
            for id in own.filter(|id| id.starts_with("arn:") || mentions::is_id(id)) {
                holdings.named.remove(id);
            }
        }
        holdings
    }
}

/// The ARN of a thing itself.
fn arn_of<'a>(id: &'a str, it: &'a Attributes) -> Option<&'a str> {
    it.own("arn").or(Some(id)).filter(|arn| arn.starts_with("arn:"))
}

/// The regions that a thing tells of itself.
fn regions(id: &str, it: &Attributes) -> BTreeSet<Region> {
    let arn = arn_of(id, it).and_then(region_of_arn);
    let zone = it.own("availabilityzone").and_then(region_of_zone);
    let said = it.own("region").and_then(region_named);
    arn.into_iter().chain(zone).chain(said).collect()
}

/// Every other name by which AWS may call a thing of this id.
fn names(ids: Option<Ids>, id: &str, it: &Attributes) -> BTreeSet<String> {
    let arn = arn_of(id, it);
    let mut names: Vec<String> =
        arn.into_iter().chain(arn.and_then(mentions::plain)).map(str::to_owned).collect();
    names.extend(it.own("uniqueid").map(str::to_owned));
    // `203.0.113.7|eipalloc-…`: what identifies a thing to CloudFormation's registry, joined.
    names.extend(id.split('|').filter(|part| mentions::is_id(part)).map(str::to_owned));
    match ids {
        Some(Ids::Prefix(_)) if it.own("allocationid") == Some(id) => {
            names.extend(it.own("publicip").map(str::to_owned));
        }
        Some(Ids::Name) => names.extend(own_names(it)),
        Some(Ids::OfCluster) => {
            names.extend(of_cluster(it));
            names.extend(id.split_once([':', '|']).filter(|_| arn != Some(id)).map(joined));
            // An access entry's, `ARN|cluster`.
            let reversed = id.rsplit_once('|').filter(|(name, _)| name.starts_with("arn:"));
            names.extend(reversed.map(|(name, cluster)| joined((cluster, name))));
            // `arn:aws:eks:…:nodegroup/cluster/group/…`
            let mut parts = arn.unwrap_or_default().split('/').skip(1);
            names.extend(parts.next().zip(parts.next()).map(joined));
        }
        Some(Ids::Prefix(_) | Ids::Arn { .. }) | None => {}
    }
    names.into_iter().map(|name| shown(&name)).filter(|name| !name.is_empty() && name != id).collect()
}

/// The names that were planned for a thing that was being made: that of a kind whose things AWS gives an id says
/// nothing, since it is a tag.
fn planned(ids: Option<Ids>, it: &Attributes) -> BTreeSet<String> {
    let names: Vec<String> = match ids {
        Some(Ids::Name | Ids::Arn { .. }) => own_names(it).collect(),
        Some(Ids::OfCluster) => of_cluster(it).collect(),
        Some(Ids::Prefix(_)) | None => Vec::new(),
    };
    names.into_iter().map(|name| shown(&name)).collect()
}

fn own_names(it: &Attributes) -> impl Iterator<Item = String> {
    let names = [
        "name",
        "autoscalinggroupname",
        "functionname",
        "groupname",
        "instanceprofilename",
        "keyname",
        "loggroupname",
        "rolename",
    ];
    names.into_iter().filter_map(|name| it.own(name)).map(str::to_owned)
}

/// `cluster/name`, as the things of a cluster are called.
fn of_cluster(it: &Attributes) -> impl Iterator<Item = String> {
    let cluster = it.own("clustername").or(it.own("cluster"));
    let cluster = cluster.map(|cluster| cluster.rsplit('/').next().unwrap_or(cluster));
    let names = ["nodegroupname", "addonname", "fargateprofilename", "principalarn", "associationid", "name"];
    names.into_iter().filter_map(|name| it.own(name)).filter_map(move |name| Some(joined((cluster?, name))))
}

fn joined((cluster, name): (&str, &str)) -> String {
    format!("{cluster}/{name}")
}

/// A text that may be printed.
pub(super) fn shown(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter })
        .collect()
}
