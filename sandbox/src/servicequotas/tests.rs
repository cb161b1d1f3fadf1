//! Service Quotas over the wire, and that what it tells is what is enforced.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::ec2::fixture::{CLUSTER_ROLE, NODE_ROLE, REGION, SUBNET_A, VPC, skip, with_eks_roles, world};
use crate::error::{AwsError, AwsResult};
use crate::protocol::Request;
use crate::quotas::table;
use crate::wire::answer;
use crate::{World, xml};

fn call(world: &mut World, action: &str, input: Value) -> AwsResult<Value> {
    world.call_json("servicequotas", REGION, action, input)
}

fn code(outcome: AwsResult<Value>) -> String {
    outcome.unwrap_err().code
}

/// Every row of a listing, read page by page, and the number of pages.
fn whole(world: &mut World, action: &str, service: &str, size: Option<u64>) -> (Vec<Value>, usize) {
    let (mut rows, mut pages) = (Vec::new(), 0);
    let mut input = json!({ "ServiceCode": service });
    if let Some(size) = size {
        input["MaxResults"] = json!(size);
    }
    loop {
        let page = call(world, action, input.clone()).unwrap();
        rows.extend(page["Quotas"].as_array().unwrap().iter().cloned());
        pages += 1;
        let Some(token) = page.get("NextToken") else { return (rows, pages) };
        input["NextToken"] = token.clone();
    }
}

fn codes(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().map(|row| row["QuotaCode"].as_str().unwrap().to_owned()).collect()
}

/// What is answered to a call over the wire: status, and the body's JSON.
fn over_the_wire(world: &mut World, action: &str, input: &Value) -> (u16, Value) {
    let scope = "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/servicequotas/aws4_request, SignedHeaders=host";
    let request = Request {
        method: "POST".into(),
        path: "/".into(),
        headers: vec![
            ("authorization".into(), scope.into()),
            ("x-amz-target".into(), format!("ServiceQuotasV20190624.{action}")),
        ],
        body: input.to_string().into_bytes(),
        ..Request::default()
    };
    let (response, _) = answer(world, &request);
    (response.status, serde_json::from_slice(&response.body).unwrap())
}

#[test]
fn the_table_names_each_quota_once_and_lists_every_service() {
    let rows = table::rows();
    let all: BTreeSet<(&str, &str)> = rows.iter().map(|row| (row.service, row.code.as_str())).collect();
    assert_eq!(all.len(), rows.len());
    let by_code: BTreeSet<&str> = rows.iter().map(|row| row.code.as_str()).collect();
    assert_eq!(by_code.len(), rows.len(), "a code names one quota in all services");
    for row in &rows {
        let digits = row.code.strip_prefix("L-").unwrap_or_default();
        assert!(digits.len() == 8 && digits.bytes().all(|it| b"0123456789ABCDEF".contains(&it)), "{row:?}");
        assert!(table::SERVICES.iter().any(|(service, _)| *service == row.service), "{row:?}");
    }
}

#[test]
fn only_what_was_applied_is_listed_unless_the_account_tells_defaults_too() {
    let mut world = world();
    assert!(whole(&mut world, "ListServiceQuotas", "vpc", None).0.is_empty());
    world.quotas.apply(REGION, table::VPCS, 12.0);
    let (rows, _) = whole(&mut world, "ListServiceQuotas", "vpc", None);
    assert_eq!(codes(&rows), BTreeSet::from([table::VPCS.to_owned()]));
    assert_eq!(rows[0]["Value"], 12.0);
    assert_eq!(rows[0]["QuotaArn"], "arn:aws:servicequotas:us-east-1:111122223333:vpc/L-F678F1CE");
    world.quotas.told_by_default = true;
    let (rows, _) = whole(&mut world, "ListServiceQuotas", "vpc", None);
    let value = |code: &str| rows.iter().find(|row| row["QuotaCode"] == code).unwrap()["Value"].clone();
    assert_eq!((value(table::VPCS), value(table::SUBNETS)), (json!(12.0), json!(200.0)));
    let one = json!({ "ServiceCode": "vpc", "QuotaCode": table::SUBNETS });
    let told = call(&mut world, "ListServiceQuotas", one).unwrap();
    assert_eq!(told["Quotas"].as_array().map(Vec::len), Some(1));
}

