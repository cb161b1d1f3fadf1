//! What EC2 knows of one region. Plain records; the rules are in the room `ec2`.
#![expect(missing_docs, reason = "the fields are named as AWS names them in its describe calls")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::tags::Tags;

/// EC2's records in one region, each by its id.
#[derive(Debug, Clone, Default)]
pub struct Ec2 {
    pub vpcs: BTreeMap<String, Vpc>,
    pub subnets: BTreeMap<String, Subnet>,
    pub route_tables: BTreeMap<String, RouteTable>,
    pub internet_gateways: BTreeMap<String, InternetGateway>,
    pub network_acls: BTreeMap<String, NetworkAcl>,
    pub interfaces: BTreeMap<String, Interface>,
    pub security_groups: BTreeMap<String, SecurityGroup>,
    pub rules: BTreeMap<String, Rule>,
    pub addresses: BTreeMap<String, Address>,
    pub nat_gateways: BTreeMap<String, NatGateway>,
    pub endpoints: BTreeMap<String, Endpoint>,
    pub egress_gateways: BTreeMap<String, EgressGateway>,
    pub vpn_gateways: BTreeMap<String, VpnGateway>,
    pub vpn_connections: BTreeMap<String, VpnConnection>,
    pub customer_gateways: BTreeMap<String, CustomerGateway>,
    pub carrier_gateways: BTreeMap<String, CarrierGateway>,
    pub instance_connect_endpoints: BTreeMap<String, InstanceConnectEndpoint>,
    pub transit_attachments: BTreeMap<String, TransitAttachment>,
    pub endpoint_services: BTreeMap<String, EndpointService>,
    pub dhcp_options: BTreeMap<String, DhcpOptions>,
    /// The set that new VPCs begin with, once made.
    pub default_dhcp_options: Option<String>,
    pub flow_logs: BTreeMap<String, FlowLog>,
    pub peerings: BTreeMap<String, Peering>,
    pub key_pairs: BTreeMap<String, KeyPair>,
    pub placement_groups: BTreeMap<String, PlacementGroup>,
    /// Associations of addresses that were ended: ending one again is no error.
    pub ended_associations: BTreeSet<String>,
    pub instances: BTreeMap<String, Instance>,
    pub volumes: BTreeMap<String, Volume>,
    pub launch_templates: BTreeMap<String, LaunchTemplate>,
}

