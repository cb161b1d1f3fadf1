//! How flags add to a policy file: in the reading that deletes least. The commands merge what both say before
//! anything is judged.
//!
//! - `select`: ANDed, so that flags narrow what the file selects; either alone stands.
//! - `protect`, `guards`, `abandoned`, `expired`, `neutral-tags`, `with-data`: added. All but the first two widen, and are the user's word
//!   of this very call.
//! - `assume-regions`, `without-services`: added; `spare-living`, `revoke-in-kept-groups`: if
//!   either says so.
//! - `older-than`, `settled`: the longer. `timeout`, `max-deletes`, each `max-per-kind`: the smaller.
//! - `regions`: those of the flags, which must be among the file's if it names any.
//! - `accounts`: those of the file, among which `account` must be.
//! - `account`, `stack-key`, `memory`, `consent-marker`: whoever names it; two that differ are refused.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use super::regions::Regions;
use super::terms::Terms;
use super::{Policy, PolicyError};

impl Policy {
    /// This policy, narrowed by another one that was made from flags.
    pub fn merge(self, flags: Self) -> Result<Self, PolicyError> {
        let accounts: BTreeSet<String> = self.accounts.into_iter().chain(flags.accounts).collect();
        Ok(Self {
            stack_key: agree("stack-key", some_list(self.stack_key), some_list(flags.stack_key))?
                .unwrap_or_default(),
            select: both(self.select, flags.select),
            protect: add(self.protect, flags.protect),
            guards: add(self.guards, flags.guards),
            older_than: self.older_than.max(flags.older_than),
            regions: regions(self.regions, flags.regions)?,
            with_data: self.with_data.into_iter().chain(flags.with_data).collect(),
            abandoned: add(self.abandoned, flags.abandoned),
            expired: add(self.expired, flags.expired),
            states: add(self.states, flags.states),
            settled: self.settled.max(flags.settled),
            assume_regions: self.assume_regions.into_iter().chain(flags.assume_regions).collect(),
            without_services: self.without_services.into_iter().chain(flags.without_services).collect(),
            spare_living: self.spare_living || flags.spare_living,
            revoke_in_kept_groups: self.revoke_in_kept_groups || flags.revoke_in_kept_groups,
            neutral_tags: add(self.neutral_tags, flags.neutral_tags),
            memory: agree("memory", self.memory, flags.memory)?,
            consent_marker: agree("consent-marker", self.consent_marker, flags.consent_marker)?,
            account: account(agree("account", self.account, flags.account)?, &accounts)?,
            accounts,
            max_deletes: smaller(self.max_deletes, flags.max_deletes),
            max_per_kind: smaller_each(self.max_per_kind, flags.max_per_kind),
            timeout: smaller(self.timeout, flags.timeout),
        })
    }
}

fn some_list(list: Vec<String>) -> Option<Vec<String>> {
    (!list.is_empty()).then_some(list)
}

/// What both select. Where one of them selects nothing, it does not narrow the other.
fn both(file: Vec<Terms>, flags: Vec<Terms>) -> Vec<Terms> {
    match (file.is_empty(), flags.is_empty()) {
        (true, _) => flags,
        (false, true) => file,
        (false, false) => Terms::each_with_each(&file, &flags),
    }
}

fn add<T: PartialEq>(mut list: Vec<T>, more: Vec<T>) -> Vec<T> {
    for entry in more {
        if !list.contains(&entry) {
            list.push(entry);
        }
    }
    list
}

