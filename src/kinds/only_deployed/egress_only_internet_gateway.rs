//! Egress-only internet gateways: the way out for IPv6.

use crate::model::Scope;
use crate::model::deployed::{Declared, Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};

const NAME: &str = "egress-only-internet-gateway";

/// What deployments call it and use of it.
pub const DECLARED: Declared = Declared {
    name: NAME,
    scope: Scope::Regional,
    deployed: Deployed {
        types: Types {
            terraform: &["aws_egress_only_internet_gateway"],
            pulumi: &["aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway"],
            cloudformation: &["AWS::EC2::EgressOnlyInternetGateway"],
            adopted: &[],
        },
        attributes: &["vpc_id"],
        aliases: &[],
        wrappers: &[],
        template: Spelling::SAME,
        sizes: &[],
        uses: Uses::NotLookedAt("egress-only internet gateways"),
        parts: |_, _| Vec::new(),
        instance_types: |_| Vec::new(),
        plays: Plays::Nothing,
        name: Naming::Free,
        tags: Tagging::ANY,
    },
};
