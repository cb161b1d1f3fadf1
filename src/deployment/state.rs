//! Reads states of Terraform and Pulumi, only for locks and operations that were begun and not finished: a
//! check looks at these.
//!
//! States hold secrets in plain text: nothing of a resource is kept but the type and name of one that is
//! being worked on. A state that cannot be read whole is an error, since what cannot be read may be locked.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

use super::Beside;

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

/// Why a state cannot be read. Each variant's text is one sentence without the file's name, without a
/// full stop, and without content but versions, line and column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// It is something else.
    #[error("this is {found}, not a state of Terraform or Pulumi, nor a lock of one")]
    NotAState {
        /// What it looks like.
        found: &'static str,
    },
    /// It is one, and broken.
    #[error("this state cannot be read: {why}")]
    Broken {
        /// Where and how, without content.
        why: String,
    },
    /// It ends before its end.
    #[error("this state is cut short: it ends in the middle")]
    Truncated,
    /// Nobody without its key can read it.
    #[error("this state is {how}, so that nothing of it can be told")]
    Sealed {
        /// `encrypted`, `compressed`.
        how: &'static str,
    },
    /// It is of a version that nobody here knows.
    #[error("this {tool} state is of version {version}, which this program does not know")]
    UnknownVersion {
        /// `Terraform` or `Pulumi`.
        tool: &'static str,
        /// The version it names.
        version: String,
    },
}

impl StateError {
    /// What to do about it, in one sentence.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::NotAState { .. } => {
                "name a terraform.tfstate, the output of `terraform state pull` or `pulumi stack export`, or a \
                 lock's file"
            }
            Self::Broken { .. } | Self::Truncated => {
                "fetch it anew with `terraform state pull` or `pulumi stack export`"
            }
            Self::Sealed { .. } => "give the output of `tofu state pull` or `pulumi stack export`",
            Self::UnknownVersion { .. } => {
                "use a version of this program that knows it, or let the tool bring it to a version known here"
            }
        }
    }
}

const TERRAFORM: &str = "Terraform";
const PULUMI: &str = "Pulumi";

/// The version of Terraform's states since 0.12.
const TERRAFORM_VERSIONS: RangeInclusive<u64> = 4..=4;

/// The versions of Pulumi's states that say in the same place what is pending.
const PULUMI_VERSIONS: RangeInclusive<u64> = 1..=4;

/// What stands at the top of all files that are read here.
#[derive(Deserialize)]
struct StateDocument {
    version: Option<Json>,
    // Terraform.
    terraform_version: Option<IgnoredAny>,
    lineage: Option<IgnoredAny>,
    serial: Option<IgnoredAny>,
    encryption_version: Option<IgnoredAny>,
    encrypted_data: Option<IgnoredAny>,
    format_version: Option<IgnoredAny>,
    // Pulumi.
    #[serde(default, deserialize_with = "present")]
    deployment: Option<Option<Latest>>,
    #[serde(default, deserialize_with = "present")]
    checkpoint: Option<Option<Checkpoint>>,
    // A lock of Terraform's.
    #[serde(rename = "ID")]
    id: Option<String>,
    #[serde(rename = "Operation")]
    operation: Option<String>,
    #[serde(rename = "Who")]
    who: Option<String>,
    #[serde(rename = "Created")]
    created: Option<String>,
    // A lock of Pulumi's.
    pid: Option<IgnoredAny>,
    username: Option<String>,
    hostname: Option<String>,
    timestamp: Option<String>,
}

#[derive(Deserialize)]
struct Checkpoint {
    #[serde(alias = "target")]
    stack: Option<String>,
    latest: Option<Latest>,
}

#[derive(Deserialize)]
struct Latest {
    #[serde(default)]
    resources: Option<Vec<ExportedResource>>,
    #[serde(default)]
    pending_operations: Option<Vec<Operation>>,
}

#[derive(Deserialize)]
struct Operation {
    resource: ExportedResource,
    #[serde(rename = "type")]
    operation: String,
}

#[derive(Deserialize)]
struct ExportedResource {
    urn: String,
}

