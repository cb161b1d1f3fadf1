//! Stacks of what is there already: for scenarios and tests that build a world whose stacks have a history.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{calls, kinds, stamp};
use crate::stores::cloudformation::{Member, MemberStatus, Output, Stack, StackEvent, StackStatus};
use crate::tags::Tags;
use crate::world::World;

/// A stack to be written down as if it had been made.
#[derive(Debug, Clone, Default)]
pub struct NewStack {
    /// Its name.
    pub name: String,
    /// Its status; `None`: CREATE_COMPLETE.
    pub status: Option<StackStatus>,
    /// Why it has that status.
    pub reason: Option<String>,
    /// Its tags, which its members get as well.
    pub tags: Tags,
    /// The id of the stack that it is nested in.
    pub parent: Option<String>,
    /// Outputs: key, value, name of the export.
    pub outputs: Vec<(String, String, Option<String>)>,
    /// The names of the exports that it imports.
    pub imports: BTreeSet<String>,
    /// Whether it is protected.
    pub termination_protection: bool,
    /// What it consists of.
    pub members: Vec<NewMember>,
}

/// A thing that a stack takes over.
#[derive(Debug, Clone, Default)]
pub struct NewMember {
    /// Its name in the template.
    pub logical: String,
    /// Its type: `AWS::EC2::VPC`.
    pub kind: String,
    /// Its id, as CloudFormation has it (of an Elastic IP the address, of a node group `cluster/group`).
    pub physical: String,
    /// Its status; `None`: CREATE_COMPLETE.
    pub status: Option<MemberStatus>,
    /// Why it has that status.
    pub reason: Option<String>,
    /// What it refers to besides what follows from its type, by logical ids.
    pub needs: BTreeSet<String>,
    /// `Retain`, `RetainExceptOnCreate`; `None`: `Delete`.
    pub deletion_policy: Option<String>,
}

/// Writes a stack down; gives its id. Its members are tagged as CloudFormation tags them. What refers to what
/// follows from their types.
pub fn seed(world: &mut World, region: &str, new: NewStack) -> String {
    let id = calls::new_id(world, region, &new.name);
    let now = world.clock.now();
    let (members, resources) = taken_over(world, new.members);
    let outputs =
        new.outputs.into_iter().map(|(key, value, export)| Output { key, value, description: None, export });
    let outputs: Vec<Output> = outputs.collect();
    let status = new.status.unwrap_or(StackStatus::CreateComplete);
    let parent = new.parent.and_then(|parent| {
        let stack = world.region(region).cloudformation.stacks.get(&parent)?;
        Some((parent.clone(), stack.root.clone().unwrap_or(parent)))
    });
    let template = json!({ "AWSTemplateFormatVersion": "2010-09-09", "Resources": resources });
    let made = event(world, (&new.name, &id), StackStatus::CreateComplete.as_str(), None);
    let mut events = vec![made];
    if status != StackStatus::CreateComplete {
        events.push(event(world, (&new.name, &id), status.as_str(), new.reason.clone()));
    }
    let stack = Stack {
        deleted: (status == StackStatus::DeleteComplete).then_some(now),
        status,
        reason: new.reason,
        tags: new.tags,
        capabilities: vec!["CAPABILITY_IAM".to_owned(), "CAPABILITY_NAMED_IAM".to_owned()],
        outputs,
        imports: new.imports,
        termination_protection: new.termination_protection,
        root: parent.as_ref().map(|(_, root)| root.clone()),
        parent: parent.map(|(parent, _)| parent),
        template: template.to_string(),
        members,
        events,
        ..Stack::new(id.clone(), &new.name, now)
    };
    for (logical, it) in &stack.members {
        let physical = it.physical.as_deref().unwrap_or_default();
        stamp::stamp(world, region, &stack, (logical, &it.kind, physical), &Tags::new());
    }
    world.region(region).cloudformation.stacks.insert(id.clone(), stack);
    id
}

/// The members, and how they would stand in a template.
fn taken_over(world: &World, new: Vec<NewMember>) -> (BTreeMap<String, Member>, Value) {
    let now = world.clock.now();
    let types: Vec<(String, String)> = new.iter().map(|it| (it.logical.clone(), it.kind.clone())).collect();
    let mut members = BTreeMap::new();
    let mut resources = json!({});
    for it in new {
        let needed = kinds::find(&it.kind).map_or(&[] as &[_], |kind| kind.needs);
        let needs: BTreeSet<String> = types
            .iter()
            .filter(|(logical, kind)| *logical != it.logical && needed.contains(&kind.as_str()))
            .map(|(logical, _)| logical.clone())
            .chain(it.needs)
            .collect();
        let policy = it.deletion_policy.unwrap_or_else(|| "Delete".to_owned());
        resources[&it.logical] = json!({ "Type": it.kind, "DeletionPolicy": policy, "DependsOn": needs });
        let properties = properties(world, &it.kind, &it.physical);
        let member = Member {
            physical: Some(it.physical),
            status: it.status.unwrap_or(MemberStatus::CreateComplete),
            reason: it.reason,
            changed: now,
            deletion_policy: policy,
            source: json!({}),
            properties,
            needs,
            tried_since: None,
            kind: it.kind,
        };
        members.insert(it.logical, member);
    }
    (members, resources)
}

fn event(
    world: &mut World,
    (name, id): (&str, &str),
    status: &'static str,
    reason: Option<String>,
) -> StackEvent {
    StackEvent {
        id: world.ids.uuid(),
        at: world.clock.now(),
        logical: name.to_owned(),
        physical: id.to_owned(),
        kind: kinds::STACK.to_owned(),
        status,
        reason,
        token: None,
    }
}

/// What its deletion needs to know: which policies and roles its template gave it. That is what it has now.
fn properties(world: &World, kind: &str, physical: &str) -> Value {
    let iam = &world.iam;
    match kind {
        "AWS::IAM::Role" => match iam.roles.get(physical) {
            Some(role) => {
                let inline: Vec<Value> =
                    role.inline.keys().map(|name| json!({ "PolicyName": name })).collect();
                json!({ "ManagedPolicyArns": role.attached, "Policies": inline })
            }
            None => json!({}),
        },
        "AWS::IAM::InstanceProfile" => {
            let role = iam.profiles.get(physical).and_then(|profile| profile.role.clone());
            json!({ "Roles": role.into_iter().collect::<Vec<_>>() })
        }
        "AWS::IAM::ManagedPolicy" => {
            let roles = iam.roles.values().filter(|role| role.attached.contains(physical));
            json!({ "Roles": roles.map(|role| &role.name).collect::<Vec<_>>() })
        }
        // `name|role`
        "AWS::IAM::Policy" => {
            let (name, role) = physical.split_once('|').unwrap_or((physical, ""));
            json!({ "PolicyName": name, "Roles": [role] })
        }
        _ => json!({}),
    }
}
