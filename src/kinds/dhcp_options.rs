//! Sets of DHCP options: what the machines of a VPC are told of its domain and name servers. One serves any number
//! of VPCs and lies in none. AWS deletes none that a VPC uses. A VPC that stays is never put on another set, since
//! its machines would look up names elsewhere: so a set goes after its VPCs, and stays if one of them does.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::{
    Apis, ByHand, Class, GuardRule, Ids, KindSpec, Logs, LookedAfter, MadeFor, Position, RouteTarget, Scope,
    Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "dhcp-options";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "DHCP options set",
    about: "What the machines of a VPC are told of its domain and its name servers. A set goes after the VPCs that use it.",
    ids: Ids::Prefix("dopt-"),
    // No network holds it: VPCs of several stacks may share one.
    class: Class::Tool,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[GuardRule::DefaultThing, GuardRule::OtherAccount],
    by_hand: ByHand("aws ec2 delete-dhcp-options --dhcp-options-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    // The VPC names its set.
    links: &[],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeDhcpOptions"], delete: &["ec2:DeleteDhcpOptions"] },
    made_by_events: &["CreateDhcpOptions"],
    logs: Logs::NoneKnown,
    arns: &["ec2:dhcp-options/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_vpc_dhcp_options"],
        pulumi: &["aws:ec2/vpcDhcpOptions:VpcDhcpOptions"],
        cloudformation: &["AWS::EC2::DHCPOptions"],
        adopted: &["aws_default_vpc_dhcp_options", "aws:ec2/defaultVpcDhcpOptions:DefaultVpcDhcpOptions"],
    },
    attributes: &[],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Nothing,
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};
