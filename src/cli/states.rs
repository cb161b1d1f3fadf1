//! Reads the states that `--state` and the policy name, and gives `survey` what they claim. One that cannot be read is
//! told and may own anything: no command goes on as if it had not been named.

use std::path::Path;

use super::deployments::Folder;
use super::shell::Shell;
use crate::model::{AccountId, StateClaims};
use crate::report::plain;
use crate::states;

/// What the states of these files claim in an account.
pub(super) fn claimed(paths: &[String], account: &AccountId) -> Vec<StateClaims> {
    paths.iter().map(|path| of(path, account)).collect()
}

fn of(path: &str, account: &AccountId) -> StateClaims {
    let file = Path::new(path);
    if file.is_dir() {
        return states::unread_claims(path, "it is a folder: name the files in it".to_owned());
    }
    match std::fs::read(file) {
        Ok(bytes) => states::claims(path, states::read(path, &bytes, &Folder::of(file)), Some(account)),
        Err(error) => states::unread_claims(path, error.to_string()),
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
