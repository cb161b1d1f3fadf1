//! What Terraform's states own and name.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::*;
use crate::deployment::Alone;
use crate::model::{AccountId, OwnedStatus, OwnedThing, Region};

const AWS: &str = "provider[\"registry.terraform.io/hashicorp/aws\"]";
const ACCOUNT: &str = "123456789012";

fn entry(mode: &str, type_name: &str, instances: Json) -> Json {
    json!({"mode": mode, "type": type_name, "name": "it", "provider": AWS, "instances": instances})
}

fn managed(type_name: &str, attributes: &Json) -> Json {
    entry("managed", type_name, json!([{"attributes": attributes}]))
}

fn file(resources: &[Json]) -> Json {
    json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "outputs": {},
        "resources": resources})
}

fn read_file(document: &Json) -> Result<Holdings, StateError> {
    read("a.tfstate", document.to_string().as_bytes(), &Alone).map(|state| state.holdings)
}

fn holdings(resources: &[Json]) -> Holdings {
    read_file(&file(resources)).unwrap()
}

fn only(resource: Json) -> OwnedThing {
    let mut owned = holdings(&[resource]).owned;
    assert_eq!(owned.len(), 1);
    owned.remove(0)
}

fn texts<const N: usize>(texts: [&str; N]) -> BTreeSet<String> {
    texts.map(str::to_owned).into()
}

#[test]
fn managed_tainted_and_replaced_objects_are_owned_and_data_is_only_named() {
    let instances = json!([
        {"index_key": 0, "attributes": {"id": "nat-00000001"}},
        {"index_key": "us-east-1a", "status": "tainted", "attributes": {"id": "nat-00000002"}},
        {"index_key": 0, "deposed": "1800718f", "status": "tainted", "attributes": {"id": "nat-00000003"}},
        {"attributes_flat": {"id": "nat-00000004", "tags.Name": "a"}},
    ]);
    let mut nat = entry("managed", "aws_nat_gateway", instances);
    nat["module"] = json!("module.net[\"a\"]");
    let data =
        entry("data", "aws_vpc", json!([{"attributes": {"id": "vpc-00000009", "cidr": "10.0.0.0/8"}}]));
    let role = entry("data", "aws_iam_role", json!([{"attributes": {"id": "shared", "name": "shared"}}]));
    let other = entry(
        "managed",
        "random_pet",
        json!([{"attributes": {"id": "pet", "keepers": {"a": "eni-00000008"}}}]),
    );
    let all = holdings(&[nat, data, role, other]);
    let owned: Vec<_> = all.owned.iter().map(|it| (it.id.as_str(), it.address.as_str(), it.status)).collect();
    assert_eq!(
        owned,
        [
            ("nat-00000001", "module.net[\"a\"].aws_nat_gateway.it[0]", OwnedStatus::Managed),
            ("nat-00000002", "module.net[\"a\"].aws_nat_gateway.it[\"us-east-1a\"]", OwnedStatus::Tainted),
            ("nat-00000003", "module.net[\"a\"].aws_nat_gateway.it[0]", OwnedStatus::Deposed),
            ("nat-00000004", "module.net[\"a\"].aws_nat_gateway.it", OwnedStatus::Managed),
        ]
    );
    assert!(all.owned.iter().all(|it| it.kind.as_ref().is_some_and(|kind| kind.as_str() == "nat-gateway")));
    assert_eq!(all.named, texts(["vpc-00000009", "shared", "eni-00000008"]));
}

#[test]
fn a_thing_is_known_by_every_name_that_aws_has_for_it() {
    for (type_name, attributes, also) in [
        (
            "aws_eip",
            json!({"id": "eipalloc-00000001", "allocation_id": "eipalloc-00000001", "public_ip": "203.0.113.7"}),
            vec!["203.0.113.7"],
        ),
        // Another's allocation is not its own name.
        (
            "aws_nat_gateway",
            json!({"id": "nat-00000001", "allocation_id": "eipalloc-00000001", "public_ip": "203.0.113.7"}),
            vec![],
        ),
        (
            "aws_eks_node_group",
            json!({"id": "c:g", "cluster_name": "c", "node_group_name": "g"}),
            vec!["c/g"],
        ),
        ("aws_eks_addon", json!({"id": "c:vpc-cni"}), vec!["c/vpc-cni"]),
        (
            "awscc_eks_nodegroup",
            json!({"id": "c|g", "arn": "arn:aws:eks:us-east-1:1:nodegroup/c/g/1b"}),
            vec!["arn:aws:eks:us-east-1:1:nodegroup/c/g/1b", "c/g"],
        ),
        (
            "aws_ecs_service",
            json!({"id": "arn:aws:ecs:us-east-1:1:service/c/s", "cluster": "arn:aws:ecs:us-east-1:1:cluster/c",
            "name": "s"}),
            vec!["c/s"],
        ),
        (
            "aws_iam_role",
            json!({"id": "r", "name": "r", "unique_id": "AROA1", "arn": "arn:aws:iam::1:role/p/r"}),
            vec!["AROA1", "arn:aws:iam::1:role/p/r"],
        ),
        (
            "aws_cloudwatch_log_group",
            json!({"id": "/l", "arn": "arn:aws:logs:us-east-1:1:log-group:/l:*"}),
            vec!["arn:aws:logs:us-east-1:1:log-group:/l", "arn:aws:logs:us-east-1:1:log-group:/l:*"],
        ),
        ("awscc_ec2_eip", json!({"id": "203.0.113.7|eipalloc-00000001"}), vec!["eipalloc-00000001"]),
        (
            "aws_iam_openid_connect_provider",
            json!({"id": "arn:aws:iam::1:oidc-provider/o", "arn": "arn:aws:iam::1:oidc-provider/o"}),
            vec![],
        ),
    ] {
        let thing = only(managed(type_name, &attributes));
        assert_eq!(thing.also, also.iter().map(|it| (*it).to_owned()).collect(), "{type_name}");
        assert!(thing.kind.is_some(), "{type_name}");
    }
}

