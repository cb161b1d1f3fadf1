//! By which tags the things of a selection are listed: takes a policy, and gives the filters of the tagging API,
//! which list what the selection may mean, and the selector's test, which leaves what it means.

use std::collections::{BTreeMap, BTreeSet};

use super::Policy;
use super::glob::Glob;
use super::selector::stack_key;
use super::terms::Term;

/// Tags that a thing carries all: each key with the values it may have, any if none are named.
pub type TagFilter = BTreeMap<String, BTreeSet<String>>;

/// The tagging API takes no more values of one key.
/// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>
const MOST_VALUES: usize = 20;

/// One filter for each set of keys that entries of `select` ask for. An entry that asks for no tag lists nothing,
/// and neither does no selection: a hundred things to the page, whatever an account has tagged is a long list.
pub fn tag_filters(policy: &Policy) -> BTreeSet<TagFilter> {
    let Ok(stack_key) = stack_key(policy) else { return BTreeSet::new() };
    let mut by_keys: BTreeMap<Vec<String>, TagFilter> = BTreeMap::new();
    for terms in &policy.select {
        let filter = of_entry(terms.all(), &stack_key);
        if filter.is_empty() {
            continue;
        }
        let keys = filter.keys().cloned().collect();
        match by_keys.get_mut(&keys) {
            None => {
                by_keys.insert(keys, filter);
            }
            Some(known) => widen(known, filter),
        }
    }
    by_keys.into_values().collect()
}

/// What the terms of one entry ask of tags.
fn of_entry(terms: &[Term], stack_key: &[String]) -> TagFilter {
    let mut filter = TagFilter::new();
    let mut add = |key: &String, value: Option<String>| {
        let values = filter.entry(key.clone()).or_default();
        if values.is_empty() {
            values.extend(value);
        }
    };
    for term in terms {
        match term {
            Term::Tag { key, value } => add(key, value.as_ref().and_then(Glob::as_exact)),
            Term::Stack(glob) => {
                let name = glob.as_exact().filter(|name| !name.contains('\\'));
                let values: Vec<&str> = name.iter().flat_map(|name| name.split('/')).collect();
                for (at, key) in stack_key.iter().enumerate() {
                    let whole = values.len() == stack_key.len();
                    add(key, values.get(at).filter(|_| whole).map(|value| (*value).to_owned()));
                }
            }
            Term::Kind(_) | Term::Id(_) | Term::Name(_) | Term::Vpc(_) | Term::Cluster(_) => {}
        }
    }
    filter
}

/// Lets a filter pass what another one of the same keys passes.
fn widen(known: &mut TagFilter, other: TagFilter) {
    for (key, values) in other {
        let all = known.entry(key).or_default();
        if all.is_empty() || values.is_empty() {
            all.clear();
        } else {
            all.extend(values);
        }
        if all.len() > MOST_VALUES {
            all.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(select: &[&str], expected: &[&[(&str, &[&str])]]) {
        let select = select.iter().map(|terms| terms.parse().unwrap()).collect();
        let policy = Policy { select, ..Policy::default() };
        let text = |it: &&str| (*it).to_owned();
        let filter = |of: &&[(&str, &[&str])]| -> TagFilter {
            of.iter().map(|(key, values)| (text(key), values.iter().map(text).collect())).collect()
        };
        assert_eq!(tag_filters(&policy), expected.iter().map(filter).collect());
    }

    #[test]
    fn exact_values_are_asked_for_and_globs_by_their_key() {
        check(
            &["tag:Project=shop,tag:EnvironmentSuffix=attempt-*,kind=vpc"],
            &[&[("EnvironmentSuffix", &[]), ("Project", &["shop"])]],
        );
    }

    #[test]
    fn entries_with_the_same_keys_are_one_listing() {
        check(
            &["stack=shop/a1", "stack=shop/a2", "tag:Project=shop,tag:EnvironmentSuffix=a3"],
            &[&[("EnvironmentSuffix", &["a1", "a2", "a3"]), ("Project", &["shop"])]],
        );
        check(&["tag:Env=one", "tag:Env=two*", "tag:Env=three"], &[&[("Env", &[])]]);
        check(&["tag:Env=one", "tag:Team=two"], &[&[("Env", &["one"])], &[("Team", &["two"])]]);
    }

    #[test]
    fn more_values_than_the_api_takes_are_asked_for_by_their_key() {
        let many: Vec<String> = (0..=MOST_VALUES).map(|n| format!("tag:Env=env-{n}")).collect();
        check(&many.iter().map(String::as_str).collect::<Vec<_>>(), &[&[("Env", &[])]]);
    }

    #[test]
    fn what_asks_for_no_tag_lists_nothing_and_neither_does_no_selection() {
        check(&["vpc=vpc-0123", "name=shop-*", "id=i-0123"], &[]);
        check(&[], &[]);
    }

    #[test]
    fn a_stack_whose_name_is_no_plain_list_of_values_is_asked_for_by_its_keys() {
        for stack in ["stack=shop/a*", "stack=eksctl-demo-cluster"] {
            check(&[stack], &[&[("EnvironmentSuffix", &[]), ("Project", &[])]]);
        }
    }
}
