//! Templates of CloudFormation's and previews of Pulumi's, as long as they are wanted.

use std::fmt::Write;

use crate::Shape;

/// What a stack of a template consists of: logical id, type, properties. `{n}` is the stack's number, `{net}` the
/// name of its network, `{cluster}` that of its cluster.
const RESOURCES: [(&str, &str, &str); 16] = [
    (
        "SubnetA{n}",
        "AWS::EC2::Subnet",
        "\"VpcId\":{\"Ref\":\"{net}\"},\"CidrBlock\":\"10.0.1.0/24\",\"AvailabilityZone\":{\"Fn::Select\":[0,{\"Fn::GetAZs\":\"\"}]}",
    ),
    (
        "SubnetB{n}",
        "AWS::EC2::Subnet",
        "\"VpcId\":{\"Ref\":\"{net}\"},\"CidrBlock\":\"10.0.2.0/24\",\"AvailabilityZone\":{\"Fn::Select\":[1,{\"Fn::GetAZs\":\"\"}]}",
    ),
    ("Routes{n}", "AWS::EC2::RouteTable", "\"VpcId\":{\"Ref\":\"{net}\"}"),
    ("Eip{n}", "AWS::EC2::EIP", "\"Domain\":\"vpc\""),
    (
        "Nat{n}",
        "AWS::EC2::NatGateway",
        "\"SubnetId\":{\"Ref\":\"SubnetA{n}\"},\"AllocationId\":{\"Fn::GetAtt\":[\"Eip{n}\",\"AllocationId\"]}",
    ),
    (
        "Group{n}",
        "AWS::EC2::SecurityGroup",
        "\"VpcId\":{\"Ref\":\"{net}\"},\"GroupDescription\":{\"Fn::Sub\":\"nodes of ${AWS::StackName} {n}\"}",
    ),
    (
        "Box{n}",
        "AWS::EC2::Instance",
        "\"InstanceType\":\"t3.medium\",\"ImageId\":\"ami-0123456789abcdef0\",\"SubnetId\":{\"Ref\":\"SubnetB{n}\"},\"SecurityGroupIds\":[{\"Ref\":\"Group{n}\"}],\"UserData\":{\"Fn::Base64\":\"#!/bin/sh\\necho ready\\n\"}",
    ),
    (
        "Nodes{n}",
        "AWS::EC2::LaunchTemplate",
        "\"LaunchTemplateData\":{\"InstanceType\":\"m5.large\",\"SecurityGroupIds\":[{\"Ref\":\"Group{n}\"}]}",
    ),
    (
        "Workers{n}",
        "AWS::AutoScaling::AutoScalingGroup",
        "\"MinSize\":\"1\",\"MaxSize\":\"4\",\"DesiredCapacity\":\"2\",\"LaunchTemplate\":{\"LaunchTemplateId\":{\"Ref\":\"Nodes{n}\"},\"Version\":{\"Fn::GetAtt\":[\"Nodes{n}\",\"LatestVersionNumber\"]}},\"VPCZoneIdentifier\":[{\"Ref\":\"SubnetA{n}\"},{\"Ref\":\"SubnetB{n}\"}]",
    ),
    (
        "Warm{n}",
        "AWS::AutoScaling::WarmPool",
        "\"AutoScalingGroupName\":{\"Ref\":\"Workers{n}\"},\"MinSize\":1",
    ),
    (
        "Role{n}",
        "AWS::IAM::Role",
        "\"RoleName\":\"nodes-{n}\",\"AssumeRolePolicyDocument\":{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}",
    ),
    (
        "Policy{n}",
        "AWS::IAM::ManagedPolicy",
        "\"Roles\":[{\"Ref\":\"Role{n}\"}],\"PolicyDocument\":{\"Version\":\"2012-10-17\",\"Statement\":[]}",
    ),
    (
        "Managed{n}",
        "AWS::EKS::Nodegroup",
        "\"ClusterName\":{\"Ref\":\"{cluster}\"},\"NodeRole\":{\"Fn::GetAtt\":[\"Role{n}\",\"Arn\"]},\"ScalingConfig\":{\"DesiredSize\":2,\"MinSize\":1,\"MaxSize\":3},\"Subnets\":[{\"Ref\":\"SubnetA{n}\"}],\"LaunchTemplate\":{\"Id\":{\"Ref\":\"Nodes{n}\"}}",
    ),
    ("Cni{n}", "AWS::EKS::Addon", "\"ClusterName\":{\"Ref\":\"{cluster}\"},\"AddonName\":\"vpc-cni\""),
    (
        "Chart{n}",
        "Custom::AWSCDK-EKS-HelmChart",
        "\"ClusterName\":{\"Ref\":\"{cluster}\"},\"Chart\":\"web\",\"Wait\":true,\"Release\":{\"Fn::GetAtt\":[\"Managed{n}\",\"Id\"]}",
    ),
    (
        "Bucket{n}",
        "AWS::S3::Bucket",
        "\"BucketName\":\"logs-{n}\",\"Tags\":[{\"Key\":\"Team\",\"Value\":\"blue\"}]",
    ),
];

