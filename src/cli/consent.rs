//! Consent: takes `--yes`, or asks on the terminal for the account's number, and refuses where there is no
//! terminal to ask on. `apply` calls it before anything changes.

use super::context::Tty;
use super::failure::Failure;
use super::shell::Shell;
use crate::model::AccountId;

/// What the flags say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consent {
    /// `--yes`.
    Given,
    /// To be asked for.
    Wanted,
}

/// Returns when the user agrees to carry the plan out in this account.
pub(super) fn obtain(shell: &Shell<'_>, consent: Consent, account: &AccountId) -> Result<(), Failure> {
    match consent {
        Consent::Given => return Ok(()),
        Consent::Wanted => {}
    }
    let environment = shell.environment;
    if environment.input_tty != Tty::Terminal || environment.err_tty != Tty::Terminal {
        return Err(Failure::refused("nobody agreed to the deletion, and there is no terminal to ask at")
            .hint("pass --yes to agree, or --dry-run to see what would happen"));
    }
    drop(environment.err.write(&format!("This deletes for good. Type the account id {account} to go on: ")));
    let mut typed = String::new();
    let mut input = environment.input.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    input
        .read_line(&mut typed)
        .map_err(|error| Failure::error(format!("cannot read the answer: {error}")))?;
    if typed.trim() == account.as_str() {
        return Ok(());
    }
    Err(Failure::refused("the account id was not typed, so nothing was deleted")
        .hint(format!("type {account}, or pass --yes")))
}
