//! Instance Connect endpoints: a way in to machines without a public address, by an interface of AWS's in a subnet.

use std::collections::BTreeSet;
use std::time::Duration;

use super::describe::{Kind, Pages, View, describe, one};
use super::make_interfaces::{default_group, release_interface, service_attachment};
use super::noun::{INSTANCE_CONNECT_ENDPOINT, SUBNET};
use super::tags::checked;
use super::unattached;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::stores::ec2::{InstanceConnectEndpoint, Interface};
use crate::world::World;
use crate::xml::Xml;

/// Until a new one is `create-complete`: minutes, customary knowledge.
pub(crate) const CREATE_TAKES: Duration = Duration::from_secs(4 * 60);

/// Until a deleted one is gone with its interface: minutes, customary knowledge.
pub(crate) const DELETE_TAKES: Duration = Duration::from_secs(4 * 60);

/// How long a deleted one is still described; customary.
const ROW_STAYS: Duration = Duration::from_secs(10 * 60);

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateInstanceConnectEndpoint", create),
    ("DeleteInstanceConnectEndpoint", delete),
    ("DescribeInstanceConnectEndpoints", |world, ctx| describe(world, ctx, &KIND)),
];

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceConnectEndpoints.html>
static KIND: Kind<InstanceConnectEndpoint> = Kind {
    noun: &INSTANCE_CONNECT_ENDPOINT,
    ids: "InstanceConnectEndpointId",
    set: "instanceConnectEndpointSet",
    pages: Pages::Of(50),
    facts: &[
        ("instance-connect-endpoint-id", |_, id, _| one(id)),
        ("state", |_, _, it| one(&it.state)),
        ("subnet-id", |_, _, it| one(&it.subnet)),
        ("vpc-id", |_, _, it| one(&it.vpc)),
    ],
    tags: |it| &it.tags,
    records: |ec2| &ec2.instance_connect_endpoints,
    write,
};

fn write(view: &View<'_>, xml: &mut Xml, id: &str, it: &InstanceConnectEndpoint) {
    let arn = format!("arn:aws:ec2:{}:{}:instance-connect-endpoint/{id}", view.region, view.account);
    xml.text("ownerId", view.account).text("instanceConnectEndpointId", id);
    xml.text("instanceConnectEndpointArn", arn).text("state", &it.state);
    xml.texts("networkInterfaceIdSet", [&it.interface]).text("vpcId", &it.vpc).text("subnetId", &it.subnet);
    xml.maybe("createdAt", it.created).texts("securityGroupIdSet", &it.groups).tags(&it.tags);
}

fn answered(world: &mut World, region: &str, id: &str) -> Answer {
    let view = View::of(world, region);
    let mut xml = Xml::new();
    let it = view.ec2.instance_connect_endpoints.get(id).cloned().unwrap_or_default();
    xml.node("instanceConnectEndpoint", |inside| write(&view, inside, id, &it));
    xml.into()
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInstanceConnectEndpoint.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let subnet = ctx.params.required("SubnetId")?;
    let tags = checked(ctx.params.tag_specifications("instance-connect-endpoint"))?;
    let (id, now) = (world.ids.ec2("eice"), world.clock.now());
    let ec2 = &world.region(&ctx.region).ec2;
    let vpc = SUBNET.find(subnet, &ec2.subnets)?.vpc.clone();
    let named: BTreeSet<String> = ctx.params.list("SecurityGroupId").into_iter().collect();
    let groups = if named.is_empty() { default_group(ec2, &vpc) } else { named };
    let spec = Interface {
        subnet: subnet.to_owned(),
        // The text is customary; that the id stands in it is what others go by.
        description: format!("EC2 Instance Connect Endpoint - {id}"),
        interface_type: "ec2_instance_connect_endpoint".to_owned(),
        requester_managed: true,
        requester_id: Some("amazon-aws".to_owned()),
        groups: groups.clone(),
        attachment: Some(service_attachment(world, "amazon-aws")),
        ..Interface::default()
    };
    let interface = unattached::make(world, &ctx.region, spec)?;
    let endpoint = InstanceConnectEndpoint {
        state: "create-in-progress".to_owned(),
        vpc,
        subnet: subnet.to_owned(),
        groups,
        interface,
        created: Some(now),
        tags,
    };
    world.region(&ctx.region).ec2.instance_connect_endpoints.insert(id.clone(), endpoint);
    let (region, started) = (ctx.region.clone(), id.clone());
    world.after(CREATE_TAKES, move |world| {
        let endpoint = world.region(&region).ec2.instance_connect_endpoints.get_mut(&started);
        if let Some(endpoint) = endpoint.filter(|it| it.state == "create-in-progress") {
            endpoint.state = "create-complete".to_owned();
        }
    });
    Ok(answered(world, &ctx.region, &id))
}

