//! `scan`: looks at the account and prints what is there, with verdicts, evidence and costs. Deletes nothing
//! and needs no selection.

use clap::Args;

use super::args::{AwsArgs, ExitArgs, Format, OutputArgs, SelectionArgs};
use super::core;
use super::exit::Exit;
use super::failure::Failure;
use super::shell::Shell;
use super::survey::{self, InventoryArgs, Survey};
use super::trouble::trouble;
use crate::judge::StackSummary;
use crate::model::Verdict;
use crate::policy::Policy;
use crate::policy::Terms;
use crate::preflight::finding::quoted;
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
    let policy = survey::policy(shell, &args.selection, &args.aws, Policy::default())?.into_whole();
    let saved = args.saved.inventory.as_deref();
    let (survey, _) = survey::survey(shell, backend, &args.aws, saved, policy).await?;
    shell.data(&text(&survey, args, shell)?)?;
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

fn text(survey: &Survey, args: &ScanArgs, shell: &Shell<'_>) -> Result<String, Failure> {
    let view = survey.view();
    let format = args.output.output;
    let broken = |error: serde_json::Error| Failure::error(error.to_string());
    match format {
        Format::Table if survey.selector.is_empty() && shell.look.detail == Detail::Brief => {
            let command = |stack: &StackSummary| plan_of(stack, args);
            let stacks = scan_stacks::text(&view, &command, shell.look);
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

/// The line that plans one stack, with what this call needs to reach the account.
fn plan_of(stack: &StackSummary, args: &ScanArgs) -> String {
    let ScanArgs { selection, aws, saved, .. } = args;
    let mut words = vec!["aws-janitor".to_owned(), "plan".to_owned()];
    let mut flag = |name: &str, value: String| words.extend([name.to_owned(), value]);
    flag("--select", Terms::of_stack(&stack.name).to_string());
    selection.stack_key.iter().for_each(|key| flag("--stack-key", key.clone()));
    match &saved.inventory {
        Some(path) => flag("--inventory", path.display().to_string()),
        None => stack.regions.iter().for_each(|region| flag("--region", region.to_string())),
    }
    let single = [
        ("--profile", &aws.profile),
        ("--endpoint-url", &aws.endpoint_url),
        ("--clock-speed", &aws.clock_speed),
        ("--account", &aws.account),
    ];
    single.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).for_each(|(n, v)| flag(n, v));
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}
