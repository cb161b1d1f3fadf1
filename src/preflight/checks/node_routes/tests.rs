use serde_json::json;

use super::super::super::testing::{TOOLS, Thing, Tool, World, read};
use super::*;
use crate::deployment::Change;

fn to(name: &str) -> serde_json::Value {
    json!({"ref": name})
}

/// A VPC with one subnet for nodes and a route table for it, a cluster and a node group.
fn things(subnet: serde_json::Value) -> Vec<Thing> {
    let mut subnet = subnet;
    subnet["vpc_id"] = to("Net");
    vec![
        ("vpc", "Net", json!({"cidr_block": "10.0.0.0/16"})),
        ("internet-gateway", "Igw", json!({})),
        ("nat-gateway", "Nat", json!({})),
        ("subnet", "Sub", subnet),
        ("route-table", "Rt", json!({"vpc_id": to("Net")})),
        ("route-table-association", "Assoc", json!({"subnet_id": to("Sub"), "route_table_id": to("Rt")})),
        ("eks-cluster", "Shop", json!({"name": "shop", "vpc_config": {"subnet_ids": [to("Sub")]}})),
        (
            "eks-nodegroup",
            "Ng",
            json!({"cluster_name": "shop", "subnet_ids": [to("Sub")], "scaling_config": {"desired_size": 2}}),
        ),
    ]
}

fn private() -> Vec<Thing> {
    things(json!({"cidr_block": "10.0.1.0/24"}))
}

fn route(name: &'static str, cidr: &str, gateway: (&str, &str)) -> Thing {
    let mut it = json!({"route_table_id": to("Rt"), "destination_cidr_block": cidr});
    it[gateway.0] = to(gateway.1);
    ("route", name, it)
}

fn found(tool: Tool, things: &[Thing]) -> Finding {
    World::of(tool.deployment(things)).findings(CHECK).remove(0)
}

/// What each tool's file comes to.
fn outcomes(things: &[Thing]) -> [Outcome; 3] {
    TOOLS.map(|tool| found(tool, things).outcome)
}

/// Pulumi's program may make more within an `apply`.
const NO_WAY: [Outcome; 3] = [Outcome::Fail, Outcome::Fail, Outcome::Warn];
const ALL_FAIL: [Outcome; 3] = [Outcome::Fail; 3];
const ALL_PASS: [Outcome; 3] = [Outcome::Pass; 3];
const UNTOLD: [Outcome; 3] = [Outcome::Skipped; 3];
const ALL_WARN: [Outcome; 3] = [Outcome::Warn; 3];

#[test]
fn nodes_in_a_subnet_out_of_which_no_route_leads_cannot_join() {
    assert_eq!(outcomes(&private()), NO_WAY);
    let found = found(Tool::CloudFormation, &private());
    assert!(
        found.evidence.starts_with("no route leads out of Sub, and the VPC has none"),
        "{}",
        found.evidence
    );
    assert!(found.remedy.contains("NAT gateway"));
}

#[test]
fn a_route_that_stands_apart_or_in_the_table_leads_out() {
    let mut apart = private();
    apart.push(route("R", "0.0.0.0/0", ("nat_gateway_id", "Nat")));
    assert_eq!(outcomes(&apart), ALL_PASS);
    let mut inline = private();
    inline[4].2["route"] = json!([{"cidr_block": "0.0.0.0/0", "nat_gateway_id": to("Nat")}]);
    assert_eq!([Tool::Terraform, Tool::Pulumi].map(|tool| found(tool, &inline).outcome), [Outcome::Pass; 2]);
    let mut local = private();
    local[4].2["route"] = json!([{"cidr_block": "10.0.0.0/16", "gateway_id": "local"}]);
    let outcomes_of_local = [Tool::Terraform, Tool::Pulumi].map(|tool| found(tool, &local).outcome);
    assert_eq!(outcomes_of_local, [Outcome::Fail, Outcome::Warn], "every table has it");
    for way in ["transit_gateway_id", "network_interface_id", "vpc_endpoint_id", "egress_only_gateway_id"] {
        let mut other = private();
        other.push(route("R", "0.0.0.0/0", (way, "Nat")));
        assert_eq!(outcomes(&other), ALL_PASS, "{way}");
    }
}

