//! Stacks of CloudFormation's, against the embedded AWS: one that is stuck goes with all its members after what is in
//! its way, and nothing of anybody else's does. What stands is told by AWS's own books.

use std::collections::BTreeSet;

use aws_janitor_sandbox::{Sandbox, scenario};
use jiff::Timestamp;

use crate::program::{Endpoint, mutating, serve};
use crate::standing::standing;

async fn world(name: &str) -> (Sandbox, Endpoint) {
    serve(scenario::build(name, 400.0, Timestamp::now()).unwrap()).await
}

/// Applies this selection, and gives what stood before and does not any more.
async fn applied(
    name: &str,
    select: &[&str],
    code: i32,
) -> (BTreeSet<String>, BTreeSet<String>, Sandbox, String) {
    let (sandbox, endpoint) = world(name).await;
    let before = standing(&sandbox);
    let args: Vec<&str> = ["apply", "--yes"].into_iter().chain(select.iter().copied()).collect();
    let ended = endpoint.run(&args).await.expect(code);
    let after = standing(&sandbox);
    let gone = before.difference(&after).cloned().collect();
    (before, gone, sandbox, format!("{}{}", ended.out, ended.err))
}

/// What of these lines is of the stack at work: the scenario names it so in ids, names or tags.
fn lines(all: &BTreeSet<String>, has: impl Fn(&str) -> bool) -> Vec<&String> {
    all.iter().filter(|line| has(line)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stack_of_the_cdk_that_is_stuck_goes_whole_with_one_apply() {
    let (before, gone, sandbox, told) =
        applied("cdk-stuck", &["--select", "stack=cfn:ShopProdTest"], 0).await;
    let stuck = |line: &str| line.contains("stack/ShopProdTest");
    assert_eq!(lines(&before, stuck).len(), 2, "{before:#?}");
    assert!(lines(&standing(&sandbox), stuck).is_empty(), "{told}");
    let others = |line: &str| line.contains("stack/") && !stuck(line);
    assert!(lines(&gone, others).is_empty(), "{gone:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stacks_of_eksctl_that_are_stuck_go_by_the_name_of_their_cluster() {
    let (before, gone, sandbox, told) =
        applied("eksctl-stuck", &["--select", "cluster=shop-prod-2"], 0).await;
    let stuck = |line: &str| line.contains("stack/eksctl-shop-prod-2-");
    assert_eq!(lines(&before, stuck).len(), 3, "{before:#?}");
    assert!(lines(&standing(&sandbox), stuck).is_empty(), "{told}");
    let others = |line: &str| line.contains("stack/") && !stuck(line);
    assert!(lines(&gone, others).is_empty(), "{gone:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_deleted_stack_left_goes_by_its_name_and_the_stack_of_nearly_that_name_stays_whole() {
    let (before, gone, _, told) = applied("cfn-retained", &["--select", "stack=cfn:shop-qa-2"], 0).await;
    let kinds: BTreeSet<&str> = gone.iter().filter_map(|line| line.split(' ').next()).collect();
    assert!(
        ["ec2:vpc", "ec2:subnet", "ec2:security-group"].iter().all(|kind| kinds.contains(kind)),
        "{gone:?} {told}"
    );
    let vpcs = |all: &BTreeSet<String>| lines(all, |line| line.starts_with("ec2:vpc ")).len();
    assert_eq!((vpcs(&gone), vpcs(&before) > 1), (1, true), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stack_at_work_is_told_and_no_call_changes_anything_of_it() {
    for (name, select) in [
        ("cdk-stuck", "stack=cfn:ShopProd"),
        ("eksctl-stuck", "cluster=shop-prod"),
        ("cdk-stuck", "stack=cfn:CDKToolkit"),
    ] {
        let (sandbox, endpoint) = world(name).await;
        let before = sandbox.world().calls.len();
        let ended = endpoint.run(&["apply", "--yes", "--select", select]).await;
        assert!(
            [Some(0), Some(3)].contains(&ended.code),
            "{name}: {:?} {}{}",
            ended.code,
            ended.out,
            ended.err
        );
        let calls = sandbox.world().calls[before..].to_vec();
        assert!(mutating(&calls).is_empty(), "{name}");
    }
}
