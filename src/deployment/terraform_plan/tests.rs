mod kin;
mod traces;

use std::collections::BTreeMap;

use serde_json::{Value as Raw, json};

use super::*;
use crate::deployment::{Alone, Change, ReplaceOrder, Value};
use crate::model::Region;

fn read_raw(plan: &Raw) -> Result<Deployment, ReadError> {
    let bytes = plan.to_string();
    let parameters = BTreeMap::new();
    crate::deployment::file::read(&Input {
        source: "plan.json",
        bytes: bytes.as_bytes(),
        beside: &Alone,
        region: None,
        parameters: &parameters,
    })
}

fn item_of<'a>(deployment: &'a Deployment, address: &str) -> &'a Item {
    deployment.items.iter().find(|item| item.address == address).expect(address)
}

fn region(name: &str) -> Option<Region> {
    Some(Region::new(name))
}

/// A change of an instance: `index` null where there is one only.
fn change(module: &str, of: &str, index: &Raw, change: Raw) -> Raw {
    let (type_name, name) = of.split_once('.').expect("type.name");
    let place = if module.is_empty() { of.to_owned() } else { format!("{module}.{of}") };
    let address = if index.is_null() { place } else { format!("{place}[{index}]") };
    let mut it = json!({
        "address": address, "mode": "managed", "type": type_name, "name": name, "change": change,
        "provider_name": "registry.terraform.io/hashicorp/aws",
    });
    if !index.is_null() {
        it["index"] = index.clone();
    }
    if !module.is_empty() {
        it["module_address"] = json!(module);
    }
    it
}

fn made(after: Raw, unknown: Raw) -> Raw {
    json!({"actions": ["create"], "before": null, "after": after, "after_unknown": unknown})
}

fn block(of: &str, expressions: Raw) -> Raw {
    let (type_name, name) = of.split_once('.').expect("type.name");
    json!({
        "address": of, "mode": "managed", "type": type_name, "name": name, "provider_config_key": "aws",
        "expressions": expressions,
    })
}

fn plan(changes: Vec<Raw>, root: Raw) -> Raw {
    json!({
        "format_version": "1.2",
        "variables": {"region": {"value": "eu-west-1"}, "zones": {"value": ["eu-west-1a", "eu-west-1b"]}},
        "resource_changes": changes,
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "expressions": {
                "region": {"references": ["var.region"]}, "access_key": {"constant_value": "AKIAHUNTER2"},
            }}},
            "root_module": root,
        },
        "complete": true, "errored": false,
    })
}

#[test]
fn terraforms_actions_are_these_changes() {
    for (actions, meant) in [
        (json!(["no-op"]), Change::Keep),
        (json!(["read"]), Change::Keep),
        (json!(["forget"]), Change::Keep),
        (json!(["create"]), Change::Create),
        (json!(["create", "forget"]), Change::Create),
        (json!(["update"]), Change::Update),
        (json!(["delete"]), Change::Delete),
        (json!(["delete", "create"]), Change::Replace(ReplaceOrder::DeleteFirst)),
        (json!(["create", "delete"]), Change::Replace(ReplaceOrder::CreateFirst)),
    ] {
        let one = change("", "aws_vpc.a", &Raw::Null, json!({"actions": actions}));
        let deployment = read_raw(&plan(vec![one], json!({}))).expect("a plan");
        assert_eq!(deployment.items[0].change, meant, "{actions}");
        assert_eq!(deployment.items[0].kind.as_ref().map(|kind| kind.as_str()), Some("vpc"));
    }
    for odd in [json!([]), json!(["invent"]), json!(["create", "update"])] {
        let one = change("", "aws_vpc.a", &Raw::Null, json!({"actions": odd}));
        let error = read_raw(&plan(vec![one], json!({}))).expect_err("unknown");
        assert!(matches!(error, ReadError::Broken { .. }), "{error}");
    }
}

#[test]
fn what_is_imported_is_there_already() {
    for actions in [json!(["no-op"]), json!(["update"])] {
        let change_ = json!({"actions": actions, "importing": {"id": "vpc-1"}});
        let deployment = read_raw(&plan(vec![change("", "aws_vpc.a", &Raw::Null, change_)], json!({})));
        assert_eq!(deployment.expect("a plan").items[0].change, Change::Keep);
    }
    let anew = json!({"actions": ["delete", "create"], "importing": {"id": "vpc-1"}});
    let deployment = read_raw(&plan(vec![change("", "aws_vpc.a", &Raw::Null, anew)], json!({})));
    assert!(deployment.expect("a plan").items[0].change.makes(), "imported, and then made anew");
}

