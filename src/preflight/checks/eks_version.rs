//! Holds Kubernetes versions of clusters and node groups against what EKS supports.
//!
//! Support and its price: <https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html>.
//! Updates go one minor at a time: <https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html>.
//! Auto Mode's oldest version: <https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-create.html>.

use jiff::Timestamp;

use crate::deployment::Change;
use crate::model::deployed::Plays;
use crate::model::words::fact;

use super::super::facts::{ClusterSupport, EksSupport, Support};
use super::super::scene::{Cluster, Minor, Planned, Scene, TextValue};
use super::super::{CheckName, Finding, Outcome};

const CHECK: CheckName = CheckName::EksVersion;

/// The oldest version that Auto Mode takes.
const AUTO_MODE: Minor = Minor(1, 29);

/// What to do where AWS's support was not read.
const ALLOW: &str = "allow eks:DescribeClusterVersions for this caller, and look without --inventory";

/// What a cluster costs an hour in extended support, in times of the ordinary price: $0.60 to $0.10,
/// <https://aws.amazon.com/eks/pricing/>.
const EXTENDED_FACTOR: &str = "six times the price";

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        scene.changed_playing(Plays::Cluster).flat_map(|cluster| of_cluster(scene, cluster)).collect();
    findings.extend(scene.changed_playing(Plays::NodeGroup).filter_map(|group| of_group(scene, group)));
    findings
}

fn of_cluster(scene: &Scene<'_>, cluster: Planned<'_>) -> Vec<Finding> {
    let unclear = |why: String| cluster.finding(CHECK, Outcome::Unclear, why, "");
    let version = match cluster.text("version") {
        TextValue::Text(version) => Some(version),
        TextValue::Open(why) => return vec![unclear(format!("its version cannot be told: {why}"))],
        // An update that names no version leaves it as it is.
        TextValue::Absent if !cluster.item.change.makes() => {
            let live = scene.version_of(&Cluster::Planned(cluster));
            return live.iter().filter_map(|version| auto_mode(cluster, version)).collect();
        }
        TextValue::Absent => None,
    };
    let support = match scene.support(cluster) {
        Ok(support) => support,
        Err(why) => return vec![cluster.finding(CHECK, Outcome::Unclear, why, ALLOW)],
    };
    let (version, by_default) = match version {
        Some(version) => (version, ""),
        None => match support.clusters.iter().find(|(_, it)| it.is_default) {
            Some((version, _)) => (version.clone(), "it names no version, and AWS takes its default: "),
            None => {
                return vec![unclear(
                    "it names no version, and AWS did not tell which it takes then".to_owned(),
                )];
            }
        },
    };
    let mut findings = vec![supported(scene, cluster, support, &Taken { version: &version, by_default })];
    if cluster.item.change == Change::Update && findings.iter().any(|it| it.outcome == Outcome::Fail) {
        // An update may leave a version as it is that no new cluster could have.
        findings = findings.into_iter().map(|it| kept(scene, cluster, &version, it)).collect();
    }
    findings.extend(auto_mode(cluster, &version));
    findings.extend(leap(scene, cluster, &version));
    findings
}

/// The version that a cluster will have.
struct Taken<'a> {
    version: &'a str,
    /// What the evidence begins with where no file names it; else empty.
    by_default: &'static str,
}

/// How far AWS supports it.
fn supported(scene: &Scene<'_>, cluster: Planned<'_>, support: &EksSupport, taken: &Taken<'_>) -> Finding {
    let Taken { version, by_default } = *taken;
    let instead = || match newest(support) {
        Some(newest) => format!("set a version that AWS supports, {newest} say"),
        None => "set a version that AWS supports".to_owned(),
    };
    let Some(found) = support.clusters.get(version) else {
        let list = listed(support);
        let evidence = format!("EKS has no Kubernetes {version}; it has {list}");
        return cluster.finding(CHECK, Outcome::Fail, evidence, instead());
    };
    match found.support {
        Support::Unsupported => {
            let evidence = format!("EKS does not support Kubernetes {version} any more{}", ended(found));
            cluster.finding(CHECK, Outcome::Fail, evidence, instead())
        }
        Support::Extended => {
            let until = found.extended_until.map(|it| format!(" until {}", day(it))).unwrap_or_default();
            let since = found.standard_until.map(|it| format!(" since {}", day(it))).unwrap_or_default();
            let evidence = format!(
                "{by_default}Kubernetes {version} is in extended support{since}{until}, at {EXTENDED_FACTOR} per cluster and hour"
            );
            cluster.finding(CHECK, Outcome::Warn, evidence, instead())
        }
        Support::Standard => {
            let until = found.standard_until.filter(|until| *until > scene.facts.now);
            let until = until.map(|it| format!(" until {}", day(it))).unwrap_or_default();
            let evidence = format!("{by_default}Kubernetes {version} is in standard support{until}");
            cluster.finding(CHECK, Outcome::Pass, evidence, "")
        }
    }
}

