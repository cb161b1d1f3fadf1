//! What a stack is at: it makes its members in the order of their needs, or deletes them the other way round.
//! One step every few seconds of the world's clock; what takes time is asked again, what is held is tried again.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::SignedDuration;

use super::hands::Hands;
use super::make::{self, Made};
use super::undo::{self, Fate};
use super::{site, stamp, template};
use crate::error::AwsError;
use crate::stores::cloudformation::{MemberStatus, Output, Stack, StackEvent, StackStatus, Work, WorkKind};
use crate::world::World;

/// How often it looks.
pub const TICK: Duration = Duration::from_secs(5);

/// For how long it tries again what something else still holds. That it does, no page of AWS's tells, and none how
/// long; that a stack in DELETE_FAILED has tried for minutes is commonly seen.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html#troubleshooting-errors-delete-stack-fails>
pub const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// The refusals that pass when what holds a thing goes. IAM's `DeleteConflict` is not among them: it is given up
/// at once.
const PASSING: &[&str] = &[
    "AuthFailure",
    "DependencyViolation",
    "InvalidIPAddress.InUse",
    "InvalidNetworkInterface.InUse",
    "ResourceInUse",
    "ResourceInUseException",
];

/// How a stack is to be deleted.
#[derive(Default)]
pub(super) struct How {
    /// The logical ids that are to be left behind.
    pub(super) retain: BTreeSet<String>,
    /// Whether what cannot be deleted is left behind.
    pub(super) force: bool,
    /// The call's token, which its events carry.
    pub(super) token: Option<String>,
}

fn stack<'w>(world: &'w mut World, region: &str, id: &str) -> Option<&'w mut Stack> {
    world.region(region).cloudformation.stacks.get_mut(id)
}

/// Begins an operation; the one that was under way ends with it.
pub(super) fn begin(world: &mut World, region: &str, id: &str, kind: WorkKind) {
    begin_with(world, region, id, kind, How::default());
}

fn begin_with(world: &mut World, region: &str, id: &str, kind: WorkKind, how: How) {
    let Some(stack) = stack(world, region, id) else { return };
    stack.operations += 1;
    let number = stack.operations;
    stack.work = Some(Work { number, kind, retain: how.retain, force: how.force });
    stack.members.values_mut().for_each(|member| member.tried_since = None);
    later(world, region, id, number);
}

/// Begins a deletion. It comes to nothing if another stack imports an export: the stack is then as before.
/// That it goes through DELETE_IN_PROGRESS and back: <https://github.com/boto/botocore/issues/2590>.
pub(super) fn begin_deletion(world: &mut World, region: &str, id: &str, how: How) {
    let Some(held) = stack(world, region, id) else { return };
    held.token = how.token.clone();
    let before = (held.status, held.reason.clone());
    let exports: Vec<String> = held.outputs.iter().filter_map(|output| output.export.clone()).collect();
    let reason = (before.0 != StackStatus::DeleteInProgress).then(|| "User Initiated".to_owned());
    set_stack(world, region, id, StackStatus::DeleteInProgress, reason);
    for export in exports {
        if let Some(user) = site::importers(world, region, &export).into_iter().next() {
            let text = format!("Export {export} cannot be deleted as it is in use by {user}");
            let (region, id) = (region.to_owned(), id.to_owned());
            world.after(TICK, move |world| set_stack(world, &region, &id, before.0, Some(text)));
            return;
        }
    }
    begin_with(world, region, id, WorkKind::Delete, how);
}

fn later(world: &mut World, region: &str, id: &str, number: u64) {
    let (region, id) = (region.to_owned(), id.to_owned());
    world.after(TICK, move |world| step(world, &region, &id, number));
}

fn step(world: &mut World, region: &str, id: &str, number: u64) {
    let Some(work) = stack(world, region, id).and_then(|stack| stack.work.clone()) else { return };
    if work.number != number {
        return;
    }
    let goes_on = match work.kind {
        WorkKind::Create => create_step(world, region, id),
        WorkKind::Rollback | WorkKind::Delete => delete_step(world, region, id, &work),
    };
    if goes_on {
        later(world, region, id, number);
    }
}

/// Changes a stack's status, and notes it among its events.
pub(super) fn set_stack(
    world: &mut World,
    region: &str,
    id: &str,
    status: StackStatus,
    reason: Option<String>,
) {
    let (now, event) = (world.clock.now(), world.ids.uuid());
    let Some(stack) = stack(world, region, id) else { return };
    stack.status = status;
    stack.reason = reason.clone();
    if status == StackStatus::DeleteComplete {
        stack.deleted = Some(now);
    }
    stack.events.push(StackEvent {
        id: event,
        at: now,
        logical: stack.name.clone(),
        physical: id.to_owned(),
        kind: super::kinds::STACK.to_owned(),
        status: status.as_str(),
        reason,
        token: stack.token.clone(),
    });
}

