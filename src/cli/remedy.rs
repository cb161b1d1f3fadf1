//! What would make room, as commands: the search's way out as the `apply` that goes it, with the flags of this
//! call; and the quota increase as another.

use std::collections::BTreeMap;
use std::path::Path;

use super::args::AwsArgs;
use super::connect::When;
use super::survey::Survey;
use crate::model::{Region, quoted};
use crate::plan::Plan;
use crate::policy::{CallPolicy, Terms};
use crate::quota::{Answer, Balance, Increase, Leftovers, Owner, Remedy, Report, way_out};

/// What was asked for in this call, which the command repeats.
pub(super) struct Command<'a> {
    pub policy: &'a CallPolicy,
    /// Where the policy's file stands.
    pub file: Option<&'a Path>,
    pub aws: &'a AwsArgs,
}

/// The remedy for what is short.
pub(super) fn remedy(survey: &Survey, plan: &Plan, report: &Report, command: &Command<'_>) -> Option<Remedy> {
    let when = When { now: survey.now, clock_speed: survey.clock_speed };
    let leftovers = Leftovers {
        inventory: &survey.inventory,
        verdicts: &survey.judgement.verdicts,
        catalog: survey.catalog,
        policy: command.policy,
        moment: when.moment(&survey.inventory),
    };
    let way = way_out(leftovers, plan, report)?;
    let argv = command.argv("apply", &way.select, &survey.inventory.regions);
    let mut remedy = Remedy {
        stacks: Vec::new(),
        resources: Vec::new(),
        deletes: way.deletes,
        command: shell_line(&argv),
        argv,
        frees: way.frees,
    };
    for owner in way.owners {
        match owner {
            Owner::Stack(name) => remedy.stacks.push(name),
            Owner::Resource(key) => remedy.resources.push(key.id.into()),
        }
    }
    Some(remedy)
}

impl Command<'_> {
    /// This program's command with the flags of this call, narrowed to this selection and these regions.
    pub fn argv<'r>(
        &self,
        verb: &str,
        select: &[Terms],
        regions: impl IntoIterator<Item = &'r Region>,
    ) -> Vec<String> {
        let mut words = vec!["aws-janitor".to_owned(), verb.to_owned()];
        words.extend(select.iter().flat_map(|it| ["--select".to_owned(), it.to_string()]));
        words.extend(self.repeated());
        words.extend(regions.into_iter().flat_map(|it| ["--region".to_owned(), it.to_string()]));
        words
    }

    /// The flags without which a command would mean another account or other stacks, word by word;
    /// what is selected and where, the command says itself.
    pub fn repeated(&self) -> Vec<String> {
        let (flags, aws) = (self.policy.flags(), self.aws);
        let lists = [
            ("--protect", texts(&flags.protect)),
            ("--guard", flags.guards.iter().map(|file| file.name().to_owned()).collect()),
            ("--stack-key", texts(&flags.stack_key)),
            ("--abandoned", flags.abandoned.clone()),
            ("--state", flags.states.clone()),
            ("--neutral-tag", flags.neutral_tags.clone()),
            ("--with-data", texts(&flags.with_data)),
            ("--assume-regions", texts(&flags.assume_regions)),
            ("--without-service", texts(&flags.without_services)),
        ];
        let single = [
            ("--policy", self.file.map(|path| path.display().to_string())),
            ("--settled", flags.settled.map(|age| age.to_string())),
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
pub(super) fn shell_line(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// Where the quotas of a whole account are kept: where its partition, which the caller's ARN names, has IAM
/// (<https://docs.aws.amazon.com/general/latest/gr/iam-service.html>).
fn home(caller: &str) -> Region {
    Region::new(match caller.split(':').nth(1) {
        Some("aws-cn") => "cn-north-1",
        Some("aws-us-gov") => "us-gov-west-1",
        _ => "us-east-1",
    })
}

/// What to ask AWS for, for each quota that is short: enough for what is used and needed, each quota once
/// in each region although it may be short in several places.
pub(super) fn increases(report: &Report, command: &Command<'_>, caller: &str) -> Vec<Increase> {
    let reach = command.reach();
    let mut wanted: BTreeMap<(&str, &Region), (&Balance, u64)> = BTreeMap::new();
    // What may be left over is to be read first, and not to be paid for.
    let short = |line: &&Balance| line.answer == Some(Answer::Short) && !line.may_come_free();
    for line in report.lines.iter().filter(short) {
        let (Some(used), Some((need, _))) = (line.used.all, &line.need) else { continue };
        let enough = used.saturating_add(need.most().unwrap_or_else(|| need.least()));
        let desired = enough.div_ceil(line.quota.unit.factor());
        let entry = wanted.entry((line.quota.name, &line.region)).or_insert((line, desired));
        entry.1 = entry.1.max(desired);
    }
    let increase = |((name, region), (line, desired)): ((&str, &Region), (&Balance, u64))| {
        let at = if region.is_global() { home(caller) } else { region.clone() };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quotas_of_an_account_are_raised_in_its_own_partition() {
        for (caller, region) in [
            ("arn:aws:iam::123456789012:user/a", "us-east-1"),
            ("arn:aws-cn:iam::123456789012:user/a", "cn-north-1"),
            ("arn:aws-us-gov:sts::123456789012:assumed-role/a/b", "us-gov-west-1"),
            ("", "us-east-1"),
        ] {
            assert_eq!(home(caller), Region::new(region), "{caller}");
        }
    }
}
