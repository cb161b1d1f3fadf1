//! The way to an account: takes the flags that say how to reach AWS, tells whose account it is before anything
//! else is called, and gives surveys the regions that are meant and what is in them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tokio::time::Instant;

use super::args::AwsArgs;
use super::beyond;
use super::failure::Failure;
use super::progress::Shown;
use super::shell::Shell;
use crate::inventory::{Caller, Inventory};
use crate::model::{Catalog, KindSpec, Region};
use crate::policy::{Policy, Regions};
use crate::session::{self, Backend, Connection, ScanCalls, ScanEvent, ScanRequest, Session};

/// A connection to the account that is meant.
pub(super) struct Place {
    pub session: Arc<dyn Session>,
    pub caller: Caller,
    pub profile: Option<String>,
    pub clock_speed: f64,
}

/// Connects, and tells whose account it is before anything else. One that the policy is not for is refused.
pub(super) async fn connect(
    shell: &Shell<'_>,
    backend: &dyn Backend,
    aws: &AwsArgs,
    policy: &Policy,
) -> Result<Place, Failure> {
    let clock_speed = clock_speed(shell, aws)?;
    let url = aws.endpoint_url.as_deref().or_else(|| shell.environment.variable("AWS_ENDPOINT_URL"));
    if let Some(url) = url.filter(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
        return Err(Failure::usage(format!("`{url}` is not the URL of an endpoint"))
            .hint("--endpoint-url and AWS_ENDPOINT_URL look like http://127.0.0.1:4566"));
    }
    let connection = Connection {
        profile: aws.profile.clone(),
        region: aws.region.iter().find(|name| *name != "all").map(Region::new),
        endpoint_url: aws.endpoint_url.clone(),
        clock_speed: Some(clock_speed),
        #[cfg(feature = "sandbox")]
        embedded: None,
    };
    place(shell, backend, &connection, policy).await
}

/// The same, for a connection that is made already.
pub(super) async fn place(
    shell: &Shell<'_>,
    backend: &dyn Backend,
    connection: &Connection,
    policy: &Policy,
) -> Result<Place, Failure> {
    let named = connection.profile.as_deref().or_else(|| shell.environment.variable("AWS_PROFILE"));
    let failed = |error| Failure::cloud(&error, named);
    let session = backend.connect(connection).await.map_err(failed)?;
    let caller = session.caller().await.map_err(failed)?;
    let alias = caller.alias.as_ref().map(|alias| format!(" ({alias})")).unwrap_or_default();
    shell.say(&format!("Account {}{alias}, caller {}", caller.account, caller.arn));
    if let Some(expected) = policy.refuses(caller.account.as_str()) {
        return Err(Failure::refused(format!(
            "the credentials belong to account {}, and this is for account {expected}",
            caller.account
        ))
        .hint("name the right profile with --profile, or correct --account or the policy"));
    }
    let profile = named.map(str::to_owned);
    Ok(Place { session, caller, profile, clock_speed: connection.clock_speed.unwrap_or(1.0) })
}

/// How fast the endpoint's clock runs.
fn clock_speed(shell: &Shell<'_>, aws: &AwsArgs) -> Result<f64, Failure> {
    let Some(text) =
        aws.clock_speed.as_deref().or_else(|| shell.environment.variable("AWS_JANITOR_CLOCK_SPEED"))
    else {
        return Ok(1.0);
    };
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && speed > 0.0 => Ok(speed),
        Ok(_) | Err(_) => Err(Failure::usage(format!("`{text}` is not a clock speed"))
            .hint("--clock-speed and AWS_JANITOR_CLOCK_SPEED take a positive number; 1 is AWS's own speed")),
    }
}

impl Place {
    /// What a policy wants looked at, once the regions that it names are known to exist.
    pub async fn request(&self, policy: &Policy, catalog: Catalog) -> Result<ScanRequest, Failure> {
        let regions = self.regions(policy).await?;
        self.request_in(regions, policy, catalog).await
    }

    /// The same in regions that are known.
    pub async fn request_in(
        &self,
        regions: BTreeSet<Region>,
        policy: &Policy,
        catalog: Catalog,
    ) -> Result<ScanRequest, Failure> {
        let assumed: Vec<Region> = policy.assume_regions.iter().cloned().collect();
        if !assumed.is_empty() {
            self.refuse_unknown(&assumed).await?;
        }
        Ok(ScanRequest::new(regions, catalog.iter().map(KindSpec::kind).collect(), policy))
    }

