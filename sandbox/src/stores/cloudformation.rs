//! What CloudFormation knows of one region. Plain records; the rules are in the room `cloudformation`.
#![expect(missing_docs, reason = "the fields are named as AWS names them in its answers")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::tags::Tags;

/// CloudFormation's records in one region.
#[derive(Debug, Clone, Default)]
pub struct CloudFormation {
    /// By id: a name is free again as soon as its stack is deleted.
    pub stacks: BTreeMap<String, Stack>,
}

impl CloudFormation {
    /// The stack of this name that is not deleted, or of this id whatever became of it.
    pub fn find(&self, named: &str) -> Option<&Stack> {
        self.stacks.get(named).or_else(|| self.stacks.values().find(|it| it.name == named && it.stands()))
    }
}

/// The states of a stack:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StackStatus {
    CreateInProgress,
    CreateFailed,
    CreateComplete,
    RollbackInProgress,
    RollbackFailed,
    RollbackComplete,
    DeleteInProgress,
    DeleteFailed,
    DeleteComplete,
    UpdateInProgress,
    UpdateCompleteCleanupInProgress,
    UpdateComplete,
    UpdateFailed,
    UpdateRollbackInProgress,
    UpdateRollbackFailed,
    UpdateRollbackCompleteCleanupInProgress,
    UpdateRollbackComplete,
    ReviewInProgress,
    ImportInProgress,
    ImportComplete,
    ImportRollbackInProgress,
    ImportRollbackFailed,
    ImportRollbackComplete,
}

impl StackStatus {
    /// As AWS spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateInProgress => "CREATE_IN_PROGRESS",
            Self::CreateFailed => "CREATE_FAILED",
            Self::CreateComplete => "CREATE_COMPLETE",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackFailed => "ROLLBACK_FAILED",
            Self::RollbackComplete => "ROLLBACK_COMPLETE",
            Self::DeleteInProgress => "DELETE_IN_PROGRESS",
            Self::DeleteFailed => "DELETE_FAILED",
            Self::DeleteComplete => "DELETE_COMPLETE",
            Self::UpdateInProgress => "UPDATE_IN_PROGRESS",
            Self::UpdateCompleteCleanupInProgress => "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            Self::UpdateComplete => "UPDATE_COMPLETE",
            Self::UpdateFailed => "UPDATE_FAILED",
            Self::UpdateRollbackInProgress => "UPDATE_ROLLBACK_IN_PROGRESS",
            Self::UpdateRollbackFailed => "UPDATE_ROLLBACK_FAILED",
            Self::UpdateRollbackCompleteCleanupInProgress => "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            Self::UpdateRollbackComplete => "UPDATE_ROLLBACK_COMPLETE",
            Self::ReviewInProgress => "REVIEW_IN_PROGRESS",
            Self::ImportInProgress => "IMPORT_IN_PROGRESS",
            Self::ImportComplete => "IMPORT_COMPLETE",
            Self::ImportRollbackInProgress => "IMPORT_ROLLBACK_IN_PROGRESS",
            Self::ImportRollbackFailed => "IMPORT_ROLLBACK_FAILED",
            Self::ImportRollbackComplete => "IMPORT_ROLLBACK_COMPLETE",
        }
    }
}

/// The states of a member of a stack:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackResource.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberStatus {
    CreateInProgress,
    CreateFailed,
    CreateComplete,
    DeleteInProgress,
    DeleteFailed,
    DeleteComplete,
    DeleteSkipped,
    UpdateComplete,
}

