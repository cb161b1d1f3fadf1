//! `policy check`: takes policy files, and tells every error with its line, what is likely to be a slip, and what each
//! policy would do. It calls nothing.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::args::{Format, OutputArgs};
use super::exit::Exit;
use super::failure::Failure;
use super::guards;
use super::shell::Shell;
use crate::policy::check::{Against, check};
use crate::report::json;
use crate::report::policy_check::{self, CheckedFile, PolicyCheckDocument};
use crate::session::Backend;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aws-janitor policy check policies/nightly-ci.toml")]
pub(super) struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// Every error of policy files with its line, what is likely to be a slip, and what each would do
    Check(CheckArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 if each file can be used, whatever it warns of; 64 if one cannot.

Examples:
  aws-janitor policy check policies/nightly-ci.toml
  aws-janitor policy check policies/*.toml -o json")]
struct CheckArgs {
    /// Policy files (TOML)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

pub(super) fn run(args: &PolicyArgs, shell: &Shell<'_>, backend: &dyn Backend) -> Result<Exit, Failure> {
    let PolicyCommand::Check(args) = &args.command;
    match args.output.output {
        Format::Tree | Format::Csv | Format::Markdown | Format::Jsonl => {
            return Err(
                Failure::usage("policy check prints table or json").hint("leave -o away, or use -o json")
            );
        }
        Format::Table | Format::Json => {}
    }
    let mut files = Vec::new();
    for path in &args.files {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
        let against = Against { catalog: backend.catalog(), stands: &stands, guards: &guards::beside(path) };
        files.push(CheckedFile::new(path.display().to_string(), check(&text, against)));
    }
    let exit = if files.iter().all(CheckedFile::is_usable) { Exit::Done } else { Exit::Usage };
    let text = match args.output.output {
        Format::Json => json::text(&PolicyCheckDocument::new(files, exit.code()))
            .map_err(|error| Failure::error(error.to_string()))?,
        Format::Table | Format::Tree | Format::Csv | Format::Markdown | Format::Jsonl => {
            policy_check::text(&files, shell.look)
        }
    };
    shell.data(&text)?;
    Ok(exit)
}

/// Whether something is at the place of a state. What is not on this machine nobody knows here.
fn stands(place: &str) -> bool {
    let path = place.strip_prefix("file://").unwrap_or(place);
    path.contains("://") || Path::new(path).exists()
}
