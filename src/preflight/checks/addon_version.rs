//! Holds add-on versions against those that EKS has for the version of the cluster.
//!
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddonVersions.html>

use crate::deployment::{ADDON_VERSIONS, Change};
use crate::model::deployed::Plays;
use crate::model::words::fact;
use crate::model::{Resource, quoted};

use super::super::facts::AddonSupport;
use super::super::scene::{Planned, Scene, TextValue};
use super::super::{CheckName, Finding, Outcome};

const CHECK: CheckName = CheckName::AddonVersion;

/// What to do where AWS's support was not read.
const ALLOW: &str = "allow eks:DescribeAddonVersions for this caller, and look without --inventory";

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    scene.changed_playing(Plays::AddOn).map(|addon| of_addon(scene, addon)).collect()
}

fn of_addon(scene: &Scene<'_>, addon: Planned<'_>) -> Finding {
    let unclear = |why: String| addon.finding(CHECK, Outcome::Unclear, why, "");
    let name = match addon.text("addon_name") {
        TextValue::Text(name) => name,
        TextValue::Open(why) => return unclear(format!("which add-on it is cannot be told: {why}")),
        TextValue::Absent => return unclear("the file does not tell which add-on it is".to_owned()),
    };
    let version = match scene.version_of(&scene.cluster_of(addon)) {
        Ok(version) => version,
        Err(why) => return unclear(format!("{name}: {why}")),
    };
    let support = match scene.support(addon) {
        Ok(support) => support,
        Err(why) => return addon.finding(CHECK, Outcome::Unclear, why, ALLOW),
    };
    let Some(known) = support.addons.get(&(name.clone(), version.clone())) else {
        let why = format!("which versions of {name} go with Kubernetes {version} was not read");
        return addon.finding(CHECK, Outcome::Unclear, why, ALLOW);
    };
    match addon.text("addon_version") {
        _ if known.versions.is_empty() => addon.finding(
            CHECK,
            Outcome::Fail,
            format!("EKS has no add-on {name} for Kubernetes {version}"),
            format!(
                "correct the name (`aws eks describe-addon-versions --kubernetes-version {}` lists them), or leave it away",
                quoted(&version)
            ),
        ),
        TextValue::Text(asked) if has_already(scene, addon, &name, &asked) => {
            addon.finding(CHECK, Outcome::Pass, format!("{name} {asked} runs already"), "")
        }
        TextValue::Text(asked) => {
            compare(addon, &Choice { name: &name, version: &asked, kubernetes: &version }, known)
        }
        TextValue::Absent => {
            let default = known.default.as_ref().map(|it| format!(": {it}")).unwrap_or_default();
            let evidence = format!("{name} names no version, and AWS takes its default for Kubernetes {version}{default}");
            addon.finding(CHECK, Outcome::Pass, evidence, "")
        }
        TextValue::Open(_) if is_asked_of_eks(addon) => {
            let evidence = format!("the version of {name} is asked of EKS during the deployment");
            addon.finding(CHECK, Outcome::Pass, evidence, "")
        }
        TextValue::Open(why) => unclear(format!("the version of {name} cannot be told: {why}")),
    }
}

/// Whether its version comes from a data source that asks EKS for one, which Terraform reads only then.
fn is_asked_of_eks(addon: Planned<'_>) -> bool {
    addon.item.properties.at("addon_version").sources().iter().any(|it| it.contains(ADDON_VERSIONS))
}

/// Whether a cluster of the account runs this version already, so that an update leaves it as it is: EKS
/// takes old versions off its list.
fn has_already(scene: &Scene<'_>, addon: Planned<'_>, name: &str, version: &str) -> bool {
    let cluster = addon.item.properties.at("cluster_name").as_text();
    let fact = |it: &Resource, fact: &str, is: &str| it.facts.get(fact).is_some_and(|text| text == is);
    addon.item.change == Change::Update
        && cluster.is_some_and(|cluster| {
            scene.facts.inventory.resources.values().any(|it| {
                addon.item.kind.as_ref() == Some(&it.key.kind)
                    && Some(&it.key.region) == addon.item.region.as_ref()
                    && it.name.as_deref() == Some(name)
                    && fact(it, fact::CLUSTER, cluster)
                    && fact(it, fact::VERSION, version)
            })
        })
}

/// A version of an add-on that a file names, for a cluster of this version of Kubernetes.
struct Choice<'a> {
    name: &'a str,
    version: &'a str,
    kubernetes: &'a str,
}