#[test]
fn a_data_source_makes_nothing_and_a_deposed_object_is_a_deletion_of_its_own() {
    let mut data = change("", "aws_vpc.a", &Raw::Null, json!({"actions": ["read"]}));
    data["mode"] = json!("data");
    let mut deposed = change("", "aws_vpc.b", &Raw::Null, json!({"actions": ["delete"]}));
    deposed["deposed"] = json!("1800718f");
    let kept = change("", "aws_vpc.b", &Raw::Null, json!({"actions": ["no-op"]}));
    let deployment = read_raw(&plan(vec![data, deposed, kept], json!({}))).expect("a plan");
    let found: Vec<_> = deployment.items.iter().map(|item| (item.address.as_str(), item.change)).collect();
    assert_eq!(found, [("aws_vpc.b (deposed object 1800718f)", Change::Delete), ("aws_vpc.b", Change::Keep)]);
}

#[test]
fn versions_with_a_known_major_are_read_and_no_others() {
    for (version, known) in [("0.1", true), ("0.2", true), ("1.0", true), ("1.99", true)] {
        let mut it = plan(vec![], json!({}));
        it["format_version"] = json!(version);
        assert_eq!(read_raw(&it).is_ok(), known, "{version}");
    }
    for version in ["2.0", "10.0", "", "x"] {
        let mut it = plan(vec![], json!({}));
        it["format_version"] = json!(version);
        let error = read_raw(&it).expect_err(version);
        assert!(matches!(error, ReadError::UnknownVersion { .. }), "{version}: {error}");
    }
}

#[test]
fn a_plan_of_a_failed_run_is_refused_and_an_incomplete_one_is_open() {
    let mut it = plan(vec![], json!({}));
    it["errored"] = json!(true);
    assert!(matches!(read_raw(&it), Err(ReadError::Errored { .. })));
    let mut it = plan(vec![], json!({}));
    assert!(read_raw(&it).expect("a plan").uncounted.is_empty());
    it["complete"] = json!(false);
    assert_eq!(read_raw(&it).expect("a plan").uncounted[0].weight, Weight::Open);
    it["deferred_changes"] = json!([{"reason": "unknown", "resource_change": {
        "address": "aws_eip.a[*]", "mode": "managed", "change": {"actions": ["create"]},
    }}]);
    let uncounted = read_raw(&it).expect("a plan").uncounted;
    assert_eq!(uncounted.len(), 1);
    assert_eq!((uncounted[0].what.as_str(), uncounted[0].weight), ("aws_eip.a[*]", Weight::Open));
}

fn nat_and_subnets(nats: usize, index_of_subnet: fn(usize) -> Raw, references: Raw) -> Deployment {
    let mut changes = Vec::new();
    for at in 0..2 {
        let zone = format!("eu-west-1{}", ["a", "b"][at]);
        let after = made(json!({"availability_zone": zone}), json!({"id": true}));
        changes.push(change("", "aws_subnet.public", &index_of_subnet(at), after));
    }
    for at in 0..nats {
        let after = made(json!({"connectivity_type": "public"}), json!({"subnet_id": true}));
        changes.push(change("", "aws_nat_gateway.nat", &json!(at), after));
    }
    let resources = [
        block("aws_subnet.public", json!({})),
        block("aws_nat_gateway.nat", json!({"subnet_id": {"references": references}})),
    ];
    read_raw(&plan(changes, json!({"resources": resources}))).expect("a plan")
}

