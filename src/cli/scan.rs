//! `scan`: looks at the account and prints what is there, with verdicts, evidence and costs. Deletes nothing
//! and needs no selection.

use std::path::Path;

use clap::Args;

use super::args::{AwsArgs, ExitArgs, Format, OutputArgs, SelectionArgs};
use super::core;
use super::exit::Exit;
use super::failure::Failure;
use super::remedy::{Command, shell_line};
use super::shell::Shell;
use super::survey::{self, InventoryArgs, Survey};
use super::trouble::trouble;
use crate::judge::StackSummary;
use crate::model::Verdict;
use crate::policy::Policy;
use crate::policy::Terms;
use crate::report::{Detail, csv, json, jsonl, markdown, scan_stacks, scan_table, tree};
use crate::session::Backend;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aws-janitor scan --region us-east-1
  aws-janitor scan --region all --select stack=shop/attempt-1 --older-than 2h
  aws-janitor scan --select stack=shop/attempt-1 -o json > scan.json
  aws-janitor scan --inventory scan.json -o tree")]
pub(super) struct ScanArgs {
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

pub(super) async fn run(args: &ScanArgs, shell: &Shell<'_>, backend: &dyn Backend) -> Result<Exit, Failure> {
    let call = survey::policy(shell, &args.selection, &args.aws, Policy::default())?;
    let saved = args.saved.inventory.as_deref();
    let (survey, place) = survey::survey(shell, backend, &args.aws, saved, call.whole().clone()).await?;
    survey.remember(place.as_ref()).await?;
    let command = Command { policy: &call, file: args.selection.policy.as_deref(), aws: &args.aws };
    let line = |stack: &StackSummary| plan_of(stack, saved, &command);
    shell.data(&text(&survey, args.output.output, &line, shell)?)?;
    if shell.wants_summary() {
        shell.summary(&markdown::scan(&survey.view()));
    }
    let orphans = survey.judgement.verdicts.values().any(|judged| judged.verdict == Verdict::Orphan);
    let pending = orphans && args.exit.detailed_exitcode;
    Ok(match trouble(&survey, None, shell) {
        Exit::Done if pending => Exit::Pending,
        trouble => trouble,
    })
}

fn text(
    survey: &Survey,
    format: Format,
    line: &dyn Fn(&StackSummary) -> String,
    shell: &Shell<'_>,
) -> Result<String, Failure> {
    let view = survey.view();
    let broken = |error: serde_json::Error| Failure::error(error.to_string());
    match format {
        Format::Table if survey.selector.is_empty() && shell.look.detail == Detail::Brief => {
            let stacks = scan_stacks::text(&view, line, shell.look);
            Ok(stacks + &scan_table::footer(&view, &view.groups(), shell.look))
        }
        Format::Table => Ok(scan_table::text(&view, shell.look)),
        Format::Tree => {
            let groups = view.groups();
            let mut text = String::new();
            for group in &groups {
                text.push_str(&scan_table::heading(group, &view, shell.look));
                text.push('\n');
                text.push_str(&tree::text(group, shell.look));
                text.push('\n');
            }
            Ok(text + &scan_table::footer(&view, &groups, shell.look))
        }
        Format::Json => json::text(&core::scan_document(survey)).map_err(broken),
        Format::Jsonl => {
            let document = core::scan_document(survey);
            jsonl::lines(&document.resources).map_err(broken)
        }
        Format::Csv => Ok(csv::scan(&view)),
        Format::Markdown => Ok(markdown::scan(&view)),
    }
}

/// The line that plans one stack, as this call looks at the account or the saved scan.
fn plan_of(stack: &StackSummary, saved: Option<&Path>, command: &Command<'_>) -> String {
    let regions = stack.regions.iter().filter(|_| saved.is_none());
    let mut words = command.argv("plan", &[Terms::of_stack(&stack.name)], regions);
    words.extend(saved.into_iter().flat_map(|path| ["--inventory".to_owned(), path.display().to_string()]));
    shell_line(&words)
}
