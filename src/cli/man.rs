//! `man`: makes the manual page, with a section for each command, from their arguments.

use clap::Args;

use super::exit::Exit;
use super::failure::Failure;
use super::shell::Shell;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aws-janitor man > aws-janitor.1 && man ./aws-janitor.1
  aws-janitor man plan > aws-janitor-plan.1")]
pub(super) struct ManArgs {
    /// The page of one command, instead of the program's
    command: Option<String>,
}

pub(super) fn run(args: &ManArgs, shell: &Shell<'_>) -> Result<Exit, Failure> {
    let mut program = super::command().disable_help_subcommand(true);
    // Without this, flags that every command takes are missing from its page.
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => {
            let known: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
            let unknown = || {
                Failure::usage(format!("there is no command `{name}`"))
                    .hint(format!("the commands are {}", known.join(", ")))
            };
            program.find_subcommand(name).ok_or_else(unknown)?.clone()
        }
    };
    let mut bytes = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut bytes)
        .map_err(|error| Failure::error(format!("cannot write the manual page: {error}")))?;
    shell.own(&String::from_utf8_lossy(&bytes))?;
    Ok(Exit::Done)
}
