//! VPC peering connections. Shown only in the requester's region.

use std::time::Duration;

use super::describe::{Kind, Pages, describe, one};
use super::noun::{PEERING, VPC};
use super::tags::{checked, done};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::stores::ec2::{Peering, PeeringSide};
use crate::world::World;
use crate::xml::Xml;

/// Until a deleted connection is `deleted`: seconds, customary knowledge; waiter `VpcPeeringConnectionDeleted`.
pub(crate) const DELETE_TAKES: Duration = Duration::from_secs(10);
/// How long it is shown afterwards: <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-lifecycle>.
pub(crate) const SHOWN_AFTERWARDS: Duration = Duration::from_secs(2 * 3600);

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("AcceptVpcPeeringConnection", accept),
    ("CreateVpcPeeringConnection", create),
    ("DeleteVpcPeeringConnection", delete),
    ("DescribeVpcPeeringConnections", |world, ctx| describe(world, ctx, &KIND)),
];

static KIND: Kind<Peering> = Kind {
    noun: &PEERING,
    ids: "VpcPeeringConnectionId",
    set: "vpcPeeringConnectionSet",
    pages: Pages::Of(1000),
    facts: &[
        ("accepter-vpc-info.cidr-block", |_, _, peering| one(&peering.accepter.cidr)),
        ("accepter-vpc-info.owner-id", |_, _, peering| one(&peering.accepter.owner)),
        ("accepter-vpc-info.vpc-id", |_, _, peering| one(&peering.accepter.vpc)),
        ("requester-vpc-info.cidr-block", |_, _, peering| one(&peering.requester.cidr)),
        ("requester-vpc-info.owner-id", |_, _, peering| one(&peering.requester.owner)),
        ("requester-vpc-info.vpc-id", |_, _, peering| one(&peering.requester.vpc)),
        ("status-code", |_, _, peering| one(&peering.status)),
        ("vpc-peering-connection-id", |_, id, _| one(id)),
    ],
    tags: |peering| &peering.tags,
    records: |ec2| &ec2.peerings,
    write: |_, xml, id, peering| write(xml, id, peering),
};

fn write(xml: &mut Xml, id: &str, peering: &Peering) {
    xml.text("vpcPeeringConnectionId", id);
    for (name, side) in [("requesterVpcInfo", &peering.requester), ("accepterVpcInfo", &peering.accepter)] {
        xml.node(name, |info| {
            info.text("ownerId", &side.owner).text("vpcId", &side.vpc).text("region", &side.region);
            if !side.cidr.is_empty() {
                info.text("cidrBlock", &side.cidr);
            }
        });
    }
    xml.node("status", |status| {
        status.text("code", &peering.status).text("message", &peering.status);
    });
    xml.tags(&peering.tags);
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcPeeringConnection.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let vpc = ctx.params.required("VpcId")?;
    let peer = ctx.params.required("PeerVpcId")?;
    let tags = checked(ctx.params.tag_specifications("vpc-peering-connection"))?;
    let owner = world.account.clone();
    let peer_owner = ctx.params.get("PeerOwnerId").map_or_else(|| owner.clone(), str::to_owned);
    let peer_region = ctx.params.get("PeerRegion").unwrap_or(&ctx.region).to_owned();
    let cidr = VPC.find(vpc, &world.region(&ctx.region).ec2.vpcs)?.cidr.clone();
    let peer_cidr = match world.region(&peer_region).ec2.vpcs.get(peer) {
        Some(record) => record.cidr.clone(),
        None if peer_owner == owner => return Err(VPC.unknown(peer)),
        None => String::new(),
    };
    let side = |owner: &str, vpc: &str, region: &str, cidr| PeeringSide {
        owner: owner.to_owned(),
        vpc: vpc.to_owned(),
        region: region.to_owned(),
        cidr,
    };
    let peering = Peering {
        requester: side(&owner, vpc, &ctx.region, cidr),
        accepter: side(&peer_owner, peer, &peer_region, peer_cidr),
        status: "pending-acceptance".to_owned(),
        tags,
    };
    let id = world.ids.ec2("pcx");
    let mut xml = Xml::new();
    xml.node("vpcPeeringConnection", |inside| write(inside, &id, &peering));
    world.region(&ctx.region).ec2.peerings.insert(id, peering);
    Ok(xml.into())
}

fn wrong_state(id: &str, peering: &Peering) -> AwsError {
    let text = format!("Invalid state transition for {id}, attempted to transition from {}", peering.status);
    AwsError::new("InvalidStateTransition", text)
}

fn accept(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("VpcPeeringConnectionId")?;
    let peering = PEERING.find_mut(id, &mut world.region(&ctx.region).ec2.peerings)?;
    if peering.status != "pending-acceptance" {
        return Err(wrong_state(id, peering));
    }
    peering.status = "active".to_owned();
    let mut xml = Xml::new();
    xml.node("vpcPeeringConnection", |inside| write(inside, id, peering));
    Ok(xml.into())
}

/// Only an active or a pending connection can be deleted; the others go by themselves.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcPeeringConnection.html>
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("VpcPeeringConnectionId")?;
    let peering = PEERING.find_mut(id, &mut world.region(&ctx.region).ec2.peerings)?;
    if !["active", "pending-acceptance"].contains(&peering.status.as_str()) {
        return Err(wrong_state(id, peering));
    }
    peering.status = "deleting".to_owned();
    let (region, id) = (ctx.region.clone(), id.to_owned());
    world.after(DELETE_TAKES, move |world| {
        if let Some(peering) = world.region(&region).ec2.peerings.get_mut(&id) {
            peering.status = "deleted".to_owned();
        }
        world.after(SHOWN_AFTERWARDS, move |world| {
            world.region(&region).ec2.peerings.remove(&id);
        });
    });
    Ok(done())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::lab::Lab;

    #[test]
    fn an_active_connection_keeps_both_vpcs_until_it_is_deleted() {
        let mut lab = Lab::new();
        let (vpc, peer) = (lab.vpc(), lab.vpc());
        let both = [("VpcId", vpc.as_str()), ("PeerVpcId", &peer)];
        let id = lab.get("CreateVpcPeeringConnection", &both, "vpcPeeringConnectionId");
        let this = [("VpcPeeringConnectionId", id.as_str())];
        lab.ok("AcceptVpcPeeringConnection", &this);
        lab.refused("AcceptVpcPeeringConnection", &this, "InvalidStateTransition");
        lab.refused("DeleteVpc", &[("VpcId", &vpc)], "DependencyViolation");
        lab.refused("DeleteVpc", &[("VpcId", &peer)], "DependencyViolation");
        lab.ok("DeleteVpcPeeringConnection", &this);
        lab.pass(DELETE_TAKES);
        lab.refused("DeleteVpcPeeringConnection", &this, "InvalidStateTransition");
        lab.ok("DeleteVpc", &[("VpcId", &vpc)]);
        lab.ok("DeleteVpc", &[("VpcId", &peer)]);
        lab.pass(SHOWN_AFTERWARDS);
        lab.refused("DeleteVpcPeeringConnection", &this, "InvalidVpcPeeringConnectionID.NotFound");
    }
}
