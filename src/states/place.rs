//! A place that holds states: a folder of workspaces, a backend of Pulumi's own, a prefix of a bucket. Gets the names
//! and the bytes of its files through [`Place`], gives the claims of every state in it.
//!
//! One state that is missed may cost a stack that is well. So whatever is in the way of reading all of them is a state
//! that may own anything: a place without a state, one that cannot be listed, a lock, a file that is broken.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::claims::locked;
use super::names::{Sort, pulumi_stack, sort, state_of_lock};
use super::{Lock, State, StateError, claims, read, unread_claims};
use crate::deployment::{Alone, Beside};
use crate::model::{AccountId, StateClaims};

/// Files by their names, which lead from the place downwards with `/` between folders. Where reading takes time, an
/// implementation may fetch what [`wanted`] names beforehand.
pub trait Place {
    /// The names of all files.
    fn names(&self) -> Result<BTreeSet<String>, String>;
    /// A file's bytes; why it could not be read, in one sentence.
    fn file(&self, name: &str) -> Result<Vec<u8>, String>;
}

/// Whether a file of this name is looked at.
pub fn wanted(name: &str) -> bool {
    sort(name) != Sort::Other
}

/// The claims of all states in a place; never empty.
pub fn claims_in(source: &str, place: &dyn Place, account: Option<&AccountId>) -> Vec<StateClaims> {
    let names = match place.names() {
        Ok(names) => names,
        Err(why) => {
            return vec![unread_claims(source, format!("its files cannot be listed: {why}"))];
        }
    };
    let mut walk = Walk { source, place, names: &names, account, claims: BTreeMap::new() };
    let mut last = BTreeMap::new();
    for name in &names {
        match sort(name) {
            Sort::State => walk.state(name, true),
            Sort::Perhaps => walk.state(name, false),
            Sort::Backend => walk.backend(name),
            // In the order of their names, which end with a time: the last one stays.
            Sort::History => drop(pulumi_stack(name).and_then(|stack| last.insert(stack, name))),
            Sort::Lock | Sort::Other => {}
        }
    }
    for name in names.iter().filter(|name| sort(name) == Sort::Lock) {
        walk.lock(name);
    }
    for (stack, name) in last {
        match walk.run(name) {
            Some(RunResult::Failed) => walk.fail(&stack),
            Some(RunResult::NotStarted | RunResult::InProgress) => {
                walk.mark(&stack, name, "its last run has not ended, as far as its history tells".to_owned());
            }
            Some(RunResult::Succeeded) | None => {}
        }
    }
    let mut claims: Vec<StateClaims> = walk.claims.into_values().collect();
    if claims.is_empty() {
        claims.push(unread_claims(source, "no state lies there".to_owned()));
    }
    claims
}

/// What is known so far.
struct Walk<'a> {
    source: &'a str,
    place: &'a dyn Place,
    names: &'a BTreeSet<String>,
    account: Option<&'a AccountId>,
    claims: BTreeMap<String, StateClaims>,
}

