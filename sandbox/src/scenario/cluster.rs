//! EKS clusters with their nodes, and what their controllers make without the stack's tags.

use serde_json::{Value, json};

use super::ScenarioError;
use super::builder::{Builder, minutes, tags};
use super::identity::Role;
use super::network::{Network, Owner, add_group, let_in};
use crate::eks::versions::is_supported;
use crate::stores::eks::Nodes;

/// The Kubernetes version of every cluster, while EKS supports it.
const VERSION: &str = "1.35";

/// A cluster and the groups around it.
#[derive(Debug, Clone)]
pub(super) struct Cluster {
    pub(super) name: String,
    pub(super) node_group: String,
}

/// Two security groups that name each other: the control plane's and the nodes'.
pub(super) fn add_groups(
    builder: &mut Builder,
    owner: &Owner,
    network: &Network,
) -> Result<(String, String), ScenarioError> {
    let mut made = Vec::new();
    for thing in ["eksClusterSecurityGroup", "nodeSecurityGroup"] {
        let name = builder.pulumi_name(&format!("{}-{thing}", owner.prefix));
        made.push(add_group(builder, &network.vpc, &name, &owner.named(thing))?);
    }
    let (plane, nodes) = (made[0].clone(), made[1].clone());
    let_in(builder, &plane, &nodes, ("443", "443"))?;
    let_in(builder, &nodes, &plane, ("1025", "65535"))?;
    let_in(builder, &nodes, &nodes, ("0", "65535"))?;
    Ok((plane, nodes))
}

/// A cluster in the network's subnets; waits until it is active.
pub(super) fn make_cluster(
    builder: &mut Builder,
    owner: &Owner,
    network: &Network,
    role: &Role,
) -> Result<Cluster, ScenarioError> {
    let (plane, nodes) = add_groups(builder, owner, network)?;
    let name = builder.pulumi_name(&format!("{}-eksCluster", owner.prefix));
    // A story that is told at another time begins with what EKS gives to whoever names no version.
    let version = is_supported(builder.world.clock.now(), VERSION).then_some(VERSION);
    let subnets: Vec<&String> = network.public.iter().chain(&network.private).collect();
    let input = json!({
        "name": name,
        "version": version,
        "roleArn": role.arn,
        "resourcesVpcConfig": { "subnetIds": subnets, "securityGroupIds": [plane] },
        "tags": owner.tags,
    });
    builder.json("eks", "CreateCluster", input)?;
    builder.wait(minutes(12));
    // EKS itself makes the group for its log, without tags:
    // https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
    builder.json("logs", "CreateLogGroup", json!({ "logGroupName": format!("/aws/eks/{name}/cluster") }))?;
    Ok(Cluster { name, node_group: nodes })
}

/// The OIDC provider of the cluster's issuer.
pub(super) fn add_provider(
    builder: &mut Builder,
    owner: &Owner,
    cluster: &Cluster,
) -> Result<(), ScenarioError> {
    let told = builder.json("eks", "DescribeCluster", json!({ "name": cluster.name }))?;
    let issuer = told["cluster"]["identity"]["oidc"]["issuer"].as_str().unwrap_or_default();
    let params = [("Url", issuer), ("ClientIDList.member.1", "sts.amazonaws.com")];
    builder.make_tagged("iam", "CreateOpenIDConnectProvider", &params, &owner.tags).map(|_| ())
}

/// The VPC CNI as an add-on.
pub(super) fn add_addon(
    builder: &mut Builder,
    owner: &Owner,
    cluster: &Cluster,
) -> Result<(), ScenarioError> {
    let input = json!({ "clusterName": cluster.name, "addonName": "vpc-cni", "tags": owner.tags });
    builder.json("eks", "CreateAddon", input).map(|_| ())
}

/// A launch template of the owner's.
pub(super) fn add_launch_template(builder: &mut Builder, owner: &Owner) -> Result<Value, ScenarioError> {
    let name = builder.pulumi_name(&format!("{}-node-template", owner.prefix));
    let params = [
        ("LaunchTemplateName", name.as_str()),
        ("LaunchTemplateData.InstanceType", "t3.medium"),
        ("LaunchTemplateData.MetadataOptions.HttpTokens", "required"),
    ];
    let tags = owner.named("node-template");
    let id = builder.make("CreateLaunchTemplate", &params, ("launch-template", &tags))?;
    Ok(json!({ "id": id.text("launchTemplateId")?, "version": "1" }))
}

