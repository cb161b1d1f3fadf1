//! `completions`: makes, from the arguments of all commands, what a shell needs to complete them.

use clap::Args;
use clap_complete::Shell as Kind;

use super::exit::Exit;
use super::failure::Failure;
use super::shell::Shell;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aws-janitor completions bash > ~/.local/share/bash-completion/completions/aws-janitor
  aws-janitor completions zsh > \"${fpath[1]}/_aws-janitor\"
  aws-janitor completions fish > ~/.config/fish/completions/aws-janitor.fish")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Kind,
}

pub(super) fn run(args: &CompletionsArgs, shell: &Shell<'_>) -> Result<Exit, Failure> {
    let mut bytes = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "aws-janitor", &mut bytes);
    shell.own(&String::from_utf8_lossy(&bytes))?;
    Ok(Exit::Done)
}