#[derive(Debug, Clone, Default)]
pub struct Vpc {
    pub cidr: String,
    pub is_default: bool,
    pub owner: String,
    pub dhcp_options: String,
    pub dns_support: bool,
    pub dns_hostnames: bool,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct Subnet {
    pub vpc: String,
    pub zone: String,
    pub cidr: String,
    pub default_for_az: bool,
    pub map_public_ip: bool,
    pub owner: String,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct RouteTable {
    pub vpc: String,
    pub owner: String,
    /// Association id → what it stands for.
    pub associations: BTreeMap<String, RouteAssociation>,
    pub routes: Vec<Route>,
    pub tags: Tags,
}

impl RouteTable {
    /// Whether it is its VPC's main table.
    pub fn is_main(&self) -> bool {
        self.associations.values().any(|association| association.main)
    }
}

#[derive(Debug, Clone, Default)]
pub struct RouteAssociation {
    pub main: bool,
    pub subnet: Option<String>,
    pub gateway: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Route {
    pub destination: String,
    /// `local`, `igw-…`, `nat-…`, `vpce-…`.
    pub target: String,
}

#[derive(Debug, Clone, Default)]
pub struct InternetGateway {
    pub vpc: Option<String>,
    pub owner: String,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct NetworkAcl {
    pub vpc: String,
    pub is_default: bool,
    pub owner: String,
    /// Association id → subnet id.
    pub associations: BTreeMap<String, String>,
    pub entries: Vec<AclEntry>,
    pub tags: Tags,
}

/// One entry of a network ACL.
#[derive(Debug, Clone, Default)]
pub struct AclEntry {
    pub number: i64,
    pub protocol: String,
    /// `allow` or `deny`.
    pub action: String,
    pub egress: bool,
    pub cidr: String,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
}

#[derive(Debug, Clone, Default)]
pub struct Interface {
    pub vpc: String,
    pub subnet: String,
    pub zone: String,
    pub description: String,
    /// `interface`, `nat_gateway`, `vpc_endpoint`, `network_load_balancer`, `branch`, … as DescribeNetworkInterfaces tells it.
    pub interface_type: String,
    pub requester_managed: bool,
    pub requester_id: Option<String>,
    pub owner: String,
    /// `available` or `in-use`.
    pub status: String,
    pub private_ip: String,
    pub groups: BTreeSet<String>,
    pub attachment: Option<InterfaceAttachment>,
    /// A public address that is not an Elastic IP (an instance's or a load balancer's own).
    pub auto_public_ip: Option<String>,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct InterfaceAttachment {
    pub id: String,
    pub instance: Option<String>,
    pub instance_owner: String,
    pub device_index: u32,
    pub delete_on_termination: bool,
    pub attached: Option<Timestamp>,
    /// Whether a detachment is under way.
    pub detaching: bool,
}

#[derive(Debug, Clone, Default)]
pub struct SecurityGroup {
    pub name: String,
    pub description: String,
    pub vpc: String,
    pub owner: String,
    pub tags: Tags,
}

/// One security group rule.
#[derive(Debug, Clone, Default)]
pub struct Rule {
    pub group: String,
    pub egress: bool,
    pub protocol: String,
    pub from_port: i32,
    pub to_port: i32,
    pub cidr: Option<String>,
    pub cidr_v6: Option<String>,
    pub prefix_list: Option<String>,
    pub referenced_group: Option<String>,
    pub description: Option<String>,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct Address {
    pub public_ip: String,
    /// Association id, if associated.
    pub association: Option<String>,
    pub interface: Option<String>,
    pub instance: Option<String>,
    /// The service that manages it (`alb`), if one does.
    pub service_managed: Option<String>,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct NatGateway {
    pub vpc: String,
    pub subnet: String,
    /// `pending`, `failed`, `available`, `deleting`, `deleted`.
    pub state: String,
    /// `public` or `private`.
    pub connectivity: String,
    pub allocation: Option<String>,
    pub interface: Option<String>,
    pub created: Option<Timestamp>,
    pub deleted: Option<Timestamp>,
    /// Code and message, once it failed.
    pub failure: Option<(String, String)>,
    pub client_token: Option<String>,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct Endpoint {
    pub vpc: String,
    pub service: String,
    /// `Interface`, `Gateway` or `GatewayLoadBalancer`.
    pub endpoint_type: String,
    /// `pending`, `available`, `deleting`, `deleted`.
    pub state: String,
    pub requester_managed: bool,
    pub owner: String,
    pub subnets: BTreeSet<String>,
    pub groups: BTreeSet<String>,
    pub route_tables: BTreeSet<String>,
    pub interfaces: BTreeSet<String>,
    pub client_token: Option<String>,
    pub policy: Option<String>,
    pub private_dns: bool,
    pub created: Option<Timestamp>,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct Instance {
    pub instance_type: String,
    pub image: String,
    pub vpc: String,
    pub subnet: String,
    pub zone: String,
    /// `pending`, `running`, `shutting-down`, `terminated`, `stopping`, `stopped`.
    pub state: String,
    pub launched: Option<Timestamp>,
    pub profile_arn: Option<String>,
    pub key_name: Option<String>,
    /// The name of the placement group it is in.
    pub placement_group: Option<String>,
    pub interfaces: Vec<String>,
    pub volumes: Vec<String>,
    pub termination_protected: bool,
    /// Whether it is a Spot instance.
    pub spot: bool,
    /// Cores and threads of each, if not those of its type.
    pub cpu: Option<(u32, u32)>,
    pub reservation: String,
    pub client_token: Option<String>,
    /// Why it was ended: `Client.UserInitiatedShutdown: User initiated shutdown`.
    pub state_reason: Option<(String, String)>,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct Volume {
    pub size_gib: u32,
    pub volume_type: String,
    pub zone: String,
    /// `creating`, `available`, `in-use`, `deleting`.
    pub state: String,
    pub created: Option<Timestamp>,
    pub instance: Option<String>,
    pub delete_on_termination: bool,
    /// The device name it is attached as.
    pub device: Option<String>,
    pub attached: Option<Timestamp>,
    pub snapshot: Option<String>,
    pub encrypted: bool,
    pub client_token: Option<String>,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct LaunchTemplate {
    pub name: String,
    pub client_token: Option<String>,
    pub created: Option<Timestamp>,
    pub created_by: String,
    /// By number, from 1; a number is never used twice.
    pub versions: BTreeMap<u32, TemplateVersion>,
    /// The number of the default version.
    pub default: u32,
    pub tags: Tags,
}

impl LaunchTemplate {
    /// The number of the latest version.
    pub fn latest(&self) -> u32 {
        self.versions.last_key_value().map_or(0, |(number, _)| *number)
    }

    /// The contents of the version that a request names: a number, `$Latest`, `$Default`, or none (the default).
    pub fn contents(&self, version: Option<&str>) -> Option<&TemplateContents> {
        let number = match version {
            None | Some("$Default") => self.default,
            Some("$Latest") => self.latest(),
            Some(number) => number.parse().ok()?,
        };
        self.versions.get(&number).map(|version| &version.contents)
    }
}

/// One version of a launch template.
#[derive(Debug, Clone, Default)]
pub struct TemplateVersion {
    pub description: Option<String>,
    pub created: Option<Timestamp>,
    pub contents: TemplateContents,
}

/// What instances are launched from.
#[derive(Debug, Clone, Default)]
pub struct TemplateContents {
    pub image: Option<String>,
    pub instance_type: Option<String>,
    pub key_name: Option<String>,
    /// A placement group, named by one of the two.
    pub placement_group: Option<String>,
    pub placement_group_id: Option<String>,
    /// An instance profile, named by one of the two.
    pub profile_arn: Option<String>,
    pub profile_name: Option<String>,
    pub groups: BTreeSet<String>,
    /// The names of groups of the default VPC.
    pub group_names: BTreeSet<String>,
    pub interfaces: Vec<TemplateInterface>,
    /// The tags it gives to what is launched from it.
    pub instance_tags: Tags,
    pub volume_tags: Tags,
}

/// An interface that a launch template describes, or names.
#[derive(Debug, Clone, Default)]
pub struct TemplateInterface {
    pub device_index: Option<i64>,
    pub interface: Option<String>,
    pub subnet: Option<String>,
    pub groups: BTreeSet<String>,
    pub public: Option<bool>,
}

#[derive(Debug, Clone, Default)]
pub struct EgressGateway {
    pub vpc: String,
    pub client_token: Option<String>,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct DhcpOptions {
    pub owner: String,
    pub values: BTreeMap<String, Vec<String>>,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct FlowLog {
    pub resource: String,
    pub traffic: String,
    /// `cloud-watch-logs`, `s3`, `kinesis-data-firehose`.
    pub destination_type: String,
    pub destination: Option<String>,
    pub log_group: Option<String>,
    pub role: Option<String>,
    pub created: Option<Timestamp>,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct Peering {
    pub requester: PeeringSide,
    pub accepter: PeeringSide,
    /// `initiating-request`, `pending-acceptance`, `provisioning`, `active`, `failed`, `rejected`,
    /// `expired`, `deleting`, `deleted`.
    pub status: String,
    /// Until when a request can be accepted.
    pub expires: Option<Timestamp>,
    pub tags: Tags,
}

/// One end of a peering connection.
#[derive(Debug, Clone, Default)]
pub struct PeeringSide {
    pub owner: String,
    pub vpc: String,
    pub region: String,
    pub cidr: String,
}

#[derive(Debug, Clone, Default)]
pub struct KeyPair {
    pub name: String,
    pub key_type: String,
    pub fingerprint: String,
    pub created: Option<Timestamp>,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct PlacementGroup {
    pub name: String,
    /// `cluster`, `spread`, `partition`.
    pub strategy: String,
    pub partitions: Option<i64>,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct VpnGateway {
    /// `available` or `deleted`.
    pub state: String,
    pub asn: i64,
    /// The VPC, and `attaching`, `attached`, `detaching` or `detached`.
    pub attachment: Option<(String, String)>,
    pub tags: Tags,
}

impl VpnGateway {
    /// The VPC that it is attached to, or on the way to or from.
    pub fn vpc(&self) -> Option<&str> {
        let (vpc, state) = self.attachment.as_ref()?;
        (state != "detached").then_some(vpc)
    }
}

/// A connection of a gateway here with a router outside.
#[derive(Debug, Clone, Default)]
pub struct VpnConnection {
    /// `pending`, `available`, `deleting` or `deleted`.
    pub state: String,
    pub customer_gateway: String,
    pub vpn_gateway: Option<String>,
    pub transit_gateway: Option<String>,
    pub tunnels: Vec<Tunnel>,
    pub tags: Tags,
}

/// A tunnel of a VPN connection.
#[derive(Debug, Clone, Default)]
pub struct Tunnel {
    pub outside_ip: String,
    pub up: bool,
    /// When that changed last.
    pub changed: Option<Timestamp>,
}

/// A router outside AWS.
#[derive(Debug, Clone, Default)]
pub struct CustomerGateway {
    /// `available` or `deleted`.
    pub state: String,
    pub ip: String,
    pub asn: String,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct CarrierGateway {
    pub vpc: String,
    pub owner: String,
    pub tags: Tags,
}

#[derive(Debug, Clone, Default)]
pub struct InstanceConnectEndpoint {
    /// `create-in-progress`, `create-complete`, `delete-in-progress`, `delete-complete`.
    pub state: String,
    pub vpc: String,
    pub subnet: String,
    pub groups: BTreeSet<String>,
    pub interface: String,
    pub created: Option<Timestamp>,
    pub tags: Tags,
}

/// A VPC's attachment to a transit gateway.
#[derive(Debug, Clone, Default)]
pub struct TransitAttachment {
    /// `pending`, `available`, `deleting`, `deleted`.
    pub state: String,
    /// The transit gateway.
    pub gateway: String,
    pub vpc: String,
    pub vpc_owner: String,
    pub subnets: BTreeSet<String>,
    pub interfaces: Vec<String>,
    pub created: Option<Timestamp>,
    pub tags: Tags,
}

/// A service that others reach through endpoints.
#[derive(Debug, Clone, Default)]
pub struct EndpointService {
    pub name: String,
    /// ARNs of network load balancers.
    pub network_balancers: BTreeSet<String>,
    pub gateway_balancers: BTreeSet<String>,
    pub acceptance_required: bool,
    pub client_token: Option<String>,
    pub tags: Tags,
}
