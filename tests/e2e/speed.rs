//! How many calls a scan and a run of many stacks make, and how long they take on AWS's clock.

use std::collections::BTreeMap;
use std::time::Instant;

use aws_janitor::sandbox::{Call, scenario};
use jiff::Timestamp;

use crate::program::{refused_for_order, serve};

fn speed() -> f64 {
    std::env::var("SPEED").ok().and_then(|it| it.parse().ok()).unwrap_or(60.0)
}

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
async fn many_stacks_go_hardly_slower_than_one_and_with_few_calls() {
    let (sandbox, endpoint) = serve(scenario::build("big", speed(), Timestamp::now()).unwrap()).await;
    sandbox.world().faults.throttle = true;
    let seen = sandbox.world().calls.len();
    let began = Instant::now();
    let scan = endpoint.run(&[&["scan", "-o", "json"], &REGIONS[..]].concat()).await.expect(0).json();
    let took = began.elapsed();
    let calls = sandbox.world().calls.split_off(seen);
    let resources = scan["resources"].as_array().unwrap().len();
    eprintln!("scan: {resources} resources, {} calls, {took:?}: {:#?}", calls.len(), by_action(&calls));

    let what = std::env::var("WHAT").unwrap_or("tag:Project=shop".into());
    let select = ["apply", "--select", &what, "--yes", "-o", "json"];
    let began = Instant::now();
    let end = endpoint.run(&[&select, &REGIONS[..]].concat()).await.expect(0);
    let took = began.elapsed();
    let run = end.last_json();
    let calls = sandbox.world().calls.split_off(seen);
    let refused: Vec<_> =
        calls.iter().filter_map(|call| Some((call.iam_action(), call.refused.clone()?))).collect();
    eprintln!(
        "apply: {} deleted, {} calls, {took:?}, {:?} of AWS's time; refused {refused:?}: {:#?}",
        run["deleted"].as_array().unwrap().len(),
        calls.len(),
        took.mul_f64(speed()),
        by_action(&calls)
    );
    assert_eq!(refused_for_order(&calls), Vec::<String>::new());
}
