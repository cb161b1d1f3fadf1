//! VPC endpoints. EC2 lets three deletions through in ten seconds, but takes many in one call, and
//! tells of failures inside an answer that is a success. Their interfaces go some time after them.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html>

use super::interfaces::{ZONES_AT_MOST, in_subnets};
use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::deployment::Item;
use crate::model::need::{Most, Use, World};
use crate::model::value::Value;
use crate::model::words::{fact as facts, how};
use crate::model::{
    Amount, Apis, ByHand, Class, Cost, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per,
    Position, QuotaUse, Resource, RouteTarget, Scope, Serves, Settle, ShowsLife, States, Unit, WorksAs,
};

pub(crate) const NAME: &str = "vpc-endpoint";

/// How the service of the endpoints ends that GuardDuty puts into VPCs of its own accord, free of charge.
/// <https://docs.aws.amazon.com/guardduty/latest/ug/using-iac-with-gdu-automated-agents-runtime-monitoring.html>
pub(crate) const GUARDDUTY: &str = ".guardduty-data";

pub(crate) const DELETE: &str = "ec2:DeleteVpcEndpoints";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "VPC endpoint",
    about: "A way from a VPC to a service of AWS's or of somebody else's.",
    ids: Ids::Prefix("vpce-"),
    class: Class::Plumbing,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States { coming: &["pending"], leaving: &["deleting"], gone: &["deleted"] },
    route_target: RouteTarget::Yes,
    guards: &[GuardRule::OtherAccount, GuardRule::UnknownMaker],
    by_hand: ByHand("aws ec2 delete-vpc-endpoints --vpc-endpoint-ids {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::until_gone(how::WITHIN, "vpc"),
        LinkRule::until_gone(how::WITHIN, "subnet"),
        LinkRule::in_use(how::USES, "security-group"),
        // An endpoint that stays needs the table it writes its routes into, whether or not EC2 would
        // let the table go.
        LinkRule::in_use(how::ASSOCIATED, "route-table"),
    ],
    parts: &[],
    settle: Settle::Poll { every: 15, usually: 120, at_most: 900 },
    patience: 300,
    pause: 0,
    batch: 25,
    // Those for resources and for service networks have quotas of their own.
    // <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html>
    quotas: &[
        QuotaUse::each(NAME, "interface endpoints", ("vpc", "L-29B6F2EB"), Per::Vpc)
            .counted(Unit::Things, |it| one_of(it, &["Interface", "GatewayLoadBalancer"])),
        QuotaUse::each("gateway-endpoint", "gateway endpoints", ("vpc", "L-1B52E74A"), Per::Region)
            .counted(Unit::Things, |it| one_of(it, &["Gateway"])),
    ],
    priced: &["interface-endpoint-zone", "gateway-load-balancer-endpoint-zone"],
    cost,
    apis: Apis { list: &["ec2:DescribeVpcEndpoints"], delete: &[DELETE] },
    made_by_events: &["CreateVpcEndpoint"],
    logs: Logs::NoneKnown,
    arns: &["ec2:vpc-endpoint/"],
    deployed: DEPLOYED,
};

/// One, if it is of one of these types.
fn one_of(resource: &Resource, types: &[&str]) -> Amount {
    Amount::if_ours(resource, || match resource.facts.get(facts::TYPE) {
        Some(kind) => Amount::Known(u64::from(types.contains(&kind.as_str()))),
        None => Amount::Unknown,
    })
}

/// Gateway endpoints and GuardDuty's are free; the others cost by the zones they stand in.
pub(crate) fn cost(resource: &Resource) -> Vec<Cost> {
    if resource.facts.get(facts::DESCRIPTION).is_some_and(|service| service.ends_with(GUARDDUTY)) {
        return Vec::new();
    }
    let item = match resource.facts.get(facts::TYPE).map(String::as_str) {
        Some("Interface") => "interface-endpoint-zone",
        Some("GatewayLoadBalancer") => "gateway-load-balancer-endpoint-zone",
        _ => return Vec::new(),
    };
    let zones = resource.facts.get(facts::ZONES).and_then(|zones| zones.parse().ok());
    vec![Cost { item, units: zones.unwrap_or(1.0) }]
}

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_vpc_endpoint"],
        pulumi: &["aws:ec2/vpcEndpoint:VpcEndpoint"],
        cloudformation: &["AWS::EC2::VPCEndpoint"],
        adopted: &[],
    },
    attributes: &["service_name", "subnet_configuration", "subnet_ids", "vpc_endpoint_type", "vpc_id"],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Quotas(uses),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::VpcEndpoint,
    name: Naming::Free,
    tags: Tagging::ANY,
};

/// Interface endpoints have an interface in each of their subnets; gateway endpoints have none:
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>.
fn uses(_: &World<'_>, item: &Item) -> Vec<Use> {
    let one = Most::Of(1);
    match item.properties.at("vpc_endpoint_type") {
        // Gateway is what is made where no type is named.
        Value::Null => vec![Use::file("gateway-endpoint", Per::Region, 1)],
        Value::Text(word) if word == "Gateway" => vec![Use::file("gateway-endpoint", Per::Region, 1)],
        Value::Text(_) => {
            vec![Use::file(NAME, Per::Vpc, 1), in_subnets(item.properties.at("subnet_ids"))]
        }
        _ => vec![
            Use::file("gateway-endpoint", Per::Region, 0).more(one),
            Use::file(NAME, Per::Vpc, 0).more(one),
            Use::aws("network-interface", Per::Region, 0).more(Most::Of(ZONES_AT_MOST)),
        ],
    }
}
