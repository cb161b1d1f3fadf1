//! Functions, and what those in a VPC hold there.

use serde_json::{Value, json};

use super::{LINGER, PENDING};
use crate::ec2::fixture::{GROUP, REGION, SUBNET_A, SUBNET_B, code, ec2, make_role, skip, world};
use crate::error::AwsResult;
use crate::protocol::Request;
use crate::world::World;

const ROLE: &str = "arn:aws:iam::111122223333:role/function";

fn call(world: &mut World, action: &str, input: Value) -> AwsResult<Value> {
    world.call_json("lambda", REGION, action, input)
}

fn with_role() -> World {
    let mut world = world();
    make_role(&mut world, "function", "service-role/AWSLambdaVPCAccessExecutionRole");
    world
}

fn in_vpc(world: &mut World, name: &str) {
    let input = json!({
        "FunctionName": name, "Role": ROLE, "Runtime": "python3.13", "Handler": "f.g",
        "VpcConfig": { "SubnetIds": [SUBNET_A, SUBNET_B], "SecurityGroupIds": [GROUP] },
        "Tags": { "Project": "shop" },
    });
    call(world, "CreateFunction", input).unwrap();
}

#[test]
fn functions_of_one_subnet_and_groups_share_an_interface_that_outlasts_the_last_of_them() {
    let mut world = with_role();
    in_vpc(&mut world, "one");
    in_vpc(&mut world, "two");
    let told = ec2(&mut world, "DescribeNetworkInterfaces", &[]).unwrap();
    assert_eq!(world.region(REGION).ec2.interfaces.len(), 2);
    assert!(told.contains("<interfaceType>lambda</interfaceType>"), "{told}");
    assert!(told.contains("<description>AWS Lambda VPC ENI-one-"), "{told}");
    call(&mut world, "DeleteFunction", json!({ "FunctionName": "one" })).unwrap();
    skip(&mut world, LINGER);
    assert_eq!(world.region(REGION).ec2.interfaces.len(), 2);
    call(&mut world, "DeleteFunction", json!({ "FunctionName": "two" })).unwrap();
    assert_eq!(code(ec2(&mut world, "DeleteSubnet", &[("SubnetId", SUBNET_A)])), "DependencyViolation");
    skip(&mut world, LINGER);
    ec2(&mut world, "DeleteSubnet", &[("SubnetId", SUBNET_A)]).unwrap();
}

#[test]
fn an_interface_that_a_new_function_takes_over_in_time_stays() {
    let mut world = with_role();
    in_vpc(&mut world, "one");
    let before: Vec<String> = world.region(REGION).ec2.interfaces.keys().cloned().collect();
    call(&mut world, "DeleteFunction", json!({ "FunctionName": "one" })).unwrap();
    skip(&mut world, LINGER / 2);
    in_vpc(&mut world, "two");
    skip(&mut world, LINGER);
    assert!(world.region(REGION).ec2.interfaces.keys().eq(&before));
}

#[test]
fn without_its_role_lambda_leaves_the_interface_to_the_user() {
    let mut world = with_role();
    in_vpc(&mut world, "one");
    call(&mut world, "DeleteFunction", json!({ "FunctionName": "one" })).unwrap();
    world.iam.roles.remove("function");
    skip(&mut world, LINGER);
    let left: Vec<String> = world.region(REGION).ec2.interfaces.keys().cloned().collect();
    assert_eq!(left.len(), 2);
    ec2(&mut world, "DeleteNetworkInterface", &[("NetworkInterfaceId", &left[0])]).unwrap();
}

#[test]
fn a_list_tells_role_and_network_in_pages_but_no_state() {
    let mut world = with_role();
    in_vpc(&mut world, "a");
    call(&mut world, "CreateFunction", json!({ "FunctionName": "b", "Role": ROLE })).unwrap();
    let first = call(&mut world, "ListFunctions", json!({ "MaxItems": "1" })).unwrap();
    let row = &first["Functions"][0];
    assert_eq!((&row["FunctionName"], &row["Role"]), (&json!("a"), &json!(ROLE)));
    assert_eq!(row["VpcConfig"]["SecurityGroupIds"], json!([GROUP]));
    assert_eq!(row["LastModified"], "2026-11-21T12:00:00.000+0000");
    assert!(row["State"].is_null());
    let next = json!({ "Marker": first["NextMarker"] });
    let second = call(&mut world, "ListFunctions", next).unwrap();
    assert_eq!(second["Functions"][0]["FunctionName"], "b");
    assert!(second["NextMarker"].is_null() && second["Functions"][0]["VpcConfig"].is_null());
    let state = |world: &mut World| {
        call(world, "GetFunction", json!({ "FunctionName": "a" })).unwrap()["Configuration"]["State"].clone()
    };
    assert_eq!(state(&mut world), "Pending");
    skip(&mut world, PENDING);
    assert_eq!(state(&mut world), "Active");
}

#[test]
fn a_function_needs_its_role_and_its_subnets() {
    let mut world = with_role();
    let none = json!({ "FunctionName": "a", "Role": "arn:aws:iam::111122223333:role/none" });
    assert_eq!(code(call(&mut world, "CreateFunction", none)), "InvalidParameterValueException");
    let vpc = json!({ "SubnetIds": ["subnet-00000000000000000"], "SecurityGroupIds": [GROUP] });
    let nowhere = json!({ "FunctionName": "a", "Role": ROLE, "VpcConfig": vpc });
    assert_eq!(code(call(&mut world, "CreateFunction", nowhere)), "InvalidParameterValueException");
}

#[test]
fn it_is_reached_over_rest() {
    let mut world = with_role();
    in_vpc(&mut world, "a");
    let mut send = |path: &str| {
        let scope = "Credential=AKIA/20261121/us-east-1/lambda/aws4_request, SignedHeaders=host";
        let request = Request {
            method: "GET".into(),
            path: path.into(),
            headers: vec![("authorization".into(), format!("AWS4-HMAC-SHA256 {scope}"))],
            ..Request::default()
        };
        let answer = crate::wire::answer(&mut world, &request).0;
        (answer.status, serde_json::from_slice::<Value>(&answer.body).unwrap())
    };
    assert_eq!(send("/2015-03-31/functions/").1["Functions"][0]["FunctionName"], "a");
    let tags = send("/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A111122223333%3Afunction%3Aa");
    assert_eq!(tags, (200, json!({ "Tags": { "Project": "shop" } })));
    assert_eq!(send("/2015-03-31/functions/none").0, 404);
}
