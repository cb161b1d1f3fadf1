//! What CloudFormation's records say of what was selected: takes the indexed inventory, and gives the gates whether a
//! stack stands as somebody wanted it and whether one that cannot be told may own a thing, and `settle` what a
//! stack would take along.
//!
//! A stack removes its members itself, so they follow it. It may be removed only if its making or its end has failed,
//! and if nothing that it takes along speaks for itself. A stack that is gone owns nothing.

use crate::kinds::is;
use crate::model::words::{fact, how};
use crate::model::{Gate, Key, Position, Resource, Verdict};

use super::findings::Findings;
use super::gates::{Court, Ground, Ruling};
use super::settle::standing;
use super::view::{View, label};

/// That a stack stands as somebody wanted it: only the user's word that it is abandoned speaks against that.
pub(super) fn stands(resource: &Resource) -> Option<Ruling> {
    if !is(&resource.key.kind, Position::Stack) || resource.facts.contains_key(fact::FAILED) {
        return None;
    }
    let state = resource.state.as_deref().unwrap_or("in an unknown state");
    let why = format!(
        "CloudFormation says {state}: its making has not failed; {}, or call it abandoned by its name",
        remedy(&resource.key)
    );
    Some(Ruling::new(Verdict::Active, Gate::CloudFormation { stack: name(&resource.key) }, why))
}

/// That the stack by whose mark AWS says who made a thing could not be asked for.
pub(super) fn unread(view: &View<'_>, resource: &Resource) -> Option<Ruling> {
    let unseen = |stack: &&Key| view.get(stack).is_none() && !view.holes.saw_it(stack);
    let stack = resource.links_as(how::TAGGED_BY).map(|link| &link.to).find(unseen)?;
    let why = format!("CloudFormation stack {} may still own it; {}", name(stack), remedy(stack));
    Some(Ruling::new(Verdict::Uncertain, Gate::CloudFormation { stack: name(stack) }, why))
}

/// That a stack would remove something which could not be read, and so could not speak for itself.
pub(super) fn member_unseen(view: &View<'_>, resource: &Resource) -> Option<Ground> {
    let unseen = |to: &&Key| view.get(to).is_none() && !view.inventory.saw(&to.kind, &to.region);
    let member = resource.links_as(how::OWNS).map(|link| &link.to).find(unseen)?;
    let why =
        format!("it would take {} along, and {} of {} could not be read", member, member.kind, member.region);
    let gate = Gate::MemberUnseen { kind: member.kind.clone(), region: member.region.clone() };
    Some(Ground { gate, why })
}

/// A stack that would take anything but orphans along is none.
pub(super) fn spoiled(court: &Court<'_>, findings: &Findings<'_>, key: &Key) -> Option<Ruling> {
    if !is(&key.kind, Position::Stack) || findings.verdict(key) != Some(Verdict::Orphan) {
        return None;
    }
    let referrers = court.view.referrers.get(key).into_iter().flatten();
    let members = referrers.filter(|(role, _)| *role == how::MEMBER_OF).map(|(_, member)| *member);
    let (finding, member) = findings.cause(members)?;
    let reason = finding.decides().map(|ground| format!(": {}", ground.why)).unwrap_or_default();
    let why =
        format!("it would take {} along, which is {}{reason}", label(member), standing(finding.verdict));
    Some(Ruling::new(Verdict::Uncertain, Gate::Stranger { stranger: member.clone() }, why))
}

/// The clusters that a stack made, also those that are gone, by its record.
pub(super) fn clusters(stack: &Resource) -> impl Iterator<Item = &str> {
    stack.facts.get(fact::OWN_CLUSTERS).into_iter().flat_map(|names| names.split(','))
}

/// What a stack is called among all stacks.
pub(super) fn called(stack: &Key) -> String {
    format!("cfn:{}", name(stack))
}

/// A stack's name, from its id.
pub(super) fn name(stack: &Key) -> String {
    stack.id.split('/').nth(1).unwrap_or(&stack.id).to_owned()
}

fn remedy(stack: &Key) -> String {
    let (name, region) = (name(stack), &stack.region);
    format!("delete it with: aws cloudformation delete-stack --stack-name {name} --region {region}")
}
