//! How many calls a scan and a run of many stacks make. Times are told and not asserted: they are the machine's.

use std::collections::BTreeMap;
use std::time::Instant;

use aws_janitor_sandbox::{Call, scenario};
use jiff::Timestamp;

use crate::program::{refused_for_order, serve};

/// How many times faster than AWS's the clock runs.
const SPEED: f64 = 60.0;

const REGIONS: [&str; 8] =
    ["--region", "us-east-1", "--region", "us-west-2", "--region", "eu-west-1", "--region", "ap-southeast-2"];

fn by_action(calls: &[Call]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry(call.iam_action()).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_asks_page_by_page_and_a_run_for_many_at_a_time() {
    let (sandbox, endpoint) = serve(scenario::build("big", SPEED, Timestamp::now()).unwrap()).await;
    sandbox.world().faults.throttle = true;
    let seen = sandbox.world().calls.len();
    let began = Instant::now();
    let scan = endpoint.run(&[&["scan", "-o", "json"], &REGIONS[..]].concat()).await.expect(0).json();
    let took = began.elapsed();
    let calls = sandbox.world().calls[seen..].to_vec();
    // In the regions beyond, users of roles are looked for: a call or two for each kind that can use one.
    let (within, beyond): (Vec<Call>, Vec<Call>) =
        calls.into_iter().partition(|call| REGIONS.contains(&call.region.as_str()));
    for (action, count) in &by_action(&beyond) {
        // Clusters are asked for by each kind that belongs to one.
        let each = if action == "eks:ListClusters" { 6 } else { 4 };
        assert!(*count <= each * 16, "{action}: {count} calls beyond");
    }
    let calls = by_action(&within);
    let resources = scan["resources"].as_array().unwrap().len();
    eprintln!("scan: {resources} resources, {took:?}: {calls:#?}");
    for (action, count) in &calls {
        // Whether an instance is protected is told of one to the call; all else comes in pages.
        // Clusters are asked for by each kind that belongs to one.
        let bound = match action.as_str() {
            "ec2:DescribeInstanceAttribute" => 96,
            "eks:ListClusters" => 24,
            _ => 12,
        };
        assert!(*count <= bound, "{action}: {count} calls for {resources} resources");
    }

    let seen = sandbox.world().calls.len();
    let began = Instant::now();
    // Each has a machine that runs by itself: only its owner can say that nobody wants it.
    let stacks = scan["stacks"].as_array().unwrap().iter().filter_map(|stack| stack["name"].as_str());
    let abandoned: Vec<String> = stacks.map(|name| format!("--abandoned={name}")).collect();
    let one_region = [
        "apply",
        "--select",
        "tag:Project=shop",
        "--region",
        "us-east-1",
        "--max-deletes",
        "999",
        "--yes",
        "-o",
        "json",
    ];
    let args: Vec<&str> = one_region.into_iter().chain(abandoned.iter().map(String::as_str)).collect();
    // Of the stacks of the other regions there are roles as well, which stay with them.
    let run = endpoint.run(&args).await.expect(3).last_json();
    let abroad =
        |it: &serde_json::Value| it["why"].as_str().is_some_and(|why| why.contains("also stands in"));
    assert!(run["left"].as_array().unwrap().iter().all(abroad), "{:#?}", run["left"]);
    let took = began.elapsed();
    let calls = sandbox.world().calls.split_off(seen);
    let deleted = run["deleted"].as_array().unwrap().len();
    let (all, counts) = (calls.len(), by_action(&calls));
    eprintln!("apply: {deleted} deleted, {all} calls, {:?} of AWS's time: {counts:#?}", took.mul_f64(SPEED));
    assert_eq!(refused_for_order(&calls), Vec::<String>::new());
    // At this speed a minute of AWS's is over before one reading is: nearly every start costs a reading of its own,
    // in every enabled region while roles are left. What the deletions themselves take stays small.
    let deletions = calls.iter().filter(|call| call.mutating).count();
    assert!(deleted > 200 && deletions < deleted * 3, "{deletions} changes for {deleted}: {counts:#?}");
    assert!(all < deleted * 30, "{all} calls for {deleted} resources: {counts:#?}");
}
