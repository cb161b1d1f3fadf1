use serde_json::{Value as Json, json};

use super::*;
use crate::deployment::testing::Files;
use crate::deployment::{Alone, Weight};
use crate::model::Region;

fn read_with(
    text: &str,
    region: Option<&str>,
    parameters: &[(&str, &str)],
    beside: &dyn Beside,
) -> Result<Deployment, ReadError> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let parameters = parameters.iter().map(own).collect();
    read(&Input {
        source: "template",
        bytes: text.as_bytes(),
        beside,
        region: region.map(Region::new),
        parameters: &parameters,
    })
}

pub(super) fn read_text(text: &str) -> Result<Deployment, ReadError> {
    read_with(text, None, &[], &Alone)
}

/// The properties of the only resource of a template, with parameters.
fn property(value: &Json, more: &Json, parameters: &[(&str, &str)]) -> Value {
    let mut template = json!({"Resources": {
        "It": {"Type": "AWS::EC2::Subnet", "Properties": {"P": value}},
        "Vpc": {"Type": "AWS::EC2::VPC"},
    }});
    for (name, section) in more.as_object().into_iter().flatten() {
        template[name] = section.clone();
    }
    let deployment = read_with(&template.to_string(), Some("eu-west-1"), parameters, &Alone).unwrap();
    deployment.items[0].properties.at("p").clone()
}

fn plain(value: &Json) -> Value {
    property(value, &json!({}), &[])
}

fn addresses(deployment: &Deployment) -> Vec<&str> {
    deployment.items.iter().map(|item| item.address.as_str()).collect()
}

fn open(deployment: &Deployment) -> Vec<&str> {
    let open = deployment.uncounted.iter().filter(|it| it.weight == Weight::Open);
    open.map(|it| it.what.as_str()).collect()
}

#[test]
fn functions_give_what_cloudformation_makes_of_them() {
    let mappings = json!({"Mappings": {"M": {"eu-west-1": {"Ami": "ami-1", "Zones": ["a", "b"]}}}});
    for (function, expected) in [
        (json!({"Ref": "AWS::Region"}), Value::text("eu-west-1")),
        (json!({"Ref": "AWS::Partition"}), Value::text("aws")),
        (json!({"Ref": "AWS::AccountId"}), Value::of_parameter("AWS::AccountId")),
        (json!({"Ref": "Vpc"}), Value::Unknown(vec!["Vpc".into()])),
        (json!({"Fn::GetAtt": ["Vpc", "CidrBlock"]}), Value::Unknown(vec!["Vpc".into()])),
        (json!({"Fn::GetAtt": "Vpc.CidrBlock"}), Value::Unknown(vec!["Vpc".into()])),
        (json!({"Fn::ImportValue": "x"}), Value::Unknown(vec![])),
        (json!({"Fn::Sub": "${AWS::Region}-${!Keep}-x"}), Value::text("eu-west-1-${Keep}-x")),
        (json!({"Fn::Sub": ["${A}-${Vpc.Id}", {"A": 3}]}), Value::Unknown(vec!["Vpc".into()])),
        (json!({"Fn::Sub": ["${Vpc}", {"Vpc": "own"}]}), Value::text("own")),
        (json!({"Fn::Sub": "no end ${"}), Value::text("no end ${")),
        (json!({"Fn::Join": [",", ["a", 1, true]]}), Value::text("a,1,true")),
        (json!({"Fn::Join": ["", ["a", {"Ref": "Vpc"}]]}), Value::Unknown(vec!["Vpc".into()])),
        (json!({"Fn::Select": [1, ["a", "b"]]}), Value::text("b")),
        (json!({"Fn::Select": ["1", ["a", "b"]]}), Value::text("b")),
        (json!({"Fn::Select": [2, ["a", "b"]]}), Value::Unknown(vec![])),
        (json!({"Fn::Select": [1, {"Fn::Split": ["/", "a/b/c"]}]}), Value::text("b")),
        (json!({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "Ami"]}), Value::text("ami-1")),
        (json!({"Fn::FindInMap": ["M", "x", "Ami"]}), Value::Unknown(vec![])),
        (json!({"Fn::FindInMap": ["M", "x", "Ami", {"DefaultValue": "d"}]}), Value::text("d")),
        (json!({"Fn::Length": ["a", "b"]}), Value::Number(2.0)),
        (json!({"Fn::Base64": "#!/bin/sh"}), Value::text("IyEvYmluL3No")),
        (json!({"Fn::Base64": "a\u{e4}"}), Value::text("YcOk")),
        (json!({"Fn::Base64": "ab"}), Value::text("YWI=")),
        (json!({"Fn::Base64": {"Ref": "Vpc"}}), Value::Unknown(vec!["Vpc".into()])),
        (json!({"Fn::Select": [0, {"Fn::Cidr": ["10.0.0.0/16", 2, 8]}]}), Value::Unknown(vec![])),
        (
            json!({"Fn::Transform": {"Name": "M", "Parameters": {"A": {"Ref": "Vpc"}}}}),
            Value::Unknown(vec!["Vpc".into()]),
        ),
        (json!("{{resolve:secretsmanager:a:SecretString:b}}"), Value::Secret),
        (json!({"Fn::Join": ["", ["{{resolve:ssm-secure:", "a}}"]]}), Value::Secret),
        (json!("{{resolve:ssm:/a/b}}"), Value::looked_up()),
        (json!({"Ref": "AWS::NoValue"}), Value::Null),
        (json!(["a", {"Ref": "AWS::NoValue"}]), Value::List(vec![Value::text("a")])),
        (json!(123_456_789_012_345_678_i64), Value::text("123456789012345678")),
        (json!(1.5), Value::text("1.5")),
    ] {
        assert!(property(&function, &mappings, &[]) == expected, "{function}");
    }
}

