//! Interfaces that services keep in a subnet of the failed stack's: only the service can remove its own.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>

use serde_json::json;

use super::ground::subnet_stays;
use super::parts::{BLUE, function, ground, interface, interface_in, kept_interface};
use super::{Call, Case};
use crate::live::stage::{A1, HOME, MINUTE, Stage, map};

/// A subnet in which a service has an interface of which EC2 tells these words.
fn kept(stage: &mut Stage, words: (&str, &str, &str)) -> Case {
    let (_, subnet) = ground(stage);
    let interface = kept_interface(stage, &subnet, words);
    subnet_stays(&subnet).named("interface", &interface)
}

pub fn classic_balancer(stage: &mut Stage) -> Case {
    kept(stage, ("ELB legacy-web", "interface", "amazon-elb"))
}

pub fn mount_target(stage: &mut Stage) -> Case {
    let words = "EFS mount target for fs-0123456789abcdef0 (fsmt-0fedcba9876543210)";
    kept(stage, (words, "interface", "AIDAIEFS"))
}

pub fn transit_gateway(stage: &mut Stage) -> Case {
    let (vpc, subnet) = ground(stage);
    let params =
        [("TransitGatewayId", "tgw-0123456789abcdef0"), ("VpcId", vpc.as_str()), ("SubnetIds.1", &subnet)];
    let attachment =
        stage.make("CreateTransitGatewayVpcAttachment", &params, &[], "transitGatewayAttachmentId");
    BLUE.iter().for_each(|tag| stage.tag(&attachment, *tag));
    stage.pass(5 * MINUTE);
    let delete = Call::query(
        "ec2",
        "DeleteTransitGatewayVpcAttachment",
        &[("TransitGatewayAttachmentId", &attachment)],
    );
    subnet_stays(&subnet).named("attachment", &attachment).cured(delete)
}

pub fn resolver(stage: &mut Stage) -> Case {
    let words = "Route 53 Resolver: rslvr-in-0123456789abcdef0:rni-0fedcba987654321";
    kept(stage, (words, "interface", "AIDAIRSLVR"))
}

pub fn replication(stage: &mut Stage) -> Case {
    kept(stage, ("DMSNetworkInterface", "interface", "AIDAIDMS"))
}

pub fn unknown(stage: &mut Stage) -> Case {
    kept(stage, ("", "interface", "amazon-elasticache"))
}

/// Another account's, in a subnet that this one shares by RAM.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html>
pub fn of_another_account(stage: &mut Stage) -> Case {
    let (_, subnet) = ground(stage);
    let interface = interface(stage, &subnet, "theirs", &[]);
    stage.world.region(HOME).ec2.interfaces.get_mut(&interface).unwrap().owner = "444455556666".to_owned();
    subnet_stays(&subnet).named("interface", &interface)
}

/// Lambda lets go of it once no function uses the subnet with the group.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>
pub fn lambda(stage: &mut Stage) -> Case {
    let (vpc, subnet) = ground(stage);
    let group = stage.group(&vpc, "blue-export", BLUE);
    let role = stage.role("blue-export", "lambda.amazonaws.com", BLUE);
    let function = function(stage, &role, Some((&subnet, &group)));
    let interface = interface_in(stage, &subnet);
    subnet_stays(&subnet).named("interface", &interface).named("function", &function).cured(Call::json(
        "lambda",
        "DeleteFunction",
        json!({ "FunctionName": "blue-export" }),
    ))
}

/// The function is gone, its interface not yet.
pub fn lambda_that_lingers(stage: &mut Stage) -> Case {
    let (vpc, subnet) = ground(stage);
    let group = stage.group(&vpc, "a1-export", A1);
    let role = stage.role("blue-export", "lambda.amazonaws.com", BLUE);
    function(stage, &role, Some((&subnet, &group)));
    let interface = interface_in(stage, &subnet);
    stage.ago(5 * MINUTE);
    stage.json("lambda", "DeleteFunction", json!({ "FunctionName": "blue-export" }));
    // It goes after a while without anybody's doing: any call that changes nothing is a cure.
    let look = Call::query("ec2", "DescribeVpcs", &[]);
    subnet_stays(&subnet).named("interface", &interface).cured(look).slowly()
}

pub fn tasks(stage: &mut Stage) -> Case {
    let (vpc, subnet) = ground(stage);
    let group = stage.group(&vpc, "blue-api", BLUE);
    stage.json("ecs", "CreateCluster", json!({ "clusterName": "blue" }));
    let definition = json!({
        "family": "api", "networkMode": "awsvpc", "containerDefinitions": [{ "name": "api" }],
    });
    stage.json("ecs", "RegisterTaskDefinition", definition);
    let tags: Vec<_> = map(BLUE)
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect();
    let network = json!({ "subnets": [subnet], "securityGroups": [group] });
    let service = json!({
        "cluster": "blue", "serviceName": "api", "taskDefinition": "api", "desiredCount": 1,
        "networkConfiguration": { "awsvpcConfiguration": network }, "tags": tags,
    });
    let told = stage.json("ecs", "CreateService", service);
    stage.pass(5 * MINUTE);
    let interface = interface_in(stage, &subnet);
    let scale = json!({ "cluster": "blue", "service": "api", "desiredCount": 0 });
    subnet_stays(&subnet)
        .named("interface", &interface)
        .named("service", told["service"]["serviceArn"].as_str().unwrap())
        .cured(Call::json("ecs", "UpdateService", scale))
}