#[test]
fn an_unknown_attribute_comes_from_the_instance_of_the_same_index_where_there_are_as_many() {
    let of = |deployment: &Deployment, at: usize| {
        let address = format!("aws_nat_gateway.nat[{at}]");
        item_of(deployment, &address).properties.at("subnet_id").sources().to_vec()
    };
    let by_number = nat_and_subnets(2, |at| json!(at), json!(["aws_subnet.public", "count.index"]));
    assert_eq!(of(&by_number, 1), ["aws_subnet.public[1]"]);
    let fewer = nat_and_subnets(1, |at| json!(at), json!(["aws_subnet.public", "count.index"]));
    assert_eq!(of(&fewer, 0), ["aws_subnet.public[0]", "aws_subnet.public[1]"], "the counts differ");
    let without = nat_and_subnets(2, |at| json!(at), json!(["aws_subnet.public", "local.x"]));
    assert_eq!(of(&without, 0).len(), 2, "the index is not mentioned");
    let fixed = json!(["aws_subnet.public[0].id", "aws_subnet.public[0]", "aws_subnet.public"]);
    let fixed = nat_and_subnets(2, |at| json!(at), fixed);
    assert_eq!(of(&fixed, 1), ["aws_subnet.public[0]"]);
    let by_zone = |at: usize| json!(["eu-west-1a", "eu-west-1b"][at]);
    let listed = nat_and_subnets(2, by_zone, json!(["aws_subnet.public", "var.zones", "count.index"]));
    assert_eq!(of(&listed, 1), ["aws_subnet.public[\"eu-west-1b\"]"]);
    let other = nat_and_subnets(2, by_zone, json!(["aws_subnet.public", "local.zones", "count.index"]));
    assert_eq!(of(&other, 1).len(), 2, "nothing tells the order of the keys");
}

#[test]
fn a_reference_is_followed_through_variables_and_outputs_of_modules() {
    let changes = vec![
        change("module.vpc", "aws_subnet.private", &json!(0), made(json!({}), json!({"id": true}))),
        change("module.vpc", "aws_subnet.private", &json!(1), made(json!({}), json!({"id": true}))),
        change(
            "module.eks[\"a.b\"]",
            "aws_eks_cluster.this",
            &Raw::Null,
            made(json!({"vpc_config": [{}]}), json!({"vpc_config": [{"subnet_ids": true}]})),
        ),
        change("", "helm_release.app", &Raw::Null, made(json!({"name": "app"}), json!({}))),
    ];
    let cluster = block(
        "aws_eks_cluster.this",
        json!({"vpc_config": [{"subnet_ids": {"references": ["var.subnet_ids"]}}]}),
    );
    let output = json!({"expression": {"references": ["aws_subnet.private"]}});
    let mut release = block("helm_release.app", json!({"name": {"constant_value": "app"}}));
    release["depends_on"] = json!(["module.eks"]);
    let root = json!({
        "resources": [release],
        "module_calls": {
            "vpc": {"module": {
                "outputs": {"private_subnets": output},
                "resources": [block("aws_subnet.private", json!({}))],
            }},
            "eks": {
                "expressions": {"subnet_ids": {"references": ["module.vpc.private_subnets", "module.vpc"]}},
                "module": {"resources": [cluster], "variables": {"subnet_ids": {}}},
            },
        },
    });
    let deployment = read_raw(&plan(changes, root)).expect("a plan");
    let cluster = item_of(&deployment, "module.eks[\"a.b\"].aws_eks_cluster.this");
    let subnets = ["module.vpc.aws_subnet.private[0]", "module.vpc.aws_subnet.private[1]"];
    assert_eq!(cluster.properties.at("vpc_config.subnet_ids").sources(), subnets);
    assert_eq!(cluster.after, subnets);
    assert_eq!(item_of(&deployment, "helm_release.app").after, [cluster.address.as_str()]);
    assert_eq!(item_of(&deployment, "helm_release.app").region, None, "Helm has no region");
}

#[test]
fn a_circle_of_references_ends() {
    let root = json!({
        "resources": [block("aws_eip.a", json!({"instance": {"references": ["module.m.o"]}}))],
        "module_calls": {"m": {
            "expressions": {"v": {"references": ["module.m.o", "module.m.o"]}},
            "module": {
                "outputs": {"o": {"expression": {"references": ["var.v", "var.v"]}}},
                "resources": [block("aws_vpc.v", json!({}))],
            },
        }},
    });
    let changes = vec![
        change("module.m", "aws_vpc.v", &Raw::Null, made(json!({}), json!({}))),
        change("", "aws_eip.a", &Raw::Null, made(json!({}), json!({"instance": true}))),
    ];
    let deployment = read_raw(&plan(changes, root)).expect("a plan");
    assert!(item_of(&deployment, "aws_eip.a").properties.at("instance").sources().is_empty());
}

