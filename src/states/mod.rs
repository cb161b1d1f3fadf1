//! Reads states of Terraform, OpenTofu and Pulumi from the bytes of their files: what they own and name, which the
//! judge is told of, and whether they are locked or something in them was not finished, which a check asks.
//!
//! States hold secrets in plain text: of a thing its ids, ARNs and names are kept, and of one that was being made the
//! tags that it was to bear. A state that cannot be read whole is an error, since what cannot be read may own anything.

mod attributes;
mod bucket;
mod claims;
mod document;
mod error;
mod holdings;
mod locks;
mod mentions;
mod names;
mod packed;
mod place;
#[cfg(test)]
mod place_tests;
mod pulumi;
#[cfg(test)]
mod pulumi_tests;
mod terraform;
#[cfg(test)]
mod terraform_tests;
#[cfg(test)]
mod tests;

use crate::deployment::Beside;
pub use bucket::{BucketPlace, Fetched};
pub use claims::{claims, unread_claims};
use document::StateDocument;
pub use error::StateError;
use error::unread;
pub use holdings::Holdings;
pub use locks::Lock;
pub use place::{Place, claims_in, wanted};

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

/// A state, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Whether it is free.
    pub stack: StackState,
    /// What it owns and names.
    pub holdings: Holdings,
}

/// Reads a state, with the locks that lie beside it, or a lock that is named itself.
pub fn read(source: &str, bytes: &[u8], beside: &dyn Beside) -> Result<State, StateError> {
    let bytes = packed::unpacked(bytes)?;
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(StateError::NotAState { found: "empty" });
    }
    let document: StateDocument = serde_json::from_slice(bytes).map_err(|error| unread(bytes, &error))?;
    if document.encryption_version.is_some() || document.encrypted_data.is_some() {
        return Err(StateError::Sealed { how: "encrypted" });
    }
    let version = document.version.as_ref();
    match document {
        StateDocument { id: Some(_), operation: Some(_), .. } => {
            Ok(alone(source, TERRAFORM, locks::terraform(source, document)))
        }
        StateDocument { pid: Some(_), timestamp: Some(_), .. } => {
            Ok(alone(source, PULUMI, locks::pulumi(source, document)))
        }
        StateDocument { deployment, checkpoint, .. } if deployment.is_some() || checkpoint.is_some() => {
            let pulumi::Stack { stack, pending, holdings } = pulumi::read(version, bytes)?;
            let source = source.to_owned();
            Ok(State {
                stack: StackState { source, tool: PULUMI, stack, locks: Vec::new(), pending },
                holdings,
            })
        }
        StateDocument { planned_values, resource_changes, .. }
            if planned_values.is_some() || resource_changes.is_some() =>
        {
            Err(StateError::NotAState { found: "a Terraform plan" })
        }
        StateDocument { format_version: Some(format), .. } => {
            Ok(of_terraform(source, beside, terraform::read_shown(&format, bytes)?))
        }
        StateDocument { terraform_version, lineage, serial, .. }
            if terraform_version.is_some() || lineage.is_some() || serial.is_some() =>
        {
            Ok(of_terraform(source, beside, terraform::read(version, bytes)?))
        }
        _ => Err(StateError::NotAState { found: "JSON without anything of a state" }),
    }
}

fn of_terraform(source: &str, beside: &dyn Beside, holdings: Holdings) -> State {
    let locks = locks::beside_terraform(source, beside);
    let stack = workspace(source).map(str::to_owned);
    State {
        stack: StackState { source: source.to_owned(), tool: TERRAFORM, stack, locks, pending: Vec::new() },
        holdings,
    }
}

/// The workspace of a state by its place: `terraform.tfstate.d/NAME/terraform.tfstate` of a folder, `env:/NAME/key` of
/// a bucket (<https://developer.hashicorp.com/terraform/language/backend/s3#workspace_key_prefix>).
fn workspace(source: &str) -> Option<&str> {
    let mut parts =
        source.split(['/', '\\']).skip_while(|part| !["terraform.tfstate.d", "env:"].contains(part));
    let (_, name, _) = (parts.next()?, parts.next()?, parts.next()?);
    Some(name)
}

/// A lock whose own file was named.
fn alone(source: &str, tool: &'static str, lock: Lock) -> State {
    let stack = if tool == PULUMI { locks::locked_stack(source) } else { None };
    let stack = StackState { source: source.to_owned(), tool, stack, locks: vec![lock], pending: Vec::new() };
    State { stack, holdings: Holdings::default() }
}
