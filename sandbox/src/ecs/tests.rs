//! Services with what they name and hold.

use serde_json::{Value, json};

use super::START;
use crate::ec2::fixture::{GROUP, REGION, SUBNET_A, code, ec2, skip, world};
use crate::error::AwsResult;
use crate::world::World;

fn call(world: &mut World, action: &str, input: Value) -> AwsResult<Value> {
    world.call_json("ecs", REGION, action, input)
}

fn with_service(name: &str, desired: u32) -> World {
    let mut world = world();
    call(&mut world, "CreateCluster", json!({ "clusterName": "shop" })).unwrap();
    let definition = json!({
        "family": "web",
        "taskRoleArn": "arn:aws:iam::111122223333:role/task",
        "executionRoleArn": "arn:aws:iam::111122223333:role/execution",
        "networkMode": "awsvpc",
        "containerDefinitions": [{ "name": "web" }],
    });
    call(&mut world, "RegisterTaskDefinition", definition).unwrap();
    add(&mut world, name, desired).unwrap();
    world
}

fn add(world: &mut World, name: &str, desired: u32) -> AwsResult<Value> {
    let service = json!({
        "cluster": "shop", "serviceName": name, "taskDefinition": "web", "desiredCount": desired,
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": [SUBNET_A], "securityGroups": [GROUP] } },
        "loadBalancers": [{ "targetGroupArn": "arn:tg", "containerName": "web", "containerPort": 80 }],
    });
    call(world, "CreateService", service)
}

#[test]
fn a_service_tells_its_tasks_network_target_groups_and_through_its_definition_its_roles() {
    let mut world = with_service("api", 2);
    skip(&mut world, START);
    let told =
        call(&mut world, "DescribeServices", json!({ "cluster": "shop", "services": ["api", "none"] }));
    let told = told.unwrap();
    let service = &told["services"][0];
    assert_eq!((&service["desiredCount"], &service["runningCount"]), (&json!(2), &json!(2)));
    let network = &service["networkConfiguration"]["awsvpcConfiguration"];
    assert_eq!((&network["subnets"], &network["securityGroups"]), (&json!([SUBNET_A]), &json!([GROUP])));
    assert_eq!(service["loadBalancers"][0]["targetGroupArn"], "arn:tg");
    assert_eq!(told["failures"][0]["reason"], "MISSING");
    let named = json!({ "taskDefinition": service["taskDefinition"] });
    let definition = call(&mut world, "DescribeTaskDefinition", named).unwrap()["taskDefinition"].clone();
    assert_eq!(definition["taskRoleArn"], "arn:aws:iam::111122223333:role/task");
    assert_eq!(definition["executionRoleArn"], "arn:aws:iam::111122223333:role/execution");
}

#[test]
fn its_tasks_hold_their_subnet_until_it_is_deleted() {
    let mut world = with_service("api", 1);
    skip(&mut world, START);
    let delete = [("SubnetId", SUBNET_A)];
    assert_eq!(code(ec2(&mut world, "DeleteSubnet", &delete)), "DependencyViolation");
    let service = json!({ "cluster": "shop", "service": "api" });
    assert_eq!(code(call(&mut world, "DeleteService", service.clone())), "InvalidParameterException");
    let cluster = json!({ "cluster": "shop" });
    assert_eq!(code(call(&mut world, "DeleteCluster", cluster.clone())), "ClusterContainsServicesException");
    call(&mut world, "UpdateService", json!({ "cluster": "shop", "service": "api", "desiredCount": 0 }))
        .unwrap();
    skip(&mut world, START);
    call(&mut world, "DeleteService", service).unwrap();
    call(&mut world, "DeleteCluster", cluster).unwrap();
    ec2(&mut world, "DeleteSubnet", &delete).unwrap();
}

#[test]
fn services_and_clusters_come_in_pages_and_an_unknown_cluster_is_refused() {
    let mut world = with_service("s00", 0);
    for number in 1..12 {
        add(&mut world, &format!("s{number:02}"), 0).unwrap();
    }
    let first = call(&mut world, "ListServices", json!({ "cluster": "shop" })).unwrap();
    assert_eq!(first["serviceArns"].as_array().unwrap().len(), 10);
    let next = json!({ "cluster": "shop", "nextToken": first["nextToken"] });
    let rest = call(&mut world, "ListServices", next).unwrap();
    assert_eq!(rest["serviceArns"].as_array().unwrap().len(), 2);
    assert!(rest["nextToken"].is_null());
    let clusters = call(&mut world, "ListClusters", json!({})).unwrap();
    assert_eq!(clusters["clusterArns"], json!(["arn:aws:ecs:us-east-1:111122223333:cluster/shop"]));
    let none = json!({ "cluster": "none" });
    assert_eq!(code(call(&mut world, "ListServices", none)), "ClusterNotFoundException");
}
