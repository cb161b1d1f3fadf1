//! The scenario of the story, as `demo` and `sandbox` show it.

use std::collections::BTreeSet;

use aws_janitor_sandbox::scenario;
use jiff::Timestamp;

use crate::program::{ATTEMPTS, mutating, refused_for_order, serve};
use crate::standing::{gone, shares, standing};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_third_attempt_is_refused_before_and_fits_after() {
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 400.0, Timestamp::now()).unwrap()).await;
    let ec2 = aws_sdk_ec2::Client::new(&endpoint.sdk().await);
    let refused = ec2.allocate_address().send().await.unwrap_err();
    assert!(format!("{refused:?}").contains("AddressLimitExceeded"), "{refused:?}");
    let before = shares(&sandbox);
    let seen = sandbox.world().calls.len();

    endpoint.run(&["apply", "--select", ATTEMPTS, "--yes"]).await.expect(0);

    let calls = sandbox.world().calls.split_off(seen);
    assert_eq!(refused_for_order(&calls), Vec::<String>::new());
    ec2.allocate_address().send().await.unwrap();
    assert_eq!(shares(&sandbox).of_attempts, BTreeSet::new());
    assert_eq!(gone(&before.of_others, &sandbox), Vec::<String>::new());
    assert_eq!(gone(&before.data, &sandbox), Vec::<String>::new(), "nobody named data");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strangers_instance_inside_a_failed_vpc_keeps_the_vpc() {
    let (sandbox, endpoint) = serve(scenario::build("shared-vpc", 400.0, Timestamp::now()).unwrap()).await;
    let before = standing(&sandbox);
    let seen = sandbox.world().calls.len();
    let end = endpoint.run(&["apply", "--select", ATTEMPTS, "--yes"]).await.expect(0);
    assert!(end.out.contains("Nothing to delete."), "{end:?}");
    assert_eq!(gone(&before, &sandbox), Vec::<String>::new());
    assert_eq!(mutating(&sandbox.world().calls[seen..]), Vec::<String>::new());
}
