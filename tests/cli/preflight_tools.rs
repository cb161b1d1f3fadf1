//! The same trouble is found whatever tool wrote the file, through the readers themselves.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::Call;
use crate::preflight::{plan, world};

/// `check subject`, of all that fails.
fn failing(text: &str, line: &str) -> BTreeSet<String> {
    let call = Call::new(world());
    let path = call.path("file");
    std::fs::write(&path, text).unwrap();
    let ended = call.run(&format!("preflight {path} -o json {line}"));
    let document: Value = serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{}", ended.err));
    let findings = document["findings"].as_array().unwrap().iter();
    let failing = findings.filter(|it| it["outcome"] == "fail").map(|it| {
        let subject = it["subject"].as_str().unwrap();
        format!("{} {}", it["check"].as_str().unwrap(), subject.rsplit([':', '.']).next().unwrap())
    });
    failing.collect()
}

const BOTTLEROCKET: &str = "[settings.kubernetes]\napi-server = \"https://x\"\ncluster-name = \"shop\"\n";
/// The same in base64.
const ENCODED: &str =
    "W3NldHRpbmdzLmt1YmVybmV0ZXNdCmFwaS1zZXJ2ZXIgPSAiaHR0cHM6Ly94IgpjbHVzdGVyLW5hbWUgPSAic2hvcCIK";

fn expected(more: &[&str]) -> BTreeSet<String> {
    let common = ["eks-version main", "addon-version cni", "node-image workers", "names node", "tags net"];
    common.iter().chain(more).map(|it| (*it).to_owned()).collect()
}

#[test]
fn in_a_terraform_plan() {
    let text = plan(&[
        ("aws_eks_cluster", "main", json!({ "name": "shop", "version": "1.35", "compute_config": [] })),
        ("aws_eks_cluster", "old", json!({ "name": "old", "version": "1.35" })),
        (
            "aws_eks_addon",
            "cni",
            json!({ "cluster_name": "shop", "addon_name": "vpc-cni", "addon_version": "v1.0.0" }),
        ),
        ("aws_launch_template", "lt", json!({ "name": "nodes", "image_id": "ami-1", "user_data": ENCODED })),
        (
            "aws_eks_node_group",
            "workers",
            json!({ "cluster_name": "shop", "launch_template": [{ "name": "nodes", "version": "1" }] }),
        ),
        ("aws_iam_role", "node", json!({ "name": "demo-a1-node" })),
        ("aws_vpc", "net", json!({ "tags": { "Name": "[object Object]" } })),
    ]);
    let text = text.replace("\"old\",\"version\":\"1.35\"", "\"old\",\"version\":\"1.32\"");
    let mut wanted = expected(&[]);
    wanted.remove("eks-version main");
    assert_eq!(failing(&text, ""), wanted);
}

/// What Pulumi writes for a text that is not known yet.
const UNKNOWN: &str = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/// A Pulumi preview that makes these: type, name, inputs, and what they depend on, in what is not known yet.
fn preview(things: &[(&str, &str, Value, &[&str])]) -> String {
    let urn = |type_name: &str, name: &str| format!("urn:pulumi:dev::shop::{type_name}::{name}");
    let steps: Vec<Value> = things
        .iter()
        .map(|(type_name, name, inputs, dependencies)| {
            let find =
                |name: &&str| things.iter().find(|it| it.1 == *name).map(|it| urn(it.0, it.1)).unwrap();
            let dependencies: Vec<String> = dependencies.iter().map(find).collect();
            let package = type_name.split(':').next().unwrap();
            let provider = urn(&format!("pulumi:providers:{package}"), "default");
            let provider = format!("{provider}::{UNKNOWN}");
            let open =
                inputs.as_object().into_iter().flatten().filter(|(_, it)| it.to_string().contains(UNKNOWN));
            let by_property: serde_json::Map<String, Value> =
                open.map(|(name, _)| (name.clone(), json!(dependencies))).collect();
            json!({ "op": "create", "urn": urn(type_name, name), "provider": provider, "newState": {
                "urn": urn(type_name, name), "custom": true, "type": type_name, "inputs": inputs,
                "dependencies": dependencies, "propertyDependencies": by_property, "provider": provider,
            } })
        })
        .collect();
    let count = steps.len();
    json!({
        "config": { "aws:region": "us-east-1" }, "steps": steps, "duration": 1,
        "changeSummary": { "create": count },
    })
    .to_string()
}