/// What has one of in each stack, or one of in all.
const SHARED: [(&str, &str, &str); 2] = [
    ("Net{n}", "AWS::EC2::VPC", "\"CidrBlock\":\"10.0.0.0/16\""),
    (
        "Cluster{n}",
        "AWS::EKS::Cluster",
        "\"Name\":\"cluster-{n}\",\"Version\":\"1.34\",\"RoleArn\":\"arn:aws:iam::123456789012:role/eks\",\"ResourcesVpcConfig\":{\"SubnetIds\":[\"subnet-1\"]}",
    ),
];

/// A template that makes so many things.
pub fn template(size: usize, shape: Shape) -> String {
    let mut all = String::with_capacity(size * 300);
    let mut count = 0;
    let mut make = |made: &(&str, &str, &str), n: usize, shared: usize| {
        let fill = |text: &str| {
            text.replace("{n}", &n.to_string())
                .replace("{net}", &format!("Net{shared}"))
                .replace("{cluster}", &format!("Cluster{shared}"))
        };
        let comma = if count == 0 { "" } else { "," };
        write!(
            all,
            "{comma}\"{}\":{{\"Type\":\"{}\",\"Properties\":{{{}}}}}",
            fill(made.0),
            made.1,
            fill(made.2)
        )
        .unwrap();
        count += 1;
        count < size
    };
    'all: for n in 0.. {
        let shared = if shape == Shape::Hub { 0 } else { n };
        let own = SHARED.iter().filter(|_| shared == n);
        for made in own.chain(&RESOURCES) {
            if !make(made, n, shared) {
                break 'all;
            }
        }
    }
    format!("{{\"AWSTemplateFormatVersion\":\"2010-09-09\",\"Resources\":{{{all}}}}}")
}

