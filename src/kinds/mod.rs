//! The catalog of kinds: one pure file each, and one line each in `every_kind`.
//!
//! A kind's file answers every question that any room asks of it ([`crate::model::KindSpec`]: no default);
//! its calls stand under the same name in `crate::aws::kinds`. Rooms are given the [`CATALOG`] and ask it;
//! none reaches into a single kind's file.

#[cfg(test)]
mod gaps;
mod place;
#[cfg(test)]
mod table;
mod vcpus;

pub use place::{place_of, position_of};

use crate::model::{Catalog, KindName, KindSpec, Position};

/// Registers a kind, here and at the edge: its line is the name of its two files,
/// `src/kinds/<name>.rs` and `src/aws/kinds/<name>.rs`. The order is the reading order of every report.
macro_rules! every_kind {
    ($then:ident) => {
        $then! {
            elastic_ip
            nat_gateway
            vpc
            subnet
            route_table
            internet_gateway
            network_acl
            network_interface
            security_group
            vpc_endpoint
            instance
            volume
            launch_template
            load_balancer
            target_group
            eks_cluster
            eks_nodegroup
            eks_addon
            iam_role
            iam_policy
            iam_instance_profile
            iam_oidc_provider
            log_group
        }
    };
}
#[cfg(feature = "aws")]
pub(crate) use every_kind;

macro_rules! catalog {
    ($($kind:ident)+) => {
        $(pub(crate) mod $kind;)+

        /// Every kind that the program knows, in reading order.
        pub const CATALOG: Catalog = Catalog::new(&[$(&$kind::SPEC),+]);
    };
}
every_kind!(catalog);

/// Whether a kind has this position.
pub fn is(kind: &KindName, part: Position) -> bool {
    CATALOG.position(kind) == part
}

/// The kind that has this position, to make a key of. Each but nothing is held by one kind: a test of
/// the table holds that.
pub fn that_is(part: Position) -> KindName {
    CATALOG.that_is(part).map_or_else(|| KindName::of("unknown"), KindSpec::kind)
}
