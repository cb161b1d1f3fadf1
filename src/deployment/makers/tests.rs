use super::*;
use crate::deployment::{Certainty, Change, Value, types};

fn item(type_name: &str, change: Change) -> Item {
    let row =
        [types::of_terraform(type_name), types::of_pulumi(type_name), types::of_cloudformation(type_name)];
    Item {
        address: format!("the {type_name}"),
        type_name: type_name.to_owned(),
        kind: row.into_iter().flatten().next().map(types::KindRow::name),
        change,
        certainty: Certainty::Certain,
        region: None,
        properties: Value::default(),
        before: Value::Null,
        after: Vec::new(),
    }
}

fn named(items: &[Item]) -> Vec<(String, Weight)> {
    uncounted(items).into_iter().map(|it| (it.what, it.weight)).collect()
}

/// What is said of one new thing of this type.
fn of_one(type_name: &str) -> Vec<(String, Weight)> {
    named(&[item(type_name, Change::Create)])
}

#[test]
fn what_starts_instances_of_its_own_leaves_the_counts_open() {
    for type_name in [
        "aws_ec2_fleet",
        "aws:emr/cluster:Cluster",
        "AWS::EC2::CapacityReservation",
        "awscc_ec2_spot_fleet",
        "aws-native:ec2:Ec2Fleet",
        "AWS::CloudFormation::StackSet",
        "aws_cloudformation_stack",
    ] {
        let made = [item(type_name, Change::Create), item(type_name, Change::Keep)];
        assert_eq!(named(&made), [(format!("the {type_name}"), Weight::Open)]);
    }
    assert!(named(&[item("aws_instance", Change::Create), item("aws_s3_bucket", Change::Create)]).is_empty());
}

#[test]
fn what_other_services_take_is_told_and_leaves_the_counts_as_they_are() {
    let made = [
        item("AWS::Cloud9::EnvironmentEC2", Change::Create),
        item("AWS::EC2::TransitGateway", Change::Create),
    ];
    let expected = ["Cloud9 environments (1)", "transit gateways (1)"];
    assert_eq!(named(&made), expected.map(|it| (it.to_owned(), Weight::Remark)));
    assert!(named(&[item("aws_db_instance", Change::Delete)]).is_empty());
}

#[test]
fn what_has_a_quota_that_is_not_looked_at_is_named_once_by_its_kind_or_the_table() {
    let made: Vec<Item> = [
        "aws_lambda_function",
        "AWS::Lambda::Function",
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
        "AWS::EC2::SecurityGroupEgress",
    ]
    .map(|name| item(name, Change::Create))
    .into();
    let expected = ["Lambda functions (2)", "security group rules (3)"];
    assert_eq!(named(&made), expected.map(|it| (it.to_owned(), Weight::Remark)));
    for row in kinds::rows() {
        if let (Uses::NotLookedAt(several), Some(name)) =
            (row.deployed.uses, row.deployed.types.terraform.first())
        {
            assert_eq!(of_one(name), [(format!("{several} (1)"), Weight::Remark)]);
        }
    }
}

#[test]
fn the_table_and_what_is_told_agree_for_every_type() {
    for (name, sort) in aws_types::all() {
        let expected = match sort {
            Sort::Counted | Sort::Nothing(_) | Sort::Other => None,
            Sort::Told(title) | Sort::Limit(title) => Some((format!("{title} (1)"), Weight::Remark)),
            Sort::Open(_) => Some((format!("the {name}"), Weight::Open)),
            Sort::Unknown => panic!("{name} stands in no section"),
        };
        assert_eq!(of_one(&name), expected.into_iter().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn a_type_that_is_newer_than_the_table_is_told() {
    let new = [
        "aws_moonbase_habitat",
        "awscc_moonbase_habitat",
        "AWS::MoonBase::Habitat",
        "AWS::EC2::Teleporter",
        "aws:moonbase/habitat:Habitat",
        "aws:ec2/teleporter:Teleporter",
        "aws-native:moonbase:Habitat",
    ];
    for name in new {
        let what = format!("things of types that the table of {CHECKED} does not know (1): {name}");
        assert_eq!(of_one(name), [(what, Weight::Remark)]);
        assert!(named(&[item(name, Change::Keep)]).is_empty());
    }
    let twice: Vec<Item> = new.iter().chain(&new).map(|name| item(name, Change::Create)).collect();
    let what = format!(
        "things of types that the table of {CHECKED} does not know (14): AWS::EC2::Teleporter, AWS::MoonBase::Habitat, \
         aws-native:moonbase:Habitat, aws:ec2/teleporter:Teleporter, aws:moonbase/habitat:Habitat and 2 more"
    );
    assert_eq!(named(&twice), [(what, Weight::Remark)]);
}

#[test]
fn what_is_not_of_awss_providers_is_no_new_type_of_theirs() {
    for name in [
        "google_compute_instance",
        "helm_release",
        "null_resource",
        "pulumi:providers:aws",
        "random:index/randomId:RandomId",
        "Custom::Anything",
        "My::Own::Thing",
        "AWS::Some::Thing::MODULE",
    ] {
        assert!(of_one(name).is_empty(), "{name}");
    }
}
