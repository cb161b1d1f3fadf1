//! Route tables: their routes and their associations.

use super::describe::{Kind, Pages, View, describe, many, one};
use super::noun::{
    self, CARRIER_GATEWAY, EGRESS_GATEWAY, INTERNET_GATEWAY, NAT_GATEWAY, PEERING, ROUTE_TABLE, SUBNET, VPC,
    VPN_GATEWAY,
};
use super::tags::{checked, done};
use super::transit_attachments;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::ec2::{Ec2, Route, RouteAssociation, RouteTable};
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("AssociateRouteTable", associate),
    ("CreateRoute", create_route),
    ("CreateRouteTable", create),
    ("DeleteRoute", delete_route),
    ("DeleteRouteTable", delete),
    ("DescribeRouteTables", |world, ctx| describe(world, ctx, &KIND)),
    ("DisassociateRouteTable", disassociate),
    ("ReplaceRouteTableAssociation", replace_association),
];

static KIND: Kind<RouteTable> = Kind {
    noun: &ROUTE_TABLE,
    ids: "RouteTableId",
    set: "routeTableSet",
    pages: Pages::Of(100),
    facts: &[
        ("association.main", |_, _, table| many(table.associations.values().map(|one| one.main))),
        ("association.route-table-association-id", |_, _, table| many(table.associations.keys())),
        ("association.route-table-id", |_, id, table| many(table.associations.keys().map(|_| id))),
        ("association.subnet-id", |_, _, table| {
            many(table.associations.values().filter_map(|one| one.subnet.as_ref()))
        }),
        ("association.gateway-id", |_, _, table| {
            many(table.associations.values().filter_map(|one| one.gateway.as_ref()))
        }),
        ("owner-id", |_, _, table| one(&table.owner)),
        ("route-table-id", |_, id, _| one(id)),
        ("route.destination-cidr-block", |_, _, table| {
            many(table.routes.iter().map(|route| &route.destination))
        }),
        ("route.gateway-id", |_, _, table| targets(table, &["igw-", "vgw-", "vpce-", "local"])),
        ("route.nat-gateway-id", |_, _, table| targets(table, &["nat-"])),
        ("route.state", |view, _, table| {
            many(table.routes.iter().map(|route| state(view.ec2, table, route)))
        }),
        ("vpc-id", |_, _, table| one(&table.vpc)),
    ],
    tags: |table| &table.tags,
    records: |ec2| &ec2.route_tables,
    write,
};

fn targets(table: &RouteTable, prefixes: &[&str]) -> Vec<String> {
    let fits = |route: &&Route| prefixes.iter().any(|prefix| route.target.starts_with(prefix));
    many(table.routes.iter().filter(fits).map(|route| &route.target))
}

fn write(view: &View<'_>, xml: &mut Xml, id: &str, table: &RouteTable) {
    xml.text("routeTableId", id).text("vpcId", &table.vpc).text("ownerId", &table.owner);
    xml.list("routeSet", &table.routes, |item, route| write_route(view.ec2, table, item, route));
    xml.list("associationSet", &table.associations, |item, (association, record)| {
        item.text("routeTableAssociationId", association).text("routeTableId", id);
        item.maybe("subnetId", record.subnet.as_ref()).maybe("gatewayId", record.gateway.as_ref());
        item.text("main", record.main);
        item.node("associationState", |state| {
            state.text("state", "associated");
        });
    });
    xml.node("propagatingVgwSet", |_| {}).tags(&table.tags);
}

fn write_route(ec2: &Ec2, table: &RouteTable, item: &mut Xml, route: &Route) {
    let destination = match route.destination.as_str() {
        list if list.starts_with("pl-") => "destinationPrefixListId",
        v6 if v6.contains(':') => "destinationIpv6CidrBlock",
        _ => "destinationCidrBlock",
    };
    let (target, origin) = match route.target.split('-').next().unwrap_or_default() {
        "nat" => ("natGatewayId", "CreateRoute"),
        "eni" => ("networkInterfaceId", "CreateRoute"),
        "i" => ("instanceId", "CreateRoute"),
        "tgw" => ("transitGatewayId", "CreateRoute"),
        "cagw" => ("carrierGatewayId", "CreateRoute"),
        "pcx" => ("vpcPeeringConnectionId", "CreateRoute"),
        "eigw" => ("egressOnlyInternetGatewayId", "CreateRoute"),
        "local" => ("gatewayId", "CreateRouteTable"),
        _ => ("gatewayId", "CreateRoute"),
    };
    item.text(destination, &route.destination).text(target, &route.target);
    item.text("origin", origin).text("state", state(ec2, table, route));
}

