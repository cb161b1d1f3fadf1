//! `sandbox`: the embedded AWS as a server on loopback, for any client, until Ctrl-C.
//! Flags, port and texts are the embedded AWS's own (`aws_janitor_sandbox::command`).

use aws_janitor_sandbox::World;
use aws_janitor_sandbox::command::{self, Flags, OpenError};
use clap::Args;

use super::exit::Exit;
use super::failure::{Failure, FailureKind};
use super::shell::Shell;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aws-janitor sandbox --port 4566 --scenario failed-eks --speed 60
  AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x aws ec2 describe-vpcs --endpoint-url http://127.0.0.1:4566 --region us-east-1
  aws-janitor scan --endpoint-url http://127.0.0.1:4566 --clock-speed 60 --region us-east-1")]
pub(super) struct SandboxArgs {
    #[command(flatten)]
    flags: Flags,
}

pub(super) async fn run(args: &SandboxArgs, shell: &Shell<'_>) -> Result<Exit, Failure> {
    let opened = args.flags.clone().open(shell.environment.now).await.map_err(failure)?;
    shell.say(&opened.greeting());
    shell.data(&opened.exports())?;
    opened.serve(shell.environment.stop.heard()).await;
    Ok(Exit::Done)
}

/// The world of a scenario, whose clock runs so fast.
pub(super) fn build(name: &str, speed: f64, shell: &Shell<'_>) -> Result<World, Failure> {
    command::build(name, speed, shell.environment.now).map_err(failure)
}

fn failure(error: OpenError) -> Failure {
    match error {
        OpenError::Speed(speed) => {
            Failure::usage(format!("`{speed}` is not a speed")).hint("--speed takes a positive number")
        }
        OpenError::Scenario(error) => Failure::caused(FailureKind::Error, &error),
        OpenError::Busy { .. } => {
            Failure::error(error.to_string()).hint("name another port with --port, or 0 for a free one")
        }
    }
}
