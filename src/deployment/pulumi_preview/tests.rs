use std::collections::BTreeMap;

use serde_json::{Value as Raw, json};

use super::*;
use crate::deployment::{Alone, Change, Item, ReplaceOrder, Value, Weight};
use crate::model::Region;

const UNKNOWN: &str = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const AWS: &str = "urn:pulumi:dev::shop::pulumi:providers:aws";
const VPC: &str = "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::main";

fn read_raw(preview: &Raw) -> Result<Deployment, ReadError> {
    let bytes = preview.to_string();
    let parameters = BTreeMap::new();
    crate::deployment::file::read(&Input {
        source: "preview.json",
        bytes: bytes.as_bytes(),
        beside: &Alone,
        region: None,
        parameters: &parameters,
    })
}

fn preview(steps: Vec<Raw>) -> Raw {
    json!({"config": {"aws:region": "eu-west-1"}, "steps": steps, "duration": 1, "changeSummary": {"create": 99}})
}

fn items(steps: Vec<Raw>) -> Vec<Item> {
    read_raw(&preview(steps)).expect("a preview").items
}

/// A step on a resource whose state before and after is the same.
fn step(op: &str, urn: &str, inputs: Raw) -> Raw {
    let state = json!({"urn": urn, "custom": true, "inputs": inputs, "provider": format!("{AWS}::default_6::{UNKNOWN}")});
    let mut it = json!({"op": op, "urn": urn});
    if !matches!(op, "create" | "create-replacement") {
        it["oldState"] = state.clone();
    }
    if !matches!(op, "delete" | "delete-replaced") {
        it["newState"] = state;
    }
    it
}

fn changes(ops: &[&str]) -> Vec<(String, Change)> {
    let steps = ops.iter().map(|op| step(op, VPC, json!({}))).collect();
    items(steps).into_iter().map(|item| (item.address, item.change)).collect()
}

fn one(change: Change) -> Vec<(String, Change)> {
    vec![(VPC.to_owned(), change)]
}

#[test]
fn the_steps_on_one_object_are_one_change() {
    let first = Change::Replace(ReplaceOrder::CreateFirst);
    for (ops, meant) in [
        (vec!["same"], Change::Keep),
        (vec!["refresh", "update"], Change::Update),
        (vec!["create"], Change::Create),
        (vec!["import"], Change::Keep),
        (vec!["read"], Change::Keep),
        (vec!["delete"], Change::Delete),
        (vec!["replace"], first),
        (vec!["create-replacement", "replace", "delete-replaced"], first),
        (
            vec!["delete-replaced", "replace", "create-replacement"],
            Change::Replace(ReplaceOrder::DeleteFirst),
        ),
        (vec!["remove-pending-replace", "create-replacement"], first),
    ] {
        assert_eq!(changes(&ops), one(meant), "{ops:?}");
    }
    assert!(changes(&["discard"]).is_empty());
}

#[test]
fn an_old_object_that_is_left_over_is_a_deletion_of_its_own() {
    let old = (format!("{VPC} (old object 1)"), Change::Delete);
    assert_eq!(changes(&["delete-replaced", "same"]), [old.clone(), (VPC.to_owned(), Change::Keep)]);
    let both = changes(&["delete-replaced", "create-replacement", "replace", "delete-replaced"]);
    assert_eq!(both, [old, (VPC.to_owned(), Change::Replace(ReplaceOrder::CreateFirst))]);
    assert_eq!(changes(&["delete-replaced"]), one(Change::Delete));
}

#[test]
fn an_operation_that_is_not_known_is_refused() {
    let error = read_raw(&preview(vec![step("invent", VPC, json!({}))])).expect_err("unknown");
    assert!(matches!(error, ReadError::Broken { .. }), "{error}");
    let mut component = step("invent", "urn:pulumi:dev::shop::my:x:Y::y", json!({}));
    component["newState"]["custom"] = json!(false);
    assert!(read_raw(&preview(vec![component])).is_err());
}

