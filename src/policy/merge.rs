//! How flags add to a policy file: in the reading that deletes least.
//!
//! - `select`: ANDed, so that flags narrow what the file selects; either alone stands.
//! - `protect`, `abandoned`, `with-data`: added. The last two widen, and are the user's word of this very call.
//! - `older-than`: the longer. `timeout`, `max-deletes`, each `max-per-kind`: the smaller.
//! - `regions`: those of the flags, which must be among the file's if it names any.
//! - `account`, `stack-key`: whoever names it; two that differ are refused.

use std::collections::BTreeMap;

use crate::model::Region;

use super::{Policy, PolicyError, age};

impl Policy {
    /// This policy, narrowed by another one that was made from flags.
    pub fn merge(self, flags: Self) -> Result<Self, PolicyError> {
        Ok(Self {
            stack_key: agree("stack-key", some_list(self.stack_key), some_list(flags.stack_key))?
                .unwrap_or_default(),
            select: both(self.select, flags.select)?,
            protect: add(self.protect, flags.protect),
            older_than: by_length("older-than", self.older_than, flags.older_than, Take::Longer)?,
            regions: regions(self.regions, flags.regions)?,
            with_data: self.with_data.into_iter().chain(flags.with_data).collect(),
            abandoned: add(self.abandoned, flags.abandoned),
            account: agree("account", self.account, flags.account)?,
            max_deletes: smaller(self.max_deletes, flags.max_deletes),
            max_per_kind: smaller_each(self.max_per_kind, flags.max_per_kind),
            timeout: by_length("timeout", self.timeout, flags.timeout, Take::Shorter)?,
        })
    }
}

#[derive(Clone, Copy)]
enum Take {
    Longer,
    Shorter,
}

fn some_list(list: Vec<String>) -> Option<Vec<String>> {
    (!list.is_empty()).then_some(list)
}

/// Every entry of the one joined to every entry of the other: (a OR b) AND (c OR d).
fn both(file: Vec<String>, flags: Vec<String>) -> Result<Vec<String>, PolicyError> {
    if file.is_empty() {
        return Ok(flags);
    }
    if flags.is_empty() {
        return Ok(file);
    }
    // A lone `\` at the end would turn the joining comma into a part of the value.
    if let Some(bad) = file.iter().chain(&flags).find(|entry| ends_in_lone_backslash(entry)) {
        let why = "ends with a lone `\\`".to_owned();
        return Err(PolicyError::Entry { place: "select", text: bad.clone(), why });
    }
    Ok(file.iter().flat_map(|a| flags.iter().map(move |b| format!("{a},{b}"))).collect())
}

fn ends_in_lone_backslash(entry: &str) -> bool {
    entry.chars().rev().take_while(|letter| *letter == '\\').count() % 2 == 1
}

fn add(mut list: Vec<String>, more: Vec<String>) -> Vec<String> {
    for entry in more {
        if !list.contains(&entry) {
            list.push(entry);
        }
    }
    list
}

fn agree<T: PartialEq + std::fmt::Debug>(
    key: &str,
    file: Option<T>,
    flags: Option<T>,
) -> Result<Option<T>, PolicyError> {
    match (file, flags) {
        (Some(a), Some(b)) if a != b => {
            Err(PolicyError::Contradiction(format!("{key} is {a:?} in the policy and {b:?} in the flags")))
        }
        (Some(one), _) | (None, Some(one)) => Ok(Some(one)),
        (None, None) => Ok(None),
    }
}

fn by_length(
    place: &'static str,
    file: Option<String>,
    flags: Option<String>,
    take: Take,
) -> Result<Option<String>, PolicyError> {
    let read = |text: &str| age::parse(text).map_err(|source| PolicyError::Age { place, source });
    match (file, flags) {
        (Some(a), Some(b)) => {
            let (length_a, length_b) = (read(&a)?, read(&b)?);
            let first = match take {
                Take::Longer => length_a >= length_b,
                Take::Shorter => length_a <= length_b,
            };
            Ok(Some(if first { a } else { b }))
        }
        (one, other) => Ok(one.or(other)),
    }
}

fn is_all(regions: &[Region]) -> bool {
    regions.iter().any(|region| region.as_str() == "all")
}

