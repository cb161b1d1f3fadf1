//! EC2 and VPC over the EC2 query protocol.

mod account;
pub(crate) mod addresses;
mod carrier_gateways;
mod cidr;
mod customer_gateways;
pub(crate) mod defaults;
pub(crate) mod describe;
mod dhcp_options;
mod egress_gateways;
mod endpoint_services;
pub(crate) mod endpoints;
#[cfg(test)]
pub(crate) mod fixture;
mod flow_logs;
pub mod held;
pub(crate) mod in_use;
mod instance_calls;
mod instance_connect_endpoints;
mod instance_types;
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
mod placement_groups;
mod route_tables;
mod rules;
pub(crate) mod security_groups;
mod subnets;
pub(crate) mod tags;
mod template_contents;
mod transit_attachments;
pub(crate) mod unattached;
mod vcpus;
pub mod volumes;
mod vpcs;
mod vpn_connections;
mod vpn_gateways;

use crate::protocol::Protocol;
use crate::service::{Operation, Service};

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
    carrier_gateways::OPERATIONS,
    customer_gateways::OPERATIONS,
    dhcp_options::OPERATIONS,
    egress_gateways::OPERATIONS,
    endpoint_services::OPERATIONS,
    endpoints::OPERATIONS,
    flow_logs::OPERATIONS,
    instance_calls::OPERATIONS,
    instance_connect_endpoints::OPERATIONS,
    instance_types::OPERATIONS,
    interfaces::OPERATIONS,
    internet_gateways::OPERATIONS,
    key_pairs::OPERATIONS,
    launch_templates::OPERATIONS,
    nat_gateways::OPERATIONS,
    network_acls::OPERATIONS,
    peerings::OPERATIONS,
    placement_groups::OPERATIONS,
    route_tables::OPERATIONS,
    rules::OPERATIONS,
    security_groups::OPERATIONS,
    subnets::OPERATIONS,
    tags::OPERATIONS,
    transit_attachments::OPERATIONS,
    volumes::OPERATIONS,
    vpcs::OPERATIONS,
    vpn_connections::OPERATIONS,
    vpn_gateways::OPERATIONS,
];

fn operation(action: &str) -> Option<Operation> {
    TABLES.iter().copied().flatten().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::lab::{Lab, REGION};

    #[test]
    fn each_operation_stands_in_one_table() {
        let mut names: Vec<&str> = TABLES.iter().copied().flatten().map(|(name, _)| *name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn a_call_without_parameters_is_answered_or_refused_with_a_code() {
        for (name, _) in TABLES.iter().copied().flatten() {
            let answer = Lab::new().world.call("ec2", REGION, name, &[]);
            let code = answer.err().map(|refusal| refusal.code).unwrap_or_default();
            let reads = name.starts_with("Describe");
            assert!(!reads || code.is_empty() || code == "MissingParameter", "{name}: {code}");
        }
    }

    #[test]
    fn every_listing_refuses_a_filter_it_does_not_know_and_too_many_values() {
        let many: Vec<(String, String)> =
            (0..201).map(|n| (format!("Filter.1.Value.{n}"), "x".into())).collect();
        for (name, _) in TABLES.iter().copied().flatten() {
            // What cannot be asked without naming a thing is no listing; attributes have no filters.
            let bare = Lab::new().world.call("ec2", REGION, name, &[]);
            if !name.starts_with("Describe") || bare.is_err() || *name == "DescribeAccountAttributes" {
                continue;
            }
            let odd = [("Filter.1.Name", "colour"), ("Filter.1.Value.1", "red")];
            Lab::new().refused(name, &odd, "InvalidParameterValue");
            let mut params: Vec<(&str, &str)> =
                many.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            params.push(("Filter.1.Name", "tag-key"));
            Lab::new().refused(name, &params, "FilterLimitExceeded");
        }
    }
}
