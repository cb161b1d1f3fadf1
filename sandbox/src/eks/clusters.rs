//! Clusters: create, describe, list, delete, with the group and the interfaces that EKS makes for them.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use super::request::{Body, page};
use super::{in_use, invalid_parameter, json as render, limit_exceeded, no_cluster, roles, versions};
use crate::ec2::held::{self, PublicAddress, ServiceInterface};
use crate::ec2::make_interfaces::{free_addresses, release_interface};
use crate::ec2::security_groups::make_security_group;
use crate::ec2::unattached;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::stores::ec2::SecurityGroup;
use crate::stores::eks::{Cluster, ClusterStatus, Issue};
use crate::tags::Tags;
use crate::world::{Pace, World};

/// How long a cluster is CREATING. AWS tells "several minutes":
/// <https://docs.aws.amazon.com/eks/latest/userguide/create-cluster.html>.
pub const CREATION: Duration = Duration::from_secs(8 * 60);

/// How long a cluster is DELETING. No page tells it; commonly seen are three to five minutes.
/// <https://docs.aws.amazon.com/eks/latest/userguide/delete-cluster.html>
pub const DELETION: Duration = Duration::from_secs(4 * 60);

/// How long the control plane's interfaces, and with them the cluster's own group, outlast the cluster.
/// They are requester-managed, so only EKS removes them:
/// <https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html>. The time is customary.
pub const INTERFACES_LINGER: Duration = Duration::from_secs(60);

/// How many interfaces EKS makes for a control plane: "2–4":
/// <https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html>.
const INTERFACES: usize = 2;

/// What a cluster is created from.
#[derive(Debug, Clone, Default)]
pub struct NewCluster {
    /// Its name, unique in its region.
    pub name: String,
    /// The ARN of its IAM role.
    pub role_arn: String,
    /// Kubernetes version; `None`: the default one.
    pub version: Option<String>,
    /// Subnets in at least two availability zones of one VPC.
    pub subnets: BTreeSet<String>,
    /// Groups of the control plane's interfaces, beside the one that EKS makes.
    pub groups: BTreeSet<String>,
    /// `deletionProtection`.
    pub deletion_protection: bool,
    /// `clientRequestToken`.
    pub client_request_token: Option<String>,
    /// Its tags. They reach nothing else.
    pub tags: Tags,
}

impl NewCluster {
    fn from_body(body: &Body) -> AwsResult<Self> {
        let network = body.object("resourcesVpcConfig");
        Ok(Self {
            name: body.required("name")?,
            role_arn: body.required("roleArn")?,
            version: body.text("version"),
            subnets: network.texts("subnetIds").into_iter().collect(),
            groups: network.texts("securityGroupIds").into_iter().collect(),
            deletion_protection: body.truth("deletionProtection"),
            client_request_token: body.text("clientRequestToken"),
            tags: body.map("tags"),
        })
    }
}

/// CreateCluster: <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html>.
pub(super) fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    create_cluster(world, &ctx.region, NewCluster::from_body(&Body::of(ctx))?, Pace::AsAws)?;
    describe(world, ctx)
}

/// Creates a cluster as CreateCluster does, in AWS's time or at once.
pub(crate) fn create_cluster(world: &mut World, region: &str, new: NewCluster, pace: Pace) -> AwsResult<()> {
    if let Some(standing) = world.region(region).eks.clusters.get(&new.name) {
        // The same token and parameters are the same request (the page of CreateCluster).
        if new.client_request_token.is_some() && standing.client_request_token == new.client_request_token {
            return Ok(());
        }
        return Err(in_use(format!("Cluster already exists with name: {}", new.name)));
    }
    check_name(&new.name)?;
    let most = world.quotas.limit(region, table::CLUSTERS);
    if world.region(region).eks.clusters.len() >= most {
        // The error's code is the page's; its sentence is not documented.
        return Err(limit_exceeded("Cluster limit exceeded."));
    }
    let version = versions::for_new_cluster(world.clock.now(), new.version.as_deref())?;
    roles::check(world, &new.role_arn)?;
    let new = NewCluster { version: Some(version.to_owned()), ..new };
    let vpc = check_network(world, region, &new)?;
    let name = new.name.clone();
    let cluster = make(world, region, new, vpc)?;
    world.region(region).eks.clusters.insert(name.clone(), cluster);
    let region = region.to_owned();
    pace.then(world, CREATION, move |world| {
        if let Some(cluster) = world.region(&region).eks.clusters.get_mut(&name)
            && cluster.status == ClusterStatus::Creating
        {
            cluster.status = ClusterStatus::Active;
            cluster.served = true;
        }
    });
    Ok(())
}

