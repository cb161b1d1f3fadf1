//! EBS volumes. They hold data: deleted only when the policy names the kind. One that its instance
//! takes along when it terminates is never deleted by a call.
//!
//! <https://docs.aws.amazon.com/ebs/latest/userguide/ebs-deleting-volume.html>

use crate::model::deployed::{Deployed, Naming, Plays, Spelling, Tagging, Types, Uses, alias};
use crate::model::deployment::Item;
use crate::model::need::{Most, Use, World};
use crate::model::words::{fact as facts, how};
use crate::model::{
    Amount, Apis, ByHand, Class, Cost, GuardRule, Ids, KindSpec, LinkRule, Logs, LookedAfter, MadeFor, Per,
    Position, QuotaUse, Resource, RouteTarget, Scope, Serves, Settle, ShowsLife, States, Unit, WorksAs,
};

pub(crate) const NAME: &str = "volume";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "EBS volume",
    about: "A disk. Deleting one loses what is on it.",
    ids: Ids::Prefix("vol-"),
    class: Class::Data,
    position: Position::Nothing,
    serves: Serves::One,
    works_as: WorksAs::Nobody,
    looked_after: LookedAfter::FromNodes,
    shows_life: ShowsLife::Never,
    made_for: MadeFor::Told,
    states: States { coming: &["creating"], leaving: &["deleting"], gone: &["deleted"] },
    route_target: RouteTarget::No,
    guards: &[GuardRule::OtherAccount, GuardRule::UnknownMaker],
    by_hand: ByHand("aws ec2 delete-volume --volume-id {id}"),
    lets_go: None,
    unprotect: None,
    scope: Scope::Regional,
    links: &[
        LinkRule::goes_with(how::MADE_BY, "instance", Settle::Poll { every: 10, usually: 15, at_most: 600 }),
        // Refused with VolumeInUse until the instance lets it go.
        LinkRule::after(how::ATTACHED, "instance"),
        // A claim of the cluster's would get another one while a node still runs its driver.
        LinkRule::after_if_goes(how::MANAGED_FROM, "eks-nodegroup"),
    ],
    parts: &[],
    settle: Settle::Poll { every: 15, usually: 15, at_most: 600 },
    patience: 300,
    pause: 0,
    batch: 1,
    quotas: &[
        storage("ebs-gp3", "gp3 storage", "L-7A658B76", |it| gib(it, "gp3")),
        storage("ebs-gp2", "gp2 storage", "L-D18FCD1D", |it| gib(it, "gp2")),
        storage("ebs-io1", "io1 storage", "L-FD252861", |it| gib(it, "io1")),
        storage("ebs-io2", "io2 storage", "L-09BD8365", |it| gib(it, "io2")),
        storage("ebs-st1", "st1 storage", "L-82ACEF56", |it| gib(it, "st1")),
        storage("ebs-sc1", "sc1 storage", "L-17AF77E8", |it| gib(it, "sc1")),
        storage("ebs-standard", "magnetic storage", "L-9CF3C2EB", |it| gib(it, "standard")),
    ],
    priced: &[
        "volume-gp3-gib",
        "volume-gp2-gib",
        "volume-io1-gib",
        "volume-io2-gib",
        "volume-st1-gib",
        "volume-sc1-gib",
        "volume-standard-gib",
    ],
    cost,
    apis: Apis { list: &["ec2:DescribeVolumes"], delete: &["ec2:DeleteVolume"] },
    // As for an interface: RunInstances names no disk that it makes.
    made_by_events: &["CreateVolume"],
    logs: Logs::NoneKnown,
    arns: &["ec2:volume/"],
    deployed: DEPLOYED,
};

/// A quota on all storage of one type, which AWS gives in TiB.
/// <https://docs.aws.amazon.com/general/latest/gr/ebs-service.html>
const fn storage(
    name: &'static str,
    title: &'static str,
    code: &'static str,
    amount: fn(&Resource) -> Amount,
) -> QuotaUse {
    QuotaUse::each(name, title, ("ebs", code), Per::Region).counted(Unit::GibOfTib, amount)
}