#[test]
fn what_is_looked_up_is_set_for_certain_and_what_may_be_nothing_instead_is_not() {
    let image = json!({"Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": "/a"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "AWS::AccountId"}, "1"]}}});
    assert_eq!(property(&json!({"Ref": "P"}), &image, &[]), Value::looked_up());
    let perhaps = json!({"Fn::If": ["C", {"Ref": "P"}, {"Ref": "AWS::NoValue"}]});
    assert_eq!(property(&perhaps, &image, &[]), Value::Unknown(vec![]));
}

#[test]
fn a_zone_is_told_from_the_others_by_its_place_alone() {
    let zone = |place: u64| plain(&json!({"Fn::Select": [place, {"Fn::GetAZs": {"Ref": "AWS::Region"}}]}));
    assert_eq!(zone(0), Value::zone(0));
    assert_ne!(zone(0), zone(1));
    assert!(zone(1).is_open() && zone(1).as_text().is_none(), "no name is made up");
    let zones = json!({"Fn::GetAZs": ""});
    assert_eq!(plain(&zones), Value::zones());
    let passed_on = json!({"Fn::Select": [1, {"Fn::Split": [",", {"Fn::Join": [",", zones]}]}]});
    assert_eq!(plain(&passed_on), Value::zone(1));
    let open = json!({"Conditions": {"C": {"Fn::Equals": [{"Ref": "AWS::StackName"}, "x"]}}});
    let first = json!({"Fn::Select": [0, zones]});
    for may_be_any in [
        json!({"Fn::If": ["C", first, {"Fn::Select": [1, zones]}]}),
        json!({"Fn::If": ["C", first, "eu-west-1a"]}),
        json!({"Fn::Select": [0, {"Fn::If": ["C", zones, ["eu-west-1a"]]}]}),
        json!({"Fn::Select": [{"Ref": "AWS::StackName"}, zones]}),
        json!({"Fn::Sub": ["${A}-x", {"A": first}]}),
    ] {
        assert_eq!(property(&may_be_any, &open, &[]), Value::Unknown(vec![]), "{may_be_any}");
    }
}

