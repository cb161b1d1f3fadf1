//! Templates as tools write them, for the scenarios in which CloudFormation makes things.

use serde_json::{Value, json};

use crate::stores::iam::service_trust;

/// A reference.
pub(super) fn reference(logical: &str) -> Value {
    json!({ "Ref": logical })
}

/// An attribute of another resource.
fn attribute(logical: &str, name: &str) -> Value {
    json!({ "Fn::GetAtt": [logical, name] })
}

/// An output that other stacks can import.
pub(super) fn exported(export: &str, value: Value) -> Value {
    json!({ "Value": value, "Export": { "Name": export } })
}

/// One `Tags` list.
fn tags(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

/// How a tool names what is in a network.
pub(super) struct Names {
    pub(super) vpc: &'static str,
    /// The public subnets, then the private ones.
    pub(super) subnets: [&'static str; 4],
    pub(super) gateway: &'static str,
    pub(super) attachment: &'static str,
    pub(super) address: &'static str,
    pub(super) nat: &'static str,
    /// The public and the private table with their routes.
    pub(super) tables: [(&'static str, &'static str); 2],
    /// The key and the values of the subnets' tags that tell their side.
    pub(super) side: Option<(&'static str, [&'static str; 2])>,
}

/// As the CDK's `ec2.Vpc` has it.
pub(super) const CDK: Names = Names {
    vpc: "Vpc8378EB38",
    subnets: [
        "VpcPublicSubnet1Subnet5C2D37C4",
        "VpcPublicSubnet2Subnet691E08A3",
        "VpcPrivateSubnet1Subnet536B997A",
        "VpcPrivateSubnet2Subnet3788AAA1",
    ],
    gateway: "VpcIGWD7BA715C",
    attachment: "VpcVPCGWBF912B6E",
    address: "VpcPublicSubnet1EIPD7E02669",
    nat: "VpcPublicSubnet1NATGateway4D7517AA",
    tables: [
        ("VpcPublicSubnetRouteTable6C95E38E", "VpcPublicSubnetDefaultRoute3DA9E72A"),
        ("VpcPrivateSubnetRouteTableB2C5B500", "VpcPrivateSubnetDefaultRouteBE02A9ED"),
    ],
    side: Some(("aws-cdk:subnet-type", ["Public", "Private"])),
};

/// As eksctl has it.
pub(super) const EKSCTL: Names = Names {
    vpc: "VPC",
    subnets: [
        "SubnetPublicUSEAST1A",
        "SubnetPublicUSEAST1B",
        "SubnetPrivateUSEAST1A",
        "SubnetPrivateUSEAST1B",
    ],
    gateway: "InternetGateway",
    attachment: "VPCGatewayAttachment",
    address: "NATIP",
    nat: "NATGateway",
    tables: [("PublicRouteTable", "PublicSubnetRoute"), ("PrivateRouteTable", "NATPrivateSubnetRoute")],
    side: None,
};

/// A VPC `10.<number>.0.0/16` with two public and two private subnets and a NAT gateway.
pub(super) fn network(names: &Names, number: u8) -> Value {
    let vpc = || reference(names.vpc);
    let mut resources = json!({
        names.vpc: { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": format!("10.{number}.0.0/16") } },
        names.gateway: { "Type": "AWS::EC2::InternetGateway" },
        names.attachment: {
            "Type": "AWS::EC2::VPCGatewayAttachment",
            "Properties": { "VpcId": vpc(), "InternetGatewayId": reference(names.gateway) },
        },
        names.address: {
            "Type": "AWS::EC2::EIP", "DependsOn": names.attachment, "Properties": { "Domain": "vpc" },
        },
        names.nat: {
            "Type": "AWS::EC2::NatGateway",
            "DependsOn": names.attachment,
            "Properties": {
                "AllocationId": attribute(names.address, "AllocationId"),
                "SubnetId": reference(names.subnets[0]),
            },
        },
    });
    for (place, subnet) in names.subnets.iter().enumerate() {
        let (side, zone) = (place / 2, place % 2);
        let table = names.tables[side].0;
        let told = names.side.map(|(key, values)| tags(&[(key, values[side])]));
        resources[*subnet] = json!({ "Type": "AWS::EC2::Subnet", "Properties": {
            "VpcId": vpc(),
            "CidrBlock": format!("10.{number}.{}.0/19", place * 32),
            "AvailabilityZone": { "Fn::Select": [zone, { "Fn::GetAZs": "" }] },
            "Tags": told.unwrap_or_else(|| json!([])),
        } });
        resources[format!("{subnet}RouteTableAssociation")] = json!({
            "Type": "AWS::EC2::SubnetRouteTableAssociation",
            "Properties": { "RouteTableId": reference(table), "SubnetId": reference(subnet) },
        });
    }
    let ways = [("GatewayId", names.gateway), ("NatGatewayId", names.nat)];
    for ((table, route), (parameter, target)) in names.tables.iter().zip(ways) {
        resources[*table] = json!({ "Type": "AWS::EC2::RouteTable", "Properties": { "VpcId": vpc() } });
        resources[*route] = json!({ "Type": "AWS::EC2::Route", "DependsOn": names.attachment, "Properties": {
            "RouteTableId": reference(table),
            "DestinationCidrBlock": "0.0.0.0/0",
            parameter: reference(target),
        } });
    }
    resources
}

/// A role for a service, with AWS's policies of these names.
pub(super) fn role(service: &str, policies: &[&str]) -> Value {
    let arns: Vec<String> = policies.iter().map(|name| format!("arn:aws:iam::aws:policy/{name}")).collect();
    let trust: Value = serde_json::from_str(&service_trust(service)).unwrap_or_default();
    json!({ "Type": "AWS::IAM::Role", "Properties": {
        "AssumeRolePolicyDocument": trust, "ManagedPolicyArns": arns,
    } })
}

/// The policies that a node's role needs:
/// <https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html>.
pub(super) const NODE_POLICIES: [&str; 3] =
    ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"];

/// A function that a custom resource calls, with its role.
pub(super) fn provider() -> Value {
    json!({
        "OnEventHandlerServiceRole15A26729": role("lambda.amazonaws.com", &["AWSLambdaBasicExecutionRole"]),
        "OnEventHandler42BEBAE0": { "Type": "AWS::Lambda::Function", "Properties": {
            "Role": attribute("OnEventHandlerServiceRole15A26729", "Arn"),
            "Runtime": "nodejs20.x",
            "Handler": "index.onEvent",
        } },
    })
}

/// A managed node group of one node, with its role, as eksctl has them. `subnets` is what they are taken from.
pub(super) fn nodegroup(cluster: &str, name: &str, subnets: &[Value]) -> Value {
    json!({
        "NodeInstanceRole": role("ec2.amazonaws.com", &NODE_POLICIES),
        "LaunchTemplate": { "Type": "AWS::EC2::LaunchTemplate", "Properties": {
            "LaunchTemplateName": format!("eksctl-{cluster}-nodegroup-{name}"),
            "LaunchTemplateData": { "InstanceType": "t3.medium" },
        } },
        "ManagedNodeGroup": { "Type": "AWS::EKS::Nodegroup", "Properties": {
            "ClusterName": cluster,
            "NodegroupName": name,
            "NodeRole": attribute("NodeInstanceRole", "Arn"),
            "Subnets": subnets,
            "ScalingConfig": { "MinSize": 1, "MaxSize": 2, "DesiredSize": 1 },
            "LaunchTemplate": { "Id": reference("LaunchTemplate") },
        } },
    })
}

/// A cluster in this network, with its role and its groups, as eksctl has them.
pub(super) fn cluster(cluster: &str, names: &Names) -> Value {
    let group = |about: &str| {
        json!({ "Type": "AWS::EC2::SecurityGroup", "Properties": {
            "GroupDescription": about, "VpcId": reference(names.vpc),
        } })
    };
    let subnets: Vec<Value> = names.subnets.iter().map(|name| reference(name)).collect();
    json!({
        "ServiceRole": role("eks.amazonaws.com", &["AmazonEKSClusterPolicy", "AmazonEKSVPCResourceController"]),
        "ControlPlaneSecurityGroup":
            group("Communication between the control plane and worker nodegroups"),
        "ClusterSharedNodeSecurityGroup": group("Communication between all nodes in the cluster"),
        "IngressInterNodeGroupSG": { "Type": "AWS::EC2::SecurityGroupIngress", "Properties": {
            "GroupId": reference("ClusterSharedNodeSecurityGroup"),
            "SourceSecurityGroupId": reference("ClusterSharedNodeSecurityGroup"),
            "IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535,
        } },
        "ControlPlane": { "Type": "AWS::EKS::Cluster", "Properties": {
            "Name": cluster,
            "RoleArn": attribute("ServiceRole", "Arn"),
            "ResourcesVpcConfig": {
                "SubnetIds": subnets, "SecurityGroupIds": [reference("ControlPlaneSecurityGroup")],
            },
        } },
    })
}

/// Two sets of resources in one.
pub(super) fn both(mut one: Value, other: Value) -> Value {
    if let (Some(one), Value::Object(other)) = (one.as_object_mut(), other) {
        one.extend(other);
    }
    one
}