/// A failing finding, for an update: it warns where the cluster has that version already, and is unclear
/// where nobody knows.
fn kept(scene: &Scene<'_>, cluster: Planned<'_>, version: &str, failing: Finding) -> Finding {
    let name = cluster.item.properties.at("name").as_text();
    let live = name.and_then(|name| scene.live_cluster(cluster.region().ok()?, name));
    match live.and_then(|live| live.facts.get(fact::VERSION)) {
        Some(live) if live == version => Finding { outcome: Outcome::Warn, ..failing },
        Some(_) => failing,
        None => {
            let evidence =
                format!("{}; whether the cluster has that version already is not known", failing.evidence);
            Finding { outcome: Outcome::Unclear, evidence, ..failing }
        }
    }
}

fn auto_mode(cluster: Planned<'_>, version: &str) -> Option<Finding> {
    let too_old = Minor::of(version).is_some_and(|version| version < AUTO_MODE);
    let enabled = cluster.item.properties.at("compute_config.enabled");
    let on = enabled.as_bool() == Some(true);
    let open = enabled.is_open();
    let (outcome, evidence) = match (too_old, on, open) {
        (true, true, _) => {
            (Outcome::Fail, format!("Auto Mode needs Kubernetes {AUTO_MODE} or newer, and this is {version}"))
        }
        (true, false, true) => (
            Outcome::Unclear,
            format!(
                "whether Auto Mode is on is not known yet; it needs Kubernetes {AUTO_MODE}, and this is {version}"
            ),
        ),
        (_, _, _) => return None,
    };
    Some(cluster.finding(
        CHECK,
        outcome,
        evidence,
        format!("set version {AUTO_MODE} or newer, or leave Auto Mode off"),
    ))
}

/// An update over more than one minor version.
fn leap(scene: &Scene<'_>, cluster: Planned<'_>, version: &str) -> Option<Finding> {
    if cluster.item.change != Change::Update {
        return None;
    }
    let name = cluster.item.properties.at("name").as_text()?;
    let live = scene.live_cluster(cluster.region().ok()?, name)?.facts.get(fact::VERSION)?;
    let (from, to) = (Minor::of(live)?, Minor::of(version)?);
    (from.0 == to.0 && to.1 > from.1 + 1).then(|| {
        let evidence = format!("cluster {name} has {live} now, and EKS updates one minor version at a time");
        let remedy = format!("deploy {} first", Minor(from.0, from.1 + 1));
        cluster.finding(CHECK, Outcome::Fail, evidence, remedy)
    })
}

/// A node group that is newer than its cluster.
fn of_group(scene: &Scene<'_>, group: Planned<'_>) -> Option<Finding> {
    // An update carries the version that the group has already.
    let TextValue::Text(version) = group.text("version") else { return None };
    let asked = Minor::of(&version)?;
    match scene.version_of(&scene.cluster_of(group)) {
        Ok(cluster) if Minor::of(&cluster)? < asked => Some(group.finding(
            CHECK,
            Outcome::Fail,
            format!(
                "the node group asks for Kubernetes {version}, which is newer than its cluster's {cluster}"
            ),
            "leave the node group's version away, or update the cluster first",
        )),
        Ok(_) => None,
        Err(why) => Some(group.finding(
            CHECK,
            Outcome::Unclear,
            format!("the node group asks for Kubernetes {version}, and {why}"),
            "",
        )),
    }
}

/// The newest in standard support.
fn newest(support: &EksSupport) -> Option<&str> {
    let standard = support.clusters.iter().filter(|(_, it)| it.support == Support::Standard);
    standard.max_by_key(|(version, _)| Minor::of(version)).map(|(version, _)| version.as_str())
}

/// The versions that a cluster can be made of, in their order.
fn listed(support: &EksSupport) -> String {
    let usable = support.clusters.iter().filter(|(_, it)| it.support != Support::Unsupported);
    let mut versions: Vec<&str> = usable.map(|(version, _)| version.as_str()).collect();
    versions.sort_by_key(|version| Minor::of(version));
    versions.join(", ")
}

fn ended(support: &ClusterSupport) -> String {
    let end = support.extended_until.or(support.standard_until);
    end.map(|end| format!(" since {}", day(end))).unwrap_or_default()
}