#[test]
fn a_parameter_is_what_is_given_else_its_default() {
    let more = json!({"Parameters": {
        "Text": {"Type": "String", "Default": "a"},
        "Open": {"Type": "String"},
        "Number": {"Type": "Number", "Default": 3},
        "List": {"Type": "List<AWS::EC2::AvailabilityZone::Name>"},
        "Commas": {"Type": "CommaDelimitedList", "Default": "a, b"},
        "Masked": {"Type": "String", "NoEcho": true, "Default": "hunter2"},
        "MaskedText": {"Type": "String", "NoEcho": "true"},
        "Looked": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a/b"},
    }});
    let given = [("Open", "b"), ("List", "eu-west-1a,eu-west-1b"), ("MaskedText", "hunter2")];
    for (function, before, after) in [
        (json!({"Ref": "Text"}), Value::text("a"), Value::text("a")),
        (json!({"Ref": "Open"}), Value::of_parameter("Open"), Value::text("b")),
        (json!({"Ref": "Number"}), Value::text("3"), Value::text("3")),
        (json!({"Fn::Select": [1, {"Ref": "List"}]}), Value::of_parameter("List"), Value::text("eu-west-1b")),
        (json!({"Fn::Select": [1, {"Ref": "Commas"}]}), Value::text("b"), Value::text("b")),
        (json!({"Ref": "Masked"}), Value::Secret, Value::Secret),
        (json!({"Fn::Sub": "x${MaskedText}"}), Value::Secret, Value::Secret),
        (json!({"Ref": "Looked"}), Value::looked_up(), Value::looked_up()),
    ] {
        assert!(property(&function, &more, &[]) == before, "{function}");
        assert!(property(&function, &more, &given) == after, "{function}");
    }
}

#[test]
fn a_value_for_a_parameter_that_is_not_there_is_told() {
    let template =
        json!({"Parameters": {"A": {"Type": "String"}}, "Resources": {"R": {"Type": "AWS::EC2::EIP"}}});
    let given = [("A", "x"), ("B", "y"), ("AWS::StackName", "z")];
    let deployment = read_with(&template.to_string(), None, &given, &Alone).unwrap();
    let parameters = deployment.uncounted.iter().filter(|it| it.what.starts_with("parameter "));
    assert_eq!(parameters.map(|it| it.what.as_str()).collect::<Vec<_>>(), ["parameter B"]);
}

const CONDITIONS: &str = r#"{
  "Parameters": {"Nat": {"Type": "String", "AllowedValues": ["yes", "no"]}, "Env": {"Type": "String", "Default": "prod"}},
  "Conditions": {
    "HasNat": {"Fn::Equals": [{"Ref": "Nat"}, "yes"]},
    "IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
    "IsTest": {"Fn::Not": [{"Condition": "IsProd"}]},
    "Both": {"Fn::And": [{"Condition": "HasNat"}, {"Condition": "IsProd"}]},
    "Never": {"Fn::And": [{"Condition": "HasNat"}, {"Condition": "IsTest"}]},
    "Always": {"Fn::Or": [{"Condition": "HasNat"}, {"Condition": "IsProd"}]},
    "Round": {"Fn::Not": [{"Condition": "Round"}]},
    "Zone": {"Fn::Equals": [{"Ref": "AWS::AccountId"}, "1"]}
  },
  "Resources": {
    "A": {"Type": "AWS::EC2::EIP", "Condition": "HasNat"},
    "B": {"Type": "AWS::EC2::EIP", "Condition": "IsProd"},
    "C": {"Type": "AWS::EC2::EIP", "Condition": "IsTest"},
    "D": {"Type": "AWS::EC2::EIP", "Condition": "Both"},
    "E": {"Type": "AWS::EC2::EIP", "Condition": "Never"},
    "F": {"Type": "AWS::EC2::EIP", "Condition": "Always"},
    "G": {"Type": "AWS::EC2::EIP", "Condition": "Round"},
    "H": {"Type": "AWS::EC2::EIP", "Condition": "Zone"},
    "I": {"Type": "AWS::EC2::NatGateway", "Properties": {
      "SubnetId": {"Fn::If": ["HasNat", {"Ref": "A"}, {"Ref": "B"}]},
      "ConnectivityType": {"Fn::If": ["IsProd", "public", "private"]},
      "MaxDrainDurationSeconds": {"Fn::If": ["HasNat", 3, 3]},
      "SecondaryAllocationIds": [{"Fn::If": ["IsTest", "x", {"Ref": "AWS::NoValue"}]}]}}
  }
}"#;

