//! The example policies, against the embedded AWS's own account: what each takes and what each leaves, told by AWS's
//! own books.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on is a failed test")]

use std::collections::BTreeSet;

use aws_janitor_sandbox::{Sandbox, scenario};
use jiff::Timestamp;

use crate::program::{ACCOUNT, Endpoint, mutating, serve};
use crate::standing::{gone, shares, standing};

async fn story() -> (Sandbox, Endpoint) {
    serve(scenario::build("failed-eks", 400.0, Timestamp::now()).unwrap()).await
}

/// An example as somebody copies it: with his account and his project in it.
fn copied(endpoint: &Endpoint, name: &str) -> String {
    let path = format!("{}/policies/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.replace("123456789012", ACCOUNT).replace("Project=demo", "Project=shop");
    let copy = endpoint.file(&format!("{name}.toml"));
    std::fs::write(&copy, text).unwrap();
    copy
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_is_refused_in_another_account_and_has_no_fault_with_its_own() {
    let (sandbox, endpoint) = story().await;
    let before = sandbox.world().calls.len();
    for name in ["between-attempts", "nightly-ci", "sandbox-account", "preflight-only"] {
        let original = format!("{}/policies/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        if name != "between-attempts" {
            let ended = endpoint.run(&["scan", "--policy", &original]).await.expect(4);
            assert!(ended.err.contains("123456789012"), "{ended:?}");
        }
        let copy = copied(&endpoint, name);
        endpoint.run(&["policy", "check", &copy]).await.expect(0);
    }
    assert_eq!(mutating(&sandbox.world().calls[before..]), Vec::<String>::new());
}

/// AWS tells no age of most of a network: what is not known to be old stays, and the healthy stack whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_policy_between_attempts_takes_nothing_of_others() {
    let (sandbox, endpoint) = story().await;
    let before = shares(&sandbox);
    let policy = copied(&endpoint, "between-attempts");
    let ended = endpoint.run(&["apply", "--policy", &policy, "--yes"]).await;
    assert!(matches!(ended.code, Some(0 | 3)), "{ended:?}");
    assert_eq!(gone(&before.of_others, &sandbox), Vec::<String>::new(), "{}", ended.err);
    assert_eq!(gone(&before.data, &sandbox), Vec::<String>::new(), "nobody named data");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_policies_for_ci_and_for_a_sandbox_take_nothing_that_is_not_theirs() {
    let (sandbox, endpoint) = story().await;
    let before = standing(&sandbox);
    for name in ["nightly-ci", "sandbox-account"] {
        let policy = copied(&endpoint, name);
        let calls = sandbox.world().calls.len();
        let ended = endpoint.run(&["apply", "--policy", &policy, "--region", "us-east-1", "--yes"]).await;
        assert_eq!(ended.code, Some(0), "{name}: {ended:?}");
        assert_eq!(mutating(&sandbox.world().calls[calls..]), Vec::<String>::new(), "{name}");
    }
    // Regions that are looked into for the first time get their default VPC.
    assert_eq!(gone(&before, &sandbox), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_tagged_keep_stands_after_an_apply_that_takes_the_rest() {
    let (sandbox, endpoint) = story().await;
    let ec2 = aws_sdk_ec2::Client::new(&endpoint.sdk().await);
    let filter = |key: &str, value: &str| {
        aws_sdk_ec2::types::Filter::builder().name(format!("tag:{key}")).values(value).build()
    };
    let vpcs = ec2
        .describe_vpcs()
        .filters(filter("Project", "shop"))
        .filters(filter("EnvironmentSuffix", "attempt-1"))
        .send()
        .await
        .unwrap();
    let vpc = vpcs.vpcs()[0].vpc_id().unwrap().to_owned();
    let keep = aws_sdk_ec2::types::Tag::builder().key("AWS-Janitor:Keep").value("").build();
    ec2.create_tags().resources(&vpc).tags(keep).send().await.unwrap();
    let before = shares(&sandbox);
    let select = crate::program::ATTEMPTS;
    let ended = endpoint.run(&["apply", "--select", select, "--yes"]).await;
    assert!(matches!(ended.code, Some(0 | 3)), "{ended:?}");
    let after = standing(&sandbox);
    assert!(after.contains(&format!("ec2:vpc {vpc}")), "{}", ended.out);
    assert_eq!(gone(&before.of_others, &sandbox), Vec::<String>::new());
    let second = |line: &&String| line.contains("attempt-2");
    let left: BTreeSet<&String> = before.of_attempts.intersection(&after).filter(second).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_policy_for_preflight_lets_nothing_go() {
    let (sandbox, endpoint) = story().await;
    let policy = copied(&endpoint, "preflight-only");
    let before = sandbox.world().calls.len();
    endpoint.run(&["apply", "--policy", &policy, "--yes"]).await.expect(64);
    let ended = endpoint.run(&["quota", "--policy", &policy, "--need", "eip=1"]).await;
    assert!(matches!(ended.code, Some(0 | 5 | 6)), "{ended:?}");
    assert_eq!(mutating(&sandbox.world().calls[before..]), Vec::<String>::new());
}
