//! What would make room: the smallest set of orphan stacks, as the command that deletes them, and the
//! quota increase as another.

use std::collections::BTreeMap;
use std::path::Path;

use super::args::AwsArgs;
use super::connect::When;
use super::core;
use super::failure::Failure;
use super::survey::{self, Survey};
use crate::plan::Plan;
use crate::policy::{CallPolicy, Policy, Terms};
use crate::preflight::finding::quoted;
use crate::quota::{Answer, Freed, Group, Increase, Lack, Line, Owner, Remedy, Report, Scope, smallest};

/// What was asked for in this call, which the command repeats.
pub(super) struct Command<'a> {
    pub policy: &'a CallPolicy,
    /// Where the policy's file stands.
    pub file: Option<&'a Path>,
    pub aws: &'a AwsArgs,
}

/// The remedy for what is short. Whether it frees enough is proven as `apply` would: by judging and
/// planning anew with the narrowed selection.
pub(super) fn remedy(
    survey: &Survey,
    plan: &Plan,
    report: &Report,
    command: &Command<'_>,
) -> Result<Option<Remedy>, Failure> {
    let short = report.lines.iter().filter(|line| line.answer == Some(Answer::Short));
    let lack: Lack = short.map(|line| (scope(line), line.short_by())).collect();
    let groups = groups(survey, plan, report);
    let mut proven: Option<(Vec<Terms>, Plan, Lack)> = None;
    let found = smallest(&lack, &groups, |set| {
        let terms: Vec<Terms> = set.iter().map(|at| term(&groups[*at].owner)).collect();
        let Some((plan, freed)) = narrowed(survey, &terms, command) else { return false };
        let frees = |(scope, missing): (&Scope, &u64)| freed.get(scope).is_some_and(|it| it >= missing);
        let enough = lack.iter().all(frees);
        if enough {
            proven = Some((terms, plan, freed));
        }
        enough
    });
    let (Some(set), Some((terms, plan, freed))) = (found, proven) else { return Ok(None) };
    let owners = || set.iter().map(|at| &groups[*at].owner);
    let argv = argv(survey, &terms, command);
    Ok(Some(Remedy {
        stacks: owners()
            .filter_map(|owner| match owner {
                Owner::Stack(name) => Some(name.clone()),
                Owner::Resource(_) => None,
            })
            .collect(),
        resources: owners()
            .filter_map(|owner| match owner {
                Owner::Stack(_) => None,
                Owner::Resource(key) => Some(key.id.clone()),
            })
            .collect(),
        deletes: plan.resources.len(),
        command: shell_line(&argv),
        argv,
        frees: lack
            .iter()
            .map(|(scope, missing)| Freed {
                quota: scope.quota.to_owned(),
                region: scope.region.clone(),
                scope: scope.place.clone(),
                amount: freed.get(scope).copied().unwrap_or(0),
                missing: *missing,
            })
            .collect(),
    }))
}

fn scope(line: &Line) -> Scope {
    Scope { quota: line.quota.name, region: line.region.clone(), place: line.place.clone() }
}

/// What each owner's part of the plan frees. A stack that frees nothing is one too: it may hold what would.
fn groups(survey: &Survey, plan: &Plan, report: &Report) -> Vec<Group> {
    let mut groups: BTreeMap<Owner, Group> = BTreeMap::new();
    let new = |owner: &Owner| Group { owner: owner.clone(), deletes: 0, frees: BTreeMap::new() };
    for line in &report.lines {
        for (owner, amount) in &line.used.freed_by {
            groups.entry(owner.clone()).or_insert_with(|| new(owner)).frees.insert(scope(line), *amount);
        }
    }
    for key in plan.resources.keys() {
        let stack = survey.judgement.verdicts.get(key).and_then(|judged| judged.stack.clone());
        if let Some(owner) = stack.map(Owner::Stack) {
            groups.entry(owner.clone()).or_insert_with(|| new(&owner)).deletes += 1;
        } else if let Some(group) = groups.get_mut(&Owner::Resource(key.clone())) {
            group.deletes += 1;
        }
    }
    groups.into_values().collect()
}

/// The selection that means an owner.
fn term(owner: &Owner) -> Terms {
    match owner {
        Owner::Stack(name) => Terms::of_stack(name),
        Owner::Resource(key) => Terms::of_id(&key.id),
    }
}

