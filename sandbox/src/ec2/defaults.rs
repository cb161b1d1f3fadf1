//! Regions, their zones, and what each region has from the start: a default VPC with its parts.

use super::vpcs::make_vpc;
use crate::error::{AwsError, AwsResult};
use crate::stores::ec2::{InternetGateway, Route, Subnet, Vpc};
use crate::tags::Tags;
use crate::world::World;

/// Regions that are enabled in every account, with the short name used in zone ids and the
/// letters of an account's zones.
///
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>,
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html>.
pub(crate) const REGIONS: &[(&str, &str, &str)] = &[
    ("ap-northeast-1", "apne1", "acd"),
    ("ap-northeast-2", "apne2", "abcd"),
    ("ap-northeast-3", "apne3", "abc"),
    ("ap-south-1", "aps1", "abc"),
    ("ap-southeast-1", "apse1", "abc"),
    ("ap-southeast-2", "apse2", "abc"),
    ("ca-central-1", "cac1", "abd"),
    ("eu-central-1", "euc1", "abc"),
    ("eu-north-1", "eun1", "abc"),
    ("eu-west-1", "euw1", "abc"),
    ("eu-west-2", "euw2", "abc"),
    ("eu-west-3", "euw3", "abc"),
    ("sa-east-1", "sae1", "abc"),
    ("us-east-1", "use1", "abcdef"),
    ("us-east-2", "use2", "abc"),
    ("us-west-1", "usw1", "ac"),
    ("us-west-2", "usw2", "abcd"),
];

/// Some of the regions that an account has to enable first; same source.
pub(crate) const OPT_IN_REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-south-2",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "il-central-1",
    "me-south-1",
];

/// The zones of a region: `(name, id)`.
pub(crate) fn zones(region: &str) -> Vec<(String, String)> {
    let known = REGIONS.iter().find(|(name, _, _)| *name == region);
    let (short, letters) = known.map_or((region, "abc"), |(_, short, letters)| (*short, *letters));
    let zone = |(place, letter)| (format!("{region}{letter}"), format!("{short}-az{}", place + 1));
    letters.chars().enumerate().map(zone).collect()
}

/// The id of a zone: `use1-az1`.
pub(crate) fn zone_id(region: &str, zone: &str) -> Option<String> {
    zones(region).into_iter().find(|(name, _)| name == zone).map(|(_, id)| id)
}

/// Makes the default VPC: 172.31.0.0/16 with a public /20 subnet in each zone and an internet gateway.
///
/// <https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html>
pub(crate) fn make_default_parts(world: &mut World, region: &str) {
    let owner = world.account.clone();
    let vpc =
        Vpc { cidr: "172.31.0.0/16".to_owned(), is_default: true, dns_hostnames: true, ..Vpc::default() };
    let vpc = make_vpc(world, region, vpc);
    for (place, (zone, _)) in zones(region).into_iter().enumerate() {
        let id = world.ids.ec2("subnet");
        let subnet = Subnet {
            vpc: vpc.clone(),
            zone,
            cidr: format!("172.31.{}.0/20", place * 16),
            default_for_az: true,
            map_public_ip: true,
            owner: owner.clone(),
            tags: Tags::new(),
        };
        super::subnets::insert(world, region, id, subnet);
    }
    let gateway = world.ids.ec2("igw");
    let ec2 = &mut world.region(region).ec2;
    let record = InternetGateway { vpc: Some(vpc.clone()), owner, tags: Tags::new() };
    ec2.internet_gateways.insert(gateway.clone(), record);
    for table in ec2.route_tables.values_mut().filter(|table| table.vpc == vpc) {
        table.routes.push(Route { destination: "0.0.0.0/0".to_owned(), target: gateway.clone() });
    }
}

/// The region's default VPC, or AWS's refusal if there is none.
pub(crate) fn default_vpc(world: &mut World, region: &str) -> AwsResult<String> {
    let vpcs = &world.region(region).ec2.vpcs;
    let none = || AwsError::new("VPCIdNotSpecified", "No default VPC for this user");
    vpcs.iter().find(|(_, vpc)| vpc.is_default).map(|(id, _)| id.clone()).ok_or_else(none)
}
