//! What every command that looks at an account begins with: takes the policy of file and flags, asks
//! [`super::connect`] for the account or reads a saved scan, and gives commands an inventory with its verdicts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use tokio::time::Instant;

use super::args::{AwsArgs, SelectionArgs};
use super::connect::{Place, Reading, When, connect};
use super::core;
use super::failure::Failure;
use super::guards;
use super::memory;
use super::shell::Shell;
use super::states;
use crate::guards::GuardFile;
use crate::inventory::Inventory;
use crate::judge::{Judgement, UnreadOfStack, inquiries, named_twice};
use crate::model::{Catalog, Key, KindName};
use crate::policy::{CallPolicy, Policy, PolicyError, Regions, Selector, Terms, read_flag, read_flags};
use crate::report::view::ScanView;
use crate::session::{Backend, UserRegions};

/// A saved scan instead of the account.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "AWS")]
pub(super) struct InventoryArgs {
    /// A saved scan (`scan -o json`) to work on, instead of the account
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "region", "endpoint_url"])]
    pub inventory: Option<PathBuf>,
}

/// What an inventory is judged by.
pub(super) struct Criteria {
    pub policy: Policy,
    pub selector: Selector,
    pub catalog: Catalog,
}

/// An inventory with its verdicts.
pub(super) struct Survey {
    pub inventory: Inventory,
    pub policy: Policy,
    pub selector: Selector,
    pub judgement: Judgement,
    /// Things of the selected stacks of kinds that are not read.
    pub unread: Vec<UnreadOfStack>,
    pub catalog: Catalog,
    pub now: Timestamp,
    /// How much faster than the machine's the clock runs by which things were dated.
    pub clock_speed: f64,
    /// When the account began to be read, by the machine's clock; `None` for a saved scan.
    pub read: Option<Instant>,
}

/// The variable that stands for `--settled` where that is not given.
const SETTLED: &str = "AWS_JANITOR_SETTLED";

/// The policy of file and flags together: the one place where what was typed becomes values.
pub(super) fn policy(
    shell: &Shell<'_>,
    selection: &SelectionArgs,
    aws: &AwsArgs,
    bounds: Policy,
) -> Result<CallPolicy, Failure> {
    let file = match &selection.policy {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
            let policy =
                Policy::from_toml(&text).and_then(|policy| policy.with_guards(&guards::beside(path)));
            policy.map_err(|error| in_file(&Failure::usage(error.to_string()), path))?
        }
        None => Policy::default(),
    };
    let regions = Regions::read(&aws.region).map_err(|error| {
        Failure::usage(error.to_string())
            .hint("a region looks like us-east-1; `--region all` looks into every enabled one")
    })?;
    let flags = flags(shell, selection, Policy { regions, account: aws.account.clone(), ..bounds });
    let flags = flags.and_then(|flags| flags.with_guards(&guards::named));
    let call = flags.and_then(|flags| CallPolicy::new(file, flags));
    call.map_err(|error| Failure::usage(error.to_string()))
}

/// What the flags of a selection add to those of other groups.
fn flags(shell: &Shell<'_>, selection: &SelectionArgs, others: Policy) -> Result<Policy, PolicyError> {
    let older_than = selection.older_than.as_deref().map(|text| read_flag("older-than", text));
    let assume_regions = match Regions::read(&selection.assume_regions) {
        Ok(Regions::These(regions)) => regions.into_iter().collect(),
        Ok(Regions::Unnamed | Regions::All) => Default::default(),
        Err(error) => return Err(PolicyError::Contradiction(format!("--assume-regions: {error}"))),
    };
    let settled = selection.settled.as_deref().or_else(|| shell.environment.variable(SETTLED));
    let settled = settled.map(|text| read_flag("settled", text));
    Ok(Policy {
        stack_key: selection.stack_key.clone(),
        select: read_flags("select", &selection.select)?,
        protect: read_flags("protect", &selection.protect)?,
        guards: selection.guard.iter().map(|path| GuardFile::named(path.display().to_string())).collect(),
        older_than: older_than.transpose()?,
        with_data: selection.with_data.iter().map(KindName::new).collect(),
        abandoned: selection.abandoned.clone(),
        states: selection.state.iter().map(|path| path.display().to_string()).collect(),
        neutral_tags: selection.neutral_tag.clone(),
        memory: selection.memory.clone(),
        settled: settled.transpose()?,
        assume_regions,
        without_services: selection.without_service.iter().cloned().collect(),
        spare_living: selection.spare_living,
        revoke_in_kept_groups: selection.revoke_in_kept_groups,
        ..others
    })
}