/// Its size, if it is of this type.
pub(crate) fn gib(resource: &Resource, volume_type: &str) -> Amount {
    match resource.facts.get(facts::TYPE) {
        Some(other) if other != volume_type => Amount::Known(0),
        Some(_) => Amount::of_fact(resource, facts::SIZE_GIB),
        None => Amount::Unknown,
    }
}

/// Storage alone: IOPS and throughput beyond what is included are not counted.
pub(crate) fn cost(resource: &Resource) -> Vec<Cost> {
    let kind = resource.facts.get(facts::TYPE).map(String::as_str).unwrap_or_default();
    let size = resource.facts.get(facts::SIZE_GIB).and_then(|size| size.parse().ok());
    // A type without a price makes the whole unknown, never nothing.
    let priced = TYPES.iter().find(|it| it.name == kind).map(|it| it.item);
    let item = priced.unwrap_or("volume-of-unknown-type");
    size.map(|units| Cost { item, units }).into_iter().collect()
}

/// What deployments call it and use of it.
const DEPLOYED: Deployed = Deployed {
    types: Types {
        terraform: &["aws_ebs_volume"],
        pulumi: &["aws:ebs/volume:Volume"],
        cloudformation: &["AWS::EC2::Volume"],
        adopted: &[],
    },
    attributes: &["availability_zone", "iops", "multi_attach_enabled", "size", "throughput", "type"],
    aliases: &[alias("volume_type", "type")],
    wrappers: &[],
    template: Spelling::of(&[alias("volume_type", "type")]),
    sizes: &["size", "type"],
    uses: Uses::Quotas(uses),
    parts: |_, _| Vec::new(),
    instance_types: |_| Vec::new(),
    plays: Plays::Nothing,
    name: Naming::Free,
    tags: Tagging::ANY,
};

/// A type of volume.
pub(super) struct VolumeType {
    name: &'static str,
    /// The quota that it counts against.
    quota: &'static str,
    /// What the price table calls its storage.
    pub item: &'static str,
}

const fn volume_type(name: &'static str, quota: &'static str, item: &'static str) -> VolumeType {
    VolumeType { name, quota, item }
}

/// All of them.
pub(super) const TYPES: [VolumeType; 7] = [
    volume_type("gp3", "ebs-gp3", "volume-gp3-gib"),
    volume_type("gp2", "ebs-gp2", "volume-gp2-gib"),
    volume_type("io1", "ebs-io1", "volume-io1-gib"),
    volume_type("io2", "ebs-io2", "volume-io2-gib"),
    volume_type("st1", "ebs-st1", "volume-st1-gib"),
    volume_type("sc1", "ebs-sc1", "volume-sc1-gib"),
    volume_type("standard", "ebs-standard", "volume-standard-gib"),
];

/// The largest volume of any type, in GiB:
/// <https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html>.
const LARGEST: u64 = 64 * 1024;

/// Storage, in GiB. gp2 is what is made where no type is named:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html>.
fn uses(_: &World<'_>, item: &Item) -> Vec<Use> {
    let word = item.properties.at("type");
    let size = item.properties.at("size").as_count();
    let named = word.as_text().or_else(|| word.is_empty().then_some("gp2"));
    let Some(named) = named else {
        let most = Most::Of(size.unwrap_or(LARGEST));
        return TYPES.iter().map(|it| Use::file(it.quota, Per::Region, 0).more(most)).collect();
    };
    let of_type = TYPES.iter().filter(|it| it.name == named).map(|it| match size {
        Some(size) => Use::file(it.quota, Per::Region, size),
        None => Use::file(it.quota, Per::Region, 1).more(Most::Of(LARGEST - 1)),
    });
    of_type.collect()
}
