//! What a stack has of kinds that are not read, as the tagging API lists it: reports tell it, so that nobody takes
//! "nothing is left" for more than it is. It keeps nothing by itself: what such a thing works with shows by its
//! traces (an interface, the last use of a role).

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::{Inventory, UnreadThing};
use crate::model::{Key, KindName, Resource};
use crate::policy::{Candidate, Selector};

use super::stack;

/// The things of one stack of kinds that are not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadOfStack {
    /// The stack.
    pub stack: String,
    /// Their ARNs, by what they are in the ARN's words: `rds:db`, `s3`.
    pub things: BTreeMap<String, BTreeSet<String>>,
}

/// What the selected stacks have of kinds that are not read: what carries the whole stack key.
pub fn unread_of_stacks(inventory: &Inventory, selector: &Selector) -> Vec<UnreadOfStack> {
    let mut stacks: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for thing in &inventory.unread_things {
        let resource = as_resource(thing);
        let Some(stack) = stack::named_by_tags(&resource, selector.stack_key()) else { continue };
        if is_selected(&resource, &stack, selector) {
            let things = stacks.entry(stack).or_default();
            things.entry(sort(&thing.arn)).or_default().insert(thing.arn.clone());
        }
    }
    stacks.into_iter().map(|(stack, things)| UnreadOfStack { stack, things }).collect()
}

/// A thing of which no more is known than its tags.
fn as_resource(thing: &UnreadThing) -> Resource {
    let mut resource =
        Resource::new(Key::new(KindName::new(sort(&thing.arn)), thing.region.clone(), thing.arn.clone()));
    resource.tags.clone_from(&thing.tags);
    resource.name = thing.tags.get("Name").cloned();
    resource
}

fn is_selected(resource: &Resource, stack: &str, selector: &Selector) -> bool {
    let nowhere = BTreeSet::new();
    let candidate = Candidate { resource, vpcs: &nowhere, clusters: &nowhere, stack: Some(stack) };
    selector.selects(&candidate).is_some()
}

/// What a thing is, in the words of its ARN: `rds:db` of `arn:aws:rds:us-east-1:1:db:shop`, `s3` of a bucket's.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
fn sort(arn: &str) -> String {
    let mut parts = arn.splitn(6, ':').skip(2);
    let service = parts.next().filter(|it| !it.is_empty()).unwrap_or("unknown");
    let rest = parts.nth(2).unwrap_or_default();
    match rest.split_once(['/', ':']) {
        Some((sort, _)) if !sort.is_empty() => format!("{service}:{sort}"),
        Some(_) | None => service.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::{KINDS, World, region};
    use crate::policy::Policy;

    fn told(select: &str, things: &[(&str, &[(&str, &str)])]) -> Vec<UnreadOfStack> {
        let mut inventory = World::new().inventory;
        for (arn, tags) in things {
            let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            inventory.unread_things.push(UnreadThing { arn: (*arn).to_owned(), region: region(), tags });
        }
        let policy = Policy {
            stack_key: vec!["Project".to_owned(), "EnvironmentSuffix".to_owned()],
            select: vec![select.parse().expect("terms")],
            ..Policy::default()
        };
        unread_of_stacks(&inventory, &Selector::new(&policy, &KINDS).expect("a selector"))
    }

    const OWN: &[(&str, &str)] = &[("Project", "shop"), ("EnvironmentSuffix", "a1")];
    const DATABASE: &str = "arn:aws:rds:us-east-1:123456789012:db:shop";

    #[test]
    fn what_carries_the_whole_key_of_a_selected_stack_is_told_by_what_it_is() {
        let bucket = "arn:aws:s3:::shop-a1";
        for select in ["stack=shop/a1", "tag:Project=shop,tag:EnvironmentSuffix=a1"] {
            let found = told(select, &[(DATABASE, OWN), (bucket, OWN)]);
            assert_eq!(found.len(), 1, "{select}");
            assert_eq!(found[0].stack, "shop/a1");
            let sorts: Vec<(&str, usize)> =
                found[0].things.iter().map(|(sort, arns)| (sort.as_str(), arns.len())).collect();
            assert_eq!(sorts, [("rds:db", 1), ("s3", 1)]);
        }
    }

    #[test]
    fn what_carries_part_of_the_key_or_another_stacks_is_not() {
        let part: &[(&str, &str)] = &[("Project", "shop")];
        let other: &[(&str, &str)] = &[("Project", "shop"), ("EnvironmentSuffix", "live")];
        assert!(told("stack=shop/a1", &[(DATABASE, part), (DATABASE, other)]).is_empty());
    }

    #[test]
    fn a_thing_is_named_in_the_words_of_its_arn() {
        for (arn, expected) in [
            (DATABASE, "rds:db"),
            ("arn:aws:lambda:us-east-1:1:function:f", "lambda:function"),
            ("arn:aws:elasticfilesystem:us-east-1:1:file-system/fs-1", "elasticfilesystem:file-system"),
            ("arn:aws:s3:::bucket", "s3"),
            ("arn:aws:sqs:us-east-1:1:queue", "sqs"),
            ("arn:aws:apigateway:us-east-1::/restapis/a", "apigateway"),
            ("no arn", "unknown"),
            ("", "unknown"),
        ] {
            assert_eq!(sort(arn), expected, "{arn}");
        }
    }
}
