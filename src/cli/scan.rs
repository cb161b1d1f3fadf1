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
use crate::model::Verdict;
use crate::policy::Policy;
use crate::report::{csv, json, jsonl, markdown, scan_table, tree};
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
    shell.data(&text(&survey, args.output.output, shell)?)?;
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

fn text(survey: &Survey, format: Format, shell: &Shell<'_>) -> Result<String, Failure> {
    let view = survey.view();
    let broken = |error: serde_json::Error| Failure::error(error.to_string());
    match format {
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
