//! Instance Connect endpoints: a way in to machines without a public address. AWS puts an interface for one into a
//! subnet, which holds that, its security groups and its VPC until the endpoint is really gone.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/eice-security-groups.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses};
use crate::model::need::Use;
use crate::model::words::how;
use crate::model::{
    Apis, ByHand, Class, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per, Position,
    RouteTarget, Scope, Serves, Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "instance-connect-endpoint";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "Instance Connect endpoint",
    about: "A way in to instances without a public address.",
    ids: Ids::Prefix("eice-"),
    class: Class::Plumbing,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    // <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Ec2InstanceConnectEndpoint.html>
    states: States {
        coming: &["create-in-progress", "update-in-progress"],
        leaving: &["delete-in-progress"],
        gone: &["delete-complete"],
    },
    route_target: RouteTarget::No,
    guards: &[GuardRule::OtherAccount],
    by_hand: ByHand("aws ec2 delete-instance-connect-endpoint --instance-connect-endpoint-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::until_gone(how::WITHIN, "vpc"),
        LinkRule::until_gone(how::WITHIN, "subnet"),
        LinkRule::in_use(how::USES, "security-group"),
        // AWS removes the interface itself; were it left behind, it could go only after the endpoint.
        LinkRule::in_use(how::USES, "network-interface"),
    ],
    parts: &[],
    settle: Settle::Poll { every: 15, usually: 240, at_most: 1800 },
    patience: 120,
    pause: 0,
    batch: 1,
    quotas: &[],
    // <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/connect-with-ec2-instance-connect-endpoint.html>: "no
    // additional charge".
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &["ec2:DescribeInstanceConnectEndpoints"],
        delete: &["ec2:DeleteInstanceConnectEndpoint"],
    },
    made_by_events: &["CreateInstanceConnectEndpoint"],
    logs: Logs::NoneKnown,
    arns: &["ec2:instance-connect-endpoint/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it: one interface, in its subnet.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_ec2_instance_connect_endpoint"],
        pulumi: &["aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint"],
        cloudformation: &["AWS::EC2::InstanceConnectEndpoint"],
        adopted: &[],
    },
    attributes: &["subnet_id"],
    aliases: &[],
    wrappers: &[],
    template: Spelling::SAME,
    sizes: &[],
    uses: Uses::Quotas(|_, _| vec![Use::aws("network-interface", Per::Region, 1)]),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};
