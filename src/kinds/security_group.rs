//! Security groups. One cannot go while an interface uses it or a rule of another group names it, so
//! groups that name each other are parted by revoking exactly those rules. Rules within one group
//! hold nothing. Associations with further VPCs are not read: AWS refuses, and the report says so.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/deleting-security-groups.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses, alias};
use crate::model::need::Use;
use crate::model::words::{fact as facts, how};
use crate::model::{
    Amount, Apis, ByHand, Class, Cut, GuardRule, Holds, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor,
    Near, Per, Position, QuotaUse, RouteTarget, Scope, Serves, Settle, ShowsLife, States, Touches, Unit,
    WorksAs,
};

pub(crate) const NAME: &str = "security-group";

pub(crate) const REVOKE_INGRESS: &str = "ec2:RevokeSecurityGroupIngress";

pub(crate) const REVOKE_EGRESS: &str = "ec2:RevokeSecurityGroupEgress";

/// By the ids of the rules alone, so that nothing but them can be hit.
const REVOKE_INGRESS_BY_HAND: ByHand =
    ByHand("aws ec2 revoke-security-group-ingress --group-id {id} --security-group-rule-ids {via}");

const REVOKE_EGRESS_BY_HAND: ByHand =
    ByHand("aws ec2 revoke-security-group-egress --group-id {id} --security-group-rule-ids {via}");

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "security group",
    about: "Packet rules of interfaces. Groups that name each other are parted by revoking just those rules. The default one of a VPC goes with the VPC.",
    ids: Ids::Prefix("sg-"),
    class: Class::Plumbing,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::FromNodes,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[GuardRule::OtherAccount],
    by_hand: ByHand("aws ec2 delete-security-group --group-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::until_gone(how::WITHIN, "vpc"),
        LinkRule::goes_with(how::MADE_BY, "vpc", Settle::AtOnce),
        // EKS removes the group it made for a cluster, unless an interface still uses it.
        LinkRule::goes_with(
            how::MADE_BY,
            "eks-cluster",
            Settle::Poll { every: 15, usually: 60, at_most: 600 },
        ),
        // The load balancer controller makes its groups anew, like its balancers.
        LinkRule::after_if_goes(how::MANAGED_FROM, "eks-nodegroup"),
        names(how::NAMES, REVOKE_INGRESS, REVOKE_INGRESS_BY_HAND),
        names(how::NAMES_OUTBOUND, REVOKE_EGRESS, REVOKE_EGRESS_BY_HAND),
    ],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 300,
    pause: 0,
    batch: 1,
    quotas: &[
        QuotaUse::each(NAME, "security groups", ("vpc", "L-E79EC296"), Per::Region)
            .counted(Unit::Things, Amount::one_of_ours),
        QuotaUse::each("rule", "rules of a security group", ("vpc", "L-0EA8095F"), Per::Itself)
            .counted(Unit::Things, |it| Amount::if_ours(it, || Amount::of_fact(it, facts::RULES))),
    ],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &["ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules"],
        delete: &["ec2:DeleteSecurityGroup"],
    },
    made_by_events: &["CreateSecurityGroup"],
    logs: Logs::NoneKnown,
    arns: &["ec2:security-group/", "ec2:security-group-rule/"],
    deployed: DEPLOYED,
};

/// Inbound and outbound rules are revoked by different calls, and so are different roles.
pub(crate) const fn names(how: &'static str, api: &'static str, by_hand: ByHand) -> LinkRule {
    LinkRule {
        how,
        to: NAME,
        holds: Holds::DeleteUntilCut,
        near: Near::Free,
        cut: Some(Cut { api, touches: Touches::NearEnd, by_hand: Some(by_hand), settle: Settle::AtOnce }),
    }
}

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_security_group"],
        pulumi: &["aws:ec2/securityGroup:SecurityGroup"],
        cloudformation: &["AWS::EC2::SecurityGroup"],
        adopted: &["aws_default_security_group", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"],
    },
    attributes: &["egress", "ingress", "vpc_id"],
    aliases: &[
        alias("group_name", "name"),
        alias("security_group_egress", "egress"),
        alias("security_group_ingress", "ingress"),
    ],
    wrappers: &[],
    template: Spelling::of(&[
        alias("group_name", "name"),
        alias("group_description", "description"),
        alias("security_group_ingress", "ingress"),
        alias("security_group_egress", "egress"),
        alias("security_group_ingress.ip_protocol", "protocol"),
        alias("security_group_ingress.cidr_ip", "cidr_blocks"),
        alias("security_group_ingress.cidr_ipv6", "ipv6_cidr_blocks"),
        alias("security_group_ingress.source_security_group_id", "security_groups"),
        alias("security_group_ingress.source_prefix_list_id", "prefix_list_ids"),
        alias("security_group_egress.ip_protocol", "protocol"),
        alias("security_group_egress.cidr_ip", "cidr_blocks"),
        alias("security_group_egress.cidr_ipv6", "ipv6_cidr_blocks"),
        alias("security_group_egress.destination_security_group_id", "security_groups"),
        alias("security_group_egress.destination_prefix_list_id", "prefix_list_ids"),
    ]),
    sizes: &[],
    uses: Uses::Quotas(|_, _| vec![Use::file("security-group", Per::Region, 1)]),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};