#[test]
fn what_is_sensitive_is_a_secret_and_no_secret_is_kept() {
    let one = json!({
        "actions": ["create"], "before": null,
        "after": {"name": "hunter2", "password": "hunter2", "user_data": "hunter2", "image_id": "ami-1",
            "tags": {"a": "hunter2", "b": "c"}},
        "after_unknown": {"user_data": true},
        "after_sensitive": {"name": true, "user_data": true, "tags": {"a": true}},
    });
    let deployment = read_raw(&plan(vec![change("", "aws_launch_template.a", &Raw::Null, one)], json!({})));
    let properties = deployment.expect("a plan").items[0].properties.clone();
    for path in ["name", "user_data", "tags.a"] {
        assert_eq!(properties.at(path), &Value::Secret, "{path}");
    }
    assert_eq!(properties.at("tags.b").as_text(), Some("c"));
    assert_eq!(properties.at("password"), &Value::Null);
    assert!(!format!("{properties:?}").contains("hunter2"));
}

#[test]
fn an_error_never_repeats_the_plan() {
    let mut broken = plan(vec![], json!({}));
    broken["resource_changes"] = json!([{"address": 7, "secret": "hunter2"}, "hunter2"]);
    let error = read_raw(&broken).expect_err("broken");
    assert!(!error.to_string().contains("hunter2"), "{error}");
    broken["resource_changes"] = json!("hunter2");
    let error = read_raw(&broken).expect_err("broken");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

/// An Elastic IP of a provider, of a module perhaps, in a configuration.
fn eip(module: &str, key: &str, providers: Raw, calls: Raw) -> Raw {
    let one = change(module, "aws_eip.a", &Raw::Null, made(json!({}), json!({})));
    let mut resource = block("aws_eip.a", json!({}));
    resource["provider_config_key"] = json!(key);
    let mut root = json!({"resources": [], "module_calls": calls});
    match module {
        "" => root["resources"] = json!([resource]),
        _ => root["module_calls"]["m"]["module"]["resources"] = json!([resource]),
    }
    let mut it = plan(vec![one], root);
    it["configuration"]["provider_config"] = providers;
    it
}

fn region_of(plan: &Raw) -> Option<Region> {
    read_raw(plan).expect("a plan").items[0].region.clone()
}

fn named(key: &str, region: Raw) -> Raw {
    json!({key: {"name": "aws", "expressions": {"region": region}}})
}

#[test]
fn a_providers_region_is_a_constant_or_exactly_a_variable() {
    let of = |region: Raw| region_of(&eip("", "aws", named("aws", region), json!({})));
    assert_eq!(of(json!({"constant_value": "us-west-2"})), region("us-west-2"));
    assert_eq!(of(json!({"references": ["var.region"]})), region("eu-west-1"));
    for open in [
        json!({"references": ["var.region", "var.zones"]}),
        json!({"references": ["local.region"]}),
        json!({"references": ["var.zones"]}),
        json!({"references": ["var.missing"]}),
        json!({"constant_value": "everywhere"}),
        json!({}),
    ] {
        assert_eq!(of(open.clone()), None, "{open}");
    }
}

#[test]
fn a_default_in_a_variables_block_counts_where_nobody_says_otherwise() {
    let mut it = eip("", "aws", named("aws", json!({"references": ["var.place"]})), json!({}));
    it["configuration"]["root_module"]["variables"] = json!({"place": {"default": "sa-east-1"}});
    assert_eq!(region_of(&it), region("sa-east-1"));
    it["variables"]["place"] = json!({"value": "us-east-2"});
    assert_eq!(region_of(&it), region("us-east-2"));
}

#[test]
fn a_module_that_was_given_a_provider_has_its_region_only_if_all_agree() {
    let west = json!({"constant_value": "us-west-2"});
    let one = named("aws", west.clone());
    assert_eq!(region_of(&eip("module.m", "m:aws", one.clone(), json!({"m": {}}))), region("us-west-2"));
    assert_eq!(region_of(&eip("module.m", "aws", one.clone(), json!({"m": {}}))), region("us-west-2"));
    let mut two = one.clone();
    two["aws.east"] = named("x", json!({"constant_value": "us-east-1"}))["x"].clone();
    assert_eq!(region_of(&eip("module.m", "m:aws", two.clone(), json!({"m": {}}))), None);
    assert_eq!(region_of(&eip("module.m", "aws.east", two, json!({"m": {}}))), region("us-east-1"));
    let mut open = one;
    open["aws.east"] = json!({"name": "aws"});
    assert_eq!(region_of(&eip("module.m", "m:aws", open, json!({"m": {}}))), None);
    let own = json!({"module.m:aws": {
        "name": "aws", "module_address": "module.m",
        "expressions": {"region": {"references": ["var.where"]}},
    }});
    let call = json!({"m": {"expressions": {"where": {"references": ["var.region"]}}}});
    assert_eq!(region_of(&eip("module.m", "module.m:aws", own, call)), region("eu-west-1"));
}

#[test]
fn where_the_environment_names_the_region_zones_and_arns_tell_it() {
    let mut it = eip("", "aws", json!({"aws": {"name": "aws"}}), json!({}));
    assert_eq!(region_of(&it), None);
    let mut subnet = |zone: &str| {
        let after = made(json!({"availability_zone": zone}), json!({}));
        let root = &mut it["configuration"]["root_module"]["resources"];
        root.as_array_mut().expect("a list").push(block("aws_subnet.b", json!({})));
        let changes = it["resource_changes"].as_array_mut().expect("a list");
        changes.push(change("", "aws_subnet.b", &Raw::Null, after));
        region_of(&it)
    };
    assert_eq!(subnet("ap-south-1a"), region("ap-south-1"));
    assert_eq!(subnet("eu-west-1a"), None, "they disagree");
}

#[test]
fn a_resources_own_region_goes_before_its_providers() {
    let mut it = eip("", "aws", named("aws", json!({"constant_value": "us-west-2"})), json!({}));
    it["resource_changes"][0]["change"]["after"] = json!({"region": "us-east-1"});
    assert_eq!(region_of(&it), region("us-east-1"));
    it["resource_changes"][0]["type"] = json!("aws_iam_role");
    assert_eq!(region_of(&it), Some(Region::global()));
}

#[test]
fn the_account_is_what_the_caller_and_the_arns_of_what_is_there_say() {
    let arn = |account: &str| format!("arn:aws:ec2:eu-west-1:{account}:vpc/vpc-1");
    let kept = |arn: &str| {
        let state = json!({"arn": arn, "policy_arn": "arn:aws:iam::999999999999:policy/other"});
        let change_ = json!({"actions": ["no-op"], "before": state, "after": state});
        change("", "aws_vpc.a", &Raw::Null, change_)
    };
    let of = |plan: &Raw| {
        let deployment = read_raw(plan).expect("a plan");
        (deployment.account.map(|it| it.as_str().to_owned()), deployment.uncounted.len())
    };
    let mut it = plan(vec![kept(&arn("111111111111"))], json!({}));
    assert_eq!(of(&it), (Some("111111111111".into()), 0));
    it["prior_state"] = json!({"values": {"root_module": {"child_modules": [{"resources": [
        {"type": "aws_caller_identity", "mode": "data", "values": {"account_id": "222222222222"}},
    ]}]}}});
    assert_eq!(of(&it), (None, 1), "two accounts are none, and that is said");
    assert!(read_raw(&it).expect("a plan").is_of_several_accounts());
    it["resource_changes"] = json!([]);
    assert_eq!(of(&it), (Some("222222222222".into()), 0));
    let mut first = plan(vec![kept("arn:aws:iam::aws:policy/x")], json!({}));
    assert_eq!(of(&first), (None, 0));
    let settings = &mut first["configuration"]["provider_config"]["aws"]["expressions"];
    settings["allowed_account_ids"] = json!({"constant_value": ["333333333333"]});
    assert_eq!(of(&first), (Some("333333333333".into()), 0));
    let settings = &mut first["configuration"]["provider_config"]["aws"]["expressions"];
    settings["assume_role"] =
        json!([{"role_arn": {"constant_value": "arn:aws:iam::444444444444:role/deploy"}}]);
    assert_eq!(of(&first), (Some("444444444444".into()), 0));
}

#[test]
fn what_is_wrapped_in_another_attribute_stands_as_everywhere() {
    let manifest = json!({"manifest": {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "ca"},
        "spec": {"template": {"spec": {"containers": [{"image": "ca:v1.30.0", "env": [{"value": "hunter2"}]}]}}}}});
    let template = json!({"launch_template_name": "n", "launch_template_data": {"image_id": "ami-1"},
        "tags": [{"key": "Project", "value": "shop"}]});
    let deployment = read_raw(&plan(
        vec![
            change("", "kubernetes_manifest.ca", &Raw::Null, made(manifest, json!({}))),
            change(
                "",
                "awscc_ec2_launch_template.a",
                &Raw::Null,
                made(template, json!({"launch_template_data": {"user_data": true}})),
            ),
        ],
        json!({}),
    ))
    .expect("a plan");
    let ca = &deployment.items[0].properties;
    assert_eq!(ca.at("spec.template.spec.container.image").as_text(), Some("ca:v1.30.0"));
    assert_eq!(ca.at("spec.template.spec.container.env"), &Value::Secret);
    assert_eq!(ca.at("kind").as_text(), Some("Deployment"));
    let template = &deployment.items[1].properties;
    assert_eq!(template.at("name").as_text(), Some("n"));
    assert_eq!(template.at("image_id").as_text(), Some("ami-1"));
    assert!(template.at("user_data").is_open());
    assert_eq!(template.at("tags.Project").as_text(), Some("shop"));
}