#[test]
fn listings_page_and_hold_each_quota_once() {
    let mut world = world();
    for (service, size, pages) in [("ec2", None, 2), ("vpc", None, 1), ("vpc", Some(20), 3)] {
        let (rows, seen) = whole(&mut world, "ListAWSDefaultServiceQuotas", service, size);
        assert_eq!(seen, pages, "{service}");
        assert_eq!(codes(&rows).len(), rows.len(), "{service}");
        let there = table::rows().iter().filter(|row| row.service == service).count();
        assert_eq!(rows.len(), there, "{service}");
    }
    let (rows, _) = whole(&mut world, "ListAWSDefaultServiceQuotas", "ec2", None);
    assert!(rows.len() > 130);
    let vcpus = rows.iter().find(|row| row["QuotaCode"] == table::STANDARD_VCPUS).unwrap();
    assert_eq!(vcpus["UsageMetric"]["MetricDimensions"]["Class"], "Standard/OnDemand");
    assert_eq!(vcpus["Value"], 5.0, "the default is not what was applied");
    assert_eq!(vcpus["QuotaArn"], "arn:aws:servicequotas:us-east-1::ec2/L-1216C47A");
    for wrong in [json!(0), json!(101), json!("ten")] {
        let input = json!({ "ServiceCode": "ec2", "MaxResults": wrong });
        assert_eq!(code(call(&mut world, "ListServiceQuotas", input)), "ValidationException");
    }
    let input = json!({ "ServiceCode": "ec2", "NextToken": "x" });
    assert_eq!(code(call(&mut world, "ListServiceQuotas", input)), "InvalidPaginationTokenException");
}

#[test]
fn a_quota_to_which_nothing_was_applied_has_a_default_only() {
    let mut world = world();
    let input = json!({ "ServiceCode": "ec2", "QuotaCode": table::ADDRESSES });
    assert_eq!(code(call(&mut world, "GetServiceQuota", input.clone())), "NoSuchResourceException");
    let told = call(&mut world, "GetAWSDefaultServiceQuota", input.clone()).unwrap();
    assert_eq!(told["Quota"]["Value"], 5.0);
    assert_eq!(told["Quota"]["QuotaName"], "EC2-VPC Elastic IPs");
    world.quotas.apply(REGION, table::ADDRESSES, 10.0);
    assert_eq!(call(&mut world, "GetServiceQuota", input.clone()).unwrap()["Quota"]["Value"], 10.0);
    let elsewhere = world.call_json("servicequotas", "eu-west-1", "GetServiceQuota", input);
    assert_eq!(code(elsewhere), "NoSuchResourceException", "applied in one region only");
}

#[test]
fn unknown_services_and_quotas_are_no_such_resource() {
    let mut world = world();
    for action in ["ListServiceQuotas", "ListAWSDefaultServiceQuotas"] {
        assert_eq!(
            code(call(&mut world, action, json!({ "ServiceCode": "coffee" }))),
            "NoSuchResourceException"
        );
    }
    for action in ["GetServiceQuota", "GetAWSDefaultServiceQuota"] {
        let input = json!({ "ServiceCode": "vpc", "QuotaCode": "L-00000000" });
        assert_eq!(code(call(&mut world, action, input)), "NoSuchResourceException");
    }
    assert_eq!(code(call(&mut world, "ListServiceQuotas", json!({}))), "ValidationException");
}

#[test]
fn the_accounts_own_quotas_are_told_in_one_region() {
    let mut world = world();
    let (rows, _) = whole(&mut world, "ListAWSDefaultServiceQuotas", "iam", None);
    assert!(rows.len() >= 9 && rows.iter().all(|row| row["GlobalQuota"] == true));
    let input = json!({ "ServiceCode": "iam" });
    let elsewhere = world.call_json("servicequotas", "eu-west-1", "ListAWSDefaultServiceQuotas", input);
    assert_eq!(code(elsewhere), "NoSuchResourceException");
}

#[test]
fn an_increase_must_increase_and_can_be_asked_for_once() {
    let mut world = world();
    let ask = |world: &mut World, value: f64| {
        let input = json!({ "ServiceCode": "vpc", "QuotaCode": table::VPCS, "DesiredValue": value });
        call(world, "RequestServiceQuotaIncrease", input)
    };
    for value in [4.0, 5.0] {
        let refusal = ask(&mut world, value).unwrap_err();
        assert_eq!(refusal.code, "IllegalArgumentException");
        assert_eq!(refusal.message, "You must provide a quota value greater than the current quota value");
    }
    let told = ask(&mut world, 10.0).unwrap();
    assert_eq!(told["RequestedQuota"]["Status"], "PENDING");
    assert_eq!(code(ask(&mut world, 20.0)), "ResourceAlreadyExistsException");
    let users = json!({ "ServiceCode": "iam", "QuotaCode": table::USERS, "DesiredValue": 9000.0 });
    assert_eq!(code(call(&mut world, "RequestServiceQuotaIncrease", users)), "IllegalArgumentException");
    skip(&mut world, Duration::from_secs(30 * 24 * 60 * 60));
    assert_eq!(world.quotas.limit(REGION, table::VPCS), 5, "nobody grants it unless the world says so");
}

