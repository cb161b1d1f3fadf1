//! VPC endpoints. Absent: those of Gateway Load Balancers, and DNS entries.

use std::collections::BTreeSet;
use std::time::Duration;

use super::describe::{Kind, Pages, View, describe, one};
use super::make_interfaces::{checked_groups, default_group, release_interface, service_attachment};
use super::noun::{ENDPOINT, ROUTE_TABLE, SUBNET, VPC};
use super::tags::checked;
use super::unattached;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::ec2::{Endpoint, Interface, Route};
use crate::world::World;
use crate::xml::Xml;

/// Until a new interface endpoint is `available`: a minute or so, customary knowledge.
pub(crate) const CREATE_TAKES: Duration = Duration::from_secs(60);
/// Until a deleted interface endpoint and its interfaces are gone: 1 to 5 minutes, customary knowledge.
pub(crate) const DELETE_TAKES: Duration = Duration::from_secs(150);

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateVpcEndpoint", create),
    ("DeleteVpcEndpoints", delete),
    ("DescribeVpcEndpoints", |world, ctx| describe(world, ctx, &KIND)),
];

static KIND: Kind<Endpoint> = Kind {
    noun: &ENDPOINT,
    ids: "VpcEndpointId",
    set: "vpcEndpointSet",
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html
    pages: Pages::Clipped(1000),
    facts: &[
        ("service-name", |_, _, endpoint| one(&endpoint.service)),
        ("vpc-endpoint-id", |_, id, _| one(id)),
        ("vpc-endpoint-state", |_, _, endpoint| one(&endpoint.state)),
        ("vpc-endpoint-type", |_, _, endpoint| one(&endpoint.endpoint_type)),
        ("vpc-id", |_, _, endpoint| one(&endpoint.vpc)),
    ],
    tags: |endpoint| &endpoint.tags,
    records: |ec2| &ec2.endpoints,
    write,
};

fn write(view: &View<'_>, xml: &mut Xml, id: &str, endpoint: &Endpoint) {
    xml.text("vpcEndpointId", id).text("vpcEndpointType", &endpoint.endpoint_type);
    xml.text("vpcId", &endpoint.vpc).text("serviceName", &endpoint.service).text("state", &endpoint.state);
    xml.maybe("policyDocument", endpoint.policy.as_ref());
    xml.texts("routeTableIdSet", &endpoint.route_tables).texts("subnetIdSet", &endpoint.subnets);
    xml.list("groupSet", &endpoint.groups, |item, group| {
        item.text("groupId", group);
        item.maybe("groupName", view.ec2.security_groups.get(group).map(|group| &group.name));
    });
    xml.text("ipAddressType", "ipv4").text("privateDnsEnabled", endpoint.private_dns);
    xml.text("requesterManaged", endpoint.requester_managed);
    xml.texts("networkInterfaceIdSet", &endpoint.interfaces).node("dnsEntrySet", |_| {});
    xml.maybe("creationTimestamp", endpoint.created).text("ownerId", &endpoint.owner);
    xml.tags(&endpoint.tags);
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let set = |name: &str| ctx.params.list(name).into_iter().collect::<BTreeSet<String>>();
    let endpoint = Endpoint {
        vpc: ctx.params.required("VpcId")?.to_owned(),
        service: ctx.params.required("ServiceName")?.to_owned(),
        endpoint_type: ctx.params.get("VpcEndpointType").unwrap_or("Gateway").to_owned(),
        subnets: set("SubnetId"),
        groups: set("SecurityGroupId"),
        route_tables: set("RouteTableId"),
        client_token: ctx.params.get("ClientToken").map(str::to_owned),
        policy: ctx.params.get("PolicyDocument").map(str::to_owned),
        private_dns: ctx.params.bool("PrivateDnsEnabled"),
        tags: checked(ctx.params.tag_specifications("vpc-endpoint"))?,
        ..Endpoint::default()
    };
    let endpoints = &world.region(&ctx.region).ec2.endpoints;
    // https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
    let same = endpoints
        .iter()
        .find(|(_, other)| other.client_token.is_some() && other.client_token == endpoint.client_token);
    let id = match same {
        Some((id, _)) => id.clone(),
        None => make_endpoint(world, &ctx.region, endpoint)?,
    };
    let view = View::of(world, &ctx.region);
    let mut xml = Xml::new();
    xml.node("vpcEndpoint", |inside| write(&view, inside, &id, &view.ec2.endpoints[&id]));
    xml.maybe("clientToken", view.ec2.endpoints[&id].client_token.as_ref());
    Ok(xml.into())
}

