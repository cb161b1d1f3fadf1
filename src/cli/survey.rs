//! What every command that looks at an account begins with: policy, connection, caller, regions, scan, verdicts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;

use super::args::{AwsArgs, SelectionArgs};
use super::core;
use super::exit::Exit;
use super::failure::Failure;
use super::progress::Shown;
use super::shell::Shell;
use crate::inventory::{Caller, Gap, Inventory};
use crate::judge::{Judgement, guarded};
use crate::model::{Catalog, Key, KindName, Region};
use crate::plan::Plan;
use crate::plan::unclear::{Outlook, is_unclear};
use crate::policy::{CallPolicy, Glob, Policy, PolicyError, Regions, Selector, Terms, read_flag, read_flags};
use crate::report::view::ScanView;
use crate::session::{Backend, Connection, ScanRequest, Session};

/// A saved scan instead of the account.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "AWS")]
pub(super) struct InventoryArgs {
    /// A saved scan (`scan -o json`) to work on, instead of the account
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "region", "endpoint_url"])]
    pub inventory: Option<PathBuf>,
}

/// An inventory with its verdicts.
pub(super) struct Survey {
    pub inventory: Inventory,
    pub policy: Policy,
    pub selector: Selector,
    pub judgement: Judgement,
    pub catalog: Catalog,
    pub now: Timestamp,
    /// How much faster than the machine's the clock runs by which things were dated.
    pub clock_speed: f64,
}

/// A connection to the account that is meant.
pub(super) struct Place {
    pub session: Arc<dyn Session>,
    pub caller: Caller,
    pub profile: Option<String>,
    pub clock_speed: f64,
}

/// The policy of file and flags together: the one place where what was typed becomes values.
pub(super) fn policy(
    selection: &SelectionArgs,
    aws: &AwsArgs,
    bounds: Policy,
) -> Result<CallPolicy, Failure> {
    let file = match &selection.policy {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
            Policy::from_toml(&text).map_err(|error| in_file(&Failure::usage(error.to_string()), path))?
        }
        None => Policy::default(),
    };
    let regions = Regions::read(&aws.region).map_err(|error| {
        Failure::usage(error.to_string())
            .hint("a region looks like us-east-1; `--region all` looks into every enabled one")
    })?;
    let flags = flags(selection, Policy { regions, account: aws.account.clone(), ..bounds });
    let call = flags.and_then(|flags| CallPolicy::new(file, flags));
    call.map_err(|error| Failure::usage(error.to_string()))
}

/// What the flags of a selection add to those of other groups.
fn flags(selection: &SelectionArgs, others: Policy) -> Result<Policy, PolicyError> {
    let older_than = selection.older_than.as_deref().map(|text| read_flag("older-than", text));
    Ok(Policy {
        stack_key: selection.stack_key.clone(),
        select: read_flags("select", &selection.select)?,
        protect: read_flags("protect", &selection.protect)?,
        older_than: older_than.transpose()?,
        with_data: selection.with_data.iter().map(KindName::new).collect(),
        abandoned: read_flags("abandoned", &selection.abandoned)?,
        ..others
    })
}

fn in_file(failure: &Failure, path: &Path) -> Failure {
    Failure::usage(format!("{}: {}", path.display(), failure.message))
}

/// The policy compiled, or what is wrong with it.
pub(super) fn selector(policy: &Policy, catalog: &Catalog) -> Result<Selector, Failure> {
    let kinds: Vec<&str> = catalog.iter().map(|spec| spec.name).collect();
    Selector::new(policy, &kinds).map_err(|error| Failure::usage(error.to_string()))
}

/// A selection is asked for where something may be deleted.
pub(super) fn require_selection(selector: &Selector) -> Result<(), Failure> {
    if selector.is_empty() {
        return Err(Failure::usage("nothing is selected, so nothing could be deleted")
            .hint("say what is meant to be removed, such as --select tag:Project=NAME, or name a policy file with --policy")
            .hint("`aws-janitor scan` shows what there is"));
    }
    Ok(())
}

