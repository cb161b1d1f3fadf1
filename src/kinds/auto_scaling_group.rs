//! Auto Scaling groups, and the instances that they start. Only read: one starts an instance anew for each that
//! is deleted, and what it would start the next one with (a template or launch configuration, subnets, groups, a
//! profile) is in use however few run. EKS makes one for each managed node group and removes it with that.
//!
//! <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html>

use crate::kinds::machines::{self, Described, Sizes};
use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses, alias};
use crate::model::deployment::{Certainty, Item};
use crate::model::index::Question;
use crate::model::need::{Most, Use, World};
use crate::model::value::Value;
use crate::model::words::{fact, how};
use crate::model::{
    Apis, ByHand, Class, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per, Position, Resource,
    RouteTarget, Scope, Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "auto-scaling-group";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "Auto Scaling group",
    about: "Keeps so many machines running. That of a node group goes with the node group.",
    ids: Ids::Name,
    class: Class::Witness,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Wholly(&["ec2.amazonaws.com"]),
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Unseen(at_zero),
    made_for: MadeFor::Told,
    // A group tells its state only while it is being deleted.
    states: States { coming: &[], leaving: &["Delete in progress"], gone: &[] },
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand(
        "aws autoscaling delete-auto-scaling-group --auto-scaling-group-name {id} --force-delete",
    ),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        // <https://docs.aws.amazon.com/eks/latest/userguide/delete-managed-node-group.html>
        LinkRule::goes_with(
            how::MADE_BY,
            "eks-nodegroup",
            Settle::Poll { every: 15, usually: 15, at_most: 900 },
        ),
        // AWS lets go of all of these, and the next launch fails.
        LinkRule::free(how::USES, "launch-template"),
        LinkRule::free(how::USES, "target-group"),
        LinkRule::free(how::WOULD_USE, "subnet"),
        LinkRule::free(how::WOULD_USE, "security-group"),
        LinkRule::free(how::WOULD_USE, "network-interface"),
        LinkRule::free(how::WOULD_USE, "iam-instance-profile"),
        LinkRule::free(how::WOULD_USE, "key-pair"),
        LinkRule::free(how::WOULD_USE, "placement-group"),
    ],
    parts: &[],
    settle: Settle::Poll { every: 15, usually: 120, at_most: 1800 },
    patience: 120,
    pause: 0,
    batch: 1,
    // How many the account has in all, Auto Scaling tells: that stands with the node groups, which make some.
    quotas: &[],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &[
            "autoscaling:DescribeAutoScalingGroups",
            "autoscaling:DescribeLaunchConfigurations",
            "ec2:DescribeLaunchTemplateVersions",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribePlacementGroups",
        ],
        delete: &[],
    },
    made_by_events: &["CreateAutoScalingGroup"],
    logs: Logs::NoneKnown,
    arns: &["autoscaling:autoScalingGroup:"],
    deployed: DEPLOYED,
};

/// At zero it runs nothing and may run something by a schedule, or when somebody sets it to more: an idle colour, a
/// night shift. What EKS made for its nodes goes by the node group.
fn at_zero(it: &Resource) -> Option<&'static str> {
    let of_nodes = it.links_as(how::MADE_BY).next().is_some();
    let wanted = it.facts.get(fact::DESIRED).and_then(|wanted| wanted.parse::<u64>().ok());
    let idle = wanted.is_none_or(|wanted| wanted == 0) && !of_nodes;
    idle.then_some("it is set to run no instance, and may be set to run some")
}

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
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
        "warm_pool",
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
    sizes: &[
        "desired_capacity",
        "min_size",
        "max_size",
        "launch_configuration",
        "launch_template",
        "mixed_instances_policy",
        "warm_pool",
    ],
    uses: Uses::Quotas(uses),
    parts: |_, _| Vec::new(),
    instance_types: machines::types,
    plays: Plays::Nodes,
    name: Naming::Free,
    tags: Tagging::ANY,
};

const SIZES: Sizes = Sizes { wanted: "desired_capacity", least: "min_size", most: "max_size" };

