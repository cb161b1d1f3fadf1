//! Stacks of CloudFormation: what the account's own record says of what was deployed together. A stack has its
//! members removed by itself, in its own order, so they go with it; what is no member and stands in their way has
//! to go before.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#stack-status-codes>

use std::collections::BTreeSet;

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::words::{fact, how};
use crate::model::{
    Apis, ByHand, Class, Guard, GuardRule, Ids, Key, KindName, KindSpec, Link, LinkRule, Logs, LookedAfter,
    MadeFor, Position, Region, Resource, RouteTarget, Scope, Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "cloudformation-stack";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "CloudFormation stack",
    about: "What CloudFormation made, as one. Its members are deleted by CloudFormation.",
    ids: Ids::Arn { service: "cloudformation", resource: "stack/{}/4f6a1c70-0b5e-11ef-9a1c-0a1b2c3d4e5f" },
    class: Class::Tool,
    position: Position::Stack,
    serves: Serves::Any,
    works_as: WorksAs::Anyone,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States {
        coming: &[
            "CREATE_IN_PROGRESS",
            "ROLLBACK_IN_PROGRESS",
            "UPDATE_IN_PROGRESS",
            "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "UPDATE_ROLLBACK_IN_PROGRESS",
            "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            "REVIEW_IN_PROGRESS",
            "IMPORT_IN_PROGRESS",
            "IMPORT_ROLLBACK_IN_PROGRESS",
        ],
        leaving: &["DELETE_IN_PROGRESS"],
        gone: &["DELETE_COMPLETE"],
    },
    route_target: RouteTarget::No,
    guards: &[GuardRule::Protection, GuardRule::DefaultThing, GuardRule::AwsManaged],
    by_hand: ByHand("aws cloudformation delete-stack --stack-name {id}"),
    lets_go: None,
    unprotect: Some(ByHand(
        "aws cloudformation update-termination-protection --stack-name {id} --no-enable-termination-protection",
    )),
    scope: Scope::Regional,
    links: &[
        // It deletes its members as this role; without it the stack cannot be deleted any more.
        LinkRule::in_use(how::USES, "iam-role"),
        // "You can't delete a stack if another stack references one of its outputs."
        // <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html>
        LinkRule::in_use(how::IMPORTS, NAME),
        // Global members take no tags of CloudFormation's: only the records of all regions tell whose they are.
        LinkRule::free(how::OWNS, "iam-role"),
        LinkRule::free(how::OWNS, "iam-policy"),
        LinkRule::free(how::OWNS, "iam-instance-profile"),
        LinkRule::free(how::OWNS, "iam-oidc-provider"),
    ],
    parts: &[],
    settle: Settle::Poll { every: 15, usually: 300, at_most: 10_800 },
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &[
            "cloudformation:DescribeStacks",
            "cloudformation:ListStackResources",
            "cloudformation:ListImports",
        ],
        delete: &["cloudformation:DeleteStack"],
    },
    made_by_events: &["CreateStack"],
    logs: Logs::NoneKnown,
    arns: &["cloudformation:stack/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it: what is in one stands in its own template.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_cloudformation_stack"],
        pulumi: &["aws:cloudformation/stack:Stack"],
        cloudformation: &["AWS::CloudFormation::Stack"],
        adopted: &[],
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

/// The states in which a stack's making, or its end, has failed. In every other the stack stands as somebody wanted
/// it, or did before an update failed; one that this list does not know counts as standing.
const FAILED: [&str; 4] = ["CREATE_FAILED", "ROLLBACK_FAILED", "ROLLBACK_COMPLETE", "DELETE_FAILED"];

/// The states after which CloudFormation has been told to delete all members already, by a person or by the rollback.
const ASKED_TO_GO: [&str; 3] = ["ROLLBACK_FAILED", "ROLLBACK_COMPLETE", "DELETE_FAILED"];

/// What a record says of a member whose deletion was tried and refused: all that needs it was deleted before.
const STUCK: &str = "DELETE_FAILED";

/// Services whose things hold no data, save for those of a kind of ours, which says so itself.
const WITHOUT_DATA: [&str; 10] = [
    "AWS::ApiGateway::",
    "AWS::AutoScaling::",
    "AWS::CDK::",
    "AWS::CloudFormation::",
    "AWS::EKS::",
    "AWS::ElasticLoadBalancing::",
    "AWS::ElasticLoadBalancingV2::",
    "AWS::Events::",
    "AWS::IAM::",
    "AWS::Lambda::",
];

/// Types of services that hold data elsewhere, and custom resources of the CDK's, that hold none.
const TYPES_WITHOUT_DATA: [&str; 22] = [
    "AWS::EC2::CustomerGateway",
    "AWS::EC2::DHCPOptions",
    "AWS::EC2::EIPAssociation",
    "AWS::EC2::FlowLog",
    "AWS::EC2::GatewayRouteTableAssociation",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::NetworkInterfaceAttachment",
    "AWS::EC2::Route",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SubnetCidrBlock",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCCidrBlock",
    "AWS::EC2::VPCDHCPOptionsAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "Custom::AWSCDK-EKS-HelmChart",
    "Custom::AWSCDK-EKS-KubernetesObjectValue",
    "Custom::AWSCDK-EKS-KubernetesPatch",
    "Custom::AWSCDK-EKS-KubernetesResource",
    "Custom::AWSCDKCfnJson",
    "Custom::VpcRestrictDefaultSG",
];