/// Tells a null from what is not there.
fn present<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(from).map(Some)
}

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
            Ok(alone(source, TERRAFORM, terraform_lock(source, document)))
        }
        StateDocument { pid: Some(_), timestamp: Some(_), .. } => {
            Ok(alone(source, PULUMI, pulumi_lock(source, document)))
        }
        StateDocument { deployment: Some(latest), .. } => {
            known(PULUMI, version.as_ref(), PULUMI_VERSIONS)?;
            pulumi(source, None, latest)
        }
        StateDocument { checkpoint: Some(checkpoint), .. } => {
            known(PULUMI, version.as_ref(), PULUMI_VERSIONS)?;
            let (stack, latest) = checkpoint.map_or((None, None), |it| (it.stack, it.latest));
            pulumi(source, stack, latest)
        }
        StateDocument { format_version: Some(_), .. } => {
            Err(StateError::NotAState { found: "what `terraform show -json` writes" })
        }
        StateDocument { terraform_version, lineage, serial, .. }
            if terraform_version.is_some() || lineage.is_some() || serial.is_some() =>
        {
            known(TERRAFORM, version.as_ref(), TERRAFORM_VERSIONS)?;
            Ok(StackState {
                source: source.to_owned(),
                tool: TERRAFORM,
                stack: None,
                locks: terraform_locks(source, beside),
                pending: Vec::new(),
            })
        }
        _ => Err(StateError::NotAState { found: "JSON without anything of a state" }),
    }
}

fn unread(bytes: &[u8], error: &serde_json::Error) -> StateError {
    if !matches!(bytes.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'{')) {
        return StateError::NotAState { found: "no JSON object" };
    }
    if error.is_eof() {
        return StateError::Truncated;
    }
    let fault =
        if error.is_data() { "something in it is not what a state has there" } else { "it is not JSON" };
    StateError::Broken { why: format!("{fault} (line {}, column {})", error.line(), error.column()) }
}

fn known(
    tool: &'static str,
    version: Option<&Json>,
    versions: RangeInclusive<u64>,
) -> Result<(), StateError> {
    match version {
        Some(Json::Number(number)) if number.as_u64().is_some_and(|it| versions.contains(&it)) => Ok(()),
        Some(Json::Number(number)) => Err(StateError::UnknownVersion { tool, version: number.to_string() }),
        _ => Err(StateError::Broken { why: "it names no version".to_owned() }),
    }
}

/// A lock whose own file was named.
fn alone(source: &str, tool: &'static str, lock: Lock) -> StackState {
    let stack = if tool == PULUMI { locked_stack(source) } else { None };
    StackState { source: source.to_owned(), tool, stack, locks: vec![lock], pending: Vec::new() }
}

