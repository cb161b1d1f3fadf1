//! Many failed stacks in several regions: for measuring how fast a scan and a run are.

use serde_json::json;

use super::ScenarioError;
use super::builder::{Builder, days, minutes};
use super::cluster::{add_groups, add_launch_template};
use super::identity::{add_inline, add_policy, add_profile, make_cluster_role, make_node_role};
use super::network::{
    Network, Owner, Side, add_addresses, add_gateway, add_nat_gateways, add_route_tables, add_subnets,
    make_vpc,
};
use crate::quotas::table;

/// Where the stacks are.
const REGIONS: [&str; 4] = ["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-2"];

/// How many there are in each region. One NAT gateway each, by turns in three zones:
/// more than fifteen would break the quota of five per zone.
const STACKS: u8 = 12;

/// Tells it.
pub(super) fn tell(builder: &mut Builder) -> Result<(), ScenarioError> {
    builder.ago(days(5));
    for (place, region) in REGIONS.iter().enumerate() {
        builder.region = (*region).to_owned();
        for code in [table::ADDRESSES, table::VPCS, table::INTERNET_GATEWAYS] {
            builder.world.quotas.apply(region, code, 100.0);
        }
        for number in 0..STACKS {
            stack(builder, &format!("try-{}-{number}", place + 1), number)?;
        }
    }
    Ok(())
}

/// One failed stack: no cluster, but all around it.
fn stack(builder: &mut Builder, suffix: &str, number: u8) -> Result<(), ScenarioError> {
    let owner = Owner::shop(suffix);
    let network = network(builder, &owner, number)?;
    let (_, nodes) = add_groups(builder, &owner, &network)?;
    add_launch_template(builder, &owner)?;
    let cluster_role = make_cluster_role(builder, &owner)?;
    let node_role = make_node_role(builder, &owner)?;
    add_inline(builder, &cluster_role, "metrics")?;
    add_policy(builder, &owner, &node_role)?;
    add_profile(builder, &owner, &node_role)?;
    let group = format!("/{}/bootstrap", owner.prefix);
    builder.json("logs", "CreateLogGroup", json!({ "logGroupName": group, "tags": owner.tags }))?;
    let params = [
        ("ImageId", "ami-0c0ffee0c0ffee012"),
        ("InstanceType", "t3.small"),
        ("MinCount", "2"),
        ("MaxCount", "2"),
        ("SubnetId", &network.private[0]),
        ("SecurityGroupId.1", &nodes),
    ];
    builder.make("RunInstances", &params, ("instance", &owner.named("bastion")))?;
    builder.wait(minutes(2));
    Ok(())
}

fn network(builder: &mut Builder, owner: &Owner, number: u8) -> Result<Network, ScenarioError> {
    let mut network = make_vpc(builder, owner, number + 1)?;
    add_subnets(builder, owner, &mut network, number + 1, Side::Public)?;
    add_subnets(builder, owner, &mut network, number + 1, Side::Private)?;
    let gateway = add_gateway(builder, owner, &network)?;
    let addresses = add_addresses(builder, owner, 1)?;
    // The NAT gateway goes to the first public subnet: take turns among the zones.
    network.public.rotate_left(usize::from(number) % 3);
    add_nat_gateways(builder, owner, &mut network, &addresses)?;
    add_route_tables(builder, owner, &network, &gateway)?;
    Ok(network)
}