#[test]
fn what_things_refer_to_is_named_by_id_arn_or_name() {
    let group = managed(
        "aws_eks_node_group",
        &json!({"id": "c:g", "cluster_name": "c", "node_group_name": "g",
        "node_role_arn": "arn:aws:iam::1:role/n", "subnet_ids": ["subnet-00000001"],
        "resources": [{"autoscaling_groups": [{"name": "eks-1b"}], "remote_access_security_group_id": "sg-00000001"}]}),
    );
    let policy = managed(
        "aws_iam_role_policy",
        &json!({"id": "r:p", "role": "r", "name": "p",
        "policy": "{\"Resource\":\"arn:aws:logs:us-east-1:1:log-group:/x:*\",\"a\":{\"b\":\"vpc-00000001\"}}"}),
    );
    let all = holdings(&[group, policy]);
    let named = texts([
        "c",
        "arn:aws:iam::1:role/n",
        "subnet-00000001",
        "eks-1b",
        "sg-00000001",
        "r",
        "arn:aws:logs:us-east-1:1:log-group:/x:*",
        "arn:aws:logs:us-east-1:1:log-group:/x",
        "vpc-00000001",
    ]);
    assert_eq!(all.named, named);
}

#[test]
fn a_region_is_told_by_the_thing_or_by_all_that_its_provider_made() {
    let arn = |region: &str| format!("arn:aws:ec2:{region}:{ACCOUNT}:vpc/vpc-00000001");
    let nat = || managed("aws_nat_gateway", &json!({"id": "nat-00000001"}));
    let vpc = |region: &str| managed("aws_vpc", &json!({"id": "vpc-00000001", "arn": arn(region)}));
    let region = |resources: &[Json]| holdings(resources).owned[0].region.clone();
    let east = Some(Region::new("us-east-1"));
    for attributes in [
        json!({"id": "i-00000001", "arn": arn("us-east-1")}),
        json!({"id": "i-00000001", "availability_zone": "us-east-1b"}),
        json!({"id": "i-00000001", "region": "us-east-1"}),
    ] {
        assert_eq!(only(managed("aws_instance", &attributes)).region, east, "{attributes}");
    }
    assert_eq!(only(managed("aws_iam_role", &json!({"id": "r"}))).region, Some(Region::global()));
    assert_eq!(region(&[nat()]), None);
    assert_eq!(region(&[nat(), vpc("us-east-1")]), east);
    assert_eq!(region(&[nat(), vpc("us-east-1"), vpc("us-west-2")]), None, "they disagree");
    let mut other = vpc("us-east-1");
    other["provider"] = json!(format!("{AWS}.west"));
    assert_eq!(region(&[nat(), other]), None, "another provider's");
    // What a scan does not know may stand elsewhere than its provider: a cost report in us-east-1.
    let report = managed("aws_cur_report_definition", &json!({"id": "a", "arn": arn("us-east-1")}));
    assert_eq!(region(&[nat(), report]), None);
    let torn =
        managed("aws_instance", &json!({"id": "i-00000001", "arn": arn("us-east-1"), "region": "us-west-2"}));
    assert_eq!(region(&[torn, vpc("us-east-1")]), None, "it contradicts itself");
    // Also one that has no say in where the others stand.
    let torn = managed(
        "aws_db_instance",
        &json!({"id": "d", "availability_zone": "us-west-2a", "region": "us-east-1"}),
    );
    assert_eq!(region(&[torn, vpc("us-east-1")]), None);
}

#[test]
fn accounts_are_those_of_what_it_owns_and_of_who_ran_it() {
    let role = |account: &str| {
        managed("aws_iam_role", &json!({"id": "r", "arn": format!("arn:aws:iam::{account}:role/r")}))
    };
    let caller =
        entry("data", "aws_caller_identity", json!([{"attributes": {"id": ACCOUNT, "account_id": ACCOUNT}}]));
    let foreign = managed(
        "aws_iam_role_policy_attachment",
        &json!({"id": "a", "role": "r", "policy_arn": "arn:aws:iam::999999999999:policy/p"}),
    );
    let accounts = |resources: &[Json]| holdings(resources).accounts;
    let ours: BTreeSet<AccountId> = [AccountId::new(ACCOUNT)].into();
    assert_eq!(accounts(&[caller, foreign.clone()]), ours);
    assert_eq!(accounts(&[role(ACCOUNT), foreign]), ours);
    assert_eq!(accounts(&[role(ACCOUNT), role("999999999999")]).len(), 2);
}

