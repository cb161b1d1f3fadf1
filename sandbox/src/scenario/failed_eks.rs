//! The story: an EKS stack failed twice and nobody tidied up, so the third attempt gets no address.
//!
//! | who | age | what |
//! | --- | --- | --- |
//! | a stranger | 200 days | a VPC with an instance, a role, a log group, a volume |
//! | `live` | 30 days | a healthy private cluster; it holds no Elastic IP |
//! | `attempt-1` | 2 days | a whole stack; its nodes never joined |
//! | `attempt-2` | 1 day | broken off after its Elastic IPs |

use std::time::Duration;

use serde_json::json;

use super::ScenarioError;
use super::builder::{Builder, days, minutes, tags};
use super::cluster::{add_addon, add_load_balancer, add_nodegroup, add_provider, add_volume, make_cluster};
use super::identity::{add_inline, add_policy, add_profile, make_cluster_role, make_node_role};
use super::network::{
    Network, Owner, Side, add_addresses, add_gateway, add_group, add_nat_gateways, add_route_table,
    add_route_tables, add_subnets, make_vpc,
};
use crate::ec2::unattached;
use crate::stores::eks::Nodes;
use crate::tags::Tags;

/// Tells the whole story.
pub(super) fn tell(builder: &mut Builder) -> Result<(), ScenarioError> {
    builder.world.iam.alias = Some("shop-sandbox".to_owned());
    builder.ago(days(200));
    stranger(builder)?;
    builder.ago(days(30));
    live(builder)?;
    builder.ago(days(2));
    first_attempt(builder)?;
    builder.ago(days(1));
    let abandoned = second_attempt(builder)?;
    use_what_works(builder);
    // Somebody began to tidy up by hand: the tagging API goes on listing this group for a while.
    builder.ago(minutes(10));
    builder.ec2("DeleteSecurityGroup", &[("GroupId", &abandoned)]).map(|_| ())
}

/// The whole story, and services that leave their interfaces alone for a while: right now, and whenever
/// they make or remove one.
pub(super) fn tell_unattached(builder: &mut Builder) -> Result<(), ScenarioError> {
    builder.world.faults.unattached = minutes(10);
    tell(builder)?;
    builder.ago(Duration::ZERO);
    unattached::let_all_go(&mut builder.world);
    Ok(())
}

/// The story up to the second attempt: three of five addresses are taken, and by the first one's leftovers,
/// which also hold names that every attempt gives.
pub(super) fn tell_first(builder: &mut Builder) -> Result<(), ScenarioError> {
    builder.world.iam.alias = Some("shop-sandbox".to_owned());
    builder.ago(days(200));
    stranger(builder)?;
    builder.ago(days(30));
    live(builder)?;
    builder.ago(days(2));
    first_attempt(builder)?;
    fixed_names(builder)?;
    use_what_works(builder);
    Ok(())
}

/// A key for the cluster's secrets under an alias, and the application's log group, whose names do not
/// tell the attempt.
fn fixed_names(builder: &mut Builder) -> Result<(), ScenarioError> {
    let owner = Owner::shop("attempt-1");
    let tags: Vec<_> =
        owner.tags.iter().map(|(key, value)| json!({ "TagKey": key, "TagValue": value })).collect();
    let told = builder.json("kms", "CreateKey", json!({ "Description": "shop secrets", "Tags": tags }))?;
    let key = &told["KeyMetadata"]["KeyId"];
    builder.json("kms", "CreateAlias", json!({ "AliasName": "alias/shop-secrets", "TargetKeyId": key }))?;
    let group = json!({ "logGroupName": "/shop/application", "tags": owner.tags });
    builder.json("logs", "CreateLogGroup", group).map(|_| ())
}

