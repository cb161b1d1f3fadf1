//! Subnets that a deployment makes, and the ways that lead out of them: takes what nodes and clusters name, and
//! gives the checks of routes and of addresses what the file surely tells.
//!
//! A file often tells only that a value comes from one of several things. So a way is there as soon as it may be,
//! and there is none only where none of all the candidates can lead anywhere:
//! <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>.

use std::collections::BTreeMap;

use crate::deployment::{Certainty, Value};
use crate::kinds;
use crate::model::deployed::Plays;

use super::scene::{File, Planned};

/// The things of one deployment that tell where its subnets lead.
pub struct Network<'a> {
    file: &'a File<'a>,
    /// What gives subnets a table, by subnet; the same for the main table, by VPC; and routes, by table or, where
    /// it is the main one, by VPC.
    associations: Towards<'a>,
    mains: Towards<'a>,
    routes: Towards<'a>,
    /// Whether something writes routes into tables that stand nowhere in the file.
    propagates: bool,
    /// Whether something adopts a main route table.
    adopts: bool,
}

/// Things by the addresses of what they may be meant for.
#[derive(Default)]
struct Towards<'a> {
    by_address: BTreeMap<&'a str, Vec<Planned<'a>>>,
    /// They may be meant for any.
    any: Vec<Planned<'a>>,
}

/// The subnets that something names.
pub struct NamedSubnets<'a> {
    /// All of them are made here.
    pub subnets: Vec<Planned<'a>>,
    /// Whether the file names each of them by itself; otherwise it may be a part of them.
    pub sure: bool,
}

/// Where what lies in a subnet gets to, as the routes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Out, or whoever wrote the routes may mean so.
    Out,
    /// To the internet, for what has a public address.
    Internet,
    /// To some other networks.
    Elsewhere,
    /// Nowhere.
    Nowhere,
}

/// What a route names as its table: the main one by its VPC.
const TABLES: [Plays; 2] = [Plays::RouteTable, Plays::Vpc];

/// What writes routes into tables by itself.
const PROPAGATIONS: [&str; 6] = [
    "AWS::EC2::RouteServerPropagation",
    "AWS::EC2::VPNGatewayRoutePropagation",
    "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation",
    "aws:vpc/routeServerPropagation:RouteServerPropagation",
    "aws_vpc_route_server_propagation",
    "aws_vpn_gateway_route_propagation",
];

/// What adopts the main route table of a VPC.
const ADOPTIONS: [&str; 2] = ["aws_default_route_table", "aws:ec2/defaultRouteTable:DefaultRouteTable"];

impl<'a> Network<'a> {
    /// That of a deployment.
    pub fn of(file: &'a File<'a>) -> Self {
        let all = || {
            let items = file.items.all().iter().filter(|item| item.change.remains());
            items.map(move |item| file.planned(item))
        };
        let is = |types: &[&str]| all().any(|it| types.contains(&it.item.type_name.as_str()));
        let mut network = Self {
            file,
            associations: Towards::default(),
            mains: Towards::default(),
            routes: Towards::default(),
            propagates: is(&PROPAGATIONS),
            adopts: is(&ADOPTIONS),
        };
        let of_part = |part| all().filter(move |it: &Planned<'_>| it.plays(part));
        for it in of_part(Plays::RouteTableAssociation) {
            let subnets = network.meant(it.item.properties.at("subnet_id"), &[Plays::Subnet]);
            network.associations.note(it, subnets);
            let vpcs = network.meant(it.item.properties.at("vpc_id"), &[Plays::Vpc]);
            network.mains.note(it, vpcs);
        }
        for it in of_part(Plays::Route) {
            let tables = network.meant(it.item.properties.at("route_table_id"), &TABLES);
            network.routes.note(it, tables);
        }
        network
    }

    /// The subnets in a list of subnets; `None` where one of them may be another than those that are made here.
    pub fn subnets(&self, list: &Value) -> Option<NamedSubnets<'a>> {
        let mut subnets: BTreeMap<&str, Planned<'a>> = BTreeMap::new();
        for member in list.members() {
            let candidates = self.candidates(member, &[Plays::Subnet])?;
            subnets.extend(candidates.into_iter().map(|it| (it.item.address.as_str(), it)));
        }
        let subnets: Vec<Planned<'a>> = subnets.into_values().collect();
        // As many members as there are things that they may be are all of these.
        let all_named = !list.is_open() && list.members().len() == subnets.len();
        let sure = all_named && subnets.iter().all(|it| it.item.certainty == Certainty::Certain);
        let made_here = subnets.iter().all(|it| it.item.change.makes());
        (made_here && !subnets.is_empty()).then_some(NamedSubnets { subnets, sure })
    }

    /// Where what lies in a subnet gets to; `None` where the file does not tell it.
    pub fn way(&self, subnet: Planned<'a>) -> Option<Way> {
        let address = subnet.item.address.as_str();
        let mut associations = self.associations.to(address);
        let (Some(only), none) = (associations.next(), associations.next()) else {
            return self.way_of_main(subnet);
        };
        // Otherwise it is another subnet's, perhaps, and this one has the main table.
        let sure = none.is_none() && self.is_of_one(only, "subnet_id", &[Plays::Subnet]);
        if sure { self.way_of_tables(only.item.properties.at("route_table_id")) } else { None }
    }

