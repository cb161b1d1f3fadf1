//! Subnets. One can go when no network interface of any kind is left in it; its associations with
//! route tables and network ACLs go with it.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-deleting.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::need::Use;
use crate::model::words::how;
use crate::model::{
    Amount, Apis, ByHand, Class, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per,
    Position, QuotaUse, RouteTarget, Scope, Serves, Settle, ShowsLife, States, Unit, WorksAs,
};

pub(crate) const NAME: &str = "subnet";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "subnet",
    about: "A piece of a VPC in one zone. It is gone when nothing has an interface in it.",
    ids: Ids::Prefix("subnet-"),
    class: Class::Plumbing,
    position: Position::Subnet,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States { coming: &["pending"], leaving: &[], gone: &[] },
    route_target: RouteTarget::No,
    guards: &[GuardRule::DefaultThing, GuardRule::OtherAccount],
    by_hand: ByHand("aws ec2 delete-subnet --subnet-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[LinkRule::until_gone(how::WITHIN, "vpc")],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 300,
    pause: 0,
    batch: 1,
    quotas: &[QuotaUse::each(NAME, "subnets", ("vpc", "L-407747CB"), Per::Vpc)
        .counted(Unit::Things, Amount::one_of_ours)],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeSubnets"], delete: &["ec2:DeleteSubnet"] },
    made_by_events: &["CreateSubnet", "CreateDefaultSubnet"],
    logs: Logs::NoneKnown,
    arns: &["ec2:subnet/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_subnet"],
        pulumi: &["aws:ec2/subnet:Subnet"],
        cloudformation: &["AWS::EC2::Subnet"],
        adopted: &["aws_default_subnet", "aws:ec2/defaultSubnet:DefaultSubnet"],
    },
    attributes: &[
        "availability_zone",
        "availability_zone_id",
        "cidr_block",
        "ipv6_cidr_block",
        "map_public_ip_on_launch",
        "vpc_id",
    ],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Quotas(|_, _| vec![Use::file("subnet", Per::Vpc, 1)]),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Subnet,
    name: Naming::Free,
    tags: Tagging::ANY,
};
