//! Auto Scaling groups, and the instances that they start.

use crate::kinds::machines::{self, Described, Sizes};
use crate::model::deployed::{Declared, Deployed, Naming, Plays, Spelling, Tagging, Types, Uses, alias};
use crate::model::deployment::Item;
use crate::model::need::{Use, World};
use crate::model::{Per, Scope};

const NAME: &str = "auto-scaling-group";

/// What deployments call it and use of it.
pub const DECLARED: Declared = Declared {
    name: NAME,
    scope: Scope::Regional,
    deployed: Deployed {
        types: Types {
            terraform: &["aws_autoscaling_group"],
            pulumi: &["aws:autoscaling/group:Group"],
            cloudformation: &["AWS::AutoScaling::AutoScalingGroup"],
            adopted: &[],
        },
        attributes: &[
            "availability_zones",
            "desired_capacity",
            "desired_capacity_type",
            "launch_configuration",
            "launch_template",
            "max_size",
            "min_size",
            "mixed_instances_policy",
            "tag",
            "vpc_zone_identifier",
        ],
        aliases: &[
            alias("auto_scaling_group_name", "name"),
            alias("launch_template_specification", "launch_template"),
            alias("launch_template_overrides", "override"),
            alias("overrides", "override"),
            alias("tags", "tag"),
            alias("vpc_zone_identifiers", "vpc_zone_identifier"),
        ],
        wrappers: &[],
        template: Spelling::of(&[
            alias("auto_scaling_group_name", "name"),
            alias("launch_configuration_name", "launch_configuration"),
            alias("launch_template.launch_template_id", "id"),
            alias("launch_template.launch_template_name", "name"),
            alias("mixed_instances_policy.launch_template.overrides", "override"),
        ]),
        sizes: &["desired_capacity", "min_size", "max_size", "launch_template", "mixed_instances_policy"],
        uses: Uses::Quotas(uses),
        parts: |_, _| Vec::new(),
        instance_types: machines::types,
        plays: Plays::Nodes,
        name: Naming::Free,
        tags: Tagging::ANY,
    },
};

fn uses(world: &World<'_>, item: &Item) -> Vec<Use> {
    let properties = &item.properties;
    let sizes = Sizes { wanted: "desired_capacity", least: "min_size", most: "max_size" };
    let (instances, more) = sizes.between(properties);
    let (instances, more) = machines::unweighted(properties, instances, more);
    let mut templates = machines::templates(world, properties.at("launch_template"));
    let mixed = properties.at("mixed_instances_policy.launch_template");
    for block in [mixed, mixed.at("launch_template_specification"), mixed.at("launch_template")] {
        templates.extend(machines::templates(world, block));
    }
    let mut uses = vec![Use::file(NAME, Per::Region, 1)];
    uses.extend(Described::new(properties, templates, None).uses(world, instances, more));
    uses
}
