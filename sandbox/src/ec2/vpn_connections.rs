//! Site-to-Site VPN connections: two tunnels each, from a gateway here to somebody's router outside. Whether a tunnel
//! is up its record says; no call of AWS's brings one up.
//!
//! Of transit gateways only the ids are known: they are another account's, which shares them.

use std::time::Duration;

use jiff::Timestamp;

use super::describe::{Kind, Pages, describe, one, optional};
use super::noun::{CUSTOMER_GATEWAY, VPN_CONNECTION, VPN_GATEWAY};
use super::tags::{checked, done};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::stores::ec2::{Ec2, Tunnel, VpnConnection};
use crate::world::World;
use crate::xml::Xml;

/// Until a new one is `available`: minutes, customary knowledge; waiter `VpnConnectionAvailable`.
pub(crate) const CREATE_TAKES: Duration = Duration::from_secs(4 * 60);

/// Until a deleted one is `deleted`: minutes, customary knowledge; waiter `VpnConnectionDeleted`.
pub(crate) const DELETE_TAKES: Duration = Duration::from_secs(3 * 60);

/// How long a deleted one is still described; customary.
const ROW_STAYS: Duration = Duration::from_secs(60 * 60);

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateVpnConnection", create),
    ("DeleteVpnConnection", delete),
    ("DescribeVpnConnections", |world, ctx| describe(world, ctx, &KIND)),
];

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpnConnections.html>
static KIND: Kind<VpnConnection> = Kind {
    noun: &VPN_CONNECTION,
    ids: "VpnConnectionId",
    set: "vpnConnectionSet",
    pages: Pages::None,
    facts: &[
        ("customer-gateway-id", |_, _, it| one(&it.customer_gateway)),
        ("state", |_, _, it| one(&it.state)),
        ("transit-gateway-id", |_, _, it| optional(it.transit_gateway.as_ref())),
        ("type", |_, _, _| one("ipsec.1")),
        ("vpn-connection-id", |_, id, _| one(id)),
        ("vpn-gateway-id", |_, _, it| optional(it.vpn_gateway.as_ref())),
    ],
    tags: |it| &it.tags,
    records: |ec2| &ec2.vpn_connections,
    write: |_, xml, id, it| write(xml, id, it),
};

fn write(xml: &mut Xml, id: &str, it: &VpnConnection) {
    xml.text("vpnConnectionId", id).text("state", &it.state).text("type", "ipsec.1").text("category", "VPN");
    xml.text("customerGatewayId", &it.customer_gateway);
    xml.maybe("vpnGatewayId", it.vpn_gateway.as_ref());
    xml.maybe("transitGatewayId", it.transit_gateway.as_ref());
    xml.list("vgwTelemetry", &it.tunnels, |item, tunnel| {
        let (status, message) = if tunnel.up { ("UP", "1 BGP ROUTES") } else { ("DOWN", "IPSEC IS DOWN") };
        item.text("outsideIpAddress", &tunnel.outside_ip).text("status", status);
        item.text("statusMessage", message).text("acceptedRouteCount", u8::from(tunnel.up));
        item.maybe("lastStatusChange", tunnel.changed);
    });
    xml.tags(&it.tags);
}

/// From a virtual private gateway or a transit gateway, to a customer gateway that stands.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpnConnection.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let customer = ctx.params.required("CustomerGatewayId")?;
    let gateway = ctx.params.get("VpnGatewayId").map(str::to_owned);
    let transit = ctx.params.get("TransitGatewayId").map(str::to_owned);
    if gateway.is_some() && transit.is_some() {
        let text = "The parameters VpnGatewayId and TransitGatewayId may not be specified together.";
        return Err(AwsError::new("InvalidParameterCombination", text));
    }
    let tags = checked(ctx.params.tag_specifications("vpn-connection"))?;
    let now = world.clock.now();
    let ec2 = &world.region(&ctx.region).ec2;
    if CUSTOMER_GATEWAY.find(customer, &ec2.customer_gateways)?.state != "available" {
        return Err(CUSTOMER_GATEWAY.unknown(customer));
    }
    if let Some(gateway) = &gateway
        && VPN_GATEWAY.find(gateway, &ec2.vpn_gateways)?.state == "deleted"
    {
        return Err(VPN_GATEWAY.unknown(gateway));
    }
    let connection = VpnConnection {
        state: "pending".to_owned(),
        customer_gateway: customer.to_owned(),
        vpn_gateway: gateway,
        transit_gateway: transit,
        tunnels: tunnels(now),
        tags,
    };
    let id = world.ids.ec2("vpn");
    let mut xml = Xml::new();
    xml.node("vpnConnection", |inside| write(inside, &id, &connection));
    world.region(&ctx.region).ec2.vpn_connections.insert(id.clone(), connection);
    becomes(world, ctx, &id, CREATE_TAKES, ("pending", "available"));
    Ok(xml.into())
}

/// Two, both down until the router at the other end calls.
/// <https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html>
fn tunnels(now: Timestamp) -> Vec<Tunnel> {
    let tunnel =
        |outside_ip: &str| Tunnel { outside_ip: outside_ip.to_owned(), up: false, changed: Some(now) };
    vec![tunnel("203.0.113.17"), tunnel("203.0.113.83")]
}