/// A node group of two nodes; waits until its end is decided.
pub(super) fn add_nodegroup(
    builder: &mut Builder,
    owner: &Owner,
    network: &Network,
    (cluster, role): (&Cluster, &Role),
    nodes: Nodes,
) -> Result<(), ScenarioError> {
    let name = builder.pulumi_name(&format!("{}-nodeGroup", owner.prefix));
    let template = add_launch_template(builder, owner)?;
    let region = builder.region.clone();
    builder.world.region(&region).eks.nodes = nodes;
    let input = json!({
        "clusterName": cluster.name,
        "nodegroupName": name,
        "nodeRole": role.arn,
        "subnets": network.private,
        "launchTemplate": template,
        "scalingConfig": { "minSize": 1, "maxSize": 3, "desiredSize": 2 },
        "tags": owner.tags,
    });
    builder.json("eks", "CreateNodegroup", input)?;
    builder.wait(minutes(30));
    builder.world.region(&region).eks.nodes = Nodes::Join;
    Ok(())
}

/// An application load balancer, its target group and its security group, as the AWS Load
/// Balancer Controller makes them for an Ingress: with the controller's tags only.
/// <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/>.
pub(super) fn add_load_balancer(
    builder: &mut Builder,
    network: &Network,
    cluster: &Cluster,
    scheme: &str,
) -> Result<(), ScenarioError> {
    let mut marks = tags(&[
        ("elbv2.k8s.aws/cluster", cluster.name.as_str()),
        ("ingress.k8s.aws/stack", "shop/web"),
        ("ingress.k8s.aws/resource", "ManagedLBSecurityGroup"),
    ]);
    let name = format!("k8s-shop-web-{}", builder.world.ids.hex(10));
    let group = add_group(builder, &network.vpc, &name, &marks)?;
    let_in(builder, &cluster.node_group, &group, ("8080", "8080"))?;
    marks.insert("ingress.k8s.aws/resource".into(), "LoadBalancer".into());
    let subnets = if scheme == "internal" { &network.private } else { &network.public };
    let params = [
        ("Name", name.as_str()),
        ("Type", "application"),
        ("Scheme", scheme),
        ("SecurityGroups.member.1", &group),
        ("Subnets.member.1", &subnets[0]),
        ("Subnets.member.2", &subnets[1]),
        ("Subnets.member.3", &subnets[2]),
    ];
    let told = builder.make_tagged("elasticloadbalancing", "CreateLoadBalancer", &params, &marks)?;
    let balancer = told.text("LoadBalancerArn")?;
    marks.insert("ingress.k8s.aws/resource".into(), "shop/web-web:8080".into());
    let params = [
        ("Name", name.as_str()),
        ("Protocol", "HTTP"),
        ("Port", "8080"),
        ("VpcId", &network.vpc),
        ("TargetType", "ip"),
    ];
    let told = builder.make_tagged("elasticloadbalancing", "CreateTargetGroup", &params, &marks)?;
    let target = told.text("TargetGroupArn")?;
    let params = [
        ("LoadBalancerArn", balancer.as_str()),
        ("Protocol", "HTTP"),
        ("Port", "80"),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.TargetGroupArn", &target),
    ];
    builder.call("elasticloadbalancing", "CreateListener", &params)?;
    builder.wait(minutes(3));
    Ok(())
}

/// A volume that the EBS CSI driver made for a claim, and that nothing uses any more:
/// <https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md>.
pub(super) fn add_volume(builder: &mut Builder, cluster: &Cluster) -> Result<(), ScenarioError> {
    let id = builder.world.ids.hex(32);
    let claim = format!("pvc-{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]);
    let owned = format!("kubernetes.io/cluster/{}", cluster.name);
    let tags = tags(&[
        ("CSIVolumeName", claim.as_str()),
        ("ebs.csi.aws.com/cluster", "true"),
        (owned.as_str(), "owned"),
        ("kubernetes.io/created-for/pv/name", claim.as_str()),
        ("kubernetes.io/created-for/pvc/name", "data-orders-db-0"),
        ("kubernetes.io/created-for/pvc/namespace", "shop"),
    ]);
    let zone = builder.zone(0);
    let params = [("AvailabilityZone", zone.as_str()), ("Size", "20"), ("VolumeType", "gp3")];
    builder.make("CreateVolume", &params, ("volume", &tags))?;
    builder.wait(minutes(1));
    Ok(())
}
