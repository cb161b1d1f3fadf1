use super::*;
use crate::xml;
use crate::{Sandbox, SimClock};

fn world() -> World {
    World::new("111122223333", SimClock::new("2026-01-01T00:00:00Z".parse().unwrap(), 0.0))
}

fn request(form: &str) -> Request {
    let scope =
        "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host";
    Request {
        method: "POST".into(),
        path: "/".into(),
        headers: vec![
            ("authorization".into(), scope.into()),
            ("content-type".into(), "application/x-www-form-urlencoded".into()),
        ],
        body: form.as_bytes().to_vec(),
        ..Request::default()
    }
}

#[track_caller]
fn check(world: &mut World, form: &str, status: u16, code: &str) {
    let (response, _) = answer(world, &request(form));
    let body = String::from_utf8(response.body).unwrap();
    assert_eq!(response.status, status, "{body}");
    assert_eq!(xml::text_of(&body, "Code").unwrap_or_default(), code, "{body}");
}

fn vpcs(world: &mut World) -> usize {
    world.region("us-east-1").ec2.vpcs.len()
}

const CREATE: &str = "Action=CreateVpc&CidrBlock=10.0.0.0%2F16";

#[test]
fn unsigned_requests_and_unknown_keys_are_refused() {
    let mut world = world();
    let mut unsigned = request(CREATE);
    unsigned.headers.retain(|(name, _)| name != "authorization");
    let (response, _) = answer(&mut world, &unsigned);
    assert_eq!(response.status, 403);
    assert!(String::from_utf8(response.body).unwrap().contains("MissingAuthenticationToken"));
    world.accepted_keys = vec!["AKIAOTHER".into()];
    check(&mut world, CREATE, 401, "AuthFailure");
    world.accepted_keys.push("AKIATEST".into());
    check(&mut world, CREATE, 200, "");
    world.faults.disabled_regions.insert("us-east-1".into());
    check(&mut world, CREATE, 401, "AuthFailure");
}

#[test]
fn a_dry_run_is_an_error_either_way_and_changes_nothing() {
    let mut world = world();
    let before = vpcs(&mut world);
    let dry = format!("{CREATE}&DryRun=true");
    check(&mut world, &dry, 412, "DryRunOperation");
    world.faults.denied.insert("ec2:CreateVpc".into());
    check(&mut world, &dry, 403, "UnauthorizedOperation");
    check(&mut world, CREATE, 403, "UnauthorizedOperation");
    assert_eq!(vpcs(&mut world), before);
    let seen: Vec<(bool, bool)> = world.calls.iter().map(|call| (call.dry_run, call.mutating)).collect();
    assert_eq!(seen, [(true, false), (true, false), (false, true)]);
    world.faults.denied.clear();
    check(&mut world, CREATE, 200, "");
}

#[test]
fn calls_are_recorded_with_their_target_and_refusal() {
    let mut world = world();
    check(&mut world, "Action=DeleteVpc&VpcId=vpc-00000000000000000", 400, "InvalidVpcID.NotFound");
    let call = &world.calls[0];
    assert_eq!(call.iam_action(), "ec2:DeleteVpc");
    assert_eq!(call.target, "vpc-00000000000000000");
    assert_eq!(call.refused.as_deref(), Some("InvalidVpcID.NotFound"));
    world.call("ec2", "us-east-1", "DescribeVpcs", &[]).unwrap();
    assert_eq!(world.calls.len(), 1, "calls from inside are not recorded");
}

#[test]
fn faults_strike_as_often_as_asked() {
    let mut world = world();
    let failure = AwsError::with_status(500, "InternalError", "An internal error has occurred");
    world.faults.failing.insert("ec2:CreateVpc".into(), (1, failure));
    check(&mut world, CREATE, 500, "InternalError");
    world.faults.losing.insert("ec2:CreateVpc".into(), 1);
    let before = vpcs(&mut world);
    assert!(answer(&mut world, &request(CREATE)).0.lost);
    assert_eq!(vpcs(&mut world), before + 1, "a lost answer's call took effect");
    assert!(!answer(&mut world, &request(CREATE)).0.lost);
}

#[test]
fn the_bucket_of_endpoint_deletions_holds_four_and_fills_slowly() {
    let mut world = world();
    world.faults.throttle = true;
    let delete = "Action=DeleteVpcEndpoints&VpcEndpointId.1=vpce-00000000000000000";
    for _ in 0..4 {
        check(&mut world, delete, 200, "");
    }
    check(&mut world, delete, 503, "RequestLimitExceeded");
    world.clock.skip(Duration::from_secs(4));
    check(&mut world, delete, 200, "");
    check(&mut world, delete, 503, "RequestLimitExceeded");
}

