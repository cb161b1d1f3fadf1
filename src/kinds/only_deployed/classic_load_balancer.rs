//! Load balancers of the first generation.

use crate::model::Scope;
use crate::model::deployed::{Declared, Deployed, Naming, Plays, Spelling, Tagging, Types, Uses, alias};

const NAME: &str = "classic-load-balancer";

/// What deployments call it and use of it.
pub const DECLARED: Declared = Declared {
    name: NAME,
    scope: Scope::Regional,
    deployed: Deployed {
        types: Types {
            terraform: &["aws_elb"],
            pulumi: &[
                "aws:elb/loadBalancer:LoadBalancer",
                "aws:elasticloadbalancing/loadBalancer:LoadBalancer",
            ],
            cloudformation: &["AWS::ElasticLoadBalancing::LoadBalancer"],
            adopted: &[],
        },
        attributes: &["availability_zones", "internal", "subnets"],
        aliases: &[],
        wrappers: &[],
        template: Spelling::of(&[alias("load_balancer_name", "name")]),
        sizes: &[],
        uses: Uses::NotLookedAt("classic load balancers"),
        parts: |_, _| Vec::new(),
        instance_types: |_| Vec::new(),
        plays: Plays::Nothing,
        name: Naming::Free,
        tags: Tagging::STRICT,
    },
};
