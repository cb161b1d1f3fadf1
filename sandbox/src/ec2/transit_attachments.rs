//! VPCs' attachments to transit gateways, each with an interface of AWS's in each of its subnets.
//!
//! Of transit gateways only the ids are known: they are another account's, which shares them and accepts whoever
//! attaches a VPC.

use std::collections::BTreeSet;
use std::time::Duration;

use super::describe::{Kind, Pages, describe, one};
use super::make_interfaces::{default_group, release_interface, service_attachment};
use super::noun::{SUBNET, TRANSIT_ATTACHMENT, VPC};
use super::tags::checked;
use super::unattached;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::stores::ec2::{Ec2, Interface, TransitAttachment};
use crate::world::World;
use crate::xml::Xml;

/// Until a new one is `available`: a minute or so, customary knowledge.
pub(crate) const CREATE_TAKES: Duration = Duration::from_secs(60);

/// Until a deleted one is `deleted`, and its interfaces are gone: a minute or two, customary knowledge.
pub(crate) const DELETE_TAKES: Duration = Duration::from_secs(90);

/// How long a deleted one is still described; customary.
const ROW_STAYS: Duration = Duration::from_secs(60 * 60);

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateTransitGatewayVpcAttachment", create),
    ("DeleteTransitGatewayVpcAttachment", delete),
    ("DescribeTransitGatewayVpcAttachments", |world, ctx| describe(world, ctx, &KIND)),
];

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTransitGatewayVpcAttachments.html>
static KIND: Kind<TransitAttachment> = Kind {
    noun: &TRANSIT_ATTACHMENT,
    ids: "TransitGatewayAttachmentIds",
    set: "transitGatewayVpcAttachments",
    pages: Pages::Of(1000),
    facts: &[
        ("state", |_, _, it| one(&it.state)),
        ("transit-gateway-attachment-id", |_, id, _| one(id)),
        ("transit-gateway-id", |_, _, it| one(&it.gateway)),
        ("vpc-id", |_, _, it| one(&it.vpc)),
    ],
    tags: |it| &it.tags,
    records: |ec2| &ec2.transit_attachments,
    write: |_, xml, id, it| write(xml, id, it),
};

fn write(xml: &mut Xml, id: &str, it: &TransitAttachment) {
    xml.text("transitGatewayAttachmentId", id).text("transitGatewayId", &it.gateway).text("vpcId", &it.vpc);
    xml.text("vpcOwnerId", &it.vpc_owner).text("state", &it.state).texts("subnetIds", &it.subnets);
    xml.maybe("creationTime", it.created).tags(&it.tags);
}

fn answered(id: &str, it: &TransitAttachment) -> Answer {
    let mut xml = Xml::new();
    xml.node("transitGatewayVpcAttachment", |inside| write(inside, id, it));
    xml.into()
}

/// A VPC is attached to a gateway once.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayVpcAttachment.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let (gateway, vpc) = (ctx.params.required("TransitGatewayId")?, ctx.params.required("VpcId")?);
    let subnets: BTreeSet<String> = ctx.params.list("SubnetIds").into_iter().collect();
    let tags = checked(ctx.params.tag_specifications("transit-gateway-attachment"))?;
    let ec2 = &world.region(&ctx.region).ec2;
    let vpc_owner = VPC.find(vpc, &ec2.vpcs)?.owner.clone();
    for subnet in &subnets {
        if SUBNET.find(subnet, &ec2.subnets)?.vpc != vpc {
            return Err(SUBNET.unknown(subnet));
        }
    }
    if subnets.is_empty() {
        ctx.params.required("SubnetIds")?;
    }
    let same = |it: &TransitAttachment| it.gateway == gateway && it.vpc == vpc && it.state != "deleted";
    if let Some((id, _)) = ec2.transit_attachments.iter().find(|(_, it)| same(it)) {
        let text = format!("{gateway} has non-deleted Transit Gateway Attachments with same VPC ID: {id}.");
        return Err(AwsError::new("DuplicateTransitGatewayAttachment", text));
    }
    let id = world.ids.ec2("tgw-attach");
    let interfaces = own_interfaces(world, ctx, &id, (vpc, &subnets))?;
    let attachment = TransitAttachment {
        state: "pending".to_owned(),
        gateway: gateway.to_owned(),
        vpc: vpc.to_owned(),
        vpc_owner,
        subnets,
        interfaces,
        created: Some(world.clock.now()),
        tags,
    };
    let answer = answered(&id, &attachment);
    world.region(&ctx.region).ec2.transit_attachments.insert(id.clone(), attachment);
    let region = ctx.region.clone();
    world.after(CREATE_TAKES, move |world| {
        let attachment = world.region(&region).ec2.transit_attachments.get_mut(&id);
        if let Some(attachment) = attachment.filter(|it| it.state == "pending") {
            attachment.state = "available".to_owned();
        }
    });
    Ok(answer)
}

