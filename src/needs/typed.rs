//! Reads what a person typed, `--need eip=3,vpc=1,nat-gateway@us-east-1a=1`, into needs.

use std::collections::BTreeSet;

use super::{Need, Place, Wanted};
use crate::model::{Catalog, Per, Region, Scope};
use crate::policy::nearest;

/// What is wrong with a need as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypedError {
    /// It has no number, or nothing before it.
    #[error("`{0}` is no need: it looks like eip=3 or nat-gateway@us-east-1a=1")]
    Form(String),
    /// No quota is called so.
    #[error("there is no quota `{name}`{}", near.map(|near| format!("; did you mean {near}?")).unwrap_or_default())]
    Unknown {
        /// The name.
        name: String,
        /// The nearest one there is.
        near: Option<&'static str>,
    },
    /// Its number is none.
    #[error("`{number}` is not how much of {name} is needed: that is a whole number, 0 or more")]
    Number {
        /// The quota.
        name: String,
        /// What stands there.
        number: String,
    },
    /// Its place is in no region that is looked at, or it does not say in which of several.
    #[error("`{0}` does not say in which of the regions that are looked at")]
    Region(String),
}

impl TypedError {
    /// What to write instead, in one sentence.
    pub fn remedy(&self, catalog: Catalog) -> String {
        match self {
            Self::Region(_) => {
                "write NAME@REGION=NUMBER, NAME@ZONE=NUMBER, or name one region with --region".to_owned()
            }
            Self::Unknown { near: Some(near), .. } => format!("write --need {near}=NUMBER"),
            Self::Unknown { near: None, .. } => {
                let names: BTreeSet<&str> = catalog.quotas().map(|(_, quota)| quota.name).collect();
                format!("there are: {}", names.into_iter().collect::<Vec<_>>().join(", "))
            }
            Self::Form(_) | Self::Number { .. } => {
                "write NAME=NUMBER, several joined by commas, such as --need eip=3,vpc=1".to_owned()
            }
        }
    }
}

/// The needs of one `--need`, in these regions.
pub fn typed(text: &str, catalog: Catalog, regions: &BTreeSet<Region>) -> Result<Vec<Need>, TypedError> {
    let parts = text.split(',').map(str::trim);
    parts.map(|part| one(part, catalog, regions)).collect()
}

fn one(part: &str, catalog: Catalog, regions: &BTreeSet<Region>) -> Result<Need, TypedError> {
    let form = || TypedError::Form(part.to_owned());
    let (what, number) = part.split_once('=').ok_or_else(form)?;
    let (name, place) = match what.split_once('@') {
        Some((name, place)) => (name.trim(), Some(place.trim())),
        None => (what.trim(), None),
    };
    if name.is_empty() || place == Some("") {
        return Err(form());
    }
    let known = catalog.quota(name).or_else(|| {
        // The kind's name will do where it uses one quota before all others.
        catalog.named(name).and_then(|spec| Some((spec, spec.quotas.first()?)))
    });
    let (spec, quota) = known.ok_or_else(|| TypedError::Unknown {
        name: name.to_owned(),
        near: nearest(name, catalog.quotas().map(|(_, quota)| quota.name)),
    })?;
    let amount: u64 = number
        .trim()
        .parse()
        .map_err(|_| TypedError::Number { name: quota.name.to_owned(), number: number.trim().to_owned() })?;
    let place = match spec.scope {
        // What is in no region is looked at whatever the regions are.
        Scope::Global => locate(part, quota.per, place, &BTreeSet::from([Region::global()]))?,
        Scope::Regional => locate(part, quota.per, place, regions)?,
    };
    Ok(Need {
        quota: quota.name,
        place,
        amount: Wanted::certain(amount),
        from: vec![format!("--need {part}")],
    })
}

fn locate(
    part: &str,
    per: Per,
    place: Option<&str>,
    regions: &BTreeSet<Region>,
) -> Result<Place, TypedError> {
    let unclear = || TypedError::Region(part.to_owned());
    if per == Per::Account {
        return Ok(Place::Account);
    }
    let named = |name: &str| regions.iter().find(|region| region.as_str() == name);
    // A zone's name begins with its region's: us-east-1a, us-west-2-lax-1a, us-east-1-wl1-bos-wlz-1.
    // <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html>
    let around = |zone: &str| {
        let letter = |rest: &str| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_lowercase());
        let inside = |rest: &str| letter(rest) || (rest.starts_with('-') && rest.len() > 1);
        regions.iter().find(|region| zone.strip_prefix(region.as_str()).is_some_and(inside))
    };
    let only = || match regions.iter().collect::<Vec<_>>().as_slice() {
        [only] => Ok((*only).clone()),
        _ => Err(unclear()),
    };
    match (place, per) {
        (None, Per::Region | Per::Account) => only().map(Place::Region),
        (None, Per::Zone) => Ok(Place::SomeZone(only()?, None)),
        (None, Per::Vpc | Per::Cluster | Per::Itself) => only().map(Place::Some),
        (Some(place), Per::Region | Per::Account) => {
            named(place).cloned().map(Place::Region).ok_or_else(unclear)
        }
        (Some(place), Per::Zone) => match named(place) {
            Some(region) => Ok(Place::SomeZone(region.clone(), None)),
            None => Ok(Place::In(around(place).ok_or_else(unclear)?.clone(), place.to_owned())),
        },
        (Some(place), Per::Vpc | Per::Cluster | Per::Itself) => match named(place) {
            Some(region) => Ok(Place::Some(region.clone())),
            None => Ok(Place::In(only()?, place.to_owned())),
        },
    }
}