#[test]
fn a_granted_increase_is_told_and_enforced() {
    let mut world = world();
    world.quotas.grants_after = Some(Duration::from_secs(60 * 60));
    let input = json!({ "ServiceCode": "ec2", "QuotaCode": table::ADDRESSES, "DesiredValue": 6.0 });
    let told = call(&mut world, "RequestServiceQuotaIncrease", input).unwrap();
    let id = json!({ "RequestId": told["RequestedQuota"]["Id"] });
    let status = |world: &mut World| {
        call(world, "GetRequestedServiceQuotaChange", id.clone()).unwrap()["RequestedQuota"]["Status"].clone()
    };
    assert_eq!(status(&mut world), "PENDING");
    for _ in 0..5 {
        world.call("ec2", REGION, "AllocateAddress", &[]).unwrap();
    }
    assert_eq!(refusal_of(&mut world, "ec2", "AllocateAddress", &[]).code, "AddressLimitExceeded");
    skip(&mut world, Duration::from_secs(60 * 60));
    assert_eq!(status(&mut world), "APPROVED");
    world.call("ec2", REGION, "AllocateAddress", &[]).unwrap();
    assert_eq!(refusal_of(&mut world, "ec2", "AllocateAddress", &[]).code, "AddressLimitExceeded");
}

#[test]
fn faults_denials_and_throttling_come_in_the_services_own_shape() {
    let mut world = world();
    let input = json!({ "ServiceCode": "vpc" });
    assert_eq!(over_the_wire(&mut world, "ListServiceQuotas", &input), (200, json!({ "Quotas": [] })));
    let unknown = over_the_wire(&mut world, "ListServiceQuotas", &json!({ "ServiceCode": "coffee" }));
    assert_eq!((unknown.0, &unknown.1["__type"]), (400, &json!("NoSuchResourceException")));
    world.faults.denied.insert("servicequotas:ListServiceQuotas".into());
    let denied = over_the_wire(&mut world, "ListServiceQuotas", &input);
    assert_eq!((denied.0, &denied.1["__type"]), (400, &json!("AccessDeniedException")));
    world.faults.denied.clear();
    world.faults.failing_share = 1.0;
    let broken = over_the_wire(&mut world, "ListServiceQuotas", &input);
    assert_eq!((broken.0, &broken.1["__type"]), (500, &json!("ServiceException")));
    world.faults.failing_share = 0.0;
    world.faults.throttle = true;
    let statuses: Vec<u16> =
        (0..12).map(|_| over_the_wire(&mut world, "ListServiceQuotas", &input).0).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 10);
    let slow = over_the_wire(&mut world, "ListServiceQuotas", &input);
    assert_eq!((slow.0, &slow.1["__type"]), (400, &json!("TooManyRequestsException")));
}

#[track_caller]
fn refusal_of(world: &mut World, service: &str, action: &str, params: &[(&str, &str)]) -> AwsError {
    world.call(service, REGION, action, params).unwrap_err()
}

/// A quota, the call that goes beyond it once it is applied as what is there already, and the refusal.
type Enforced = (&'static str, &'static str, &'static str, Vec<(&'static str, &'static str)>, &'static str);

/// What EC2's network keeps to.
fn of_the_network() -> Vec<Enforced> {
    vec![
        (table::ADDRESSES, "ec2", "AllocateAddress", vec![], "AddressLimitExceeded"),
        (table::VPCS, "ec2", "CreateVpc", vec![("CidrBlock", "10.9.0.0/16")], "VpcLimitExceeded"),
        (table::INTERNET_GATEWAYS, "ec2", "CreateInternetGateway", vec![], "InternetGatewayLimitExceeded"),
        (
            table::NAT_GATEWAYS,
            "ec2",
            "CreateNatGateway",
            vec![("SubnetId", SUBNET_A), ("ConnectivityType", "private")],
            "NatGatewayLimitExceeded",
        ),
        (
            table::SUBNETS,
            "ec2",
            "CreateSubnet",
            vec![("VpcId", VPC), ("CidrBlock", "10.0.9.0/24")],
            "SubnetLimitExceeded",
        ),
        (table::ROUTE_TABLES, "ec2", "CreateRouteTable", vec![("VpcId", VPC)], "RouteTableLimitExceeded"),
        (
            table::SECURITY_GROUPS,
            "ec2",
            "CreateSecurityGroup",
            vec![("VpcId", VPC), ("GroupName", "g"), ("GroupDescription", "g")],
            "SecurityGroupLimitExceeded",
        ),
        (
            table::INTERFACES,
            "ec2",
            "CreateNetworkInterface",
            vec![("SubnetId", SUBNET_A)],
            "NetworkInterfaceLimitExceeded",
        ),
        (table::NETWORK_ACLS, "ec2", "CreateNetworkAcl", vec![("VpcId", VPC)], "NetworkAclLimitExceeded"),
        (
            table::GATEWAY_ENDPOINTS,
            "ec2",
            "CreateVpcEndpoint",
            vec![("VpcId", VPC), ("ServiceName", "com.amazonaws.us-east-1.s3")],
            "VpcEndpointLimitExceeded",
        ),
    ]
}

