//! The network of a stack: what a VPC is made of, and what AWS makes with it.

use aws_janitor::model::Key;
use aws_janitor::model::words::{fact, how};

use super::hand::{Hand, Part};
use super::land::{Draw, Land, Owner};
use crate::rng::Rng;

#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub(crate) vpc: Key,
    pub(crate) gateway: Key,
    pub(crate) public: Vec<Key>,
    pub(crate) private: Vec<Key>,
    pub(crate) nats: Vec<Key>,
    pub(crate) tables: Vec<Key>,
    pub(crate) group: Key,
}

/// A VPC with its subnets in `zones` zones, of which so many got a NAT gateway.
pub(crate) fn network(land: &mut Land, hand: &Hand, rng: &mut Rng, zones: usize, nats: usize) -> Network {
    let forgets = |rng: &mut Rng| rng.chance(1, 3);
    let id = land.id("vpc-");
    let it = hand.thing("vpc", id).state("available").tags(&hand.tags(Part::Vpc, "vpc", false));
    let vpc = hand.put(land, it);
    let id = land.id("igw-");
    let tags = hand.tags(Part::Gateway, "igw", forgets(rng));
    let it = hand.thing("internet-gateway", id).link(how::ATTACHED, &vpc).tags(&tags);
    let gateway = hand.put(land, it);
    let group = rides(land, hand, &vpc);
    let mut net =
        Network { vpc, gateway, public: vec![], private: vec![], nats: vec![], tables: vec![], group };
    for zone in 0..zones {
        for (part, name) in [(Part::PublicSubnet, "public"), (Part::PrivateSubnet, "private")] {
            let id = land.id("subnet-");
            let tags = hand.tags(part, &format!("{name}-{zone}"), forgets(rng));
            let it = hand.thing("subnet", id).link(how::WITHIN, &net.vpc).state("available");
            let it = it.fact(fact::ZONE, format!("{}{}", hand.region, ["a", "b", "c"][zone])).tags(&tags);
            let subnet = hand.put(land, it);
            if part == Part::PublicSubnet { &mut net.public } else { &mut net.private }.push(subnet);
        }
    }
    let id = land.id("rtb-");
    let it = hand.thing("route-table", id).link(how::WITHIN, &net.vpc);
    let it = it.link(how::ROUTES_THROUGH, &net.gateway).tags(&hand.tags(
        Part::PublicTable,
        "public",
        forgets(rng),
    ));
    let it = net.public.iter().fold(it, |it, to| it.cut_by(how::ASSOCIATED, to, "rtbassoc-1"));
    net.tables.push(hand.put(land, it));
    for zone in 0..zones {
        if zone < nats {
            let subnet = net.public[zone].clone();
            let nat = nat_gateway(land, hand, rng, &net, &subnet);
            net.nats.push(nat);
        }
        let id = land.id("rtb-");
        let it = hand.thing("route-table", id).link(how::WITHIN, &net.vpc);
        let it = it.cut_by(how::ASSOCIATED, &net.private[zone], "rtbassoc-2");
        let tags = hand.tags(Part::PrivateTable, &format!("private-{zone}"), forgets(rng));
        let it = net.nats.get(zone).into_iter().fold(it, |it, nat| it.link(how::ROUTES_THROUGH, nat));
        net.tables.push(hand.put(land, it.tags(&tags)));
    }
    if rng.chance(1, 3) {
        let id = land.id("vpce-");
        let it =
            hand.thing("vpc-endpoint", id).link(how::WITHIN, &net.vpc).state("available").born(hand.born);
        let it = it.fact(fact::TYPE, "Gateway").links(how::USES, &net.tables);
        let it = it.fact(fact::DESCRIPTION, format!("com.amazonaws.{}.s3", hand.region));
        let it = it.tags(&hand.tags(Part::Endpoint, "s3", forgets(rng)));
        hand.put(land, it);
    }
    net
}

