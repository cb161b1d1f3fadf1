//! What a tag's key says, by who writes it: of AWS, of deployers, of controllers in a cluster, of tools that
//! tag everything. The claims ask it for each tag of a thing; what stands in no list here is somebody's claim.
//!
//! The lists are exact, letter by letter, since a stranger may write whatever looks like one of them.

use crate::model::Tags;

/// Keys by which a service says that it made a thing, or keeps it. Users cannot write `aws:` at all.
const OF_SERVICES: &[&str] = &["dlm:managed", "AWSNetworkFirewallManaged"];

/// Keys of AWS that name what a thing was made from, which says nothing of whose it is.
const PROVENANCE: &[&str] = &[
    "aws:ec2launchtemplate:id",
    "aws:ec2launchtemplate:version",
    "aws:ec2:fleet-id",
    "aws:ec2spot:fleet-request-id",
];

/// Keys by which deployers and controllers tell the parts of a network apart (awsx, CDK, EKS).
const LAYOUT: &[&str] = &[
    "SubnetType",
    "aws-cdk:subnet-name",
    "aws-cdk:subnet-type",
    "kubernetes.io/role/elb",
    "kubernetes.io/role/internal-elb",
    "kubernetes.io/role/cni",
];

/// Keys without a cluster's name that EKS and controllers write beside one that has it.
const OF_CONTROLLERS: &[&str] = &[
    "elbv2.k8s.aws/resource",
    "elbv2.k8s.aws/cluster-region",
    "ingress.k8s.aws/stack",
    "ingress.k8s.aws/resource",
    "service.k8s.aws/stack",
    "service.k8s.aws/resource",
    "aga.k8s.aws/stack",
    "aga.k8s.aws/resource",
    "gateway.k8s.aws.alb/stack",
    "gateway.k8s.aws.alb/resource",
    "gateway.k8s.aws.nlb/stack",
    "gateway.k8s.aws.nlb/resource",
    "ingress.eks.amazonaws.com/stack",
    "ingress.eks.amazonaws.com/resource",
    "service.eks.amazonaws.com/stack",
    "service.eks.amazonaws.com/resource",
    "node.k8s.amazonaws.com/instance_id",
    "node.k8s.amazonaws.com/createdAt",
    "node.k8s.amazonaws.com/no_manage",
    "eks:eni:owner",
    "eks:nodegroup-name",
    "eks:kubernetes-node-class-name",
    "eks:kubernetes-node-pool-name",
    "eks:kubernetes-cni-node-name",
    "eks",
    "vpcresources.k8s.aws/trunk-eni-id",
    "vpcresources.k8s.aws/vlan-id",
    "karpenter.sh/nodepool",
    "karpenter.sh/nodeclaim",
    "karpenter.sh/provisioner-name",
    "karpenter.k8s.aws/ec2nodeclass",
    "topology.kubernetes.io/region",
    "kubernetes.io/service-name",
    "kubernetes.io/namespace",
    "kubernetes.io/ingress-name",
    "kubernetes.io/service-port",
    "kubernetes.io/cluster-name",
    "CSIVolumeName",
    "ebs.csi.aws.com/cluster",
    "kubernetes.io/created-for/pvc/name",
    "kubernetes.io/created-for/pvc/namespace",
    "kubernetes.io/created-for/pv/name",
];

/// Keys that an organisation's tools write onto everything, whoever made it.
const AUTOMATIC: &[&str] = &["AutoTag_CreateTime", "AutoTag_InvokedBy", "map-migrated", "maid_status"];

/// Who an organisation's tool says has made a thing.
pub(super) const CREATOR: &str = "AutoTag_Creator";

/// The key of GuardDuty's pair, one endpoint and one group in each VPC.
pub(super) const GUARD_DUTY: &str = "GuardDutyManaged";

/// The Auto Scaling group that keeps an instance.
pub(in crate::judge) const SCALING_GROUP: &str = "aws:autoscaling:groupName";

/// With what the keys begin by which CloudFormation says of which stack a thing is a member.
pub(super) const OF_STACKS: &str = "aws:cloudformation:";

/// The key by which Karpenter finds its ground. Its value is a cluster's name by convention only.
pub(super) const DISCOVERY: &str = "karpenter.sh/discovery";

/// Whether a service claims what carries this key. CloudFormation, Auto Scaling and EKS are asked for by
/// themselves, before; any other key of AWS's own is some service's.
pub(super) fn is_of_a_service(key: &str) -> bool {
    let asked_before = key.starts_with(OF_STACKS) || key == SCALING_GROUP || is_provenance(key);
    (key.starts_with("aws:") && !asked_before) || key.starts_with("velero.io/") || OF_SERVICES.contains(&key)
}

/// Whether the key names what the thing was made from.
pub(super) fn is_provenance(key: &str) -> bool {
    PROVENANCE.contains(&key)
}

/// Whether the tag only tells the parts of a network apart.
pub(super) fn is_layout(key: &str, value: &str) -> bool {
    LAYOUT.contains(&key) || (key == "type" && ["public", "private", "isolated"].contains(&value))
}

/// Whether a controller of a cluster writes the key beside the cluster's name.
pub(super) fn is_of_controllers(key: &str) -> bool {
    OF_CONTROLLERS.contains(&key) || key.starts_with("k8s.io/cluster-autoscaler/")
}

/// Whether the tags say that a node group or a node pool of EKS made the thing.
pub(super) fn are_of_nodes(tags: &Tags) -> bool {
    ["eks:nodegroup-name", "karpenter.sh/nodepool"].into_iter().any(|key| tags.contains_key(key))
}

/// Whether eksctl writes the key onto its stacks, beside the name of the cluster.
/// <https://eksctl.io/usage/schema/#metadata-tags>
pub(super) fn is_of_eksctl(key: &str) -> bool {
    key.starts_with("alpha.eksctl.io/") || key.starts_with("eksctl.cluster.k8s.io/")
}

/// Whether a tool writes the key onto everything.
pub(super) fn is_automatic(key: &str) -> bool {
    AUTOMATIC.contains(&key)
}

/// Whether a value names somebody who acts in AWS, so that it tells whose a thing is.
pub(super) fn is_principal(value: &str) -> bool {
    value.starts_with("arn:") && (value.contains(":iam::") || value.contains(":sts::"))
}