/// One row of a stack's list of resources.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackResourceSummary.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its type: `AWS::EC2::VPC`.
    pub type_name: String,
    /// Its physical id, empty for what was never made.
    pub id: String,
    /// `CREATE_COMPLETE`, `DELETE_SKIPPED`, …
    pub status: String,
}

impl Member {
    /// Whether the stack would remove it: it was made, and neither removed nor left behind on purpose.
    fn stands(&self) -> bool {
        !self.id.is_empty() && !["DELETE_COMPLETE", "DELETE_SKIPPED"].contains(&self.status.as_str())
    }

    /// The kind of ours that it is.
    fn spec(&self) -> Option<&'static KindSpec> {
        let is = |spec: &&KindSpec| spec.deployed.types.cloudformation.contains(&self.type_name.as_str());
        super::CATALOG.iter().find(is)
    }

    /// What it holds data as, in words that `with-data` may name: its kind, or its type where no kind is that.
    fn data(&self) -> Option<&str> {
        match self.spec() {
            Some(spec) => (spec.class == Class::Data).then_some(spec.name),
            None => {
                let none = WITHOUT_DATA.iter().any(|service| self.type_name.starts_with(service))
                    || TYPES_WITHOUT_DATA.contains(&self.type_name.as_str());
                (!none).then_some(self.type_name.as_str())
            }
        }
    }
}

/// Writes into a stack what its state and its members say: links to the members, the clusters that it made, what data
/// it holds that nobody has asked to be deleted, and what forbids its deletion.
pub fn record(stack: &mut Resource, members: &[Member]) {
    let state = stack.state.clone().unwrap_or_default();
    let region = stack.key.region.clone();
    if FAILED.contains(&state.as_str()) {
        stack.facts.insert(fact::FAILED.to_owned(), state.clone());
    }
    for member in members.iter().filter(|member| member.stands()) {
        let via = (member.status == STUCK).then(|| STUCK.to_owned()).into_iter().collect();
        let key = member.spec().map(|spec| key_of(spec, &region, &member.id));
        stack.links.extend(key.map(|key| Link::via(how::OWNS, key, via)));
    }
    let clusters: BTreeSet<&str> = members
        .iter()
        .filter(|member| !member.id.is_empty())
        .filter(|member| member.spec().is_some_and(|spec| spec.position == Position::Cluster))
        .map(|member| member.id.as_str())
        .collect();
    if !clusters.is_empty() {
        let names: Vec<&str> = clusters.into_iter().collect();
        stack.facts.insert(fact::OWN_CLUSTERS.to_owned(), names.join(","));
    }
    if !ASKED_TO_GO.contains(&state.as_str()) {
        let data: BTreeSet<&str> =
            members.iter().filter(|member| member.stands()).filter_map(Member::data).collect();
        if !data.is_empty() {
            let data: Vec<&str> = data.into_iter().collect();
            stack.facts.insert(fact::HOLDS_DATA.to_owned(), data.join(","));
        }
    }
    let name = stack.name.clone().unwrap_or_default();
    stack.guards.extend(of_a_tool(&name));
}

/// Where a member of a kind is looked for: under its physical id, which for most kinds is ours.
fn key_of(spec: &KindSpec, region: &Region, id: &str) -> Key {
    let region = match spec.scope {
        Scope::Global => Region::global(),
        Scope::Regional => region.clone(),
    };
    let id = match spec.ids {
        Ids::OfCluster => of_cluster(id),
        Ids::Prefix(_) | Ids::Name | Ids::Arn { .. } => id.to_owned(),
    };
    Key::new(KindName::of(spec.name), region, id)
}

/// A part of a cluster by its physical id: most are named `cluster|name`, an access entry `ARN|cluster`, and a pod
/// identity association by its ARN, `…:podidentityassociation/cluster/a-0123`; ours are `cluster/name`.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-addon.html>,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-accessentry.html>,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-podidentityassociation.html>
fn of_cluster(id: &str) -> String {
    match (id.starts_with("arn:"), id.split_once('|')) {
        (true, Some((principal, cluster))) => format!("{cluster}/{principal}"),
        (true, None) => id.split_once('/').map_or(id, |(_, part)| part).to_owned(),
        (false, _) => id.replacen('|', "/", 1),
    }
}