fn terraform_lock(source: &str, document: StateDocument) -> Lock {
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
fn pulumi_lock(source: &str, document: StateDocument) -> Lock {
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
fn locked_stack(source: &str) -> Option<String> {
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
fn terraform_locks(source: &str, beside: &dyn Beside) -> Vec<Lock> {
    let state = file_name(source);
    let folder = source.strip_suffix(state).unwrap_or_default();
    let names = [format!(".{state}.lock.info"), format!("{state}.lock.info"), format!("{state}.tflock")];
    let locks = names.iter().filter_map(|name| {
        let bytes = beside.file(name)?;
        let place = format!("{folder}{name}");
        // A lock that cannot be read is one nevertheless.
        let lock = match serde_json::from_slice::<StateDocument>(&bytes) {
            Ok(document) => terraform_lock(&place, document),
            Err(_) => Lock { source: place, id: None, who: None, operation: None, since: None },
        };
        Some(lock)
    });
    locks.collect()
}

fn pulumi(source: &str, named: Option<String>, latest: Option<Latest>) -> Result<StackState, StateError> {
    let latest = latest.unwrap_or(Latest { resources: None, pending_operations: None });
    let operations = latest.pending_operations.unwrap_or_default();
    let pending = operations.iter().map(pending).collect::<Result<_, _>>()?;
    let resources = latest.resources.iter().flatten();
    let mut urns = resources.chain(operations.iter().map(|it| &it.resource)).map(|it| it.urn.as_str());
    let stack = urns.next().and_then(stack_of).or(named.filter(|name| !name.is_empty()));
    Ok(StackState { source: source.to_owned(), tool: PULUMI, stack, locks: Vec::new(), pending })
}

/// `urn:pulumi:<stack>::<project>::<type, after those of its parents>::<name>`
/// (<https://www.pulumi.com/docs/iac/concepts/resources/names/#urns>)
fn parts(urn: &str) -> Option<[&str; 4]> {
    let mut parts = urn.strip_prefix("urn:pulumi:")?.splitn(4, "::");
    let found = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    Some(found)
}

fn stack_of(urn: &str) -> Option<String> {
    parts(urn).map(|[stack, project, _, _]| format!("{project}/{stack}"))
}

fn pending(operation: &Operation) -> Result<Pending, StateError> {
    let [_, _, types, name] = parts(&operation.resource.urn).ok_or_else(|| StateError::Broken {
        why: "a pending operation in it is one of no resource".to_owned(),
    })?;
    Ok(Pending {
        operation: operation.operation.clone(),
        type_name: types.rsplit('$').next().unwrap_or(types).to_owned(),
        name: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::deployment::Alone;
    use crate::deployment::testing::Files;

    fn read_alone(source: &str, document: &Json) -> Result<StackState, StateError> {
        read(source, document.to_string().as_bytes(), &Alone)
    }

    const LOCK: &str = r#"{"ID":"3c58","Operation":"OperationTypeApply","Info":"","Who":"ann@host",
        "Version":"1.11.4","Created":"2026-11-21T19:55:14.4Z","Path":"shop.tfstate"}"#;

    fn terraform() -> Json {
        json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "resources": [
            {"mode": "managed", "instances": [{"attributes": {"password": "hunter2"}}]}]})
    }

    fn export() -> Json {
        let urn = "urn:pulumi:dev::shop::eks:index:Cluster$aws:eks/cluster:Cluster::main::odd";
        json!({"version": 3, "deployment": {
            "resources": [{"urn": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", "outputs": {"a": "hunter2"}}],
            "pending_operations": [{"resource": {"urn": urn, "inputs": {"password": "hunter2"}}, "type": "creating"}],
        }})
    }

    #[test]
    fn locks_beside_a_terraform_state_lie_on_it() {
        for name in [".shop.tfstate.lock.info", "shop.tfstate.lock.info", "shop.tfstate.tflock"] {
            let folder = Files::of(&[(name, LOCK)]);
            let text = terraform().to_string();
            let state = read("live/shop.tfstate", text.as_bytes(), &folder).unwrap();
            let [lock] = state.locks.as_slice() else { panic!("{name}") };
            assert_eq!(lock.source, format!("live/{name}"));
            assert_eq!((lock.id.as_deref(), lock.who.as_deref()), (Some("3c58"), Some("ann@host")));
            assert_eq!(lock.operation.as_deref(), Some("OperationTypeApply"));
            assert_eq!(lock.since, "2026-11-21T19:55:14.4Z".parse().ok());
        }
        let other = Files::of(&[(".other.tfstate.lock.info", LOCK)]);
        let text = terraform().to_string();
        assert!(read("shop.tfstate", text.as_bytes(), &other).unwrap().locks.is_empty(), "another's lock");
        assert_eq!(
            read_alone("shop.tfstate", &terraform()).map(|it| (it.tool, it.locks.len())),
            Ok((TERRAFORM, 0))
        );
    }

    #[test]
    fn a_lock_that_cannot_be_read_is_a_lock() {
        for broken in ["", "{", "[]", "{\"ID\": 3}"] {
            let folder = Files::of(&[(".shop.tfstate.lock.info", broken)]);
            let state = read("shop.tfstate", terraform().to_string().as_bytes(), &folder).unwrap();
            assert_eq!(state.locks.len(), 1, "{broken:?}");
        }
    }

    #[test]
    fn a_lock_may_be_named_itself() {
        let state = read(".shop.tfstate.lock.info", LOCK.as_bytes(), &Alone).unwrap();
        assert_eq!((state.tool, state.locks.len()), (TERRAFORM, 1));
        let text =
            json!({"pid": 7, "username": "ann", "hostname": "host", "timestamp": "2026-11-21T19:55:14Z"});
        let state = read_alone(".pulumi/locks/organization/shop/dev/0a1b.json", &text).unwrap();
        let lock = &state.locks[0];
        assert_eq!((state.tool, state.stack.as_deref()), (PULUMI, Some("shop/dev")));
        assert_eq!((lock.id.as_deref(), lock.who.as_deref()), (Some("0a1b"), Some("ann@host")));
        assert!(lock.since.is_some());
    }

    #[test]
    fn what_pulumi_began_and_did_not_finish_is_pending() {
        let checkpoint = json!({"version": 4, "features": ["views"], "checkpoint":
            {"stack": "organization/other/name", "latest": export()["deployment"]}});
        for document in [export(), checkpoint] {
            let state = read_alone("stack.json", &document).unwrap();
            assert_eq!((state.tool, state.stack.as_deref()), (PULUMI, Some("shop/dev")));
            let [pending] = state.pending.as_slice() else { panic!("one is pending") };
            assert_eq!(
                (pending.operation.as_str(), pending.type_name.as_str(), pending.name.as_str()),
                ("creating", "aws:eks/cluster:Cluster", "main::odd")
            );
            assert!(!format!("{state:?}").contains("hunter2"), "nothing of a resource is kept");
        }
    }

    #[test]
    fn a_stack_that_holds_nothing_yet_is_free() {
        for document in [
            json!({"version": 3, "deployment": {"manifest": {}}}),
            json!({"version": 3, "deployment": null}),
            json!({"version": 3, "checkpoint": {"stack": "organization/shop/dev"}}),
            json!({"version": 1, "checkpoint": {"target": "dev", "latest": {"resources": null}}}),
        ] {
            let state = read_alone("stack.json", &document).unwrap();
            assert!(state.pending.is_empty() && state.locks.is_empty(), "{document}");
        }
    }

    #[test]
    fn what_cannot_be_read_whole_is_never_free() {
        let sealed = json!({"meta": {}, "encrypted_data": "x", "encryption_version": "v0"});
        assert_eq!(read_alone("a", &sealed), Err(StateError::Sealed { how: "encrypted" }));
        let sealed = json!({"serial": 3, "lineage": "x", "version": 4, "encrypted_data": "x"});
        assert!(read_alone("a", &sealed).is_err(), "whatever stands beside it");
        assert_eq!(read("a", &[0x1f, 0x8b, 8], &Alone), Err(StateError::Sealed { how: "compressed" }));
        for (document, version) in [
            (json!({"version": 3, "terraform_version": "0.11.1", "serial": 1}), "3"),
            (json!({"version": 5, "terraform_version": "2.0.0"}), "5"),
            (json!({"version": 5, "deployment": {}}), "5"),
            (json!({"version": 9, "checkpoint": {}}), "9"),
        ] {
            assert!(
                matches!(read_alone("a", &document), Err(StateError::UnknownVersion { version: it, .. }) if it == version),
                "{document}"
            );
        }
        for document in [
            json!({"version": "4", "serial": 1}),
            json!({"deployment": {}}),
            json!({"version": 3, "deployment": {"pending_operations": [{"resource": {}, "type": "creating"}]}}),
            json!({"version": 3, "deployment": {"pending_operations": [{"resource": {"urn": "x"}, "type": "creating"}]}}),
            json!({"version": 3, "deployment": {"pending_operations": 3}}),
        ] {
            assert!(matches!(read_alone("a", &document), Err(StateError::Broken { .. })), "{document}");
        }
        for text in ["", " ", "[]", "PK", "{}", "{\"format_version\": \"1.0\", \"values\": {}}", "name: x"] {
            assert!(
                matches!(read("a", text.as_bytes(), &Alone), Err(StateError::NotAState { .. })),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_state_that_is_cut_anywhere_is_an_error() {
        for document in [terraform(), export()] {
            let text = document.to_string();
            for end in 0..text.len() {
                assert!(read("a", &text.as_bytes()[..end], &Alone).is_err(), "cut at {end}");
            }
        }
    }

    #[test]
    fn an_error_tells_where_and_never_what() {
        for text in ["{\"version\": hunter2}", "{\"ID\": [\"hunter2\"]}", "{\"deployment\": \"hunter2\"}"] {
            let error = read("a", text.as_bytes(), &Alone).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
