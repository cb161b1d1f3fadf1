//! What goes wrong on the way: denied calls, lost answers, throttling, changed resources, bad plans.

use std::collections::BTreeSet;

use aws_janitor_sandbox::error::AwsError;
use aws_janitor_sandbox::scenario;
use jiff::Timestamp;

use crate::program::{ATTEMPTS, mutating, refused_for_order, serve};
use crate::standing::{shares, standing};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_delete_stops_its_branch_and_names_the_action() {
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 400.0, Timestamp::now()).unwrap()).await;
    sandbox.world().faults.denied.insert("ec2:DeleteNatGateway".to_owned());
    let end = endpoint.run(&["apply", "--select", ATTEMPTS, "--yes", "-o", "json"]).await.expect(3);
    let run = end.last_json();
    assert_eq!(run["outcome"], "partly", "{run:#}");
    let failed = run["failed"].as_array().unwrap();
    assert!(failed.iter().all(|it| it["kind"] == "nat-gateway"), "{run:#}");
    assert!(failed[0]["error"].as_str().unwrap().contains("ec2:DeleteNatGateway"), "{run:#}");
    let deleted = run["deleted"].as_array().unwrap();
    assert!(deleted.iter().any(|it| it["kind"] == "iam-role"), "the rest went on: {run:#}");
    assert!(!deleted.iter().any(|it| it["kind"] == "vpc" && it["id"] == failed[0]["id"]));
    assert!(
        failed[0]["error"].as_str().unwrap().contains("No policy allows ec2:DeleteNatGateway on"),
        "{run:#}"
    );
    // Who may not have it read is told what would.
    sandbox.world().faults.denied.insert("sts:DecodeAuthorizationMessage".to_owned());
    let end = endpoint.run(&["apply", "--select", ATTEMPTS, "--yes", "-o", "json"]).await.expect(3);
    let error = end.last_json()["failed"][0]["error"].as_str().unwrap().to_owned();
    assert!(error.contains("who may call sts:DecodeAuthorizationMessage"), "{error}");
    assert!(!error.contains("Encoded authorization failure message"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_not_be_read_is_kept_and_told() {
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 400.0, Timestamp::now()).unwrap()).await;
    sandbox.world().faults.denied.insert("ec2:DescribeNetworkInterfaces".to_owned());
    let seen = sandbox.world().calls.len();
    let end = endpoint.run(&["plan", "--select", ATTEMPTS]).await.expect(6);
    assert!(end.out.contains("network-interface") || end.err.contains("network-interface"), "{end:?}");
    let end = endpoint.run(&["plan", "--select", ATTEMPTS, "-o", "json"]).await.expect(6).json();
    for step in end["steps"].as_array().unwrap() {
        assert!(!["vpc", "subnet", "security-group"].contains(&step["kind"].as_str().unwrap()), "{step:#}");
    }
    assert_eq!(mutating(&sandbox.world().calls[seen..]), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_answers_and_throttling_change_nothing_of_the_end() {
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 400.0, Timestamp::now()).unwrap()).await;
    {
        let mut world = sandbox.world();
        for action in ["ec2:DeleteNatGateway", "ec2:ReleaseAddress", "iam:DeleteRole", "eks:DeleteNodegroup"]
        {
            world.faults.losing.insert(action.to_owned(), 1);
        }
        let throttled = AwsError::with_status(503, "RequestLimitExceeded", "Request limit exceeded.");
        world.faults.failing.insert("ec2:DeleteSubnet".to_owned(), (3, throttled.clone()));
        world.faults.failing.insert("ec2:DescribeSubnets".to_owned(), (2, throttled));
        let broken = AwsError::with_status(500, "InternalError", "An internal error has occurred");
        world.faults.failing.insert("ec2:DeleteVpc".to_owned(), (1, broken));
    }
    let seen = sandbox.world().calls.len();
    endpoint.run(&["apply", "--select", ATTEMPTS, "--yes"]).await.expect(0);
    let calls = sandbox.world().calls.split_off(seen);
    assert_eq!(refused_for_order(&calls), Vec::<String>::new());
    assert_eq!(shares(&sandbox).of_attempts, BTreeSet::new());
    let plan = endpoint.run(&["plan", "--select", ATTEMPTS, "-o", "json"]).await.expect(0).json();
    assert_eq!(plan["steps"].as_array().map(Vec::len), Some(0), "{plan:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_plan_is_applied_exactly_or_less() {
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 400.0, Timestamp::now()).unwrap()).await;
    let file = endpoint.file("plan.json");
    endpoint.run(&["plan", "--select", ATTEMPTS, "--out", &file]).await.expect(0);
    let plan: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let planned: Vec<&str> =
        plan["resources"].as_array().unwrap().iter().filter_map(|it| it["id"].as_str()).collect();
    // Between review and apply somebody claims an address, and a new orphan appears.
    let ec2 = aws_sdk_ec2::Client::new(&endpoint.sdk().await);
    let address = planned.iter().find(|id| id.starts_with("eipalloc-")).unwrap();
    let tag = aws_sdk_ec2::types::Tag::builder().key("Owner").value("somebody").build();
    ec2.create_tags().resources(*address).tags(tag).send().await.unwrap();
    let trust = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let role = [("RoleName", "shop-attempt-2-new"), ("AssumeRolePolicyDocument", trust)];
    let tags = [
        ("Tags.member.1.Key", "Project"),
        ("Tags.member.1.Value", "shop"),
        ("Tags.member.2.Key", "EnvironmentSuffix"),
        ("Tags.member.2.Value", "attempt-2"),
    ];
    let role = [role.as_slice(), &tags].concat();
    sandbox.world().call("iam", "us-east-1", "CreateRole", &role).unwrap();
    let seen = sandbox.world().calls.len();
    let end = endpoint.run(&["apply", &file, "--yes", "-o", "json"]).await.expect(3);
    let calls = sandbox.world().calls.split_off(seen);
    let released: Vec<_> =
        calls.iter().filter(|call| call.action == "ReleaseAddress").map(|call| call.target.clone()).collect();
    assert_eq!(released.len(), 4, "{released:?}");
    assert!(!released.iter().any(|id| id.contains(address)), "{released:?}");
    assert!(end.err.contains(address) || end.out.contains(address), "the report names what was left out");
    let left = standing(&sandbox);
    assert!(left.contains(&format!("ec2:elastic-ip {address}")), "{left:?}");
    assert!(left.contains("iam:role shop-attempt-2-new"), "it was not in the plan: {left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plans_that_cannot_be_trusted_delete_nothing() {
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 400.0, Timestamp::now()).unwrap()).await;
    let file = endpoint.file("plan.json");
    endpoint.run(&["plan", "--select", ATTEMPTS, "--out", &file]).await.expect(0);
    let text = std::fs::read_to_string(&file).unwrap();
    let seen = sandbox.world().calls.len();
    // What is no plan is an error; what was a plan and is another now is refused.
    let edited = [
        ("edited", 4, text.replacen("attempt-1", "attempt-9", 1)),
        ("not-json", 1, text[..text.len() / 2].to_owned()),
        ("schema", 1, text.replacen("aws-janitor/plan/2", "aws-janitor/plan/1", 1)),
        ("account", 4, text.replace("111122223333", "444455556666")),
        ("empty", 1, String::new()),
    ];
    for (name, code, text) in edited {
        let path = endpoint.file(&format!("{name}.json"));
        std::fs::write(&path, text).unwrap();
        let end = endpoint.run(&["apply", &path, "--yes"]).await;
        assert_eq!(end.code, Some(code), "{name}: {end:?}");
        assert!(!end.err.contains("panicked"), "{name}: {end:?}");
        assert!(end.err.lines().count() >= 2, "{name} names no remedy: {}", end.err);
    }
    assert_eq!(mutating(&sandbox.world().calls[seen..]), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn caps_and_missing_consent_refuse_before_anything_is_called() {
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 400.0, Timestamp::now()).unwrap()).await;
    let seen = sandbox.world().calls.len();
    for args in [
        vec!["apply", "--select", ATTEMPTS],
        vec!["apply", "--select", ATTEMPTS, "--yes", "--max-deletes", "3"],
        vec!["apply", "--select", ATTEMPTS, "--yes", "--max-per-kind", "elastic-ip=2"],
        vec!["apply", "--select", ATTEMPTS, "--yes", "--account", "444455556666"],
    ] {
        endpoint.run(&args).await.expect(4);
    }
    assert_eq!(mutating(&sandbox.world().calls[seen..]), Vec::<String>::new());
}