/// Connects, and tells whose account it is before anything else.
pub(super) async fn connect(
    shell: &Shell<'_>,
    backend: &dyn Backend,
    aws: &AwsArgs,
    expected: Option<&str>,
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
    place(shell, backend, &connection, expected).await
}

/// The same, for a connection that is made already.
pub(super) async fn place(
    shell: &Shell<'_>,
    backend: &dyn Backend,
    connection: &Connection,
    expected: Option<&str>,
) -> Result<Place, Failure> {
    let named = connection.profile.as_deref().or_else(|| shell.environment.variable("AWS_PROFILE"));
    let failed = |error| Failure::cloud(&error, named);
    let session = backend.connect(connection).await.map_err(failed)?;
    let caller = session.caller().await.map_err(failed)?;
    let alias = caller.alias.as_ref().map(|alias| format!(" ({alias})")).unwrap_or_default();
    shell.say(&format!("Account {}{alias}, caller {}", caller.account, caller.arn));
    if let Some(expected) = expected.filter(|expected| *expected != caller.account.as_str()) {
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
    pub async fn scan(&self, shell: &Shell<'_>, request: &ScanRequest) -> Result<Inventory, Failure> {
        let names: Vec<&str> = request.regions.iter().map(Region::as_str).collect();
        if !names.is_empty() {
            shell.say(&format!("Regions {}", names.join(", ")));
        }
        let say = |line: &str| shell.environment.err.say(line);
        let shown = Shown::begin(shell.progress, &say);
        let scanned = self.session.scan(request, &|event| shown.scan(&event)).await;
        shown.end();
        scanned.map_err(|error| Failure::cloud(&error, self.profile.as_deref()))
    }
}

/// A survey of the account, or of a saved scan. With the connection, if there is one.
pub(super) async fn survey(
    shell: &Shell<'_>,
    backend: &dyn Backend,
    aws: &AwsArgs,
    saved: Option<&Path>,
    policy: Policy,
) -> Result<(Survey, Option<Place>), Failure> {
    let catalog = backend.catalog();
    // What is wrong with the policy is told before anything is called.
    let selector = selector(&policy, &catalog)?;
    if let Some(path) = saved {
        let inventory = core::read_inventory(path)?;
        let when = When { now: shell.environment.now, clock_speed: 1.0 };
        return Ok((Survey::of(inventory, policy, selector, catalog, when)?, None));
    }
    let place = connect(shell, backend, aws, policy.account.as_deref()).await?;
    let survey = look(shell, &place, policy, selector, catalog).await?;
    Ok((survey, Some(place)))
}

/// A survey of the account that a connection was made to.
pub(super) async fn look(
    shell: &Shell<'_>,
    place: &Place,
    policy: Policy,
    selector: Selector,
    catalog: Catalog,
) -> Result<Survey, Failure> {
    let request = ScanRequest {
        regions: place.regions(&policy).await?,
        kinds: catalog.iter().map(crate::model::KindSpec::kind).collect(),
    };
    let inventory = place.scan(shell, &request).await?;
    Survey::of(inventory, policy, selector, catalog, place.when(shell))
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
    fn moment(self, inventory: &Inventory) -> Timestamp {
        let newest = inventory.resources.values().filter_map(|resource| resource.created).max();
        match newest {
            Some(newest) if self.clock_speed > 1.0 => newest.max(self.now),
            Some(_) | None => self.now,
        }
    }
}

impl Place {
    /// The present moment, by this endpoint's clock.
    pub fn when(&self, shell: &Shell<'_>) -> When {
        When { now: shell.environment.now, clock_speed: self.clock_speed }
    }
}

impl Survey {
    /// Judges an inventory.
    pub fn of(
        mut inventory: Inventory,
        policy: Policy,
        selector: Selector,
        catalog: Catalog,
        when: When,
    ) -> Result<Self, Failure> {
        if let Some(expected) =
            policy.account.as_deref().filter(|it| *it != inventory.caller.account.as_str())
        {
            return Err(Failure::refused(format!(
                "the scan is of account {}, and this is for account {expected}",
                inventory.caller.account
            )));
        }
        crate::inventory::complete(&mut inventory);
        let judgement = crate::judge::judge(&inventory, &selector, when.moment(&inventory));
        Ok(Self {
            inventory,
            policy,
            selector,
            judgement,
            catalog,
            now: when.now,
            clock_speed: when.clock_speed,
        })
    }

    /// For reports.
    pub fn view(&self) -> ScanView<'_> {
        ScanView {
            inventory: &self.inventory,
            verdicts: &self.judgement.verdicts,
            stacks: &self.judgement.stacks,
            catalog: &self.catalog,
            now: self.now,
        }
    }

    /// The stack of each resource that has one.
    pub fn stack_of(&self) -> BTreeMap<Key, String> {
        let stacks = self
            .judgement
            .verdicts
            .iter()
            .filter_map(|(key, judged)| Some((key.clone(), judged.stack.clone()?)));
        stacks.collect()
    }

    /// Says so where the selection matches nothing: a name with a slip of the pen must not look like a clean account.
    fn tell_unmatched(&self, shell: &Shell<'_>) {
        let stacks: BTreeSet<&str> =
            self.judgement.verdicts.values().filter_map(|judged| judged.stack.as_deref()).collect();
        let meant = |name: &str| match crate::report::explain::near(name, stacks.iter().copied()) {
            Some(near) => format!("; did you mean {near}?"),
            None if stacks.is_empty() => String::new(),
            None => format!("; there are: {}", stacks.iter().copied().take(5).collect::<Vec<_>>().join(", ")),
        };
        for name in self.policy.abandoned.iter().filter_map(Glob::as_exact) {
            if !stacks.contains(name.as_str()) {
                shell.warn(&format!("no stack is called `{name}` (--abandoned){}", meant(&name)));
            }
        }
        if self.selector.is_empty() || self.judgement.verdicts.values().any(|judged| judged.selected) {
            return;
        }
        let stack = self.policy.select.iter().flat_map(Terms::stacks).next();
        let unknown = stack.filter(|name| !stacks.contains(name.as_str()));
        let hint = unknown.map(|name| meant(&name)).unwrap_or_default();
        shell.warn(&format!("nothing that was found matches --select{hint}"));
    }

    /// Says what could not be read and what to do about it.
    fn tell_gaps(&self, shell: &Shell<'_>) {
        let (refusing, others): (Vec<&Gap>, Vec<&Gap>) =
            self.inventory.gaps.iter().partition(|gap| gap.is_of_refusing_region());
        let regions: BTreeSet<&str> = refusing.iter().map(|gap| gap.region.as_str()).collect();
        if !regions.is_empty() {
            let regions: Vec<&str> = regions.into_iter().collect();
            shell.warn(&format!(
                "nothing in {} could be read: {}; enable it there, or leave it out of --region",
                regions.join(", "),
                Gap::REGION_REFUSES
            ));
        }
        let gaps: Vec<String> =
            others.into_iter().map(|gap| format!("{} in {}", gap.kind, gap.region)).collect();
        if !gaps.is_empty() {
            shell.warn(&format!(
                "not all that concerns the selection could be read: {}; \
                 `aws-janitor iam-policy --for scan` prints what has to be allowed",
                gaps.join(", ")
            ));
        }
    }

    /// How the program is to end for what could not be read or is guarded, and says so; `Done` if there is nothing.
    pub fn trouble(&self, plan: Option<&Plan>, shell: &Shell<'_>) -> Exit {
        self.tell_unmatched(shell);
        let unclear = is_unclear(Outlook {
            inventory: &self.inventory,
            verdicts: &self.judgement.verdicts,
            plan,
            catalog: self.catalog,
        });
        if unclear {
            self.tell_gaps(shell);
        }
        let guarded = guarded(&self.judgement.verdicts);
        for it in &guarded {
            shell.warn(&format!("{}: {}; switch it off first if this is meant to go", it.key, it.why));
        }
        match (unclear, guarded.is_empty()) {
            (true, _) => Exit::Unclear,
            (false, false) => Exit::Refused,
            (false, true) => Exit::Done,
        }
    }
}