impl MemberStatus {
    /// As AWS spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateInProgress => "CREATE_IN_PROGRESS",
            Self::CreateFailed => "CREATE_FAILED",
            Self::CreateComplete => "CREATE_COMPLETE",
            Self::DeleteInProgress => "DELETE_IN_PROGRESS",
            Self::DeleteFailed => "DELETE_FAILED",
            Self::DeleteComplete => "DELETE_COMPLETE",
            Self::DeleteSkipped => "DELETE_SKIPPED",
            Self::UpdateComplete => "UPDATE_COMPLETE",
        }
    }

    /// Whether the stack has done with it: deleted, or left behind.
    pub fn is_over(self) -> bool {
        match self {
            Self::DeleteComplete | Self::DeleteSkipped => true,
            Self::CreateInProgress
            | Self::CreateFailed
            | Self::CreateComplete
            | Self::DeleteInProgress
            | Self::DeleteFailed
            | Self::UpdateComplete => false,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Stack {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub created: Timestamp,
    pub updated: Option<Timestamp>,
    pub deleted: Option<Timestamp>,
    pub status: StackStatus,
    pub reason: Option<String>,
    pub tags: Tags,
    pub capabilities: Vec<String>,
    pub parameters: BTreeMap<String, String>,
    pub outputs: Vec<Output>,
    /// The names of other stacks' exports that it imports.
    pub imports: BTreeSet<String>,
    pub termination_protection: bool,
    pub role_arn: Option<String>,
    /// The ids of the stack it is nested in, and of the outermost one.
    pub parent: Option<String>,
    pub root: Option<String>,
    /// What is to become of it if it cannot be made: `ROLLBACK`, `DELETE`, `DO_NOTHING`.
    pub on_failure: String,
    pub template: String,
    pub members: BTreeMap<String, Member>,
    /// Oldest first.
    pub events: Vec<StackEvent>,
    /// The operation that is under way. Its number is never used twice.
    pub work: Option<Work>,
    pub operations: u64,
    pub token: Option<String>,
}

impl Stack {
    /// A stack with nothing in it, that is to be made.
    pub fn new(id: String, name: &str, created: Timestamp) -> Self {
        Self {
            id,
            name: name.to_owned(),
            description: None,
            created,
            updated: None,
            deleted: None,
            status: StackStatus::CreateInProgress,
            reason: None,
            tags: Tags::new(),
            capabilities: Vec::new(),
            parameters: BTreeMap::new(),
            outputs: Vec::new(),
            imports: BTreeSet::new(),
            termination_protection: false,
            role_arn: None,
            parent: None,
            root: None,
            on_failure: "ROLLBACK".to_owned(),
            template: String::new(),
            members: BTreeMap::new(),
            events: Vec::new(),
            work: None,
            operations: 0,
            token: None,
        }
    }

    /// Whether it is not deleted.
    pub fn stands(&self) -> bool {
        self.status != StackStatus::DeleteComplete
    }
}

#[derive(Debug, Clone)]
pub struct Output {
    pub key: String,
    pub value: String,
    pub description: Option<String>,
    pub export: Option<String>,
}

/// What a stack is at, until it is done.
#[derive(Debug, Clone)]
pub struct Work {
    pub number: u64,
    pub kind: WorkKind,
    /// The logical ids that are to be left behind.
    pub retain: BTreeSet<String>,
    /// Whether what cannot be deleted is left behind.
    pub force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkKind {
    Create,
    Rollback,
    Delete,
}

/// A resource of a stack.
#[derive(Debug, Clone)]
pub struct Member {
    /// `AWS::EC2::VPC`
    pub kind: String,
    /// `None`: not made yet.
    pub physical: Option<String>,
    pub status: MemberStatus,
    pub reason: Option<String>,
    pub changed: Timestamp,
    /// `Delete`, `Retain`, `RetainExceptOnCreate`.
    pub deletion_policy: String,
    /// As the template has them.
    pub source: Value,
    /// With references resolved; of what was taken over, those that its deletion needs.
    pub properties: Value,
    /// The logical ids that have to be there before it, and outlast it.
    pub needs: BTreeSet<String>,
    /// Since when the present operation has tried to delete it.
    pub tried_since: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub struct StackEvent {
    pub id: String,
    pub at: Timestamp,
    pub logical: String,
    pub physical: String,
    pub kind: String,
    pub status: &'static str,
    pub reason: Option<String>,
    pub token: Option<String>,
}
