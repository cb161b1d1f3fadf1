//! Customer gateways: what an account calls the routers outside AWS that its VPN connections lead to.

use std::time::Duration;

use super::describe::{Kind, Pages, describe, one};
use super::noun::CUSTOMER_GATEWAY;
use super::tags::{checked, done};
use super::vpn_connections;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::stores::ec2::CustomerGateway;
use crate::world::World;
use crate::xml::Xml;

/// How long a deleted one is still described; customary.
const ROW_STAYS: Duration = Duration::from_secs(60 * 60);

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateCustomerGateway", create),
    ("DeleteCustomerGateway", delete),
    ("DescribeCustomerGateways", |world, ctx| describe(world, ctx, &KIND)),
];

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeCustomerGateways.html>
static KIND: Kind<CustomerGateway> = Kind {
    noun: &CUSTOMER_GATEWAY,
    ids: "CustomerGatewayId",
    set: "customerGatewaySet",
    pages: Pages::None,
    facts: &[
        ("bgp-asn", |_, _, it| one(&it.asn)),
        ("customer-gateway-id", |_, id, _| one(id)),
        ("ip-address", |_, _, it| one(&it.ip)),
        ("state", |_, _, it| one(&it.state)),
        ("type", |_, _, _| one("ipsec.1")),
    ],
    tags: |it| &it.tags,
    records: |ec2| &ec2.customer_gateways,
    write: |_, xml, id, it| write(xml, id, it),
};

fn write(xml: &mut Xml, id: &str, it: &CustomerGateway) {
    xml.text("customerGatewayId", id).text("state", &it.state).text("type", "ipsec.1");
    xml.text("ipAddress", &it.ip).text("bgpAsn", &it.asn).tags(&it.tags);
}

/// An identical request gives the gateway that stands already. Device names, which tell such apart, are not kept.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateCustomerGateway.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let ip = ctx.params.get("IpAddress").or_else(|| ctx.params.get("PublicIp"));
    let missing = || AwsError::new("MissingParameter", "The request must contain the parameter IpAddress");
    let ip = ip.ok_or_else(missing)?.to_owned();
    let asn = ctx.params.get("BgpAsn").unwrap_or("65000").to_owned();
    let tags = checked(ctx.params.tag_specifications("customer-gateway"))?;
    let same = |it: &CustomerGateway| it.state == "available" && it.ip == ip && it.asn == asn;
    let mut standing = world.region(&ctx.region).ec2.customer_gateways.iter();
    let mut xml = Xml::new();
    if let Some((id, it)) = standing.find(|(_, it)| same(it)) {
        xml.node("customerGateway", |inside| write(inside, id, it));
        return Ok(xml.into());
    }
    let gateway = CustomerGateway { state: "available".to_owned(), ip, asn, tags };
    let id = world.ids.ec2("cgw");
    xml.node("customerGateway", |inside| write(inside, &id, &gateway));
    world.region(&ctx.region).ec2.customer_gateways.insert(id, gateway);
    Ok(xml.into())
}

/// Its VPN connections have to be deleted before:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteCustomerGateway.html>. The refusal is AWS's, seen in
/// <https://github.com/terraform-aws-modules/terraform-aws-vpn-gateway/issues/69>.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("CustomerGatewayId")?;
    let ec2 = &mut world.region(&ctx.region).ec2;
    if CUSTOMER_GATEWAY.find(id, &ec2.customer_gateways)?.state == "deleted" {
        return Err(CUSTOMER_GATEWAY.unknown(id));
    }
    if vpn_connections::stands_on(ec2, id) {
        return Err(AwsError::new("IncorrectState", "The customer gateway is in use."));
    }
    CUSTOMER_GATEWAY.find_mut(id, &mut ec2.customer_gateways)?.state = "deleted".to_owned();
    let (region, id) = (ctx.region.clone(), id.to_owned());
    world.after(ROW_STAYS, move |world| {
        world.region(&region).ec2.customer_gateways.remove(&id);
    });
    Ok(done())
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::Lab;

    #[test]
    fn the_same_router_is_one_gateway_until_it_is_deleted() {
        let mut lab = Lab::new();
        let params = [("Type", "ipsec.1"), ("IpAddress", "198.51.100.7"), ("BgpAsn", "65010")];
        let id = lab.get("CreateCustomerGateway", &params, "customerGatewayId");
        assert_eq!(lab.get("CreateCustomerGateway", &params, "customerGatewayId"), id);
        lab.ok("DeleteCustomerGateway", &[("CustomerGatewayId", &id)]);
        assert_eq!(lab.get("DescribeCustomerGateways", &[], "state"), "deleted");
        lab.refused(
            "DeleteCustomerGateway",
            &[("CustomerGatewayId", &id)],
            "InvalidCustomerGatewayID.NotFound",
        );
        assert_ne!(lab.get("CreateCustomerGateway", &params, "customerGatewayId"), id);
    }
}
