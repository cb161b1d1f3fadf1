//! Launch templates. Nothing forbids their deletion; those that EKS made for a node group are the
//! node group's, and go with it. What one holds is used by what it launches, so it stays while the template does.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html>

use super::machines;
use crate::model::deployed::{Deployed, Plays, Spelling, Tagging, Types, UniqueName, Uses, alias};
use crate::model::need::Use;
use crate::model::{
    Apis, ByHand, Class, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per, Position,
    QuotaUse, RouteTarget, Scope, Serves, Settle, ShowsLife, States, WorksAs, words::how,
};

pub(crate) const NAME: &str = "launch-template";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "launch template",
    about: "Says how machines are made. All its versions go with it.",
    ids: Ids::Prefix("lt-"),
    class: Class::Tool,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Wholly(&["ec2.amazonaws.com"]),
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[GuardRule::UnknownMaker],
    by_hand: ByHand("aws ec2 delete-launch-template --launch-template-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::goes_with(
            how::MADE_BY,
            "eks-nodegroup",
            Settle::Poll { every: 15, usually: 15, at_most: 600 },
        ),
        // AWS lets go of what a template names, and the next launch from it fails.
        LinkRule::free(how::WOULD_USE, "security-group"),
        LinkRule::free(how::WOULD_USE, "subnet"),
        LinkRule::free(how::WOULD_USE, "network-interface"),
        LinkRule::free(how::WOULD_USE, "iam-instance-profile"),
        LinkRule::free(how::WOULD_USE, "key-pair"),
        LinkRule::free(how::WOULD_USE, "placement-group"),
    ],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 60,
    pause: 0,
    batch: 1,
    // <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-template-restrictions.html>
    quotas: &[QuotaUse::documented(NAME, "launch templates", "ec2", (5000, Per::Region))],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &[
            "ec2:DescribeLaunchTemplates",
            "ec2:DescribeLaunchTemplateVersions",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribePlacementGroups",
        ],
        delete: &["ec2:DeleteLaunchTemplate"],
    },
    made_by_events: &["CreateLaunchTemplate"],
    logs: Logs::NoneKnown,
    arns: &["ec2:launch-template/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_launch_template"],
        pulumi: &["aws:ec2/launchTemplate:LaunchTemplate"],
        cloudformation: &["AWS::EC2::LaunchTemplate"],
        adopted: &[],
    },
    attributes: &[
        "block_device_mappings",
        "default_version",
        "image_id",
        "instance_market_options",
        "instance_requirements",
        "instance_type",
        "latest_version",
        "metadata_options",
        "network_interfaces",
        "tag_specifications",
        "user_data",
    ],
    aliases: &[alias("launch_template_name", "name")],
    wrappers: &["launch_template_data"],
    template: Spelling {
        hoisted: &["launch_template_data"],
        names: &[
            alias("launch_template_name", "name"),
            alias("security_group_ids", "vpc_security_group_ids"),
        ],
    },
    sizes: &[],
    uses: Uses::Quotas(|_, _| vec![Use::file("launch-template", Per::Region, 1)]),
    parts: |_, _| Vec::new(),
    instance_types: machines::types,
    plays: Plays::LaunchTemplate,
    name: UniqueName::of("launch template"),
    tags: Tagging::ANY,
};
