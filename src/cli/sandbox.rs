//! `sandbox`: the embedded AWS as a server on loopback, for any client, until Ctrl-C.

use std::net::{Ipv4Addr, SocketAddr};

use aws_janitor_sandbox::{Sandbox, World, scenario, server};
use clap::Args;
use clap::builder::PossibleValuesParser;
use tokio::net::TcpListener;

use super::exit::Exit;
use super::failure::{Failure, FailureKind};
use super::shell::Shell;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aws-janitor sandbox --port 4566 --scenario failed-eks --speed 60
  AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x aws ec2 describe-vpcs --endpoint-url http://127.0.0.1:4566 --region us-east-1
  aws-janitor scan --endpoint-url http://127.0.0.1:4566 --clock-speed 60 --region us-east-1")]
pub(super) struct SandboxArgs {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 4566)]
    port: u16,
    /// What is in the account
    #[arg(long, value_name = "SCENARIO", default_value = "failed-eks", value_parser = PossibleValuesParser::new(scenario::names()))]
    scenario: String,
    /// How many times faster than AWS's its clock runs
    #[arg(long, value_name = "X", default_value_t = 60.0)]
    speed: f64,
}

pub(super) async fn run(args: &SandboxArgs, shell: &Shell<'_>) -> Result<Exit, Failure> {
    let world = build(&args.scenario, args.speed, shell)?;
    let account = world.account.clone();
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let busy = |error: std::io::Error| {
        Failure::error(format!("cannot listen on {wanted}: {error}"))
            .hint("name another port with --port, or 0 for a free one")
    };
    let listener = TcpListener::bind(wanted).await.map_err(busy)?;
    let address = listener.local_addr().map_err(busy)?;
    shell.say(&format!(
        "An embedded AWS listens on http://{address}: account {account}, scenario {}, time {} times as fast. Ctrl-C ends it.",
        args.scenario, args.speed
    ));
    // The signer wants some keys; the embedded AWS takes any.
    shell.data(&format!(
        "export AWS_ENDPOINT_URL=http://{address}\n\
         export AWS_ACCESS_KEY_ID=sandbox\n\
         export AWS_SECRET_ACCESS_KEY=sandbox\n\
         export AWS_REGION={}\n\
         export AWS_JANITOR_CLOCK_SPEED={}\n",
        scenario::REGION,
        args.speed
    ))?;
    server::serve(Sandbox::new(world), listener, shell.environment.stop.heard()).await;
    Ok(Exit::Done)
}

/// The world of a scenario, whose clock runs so fast.
pub(super) fn build(name: &str, speed: f64, shell: &Shell<'_>) -> Result<World, Failure> {
    if !speed.is_finite() || speed <= 0.0 {
        return Err(
            Failure::usage(format!("`{speed}` is not a speed")).hint("--speed takes a positive number")
        );
    }
    scenario::build(name, speed, shell.environment.now)
        .map_err(|error| Failure::caused(FailureKind::Error, &error))
}