fn set_member(
    world: &mut World,
    region: &str,
    id: &str,
    logical: &str,
    (status, reason): (MemberStatus, Option<String>),
) {
    let (now, event) = (world.clock.now(), world.ids.uuid());
    let Some(stack) = stack(world, region, id) else { return };
    let token = stack.token.clone();
    let Some(member) = stack.members.get_mut(logical) else { return };
    member.status = status;
    member.reason = reason.clone();
    member.changed = now;
    let event = StackEvent {
        id: format!("{logical}-{}-{event}", status.as_str()),
        at: now,
        logical: logical.to_owned(),
        physical: member.physical.clone().unwrap_or_default(),
        kind: member.kind.clone(),
        status: status.as_str(),
        reason,
        token,
    };
    stack.events.push(event);
}

/// A refusal as CloudFormation tells it of a member.
fn reason(world: &mut World, kind: &str, refusal: &AwsError) -> String {
    if refusal.code == "InternalFailure" {
        return refusal.message.clone();
    }
    let service = kind.split("::").nth(1).unwrap_or_default();
    let handler = match refusal.code.as_str() {
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => "AccessDenied",
        "NotStabilized" => "NotStabilized",
        "DeleteConflict" | "ResourceInUseException" | "ResourceInUse" => "ResourceConflict",
        "LimitExceeded" => "ServiceLimitExceeded",
        _ => "InvalidRequest",
    };
    let (request, token) = (world.next_request_id(), world.next_request_id());
    format!(
        "Resource handler returned message: \"{} (Service: {service}, Status Code: {}, Request ID: {request})\" \
         (RequestToken: {token}, HandlerErrorCode: {handler})",
        refusal.message, refusal.status
    )
}

/// The members whose turn it is: not yet done with or given up, and nothing that needs them is left.
fn deletable(stack: &Stack) -> Vec<String> {
    let given_up = |it: &crate::stores::cloudformation::Member| {
        it.status == MemberStatus::DeleteFailed && it.tried_since.is_some()
    };
    let left = |logical: &String| {
        stack.members.values().any(|other| other.needs.contains(logical) && !other.status.is_over())
    };
    let open = stack.members.iter().filter(|(_, it)| !it.status.is_over() && !given_up(it));
    open.filter(|(logical, _)| !left(logical)).map(|(logical, _)| logical.clone()).collect()
}

fn delete_step(world: &mut World, region: &str, id: &str, work: &Work) -> bool {
    let Some(held) = stack(world, region, id) else { return false };
    let turn = deletable(held);
    if turn.is_empty() {
        finish_deletion(world, region, id, work.kind);
        return false;
    }
    for logical in turn {
        delete_member(world, region, id, (&logical, work));
    }
    true
}

fn delete_member(world: &mut World, region: &str, id: &str, (logical, work): (&str, &Work)) {
    let now = world.clock.now();
    let Some(member) = stack(world, region, id).and_then(|it| it.members.get_mut(logical)) else { return };
    let first = member.tried_since.is_none();
    let since = *member.tried_since.get_or_insert(now);
    let member = member.clone();
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
    let kept = match member.deletion_policy.as_str() {
        "Retain" => true,
        "RetainExceptOnCreate" => work.kind == WorkKind::Delete,
        _ => false,
    };
    let set = |world: &mut World, status, reason| set_member(world, region, id, logical, (status, reason));
    if kept || work.retain.contains(logical) {
        return set(world, MemberStatus::DeleteSkipped, None);
    }
    let Some(physical) = member.physical.clone() else {
        return set(world, MemberStatus::DeleteComplete, None);
    };
    if member.status != MemberStatus::DeleteInProgress {
        set(world, MemberStatus::DeleteInProgress, None);
    }
    let mut hands = Hands { world, region };
    let fate = undo::undo(&mut hands, (&member.kind, &physical), &member.properties, first);
    let waited = SignedDuration::try_from(PATIENCE).is_ok_and(|most| now.duration_since(since) >= most);
    match fate {
        Ok(Fate::Gone) => set(world, MemberStatus::DeleteComplete, None),
        Ok(Fate::Leaving) => {}
        Err(refusal) if PASSING.contains(&refusal.code.as_str()) && !waited => {}
        Err(refusal) => {
            let told = reason(world, &member.kind, &refusal);
            // "Delete the stack if it's stuck in a DELETE_FAILED state due to resource deletion failure":
            // https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
            let end = if work.force { MemberStatus::DeleteSkipped } else { MemberStatus::DeleteFailed };
            set(world, end, Some(told));
        }
    }
}

fn finish_deletion(world: &mut World, region: &str, id: &str, kind: WorkKind) {
    let Some(held) = stack(world, region, id) else { return };
    held.work = None;
    let members = held.members.iter();
    let failed: Vec<String> = members
        .filter(|(_, it)| it.status == MemberStatus::DeleteFailed)
        .map(|(logical, _)| logical.clone())
        .collect();
    let (status, reason) = match (kind, failed.is_empty()) {
        (WorkKind::Rollback, true) => (StackStatus::RollbackComplete, None),
        (WorkKind::Rollback, false) => (StackStatus::RollbackFailed, Some(failed)),
        (WorkKind::Delete | WorkKind::Create, true) => (StackStatus::DeleteComplete, None),
        (WorkKind::Delete | WorkKind::Create, false) => (StackStatus::DeleteFailed, Some(failed)),
    };
    let reason =
        reason.map(|failed| format!("The following resource(s) failed to delete: [{}]. ", failed.join(", ")));
    set_stack(world, region, id, status, reason);
}