#[test]
fn in_a_pulumi_preview() {
    let text = preview(&[
        ("aws:eks/cluster:Cluster", "main", json!({ "name": "shop", "version": "1.30" }), &[]),
        (
            "aws:eks/addon:Addon",
            "cni",
            json!({ "clusterName": "other", "addonName": "vpc-cni", "addonVersion": "v1.0.0" }),
            &[],
        ),
        ("aws:eks/cluster:Cluster", "other", json!({ "name": "other", "version": "1.35" }), &[]),
        (
            "aws:ec2/launchTemplate:LaunchTemplate",
            "lt",
            json!({ "name": "nodes", "imageId": "ami-1", "userData": ENCODED }),
            &[],
        ),
        (
            "aws:eks/nodeGroup:NodeGroup",
            "workers",
            json!({ "clusterName": "shop", "launchTemplate": { "name": "nodes", "version": "1" } }),
            &["main", "lt"],
        ),
        ("aws:iam/role:Role", "node", json!({ "name": "demo-a1-node" }), &[]),
        (
            "aws:ec2/vpc:Vpc",
            "net",
            json!({ "tags": { "Name": "Calling [toString] on an [Output<T>]" } }),
            &[],
        ),
        ("kubernetes:helm.sh/v3:Release", "web", json!({ "chart": "web", "values": {} }), &["main"]),
        ("kubernetes:helm.sh/v3:Release", "late", json!({ "chart": "web" }), &["workers"]),
        ("kubernetes:helm.sh/v3:Release", "bold", json!({ "chart": "web", "skipAwait": true }), &["main"]),
    ]);
    assert_eq!(failing(&text, ""), expected(&["helm-order web"]));
}

#[test]
fn in_a_cloudformation_template() {
    let user_data = format!(
        "\n          Fn::Base64: |\n            {}",
        BOTTLEROCKET.trim_end().replace('\n', "\n            ")
    );
    let text = format!(
        "AWSTemplateFormatVersion: '2010-09-09'
Resources:
  main:
    Type: AWS::EKS::Cluster
    Properties: {{ Name: shop, Version: '1.30', RoleArn: arn }}
  other:
    Type: AWS::EKS::Cluster
    Properties: {{ Name: other, Version: '1.35', RoleArn: arn }}
  cni:
    Type: AWS::EKS::Addon
    Properties: {{ ClusterName: !Ref other, AddonName: vpc-cni, AddonVersion: v1.0.0 }}
  lt:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        ImageId: ami-1
        UserData:{user_data}
  workers:
    Type: AWS::EKS::Nodegroup
    Properties: {{ ClusterName: !Ref main, LaunchTemplate: {{ Id: !Ref lt, Version: '1' }} }}
  node:
    Type: AWS::IAM::Role
    Properties: {{ RoleName: demo-a1-node }}
  net:
    Type: AWS::EC2::VPC
    Properties: {{ Tags: [{{ Key: Name, Value: '[object Object]' }}] }}
"
    );
    // Of a template alone nobody knows whether it updates the stack that has the name, unless an orphan has it.
    let select = "--region us-east-1 --select tag:Project=demo --protect stack=demo/live";
    assert_eq!(failing(&text, select), expected(&[]));
    let mut without = expected(&[]);
    without.remove("names node");
    assert_eq!(failing(&text, "--region us-east-1"), without);
}

#[test]
fn a_release_that_does_not_wait_is_well_in_a_terraform_plan_too() {
    let release = |wait: bool| {
        plan(&[
            ("aws_eks_cluster", "main", json!({ "name": "shop", "version": "1.35" })),
            ("helm_release", "web", json!({ "name": "web", "chart": "web", "wait": wait, "values": [] })),
        ])
    };
    assert_eq!(failing(&release(false), "--checks helm-order"), BTreeSet::new());
    assert_eq!(failing(&release(true), "--checks helm-order"), BTreeSet::from(["helm-order web".to_owned()]));
}