#[test]
fn a_condition_decides_whether_a_resource_is_there_or_may_be() {
    let deployment = read_text(CONDITIONS).unwrap();
    assert_eq!(addresses(&deployment), ["A", "B", "D", "F", "G", "H", "I"]);
    let why: Vec<_> = deployment
        .items
        .iter()
        .filter_map(|item| match &item.certainty {
            Certainty::Certain => None,
            Certainty::Possible(why) => Some(why.as_str()),
        })
        .collect();
    assert_eq!(
        why,
        [
            "condition HasNat needs parameter Nat (--parameter Nat=VALUE)",
            "condition Both needs parameter Nat (--parameter Nat=VALUE)",
            "condition Round is decided only when the stack is made",
            "condition Zone needs AWS::AccountId (--parameter AWS::AccountId=VALUE)",
        ]
    );
    let with = |nat: &str| read_with(CONDITIONS, None, &[("Nat", nat)], &Alone).unwrap();
    assert_eq!(addresses(&with("yes")), ["A", "B", "D", "F", "G", "H", "I"]);
    assert_eq!(with("yes").items[0].certainty, Certainty::Certain);
    assert_eq!(addresses(&with("no")), ["B", "F", "G", "H", "I"]);
}

#[test]
fn an_undecided_choice_is_unknown_and_comes_from_both() {
    let nat = &read_text(CONDITIONS).unwrap().items[6].properties.clone();
    assert_eq!(nat.at("subnet_id").sources(), ["A", "B"]);
    assert_eq!(nat.at("connectivity_type").as_text(), Some("public"));
    assert_eq!(nat.at("max_drain_duration_seconds").as_count(), Some(3), "both say the same");
    assert!(nat.at("secondary_allocation_ids").members().is_empty());
    let decided = read_with(CONDITIONS, None, &[("Nat", "yes")], &Alone).unwrap();
    assert_eq!(decided.items[6].properties.at("subnet_id").sources(), ["A"]);
}

#[test]
fn conditions_that_name_each_other_end() {
    let mut conditions = json!({"C0": {"Fn::Equals": [{"Ref": "AWS::StackName"}, "x"]}});
    for level in 1..60 {
        let before = json!({"Condition": format!("C{}", level - 1)});
        conditions[format!("C{level}")] = json!({"Fn::And": [before, before]});
    }
    let template =
        json!({"Conditions": conditions, "Resources": {"A": {"Type": "AWS::EC2::EIP", "Condition": "C59"}}});
    let deployment = read_text(&template.to_string()).unwrap();
    assert!(matches!(deployment.items[0].certainty, Certainty::Possible(_)));
}

#[test]
fn texts_that_double_each_other_end() {
    let mut text = json!("xxxxxxxx");
    for _ in 0..30 {
        text = json!({"Fn::Sub": ["${A}${A}", {"A": text}]});
    }
    assert!(plain(&text).is_open());
}

const SPELLINGS: &str = "Resources:
  Cluster:
    Type: AWS::EKS::Cluster
    Properties:
      Name: shop
      Version: 1.30
      ResourcesVpcConfig: {SubnetIds: [!Ref A, !Ref B]}
      Tags: [{Key: MyKey, Value: 1}]
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      DesiredCapacity: '2'
      AutoScalingGroupName: 7
      LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: !GetAtt Template.LatestVersionNumber}
      Tags: [{Key: Name, Value: x, PropagateAtLaunch: true}]
  Nodes:
    Type: AWS::EKS::Nodegroup
    Properties:
      ClusterName: !Ref Cluster
      NodegroupName: n
      ScalingConfig: {DesiredSize: 2, MinSize: 1}
      LaunchTemplate: {Id: !Ref Template}
      Subnets: [!Ref A]
      Labels: {MyLabel: x}
      Tags: {MyKey: y}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: r
      ManagedPolicyArns: [a, b]
      AssumeRolePolicyDocument: {Statement: []}
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateName: t
      TagSpecifications: [{ResourceType: launch-template, Tags: [{Key: A, Value: own}]}]
      LaunchTemplateData:
        ImageId: ami-1
        UserData: !Base64 text
        InstanceMarketOptions: {MarketType: spot}
        SecurityGroupIds: [sg-1]
        TagSpecifications: [{ResourceType: instance, Tags: [{Key: B, Value: its}]}]
  Users:
    Type: AWS::RDS::DBInstance
    Properties: {MasterUserPassword: hunter2, DBInstanceIdentifier: x, Tags: [{Key: A, Value: b}]}
";