/// Makes an endpoint: an interface endpoint with one interface in each subnet, `available` after a
/// while; a gateway endpoint at once, with its routes. `requester_managed` may be set, as GuardDuty's is.
pub(crate) fn make_endpoint(world: &mut World, region: &str, spec: Endpoint) -> AwsResult<String> {
    let id = world.ids.ec2("vpce");
    let (owner, now) = (world.account.clone(), world.clock.now());
    // Gateway endpoints are counted by region, the others by VPC:
    // https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html
    let gateway = spec.endpoint_type == "Gateway";
    let code = if gateway { table::GATEWAY_ENDPOINTS } else { table::INTERFACE_ENDPOINTS };
    let most = world.quotas.limit(region, code);
    let groups_most = world.quotas.limit(region, table::GROUPS_PER_INTERFACE);
    let ec2 = &mut world.region(region).ec2;
    VPC.check(&spec.vpc, &ec2.vpcs)?;
    for subnet in &spec.subnets {
        SUBNET.check(subnet, &ec2.subnets)?;
    }
    for table in &spec.route_tables {
        ROUTE_TABLE.check(table, &ec2.route_tables)?;
    }
    let counts =
        |other: &&Endpoint| other.endpoint_type == spec.endpoint_type && (gateway || other.vpc == spec.vpc);
    if ec2.endpoints.values().filter(counts).count() >= most {
        let text = "The maximum number of VPC endpoints has been reached.";
        return Err(AwsError::new("VpcEndpointLimitExceeded", text));
    }
    let groups = match &spec.groups {
        none if gateway => none.clone(),
        none if none.is_empty() => default_group(ec2, &spec.vpc),
        some => checked_groups(ec2, &spec.vpc, some.clone(), groups_most)?,
    };
    let mut endpoint = Endpoint { owner, created: Some(now), groups, ..spec };
    if gateway {
        endpoint.state = "available".to_owned();
        add_routes(world, region, &id, &endpoint);
    } else {
        endpoint.state = "pending".to_owned();
        endpoint.interfaces = own_interfaces(world, region, &id, &endpoint)?;
        let (region, started) = (region.to_owned(), id.clone());
        world.after(CREATE_TAKES, move |world| {
            let endpoint = world.region(&region).ec2.endpoints.get_mut(&started);
            if let Some(endpoint) = endpoint.filter(|endpoint| endpoint.state == "pending") {
                endpoint.state = "available".to_owned();
            }
        });
    }
    world.region(region).ec2.endpoints.insert(id.clone(), endpoint);
    Ok(id)
}

/// A gateway endpoint's routes lead from the service's prefix list to it.
///
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>
fn add_routes(world: &mut World, region: &str, id: &str, endpoint: &Endpoint) {
    let last = endpoint.service.rsplit('.').next().unwrap_or_default();
    // The number stands for the service, as a region's prefix list does.
    let number: u32 = last.bytes().map(u32::from).sum();
    let route = Route { destination: format!("pl-{number:08x}"), target: id.to_owned() };
    let ec2 = &mut world.region(region).ec2;
    for table in endpoint.route_tables.iter() {
        if let Some(table) = ec2.route_tables.get_mut(table) {
            table.routes.push(route.clone());
        }
    }
}

/// <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>
fn own_interfaces(
    world: &mut World,
    region: &str,
    id: &str,
    endpoint: &Endpoint,
) -> AwsResult<BTreeSet<String>> {
    let mut interfaces = BTreeSet::new();
    for subnet in &endpoint.subnets {
        let attachment = service_attachment(world, "amazon-aws");
        let spec = Interface {
            subnet: subnet.clone(),
            description: format!("VPC Endpoint Interface {id}"),
            interface_type: "vpc_endpoint".to_owned(),
            requester_managed: true,
            requester_id: Some("amazon-aws".to_owned()),
            groups: endpoint.groups.clone(),
            attachment: Some(attachment),
            ..Interface::default()
        };
        match unattached::make(world, region, spec) {
            Ok(interface) => interfaces.insert(interface),
            Err(refusal) => {
                interfaces.iter().for_each(|interface| release_interface(world, region, interface));
                return Err(refusal);
            }
        };
    }
    Ok(interfaces)
}

/// Success of the call is not success of the deletions: what could not be deleted is told inside.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html>
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let ids = ctx.params.list("VpcEndpointId");
    if ids.is_empty() {
        ctx.params.required("VpcEndpointId")?;
    }
    let refusals: Vec<(&String, AwsError)> =
        ids.iter().filter_map(|id| Some((id, delete_one(world, &ctx.region, id).err()?))).collect();
    let mut xml = Xml::new();
    xml.list("unsuccessful", refusals, |item, (id, refusal)| {
        item.text("resourceId", id).node("error", |error| {
            error.text("code", &refusal.code).text("message", &refusal.message);
        });
    });
    Ok(xml.into())
}

