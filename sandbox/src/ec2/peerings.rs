//! VPC peering connections: from the request to what is left of it. Both ends see one, each in its region.
//!
//! The states and how long each is shown:
//! <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-lifecycle>. What the
//! deletion of a VPC does to its connections: [`hold`] and [`requester_gone`].

use std::time::Duration;

use super::cidr::Cidr;
use super::describe::{Kind, Pages, describe, one, optional};
use super::noun::{PEERING, VPC};
use super::tags::{checked, done};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::ec2::{Ec2, Peering, PeeringSide};
use crate::tags::Tags;
use crate::world::World;
use crate::xml::Xml;

/// Until a request is `pending-acceptance` or `failed`, and until an accepted one is `active`: seconds,
/// customary knowledge.
pub(crate) const STEP_TAKES: Duration = Duration::from_secs(2);
/// Until a deleted connection is `deleted`: seconds, customary knowledge; waiter `VpcPeeringConnectionDeleted`.
pub(crate) const DELETE_TAKES: Duration = Duration::from_secs(10);
/// How long a request waits for its answer.
pub(crate) const EXPIRES_AFTER: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long what was deleted is shown to who deleted it, and what failed to who asked for it.
pub(crate) const SHOWN_AFTERWARDS: Duration = Duration::from_secs(2 * 3600);
/// How long what was rejected or has expired is shown.
pub(crate) const REFUSAL_SHOWN: Duration = Duration::from_secs(2 * 24 * 3600);

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("AcceptVpcPeeringConnection", accept),
    ("CreateVpcPeeringConnection", create),
    ("DeleteVpcPeeringConnection", delete),
    ("DescribeVpcPeeringConnections", |world, ctx| describe(world, ctx, &KIND)),
    ("RejectVpcPeeringConnection", reject),
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
        ("expiration-time", |_, _, peering| optional(peering.expires)),
        ("status-code", |_, _, peering| one(&peering.status)),
        ("status-message", |_, _, peering| one(message(peering))),
        ("vpc-peering-connection-id", |_, id, _| one(id)),
    ],
    tags: |peering| &peering.tags,
    records: |ec2| &ec2.peerings,
    write: |_, xml, id, peering| write(xml, id, peering),
};

/// What `status.message` says; customary sentences.
fn message(peering: &Peering) -> String {
    let (requester, accepter) = (&peering.requester.owner, &peering.accepter.owner);
    match peering.status.as_str() {
        "initiating-request" => format!("Initiating Request to {accepter}"),
        "pending-acceptance" => format!("Pending Acceptance by {accepter}"),
        "provisioning" => "Provisioning".to_owned(),
        "active" => "Active".to_owned(),
        "failed" => "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range".to_owned(),
        "rejected" => format!("Rejected by {accepter}"),
        "expired" => format!("Expired after not being accepted by {accepter}"),
        other => format!("{}{} by {requester}", other[..1].to_uppercase(), &other[1..]),
    }
}

fn write(xml: &mut Xml, id: &str, peering: &Peering) {
    xml.text("vpcPeeringConnectionId", id);
    for (name, side) in [("requesterVpcInfo", &peering.requester), ("accepterVpcInfo", &peering.accepter)] {
        xml.node(name, |info| {
            info.text("ownerId", &side.owner).text("vpcId", &side.vpc).text("region", &side.region);
            if !side.cidr.is_empty() {
                info.text("cidrBlock", &side.cidr);
                info.list("cidrBlockSet", [&side.cidr], |item, cidr| {
                    item.text("cidrBlock", cidr);
                });
            }
        });
    }
    xml.node("status", |status| {
        status.text("code", &peering.status).text("message", message(peering));
    });
    xml.maybe("expirationTime", peering.expires);
    xml.tags(&peering.tags);
}

