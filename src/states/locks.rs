//! Locks on states: as files of their own, and beside a state.

use jiff::Timestamp;

use super::document::StateDocument;
use crate::deployment::Beside;

/// A lock on a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The lock's file.
    pub source: String,
    /// The lock's id, which unlocking asks for.
    pub id: Option<String>,
    /// Who holds it: `root@vm`.
    pub who: Option<String>,
    /// For what: `OperationTypeApply`.
    pub operation: Option<String>,
    /// Since when.
    pub since: Option<Timestamp>,
}

impl Lock {
    /// One of which nothing can be told.
    pub(super) fn unknown(source: &str) -> Self {
        Self { source: source.to_owned(), id: None, who: None, operation: None, since: None }
    }
}

pub(super) fn terraform(source: &str, document: StateDocument) -> Lock {
    Lock {
        source: source.to_owned(),
        id: document.id,
        who: document.who,
        operation: document.operation,
        since: document.created.and_then(|text| moment(&text)),
    }
}

/// The id of a lock of Pulumi's is its file's name
/// (<https://github.com/pulumi/pulumi/blob/master/pkg/backend/diy/lock.go>).
pub(super) fn pulumi(source: &str, document: StateDocument) -> Lock {
    let who = match (document.username, document.hostname) {
        (Some(user), Some(host)) => Some(format!("{user}@{host}")),
        (user, host) => user.or(host),
    };
    Lock {
        source: source.to_owned(),
        id: file_name(source).strip_suffix(".json").map(str::to_owned),
        who,
        operation: None,
        since: document.timestamp.and_then(|text| moment(&text)),
    }
}

/// The stack of a lock by its place: `locks/organization/project/stack/id.json`.
pub(super) fn locked_stack(source: &str) -> Option<String> {
    let parts: Vec<&str> = source.split(['/', '\\']).collect();
    match parts.as_slice() {
        [.., "locks", _, project, stack, _] => Some(format!("{project}/{stack}")),
        _ => None,
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn file_name(source: &str) -> &str {
    source.rsplit(['/', '\\']).next().unwrap_or(source)
}

/// The locks beside a Terraform state: of a local state (`.terraform.tfstate.lock.info`), and of one in a
/// bucket that was fetched with its lock (`key.tflock`,
/// <https://developer.hashicorp.com/terraform/language/backend/s3#state-locking>).
pub(super) fn beside_terraform(source: &str, beside: &dyn Beside) -> Vec<Lock> {
    let state = file_name(source);
    let folder = source.strip_suffix(state).unwrap_or_default();
    let names = [format!(".{state}.lock.info"), format!("{state}.lock.info"), format!("{state}.tflock")];
    let locks = names.iter().filter_map(|name| {
        let bytes = beside.file(name)?;
        let place = format!("{folder}{name}");
        // A lock that cannot be read is one nevertheless.
        let lock = match serde_json::from_slice::<StateDocument>(&bytes) {
            Ok(document) => terraform(&place, document),
            Err(_) => Lock::unknown(&place),
        };
        Some(lock)
    });
    locks.collect()
}
