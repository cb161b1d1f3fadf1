//! What Pulumi's exports and checkpoints own and name.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::*;
use crate::deployment::Alone;
use crate::model::{OwnedStatus, OwnedThing, Region};

const PROVIDER: &str = "urn:pulumi:dev::shop::pulumi:providers:aws::west";

/// What Pulumi writes in place of a secret, with and without `--show-secrets`.
fn secret(text: &str) -> Json {
    json!({"ciphertext": text, "plaintext": text, "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"})
}

fn resource(type_name: &str, id: &str, more: Json) -> Json {
    let mut it = json!({"urn": format!("urn:pulumi:dev::shop::{type_name}::it"), "custom": true, "id": id,
        "type": type_name, "provider": format!("{PROVIDER}::p1")});
    it.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    it
}

fn provider(inputs: &Json) -> Json {
    json!({"urn": PROVIDER, "custom": true, "id": "p1", "type": "pulumi:providers:aws", "inputs": inputs})
}

fn holdings(resources: &[Json], operations: &[Json]) -> Holdings {
    let latest = json!({"manifest": {}, "resources": resources, "pending_operations": operations});
    let all = [
        json!({"version": 3, "deployment": latest}),
        json!({"version": 4, "features": ["views"], "deployment": latest}),
        json!({"version": 1, "checkpoint": {"target": "dev", "latest": latest}}),
    ];
    let read =
        |document: &Json| read("stack.json", document.to_string().as_bytes(), &Alone).unwrap().holdings;
    let first = read(&all[0]);
    assert!(all.iter().all(|document| read(document) == first));
    first
}

fn pending(inputs: &Json, type_name: &str) -> OwnedThing {
    let begun = json!({"resource": resource(type_name, "", json!({"inputs": inputs})), "type": "creating"});
    let mut owned = holdings(&[provider(&json!({"region": "us-west-2"}))], &[begun]).owned;
    assert_eq!(owned.len(), 1);
    owned.remove(0)
}

#[test]
fn what_pulumi_made_is_owned_and_what_it_read_is_only_named() {
    let all = holdings(
        &[
            provider(&json!({"region": "us-west-2"})),
            resource("aws:ec2/vpc:Vpc", "vpc-00000001", json!({"protect": true})),
            resource("aws:ec2/vpc:Vpc", "vpc-00000002", json!({"delete": true, "retainOnDelete": true})),
            resource("aws:ec2/vpc:Vpc", "vpc-00000003", json!({"initErrors": ["failed"]})),
            resource("aws-native:ec2:Vpc", "vpc-00000004", json!({"taint": true})),
            resource("aws:ec2/vpc:Vpc", "vpc-00000005", json!({"external": true})),
            resource("awsx:ec2:Vpc", "", json!({"custom": false, "outputs": {"vpcId": "vpc-00000006"}})),
            resource("kubernetes:core/v1:Service", "a/b", json!({"outputs": {"sg": "sg-00000007"}})),
            resource("aws:ec2/vpc:Vpc", "", json!({"inputs": {"x": "eni-00000008"}})),
        ],
        &[],
    );
    let owned: Vec<_> = all.owned.iter().map(|it| (it.id.as_str(), it.status)).collect();
    assert_eq!(
        owned,
        [
            ("vpc-00000001", OwnedStatus::Managed),
            ("vpc-00000002", OwnedStatus::Deposed),
            ("vpc-00000003", OwnedStatus::Tainted),
            ("vpc-00000004", OwnedStatus::Tainted),
        ]
    );
    let west = Some(Region::new("us-west-2"));
    assert!(all.owned.iter().all(|it| it.region == west && it.kind.is_some()), "{:?}", all.owned);
    let named = ["vpc-00000005", "vpc-00000006", "sg-00000007", "eni-00000008"].map(str::to_owned);
    assert_eq!(all.named, named.into());
}

