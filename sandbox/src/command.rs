//! What the program of this crate and `aws-janitor sandbox` have in common: the flags, the world they
//! ask for behind a port on loopback, and what its user is told.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};

use clap::Args;
use clap::builder::PossibleValuesParser;
use jiff::Timestamp;
use tokio::net::TcpListener;

use crate::door::Sandbox;
use crate::quotas::table;
use crate::scenario::{self, ScenarioError};
use crate::server;
use crate::world::World;

/// Which embedded AWS is to be served, and where.
#[derive(Debug, Clone, Args)]
pub struct Flags {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 4566)]
    pub port: u16,
    /// What is in the account
    #[arg(long, value_name = "SCENARIO", default_value = "failed-eks", value_parser = PossibleValuesParser::new(scenario::names()))]
    pub scenario: String,
    /// How many times faster than AWS's its clock runs
    #[arg(long, value_name = "X", default_value_t = 60.0)]
    pub speed: f64,
    /// How much of something the account may have, in every region: `vpc=200`, or a code of Service Quotas,
    /// `L-F678F1CE=200`; repeatable
    #[arg(long, value_name = "NAME=N", value_parser = quota)]
    pub quota: Vec<(String, f64)>,
}

/// A quota's code, and its value.
fn quota(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("it has the form NAME=N")?;
    let value: f64 = value.parse().map_err(|_| format!("`{value}` is no number"))?;
    if !value.is_finite() || value < 0.0 {
        return Err(format!("`{value}` is no number of things"));
    }
    let named = table::NAMES.iter().find(|(known, _)| *known == name).map(|(_, code)| *code);
    let code = named.unwrap_or(name);
    if table::known(code).is_none() {
        let names: Vec<&str> = table::NAMES.iter().map(|(name, _)| *name).collect();
        return Err(format!("there is no quota `{name}`: it is a code, or one of {}", names.join(", ")));
    }
    Ok((code.to_owned(), value))
}

/// Why no embedded AWS is served.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A clock cannot run so.
    #[error("`{0}` is not a speed: --speed takes a positive number")]
    Speed(f64),
    /// The scenario could not be built.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The port is taken, or may not be had.
    #[error("cannot listen on {wanted}: {error}")]
    Busy {
        /// The address that was asked for.
        wanted: SocketAddr,
        /// What the system says.
        error: std::io::Error,
    },
}

/// An embedded AWS with its port open, not yet answering.
pub struct Opened {
    flags: Flags,
    account: String,
    sandbox: Sandbox,
    listener: TcpListener,
    address: SocketAddr,
}

/// The world of a scenario that ends at `now`, whose clock runs so fast.
pub fn build(scenario: &str, speed: f64, now: Timestamp) -> Result<World, OpenError> {
    if !speed.is_finite() || speed <= 0.0 {
        return Err(OpenError::Speed(speed));
    }
    Ok(scenario::build(scenario, speed, now)?)
}

impl Flags {
    /// Builds the world and takes the port.
    pub async fn open(self, now: Timestamp) -> Result<Opened, OpenError> {
        let mut world = build(&self.scenario, self.speed, now)?;
        for (code, value) in &self.quota {
            world.quotas.apply_everywhere(code, *value);
        }
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let busy = |error| OpenError::Busy { wanted, error };
        let listener = TcpListener::bind(wanted).await.map_err(busy)?;
        let address = listener.local_addr().map_err(busy)?;
        let account = world.account.clone();
        Ok(Opened { flags: self, account, sandbox: Sandbox::new(world), listener, address })
    }
}

impl Opened {
    /// What stands where, in a sentence.
    pub fn greeting(&self) -> String {
        format!(
            "An embedded AWS listens on http://{}: account {}, scenario {}, time {} times as fast. Ctrl-C ends it.",
            self.address, self.account, self.flags.scenario, self.flags.speed
        )
    }

    /// What a shell has to export for clients to come here. The signer wants some keys; any do.
    pub fn exports(&self) -> String {
        format!(
            "export AWS_ENDPOINT_URL=http://{}\n\
             export AWS_ACCESS_KEY_ID=sandbox\n\
             export AWS_SECRET_ACCESS_KEY=sandbox\n\
             export AWS_REGION={}\n\
             export AWS_JANITOR_CLOCK_SPEED={}\n",
            self.address,
            scenario::REGION,
            self.flags.speed
        )
    }

    /// Answers until `stop` is done.
    pub async fn serve(self, stop: impl Future) {
        server::serve(self.sandbox, self.listener, stop).await;
    }
}