fn in_file(failure: &Failure, path: &Path) -> Failure {
    Failure::usage(format!("{}: {}", path.display(), failure.message))
}

/// The policy compiled, or what is wrong with it.
pub(super) fn selector(policy: &Policy, catalog: &Catalog) -> Result<Selector, Failure> {
    let kinds: Vec<&str> = catalog.iter().map(|spec| spec.name).collect();
    let services = catalog.services();
    if let Some(unknown) = policy.without_services.iter().find(|name| !services.contains(name.as_str())) {
        let names: Vec<&str> = services.into_iter().collect();
        return Err(Failure::usage(format!("no kind is read of a service `{unknown}` (--without-service)"))
            .hint(format!("the services that are read: {}", names.join(", "))));
    }
    Selector::new(policy, &kinds).map_err(|error| Failure::usage(error.to_string()))
}

/// A selection is asked for where something may be deleted.
pub(super) fn require_selection(selector: &Selector) -> Result<(), Failure> {
    if selector.is_empty() {
        return Err(Failure::usage("nothing is selected, so nothing could be deleted")
            .hint("say what is meant to be removed, such as --select stack=PROJECT/ATTEMPT, or name a policy file with --policy")
            .hint("`aws-janitor scan` shows what there is"));
    }
    Ok(())
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
        let survey = Survey::saved(inventory, Criteria { policy, selector, catalog }, when)?;
        states::tell(shell, &survey.inventory.states);
        return Ok((survey, None));
    }
    let place = connect(shell, backend, aws, &policy).await?;
    let request = place.request(&policy, catalog).await?;
    let reading = place.scan(shell, &request).await?;
    let criteria = Criteria { policy, selector, catalog };
    let survey = Survey::live(reading, criteria, &place, place.when(shell)).await?;
    states::tell(shell, &survey.inventory.states);
    Ok((survey, Some(place)))
}

/// A survey of the account that a connection was made to, of which no more is asked than what is an orphan: where
/// nothing is selected nothing is one, and nobody needs to know who works with global things elsewhere.
pub(super) async fn look(
    shell: &Shell<'_>,
    place: &Place,
    policy: Policy,
    selector: Selector,
    catalog: Catalog,
) -> Result<Survey, Failure> {
    let mut request = place.request(&policy, catalog).await?;
    if selector.is_empty() {
        request.users = UserRegions::Nowhere;
    }
    let reading = place.scan(shell, &request).await?;
    let survey =
        Survey::live(reading, Criteria { policy, selector, catalog }, place, place.when(shell)).await?;
    states::tell(shell, &survey.inventory.states);
    Ok(survey)
}

/// How often an account is asked about single things: what the first answers bring to light may need a second.
const ROUNDS: usize = 2;

impl Survey {
    /// Judges an inventory that has all that is kept of it.
    fn of(
        mut inventory: Inventory,
        Criteria { policy, selector, catalog }: Criteria,
        when: When,
    ) -> Result<Self, Failure> {
        if let Some(expected) = policy.refuses(inventory.caller.account.as_str()) {
            return Err(Failure::refused(format!(
                "the scan is of account {}, and this is for account {expected}",
                inventory.caller.account
            )));
        }
        crate::inventory::ready(&mut inventory);
        inventory.unread_things.retain(|thing| selector.means_tags(&thing.tags));
        let judgement = crate::judge::judge(&inventory, &selector, when.moment(&inventory));
        if let Some(twice) = named_twice(&judgement, &selector).first() {
            let regions: Vec<String> =
                twice.regions.iter().map(|region| format!("{} in {region}", twice.name)).collect();
            return Err(Failure::refused(format!(
                "--abandoned names more than one stack: {}",
                regions.join(", ")
            ))
            .hint("each region's is a stack of its own: look into one of them alone, with --region"));
        }
        let unread = crate::judge::unread_of_stacks(&inventory, &selector);
        Ok(Self {
            inventory,
            policy,
            selector,
            judgement,
            unread,
            catalog,
            now: when.now,
            clock_speed: when.clock_speed,
            read: None,
        })
    }

