//! What others do right before a client's call, and what listings tell when they are damaged, as a client sees it.
#![cfg(test)]

use aws_janitor_sandbox::error::AwsResult;
use aws_janitor_sandbox::faults::{Damage, Unserved};
use aws_janitor_sandbox::scenario::{REGION, build};
use aws_janitor_sandbox::xml::{text_of, texts_of};
use aws_janitor_sandbox::{Counted, Request, Sandbox, World};
use serde_json::{Value, json};

fn sandbox(scenario: &str) -> Sandbox {
    Sandbox::new(build(scenario, 0.0, "2026-11-20T10:00:00Z".parse().unwrap()).unwrap())
}

/// A client's call to a query service: status and body.
fn ask(sandbox: &Sandbox, service: &str, form: &str) -> (u16, String) {
    send(sandbox, service, ("POST", "/"), form)
}

fn send(sandbox: &Sandbox, service: &str, (method, path): (&str, &str), body: &str) -> (u16, String) {
    let scope = format!("AWS4-HMAC-SHA256 Credential=AKIA/20261120/{REGION}/{service}/aws4_request");
    let headers = vec![("authorization".to_owned(), scope)];
    let request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        headers,
        body: body.as_bytes().to_vec(),
        ..Request::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let answer = runtime.block_on(sandbox.handle(request));
    (answer.status, String::from_utf8(answer.body).unwrap())
}