impl Walk<'_> {
    fn source_of(&self, name: &str) -> String {
        format!("{}/{name}", self.source.trim_end_matches('/'))
    }

    /// Reads a state; `named` so, or something that may be one.
    fn state(&mut self, name: &str, named: bool) {
        let source = self.source_of(name);
        let folder = name.rfind('/').map_or("", |at| &name[..=at]);
        let beside = Folder { place: self.place, names: self.names, folder };
        let claims = match self.place.file(name) {
            Err(why) => unread_claims(&source, format!("it cannot be read: {why}")),
            Ok(bytes) => {
                let read = read(&source, &bytes, &beside);
                if !named && is_another(&read, &bytes) {
                    return;
                }
                claims(&source, read, self.account)
            }
        };
        self.claims.insert(name.to_owned(), claims);
    }

    /// Terraform's own note of where the state of a folder lies: elsewhere, as soon as it is not this folder.
    fn backend(&mut self, name: &str) {
        #[derive(Deserialize)]
        struct Note {
            backend: Option<Backend>,
        }
        #[derive(Deserialize)]
        struct Backend {
            #[serde(rename = "type")]
            kind: String,
        }
        let note = self.place.file(name).ok().and_then(|bytes| serde_json::from_slice::<Note>(&bytes).ok());
        let why = match note.map(|note| note.backend) {
            Some(None) => return,
            Some(Some(backend)) if backend.kind == "local" => return,
            Some(Some(backend)) => {
                let kind = super::holdings::shown(&backend.kind);
                format!("the state of this folder lies in its backend {kind}: name that")
            }
            None => "what it tells of where the state of this folder lies cannot be read".to_owned(),
        };
        self.claims.insert(name.to_owned(), unread_claims(&self.source_of(name), why));
    }

    /// A lock: Terraform's lie beside their states and were seen with them, if there is a state.
    fn lock(&mut self, name: &str) {
        if state_of_lock(name).is_some_and(|state| self.claims.contains_key(&state)) {
            return;
        }
        let source = self.source_of(name);
        let read = self.place.file(name).map(|bytes| read(&source, &bytes, &Alone));
        let why = match &read {
            Ok(Ok(State { stack, .. })) => stack.locks.first().map(locked),
            Ok(Err(_)) | Err(_) => None,
        };
        let why = why.unwrap_or_else(|| locked(&Lock::unknown(&source)));
        match pulumi_stack(name) {
            Some(stack) => self.mark(&stack, name, why),
            None => drop(self.claims.insert(name.to_owned(), unread_claims(&source, why))),
        }
    }

    /// Says of a stack of Pulumi's that it may own more; of a state of its own, where the stack has none.
    fn mark(&mut self, stack: &str, name: &str, why: String) {
        let mut of_stack =
            self.claims.iter_mut().filter(|(state, _)| pulumi_stack(state).as_deref() == Some(stack));
        if let Some((_, claims)) = of_stack.next() {
            claims.unread.get_or_insert(why);
            return;
        }
        let source = self.source_of(name);
        self.claims.insert(name.to_owned(), unread_claims(&source, why));
    }

    /// Says of a stack of Pulumi's that its last run failed.
    fn fail(&mut self, stack: &str) {
        for (state, claims) in &mut self.claims {
            claims.failed |= pulumi_stack(state).as_deref() == Some(stack);
        }
    }

    fn run(&self, name: &str) -> Option<RunResult> {
        #[derive(Deserialize)]
        struct Entry {
            result: RunResult,
        }
        let bytes = self.place.file(name).ok()?;
        let bytes = super::packed::unpacked(&bytes).ok()?;
        serde_json::from_slice::<Entry>(&bytes).ok().map(|entry| entry.result)
    }
}

/// How a run of Pulumi's ended (<https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/history.go>).
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RunResult {
    NotStarted,
    InProgress,
    Succeeded,
    Failed,
}

/// What only a state says near its beginning.
const MARKS: [&[u8]; 5] =
    [b"\"terraform_version\"", b"\"lineage\"", b"\"deployment\"", b"\"checkpoint\"", b"\"encrypted_data\""];

/// Whether a file that is not called a state is none: also where it cannot be read and nothing in it speaks of one.
fn is_another(read: &Result<State, StateError>, bytes: &[u8]) -> bool {
    match read {
        Err(StateError::NotAState { .. }) => true,
        Err(StateError::Broken { .. } | StateError::Truncated) => {
            let begins = &bytes[..bytes.len().min(4096)];
            !super::packed::is_packed(bytes)
                && !MARKS.iter().any(|mark| begins.windows(mark.len()).any(|it| it == *mark))
        }
        Err(StateError::Sealed { .. } | StateError::UnknownVersion { .. }) | Ok(_) => false,
    }
}

/// The folder of a file in a place.
struct Folder<'a> {
    place: &'a dyn Place,
    names: &'a BTreeSet<String>,
    folder: &'a str,
}

impl Beside for Folder<'_> {
    fn file(&self, name: &str) -> Option<Vec<u8>> {
        let name = format!("{}{name}", self.folder);
        // One that is there and cannot be read is there.
        self.names.contains(&name).then(|| self.place.file(&name).unwrap_or_default())
    }
}
