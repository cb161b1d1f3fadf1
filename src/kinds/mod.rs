//! The catalog of kinds: one pure file each, and one line each in `every_kind`.
//!
//! A kind's file answers every question that any room asks of it ([`crate::model::KindSpec`]: no default);
//! its calls stand under the same name in `crate::aws::kinds`. Rooms are given the [`CATALOG`] and ask it;
//! none reaches into a single kind's file. Kinds that deployments name and no scan reads have a file each in
//! `only_deployed`. What several kinds share has a file of its own: `interfaces`, `machines`, `vcpus`.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod deployed_tests;
#[cfg(test)]
mod gaps;
mod interfaces;
#[cfg(test)]
mod literals;
mod machines;
#[cfg(test)]
mod pages;
mod place;
#[cfg(test)]
mod table;
mod vcpus;

pub use cloudformation_stack::{Member, record};
pub use place::{place_of, position_of};

use std::sync::LazyLock;

use crate::model::deployed::{KindRow, Plays};
use crate::model::deployment::Item;
use crate::model::index::{Items, Question};
use crate::model::{Catalog, KindName, KindSpec, Logs, Position};

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
            egress_only_internet_gateway
            network_acl
            dhcp_options
            network_interface
            security_group
            vpc_endpoint
            instance_connect_endpoint
            vpc_peering_connection
            vpn_gateway
            vpn_connection
            customer_gateway
            transit_gateway_attachment
            carrier_gateway
            vpc_endpoint_service
            instance
            volume
            launch_template
            key_pair
            placement_group
            auto_scaling_group
            load_balancer
            target_group
            eks_cluster
            eks_nodegroup
            eks_addon
            eks_fargate_profile
            eks_access_entry
            eks_pod_identity_association
            lambda_function
            ecs_service
            iam_role
            iam_policy
            iam_instance_profile
            iam_oidc_provider
            log_group
            flow_log
            cloudformation_stack
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

        /// The same as deployments know them.
        const SCANNED: &[KindRow] = &[$(KindRow::scanned(&$kind::SPEC)),+];
    };
}
every_kind!(catalog);

/// Whether a kind has this position.
pub fn is(kind: &KindName, part: Position) -> bool {
    CATALOG.position(kind) == part
}

/// Whether things of this kind are logs.
pub fn is_log(kind: &KindName) -> bool {
    CATALOG.get(kind).is_some_and(|spec| matches!(spec.logs, Logs::Itself))
}

/// The kind that has this position, to make a key of. Each but nothing is held by one kind: a test of
/// the table holds that.
pub fn that_is(part: Position) -> KindName {
    CATALOG.that_is(part).map_or_else(|| KindName::of("unknown"), KindSpec::kind)
}

/// Registers the kinds that deployments speak of and no scan reads: `src/kinds/only_deployed/<name>.rs`. When
/// one is scanned, its file moves up and its line with it.
mod only_deployed {
    use super::KindRow;

    macro_rules! every_kind {
        ($($kind:ident)+) => {
            $(mod $kind;)+

            /// All of them.
            pub(super) const DECLARED: &[KindRow] = &[$(KindRow::declared(&$kind::DECLARED)),+];
        };
    }
    every_kind! {
        route
        route_table_association
        classic_load_balancer
        iam_role_policy_attachment
        kms_key
        kms_alias
        helm_release
        launch_configuration
    }
}

/// Every kind that a deployment is read for, whether a scan reads it or not.
pub fn rows() -> impl Iterator<Item = &'static KindRow> {
    SCANNED.iter().chain(only_deployed::DECLARED)
}

/// The row of a kind.
pub fn row(kind: &str) -> Option<&'static KindRow> {
    // Asked of every item of a file, many times: few names are of one length.
    static BY_LENGTH: LazyLock<Vec<Vec<&'static KindRow>>> = LazyLock::new(|| {
        let longest = rows().map(|row| row.kind.len()).max().unwrap_or_default();
        (0..=longest).map(|length| rows().filter(|row| row.kind.len() == length).collect()).collect()
    });
    BY_LENGTH.get(kind.len())?.iter().copied().find(|row| row.kind == kind)
}

/// The row of a thing's kind, if that is known.
pub fn row_of(item: &Item) -> Option<&'static KindRow> {
    row(item.kind.as_ref()?.as_str())
}

/// Whom the items of a kind name, for those that ask it of others.
const NAMED_BY: [Question; 3] =
    [auto_scaling_group::WARM_POOLS, iam_role::ATTACHMENTS, iam_role::POLICIES_FOR_ROLES];

/// The items of a deployment by all that is asked for.
pub fn items(all: &[Item]) -> Items<'_> {
    Items::new(all, |item| row_of(item).map_or(Plays::Nothing, |row| row.deployed.plays), &NAMED_BY)
}

/// The kinds that play a part in deployments.
pub fn playing(part: Plays) -> impl Iterator<Item = KindName> {
    rows().filter(move |row| row.deployed.plays == part).map(KindRow::name)
}