fn uses(world: &World<'_>, item: &Item) -> Vec<Use> {
    let properties = &item.properties;
    let (instances, more) = SIZES.between(properties);
    let (instances, more) = machines::unweighted(properties, instances, more);
    let mut uses = vec![Use::file(NAME, Per::Region, 1)];
    uses.extend(described(world, properties).uses(world, instances, more));
    let pool = properties.at("warm_pool");
    if *pool != Value::Null && !matches!(pool, Value::List(pools) if pools.is_empty()) {
        uses.extend(pooled(world, properties, pool));
    }
    let Some(pools) = world.items.naming(WARM_POOLS) else { return uses };
    let remains = |it: &&Item| it.change.remains();
    let own = pools.of_item(&item.address, properties.at("name").as_text()).filter(remains);
    let own = own.map(|pool| (pool, pool.certainty == Certainty::Certain));
    let perhaps = pools.open().filter(remains).map(|pool| (pool, false));
    let pools: Vec<(&Item, bool)> = own.chain(perhaps).take(MOST_POOLS + 1).collect();
    if pools.len() > MOST_POOLS {
        uses.extend(described(world, properties).uses(world, 0, Most::Unbounded));
        return uses;
    }
    for (pool, sure) in pools {
        let used = pooled(world, properties, &pool.properties).into_iter();
        uses.extend(used.map(|used| if sure { used } else { open(used) }));
    }
    uses
}

/// Whose pools those are that CloudFormation's warm pools tell: there they stand by themselves; Terraform and
/// Pulumi write one into its group.
pub(super) const WARM_POOLS: Question = Question {
    kind: None,
    type_name: Some("AWS::AutoScaling::WarmPool"),
    attribute: "auto_scaling_group_name",
};

/// A group has one pool. Of more that may be its own than these nobody can tell how much they make it start.
const MOST_POOLS: usize = 8;

/// The same, if it is made at all.
fn open(used: Use) -> Use {
    Use { amount: 0, more: used.more.plus(Most::Of(used.amount)), ..used }
}

/// What describes its instances.
fn described<'a>(world: &World<'a>, properties: &'a Value) -> Described<'a> {
    let mut templates = machines::templates(world, properties.at("launch_template"));
    let mixed = properties.at("mixed_instances_policy.launch_template");
    for block in [mixed, mixed.at("launch_template_specification"), mixed.at("launch_template")] {
        templates.extend(machines::templates(world, block));
    }
    templates.extend(machines::templates(world, properties.at("launch_configuration")));
    Described::new(properties, templates, None)
}

/// What the warm pool of a group uses: what lacks from its wanted size to the size that it is to be prepared
/// for (its largest, if nothing is said), and never less than the pool's smallest. Stopped instances keep their
/// interfaces and count to no limit on processors but while they are being prepared; so those stay open unless
/// the pool keeps them running:
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html>.
fn pooled(world: &World<'_>, group: &Value, pool: &Value) -> Vec<Use> {
    let prepared = match pool.at("max_group_prepared_capacity") {
        // The API's word for no number of its own is -1.
        Value::Null => group.at("max_size").as_count(),
        own if own.as_number().is_some_and(|own| own < 0.0) => group.at("max_size").as_count(),
        own => own.as_count(),
    };
    let least = match pool.at("min_size") {
        Value::Null => Some(0),
        own => own.as_count(),
    };
    let (wanted, more_wanted) = SIZES.between(group);
    let (count, more) = match (prepared, least, more_wanted) {
        _ if pool.is_open() => (0, Most::Unbounded),
        (Some(prepared), Some(least), Most::Of(open)) => {
            let most = prepared.saturating_sub(wanted).max(least);
            let sure = prepared.saturating_sub(wanted.saturating_add(open)).max(least);
            (sure, Most::Of(most - sure))
        }
        (_, least, _) => (least.unwrap_or(0), Most::Unbounded),
    };
    let mut uses = described(world, group).uses(world, count, more);
    if pool.at("pool_state").as_text() != Some("Running") {
        for used in uses.iter_mut().filter(|used| used.quota != "network-interface") {
            *used = open(*used);
        }
    }
    uses
}
