//! EC2 and VPC over the EC2 query protocol.

pub(crate) mod describe;
#[cfg(test)]
pub(crate) mod fixture;
pub mod held;
mod instance_calls;
pub mod instances;
pub mod launch_templates;
pub(crate) mod noun;
pub mod store;
pub mod volumes;

use crate::sandbox::World;
use crate::sandbox::wire::{Operation, Protocol, Service};

/// The XML namespace of EC2's answers, with the API's version.
pub(crate) const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

/// EC2 as the wire knows it.
pub(crate) const SERVICE: Service =
    Service { scope: "ec2", iam: "ec2", protocol: Protocol::Ec2Query { namespace: NAMESPACE }, operation };

/// The operations of each file, a line each.
const TABLES: &[&[(&str, Operation)]] = &[instance_calls::TABLE, volumes::TABLE, launch_templates::TABLE];

fn operation(action: &str) -> Option<Operation> {
    TABLES.iter().copied().flatten().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}

/// What every region has from the start.
pub(crate) fn make_default_parts(world: &mut World, region: &str) {
    let _ = (world, region);
}