/// The flags' regions, if the file allows them. A region that is dropped silently would look clean.
fn regions(file: Vec<Region>, flags: Vec<Region>) -> Result<Vec<Region>, PolicyError> {
    if flags.is_empty() || (is_all(&flags) && !file.is_empty()) {
        return Ok(file);
    }
    if let Some(outside) = flags.iter().find(|region| !file.contains(region))
        && !file.is_empty()
        && !is_all(&file)
    {
        let allowed: Vec<&str> = file.iter().map(Region::as_str).collect();
        let text = format!("the policy is for {} and not for {outside}", allowed.join(", "));
        return Err(PolicyError::Contradiction(text));
    }
    Ok(flags)
}

fn smaller<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

fn smaller_each<K: Ord>(mut caps: BTreeMap<K, u32>, more: BTreeMap<K, u32>) -> BTreeMap<K, u32> {
    for (kind, cap) in more {
        caps.entry(kind).and_modify(|held| *held = cap.min(*held)).or_insert(cap);
    }
    caps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::KindName;

    fn read(text: &str) -> Policy {
        Policy::from_toml(text).expect("a policy")
    }

    #[track_caller]
    fn merged(file: &str, flags: &str) -> Policy {
        read(file).merge(read(flags)).expect("no contradiction")
    }

    #[test]
    fn flags_narrow_the_selection() {
        let policy = merged("select = ['tag:a', 'tag:b']", "select = ['name=x', 'name=y']");
        assert_eq!(policy.select, ["tag:a,name=x", "tag:a,name=y", "tag:b,name=x", "tag:b,name=y"]);
        assert_eq!(merged("select = ['tag:a']", "").select, ["tag:a"]);
        assert_eq!(merged("", "select = ['tag:a']").select, ["tag:a"]);
    }

    #[test]
    fn a_lone_backslash_cannot_swallow_the_joining_comma() {
        let joined = read(r"select = ['name=x\']").merge(read("select = ['tag:b']"));
        assert!(matches!(joined, Err(PolicyError::Entry { place: "select", .. })), "{joined:?}");
        assert_eq!(merged(r"select = ['name=x\\']", "select = ['tag:b']").select, [r"name=x\\,tag:b"]);
    }

    #[test]
    fn protection_and_data_kinds_add_up() {
        let policy = merged(
            "protect=['tag:a']\nwith-data=['volume']",
            "protect=['tag:b','tag:a']\nwith-data=['log-group']",
        );
        assert_eq!(policy.protect, ["tag:a", "tag:b"]);
        assert_eq!(policy.with_data.len(), 2);
    }

    #[test]
    fn the_longer_age_and_the_smaller_caps_win() {
        let file = "older-than='90m'\ntimeout='2h'\nmax-deletes=10\n[max-per-kind]\nvpc=2\nsubnet=9";
        let flags = "older-than='1h'\ntimeout='30m'\nmax-deletes=20\n[max-per-kind]\nvpc=5\nvolume=1";
        for policy in [merged(file, flags), merged(flags, file)] {
            assert_eq!(policy.older_than.as_deref(), Some("90m"));
            assert_eq!(policy.timeout.as_deref(), Some("30m"));
            assert_eq!(policy.max_deletes, Some(10));
            assert_eq!(policy.max_per_kind[&KindName::of("vpc")], 2);
            assert_eq!(policy.max_per_kind.len(), 3);
        }
        assert_eq!(merged("older-than='1h'", "").older_than.as_deref(), Some("1h"));
        assert!(read("older-than='24'").merge(read("older-than='1h'")).is_err());
    }

    #[test]
    fn regions_of_flags_must_be_among_those_of_the_file() {
        let names = |policy: Policy| policy.regions.iter().map(|r| r.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(
            names(merged("regions=['us-east-1','eu-west-1']", "regions=['eu-west-1']")),
            ["eu-west-1"]
        );
        assert_eq!(names(merged("regions=['all']", "regions=['eu-west-1']")), ["eu-west-1"]);
        assert_eq!(names(merged("regions=['us-east-1']", "regions=['all']")), ["us-east-1"]);
        assert_eq!(names(merged("", "regions=['us-east-1']")), ["us-east-1"]);
        let outside = read("regions=['us-east-1']").merge(read("regions=['eu-west-1']"));
        assert!(outside.expect_err("refused").to_string().contains("not for eu-west-1"));
    }

    #[test]
    fn another_account_or_stack_key_is_refused() {
        assert!(read("account='1'").merge(read("account='2'")).is_err());
        assert!(read("stack-key=['A']").merge(read("stack-key=['B']")).is_err());
        assert_eq!(merged("account='1'", "account='1'").account.as_deref(), Some("1"));
        assert_eq!(merged("stack-key=['A']", "").stack_key, ["A"]);
    }
}