#[test]
fn base64_of_base64_ends() {
    let mut value = json!("x".repeat(1_000));
    for _ in 0..100 {
        value = json!({ "Fn::Base64": value });
    }
    let template = json!({"Resources": {"T": {"Type": "AWS::EC2::LaunchTemplate", "Properties": {
        "LaunchTemplateData": {"UserData": value}}}}});
    let deployment = read_text(&template.to_string()).unwrap();
    assert!(deployment.items[0].properties.at("user_data").is_open());
}

#[test]
fn properties_have_one_spelling() {
    let deployment = read_text(SPELLINGS).unwrap();
    let of =
        |address: &str| &deployment.items.iter().find(|item| item.address == address).unwrap().properties;
    let text = |address: &str, path: &str| of(address).at(path).as_text().map(str::to_owned);
    assert_eq!(text("Cluster", "version").as_deref(), Some("1.30"));
    assert_eq!(of("Cluster").at("vpc_config.subnet_ids").members().len(), 2);
    assert_eq!(text("Cluster", "tags.MyKey").as_deref(), Some("1"), "a tag's value is text");
    assert_eq!(of("Group").at("desired_capacity").as_count(), Some(2));
    assert_eq!(text("Group", "name").as_deref(), Some("7"));
    assert_eq!(of("Group").at("launch_template.id").sources(), ["Template"]);
    assert_eq!(text("Group", "tags.Name").as_deref(), Some("x"));
    assert_eq!(text("Nodes", "node_group_name").as_deref(), Some("n"));
    assert_eq!(of("Nodes").at("scaling_config.desired_size").as_count(), Some(2));
    assert_eq!(of("Nodes").at("launch_template.id").sources(), ["Template"]);
    assert_eq!(of("Nodes").at("subnet_ids").members().len(), 1);
    assert_eq!(text("Nodes", "labels.MyLabel").as_deref(), Some("x"));
    assert_eq!(text("Nodes", "tags.MyKey").as_deref(), Some("y"));
    assert_eq!(text("Role", "name").as_deref(), Some("r"));
    assert_eq!(of("Role").at("managed_policy_arns").members().len(), 2);
    assert!(of("Role").at("assume_role_policy_document").is_empty());
    assert_eq!(text("Template", "name").as_deref(), Some("t"));
    assert_eq!(text("Template", "image_id").as_deref(), Some("ami-1"));
    assert_eq!(text("Template", "user_data").as_deref(), Some("dGV4dA=="));
    assert_eq!(text("Template", "instance_market_options.market_type").as_deref(), Some("spot"));
    assert_eq!(text("Template", "tags.A").as_deref(), Some("own"));
    assert_eq!(text("Template", "tag_specifications.tags.B").as_deref(), Some("its"));
    assert_eq!(
        of("Users").entries().map(|(name, _)| name).collect::<Vec<_>>(),
        ["tags"],
        "secrets are dropped"
    );
}

#[test]
fn tags_whose_key_is_not_known_are_not_known() {
    let template = json!({"Resources": {"A": {"Type": "AWS::EC2::EIP", "Properties": {"Tags": [
        {"Key": "Name", "Value": "x"}, {"Key": {"Fn::Sub": "kubernetes.io/cluster/${B}"}, "Value": "owned"}]}},
        "B": {"Type": "AWS::EKS::Cluster"}}});
    let deployment = read_text(&template.to_string()).unwrap();
    assert_eq!(deployment.items[0].properties.at("tags").sources(), ["B"]);
}

#[test]
fn what_is_wholly_unknown_is_not_told_to_be_absent() {
    let template = json!({
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "AWS::StackName"}, "x"]}},
        "Resources": {"A": {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData":
            {"Fn::If": ["C", {"ImageId": "ami-1"}, {"InstanceType": "t3.small"}]}}}}});
    let deployment = read_text(&template.to_string()).unwrap();
    assert!(deployment.items[0].properties.at("image_id").is_open());
}