    /// The regions that the policy means.
    pub async fn regions(&self, policy: &Policy) -> Result<BTreeSet<Region>, Failure> {
        match &policy.regions {
            Regions::All => {
                let enabled = self.session.enabled_regions().await;
                enabled.map_err(|error| Failure::cloud(&error, self.profile.as_deref()))
            }
            Regions::These(regions) => {
                self.refuse_unknown(regions).await?;
                Ok(regions.iter().cloned().collect())
            }
            Regions::Unnamed => {
                let region = self.session.default_region().ok_or_else(|| {
                    Failure::usage("no region is named").hint(
                        "name one with --region (repeatable, `all` for every enabled one) or set AWS_REGION",
                    )
                })?;
                Ok(BTreeSet::from([region]))
            }
        }
    }

    /// Refuses a region that does not exist. One that exists and is not enabled is a gap, like all that
    /// cannot be read: the others are read all the same. Where the regions may not be asked for, the
    /// listings will tell.
    async fn refuse_unknown(&self, named: &[Region]) -> Result<(), Failure> {
        let Ok(known) = self.session.known_regions().await else { return Ok(()) };
        let Some(unknown) = named.iter().find(|region| !known.contains(region)) else { return Ok(()) };
        let names: Vec<&str> = known.iter().map(Region::as_str).collect();
        let near = crate::report::explain::near(unknown.as_str(), names.iter().copied());
        let failure = Failure::usage(format!("there is no region {unknown}"));
        Err(match near {
            Some(near) => failure.hint(format!("did you mean {near}?")),
            None => failure.hint(format!("there are: {}", names.join(", "))),
        })
    }

    /// Reads the account.
    pub async fn scan(&self, shell: &Shell<'_>, request: &ScanRequest) -> Result<Reading, Failure> {
        let began = Instant::now();
        let names: Vec<&str> = request.regions.iter().map(Region::as_str).collect();
        if !names.is_empty() {
            shell.say(&format!("Regions {}", names.join(", ")));
        }
        let say = |line: &str| shell.environment.err.say(line);
        let shown = Shown::begin(shell.progress, &say);
        let closed: Mutex<Option<ScanCalls>> = Mutex::new(None);
        let watch = |event: ScanEvent| match event {
            ScanEvent::Closed(calls) => *closed.lock().unwrap_or_else(PoisonError::into_inner) = Some(calls),
            event => shown.scan(&event),
        };
        let scanned = session::scan(&*self.session, request, &watch).await;
        shown.end();
        let inventory = scanned.map_err(|error| Failure::cloud(&error, self.profile.as_deref()))?;
        let closed = closed.into_inner().unwrap_or_else(PoisonError::into_inner);
        for line in closed.iter().flat_map(|calls| beyond::lines(&inventory, calls)) {
            shell.say(&line);
        }
        Ok(Reading { inventory, began })
    }

    /// The present moment, by this endpoint's clock.
    pub fn when(&self, shell: &Shell<'_>) -> When {
        When { now: shell.environment.now, clock_speed: self.clock_speed }
    }
}

/// What an account showed.
pub(super) struct Reading {
    /// All that was seen, and what was not.
    pub inventory: Inventory,
    /// When it began to be read, by the machine's clock: nothing of it is older.
    pub began: Instant,
}

/// When a survey is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct When {
    /// The machine's moment.
    pub now: Timestamp,
    /// How much faster than the machine's the endpoint's clock runs.
    pub clock_speed: f64,
}

impl When {
    /// The moment by which ages are judged. A clock that runs faster than the machine's may be ahead of
    /// it: there the newest thing tells at least how late it is. AWS's own clock is never corrected, so
    /// that a creation time in the future stays what it is, a contradiction.
    pub fn moment(self, inventory: &Inventory) -> Timestamp {
        let newest = inventory.resources.values().filter_map(|resource| resource.created).max();
        match newest {
            Some(newest) if self.clock_speed > 1.0 => newest.max(self.now),
            Some(_) | None => self.now,
        }
    }
}