/// What AWS makes with a VPC and takes away with it.
fn rides(land: &mut Land, hand: &Hand, vpc: &Key) -> Key {
    let tags = hand.tags(Part::Ride, "default", false);
    for (kind, prefix) in [("route-table", "rtb-"), ("network-acl", "acl-")] {
        let id = land.id(prefix);
        let it = hand.thing(kind, id).link(how::WITHIN, vpc).link(how::MADE_BY, vpc).tags(&tags);
        hand.put(land, it);
    }
    let id = land.id("sg-");
    let it = hand.thing("security-group", id).named("default");
    let it = it.link(how::WITHIN, vpc).link(how::MADE_BY, vpc).tags(&tags);
    hand.put(land, it)
}

/// A NAT gateway with its address and its interface, in a public subnet.
pub(crate) fn nat_gateway(land: &mut Land, hand: &Hand, rng: &mut Rng, net: &Network, subnet: &Key) -> Key {
    let id = land.id("nat-");
    let eni = land.id("eni-");
    let forgets = rng.chance(1, 3);
    let address = address(land, hand, "nat", forgets);
    let nat = hand.thing("nat-gateway", id.clone());
    let it = hand.thing("network-interface", eni).state("in-use").link(how::WITHIN, subnet);
    let it = it.link(how::WITHIN, &net.vpc).link(how::PUBLIC_ADDRESS, &net.vpc);
    let it =
        it.link(how::MADE_BY, &nat.key).fact(fact::DESCRIPTION, format!("Interface for NAT Gateway {id}"));
    let eni = hand.put(land, it);
    land.alter(&address, |it| it.link(how::ASSOCIATED, &eni));
    let it = nat.state("available").born(hand.born).link(how::WITHIN, subnet).link(how::WITHIN, &net.vpc);
    let it = it.link(how::PUBLIC_ADDRESS, &net.vpc).link(how::USES, &address).link(how::USES, &eni);
    hand.put(land, it.tags(&hand.tags(Part::Nat, "nat", forgets)))
}

/// An address that nothing uses yet.
pub(crate) fn address(land: &mut Land, hand: &Hand, name: &str, forgets: bool) -> Key {
    let id = land.id("eipalloc-");
    // No two have one address.
    let number = id.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let [_, a, b, c] = number.to_be_bytes();
    let it = hand.thing("elastic-ip", id).fact(fact::PUBLIC_IP, format!("203.{a}.{b}.{c}"));
    hand.put(land, it.tags(&hand.tags(Part::Address, name, forgets)))
}

/// A group in a network.
pub(crate) fn group(land: &mut Land, hand: &Hand, net: &Network, part: Part, name: &str) -> Key {
    let id = land.id("sg-");
    let it = hand.thing("security-group", id).named(&format!("{}-{name}", hand.label));
    hand.put(land, it.link(how::WITHIN, &net.vpc).tags(&hand.tags(part, name, false)))
}

/// The endpoint and the group that GuardDuty puts into every VPC. They are as the VPC: they go with it.
pub(crate) fn guard_duty(land: &mut Land, owner: Owner, hand: &Hand, net: &Network) {
    let id = land.id("sg-");
    let name = format!("GuardDutyManagedSecurityGroup-{}", net.vpc.id);
    let it = hand.thing("security-group", id).named(&name).tag("GuardDutyManaged", "true");
    let group = land.put(it.link(how::WITHIN, &net.vpc), owner, hand.of);
    let id = land.id("vpce-");
    let endpoint = hand.thing("vpc-endpoint", id.clone()).state("available").born(hand.born);
    let it = endpoint.tag("GuardDutyManaged", "true").link(how::WITHIN, &net.vpc).link(how::USES, &group);
    let it = it.fact(fact::TYPE, "Interface").links(how::WITHIN, &net.private);
    let it = it.fact(fact::DESCRIPTION, format!("com.amazonaws.{}.guardduty-data", hand.region));
    let endpoint = land.put(it, owner, hand.of);
    for subnet in &net.private {
        let eni = land.id("eni-");
        let it = hand.thing("network-interface", eni).state("in-use").link(how::WITHIN, subnet);
        let it = it.link(how::WITHIN, &net.vpc).link(how::USES, &group).link(how::MADE_BY, &endpoint);
        land.put(it.fact(fact::DESCRIPTION, format!("VPC Endpoint Interface {id}")), owner, hand.of);
    }
}