#[test]
fn a_route_of_ipv6_or_of_a_list_or_of_half_the_internet_may_be_meant_as_a_way_out() {
    for (name, value) in [
        ("destination_ipv6_cidr_block", json!("::/0")),
        ("destination_prefix_list_id", json!("pl-1")),
        ("destination_cidr_block", json!("0.0.0.0/1")),
        ("destination_cidr_block", to("Net")),
    ] {
        let mut things = private();
        things.push((
            "route",
            "R",
            json!({"route_table_id": to("Rt"), "nat_gateway_id": to("Nat"), name: value}),
        ));
        assert_eq!(outcomes(&things), ALL_PASS, "{name}");
    }
}

#[test]
fn a_route_to_some_networks_alone_is_a_warning() {
    let mut things = private();
    things.push(route("R", "10.0.0.0/8", ("transit_gateway_id", "Nat")));
    assert_eq!(outcomes(&things), ALL_WARN);
}

#[test]
fn a_route_in_another_table_is_no_way_out_of_this_one() {
    let mut things = private();
    things.push(("route-table", "Other", json!({"vpc_id": to("Net")})));
    things.push((
        "route",
        "R",
        json!({"route_table_id": to("Other"), "destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": to("Nat")}),
    ));
    assert_eq!(outcomes(&things), NO_WAY);
}

#[test]
fn without_an_association_the_main_table_counts() {
    let mut things = private();
    things.remove(5);
    assert_eq!(outcomes(&things), NO_WAY, "AWS makes it without a route out");
    let main: Thing = (
        "aws_main_route_table_association",
        "Main",
        json!({"vpc_id": to("Net"), "route_table_id": to("Rt")}),
    );
    let mut with_main = things.clone();
    with_main.push(main);
    assert_eq!(found(Tool::Terraform, &with_main).outcome, Outcome::Fail);
    with_main.push(route("R", "0.0.0.0/0", ("nat_gateway_id", "Nat")));
    assert_eq!(found(Tool::Terraform, &with_main).outcome, Outcome::Pass);
    let mut adopted = things.clone();
    adopted.push(("aws_default_route_table", "Default", json!({"default_route_table_id": to("Net")})));
    assert_eq!(found(Tool::Terraform, &adopted).outcome, Outcome::Skipped);
    let into_main = json!({"route_table_id": to("Net"), "destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": to("Nat")});
    things.push(("route", "R", into_main));
    assert_eq!(outcomes(&things), UNTOLD, "a route may be put into it by the VPC's attribute");
}

#[test]
fn what_writes_routes_by_itself_may_make_a_way() {
    let mut things = private();
    things.push(("aws_vpn_gateway_route_propagation", "P", json!({"route_table_id": to("Rt")})));
    assert_eq!(found(Tool::Terraform, &things).outcome, Outcome::Skipped);
    let mut things = private();
    things[4].2["propagating_vgws"] = json!(["vgw-1"]);
    assert_eq!(found(Tool::Terraform, &things).outcome, Outcome::Skipped);
    let mut things = private();
    things.push(("Custom::Routes", "Maker", json!({})));
    assert_eq!(found(Tool::CloudFormation, &things).outcome, Outcome::Warn, "nobody knows what it makes");
}

