//! Network interfaces. Most are made by something else and go when it goes; only AWS's marks tell by
//! what (`interface_maker`). One that is in use by something unknown is never touched. One that is
//! `available` is ordinary once its maker is gone, who has left it behind; while the maker stands, it is the
//! maker's: a service shows it so for a moment before it attaches it and after it has detached it.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses, alias};
use crate::model::need::Use;
use crate::model::words::how;
use crate::model::{
    Amount, Apis, ByHand, Class, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per,
    Position, QuotaUse, Resource, RouteTarget, Scope, Serves, Settle, ShowsLife, States, Unit, WorksAs,
};

pub(crate) const NAME: &str = "network-interface";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "network interface",
    about: "A network card. Most are made by something else and go with it; one that its maker left behind is deleted by itself.",
    ids: Ids::Prefix("eni-"),
    class: Class::Plumbing,
    position: Position::Nothing,
    serves: Serves::One,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::FromNodes,
    shows_life: ShowsLife::Interface("in-use"),
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::Yes,
    guards: &[GuardRule::OtherAccount, GuardRule::UnknownMaker],
    by_hand: ByHand("aws ec2 delete-network-interface --network-interface-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::until_gone(how::WITHIN, "subnet"),
        LinkRule::until_gone(how::WITHIN, "vpc"),
        LinkRule::in_use(how::USES, "security-group"),
        LinkRule::in_use(how::MAPPED_THROUGH, "internet-gateway"),
        LinkRule::goes_with(how::MADE_BY, "instance", Settle::Poll { every: 10, usually: 15, at_most: 600 }),
        LinkRule::goes_with(
            how::MADE_BY,
            "nat-gateway",
            Settle::Poll { every: 15, usually: 15, at_most: 600 },
        ),
        LinkRule::goes_with(
            how::MADE_BY,
            "vpc-endpoint",
            Settle::Poll { every: 15, usually: 60, at_most: 900 },
        ),
        LinkRule::goes_with(
            how::MADE_BY,
            "instance-connect-endpoint",
            Settle::Poll { every: 15, usually: 60, at_most: 900 },
        ),
        LinkRule::goes_with(
            how::MADE_BY,
            "transit-gateway-attachment",
            Settle::Poll { every: 15, usually: 60, at_most: 900 },
        ),
        LinkRule::goes_with(
            how::MADE_BY,
            "eks-cluster",
            Settle::Poll { every: 15, usually: 60, at_most: 900 },
        ),
        // A load balancer is gone at once, but its interfaces commonly linger 2 to 5 minutes, and half
        // an hour has been seen.
        LinkRule::goes_with(
            how::MADE_BY,
            "load-balancer",
            Settle::Poll { every: 15, usually: 180, at_most: 2700 },
        ),
        LinkRule::after(how::ATTACHED, "instance"),
        // The VPC CNI makes one, attaches it a moment later, and takes it away again when pods go.
        // <https://docs.aws.amazon.com/eks/latest/best-practices/vpc-cni.html>
        LinkRule::after(how::MADE_FOR_NODE, "instance"),
        // What one of a cluster's controllers made it would make again while a node runs it.
        LinkRule::after_if_goes(how::MANAGED_FROM, "eks-nodegroup"),
        // A branch of a trunk interface is set free when the trunk goes with its node.
        LinkRule::after(how::ATTACHED, NAME),
    ],
    parts: &[],
    settle: Settle::AtOnce,
    // As long as a load balancer that is gone already may keep the interfaces it had.
    patience: 1800,
    pause: 0,
    batch: 1,
    quotas: &[
        // AWS holds each zone to the whole of it, though it names it "per Region": what fits in the region
        // fits in every zone. <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
        QuotaUse::each(NAME, "network interfaces", ("vpc", "L-DF5E4CA3"), Per::Region)
            .counted(Unit::Things, Amount::one_of_ours),
        QuotaUse::each(
            "group-per-interface",
            "security groups of a network interface",
            ("vpc", "L-2AFB9258"),
            Per::Itself,
        )
        .counted(Unit::Things, groups),
    ],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeNetworkInterfaces"], delete: &["ec2:DeleteNetworkInterface"] },
    // An instance's first interface comes with RunInstances, whose event names those that were there before as well.
    made_by_events: &["CreateNetworkInterface"],
    logs: Logs::NoneKnown,
    arns: &["ec2:network-interface/"],
    deployed: DEPLOYED,
};

/// How many security groups it is in.
pub(crate) fn groups(resource: &Resource) -> Amount {
    let used = resource.links_as(how::USES).filter(|link| link.to.kind.as_str() == "security-group");
    Amount::if_ours(resource, || Amount::of(used.count()))
}

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_network_interface"],
        pulumi: &["aws:ec2/networkInterface:NetworkInterface"],
        cloudformation: &["AWS::EC2::NetworkInterface"],
        adopted: &[],
    },
    attributes: &["interface_type", "security_groups", "subnet_id"],
    aliases: &[],
    wrappers: &[],
    template: Spelling::of(&[alias("group_set", "security_groups")]),
    sizes: &[],
    uses: Uses::Quotas(|_, _| vec![Use::file("network-interface", Per::Region, 1)]),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};