    /// Judges a saved scan.
    pub fn saved(mut inventory: Inventory, criteria: Criteria, when: When) -> Result<Self, Failure> {
        inventory.states.extend(states::beside_scan(&criteria.policy.states, &inventory.caller.account));
        Self::of(inventory, criteria, when)
    }

    /// Judges what an account showed, with the states and the memory that are kept of it.
    pub async fn unasked(
        mut inventory: Inventory,
        criteria: Criteria,
        place: &Place,
        when: When,
    ) -> Result<Self, Failure> {
        let states = states::with_account(&criteria.policy.states, place, &inventory.caller.account).await;
        inventory.states.extend(states);
        if let Some(path) = &criteria.policy.memory {
            memory::recall(path, place, &mut inventory).await?;
        }
        Self::of(inventory, criteria, when)
    }

    /// Judges what an account showed, after it was asked about those things on which a verdict hangs.
    pub async fn live(
        reading: Reading,
        criteria: Criteria,
        place: &Place,
        when: When,
    ) -> Result<Self, Failure> {
        let survey = Self::unasked(reading.inventory, criteria, place, when).await?;
        Ok(Self { read: Some(reading.began), ..survey }.asked(place).await)
    }

    /// The same account by a new reading, judged by the same policy.
    pub async fn again(&self, shell: &Shell<'_>, place: &Place) -> Result<Self, Failure> {
        let selector = selector(&self.policy, &self.catalog)?;
        let criteria = Criteria { policy: self.policy.clone(), selector, catalog: self.catalog };
        let request = place.request(&self.policy, self.catalog).await?;
        let reading = place.scan(shell, &request).await?;
        Self::live(reading, criteria, place, When { now: (shell.environment.clock)(), ..place.when(shell) })
            .await
    }

    /// The same account, judged as if this were selected.
    pub async fn selecting(self, terms: Terms, place: Option<&Place>) -> Result<Self, Failure> {
        let policy = Policy { select: vec![terms], ..self.policy };
        let criteria =
            Criteria { selector: selector(&policy, &self.catalog)?, policy, catalog: self.catalog };
        let when = When { now: self.now, clock_speed: self.clock_speed };
        let survey = Self { read: self.read, ..Self::of(self.inventory, criteria, when)? };
        Ok(match place {
            Some(place) => survey.asked(place).await,
            None => survey,
        })
    }

    /// Remembers what it saw, where a memory is kept and the account was read.
    pub async fn remember(&self, place: Option<&Place>) -> Result<(), Failure> {
        match (&self.policy.memory, place) {
            (Some(path), Some(place)) => memory::remember(path, place, &self.inventory).await,
            (None, _) | (_, None) => Ok(()),
        }
    }

    /// The present moment by which ages are judged, so long after the program began.
    pub fn moment(&self, now: Timestamp) -> Timestamp {
        When { now, clock_speed: self.clock_speed }.moment(&self.inventory)
    }

    /// The same, after the account was asked about those things on which a verdict hangs.
    async fn asked(mut self, place: &Place) -> Self {
        let mut asked = BTreeSet::new();
        for _ in 0..ROUNDS {
            let moment = self.moment(self.now);
            let mut questions = inquiries(&self.inventory, &self.selector, moment, &self.judgement);
            questions.retain(|question| !asked.contains(question));
            if questions.is_empty() {
                break;
            }
            let answers = place.session.inquire(&self.inventory, &questions).await;
            self.inventory.learn(answers.to(&questions));
            asked.extend(questions);
            self.judgement = crate::judge::judge(&self.inventory, &self.selector, moment);
        }
        self
    }

    /// For reports.
    pub fn view(&self) -> ScanView<'_> {
        ScanView {
            inventory: &self.inventory,
            verdicts: &self.judgement.verdicts,
            stacks: &self.judgement.stacks,
            unread: &self.unread,
            only: None,
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
}