    /// The way of a subnet without a table of its own: it has the VPC's main one, in which no route leads out at
    /// first.
    fn way_of_main(&self, subnet: Planned<'a>) -> Option<Way> {
        let vpcs = self.candidates(subnet.item.properties.at("vpc_id"), &[Plays::Vpc])?;
        let [vpc] = vpcs.as_slice() else { return None };
        if !vpc.item.change.makes() || self.adopts || self.propagates {
            return None;
        }
        let address = vpc.item.address.as_str();
        let mut mains = self.mains.to(address);
        match (mains.next(), mains.next()) {
            (None, _) => self.routes.to(address).next().is_none().then_some(Way::Nowhere),
            (Some(only), None) if self.is_of_one(only, "vpc_id", &[Plays::Vpc]) => {
                self.way_of_tables(only.item.properties.at("route_table_id"))
            }
            (Some(_), _) => None,
        }
    }

    /// The way of whichever of the tables it is that a value names.
    fn way_of_tables(&self, table: &Value) -> Option<Way> {
        let tables = self.candidates(table, &[Plays::RouteTable])?;
        let ways: Vec<Way> = tables.into_iter().map(|it| self.way_of_table(it)).collect::<Option<_>>()?;
        let first = *ways.first()?;
        if ways.contains(&Way::Out) {
            return Some(Way::Out);
        }
        ways.iter().all(|it| *it == first).then_some(first)
    }

    fn way_of_table(&self, table: Planned<'a>) -> Option<Way> {
        let properties = &table.item.properties;
        let inline = properties.at("route");
        let told = table.item.change.makes() && !table.item.properties.is_open() && !inline.is_open();
        if !told || self.propagates || !properties.at("propagating_vgws").is_empty() {
            return None;
        }
        let mut ways: Vec<Way> = inline.members().iter().map(|it| self.way_of_route(it)).collect();
        for route in self.routes.to(&table.item.address) {
            match self.way_of_route(&route.item.properties) {
                // Perhaps it is in another table.
                Way::Internet if !self.is_of_one(route, "route_table_id", &TABLES) => return None,
                way => ways.push(way),
            }
        }
        let widest = [Way::Out, Way::Internet, Way::Elsewhere].into_iter().find(|it| ways.contains(it));
        Some(widest.unwrap_or(Way::Nowhere))
    }

    fn way_of_route(&self, route: &Value) -> Way {
        let gateway = route.at("gateway_id");
        if gateway.as_text() == Some("local") {
            return Way::Nowhere;
        }
        let destinations = ["destination_cidr_block", "cidr_block"].map(|name| route.at(name));
        let destination = destinations.into_iter().find_map(Value::as_text);
        let length = destination.and_then(|cidr| cidr.split_once('/')?.1.parse::<u8>().ok());
        // One of IPv6, to a list of prefixes, or to what is not known yet.
        let Some(length) = length else { return Way::Out };
        let is_internet = match gateway {
            Value::Text(id) => id.starts_with("igw-"),
            // No gateway, but something that its id was made with.
            open => self.candidates(open, &[Plays::InternetGateway, Plays::Vpc]).is_some_and(|all| {
                let is_gateway = |it: &Planned<'_>| it.plays(Plays::InternetGateway);
                all.len() == open.sources().len() && all.iter().any(is_gateway)
            }),
        };
        match (length, is_internet) {
            (0, true) => Way::Internet,
            // Half of the internet or a large part: with more of such routes it is all of it.
            (0..8, _) => Way::Out,
            (_, _) => Way::Elsewhere,
        }
    }

    /// The things of these parts of which a value may be the id; `None` where it may be something else.
    fn candidates(&self, value: &Value, parts: &[Plays]) -> Option<Vec<Planned<'a>>> {
        let mut found = Vec::new();
        for source in value.sources() {
            let named = self.file.items.at(source).filter(|it| it.change.remains())?;
            let named = self.file.planned(named);
            if parts.iter().any(|part| named.plays(*part)) {
                found.push(named);
            } else if may_hand_on(named) {
                return None;
            }
        }
        (!found.is_empty()).then_some(found)
    }

    /// Whether it is surely made, and for one thing of these parts alone.
    fn is_of_one(&self, it: Planned<'a>, name: &str, parts: &[Plays]) -> bool {
        let one = self.candidates(it.item.properties.at(name), parts).is_some_and(|all| all.len() == 1);
        one && it.item.certainty == Certainty::Certain
    }

    /// What a thing is meant for that names it by this value.
    fn meant(&self, value: &Value, parts: &[Plays]) -> Meant<'a> {
        match value {
            open if open.is_open() => self.candidates(open, parts).map_or(Meant::Any, Meant::These),
            // What is named by its id stands already, and it is asked for nothing that does.
            _ => Meant::These(Vec::new()),
        }
    }
}

/// What a thing is meant for.
enum Meant<'a> {
    /// One of these.
    These(Vec<Planned<'a>>),
    /// Perhaps any.
    Any,
}

impl<'a> Towards<'a> {
    fn note(&mut self, it: Planned<'a>, meant: Meant<'a>) {
        match meant {
            Meant::Any => self.any.push(it),
            Meant::These(all) => {
                for one in all {
                    self.by_address.entry(&one.item.address).or_default().push(it);
                }
            }
        }
    }

    fn to(&self, address: &str) -> impl Iterator<Item = Planned<'a>> {
        self.by_address.get(address).into_iter().flatten().chain(&self.any).copied()
    }
}

/// Whether something else may stand behind it: a stack, a custom resource, what nobody here knows.
fn may_hand_on(named: Planned<'_>) -> bool {
    kinds::row_of(named.item).is_none() || named.item.type_name.to_ascii_lowercase().ends_with("stack")
}