/// What a name may be is told by the page of CreateCluster.
fn check_name(name: &str) -> AwsResult<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if begins && name.len() <= 100 && name.bytes().all(allowed) {
        return Ok(());
    }
    Err(invalid_parameter(format!("The cluster name '{name}' is not valid")))
}

/// The VPC of the subnets, which must exist, lie in one VPC and in two zones or more:
/// <https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html>.
fn check_network(world: &mut World, region: &str, new: &NewCluster) -> AwsResult<String> {
    let ec2 = &world.region(region).ec2;
    let (mut vpcs, mut zones) = (BTreeSet::new(), BTreeSet::new());
    for id in &new.subnets {
        let Some(subnet) = ec2.subnets.get(id) else {
            return Err(invalid_parameter(format!("The subnet ID '{id}' does not exist")));
        };
        if free_addresses(ec2, id) == 0 {
            return Err(invalid_parameter(format!("The subnet '{id}' has no free addresses")));
        }
        vpcs.insert(subnet.vpc.clone());
        zones.insert(subnet.zone.clone());
    }
    if zones.len() < 2 {
        return Err(invalid_parameter("Subnets specified must be in at least two different AZs"));
    }
    let (Some(vpc), true) = (vpcs.pop_first(), vpcs.is_empty()) else {
        return Err(invalid_parameter("Subnets specified must be in one VPC"));
    };
    // With the cluster's own group that makes the five that an interface can have:
    // https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
    if new.groups.len() > 4 {
        return Err(invalid_parameter("No more than 4 security groups can be specified"));
    }
    for id in &new.groups {
        if ec2.security_groups.get(id).is_none_or(|group| group.vpc != vpc) {
            return Err(invalid_parameter(format!("The security group '{id}' does not exist in {vpc}")));
        }
    }
    Ok(vpc)
}

fn make(world: &mut World, region: &str, new: NewCluster, vpc: String) -> AwsResult<Cluster> {
    let cluster_group = make_group(world, region, &new.name, &vpc)?;
    let interfaces = make_interfaces(world, region, &new, &cluster_group)?;
    let identity = world.ids.hex(32).to_uppercase();
    Ok(Cluster {
        arn: format!("arn:aws:eks:{region}:{}:cluster/{}", world.account, new.name),
        created: world.clock.now(),
        version: new.version.unwrap_or_default(),
        name: new.name,
        role_arn: new.role_arn,
        vpc,
        subnets: new.subnets,
        groups: new.groups,
        cluster_group,
        interfaces,
        identity,
        status: ClusterStatus::Creating,
        served: false,
        deletion_protection: new.deletion_protection,
        client_request_token: new.client_request_token,
        issues: Vec::new(),
        failing_deletions: 0,
        nodegroups: Default::default(),
        addons: Default::default(),
        fargate_profiles: Default::default(),
        access_entries: Default::default(),
        associations: Default::default(),
        tags: new.tags,
    })
}

/// The cluster security group, with the name and tags that EKS gives it:
/// <https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html>.
fn make_group(world: &mut World, region: &str, cluster: &str, vpc: &str) -> AwsResult<String> {
    let digits = u64::from_str_radix(&world.ids.hex(8), 16).unwrap_or_default();
    let name = format!("eks-cluster-sg-{cluster}-{digits:010}");
    let group = SecurityGroup {
        vpc: vpc.to_owned(),
        description: "EKS created security group applied to ENI that is attached to EKS Control Plane \
                      master nodes, as well as any managed workloads."
            .to_owned(),
        tags: Tags::from([
            (format!("kubernetes.io/cluster/{cluster}"), "owned".to_owned()),
            ("aws:eks:cluster-name".to_owned(), cluster.to_owned()),
            ("Name".to_owned(), name.clone()),
        ]),
        name,
        ..Default::default()
    };
    let id = make_security_group(world, region, group)?;
    held::allow_from_itself(world, region, &id);
    Ok(id)
}

/// The control plane's interfaces, in subnets of different zones as far as there are.
fn make_interfaces(
    world: &mut World,
    region: &str,
    new: &NewCluster,
    cluster_group: &str,
) -> AwsResult<Vec<String>> {
    let ec2 = &world.region(region).ec2;
    let mut zones = BTreeSet::new();
    let (first, rest): (Vec<_>, Vec<_>) = new
        .subnets
        .iter()
        .cloned()
        .partition(|id| ec2.subnets.get(id).is_some_and(|subnet| zones.insert(subnet.zone.clone())));
    let mut groups = new.groups.clone();
    groups.insert(cluster_group.to_owned());
    first
        .into_iter()
        .chain(rest)
        .take(INTERFACES)
        .map(|subnet| {
            let interface = ServiceInterface {
                subnet,
                description: format!("Amazon EKS {}", new.name),
                interface_type: "interface",
                requester: "amazon-eks",
                attached_by: "amazon-aws",
                groups: groups.clone(),
                public: PublicAddress::No,
            };
            held::make_for_service(world, region, interface)
        })
        .collect()
}