#[test]
fn a_state_that_tells_less_than_it_must_is_an_error() {
    let mut without = file(&[]);
    without.as_object_mut().unwrap().remove("resources");
    for broken in [
        without,
        file(&[managed("aws_vpc", &json!({"tags": {}}))]),
        file(&[managed("aws_vpc", &json!({"id": ""}))]),
        file(&[managed("aws_vpc", &json!(null))]),
        file(&[entry("ephemeral", "aws_vpc", json!([]))]),
        file(&[json!({"mode": "managed", "type": "aws_vpc", "name": "a"})]),
        file(&[managed("aws_vpc", &json!("vpc-00000001"))]),
    ] {
        let read = read_file(&broken);
        let is_empty = matches!(&read, Ok(all) if all.owned.is_empty());
        assert!(matches!(read, Err(StateError::Broken { .. })) && !is_empty, "{broken}: {read:?}");
    }
    // Some of the types that no scan reads have no id.
    assert_eq!(only(managed("aws_vpc_block_public_access_options", &json!({"a": 1}))).id, "");
}

fn shown_file(root: &Json) -> Json {
    json!({"format_version": "1.0", "terraform_version": "1.11.4", "values": {"outputs": {}, "root_module": root}})
}

#[test]
fn what_terraform_shows_of_a_state_tells_the_same() {
    let thing = |address: &str, mode: &str, id: &str| json!({"address": address, "mode": mode, "type": "aws_vpc", "name": "it", "values": {"id": id}});
    let mut old = thing("module.a.aws_vpc.it", "managed", "vpc-00000002");
    old["deposed_key"] = json!("1800718f");
    let mut failed = thing("module.a.module.b.aws_vpc.it", "managed", "vpc-00000003");
    failed["tainted"] = json!(true);
    let root = json!({
        "resources": [thing("aws_vpc.it", "managed", "vpc-00000001"), thing("data.aws_vpc.it", "data", "vpc-00000009")],
        "child_modules": [{"address": "module.a", "resources": [old], "child_modules": [{"resources": [failed]}]}],
    });
    let all = read_file(&shown_file(&root)).unwrap();
    let owned: Vec<_> = all.owned.iter().map(|it| (it.id.as_str(), it.address.as_str(), it.status)).collect();
    assert_eq!(
        owned,
        [
            ("vpc-00000001", "aws_vpc.it", OwnedStatus::Managed),
            ("vpc-00000002", "module.a.aws_vpc.it", OwnedStatus::Deposed),
            ("vpc-00000003", "module.a.module.b.aws_vpc.it", OwnedStatus::Tainted),
        ]
    );
    assert_eq!(all.named, texts(["vpc-00000009"]));
    assert_eq!(read_file(&shown_file(&json!({}))), Ok(Holdings::default()));
}

#[test]
fn what_terraform_shows_of_no_state_and_of_a_plan_is_no_state() {
    let mut plan = shown_file(&json!({}));
    plan["planned_values"] = json!({});
    for document in [json!({"format_version": "1.0"}), json!({"format_version": "1.0", "values": null}), plan]
    {
        assert!(matches!(read_file(&document), Err(StateError::NotAState { .. })), "{document}");
    }
    let mut newer = shown_file(&json!({}));
    newer["format_version"] = json!("2.0");
    assert!(matches!(read_file(&newer), Err(StateError::UnknownVersion { .. })));
}

#[test]
fn nesting_without_end_is_an_error_and_no_crash() {
    let deep = |open: &str, close: &str| open.repeat(200_000) + &close.repeat(200_000);
    let modules = deep("{\"child_modules\":[", "]}");
    let lists = deep("[", "]");
    for text in [
        format!("{{\"format_version\":\"1.0\",\"values\":{{\"root_module\":{modules}}}}}"),
        format!("{{\"version\":4,\"serial\":1,\"resources\":[],\"outputs\":{lists}}}"),
        format!("{{\"version\":4,\"serial\":1,\"outputs\":{lists}"),
    ] {
        assert!(read("a", text.as_bytes(), &Alone).is_err());
    }
}

#[test]
fn control_characters_are_not_repeated() {
    let mut vpc =
        managed("aws_vpc", &json!({"id": "vpc-1\u{1b}[2J", "arn": "arn:aws:ec2:us-east-1:1:vpc/\u{7}"}));
    vpc["name"] = json!("a\u{1b}[31m\n");
    vpc["instances"][0]["index_key"] = json!("\u{1b}");
    let all = holdings(&[vpc]);
    assert_eq!(all.owned.len(), 1);
    let clean = |text: &String| !text.chars().any(char::is_control);
    let thing = &all.owned[0];
    assert!(
        [&thing.address, &thing.id].into_iter().chain(&thing.also).chain(&all.named).all(clean),
        "{all:?}"
    );
}