fn agree<T: PartialEq + Debug>(
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

/// The account that is meant, if it is among those that are allowed.
fn account(account: Option<String>, allowed: &BTreeSet<String>) -> Result<Option<String>, PolicyError> {
    match account {
        Some(outside) if !allowed.is_empty() && !allowed.contains(&outside) => {
            let allowed = allowed.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            let text = format!("the policy is for accounts {allowed} and not for {outside}");
            Err(PolicyError::Contradiction(text))
        }
        account => Ok(account),
    }
}

/// The flags' regions, if the file allows them. A region that is dropped silently would look clean.
fn regions(file: Regions, flags: Regions) -> Result<Regions, PolicyError> {
    match (file, flags) {
        (Regions::Unnamed | Regions::All, flags @ Regions::These(_)) => Ok(flags),
        (Regions::Unnamed, flags) => Ok(flags),
        (file, Regions::Unnamed | Regions::All) => Ok(file),
        (Regions::These(allowed), Regions::These(named)) => {
            match named.iter().find(|region| !allowed.contains(region)) {
                Some(outside) => {
                    let allowed = Regions::These(allowed).names().join(", ");
                    let text = format!("the policy is for {allowed} and not for {outside}");
                    Err(PolicyError::Contradiction(text))
                }
                None => Ok(Regions::These(named)),
            }
        }
    }
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
    use proptest::prelude::*;

    use super::super::matcher::Candidate;
    use super::super::terms::tests::terms;
    use super::super::{Age, Selector};
    use super::*;
    use crate::model::{Key, KindName, Region, Resource};

    fn read(text: &str) -> Policy {
        Policy::from_toml(text).expect("a policy")
    }

    #[track_caller]
    fn merged(file: &str, flags: &str) -> Policy {
        read(file).merge(read(flags)).expect("no contradiction")
    }

    const KINDS: [&str; 2] = ["vpc", "nat-gateway"];

    /// A resource with all that a term may ask about.
    #[derive(Debug)]
    struct Seen {
        resource: Resource,
        vpcs: BTreeSet<String>,
        clusters: BTreeSet<String>,
        stack: Option<String>,
    }

    impl Seen {
        fn candidate(&self) -> Candidate<'_> {
            let Self { resource, vpcs, clusters, stack } = self;
            Candidate { resource, vpcs, clusters, stack: stack.as_deref() }
        }
    }

    /// Few and short words, so that many terms match many resources.
    fn word() -> impl Strategy<Value = String> {
        prop::sample::select(vec!["abc", "bcd", "abcd", "abc,bcd", r"abc\", "é*cd"]).prop_map(str::to_owned)
    }

    fn seen() -> impl Strategy<Value = Seen> {
        let tags = prop::collection::btree_map(word(), word(), 0..3);
        let set = || prop::collection::btree_set(word(), 0..2);
        (prop::sample::select(KINDS.to_vec()), tags, set(), set(), prop::option::of(word())).prop_map(
            |(kind, tags, vpcs, clusters, stack)| {
                let key = Key::new(KindName::of(kind), Region::new("us-east-1"), "abcd");
                let mut resource = Resource::new(key);
                resource.tags = tags;
                Seen { resource, vpcs, clusters, stack }
            },
        )
    }

    /// Entries that match something of what `seen` makes, and any others.
    fn entries() -> impl Strategy<Value = Vec<Terms>> {
        let value = || {
            prop_oneof![
                word().prop_map(|word| crate::policy::Glob::exactly(&word).to_string()),
                prop::sample::select(vec!["*bcd", "abc*", "ab?d", "[!b]bcd"]).prop_map(str::to_owned)
            ]
        };
        let like = (
            prop::sample::select(vec!["tag:abc=", "tag:bcd=", "id=", "vpc=", "cluster=", "stack="]),
            value(),
        )
            .prop_map(|(word, value)| format!("{word}{value}").parse::<Terms>().expect("terms"));
        let kind = prop::sample::select(KINDS.to_vec()).prop_map(|kind| Terms::of_kind(&KindName::of(kind)));
        prop::collection::vec(prop_oneof![5 => like, 1 => kind, 1 => terms()], 0..3)
    }

    /// The selector of a policy with these, if nothing in it selects everything.
    fn selector(select: &[Terms], protect: &[Terms]) -> Option<Selector> {
        let policy = Policy { select: select.to_vec(), protect: protect.to_vec(), ..Policy::default() };
        Selector::new(&policy, &KINDS).ok()
    }

    proptest! {
        /// A side that selects nothing leaves the choice to the other.
        #[test]
        fn file_and_flags_select_what_both_select(file in entries(), flags in entries(), seen in seen()) {
            let of = |select: &[Terms]| {
                let selector = selector(select, &[])?;
                Some(selector.is_empty() || selector.selects(&seen.candidate()).is_some())
            };
            let whole = both(file.clone(), flags.clone());
            if let (Some(file), Some(flags), Some(whole)) = (of(&file), of(&flags), of(&whole)) {
                prop_assert_eq!(whole, file && flags);
            }
        }

        #[test]
        fn protections_add_up(file in entries(), flags in entries(), seen in seen()) {
            let of = |protect: &[Terms]| {
                selector(&[], protect).expect("a selector").protects(&seen.candidate()).is_some()
            };
            prop_assert_eq!(of(&add(file.clone(), flags.clone())), of(&file) || of(&flags));
        }

        /// Only `--with-data`, `--neutral-tag` and `--abandoned` widen, which the user says in this very call.
        #[test]
        fn nothing_else_widens(
            bounds in prop::collection::vec(prop::option::of(0..5_u32), 8),
            regions in prop::collection::vec(prop::sample::select(vec!["", "all", "us-east-1"]), 2),
        ) {
            let age = |seconds: Option<u32>| seconds.map(|it| format!("{it}s").parse::<Age>().expect("an age"));
            let policy = |bounds: &[Option<u32>], region: &str| Policy {
                older_than: age(bounds[0]),
                timeout: age(bounds[1]),
                max_deletes: bounds[2],
                max_per_kind: bounds[3].map(|cap| (KindName::of("vpc"), cap)).into_iter().collect(),
                regions: Regions::read(&Vec::from_iter((!region.is_empty()).then(|| region.to_owned())))
                    .expect("regions"),
                ..Policy::default()
            };
            let (file, flags) = (policy(&bounds[..4], regions[0]), policy(&bounds[4..], regions[1]));
            let whole = file.clone().merge(flags.clone()).expect("no contradiction");
            let within = |bound: Option<u32>, whole: Option<u32>| bound.is_none() || (whole.is_some() && whole <= bound);
            let cap = |policy: &Policy| policy.max_per_kind.get(&KindName::of("vpc")).copied();
            for side in [&file, &flags] {
                prop_assert!(whole.older_than >= side.older_than);
                prop_assert!(side.timeout.is_none() || (whole.timeout.is_some() && whole.timeout <= side.timeout));
                prop_assert!(within(side.max_deletes, whole.max_deletes) && within(cap(side), cap(&whole)));
                if let Regions::These(allowed) = &side.regions {
                    prop_assert_eq!(&whole.regions, &Regions::These(allowed.clone()));
                }
            }
        }
    }

    fn texts(terms: &[Terms]) -> Vec<String> {
        terms.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn flags_narrow_the_selection() {
        let policy = merged("select = ['tag:a', 'tag:b']", "select = ['name=x', 'name=y']");
        assert_eq!(texts(&policy.select), ["tag:a,name=x", "tag:a,name=y", "tag:b,name=x", "tag:b,name=y"]);
        assert_eq!(texts(&merged("select = ['tag:a']", "").select), ["tag:a"]);
        assert_eq!(texts(&merged("", "select = ['tag:a']").select), ["tag:a"]);
    }

    #[test]
    fn a_backslash_cannot_swallow_what_is_joined_to_it() {
        assert!(Policy::from_toml(r"select = ['name=x\']").is_err());
        let policy = merged(r"select = ['name=x\\']", "select = ['tag:b']");
        assert_eq!(texts(&policy.select), [r"name=x\\,tag:b"]);
    }

    #[test]
    fn protection_and_data_kinds_add_up() {
        let policy = merged(
            "protect=['tag:a']\nwith-data=['volume']",
            "protect=['tag:b','tag:a']\nwith-data=['log-group']",
        );
        assert_eq!(texts(&policy.protect), ["tag:a", "tag:b"]);
        assert_eq!(policy.with_data.len(), 2);
    }

    #[test]
    fn the_longer_age_and_the_smaller_caps_win() {
        let file = "older-than='90m'\ntimeout='2h'\nmax-deletes=10\n[max-per-kind]\nvpc=2\nsubnet=9";
        let flags = "older-than='1h'\ntimeout='30m'\nmax-deletes=20\n[max-per-kind]\nvpc=5\nvolume=1";
        for policy in [merged(file, flags), merged(flags, file)] {
            assert_eq!(policy.older_than, "90m".parse().ok());
            assert_eq!(policy.timeout, "30m".parse().ok());
            assert_eq!(policy.max_deletes, Some(10));
            assert_eq!(policy.max_per_kind[&KindName::of("vpc")], 2);
            assert_eq!(policy.max_per_kind.len(), 3);
        }
        assert_eq!(merged("older-than='1h'", "").older_than, "1h".parse().ok());
        assert_eq!(merged("", "older-than='1h'").older_than, "1h".parse().ok());
    }

    #[test]
    fn regions_of_flags_must_be_among_those_of_the_file() {
        let names = |policy: Policy| policy.regions.names();
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
        let several = "accounts=['1','2']";
        assert!(read(several).merge(read("account='3'")).is_err());
        let one = merged(several, "account='2'");
        assert_eq!((one.refuses("2"), one.refuses("1").as_deref()), (None, Some("2")));
        assert!(read("stack-key=['A']").merge(read("stack-key=['B']")).is_err());
        assert_eq!(merged("account='1'", "account='1'").account.as_deref(), Some("1"));
        assert_eq!(merged("stack-key=['A']", "").stack_key, ["A"]);
    }
}