/// What the others keep to.
fn of_the_rest() -> Vec<Enforced> {
    let trust = "{}";
    vec![
        (
            table::STANDARD_VCPUS,
            "ec2",
            "RunInstances",
            vec![("ImageId", "ami-1"), ("SubnetId", SUBNET_A), ("InstanceType", "t3.small")],
            "VcpuLimitExceeded",
        ),
        (
            table::TARGET_GROUPS,
            "elasticloadbalancing",
            "CreateTargetGroup",
            vec![("Name", "t"), ("Protocol", "HTTP"), ("Port", "80"), ("VpcId", VPC)],
            "TooManyTargetGroups",
        ),
        (
            table::POLICIES,
            "iam",
            "CreatePolicy",
            vec![("PolicyName", "p"), ("PolicyDocument", trust)],
            "LimitExceeded",
        ),
        (
            table::PROFILES,
            "iam",
            "CreateInstanceProfile",
            vec![("InstanceProfileName", "p")],
            "LimitExceeded",
        ),
        (
            table::PROVIDERS,
            "iam",
            "CreateOpenIDConnectProvider",
            vec![("Url", "https://oidc.example/id/1")],
            "LimitExceeded",
        ),
        (
            table::ROLES,
            "iam",
            "CreateRole",
            vec![("RoleName", "r"), ("AssumeRolePolicyDocument", trust)],
            "LimitExceeded",
        ),
    ]
}

#[test]
fn what_is_told_is_what_is_enforced() {
    for (quota, service, action, params, refusal) in of_the_network().into_iter().chain(of_the_rest()) {
        let mut world = world();
        world.quotas.apply(REGION, quota, 0.0);
        assert_eq!(refusal_of(&mut world, service, action, &params).code, refusal, "{action}");
        world.quotas.apply(REGION, quota, 500.0);
        world.call(service, REGION, action, &params).unwrap_or_else(|why| panic!("{action}: {why:?}"));
    }
}

#[test]
fn json_services_keep_their_quotas_too() {
    let subnets = json!([SUBNET_A, crate::ec2::fixture::SUBNET_B]);
    let cluster =
        json!({ "name": "c", "roleArn": CLUSTER_ROLE, "resourcesVpcConfig": { "subnetIds": subnets } });
    let group = json!({
        "clusterName": "there", "nodegroupName": "n", "nodeRole": NODE_ROLE, "subnets": subnets,
        "scalingConfig": { "minSize": 0, "maxSize": 1, "desiredSize": 0 },
    });
    for (quota, service, action, input, refusal) in [
        (table::CLUSTERS, "eks", "CreateCluster", cluster.clone(), "ResourceLimitExceededException"),
        (table::NODEGROUPS, "eks", "CreateNodegroup", group.clone(), "ResourceLimitExceededException"),
        (table::NODES, "eks", "CreateNodegroup", group, "ResourceLimitExceededException"),
        (
            table::LOG_GROUPS,
            "logs",
            "CreateLogGroup",
            json!({ "logGroupName": "g" }),
            "LimitExceededException",
        ),
    ] {
        let mut world = with_eks_roles();
        let mut there = cluster.clone();
        there["name"] = json!("there");
        world.call_json("eks", REGION, "CreateCluster", there).unwrap();
        skip(&mut world, Duration::from_secs(60 * 60));
        world.quotas.apply(REGION, quota, 0.0);
        assert_eq!(code(world.call_json(service, REGION, action, input.clone())), refusal, "{action}");
        world.quotas.apply(REGION, quota, 2.0);
        world.call_json(service, REGION, action, input).unwrap_or_else(|why| panic!("{action}: {why:?}"));
    }
}

#[test]
fn the_account_summary_tells_the_applied_quotas() {
    let mut world = world();
    world.quotas.apply("eu-west-1", table::ROLES, 1500.0);
    let told = world.call("iam", REGION, "GetAccountSummary", &[]).unwrap();
    let entries: Vec<(String, String)> =
        xml::texts_of(&told, "key").into_iter().zip(xml::texts_of(&told, "value")).collect();
    let of = |name: &str| entries.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!(of("RolesQuota"), Some("1500"), "the account's quotas are the same wherever they are applied");
    assert_eq!(of("Roles"), Some("7"));
    assert_eq!(of("ServerCertificatesQuota"), Some("20"));
    assert!(of("Providers").is_some() && of("ProvidersQuota").is_none());
}