#[test]
fn each_value_comes_from_what_is_gone_through() {
    let zones = ["a", "b"];
    let mut changes: Vec<Raw> = zones
        .iter()
        .map(|zone| change("", "aws_subnet.s", &json!(zone), made(json!({}), json!({"id": true}))))
        .collect();
    changes.extend(zones.iter().map(|zone| {
        change("", "aws_nat_gateway.n", &json!(zone), made(json!({}), json!({"subnet_id": true})))
    }));
    let mut nat =
        block("aws_nat_gateway.n", json!({"subnet_id": {"references": ["each.value.id", "each.value"]}}));
    nat["for_each_expression"] = json!({"references": ["aws_subnet.s"]});
    let root = json!({"resources": [block("aws_subnet.s", json!({})), nat]});
    let deployment = read_raw(&plan(changes, root)).expect("a plan");
    let nat = item_of(&deployment, "aws_nat_gateway.n[\"b\"]");
    assert_eq!(nat.properties.at("subnet_id").sources(), ["aws_subnet.s[\"b\"]"]);
}

#[test]
fn what_is_deleted_is_told_as_it_was() {
    let before =
        json!({"id": "nat-1", "subnet_id": "subnet-1", "arn": "arn:aws:ec2:us-east-2:111111111111:x"});
    let gone = json!({"actions": ["delete"], "before": before, "after": null});
    let mut it = plan(vec![change("", "aws_nat_gateway.n", &Raw::Null, gone)], json!({}));
    it["configuration"] = json!({});
    let deployment = read_raw(&it).expect("a plan");
    assert_eq!(deployment.items[0].properties.at("subnet_id").as_text(), Some("subnet-1"));
    assert_eq!(deployment.items[0].region, region("us-east-2"), "its ARN is the last evidence");
}