/// A route whose target is gone stays, as a black hole.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html>,
/// for NAT gateways <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html>.
fn state(ec2: &Ec2, table: &RouteTable, route: &Route) -> &'static str {
    let target = route.target.as_str();
    let works = match target.split('-').next().unwrap_or_default() {
        "igw" => {
            let gateway = ec2.internet_gateways.get(target);
            gateway.is_some_and(|gateway| gateway.vpc.as_deref() == Some(table.vpc.as_str()))
        }
        "nat" => {
            ec2.nat_gateways.get(target).is_some_and(|nat| nat.state == "available" || nat.state == "pending")
        }
        "eni" => ec2.interfaces.get(target).is_some_and(|interface| interface.status == "in-use"),
        "vpce" => ec2.endpoints.contains_key(target),
        "vgw" => ec2.vpn_gateways.get(target).is_some_and(|gateway| gateway.vpc() == Some(&table.vpc)),
        "eigw" => ec2.egress_gateways.contains_key(target),
        "cagw" => ec2.carrier_gateways.contains_key(target),
        "tgw" => transit_attachments::leads(ec2, &table.vpc, target),
        "pcx" => ec2.peerings.get(target).is_some_and(|peering| peering.status == "active"),
        _ => true,
    };
    if works { "active" } else { "blackhole" }
}

fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let vpc = ctx.params.required("VpcId")?;
    let tags = checked(ctx.params.tag_specifications("route-table"))?;
    let owner = world.account.clone();
    // The main table counts: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
    let most = world.quotas.limit(&ctx.region, table::ROUTE_TABLES);
    let ec2 = &world.region(&ctx.region).ec2;
    let network = VPC.find(vpc, &ec2.vpcs)?;
    if ec2.route_tables.values().filter(|table| table.vpc == vpc).count() >= most {
        let text = "The maximum number of route tables has been reached.";
        return Err(AwsError::new("RouteTableLimitExceeded", text));
    }
    let local = Route { destination: network.cidr.clone(), target: "local".to_owned() };
    let table = RouteTable { vpc: vpc.to_owned(), owner, routes: vec![local], tags, ..RouteTable::default() };
    let id = world.ids.ec2("rtb");
    world.region(&ctx.region).ec2.route_tables.insert(id.clone(), table);
    let view = View::of(world, &ctx.region);
    let mut xml = Xml::new();
    xml.node("routeTable", |inside| write(&view, inside, &id, &view.ec2.route_tables[&id]));
    Ok(xml.into())
}

/// The main table goes only with its VPC; any other must have no associations.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRouteTable.html>
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("RouteTableId")?;
    let account = world.account.clone();
    let ec2 = &mut world.region(&ctx.region).ec2;
    let table = ROUTE_TABLE.find(id, &ec2.route_tables)?;
    if table.owner != account {
        return Err(noun::not_yours());
    }
    if !table.associations.is_empty() {
        let text = format!("The routeTable '{id}' has dependencies and cannot be deleted.");
        return Err(noun::dependency(text));
    }
    ec2.route_tables.remove(id);
    Ok(done())
}

fn destination(ctx: &Ctx) -> AwsResult<String> {
    ["DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"]
        .into_iter()
        .find_map(|name| ctx.params.get(name))
        .map(str::to_owned)
        .ok_or_else(|| AwsError::new("MissingParameter", "The request must contain a destination"))
}