#[test]
fn components_and_pulumis_own_resources_are_no_items() {
    let stack = step("create", "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", json!({}));
    let mut component = step("create", "urn:pulumi:dev::shop::awsx:ec2:Vpc::net", json!({}));
    component["newState"]["custom"] = json!(false);
    let urn = "urn:pulumi:dev::shop::awsx:ec2:Vpc$aws:ec2/vpc:Vpc::net";
    let mut inside = step("create", urn, json!({}));
    inside["newState"]["parent"] = component["urn"].clone();
    let mut outside = step("create", VPC, json!({}));
    outside["newState"]["dependencies"] = json!([component["urn"]]);
    let deployment = read_raw(&preview(vec![stack, component, inside, outside])).expect("a preview");
    assert_eq!(deployment.stack.as_deref(), Some("shop/dev"));
    let found: Vec<_> = deployment.items.iter().map(|item| item.address.as_str()).collect();
    assert_eq!(found, [urn, VPC]);
    assert_eq!(deployment.items[0].kind.as_ref().map(|kind| kind.as_str()), Some("vpc"));
    assert_eq!(deployment.items[1].after, [urn], "what depends on a component waits for what is in it");
}

#[test]
fn what_is_read_and_not_managed_is_kept() {
    let mut read = step("create", VPC, json!({}));
    read["newState"]["external"] = json!(true);
    assert_eq!(items(vec![read])[0].change, Change::Keep);
}

#[test]
fn names_are_respelled_and_a_tags_key_is_not() {
    let urn = "urn:pulumi:dev::shop::aws:eks/nodeGroup:NodeGroup::ng";
    let inputs = json!({"nodeGroupName": "ng", "scalingConfig": {"desiredSize": 2, "minSize": 1},
        "tags": {"CostCenter": "a", "kubernetes.io/x": "b"}, "__defaults": []});
    let item = items(vec![step("create", urn, inputs)]).remove(0);
    assert_eq!(item.properties.at("node_group_name").as_text(), Some("ng"));
    assert_eq!(item.properties.at("scaling_config.desired_size").as_count(), Some(2));
    assert_eq!(item.properties.at("tags.CostCenter").as_text(), Some("a"));
}

#[test]
fn an_unknown_input_says_where_it_comes_from() {
    let urn = "urn:pulumi:dev::shop::aws:ec2/natGateway:NatGateway::nat";
    let subnet = "urn:pulumi:dev::shop::aws:ec2/subnet:Subnet::public-0";
    let mut nat = step("create", urn, json!({"subnetId": UNKNOWN, "connectivityType": "public"}));
    nat["newState"]["propertyDependencies"] = json!({"subnetId": [subnet], "connectivityType": null});
    let item = items(vec![nat]).remove(0);
    assert_eq!(item.properties.at("subnet_id").sources(), [subnet]);
    assert_eq!(item.properties.at("connectivity_type").as_text(), Some("public"));
    assert_eq!(item.after, [subnet]);
}

#[test]
fn every_form_of_a_secret_is_a_secret() {
    let signature = "4dabf18193072939515e22adb298388d";
    for secret in [
        json!("[secret]"),
        json!({signature: "1b47061264138c4ac30d75fd1eb44270", "plaintext": "\"hunter2\""}),
        json!({signature: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "hunter2"}),
        json!({signature: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "secret": true, "value": "hunter2"}),
    ] {
        let item = items(vec![step("create", VPC, json!({"cidrBlock": secret, "x": "hunter2"}))]).remove(0);
        assert_eq!(item.properties.at("cidr_block"), &Value::Secret, "{secret}");
        assert!(!format!("{item:?}").contains("hunter2"));
    }
    let output = json!({signature: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "dependencies": []});
    let item = items(vec![step("create", VPC, json!({"cidrBlock": output}))]).remove(0);
    assert_eq!(item.properties.at("cidr_block"), &Value::Unknown(vec![]));
}

fn region_with(steps: Vec<Raw>, provider: &str, config: Raw) -> Option<Region> {
    let mut vpc = step("create", VPC, json!({}));
    vpc["newState"]["provider"] = json!(format!("{provider}::{UNKNOWN}"));
    let mut it = preview(steps.into_iter().chain([vpc]).collect());
    it["config"] = config;
    read_raw(&it).expect("a preview").items.pop().and_then(|item| item.region)
}

