//! Key pairs of EC2: the public half with which machines are made ready for a login. AWS deletes one at any time, also
//! while machines know it, and nobody gets it back: so it stays while a machine, a template, a node group or an Auto
//! Scaling group names it. Machines name it by its name, which is its id here; AWS's own id tells whether it is still
//! the same one.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/delete-key-pair.html>

use crate::model::deployed::{Deployed, Plays, Spelling, Tagging, Types, UniqueName, Uses, alias};
use crate::model::{
    Apis, ByHand, Class, Ids, KindSpec, Logs, LookedAfter, MadeFor, Position, RouteTarget, Scope, Serves,
    Settle, ShowsLife, States, WorksAs,
};

pub(crate) const NAME: &str = "key-pair";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "key pair",
    about: "The public half of a key, with which machines are made ready for a login. Nobody gets a deleted one back.",
    ids: Ids::Name,
    class: Class::Tool,
    position: Position::Nothing,
    serves: Serves::Any,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::ByNobody,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States::NONE,
    route_target: RouteTarget::No,
    guards: &[],
    by_hand: ByHand("aws ec2 delete-key-pair --key-name {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    // Those who launch with it name it.
    links: &[],
    parts: &[],
    settle: Settle::AtOnce,
    patience: 60,
    pause: 0,
    batch: 1,
    quotas: &[],
    priced: &[],
    cost: |_| Vec::new(),
    apis: Apis { list: &["ec2:DescribeKeyPairs"], delete: &["ec2:DeleteKeyPair"] },
    // The other event that makes one, ImportKeyPair, names the same.
    made_by_events: &["CreateKeyPair"],
    logs: Logs::NoneKnown,
    arns: &["ec2:key-pair/"],
    deployed: DEPLOYED,
};

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_key_pair"],
        pulumi: &["aws:ec2/keyPair:KeyPair"],
        cloudformation: &["AWS::EC2::KeyPair"],
        adopted: &[],
    },
    attributes: &[],
    aliases: &[alias("key_name", "name")],
    wrappers: &[],
    template: Spelling::of(&[alias("key_name", "name")]),
    sizes: &[],
    uses: Uses::Nothing,
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: UniqueName::of("key pair"),
    tags: Tagging::ANY,
};
