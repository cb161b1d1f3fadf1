//! Virtual private gateways: a VPC's end of its VPN connections.

use std::time::Duration;

use super::describe::{Kind, Pages, describe, one, optional};
use super::noun::{VPC, VPN_GATEWAY};
use super::tags::{checked, done};
use super::vpn_connections;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::stores::ec2::VpnGateway;
use crate::world::World;
use crate::xml::Xml;

/// How long it is `attaching`; customary.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVpnGateway.html>
pub(crate) const ATTACHING: Duration = Duration::from_secs(20);

/// How long it is `detaching`: the page tells to wait for `detached`, not for how long; customary.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachVpnGateway.html>
pub(crate) const DETACHING: Duration = Duration::from_secs(2 * 60);

/// How long a deleted one is still described; customary.
const ROW_STAYS: Duration = Duration::from_secs(60 * 60);

/// The operations of this file.
pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateVpnGateway", create),
    ("AttachVpnGateway", attach),
    ("DetachVpnGateway", detach),
    ("DeleteVpnGateway", delete),
    ("DescribeVpnGateways", |world, ctx| describe(world, ctx, &KIND)),
];

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpnGateways.html>
static KIND: Kind<VpnGateway> = Kind {
    noun: &VPN_GATEWAY,
    ids: "VpnGatewayId",
    set: "vpnGatewaySet",
    pages: Pages::None,
    facts: &[
        ("amazon-side-asn", |_, _, gateway| one(gateway.asn)),
        ("attachment.state", |_, _, gateway| optional(gateway.attachment.as_ref().map(|(_, state)| state))),
        ("attachment.vpc-id", |_, _, gateway| optional(gateway.attachment.as_ref().map(|(vpc, _)| vpc))),
        ("state", |_, _, gateway| one(&gateway.state)),
        ("type", |_, _, _| one("ipsec.1")),
        ("vpn-gateway-id", |_, id, _| one(id)),
    ],
    tags: |gateway| &gateway.tags,
    records: |ec2| &ec2.vpn_gateways,
    write: |_, xml, id, gateway| write(xml, id, gateway),
};

fn write(xml: &mut Xml, id: &str, gateway: &VpnGateway) {
    xml.text("vpnGatewayId", id).text("state", &gateway.state).text("type", "ipsec.1");
    xml.list("attachments", &gateway.attachment, |item, (vpc, state)| {
        item.text("vpcId", vpc).text("state", state);
    });
    xml.text("amazonSideAsn", gateway.asn).tags(&gateway.tags);
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpnGateway.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let kind = ctx.params.required("Type")?;
    if kind != "ipsec.1" {
        let text = format!("Value ({kind}) for parameter type is invalid.");
        return Err(AwsError::new("InvalidParameterValue", text));
    }
    let gateway = VpnGateway {
        state: "available".to_owned(),
        asn: ctx.params.int("AmazonSideAsn")?.unwrap_or(64512),
        attachment: None,
        tags: checked(ctx.params.tag_specifications("vpn-gateway"))?,
    };
    let id = world.ids.ec2("vgw");
    let mut xml = Xml::new();
    xml.node("vpnGateway", |inside| write(inside, &id, &gateway));
    world.region(&ctx.region).ec2.vpn_gateways.insert(id, gateway);
    Ok(xml.into())
}

/// A gateway is attached to one VPC, and a VPC to one gateway:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>.
fn attach(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let (id, vpc) = (ctx.params.required("VpnGatewayId")?, ctx.params.required("VpcId")?);
    let ec2 = &mut world.region(&ctx.region).ec2;
    VPC.check(vpc, &ec2.vpcs)?;
    let standing = VPN_GATEWAY.find(id, &ec2.vpn_gateways)?;
    if standing.state == "deleted" {
        return Err(VPN_GATEWAY.unknown(id));
    }
    let taken = standing.vpc().is_some() || ec2.vpn_gateways.values().any(|other| other.vpc() == Some(vpc));
    if taken {
        let text = format!("The VPN gateway '{id}' or the vpc '{vpc}' is attached already.");
        return Err(AwsError::new("VpnGatewayAttachmentLimitExceeded", text));
    }
    let gateway = VPN_GATEWAY.find_mut(id, &mut ec2.vpn_gateways)?;
    gateway.attachment = Some((vpc.to_owned(), "attaching".to_owned()));
    let mut xml = Xml::new();
    xml.node("attachment", |inside| {
        inside.text("vpcId", vpc).text("state", "attaching");
    });
    becomes(world, ctx, id, ATTACHING, ("attaching", "attached"));
    Ok(xml.into())
}

