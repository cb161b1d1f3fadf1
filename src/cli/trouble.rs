//! How a command that only looks is to end: takes a survey, tells on stderr what could not be read, what
//! protection keeps and what the selection misses, and gives the exit code that follows from the first two.

use std::collections::BTreeSet;

use super::exit::Exit;
use super::shell::Shell;
use super::survey::Survey;
use crate::inventory::{Gap, Inventory};
use crate::judge::guarded;
use crate::model::{ErrorClass, Verdicts};
use crate::plan::Plan;
use crate::plan::unclear::{Outlook, is_unclear};
use crate::policy::{Policy, Terms};
use crate::report::explain::near;

/// How the program is to end for what could not be read or is guarded, and says so; `Done` if there is nothing.
pub(super) fn trouble(survey: &Survey, plan: Option<&Plan>, shell: &Shell<'_>) -> Exit {
    let (inventory, verdicts) = (&survey.inventory, &survey.judgement.verdicts);
    for line in unmatched(&survey.policy, verdicts) {
        shell.warn(&line);
    }
    let unclear = is_unclear(Outlook { inventory, verdicts, plan, catalog: survey.catalog });
    if unclear {
        for line in unread(inventory) {
            shell.warn(&line);
        }
    }
    let guarded = guarded(verdicts);
    for it in &guarded {
        shell.warn(&format!("{}: {}; switch it off first if this is meant to go", it.key, it.why));
    }
    match (unclear, guarded.is_empty()) {
        (true, _) => Exit::Unclear,
        (false, false) => Exit::Refused,
        (false, true) => Exit::Done,
    }
}

/// What of the policy matches nothing: a name with a slip of the pen must not look like a clean account.
fn unmatched(policy: &Policy, verdicts: &Verdicts) -> Vec<String> {
    let mut lines = Vec::new();
    let stacks: BTreeSet<&str> = verdicts.values().filter_map(|judged| judged.stack.as_deref()).collect();
    let meant = |name: &str| match near(name, stacks.iter().copied()) {
        Some(near) => format!("; did you mean {near}?"),
        None if stacks.is_empty() => String::new(),
        None => format!("; there are: {}", stacks.iter().copied().take(5).collect::<Vec<_>>().join(", ")),
    };
    for name in &policy.abandoned {
        if !stacks.contains(name.as_str()) {
            lines.push(format!("no stack is called `{name}` (--abandoned){}", meant(name)));
        }
    }
    if policy.select.is_empty() || verdicts.values().any(|judged| judged.selected) {
        return lines;
    }
    let stack = policy.select.iter().flat_map(Terms::stacks).next();
    let unknown = stack.filter(|name| !stacks.contains(name.as_str()));
    let hint = unknown.map(|name| meant(&name)).unwrap_or_default();
    lines.push(format!("nothing that was found matches --select{hint}"));
    lines
}

/// What could not be read and what to do about it.
fn unread(inventory: &Inventory) -> Vec<String> {
    let mut lines = Vec::new();
    let (refusing, others): (Vec<&Gap>, Vec<&Gap>) =
        inventory.gaps.iter().partition(|gap| gap.is_of_refusing_region());
    let (unserved, others): (Vec<&Gap>, Vec<&Gap>) =
        others.into_iter().partition(|gap| gap.unserved().is_some());
    let services: BTreeSet<&str> = unserved.iter().filter_map(|gap| gap.unserved()).collect();
    for service in services {
        let kinds: BTreeSet<&str> = unserved
            .iter()
            .filter(|gap| gap.unserved() == Some(service))
            .map(|gap| gap.kind.as_str())
            .collect();
        lines.push(format!(
            "the endpoint does not know what {} is read by; to do without it: --without-service {service}",
            kinds.into_iter().collect::<Vec<_>>().join(", ")
        ));
    }
    let regions: BTreeSet<&str> = refusing.iter().map(|gap| gap.region.as_str()).collect();
    if !regions.is_empty() {
        let regions: Vec<&str> = regions.into_iter().collect();
        lines.push(format!(
            "nothing in {} could be read: {}; enable it there, or leave it out of --region",
            regions.join(", "),
            Gap::REGION_REFUSES
        ));
    }
    // What was not denied no permission opens.
    let (failing, denied): (Vec<&Gap>, Vec<&Gap>) =
        others.into_iter().partition(|gap| gap.class.is_some_and(|class| class != ErrorClass::Denied));
    let told = |gaps: &[&Gap]| -> String {
        let gaps: Vec<String> = gaps.iter().map(|gap| format!("{} in {}", gap.kind, gap.region)).collect();
        gaps.join(", ")
    };
    if !denied.is_empty() {
        lines.push(format!(
            "not all that concerns the selection could be read: {}; \
             `aws-janitor iam-policy --for scan` prints what has to be allowed",
            told(&denied)
        ));
    }
    if let Some(first) = failing.first() {
        lines.push(format!(
            "not all that concerns the selection could be read: {}; AWS answered: {}; try again",
            told(&failing),
            first.error
        ));
    }
    lines
}
