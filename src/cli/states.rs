//! Reads the states that `--state` and the policy name, files and whole folders of them, and gives `survey` what they claim. One that cannot be read is
//! told and may own anything: no command goes on as if it had not been named.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::connect::Place as Account;
use super::deployments::Folder;
use super::shell::Shell;
use crate::model::{AccountId, StateClaims};
use crate::report::plain;
use crate::states::{self, BucketPlace, Place};

/// What states claim in an account of which only a saved scan is at hand: nobody asks a bucket.
pub(super) fn beside_scan(paths: &[String], account: &AccountId) -> Vec<StateClaims> {
    let claims = |path: &String| match BucketPlace::of(path) {
        None => of(path, account),
        Some(_) => {
            let why = "a bucket is read only together with the account, and this is a saved scan";
            vec![states::unread_claims(path, why.to_owned())]
        }
    };
    paths.iter().flat_map(claims).collect()
}

/// What states claim in an account that is at hand: those in buckets are fetched with its own credentials.
pub(super) async fn with_account(paths: &[String], place: &Account, account: &AccountId) -> Vec<StateClaims> {
    let mut claims = Vec::new();
    for path in paths {
        let Some(at) = BucketPlace::of(path) else {
            claims.extend(of(path, account));
            continue;
        };
        match place.session.bucket(&at).await {
            Ok(found) => {
                let root = format!("s3://{}", at.bucket);
                claims.extend(states::claims_in(&root, &found, Some(account)));
            }
            Err(error) => {
                let why = format!("what lies there could not be listed: {error}");
                claims.push(states::unread_claims(path, why));
            }
        }
    }
    claims
}

fn of(path: &str, account: &AccountId) -> Vec<StateClaims> {
    let file = Path::new(path);
    if file.is_dir() {
        return states::claims_in(path, &StateFolder { root: file }, Some(account));
    }
    vec![match std::fs::read(file) {
        Ok(bytes) => states::claims(path, states::read(path, &bytes, &Folder::of(file)), Some(account)),
        Err(error) => states::unread_claims(path, error.to_string()),
    }]
}

/// A folder that holds states, of workspaces or of a backend.
struct StateFolder<'a> {
    root: &'a Path,
}

/// Folders in which no tool keeps a state, and that hold many files.
const OTHERS: [&str; 2] = [".git", "node_modules"];

/// More files than this are no folder of states.
const MOST_FILES: usize = 100_000;

/// How deep folders are followed: a link may lead back to where it stands.
const DEEPEST: usize = 24;

impl Place for StateFolder<'_> {
    fn names(&self) -> Result<BTreeSet<String>, String> {
        let mut names = BTreeSet::new();
        let mut open: Vec<(PathBuf, usize)> = vec![(self.root.to_path_buf(), 0)];
        while let Some((folder, depth)) = open.pop() {
            let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
            for entry in std::fs::read_dir(&folder).map_err(failed)? {
                let path = entry.map_err(failed)?.path();
                let is_other = || path.file_name().is_some_and(|name| OTHERS.iter().any(|it| name == *it));
                if path.is_dir() && !is_other() {
                    if depth >= DEEPEST {
                        return Err(format!("{} is too deep", path.display()));
                    }
                    open.push((path, depth + 1));
                } else if path.is_file() {
                    let name = path.strip_prefix(self.root).unwrap_or(&path);
                    let parts: Option<Vec<&str>> = name.iter().map(|part| part.to_str()).collect();
                    names.insert(
                        parts.ok_or_else(|| format!("the name {} is no text", path.display()))?.join("/"),
                    );
                    if names.len() > MOST_FILES {
                        return Err(format!("it holds more than {MOST_FILES} files"));
                    }
                }
            }
        }
        Ok(names)
    }

    fn file(&self, name: &str) -> Result<Vec<u8>, String> {
        std::fs::read(self.root.join(name)).map_err(|error| error.to_string())
    }
}

/// Says which of them could not be read.
pub(super) fn tell(shell: &Shell<'_>, states: &[StateClaims]) {
    for state in states {
        if let Some(why) = &state.unread {
            let text = format!("the state {} may own anything that is selected: {why}", state.source);
            shell.warn(&plain(&text));
        }
    }
}