#[test]
fn the_cluster_autoscaler_is_found_in_the_values_of_both_tools() {
    let warns = |text: &str| {
        let call = Call::new(world());
        let path = call.path("file");
        std::fs::write(&path, text).unwrap();
        call.run(&format!("preflight {path} --checks cluster-autoscaler --strict")).exit
    };
    let terraform = |tag: &str| {
        let values = format!("autoDiscovery:\n  clusterName: shop\nimage:\n  tag: {tag}\n");
        plan(&[
            ("aws_eks_cluster", "main", json!({ "name": "shop", "version": "1.35" })),
            (
                "helm_release",
                "ca",
                json!({ "name": "ca", "chart": "cluster-autoscaler", "values": [values] }),
            ),
        ])
    };
    let pulumi = |tag: &str| {
        let values = json!({ "autoDiscovery": { "clusterName": "shop" }, "image": { "tag": tag } });
        preview(&[
            ("aws:eks/cluster:Cluster", "main", json!({ "name": "shop", "version": "1.35" }), &[]),
            (
                "kubernetes:helm.sh/v3:Release",
                "ca",
                json!({ "chart": "cluster-autoscaler", "values": values }),
                &[],
            ),
        ])
    };
    use aws_janitor::cli::Exit;
    for text in [terraform("v1.29.0"), pulumi("v1.29.0")] {
        assert_eq!(warns(&text), Exit::Refused, "{text}");
    }
    for text in [terraform("v1.35.1"), pulumi("v1.35.1")] {
        assert_eq!(warns(&text), Exit::Done, "{text}");
    }
}

/// Bottlerocket's three settings, in base64.
const WHOLE: &str = "W3NldHRpbmdzLmt1YmVybmV0ZXNdCmFwaS1zZXJ2ZXIgPSAiaHR0cHM6Ly94IgpjbHVzdGVyLWNlcnRpZmljYXRlID0gIllnPT0iCmNsdXN0ZXItbmFtZSA9ICJzaG9wIgo=";

/// A thing of a preview.
type Thing = (&'static str, &'static str, Value, &'static [&'static str]);

/// A subnet for nodes out of which a route leads.
fn network() -> Vec<Thing> {
    let routes = json!([{ "cidrBlock": "0.0.0.0/0", "natGatewayId": UNKNOWN }]);
    vec![
        ("aws:ec2/subnet:Subnet", "private", json!({ "cidrBlock": "10.0.0.0/24" }), &[]),
        ("aws:ec2/routeTable:RouteTable", "out", json!({ "routes": routes }), &["nat"]),
        (
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            "out-of-private",
            json!({ "subnetId": UNKNOWN, "routeTableId": UNKNOWN }),
            &["private", "out"],
        ),
        ("aws:ec2/natGateway:NatGateway", "nat", json!({ "connectivityType": "private" }), &[]),
    ]
}