/// A request of each service that quotas and preflights ask, as its protocol writes it.
fn question(service: &str) -> Request {
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host"
    );
    let mut request = Request {
        method: "POST".into(),
        path: "/".into(),
        headers: vec![("authorization".into(), scope)],
        ..Request::default()
    };
    let (target, body) = match service {
        "autoscaling" => (None, "Action=DescribeAccountLimits&Version=2011-01-01"),
        "cloudformation" => (None, "Action=ListStacks&Version=2010-05-15"),
        "ssm" => (Some("AmazonSSM.DescribeParameters"), "{}"),
        "elasticloadbalancing" => (None, "Action=DescribeAccountLimits&Version=2015-12-01"),
        "iam" => (None, "Action=GetAccountSummary&Version=2010-05-08"),
        "kms" => (Some("TrentService.ListAliases"), "{}"),
        "servicequotas" => {
            (Some("ServiceQuotasV20190624.ListAWSDefaultServiceQuotas"), r#"{"ServiceCode":"vpc"}"#)
        }
        _ => {
            request.method = "GET".into();
            request.path = "/cluster-versions".into();
            request.query = "clusterVersions=1.34&clusterVersions=1.28".into();
            (None, "")
        }
    };
    request.headers.extend(target.map(|target| ("x-amz-target".to_owned(), target.to_owned())));
    request.body = body.into();
    request
}

/// A service and the operation that [`question`] asks for, what its answer shows, and how the service
/// says that it does not permit it and that it failed.
const QUESTIONS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "autoscaling",
        "DescribeAccountLimits",
        "<MaxNumberOfAutoScalingGroups>500<",
        "AccessDenied",
        "InternalFailure",
    ),
    ("cloudformation", "ListStacks", "<StackSummaries>", "AccessDenied", "InternalFailure"),
    ("ssm", "DescribeParameters", "\"Parameters\":[]", "AccessDeniedException", "InternalServerError"),
    (
        "elasticloadbalancing",
        "DescribeAccountLimits",
        "<Name>target-groups</Name><Max>3000</Max>",
        "AccessDenied",
        "InternalFailure",
    ),
    (
        "iam",
        "GetAccountSummary",
        "<key>RolesQuota</key><value>1000</value>",
        "AccessDenied",
        "ServiceFailure",
    ),
    (
        "kms",
        "ListAliases",
        "\"AliasName\":\"alias/aws/ebs\"",
        "AccessDeniedException",
        "KMSInternalException",
    ),
    (
        "servicequotas",
        "ListAWSDefaultServiceQuotas",
        "\"QuotaCode\":\"L-F678F1CE\"",
        "AccessDeniedException",
        "ServiceException",
    ),
    (
        "eks",
        "DescribeClusterVersions",
        "\"clusterVersion\":\"1.28\"",
        "AccessDeniedException",
        "ServerException",
    ),
];

#[test]
fn what_quotas_and_preflights_ask_is_answered_denied_and_failed_in_each_protocol() {
    for (service, action, shows, denial, failure) in QUESTIONS.iter().copied() {
        let mut world = world();
        let ask = |world: &mut World| {
            let (response, _) = answer(world, &question(service));
            let kind = response.header("x-amzn-errortype").unwrap_or_default().to_owned();
            (response.status, format!("{kind} {}", String::from_utf8(response.body).unwrap()))
        };
        let (status, body) = ask(&mut world);
        assert!(status == 200 && body.contains(shows), "{service}: {status} {body}");
        world.faults.denied.insert(format!("{service}:{action}"));
        let (status, body) = ask(&mut world);
        assert!([400, 403].contains(&status) && body.contains(denial), "{service}: {status} {body}");
        world.faults.denied.clear();
        world.faults.failing_share = 1.0;
        let (status, body) = ask(&mut world);
        assert!(status == 500 && body.contains(failure), "{service}: {status} {body}");
        assert!(world.calls.iter().all(|call| !call.mutating && call.action == action), "{service}");
    }
}

#[test]
fn an_operation_that_is_not_modelled_is_refused() {
    check(&mut world(), "Action=MakeCoffee", 400, "InvalidAction");
}

#[tokio::test]
async fn the_server_answers_a_raw_request_and_drops_a_lost_answer() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let sandbox = Sandbox::new(world());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(crate::server::serve(sandbox.clone(), listener, stopped));
    let ask = async || {
        let body = "Action=DescribeVpcs&Version=2016-11-15";
        let text = format!(
            "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\nauthorization: \
             AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host\r\n\r\n{body}",
            body.len()
        );
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.map(|_| answer).unwrap_or_default()
    };
    let answer = ask().await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("<vpcSet><item><vpcId>vpc-"), "{answer}");
    sandbox.world().faults.losing.insert("ec2:DescribeVpcs".into(), 1);
    assert_eq!(ask().await, "");
    assert!(!ask().await.is_empty());
    stop.send(()).unwrap();
    serving.await.unwrap();
}
