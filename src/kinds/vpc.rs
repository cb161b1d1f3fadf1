//! VPCs. Deleting one takes its default security group, its default network ACL and its main route
//! table along; everything else within it must be gone before. AWS does not say what still stands.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::deployment::Item;
use crate::model::need::{PartUse, Use, Wanted, World};
use crate::model::words::{fact as facts, how};
use crate::model::{
    Amount, Apis, ByHand, Class, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per,
    Position, QuotaUse, RouteTarget, Scope, Serves, Settle, ShowsLife, States, Unit, WorksAs,
};

pub(crate) const NAME: &str = "vpc";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "VPC",
    about: "A network. Its main route table, its default security group and its default ACL go with it.",
    ids: Ids::Prefix("vpc-"),
    class: Class::Plumbing,
    position: Position::Network,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States { coming: &["pending"], leaving: &[], gone: &[] },
    route_target: RouteTarget::No,
    guards: &[GuardRule::DefaultThing, GuardRule::OtherAccount],
    by_hand: ByHand("aws ec2 delete-vpc --vpc-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    // What lies within names the VPC; the VPC names its set of DHCP options, which AWS then does not delete.
    // <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteDhcpOptions.html>
    links: &[LinkRule::until_gone(how::USES, "dhcp-options")],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 300,
    pause: 0,
    batch: 1,
    quotas: &[
        QuotaUse::each(NAME, "VPCs", ("vpc", "L-F678F1CE"), Per::Region)
            .counted(Unit::Things, Amount::one_of_ours),
        // The first block counts like those added later; IPv6 blocks have a quota of their own.
        // <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
        QuotaUse::each("cidr", "IPv4 blocks of a VPC", ("vpc", "L-83CA0A9D"), Per::Itself)
            .counted(Unit::Things, |it| Amount::if_ours(it, || Amount::of_fact(it, facts::CIDRS))),
    ],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeVpcs"], delete: &["ec2:DeleteVpc"] },
    made_by_events: &["CreateVpc", "CreateDefaultVpc"],
    logs: Logs::NoneKnown,
    arns: &["ec2:vpc/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_vpc"],
        pulumi: &["aws:ec2/vpc:Vpc"],
        cloudformation: &["AWS::EC2::VPC"],
        adopted: &["aws_default_vpc", "aws:ec2/defaultVpc:DefaultVpc"],
    },
    attributes: &["cidr_block", "ipv6_cidr_block"],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Quotas(uses),
    parts,
    instance_types: |_| Vec::new(),
    plays: Plays::Vpc,
    name: Naming::Free,
    tags: Tagging::ANY,
};

/// A VPC comes with a security group, a main route table and a network ACL:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/create-vpc.html>.
fn uses(_: &World<'_>, _: &Item) -> Vec<Use> {
    vec![Use::file("vpc", Per::Region, 1), Use::aws("security-group", Per::Region, 1)]
}

/// The main route table and the network ACL count in the VPC itself.
fn parts(_: &World<'_>, _: &Item) -> Vec<PartUse> {
    let amount = Wanted { implicit: 1, ..Wanted::default() };
    ["route-table", "network-acl"].map(|quota| PartUse { quota, amount }).into()
}
