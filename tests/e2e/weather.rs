//! The story in bad weather: answers that come late, rates that are enforced, calls that fail or lose
//! their answer by chance, somebody else at work at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_janitor_sandbox::faults::{Dice, Other};
use aws_janitor_sandbox::{Call, scenario};
use jiff::Timestamp;

use crate::program::{ATTEMPTS, serve};
use crate::standing::{gone, shares, standing};

/// Changing calls that were carried out more than once for the same target.
fn repeated(calls: &[Call]) -> Vec<String> {
    let mut done: BTreeMap<String, u32> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.mutating && call.refused.is_none()) {
        *done.entry(format!("{} {}", call.action, call.target)).or_default() += 1;
    }
    done.into_iter()
        .filter(|(_, times)| *times > 1)
        .map(|(call, times)| format!("{call}: {times} times"))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_answers_come_late_all_goes_in_the_end() {
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 200.0, Timestamp::now()).unwrap()).await;
    let before = shares(&sandbox);
    // At this speed a call takes some seconds of the world's time: the lag has to be longer to be met.
    sandbox.world().faults.lag = Duration::from_secs(20);
    let seen = sandbox.world().calls.len();
    let end = endpoint.run(&["apply", "--select", ATTEMPTS, "--yes", "-o", "json"]).await.expect(0);
    assert_eq!(end.last_json()["outcome"], "done", "{}", end.err);
    sandbox.world().faults.lag = Duration::ZERO;
    let calls = sandbox.world().calls.split_off(seen);
    let refused: Vec<_> = calls.iter().filter_map(|call| call.refused.as_deref()).collect();
    assert!(!refused.is_empty(), "no answer of {} came late", calls.len());
    eprintln!("{} of {} refused: {refused:?}", refused.len(), calls.len());
    assert_eq!(shares(&sandbox).of_attempts, BTreeSet::new());
    assert_eq!(gone(&before.of_others, &sandbox), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_awss_published_rates_a_run_ends_and_is_hardly_ever_throttled() {
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 200.0, Timestamp::now()).unwrap()).await;
    sandbox.world().faults.throttle = true;
    let seen = sandbox.world().calls.len();
    endpoint.run(&["apply", "--select", ATTEMPTS, "--yes"]).await.expect(0);
    let calls = sandbox.world().calls.split_off(seen);
    let throttled: Vec<String> = calls
        .iter()
        .filter(|call| {
            ["RequestLimitExceeded", "Throttling", "ThrottledException", "ThrottlingException"]
                .contains(&call.refused.as_deref().unwrap_or_default())
        })
        .map(Call::iam_action)
        .collect();
    assert!(throttled.len() * 20 < calls.len(), "{} of {}: {throttled:?}", throttled.len(), calls.len());
    sandbox.world().faults.throttle = false;
    assert_eq!(shares(&sandbox).of_attempts, BTreeSet::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_by_chance_change_nothing_of_the_end_and_nothing_is_done_twice() {
    for seed in 1..=4 {
        let (sandbox, endpoint) =
            serve(scenario::build("failed-eks", 400.0, Timestamp::now()).unwrap()).await;
        let before = shares(&sandbox);
        {
            let mut world = sandbox.world();
            world.faults.dice = Dice::new(seed);
            (world.faults.failing_share, world.faults.losing_share) = (0.025, 0.025);
        }
        let seen = sandbox.world().calls.len();
        let end = endpoint.run(&["apply", "--select", ATTEMPTS, "--yes"]).await;
        assert_eq!(end.code, Some(0), "seed {seed}: {}", end.err);
        {
            let mut world = sandbox.world();
            (world.faults.failing_share, world.faults.losing_share) = (0.0, 0.0);
        }
        let calls = sandbox.world().calls.split_off(seen);
        let failed = calls.iter().filter(|call| call.refused.is_some()).count();
        assert!(failed > 3, "seed {seed}: the weather was fine, {failed} of {} failed", calls.len());
        assert_eq!(repeated(&calls), Vec::<String>::new(), "seed {seed}");
        assert_eq!(shares(&sandbox).of_attempts, BTreeSet::new(), "seed {seed}");
        assert_eq!(gone(&before.of_others, &sandbox), Vec::<String>::new(), "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_claims_during_the_run_is_left_to_them() {
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 200.0, Timestamp::now()).unwrap()).await;
    let scan = endpoint.run(&["scan", "--select", ATTEMPTS, "-o", "json"]).await.expect(0).json();
    // One under a NAT gateway: it is released long after the run has begun.
    let resources = scan["resources"].as_array().unwrap();
    let gateways = resources.iter().filter(|it| it["kind"] == "nat-gateway" && it["verdict"] == "orphan");
    let mut uses = gateways.flat_map(|it| it["links"].as_array().unwrap()).filter_map(|it| it["to"].as_str());
    let address = uses.find(|id| id.starts_with("eipalloc-")).unwrap();
    let claim = Other {
        service: "ec2".into(),
        region: "us-east-1".into(),
        action: "CreateTags".into(),
        params: [("ResourceId.1", address), ("Tag.1.Key", "EnvironmentSuffix"), ("Tag.1.Value", "live")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .to_vec(),
    };
    // The plan is made and agreed to by then.
    sandbox.world().faults.others.insert("ec2:DeleteNatGateway".to_owned(), vec![claim]);
    let seen = sandbox.world().calls.len();
    endpoint.run(&["apply", "--select", ATTEMPTS, "--yes"]).await;
    let calls = sandbox.world().calls.split_off(seen);
    let released: Vec<&str> = calls
        .iter()
        .filter(|call| call.action == "ReleaseAddress" && call.refused.is_none())
        .map(|call| call.target.as_str())
        .collect();
    assert!(standing(&sandbox).contains(&format!("ec2:elastic-ip {address}")), "released {released:?}");
    // An address that is kept keeps what it is on, and so that attempt's network, as far as it still stands.
    assert!(released.len() >= 2, "those of the other attempt went: {released:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_region_that_is_not_enabled_is_a_gap_with_its_remedy_and_not_among_all() {
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 200.0, Timestamp::now()).unwrap()).await;
    sandbox.world().faults.disabled_regions.insert("eu-south-1".to_owned());
    let both = ["scan", "--region", "us-east-1", "--region", "eu-south-1", "-o", "json"];
    let end = endpoint.run(&both).await.expect(6);
    assert!(end.err.contains("nothing in eu-south-1 could be read"), "{}", end.err);
    assert!(end.err.contains("leave it out of --region"), "{}", end.err);
    let scan = end.json();
    let failed = scan["coverage"]["failed"].as_array().unwrap();
    assert!(failed.len() > 10 && failed.iter().all(|gap| gap["region"] == "eu-south-1"), "{failed:?}");
    assert!(scan["resources"].as_array().unwrap().len() > 50, "the other region was read");

    let seen = sandbox.world().calls.len();
    let scan = endpoint.run(&["scan", "--region", "all", "-o", "json"]).await.expect(0).json();
    assert_eq!(scan["coverage"]["complete"], true);
    assert!(!scan["regions"].as_array().unwrap().iter().any(|region| region == "eu-south-1"));
    let calls = sandbox.world().calls.split_off(seen);
    assert!(calls.iter().any(|call| call.action == "DescribeRegions"));
}
