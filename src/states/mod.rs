//! Reads states of Terraform and Pulumi, only for locks and operations that were begun and not finished: a
//! check looks at these.
//!
//! States hold secrets in plain text: nothing of a resource is kept but the type and name of one that is
//! being worked on. A state that cannot be read whole is an error, since what cannot be read may be locked.

mod document;
mod error;
mod locks;
mod pulumi;
mod terraform;
#[cfg(test)]
mod tests;

use crate::deployment::Beside;
use document::StateDocument;
pub use error::StateError;
use error::unread;
pub use locks::Lock;

/// Whether a stack's state is free, as far as its files tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackState {
    /// The file.
    pub source: String,
    /// Whose format it is: `Terraform` or `Pulumi`.
    pub tool: &'static str,
    /// The stack, where the file names it.
    pub stack: Option<String>,
    /// The locks that lie on it.
    pub locks: Vec<Lock>,
    /// What was begun and not finished.
    pub pending: Vec<Pending>,
}

/// An operation that was begun and not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// `creating`, `updating`, `deleting`, …
    pub operation: String,
    /// The resource's type.
    pub type_name: String,
    /// Its name in the program.
    pub name: String,
}

const TERRAFORM: &str = "Terraform";
const PULUMI: &str = "Pulumi";

/// Reads a state, with the locks that lie beside it, or a lock that is named itself.
pub fn read(source: &str, bytes: &[u8], beside: &dyn Beside) -> Result<StackState, StateError> {
    if bytes.starts_with(&[0x1f, 0x8b]) || bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return Err(StateError::Sealed { how: "compressed" });
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(StateError::NotAState { found: "empty" });
    }
    let document: StateDocument = serde_json::from_slice(bytes).map_err(|error| unread(bytes, &error))?;
    if document.encryption_version.is_some() || document.encrypted_data.is_some() {
        return Err(StateError::Sealed { how: "encrypted" });
    }
    let version = document.version.clone();
    match document {
        StateDocument { id: Some(_), operation: Some(_), .. } => {
            Ok(alone(source, TERRAFORM, locks::terraform(source, document)))
        }
        StateDocument { pid: Some(_), timestamp: Some(_), .. } => {
            Ok(alone(source, PULUMI, locks::pulumi(source, document)))
        }
        StateDocument { deployment: Some(latest), .. } => {
            pulumi::read(source, version.as_ref(), None, latest)
        }
        StateDocument { checkpoint: Some(checkpoint), .. } => {
            let (stack, latest) = checkpoint.map_or((None, None), |it| (it.stack, it.latest));
            pulumi::read(source, version.as_ref(), stack, latest)
        }
        StateDocument { format_version: Some(_), .. } => {
            Err(StateError::NotAState { found: "what `terraform show -json` writes" })
        }
        StateDocument { terraform_version, lineage, serial, .. }
            if terraform_version.is_some() || lineage.is_some() || serial.is_some() =>
        {
            terraform::read(source, version.as_ref(), beside)
        }
        _ => Err(StateError::NotAState { found: "JSON without anything of a state" }),
    }
}

/// A lock whose own file was named.
fn alone(source: &str, tool: &'static str, lock: Lock) -> StackState {
    let stack = if tool == PULUMI { locks::locked_stack(source) } else { None };
    StackState { source: source.to_owned(), tool, stack, locks: vec![lock], pending: Vec::new() }
}