/// A connection between VPCs whose ranges overlap becomes `failed`.
///
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
        Some(record) if peer_owner == owner => record.cidr.clone(),
        None if peer_owner == owner => return Err(VPC.unknown(peer)),
        // What lies in another account is not known here.
        Some(_) | None => String::new(),
    };
    refuse_second(&world.region(&ctx.region).ec2, vpc, peer)?;
    let overlap = Cidr::parse(&cidr)
        .zip(Cidr::parse(&peer_cidr))
        .is_some_and(|(own, other)| own.holds(other) || other.holds(own));
    let expires =
        world.clock.now().saturating_add(jiff::SignedDuration::try_from(EXPIRES_AFTER).unwrap_or_default());
    let side = |owner: &str, vpc: &str, region: &str, cidr| PeeringSide {
        owner: owner.to_owned(),
        vpc: vpc.to_owned(),
        region: region.to_owned(),
        cidr,
    };
    let peering = Peering {
        requester: side(&owner, vpc, &ctx.region, cidr),
        accepter: side(&peer_owner, peer, &peer_region, peer_cidr),
        status: "initiating-request".to_owned(),
        expires: expires.ok(),
        tags,
    };
    let id = world.ids.ec2("pcx");
    let mut xml = Xml::new();
    xml.node("vpcPeeringConnection", |inside| write(inside, &id, &peering));
    // The other end sees it as well, with tags of its own.
    if peer_owner == owner && peer_region != ctx.region {
        let seen = Peering { tags: Tags::new(), ..peering.clone() };
        world.region(&peer_region).ec2.peerings.insert(id.clone(), seen);
    }
    world.region(&ctx.region).ec2.peerings.insert(id.clone(), peering);
    let next = if overlap { "failed" } else { "pending-acceptance" };
    then(world, &id, STEP_TAKES, ("initiating-request", next));
    then(world, &id, EXPIRES_AFTER, ("pending-acceptance", "expired"));
    Ok(xml.into())
}

/// Two VPCs are connected once:
/// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations>.
fn refuse_second(ec2: &Ec2, vpc: &str, peer: &str) -> AwsResult<()> {
    let same = |peering: &&Peering| {
        let ends = [peering.requester.vpc.as_str(), peering.accepter.vpc.as_str()];
        (ends == [vpc, peer] || ends == [peer, vpc])
            && ["pending-acceptance", "provisioning", "active"].contains(&peering.status.as_str())
    };
    match ec2.peerings.values().find(same) {
        None => Ok(()),
        Some(_) => {
            let text = format!("A VPC peering connection between {vpc} and {peer} already exists.");
            Err(AwsError::new("VpcPeeringConnectionAlreadyExists", text))
        }
    }
}

/// After a while, moves a connection that is still in the first state to the second, at both ends; one that
/// is at its end is shown for a while.
fn then(world: &mut World, id: &str, wait: Duration, (from, to): (&'static str, &'static str)) {
    let id = id.to_owned();
    world.after(wait, move |world| {
        if find(world, &id).is_some_and(|peering| peering.status == from) {
            set(world, &id, to);
        }
    });
}

fn find<'a>(world: &'a World, id: &str) -> Option<&'a Peering> {
    world.regions.values().find_map(|region| region.ec2.peerings.get(id))
}

fn set(world: &mut World, id: &str, status: &str) {
    for region in world.regions.values_mut() {
        if let Some(peering) = region.ec2.peerings.get_mut(id) {
            peering.status = status.to_owned();
            if status != "pending-acceptance" {
                peering.expires = None;
            }
        }
    }
    let shown = match status {
        "deleted" | "failed" => SHOWN_AFTERWARDS,
        "rejected" | "expired" => REFUSAL_SHOWN,
        _ => return,
    };
    let id = id.to_owned();
    world.after(shown, move |world| {
        for region in world.regions.values_mut() {
            region.ec2.peerings.remove(&id);
        }
    });
}

fn wrong_state(id: &str, peering: &Peering) -> AwsError {
    let text = format!("Invalid state transition for {id}, attempted to transition from {}", peering.status);
    AwsError::new("InvalidStateTransition", text)
}

/// The connection that a call of the accepter names, which has to wait for an answer. The accepter answers
/// from its own region:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AcceptVpcPeeringConnection.html>.
fn waiting<'a>(world: &mut World, ctx: &'a Ctx) -> AwsResult<&'a str> {
    let id = ctx.params.required("VpcPeeringConnectionId")?;
    let account = world.account.clone();
    let peering = PEERING.find(id, &world.region(&ctx.region).ec2.peerings)?;
    if peering.accepter.owner != account || peering.accepter.region != ctx.region {
        let text = format!("User {account} cannot accept or reject peering {id} in {}", ctx.region);
        return Err(AwsError::new("OperationNotPermitted", text));
    }
    if peering.status != "pending-acceptance" {
        return Err(wrong_state(id, peering));
    }
    Ok(id)
}

/// Codes: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>.
fn refuse_if_full(world: &mut World, ctx: &Ctx, id: &str) -> AwsResult<()> {
    let most = world.quotas.limit(&ctx.region, table::ACTIVE_PEERINGS);
    let peerings = &world.region(&ctx.region).ec2.peerings;
    let vpc = &PEERING.find(id, peerings)?.accepter.vpc;
    let works = |peering: &&Peering| {
        ["active", "provisioning"].contains(&peering.status.as_str())
            && [&peering.requester.vpc, &peering.accepter.vpc].contains(&vpc)
    };
    if peerings.values().filter(works).count() < most {
        return Ok(());
    }
    let text = format!("The maximum number of active VPC peering connections of {vpc} has been reached.");
    Err(AwsError::new("ActiveVpcPeeringConnectionPerVpcLimitExceeded", text))
}

