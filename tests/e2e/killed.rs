//! `kill -9` at any moment, then `apply --resume`: the same end, and nothing that succeeded is repeated.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_janitor_sandbox::{Call, scenario};
use jiff::Timestamp;

use crate::program::{ATTEMPTS, refused_for_order, serve};
use crate::standing::{gone, shares};

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
async fn a_run_killed_again_and_again_ends_where_a_whole_one_does() {
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 300.0, Timestamp::now()).unwrap()).await;
    let before = shares(&sandbox);
    let seen = sandbox.world().calls.len();
    let mut pause = 700;
    let mut kills = 0;
    loop {
        let args: &[&str] = match kills {
            0 => &["apply", "--select", ATTEMPTS, "--yes"],
            _ => &["apply", "--resume", "--yes"],
        };
        let mut child = endpoint.command(args).spawn().unwrap();
        tokio::select! {
            status = child.wait() => {
                let status = status.unwrap();
                let output = child.wait_with_output().await.unwrap();
                assert!(status.success(), "{status}: {}", String::from_utf8_lossy(&output.stderr));
                break;
            }
            () = tokio::time::sleep(Duration::from_millis(pause)) => {
                // Only once the journal exists is there something to resume.
                let begun = sandbox.world().calls[seen..].iter().any(|call| call.mutating);
                child.kill().await.unwrap();
                if begun {
                    kills += 1;
                }
                pause += 137;
            }
        }
    }
    assert!(kills >= 2, "killed only {kills} times");
    let calls = sandbox.world().calls.split_off(seen);
    assert_eq!(repeated(&calls), Vec::<String>::new());
    assert_eq!(refused_for_order(&calls), Vec::<String>::new());
    assert_eq!(shares(&sandbox).of_attempts, BTreeSet::new());
    let plan = endpoint.run(&["plan", "--select", ATTEMPTS, "-o", "json"]).await.expect(0).json();
    assert_eq!(plan["steps"].as_array().map(Vec::len), Some(0), "{plan:#}");
    assert_eq!(gone(&before.of_others, &sandbox), Vec::<String>::new());
}
