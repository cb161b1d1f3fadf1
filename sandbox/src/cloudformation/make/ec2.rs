//! The creation of what is EC2's.

use serde_json::Value;

use super::super::hands::Hands;
use super::super::template::plain;
use super::{Form, name, not_made};
use crate::error::AwsResult;
use crate::stores::cloudformation::Stack;

/// Makes a thing; gives its physical id.
pub(super) fn make(
    hands: &mut Hands<'_>,
    stack: &Stack,
    (logical, kind): (&str, &str),
    properties: &Value,
) -> AwsResult<String> {
    let form = Form::of(properties);
    let (action, form, element) = match kind {
        "AWS::EC2::EIP" => ("AllocateAddress", form.set("Domain", "vpc"), "publicIp"),
        "AWS::EC2::Instance" => {
            let form = form.same(&["ImageId", "InstanceType", "SubnetId", "KeyName"]);
            let form =
                form.listed("SecurityGroupIds", "SecurityGroupId").set("MinCount", "1").set("MaxCount", "1");
            let form = form.taken("IamInstanceProfile", "IamInstanceProfile.Name");
            ("RunInstances", form, "instanceId")
        }
        "AWS::EC2::InternetGateway" => ("CreateInternetGateway", form, "internetGatewayId"),
        "AWS::EC2::LaunchTemplate" => return launch_template(hands, stack, logical, properties),
        "AWS::EC2::NatGateway" => {
            ("CreateNatGateway", form.same(&["SubnetId", "AllocationId", "ConnectivityType"]), "natGatewayId")
        }
        "AWS::EC2::NetworkInterface" => {
            let form = form.same(&["SubnetId", "Description"]).listed("GroupSet", "SecurityGroupId");
            ("CreateNetworkInterface", form, "networkInterfaceId")
        }
        "AWS::EC2::RouteTable" => ("CreateRouteTable", form.same(&["VpcId"]), "routeTableId"),
        "AWS::EC2::SecurityGroup" => return security_group(hands, stack, logical, properties),
        "AWS::EC2::SecurityGroupEgress" | "AWS::EC2::SecurityGroupIngress" => {
            let egress = kind.ends_with("Egress");
            return rule(hands, &plain(&properties["GroupId"]), properties, egress);
        }
        "AWS::EC2::Subnet" => {
            ("CreateSubnet", form.same(&["VpcId", "CidrBlock", "AvailabilityZone"]), "subnetId")
        }
        "AWS::EC2::SubnetRouteTableAssociation" => {
            ("AssociateRouteTable", form.same(&["RouteTableId", "SubnetId"]), "associationId")
        }
        "AWS::EC2::VPC" => ("CreateVpc", form.same(&["CidrBlock"]), "vpcId"),
        "AWS::EC2::VPCEndpoint" => {
            let form =
                form.same(&["VpcId", "ServiceName", "VpcEndpointType"]).listed("SubnetIds", "SubnetId");
            let form =
                form.listed("SecurityGroupIds", "SecurityGroupId").listed("RouteTableIds", "RouteTableId");
            ("CreateVpcEndpoint", form, "vpcEndpointId")
        }
        "AWS::EC2::Route" => return route(hands, properties),
        "AWS::EC2::VPCGatewayAttachment" => return attachment(hands, properties),
        kind => return Err(not_made(kind)),
    };
    hands.told("ec2", action, &form.params, element)
}

fn route(hands: &mut Hands<'_>, properties: &Value) -> AwsResult<String> {
    let ends = ["GatewayId", "NatGatewayId", "NetworkInterfaceId", "VpcEndpointId", "VpcPeeringConnectionId"];
    let ways = ["RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock"];
    let form = Form::of(properties).same(&ways).same(&ends).same(&["EgressOnlyInternetGatewayId"]);
    hands.told("ec2", "CreateRoute", &form.params, "return")?;
    let to = ways[1..].iter().map(|name| plain(&properties[*name])).find(|text| !text.is_empty());
    Ok(format!("{}|{}", plain(&properties["RouteTableId"]), to.unwrap_or_default()))
}

fn attachment(hands: &mut Hands<'_>, properties: &Value) -> AwsResult<String> {
    let form = Form::of(properties).same(&["InternetGatewayId", "VpcId"]);
    hands.told("ec2", "AttachInternetGateway", &form.params, "return")?;
    Ok(format!("IGW|{}", plain(&properties["VpcId"])))
}

fn launch_template(
    hands: &mut Hands<'_>,
    stack: &Stack,
    logical: &str,
    properties: &Value,
) -> AwsResult<String> {
    let data = Form::of(&properties["LaunchTemplateData"])
        .same(&["ImageId", "InstanceType", "KeyName"])
        .listed("SecurityGroupIds", "SecurityGroupId");
    let name = name(hands, properties, "LaunchTemplateName", stack, logical);
    let mut form = Form::of(properties).set("LaunchTemplateName", name);
    for (key, value) in data.params {
        form = form.set(&format!("LaunchTemplateData.{key}"), value);
    }
    hands.told("ec2", "CreateLaunchTemplate", &form.params, "launchTemplateId")
}

fn security_group(
    hands: &mut Hands<'_>,
    stack: &Stack,
    logical: &str,
    properties: &Value,
) -> AwsResult<String> {
    let name = name(hands, properties, "GroupName", stack, logical);
    let form = Form::of(properties).same(&["GroupDescription", "VpcId"]).set("GroupName", name);
    let id = hands.told("ec2", "CreateSecurityGroup", &form.params, "groupId")?;
    for (property, egress) in [("SecurityGroupIngress", false), ("SecurityGroupEgress", true)] {
        for one in properties[property].as_array().into_iter().flatten() {
            rule(hands, &id, one, egress)?;
        }
    }
    Ok(id)
}

fn rule(hands: &mut Hands<'_>, group: &str, properties: &Value, egress: bool) -> AwsResult<String> {
    let permission = |name: &str| format!("IpPermissions.1.{name}");
    let other = if egress { "DestinationSecurityGroupId" } else { "SourceSecurityGroupId" };
    let form = Form::of(properties)
        .set("GroupId", group)
        .taken("IpProtocol", &permission("IpProtocol"))
        .taken("FromPort", &permission("FromPort"))
        .taken("ToPort", &permission("ToPort"))
        .taken("CidrIp", &permission("IpRanges.1.CidrIp"))
        .taken("CidrIpv6", &permission("Ipv6Ranges.1.CidrIpv6"))
        .taken(other, &permission("Groups.1.GroupId"));
    let action = if egress { "AuthorizeSecurityGroupEgress" } else { "AuthorizeSecurityGroupIngress" };
    hands.told("ec2", action, &form.params, "securityGroupRuleId")
}