#[test]
fn no_check_fires_on_a_healthy_deployment_and_each_has_looked() {
    let call = Call::new(world());
    let file = |name: &str, text: &str| std::fs::write(call.path(name), text).unwrap();
    let auto_scaler = json!({ "autoDiscovery": { "clusterName": "shop" }, "image": { "tag": "v1.35.0" } });
    let on = || json!({ "enabled": true });
    let cluster = json!({
        "name": "shop", "version": "1.35", "computeConfig": on(),
        "kubernetesNetworkConfig": { "elasticLoadBalancing": on() }, "storageConfig": { "blockStorage": on() },
    });
    let arm =
        json!({ "clusterName": "shop", "amiType": "AL2023_ARM_64_STANDARD", "instanceTypes": ["m7g.large"] });
    let more: Vec<Thing> = vec![
        ("aws:eks/cluster:Cluster", "main", cluster, &[]),
        (
            "aws:eks/addon:Addon",
            "cni",
            json!({ "clusterName": "shop", "addonName": "vpc-cni", "addonVersion": "v1.20.4-eksbuild.2" }),
            &["main"],
        ),
        (
            "aws:ec2/launchTemplate:LaunchTemplate",
            "lt",
            json!({ "name": "nodes", "imageId": "ami-1", "userData": WHOLE }),
            &[],
        ),
        (
            "aws:eks/nodeGroup:NodeGroup",
            "workers",
            json!({ "clusterName": "shop", "launchTemplate": { "name": "nodes", "version": "1" }, "subnetIds": [UNKNOWN], "scalingConfig": { "desiredSize": 1 } }),
            &["main", "lt", "private"],
        ),
        ("aws:eks/nodeGroup:NodeGroup", "arm", arm, &["main"]),
        ("aws:iam/role:Role", "node", json!({ "name": "demo-a3-node", "tags": { "Owner": "team" } }), &[]),
        (
            "kubernetes:helm.sh/v3:Release",
            "ca",
            json!({ "chart": "cluster-autoscaler", "values": auto_scaler }),
            &["workers"],
        ),
    ];
    file("preview.json", &preview(&[network(), more].concat()));
    file("Pulumi.yaml", "name: shop\nruntime: nodejs\nconfig:\n  aws:region:\n    value: us-east-1\n");
    let state = json!({ "version": 3, "deployment": { "manifest": { "time": "2026-11-20T00:00:00Z", "magic": "x", "version": "v3.1" } } });
    file("state.json", &state.to_string());
    let (preview, state) = (call.path("preview.json"), call.path("state.json"));
    // The fake's catalog knows no clusters and no launch templates: their names nobody read.
    let ended = call.run(&format!("preflight {preview} --state {state} -o json"));
    let document: Value = serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{}", ended.err));
    let of = |outcome: &str| -> BTreeSet<String> {
        let findings = document["findings"].as_array().unwrap().iter().filter(|it| it["outcome"] == outcome);
        findings.map(|it| it["check"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((of("fail"), of("warn")), (BTreeSet::new(), BTreeSet::new()), "{document:#}");
    let looked: BTreeSet<String> =
        aws_janitor::preflight::CHECKS.iter().map(|check| check.name.word().to_owned()).collect();
    let mut passed = of("pass");
    passed.insert("quotas".to_owned());
    assert_eq!(passed, looked, "{document:#}");
}

#[test]
fn a_region_that_does_not_exist_is_told_and_not_read() {
    let text = plan(&[("aws_vpc", "net", json!({ "cidr_block": "10.0.0.0/16" }))]);
    let call = Call::new(world());
    let path = call.path("plan.json");
    std::fs::write(&path, text.replace("us-east-1", "us-esat-1")).unwrap();
    let ended = call.run(&format!("preflight {path} --checks region,names"));
    assert!(ended.out.contains("correct the region; is us-east-1 meant?"), "{}{}", ended.err, ended.out);
    assert!(!ended.err.contains("Regions us-esat-1"), "{}", ended.err);
}

#[test]
fn unresolved_outputs_are_found_in_what_the_readers_drop() {
    const TO_STRING: &str = "Calling [toString] on an [Output<T>] is not supported.";
    let condition = json!({ "StringEquals": { format!("{TO_STRING}:sub"): "system:serviceaccount:a:b" } });
    let policy = json!({ "Statement": [{ "Effect": "Allow", "Condition": condition }] });
    let wanted: BTreeSet<String> = ["tags role", "tags group"].map(str::to_owned).into();
    let previewed = preview(&[
        ("aws:iam/role:Role", "role", json!({ "name": "r", "assumeRolePolicy": policy.to_string() }), &[]),
        ("aws:ec2/securityGroup:SecurityGroup", "group", json!({ "description": TO_STRING }), &[]),
        ("aws:ec2/securityGroup:SecurityGroup", "other", json!({ "description": "of Output<T>" }), &[]),
    ]);
    assert_eq!(failing(&previewed, "--checks tags"), wanted);
    let template = json!({ "Resources": {
        "role": { "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": policy } },
        "group": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "GroupDescription": TO_STRING } },
        "topic": { "Type": "AWS::SNS::TopicPolicy", "Properties": { "PolicyDocument": { "Statement": [] } } },
    } });
    assert_eq!(failing(&template.to_string(), "--checks tags --region us-east-1"), wanted);
}