/// Another team's things, some tagged otherwise and some not at all.
fn stranger(builder: &mut Builder) -> Result<(), ScenarioError> {
    let owner =
        Owner { prefix: "billing".into(), tags: tags(&[("Project", "billing"), ("Team", "finance")]) };
    let network = make_vpc(builder, &owner, 9)?;
    let zone = builder.zone(0);
    let params = [("VpcId", network.vpc.as_str()), ("CidrBlock", "10.9.0.0/24"), ("AvailabilityZone", &zone)];
    let told = builder.make("CreateSubnet", &params, ("subnet", &owner.named("api")))?;
    let subnet = told.text("subnetId")?;
    let group = add_group(builder, &network.vpc, "billing-api", &Tags::new())?;
    let params = [
        ("ImageId", "ami-0c0ffee0c0ffee012"),
        ("InstanceType", "t3.small"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("SubnetId", &subnet),
        ("SecurityGroupId.1", &group),
    ];
    builder.make("RunInstances", &params, ("instance", &owner.named("api")))?;
    let trust = crate::stores::iam::service_trust("lambda.amazonaws.com");
    builder.call(
        "iam",
        "CreateRole",
        &[("RoleName", "billing-export"), ("AssumeRolePolicyDocument", &trust)],
    )?;
    builder.json("logs", "CreateLogGroup", json!({ "logGroupName": "/billing/api" }))?;
    let zone = builder.zone(1);
    let params = [("AvailabilityZone", zone.as_str()), ("Size", "100"), ("VolumeType", "gp3")];
    builder.make("CreateVolume", &params, ("volume", &Tags::new()))?;
    builder.wait(minutes(2));
    Ok(())
}

/// The stack that works: no way in from the internet, and none out but an endpoint.
fn live(builder: &mut Builder) -> Result<(), ScenarioError> {
    let owner = Owner::shop("live");
    let mut network = make_vpc(builder, &owner, 3)?;
    add_subnets(builder, &owner, &mut network, 3, Side::Private)?;
    add_route_table(builder, &owner.named("private"), &network.vpc, None, &network.private)?;
    let group = add_group(builder, &network.vpc, "shop-live-endpoints", &owner.named("endpoints"))?;
    let service = format!("com.amazonaws.{}.ecr.api", builder.region);
    let params = [
        ("VpcId", network.vpc.as_str()),
        ("VpcEndpointType", "Interface"),
        ("ServiceName", &service),
        ("SubnetId.1", &network.private[0]),
        ("SubnetId.2", &network.private[1]),
        ("SecurityGroupId.1", &group),
    ];
    builder.make("CreateVpcEndpoint", &params, ("vpc-endpoint", &owner.named("ecr-api")))?;
    let (cluster_role, node_role) = (make_cluster_role(builder, &owner)?, make_node_role(builder, &owner)?);
    add_policy(builder, &owner, &node_role)?;
    let cluster = make_cluster(builder, &owner, &network, &cluster_role)?;
    add_provider(builder, &owner, &cluster)?;
    add_nodegroup(builder, &owner, &network, (&cluster, &node_role), Nodes::Join)?;
    add_load_balancer(builder, &network, &cluster, "internal")
}

/// Everything was made, but the nodes never joined the cluster.
fn first_attempt(builder: &mut Builder) -> Result<(), ScenarioError> {
    let owner = Owner::shop("attempt-1");
    let network = whole_network(builder, &owner, 1)?;
    let cluster_role = make_cluster_role(builder, &owner)?;
    let node_role = make_node_role(builder, &owner)?;
    add_inline(builder, &cluster_role, "metrics")?;
    add_inline(builder, &node_role, "metrics")?;
    add_policy(builder, &owner, &node_role)?;
    add_profile(builder, &owner, &node_role)?;
    let cluster = make_cluster(builder, &owner, &network, &cluster_role)?;
    add_provider(builder, &owner, &cluster)?;
    add_addon(builder, &owner, &cluster)?;
    add_load_balancer(builder, &network, &cluster, "internet-facing")?;
    add_volume(builder, &cluster)?;
    add_nodegroup(builder, &owner, &network, (&cluster, &node_role), Nodes::NeverJoin)
}

/// Three zones, each with a public and a private subnet and a NAT gateway.
fn whole_network(builder: &mut Builder, owner: &Owner, number: u8) -> Result<Network, ScenarioError> {
    let mut network = make_vpc(builder, owner, number)?;
    add_subnets(builder, owner, &mut network, number, Side::Public)?;
    add_subnets(builder, owner, &mut network, number, Side::Private)?;
    let gateway = add_gateway(builder, owner, &network)?;
    let addresses = add_addresses(builder, owner, 3)?;
    add_nat_gateways(builder, owner, &mut network, &addresses)?;
    add_route_tables(builder, owner, &network, &gateway)?;
    // Somebody looked for the fault by hand, and left a route table without tags.
    add_route_table(builder, &Tags::new(), &network.vpc, None, &[])?;
    Ok(network)
}

/// It asked for its third Elastic IP, and there was none. Gives its only security group.
fn second_attempt(builder: &mut Builder) -> Result<String, ScenarioError> {
    let owner = Owner::shop("attempt-2");
    make_cluster_role(builder, &owner)?;
    make_node_role(builder, &owner)?;
    let mut network = make_vpc(builder, &owner, 2)?;
    add_subnets(builder, &owner, &mut network, 2, Side::Public)?;
    add_subnets(builder, &owner, &mut network, 2, Side::Private)?;
    add_gateway(builder, &owner, &network)?;
    let group = add_group(builder, &network.vpc, "shop-attempt-2-cluster", &owner.named("cluster"))?;
    add_addresses(builder, &owner, 2)?;
    Ok(group)
}

/// The healthy stack's roles and the stranger's were used until the end, the others' not since
/// their failure; and everybody's logs have grown.
fn use_what_works(builder: &mut Builder) {
    builder.ago(minutes(20));
    let now = builder.world.clock.now();
    let region = builder.region.clone();
    for role in builder.world.iam.roles.values_mut() {
        if role.name.starts_with("shop-live-") || role.name.starts_with("billing-") {
            role.last_used = Some((now, region.clone()));
        }
    }
    const MEGABYTE: u64 = 1024 * 1024;
    for (name, group) in &mut builder.world.region(&region).logs.groups {
        group.stored_bytes = match name.contains("attempt-1") {
            true => 180 * MEGABYTE,
            false => 2600 * MEGABYTE,
        };
    }
}

#[cfg(test)]
mod tests;
