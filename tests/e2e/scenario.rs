//! The scenario of the story, as `demo` and `sandbox` show it.

use aws_janitor_sandbox::scenario;
use jiff::Timestamp;

use crate::program::{ATTEMPTS, refused_for_order, serve};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_third_attempt_is_refused_before_and_fits_after() {
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 400.0, Timestamp::now()).unwrap()).await;
    let ec2 = aws_sdk_ec2::Client::new(&endpoint.sdk().await);
    let refused = ec2.allocate_address().send().await.unwrap_err();
    assert!(format!("{refused:?}").contains("AddressLimitExceeded"), "{refused:?}");
    let before = endpoint.standing().await;
    let seen = sandbox.world().calls.len();

    endpoint.run(&["apply", "--select", ATTEMPTS, "--yes"]).await.expect(0);

    let calls = sandbox.world().calls.split_off(seen);
    assert_eq!(refused_for_order(&calls), Vec::<String>::new());
    ec2.allocate_address().send().await.unwrap();
    let after = endpoint.standing().await;
    let scan = endpoint.run(&["scan", "--select", ATTEMPTS, "-o", "json"]).await.expect(0).json();
    let selected = scan["resources"].as_array().unwrap().iter().filter(|it| it["verdict"] == "orphan");
    for it in selected {
        let kind = it["kind"].as_str().unwrap();
        assert!(["volume", "log-group"].contains(&kind), "{it:#} is left");
    }
    for id in &before {
        if id.contains("live") {
            assert!(after.contains(id), "{id} of the healthy stack is gone");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strangers_instance_inside_a_failed_vpc_keeps_the_vpc() {
    let (sandbox, endpoint) = serve(scenario::build("shared-vpc", 400.0, Timestamp::now()).unwrap()).await;
    let before = endpoint.standing().await;
    let seen = sandbox.world().calls.len();
    let end = endpoint.run(&["apply", "--select", ATTEMPTS, "--yes"]).await;
    assert!(matches!(end.code, Some(0 | 4)), "{end:?}");
    let after = endpoint.standing().await;
    for kind in ["vpc ", "subnet ", "instance ", "nat-gateway ", "internet-gateway "] {
        let gone: Vec<_> = before.difference(&after).filter(|id| id.starts_with(kind)).collect();
        assert!(gone.is_empty(), "{gone:?}");
    }
    let calls = sandbox.world().calls.split_off(seen);
    assert_eq!(refused_for_order(&calls), Vec::<String>::new());
}