/// One in each subnet. The text is AWS's, seen in
/// <https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2483>.
fn own_interfaces(
    world: &mut World,
    ctx: &Ctx,
    id: &str,
    (vpc, subnets): (&str, &BTreeSet<String>),
) -> AwsResult<Vec<String>> {
    let groups = default_group(&world.region(&ctx.region).ec2, vpc);
    let mut made = Vec::new();
    for subnet in subnets {
        let spec = Interface {
            subnet: subnet.clone(),
            description: format!("Network Interface for Transit Gateway Attachment {id}"),
            interface_type: "transit_gateway".to_owned(),
            requester_managed: true,
            requester_id: Some("amazon-aws".to_owned()),
            groups: groups.clone(),
            attachment: Some(service_attachment(world, "amazon-aws")),
            ..Interface::default()
        };
        match unattached::make(world, &ctx.region, spec) {
            Ok(interface) => made.push(interface),
            Err(refusal) => {
                made.iter().for_each(|interface| release_interface(world, &ctx.region, interface));
                return Err(refusal);
            }
        }
    }
    Ok(made)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTransitGatewayVpcAttachment.html>. The sentence
/// for one that is gone is AWS's, seen in rebuy-de/aws-nuke#961.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("TransitGatewayAttachmentId")?;
    let attachments = &mut world.region(&ctx.region).ec2.transit_attachments;
    let attachment = TRANSIT_ATTACHMENT.find_mut(id, attachments)?;
    match attachment.state.as_str() {
        "deleted" => return Err(TRANSIT_ATTACHMENT.unknown(id)),
        "available" => {}
        _ => return Err(AwsError::new("IncorrectState", format!("{id} is in invalid state"))),
    }
    attachment.state = "deleting".to_owned();
    let answer = answered(id, attachment);
    let interfaces = attachment.interfaces.clone();
    unattached::let_go_before(world, &ctx.region, &interfaces, DELETE_TAKES);
    let (region, gone) = (ctx.region.clone(), id.to_owned());
    world.after(DELETE_TAKES, move |world| {
        interfaces.iter().for_each(|interface| release_interface(world, &region, interface));
        if let Some(attachment) = world.region(&region).ec2.transit_attachments.get_mut(&gone) {
            attachment.state = "deleted".to_owned();
        }
    });
    let (region, gone) = (ctx.region.clone(), id.to_owned());
    world.after(DELETE_TAKES + ROW_STAYS, move |world| {
        world.region(&region).ec2.transit_attachments.remove(&gone);
    });
    Ok(answer)
}

/// Whether a VPC is attached to this gateway, so that routes there lead somewhere.
pub(crate) fn leads(ec2: &Ec2, vpc: &str, gateway: &str) -> bool {
    ec2.transit_attachments
        .values()
        .any(|it| it.vpc == vpc && it.gateway == gateway && it.state == "available")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::lab::Lab;

    #[test]
    fn one_holds_its_subnets_and_its_vpc_until_it_is_really_deleted() {
        let mut lab = Lab::new();
        let (vpc, subnet) = lab.vpc_with_subnet();
        let params = [
            ("TransitGatewayId", "tgw-0123456789abcdef0"),
            ("VpcId", vpc.as_str()),
            ("SubnetIds.1", subnet.as_str()),
        ];
        let id = lab.get("CreateTransitGatewayVpcAttachment", &params, "transitGatewayAttachmentId");
        lab.refused("CreateTransitGatewayVpcAttachment", &params, "DuplicateTransitGatewayAttachment");
        let of = [("TransitGatewayAttachmentId", id.as_str())];
        lab.refused("DeleteTransitGatewayVpcAttachment", &of, "IncorrectState");
        lab.pass(CREATE_TAKES);
        assert_eq!(lab.get("DescribeTransitGatewayVpcAttachments", &[], "state"), "available");
        lab.refused("DeleteSubnet", &[("SubnetId", &subnet)], "DependencyViolation");
        lab.ok("DeleteTransitGatewayVpcAttachment", &of);
        lab.refused("DeleteTransitGatewayVpcAttachment", &of, "IncorrectState");
        lab.refused("DeleteVpc", &[("VpcId", &vpc)], "DependencyViolation");
        lab.pass(DELETE_TAKES);
        assert_eq!(lab.get("DescribeTransitGatewayVpcAttachments", &[], "state"), "deleted");
        lab.refused("DeleteTransitGatewayVpcAttachment", &of, "InvalidTransitGatewayAttachmentID.NotFound");
        lab.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
        lab.ok("DeleteVpc", &[("VpcId", &vpc)]);
    }
}