/// The state changes after a while, unless it has changed otherwise by then.
fn becomes(
    world: &mut World,
    ctx: &Ctx,
    id: &str,
    delay: Duration,
    (from, to): (&'static str, &'static str),
) {
    let (region, id) = (ctx.region.clone(), id.to_owned());
    world.after(delay, move |world| {
        let connection = world.region(&region).ec2.vpn_connections.get_mut(&id);
        if let Some(connection) = connection.filter(|connection| connection.state == from) {
            connection.state = to.to_owned();
        }
    });
}

/// Nothing holds it, a tunnel that is up neither.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpnConnection.html>
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("VpnConnectionId")?;
    let connection = VPN_CONNECTION.find_mut(id, &mut world.region(&ctx.region).ec2.vpn_connections)?;
    match connection.state.as_str() {
        "deleted" => return Err(VPN_CONNECTION.unknown(id)),
        "deleting" => return Ok(done()),
        _ => {}
    }
    connection.state = "deleting".to_owned();
    connection.tunnels.iter_mut().for_each(|tunnel| tunnel.up = false);
    becomes(world, ctx, id, DELETE_TAKES, ("deleting", "deleted"));
    let (region, id) = (ctx.region.clone(), id.to_owned());
    world.after(DELETE_TAKES + ROW_STAYS, move |world| {
        world.region(&region).ec2.vpn_connections.remove(&id);
    });
    Ok(done())
}

/// Whether a connection that is not yet `deleted` stands on this gateway, of either end.
pub(crate) fn stands_on(ec2: &Ec2, gateway: &str) -> bool {
    ec2.vpn_connections.values().any(|it| {
        it.state != "deleted"
            && (it.customer_gateway == gateway || it.vpn_gateway.as_deref() == Some(gateway))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::lab::Lab;

    /// A connection with the gateways at its ends.
    fn connection(lab: &mut Lab) -> (String, String, String) {
        let vgw = lab.get("CreateVpnGateway", &[("Type", "ipsec.1")], "vpnGatewayId");
        let params = [("Type", "ipsec.1"), ("IpAddress", "198.51.100.7"), ("BgpAsn", "65010")];
        let cgw = lab.get("CreateCustomerGateway", &params, "customerGatewayId");
        let params = [("Type", "ipsec.1"), ("CustomerGatewayId", &*cgw), ("VpnGatewayId", &*vgw)];
        let id = lab.get("CreateVpnConnection", &params, "vpnConnectionId");
        (id, vgw, cgw)
    }

    #[test]
    fn a_connection_holds_both_its_gateways_until_it_is_really_deleted() {
        let mut lab = Lab::new();
        let (id, vgw, cgw) = connection(&mut lab);
        let of = [("VpnConnectionId.1", &*id)];
        assert_eq!(lab.get("DescribeVpnConnections", &of, "state"), "pending");
        lab.pass(CREATE_TAKES);
        assert_eq!(lab.get("DescribeVpnConnections", &of, "state"), "available");
        for _ in 0..2 {
            let refusal = lab.refused("DeleteVpnGateway", &[("VpnGatewayId", &vgw)], "IncorrectState");
            assert_eq!(refusal.message, "The VPN gateway is in use.");
            let refusal =
                lab.refused("DeleteCustomerGateway", &[("CustomerGatewayId", &cgw)], "IncorrectState");
            assert_eq!(refusal.message, "The customer gateway is in use.");
            lab.ok("DeleteVpnConnection", &[("VpnConnectionId", &id)]);
            assert_eq!(lab.get("DescribeVpnConnections", &of, "state"), "deleting");
        }
        lab.pass(DELETE_TAKES);
        assert_eq!(lab.get("DescribeVpnConnections", &of, "state"), "deleted");
        lab.refused("DeleteVpnConnection", &[("VpnConnectionId", &id)], "InvalidVpnConnectionID.NotFound");
        lab.ok("DeleteVpnGateway", &[("VpnGatewayId", &vgw)]);
        lab.ok("DeleteCustomerGateway", &[("CustomerGatewayId", &cgw)]);
        lab.pass(ROW_STAYS);
        assert!(!lab.ok("DescribeVpnConnections", &[]).contains(&id));
    }

    #[test]
    fn two_tunnels_are_told_and_none_is_up_by_itself() {
        let mut lab = Lab::new();
        let (id, ..) = connection(&mut lab);
        assert_eq!(lab.all("DescribeVpnConnections", &[], "status"), ["DOWN", "DOWN"]);
        let region = crate::ec2::lab::REGION;
        lab.world.region(region).ec2.vpn_connections.get_mut(&id).unwrap().tunnels[0].up = true;
        assert_eq!(lab.all("DescribeVpnConnections", &[], "status"), ["UP", "DOWN"]);
    }

    #[test]
    fn one_needs_a_customer_gateway_that_stands() {
        let mut lab = Lab::new();
        let (_, vgw, _) = connection(&mut lab);
        let params = [("Type", "ipsec.1"), ("IpAddress", "198.51.100.9"), ("BgpAsn", "65010")];
        let cgw = lab.get("CreateCustomerGateway", &params, "customerGatewayId");
        lab.ok("DeleteCustomerGateway", &[("CustomerGatewayId", &cgw)]);
        let params = [("Type", "ipsec.1"), ("CustomerGatewayId", &*cgw), ("VpnGatewayId", &*vgw)];
        lab.refused("CreateVpnConnection", &params, "InvalidCustomerGatewayID.NotFound");
    }
}
