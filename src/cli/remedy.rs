//! What would make room: the smallest set of orphan stacks, as the command that deletes them, and the
//! quota increase as another.

use std::collections::BTreeMap;

use super::args::{AwsArgs, SelectionArgs};
use super::core;
use super::failure::Failure;
use super::survey::{self, Survey, When};
use crate::plan::Plan;
use crate::policy::{Policy, literal};
use crate::preflight::finding::quoted;
use crate::quota::{Answer, Freed, Group, Increase, Lack, Line, Owner, Remedy, Report, Scope, smallest};

/// The flags of this call, which the command repeats.
pub(super) struct Command<'a> {
    pub selection: &'a SelectionArgs,
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
    let mut proven: Option<(Vec<String>, Plan, Lack)> = None;
    let found = smallest(&lack, &groups, |set| {
        let terms: Vec<String> = set.iter().map(|at| term(&groups[*at].owner)).collect();
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
fn term(owner: &Owner) -> String {
    match owner {
        Owner::Stack(name) => format!("stack={}", literal(name)),
        Owner::Resource(key) => format!("id={}", literal(&key.id)),
    }
}

/// What `apply` would plan by the command of these terms, and what that frees. `None` if it would refuse:
/// the policy is for other regions, or allows fewer deletions.
fn narrowed(
    survey: &Survey,
    terms: &[String],
    command: &Command<'_>,
) -> Option<(Plan, BTreeMap<Scope, u64>)> {
    let selection = SelectionArgs { select: selections(terms, command), ..command.selection.clone() };
    let aws = AwsArgs { region: regions(survey), ..command.aws.clone() };
    let policy = survey::policy(&selection, &aws, Policy::default()).ok()?;
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
fn argv(survey: &Survey, terms: &[String], command: &Command<'_>) -> Vec<String> {
    let mut words = vec!["aws-janitor".to_owned(), "apply".to_owned()];
    words.extend(selections(terms, command).into_iter().flat_map(|it| ["--select".to_owned(), it]));
    words.extend(command.repeated());
    words.extend(regions(survey).into_iter().flat_map(|it| ["--region".to_owned(), it]));
    words
}

/// What was selected, narrowed by these terms.
fn selections(terms: &[String], command: &Command<'_>) -> Vec<String> {
    let own = &command.selection.select;
    if own.is_empty() {
        return terms.to_vec();
    }
    terms.iter().flat_map(|term| own.iter().map(move |own| format!("{own},{term}"))).collect()
}

/// The regions that were looked into.
fn regions(survey: &Survey) -> Vec<String> {
    survey.inventory.regions.iter().map(ToString::to_string).collect()
}

impl Command<'_> {
    /// The flags without which a command would mean another account or other stacks, word by word;
    /// what is selected and where, the command says itself.
    pub fn repeated(&self) -> Vec<String> {
        let Self { selection, aws } = self;
        let policy = selection.policy.as_ref().map(|path| path.display().to_string());
        let lists = [
            ("--protect", &selection.protect),
            ("--stack-key", &selection.stack_key),
            ("--abandoned", &selection.abandoned),
            ("--with-data", &selection.with_data),
        ];
        let single = [
            ("--policy", &policy),
            ("--older-than", &selection.older_than),
            ("--profile", &aws.profile),
            ("--account", &aws.account),
            ("--endpoint-url", &aws.endpoint_url),
            ("--clock-speed", &aws.clock_speed),
        ];
        let lists = lists.into_iter().flat_map(|(name, all)| all.iter().map(move |value| (name, value)));
        let single = single.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        lists.chain(single).flat_map(|(name, value)| [name.to_owned(), value.clone()]).collect()
    }

    /// The flags without which the AWS CLI would ask for another account's quota.
    fn reach(&self) -> String {
        let flags = [("--profile", &self.aws.profile), ("--endpoint-url", &self.aws.endpoint_url)];
        let given = flags.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        given.map(|(name, value)| format!(" {name} {}", quoted(value))).collect()
    }
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
