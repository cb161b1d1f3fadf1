//! `explain`: looks at the account, finds one resource by id, ARN or name, and shows all that is known of it.

use clap::Args;

use super::args::{AwsArgs, Format, OutputArgs, SelectionArgs};
use super::core;
use super::exit::Exit;
use super::failure::Failure;
use super::shell::Shell;
use super::survey::{self, InventoryArgs, Survey};
use crate::model::Key;
use crate::policy::{Policy, Terms};
use crate::report::explain::{self, Found};
use crate::report::{explain_text, json, jsonl};
use crate::session::Backend;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aws-janitor explain vpc-0123456789abcdef0
  aws-janitor explain shop-a1-nat --select tag:Project=shop
  aws-janitor explain arn:aws:iam::123456789012:role/shop-a1-node -o json")]
pub(super) struct ExplainArgs {
    /// An id, an ARN or a name
    id: String,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    aws: AwsArgs,
    #[command(flatten)]
    saved: InventoryArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub(super) async fn run(
    args: &ExplainArgs,
    shell: &Shell<'_>,
    backend: &dyn Backend,
) -> Result<Exit, Failure> {
    match args.output.output {
        Format::Csv | Format::Markdown => {
            return Err(Failure::usage("explain prints table or json").hint("leave -o away, or use -o json"));
        }
        Format::Table | Format::Tree | Format::Json | Format::Jsonl => {}
    }
    let policy = survey::policy(shell, &args.selection, &args.aws, Policy::default())?.into_whole();
    let saved = args.saved.inventory.as_deref();
    let (mut survey, place) = survey::survey(shell, backend, &args.aws, saved, policy).await?;
    let key = find(&survey, &args.id)?;
    let assumed = survey.selector.is_empty().then(|| assumed(&survey, &key));
    if let Some(terms) = &assumed {
        survey = survey.selecting(terms.clone(), place.as_ref()).await?;
    }
    let file = core::plan(&survey)?;
    let explained = explain::explain(&survey.view(), &file, &key);
    let mut explained = explained.ok_or_else(|| Failure::error(format!("{key} is not in the scan")))?;
    explained.assumed = assumed.map(|terms| terms.to_string());
    let broken = |error: serde_json::Error| Failure::error(error.to_string());
    let text = match args.output.output {
        Format::Json => json::text(&explained).map_err(broken)?,
        Format::Jsonl => jsonl::lines([&explained]).map_err(broken)?,
        Format::Table | Format::Tree | Format::Csv | Format::Markdown => {
            explain_text::text(&explained, survey.now, shell.look)
        }
    };
    shell.data(&text)?;
    Ok(Exit::Done)
}

/// What is told of a thing where nothing was selected: what would become of it if its stack were, or it alone, if it
/// is of no stack.
fn assumed(survey: &Survey, key: &Key) -> Terms {
    let stack = survey.judgement.verdicts.get(key).and_then(|judged| judged.stack.as_deref());
    stack.map_or_else(|| Terms::of_id(&key.id), Terms::of_stack)
}

/// The resource that is meant, or what comes near.
pub(super) fn find(survey: &Survey, asked: &str) -> Result<Key, Failure> {
    match explain::find(&survey.view(), asked) {
        Found::One(key) => Ok(key.clone()),
        Found::Many(keys) => {
            let list: Vec<String> =
                keys.iter().map(|key| format!("{} {} ({})", key.kind, key.id, key.region)).collect();
            Err(Failure::error(format!("{} resources are called `{asked}`", keys.len()))
                .hint(format!("name one by its ARN or id: {}", list.join(", "))))
        }
        Found::Near(near) => {
            let failure = Failure::error(format!("nothing in the scan is called `{asked}`"));
            Err(if near.is_empty() {
                failure.hint("is it in another region (--region) or account (--profile)?")
            } else {
                failure.hint(format!("did you mean {}?", near.join(" or ")))
            })
        }
    }
}