#[test]
fn a_subnet_that_stands_or_is_not_told_is_nothing_to_say_of() {
    for subnets in [json!(["subnet-1"]), json!([to("Sub"), "subnet-1"])] {
        let mut things = private();
        things[7].2["subnet_ids"] = subnets;
        let outcomes = [Tool::CloudFormation, Tool::Pulumi].map(|tool| found(tool, &things).outcome);
        assert_eq!(outcomes, [Outcome::Skipped; 2]);
    }
    for source in ["aws_ssm_parameter", "aws_cloudformation_stack", "terraform_data"] {
        let mut things = private();
        things.push((source, "X", json!({})));
        things[7].2["subnet_ids"] = json!([to("X")]);
        assert_eq!(found(Tool::Terraform, &things).outcome, Outcome::Skipped, "{source}");
        things[7].2["subnet_ids"] = json!([to("Sub"), to("X")]);
        assert_eq!(found(Tool::Terraform, &things).outcome, Outcome::Skipped, "{source} besides");
    }
    let mut things = private();
    things[5].2["route_table_id"] = json!("rtb-1");
    assert_eq!(outcomes(&things), UNTOLD, "the table stands already");
    for at in [0, 3, 4] {
        let mut things = private();
        if at == 0 {
            things.remove(5);
        }
        let mut deployment = Tool::Terraform.deployment(&things);
        deployment.items[at].change = Change::Keep;
        assert_eq!(World::of(deployment).findings(CHECK)[0].outcome, Outcome::Skipped, "{at} stands already");
    }
    let mut things = private();
    things.push(("terraform_data", "X", json!({})));
    things.push((
        "route-table-association",
        "Any",
        json!({"subnet_id": to("X"), "route_table_id": to("Rt")}),
    ));
    assert_eq!(
        found(Tool::Terraform, &things).outcome,
        Outcome::Skipped,
        "another association may be the subnet's"
    );
}

#[test]
fn a_public_subnet_that_gives_no_address_keeps_its_nodes_in() {
    let of = |subnet: serde_json::Value| {
        let mut things = things(subnet);
        things.push(route("R", "0.0.0.0/0", ("gateway_id", "Igw")));
        things
    };
    assert_eq!(outcomes(&of(json!({"cidr_block": "10.0.1.0/24"}))), ALL_FAIL);
    assert_eq!(outcomes(&of(json!({"map_public_ip_on_launch": false}))), ALL_FAIL);
    assert_eq!(outcomes(&of(json!({"map_public_ip_on_launch": true}))), ALL_PASS);
    assert_eq!(outcomes(&of(json!({"map_public_ip_on_launch": to("Net")}))), ALL_PASS);
}

#[test]
fn a_launch_template_may_give_the_address_instead() {
    let of = |interfaces: serde_json::Value| {
        let mut things = private();
        things.push(route("R", "0.0.0.0/0", ("gateway_id", "Igw")));
        things.push(("launch-template", "Lt", json!({"name": "nodes", "network_interfaces": interfaces})));
        things[7].2["launch_template"] = json!({"id": to("Lt")});
        found(Tool::Terraform, &things).outcome
    };
    assert_eq!(of(json!([{"associate_public_ip_address": "true"}])), Outcome::Pass);
    assert_eq!(of(json!([{"associate_public_ip_address": to("Net")}])), Outcome::Pass);
    assert_eq!(of(json!([{"associate_public_ip_address": "false"}])), Outcome::Fail);
    assert_eq!(of(json!([{"device_index": 0}])), Outcome::Fail);
    let second = json!([{"device_index": 1}, {"associate_public_ip_address": "true"}]);
    assert_eq!(of(second), Outcome::Pass, "one of them is enough to say nothing");
}

/// The endpoints of a private cluster.
fn endpoints(services: &[&'static str]) -> Vec<Thing> {
    let of = |service: &&'static str| {
        let name = format!("com.amazonaws.us-east-1.{service}");
        ("vpc-endpoint", *service, json!({"service_name": name, "vpc_id": to("Net")}))
    };
    services.iter().map(of).collect()
}

#[test]
fn a_private_cluster_needs_its_endpoints_and_private_access() {
    let of = |services: &[&'static str], private_access: bool| {
        let mut things = private();
        things[6].2["vpc_config"]["endpoint_private_access"] = json!(private_access);
        things.extend(endpoints(services));
        outcomes(&things)
    };
    assert_eq!(of(&NEEDED, true), ALL_PASS);
    assert_eq!(of(&["ec2", "ecr.api", "s3"], true), ALL_WARN);
    assert_eq!(of(&NEEDED, false), ALL_FAIL, "the API server is reached by the internet alone");
    assert_eq!(of(&["ec2messages", "notec2"], true), NO_WAY, "these are other services");
    let mut open = private();
    open.extend(endpoints(&["ec2"]));
    open[8].2["service_name"] = to("Net");
    assert_eq!(outcomes(&open), UNTOLD);
}

