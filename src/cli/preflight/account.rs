//! What a preflight asks the account, or reads in a saved scan of it. Gives `preflight` the facts for its
//! checks and the findings on quotas.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{PreflightCall, Read};
use crate::cli::args::AwsArgs;
use crate::cli::assess::{self, Allowed};
use crate::cli::connect::{self, Place, When};
use crate::cli::deployments;
use crate::cli::failure::Failure;
use crate::cli::remedy;
use crate::cli::shell::{Shell, Surroundings};
use crate::cli::survey::{self, Criteria, Survey};
use crate::inventory::{Caller, Inventory};
use crate::judge::Judgement;
use crate::model::{AccountId, CloudError, Region, Verdicts};
use crate::policy::Regions;
use crate::preflight::{self, CheckName, EksSupport, Facts, Finding, checks};
use crate::quota::Limits;
use crate::session::UserRegions;

/// What the account told.
pub(super) struct AccountAnswers {
    pub account: Option<AccountId>,
    inventory: Inventory,
    judgement: Judgement,
    regions: Result<BTreeMap<Region, bool>, String>,
    eks: BTreeMap<Region, Result<EksSupport, String>>,
    aliases: BTreeMap<Region, Result<BTreeSet<String>, String>>,
    pub quotas: Vec<Finding>,
}

/// Why a saved scan does not tell it.
const OFFLINE: &str = "a saved scan does not tell it";

pub(super) fn offline(
    asked: PreflightCall<'_>,
    inventory: Inventory,
    Surroundings { shell, backend }: Surroundings<'_>,
) -> Result<AccountAnswers, Failure> {
    let PreflightCall { args, call, read, .. } = asked;
    let regions = deployments::regions(&read.deployments)?;
    deployments::check_account(&read.deployments, &inventory.caller.account)?;
    let catalog = backend.catalog();
    let selector = survey::selector(call.whole(), &catalog)?;
    let when = When { now: shell.environment.now, clock_speed: 1.0 };
    let survey =
        Survey::saved(inventory, Criteria { policy: call.whole().clone(), selector, catalog }, when)?;
    // Without a saved report no limit is known, and nothing fits.
    let allowed = match &args.quotas {
        Some(path) => assess::saved_limits(path, &survey, shell)?,
        None => Allowed { limits: Limits::default(), vcpus: BTreeMap::new() },
    };
    Ok(AccountAnswers {
        quotas: match asked.chosen.contains(&CheckName::Quotas) {
            true => quotas(asked, &survey, &allowed)?,
            false => Vec::new(),
        },
        account: Some(survey.inventory.caller.account.clone()),
        regions: read_regions(&survey.inventory, &regions),
        inventory: survey.inventory,
        judgement: survey.judgement,
        eks: regions.iter().map(|region| (region.clone(), Err(OFFLINE.to_owned()))).collect(),
        aliases: regions.iter().map(|region| (region.clone(), Err(OFFLINE.to_owned()))).collect(),
    })
}

/// A region that a scan could read is enabled; of others a saved scan tells nothing.
fn read_regions(inventory: &Inventory, meant: &BTreeSet<Region>) -> Result<BTreeMap<Region, bool>, String> {
    let refuses = |region: &Region| {
        inventory.gaps.iter().any(|gap| gap.region == *region && gap.is_of_refusing_region())
    };
    if meant.iter().any(|region| !inventory.regions.contains(region) || refuses(region)) {
        return Err(OFFLINE.to_owned());
    }
    Ok(meant.iter().map(|region| (region.clone(), true)).collect())
}

pub(super) async fn online(
    asked: PreflightCall<'_>,
    Surroundings { shell, backend }: Surroundings<'_>,
) -> Result<AccountAnswers, Failure> {
    let PreflightCall { args, call, read, chosen } = asked;
    // What is wrong with files and policy is told before anything is called.
    let meant = deployments::regions(&read.deployments)?;
    let catalog = backend.catalog();
    let selector = survey::selector(call.whole(), &catalog)?;
    let policy = call.whole();
    let aws = in_partition(&args.aws, &meant);
    let place = connect::connect(shell, backend, &aws, policy).await?;
    deployments::check_account(&read.deployments, &place.caller.account)?;
    let regions = regions(&place).await;
    // A region that does not exist or is not enabled is the check's to tell, and not read.
    let open = |region: &&Region| regions.as_ref().map_or(true, |known| known.get(region) == Some(&true));
    let mut looked_at: BTreeSet<Region> = meant.iter().filter(open).cloned().collect();
    if meant.is_empty() && policy.regions != Regions::Unnamed {
        looked_at = place.regions(policy).await?;
    } else if meant.is_empty() {
        // What belongs to no region can be read without one; with one, stacks are seen more wholly.
        looked_at.extend(place.session.default_region());
    }
    let mut request = place.request_in(looked_at.clone(), policy, catalog).await?;
    // Whether an orphan holds a role's name is asked only where something is selected.
    if selector.is_empty() {
        request.users = UserRegions::Nowhere;
    }
    let inventory = place.scan(shell, &request).await?.inventory;
    let criteria = Criteria { policy: policy.clone(), selector, catalog };
    let survey = Survey::unasked(inventory, criteria, &place, place.when(shell)).await?;
    let quotas = if chosen.contains(&CheckName::Quotas) {
        let allowed = assess::ask_limits(&place, &survey, &read.deployments, shell).await;
        quotas(asked, &survey, &allowed)?
    } else {
        Vec::new()
    };
    let mut answers = AccountAnswers {
        quotas,
        account: Some(place.caller.account.clone()),
        inventory: survey.inventory,
        judgement: survey.judgement,
        regions,
        eks: BTreeMap::new(),
        aliases: BTreeMap::new(),
    };
    ask(&place, &mut answers, asked, &looked_at, shell).await;
    Ok(answers)
}

