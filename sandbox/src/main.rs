//! The embedded AWS by itself, behind a port on loopback, until Ctrl-C.

#![expect(clippy::disallowed_methods, reason = "the edge: the clock is handed in from here")]

use std::io::Write;
use std::process::ExitCode;

use aws_janitor_sandbox::command::Flags;
use clap::Parser;
use jiff::Timestamp;

/// An AWS for tests that refuses what AWS refuses
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Examples:
  aws-janitor-sandbox --port 4566 --scenario failed-eks --speed 60
  AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x aws ec2 describe-vpcs --endpoint-url http://127.0.0.1:4566 --region us-east-1
  curl http://127.0.0.1:4566/_control/inventory"
)]
struct Arguments {
    #[command(flatten)]
    flags: Flags,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nobody left to tell if this fails as well.
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let opened = arguments.flags.open(Timestamp::now()).await?;
    writeln!(std::io::stderr(), "{}", opened.greeting())?;
    write!(std::io::stdout(), "{}", opened.exports())?;
    opened.serve(tokio::signal::ctrl_c()).await;
    Ok(())
}
