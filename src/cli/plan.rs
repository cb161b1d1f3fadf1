//! `plan`: looks at the account, plans the deletions, shows them and saves them where `--out` says. Deletes
//! nothing.

use std::path::{Path, PathBuf};

use clap::Args;

use super::args::{AwsArgs, ExitArgs, Format, OutputArgs, SelectionArgs};
use super::core;
use super::exit::Exit;
use super::failure::Failure;
use super::shell::Shell;
use super::survey::{self, InventoryArgs};
use super::trouble::trouble;
use crate::policy::Policy;
use crate::report::plan_text::{self, PlanView};
use crate::report::{csv, json, jsonl, markdown};
use crate::session::Backend;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aws-janitor plan --select tag:Project=shop,tag:EnvironmentSuffix=a1
  aws-janitor plan --policy janitor.toml --out leftovers.json
  aws-janitor plan --select stack=shop/attempt-1 --protect tag:EnvironmentSuffix=live -o tree
  aws-janitor plan --select stack=shop/attempt-1 --inventory scan.json    # works offline
  aws-janitor plan --policy janitor.toml --detailed-exitcode          # ends with 2 if there is something to delete")]
pub(super) struct PlanArgs {
    /// Save the plan to this file, for `show` and `apply`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    aws: AwsArgs,
    #[command(flatten)]
    saved: InventoryArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    exit: ExitArgs,
}

pub(super) async fn run(args: &PlanArgs, shell: &Shell<'_>, backend: &dyn Backend) -> Result<Exit, Failure> {
    let policy = survey::policy(shell, &args.selection, &args.aws, Policy::default())?.into_whole();
    survey::require_selection(&survey::selector(&policy, &backend.catalog())?)?;
    let saved = args.saved.inventory.as_deref();
    let (survey, place) = survey::survey(shell, backend, &args.aws, saved, policy).await?;
    survey.remember(place.as_ref()).await?;
    let file = core::plan(&survey)?;
    let scan = survey.view();
    let stacks = survey.stack_of();
    let view = PlanView {
        file: &file,
        stacks: &stacks,
        scan: Some(&scan),
        catalog: &survey.catalog,
        now: survey.now,
    };
    shell.data(&text(&view, args.output.output, shell)?)?;
    if shell.wants_summary() {
        shell.summary(&markdown::plan(&view));
    }
    if let Some(path) = &args.out {
        save(path, &json::text(&file).map_err(|error| Failure::error(error.to_string()))?)?;
        shell.say(&format!("Saved to {0}. Carry it out with: aws-janitor apply {0}", path.display()));
    }
    let caps = core::caps(&file, &survey.policy);
    if let Err(failure) = &caps {
        shell.warn(&format!("`apply` would refuse this plan: {}", failure.message));
    }
    let pending = !file.steps.is_empty() && args.exit.detailed_exitcode;
    Ok(match trouble(&survey, Some(&file.plan()), shell) {
        Exit::Done if caps.is_err() => Exit::Refused,
        Exit::Done if pending => Exit::Pending,
        trouble => trouble,
    })
}

/// The plan in a format.
pub(super) fn text(view: &PlanView<'_>, format: Format, shell: &Shell<'_>) -> Result<String, Failure> {
    let broken = |error: serde_json::Error| Failure::error(error.to_string());
    match format {
        Format::Table => Ok(plan_text::table(view, shell.look)),
        Format::Tree => Ok(plan_text::as_tree(view, shell.look)),
        Format::Json => json::text(view.file).map_err(broken),
        Format::Jsonl => jsonl::lines(&view.file.steps).map_err(broken),
        Format::Csv => Ok(csv::plan(view.file)),
        Format::Markdown => Ok(markdown::plan(view)),
    }
}

/// Writes a file so that it is there whole or not at all.
fn save(path: &Path, text: &str) -> Result<(), Failure> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = PathBuf::from(name);
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| {
        drop(std::fs::remove_file(&beside));
        Failure::file("write", path, &error)
    })
}
