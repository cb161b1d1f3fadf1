//! Interfaces that AWS makes and that stand free for a while: before they are attached, and at the end.

use aws_janitor_sandbox::scenario;
use jiff::Timestamp;

use crate::program::{ABANDONED, ATTEMPTS, refused_for_order, serve};

/// AWS lets anybody delete an interface that is attached to nothing. Whoever does so while its maker stands
/// tears it out of a gateway or a cluster that is about to use it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_interface_is_torn_from_a_maker_that_stands() {
    let (sandbox, endpoint) = serve(scenario::build("unattached", 400.0, Timestamp::now()).unwrap()).await;
    let seen = sandbox.world().calls.len();
    // An interface that was let go of when the plan was made, and has its node again, is left to the next plan.
    let apply = ["apply", "--select", ATTEMPTS, ABANDONED, "--yes"];
    let first = endpoint.run(&apply).await;
    assert!(matches!(first.code, Some(0 | 3)), "{first:?}");
    endpoint.run(&apply).await.expect(0);
    let calls = sandbox.world().calls.split_off(seen);
    assert_eq!(refused_for_order(&calls), Vec::<String>::new());
    assert!(sandbox.world().torn.is_empty(), "{:?}", sandbox.world().torn);
    let left: Vec<String> = sandbox
        .inventory()
        .into_iter()
        .filter(|it| it.tags.get("EnvironmentSuffix").is_some_and(|suffix| suffix.starts_with("attempt-")))
        .map(|it| format!("{} {}", it.kind, it.id))
        .filter(|it| !it.starts_with("ec2:volume") && !it.starts_with("logs:"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}
