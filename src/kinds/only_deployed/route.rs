//! Routes that stand by themselves: the limit on them is one of the table they lie in.

use crate::model::Scope;
use crate::model::deployed::{Declared, Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};

const NAME: &str = "route";

/// What deployments call it and use of it.
pub const DECLARED: Declared = Declared {
    name: NAME,
    scope: Scope::Regional,
    deployed: Deployed {
        types: Types {
            terraform: &["aws_route"],
            pulumi: &["aws:ec2/route:Route"],
            cloudformation: &["AWS::EC2::Route"],
            adopted: &[],
        },
        attributes: &[
            "destination_cidr_block",
            "destination_ipv6_cidr_block",
            "destination_prefix_list_id",
            "gateway_id",
            "route_table_id",
        ],
        aliases: &[],
        wrappers: &[],
        template: Spelling::SAME,
        sizes: &[],
        uses: Uses::NotLookedAt("routes"),
        parts: |_, _| Vec::new(),
        instance_types: |_| Vec::new(),
        plays: Plays::Route,
        name: Naming::Free,
        tags: Tagging::ANY,
    },
};