#[test]
fn a_resource_comes_after_what_it_refers_to() {
    let template = json!({"Parameters": {"P": {"Type": "String"}}, "Resources": {
        "A": {"Type": "AWS::EC2::EIP", "DependsOn": "B", "Properties": {"X": [{"Ref": "P"}, {"Ref": "A"}]}},
        "B": {"Type": "AWS::EC2::EIP", "DependsOn": ["C"], "Properties": {
            "X": {"Fn::Sub": ["${D.Id}-${V}", {"V": {"Fn::GetAtt": ["E", "Arn"]}}]}}},
        "C": {"Type": "AWS::EC2::EIP"}, "D": {"Type": "AWS::EC2::EIP"}, "E": {"Type": "AWS::EC2::EIP"}}});
    let deployment = read_text(&template.to_string()).unwrap();
    assert_eq!(deployment.items[0].after, ["B"]);
    assert_eq!(deployment.items[1].after, ["C", "D", "E"]);
}

#[test]
fn regional_kinds_are_made_in_the_given_region_and_global_ones_everywhere() {
    let template =
        json!({"Resources": {"A": {"Type": "AWS::EC2::EIP"}, "B": {"Type": "AWS::IAM::Role"}}}).to_string();
    let regions =
        |deployment: Deployment| deployment.items.into_iter().map(|it| it.region).collect::<Vec<_>>();
    let given = read_with(&template, Some("eu-west-1"), &[], &Alone).unwrap();
    assert_eq!(regions(given), [Some(Region::new("eu-west-1")), Some(Region::global())]);
    assert_eq!(regions(read_text(&template).unwrap()), [None, Some(Region::global())]);
}

#[test]
fn a_loop_makes_one_of_each_where_its_collection_is_known() {
    let template = json!({
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"Names": {"Type": "CommaDelimitedList"}},
        "Resources": {
            "Fn::ForEach::Outer": ["Name", {"Ref": "Names"}, {
                "Fn::ForEach::Inner": ["Place", ["1", "2"], {
                    "Eip${Name}${Place}": {"Type": "AWS::EC2::EIP", "Properties": {"Tags": [
                        {"Key": "Name", "Value": {"Fn::Sub": "${Name}-${Place}"}},
                        {"Key": "Alone", "Value": {"Ref": "Name"}}]}}}],
                "Net&{Name}": {"Type": "AWS::EC2::Subnet"}}]}})
    .to_string();
    let known = read_with(&template, None, &[("Names", "A,b-c")], &Alone).unwrap();
    assert_eq!(addresses(&known), ["EipA1", "EipA2", "Eipb-c1", "Eipb-c2", "NetA", "Netbc"]);
    assert_eq!(known.items[3].properties.at("tags.Name").as_text(), Some("b-c-2"));
    assert_eq!(known.items[3].properties.at("tags.Alone").as_text(), Some("b-c"));
    assert!(open(&known).is_empty());
    let unknown = read_text(&template).unwrap();
    assert_eq!((addresses(&unknown), open(&unknown)), (vec![], vec!["Fn::ForEach::Outer"]));
}

#[test]
fn loops_that_multiply_end() {
    let members: Vec<String> = (0..100).map(|it| it.to_string()).collect();
    let mut body = json!({"A${L0}${L1}${L2}${L3}${L4}${L5}": {"Type": "AWS::EC2::EIP"}});
    for level in 0..6 {
        body = json!({format!("Fn::ForEach::X{level}"): [format!("L{level}"), members, body]});
    }
    let deployment = read_text(&json!({"Resources": body}).to_string()).unwrap();
    assert_eq!((deployment.items.len(), open(&deployment).len()), (0, 1));
}

