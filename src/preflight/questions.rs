//! What the chosen checks need to know of AWS: the command asks it of the account, and nothing more.

use std::collections::{BTreeMap, BTreeSet};

use crate::deployment::Change;
use crate::deployment::Deployment;
use crate::model::Region;
use crate::model::deployed::Plays;

use super::scene::{self, Scene, TextValue};
use super::{CheckName, Facts};

/// What has to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Questions {
    /// Regions whose Kubernetes versions matter, each with the add-ons that are deployed there and the
    /// Kubernetes version that each is to run on, as far as that is known by now.
    pub eks: BTreeMap<Region, BTreeSet<(String, String)>>,
    /// Regions in which a KMS alias is made.
    pub aliases: BTreeSet<Region>,
}

/// What has to be asked for these deployments. Once `facts` hold the Kubernetes versions, add-ons of
/// clusters that name none are asked for too: their version is AWS's default.
pub fn questions(deployments: &[Deployment], facts: &Facts<'_>, chosen: &BTreeSet<CheckName>) -> Questions {
    let files = scene::files(deployments);
    let scene = Scene { files: &files, facts };
    let mut questions = Questions::default();
    let versions =
        [CheckName::EksVersion, CheckName::AddonVersion, CheckName::ClusterAutoscaler, CheckName::AmiType]
            .iter()
            .any(|it| chosen.contains(it));
    if versions {
        for planned in scene.changed_playing(Plays::Cluster).chain(scene.changed_playing(Plays::AddOn)) {
            if let Ok(region) = planned.region() {
                questions.eks.entry(region.clone()).or_default();
            }
        }
    }
    if chosen.contains(&CheckName::AddonVersion) {
        for addon in scene.changed_playing(Plays::AddOn) {
            let (Ok(region), TextValue::Text(name)) = (addon.region(), addon.text("addon_name")) else {
                continue;
            };
            if let Ok(version) = scene.version_of(&scene.cluster_of(addon)) {
                questions.eks.entry(region.clone()).or_default().insert((name, version));
            }
        }
    }
    if chosen.contains(&CheckName::Names) {
        let named = scene.changed().filter(|it| it.item.change != Change::Update);
        let aliases = named.filter(|it| it.deployed().is_some_and(|it| it.name.is_alias()));
        questions.aliases.extend(aliases.filter_map(|it| it.region().ok().cloned()));
    }
    questions
}

#[cfg(test)]
mod tests {
    use super::super::testing::{World, cluster, item, text};
    use super::super::{CHECKS, CheckName};
    use super::*;

    fn all() -> BTreeSet<CheckName> {
        CHECKS.iter().map(|check| check.name).collect()
    }

    #[test]
    fn nothing_is_asked_that_no_check_needs() {
        let mut world = World::new();
        world.add(item("aws_vpc.a", "vpc"));
        world.add(cluster("old", "old").delete());
        assert_eq!(questions(&world.deployments, &world.facts(), &all()), Questions::default());
        world.add(cluster("new", "shop").with("version", text("1.35")));
        let tags = [CheckName::Tags].into();
        assert_eq!(questions(&world.deployments, &world.facts(), &tags), Questions::default());
    }

    #[test]
    fn an_addon_is_asked_for_with_the_version_of_its_cluster() {
        let mut world = World::new();
        world.add(cluster("c", "shop").with("version", text("1.35")));
        let addon = item("a", "eks-addon").with("addon_name", text("vpc-cni"));
        world.add(addon.with("cluster_name", text("shop")));
        world.add(item("k", "kms-alias").with("name", text("alias/x")));
        let asked = questions(&world.deployments, &world.facts(), &all());
        let pairs = asked.eks.values().next().unwrap();
        assert_eq!(pairs, &BTreeSet::from([("vpc-cni".to_owned(), "1.35".to_owned())]));
        assert_eq!(asked.aliases.len(), 1);
    }

    #[test]
    fn where_no_version_is_named_the_default_is_asked_for_once_it_is_known() {
        let mut world = World::new();
        world.add(cluster("c", "shop"));
        let addon = item("a", "eks-addon").with("addon_name", text("vpc-cni"));
        world.add(addon.with("cluster_name", text("shop")));
        let known = questions(&world.deployments, &world.facts(), &all());
        assert_eq!(known.eks.values().next().unwrap().len(), 1);
        world.eks = Err("not yet".to_owned());
        let first = questions(&world.deployments, &world.facts(), &all());
        assert!(first.eks.values().next().unwrap().is_empty());
    }
}