/// The attachment's state changes after a while, unless it has changed otherwise by then.
fn becomes(
    world: &mut World,
    ctx: &Ctx,
    id: &str,
    delay: Duration,
    (from, to): (&'static str, &'static str),
) {
    let (region, id) = (ctx.region.clone(), id.to_owned());
    world.after(delay, move |world| {
        let gateway = world.region(&region).ec2.vpn_gateways.get_mut(&id);
        let attachment = gateway.and_then(|gateway| gateway.attachment.as_mut());
        if let Some((_, state)) = attachment.filter(|(_, state)| state == from) {
            *state = to.to_owned();
        }
    });
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachVpnGateway.html>. The sentence is AWS's,
/// seen in hashicorp/terraform-provider-aws#9650.
fn detach(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let (id, vpc) = (ctx.params.required("VpnGatewayId")?, ctx.params.required("VpcId")?);
    let gateway = VPN_GATEWAY.find_mut(id, &mut world.region(&ctx.region).ec2.vpn_gateways)?;
    let attached = gateway.attachment.as_mut().filter(|(to, state)| to == vpc && state == "attached");
    let Some((_, state)) = attached else {
        let text = format!("The attachment with vpn gateway ID '{id}' and vpc ID '{vpc}' does not exist");
        return Err(AwsError::new("InvalidVpnGatewayAttachment.NotFound", text));
    };
    *state = "detaching".to_owned();
    becomes(world, ctx, id, DETACHING, ("detaching", "detached"));
    Ok(done())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpnGateway.html>: "you must first detach".
/// The refusal is AWS's, seen in hashicorp/terraform-provider-aws#5831, where something else than a VPC used it; that a
/// VPN connection is such a use is customary knowledge.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("VpnGatewayId")?;
    let ec2 = &mut world.region(&ctx.region).ec2;
    let connected = vpn_connections::stands_on(ec2, id);
    let gateway = VPN_GATEWAY.find_mut(id, &mut ec2.vpn_gateways)?;
    if gateway.state == "deleted" {
        return Err(VPN_GATEWAY.unknown(id));
    }
    if connected || gateway.vpc().is_some() {
        return Err(AwsError::new("IncorrectState", "The VPN gateway is in use."));
    }
    gateway.state = "deleted".to_owned();
    let (region, id) = (ctx.region.clone(), id.to_owned());
    world.after(ROW_STAYS, move |world| {
        world.region(&region).ec2.vpn_gateways.remove(&id);
    });
    Ok(done())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::lab::Lab;

    #[test]
    fn an_attached_one_holds_its_vpc_and_itself_until_it_is_detached() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let id = lab.get("CreateVpnGateway", &[("Type", "ipsec.1")], "vpnGatewayId");
        let both = [("VpnGatewayId", id.as_str()), ("VpcId", vpc.as_str())];
        lab.ok("AttachVpnGateway", &both);
        lab.pass(ATTACHING);
        let of = [("Filter.1.Name", "attachment.vpc-id"), ("Filter.1.Value.1", vpc.as_str())];
        let told = lab.ok("DescribeVpnGateways", &of);
        assert!(told.contains(&format!(
            "<attachments><item><vpcId>{vpc}</vpcId><state>attached</state></item></attachments>"
        )));
        let refusal = lab.refused("DeleteVpnGateway", &both[..1], "IncorrectState");
        assert_eq!(refusal.message, "The VPN gateway is in use.");
        lab.refused("DeleteVpc", &both[1..], "DependencyViolation");
        lab.ok("DetachVpnGateway", &both);
        lab.refused("DeleteVpc", &both[1..], "DependencyViolation");
        lab.refused("DetachVpnGateway", &both, "InvalidVpnGatewayAttachment.NotFound");
        lab.pass(DETACHING);
        lab.ok("DeleteVpnGateway", &both[..1]);
        lab.ok("DeleteVpc", &both[1..]);
        assert_eq!(lab.all("DescribeVpnGateways", &[], "state")[0], "deleted");
        lab.refused("DeleteVpnGateway", &both[..1], "InvalidVpnGatewayID.NotFound");
    }

    #[test]
    fn a_vpc_has_one_gateway_and_a_gateway_one_vpc() {
        let mut lab = Lab::new();
        let (one, two) = (lab.vpc(), lab.vpc());
        let ids = [(); 2].map(|()| lab.get("CreateVpnGateway", &[("Type", "ipsec.1")], "vpnGatewayId"));
        lab.ok("AttachVpnGateway", &[("VpnGatewayId", &ids[0]), ("VpcId", &one)]);
        for (gateway, vpc) in [(&ids[0], &two), (&ids[1], &one)] {
            let both = [("VpnGatewayId", gateway.as_str()), ("VpcId", vpc.as_str())];
            lab.refused("AttachVpnGateway", &both, "VpnGatewayAttachmentLimitExceeded");
        }
    }
}