/// A type, its inputs, and what some of them come from.
type PulumiStep = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// What a component of a preview consists of: Pulumi's type, inputs, what those come from (by the places of the
/// things in this list; of what is shared `net` and `cluster`).
const STEPS: [PulumiStep; 10] = [
    (
        "aws:ec2/subnet:Subnet",
        "\"availabilityZone\":\"us-east-1a\",\"cidrBlock\":\"10.0.1.0/24\",\"vpcId\":\"{unknown}\"",
        &[("vpcId", "net")],
    ),
    ("aws:ec2/eip:Eip", "\"domain\":\"vpc\"", &[]),
    (
        "aws:ec2/natGateway:NatGateway",
        "\"subnetId\":\"{unknown}\",\"allocationId\":\"{unknown}\"",
        &[("subnetId", "0"), ("allocationId", "1")],
    ),
    (
        "aws:ec2/securityGroup:SecurityGroup",
        "\"vpcId\":\"{unknown}\",\"description\":\"nodes\"",
        &[("vpcId", "net")],
    ),
    (
        "aws:ec2/instance:Instance",
        "\"instanceType\":\"t3.medium\",\"subnetId\":\"{unknown}\",\"vpcSecurityGroupIds\":[\"{unknown}\"]",
        &[("subnetId", "0"), ("vpcSecurityGroupIds", "3")],
    ),
    ("aws:ec2/launchTemplate:LaunchTemplate", "\"instanceType\":\"m5.large\",\"name\":\"nodes-{n}\"", &[]),
    ("aws:iam/role:Role", "\"name\":\"nodes-{n}\",\"assumeRolePolicy\":\"{}\"", &[]),
    (
        "aws:eks/nodeGroup:NodeGroup",
        "\"clusterName\":\"{unknown}\",\"nodeRoleArn\":\"{unknown}\",\"scalingConfig\":{\"desiredSize\":2,\"maxSize\":3,\"minSize\":1},\"launchTemplate\":{\"id\":\"{unknown}\",\"version\":\"1\"}",
        &[("clusterName", "cluster"), ("nodeRoleArn", "6"), ("launchTemplate", "5")],
    ),
    ("kubernetes:helm.sh/v3:Release", "\"chart\":\"web\",\"name\":\"web\"", &[("name", "7")]),
    (
        "aws:s3/bucketV2:BucketV2",
        "\"bucket\":\"logs-{n}\",\"tags\":{\"Team\":\"blue\"},\"tagsAll\":{\"Team\":\"blue\",\"Project\":\"shop\"}",
        &[],
    ),
];

const UNKNOWN: &str = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/// A preview of Pulumi's that makes so many things.
pub fn preview(size: usize, shape: Shape) -> String {
    let mut steps = String::with_capacity(size * 700);
    let urn = |type_name: &str, n: usize| format!("urn:pulumi:dev::shop::{type_name}::it-{n}");
    let mut count = 0;
    'all: for n in 0.. {
        let shared = if shape == Shape::Hub { 0 } else { n };
        let (net, cluster) = (urn("aws:ec2/vpc:Vpc", shared), urn("aws:eks/cluster:Cluster", shared));
        let own: [PulumiStep; 2] = [
            ("aws:ec2/vpc:Vpc", "\"cidrBlock\":\"10.0.0.0/16\"", &[]),
            ("aws:eks/cluster:Cluster", "\"name\":\"cluster-{n}\",\"version\":\"1.34\"", &[]),
        ];
        for (type_name, inputs, from) in own.into_iter().filter(|_| shared == n).chain(STEPS) {
            let sources: Vec<(&str, String)> = from
                .iter()
                .map(|(name, from)| match *from {
                    "net" => (*name, net.clone()),
                    "cluster" => (*name, cluster.clone()),
                    place => (*name, urn(STEPS[place.parse::<usize>().unwrap()].0, n)),
                })
                .collect();
            let by_property: Vec<String> =
                sources.iter().map(|(name, urn)| format!("\"{name}\":[\"{urn}\"]")).collect();
            let all: Vec<String> = sources.iter().map(|(_, urn)| format!("\"{urn}\"")).collect();
            let own = urn(type_name, n);
            let inputs = inputs.replace("{n}", &n.to_string()).replace("{unknown}", UNKNOWN);
            let comma = if count == 0 { "" } else { "," };
            write!(
                steps,
                "{comma}{{\"op\":\"create\",\"urn\":\"{own}\",\"provider\":\"urn:pulumi:dev::shop::pulumi:providers:aws::default_6::x\",\
                 \"newState\":{{\"urn\":\"{own}\",\"custom\":true,\"type\":\"{type_name}\",\"inputs\":{{{inputs}}},\
                 \"parent\":\"urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev\",\
                 \"provider\":\"urn:pulumi:dev::shop::pulumi:providers:aws::default_6::x\",\"dependencies\":[{}],\
                 \"propertyDependencies\":{{{}}}}}}}",
                all.join(","),
                by_property.join(",")
            )
            .unwrap();
            count += 1;
            if count >= size {
                break 'all;
            }
        }
    }
    format!(
        "{{\"config\":{{\"aws:region\":\"us-east-1\"}},\"steps\":[{steps}],\"changeSummary\":{{\"create\":{count}}}}}"
    )
}
