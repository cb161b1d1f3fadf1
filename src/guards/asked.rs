//! What a guard rule may look at: facts of one thing that the judge would let go. The judge fills it in; no sentence
//! that was written for people is among them.

use std::collections::BTreeSet;

use crate::model::{Class, Resource, StackVerdict};

/// One thing, as guard rules see it.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// The ARN of who deletes.
    pub caller: &'a str,
    /// The account.
    pub account: &'a str,
    /// The thing.
    pub resource: &'a Resource,
    /// What its kind is good for.
    pub class: Class,
    /// Whether a deletion would lose data: its own, or that of what it takes along.
    pub holds_data: bool,
    /// The ids of the VPCs and subnets that it lies in, however deep.
    pub within: BTreeSet<&'a str>,
    /// The stack that it belongs to, with the answer for that.
    pub stack: Option<(&'a str, StackVerdict)>,
    /// Who claims it, each as `SOURCE:NAME`.
    pub claims: BTreeSet<String>,
    /// Its list price in US cents a month, if it is known.
    pub monthly_cents: Option<i64>,
    /// How many whole hours it has stood at least, if that is proven.
    pub age_hours: Option<i64>,
}

/// The word for a class.
pub(super) const fn class(class: Class) -> &'static str {
    match class {
        Class::Plumbing => "plumbing",
        Class::Workload => "workload",
        Class::Tool => "tool",
        Class::Data => "data",
        Class::Witness => "witness",
    }
}
