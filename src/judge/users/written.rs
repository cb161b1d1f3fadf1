//! The traces of those who write a log: when an event came in last. The room asks it of what is a log and may go with
//! its data, and the judge asks AWS for it by [`unread`].
//!
//! What writes a log is mostly not read at all (a task, a build, a flow log), and CloudWatch Logs tells the newest
//! event late by an hour (CloudWatch Logs API, "LogStream"). So one of less than a day ago has to be explained by the
//! cluster that the log is of: its control plane writes until it is gone. <https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html>

use jiff::Timestamp;

use crate::inventory::Inquiry;
use crate::kinds::{self, CATALOG, is_log};
use crate::model::words::{fact, how};
use crate::model::{Gate, Key, MadeFor, Position, Resource, Verdict};
use crate::policy::Selector;

use super::super::gates::{Court, Ruling};
use super::super::settle::Findings;
use super::super::view::View;
use super::traces::is_young;

/// Whether its newest event has a say: a log that stays with its data need not be asked.
fn is_asked(selector: &Selector, key: &Key) -> bool {
    is_log(&key.kind) && selector.takes_data_of(&key.kind)
}

/// Whether its newest event was not read, and could change what is said of it.
pub(in super::super) fn unread(selector: &Selector, resource: &Resource) -> bool {
    is_asked(selector, &resource.key) && !resource.facts.contains_key(fact::LAST_EVENT)
}

/// An event of late that nothing explains, or one that was not asked for: whoever writes there may be at work.
pub(in super::super) fn written(court: &Court<'_>, findings: &Findings<'_>, key: &Key) -> Option<Ruling> {
    if !is_asked(court.selector, key) || findings.verdict(key)? != Verdict::Orphan {
        return None;
    }
    let resource = court.view.get(key)?;
    let Some(told) = resource.facts.get(fact::LAST_EVENT) else {
        let inquiry = Inquiry::LastEvent { of: key.clone() };
        let why = match court.view.inventory.unanswered.get(&inquiry) {
            Some(why) => format!("when it was last written to could not be read: {why}"),
            None => "when it was last written to was not read".to_owned(),
        };
        let gate = Gate::UsersUnseen { kind: key.kind.clone(), region: key.region.clone() };
        return Some(Ruling::new(Verdict::Uncertain, gate, why));
    };
    let at = told.parse::<Timestamp>().ok();
    let young = told != Inquiry::NEVER && at.is_none_or(|at| is_young(at, court.now));
    if !young || is_of_what_goes(court.view, findings, resource) {
        return None;
    }
    let gate = Gate::UsedOfLate { region: Some(key.region.clone()) };
    let why = format!("last written to at {told}, by nothing that is condemned");
    Some(Ruling::new(Verdict::Uncertain, gate, why))
}

