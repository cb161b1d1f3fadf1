//! Will it fit? The program against the embedded AWS, whose quotas are the ones that it tells.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on is a failed test")]

use std::collections::BTreeMap;

use aws_janitor_sandbox::error::AwsError;
use aws_janitor_sandbox::{Call, Sandbox, scenario};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::plans::terraform_plan;
use crate::program::{ATTEMPTS, Endpoint, mutating, serve};

/// Three addresses, three gateways, a VPC: what each attempt at the stack makes.
const NEED: &str = "eip=3,vpc=1,nat-gateway@us-east-1a=1,nat-gateway@us-east-1b=1,nat-gateway@us-east-1c=1";

async fn story(name: &str) -> (Sandbox, Endpoint) {
    serve(scenario::build(name, 400.0, Timestamp::now()).unwrap()).await
}

/// The calls that reached the embedded AWS since then, by operation.
fn calls(sandbox: &Sandbox, since: usize) -> BTreeMap<String, usize> {
    let world = sandbox.world();
    let mut calls = BTreeMap::new();
    for call in &world.calls[since..] {
        *calls.entry(Call::iam_action(call)).or_default() += 1;
    }
    calls
}

fn line<'a>(report: &'a Value, name: &str, scope: &str) -> &'a Value {
    let lines = report["quotas"].as_array().unwrap();
    lines.iter().find(|it| it["name"] == name && it["scope"] == scope).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_first_attempt_the_second_does_not_fit_and_after_the_named_command_it_does() {
    let (sandbox, endpoint) = story("first-attempt").await;
    let quota = ["quota", "--need", NEED, "--select", ATTEMPTS, "-o", "json"];

    let short = endpoint.run(&quota).await.expect(5).json();
    assert_eq!(short["verdict"], "short");
    let eip = line(&short, "eip", "us-east-1");
    assert_eq!((&eip["limit"], &eip["used"], &eip["need"]), (&json!(5), &json!(3), &json!(3)), "{eip}");
    assert_eq!((&eip["used_by_orphans"], &eip["fits"]), (&json!(3), &json!(false)), "{eip}");
    assert_eq!(short["remedy"]["stacks"], json!(["shop/attempt-1"]), "{:#}", short["remedy"]);

    // The command as a person would copy it, with the consent that a script gives. The attempt's key is left, and told:
    // its kind is not read.
    let argv: Vec<&str> =
        short["remedy"]["argv"].as_array().unwrap().iter().skip(1).map(|it| it.as_str().unwrap()).collect();
    let ended = endpoint.run(&[argv, vec!["--yes"]].concat()).await.expect(3);
    assert!(ended.out.contains(":key/"), "{ended:?}");

    let fits = endpoint.run(&quota).await.expect(0).json();
    assert_eq!(fits["verdict"], "fits");
    assert_eq!(line(&fits, "eip", "us-east-1")["used"], 0);
    // And AWS agrees.
    for _ in 0..3 {
        allocate(&sandbox).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_denied_listing_keeps_is_uncertain_and_named_and_no_increase_is_advised() {
    let (sandbox, endpoint) = story("first-attempt").await;
    for action in ["eks:ListAddons", "ec2:DescribeNetworkInterfaces", "ec2:DescribeNatGateways"] {
        sandbox.world().faults.denied = [action.to_owned()].into();
        let ended = endpoint.run(&["quota", "--need", "eip=3", "--select", ATTEMPTS]).await.expect(5);
        assert!(ended.out.contains("shop/attempt-1 3 (uncertain)"), "{action}: {}", ended.out);
        assert!(!ended.out.contains("quota-increase"), "{action}: {}", ended.out);
        let ended = endpoint.run(&["quota", "--need", "eip=3", "--select", ATTEMPTS, "-o", "json"]).await;
        let short = ended.expect(5).json();
        assert_eq!((&short["remedy"], &short["increases"]), (&Value::Null, &json!([])), "{action}");
        let eip = line(&short, "eip", "us-east-1");
        assert_eq!(eip["used_by_uncertain"], 3, "{action}: {eip}");
        assert_eq!(eip["doubts"].as_array().unwrap().len(), 1, "{action}: {eip}");
        println!("{action}: {}", eip["doubts"]);
    }
}

fn allocate(sandbox: &Sandbox) -> Result<String, AwsError> {
    sandbox.world().call("ec2", "us-east-1", "AllocateAddress", &[("Domain", "vpc")])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_two_attempts_is_enough_and_only_that_one_is_named() {
    let (_, endpoint) = story("failed-eks").await;
    let quota = ["quota", "--need", "eip=1,vpc=1", "--select", ATTEMPTS, "-o", "json"];
    let short = endpoint.run(&quota).await.expect(5).json();
    for name in ["eip", "vpc"] {
        let it = line(&short, name, "us-east-1");
        assert_eq!((&it["limit"], &it["used"], &it["free"]), (&json!(5), &json!(5), &json!(0)), "{it}");
    }
    assert_eq!(short["remedy"]["stacks"].as_array().unwrap().len(), 1, "{:#}", short["remedy"]);
    let increases = short["increases"].as_array().unwrap();
    assert_eq!(increases.len(), 2);
    assert!(
        increases[0]["command"].as_str().unwrap().contains("--quota-code L-0263D0A3 --desired-value 6"),
        "{increases:#?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_command_is_named_that_the_policy_would_refuse() {
    let (_, endpoint) = story("failed-eks").await;
    let policy = endpoint.file("janitor.toml");
    let remedy = async |bound: &str| -> Value {
        std::fs::write(&policy, format!("select = [\"{ATTEMPTS}\"]\n{bound}")).unwrap();
        let args = ["quota", "--need", "eip=1,vpc=1", "--policy", &policy, "-o", "json"];
        endpoint.run(&args).await.expect(5).json()["remedy"].take()
    };
    assert_eq!(remedy("").await["stacks"], json!(["shop/attempt-2"]));
    assert_eq!(remedy("max-deletes = 20").await["stacks"], json!(["shop/attempt-2"]));
    assert_eq!(remedy("max-deletes = 3").await, Value::Null);
    assert_eq!(remedy("regions = [\"us-east-1\"]").await["stacks"], json!(["shop/attempt-2"]));
    assert_eq!(remedy("[max-per-kind]\nelastic-ip = 1").await, Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_command_is_named_for_a_region_that_the_policy_is_not_for() {
    let (_, endpoint) = story("first-attempt").await;
    let (plan, policy) = (endpoint.file("plan.json"), endpoint.file("janitor.toml"));
    std::fs::write(&plan, terraform_plan("1.35").to_string()).unwrap();
    for (region, named) in [("us-east-1", true), ("us-west-2", false)] {
        std::fs::write(&policy, format!("select = [\"{ATTEMPTS}\"]\nregions = [\"{region}\"]")).unwrap();
        let args = ["quota", "--for", &plan, "--policy", &policy, "-o", "json"];
        let report = endpoint.run(&args).await.expect(5).json();
        assert_eq!(report["remedy"].is_object(), named, "{region}: {:#}", report["remedy"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_increase_is_asked_for_where_the_report_was_made() {
    let (_, endpoint) = story("first-attempt").await;
    let args = ["quota", "--need", "eip=3", "--endpoint-url", &endpoint.url, "-o", "json"];
    let report = endpoint.run(&args).await.expect(5).json();
    let command = report["increases"][0]["command"].as_str().unwrap();
    assert!(command.ends_with(&format!(" --region us-east-1 --endpoint-url {}", endpoint.url)), "{command}");
}

/// What the scan alone calls; what comes on top of it is the report's own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_of_one_region_takes_at_most_twenty_calls_beyond_the_scans_own() {
    let (sandbox, endpoint) = story("failed-eks").await;
    for told_by_default in [false, true] {
        sandbox.world().quotas.told_by_default = told_by_default;
        let seen = sandbox.world().calls.len();
        endpoint.run(&["scan", "--select", ATTEMPTS, "-o", "json"]).await.expect(0);
        let scan = calls(&sandbox, seen);
        let seen = sandbox.world().calls.len();
        endpoint.run(&["quota", "--select", ATTEMPTS, "-o", "json"]).await.expect(0);
        let mut beyond = calls(&sandbox, seen);
        for (api, count) in &scan {
            let own = beyond.get_mut(api).unwrap();
            *own = own.saturating_sub(*count);
        }
        beyond.retain(|_, count| *count > 0);
        let sum: usize = beyond.values().sum();
        assert!((5..=20).contains(&sum), "{sum} calls: {beyond:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quota_and_preflight_change_nothing() {
    let (sandbox, endpoint) = story("first-attempt").await;
    let plan = endpoint.file("plan.json");
    std::fs::write(&plan, terraform_plan("1.35").to_string()).unwrap();
    let seen = sandbox.world().calls.len();
    endpoint.run(&["quota", "--for", &plan, "--select", ATTEMPTS]).await.expect(5);
    endpoint.run(&["preflight", &plan, "--select", ATTEMPTS]).await.expect(4);
    assert_eq!(mutating(&sandbox.world().calls[seen..]), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn denied_throttled_and_failing_quota_calls_are_unknown_and_never_a_fit() {
    let (sandbox, endpoint) = story("first-attempt").await;
    let quota = ["quota", "--need", "vpc=1", "-o", "json"];
    endpoint.run(&quota).await.expect(0);
    sandbox.world().faults.denied.insert("servicequotas:ListServiceQuotas".into());
    sandbox.world().faults.denied.insert("servicequotas:ListAWSDefaultServiceQuotas".into());
    let ended = endpoint.run(&quota).await.expect(6);
    assert!(
        ended.err.contains("could not be read") && ended.err.contains("iam-policy --for quota"),
        "{}",
        ended.err
    );
    let report = ended.json();
    let vpc = line(&report, "vpc", "us-east-1");
    assert!(vpc["limit"].is_null() && vpc["free"].is_null() && vpc["fits"].is_null(), "{vpc}");
    assert_eq!(vpc["used"], 4);
    assert_eq!(report["coverage"]["complete"], false);
    sandbox.world().faults.denied.clear();
    sandbox.world().faults.denied.insert("ec2:DescribeVpcs".into());
    let blind = endpoint.run(&quota).await.expect(6).json();
    assert!(line(&blind, "vpc", "us-east-1")["used"].is_null());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_that_makes_no_sense_is_unknown_and_one_below_the_usage_is_short() {
    const VPCS: &str = "L-F678F1CE";
    let (sandbox, endpoint) = story("first-attempt").await;
    for (limit, need, code, free) in [
        (1.0, 1, 5, json!(0)),
        (0.0, 1, 5, json!(0)),
        (4.0, 0, 0, json!(0)),
        (4.5, 1, 6, Value::Null),
        (-1.0, 1, 6, Value::Null),
        (1e300, 1, 6, Value::Null),
        (9_007_199_254_740_992.0, 1, 0, json!(9_007_199_254_740_988_u64)),
    ] {
        sandbox.world().quotas.apply("us-east-1", VPCS, limit);
        let report = endpoint.run(&["quota", "--need", &format!("vpc={need}"), "-o", "json"]).await;
        let report = report.expect(code).json();
        let vpc = line(&report, "vpc", "us-east-1");
        assert_eq!((&vpc["used"], &vpc["free"]), (&json!(4), &free), "{limit} {need}: {vpc}");
        if code == 5 {
            let command = report["increases"][0]["command"].as_str().unwrap();
            assert!(command.contains(&format!("--desired-value {}", 4 + need)), "{command}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leftovers_of_no_stack_are_named_one_by_one_and_no_more_than_need_be() {
    let (sandbox, endpoint) = story("empty").await;
    // Without a stack's tags nothing but its id says that a free address is meant.
    let mut select = Vec::new();
    for _ in 0..5 {
        let told = sandbox.world().call("ec2", "us-east-1", "AllocateAddress", &[("Domain", "vpc")]).unwrap();
        select.extend(["--select".to_owned(), format!("id={}", id_of(&told, "allocationId"))]);
    }
    let selected = select.iter().map(String::as_str);
    let quota: Vec<&str> = ["quota", "--need", "eip=2", "-o", "json"].into_iter().chain(selected).collect();
    let short = endpoint.run(&quota).await.expect(5).json();
    let remedy = &short["remedy"];
    assert_eq!(remedy["resources"].as_array().unwrap().len(), 2, "{remedy:#}");
    assert_eq!((&remedy["stacks"], &remedy["deletes"]), (&json!([]), &json!(2)), "{remedy:#}");
    let argv: Vec<&str> =
        remedy["argv"].as_array().unwrap().iter().skip(1).map(|it| it.as_str().unwrap()).collect();
    endpoint.run(&[argv, vec!["--yes"]].concat()).await.expect(0);
    let fits = endpoint.run(&quota).await.expect(0).json();
    assert_eq!(line(&fits, "eip", "us-east-1")["used"], 3);
}

/// The id that an answer holds behind this tag.
fn id_of(answer: &str, tag: &str) -> String {
    answer.split(&format!("<{tag}>")).nth(1).unwrap().split('<').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stack_that_holds_anothers_leftovers_is_named_with_it() {
    let (sandbox, endpoint) = story("empty").await;
    let make = |action: &str, kind: &str, stack: &str, params: &[(&str, &str)]| {
        let tags = [
            ("TagSpecification.1.ResourceType", kind),
            ("TagSpecification.1.Tag.1.Key", "Project"),
            ("TagSpecification.1.Tag.1.Value", "shop"),
            ("TagSpecification.1.Tag.2.Key", "EnvironmentSuffix"),
            ("TagSpecification.1.Tag.2.Value", stack),
        ];
        sandbox.world().call("ec2", "us-east-1", action, &[params, &tags].concat()).unwrap()
    };
    // The network of one stack holds a part of the next one, which holds nothing of what is short.
    for (network, guest) in [("a1", "a2"), ("b1", "b2")] {
        let vpc = make("CreateVpc", "vpc", network, &[("CidrBlock", "10.9.0.0/16")]);
        let vpc = id_of(&vpc, "vpcId");
        make("CreateSubnet", "subnet", guest, &[("VpcId", &vpc), ("CidrBlock", "10.9.1.0/24")]);
    }
    let quota = ["quota", "--need", "vpc=3", "--select", "tag:Project=shop", "-o", "json"];
    let short = endpoint.run(&quota).await.expect(5).json();
    let remedy = &short["remedy"];
    assert_eq!(remedy["stacks"], json!(["shop/b1", "shop/b2"]), "{remedy:#}");
    let argv: Vec<&str> =
        remedy["argv"].as_array().unwrap().iter().skip(1).map(|it| it.as_str().unwrap()).collect();
    endpoint.run(&[argv, vec!["--yes"]].concat()).await.expect(0);
    endpoint.run(&quota).await.expect(0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_region_that_is_not_enabled_hides_only_its_own_quotas() {
    let (sandbox, endpoint) = story("first-attempt").await;
    sandbox.world().faults.disabled_regions.insert("eu-south-1".to_owned());
    let both = ["--region", "us-east-1", "--region", "eu-south-1"];
    for (need, code) in [
        ("eip@us-east-1=1", 0),
        ("eip@us-east-1=3", 5),
        ("eip@eu-south-1=1", 6),
        ("nat-gateway@eu-south-1a=1", 6),
    ] {
        let ended = endpoint.run(&[&["quota", "--need", need, "-o", "json"][..], &both].concat()).await;
        let report = ended.expect(code).json();
        assert_eq!(report["coverage"]["complete"], false, "{need}");
    }
    endpoint.run(&[&["quota"][..], &both].concat()).await.expect(6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_needs_what_it_makes_and_what_aws_makes_along_with_it() {
    let (_, endpoint) = story("first-attempt").await;
    let plan = endpoint.file("plan.json");
    std::fs::write(&plan, terraform_plan("1.35").to_string()).unwrap();
    let report = endpoint.run(&["quota", "--for", &plan, "-o", "json"]).await.expect(5).json();
    for (name, scope, need) in [
        ("eip", "us-east-1", 3),
        ("vpc", "us-east-1", 1),
        ("nat-gateway", "us-east-1a", 1),
        ("nat-gateway", "us-east-1b", 1),
        ("nat-gateway", "us-east-1c", 1),
        ("subnet", "new aws_vpc.main", 3),
        ("eks-cluster", "us-east-1", 1),
        ("eks-nodegroup", "new aws_eks_cluster.main", 1),
        ("auto-scaling-group", "us-east-1", 1),
        // Three nodes of two processors each; their interfaces, the gateways' and the cluster's.
        ("vcpu", "us-east-1", 6),
        ("network-interface", "us-east-1", 8),
        // The VPC's default group and the cluster's.
        ("security-group", "us-east-1", 2),
    ] {
        let it = line(&report, name, scope);
        assert_eq!(it["need"], need, "{it:#}");
        assert!(it["limit"].is_u64() && it["used"].is_u64(), "{it:#}");
    }
    let shorts: Vec<&Value> = report["quotas"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["fits"] == false)
        .map(|it| &it["name"])
        .collect();
    assert_eq!(shorts, ["eip"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn preflight_tells_versions_names_and_quotas_from_aws() {
    let (sandbox, endpoint) = story("first-attempt").await;
    let plan = endpoint.file("plan.json");
    let findings = async |version: &str, code: i32| -> Vec<String> {
        std::fs::write(&plan, terraform_plan(version).to_string()).unwrap();
        let report =
            endpoint.run(&["preflight", &plan, "--select", ATTEMPTS, "-o", "json"]).await.expect(code);
        let report = report.json();
        let findings = report["findings"].as_array().unwrap().iter();
        let told = findings
            .map(|it| format!("{} {}", it["check"].as_str().unwrap(), it["outcome"].as_str().unwrap()));
        told.collect()
    };
    let has = |all: &[String], one: &str| assert!(all.iter().any(|it| it == one), "no `{one}` in {all:#?}");
    let old = findings("1.20", 4).await;
    has(&old, "eks-version fail");
    has(&old, "quotas fail");
    has(&old, "region pass");
    has(&old, "names fail");
    // With room in the quotas and the leftover out of the way nothing fails any more.
    sandbox.world().quotas.apply("us-east-1", "L-0263D0A3", 10.0);
    let fine = findings("1.35", 4).await;
    has(&fine, "quotas pass");
    has(&fine, "eks-version pass");
    has(&fine, "names fail");
    endpoint.run(&["apply", "--select", ATTEMPTS, "--with-data", "log-group", "--yes"]).await.expect(3);
    has(&findings("1.35", 0).await, "names pass");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_makes_room_ends_when_the_third_attempt_fits_and_leaves_the_rest_to_another() {
    let (sandbox, endpoint) = story("failed-eks").await;
    let select = ["--select", ATTEMPTS];
    let apply =
        |more: &'static [&'static str]| [&["apply", "--yes", "-o", "json"][..], &select, more].concat();
    // More than the attempts hold: nothing is begun.
    let calls = || sandbox.world().calls.iter().filter(|call| call.mutating).count();
    let none = endpoint.run(&apply(&["--need", "eip=9", "--until-fits"])).await.expect(5);
    assert!(calls() == 0 && none.err.contains("the plan frees"), "{}", none.err);
    let run = endpoint.run(&apply(&["--need", "eip=3,vpc=1", "--until-fits"])).await.expect(0);
    assert!(
        run.err.contains("it fits after about") && run.err.contains("Enough came free after"),
        "{}",
        run.err
    );
    let told = run.json();
    assert_eq!(told["exit_code"], 0);
    let left = told["left"].as_array().unwrap().len();
    assert!(left > 0 && told["fits_after_seconds"].as_u64().unwrap() > 0, "{told:#}");
    endpoint.run(&["quota", "--need", "eip=3,vpc=1", "--select", ATTEMPTS]).await.expect(0);
    // It fits by now, so that nothing is begun again.
    let before = calls();
    let fits = endpoint.run(&apply(&["--need", "eip=3,vpc=1", "--until-fits"])).await.expect(0);
    assert!(calls() == before && fits.err.contains("It fits already"), "{}", fits.err);
    endpoint.run(&["apply", "--resume", "--yes"]).await.expect(0);
    assert!(crate::standing::shares(&sandbox).of_attempts.is_empty());
}