/// Refuses a target that is not there, or that is of another VPC. A peering connection that is not yet
/// accepted may be one already:
/// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html>.
fn check_target(ec2: &Ec2, table: &str, vpc: &str, target: &str) -> AwsResult<()> {
    let mine = match target.split('-').next().unwrap_or_default() {
        "igw" => INTERNET_GATEWAY.find(target, &ec2.internet_gateways)?.vpc.as_deref() == Some(vpc),
        "eigw" => EGRESS_GATEWAY.find(target, &ec2.egress_gateways)?.vpc == vpc,
        "pcx" => {
            let peering = PEERING.find(target, &ec2.peerings)?;
            [&peering.requester.vpc, &peering.accepter.vpc].into_iter().any(|end| end == vpc)
        }
        "vgw" => VPN_GATEWAY.find(target, &ec2.vpn_gateways)?.vpc() == Some(vpc),
        "cagw" => CARRIER_GATEWAY.find(target, &ec2.carrier_gateways)?.vpc == vpc,
        // CreateRoute answers InvalidTransitGatewayID.NotFound to a gateway that no attachment of the VPC leads to.
        "tgw" if !transit_attachments::leads(ec2, vpc, target) => {
            let text = format!("The transitGateway ID '{target}' does not exist.");
            return Err(AwsError::new("InvalidTransitGatewayID.NotFound", text));
        }
        "nat" => NAT_GATEWAY.check(target, &ec2.nat_gateways).map(|()| true)?,
        _ => true,
    };
    if mine {
        return Ok(());
    }
    let text = format!("route table {table} and network gateway {target} belong to different networks");
    Err(AwsError::new("InvalidParameterValue", text))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html>
fn create_route(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("RouteTableId")?;
    let destination = destination(ctx)?;
    let names = [
        "GatewayId",
        "NatGatewayId",
        "NetworkInterfaceId",
        "TransitGatewayId",
        "VpcPeeringConnectionId",
        "EgressOnlyInternetGatewayId",
        "CarrierGatewayId",
        "VpcEndpointId",
    ];
    let target = names.into_iter().find_map(|name| ctx.params.get(name));
    let missing = || AwsError::new("MissingParameter", "The request must contain a target for the route");
    let target = target.ok_or_else(missing)?.to_owned();
    let most = world.quotas.limit(&ctx.region, table::ROUTES);
    let ec2 = &mut world.region(&ctx.region).ec2;
    let vpc = ROUTE_TABLE.find(id, &ec2.route_tables)?.vpc.clone();
    check_target(ec2, id, &vpc, &target)?;
    let table = ROUTE_TABLE.find_mut(id, &mut ec2.route_tables)?;
    let full = table.routes.len() >= most;
    match table.routes.iter_mut().find(|route| route.destination == destination) {
        Some(same) if same.target == target => {}
        Some(_) => {
            let text = format!("The route identified by {destination} already exists.");
            return Err(AwsError::new("RouteAlreadyExists", text));
        }
        None if full => {
            let text = "The maximum number of routes has been reached.";
            return Err(AwsError::new("RouteLimitExceeded", text));
        }
        None => table.routes.push(Route { destination, target }),
    }
    Ok(done())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRoute.html>
fn delete_route(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("RouteTableId")?;
    let destination = destination(ctx)?;
    let table = ROUTE_TABLE.find_mut(id, &mut world.region(&ctx.region).ec2.route_tables)?;
    let place = table.routes.iter().position(|route| route.destination == destination);
    let Some(place) = place else {
        let text = format!("no route with destination-cidr-block {destination} in route table {id}");
        return Err(AwsError::new("InvalidRoute.NotFound", text));
    };
    if table.routes[place].target == "local" {
        let text = format!("cannot remove local route {destination} in route table {id}");
        return Err(AwsError::new("InvalidParameterValue", text));
    }
    table.routes.remove(place);
    Ok(done())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html>
fn associate(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("RouteTableId")?;
    let subnet = ctx.params.get("SubnetId").map(str::to_owned);
    let gateway = ctx.params.get("GatewayId").map(str::to_owned);
    let association = world.ids.ec2("rtbassoc");
    let ec2 = &mut world.region(&ctx.region).ec2;
    let vpc = ROUTE_TABLE.find(id, &ec2.route_tables)?.vpc.clone();
    if let Some(subnet) = &subnet {
        if SUBNET.find(subnet, &ec2.subnets)?.vpc != vpc {
            let text = format!("route table {id} and subnet {subnet} belong to different networks");
            return Err(AwsError::new("InvalidParameterValue", text));
        }
        let held = |table: &RouteTable| {
            table
                .associations
                .iter()
                .find(|(_, one)| one.subnet.as_ref() == Some(subnet))
                .map(|(id, _)| id.clone())
        };
        if let Some(other) = ec2.route_tables.values().find_map(held) {
            let text = format!(
                "the specified association for route table {id} conflicts with an existing association {other}"
            );
            return Err(AwsError::new("Resource.AlreadyAssociated", text));
        }
    } else if gateway.is_none() {
        let text = "The request must contain exactly one of subnetId or gatewayId";
        return Err(AwsError::new("MissingParameter", text));
    }
    let record = RouteAssociation { main: false, subnet, gateway };
    ROUTE_TABLE.find_mut(id, &mut ec2.route_tables)?.associations.insert(association.clone(), record);
    Ok(associated("associationId", &association))
}

fn associated(name: &str, association: &str) -> Answer {
    let mut xml = Xml::new();
    xml.text(name, association).node("associationState", |state| {
        state.text("state", "associated");
    });
    xml.into()
}

/// The table that holds this association.
fn holder<'a>(ec2: &'a mut Ec2, association: &str) -> AwsResult<&'a mut RouteTable> {
    let holder = ec2.route_tables.values_mut().find(|table| table.associations.contains_key(association));
    holder.ok_or_else(|| noun::unknown_association(association))
}

/// The main association cannot be removed, only moved.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateRouteTable.html>
fn disassociate(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let association = ctx.params.required("AssociationId")?;
    let table = holder(&mut world.region(&ctx.region).ec2, association)?;
    if table.associations[association].main {
        let text = format!("cannot disassociate the main route table association {association}");
        return Err(AwsError::new("InvalidParameterValue", text));
    }
    table.associations.remove(association);
    Ok(done())
}

/// Moves an association to another table, under a new id. So another table becomes main.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRouteTableAssociation.html>
fn replace_association(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let association = ctx.params.required("AssociationId")?;
    let id = ctx.params.required("RouteTableId")?;
    let made = world.ids.ec2("rtbassoc");
    let ec2 = &mut world.region(&ctx.region).ec2;
    ROUTE_TABLE.check(id, &ec2.route_tables)?;
    let moved = holder(ec2, association)?.associations.remove(association);
    let moved = moved.ok_or_else(|| noun::unknown_association(association))?;
    ROUTE_TABLE.find_mut(id, &mut ec2.route_tables)?.associations.insert(made.clone(), moved);
    Ok(associated("newAssociationId", &made))
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::Lab;

    fn main_association(lab: &mut Lab, vpc: &str) -> (String, String) {
        let main = [
            ("Filter.1.Name", "vpc-id"),
            ("Filter.1.Value.1", vpc),
            ("Filter.2.Name", "association.main"),
            ("Filter.2.Value.1", "true"),
        ];
        let table = lab.get("DescribeRouteTables", &main, "routeTableId");
        (table, lab.get("DescribeRouteTables", &main, "routeTableAssociationId"))
    }

    #[test]
    fn the_main_table_is_not_deleted_and_its_association_not_removed() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let (table, association) = main_association(&mut lab, &vpc);
        lab.refused("DeleteRouteTable", &[("RouteTableId", &table)], "DependencyViolation");
        let main = [("AssociationId", association.as_str())];
        lab.refused("DisassociateRouteTable", &main, "InvalidParameterValue");
        let other = lab.get("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId");
        let replace = [("AssociationId", association.as_str()), ("RouteTableId", &other)];
        lab.ok("ReplaceRouteTableAssociation", &replace);
        lab.ok("DeleteRouteTable", &[("RouteTableId", &table)]);
        assert_eq!(main_association(&mut lab, &vpc).0, other);
    }

    #[test]
    fn a_table_stays_while_a_subnet_uses_it() {
        let mut lab = Lab::new();
        let (vpc, subnet) = lab.vpc_with_subnet();
        let table = lab.get("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId");
        let both = [("RouteTableId", table.as_str()), ("SubnetId", subnet.as_str())];
        let association = lab.get("AssociateRouteTable", &both, "associationId");
        lab.refused("DeleteRouteTable", &[("RouteTableId", &table)], "DependencyViolation");
        lab.ok("DisassociateRouteTable", &[("AssociationId", &association)]);
        let gone = [("AssociationId", association.as_str())];
        lab.refused("DisassociateRouteTable", &gone, "InvalidAssociationID.NotFound");
        lab.ok("DeleteRouteTable", &[("RouteTableId", &table)]);
        lab.refused("DeleteRouteTable", &[("RouteTableId", &table)], "InvalidRouteTableID.NotFound");
    }

    #[test]
    fn a_route_to_a_deleted_nat_gateway_becomes_a_black_hole() {
        let mut lab = Lab::new();
        let (vpc, subnet, _) = lab.public_subnet();
        let (nat, _) = lab.nat(&subnet);
        let table = lab.get("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId");
        let route =
            [("RouteTableId", table.as_str()), ("DestinationCidrBlock", "0.0.0.0/0"), ("NatGatewayId", &nat)];
        lab.ok("CreateRoute", &route);
        let states = [("RouteTableId.1", table.as_str())];
        assert_eq!(lab.all("DescribeRouteTables", &states, "state"), ["active", "active"]);
        lab.ok("DeleteNatGateway", &[("NatGatewayId", &nat)]);
        assert_eq!(lab.all("DescribeRouteTables", &states, "state"), ["active", "blackhole"]);
        lab.ok("DeleteRoute", &route[..2]);
        lab.refused("DeleteRoute", &route[..2], "InvalidRoute.NotFound");
    }
}
