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

/// The same token is the same request:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateEgressOnlyInternetGateway.html>.
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let vpc = ctx.params.required("VpcId")?;
    let tags = checked(ctx.params.tag_specifications("egress-only-internet-gateway"))?;
    let most = world.quotas.limit(&ctx.region, table::EGRESS_GATEWAYS);
    let ec2 = &world.region(&ctx.region).ec2;
    VPC.check(vpc, &ec2.vpcs)?;
    let token = ctx.params.get("ClientToken").map(str::to_owned);
    let same = |gateway: &&EgressGateway| token.is_some() && gateway.client_token == token;
    if let Some((id, standing)) = ec2.egress_gateways.iter().find(|(_, gateway)| same(gateway)) {
        return Ok(answered(id, standing));
    }
    if ec2.egress_gateways.len() >= most {
        // AWS documents no code for this quota; the one of internet gateways is taken.
        let text = "The maximum number of egress only internet gateways has been reached.";
        return Err(AwsError::new("InternetGatewayLimitExceeded", text));
    }
    let id = world.ids.ec2("eigw");
    let gateway = EgressGateway { vpc: vpc.to_owned(), client_token: token, tags };
    let answer = answered(&id, &gateway);
    world.region(&ctx.region).ec2.egress_gateways.insert(id, gateway);
    Ok(answer)
}

fn answered(id: &str, gateway: &EgressGateway) -> Answer {
    let mut xml = Xml::new();
    xml.maybe("clientToken", gateway.client_token.as_ref());
    xml.node("egressOnlyInternetGateway", |inside| write(inside, id, gateway));
    xml.into()
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
    use serde_json::json;

    use crate::ec2::lab::{Lab, REGION};

    const SEEN: &str = "egressOnlyInternetGatewayId";

    fn made(lab: &mut Lab, vpc: &str, more: &[(&str, &str)]) -> String {
        let mut params = vec![("VpcId", vpc)];
        params.extend(more);
        lab.get("CreateEgressOnlyInternetGateway", &params, SEEN)
    }

    #[test]
    fn it_is_listed_page_by_page_and_by_its_tags() {
        let mut lab = Lab::new();
        lab.world.quotas.apply(REGION, crate::quotas::table::EGRESS_GATEWAYS, 20.0);
        let vpc = lab.vpc();
        let tags = [
            ("TagSpecification.1.ResourceType", "egress-only-internet-gateway"),
            ("TagSpecification.1.Tag.1.Key", "Project"),
            ("TagSpecification.1.Tag.1.Value", "shop"),
        ];
        let tagged = made(&mut lab, &vpc, &tags);
        (0..6).for_each(|_| drop(made(&mut lab, &vpc, &[])));
        let page = lab.ok("DescribeEgressOnlyInternetGateways", &[("MaxResults", "5")]);
        let token = crate::xml::text_of(&page, "nextToken").unwrap();
        assert_eq!(crate::xml::texts_of(&page, SEEN).len(), 5);
        let rest = [("MaxResults", "5"), ("NextToken", token.as_str())];
        assert_eq!(lab.all("DescribeEgressOnlyInternetGateways", &rest, SEEN).len(), 2);
        let shop = [("Filter.1.Name", "tag:Project"), ("Filter.1.Value.1", "shop")];
        assert_eq!(lab.all("DescribeEgressOnlyInternetGateways", &shop, SEEN), std::slice::from_ref(&tagged));
        let told = lab.world.call_json("tagging", REGION, "GetResources", json!({})).unwrap();
        let arn = told["ResourceTagMappingList"][0]["ResourceARN"].as_str().unwrap();
        assert!(arn.ends_with(&format!(":egress-only-internet-gateway/{tagged}")), "{arn}");
    }

    #[test]
    fn the_same_token_makes_no_second_one_and_a_route_of_another_vpc_is_refused() {
        let mut lab = Lab::new();
        let (vpc, other) = (lab.vpc(), lab.vpc());
        let token = [("ClientToken", "once")];
        let id = made(&mut lab, &vpc, &token);
        assert_eq!(made(&mut lab, &vpc, &token), id);
        let table = lab.get("CreateRouteTable", &[("VpcId", &other)], "routeTableId");
        let route = [
            ("RouteTableId", table.as_str()),
            ("DestinationIpv6CidrBlock", "::/0"),
            ("EgressOnlyInternetGatewayId", &id),
        ];
        lab.refused("CreateRoute", &route, "InvalidParameterValue");
    }

    #[test]
    fn it_keeps_its_vpc_and_leaves_a_black_hole() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let id =
            lab.get("CreateEgressOnlyInternetGateway", &[("VpcId", &vpc)], "egressOnlyInternetGatewayId");
        lab.refused("DeleteVpc", &[("VpcId", &vpc)], "DependencyViolation");
        let table = lab.get("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId");
        let route = [
            ("RouteTableId", table.as_str()),
            ("DestinationIpv6CidrBlock", "::/0"),
            ("EgressOnlyInternetGatewayId", &id),
        ];
        lab.ok("CreateRoute", &route);
        let states = [("RouteTableId.1", table.as_str())];
        assert_eq!(lab.all("DescribeRouteTables", &states, "state"), ["active", "active"]);
        let this = [("EgressOnlyInternetGatewayId", id.as_str())];
        lab.ok("DeleteEgressOnlyInternetGateway", &this);
        assert_eq!(lab.all("DescribeRouteTables", &states, "state"), ["active", "blackhole"]);
        lab.ok("DeleteRouteTable", &[("RouteTableId", &table)]);
        let gone = "InvalidEgressOnlyInternetGatewayId.NotFound";
        lab.refused("DeleteEgressOnlyInternetGateway", &this, gone);
        lab.ok("DeleteVpc", &[("VpcId", &vpc)]);
    }
}