#[test]
fn a_plan_without_its_configuration_says_that_it_does_not_tell_what_waits_for_what() {
    let of = |configuration: Option<Raw>| {
        let made =
            change("", "aws_vpc.v", &Raw::Null, json!({"actions": ["create"], "before": null, "after": {}}));
        let mut it = plan(vec![made], json!({"resources": [block("aws_vpc.v", json!({}))]}));
        if let Some(configuration) = configuration {
            it["configuration"] = configuration;
        }
        read_raw(&it).expect("a plan").tells_order()
    };
    assert!(of(None));
    assert!(!of(Some(json!({}))));
}

#[test]
fn what_changes_tells_how_it_was_and_no_secret() {
    let sizes = |size: u64| json!({"scaling_config": [{"desired_size": size}], "tags": {"k": "hunter2"}});
    let mut update = json!({"actions": ["update"], "before": sizes(3), "after": sizes(9)});
    update["before_sensitive"] = json!({"tags": true});
    let node_group = change("", "aws_eks_node_group.a", &Raw::Null, update);
    let made = change("", "aws_eks_node_group.b", &Raw::Null, made(sizes(1), json!({})));
    let deployment = read_raw(&plan(vec![node_group, made], json!({}))).expect("a plan");
    let item = item_of(&deployment, "aws_eks_node_group.a");
    assert_eq!(item.before.at("scaling_config.desired_size").as_count(), Some(3));
    assert_eq!(item.properties.at("scaling_config.desired_size").as_count(), Some(9));
    assert_eq!(item.before.at("tags"), &Value::Secret);
    assert_eq!(item_of(&deployment, "aws_eks_node_group.b").before, Value::Null);
}