/// DescribeCluster: <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html>.
pub(super) fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let cluster = find(world, &ctx.region, &Body::of(ctx).required("name")?)?;
    Ok(json!({ "cluster": render::cluster(&ctx.region, cluster) }).into())
}

/// ListClusters: <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListClusters.html>.
pub(super) fn list(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let names = world.region(&ctx.region).eks.clusters.keys().cloned().collect();
    page("clusters", names, &Body::of(ctx)).map(Answer::from)
}

/// DeleteCluster, with what refuses it:
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DeleteCluster.html>.
pub(super) fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = Body::of(ctx).required("name")?;
    let cluster = find(world, &ctx.region, &name)?;
    refuse_deletion(cluster)?;
    cluster.status = ClusterStatus::Deleting;
    cluster.issues.clear();
    let answer = json!({ "cluster": render::cluster(&ctx.region, cluster) });
    let interfaces = cluster.interfaces.clone();
    unattached::let_go_before(world, &ctx.region, &interfaces, DELETION);
    let region = ctx.region.clone();
    world.after(DELETION, move |world| finish_deletion(world, &region, &name));
    Ok(answer.into())
}

fn refuse_deletion(cluster: &Cluster) -> AwsResult<()> {
    let name = &cluster.name;
    // https://docs.aws.amazon.com/eks/latest/userguide/deletion-protection.html
    if cluster.deletion_protection {
        return Err(AwsError::new(
            "InvalidRequestException",
            format!("Cluster {name} can't be deleted because deletion protection is enabled."),
        ));
    }
    match cluster.status {
        ClusterStatus::Creating | ClusterStatus::Updating => {
            return Err(in_use(format!(
                "Cannot delete because cluster {name} currently has an update in progress"
            )));
        }
        // No page tells the answer to a second call: the stricter of the two possible ones.
        ClusterStatus::Deleting => {
            return Err(in_use(format!("Cannot delete because cluster {name} is being deleted")));
        }
        ClusterStatus::Active | ClusterStatus::Failed => {}
    }
    // Whatever its state, a node group has to be deleted first:
    // https://docs.aws.amazon.com/eks/latest/userguide/delete-cluster.html
    if !cluster.nodegroups.is_empty() {
        return Err(in_use("Cluster has nodegroups attached"));
    }
    // The same page; the sentence is AWS's, seen in kubernetes-sigs/cluster-api-provider-aws#4728. Whether a
    // profile that is being deleted holds the cluster no page tells: the stricter belief is taken.
    if !cluster.fargate_profiles.is_empty() {
        return Err(in_use("Cluster has Fargate Profiles in ACTIVE/CREATING state"));
    }
    Ok(())
}

fn finish_deletion(world: &mut World, region: &str, name: &str) {
    let Ok(record) = find(world, region, name).cloned() else { return };
    let missing_role = roles::issue_of_cluster(world, &record);
    if missing_role.is_some() || record.failing_deletions > 0 {
        unattached::take_back(world, region, &record.interfaces);
    }
    let clusters = &mut world.region(region).eks.clusters;
    let Some(cluster) = clusters.get_mut(name) else { return };
    if let Some(issue) = missing_role {
        cluster.status = ClusterStatus::Failed;
        cluster.issues = vec![issue];
        return;
    }
    if cluster.failing_deletions > 0 {
        cluster.failing_deletions -= 1;
        cluster.status = ClusterStatus::Failed;
        cluster.issues = vec![Issue {
            code: "InternalFailure".to_owned(),
            message: "The cluster could not be deleted.".to_owned(),
            resources: vec![cluster.name.clone()],
        }];
        return;
    }
    let Some(cluster) = clusters.remove(name) else { return };
    let region = region.to_owned();
    world.after(INTERFACES_LINGER, move |world| {
        for interface in &cluster.interfaces {
            release_interface(world, &region, interface);
        }
        // A group that something else still holds stays behind:
        // https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
        held::remove_group_if_free(world, &region, &cluster.cluster_group);
    });
}

/// The cluster of this name, or EKS's refusal.
pub(super) fn find<'world>(
    world: &'world mut World,
    region: &str,
    name: &str,
) -> AwsResult<&'world mut Cluster> {
    world.region(region).eks.clusters.get_mut(name).ok_or_else(|| no_cluster(name))
}