fn accept(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = waiting(world, ctx)?;
    refuse_if_full(world, ctx, id)?;
    set(world, id, "provisioning");
    then(world, id, STEP_TAKES, ("provisioning", "active"));
    let mut xml = Xml::new();
    let peering = PEERING.find(id, &world.region(&ctx.region).ec2.peerings)?;
    xml.node("vpcPeeringConnection", |inside| write(inside, id, peering));
    Ok(xml.into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RejectVpcPeeringConnection.html>
fn reject(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = waiting(world, ctx)?;
    set(world, id, "rejected");
    Ok(done())
}

/// Either end may delete an active connection, the requester a pending one as well; the others go by
/// themselves. "The status is set to Deleting and then Deleted".
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcPeeringConnection.html>,
/// <https://docs.aws.amazon.com/vpc/latest/peering/delete-vpc-peering-connection.html>
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("VpcPeeringConnectionId")?;
    let account = world.account.clone();
    let peering = PEERING.find(id, &world.region(&ctx.region).ec2.peerings)?;
    match peering.status.as_str() {
        "active" => {}
        "pending-acceptance" if peering.requester.owner == account => {}
        _ => return Err(wrong_state(id, peering)),
    }
    set(world, id, "deleting");
    then(world, id, DELETE_TAKES, ("deleting", "deleted"));
    Ok(done())
}

/// The connections that keep a VPC. Deleting the VPC takes an active one along in the console only; over the
/// API the VPC "has dependencies":
/// <https://repost.aws/knowledge-center/troubleshoot-dependency-error-delete-vpc>. "You cannot delete a VPC for
/// which you have a pending-acceptance request":
/// <https://docs.aws.amazon.com/vpc/latest/peering/delete-vpc-peering-connection.html>.
pub(super) fn hold(ec2: &Ec2, vpc: &str) -> Vec<String> {
    let holds = |peering: &&Peering| match peering.status.as_str() {
        "active" | "provisioning" | "deleting" => {
            [&peering.requester.vpc, &peering.accepter.vpc].iter().any(|end| *end == vpc)
        }
        "pending-acceptance" => peering.accepter.vpc == vpc,
        _ => false,
    };
    ec2.peerings.iter().filter(|(_, peering)| holds(peering)).map(|(id, _)| id.clone()).collect()
}

/// To be called when a VPC was deleted: a request of its own that nobody has accepted "is also deleted"
/// (same page).
pub(super) fn requester_gone(world: &mut World, region: &str, vpc: &str) {
    let requests = world.region(region).ec2.peerings.iter().filter(|(_, peering)| {
        peering.requester.vpc == vpc
            && ["initiating-request", "pending-acceptance"].contains(&peering.status.as_str())
    });
    let requests: Vec<String> = requests.map(|(id, _)| id.clone()).collect();
    for id in requests {
        set(world, &id, "deleted");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::lab::{Lab, REGION};

    const AWAY: &str = "eu-west-1";

    /// A VPC 10.1.0.0/16, which overlaps with no other.
    fn other_vpc(lab: &mut Lab) -> String {
        lab.get("CreateVpc", &[("CidrBlock", "10.1.0.0/16")], "vpcId")
    }

    fn request(lab: &mut Lab, vpc: &str, peer: &str, more: &[(&str, &str)]) -> String {
        let mut params = vec![("VpcId", vpc), ("PeerVpcId", peer)];
        params.extend(more);
        let id = lab.get("CreateVpcPeeringConnection", &params, "vpcPeeringConnectionId");
        assert_eq!(status(lab, &id), "initiating-request");
        lab.pass(STEP_TAKES);
        id
    }

    fn status(lab: &mut Lab, id: &str) -> String {
        lab.get("DescribeVpcPeeringConnections", &[("VpcPeeringConnectionId.1", id)], "code")
    }

    #[test]
    fn an_active_connection_keeps_both_vpcs_until_it_is_deleted() {
        let mut lab = Lab::new();
        let (vpc, peer) = (lab.vpc(), other_vpc(&mut lab));
        let id = request(&mut lab, &vpc, &peer, &[]);
        let this = [("VpcPeeringConnectionId", id.as_str())];
        assert_eq!(lab.get("AcceptVpcPeeringConnection", &this, "code"), "provisioning");
        lab.pass(STEP_TAKES);
        assert_eq!(status(&mut lab, &id), "active");
        lab.refused("AcceptVpcPeeringConnection", &this, "InvalidStateTransition");
        lab.refused("RejectVpcPeeringConnection", &this, "InvalidStateTransition");
        lab.refused("DeleteVpc", &[("VpcId", &vpc)], "DependencyViolation");
        lab.refused("DeleteVpc", &[("VpcId", &peer)], "DependencyViolation");
        lab.ok("DeleteVpcPeeringConnection", &this);
        lab.refused("DeleteVpc", &[("VpcId", &peer)], "DependencyViolation");
        lab.pass(DELETE_TAKES);
        assert_eq!(status(&mut lab, &id), "deleted");
        lab.refused("DeleteVpcPeeringConnection", &this, "InvalidStateTransition");
        lab.ok("DeleteVpc", &[("VpcId", &vpc)]);
        lab.ok("DeleteVpc", &[("VpcId", &peer)]);
        lab.pass(SHOWN_AFTERWARDS);
        lab.refused("DeleteVpcPeeringConnection", &this, "InvalidVpcPeeringConnectionID.NotFound");
    }

    #[test]
    fn two_vpcs_are_connected_once_and_a_vpc_as_often_as_its_quota_permits() {
        let mut lab = Lab::new();
        let (vpc, peer) = (lab.vpc(), other_vpc(&mut lab));
        let id = request(&mut lab, &vpc, &peer, &[]);
        let back = [("VpcId", peer.as_str()), ("PeerVpcId", &vpc)];
        lab.refused("CreateVpcPeeringConnection", &back, "VpcPeeringConnectionAlreadyExists");
        lab.world.quotas.apply(REGION, table::ACTIVE_PEERINGS, 0.0);
        let this = [("VpcPeeringConnectionId", id.as_str())];
        lab.refused("AcceptVpcPeeringConnection", &this, "ActiveVpcPeeringConnectionPerVpcLimitExceeded");
        lab.world.quotas.apply(REGION, table::ACTIVE_PEERINGS, 1.0);
        lab.ok("AcceptVpcPeeringConnection", &this);
    }

    #[test]
    fn vpcs_that_overlap_do_not_come_together() {
        let mut lab = Lab::new();
        let (vpc, peer) = (lab.vpc(), lab.vpc());
        let id = request(&mut lab, &vpc, &peer, &[]);
        assert_eq!(status(&mut lab, &id), "failed");
        let this = [("VpcPeeringConnectionId", id.as_str())];
        for action in ["AcceptVpcPeeringConnection", "DeleteVpcPeeringConnection"] {
            lab.refused(action, &this, "InvalidStateTransition");
        }
        lab.ok("DeleteVpc", &[("VpcId", &vpc)]);
        lab.pass(SHOWN_AFTERWARDS);
        lab.refused("DeleteVpcPeeringConnection", &this, "InvalidVpcPeeringConnectionID.NotFound");
    }

    #[test]
    fn a_request_keeps_the_vpc_that_was_asked_and_goes_with_the_one_that_asks() {
        let mut lab = Lab::new();
        let (vpc, peer) = (lab.vpc(), other_vpc(&mut lab));
        let id = request(&mut lab, &vpc, &peer, &[]);
        lab.refused("DeleteVpc", &[("VpcId", &peer)], "DependencyViolation");
        lab.ok("DeleteVpc", &[("VpcId", &vpc)]);
        assert_eq!(status(&mut lab, &id), "deleted");
        lab.ok("DeleteVpc", &[("VpcId", &peer)]);
    }

    #[test]
    fn a_rejected_request_and_one_without_an_answer_hold_nothing_and_go_by_themselves() {
        let mut lab = Lab::new();
        let (vpc, peer) = (lab.vpc(), other_vpc(&mut lab));
        for (action, wanted) in [(Some("RejectVpcPeeringConnection"), "rejected"), (None, "expired")] {
            let id = request(&mut lab, &vpc, &peer, &[]);
            let this = [("VpcPeeringConnectionId", id.as_str())];
            match action {
                Some(action) => drop(lab.ok(action, &this)),
                None => lab.pass(EXPIRES_AFTER),
            }
            assert_eq!(status(&mut lab, &id), wanted);
            lab.refused("DeleteVpcPeeringConnection", &this, "InvalidStateTransition");
            lab.pass(REFUSAL_SHOWN);
            lab.refused("DeleteVpcPeeringConnection", &this, "InvalidVpcPeeringConnectionID.NotFound");
        }
        lab.ok("DeleteVpc", &[("VpcId", &peer)]);
    }

    #[test]
    fn both_regions_see_a_connection_between_them_and_the_asked_one_answers() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let told = lab.world.call("ec2", AWAY, "CreateVpc", &[("CidrBlock", "10.1.0.0/16")]).unwrap();
        let peer = crate::xml::text_of(&told, "vpcId").unwrap();
        let id = request(&mut lab, &vpc, &peer, &[("PeerRegion", AWAY)]);
        let this = [("VpcPeeringConnectionId", id.as_str())];
        lab.refused("AcceptVpcPeeringConnection", &this, "OperationNotPermitted");
        lab.world.call("ec2", AWAY, "AcceptVpcPeeringConnection", &this).unwrap();
        lab.pass(STEP_TAKES);
        assert_eq!(status(&mut lab, &id), "active");
        let refusal = lab.world.call("ec2", AWAY, "DeleteVpc", &[("VpcId", &peer)]).unwrap_err();
        assert_eq!(refusal.code, "DependencyViolation");
        lab.world.call("ec2", AWAY, "DeleteVpcPeeringConnection", &this).unwrap();
        lab.pass(DELETE_TAKES);
        assert_eq!(status(&mut lab, &id), "deleted");
        lab.ok("DeleteVpc", &[("VpcId", &vpc)]);
    }

    #[test]
    fn a_request_from_another_account_is_not_the_accounts_to_delete() {
        let mut lab = Lab::new();
        let (vpc, peer) = (lab.vpc(), other_vpc(&mut lab));
        let id = request(&mut lab, &vpc, &peer, &[]);
        let peering = lab.world.region(REGION).ec2.peerings.get_mut(&id).unwrap();
        peering.requester.owner = "999988887777".to_owned();
        let this = [("VpcPeeringConnectionId", id.as_str())];
        lab.refused("DeleteVpcPeeringConnection", &this, "InvalidStateTransition");
        lab.ok("RejectVpcPeeringConnection", &this);
    }

    #[test]
    fn a_route_through_a_connection_works_while_it_is_active() {
        let mut lab = Lab::new();
        let (vpc, peer) = (lab.vpc(), other_vpc(&mut lab));
        let id = request(&mut lab, &vpc, &peer, &[]);
        let table = lab.get("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId");
        let route = [
            ("RouteTableId", table.as_str()),
            ("DestinationCidrBlock", "10.1.0.0/16"),
            ("VpcPeeringConnectionId", &id),
        ];
        lab.ok("CreateRoute", &route);
        let states = [("RouteTableId.1", table.as_str())];
        assert_eq!(lab.all("DescribeRouteTables", &states, "state"), ["active", "blackhole"]);
        lab.ok("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
        lab.pass(STEP_TAKES);
        assert_eq!(lab.all("DescribeRouteTables", &states, "state"), ["active", "active"]);
        lab.ok("DeleteVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
        assert_eq!(lab.all("DescribeRouteTables", &states, "state"), ["active", "blackhole"]);
        let unknown = [
            route[0],
            ("DestinationCidrBlock", "10.2.0.0/16"),
            ("VpcPeeringConnectionId", "pcx-0123456789abcdef0"),
        ];
        lab.refused("CreateRoute", &unknown, "InvalidVpcPeeringConnectionID.NotFound");
    }

    #[test]
    fn its_tags_are_listed_until_a_while_after_it_is_deleted() {
        let mut lab = Lab::new();
        let (vpc, peer) = (lab.vpc(), other_vpc(&mut lab));
        let tags = [
            ("TagSpecification.1.ResourceType", "vpc-peering-connection"),
            ("TagSpecification.1.Tag.1.Key", "Project"),
            ("TagSpecification.1.Tag.1.Value", "shop"),
        ];
        let id = request(&mut lab, &vpc, &peer, &tags);
        let listed = |lab: &mut Lab| {
            let filter = serde_json::json!({ "TagFilters": [{ "Key": "Project" }] });
            let told = lab.world.call_json("tagging", REGION, "GetResources", filter).unwrap();
            told["ResourceTagMappingList"].as_array().unwrap().len()
        };
        assert_eq!(listed(&mut lab), 1);
        lab.ok("DeleteVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
        lab.pass(DELETE_TAKES);
        assert_eq!(listed(&mut lab), 1, "a ghost");
        lab.pass(SHOWN_AFTERWARDS);
        assert_eq!(listed(&mut lab), 0);
    }
}