/// Whether it goes on.
fn create_step(world: &mut World, region: &str, id: &str) -> bool {
    let Some(held) = stack(world, region, id).map(|stack| stack.clone()) else { return false };
    let made = |logical: &String| {
        held.members.get(logical).is_some_and(|it| it.status == MemberStatus::CreateComplete)
    };
    let open = held.members.iter().filter(|(_, it)| it.status == MemberStatus::CreateInProgress);
    let turn: Vec<&String> =
        open.filter(|(_, it)| it.needs.iter().all(made)).map(|(logical, _)| logical).collect();
    if turn.is_empty() {
        return finish_creation(world, region, id);
    }
    for logical in turn {
        if let Err(refusal) = create_member(world, region, id, logical) {
            let kind = held.members.get(logical).map(|it| it.kind.clone()).unwrap_or_default();
            let told = reason(world, &kind, &refusal);
            set_member(world, region, id, logical, (MemberStatus::CreateFailed, Some(told)));
            return give_up_creation(world, region, id, logical);
        }
    }
    true
}

fn create_member(world: &mut World, region: &str, id: &str, logical: &str) -> Result<(), AwsError> {
    let Some(held) = stack(world, region, id).map(|stack| stack.clone()) else { return Ok(()) };
    let Some(member) = held.members.get(logical) else { return Ok(()) };
    let kind = member.kind.clone();
    if member.physical.is_none() {
        let properties = template::resolve(world, region, &held, &member.source)?;
        let mut hands = Hands { world, region };
        let physical = make::make(&mut hands, &held, (logical, &kind), &properties)?;
        let own = make::own_tags(&properties);
        stamp::stamp(world, region, &held, (logical, &kind, &physical), &own);
        if let Some(member) = stack(world, region, id).and_then(|it| it.members.get_mut(logical)) {
            member.physical = Some(physical);
            member.properties = properties;
        }
    }
    let physical = stack(world, region, id).and_then(|it| it.members.get(logical)?.physical.clone());
    if make::made(world, region, &kind, &physical.unwrap_or_default())? == Made::Whole {
        set_member(world, region, id, logical, (MemberStatus::CreateComplete, None));
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html>
fn give_up_creation(world: &mut World, region: &str, id: &str, failed: &str) -> bool {
    let Some(held) = stack(world, region, id) else { return false };
    held.work = None;
    let on_failure = held.on_failure.clone();
    let members = held.members.iter();
    let unfinished: Vec<String> = members
        .filter(|(_, it)| it.status == MemberStatus::CreateInProgress && it.physical.is_some())
        .map(|(logical, _)| logical.clone())
        .collect();
    for logical in unfinished {
        let cancelled = (MemberStatus::CreateFailed, Some("Resource creation cancelled".to_owned()));
        set_member(world, region, id, &logical, cancelled);
    }
    let text = format!("The following resource(s) failed to create: [{failed}]. ");
    match on_failure.as_str() {
        "DO_NOTHING" => set_stack(world, region, id, StackStatus::CreateFailed, Some(text)),
        "DELETE" => begin_deletion(world, region, id, How::default()),
        _ => {
            let text = format!("{text}Rollback requested by user.");
            set_stack(world, region, id, StackStatus::RollbackInProgress, Some(text));
            begin(world, region, id, WorkKind::Rollback);
        }
    }
    false
}

fn finish_creation(world: &mut World, region: &str, id: &str) -> bool {
    let Some(held) = stack(world, region, id).map(|stack| stack.clone()) else { return false };
    let template: serde_json::Value = serde_json::from_str(&held.template).unwrap_or_default();
    let mut outputs = Vec::new();
    for (key, it) in template["Outputs"].as_object().into_iter().flatten() {
        let mut text =
            |value| template::resolve(world, region, &held, value).map(|value| template::plain(&value));
        let export = it.get("Export").map(|export| text(&export["Name"])).transpose();
        let (Ok(value), Ok(export)) = (text(&it["Value"]), export) else {
            return give_up_creation(world, region, id, key);
        };
        let taken = export.as_ref().and_then(|name| site::exported(world, region, name));
        if taken.is_some() {
            return give_up_creation(world, region, id, key);
        }
        let description = it["Description"].as_str().map(str::to_owned);
        outputs.push(Output { key: key.clone(), value, description, export });
    }
    if let Some(stack) = stack(world, region, id) {
        stack.outputs = outputs;
        stack.work = None;
    }
    set_stack(world, region, id, StackStatus::CreateComplete, None);
    false
}
