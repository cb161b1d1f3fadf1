//! Placement groups: how machines are laid out on AWS's hosts. AWS deletes none in which a machine is, running or
//! stopped. A template or an Auto Scaling group that names one launches no more without it.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/placement-groups.html>

use crate::model::deployed::{Deployed, Plays, Spelling, Tagging, Types, UniqueName, Uses, alias};
use crate::model::{
    Apis, ByHand, Class, GuardRule, Ids, KindSpec, Logs, LookedAfter, MadeFor, Position, RouteTarget, Scope,
    Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "placement-group";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "placement group",
    about: "How machines are laid out on AWS's hosts. One goes after the machines that are in it.",
    ids: Ids::Name,
    class: Class::Tool,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States { coming: &["pending"], leaving: &["deleting"], gone: &["deleted"] },
    route_target: RouteTarget::No,
    // One that another account shares with this one is in its list:
    // <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/share-placement-group.html>
    guards: &[GuardRule::OtherAccount, GuardRule::UnknownMaker],
    by_hand: ByHand("aws ec2 delete-placement-group --group-name {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    // Those who are in it, or would be, name it.
    links: &[],
    parts: &[],
    settle: Settle::Poll { every: 5, usually: 5, at_most: 300 },
    // It may hold a machine for some moments after that has ended.
    patience: 300,
    pause: 0,
    batch: 1,
    quotas: &[],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribePlacementGroups"], delete: &["ec2:DeletePlacementGroup"] },
    made_by_events: &["CreatePlacementGroup"],
    logs: Logs::NoneKnown,
    arns: &["ec2:placement-group/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_placement_group"],
        pulumi: &["aws:ec2/placementGroup:PlacementGroup"],
        cloudformation: &["AWS::EC2::PlacementGroup"],
        adopted: &[],
    },
    attributes: &[],
    aliases: &[],
    wrappers: &[],
    template: Spelling::of(&[alias("group_name", "name")]),
    sizes: &[],
    uses: Uses::Nothing,
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: UniqueName::of("placement group"),
    tags: Tagging::ANY,
};
