//! Internet gateways.

use super::describe::{Kind, Pages, describe, one, optional};
use super::in_use;
use super::noun::{self, INTERNET_GATEWAY, VPC};
use super::tags::{checked, done};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::ec2::InternetGateway;
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("AttachInternetGateway", attach),
    ("CreateInternetGateway", create),
    ("DeleteInternetGateway", delete),
    ("DescribeInternetGateways", |world, ctx| describe(world, ctx, &KIND)),
    ("DetachInternetGateway", detach),
];

static KIND: Kind<InternetGateway> = Kind {
    noun: &INTERNET_GATEWAY,
    ids: "InternetGatewayId",
    set: "internetGatewaySet",
    pages: Pages::Of(1000),
    facts: &[
        ("attachment.state", |_, _, gateway| optional(gateway.vpc.as_ref().map(|_| "available"))),
        ("attachment.vpc-id", |_, _, gateway| optional(gateway.vpc.as_ref())),
        ("internet-gateway-id", |_, id, _| one(id)),
        ("owner-id", |_, _, gateway| one(&gateway.owner)),
    ],
    tags: |gateway| &gateway.tags,
    records: |ec2| &ec2.internet_gateways,
    write: |_, xml, id, gateway| write(xml, id, gateway),
};

fn write(xml: &mut Xml, id: &str, gateway: &InternetGateway) {
    xml.text("internetGatewayId", id).text("ownerId", &gateway.owner);
    // An attached gateway is `available`, not `attached`, as AWS tells it:
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InternetGatewayAttachment.html
    xml.list("attachmentSet", &gateway.vpc, |item, vpc| {
        item.text("vpcId", vpc).text("state", "available");
    });
    xml.tags(&gateway.tags);
}

fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let tags = checked(ctx.params.tag_specifications("internet-gateway"))?;
    let owner = world.account.clone();
    let most = world.quotas.limit(&ctx.region, table::INTERNET_GATEWAYS);
    if world.region(&ctx.region).ec2.internet_gateways.len() >= most {
        let text = "The maximum number of internet gateways has been reached.";
        return Err(AwsError::new("InternetGatewayLimitExceeded", text));
    }
    let id = world.ids.ec2("igw");
    let gateway = InternetGateway { vpc: None, owner, tags };
    let mut xml = Xml::new();
    xml.node("internetGateway", |inside| write(inside, &id, &gateway));
    world.region(&ctx.region).ec2.internet_gateways.insert(id, gateway);
    Ok(xml.into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html>,
/// codes: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>.
fn attach(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("InternetGatewayId")?;
    let vpc = ctx.params.required("VpcId")?;
    let ec2 = &mut world.region(&ctx.region).ec2;
    VPC.check(vpc, &ec2.vpcs)?;
    let taken = ec2.internet_gateways.values().any(|other| other.vpc.as_deref() == Some(vpc));
    let gateway = INTERNET_GATEWAY.find_mut(id, &mut ec2.internet_gateways)?;
    if let Some(other) = &gateway.vpc {
        let text = format!("resource {id} is already attached to network {other}");
        return Err(AwsError::new("Resource.AlreadyAssociated", text));
    }
    if taken {
        let text = format!("Network {vpc} already has an internet gateway attached");
        return Err(AwsError::new("InvalidParameterValue", text));
    }
    gateway.vpc = Some(vpc.to_owned());
    Ok(done())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html>
fn detach(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("InternetGatewayId")?;
    let vpc = ctx.params.required("VpcId")?;
    let ec2 = &mut world.region(&ctx.region).ec2;
    let gateway = INTERNET_GATEWAY.find(id, &ec2.internet_gateways)?;
    VPC.check(vpc, &ec2.vpcs)?;
    if gateway.vpc.as_deref() != Some(vpc) {
        let text = format!("resource {id} is not attached to network {vpc}");
        return Err(AwsError::new("Gateway.NotAttached", text));
    }
    if !in_use::public_interfaces(ec2, vpc).is_empty() {
        return Err(noun::dependency(format!(
            "Network {vpc} has some mapped public address(es). Please unmap those public address(es) \
             before detaching the gateway."
        )));
    }
    INTERNET_GATEWAY.find_mut(id, &mut ec2.internet_gateways)?.vpc = None;
    Ok(done())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteInternetGateway.html>
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("InternetGatewayId")?;
    let account = world.account.clone();
    let ec2 = &mut world.region(&ctx.region).ec2;
    let gateway = INTERNET_GATEWAY.find(id, &ec2.internet_gateways)?;
    if gateway.owner != account {
        return Err(noun::not_yours());
    }
    if gateway.vpc.is_some() {
        let text = format!("The internetGateway '{id}' has dependencies and cannot be deleted.");
        return Err(noun::dependency(text));
    }
    ec2.internet_gateways.remove(id);
    Ok(done())
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::Lab;
    use crate::ec2::nat_gateways::DELETE_TAKES;

    #[test]
    fn a_gateway_stays_attached_while_a_public_address_is_mapped() {
        let mut lab = Lab::new();
        let (vpc, subnet, gateway) = lab.public_subnet();
        let (nat, _) = lab.nat(&subnet);
        let detach = [("InternetGatewayId", gateway.as_str()), ("VpcId", vpc.as_str())];
        let refusal = lab.refused("DetachInternetGateway", &detach, "DependencyViolation");
        assert_eq!(
            refusal.message,
            format!(
                "Network {vpc} has some mapped public address(es). Please unmap those public address(es) \
                 before detaching the gateway."
            )
        );
        lab.ok("DeleteNatGateway", &[("NatGatewayId", &nat)]);
        lab.refused("DetachInternetGateway", &detach, "DependencyViolation");
        lab.pass(DELETE_TAKES);
        lab.ok("DetachInternetGateway", &detach);
    }

    #[test]
    fn an_attached_gateway_is_neither_deleted_nor_attached_twice() {
        let mut lab = Lab::new();
        let (vpc, _, gateway) = lab.public_subnet();
        let other = lab.get("CreateInternetGateway", &[], "internetGatewayId");
        let attach = |gateway| [("InternetGatewayId", gateway), ("VpcId", vpc.as_str())];
        lab.refused("AttachInternetGateway", &attach(&other), "InvalidParameterValue");
        lab.refused("AttachInternetGateway", &attach(&gateway), "Resource.AlreadyAssociated");
        lab.refused("DeleteInternetGateway", &[("InternetGatewayId", &gateway)], "DependencyViolation");
        lab.refused("DeleteVpc", &[("VpcId", &vpc)], "DependencyViolation");
        lab.ok("DetachInternetGateway", &attach(&gateway));
        lab.refused("DetachInternetGateway", &attach(&gateway), "Gateway.NotAttached");
        lab.ok("DeleteInternetGateway", &[("InternetGatewayId", &gateway)]);
        let gone = [("InternetGatewayId", gateway.as_str())];
        lab.refused("DeleteInternetGateway", &gone, "InvalidInternetGatewayID.NotFound");
    }

    #[test]
    fn the_quota_counts_the_default_gateway() {
        let mut lab = Lab::new();
        for _ in 0..4 {
            lab.ok("CreateInternetGateway", &[]);
        }
        lab.refused("CreateInternetGateway", &[], "InternetGatewayLimitExceeded");
    }
}