/// What `apply` would plan by the command of these terms, and what that frees. `None` if it would refuse:
/// the policy is for other regions, or allows fewer deletions.
fn narrowed(survey: &Survey, terms: &[Terms], command: &Command<'_>) -> Option<(Plan, BTreeMap<Scope, u64>)> {
    let flags = Policy {
        select: selections(terms, command),
        regions: survey.inventory.regions.iter().cloned().collect(),
        ..command.policy.flags().clone()
    };
    let policy = command.policy.with_flags(flags).ok()?;
    let selector = survey::selector(&policy, &survey.catalog).ok()?;
    let when = When { now: survey.now, clock_speed: survey.clock_speed };
    let narrowed = Survey::of(survey.inventory.clone(), policy, selector, survey.catalog, when).ok()?;
    let file = core::plan(&narrowed).ok()?;
    core::caps(&file, &narrowed.policy).ok()?;
    let plan = file.plan();
    let usage = super::assess::usage(&narrowed, Some(&plan));
    let freed = usage.scopes.into_iter().map(|(scope, used)| (scope, used.freed())).collect();
    Some((plan, freed))
}

/// The command: `apply` with the flags of this call, narrowed by these terms.
fn argv(survey: &Survey, terms: &[Terms], command: &Command<'_>) -> Vec<String> {
    let mut words = vec!["aws-janitor".to_owned(), "apply".to_owned()];
    let select = selections(terms, command);
    words.extend(select.iter().flat_map(|it| ["--select".to_owned(), it.to_string()]));
    words.extend(command.repeated());
    let regions = survey.inventory.regions.iter();
    words.extend(regions.flat_map(|it| ["--region".to_owned(), it.to_string()]));
    words
}

/// What was selected, narrowed by these terms.
fn selections(terms: &[Terms], command: &Command<'_>) -> Vec<Terms> {
    let own = &command.policy.flags().select;
    if own.is_empty() {
        return terms.to_vec();
    }
    terms.iter().flat_map(|term| own.iter().map(move |own| own.and(term))).collect()
}

impl Command<'_> {
    /// The flags without which a command would mean another account or other stacks, word by word;
    /// what is selected and where, the command says itself.
    pub fn repeated(&self) -> Vec<String> {
        let (flags, aws) = (self.policy.flags(), self.aws);
        let lists = [
            ("--protect", texts(&flags.protect)),
            ("--stack-key", texts(&flags.stack_key)),
            ("--abandoned", texts(&flags.abandoned)),
            ("--with-data", texts(&flags.with_data)),
        ];
        let single = [
            ("--policy", self.file.map(|path| path.display().to_string())),
            ("--older-than", flags.older_than.map(|age| age.to_string())),
            ("--profile", aws.profile.clone()),
            ("--account", aws.account.clone()),
            ("--endpoint-url", aws.endpoint_url.clone()),
            ("--clock-speed", aws.clock_speed.clone()),
        ];
        let lists = lists.into_iter().flat_map(|(name, all)| all.into_iter().map(move |value| (name, value)));
        let single = single.into_iter().filter_map(|(name, value)| Some((name, value?)));
        lists.chain(single).flat_map(|(name, value)| [name.to_owned(), value]).collect()
    }

    /// The flags without which the AWS CLI would ask for another account's quota.
    fn reach(&self) -> String {
        let flags = [("--profile", &self.aws.profile), ("--endpoint-url", &self.aws.endpoint_url)];
        let given = flags.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        given.map(|(name, value)| format!(" {name} {}", quoted(value))).collect()
    }
}

/// Values as they are typed.
fn texts<'a, T: ToString + 'a>(values: impl IntoIterator<Item = &'a T>) -> Vec<String> {
    values.into_iter().map(ToString::to_string).collect()
}

/// The words as a line for a shell.
fn shell_line(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// What to ask AWS for, for each quota that is short: enough for what is used and needed, each quota once
/// in each region although it may be short in several places.
pub(super) fn increases(report: &Report, command: &Command<'_>) -> Vec<Increase> {
    let reach = command.reach();
    let mut wanted: BTreeMap<(&str, &crate::model::Region), (&Line, u64)> = BTreeMap::new();
    for line in report.lines.iter().filter(|line| line.answer == Some(Answer::Short)) {
        let (Some(used), Some((need, _))) = (line.used.all, &line.need) else { continue };
        let enough = used.saturating_add(need.most().unwrap_or_else(|| need.least()));
        let desired = enough.div_ceil(line.quota.unit.factor());
        let entry = wanted.entry((line.quota.name, &line.region)).or_insert((line, desired));
        entry.1 = entry.1.max(desired);
    }
    let increase = |((name, region), (line, desired)): ((&str, &crate::model::Region), (&Line, u64))| {
        // The account's own quotas are kept in us-east-1.
        let at = if region.is_global() { crate::model::Region::new("us-east-1") } else { region.clone() };
        let refused = line.limit.is_some_and(|limit| limit.adjustable == Some(false));
        let command = line.quota.code.filter(|_| !refused).map(|code| {
            format!(
                "aws service-quotas request-service-quota-increase --service-code {} --quota-code {code} \
                 --desired-value {desired} --region {at}{reach}",
                line.quota.service
            )
        });
        Increase { quota: name.to_owned(), region: at, desired, command }
    };
    wanted.into_iter().map(increase).collect()
}
