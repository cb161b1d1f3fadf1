//! Carrier gateways: the way from subnets in Wavelength zones to a carrier's network.

use super::describe::{Kind, Pages, describe, one};
use super::noun::{CARRIER_GATEWAY, VPC};
use super::tags::checked;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::stores::ec2::CarrierGateway;
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateCarrierGateway", create),
    ("DeleteCarrierGateway", delete),
    ("DescribeCarrierGateways", |world, ctx| describe(world, ctx, &KIND)),
];

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeCarrierGateways.html>
static KIND: Kind<CarrierGateway> = Kind {
    noun: &CARRIER_GATEWAY,
    ids: "CarrierGatewayId",
    set: "carrierGatewaySet",
    pages: Pages::Of(1000),
    facts: &[
        ("carrier-gateway-id", |_, id, _| one(id)),
        ("owner-id", |_, _, it| one(&it.owner)),
        ("state", |_, _, _| one("available")),
        ("vpc-id", |_, _, it| one(&it.vpc)),
    ],
    tags: |it| &it.tags,
    records: |ec2| &ec2.carrier_gateways,
    write: |_, xml, id, it| write(xml, id, it, "available"),
};

fn write(xml: &mut Xml, id: &str, it: &CarrierGateway, state: &str) {
    xml.text("carrierGatewayId", id).text("vpcId", &it.vpc).text("state", state).text("ownerId", &it.owner);
    xml.tags(&it.tags);
}

fn answered(id: &str, it: &CarrierGateway, state: &str) -> Answer {
    let mut xml = Xml::new();
    xml.node("carrierGateway", |inside| write(inside, id, it, state));
    xml.into()
}

/// A VPC has one at most: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>. The code for a
/// second one is not documented.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateCarrierGateway.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let vpc = ctx.params.required("VpcId")?;
    let tags = checked(ctx.params.tag_specifications("carrier-gateway"))?;
    let owner = world.account.clone();
    let ec2 = &world.region(&ctx.region).ec2;
    VPC.check(vpc, &ec2.vpcs)?;
    if ec2.carrier_gateways.values().any(|it| it.vpc == vpc) {
        let text = format!("The vpc '{vpc}' has a carrier gateway already.");
        return Err(AwsError::new("CarrierGatewayLimitExceeded", text));
    }
    let id = world.ids.ec2("cagw");
    let gateway = CarrierGateway { vpc: vpc.to_owned(), owner, tags };
    let answer = answered(&id, &gateway, "pending");
    world.region(&ctx.region).ec2.carrier_gateways.insert(id, gateway);
    Ok(answer)
}

/// Nothing holds it; routes to it stay, as black holes.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteCarrierGateway.html>
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("CarrierGatewayId")?;
    let gateways = &mut world.region(&ctx.region).ec2.carrier_gateways;
    let answer = answered(id, CARRIER_GATEWAY.find(id, gateways)?, "deleting");
    gateways.remove(id);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::Lab;

    #[test]
    fn one_holds_its_vpc_and_a_vpc_has_one() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let of = [("VpcId", vpc.as_str())];
        let id = lab.get("CreateCarrierGateway", &of, "carrierGatewayId");
        lab.refused("CreateCarrierGateway", &of, "CarrierGatewayLimitExceeded");
        lab.refused("DeleteVpc", &of, "DependencyViolation");
        let table = lab.get("CreateRouteTable", &of, "routeTableId");
        let route = [
            ("RouteTableId", table.as_str()),
            ("DestinationCidrBlock", "0.0.0.0/0"),
            ("CarrierGatewayId", id.as_str()),
        ];
        lab.ok("CreateRoute", &route);
        assert_eq!(lab.get("DescribeRouteTables", &[("RouteTableId.1", &table)], "carrierGatewayId"), id);
        lab.ok("DeleteCarrierGateway", &[("CarrierGatewayId", &id)]);
        lab.refused("DeleteCarrierGateway", &[("CarrierGatewayId", &id)], "InvalidCarrierGatewayID.NotFound");
        assert!(lab.ok("DescribeRouteTables", &[("RouteTableId.1", &table)]).contains("blackhole"));
        lab.ok("DeleteRouteTable", &[("RouteTableId", &table)]);
        lab.ok("DeleteVpc", &of);
    }
}