#[test]
fn a_group_without_nodes_and_a_group_of_no_cluster_need_no_way_out() {
    let mut things = private();
    things[7].2["scaling_config"] = json!({"desired_size": 0});
    assert_eq!(outcomes(&things), UNTOLD);
    let group = |tag: &str| {
        let mut things = private();
        let tags = json!([{"key": tag, "value": "owned", "propagate_at_launch": true}]);
        let group = json!({"vpc_zone_identifier": [to("Sub")], "min_size": 1, "max_size": 2, "tag": tags});
        things[7] = ("auto-scaling-group", "Asg", group);
        found(Tool::Terraform, &things).outcome
    };
    assert_eq!(group("kubernetes.io/cluster/shop"), Outcome::Fail);
    assert_eq!(group("Name"), Outcome::Skipped);
}

#[test]
fn one_of_several_subnets_without_a_way_warns_where_each_is_named() {
    let mut things = private();
    things.push(("subnet", "Sub2", json!({"cidr_block": "10.0.2.0/24", "vpc_id": to("Net")})));
    things.push(("route-table", "Rt2", json!({"vpc_id": to("Net")})));
    things.push((
        "route-table-association",
        "Assoc2",
        json!({"subnet_id": to("Sub2"), "route_table_id": to("Rt2")}),
    ));
    things.push(route("R", "0.0.0.0/0", ("nat_gateway_id", "Nat")));
    things[7].2["subnet_ids"] = json!([to("Sub"), to("Sub2")]);
    let of = |things: &[Thing]| outcomes(things);
    let untold = Outcome::Skipped;
    assert_eq!(of(&things), [untold, Outcome::Warn, Outcome::Warn], "a plan does not tell which it takes");
    let either = json!({"Fn::If": ["Small", to("Sub"), to("Sub2")]});
    let mut condition = things.clone();
    condition[7].2["subnet_ids"] = json!([either]);
    let mut document = Tool::CloudFormation.document(&condition);
    document["Parameters"] = json!({"Size": {"Type": "String"}});
    document["Conditions"] = json!({"Small": {"Fn::Equals": [{"Ref": "Size"}, "s"]}});
    let either = World::of(read(&document.to_string()));
    assert_eq!(either.findings(CHECK)[0].outcome, Outcome::Skipped, "one of the two is taken");
}

#[test]
fn the_network_of_a_module_is_followed_through_its_outputs_and_lists() {
    for (with_nat, outcome) in [(true, Outcome::Pass), (false, Outcome::Fail)] {
        let world = World::of(read(&module(with_nat).to_string()));
        assert_eq!(world.findings(CHECK)[0].outcome, outcome, "{with_nat}");
    }
}

type Json = serde_json::Value;

/// A change of a plan: the module, the resource, its index, what is known and what is not.
fn change(module: &str, of: &str, index: u64, after: Json, unknown: &[&str]) -> Json {
    let (type_name, name) = of.split_once('.').expect("type.name");
    let unknown: serde_json::Map<String, Json> =
        unknown.iter().map(|name| ((*name).to_owned(), json!(true))).collect();
    json!({
        "address": format!("{module}.{of}[{index}]"), "module_address": module, "index": index,
        "mode": "managed", "type": type_name, "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": unknown},
    })
}

/// A network as the commonest module makes it: lists by `count`, one table for all private subnets, routes apart;
/// and a node group of the commonest module of clusters.
fn changes(with_nat: bool) -> Vec<Json> {
    let of = |name: &str, index: u64, after: Json, unknown: &[&str]| {
        change("module.vpc", name, index, after, unknown)
    };
    let mut changes = vec![
        of("aws_vpc.this", 0, json!({"cidr_block": "10.0.0.0/16"}), &["id"]),
        of("aws_default_route_table.default", 0, json!({"route": []}), &["id"]),
        of("aws_internet_gateway.this", 0, json!({}), &["vpc_id"]),
        of("aws_nat_gateway.this", 0, json!({}), &["subnet_id"]),
    ];
    for at in 0..3 {
        let block = |third: u64| json!({"cidr_block": format!("10.0.{third}.0/24"), "map_public_ip_on_launch": false});
        changes.push(of("aws_subnet.private", at, block(at), &["vpc_id"]));
        changes.push(of("aws_subnet.public", at, block(at + 100), &["vpc_id"]));
        for name in ["aws_route_table_association.private", "aws_route_table_association.public"] {
            changes.push(of(name, at, json!({}), &["subnet_id", "route_table_id"]));
        }
    }
    for name in ["aws_route_table.private", "aws_route_table.public"] {
        changes.push(of(name, 0, json!({}), &["vpc_id", "route", "propagating_vgws"]));
    }
    let all = || json!({"destination_cidr_block": "0.0.0.0/0"});
    changes.push(of("aws_route.public", 0, all(), &["route_table_id", "gateway_id"]));
    if with_nat {
        changes.push(of("aws_route.private", 0, all(), &["route_table_id", "nat_gateway_id"]));
    }
    let group = json!({"scaling_config": [{"desired_size": 2}], "cluster_name": "shop"});
    changes.push(change("module.eks.module.ng[\"a\"]", "aws_eks_node_group.this", 0, group, &["subnet_ids"]));
    changes
}

