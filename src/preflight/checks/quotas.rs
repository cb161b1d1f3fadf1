//! `quotas`: whether what is made fits. The report was made elsewhere ([`crate::quota`]); here it is told as
//! findings, one for each quota that is short or unknown. What could not be counted, `coverage` tells.

use crate::deployment::Deployment;
use crate::model::{Per, few};
use crate::preflight::{CheckName, Finding, Outcome};
use crate::quota::{Answer, Balance, Holder, Increase, Remedy, Report};

/// The findings of a report on the needs of these deployments.
pub fn findings(
    report: &Report,
    remedy: Option<&Remedy>,
    increases: &[Increase],
    deployments: &[Deployment],
) -> Vec<Finding> {
    let source = match deployments {
        [only] => only.source.clone(),
        _ => String::new(),
    };
    let finding = |outcome, subject: String, evidence: String, remedy: String| Finding {
        check: CheckName::Quotas,
        outcome,
        subject,
        source: source.clone(),
        line: None,
        evidence,
        remedy,
    };
    let mut found = Vec::new();
    let mut fitting = 0_usize;
    for line in &report.lines {
        match line.answer {
            None => {}
            Some(Answer::Fits) => fitting += 1,
            Some(Answer::Short) => {
                found.push(finding(Outcome::Fail, subject(line), short(line), help(line, remedy, increases)));
            }
            Some(Answer::Unknown) => {
                let remedy = "`aws-janitor quota --for FILE` tells more".to_owned();
                found.push(finding(Outcome::Unclear, subject(line), unknown(line), remedy));
            }
        }
    }
    if fitting > 0 {
        let evidence = match fitting {
            1 => "one quota is used, and has room for it".to_owned(),
            _ => format!("{fitting} quotas are used, and have room for it"),
        };
        found.push(finding(Outcome::Pass, String::new(), evidence, String::new()));
    }
    found
}

fn subject(line: &Balance) -> String {
    format!("{} in {}", line.quota.name, line.place)
}

fn short(line: &Balance) -> String {
    let need = line.need.as_ref().map_or(0, |(need, _)| need.least());
    let (used, limit) = (line.used.all.unwrap_or(0), line.limit.map_or(0, |limit| limit.value));
    let one = |holder: &Holder<'_>| {
        let orphans = match (holder.orphans, holder.unread) {
            (0, 0) => "",
            (0, _) => " (uncertain)",
            (_, _) => " (orphans)",
        };
        format!("{} {}{orphans}", holder.stack.unwrap_or("no stack"), holder.held)
    };
    let holders: Vec<String> = line.holders().iter().map(one).collect();
    let held = if holders.is_empty() { String::new() } else { format!("; held by {}", holders.join(", ")) };
    let free = line.free().unwrap_or(0);
    format!("{need} {} are needed and {free} free ({used} of {limit} used{held})", line.quota.title)
}

/// The command that makes room where there is one; else the request to AWS. A command alone, so that it
/// can be copied.
fn help(line: &Balance, remedy: Option<&Remedy>, increases: &[Increase]) -> String {
    if let Some(remedy) = remedy {
        return remedy.command.clone();
    }
    if line.may_come_free() {
        return unread(line);
    }
    let asked = increases.iter().find(|it| it.quota == line.quota.name);
    match (asked.and_then(|it| it.command.as_deref()), line.quota.per) {
        (Some(command), _) => command.to_owned(),
        (None, Per::Account) => "delete what the account does not need".to_owned(),
        (None, _) => "delete what is not needed, or deploy elsewhere".to_owned(),
    }
}

/// What to do about what could not be read.
fn unread(line: &Balance) -> String {
    let doubts = few(line.used.doubts.iter().map(String::as_str), 2);
    format!(
        "{} of it may be left over, which could not be told: {doubts}. Let that be read",
        line.used.by_unread
    )
}

fn unknown(line: &Balance) -> String {
    let title = line.quota.title;
    match (line.limit, line.used.all) {
        (None, _) => format!("the limit of {title} is not known"),
        (_, None) => format!("what is used of {title} could not be counted whole"),
        (Some(limit), Some(used)) => {
            let need = line.need.as_ref().map_or(0, |(need, _)| need.least());
            format!("{used} of {} {title} are used, {need} are needed, and more may be", limit.value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{QuotaUse, Region};
    use crate::needs::{Most, Wanted};
    use crate::quota::{Limit, Origin, Used};

    static EIP: QuotaUse = QuotaUse::each("eip", "Elastic IPs", ("ec2", "L-0263D0A3"), Per::Region);

    fn line(limit: Option<u64>, used: Option<u64>, need: Wanted, answer: Answer) -> Balance {
        Balance {
            quota: &EIP,
            region: Region::new("us-east-1"),
            place: "us-east-1".into(),
            limit: limit.map(|value| Limit { value, origin: Origin::Applied, adjustable: Some(true) }),
            used: Used {
                all: used,
                by_orphans: 3,
                by_stack: [("shop/attempt-1".to_owned(), 3)].into(),
                orphans_by_stack: [("shop/attempt-1".to_owned(), 3)].into(),
                ..Used::default()
            },
            need: Some((need, vec!["eip".into()])),
            answer: Some(answer),
        }
    }

    fn found(line: Balance, deployments: &[Deployment]) -> Vec<Finding> {
        let answer = line.answer.unwrap_or(Answer::Fits);
        findings(&Report { lines: vec![line], answer }, None, &[], deployments)
    }

    #[test]
    fn a_short_quota_fails_and_names_who_holds_it() {
        let found = found(line(Some(5), Some(4), Wanted::certain(3), Answer::Short), &[]);
        assert_eq!(found[0].outcome, Outcome::Fail);
        assert_eq!(
            found[0].evidence,
            "3 Elastic IPs are needed and 1 free (4 of 5 used; held by shop/attempt-1 3 (orphans), no stack 1)"
        );
        assert!(!found[0].remedy.is_empty());
    }

    #[test]
    fn what_fits_passes_and_what_is_unknown_never_does() {
        let outcome = |line| found(line, &[])[0].outcome;
        assert_eq!(outcome(line(Some(9), Some(4), Wanted::certain(3), Answer::Fits)), Outcome::Pass);
        for unknown in [
            line(None, Some(4), Wanted::certain(3), Answer::Unknown),
            line(Some(9), None, Wanted::certain(3), Answer::Unknown),
            line(
                Some(9),
                Some(4),
                Wanted { unknown: Most::Unbounded, ..Wanted::certain(3) },
                Answer::Unknown,
            ),
        ] {
            assert_eq!(outcome(unknown), Outcome::Unclear);
        }
    }
}