#[test]
fn what_makes_more_than_it_shows_is_uncounted() {
    let cases = [
        (json!("AWS::Serverless-2016-10-31"), json!({"Type": "AWS::EC2::EIP"}), 1),
        (json!(["AWS::LanguageExtensions", "Mine"]), json!({"Type": "AWS::EC2::EIP"}), 1),
        (json!({"Name": "AWS::Include"}), json!({"Type": "AWS::EC2::EIP"}), 1),
        (json!("AWS::LanguageExtensions"), json!({"Type": "AWS::EC2::EIP"}), 0),
        (json!(null), json!({"Type": "My::Own::Thing::MODULE"}), 1),
        (json!(null), json!({"Type": "AWS::Serverless::Function"}), 1),
        (
            json!(null),
            json!({"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://a/b"}}),
            1,
        ),
        (
            json!(null),
            json!({"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "../b.yaml"}}),
            1,
        ),
    ];
    for (transform, resource, expected) in cases {
        let template = json!({"Transform": transform, "Resources": {"A": resource}});
        let deployment = read_text(&template.to_string()).unwrap();
        assert_eq!(open(&deployment).len(), expected, "{template}");
    }
    let remarks = |type_name: &str| {
        let template = json!({"Resources": {"A": {"Type": type_name}}});
        let deployment = read_text(&template.to_string()).unwrap();
        deployment.uncounted.iter().filter(|it| it.what == "A" && it.weight == Weight::Remark).count()
    };
    assert_eq!(remarks("Custom::Anything"), 1);
    assert_eq!(remarks("AWS::CloudFormation::CustomResource"), 1);
    assert_eq!(remarks("Vendor::Service::Thing"), 1);
    assert_eq!(remarks("Custom::VpcRestrictDefaultSG"), 0);
    assert_eq!(remarks("Custom::AWSCDK-EKS-Cluster"), 0);
    let included =
        json!({"Resources": {"A": {"Type": "AWS::EC2::EIP"}, "Fn::Transform": {"Name": "AWS::Include"}}});
    assert_eq!(open(&read_text(&included.to_string()).unwrap()), ["Fn::Transform"]);
}

const PARENT: &str = "
Parameters: {Zones: {Type: String}}
Conditions: {Zoned: !Equals [!Ref Zones, 'yes']}
Resources:
  Vpc: {Type: AWS::EC2::VPC}
  Net:
    Type: AWS::CloudFormation::Stack
    Condition: Zoned
    Properties:
      TemplateURL: ./nets/net.yaml
      Parameters: {VpcId: !Ref Vpc, Zones: !Join [',', !GetAZs ''], Size: 3}
  User:
    Type: AWS::EC2::NatGateway
    Properties:
      SubnetId: !GetAtt Net.Outputs.SubnetId
      AllocationId: !GetAtt Net.Outputs.Eip
      Tags:
        - {Key: both, Value: !Sub '${Net.Outputs.SubnetId} ${Net.Outputs.Zone} ${Vpc}'}
        - {Key: place, Value: !GetAtt Net.Outputs.Place}
        - {Key: size, Value: !GetAtt Net.Outputs.Size}
        - {Key: none, Value: !GetAtt Net.Outputs.Nothing}
";
const CHILD: &str = "
Parameters: {VpcId: {Type: String}, Zones: {Type: CommaDelimitedList}, Size: {Type: Number}}
Conditions: {Big: !Equals [!Ref Size, 3]}
Resources:
  Subnet:
    Type: AWS::EC2::Subnet
    Condition: Big
    Properties: {VpcId: !Ref VpcId, AvailabilityZone: !Select [1, !Ref Zones]}
  Deep: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ../deep.json}}
Outputs:
  SubnetId: {Value: !Ref Subnet}
  Zone: {Value: !GetAtt Subnet.AvailabilityZone}
  Place: {Value: !Select [0, !GetAZs '']}
  Size: {Value: 3}
  Eip: {Value: !GetAtt Deep.Outputs.Eip}
";

#[test]
fn a_nested_stack_is_read_from_the_file_beside() {
    let deep = r#"{"Resources": {"Eip": {"Type": "AWS::EC2::EIP", "Properties": {"InstanceId": {"Ref": "Other"}},
        "DependsOn": "Other"}, "Other": {"Type": "AWS::EC2::Instance"}},
        "Outputs": {"Eip": {"Value": {"Fn::GetAtt": ["Eip", "AllocationId"]}}}}"#;
    let files = [("nets/net.yaml", CHILD), ("deep.json", deep)];
    let folder = Files::of(&files);
    let deployment = read_with(PARENT, None, &[], &folder).unwrap();
    assert_eq!(
        addresses(&deployment),
        ["Net", "Net.Deep", "Net.Deep.Eip", "Net.Deep.Other", "Net.Subnet", "User", "Vpc"]
    );
    assert!(open(&deployment).is_empty());
    let subnet = &deployment.items[4];
    assert_eq!(subnet.properties.at("vpc_id").sources(), ["Vpc"], "a parameter passes what it came from");
    assert_eq!(subnet.properties.at("availability_zone"), &Value::zone(1));
    assert_eq!(
        subnet.certainty,
        Certainty::Possible("condition Zoned needs parameter Zones (--parameter Zones=VALUE)".into())
    );
    assert_eq!(subnet.after, ["Vpc"], "it waits for what its stack waits for");
    assert_eq!(deployment.items[2].after, ["Net.Deep.Other", "Vpc"]);
    assert_eq!(deployment.items[5].after, ["Net", "Vpc"]);
    let inner = ["Vpc", "Net.Deep", "Net.Deep.Eip", "Net.Deep.Other", "Net.Subnet"];
    assert_eq!(deployment.items[0].after, inner, "a stack is there when all in it is");
    let none = read_with(PARENT, None, &[("Zones", "no")], &folder).unwrap();
    assert_eq!(addresses(&none), ["User", "Vpc"]);
}

