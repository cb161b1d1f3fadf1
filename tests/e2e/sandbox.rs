//! The story on the embedded AWS, built there by the SDK and cleaned by the program.

use aws_janitor_sandbox::{SimClock, World};
use jiff::Timestamp;

use crate::program::{ABANDONED, ACCOUNT, ATTEMPTS, Endpoint, mutating, refused_for_order, serve};
use crate::standing::standing;
use crate::story::{Deployment, Made, Parts, Reach};

/// Two failed attempts and a healthy stack, made in a fresh account with AWS's quotas.
pub async fn told(endpoint: &Endpoint, parts: Parts) -> (Vec<Made>, Made) {
    let sdk = endpoint.sdk().await;
    let first = Deployment::run(&sdk, "attempt-1", Reach::Whole, parts).await;
    let second = Deployment::run(&sdk, "attempt-2", Reach::BrokenOff, parts).await;
    let healthy = Deployment::run(&sdk, "live", Reach::Healthy, parts).await;
    (vec![first, second], healthy)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_failed_attempts_go_without_one_refusal_and_the_healthy_stack_stays_whole() {
    let (sandbox, endpoint) = serve(World::new(ACCOUNT, SimClock::new(Timestamp::now(), 400.0))).await;
    let (failed, healthy) = told(&endpoint, Parts::All).await;
    let built = sandbox.world().calls.len();
    let before = standing(&sandbox);
    for id in failed.iter().chain([&healthy]).flat_map(|made| made.ids.iter().chain(&made.data)) {
        assert!(before.contains(id), "the books do not know {id}");
    }

    let end =
        endpoint.run(&["apply", "--select", ATTEMPTS, ABANDONED, "--yes", "-o", "json"]).await.expect(0);
    let run = end.last_json();
    assert_eq!(run["outcome"], "done", "{run:#}");
    assert_eq!(run["failed"].as_array().map(Vec::len), Some(0), "{run:#}");

    let calls = sandbox.world().calls.split_off(built);
    assert_eq!(refused_for_order(&calls), Vec::<String>::new());
    let left = standing(&sandbox);
    for made in &failed {
        for id in &made.ids {
            assert!(!left.contains(id), "{id} is left");
        }
        for id in &made.data {
            assert!(left.contains(id), "{id} holds data and was not named, yet it is gone");
        }
    }
    for id in healthy.ids.iter().chain(&healthy.data) {
        assert!(left.contains(id), "{id} of the healthy stack is gone");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_only_looks_reaches_aws_with_a_changing_call() {
    let (sandbox, endpoint) = serve(World::new(ACCOUNT, SimClock::new(Timestamp::now(), 400.0))).await;
    let (failed, _) = told(&endpoint, Parts::All).await;
    let built = sandbox.world().calls.len();
    let plan = endpoint.file("plan.json");
    let vpc = failed[0].ids.iter().find_map(|id| id.strip_prefix("ec2:vpc ")).unwrap();
    for args in [
        vec!["scan", "--select", ATTEMPTS, ABANDONED],
        vec!["plan", "--select", ATTEMPTS, ABANDONED, "--out", &plan],
        vec!["show", &plan],
        vec!["explain", vpc, "--select", ATTEMPTS, ABANDONED],
        vec!["graph", "--format", "mermaid", "--select", ATTEMPTS, ABANDONED],
        vec!["apply", "--dry-run", "--select", ATTEMPTS, ABANDONED],
        vec!["apply", &plan, "--dry-run"],
    ] {
        endpoint.run(&args).await.expect(0);
    }
    let calls = sandbox.world().calls.split_off(built);
    assert!(calls.len() > 50, "the program did look");
    assert_eq!(mutating(&calls), Vec::<String>::new());
}