fn compare(addon: Planned<'_>, choice: &Choice<'_>, known: &AddonSupport) -> Finding {
    let Choice { name, version, kubernetes } = choice;
    if known.versions.iter().any(|it| it == version) {
        let evidence = format!("{name} {version} goes with Kubernetes {kubernetes}");
        return addon.finding(CHECK, Outcome::Pass, evidence, "");
    }
    let evidence = format!(
        "{name} {version} is not among the {} versions for Kubernetes {kubernetes}",
        known.versions.len()
    );
    let newest = known.versions.first().map_or("", String::as_str);
    let remedy = match known.default.as_deref() {
        Some(default) if default != newest => {
            format!("set {newest} (the newest) or {default} (AWS's default)")
        }
        Some(_) | None => format!("set {newest}"),
    };
    addon.finding(CHECK, Outcome::Fail, evidence, remedy)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Item, World, cluster, item, text, unknown};
    use super::*;

    fn addon(version: Option<&str>) -> Item {
        let addon = item("aws_eks_addon.cni", "eks-addon")
            .with("addon_name", text("vpc-cni"))
            .with("cluster_name", text("shop"));
        match version {
            Some(version) => addon.with("addon_version", text(version)),
            None => addon,
        }
    }

    fn with_cluster(version: &str, addon: Item) -> Finding {
        let mut world = World::new();
        world.add(cluster("aws_eks_cluster.a", "shop").with("version", text(version)));
        world.add(addon);
        world.findings(CHECK).remove(0)
    }

    #[test]
    fn a_version_of_another_cluster_version_fails_with_those_that_fit() {
        let found = with_cluster("1.35", addon(Some("v1.10.0-eksbuild.1")));
        assert_eq!(found.outcome, Outcome::Fail);
        assert!(found.remedy.contains("v1.21.1-eksbuild.1") && found.remedy.contains("v1.20.4-eksbuild.2"));
    }

    #[test]
    fn a_version_that_fits_and_none_at_all_pass() {
        assert_eq!(with_cluster("1.35", addon(Some("v1.20.4-eksbuild.2"))).outcome, Outcome::Pass);
        let none = with_cluster("1.35", addon(None));
        assert_eq!(none.outcome, Outcome::Pass);
        assert!(none.evidence.contains("v1.20.4-eksbuild.2"));
    }

    #[test]
    fn a_version_must_fit_to_the_letter() {
        for near in ["v1.20.4", "1.20.4-eksbuild.2", "v1.20.4-eksbuild.20"] {
            assert_eq!(with_cluster("1.35", addon(Some(near))).outcome, Outcome::Fail, "{near}");
        }
    }

    #[test]
    fn an_addon_that_eks_does_not_have_fails() {
        let addon = addon(None).with("addon_name", text("vpc-cmi"));
        assert_eq!(with_cluster("1.35", addon).outcome, Outcome::Fail);
    }

    #[test]
    fn a_version_that_eks_is_asked_for_during_the_deployment_passes() {
        let of = |from: &str| with_cluster("1.35", addon(None).with("addon_version", unknown(&[from])));
        let asked = of("module.eks.data.aws_eks_addon_version.this");
        assert_eq!(asked.outcome, Outcome::Pass, "{}", asked.evidence);
        assert_eq!(of("aws_ssm_parameter.version").outcome, Outcome::Unclear);
    }

    #[test]
    fn a_version_out_of_a_file_cannot_add_to_the_command() {
        let mut world = World::new();
        let version = "1.35; rm -rf ~";
        if let Ok(eks) = &mut world.eks {
            eks.addons.insert(("vpc-cni".to_owned(), version.to_owned()), AddonSupport::default());
        }
        world.add(cluster("aws_eks_cluster.a", "shop").with("version", text(version)));
        world.add(addon(None));
        let found = world.findings(CHECK).remove(0);
        assert!(found.remedy.contains("--kubernetes-version '1.35; rm -rf ~'`"), "{}", found.remedy);
    }

    #[test]
    fn an_update_may_keep_a_version_that_eks_lists_no_more() {
        let of = |running: &str| {
            let mut world = World::new();
            world.live("eks-cluster", "shop").facts.insert("version".into(), "1.35".into());
            let live = world.live("eks-addon", "shop/vpc-cni");
            live.name = Some("vpc-cni".to_owned());
            live.facts.insert("cluster".into(), "shop".into());
            live.facts.insert("version".into(), running.into());
            world.add(addon(Some("v1.0.0-eksbuild.1")).update());
            world.findings(CHECK)[0].outcome
        };
        assert_eq!(of("v1.0.0-eksbuild.1"), Outcome::Pass);
        assert_eq!(of("v1.21.1-eksbuild.1"), Outcome::Fail);
    }

    #[test]
    fn what_was_not_read_for_this_version_is_unclear() {
        assert_eq!(with_cluster("1.32", addon(Some("v1.20.4-eksbuild.2"))).outcome, Outcome::Unclear);
        let open = addon(None).with("addon_version", unknown(&["data.x"]));
        assert_eq!(with_cluster("1.35", open).outcome, Outcome::Unclear);
    }

    #[test]
    fn a_cluster_of_the_account_tells_its_version_and_an_unknown_one_is_unclear() {
        let mut world = World::new();
        world.add(addon(Some("v1.10.0-eksbuild.1")));
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Unclear);
        world.live("eks-cluster", "shop").facts.insert("version".into(), "1.35".into());
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Fail);
    }

    #[test]
    fn a_cluster_named_only_by_reference_is_found() {
        let mut world = World::new();
        world.add(cluster("aws_eks_cluster.b", "other").with("version", text("1.32")));
        world.add(cluster("aws_eks_cluster.a", "shop").with("version", text("1.35")));
        let by_reference = addon(Some("v9")).with("cluster_name", unknown(&["aws_eks_cluster.a"]));
        world.add(by_reference);
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Fail);
        let mut world = World::new();
        world.add(cluster("a", "one").with("version", text("1.35")));
        world.add(cluster("b", "two").with("version", text("1.35")));
        world.add(addon(Some("v9")).with("cluster_name", unknown(&["random_id.x"])));
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Unclear, "either could be meant");
    }
}