#[test]
fn a_region_is_that_of_the_provider_and_of_nothing_else() {
    let config = json!({"aws:region": "eu-west-1"});
    let west = format!("{AWS}::west");
    let provider = |region: Raw| step("create", &west, json!({"region": region}));
    let region = |name: &str| Some(Region::new(name));
    assert_eq!(region_with(vec![], &format!("{AWS}::default_6_1_0"), config.clone()), region("eu-west-1"));
    assert_eq!(region_with(vec![], &format!("{AWS}::default"), config.clone()), region("eu-west-1"));
    assert_eq!(region_with(vec![provider(json!("us-west-2"))], &west, config.clone()), region("us-west-2"));
    assert_eq!(region_with(vec![provider(json!(UNKNOWN))], &west, config.clone()), None);
    assert_eq!(region_with(vec![], &west, config), None, "it may be set up otherwise");
    let secret = json!({"aws:region": "[secret]"});
    assert_eq!(region_with(vec![], &format!("{AWS}::default"), secret), None);
    let native = json!({"aws:region": "eu-west-1", "aws-native:region": "us-east-2"});
    let provider = "urn:pulumi:dev::shop::pulumi:providers:aws-native::default";
    assert_eq!(region_with(vec![], provider, native), region("us-east-2"));
}

#[test]
fn zones_and_arns_of_a_providers_resources_tell_its_region() {
    let kept = |arn: &str| {
        let mut it = step("same", "urn:pulumi:dev::shop::aws:sqs/queue:Queue::q", json!({}));
        it["newState"]["outputs"] = json!({"arn": arn});
        it["newState"]["provider"] = json!(format!("{AWS}::west::1234"));
        it
    };
    let west = format!("{AWS}::west");
    let one = kept("arn:aws:sqs:us-west-1:111111111111:q");
    assert_eq!(region_with(vec![one.clone()], &west, json!({})), Some(Region::new("us-west-1")));
    let other = kept("arn:aws:sqs:us-west-2:111111111111:q");
    assert_eq!(region_with(vec![one.clone(), other], &west, json!({})), None, "they disagree");
    let mut read = kept("arn:aws:sqs:us-west-1:222222222222:q");
    read["newState"]["external"] = json!(true);
    let deployment = read_raw(&preview(vec![read, one])).expect("a preview");
    assert_eq!(deployment.account.map(|it| it.as_str().to_owned()), Some("111111111111".into()));
}

#[test]
fn a_providers_region_goes_before_the_zone_that_a_thing_names() {
    let subnet = |zone: &str, config: Raw| {
        let urn = "urn:pulumi:dev::shop::aws:ec2/subnet:Subnet::a";
        let mut it = step("create", urn, json!({"availabilityZone": zone}));
        it["newState"]["provider"] = json!(format!("{AWS}::default::1234"));
        let mut preview = preview(vec![it]);
        preview["config"] = config;
        read_raw(&preview).expect("a preview").items[0].region.clone()
    };
    let west = Some(Region::new("us-west-2"));
    assert_eq!(subnet("us-west-2b", json!({})), west);
    assert_eq!(subnet("us-east-1b", json!({"aws:region": "us-west-2"})), west);
}

#[test]
fn a_failed_preview_is_refused() {
    let mut it = preview(vec![]);
    it["diagnostics"] = json!([{"severity": "warning", "message": "m"}, {"severity": "info#err"}]);
    assert!(read_raw(&it).is_ok());
    it["diagnostics"] = json!([{"severity": "error", "message": "hunter2"}]);
    let error = read_raw(&it).expect_err("failed");
    assert!(matches!(error, ReadError::Errored { .. }));
    assert!(!error.to_string().contains("hunter2"));
    let mut it = preview(vec![]);
    it["maybeCorrupt"] = json!(true);
    assert!(matches!(read_raw(&it), Err(ReadError::Errored { .. })));
}

