//! VPCs with what belongs into them.

use super::ScenarioError;
use super::builder::{Builder, minutes, named, tags};
use crate::tags::Tags;

/// What a network is called and how it is tagged.
pub(super) struct Owner {
    /// `shop-attempt-1`: what names begin with.
    pub(super) prefix: String,
    /// The tags that all its things carry.
    pub(super) tags: Tags,
}

impl Owner {
    /// An attempt at deploying the project `shop`.
    pub(super) fn shop(suffix: &str) -> Self {
        let tags = tags(&[("Project", "shop"), ("EnvironmentSuffix", suffix), ("ManagedBy", "pulumi")]);
        Self { prefix: format!("shop-{suffix}"), tags }
    }

    /// The owner's tags with the `Name` of one of its things.
    pub(super) fn named(&self, thing: &str) -> Tags {
        named(&self.tags, &format!("{}-{thing}", self.prefix))
    }
}

/// The ids of a VPC's things, in the order they were made.
#[derive(Debug, Clone, Default)]
pub(super) struct Network {
    pub(super) vpc: String,
    pub(super) public: Vec<String>,
    pub(super) private: Vec<String>,
    pub(super) nat_gateways: Vec<String>,
}

/// A VPC `10.<number>.0.0/16`.
pub(super) fn make_vpc(builder: &mut Builder, owner: &Owner, number: u8) -> Result<Network, ScenarioError> {
    let cidr = format!("10.{number}.0.0/16");
    let told = builder.make("CreateVpc", &[("CidrBlock", &cidr)], ("vpc", &owner.named("vpc")))?;
    Ok(Network { vpc: told.text("vpcId")?, ..Network::default() })
}

/// Which half of a VPC a subnet belongs to; load balancers look for these tags:
/// <https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html>.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Public,
    Private,
}

/// One subnet in each of three zones.
pub(super) fn add_subnets(
    builder: &mut Builder,
    owner: &Owner,
    network: &mut Network,
    number: u8,
    side: Side,
) -> Result<(), ScenarioError> {
    let (word, role, first) = match side {
        Side::Public => ("public", "kubernetes.io/role/elb", 0),
        Side::Private => ("private", "kubernetes.io/role/internal-elb", 96),
    };
    for place in 0..3 {
        let cidr = format!("10.{number}.{}.0/19", first + place * 32);
        let zone = builder.zone(place);
        let mut tags = owner.named(&format!("{word}-{}", place + 1));
        tags.insert(role.to_owned(), "1".to_owned());
        let params =
            [("VpcId", network.vpc.as_str()), ("CidrBlock", &cidr), ("AvailabilityZone", zone.as_str())];
        let id = builder.make("CreateSubnet", &params, ("subnet", &tags))?.text("subnetId")?;
        match side {
            Side::Public => network.public.push(id),
            Side::Private => network.private.push(id),
        }
    }
    Ok(())
}

/// An internet gateway, attached.
pub(super) fn add_gateway(
    builder: &mut Builder,
    owner: &Owner,
    network: &Network,
) -> Result<String, ScenarioError> {
    let tags = owner.named("igw");
    let told = builder.make("CreateInternetGateway", &[], ("internet-gateway", &tags))?;
    let gateway = told.text("internetGatewayId")?;
    builder.ec2("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &network.vpc)])?;
    Ok(gateway)
}

/// Elastic IPs that nothing uses yet.
pub(super) fn add_addresses(
    builder: &mut Builder,
    owner: &Owner,
    count: usize,
) -> Result<Vec<String>, ScenarioError> {
    (1..=count)
        .map(|number| {
            let tags = owner.named(&format!("nat-eip-{number}"));
            builder.make("AllocateAddress", &[("Domain", "vpc")], ("elastic-ip", &tags))?.text("allocationId")
        })
        .collect()
}

/// A NAT gateway in a public subnet for each of these addresses; waits until they are available.
pub(super) fn add_nat_gateways(
    builder: &mut Builder,
    owner: &Owner,
    network: &mut Network,
    addresses: &[String],
) -> Result<(), ScenarioError> {
    for (number, (address, subnet)) in (1..).zip(addresses.iter().zip(&network.public)) {
        let tags = owner.named(&format!("nat-{number}"));
        let params = [("SubnetId", subnet.as_str()), ("AllocationId", address)];
        let told = builder.make("CreateNatGateway", &params, ("natgateway", &tags))?;
        network.nat_gateways.push(told.text("natGatewayId")?);
    }
    builder.wait(minutes(5));
    Ok(())
}

/// A route table with a default route to this target, used by these subnets.
pub(super) fn add_route_table(
    builder: &mut Builder,
    tags: &Tags,
    vpc: &str,
    route: Option<(&str, &str)>,
    subnets: &[String],
) -> Result<(), ScenarioError> {
    let table = builder.make("CreateRouteTable", &[("VpcId", vpc)], ("route-table", tags))?;
    let table = table.text("routeTableId")?;
    if let Some(target) = route {
        let params = [("RouteTableId", table.as_str()), ("DestinationCidrBlock", "0.0.0.0/0"), target];
        builder.ec2("CreateRoute", &params)?;
    }
    for subnet in subnets {
        builder.ec2("AssociateRouteTable", &[("RouteTableId", &table), ("SubnetId", subnet)])?;
    }
    Ok(())
}

/// One route table for the public subnets, one for each private subnet through a NAT gateway.
pub(super) fn add_route_tables(
    builder: &mut Builder,
    owner: &Owner,
    network: &Network,
    gateway: &str,
) -> Result<(), ScenarioError> {
    let route = Some(("GatewayId", gateway));
    add_route_table(builder, &owner.named("public"), &network.vpc, route, &network.public)?;
    for (number, subnet) in network.private.iter().enumerate() {
        let tags = owner.named(&format!("private-{}", number + 1));
        let nat = &network.nat_gateways[number % network.nat_gateways.len()];
        let route = Some(("NatGatewayId", nat.as_str()));
        add_route_table(builder, &tags, &network.vpc, route, std::slice::from_ref(subnet))?;
    }
    Ok(())
}

/// A security group.
pub(super) fn add_group(
    builder: &mut Builder,
    vpc: &str,
    name: &str,
    tags: &Tags,
) -> Result<String, ScenarioError> {
    let params = [("GroupName", name), ("GroupDescription", name), ("VpcId", vpc)];
    builder.make("CreateSecurityGroup", &params, ("security-group", tags))?.text("groupId")
}

/// A rule that lets `from` in.
pub(super) fn let_in(
    builder: &mut Builder,
    group: &str,
    from: &str,
    (first_port, last_port): (&str, &str),
) -> Result<(), ScenarioError> {
    let params = [
        ("GroupId", group),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", first_port),
        ("IpPermissions.1.ToPort", last_port),
        ("IpPermissions.1.Groups.1.GroupId", from),
    ];
    builder.ec2("AuthorizeSecurityGroupIngress", &params).map(|_| ())
}
