use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::deployment::{Format, Value, types};
use crate::model::{Apis, Catalog, DataKind, KindSpec, Per, QuotaUse, Region, Scope, Settle};

const REGION: &str = "us-east-1";

/// A thing that is made, with these attributes.
fn item(kind: &'static str, address: &str, properties: &[(&str, Value)]) -> Item {
    let row = types::of_kind(kind).expect("a kind of the table");
    let properties = properties.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Item {
        address: address.to_owned(),
        type_name: row.terraform[0].to_owned(),
        kind: Some(row.name()),
        change: Change::Create,
        certainty: Certainty::Certain,
        region: row.region(Some(Region::new(REGION))),
        properties: Value::Map(properties),
        after: Vec::new(),
    }
}

fn map(entries: &[(&str, Value)]) -> Value {
    Value::Map(entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn from(addresses: &[&str]) -> Value {
    Value::Unknown(addresses.iter().map(|it| (*it).to_owned()).collect())
}

fn deployment(items: Vec<Item>) -> Deployment {
    Deployment {
        source: "plan.json".into(),
        format: Format::TerraformPlan,
        stack: None,
        account: None,
        items,
        uncounted: Vec::new(),
    }
}

fn vcpus() -> BTreeMap<String, u64> {
    [("t3.medium", 2), ("m5.large", 2), ("m5.4xlarge", 16), ("g5.xlarge", 4)]
        .map(|(name, vcpus)| (name.to_owned(), vcpus))
        .into()
}

fn known(vcpus: &BTreeMap<String, u64>) -> Known<'_> {
    static NO_ZONES: BTreeMap<String, String> = BTreeMap::new();
    Known { vcpus, zones: &NO_ZONES }
}

/// What these items need, as `quota place: certain+implicit+peak+unknown`.
fn lines(items: Vec<Item>) -> Vec<String> {
    let vcpus = vcpus();
    let needs = needs(&[deployment(items)], known(&vcpus)).expect("regions are known");
    let line = |need: &Need| {
        let Wanted { certain, implicit, peak, unknown } = need.amount;
        let unknown = match unknown {
            Most::Of(most) => most.to_string(),
            Most::Unbounded => "?".to_owned(),
        };
        format!("{} {}: {certain}+{implicit}+{peak}+{unknown}", need.quota, need.place.name())
    };
    needs.iter().map(line).collect()
}

#[track_caller]
fn has(lines: &[String], line: &str) {
    assert!(lines.iter().any(|it| it == line), "no `{line}` in {lines:#?}");
}

#[test]
fn the_need_of_the_story_is_three_addresses_three_gateways_and_a_vpc() {
    let mut items = vec![item("vpc", "vpc", &[])];
    for (at, zone) in ["us-east-1a", "us-east-1b", "us-east-1c"].iter().enumerate() {
        let subnet = format!("public[{at}]");
        items.push(item(
            "subnet",
            &subnet,
            &[("availability_zone", Value::text(*zone)), ("vpc_id", from(&["vpc"]))],
        ));
        items.push(item("elastic-ip", &format!("eip[{at}]"), &[]));
        items.push(item("nat-gateway", &format!("nat[{at}]"), &[("subnet_id", from(&[&subnet]))]));
    }
    let lines = lines(items);
    has(&lines, "eip us-east-1: 3+0+0+0");
    has(&lines, "vpc us-east-1: 1+0+0+0");
    for zone in ["us-east-1a", "us-east-1b", "us-east-1c"] {
        has(&lines, &format!("nat-gateway {zone}: 1+0+0+0"));
    }
    has(&lines, "subnet new vpc: 3+0+0+0");
    has(&lines, "network-interface us-east-1: 0+3+0+0");
    has(&lines, "security-group us-east-1: 0+1+0+0");
    has(&lines, "route-table new vpc: 0+1+0+0");
}

#[test]
fn a_gateway_in_one_of_several_subnets_may_come_on_top_in_each_of_their_zones() {
    let subnet = |name: &str, zone: &str| item("subnet", name, &[("availability_zone", Value::text(zone))]);
    let gateway = item("nat-gateway", "nat", &[("subnet_id", from(&["a", "b"]))]);
    let both = lines(vec![subnet("a", "us-east-1a"), subnet("b", "us-east-1b"), gateway.clone()]);
    has(&both, "nat-gateway us-east-1a: 0+0+0+1");
    has(&both, "nat-gateway us-east-1b: 0+0+0+1");
    let same = lines(vec![subnet("a", "us-east-1a"), subnet("b", "us-east-1a"), gateway.clone()]);
    has(&same, "nat-gateway us-east-1a: 1+0+0+0");
    has(&lines(vec![gateway]), "nat-gateway a zone: 1+0+0+0");
}

#[test]
fn a_gateway_in_a_subnet_that_stands_counts_in_its_zone() {
    let gateway = item("nat-gateway", "nat", &[("subnet_id", Value::text("subnet-1"))]);
    let subnet = [("id", Value::text("subnet-1")), ("availability_zone", Value::text("us-east-1b"))];
    let kept = Item { change: Change::Keep, ..item("subnet", "a", &subnet) };
    has(&lines(vec![kept, gateway.clone()]), "nat-gateway us-east-1b: 1+0+0+0");
    let zones = [("subnet-1".to_owned(), "us-east-1c".to_owned())].into();
    let known = Known { vcpus: &vcpus(), zones: &zones };
    let told = needs(&[deployment(vec![gateway])], known).unwrap();
    assert!(
        told.iter().any(|need| need.place == Place::In(Region::new(REGION), "us-east-1c".into())),
        "{told:?}"
    );
}

#[test]
fn what_stands_or_goes_or_is_replaced_after_it_went_needs_nothing() {
    for change in [Change::Keep, Change::Update, Change::Delete, Change::Replace(Order::DeleteFirst)] {
        let address = Item { change, ..item("elastic-ip", "eip", &[]) };
        assert_eq!(lines(vec![address]), [""; 0], "{change:?}");
    }
}

#[test]
fn a_replacement_that_is_made_first_needs_room_for_a_while() {
    let change = Change::Replace(Order::CreateFirst);
    let lines = lines(vec![
        Item { change, ..item("elastic-ip", "eip", &[]) },
        Item { change, ..item("eks-cluster", "eks", &[]) },
    ]);
    has(&lines, "eip us-east-1: 0+0+1+0");
    has(&lines, "security-group us-east-1: 0+0+1+0");
    has(&lines, "network-interface us-east-1: 0+0+2+2");
}

#[test]
fn what_a_condition_leaves_open_is_unknown_and_never_certain() {
    let certainty = Certainty::Possible("condition HasNat needs parameter Zones".into());
    has(&lines(vec![Item { certainty, ..item("elastic-ip", "eip", &[]) }]), "eip us-east-1: 0+0+0+1");
}

#[test]
fn an_address_of_an_own_pool_does_not_count() {
    let own = item("elastic-ip", "eip", &[("public_ipv4_pool", Value::text("ipv4pool-ec2-1"))]);
    assert_eq!(lines(vec![own]), [""; 0]);
    let amazon = item("elastic-ip", "eip", &[("public_ipv4_pool", Value::text("amazon"))]);
    has(&lines(vec![amazon]), "eip us-east-1: 1+0+0+0");
}

fn node_group(more: &[(&str, Value)]) -> Item {
    let mut item = item("eks-nodegroup", "nodes", more);
    if let Value::Map(map) = &mut item.properties {
        map.entry("scaling_config".into()).or_insert_with(|| scaling(&[("desired_size", 3.0)]));
        map.entry("cluster_name".into()).or_insert_with(|| Value::text("live"));
    }
    item
}

fn scaling(sizes: &[(&str, f64)]) -> Value {
    let sizes: Vec<(&str, Value)> = sizes.iter().map(|(name, size)| (*name, Value::Number(*size))).collect();
    Value::List(vec![map(&sizes)])
}

#[test]
fn a_node_group_needs_the_processors_of_its_nodes_and_what_eks_makes_for_it() {
    let lines = lines(vec![node_group(&[("instance_types", Value::List(vec![Value::text("t3.medium")]))])]);
    has(&lines, "vcpu us-east-1: 0+6+0+0");
    has(&lines, "network-interface us-east-1: 0+3+0+0");
    has(&lines, "auto-scaling-group us-east-1: 0+1+0+0");
    has(&lines, "launch-template us-east-1: 0+1+0+0");
    has(&lines, "eks-nodegroup live: 1+0+0+0");
}

#[test]
fn of_several_types_the_smallest_is_certain_and_the_largest_possible() {
    let several = Value::List(vec![Value::text("m5.large"), Value::text("m5.4xlarge")]);
    has(&lines(vec![node_group(&[("instance_types", several)])]), "vcpu us-east-1: 0+6+0+42");
    let mixed = Value::List(vec![Value::text("m5.large"), Value::text("g5.xlarge")]);
    let lines = lines(vec![node_group(&[("instance_types", mixed)])]);
    has(&lines, "vcpu us-east-1: 0+0+0+6");
    has(&lines, "vcpu-g us-east-1: 0+0+0+12");
}

#[test]
fn spot_nodes_count_against_the_spot_quota() {
    let spot = [
        ("instance_types", Value::List(vec![Value::text("t3.medium")])),
        ("capacity_type", Value::text("SPOT")),
    ];
    has(&lines(vec![node_group(&spot)]), "vcpu-spot us-east-1: 0+6+0+0");
}

#[test]
fn the_type_of_a_launch_template_counts_where_the_group_names_none() {
    let template = item("launch-template", "lt", &[("instance_type", Value::text("m5.4xlarge"))]);
    let group = node_group(&[("launch_template", Value::List(vec![map(&[("id", from(&["lt"]))])]))]);
    let direct = node_group(&[("launch_template", from(&["lt"]))]);
    for group in [group, direct] {
        has(&lines(vec![template.clone(), group]), "vcpu us-east-1: 0+48+0+0");
    }
}

#[test]
fn a_type_or_a_size_that_nobody_knows_is_never_taken_for_nothing() {
    has(&lines(vec![node_group(&[("instance_types", from(&[]))])]), "vcpu us-east-1: 0+0+0+?");
    let elsewhere = Value::List(vec![map(&[("id", Value::text("lt-0123"))])]);
    has(&lines(vec![node_group(&[("launch_template", elsewhere)])]), "vcpu us-east-1: 0+0+0+?");
    let unheard = Value::List(vec![Value::text("m99.large")]);
    has(&lines(vec![node_group(&[("instance_types", unheard)])]), "vcpu us-east-1: 0+0+0+?");
    let open = [
        ("instance_types", Value::List(vec![Value::text("t3.medium")])),
        (
            "scaling_config",
            map(&[
                ("desired_size", from(&[])),
                ("min_size", Value::Number(1.0)),
                ("max_size", Value::Number(4.0)),
            ]),
        ),
    ];
    has(&lines(vec![node_group(&open)]), "vcpu us-east-1: 0+2+0+6");
    let unbounded =
        [("instance_types", Value::List(vec![Value::text("t3.medium")])), ("scaling_config", from(&[]))];
    has(&lines(vec![node_group(&unbounded)]), "vcpu us-east-1: 0+0+0+?");
}

#[test]
fn a_node_group_that_names_no_type_is_made_of_the_default_one() {
    has(&lines(vec![node_group(&[])]), "vcpu us-east-1: 0+6+0+0");
    let template = item("launch-template", "lt", &[("image_id", Value::text("ami-1"))]);
    has(&lines(vec![template, node_group(&[("launch_template", from(&["lt"]))])]), "vcpu us-east-1: 0+6+0+0");
}

#[test]
fn where_a_format_tells_no_attributes_no_default_is_taken_for_granted() {
    let bare = |kind, address| Item { properties: Value::Unknown(Vec::new()), ..item(kind, address, &[]) };
    let lines = lines(vec![
        bare("load-balancer", "lb"),
        bare("volume", "vol"),
        bare("vpc-endpoint", "vpce"),
        bare("eks-nodegroup", "nodes"),
        bare("nat-gateway", "nat"),
    ]);
    for line in [
        "alb us-east-1: 0+0+0+1",
        "nlb us-east-1: 0+0+0+1",
        "ebs-gp2 us-east-1: 0+0+0+65536",
        "ebs-gp3 us-east-1: 0+0+0+65536",
        "gateway-endpoint us-east-1: 0+0+0+1",
        "vpc-endpoint one of them: 0+0+0+1",
        "vcpu us-east-1: 0+0+0+?",
        "eks-nodegroup one of them: 1+0+0+0",
        "nat-gateway a zone: 1+0+0+0",
    ] {
        has(&lines, line);
    }
}

#[test]
fn an_id_that_is_not_known_yet_is_that_of_something_that_is_made() {
    let subnet = item("subnet", "subnet", &[("vpc_id", from(&[]))]);
    let vpc = |address| item("vpc", address, &[]);
    has(&lines(vec![vpc("a"), subnet.clone()]), "subnet new a: 1+0+0+0");
    let either = lines(vec![vpc("a"), vpc("b"), subnet.clone()]);
    has(&either, "subnet new a: 0+0+0+1");
    has(&either, "subnet new b: 0+0+0+1");
    let told = item("subnet", "subnet", &[("vpc_id", from(&["b"]))]);
    has(&lines(vec![vpc("a"), vpc("b"), told]), "subnet new b: 1+0+0+0");
    let standing = Item { change: Change::Keep, ..vpc("a") };
    has(&lines(vec![standing, subnet]), "subnet one of them: 1+0+0+0");
}

#[test]
fn a_zone_that_is_known_by_its_place_is_another_than_that_of_another_place() {
    let subnet = |name: &str, zone| item("subnet", name, &[("availability_zone", zone)]);
    let nat = |name: &str, subnet: &str| item("nat-gateway", name, &[("subnet_id", from(&[subnet]))]);
    let places = |zones: [Value; 2]| -> Vec<Place> {
        let [one, other] = zones;
        let items = vec![subnet("a", one), subnet("b", other), nat("x", "a"), nat("y", "b")];
        let needs = needs(&[deployment(items)], known(&vcpus())).unwrap();
        needs.into_iter().filter(|it| it.quota == "nat-gateway").map(|it| it.place).collect()
    };
    let some = |label: Option<&str>| Place::SomeZone(Region::new(REGION), label.map(str::to_owned));
    assert_eq!(places([Value::zone(0), Value::zone(1)]), [some(Some("0")), some(Some("1"))]);
    assert_eq!(places([Value::zones(), Value::zones()]), [some(None)], "of all of them it may be any");
}

#[test]
fn a_role_with_too_many_policies_shows() {
    let role = item("iam-role", "role", &[("managed_policy_arns", Value::List(vec![Value::text("a"); 4]))]);
    let attach = |at: usize| {
        item("iam-role-policy-attachment", &format!("attach[{at}]"), &[("role", from(&["role"]))])
    };
    let lines = lines([role].into_iter().chain((0..3).map(attach)).collect());
    has(&lines, "policy-per-role new role: 7+0+0+0");
    has(&lines, "iam-role global: 1+0+0+0");
}

#[test]
fn a_regional_gateway_counts_in_its_vpc_and_takes_an_unknown_number_of_addresses() {
    let regional = [("availability_mode", Value::text("regional")), ("vpc_id", Value::text("vpc-1"))];
    let lines = lines(vec![item("nat-gateway", "nat", &regional)]);
    has(&lines, "regional-nat-gateway vpc-1: 1+0+0+0");
    has(&lines, "eip us-east-1: 0+0+0+6");
    assert!(!lines.iter().any(|line| line.starts_with("nat-gateway")), "{lines:?}");
}

#[test]
fn without_a_region_there_is_no_need_but_an_error() {
    let nowhere = Item { region: None, ..item("elastic-ip", "eip", &[]) };
    let error = needs(&[deployment(vec![nowhere])], known(&vcpus()));
    assert_eq!(error, Err(NeedsError::NoRegion { address: "eip".into() }));
}

#[test]
fn instance_types_are_asked_for_where_they_are_needed() {
    let group = node_group(&[("instance_types", Value::List(vec![Value::text("t3.medium")]))]);
    let kept = Item { change: Change::Keep, ..group.clone() };
    let asked = |items| instance_types(&[deployment(items)]);
    assert_eq!(asked(vec![group]), [(Region::new(REGION), BTreeSet::from(["t3.medium".to_owned()]))].into());
    assert!(asked(vec![kept]).is_empty());
}

const fn kind(name: &'static str, quotas: &'static [QuotaUse]) -> KindSpec {
    KindSpec {
        name,
        title: name,
        scope: Scope::Regional,
        links: &[],
        parts: &[],
        data: DataKind::No,
        settle: Settle::AtOnce,
        patience: 0,
        pause: 0,
        batch: 1,
        quotas,
        cost: |_| Vec::new(),
        apis: Apis { list: &[], delete: &[] },
    }
}

static EIP: KindSpec =
    kind("elastic-ip", &[QuotaUse::each("eip", "Elastic IPs", ("ec2", "L-1"), Per::Region)]);
static NAT: KindSpec =
    kind("nat-gateway", &[QuotaUse::each("nat-gateway", "NAT gateways", ("vpc", "L-2"), Per::Zone)]);
static ROLE: KindSpec = KindSpec {
    scope: Scope::Global,
    ..kind(
        "iam-role",
        &[
            QuotaUse::each("iam-role", "IAM roles", ("iam", "L-3"), Per::Account),
            QuotaUse::each("policy-per-role", "policies of a role", ("iam", "L-4"), Per::Itself),
        ],
    )
};

fn read(text: &str, regions: &[&str]) -> Result<Vec<(Place, u64)>, TypedError> {
    static SPECS: [&KindSpec; 3] = [&EIP, &NAT, &ROLE];
    let catalog = Catalog::new(&SPECS);
    let regions = regions.iter().map(|it| Region::new(*it)).collect();
    let needs = typed(text, catalog, &regions)?;
    Ok(needs.into_iter().map(|need| (need.place, need.amount.least())).collect())
}

#[test]
fn a_typed_need_names_quota_place_and_number() {
    let east = || Region::new("us-east-1");
    assert_eq!(
        read("eip=3, nat-gateway@us-east-1a=1,iam-role=2", &["us-east-1"]).unwrap(),
        [(Place::Region(east()), 3), (Place::In(east(), "us-east-1a".into()), 1), (Place::Account, 2),]
    );
    assert_eq!(
        read("elastic-ip@us-east-1=0", &["us-east-1", "eu-west-1"]).unwrap(),
        [(Place::Region(east()), 0)]
    );
    assert_eq!(read("nat-gateway=2", &["us-east-1"]).unwrap(), [(Place::SomeZone(east(), None), 2)]);
}

#[test]
fn what_is_in_no_region_is_needed_in_none() {
    let many = ["us-east-1", "eu-west-1"];
    let role = Place::In(Region::global(), "shop-nodes".into());
    assert_eq!(read("policy-per-role@shop-nodes=2", &many).unwrap(), [(role, 2)]);
    assert_eq!(read("policy-per-role=2", &many).unwrap(), [(Place::Some(Region::global()), 2)]);
}

#[test]
fn a_zone_is_its_region_with_a_letter_or_a_place_behind_it() {
    for zone in ["us-east-1a", "us-east-1-bos-1a", "us-east-1-wl1-bos-wlz-1"] {
        let place = Place::In(Region::new("us-east-1"), zone.into());
        assert_eq!(read(&format!("nat-gateway@{zone}=1"), &["us-east-1"]).unwrap(), [(place, 1)]);
    }
    for other in ["us-east-1zzz", "us-east-12", "us-east-1A", "us-east-1-", "us-east-1é"] {
        assert!(read(&format!("nat-gateway@{other}=1"), &["us-east-1"]).is_err(), "{other}");
    }
}

#[test]
fn a_need_that_cannot_be_meant_is_refused() {
    for (text, told) in [
        ("", "is no need"),
        ("eip", "is no need"),
        ("=3", "is no need"),
        ("eip=3,", "is no need"),
        ("eip@=3", "is no need"),
        ("eips=3", "did you mean eip?"),
        ("zebra=3", "there is no quota `zebra`"),
        ("eip=-1", "whole number"),
        ("eip=1.5", "whole number"),
        ("eip=", "whole number"),
        ("eip=99999999999999999999", "whole number"),
        ("eip@eu-west-1=1", "which of the regions"),
        ("nat-gateway@eu-west-1a=1", "which of the regions"),
    ] {
        let error = read(text, &["us-east-1"]).expect_err(text).to_string();
        assert!(error.contains(told), "{text}: {error}");
    }
    assert!(read("eip=1", &["us-east-1", "eu-west-1"]).is_err(), "two regions, and none is named");
}
