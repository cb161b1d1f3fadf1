//! The quota report in bad weather: whatever cannot be read is unknown, and nothing that is told is false.

use std::collections::{BTreeMap, BTreeSet};

use aws_janitor_sandbox::faults::Dice;
use aws_janitor_sandbox::{Call, scenario};
use jiff::Timestamp;
use serde_json::Value;

use crate::plans::terraform_plan;
use crate::program::{Ended, serve};

/// One of everything that is counted in a region or in the account, and what is per place as well.
fn one_of_each(report: &Value) -> String {
    let lines = report["quotas"].as_array().unwrap();
    let whole = lines.iter().filter(|it| it["scope"] == "us-east-1" || it["scope"] == "global");
    let names: BTreeSet<&str> = whole.map(|it| it["name"].as_str().unwrap()).collect();
    let each: Vec<String> = names.into_iter().map(|name| format!("{name}=1")).collect();
    each.join(",")
}

type Lines = BTreeMap<(String, String), Value>;

fn lines(report: &Value) -> Lines {
    let key =
        |it: &Value| (it["name"].as_str().unwrap().to_owned(), it["scope"].as_str().unwrap().to_owned());
    report["quotas"].as_array().unwrap().iter().map(|it| (key(it), it.clone())).collect()
}

/// Whether a report made in bad weather says nothing that the one made in fine weather does not.
fn check(fine: &Lines, ended: &Ended, weather: &str) {
    let told = format!("{weather}: {:?} {}", ended.code, ended.err);
    let Some(code) = ended.code else { panic!("{told}") };
    if code == 1 {
        assert!(ended.out.is_empty() && ended.err.contains("error: "), "{told}");
        return;
    }
    let report = ended.json();
    assert_eq!(report["exit_code"], code, "{told}");
    let verdict = match code {
        0 => "fits",
        5 => "short",
        6 => "unknown",
        _ => panic!("{told}"),
    };
    assert_eq!(report["verdict"], verdict, "{told}");
    for (key, line) in lines(&report) {
        let Some(before) = fine.get(&key) else { panic!("{told}: {key:?} is new") };
        for field in ["limit", "used", "free", "fits"] {
            assert!(
                line[field].is_null() || line[field] == before[field],
                "{told}: {field} of {line:#} was {before:#}"
            );
        }
    }
    if verdict == "fits" {
        assert_eq!(report["coverage"]["limits"].as_array().unwrap().len(), 0, "{told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_call_is_denied_the_report_says_nothing_false() {
    let (sandbox, endpoint) = serve(scenario::build("first-attempt", 400.0, Timestamp::now()).unwrap()).await;
    let first = endpoint.run(&["quota", "-o", "json"]).await.expect(0).json();
    let need = one_of_each(&first);
    let quota = ["quota", "--need", &need, "-o", "json"];
    let seen = sandbox.world().calls.len();
    let fine = lines(&endpoint.run(&quota).await.json());
    let made: BTreeSet<String> = sandbox.world().calls[seen..].iter().map(Call::iam_action).collect();
    for action in made {
        sandbox.world().faults.denied = [action.clone()].into();
        check(&fine, &endpoint.run(&quota).await, &format!("{action} denied"));
    }
}

/// The worst outcome of each check: 0 passes or warns, 1 cannot tell, 2 fails.
fn outcomes(report: &Value) -> BTreeMap<String, u8> {
    let mut worst = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let outcome = match finding["outcome"].as_str().unwrap() {
            "fail" => 2,
            "unclear" => 1,
            _ => 0,
        };
        let entry: &mut u8 = worst.entry(finding["check"].as_str().unwrap().to_owned()).or_default();
        *entry = outcome.max(*entry);
    }
    worst
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_call_is_denied_no_check_passes_that_fails_otherwise() {
    let (sandbox, endpoint) = serve(scenario::build("first-attempt", 400.0, Timestamp::now()).unwrap()).await;
    let plan = endpoint.file("plan.json");
    std::fs::write(&plan, terraform_plan("1.20").to_string()).unwrap();
    let preflight = ["preflight", &plan, "-o", "json"];
    let seen = sandbox.world().calls.len();
    let fine = outcomes(&endpoint.run(&preflight).await.expect(4).json());
    for check in ["quotas", "eks-version", "names"] {
        assert_eq!(fine[check], 2, "{fine:?}");
    }
    let made: BTreeSet<String> = sandbox.world().calls[seen..].iter().map(Call::iam_action).collect();
    for action in made {
        sandbox.world().faults.denied = [action.clone()].into();
        let ended = endpoint.run(&preflight).await;
        if ended.code == Some(1) {
            assert!(ended.out.is_empty() && ended.err.contains("error: "), "{action}: {}", ended.err);
            continue;
        }
        for (check, outcome) in outcomes(&ended.json()) {
            assert!(outcome >= fine[&check].min(1), "{action} denied: {check}: {}", ended.out);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_and_lost_answers_leave_nothing_false() {
    let (sandbox, endpoint) = serve(scenario::build("first-attempt", 400.0, Timestamp::now()).unwrap()).await;
    let first = endpoint.run(&["quota", "-o", "json"]).await.expect(0).json();
    let need = one_of_each(&first);
    let quota = ["quota", "--need", &need, "-o", "json"];
    let fine = lines(&endpoint.run(&quota).await.json());
    for (seed, failing, losing) in
        [(1, 0.05, 0.0), (2, 0.0, 0.05), (3, 0.3, 0.3), (4, 0.9, 0.0), (5, 0.0, 1.0)]
    {
        {
            let mut world = sandbox.world();
            world.faults.dice = Dice::new(seed);
            (world.faults.failing_share, world.faults.losing_share) = (failing, losing);
        }
        check(&fine, &endpoint.run(&quota).await, &format!("seed {seed}"));
    }
    {
        let mut world = sandbox.world();
        (world.faults.failing_share, world.faults.losing_share) = (0.0, 0.0);
        world.faults.throttle = true;
    }
    for _ in 0..3 {
        check(&fine, &endpoint.run(&quota).await, "throttled");
    }
}