fn control(sandbox: &Sandbox, method: &str, path: &str, body: &str) -> (u16, Value) {
    let request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        body: body.as_bytes().to_vec(),
        ..Request::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let answer = runtime.block_on(sandbox.handle(request));
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

#[test]
fn a_change_comes_right_before_the_call_that_was_named_and_once() {
    let sandbox = sandbox("empty");
    let make =
        |world: &mut World| world.call("ec2", REGION, "CreateVpc", &[("CidrBlock", "10.9.0.0/16")]).unwrap();
    sandbox.before_call(Counted::All, 2, move |world| {
        make(world);
    });
    let vpcs = |sandbox: &Sandbox| texts_of(&ask(sandbox, "ec2", "Action=DescribeVpcs").1, "vpcId").len();
    assert_eq!([vpcs(&sandbox), vpcs(&sandbox), vpcs(&sandbox)], [1, 2, 2]);
    sandbox.before_call(Counted::Changing, 1, move |world| {
        make(world);
    });
    assert_eq!(vpcs(&sandbox), 2, "a reading call is not counted");
    assert_eq!(ask(&sandbox, "ec2", "Action=AllocateAddress&Domain=vpc").0, 200);
    assert_eq!(vpcs(&sandbox), 3);
    assert_eq!(sandbox.world().calls.len(), 6, "what others do is not recorded as the client's");
}

#[test]
fn another_process_sends_its_changes_over_the_control_door_and_is_told_what_was_refused() {
    let sandbox = sandbox("empty");
    let races = json!([
        { "before": 1, "service": "ec2", "region": REGION, "action": "AllocateAddress", "input": { "Domain": "vpc" } },
        { "before": 1, "count": "changing", "service": "ec2", "region": REGION, "action": "DeleteVpc",
          "input": { "VpcId": "vpc-00000000000000000" } },
        { "before": 2, "service": "eks", "region": REGION, "action": "DeleteCluster", "input": { "name": "none" } },
    ]);
    let told = control(&sandbox, "POST", "/_control/races", &races.to_string());
    assert_eq!(told, (200, json!({ "waiting": 3, "refused": [] })));
    let told = ask(&sandbox, "ec2", "Action=DescribeAddresses").1;
    assert_eq!(texts_of(&told, "allocationId").len(), 1);
    ask(&sandbox, "ec2", "Action=AllocateAddress&Domain=vpc");
    let (_, told) = control(&sandbox, "GET", "/_control/races", "");
    assert_eq!(told["waiting"], 0);
    let refused: Vec<&str> = told["refused"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(refused[0].starts_with("DeleteVpc: InvalidVpcID.NotFound "), "{refused:?}");
    assert!(refused[1].starts_with("DeleteCluster: ResourceNotFoundException "), "{refused:?}");
    for wrong in ["{}", r#"[{ "before": 0, "service": "ec2", "region": "x", "action": "y" }]"#] {
        assert_eq!(control(&sandbox, "POST", "/_control/races", wrong).0, 400);
    }
}

/// Calls EC2 from inside, and gives a text of the answer.
fn ec2(world: &mut World, action: &str, params: &[(&str, &str)], element: &str) -> String {
    let answer =
        world.call("ec2", REGION, action, params).unwrap_or_else(|refusal| panic!("{action}: {refusal:?}"));
    text_of(&answer, element).unwrap_or_default()
}

fn eks(world: &mut World, action: &str, input: Value) -> AwsResult<Value> {
    world.call_json("eks", REGION, action, input)
}

fn first<T>(records: impl IntoIterator<Item = (String, T)>, which: impl Fn(&T) -> bool) -> String {
    records.into_iter().find(|(_, record)| which(record)).map(|(id, _)| id).unwrap()
}

/// Each change that a race may need can be made by AWS's own calls: this and the next test.
#[test]
fn others_can_take_what_is_to_be_deleted_into_use() {
    let sandbox = sandbox("failed-eks");
    let mut world = sandbox.world();
    let world = &mut *world;
    let records = world.regions[REGION].ec2.clone();
    let cluster = world.regions[REGION].eks.clusters.values().next().unwrap().clone();
    let subnet = cluster.subnets.first().unwrap().clone();
    let vpc = cluster.vpc.clone();
    for (quota, value) in [("L-F678F1CE", 100.0), ("L-0263D0A3", 100.0)] {
        world.quotas.apply(REGION, quota, value);
    }
    // A tag is put on a resource.
    ec2(
        world,
        "CreateTags",
        &[("ResourceId.1", &vpc), ("Tag.1.Key", "keep"), ("Tag.1.Value", "yes")],
        "return",
    );
    // An instance starts with a profile.
    let profile = world.iam.profiles.keys().next().unwrap().clone();
    let launch = [("ImageId", "ami-1"), ("SubnetId", subnet.as_str()), ("IamInstanceProfile.Name", &profile)];
    let instance = ec2(world, "RunInstances", &launch, "instanceId");
    // A route table of another VPC is pointed at a NAT gateway.
    let nat = first(records.nat_gateways, |nat| nat.state == "available");
    let other = ec2(world, "CreateVpc", &[("CidrBlock", "10.99.0.0/16")], "vpcId");
    let table = ec2(world, "CreateRouteTable", &[("VpcId", &other)], "routeTableId");
    let route =
        [("RouteTableId", table.as_str()), ("DestinationCidrBlock", "0.0.0.0/0"), ("NatGatewayId", &nat)];
    ec2(world, "CreateRoute", &route, "return");
    // A group's rule names an orphan's group.
    let group = |world: &mut World, name: &str| {
        let params = [("VpcId", vpc.as_str()), ("GroupName", name), ("GroupDescription", "x")];
        ec2(world, "CreateSecurityGroup", &params, "groupId")
    };
    let (orphan, living) = (group(world, "orphan"), group(world, "living"));
    let rule = [
        ("GroupId", living.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "443"),
        ("IpPermissions.1.ToPort", "443"),
        ("IpPermissions.1.Groups.1.GroupId", &orphan),
    ];
    ec2(world, "AuthorizeSecurityGroupIngress", &rule, "return");
    // An interface is made in a subnet by a stranger; an address is associated elsewhere.
    let interface = ec2(world, "CreateNetworkInterface", &[("SubnetId", &subnet)], "networkInterfaceId");
    let address = ec2(world, "AllocateAddress", &[("Domain", "vpc")], "allocationId");
    let bound = [("AllocationId", address.as_str()), ("NetworkInterfaceId", &interface)];
    ec2(world, "AssociateAddress", &bound, "associationId");
    // A launch template names a group and a profile.
    let template = [
        ("LaunchTemplateName", "of-another-stack"),
        ("LaunchTemplateData.SecurityGroupId.1", orphan.as_str()),
        ("LaunchTemplateData.IamInstanceProfile.Name", &profile),
    ];
    assert!(ec2(world, "CreateLaunchTemplate", &template, "launchTemplateId").starts_with("lt-"));
    // Protection is switched on.
    let protect = [("InstanceId", instance.as_str()), ("DisableApiTermination.Value", "true")];
    ec2(world, "ModifyInstanceAttribute", &protect, "return");
    let protect = json!({ "name": cluster.name, "deletionProtection": true });
    let outcome = eks(world, "UpdateClusterConfig", protect);
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[test]
fn others_can_make_a_cluster_of_an_existing_role_and_again_under_the_same_name() {
    let sandbox = sandbox("failed-eks");
    let mut world = sandbox.world();
    let world = &mut *world;
    let cluster = world.regions[REGION].eks.clusters.values().next().unwrap().clone();
    // A new cluster takes an existing role; one is made again under a name that is free.
    let new = json!({
        "name": "of-another-stack", "roleArn": cluster.role_arn,
        "resourcesVpcConfig": { "subnetIds": cluster.subnets },
    });
    eks(world, "CreateCluster", new.clone()).unwrap();
    world.clock.skip(std::time::Duration::from_secs(600));
    world.settle();
    eks(world, "DeleteCluster", json!({ "name": "of-another-stack" })).unwrap();
    world.clock.skip(std::time::Duration::from_secs(600));
    world.settle();
    eks(world, "CreateCluster", new).unwrap();
}

fn damaged(sandbox: &Sandbox, listing: &str, damage: Damage) {
    sandbox.world().faults.listings.insert(listing.to_owned(), damage);
}

#[test]
fn a_listing_leaves_one_row_out_while_others_still_name_it() {
    let sandbox = sandbox("shared-vpc");
    let told = ask(&sandbox, "ec2", "Action=DescribeInstances").1;
    let id = text_of(&told, "instanceId").unwrap();
    damaged(&sandbox, "ec2:DescribeInstances", Damage::LeavesOut(id.clone()));
    let (status, told) = ask(&sandbox, "ec2", "Action=DescribeInstances");
    assert_eq!((status, texts_of(&told, "instanceId")), (200, vec![]));
    // Who asks for it by its id is told of it.
    for by_id in [format!("InstanceId.1={id}"), format!("Filter.1.Name=instance-id&Filter.1.Value.1={id}")] {
        let told = ask(&sandbox, "ec2", &format!("Action=DescribeInstances&{by_id}")).1;
        assert_eq!(texts_of(&told, "instanceId"), std::slice::from_ref(&id), "{by_id}");
    }
    assert_eq!(sandbox.world().calls.last().unwrap().target, id, "what a filter names by id is told as well");
    assert!(ask(&sandbox, "ec2", "Action=DescribeNetworkInterfaces").1.contains(&id));
    let all = texts_of(&ask(&sandbox, "ec2", "Action=DescribeSecurityGroups").1, "groupName");
    let one = text_of(&ask(&sandbox, "ec2", "Action=DescribeSecurityGroups").1, "groupId").unwrap();
    damaged(&sandbox, "ec2:DescribeSecurityGroups", Damage::LeavesOut(one));
    let left = texts_of(&ask(&sandbox, "ec2", "Action=DescribeSecurityGroups").1, "groupName");
    assert_eq!(left.len() + 1, all.len());
}

#[test]
fn a_listing_is_empty_or_ends_in_its_middle() {
    let sandbox = sandbox("failed-eks");
    damaged(&sandbox, "ec2:DescribeVpcs", Damage::Empty);
    let (status, told) = ask(&sandbox, "ec2", "Action=DescribeVpcs");
    assert_eq!(status, 200);
    assert!(told.contains("<vpcSet></vpcSet>"), "{told}");
    damaged(&sandbox, "eks:ListClusters", Damage::Empty);
    let told = send(&sandbox, "eks", ("GET", "/clusters"), "");
    assert_eq!(told, (200, r#"{"clusters":[]}"#.to_owned()));
    damaged(&sandbox, "ec2:DescribeVpcs", Damage::CutOff);
    let told = ask(&sandbox, "ec2", "Action=DescribeVpcs").1;
    assert!(told.contains("<vpcSet>") && !told.contains("</DescribeVpcsResponse>"));
}

#[test]
fn a_token_repeats_for_ever() {
    let sandbox = sandbox("failed-eks");
    damaged(&sandbox, "ec2:DescribeSubnets", Damage::RepeatsToken);
    let mut token = String::new();
    for _ in 0..3 {
        let told = ask(&sandbox, "ec2", &format!("Action=DescribeSubnets&NextToken={token}")).1;
        assert!(!texts_of(&told, "subnetId").is_empty());
        token = text_of(&told, "nextToken").unwrap();
    }
    damaged(&sandbox, "iam:ListRoles", Damage::RepeatsToken);
    let told = ask(&sandbox, "iam", &format!("Action=ListRoles&Marker={token}")).1;
    assert_eq!(
        (text_of(&told, "IsTruncated").as_deref(), text_of(&told, "Marker")),
        (Some("true"), Some(token))
    );
}

#[test]
fn a_service_that_is_not_there_says_so_in_one_of_three_ways() {
    let sandbox = sandbox("empty");
    let lambda = |sandbox: &Sandbox| send(sandbox, "lambda", ("GET", "/2015-03-31/functions/"), "").0;
    assert_eq!(lambda(&sandbox), 200);
    for (how, status) in [(Unserved::NotFound, 404), (Unserved::NotImplemented, 501)] {
        sandbox.world().faults.unserved.insert("lambda".to_owned(), how);
        assert_eq!(lambda(&sandbox), status);
    }
    sandbox.world().faults.unserved.insert("autoscaling".to_owned(), Unserved::InvalidAction);
    let (status, told) = ask(&sandbox, "autoscaling", "Action=DescribeAutoScalingGroups");
    assert_eq!((status, text_of(&told, "Code").as_deref()), (400, Some("InvalidAction")));
}

#[test]
fn an_organisation_denies_a_region_but_for_global_services() {
    let sandbox = sandbox("empty");
    sandbox.world().faults.forbidden_regions.insert(REGION.to_owned());
    let (status, told) = ask(&sandbox, "ec2", "Action=DescribeVpcs");
    assert_eq!((status, text_of(&told, "Code").as_deref()), (403, Some("UnauthorizedOperation")));
    assert!(told.contains("with an explicit deny in a service control policy"), "{told}");
    assert_eq!(ask(&sandbox, "iam", "Action=ListRoles").0, 200);
    assert_eq!(ask(&sandbox, "sts", "Action=GetCallerIdentity").0, 200);
}
