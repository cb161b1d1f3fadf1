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
use crate::policy::nearest;
use crate::report::view::ScanView;
use crate::report::{Detail, csv, json, jsonl, markdown, scan_stacks, scan_table, tree};
use crate::session::Backend;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aws-janitor scan --region us-east-1
  aws-janitor scan --region all --select stack=shop/attempt-1 --older-than 2h
  aws-janitor scan --select stack=shop/attempt-1 -o json > scan.json
  aws-janitor scan --region us-east-1 --stack shop/attempt-1
  aws-janitor scan --inventory scan.json -o tree")]
pub(super) struct ScanArgs {
    /// Tell of this stack alone, in tables, trees, CSV and Markdown; JSON has all
    #[arg(long, value_name = "NAME")]
    stack: Option<String>,
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
    let only = args.stack.as_deref().map(|name| stack_named(&survey, name)).transpose()?;
    let view = ScanView { only, ..survey.view() };
    shell.data(&text(&survey, &view, args.output.output, &line, shell)?)?;
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

/// The stack of this name, as the scan has it.
pub(super) fn stack_named<'a>(survey: &'a Survey, name: &str) -> Result<&'a str, Failure> {
    let names = || survey.judgement.stacks.iter().map(|stack| stack.name.as_str());
    if let Some(found) = names().find(|known| *known == name) {
        return Ok(found);
    }
    let failure = Failure::error(format!("the scan has no stack `{name}`"));
    Err(match nearest(name, names()) {
        Some(near) => failure.hint(format!("did you mean {near}?")),
        None => failure.hint("a scan without --stack tells the name of each"),
    })
}

fn text(
    survey: &Survey,
    view: &ScanView<'_>,
    format: Format,
    line: &dyn Fn(&StackSummary) -> String,
    shell: &Shell<'_>,
) -> Result<String, Failure> {
    let broken = |error: serde_json::Error| Failure::error(error.to_string());
    match format {
        Format::Table
            if survey.selector.is_empty() && shell.look.detail == Detail::Brief && view.only.is_none() =>
        {
            let stacks = scan_stacks::text(view, line, shell.look);
            Ok(stacks + &scan_table::footer(view, &view.groups(), shell.look))
        }
        Format::Table => Ok(scan_table::text(view, shell.look)),
        Format::Tree => {
            let groups = view.groups();
            let mut text = String::new();
            for group in &groups {
                text.push_str(&scan_table::heading(group, view, shell.look));
                text.push('\n');
                text.push_str(&tree::text(group, shell.look));
                text.push('\n');
            }
            Ok(text + &scan_table::footer(view, &groups, shell.look))
        }
        Format::Json => json::text(&core::scan_document(survey)).map_err(broken),
        Format::Jsonl => {
            let document = core::scan_document(survey);
            jsonl::lines(&document.resources).map_err(broken)
        }
        Format::Csv => Ok(csv::scan(view)),
        Format::Markdown => Ok(markdown::scan(view)),
    }
}

/// The line that plans one stack, as this call looks at the account or the saved scan.
fn plan_of(stack: &StackSummary, saved: Option<&Path>, command: &Command<'_>) -> String {
    let regions = stack.regions.iter().filter(|_| saved.is_none());
    let mut words = command.argv("plan", &[Terms::of_stack(&stack.name)], regions);
    words.extend(saved.into_iter().flat_map(|path| ["--inventory".to_owned(), path.display().to_string()]));
    shell_line(&words)
}