/// Whether it is the log of a cluster that goes, or that is gone.
fn is_of_what_goes(view: &View<'_>, findings: &Findings<'_>, log: &Resource) -> bool {
    let mut clusters = log.links_as(how::MADE_FOR).map(|link| &link.to).peekable();
    if clusters.peek().is_some() {
        return clusters.all(|cluster| findings.verdict(cluster) == Some(Verdict::Orphan));
    }
    let MadeFor::ClusterInName(cluster_in) =
        CATALOG.get(&log.key.kind).map_or(MadeFor::Told, |it| it.made_for)
    else {
        return false;
    };
    let clusters = kinds::that_is(Position::Cluster);
    cluster_in(&log.key.id).is_some() && view.inventory.saw(&clusters, &log.key.region)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::complete;
    use crate::inventory::testing::{World, at, key, region};
    use crate::judge::inquiries;
    use crate::judge::tests::{NOW, judged, policy, selector, stack};
    use crate::model::KindName;
    use crate::policy::Policy;

    const NAME: &str = "shop-a1-logs";
    const OF_CLUSTER: &str = "/aws/eks/demo/cluster";
    const AN_HOUR_AGO: &str = "2026-11-21T11:00:00Z";
    const TWO_DAYS_AGO: &str = "2026-11-19T11:00:00Z";

    /// Logs of the failed stack, all last written to at this time.
    fn logs(last: &str) -> World {
        let mut world = World::new();
        for name in [NAME, OF_CLUSTER] {
            world.add("log-group", name).born("log-group", name, TWO_DAYS_AGO);
            stack(&mut world, "log-group", name, "attempt-1");
            world.fact("log-group", name, fact::LAST_EVENT, last);
        }
        world
    }

    fn with_data() -> Policy {
        Policy { with_data: [KindName::of("log-group")].into(), ..policy() }
    }

    fn verdict(world: &World, policy: &Policy, name: &str) -> (Verdict, String) {
        let mut inventory = world.inventory.clone();
        complete(&mut inventory);
        let judged = judged(&inventory, policy).verdicts[&key("log-group", name)].clone();
        (judged.verdict, judged.evidence.join("; "))
    }

    #[track_caller]
    fn check(world: &World, name: &str, expected: Verdict, says: &str) {
        let (verdict, evidence) = verdict(world, &with_data(), name);
        assert!(verdict == expected && evidence.contains(says), "{verdict:?}: {evidence}");
    }

    #[test]
    fn a_log_that_somebody_wrote_to_of_late_stays_and_an_old_one_goes() {
        check(&logs(AN_HOUR_AGO), NAME, Verdict::Uncertain, "last written to at 2026-11-21T11:00:00Z");
        check(&logs("2026-11-20T12:00:01Z"), NAME, Verdict::Uncertain, "by nothing that is condemned");
        check(&logs("2026-11-20T12:00:00Z"), NAME, Verdict::Orphan, "");
        check(&logs(Inquiry::NEVER), NAME, Verdict::Orphan, "");
        check(&logs("soon"), NAME, Verdict::Uncertain, "soon");
    }

    #[test]
    fn the_log_of_a_cluster_that_goes_or_is_gone_goes_however_young_its_last_event_is() {
        let mut world = logs(AN_HOUR_AGO);
        check(&world, OF_CLUSTER, Verdict::Orphan, "");
        world.add("eks-cluster", "demo").born("eks-cluster", "demo", TWO_DAYS_AGO);
        stack(&mut world, "eks-cluster", "demo", "attempt-1");
        check(&world, OF_CLUSTER, Verdict::Orphan, "");
        world.tag("eks-cluster", "demo", "team", "blue").tag("eks-cluster", "demo", "keep", "yes");
        assert_ne!(verdict(&world, &with_data(), OF_CLUSTER).0, Verdict::Orphan);
    }

    #[test]
    fn whether_a_cluster_is_gone_shows_only_where_clusters_were_read() {
        let mut world = logs(AN_HOUR_AGO);
        let gap = crate::inventory::Gap::new(KindName::of("eks-cluster"), region(), "denied");
        world.inventory.gaps.insert(gap);
        assert_eq!(verdict(&world, &with_data(), OF_CLUSTER).0, Verdict::Uncertain);
    }

    #[test]
    fn where_a_function_that_stands_writes_stays_by_its_own_name_and_by_its_configuration() {
        let mut world = logs(TWO_DAYS_AGO);
        world.add("log-group", "/aws/lambda/export");
        stack(&mut world, "log-group", "/aws/lambda/export", "attempt-1");
        world.fact("log-group", "/aws/lambda/export", fact::LAST_EVENT, TWO_DAYS_AGO);
        check(&world, NAME, Verdict::Orphan, "no user among lambda-function");
        check(&world, "/aws/lambda/export", Verdict::Orphan, "");
        world.add("lambda-function", "export").tag("lambda-function", "export", "team", "blue");
        check(&world, "/aws/lambda/export", Verdict::Active, "lambda-function export writes its log there");
        check(&world, NAME, Verdict::Orphan, "");
        world.fact("lambda-function", "export", crate::kinds::lambda_function::LOG_GROUP, NAME);
        check(&world, NAME, Verdict::Active, "lambda-function export writes its log there");
    }

    #[test]
    fn only_logs_that_may_go_with_their_data_are_asked_about_and_what_was_not_read_keeps_them() {
        let mut world = logs(AN_HOUR_AGO);
        for name in [NAME, OF_CLUSTER] {
            world.get("log-group", name).facts.clear();
        }
        world.add("log-group", "others").tag("log-group", "others", "team", "blue");
        complete(&mut world.inventory);
        let asked = |world: &World, policy: &Policy| {
            let judgement = judged(&world.inventory, policy);
            let asked = inquiries(&world.inventory, &selector(policy), at(NOW), &judgement);
            asked.into_iter().map(|it| it.of().id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(asked(&world, &policy()), [""; 0]);
        assert_eq!(verdict(&world, &policy(), NAME).0, Verdict::Orphan, "its data keeps it in any case");
        assert_eq!(asked(&world, &with_data()), [OF_CLUSTER, NAME]);
        check(&world, NAME, Verdict::Uncertain, "was not read");
        let of = key("log-group", NAME);
        world.inventory.unanswered.insert(Inquiry::LastEvent { of }, "denied".to_owned());
        check(&world, NAME, Verdict::Uncertain, "could not be read: denied");
        assert_eq!(asked(&world, &with_data()), [OF_CLUSTER]);
    }
}
