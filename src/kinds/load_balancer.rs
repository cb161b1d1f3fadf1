//! Application, network and gateway load balancers. Deleting one is quick; the interfaces it made
//! linger for minutes and hold subnets, security groups and the internet gateway meanwhile.
//!
//! The id is the ARN: names can be used again, ARNs cannot.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html>

use super::interfaces::in_subnets;
use crate::model::deployed::{Deployed, Plays, Spelling, Tagging, Types, UniqueName, Uses, alias};
use crate::model::deployment::Item;
use crate::model::need::{Most, Use, World};
use crate::model::value::Value;
use crate::model::words::{fact, how};
use crate::model::{
    Amount, Apis, ByHand, Class, Cost, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per,
    Position, QuotaUse, Resource, RouteTarget, Scope, Serves, Settle, ShowsLife, States, ToldBy, Unit,
    WorksAs,
};

pub(crate) const NAME: &str = "load-balancer";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "load balancer",
    about: "An application, network or gateway load balancer. Its listeners and its interfaces go with it.",
    ids: Ids::Arn { service: "elasticloadbalancing", resource: "loadbalancer/app/{}/50dc6c495c0c9188" },
    class: Class::Workload,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::FromNodes,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States { coming: &["provisioning"], leaving: &[], gone: &[] },
    route_target: RouteTarget::No,
    guards: &[GuardRule::Protection],
    by_hand: ByHand("aws elbv2 delete-load-balancer --load-balancer-arn {id}"),
    lets_go: None,
    unprotect: Some(ByHand(
        "aws elbv2 modify-load-balancer-attributes --load-balancer-arn {id} --attributes Key=deletion_protection.enabled,Value=false",
    )),
    scope: Scope::Regional,
    links: &[
        LinkRule::until_gone(how::WITHIN, "vpc"),
        LinkRule::until_gone(how::WITHIN, "subnet"),
        LinkRule::in_use(how::USES, "security-group"),
        LinkRule::in_use(how::MAPPED_THROUGH, "internet-gateway"),
        // The cluster's load balancer controller would make it anew while a node still runs it.
        LinkRule::after_if_goes(how::MANAGED_FROM, "eks-nodegroup"),
    ],
    parts: &[],
    settle: Settle::Poll { every: 10, usually: 20, at_most: 600 },
    patience: 120,
    pause: 0,
    batch: 1,
    // Gateway load balancers have their limit from DescribeAccountLimits alone. By documentation:
    // <https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/quotas-limits.html>
    quotas: &[
        QuotaUse::each(
            "alb",
            "application load balancers",
            ("elasticloadbalancing", "L-53DA6B97"),
            Per::Region,
        )
        .told_by(ToldBy::LoadBalancing("application-load-balancers"))
        .counted(Unit::Things, |it| one_of(it, "application")),
        QuotaUse::each("nlb", "network load balancers", ("elasticloadbalancing", "L-69A177A2"), Per::Region)
            .told_by(ToldBy::LoadBalancing("network-load-balancers"))
            .counted(Unit::Things, |it| one_of(it, "network")),
        QuotaUse::documented("gwlb", "gateway load balancers", "elasticloadbalancing", (100, Per::Region))
            .told_by(ToldBy::LoadBalancing("gateway-load-balancers"))
            .counted(Unit::Things, |it| one_of(it, "gateway")),
    ],
    priced: &["application-load-balancer", "network-load-balancer", "gateway-load-balancer", "public-ipv4"],
    cost,
    apis: Apis {
        list: &[
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
        ],
        delete: &["elasticloadbalancing:DeleteLoadBalancer"],
    },
    made_by_events: &["CreateLoadBalancer"],
    logs: Logs::NoneKnown,
    arns: &[
        "elasticloadbalancing:loadbalancer/app/",
        "elasticloadbalancing:loadbalancer/net/",
        "elasticloadbalancing:loadbalancer/gwy/",
        "elasticloadbalancing:listener/app/",
        "elasticloadbalancing:listener/net/",
        "elasticloadbalancing:listener/gwy/",
        "elasticloadbalancing:listener-rule/app/",
        "elasticloadbalancing:listener-rule/net/",
        "elasticloadbalancing:listener-rule/gwy/",
    ],
    deployed: DEPLOYED,
};

/// One, if it is of this type.
fn one_of(resource: &Resource, kind: &str) -> Amount {
    let variety = resource.facts.get(fact::TYPE);
    variety.map_or(Amount::Unknown, |variety| Amount::Known(u64::from(variety == kind)))
}

/// The hours, and a public address in each zone where it faces the internet with addresses of its own.
pub(crate) fn cost(resource: &Resource) -> Vec<Cost> {
    let item = match resource.facts.get(fact::TYPE).map(String::as_str) {
        Some("network") => "network-load-balancer",
        Some("gateway") => "gateway-load-balancer",
        _ => "application-load-balancer",
    };
    let mut costs = vec![Cost { item, units: 1.0 }];
    let zones = resource.facts.get(fact::ZONES).and_then(|text| text.parse::<f64>().ok());
    if let (Some(zones), true) = (zones, resource.facts.contains_key(fact::PUBLIC_IP)) {
        costs.push(Cost { item: "public-ipv4", units: zones });
    }
    costs
}

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_lb", "aws_alb"],
        pulumi: &[
            "aws:lb/loadBalancer:LoadBalancer",
            "aws:alb/loadBalancer:LoadBalancer",
            "aws:elasticloadbalancingv2/loadBalancer:LoadBalancer",
            "aws:applicationloadbalancing/loadBalancer:LoadBalancer",
        ],
        cloudformation: &["AWS::ElasticLoadBalancingV2::LoadBalancer"],
        adopted: &[],
    },
    attributes: &["internal", "load_balancer_type", "subnet_mapping", "subnets", "vpc_id"],
    aliases: &[alias("subnet_mappings", "subnet_mapping"), alias("type", "load_balancer_type")],
    wrappers: &[],
    template: Spelling::of(&[
        alias("type", "load_balancer_type"),
        alias("subnet_mappings", "subnet_mapping"),
    ]),
    sizes: &[],
    uses: Uses::Quotas(uses),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: UniqueName::of("load balancer"),
    tags: Tagging::STRICT,
};

/// One of its type, and an interface in each of its subnets.
fn uses(_: &World<'_>, item: &Item) -> Vec<Use> {
    let by_subnet = ["subnets", "subnet_mapping"].map(|name| item.properties.at(name));
    let interfaces = in_subnets(by_subnet.into_iter().find(|it| !it.is_empty()).unwrap_or(&Value::Null));
    let one = |name| vec![Use::file(name, Per::Region, 1), interfaces];
    let any = |name| Use::file(name, Per::Region, 0).more(Most::Of(1));
    let word = item.properties.at("load_balancer_type");
    match word.as_text() {
        Some("application") => one("alb"),
        Some("network") => one("nlb"),
        Some("gateway") => one("gwlb"),
        // Application is what is made where no type is named.
        None if word.is_empty() => one("alb"),
        _ => vec![any("alb"), any("nlb"), any("gwlb"), interfaces],
    }
}
