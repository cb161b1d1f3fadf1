//! Launch configurations: what an Auto Scaling group starts where it names no launch template, as the CDK's own
//! group does. They count nothing; the group that names one counts by it.
//!
//! <https://docs.aws.amazon.com/autoscaling/ec2/userguide/launch-configurations.html>

use crate::kinds::machines;
use crate::model::Scope;
use crate::model::deployed::{Declared, Deployed, Naming, Plays, Spelling, Tagging, Types, Uses, alias};

const NAME: &str = "launch-configuration";

/// What deployments call it and use of it.
pub const DECLARED: Declared = Declared {
    name: NAME,
    scope: Scope::Regional,
    deployed: Deployed {
        types: Types {
            terraform: &["aws_launch_configuration"],
            pulumi: &["aws:ec2/launchConfiguration:LaunchConfiguration"],
            cloudformation: &["AWS::AutoScaling::LaunchConfiguration"],
            adopted: &[],
        },
        attributes: &["image_id", "instance_type", "spot_price", "user_data"],
        aliases: &[alias("launch_configuration_name", "name")],
        wrappers: &[],
        template: Spelling::of(&[alias("launch_configuration_name", "name")]),
        sizes: &[],
        uses: Uses::NotLookedAt("launch configurations"),
        parts: |_, _| Vec::new(),
        instance_types: machines::types,
        plays: Plays::LaunchConfiguration,
        name: Naming::Free,
        tags: Tagging::ANY,
    },
};