/// A block of the configuration: its attributes with what they mention.
fn block(of: &str, attributes: &[(&str, &[&str])]) -> Json {
    let (type_name, name) = of.split_once('.').expect("type.name");
    let expressions: serde_json::Map<String, Json> =
        attributes.iter().map(|(name, to)| ((*name).to_owned(), json!({"references": to}))).collect();
    json!({
        "address": of, "mode": "managed", "type": type_name, "name": name, "provider_config_key": "aws",
        "expressions": expressions, "count_expression": {"references": ["local.n"]},
    })
}

fn blocks() -> Vec<Json> {
    let in_vpc: (&str, &[&str]) = ("vpc_id", &["aws_vpc.this[0].id", "aws_vpc.this[0]", "aws_vpc.this"]);
    let internet =
        ["aws_internet_gateway.this[0].id", "aws_internet_gateway.this[0]", "aws_internet_gateway.this"];
    let private = ["aws_route_table.private", "var.single_nat_gateway", "count.index"];
    let public = ["aws_route_table.public", "count.index"];
    let table = "route_table_id";
    let of_subnets = |of: &str, subnets: &str, tables: &[&str]| {
        block(of, &[("subnet_id", &[subnets, "count.index"]), (table, tables)])
    };
    vec![
        block("aws_vpc.this", &[]),
        block("aws_default_route_table.default", &[]),
        block("aws_internet_gateway.this", &[in_vpc]),
        block("aws_nat_gateway.this", &[("subnet_id", &["aws_subnet.public", "count.index"])]),
        block("aws_subnet.private", &[in_vpc]),
        block("aws_subnet.public", &[in_vpc]),
        block("aws_route_table.private", &[in_vpc]),
        block("aws_route_table.public", &[in_vpc]),
        of_subnets("aws_route_table_association.private", "aws_subnet.private", &private),
        of_subnets("aws_route_table_association.public", "aws_subnet.public", &public),
        block("aws_route.public", &[(table, &public), ("gateway_id", &internet)]),
        block(
            "aws_route.private",
            &[(table, &private), ("nat_gateway_id", &["aws_nat_gateway.this", "count.index"])],
        ),
    ]
}

fn module(with_nat: bool) -> Json {
    let to = |names: &[&str]| json!({"references": names});
    let group = block("aws_eks_node_group.this", &[("subnet_ids", &["var.subnet_ids"])]);
    let call = json!({
        "module": {"resources": [group]}, "for_each_expression": to(&["var.groups"]),
        "expressions": {"subnet_ids": to(&["each.value.subnet_ids", "each.value", "var.subnet_ids"])},
    });
    let eks = json!({
        "expressions": {"subnet_ids": to(&["module.vpc.private_subnets", "module.vpc"])},
        "module": {"module_calls": {"ng": call}},
    });
    let outputs = json!({"private_subnets": {"expression": to(&["aws_subnet.private"])}});
    let vpc = json!({"module": {"resources": blocks(), "outputs": outputs}});
    let provider =
        json!({"aws": {"name": "aws", "expressions": {"region": {"constant_value": "us-east-1"}}}});
    let root = json!({"module_calls": {"vpc": vpc, "eks": eks}});
    json!({
        "format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": changes(with_nat),
        "configuration": {"provider_config": provider, "root_module": root},
    })
}
