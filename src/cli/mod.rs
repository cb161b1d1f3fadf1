//! The command line: takes arguments and environment from `main`, runs one command, and gives its exit code.
//! Data goes to stdout, all else to stderr.

#![expect(
    clippy::disallowed_methods,
    reason = "the edge: it reads and writes the files that the user names, and draws progress by the clock"
)]

mod apply;
mod args;
mod assess;
mod beyond;
mod causes;
mod completions;
mod connect;
mod consent;
pub mod context;
mod core;
#[cfg(feature = "sandbox")]
mod demo;
mod deployments;
mod exit;
mod explain;
mod failure;
mod graph;
mod guards;
mod iam_policy;
mod logs;
mod man;
mod memory;
mod needed;
mod plan;
mod policy;
mod preflight;
mod progress;
mod quota;
mod referee;
mod remedy;
mod run;
#[cfg(feature = "sandbox")]
mod sandbox;
mod scan;
mod shell;
mod show;
mod states;
mod survey;
mod trouble;

use std::ffi::OsString;

use clap::{CommandFactory, Parser, Subcommand};

use crate::session::Backend;
use args::MessageArgs;
use context::Environment;
pub use exit::Exit;
pub use failure::{Failure, FailureKind};
use shell::Shell;

/// Finds what failed stacks left behind in an AWS account, proves that it is nobody's, and deletes it in the right order
#[derive(Debug, Parser)]
#[command(name = "aws-janitor", version, about, max_term_width = 100, after_help = after_help())]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    messages: MessageArgs,
}

/// What stands below the help: the exit codes and some examples.
fn after_help() -> String {
    let mut text = String::from("Exit codes:\n");
    for exit in Exit::ALL {
        text.push_str(&format!("  {:>2}  {}\n", exit.code(), exit.meaning()));
    }
    text.push_str("\nSymbols: - goes, ~ is cut, ! is blocked, ? is uncertain, · stays\n");
    text.push_str(EXAMPLES);
    text
}

const EXAMPLES: &str = "
Nothing is deleted but by `apply`, and not without consent.

Examples:
  aws-janitor demo                       # the whole story, no account needed
  aws-janitor scan --region us-east-1    # what is there, and whose it is
  aws-janitor plan --select stack=shop/attempt-1 --out leftovers.json
  aws-janitor show leftovers.json
  aws-janitor apply leftovers.json --yes";

#[derive(Debug, Subcommand)]
enum Command {
    /// What is there, whose it is, the verdict and why, what it costs
    Scan(scan::ScanArgs),
    /// The ordered deletions; --out FILE saves them
    Plan(plan::PlanArgs),
    /// Prints a saved plan
    Show(show::ShowArgs),
    /// Carries out a saved plan; without FILE: plans, shows, asks, applies
    Apply(apply::ApplyArgs),
    /// Usage, limit, free, and how much of it orphans hold; --need or --for: does it fit?
    Quota(quota::QuotaArgs),
    /// Everything that can be known before a deploy, from the plan, preview or template of it
    Preflight(preflight::PreflightArgs),
    /// One resource: verdict, evidence, what blocks it, what it blocks
    Explain(explain::ExplainArgs),
    /// The resources and their links as a picture
    Graph(graph::GraphArgs),
    /// Policy files: what is wrong with one, and what it would do
    Policy(policy::PolicyArgs),
    /// The least privilege that scan or apply needs, as an IAM policy
    IamPolicy(iam_policy::IamPolicyArgs),
    /// The whole story on an embedded AWS, no account needed
    #[cfg(feature = "sandbox")]
    Demo(demo::DemoArgs),
    /// That embedded AWS as a server, for any client
    #[cfg(feature = "sandbox")]
    Sandbox(sandbox::SandboxArgs),
    /// Completions for a shell
    Completions(completions::CompletionsArgs),
    /// The manual page
    Man(man::ManArgs),
}

/// Runs one command. `args` begin with the program's name.
pub async fn run<I, T>(args: I, environment: &Environment, backend: &dyn Backend) -> Exit
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return explain_usage(&error, environment),
    };
    let shell = Shell::new(environment, &cli.messages);
    logs::start(&cli.messages, &environment.err);
    let done = match &cli.command {
        Command::Scan(args) => scan::run(args, &shell, backend).await,
        Command::Plan(args) => plan::run(args, &shell, backend).await,
        Command::Show(args) => show::run(args, &shell, backend),
        Command::Apply(args) => apply::run(args, &shell, backend).await,
        Command::Quota(args) => quota::run(args, &shell, backend).await,
        Command::Preflight(args) => preflight::run(args, &shell, backend).await,
        Command::Explain(args) => explain::run(args, &shell, backend).await,
        Command::Graph(args) => graph::run(args, &shell, backend).await,
        Command::Policy(args) => policy::run(args, &shell, backend),
        Command::IamPolicy(args) => iam_policy::run(args, &shell, backend),
        #[cfg(feature = "sandbox")]
        Command::Demo(args) => demo::run(args, &shell, backend).await,
        #[cfg(feature = "sandbox")]
        Command::Sandbox(args) => sandbox::run(args, &shell).await,
        Command::Completions(args) => completions::run(args, &shell),
        Command::Man(args) => man::run(args, &shell),
    };
    match done {
        Ok(exit) => exit,
        Err(failure) => {
            drop(environment.err.write(&failure.text()));
            failure.exit()
        }
    }
}

/// clap's own answers: help and version are data, anything else is a usage error. clap would end with 2 there,
/// which is ours for "changes are pending".
fn explain_usage(error: &clap::Error, environment: &Environment) -> Exit {
    use clap::error::ErrorKind;
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            drop(environment.out.write(&error.render().to_string()));
            Exit::Done
        }
        _ => {
            drop(environment.err.write(&error.render().to_string()));
            Exit::Usage
        }
    }
}

/// The command line as clap knows it: for completions, the manual and tests.
pub fn command() -> clap::Command {
    Cli::command()
}