#[test]
fn only_a_preview_that_makes_something_may_hide_more_in_apply() {
    let quiet = read_raw(&preview(vec![step("same", VPC, json!({}))])).expect("a preview");
    assert!(quiet.uncounted.is_empty());
    let making = read_raw(&preview(vec![step("create", VPC, json!({}))])).expect("a preview");
    assert_eq!(making.uncounted.len(), 1);
    let replacing = read_raw(&preview(vec![step("replace", VPC, json!({}))])).expect("a preview");
    assert_eq!(replacing.uncounted.len(), 2, "nor does it show the order of replacements");
    assert!(replacing.uncounted.iter().all(|it| it.weight == Weight::Remark));
}

#[test]
fn a_kubernetes_resource_waits_for_what_its_provider_waits_for() {
    let cluster = "urn:pulumi:dev::shop::aws:eks/cluster:Cluster::c";
    let provider = "urn:pulumi:dev::shop::pulumi:providers:kubernetes::k";
    let mut of_provider = step("create", provider, json!({"kubeconfig": UNKNOWN}));
    of_provider["newState"]["propertyDependencies"] = json!({"kubeconfig": [cluster]});
    let urn = "urn:pulumi:dev::shop::kubernetes:apps/v1:Deployment::ca";
    let spec =
        json!({"template": {"spec": {"containers": [{"image": "ca:v1.30.0", "env": [{"name": "A"}]}]}}});
    let mut deployment = step("create", urn, json!({"metadata": {"name": "ca"}, "spec": spec}));
    deployment["newState"]["provider"] = json!(format!("{provider}::{UNKNOWN}"));
    let item = items(vec![of_provider, deployment]).remove(0);
    assert_eq!(item.after, [cluster]);
    assert_eq!(item.region, None);
    let image = item.properties.at("spec.template.spec.container.image");
    assert_eq!(image.as_text(), Some("ca:v1.30.0"));
}

#[test]
fn a_replacement_does_not_lie_where_the_old_one_lay() {
    let urn = "urn:pulumi:dev::shop::aws:ec2/subnet:Subnet::s";
    for (op, zone) in [("update", Some("eu-west-1a")), ("replace", None)] {
        let mut it = step(op, urn, json!({"cidrBlock": "10.0.0.0/24"}));
        it["oldState"]["outputs"] = json!({"availabilityZone": "eu-west-1a", "cidrBlock": "10.0.1.0/24"});
        let item = items(vec![it]).remove(0);
        assert_eq!(item.properties.at("availability_zone").as_text(), zone, "{op}");
        assert_eq!(item.properties.at("cidr_block").as_text(), Some("10.0.0.0/24"));
    }
}

#[test]
fn what_changes_tells_how_it_was() {
    let urn = "urn:pulumi:dev::shop::aws:eks/nodeGroup:NodeGroup::a";
    let sizes = |size: u64| json!({"scalingConfig": {"desiredSize": size}});
    let mut update = step("update", urn, sizes(9));
    update["oldState"]["inputs"] = sizes(3);
    update["oldState"]["outputs"] =
        json!({"scalingConfig": {"desiredSize": 4}, "instanceTypes": ["m5.large"]});
    let item = items(vec![update]).remove(0);
    assert_eq!(item.properties.at("scaling_config.desired_size").as_count(), Some(9));
    assert_eq!(item.before.at("scaling_config.desired_size").as_count(), Some(3));
    assert_eq!(item.before.at("instance_types.0"), &Value::Null);
    assert_eq!(item.before.at("instance_types").members()[0].as_text(), Some("m5.large"));
    assert_eq!(items(vec![step("create", urn, sizes(1))]).remove(0).before, Value::Null);
    assert_eq!(items(vec![step("same", urn, sizes(1))]).remove(0).before, Value::Null);
}

#[test]
fn what_a_stack_makes_is_left_open() {
    let urn = "urn:pulumi:dev::shop::aws:cloudformation/stack:Stack::nodes";
    let open = |op: &str| {
        let all = read_raw(&preview(vec![step(op, urn, json!({}))])).expect("a preview").uncounted;
        all.into_iter().filter(|it| it.weight == Weight::Open).count()
    };
    assert_eq!((open("create"), open("same")), (1, 0));
}
