//! `show`: reads a saved plan and prints it. Calls nothing.

use std::path::PathBuf;

use clap::Args;

use super::args::{ExitArgs, OutputArgs};
use super::core;
use super::exit::Exit;
use super::failure::Failure;
use super::shell::Shell;
use crate::report::plan_text::PlanView;
use crate::session::Backend;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aws-janitor show leftovers.json
  aws-janitor show leftovers.json -o markdown | gh pr comment --body-file -")]
pub(super) struct ShowArgs {
    /// The plan
    file: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    exit: ExitArgs,
}

pub(super) fn run(args: &ShowArgs, shell: &Shell<'_>, backend: &dyn Backend) -> Result<Exit, Failure> {
    let file = core::read_plan(&args.file)?;
    let now = shell.environment.now;
    let alias = file.caller.alias.as_ref().map(|alias| format!(" ({alias})")).unwrap_or_default();
    shell.say(&format!(
        "Plan of {} for account {}{alias}, expires {}",
        file.created, file.account, file.expires
    ));
    if file.expires <= now {
        shell.warn("this plan has expired; `apply` will refuse it");
    }
    let catalog = backend.catalog();
    let view = PlanView { file: &file, stacks: &core::stacks_of(&file), scan: None, catalog: &catalog, now };
    shell.data(&super::plan::text(&view, args.output.output, shell)?)?;
    let pending = !file.steps.is_empty() && args.exit.detailed_exitcode;
    Ok(if pending { Exit::Pending } else { Exit::Done })
}
