//! A place in a bucket that holds states: takes what `--state s3://…` says, gives the edge the prefixes to list and
//! the objects to fetch, and reads what was fetched as any other [`Place`].
//!
//! Terraform keeps the default workspace under the key of its backend and every other under `env:/NAME/`, so that the
//! states of one backend do not lie under one prefix.
//! <https://developer.hashicorp.com/terraform/language/backend/s3#workspace_key_prefix>

use std::collections::{BTreeMap, BTreeSet};

use super::Place;

/// What lies before the name of a workspace.
const WORKSPACES: &str = "env:/";

/// Where states lie: a bucket and what the keys begin with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BucketPlace {
    /// The bucket's name.
    pub bucket: String,
    /// A key, or the folder of keys, without a slash at its end; empty for the whole bucket.
    folder: String,
}

impl BucketPlace {
    /// Of a text that begins with `s3://`; nothing of any other.
    pub fn of(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("s3://")?;
        let (bucket, folder) = rest.split_once('/').unwrap_or((rest, ""));
        Some(Self { bucket: bucket.to_owned(), folder: folder.trim_end_matches('/').to_owned() })
    }

    /// The prefixes that are to be listed.
    pub fn prefixes(&self) -> Vec<&str> {
        match self.folder.is_empty() {
            true => vec![""],
            false => vec![&self.folder, WORKSPACES],
        }
    }

    /// Whether an object belongs to the place, and is looked at.
    pub fn takes(&self, key: &str) -> bool {
        let in_workspace = key.strip_prefix(WORKSPACES).and_then(|rest| rest.split_once('/'));
        let within = |key: &str| {
            let rest = key.strip_prefix(self.folder.as_str());
            rest.is_some_and(|rest| self.folder.is_empty() || rest.is_empty() || rest.starts_with(['/', '.']))
        };
        (within(key) || in_workspace.is_some_and(|(_, key)| within(key))) && super::wanted(key)
    }
}

/// The objects of a place in a bucket, or why each of them could not be fetched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetched {
    /// By key.
    pub objects: BTreeMap<String, Result<Vec<u8>, String>>,
}

impl Place for Fetched {
    fn names(&self) -> Result<BTreeSet<String>, String> {
        Ok(self.objects.keys().cloned().collect())
    }

    fn file(&self, name: &str) -> Result<Vec<u8>, String> {
        self.objects.get(name).cloned().unwrap_or_else(|| Err("it was not listed".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_bucket_and_what_its_keys_begin_with() {
        let place = BucketPlace::of("s3://states/prod/eks/").unwrap();
        assert_eq!((place.bucket.as_str(), place.prefixes()), ("states", vec!["prod/eks", "env:/"]));
        assert_eq!(BucketPlace::of("s3://states").unwrap().prefixes(), [""]);
        assert_eq!(BucketPlace::of("states/prod"), None);
    }

    #[test]
    fn the_states_of_all_workspaces_belong_to_the_backend_with_their_locks_and_those_of_others_do_not() {
        let takes = |place: &str, key: &str| BucketPlace::of(place).unwrap().takes(key);
        for place in ["s3://b/prod/eks", "s3://b/prod/eks/terraform.tfstate", "s3://b"] {
            for key in [
                "prod/eks/terraform.tfstate",
                "prod/eks/terraform.tfstate.tflock",
                "env:/blue/prod/eks/terraform.tfstate",
                "env:/blue/prod/eks/terraform.tfstate.tflock",
            ] {
                assert!(takes(place, key), "{place} {key}");
            }
        }
        for key in ["prod/eks2/terraform.tfstate", "dev/terraform.tfstate", "env:/blue/dev/terraform.tfstate"]
        {
            assert!(!takes("s3://b/prod/eks", key), "{key}");
            assert!(takes("s3://b", key), "{key}");
        }
        assert!(!takes("s3://b", "main/network.tf"));
    }
}
