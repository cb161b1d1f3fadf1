use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::deployment::{Format, Value};
use crate::model::{Catalog, KindSpec, Per, QuotaUse, Region, Scope};

const REGION: &str = "us-east-1";

/// A thing that is made, with these attributes.
fn item(kind: &'static str, address: &str, properties: &[(&str, Value)]) -> Item {
    let row = kinds::row(kind).expect("a kind of the table");
    let properties = properties.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Item {
        address: address.to_owned(),
        type_name: row.deployed.types.terraform[0].to_owned(),
        kind: Some(row.name()),
        change: Change::Create,
        certainty: Certainty::Certain,
        region: row.region(Some(Region::new(REGION))),
        properties: Value::Map(properties),
        before: Value::Null,
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
    let needs_of_gateway = needs(&[deployment(vec![gateway])], known).unwrap();
    assert!(
        needs_of_gateway.iter().any(|need| need.place == Place::In(Region::new(REGION), "us-east-1c".into())),
        "{needs_of_gateway:?}"
    );
}

#[test]
fn what_stands_or_goes_or_is_replaced_after_it_went_needs_nothing() {
    for change in [Change::Keep, Change::Update, Change::Delete, Change::Replace(ReplaceOrder::DeleteFirst)] {
        let address = Item { change, ..item("elastic-ip", "eip", &[]) };
        assert_eq!(lines(vec![address]), [""; 0], "{change:?}");
    }
}

#[test]
fn a_replacement_that_is_made_first_needs_room_for_a_while() {
    let change = Change::Replace(ReplaceOrder::CreateFirst);
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
        map.insert_new("scaling_config", scaling(&[("desired_size", 3.0)]));
        map.insert_new("cluster_name", Value::text("live"));
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
fn what_may_be_paid_for_in_either_way_is_certain_in_neither() {
    let types = ("instance_types", Value::List(vec![Value::text("t3.medium")]));
    let open = lines(vec![node_group(&[types.clone(), ("capacity_type", from(&[]))])]);
    has(&open, "vcpu us-east-1: 0+0+0+6");
    has(&open, "vcpu-spot us-east-1: 0+0+0+6");
    let group = |distribution: &[(&str, f64)]| {
        let numbers: Vec<(&str, Value)> =
            distribution.iter().map(|(name, it)| (*name, Value::Number(*it))).collect();
        let template =
            map(&[("override", Value::List(vec![map(&[("instance_type", Value::text("m5.large"))])]))]);
        let policy = map(&[("instances_distribution", map(&numbers)), ("launch_template", template)]);
        lines(vec![item(
            "auto-scaling-group",
            "asg",
            &[("desired_capacity", Value::Number(4.0)), ("mixed_instances_policy", policy)],
        )])
    };
    has(&group(&[]), "vcpu us-east-1: 0+8+0+0");
    has(&group(&[("on_demand_percentage_above_base_capacity", 100.0)]), "vcpu us-east-1: 0+8+0+0");
    has(&group(&[("on_demand_percentage_above_base_capacity", 0.0)]), "vcpu-spot us-east-1: 0+8+0+0");
    // One on demand, then half of three: one and perhaps another, in either way.
    let half = group(&[("on_demand_percentage_above_base_capacity", 50.0), ("on_demand_base_capacity", 1.0)]);
    has(&half, "vcpu us-east-1: 0+4+0+2");
    has(&half, "vcpu-spot us-east-1: 0+2+0+2");
}

#[test]
fn what_stands_on_a_dedicated_host_needs_none_of_the_shared_processors() {
    let instance = |tenancy| {
        lines(vec![item(
            "instance",
            "host",
            &[("instance_type", Value::text("m5.large")), ("tenancy", Value::text(tenancy))],
        )])
    };
    assert_eq!(instance("host"), ["network-interface us-east-1: 0+1+0+0"]);
    has(&instance("dedicated"), "vcpu us-east-1: 0+2+0+0");
}

#[test]
fn a_list_of_types_of_which_one_is_not_known_is_not_known() {
    let types = Value::List(vec![Value::text("t3.medium"), from(&[])]);
    has(&lines(vec![node_group(&[("instance_types", types)])]), "vcpu us-east-1: 0+0+0+?");
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
    let in_b = item("subnet", "subnet", &[("vpc_id", from(&["b"]))]);
    has(&lines(vec![vpc("a"), vpc("b"), in_b]), "subnet new b: 1+0+0+0");
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
fn policies_that_are_not_known_are_not_taken_for_one_and_one_that_names_its_roles_counts() {
    let open = item("iam-role", "role", &[("managed_policy_arns", from(&["list"]))]);
    has(&lines(vec![open]), "policy-per-role new role: 0+0+0+?");
    let some = Value::List(vec![Value::text("a"), from(&["b"])]);
    let role = item("iam-role", "role", &[("managed_policy_arns", some), ("name", Value::text("node"))]);
    let by = |roles| item("iam-policy", "policy", &[("roles", Value::List(roles))]);
    has(&lines(vec![role.clone(), by(vec![from(&["role"])])]), "policy-per-role new role: 3+0+0+0");
    has(&lines(vec![role.clone(), by(vec![Value::text("node")])]), "policy-per-role new role: 3+0+0+0");
    has(&lines(vec![role, by(vec![Value::text("other")])]), "policy-per-role new role: 2+0+0+0");
}

#[test]
fn a_regional_gateway_counts_in_its_vpc_and_takes_an_unknown_number_of_addresses() {
    let regional = [("availability_mode", Value::text("regional")), ("vpc_id", Value::text("vpc-1"))];
    let lines = lines(vec![item("nat-gateway", "nat", &regional)]);
    has(&lines, "regional-nat-gateway vpc-1: 1+0+0+0");
    has(&lines, "eip us-east-1: 0+0+0+6");
    assert!(!lines.iter().any(|line| line.starts_with("nat-gateway")), "{lines:?}");
}

fn group(more: &[(&str, Value)]) -> Item {
    let sizes = [("min_size", Value::Number(1.0)), ("max_size", Value::Number(9.0))];
    item("auto-scaling-group", "asg", &[&sizes, more].concat())
}

fn mixed(distribution: Value, overrides: Vec<Value>) -> (&'static str, Value) {
    let specification = map(&[("launch_template_name", Value::text("lt"))]);
    let template = map(&[
        ("launch_template_specification", Value::List(vec![specification])),
        ("override", Value::List(overrides)),
    ]);
    let policy = [("instances_distribution", distribution), ("launch_template", template)];
    ("mixed_instances_policy", Value::List(vec![map(&policy)]))
}

fn template(instance_type: &str) -> Item {
    let described = [("name", Value::text("lt")), ("instance_type", Value::text(instance_type))];
    item("launch-template", "lt", &described)
}

#[test]
fn a_group_that_mixes_buys_on_demand_and_on_the_spot_market_as_it_says() {
    let desired = ("desired_capacity", Value::Number(5.0));
    let of = |distribution| {
        lines(vec![template("m5.4xlarge"), group(&[desired.clone(), mixed(distribution, vec![])])])
    };
    let share = |base: f64, percentage: f64| {
        map(&[
            ("on_demand_base_capacity", Value::Number(base)),
            ("on_demand_percentage_above_base_capacity", Value::Number(percentage)),
        ])
    };
    let all_spot = of(share(1.0, 0.0));
    has(&all_spot, "vcpu us-east-1: 0+16+0+0");
    has(&all_spot, "vcpu-spot us-east-1: 0+64+0+0");
    let half = of(share(0.0, 50.0));
    has(&half, "vcpu us-east-1: 0+32+0+16");
    has(&half, "vcpu-spot us-east-1: 0+32+0+16");
    let untold = of(Value::Null);
    has(&untold, "vcpu us-east-1: 0+80+0+0");
    assert!(!untold.iter().any(|line| line.starts_with("vcpu-spot")), "{untold:?}");
    let open = of(from(&[]));
    has(&open, "vcpu us-east-1: 0+0+0+80");
    has(&open, "vcpu-spot us-east-1: 0+0+0+80");
}

#[test]
fn a_launch_configuration_says_what_its_group_is_made_of_as_a_template_does() {
    let configuration = |more: &[(&str, Value)]| {
        let mut it = vec![("instance_type", Value::text("m5.4xlarge")), ("name", Value::text("lc"))];
        it.extend(more.iter().cloned());
        item("launch-configuration", "lc", &it)
    };
    let of = |reference: Value, more: &[(&str, Value)]| {
        lines(vec![configuration(more), group(&[("launch_configuration", reference)])])
    };
    has(&of(from(&["lc"]), &[]), "vcpu us-east-1: 0+16+0+0");
    has(&of(Value::text("lc"), &[]), "vcpu us-east-1: 0+16+0+0");
    has(&of(Value::text("another"), &[]), "vcpu us-east-1: 0+0+0+?");
    has(&of(from(&["lc"]), &[("spot_price", Value::text("0.1"))]), "vcpu-spot us-east-1: 0+16+0+0");
    let perhaps = of(from(&["lc"]), &[("spot_price", from(&[]))]);
    has(&perhaps, "vcpu us-east-1: 0+0+0+16");
    has(&perhaps, "vcpu-spot us-east-1: 0+0+0+16");
}

#[test]
fn a_warm_pool_holds_interfaces_and_processors_only_while_its_instances_run() {
    let of = |pool: &[(&str, Value)], sizes: &[(&str, &str)]| {
        let mut own: Vec<(&str, Value)> =
            sizes.iter().map(|(name, number)| (*name, Value::text(*number))).collect();
        own.push(("launch_template", map(&[("id", from(&["lt"]))])));
        own.push(("warm_pool", Value::List(vec![map(pool)])));
        lines(vec![template("m5.large"), item("auto-scaling-group", "g", &own)])
    };
    let sizes = [("desired_capacity", "2"), ("max_size", "5"), ("min_size", "1")];
    let stopped = of(&[], &sizes);
    has(&stopped, "network-interface us-east-1: 0+5+0+0");
    has(&stopped, "vcpu us-east-1: 0+4+0+6");
    let running = ("pool_state", Value::text("Running"));
    has(&of(std::slice::from_ref(&running), &sizes), "vcpu us-east-1: 0+10+0+0");
    let least = [running.clone(), ("min_size", Value::text("4"))];
    has(&of(&least, &sizes), "vcpu us-east-1: 0+12+0+0");
    let prepared = [running.clone(), ("max_group_prepared_capacity", Value::text("3"))];
    has(&of(&prepared, &sizes), "vcpu us-east-1: 0+6+0+0");
    let of_its_own = [running.clone(), ("max_group_prepared_capacity", Value::text("-1"))];
    has(&of(&of_its_own, &sizes), "vcpu us-east-1: 0+10+0+0");
    let open = [running, ("max_group_prepared_capacity", from(&[]))];
    has(&of(&open, &sizes), "vcpu us-east-1: 0+4+0+?");
}

#[test]
fn a_warm_pool_that_stands_by_itself_counts_with_the_group_that_it_names() {
    let of = |named: Value, certainty: Certainty| {
        let pool = Item {
            type_name: "AWS::AutoScaling::WarmPool".to_owned(),
            kind: None,
            certainty,
            properties: map(&[("auto_scaling_group_name", named), ("pool_state", Value::text("Running"))]),
            ..item("auto-scaling-group", "p", &[])
        };
        let own = [
            ("desired_capacity", Value::text("2")),
            ("max_size", Value::text("5")),
            ("launch_template", map(&[("id", from(&["lt"]))])),
        ];
        lines(vec![template("m5.large"), item("auto-scaling-group", "g", &own), pool])
    };
    has(&of(from(&["g"]), Certainty::Certain), "vcpu us-east-1: 0+10+0+0");
    has(&of(from(&["g"]), Certainty::Possible("a condition".to_owned())), "vcpu us-east-1: 0+4+0+6");
    has(&of(from(&["other"]), Certainty::Certain), "vcpu us-east-1: 0+4+0+0");
    has(&of(from(&[]), Certainty::Certain), "vcpu us-east-1: 0+4+0+6");
}

#[test]
fn a_group_that_takes_any_type_or_counts_in_other_units_is_never_counted_by_its_template() {
    let desired = ("desired_capacity", Value::Number(5.0));
    let of = |more: &[(&str, Value)]| {
        lines(vec![template("t3.medium"), group(&[std::slice::from_ref(&desired), more].concat())])
    };
    let required =
        map(&[("instance_requirements", map(&[("vcpu_count", map(&[("min", Value::Number(8.0))]))]))]);
    has(&of(&[mixed(Value::Null, vec![required])]), "vcpu us-east-1: 0+0+0+?");
    has(&of(&[mixed(Value::Null, vec![from(&[])])]), "vcpu us-east-1: 0+0+0+?");
    let weighted = |name, weight| {
        map(&[("instance_type", Value::text(name)), ("weighted_capacity", Value::text(weight))])
    };
    let weighted = mixed(Value::Null, vec![weighted("m5.large", "1"), weighted("m5.4xlarge", "8")]);
    has(&of(&[weighted]), "vcpu us-east-1: 0+0+0+80");
    let in_processors = [mixed(Value::Null, vec![]), ("desired_capacity_type", Value::text("vcpu"))];
    has(&of(&in_processors), "vcpu us-east-1: 0+0+0+?");
}

#[test]
fn of_a_list_of_types_with_an_unknown_one_it_may_be_any() {
    let types = Value::List(vec![Value::text("t3.medium"), from(&[])]);
    has(&lines(vec![node_group(&[("instance_types", types)])]), "vcpu us-east-1: 0+0+0+?");
}

#[test]
fn of_several_launch_templates_any_may_be_the_one() {
    let lt = |address, name: &str| item("launch-template", address, &[("instance_type", Value::text(name))]);
    let group = node_group(&[("launch_template", map(&[("id", from(&["lt1", "lt2"]))]))]);
    let several = lines(vec![lt("lt1", "t3.medium"), lt("lt2", "g5.xlarge"), group.clone()]);
    has(&several, "vcpu us-east-1: 0+0+0+6");
    has(&several, "vcpu-g us-east-1: 0+0+0+12");
    let silent = item("launch-template", "lt2", &[]);
    has(&lines(vec![lt("lt1", "t3.medium"), silent, group]), "vcpu us-east-1: 0+0+0+?");
}

#[test]
fn an_instance_of_a_launch_template_is_what_that_says() {
    let market = ("instance_market_options", map(&[("market_type", Value::text("spot"))]));
    let lt = item("launch-template", "lt", &[("instance_type", Value::text("m5.4xlarge")), market]);
    let instance = item("instance", "i", &[("launch_template", map(&[("id", from(&["lt"]))]))]);
    has(&lines(vec![lt, instance]), "vcpu-spot us-east-1: 0+16+0+0");
}

#[test]
fn a_template_that_stands_is_told_by_its_latest_version_only() {
    let described = [
        ("id", Value::text("lt-1")),
        ("latest_version", Value::Number(3.0)),
        ("instance_type", Value::text("m5.4xlarge")),
    ];
    let kept = Item { change: Change::Keep, ..item("launch-template", "lt", &described) };
    let of = |version: &str| {
        let block = map(&[("id", Value::text("lt-1")), ("version", Value::text(version))]);
        lines(vec![kept.clone(), node_group(&[("launch_template", block)])])
    };
    has(&of("3"), "vcpu us-east-1: 0+48+0+0");
    has(&of("$Latest"), "vcpu us-east-1: 0+48+0+0");
    has(&of("2"), "vcpu us-east-1: 0+0+0+?");
    has(&of("$Default"), "vcpu us-east-1: 0+0+0+?");
}

#[test]
fn a_balancer_has_an_interface_in_each_of_its_mappings() {
    let mappings = Value::List(vec![map(&[("subnet_id", Value::text("subnet-1"))]); 3]);
    let lb = [("load_balancer_type", Value::text("network")), ("subnet_mapping", mappings)];
    has(&lines(vec![item("load-balancer", "lb", &lb)]), "network-interface us-east-1: 0+3+0+0");
}

#[test]
fn what_an_id_comes_from_besides_a_subnet_makes_its_zone_no_less_known() {
    let subnet = item("subnet", "a", &[("availability_zone", Value::text("us-east-1a"))]);
    let gateway = item("nat-gateway", "nat", &[("subnet_id", from(&["vpc", "a"]))]);
    let found = lines(vec![item("vpc", "vpc", &[]), subnet.clone(), gateway]);
    has(&found, "nat-gateway us-east-1a: 1+0+0+0");
    let stranger = item("nat-gateway", "nat", &[("subnet_id", from(&["component", "a"]))]);
    has(&lines(vec![subnet, stranger]), "nat-gateway a zone: 1+0+0+0");
}

#[test]
fn an_id_that_is_not_known_yet_is_never_that_of_something_in_another_region() {
    let west = Item { region: Some(Region::new("us-west-2")), ..item("vpc", "west", &[]) };
    let subnet = item("subnet", "subnet", &[("vpc_id", from(&[]))]);
    has(&lines(vec![item("vpc", "east", &[]), west.clone(), subnet.clone()]), "subnet new east: 1+0+0+0");
    has(&lines(vec![west, subnet]), "subnet one of them: 1+0+0+0");
}

#[test]
fn a_default_vpc_is_never_one_that_is_made() {
    let adopted = Item { type_name: "aws_default_vpc".to_owned(), kind: None, ..item("vpc", "default", &[]) };
    let subnet = item("subnet", "subnet", &[("vpc_id", from(&["default"]))]);
    has(&lines(vec![item("vpc", "other", &[]), adopted, subnet]), "subnet one of them: 1+0+0+0");
}

#[test]
fn a_gateway_of_several_addresses_counts_them() {
    let addresses = |secondary: Value| {
        let named = [("allocation_id", from(&["eip"])), ("secondary_allocation_ids", secondary)];
        lines(vec![item("nat-gateway", "nat", &named)])
    };
    has(&addresses(Value::List(vec![from(&["a"]), from(&["b"])])), "eip-per-nat new nat: 3+0+0+0");
    assert!(
        !addresses(Value::Null).iter().any(|line| line.starts_with("eip-per-nat")),
        "one is never too many"
    );
    has(&addresses(from(&["a"])), "eip-per-nat new nat: 1+0+0+?");
}

/// A thing that is changed so from how it was.
fn grown(change: Change, was: Item, now: Item) -> Item {
    Item { change, before: was.properties, ..now }
}

#[test]
fn what_grows_in_place_needs_what_it_did_not_have() {
    let sized = |nodes: f64, of: &str| {
        node_group(&[
            ("scaling_config", scaling(&[("desired_size", nodes)])),
            ("instance_types", Value::List(vec![Value::text(of)])),
        ])
    };
    let update = |was, now| lines(vec![grown(Change::Update, was, now)]);
    let more = update(sized(3.0, "m5.large"), sized(9.0, "m5.large"));
    assert_eq!(more, ["network-interface us-east-1: 0+6+0+0", "vcpu us-east-1: 0+12+0+0"]);
    has(&update(sized(3.0, "m5.large"), sized(3.0, "g5.xlarge")), "vcpu-g us-east-1: 0+12+0+0");
    assert_eq!(update(sized(9.0, "m5.large"), sized(3.0, "m5.large")), [""; 0]);
    assert_eq!(update(sized(3.0, "m99.large"), sized(3.0, "m99.large")), [""; 0], "nothing changes");
    has(&update(sized(3.0, "m99.large"), sized(4.0, "m99.large")), "vcpu us-east-1: 0+0+0+?");
    let volume =
        |size: f64| item("volume", "vol", &[("size", Value::Number(size)), ("type", Value::text("gp3"))]);
    assert_eq!(update(volume(100.0), volume(400.0)), ["ebs-gp3 us-east-1: 300+0+0+0"]);
    let untold = Item { change: Change::Update, ..volume(400.0) };
    assert_eq!(lines(vec![untold]), [""; 0]);
}

#[test]
fn a_template_that_grows_makes_its_group_grow() {
    let lt = |name: &str, version: f64| {
        let described = [
            ("id", Value::text("lt-1")),
            ("latest_version", Value::Number(version)),
            ("instance_type", Value::text(name)),
        ];
        item("launch-template", "lt", &described)
    };
    let of = |version: &str| {
        let block = map(&[("id", Value::text("lt-1")), ("version", Value::text(version))]);
        node_group(&[("launch_template", block)])
    };
    let template = grown(Change::Update, lt("m5.large", 1.0), lt("m5.4xlarge", 2.0));
    let all = lines(vec![template, grown(Change::Update, of("1"), of("2"))]);
    assert_eq!(all, ["vcpu us-east-1: 0+42+0+0"]);
}

#[test]
fn what_is_made_anew_elsewhere_needs_room_there() {
    let gateway = |subnet: Value| item("nat-gateway", "nat", &[("subnet_id", subnet)]);
    let subnet = |id: &str, zone: &str| {
        let attributes = [("id", Value::text(id)), ("availability_zone", Value::text(zone))];
        Item { change: Change::Keep, ..item("subnet", id, &attributes) }
    };
    let anew = Change::Replace(ReplaceOrder::DeleteFirst);
    let moved = |to: Value| {
        let nat = grown(anew, gateway(Value::text("subnet-a")), gateway(to));
        lines(vec![subnet("subnet-a", "us-east-1a"), subnet("subnet-b", "us-east-1b"), nat])
    };
    assert_eq!(moved(Value::text("subnet-b")), ["nat-gateway us-east-1b: 1+0+0+0"]);
    assert_eq!(moved(Value::text("subnet-a")), [""; 0]);
    assert_eq!(moved(from(&["nowhere"])), ["nat-gateway a zone: 0+0+0+1"], "it may be where it was");
    // The subnet is made anew too, in the zone where it was.
    let zone = ("availability_zone", Value::text("us-east-1a"));
    let new = item("subnet", "a", std::slice::from_ref(&zone));
    let old = item("subnet", "a", &[zone, ("id", Value::text("subnet-a"))]);
    let nat = grown(anew, gateway(Value::text("subnet-a")), gateway(from(&["a"])));
    let both = lines(vec![grown(anew, old, new), nat]);
    assert!(!both.iter().any(|line| line.starts_with("nat-gateway")), "{both:?}");
    let region = |name: &str| item("elastic-ip", "eip", &[("region", Value::text(name))]);
    let far = grown(anew, region("eu-west-1"), region(REGION));
    assert_eq!(lines(vec![far]), ["eip us-east-1: 1+0+0+0"]);
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
    KindSpec { quotas, ..KindSpec::invented(name) }
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
    for (text, expected) in [
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
        assert!(error.contains(expected), "{text}: {error}");
    }
    assert!(read("eip=1", &["us-east-1", "eu-west-1"]).is_err(), "two regions, and none is named");
}

#[test]
fn a_cluster_that_one_file_makes_is_new_to_the_others_that_name_it() {
    let cluster = item("eks-cluster", "cluster", &[("name", Value::text("shop"))]);
    let group = |name: &str| item("eks-nodegroup", "group", &[("cluster_name", Value::text(name))]);
    let place = |name: &str| {
        let files = [deployment(vec![cluster.clone()]), deployment(vec![group(name)])];
        let vcpus = vcpus();
        let needs = needs(&files, known(&vcpus)).expect("regions are known");
        needs.into_iter().find(|need| need.quota == "eks-nodegroup").expect("a group").place
    };
    assert_eq!(place("shop"), Place::New(Region::new(REGION), "cluster".to_owned()));
    assert_eq!(place("other"), Place::In(Region::new(REGION), "other".to_owned()));
}
