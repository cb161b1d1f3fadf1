//! The table of all checks: `preflight` runs those that were chosen from it, and the command line prints it.

mod addon_version;
mod ami_type;
mod cluster_autoscaler;
mod cluster_settings;
mod coverage;
mod eks_version;
mod endpoint_access;
mod groups;
mod helm_order;
mod kubernetes;
mod names;
mod network_plugin;
mod node_image;
mod node_routes;
mod pulumi_config;
pub mod quotas;
mod region;
mod self_managed;
mod state_lock;
mod subnet_addresses;
mod tags;
mod texts;
mod user_data;

use std::collections::BTreeSet;

use super::scene::Scene;
use super::{CheckName, Finding};
use crate::policy::nearest;

/// One check.
pub struct Check {
    /// Its name.
    pub name: CheckName,
    /// What it looks at, for people.
    pub looks_at: &'static str,
    /// What it says where there is nothing to look at.
    pub nothing: &'static str,
    /// The check itself; `None` where its findings come from outside.
    pub(super) look: Option<fn(&Scene<'_>) -> Vec<Finding>>,
}

/// All of them, in the order in which they are carried out and told.
pub const CHECKS: &[Check] = &[
    Check {
        name: CheckName::Coverage,
        looks_at: "whether the files tell all that will be made",
        nothing: "no file makes anything",
        look: Some(coverage::look),
    },
    Check {
        name: CheckName::Region,
        looks_at: "whether the regions exist and are enabled for the account",
        nothing: "nothing is made in a region",
        look: Some(region::look),
    },
    Check {
        name: CheckName::Quotas,
        looks_at: "whether what is made fits in the quotas",
        nothing: "no quota was compared",
        look: None,
    },
    Check {
        name: CheckName::Names,
        looks_at: "whether a name that is to be made exists already, and whether an orphan holds it",
        nothing: "nothing is made under a name of its own",
        look: Some(names::look),
    },
    Check {
        name: CheckName::StateLock,
        looks_at: "whether the stack's state is locked, or holds an operation that was not finished",
        nothing: "no state was named with --state",
        look: Some(state_lock::look),
    },
    Check {
        name: CheckName::EksVersion,
        looks_at: "Kubernetes versions: unsupported, in extended support, too old for Auto Mode, newer than the cluster's",
        nothing: "no cluster is made or changed",
        look: Some(eks_version::look),
    },
    Check {
        name: CheckName::ClusterSettings,
        looks_at: "cluster settings that EKS refuses together: Auto Mode half on, an endpoint without any access",
        nothing: "no cluster is made or changed with Auto Mode or with a closed endpoint",
        look: Some(cluster_settings::look),
    },
    Check {
        name: CheckName::AddonVersion,
        looks_at: "whether EKS has the add-on's version for the cluster's version",
        nothing: "no add-on is made or changed",
        look: Some(addon_version::look),
    },
    Check {
        name: CheckName::ClusterAutoscaler,
        looks_at: "whether the cluster-autoscaler is of the cluster's minor version",
        nothing: "no cluster-autoscaler is deployed",
        look: Some(cluster_autoscaler::look),
    },
    Check {
        name: CheckName::AmiType,
        looks_at: "whether EKS takes a node group's AMI type with its Kubernetes version and its instance types",
        nothing: "no node group of a known AMI type is made or changed",
        look: Some(ami_type::look),
    },
    Check {
        name: CheckName::NodeImage,
        looks_at: "whether nodes of a launch template's own image and user data can join the cluster",
        nothing: "no node group or Auto Scaling group of a cluster is made or changed with a launch template",
        look: Some(|scene| [node_image::look(scene), self_managed::look(scene)].concat()),
    },
    Check {
        name: CheckName::NodeRoutes,
        looks_at: "whether nodes can reach out of the subnets that are made for them",
        nothing: "no nodes are made in subnets whose routes the file tells",
        look: Some(node_routes::look),
    },
    Check {
        name: CheckName::SubnetAddresses,
        looks_at: "whether the subnets that are made have the zones and addresses that a cluster and its nodes need",
        nothing: "no cluster and no nodes are made in subnets that the file tells",
        look: Some(subnet_addresses::look),
    },
    Check {
        name: CheckName::EndpointAccess,
        looks_at: "whether releases and objects reach a cluster's endpoint from where the tool runs",
        nothing: "nothing is put from outside into a cluster that is made or changed here",
        look: Some(endpoint_access::look),
    },
    Check {
        name: CheckName::HelmOrder,
        looks_at: "whether workloads of a new cluster wait for its nodes, and those for no network plugin that waits for them",
        nothing: "nothing is deployed into a cluster that is made here",
        look: Some(|scene| [helm_order::look(scene), network_plugin::look(scene)].concat()),
    },
    Check {
        name: CheckName::Tags,
        looks_at: "tags that AWS refuses, and any text of a resource that holds an unresolved output",
        nothing: "nothing of AWS is made or changed with tags",
        look: Some(tags::look),
    },
    Check {
        name: CheckName::PulumiConfig,
        looks_at: "Pulumi.yaml: a provider's key with a `default` or `type` instead of a `value`",
        nothing: "no Pulumi.yaml was named or found beside a preview",
        look: Some(pulumi_config::look),
    },
];

/// The checks that a list names: `names,tags` are these, `-quotas` is all but that one; an empty list is all.
/// The error says what is wrong with the list.
pub fn choose(list: &[String]) -> Result<BTreeSet<CheckName>, String> {
    let all: BTreeSet<CheckName> = CHECKS.iter().map(|check| check.name).collect();
    let begins_with_names = list.first().is_some_and(|word| !word.trim().starts_with('-'));
    let mut chosen = if begins_with_names { BTreeSet::new() } else { all };
    for word in list {
        let word = word.trim();
        match word.strip_prefix('-') {
            Some(name) => chosen.remove(&named(name)?),
            None => chosen.insert(named(word)?),
        };
    }
    if chosen.is_empty() {
        return Err("no check is left".to_owned());
    }
    Ok(chosen)
}

fn named(word: &str) -> Result<CheckName, String> {
    let names = || CHECKS.iter().map(|check| check.name.word());
    if let Some(check) = CHECKS.iter().find(|check| check.name.word() == word) {
        return Ok(check.name);
    }
    Err(match nearest(word, names()) {
        Some(near) => format!("there is no check `{word}`; did you mean `{near}`?"),
        None => format!("there is no check `{word}`; there are: {}", names().collect::<Vec<_>>().join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(list: &str) -> Result<Vec<&'static str>, String> {
        let words: Vec<String> = list.split(',').filter(|it| !it.is_empty()).map(str::to_owned).collect();
        Ok(choose(&words)?.into_iter().map(CheckName::word).collect())
    }

    #[test]
    fn a_list_names_checks_or_leaves_some_out() {
        assert_eq!(chosen("tags,names").unwrap(), ["names", "tags"]);
        assert_eq!(chosen("").unwrap().len(), CHECKS.len());
        let rest = chosen("-quotas,-tags").unwrap();
        assert_eq!(rest.len(), CHECKS.len() - 2);
        assert!(!rest.contains(&"quotas") && !rest.contains(&"tags"));
        assert!(chosen("tags,-tags").is_err(), "nothing would be checked, and that would pass");
    }

    #[test]
    fn a_misspelt_check_is_an_error_with_the_nearest_name() {
        assert!(chosen("tag").unwrap_err().contains("did you mean `tags`?"));
        assert!(chosen("-eks-versions").unwrap_err().contains("did you mean `eks-version`?"));
        assert!(chosen("zzzzzz").unwrap_err().contains("state-lock"));
    }

    #[test]
    fn no_check_stands_twice_in_the_table() {
        let names: BTreeSet<CheckName> = CHECKS.iter().map(|check| check.name).collect();
        assert_eq!(names.len(), CHECKS.len());
    }
}