#[test]
fn the_region_is_that_of_the_provider_that_made_it_unless_the_thing_tells_its_own() {
    let region = |inputs: Json, outputs: Json| {
        let it = resource("aws:ec2/vpc:Vpc", "vpc-00000001", json!({"outputs": outputs}));
        holdings(&[it, provider(&inputs)], &[]).owned[0].region.clone()
    };
    let named = |name| Some(Region::new(name));
    assert_eq!(region(json!({"region": "us-west-2"}), json!({})), named("us-west-2"));
    assert_eq!(region(json!({}), json!({})), None);
    assert_eq!(region(json!({"region": secret("us-west-2")}), json!({})), None);
    let arn = json!({"arn": "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-00000001"});
    assert_eq!(region(json!({"region": "us-west-2"}), arn), named("us-east-1"));
}

#[test]
fn what_was_being_made_is_told_by_the_planned_name_or_the_planned_tags() {
    let role = pending(&json!({"name": "role-1b", "tags": {"a": "b"}}), "aws:iam/role:Role");
    assert_eq!((role.status, role.id.as_str()), (OwnedStatus::Pending, ""));
    assert_eq!(role.also, BTreeSet::from(["role-1b".to_owned()]));
    assert_eq!(role.region, Some(Region::global()));
    let group = pending(&json!({"clusterName": "c", "nodeGroupName": "g"}), "aws:eks/nodeGroup:NodeGroup");
    assert_eq!(group.also, BTreeSet::from(["c/g".to_owned()]));
    let nat = pending(
        &json!({"name": "x", "tags": {"a": "b", "c": secret("hunter2")}, "tagsAll": {"d": "e"}}),
        "aws:ec2/natGateway:NatGateway",
    );
    assert_eq!(nat.also, BTreeSet::new(), "a name that is no more than a tag");
    assert_eq!(
        nat.tags,
        [("a", "b"), ("d", "e")].map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    );
    assert_eq!(nat.region, Some(Region::new("us-west-2")));
    let native = pending(&json!({"tags": [{"key": "a", "value": "b"}]}), "aws-native:ec2:NatGateway");
    assert_eq!(native.tags, [("a".to_owned(), "b".to_owned())].into());
}

#[test]
fn what_is_changed_or_removed_is_owned_once() {
    let it = resource("aws:ec2/vpc:Vpc", "vpc-00000001", json!({}));
    for operation in ["updating", "deleting"] {
        let all = holdings(std::slice::from_ref(&it), &[json!({"resource": it, "type": operation})]);
        assert_eq!(all.owned.len(), 1, "{operation}");
        let all = holdings(&[], &[json!({"resource": it, "type": operation})]);
        assert_eq!(all.owned[0].status, OwnedStatus::Managed, "{operation}, and not among the resources");
    }
    let read =
        json!({"resource": resource("aws:ec2/vpc:Vpc", "", json!({"external": true})), "type": "reading"});
    assert!(holdings(&[], &[read]).owned.is_empty());
}

#[test]
fn secrets_give_nothing_and_what_stands_beside_them_does() {
    let outputs = json!({"arn": "arn:aws:iam::123456789012:role/r", "a": secret("vpc-00000001"), "b": {"c": [secret("vpc-00000002")]},
        "name": secret("vpc-00000003"), "tags": secret("vpc-00000004"), "d": "vpc-00000005"});
    let all = holdings(&[resource("aws:iam/role:Role", "r", json!({"outputs": outputs}))], &[]);
    assert_eq!(all.named, BTreeSet::from(["vpc-00000005".to_owned()]));
    assert_eq!(all.owned[0].also, BTreeSet::from(["arn:aws:iam::123456789012:role/r".to_owned()]));
    let tagged = pending(&json!({"tags": secret("hunter2"), "name": secret("hunter2")}), "aws:iam/role:Role");
    assert!(tagged.tags.is_empty() && tagged.also.is_empty(), "{tagged:?}");
}

#[test]
fn a_stack_of_cloudformation_is_owned_by_its_arn() {
    let arn = "arn:aws:cloudformation:us-west-2:123456789012:stack/s/1b";
    for type_name in ["aws:cloudformation/stack:Stack", "aws-native:cloudformation:Stack"] {
        let thing = holdings(&[resource(type_name, arn, json!({}))], &[]).owned.remove(0);
        assert_eq!((thing.id.as_str(), thing.region), (arn, Some(Region::new("us-west-2"))));
        let native =
            holdings(&[resource(type_name, "s", json!({"outputs": {"arn": arn}}))], &[]).owned.remove(0);
        assert!(native.also.contains(arn));
    }
}