/// The flags, with a region where that alone tells the partition: China and GovCloud have credentials of
/// their own, which are good nowhere else.
fn in_partition(aws: &AwsArgs, meant: &BTreeSet<Region>) -> AwsArgs {
    let mut aws = aws.clone();
    let apart = |region: &&Region| ["cn-", "us-gov-"].iter().any(|it| region.as_str().starts_with(it));
    if aws.region.is_empty() {
        aws.region.extend(meant.iter().find(apart).map(ToString::to_string));
    }
    aws
}

/// What the quotas say to the deployments.
fn quotas(asked: PreflightCall<'_>, survey: &Survey, allowed: &Allowed) -> Result<Vec<Finding>, Failure> {
    let PreflightCall { args, call, read, .. } = asked;
    let needs = assess::needs_of(&read.deployments, survey, allowed)?;
    let file = args.selection.policy.as_deref();
    let command = remedy::Command { policy: call, file, aws: &args.aws };
    let assessed = assess::assess(survey, &allowed.limits, &needs, &read.deployments, &command)?;
    let (report, remedy) = (&assessed.report, assessed.remedy.as_ref());
    Ok(checks::quotas::findings(report, remedy, &assessed.increases, &read.deployments))
}

/// The regions there are, with whether they are enabled.
async fn regions(place: &Place) -> Result<BTreeMap<Region, bool>, String> {
    let known = place.session.known_regions().await.map_err(|error| said(&error))?;
    let enabled = place.session.enabled_regions().await.map_err(|error| said(&error))?;
    // What is enabled exists, whatever the other call says.
    let all: BTreeSet<Region> = known.union(&enabled).cloned().collect();
    Ok(all.into_iter().map(|region| (region.clone(), enabled.contains(&region))).collect())
}

/// Asks what the chosen checks need. Add-ons of clusters that name no version are asked for in a second
/// round, once the default is known.
async fn ask(
    place: &Place,
    answers: &mut AccountAnswers,
    PreflightCall { read, chosen, .. }: PreflightCall<'_>,
    looked_at: &BTreeSet<Region>,
    shell: &Shell<'_>,
) {
    let now = shell.environment.now;
    let mut asked_for: BTreeMap<Region, BTreeSet<(String, String)>> = BTreeMap::new();
    for _ in 0..2 {
        let questions = preflight::questions(&read.deployments, &facts(answers, read, now), chosen);
        for (region, addons) in questions.eks {
            if looked_at.contains(&region)
                && asked_for.get(&region).is_none_or(|known| !addons.is_subset(known))
            {
                let support = support(place, &region, &addons, shell).await;
                answers.eks.insert(region.clone(), support);
                asked_for.insert(region, addons);
            }
        }
    }
    let questions = preflight::questions(&read.deployments, &facts(answers, read, now), chosen);
    for region in questions.aliases.intersection(looked_at) {
        let aliases = place.session.kms_aliases(region).await.map_err(|error| said(&error));
        answers.aliases.insert(region.clone(), aliases);
    }
}

/// What EKS supports. Where add-ons may not be asked for, Kubernetes versions may.
async fn support(
    place: &Place,
    region: &Region,
    addons: &BTreeSet<(String, String)>,
    shell: &Shell<'_>,
) -> Result<EksSupport, String> {
    let error = match place.session.eks_support(region, addons).await {
        Ok(support) => return Ok(support),
        Err(error) => said(&error),
    };
    if addons.is_empty() {
        return Err(error);
    }
    let without = place.session.eks_support(region, &BTreeSet::new()).await.map_err(|_| error.clone())?;
    shell.warn(&format!("which add-on versions EKS has in {region} could not be read: {error}"));
    Ok(without)
}

/// An answer of the cloud as a finding tells it.
fn said(error: &CloudError) -> String {
    format!("{} answered {}: {}", error.api, error.code, error.message)
}

pub(super) fn facts<'a>(answers: &'a AccountAnswers, read: &Read, now: Timestamp) -> Facts<'a> {
    Facts {
        now,
        inventory: &answers.inventory,
        judgement: &answers.judgement,
        eks: answers.eks.clone(),
        aliases: answers.aliases.clone(),
        regions: answers.regions.clone(),
        projects: read.projects.clone(),
        states: read.states.clone(),
        flags: String::new(),
        select: Vec::new(),
    }
}

impl AccountAnswers {
    /// Nobody looked: no kind was read, so that no check could mistake it for an empty account.
    pub fn nothing(now: Timestamp) -> Self {
        let caller = Caller { account: AccountId::new(""), alias: None, arn: String::new() };
        Self {
            account: None,
            inventory: Inventory {
                caller,
                taken: now,
                regions: BTreeSet::new(),
                kinds: BTreeSet::new(),
                resources: BTreeMap::new(),
                gaps: BTreeSet::new(),
                elsewhere: crate::inventory::Elsewhere::default(),
                without_services: Default::default(),
                unanswered: Default::default(),
                unread_things: Default::default(),
                states: Vec::new(),
                gone: Default::default(),
            },
            judgement: Judgement { verdicts: Verdicts::new(), stacks: Vec::new() },
            regions: Err("nobody looked".to_owned()),
            quotas: Vec::new(),
            eks: BTreeMap::new(),
            aliases: BTreeMap::new(),
        }
    }
}
