//! Egress-only internet gateways: IPv6's way out.

use super::describe::{Kind, Pages, describe};
use super::noun::{EGRESS_GATEWAY, VPC};
use super::tags::checked;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::ec2::EgressGateway;
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateEgressOnlyInternetGateway", create),
    ("DeleteEgressOnlyInternetGateway", delete),
    ("DescribeEgressOnlyInternetGateways", |world, ctx| describe(world, ctx, &KIND)),
];

/// Its only filters are those of tags:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeEgressOnlyInternetGateways.html>.
static KIND: Kind<EgressGateway> = Kind {
    noun: &EGRESS_GATEWAY,
    ids: "EgressOnlyInternetGatewayId",
    set: "egressOnlyInternetGatewaySet",
    pages: Pages::Of(255),
    facts: &[],
    tags: |gateway| &gateway.tags,
    records: |ec2| &ec2.egress_gateways,
    write: |_, xml, id, gateway| write(xml, id, gateway),
};

fn write(xml: &mut Xml, id: &str, gateway: &EgressGateway) {
    xml.text("egressOnlyInternetGatewayId", id);
    xml.list("attachmentSet", [&gateway.vpc], |item, vpc| {
        item.text("vpcId", vpc).text("state", "attached");
    });
    xml.tags(&gateway.tags);
}

fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let vpc = ctx.params.required("VpcId")?;
    let tags = checked(ctx.params.tag_specifications("egress-only-internet-gateway"))?;
    let most = world.quotas.limit(&ctx.region, table::EGRESS_GATEWAYS);
    let ec2 = &world.region(&ctx.region).ec2;
    VPC.check(vpc, &ec2.vpcs)?;
    if ec2.egress_gateways.len() >= most {
        // AWS documents no code for this quota; the one of internet gateways is taken.
        let text = "The maximum number of egress only internet gateways has been reached.";
        return Err(AwsError::new("InternetGatewayLimitExceeded", text));
    }
    let id = world.ids.ec2("eigw");
    let gateway = EgressGateway { vpc: vpc.to_owned(), tags };
    let mut xml = Xml::new();
    xml.node("egressOnlyInternetGateway", |inside| write(inside, &id, &gateway));
    world.region(&ctx.region).ec2.egress_gateways.insert(id, gateway);
    Ok(xml.into())
}

/// Nothing holds it; routes to it stay, as black holes.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteEgressOnlyInternetGateway.html>
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("EgressOnlyInternetGatewayId")?;
    let gateways = &mut world.region(&ctx.region).ec2.egress_gateways;
    EGRESS_GATEWAY.check(id, gateways)?;
    gateways.remove(id);
    let mut xml = Xml::new();
    xml.text("returnCode", true);
    Ok(xml.into())
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::Lab;

    #[test]
    fn it_keeps_its_vpc_and_leaves_a_black_hole() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let id =
            lab.get("CreateEgressOnlyInternetGateway", &[("VpcId", &vpc)], "egressOnlyInternetGatewayId");
        let table = lab.get("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId");
        let route = [
            ("RouteTableId", table.as_str()),
            ("DestinationIpv6CidrBlock", "::/0"),
            ("EgressOnlyInternetGatewayId", &id),
        ];
        lab.ok("CreateRoute", &route);
        lab.ok("DeleteRouteTable", &[("RouteTableId", &table)]);
        lab.refused("DeleteVpc", &[("VpcId", &vpc)], "DependencyViolation");
        let this = [("EgressOnlyInternetGatewayId", id.as_str())];
        lab.ok("DeleteEgressOnlyInternetGateway", &this);
        let gone = "InvalidEgressOnlyInternetGatewayId.NotFound";
        lab.refused("DeleteEgressOnlyInternetGateway", &this, gone);
        lab.ok("DeleteVpc", &[("VpcId", &vpc)]);
    }
}