fn day(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{World, cluster, item, text, unknown};
    use super::*;
    use crate::deployment::Value;

    fn outcome(version: &str) -> Finding {
        let mut world = World::new();
        world.add(cluster("aws_eks_cluster.a", "shop").with("version", text(version)));
        world.findings(CHECK).remove(0)
    }

    #[test]
    fn an_unsupported_version_fails_an_extended_one_warns_and_a_standard_one_passes() {
        assert_eq!(outcome("1.30").outcome, Outcome::Fail);
        let extended = outcome("1.32");
        assert_eq!(extended.outcome, Outcome::Warn);
        assert!(extended.evidence.contains("six times") && extended.evidence.contains("2027-03-23"));
        let standard = outcome("1.35");
        assert_eq!(standard.outcome, Outcome::Pass);
        assert!(standard.evidence.contains("2027-03-27"), "{}", standard.evidence);
    }

    #[test]
    fn a_version_that_eks_does_not_have_fails_with_those_it_has() {
        let found = outcome("1.99");
        assert_eq!(found.outcome, Outcome::Fail);
        assert!(found.evidence.contains("1.32, 1.34, 1.35"), "{}", found.evidence);
        assert!(found.remedy.contains("1.35"));
        assert_eq!(outcome("1.3").outcome, Outcome::Fail, "1.30 read as a number is no version");
    }

    #[test]
    fn without_a_version_aws_takes_its_default_and_that_is_named() {
        let mut world = World::new();
        world.add(cluster("aws_eks_cluster.a", "shop"));
        let found = world.findings(CHECK);
        assert_eq!(found[0].outcome, Outcome::Pass);
        assert!(found[0].evidence.contains("default: Kubernetes 1.35"), "{}", found[0].evidence);
    }

    #[test]
    fn what_cannot_be_told_is_unclear_and_never_well() {
        let mut world = World::new();
        world.add(cluster("a", "shop").with("version", unknown(&["aws_ssm_parameter.v"])));
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Unclear);
        let mut world = World::new();
        world.add(cluster("a", "shop").with("version", text("1.35")));
        world.eks = Err("AccessDenied".to_owned());
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Unclear);
        let mut world = World::new();
        world.add(item("a", "eks-cluster"));
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Unclear, "a log tells no attributes");
    }

    #[test]
    fn auto_mode_needs_1_29() {
        let of = |version: &str, enabled: Value| {
            let mut world = World::new();
            let config = Value::Map([("enabled".to_owned(), enabled)].into());
            world.add(cluster("a", "shop").with("version", text(version)).with("compute_config", config));
            let found = world.findings(CHECK);
            found.iter().find(|it| it.evidence.contains("Auto Mode")).map(|it| it.outcome)
        };
        assert_eq!(of("1.28", Value::Bool(true)), Some(Outcome::Fail));
        assert_eq!(of("1.9", text("true")), Some(Outcome::Fail));
        assert_eq!(of("1.28", unknown(&["x"])), Some(Outcome::Unclear));
        assert_eq!(of("1.28", Value::Bool(false)), None);
        assert_eq!(of("1.29", Value::Bool(true)), None);
    }

    #[test]
    fn an_update_that_names_no_version_switches_auto_mode_on_for_the_one_that_runs() {
        let of = |running: &str| {
            let mut world = World::new();
            world.live("eks-cluster", "shop").facts.insert("version".into(), running.into());
            let config = Value::Map([("enabled".to_owned(), Value::Bool(true))].into());
            world.add(cluster("a", "shop").with("compute_config", config).update());
            world.findings(CHECK)[0].outcome
        };
        assert_eq!(of("1.28"), Outcome::Fail);
        assert_eq!(of("1.29"), Outcome::Skipped);
    }

    #[test]
    fn an_update_over_two_minors_fails_and_over_one_passes() {
        let of = |version: &str| {
            let mut world = World::new();
            world.live("eks-cluster", "shop").facts.insert("version".into(), "1.33".into());
            world.add(cluster("a", "shop").with("version", text(version)).update());
            world.findings(CHECK).iter().map(|it| it.outcome).min()
        };
        assert_eq!(of("1.35"), Some(Outcome::Fail));
        assert_eq!(of("1.34"), Some(Outcome::Pass));
    }

    #[test]
    fn an_update_that_keeps_an_unsupported_version_does_not_fail_of_it() {
        let of = |live: Option<&str>| {
            let mut world = World::new();
            if let Some(live) = live {
                world.live("eks-cluster", "shop").facts.insert("version".into(), live.into());
            }
            world.add(cluster("a", "shop").with("version", text("1.30")).update());
            world.findings(CHECK)[0].outcome
        };
        assert_eq!(of(Some("1.30")), Outcome::Warn);
        assert_eq!(of(Some("1.29")), Outcome::Fail);
        assert_eq!(of(None), Outcome::Unclear);
    }

    #[test]
    fn a_node_group_newer_than_its_cluster_fails() {
        let of = |version: &str| {
            let mut world = World::new();
            world.add(cluster("c", "shop").with("version", text("1.34")));
            let group = item("g", "eks-nodegroup").with("cluster_name", text("shop"));
            world.add(group.with("version", text(version)));
            world.findings(CHECK).iter().find(|it| it.subject == "g").map(|it| it.outcome)
        };
        assert_eq!(of("1.35"), Some(Outcome::Fail));
        assert_eq!(of("1.34"), None);
        assert_eq!(of("1.33"), None);
    }

    #[test]
    fn a_cluster_that_only_perhaps_is_made_can_only_perhaps_fail() {
        let mut world = World::new();
        world.add(cluster("a", "shop").with("version", text("1.30")).possible("condition X is open"));
        let found = world.findings(CHECK);
        assert_eq!(found[0].outcome, Outcome::Unclear);
        assert!(found[0].evidence.contains("condition X is open"));
    }
}