fn delete_one(world: &mut World, region: &str, id: &str) -> AwsResult<()> {
    let ec2 = &mut world.region(region).ec2;
    let endpoint = ENDPOINT.find_mut(id, &mut ec2.endpoints)?;
    if endpoint.requester_managed {
        // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html: managed by its service.
        let text = format!("Endpoint must be removed from the service that manages it: {id}");
        return Err(AwsError::new("OperationNotPermitted", text));
    }
    if endpoint.endpoint_type == "Gateway" {
        ec2.endpoints.remove(id);
        for table in ec2.route_tables.values_mut() {
            table.routes.retain(|route| route.target != id);
        }
        return Ok(());
    }
    if endpoint.state != "deleting" {
        endpoint.state = "deleting".to_owned();
        let interfaces: Vec<String> = endpoint.interfaces.iter().cloned().collect();
        unattached::let_go_before(world, region, &interfaces, DELETE_TAKES);
        let (region, id) = (region.to_owned(), id.to_owned());
        world.after(DELETE_TAKES, move |world| remove_endpoint(world, &region, &id));
    }
    Ok(())
}

/// Removes an endpoint with its interfaces at once, whoever manages it.
pub(crate) fn remove_endpoint(world: &mut World, region: &str, id: &str) {
    let Some(endpoint) = world.region(region).ec2.endpoints.remove(id) else { return };
    for interface in &endpoint.interfaces {
        release_interface(world, region, interface);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::lab::{Lab, REGION};
    use crate::stores::ec2::Endpoint;

    fn interface_endpoint(lab: &mut Lab, vpc: &str, subnet: &str, group: &str) -> String {
        let params = [
            ("VpcId", vpc),
            ("ServiceName", "com.amazonaws.us-east-1.ecr.api"),
            ("VpcEndpointType", "Interface"),
            ("SubnetId.1", subnet),
            ("SecurityGroupId.1", group),
            ("ClientToken", "t"),
        ];
        let id = lab.get("CreateVpcEndpoint", &params, "vpcEndpointId");
        assert_eq!(lab.get("CreateVpcEndpoint", &params, "vpcEndpointId"), id);
        id
    }

    #[test]
    fn an_interface_endpoint_holds_subnet_and_group_until_it_is_really_gone() {
        let mut lab = Lab::new();
        let (vpc, subnet) = lab.vpc_with_subnet();
        let group = lab.group(&vpc, "endpoints");
        let id = interface_endpoint(&mut lab, &vpc, &subnet, &group);
        let of = [("VpcEndpointId.1", id.as_str())];
        assert_eq!(lab.get("DescribeVpcEndpoints", &of, "state"), "pending");
        lab.pass(CREATE_TAKES);
        assert_eq!(lab.get("DescribeVpcEndpoints", &of, "state"), "available");
        lab.ok("DeleteVpcEndpoints", &of);
        assert_eq!(lab.get("DescribeVpcEndpoints", &of, "state"), "deleting");
        lab.refused("DeleteSubnet", &[("SubnetId", &subnet)], "DependencyViolation");
        lab.refused("DeleteSecurityGroup", &[("GroupId", &group)], "DependencyViolation");
        lab.pass(DELETE_TAKES);
        lab.refused("DescribeVpcEndpoints", &of, "InvalidVpcEndpointId.NotFound");
        lab.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
        lab.ok("DeleteSecurityGroup", &[("GroupId", &group)]);
    }

    #[test]
    fn the_call_succeeds_and_tells_inside_what_did_not() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let managed = Endpoint {
            vpc,
            service: "com.amazonaws.us-east-1.guardduty-data".into(),
            endpoint_type: "Interface".into(),
            requester_managed: true,
            ..Endpoint::default()
        };
        let managed = make_endpoint(&mut lab.world, REGION, managed).unwrap();
        let ids = [("VpcEndpointId.1", managed.as_str()), ("VpcEndpointId.2", "vpce-00000000000000000")];
        let codes = lab.all("DeleteVpcEndpoints", &ids, "code");
        assert_eq!(codes, ["OperationNotPermitted", "InvalidVpcEndpointId.NotFound"]);
    }

    #[test]
    fn a_gateway_endpoint_takes_its_routes_along() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let table = lab.get("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId");
        let params = [
            ("VpcId", vpc.as_str()),
            ("ServiceName", "com.amazonaws.us-east-1.s3"),
            ("RouteTableId.1", table.as_str()),
        ];
        let id = lab.get("CreateVpcEndpoint", &params, "vpcEndpointId");
        let of = [("RouteTableId.1", table.as_str())];
        assert!(lab.all("DescribeRouteTables", &of, "gatewayId").contains(&id));
        lab.ok("DeleteVpcEndpoints", &[("VpcEndpointId.1", &id)]);
        assert!(!lab.all("DescribeRouteTables", &of, "gatewayId").contains(&id));
    }
}