#[test]
fn what_a_stack_or_a_fleet_makes_is_left_open() {
    for (of, actions, open) in [
        ("aws_cloudformation_stack.a", json!(["create"]), 1),
        ("aws_spot_fleet_request.a", json!(["create"]), 1),
        ("aws_cloudformation_stack.a", json!(["no-op"]), 0),
        ("aws_vpc.a", json!(["create"]), 0),
    ] {
        let one = change("", of, &Raw::Null, json!({"actions": actions}));
        let deployment = read_raw(&plan(vec![one], json!({}))).expect("a plan");
        let found = deployment.uncounted.iter().filter(|it| it.weight == Weight::Open && it.what == of);
        assert_eq!(found.count(), open, "{of} {actions}");
    }
}

#[test]
fn a_part_of_each_value_may_name_any_other() {
    let make = |of: &str, key: &str| change("", of, &json!(key), made(json!({}), json!({"subnet_id": true})));
    let changes =
        ["a", "b"].iter().flat_map(|key| [make("aws_subnet.s", key), make("aws_nat_gateway.n", key)]);
    let changes: Vec<Raw> = changes.collect();
    for (index, found) in [("each.key", 1), ("each.value", 1), ("each.value.subnet", 2)] {
        let references = json!({"subnet_id": {"references": ["aws_subnet.s", index]}});
        let blocks = [block("aws_subnet.s", json!({})), block("aws_nat_gateway.n", references)];
        let deployment = read_raw(&plan(changes.clone(), json!({"resources": blocks}))).expect("a plan");
        let gateway = item_of(&deployment, "aws_nat_gateway.n[\"a\"]");
        assert_eq!(gateway.properties.at("subnet_id").sources().len(), found, "{index}");
    }
}

#[test]
fn a_provider_of_each_region_is_in_none_that_another_item_tells() {
    let subnet =
        change("", "aws_subnet.s", &Raw::Null, made(json!({"availability_zone": "us-east-1a"}), json!({})));
    let eip = change("", "aws_eip.e", &Raw::Null, made(json!({}), json!({})));
    let blocks = [block("aws_subnet.s", json!({})), block("aws_eip.e", json!({}))];
    let mut plan = plan(vec![subnet, eip], json!({"resources": blocks}));
    let region = |plan: &Raw| item_of(&read_raw(plan).expect("a plan"), "aws_eip.e").region.clone();
    plan["configuration"]["provider_config"]["aws"]["expressions"] =
        json!({"region": {"references": ["local.r"]}});
    assert_eq!(region(&plan), Some(Region::new("us-east-1")));
    let each = json!({"region": {"references": ["each.value", "each.key"]}});
    plan["configuration"]["provider_config"]["aws"]["expressions"] = each;
    assert_eq!(region(&plan), None);
}

#[test]
fn what_is_made_in_two_accounts_is_open_and_in_one_of_them_is_of_that_one() {
    let role = |account: &str| {
        let arn = format!("arn:aws:iam::{account}:role/deploy");
        json!({"region": {"constant_value": "eu-west-1"}, "assume_role": [{"role_arn": {"constant_value": arn}}]})
    };
    let eip = |name: &str, actions: Raw| {
        change("", &format!("aws_eip.{name}"), &Raw::Null, json!({"actions": actions}))
    };
    let mut there = block("aws_eip.b", json!({}));
    there["provider_config_key"] = json!("aws.b");
    let of = |actions: Raw| {
        let changes = vec![eip("a", json!(["create"])), eip("b", actions)];
        let blocks = [block("aws_eip.a", json!({})), there.clone()];
        let mut it = plan(changes, json!({"resources": blocks}));
        let providers = &mut it["configuration"]["provider_config"];
        providers["aws"]["expressions"] = role("111111111111");
        providers["aws.b"] = json!({"name": "aws", "alias": "b", "expressions": role("222222222222")});
        let deployment = read_raw(&it).expect("a plan");
        (deployment.account.map(|it| it.as_str().to_owned()), deployment.uncounted[0].weight)
    };
    assert_eq!(of(json!(["create"])), (None, Weight::Open));
    assert_eq!(of(json!(["no-op"])), (Some("111111111111".into()), Weight::Remark));
}

