//! EC2 and VPC over the EC2 query protocol.

mod account;
pub(crate) mod addresses;
mod cidr;
pub(crate) mod defaults;
pub(crate) mod describe;
mod dhcp_options;
mod egress_gateways;
pub(crate) mod endpoints;
#[cfg(test)]
pub(crate) mod fixture;
mod flow_logs;
pub mod held;
pub(crate) mod in_use;
mod instance_calls;
mod instance_xml;
pub mod instances;
pub(crate) mod interfaces;
mod internet_gateways;
mod key_pairs;
#[cfg(test)]
pub(crate) mod lab;
pub mod launch_templates;
pub(crate) mod make_interfaces;
pub(crate) mod nat_gateways;
mod network_acls;
pub(crate) mod noun;
mod peerings;
mod route_tables;
mod rules;
pub(crate) mod security_groups;
pub mod store;
mod subnets;
pub(crate) mod tags;
pub mod volumes;
mod vpcs;

use crate::sandbox::wire::{Operation, Protocol, Service};

pub(crate) use defaults::make_default_parts;

/// The XML namespace of EC2's answers, with the API's version.
pub(crate) const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

/// EC2 as the wire knows it.
pub(crate) const SERVICE: Service =
    Service { scope: "ec2", iam: "ec2", protocol: Protocol::Ec2Query { namespace: NAMESPACE }, operation };

/// The operations of each file, a line each.
const TABLES: &[&[(&str, Operation)]] = &[
    account::OPERATIONS,
    addresses::OPERATIONS,
    dhcp_options::OPERATIONS,
    egress_gateways::OPERATIONS,
    endpoints::OPERATIONS,
    flow_logs::OPERATIONS,
    instance_calls::OPERATIONS,
    interfaces::OPERATIONS,
    internet_gateways::OPERATIONS,
    key_pairs::OPERATIONS,
    launch_templates::OPERATIONS,
    nat_gateways::OPERATIONS,
    network_acls::OPERATIONS,
    peerings::OPERATIONS,
    route_tables::OPERATIONS,
    rules::OPERATIONS,
    security_groups::OPERATIONS,
    subnets::OPERATIONS,
    tags::OPERATIONS,
    volumes::OPERATIONS,
    vpcs::OPERATIONS,
];

fn operation(action: &str) -> Option<Operation> {
    TABLES.iter().copied().flatten().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}
