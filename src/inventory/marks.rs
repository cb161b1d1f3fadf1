//! Reads the marks that tools and AWS put on resources: tells judge, closure and the calls of
//! some kinds which cluster or CloudFormation stack made one.
//!
//! Tag keys and their setters: the documentation of EKS ("tag your resources"), of the AWS Load Balancer
//! Controller, the EBS CSI driver, the VPC CNI, Karpenter, eksctl and Kubernetes' AWS cloud provider.

use crate::model::{Resource, words::fact};

/// Tags whose value is the name of the cluster that owns the resource.
const BY_VALUE: &[&str] = &[
    "elbv2.k8s.aws/cluster",
    "ingress.k8s.aws/cluster",
    "ebs.csi.aws.com/cluster-name",
    "KubernetesCluster",
    "cluster.k8s.amazonaws.com/name",
    "eks:cluster-name",
    "eks:eks-cluster-name",
    "aws:eks:cluster-name",
    "alpha.eksctl.io/cluster-name",
    "eksctl.cluster.k8s.io/v1alpha1/cluster-name",
];

/// Tags whose key ends in the name of the cluster and whose value says `owned` or `shared`.
const BY_KEY: &[&str] =
    &["kubernetes.io/cluster/", "k8s.io/cluster/", "sigs.k8s.io/cluster-api-provider-aws/cluster/"];

/// Marks that only EKS or a controller in the cluster writes: nobody has them in a configuration.
const BY_CONTROLLER: &[&str] = &[
    "elbv2.k8s.aws/cluster",
    "ingress.k8s.aws/cluster",
    "cluster.k8s.amazonaws.com/name",
    "eks:cluster-name",
    "eks:eks-cluster-name",
    "aws:eks:cluster-name",
];

/// How a cluster stands to a resource, by the resource's own marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hold {
    /// The cluster, or something that runs on it, made it: it is to go with the cluster.
    Owned,
    /// The cluster uses it and others may: it must outlive the cluster.
    Shared,
}

/// A mark that names a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClusterMark {
    /// How it stands to it.
    pub hold: Hold,
    /// The cluster's name.
    pub cluster: String,
    /// The mark, for people: `tag kubernetes.io/cluster/demo=owned`.
    pub mark: String,
    /// Whether only EKS or a controller of the cluster can have written it.
    pub by_controller: bool,
}

/// Every cluster that the resource's own marks name, the owning ones first.
pub(crate) fn claims(resource: &Resource) -> Vec<ClusterMark> {
    let mut claims: Vec<ClusterMark> =
        resource.tags.iter().filter_map(|(key, value)| claim(key, value)).collect();
    if let Some(cluster) = resource.facts.get(fact::CLUSTER) {
        let mark = format!("its description names cluster {cluster}");
        claims.push(ClusterMark { hold: Hold::Owned, cluster: cluster.clone(), mark, by_controller: false });
    }
    claims.sort();
    claims
}

/// The cluster that one tag names, if it is a mark.
pub(crate) fn claim(key: &str, value: &str) -> Option<ClusterMark> {
    let mark = format!("tag {key}={value}");
    let by_controller = BY_CONTROLLER.contains(&key);
    if BY_VALUE.contains(&key) && !value.is_empty() {
        return Some(ClusterMark { hold: Hold::Owned, cluster: value.to_owned(), mark, by_controller });
    }
    let cluster =
        BY_KEY.iter().find_map(|prefix| key.strip_prefix(prefix)).filter(|name| !name.is_empty())?;
    // Anything but the word `owned` is read as shared: the reading that deletes less.
    let hold = if value == "owned" { Hold::Owned } else { Hold::Shared };
    Some(ClusterMark { hold, cluster: cluster.to_owned(), mark, by_controller })
}

/// The node group that made the resource, as the id of one.
pub(crate) fn node_group(resource: &Resource) -> Option<String> {
    let cluster = resource.tags.get("eks:cluster-name")?;
    let group = resource.tags.get("eks:nodegroup-name")?;
    Some(format!("{cluster}/{group}"))
}

/// The CloudFormation stack that the resource is a member of. Users cannot write `aws:` tags: this mark is AWS's own.
pub(crate) fn cloudformation_stack(resource: &Resource) -> Option<&str> {
    resource.tags.get("aws:cloudformation:stack-name").map(String::as_str)
}

/// The id of that stack: names are used again, ids are not.
pub(crate) fn cloudformation_stack_id(resource: &Resource) -> Option<&str> {
    resource.tags.get("aws:cloudformation:stack-id").map(String::as_str)
}

/// The cluster that eksctl made the resource for.
pub(crate) fn eksctl_cluster(resource: &Resource) -> Option<&str> {
    let keys = ["alpha.eksctl.io/cluster-name", "eksctl.cluster.k8s.io/v1alpha1/cluster-name"];
    keys.iter().find_map(|key| resource.tags.get(*key)).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Key, KindName, Region};

    #[track_caller]
    fn claims_of(tags: &[(&str, &str)]) -> Vec<(Hold, String)> {
        let mut it = Resource::new(Key::new(KindName::of("volume"), Region::new("us-east-1"), "vol-1"));
        it.tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        claims(&it).into_iter().map(|claim| (claim.hold, claim.cluster)).collect()
    }

    #[test]
    fn owned_and_shared_are_told_apart() {
        assert_eq!(claims_of(&[("kubernetes.io/cluster/demo", "owned")]), [(Hold::Owned, "demo".to_owned())]);
        assert_eq!(
            claims_of(&[("kubernetes.io/cluster/demo", "shared")]),
            [(Hold::Shared, "demo".to_owned())]
        );
        assert_eq!(claims_of(&[("kubernetes.io/cluster/demo", "")]), [(Hold::Shared, "demo".to_owned())]);
        assert_eq!(claims_of(&[("elbv2.k8s.aws/cluster", "demo")]), [(Hold::Owned, "demo".to_owned())]);
    }

    #[test]
    fn discovery_tags_and_empty_names_are_no_ownership() {
        assert!(claims_of(&[("karpenter.sh/discovery", "demo"), ("kubernetes.io/role/elb", "1")]).is_empty());
        assert!(claims_of(&[("kubernetes.io/cluster/", "owned"), ("eks:cluster-name", "")]).is_empty());
    }
}
