//! The regions a policy names: none, some, or every enabled one.
//!
//! A policy file and `--region` are read into this value. Which regions exist and are enabled, only the
//! account tells.

use crate::model::Region;

/// The regions to look into.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Regions {
    /// None is named: the profile's is meant.
    #[default]
    Unnamed,
    /// Every enabled one.
    All,
    /// These. Never empty.
    These(Vec<Region>),
}

/// A name that no region can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a region")]
pub struct RegionError(pub String);

/// The word for every enabled region.
const ALL: &str = "all";

impl Regions {
    /// Reads names; `all` among them means every enabled region.
    pub fn read(names: &[String]) -> Result<Self, RegionError> {
        if let Some(bad) = names.iter().find(|name| *name != ALL && !is_region(name)) {
            return Err(RegionError(bad.clone()));
        }
        Ok(if names.iter().any(|name| name == ALL) {
            Self::All
        } else {
            names.iter().map(Region::new).collect()
        })
    }

    /// The names, as they are read.
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::Unnamed => Vec::new(),
            Self::All => vec![ALL.to_owned()],
            Self::These(regions) => regions.iter().map(ToString::to_string).collect(),
        }
    }

    /// The only region that is named, if it is one.
    pub fn single(&self) -> Option<&Region> {
        match self {
            Self::These(regions) => match regions.as_slice() {
                [only] => Some(only),
                _ => None,
            },
            Self::Unnamed | Self::All => None,
        }
    }

    /// Adds one, unless it is among them already.
    pub fn add(&mut self, region: Region) {
        match self {
            Self::Unnamed => *self = Self::These(vec![region]),
            Self::All => {}
            Self::These(regions) => {
                if !regions.contains(&region) {
                    regions.push(region);
                }
            }
        }
    }
}

impl FromIterator<Region> for Regions {
    fn from_iter<T: IntoIterator<Item = Region>>(regions: T) -> Self {
        let regions: Vec<Region> = regions.into_iter().collect();
        if regions.is_empty() { Self::Unnamed } else { Self::These(regions) }
    }
}

/// Whether this could be the name of a region: words and a number with hyphens between them.
fn is_region(name: &str) -> bool {
    let words: Vec<&str> = name.split('-').collect();
    let Some((number, words)) = words.split_last() else { return false };
    let letters = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    digits && words.len() >= 2 && words.iter().all(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(names: &[&str]) -> Result<Regions, RegionError> {
        Regions::read(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn regions_are_read_back_as_they_were_printed() {
        for names in [[].as_slice(), &["all"], &["us-east-1"], &["us-gov-west-1", "eu-west-1"]] {
            let regions = read(names).expect("regions");
            assert_eq!(regions.names(), names);
        }
        assert_eq!(read(&["us-east-1", "all"]), Ok(Regions::All));
    }

    #[test]
    fn what_cannot_be_a_region_is_refused() {
        for name in ["", "US_EAST", "nonsense", "us-east", "us--1", "us-east-1a"] {
            assert_eq!(read(&["us-east-1", name]), Err(RegionError(name.to_owned())));
        }
    }

    #[test]
    fn a_region_is_added_once_and_not_to_all() {
        let mut regions = Regions::Unnamed;
        for _ in 0..2 {
            regions.add(Region::new("us-east-1"));
        }
        assert_eq!(regions.single(), Some(&Region::new("us-east-1")));
        let mut all = Regions::All;
        all.add(Region::new("us-east-1"));
        assert_eq!(all, Regions::All);
    }
}