#[test]
fn what_a_nested_stack_hands_out_comes_from_the_resource_in_it() {
    let deep = r#"{"Resources": {"Eip": {"Type": "AWS::EC2::EIP"}}, "Outputs":
        {"Eip": {"Value": {"Fn::GetAtt": ["Eip", "AllocationId"]}}}}"#;
    let files = [("nets/net.yaml", CHILD), ("deep.json", deep)];
    let folder = Files::of(&files);
    let sources = |folder: &dyn Beside, path: &str| {
        let deployment = read_with(PARENT, None, &[], folder).unwrap();
        let user = deployment.items.iter().find(|item| item.address == "User").unwrap();
        user.properties.at(path).sources().to_vec()
    };
    for (path, inner, outer) in [
        ("subnet_id", vec!["Net.Subnet"], vec!["Net"]),
        ("allocation_id", vec!["Net.Deep.Eip"], vec!["Net"]),
        ("tags.both", vec!["Net.Subnet", "Vpc"], vec!["Net", "Vpc"]),
        ("tags.place", vec!["Net"], vec!["Net"]),
        ("tags.size", vec!["Net"], vec!["Net"]),
        ("tags.none", vec!["Net"], vec!["Net"]),
    ] {
        assert_eq!(sources(&folder, path), inner, "{path}");
        assert_eq!(sources(&Alone, path), outer, "{path}, where the template is not beside");
    }
}

#[test]
fn a_nested_template_that_is_broken_breaks_the_whole() {
    for broken in
        ["", "{\"Resources\": ", "Resources: {A: {}}", "a: [", "AWSTemplateFormatVersion: 2099-01-01"]
    {
        let folder = Files::of(&[("nets/net.yaml", broken)]);
        assert!(read_with(PARENT, None, &[], &folder).is_err(), "{broken:?}");
    }
}

#[test]
fn a_template_that_nests_itself_ends() {
    let own = "Resources:\n  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: own.yaml}}\n  \
               B: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: own.yaml}}\n";
    let folder = Files::of(&[("own.yaml", own)]);
    let deployment = read_with(own, None, &[], &folder).unwrap();
    assert!(!open(&deployment).is_empty());
    assert!(deployment.items.len() < 60_000);
}

#[test]
fn what_is_no_template_is_an_error() {
    for (text, part) in [
        ("[]", "not a mapping"),
        ("just text", "not a mapping"),
        ("{}", "no Resources"),
        ("{\"Resources\": {}}", "no Resources"),
        ("{\"Resources\": []}", "no Resources"),
        ("{\"Resources\": {\"Eip\": {}}}", "resource Eip has no Type"),
        ("{\"Resources\": {\"Eip\": {\"Type\": 3}}}", "resource Eip has no Type"),
        ("{\"Resources\": {\"Eip\": null}}", "resource Eip has no Type"),
        ("{\"Conditions\": 3, \"Resources\": {\"E\": {\"Type\": \"A\"}}}", "Conditions"),
        (
            "{\"Resources\": {\"E\": {\"Type\": \"A\", \"Condition\": \"C\"}}}",
            "condition C, which is not there",
        ),
        ("{\"Resources\": {\"E\": {\"Type\": \"A\"}, \"E\": {\"Type\": \"A\"}}}", "twice"),
        ("Resources:\n  E: {Type: A}\n  E: {Type: A}\n", "line 3"),
        ("AWSTemplateFormatVersion: 2099-01-01\nResources: {E: {Type: A}}", "2099-01-01"),
    ] {
        let error = read_text(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
    assert!(read_text("AWSTemplateFormatVersion: 2010-09-09\nResources: {E: {Type: A}}").is_ok());
}