#[test]
fn a_module_that_makes_nothing_hands_on_what_it_was_given() {
    let cluster = change("", "aws_eks_cluster.c", &Raw::Null, made(json!({}), json!({"endpoint": true})));
    let unknown = made(json!({"image_id": "ami-1"}), json!({"user_data": true}));
    let template = change("", "aws_launch_template.t", &Raw::Null, unknown);
    let of = |given: &str, hands_out: &str, each: Raw| {
        let given = json!({"references": [given]});
        let mut call = json!({
            "expressions": {"endpoint": given},
            "module": {"outputs": {"text": {"expression": {"references": [hands_out]}}}},
        });
        if !each.is_null() {
            call["for_each_expression"] = each;
        }
        let blocks = [
            block("aws_eks_cluster.c", json!({})),
            block(
                "aws_launch_template.t",
                json!({"user_data": {"references": ["module.u.text", "module.u"]}}),
            ),
        ];
        let root = json!({"resources": blocks, "module_calls": {"u": call}});
        let deployment = read_raw(&plan(vec![cluster.clone(), template.clone()], root)).expect("a plan");
        let template = item_of(&deployment, "aws_launch_template.t");
        (template.properties.at("user_data").sources().to_vec(), template.after.clone())
    };
    let whole = (vec!["aws_eks_cluster.c".to_owned()], vec!["aws_eks_cluster.c".to_owned()]);
    assert_eq!(of("aws_eks_cluster.c", "var.endpoint", Raw::Null), whole);
    let (through_a_local, _) = of("aws_eks_cluster.c", "local.text", Raw::Null);
    assert_eq!(through_a_local, whole.0);
    assert_eq!(of("var.region", "var.endpoint", Raw::Null).0, [""; 0]);
    let several = of("aws_eks_cluster.c", "var.endpoint", json!({"references": ["var.zones"]}));
    assert_eq!(several, (Vec::new(), Vec::new()), "its instances are not known");
}

#[test]
fn a_version_that_a_data_source_asks_eks_for_is_told_by_that() {
    let addon = change("", "aws_eks_addon.a", &Raw::Null, made(json!({}), json!({"addon_version": true})));
    let of = |data: &str| {
        let expressions = json!({"addon_version": {"references": [format!("{data}.version"), data]}});
        let root = json!({"resources": [block("aws_eks_addon.a", expressions)]});
        let deployment = read_raw(&plan(vec![addon.clone()], root)).expect("a plan");
        item_of(&deployment, "aws_eks_addon.a").properties.at("addon_version").sources().to_vec()
    };
    assert_eq!(of("data.aws_eks_addon_version.this[\"x\"]"), ["data.aws_eks_addon_version.this"]);
    assert_eq!(of("data.aws_ssm_parameter.this"), [""; 0]);
}

#[test]
fn a_data_source_is_told_through_the_variable_that_hands_it_in() {
    let unknown = || made(json!({}), json!({"addon_version": true}));
    let addons =
        ["a", "b"].map(|name| change("module.m", &format!("aws_eks_addon.{name}"), &Raw::Null, unknown()));
    let from_variable = json!({"addon_version": {"references": ["var.version"]}});
    let call = json!({
        "expressions": {"version": {"references": ["data.aws_eks_addon_version.this.version"]}},
        "module": {"resources": [
            block("aws_eks_addon.a", from_variable.clone()),
            block("aws_eks_addon.b", from_variable),
        ]},
    });
    let deployment = read_raw(&plan(addons.to_vec(), json!({"module_calls": {"m": call}}))).expect("a plan");
    for name in ["a", "b"] {
        let addon = item_of(&deployment, &format!("module.m.aws_eks_addon.{name}"));
        let sources = addon.properties.at("addon_version").sources();
        assert_eq!(sources, ["data.aws_eks_addon_version.this"], "{name}");
    }
}
