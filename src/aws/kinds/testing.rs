//! What the unit tests of the kinds share: a site to read at, and short forms to compare.

use aws_sdk_ec2::types::Tag;

use crate::aws::Site;
use crate::model::{AccountId, GuardRule, Region, Resource};

/// The account the tests read in.
pub(super) const ACCOUNT: &str = "111122223333";

/// The site the tests read at.
pub(crate) fn site() -> Site {
    Site { region: Region::new("us-east-1"), account: AccountId::new(ACCOUNT) }
}

/// An EC2 tag.
pub(super) fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

/// Every link in short: `within vpc vpc-1`, with what the cut takes in brackets.
pub(super) fn links(resource: &Resource) -> Vec<String> {
    let mut short: Vec<String> = resource
        .links
        .iter()
        .map(|link| match link.via.is_empty() {
            true => format!("{} {}", link.how, link.to),
            false => format!("{} {} {:?}", link.how, link.to, link.via),
        })
        .collect();
    short.sort();
    short
}

/// The rules of its guards.
pub(super) fn guards(resource: &Resource) -> Vec<GuardRule> {
    resource.guards.iter().map(|guard| guard.rule).collect()
}