/// One that is still being made is not deleted: seen in
/// <https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2000>, the code is customary.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteInstanceConnectEndpoint.html>
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("InstanceConnectEndpointId")?;
    let endpoints = &mut world.region(&ctx.region).ec2.instance_connect_endpoints;
    let endpoint = INSTANCE_CONNECT_ENDPOINT.find_mut(id, endpoints)?;
    match endpoint.state.as_str() {
        "create-in-progress" => {
            let text = format!("The instance connect endpoint '{id}' is being created.");
            return Err(AwsError::new("IncorrectState", text));
        }
        "delete-complete" => return Err(INSTANCE_CONNECT_ENDPOINT.unknown(id)),
        "delete-in-progress" => {}
        _ => {
            endpoint.state = "delete-in-progress".to_owned();
            let interface = endpoint.interface.clone();
            unattached::let_go_before(world, &ctx.region, std::slice::from_ref(&interface), DELETE_TAKES);
            let (region, gone) = (ctx.region.clone(), id.to_owned());
            world.after(DELETE_TAKES, move |world| {
                release_interface(world, &region, &interface);
                let endpoints = &mut world.region(&region).ec2.instance_connect_endpoints;
                if let Some(endpoint) = endpoints.get_mut(&gone) {
                    endpoint.state = "delete-complete".to_owned();
                }
            });
            let (region, gone) = (ctx.region.clone(), id.to_owned());
            world.after(DELETE_TAKES + ROW_STAYS, move |world| {
                world.region(&region).ec2.instance_connect_endpoints.remove(&gone);
            });
        }
    }
    Ok(answered(world, &ctx.region, id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::lab::Lab;

    #[test]
    fn one_holds_its_subnet_and_its_group_until_its_interface_is_gone() {
        let mut lab = Lab::new();
        let (vpc, subnet) = lab.vpc_with_subnet();
        let group = lab.group(&vpc, "ssh");
        let params = [("SubnetId", subnet.as_str()), ("SecurityGroupId.1", &group)];
        let id = lab.get("CreateInstanceConnectEndpoint", &params, "instanceConnectEndpointId");
        let of = [("InstanceConnectEndpointId", id.as_str())];
        lab.refused("DeleteInstanceConnectEndpoint", &of, "IncorrectState");
        lab.pass(CREATE_TAKES);
        assert_eq!(lab.get("DescribeInstanceConnectEndpoints", &[], "state"), "create-complete");
        assert!(lab.ok("DescribeNetworkInterfaces", &[]).contains(&id));
        lab.ok("DeleteInstanceConnectEndpoint", &of);
        assert_eq!(lab.get("DescribeInstanceConnectEndpoints", &[], "state"), "delete-in-progress");
        lab.refused("DeleteSubnet", &[("SubnetId", &subnet)], "DependencyViolation");
        lab.refused("DeleteSecurityGroup", &[("GroupId", &group)], "DependencyViolation");
        lab.pass(DELETE_TAKES);
        assert_eq!(lab.get("DescribeInstanceConnectEndpoints", &[], "state"), "delete-complete");
        lab.refused("DeleteInstanceConnectEndpoint", &of, "InvalidInstanceConnectEndpointId.NotFound");
        lab.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
        lab.ok("DeleteSecurityGroup", &[("GroupId", &group)]);
    }
}
