//! What a scan says at its end: takes the inventory and how many calls it took, and gives the lines that tell
//! where users of global things were looked for, where they could not be, and the flag that says so knowingly.

use std::collections::BTreeSet;

use crate::inventory::{Gap, Inventory};
use crate::model::Region;
use crate::report::count;
use crate::session::ScanCalls;

/// What is told of a scan.
pub(super) fn lines(inventory: &Inventory, calls: &ScanCalls) -> Vec<String> {
    let mut lines = vec![closing(inventory, calls)];
    lines.extend(without(inventory));
    lines.extend(calls.regions_unknown.as_deref().map(unknown));
    lines.extend(closed(inventory, calls));
    lines.extend(partly(inventory, calls));
    lines.extend(
        calls
            .unread_unknown
            .as_ref()
            .map(|why| format!("What stands there of kinds that are not read could not be listed ({why})")),
    );
    lines
}

/// What it took.
fn closing(inventory: &Inventory, calls: &ScanCalls) -> String {
    let read = count(inventory.resources.len(), "resource");
    let mut line = format!("Read {read} with {}", count(calls.within, "call"));
    let regions = inventory.elsewhere.regions.len();
    if regions > 0 {
        line.push_str(&format!(
            "; looked for users of roles and policies in {} beyond with {}",
            count(regions, "region"),
            count(calls.beyond, "call"),
        ));
    }
    line
}

/// The services that were done without.
fn without(inventory: &Inventory) -> Option<String> {
    let services: Vec<&str> = inventory.without_services.iter().map(String::as_str).collect();
    (!services.is_empty()).then(|| {
        format!(
            "Counted as empty without being read, as --without-service says: all of {}",
            services.join(", ")
        )
    })
}

fn unknown(why: &str) -> String {
    format!(
        "Which regions are enabled could not be read ({why}), so nobody knows where roles and policies may be \
         used; name the regions that you work in with --assume-regions"
    )
}

/// The regions of which nothing could be read, and the flag that leaves them out knowingly.
fn closed(inventory: &Inventory, calls: &ScanCalls) -> Option<String> {
    let beyond = &inventory.elsewhere;
    let closed: BTreeSet<&Region> =
        beyond.regions.iter().filter(|region| is_closed(inventory, calls, region)).collect();
    let why = beyond.gaps.iter().find(|gap| closed.contains(&gap.region))?;
    let open = beyond.regions.iter().filter(|region| !closed.contains(region));
    let open: BTreeSet<&str> = open.chain(&inventory.regions).map(Region::as_str).collect();
    let closed: Vec<&str> = closed.into_iter().map(Region::as_str).collect();
    Some(format!(
        "Users of roles and policies could not be looked for in {} ({}); if nothing of yours works there, say so \
         with --assume-regions {}",
        closed.join(", "),
        why.error,
        open.into_iter().collect::<Vec<_>>().join(","),
    ))
}

/// Kinds that could not be read in regions that do answer: a permission, and no region, is missing.
fn partly(inventory: &Inventory, calls: &ScanCalls) -> Option<String> {
    let beyond = &inventory.elsewhere;
    let gaps: Vec<&Gap> =
        beyond.gaps.iter().filter(|gap| !is_closed(inventory, calls, &gap.region)).collect();
    let first = gaps.first()?;
    let kinds: BTreeSet<&str> = gaps.iter().map(|gap| gap.kind.as_str()).collect();
    Some(format!(
        "Among the users of roles and policies beyond, not all {} could be read ({}); `aws-janitor iam-policy --for \
         scan` prints what has to be allowed",
        kinds.into_iter().collect::<Vec<_>>().join(", "),
        first.error,
    ))
}

/// Whether nothing that was asked of a region beyond was answered.
fn is_closed(inventory: &Inventory, calls: &ScanCalls, region: &Region) -> bool {
    let gaps = inventory.elsewhere.gaps.iter().filter(|gap| gap.region == *region);
    gaps.map(|gap| &gap.kind).collect::<BTreeSet<_>>().len() == calls.kinds_beyond
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{Caller, Elsewhere};
    use crate::model::{AccountId, KindName};

    fn regions(names: &[&str]) -> BTreeSet<Region> {
        names.iter().map(|name| Region::new(*name)).collect()
    }

    /// A scan of us-east-1 that looked into three regions beyond, with these gaps there.
    fn seen(gaps: &[(&str, &str)]) -> Inventory {
        let gap = |(region, kind): &(&str, &str)| {
            let why = "ec2:DescribeInstances answered UnauthorizedOperation: denied";
            Gap::new(KindName::new(*kind), Region::new(*region), why)
        };
        Inventory {
            caller: Caller { account: AccountId::new("1"), alias: None, arn: String::new() },
            taken: jiff::Timestamp::UNIX_EPOCH,
            regions: regions(&["us-east-1"]),
            kinds: BTreeSet::new(),
            resources: Default::default(),
            gaps: BTreeSet::new(),
            elsewhere: Elsewhere {
                regions: regions(&["ap-east-1", "eu-west-1", "us-west-2"]),
                gaps: gaps.iter().map(gap).collect(),
                ..Elsewhere::default()
            },
            without_services: BTreeSet::new(),
            unanswered: Default::default(),
            unread_things: Vec::new(),
            states: Vec::new(),
            gone: Default::default(),
        }
    }

    /// What is told, of two kinds asked in each region beyond.
    fn told(inventory: &Inventory) -> Vec<String> {
        let calls = ScanCalls { within: 61, beyond: 6, kinds_beyond: 2, ..ScanCalls::default() };
        lines(inventory, &calls)
    }

    #[test]
    fn the_calls_of_the_pass_are_told() {
        let line = "Read 0 resources with 61 calls; looked for users of roles and policies in 3 regions beyond with 6 calls";
        assert_eq!(told(&seen(&[])), [line]);
    }

    #[test]
    fn a_closed_region_comes_with_the_flag_that_names_all_others() {
        let lines = told(&seen(&[("ap-east-1", "instance"), ("ap-east-1", "eks-cluster")]));
        assert_eq!(lines.len(), 2);
        assert!(
            lines[1].starts_with("Users of roles and policies could not be looked for in ap-east-1 ("),
            "{}",
            lines[1]
        );
        assert!(lines[1].ends_with("--assume-regions eu-west-1,us-east-1,us-west-2"), "{}", lines[1]);
    }

    #[test]
    fn a_kind_that_may_not_be_read_is_no_closed_region() {
        let lines = told(&seen(&[("ap-east-1", "eks-cluster"), ("eu-west-1", "eks-cluster")]));
        assert_eq!(lines.len(), 2);
        assert!(lines[1].contains("eks-cluster could be read") && lines[1].contains("iam-policy --for scan"));
    }

    #[test]
    fn what_is_done_without_and_what_nobody_knows_is_told() {
        let mut inventory = seen(&[]);
        inventory.elsewhere.regions.clear();
        inventory.without_services.insert("ecs".to_owned());
        let calls =
            ScanCalls { within: 1, regions_unknown: Some("denied".to_owned()), ..ScanCalls::default() };
        let lines = lines(&inventory, &calls);
        assert_eq!(lines[0], "Read 0 resources with 1 call");
        assert!(lines[1].contains("ecs") && lines[1].contains("--without-service"));
        assert!(lines[2].contains("(denied)") && lines[2].contains("--assume-regions"));
    }
}
