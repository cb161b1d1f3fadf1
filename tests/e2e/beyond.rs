//! Beyond the regions of a scan: users of global things in every enabled one, and what a region that does not
//! answer leaves unknown.

use std::collections::{BTreeMap, BTreeSet};

use aws_janitor_sandbox::faults::{Damage, Unserved};
use aws_janitor_sandbox::{Call, Sandbox, scenario};
use jiff::Timestamp;
use serde_json::Value;

use crate::program::{Endpoint, serve};

const SPEED: f64 = 400.0;

/// Four regions full of stacks, of which only one is asked for.
async fn big() -> (Sandbox, Endpoint) {
    serve(scenario::build("big", SPEED, Timestamp::now()).unwrap()).await
}

const SCAN: [&str; 5] = ["scan", "--region", "us-east-1", "-o", "json"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&SCAN[..], more].concat()
}

fn texts(value: &Value) -> BTreeSet<String> {
    value.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

/// The calls of a scan, by region.
fn by_region(calls: &[Call]) -> BTreeMap<String, Vec<String>> {
    let mut regions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for call in calls {
        regions.entry(call.region.clone()).or_default().push(call.iam_action());
    }
    regions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_region_is_scanned_and_every_other_one_asked_who_works_with_global_things() {
    let (sandbox, endpoint) = big().await;
    sandbox.world().faults.disabled_regions.insert("eu-west-3".to_owned());
    let seen = sandbox.world().calls.len();
    let ended = endpoint.run(&SCAN).await.expect(0);
    let scan = ended.json();
    let calls = by_region(&sandbox.world().calls[seen..]);
    let beyond = &scan["elsewhere"];
    let (enabled, looked) = (texts(&beyond["enabled"]), texts(&beyond["regions"]));
    assert!(enabled.contains("us-west-2") && !enabled.contains("eu-west-3"), "{enabled:?}");
    let mut others = enabled.clone();
    others.remove("us-east-1");
    assert_eq!(looked, others);
    assert_eq!(beyond["failed"], Value::Array(Vec::new()));
    let users = beyond["resources"].as_array().unwrap();
    let links = users.iter().flat_map(|it| it["links"].as_array().unwrap());
    let of_the_account = |link: &Value| link["to"].to_string().contains("iam-");
    assert!(!users.is_empty() && links.into_iter().all(of_the_account), "{users:?}");
    assert!(users.iter().all(|it| it["region"] != "us-east-1"), "what the scan saw is not there twice");
    // A region without anything costs a call for each kind, and none of what only a deletion asks.
    for region in &looked {
        let made = &calls[region];
        assert!(
            !made
                .iter()
                .any(|action| action == "ec2:DescribeInstanceAttribute" || action == "ec2:DescribeVpcs")
        );
        let there = users.iter().filter(|it| it["region"] == region.as_str()).count();
        assert!(there > 0 || made.len() <= 16, "{region}: {made:?}");
    }
    let line = ended.err.lines().find(|line| line.starts_with("Read ")).unwrap();
    eprintln!("{line}");
    assert!(line.contains(&format!("in {} regions beyond with ", looked.len())), "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_region_that_a_policy_forbids_is_a_gap_and_the_line_that_leaves_it_out_works() {
    let (sandbox, endpoint) = big().await;
    sandbox.world().faults.forbidden_regions.insert("ap-southeast-2".to_owned());
    let ended = endpoint.run(&SCAN).await.expect(0);
    let failed = ended.json()["elsewhere"]["failed"].as_array().unwrap().clone();
    assert!(!failed.is_empty() && failed.iter().all(|gap| gap["region"] == "ap-southeast-2"), "{failed:?}");
    let line = ended.err.lines().find(|line| line.contains("--assume-regions")).unwrap();
    assert!(line.contains("could not be looked for in ap-southeast-2"), "{line}");
    let regions = line.rsplit(' ').next().unwrap();
    let assumed = endpoint.run(&with(&["--assume-regions", regions])).await.expect(0);
    let beyond = &assumed.json()["elsewhere"];
    assert_eq!(beyond["failed"], Value::Array(Vec::new()));
    assert!(!texts(&beyond["regions"]).contains("ap-southeast-2"));
    assert!(texts(&beyond["assumed"]).contains("us-west-2"));
    assert!(texts(&beyond["enabled"]).contains("ap-southeast-2"), "what is enabled is told all the same");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_regions_may_not_be_listed_nobody_claims_to_know_them() {
    let (sandbox, endpoint) = big().await;
    sandbox.world().faults.denied.insert("ec2:DescribeRegions".to_owned());
    let ended = endpoint.run(&SCAN).await.expect(0);
    let beyond = ended.json()["elsewhere"].clone();
    assert_eq!((&beyond["enabled"], &beyond["regions"]), (&Value::Null, &Value::Array(Vec::new())));
    assert!(ended.err.contains("nobody knows where roles and policies may be used"), "{}", ended.err);
    let assumed = endpoint.run(&with(&["--assume-regions", "us-west-2"])).await.expect(0);
    assert_eq!(texts(&assumed.json()["elsewhere"]["regions"]), BTreeSet::from(["us-west-2".to_owned()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_of_no_region_and_of_no_service_are_refused() {
    let (sandbox, endpoint) = big().await;
    let ended = endpoint.run(&with(&["--assume-regions", "us-wst-2"])).await.expect(64);
    assert!(ended.err.contains("did you mean us-west-2?"), "{}", ended.err);
    let seen = sandbox.world().calls.len();
    let ended = endpoint.run(&with(&["--without-service", "eksx"])).await.expect(64);
    assert!(ended.err.contains("ec2, ecs, eks"), "{}", ended.err);
    assert_eq!(sandbox.world().calls.len(), seen, "it is told before anything is called");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_the_endpoint_knows_is_read_whatever_the_user_does_without() {
    let (sandbox, endpoint) = big().await;
    let seen = sandbox.world().calls.len();
    let flags = with(&["--without-service", "eks", "--without-service", "logs"]);
    let ended = endpoint.run(&flags).await.expect(0);
    assert_eq!(texts(&ended.json()["without_services"]), ["eks", "logs"].map(str::to_owned).into());
    assert!(ended.err.contains("all of eks, logs"), "{}", ended.err);
    let asked = sandbox.world().calls[seen..].iter().any(|call| call.action == "ListClusters");
    assert!(asked, "clusters that live must not look gone");
    // One that it does not know is a gap, unless the user does without it.
    sandbox.world().faults.unserved = [("eks".to_owned(), Unserved::NotImplemented)].into();
    let failed = |scan: &Value| scan["coverage"]["failed"].as_array().unwrap().len();
    assert!(failed(&endpoint.run(&SCAN).await.json()) > 0);
    assert_eq!(failed(&endpoint.run(&flags).await.expect(0).json()), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_of_any_service_that_repeats_its_page_is_a_gap() {
    let (sandbox, endpoint) = big().await;
    for action in [
        "ec2:DescribeSubnets",
        "eks:ListClusters",
        "elasticloadbalancing:DescribeLoadBalancers",
        "iam:ListInstanceProfiles",
        "logs:DescribeLogGroups",
    ] {
        sandbox.world().faults.listings = [(action.to_owned(), Damage::RepeatsToken)].into();
        let scan = endpoint.run(&SCAN).await.json();
        let failed = scan["coverage"]["failed"].as_array().unwrap();
        assert!(
            failed.iter().any(|gap| gap["error"].to_string().contains("AWS repeated a page")),
            "{action}: {failed:?}"
        );
    }
}