/// Why a stack of this name is a tool that others deploy with, or another service's, and never a leftover.
fn of_a_tool(name: &str) -> Option<Guard> {
    // <https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html>: one stack for all apps of a region.
    if name == "CDKToolkit" {
        let why = "it is the CDK's bootstrap stack, by which every app of the region is deployed".to_owned();
        return Some(Guard { rule: GuardRule::DefaultThing, why });
    }
    // <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stackinstances-delete.html>: to be removed
    // through its set, which would make it anew or lose sight of it.
    let of_set = name.strip_prefix("StackSet-").map(|_| "a stack set made it and is what removes it");
    let of_tower = name.starts_with("AWSControlTower").then_some("Control Tower made it");
    let why = of_set.or(of_tower)?.to_owned();
    Some(Guard { rule: GuardRule::AwsManaged, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_cluster_is_found_by_each_form_of_its_physical_id() {
        for (id, expected) in [
            ("shop|vpc-cni", "shop/vpc-cni"),
            ("shop/vpc-cni", "shop/vpc-cni"),
            ("arn:aws:iam::1:role/team/ci|shop", "shop/arn:aws:iam::1:role/team/ci"),
            ("shop|arn:aws:iam::1:role/ci", "shop/arn:aws:iam::1:role/ci"),
            ("arn:aws:eks:us-east-1:1:podidentityassociation/shop/a-1", "shop/a-1"),
        ] {
            assert_eq!(of_cluster(id), expected);
        }
    }

    fn member(type_name: &str, id: &str, status: &str) -> Member {
        Member { type_name: type_name.into(), id: id.into(), status: status.into() }
    }

    fn stack(name: &str, state: &str, members: &[Member]) -> Resource {
        let arn = SPEC.ids.form(name, "us-east-1", "123456789012");
        let mut stack = Resource::new(Key::new(SPEC.kind(), Region::new("us-east-1"), arn));
        stack.name = Some(name.to_owned());
        stack.state = Some(state.to_owned());
        record(&mut stack, members);
        stack
    }

    fn owned(stack: &Resource) -> Vec<String> {
        stack.links_as(how::OWNS).map(|link| link.to.to_string()).collect()
    }

    #[test]
    fn a_stack_owns_what_it_made_and_neither_removed_nor_left_behind() {
        let made = stack(
            "web",
            "DELETE_FAILED",
            &[
                member("AWS::EC2::VPC", "vpc-1", "DELETE_FAILED"),
                member("AWS::EC2::Subnet", "subnet-1", "DELETE_COMPLETE"),
                member("AWS::EC2::Subnet", "subnet-2", "DELETE_SKIPPED"),
                member("AWS::EC2::Subnet", "", "CREATE_FAILED"),
                member("AWS::IAM::Role", "web-role", "CREATE_COMPLETE"),
                member("AWS::EKS::Addon", "web|vpc-cni", "CREATE_COMPLETE"),
                member("AWS::EKS::Cluster", "web", "DELETE_COMPLETE"),
                member("AWS::EC2::Route", "rtb-1|0.0.0.0/0", "CREATE_COMPLETE"),
            ],
        );
        assert_eq!(owned(&made), ["eks-addon web/vpc-cni", "iam-role web-role", "vpc vpc-1"]);
        assert_eq!(made.facts[fact::OWN_CLUSTERS], "web");
        let role = made.links_as(how::OWNS).find(|link| link.to.id == "web-role").unwrap();
        assert!(role.to.region.is_global());
    }

    #[test]
    fn only_a_state_of_failure_is_one_and_an_unknown_one_is_not() {
        for state in
            ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED", "NEW_WORD"]
        {
            assert!(!stack("web", state, &[]).facts.contains_key(fact::FAILED), "{state}");
        }
        for state in FAILED {
            assert!(stack("web", state, &[]).facts.contains_key(fact::FAILED), "{state}");
        }
    }

    #[test]
    fn what_may_hold_data_is_told_until_somebody_asked_for_its_deletion() {
        let members = [
            member("AWS::RDS::DBInstance", "db", "CREATE_COMPLETE"),
            member("AWS::Logs::LogGroup", "log", "CREATE_COMPLETE"),
            member("Custom::Unheard", "x", "CREATE_COMPLETE"),
            member("AWS::EC2::Route", "r", "CREATE_COMPLETE"),
            member("AWS::S3::Bucket", "gone", "DELETE_COMPLETE"),
            member("AWS::IAM::Policy", "p", "CREATE_COMPLETE"),
        ];
        let told = |state: &str| stack("web", state, &members).facts.get(fact::HOLDS_DATA).cloned();
        assert_eq!(
            told("CREATE_COMPLETE").as_deref(),
            Some("AWS::RDS::DBInstance,Custom::Unheard,log-group")
        );
        assert_eq!(told("CREATE_FAILED"), told("CREATE_COMPLETE"));
        assert_eq!(told("DELETE_FAILED"), None);
    }

    #[test]
    fn stacks_by_which_others_are_deployed_are_guarded() {
        for name in ["CDKToolkit", "StackSet-base-1", "AWSControlTowerBP-BASELINE"] {
            assert!(!stack(name, "DELETE_FAILED", &[]).guards.is_empty(), "{name}");
        }
        assert!(stack("CDKToolkit-mine", "DELETE_FAILED", &[]).guards.is_empty());
    }
}
