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
    let end = endpoint.run(&["apply", "--select", ATTEMPTS, "--yes"]).await.expect(3);
    assert!(end.out.contains("Nothing to delete."), "{end:?}");
    assert_eq!(gone(&before, &sandbox), Vec::<String>::new());
    assert_eq!(mutating(&sandbox.world().calls[seen..]), Vec::<String>::new());
}

/// EKS cannot drain a node group whose role has lost its policies: the deletion ends DELETE_FAILED.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nodes_role_keeps_its_policies_until_its_node_group_is_gone() {
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 400.0, Timestamp::now()).unwrap()).await;
    let groups: BTreeSet<String> = standing(&sandbox)
        .into_iter()
        .filter(|line| line.starts_with("eks:nodegroup ") && line.contains("attempt-1"))
        .collect();
    assert_eq!(groups.len(), 1, "{groups:?}");
    let apply = endpoint.command(&["apply", "--select", ATTEMPTS, "--yes"]).spawn().unwrap();
    let run = apply.wait_with_output();
    tokio::pin!(run);
    let policies = || {
        let iam = &sandbox.world().iam;
        let role = iam.roles.values().find(|role| role.name.starts_with("shop-attempt-1-node-role"));
        role.map_or(0, |role| role.attached.len() + role.inline.len())
    };
    let all = policies();
    assert!(all > 0, "the role has policies");
    let ended = loop {
        // The role is asked first: a group that is still there afterwards was there then.
        let left = policies();
        let waits = gone(&groups, &sandbox).is_empty();
        assert!(!waits || left == all, "{left} of {all} policies are left, and the node group is not gone");
        tokio::select! {
            ended = &mut run => break ended.unwrap(),
            () = tokio::time::sleep(std::time::Duration::from_millis(5)) => {}
        }
    };
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(gone(&groups, &sandbox).len(), 1, "{groups:?}");
}
