//! Attacks: what changes between plan and apply, during the run, and what a careless selection reaches.
//! The real program must never delete what has become somebody's, whatever it may keep for that.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot go on is a failed test")]

use std::collections::BTreeSet;
use std::time::Duration;

use aws_janitor::run::Limits;
use aws_janitor_sandbox::error::AwsError;
use aws_janitor_sandbox::{Sandbox, scenario};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::program::{ATTEMPTS, Endpoint, mutating, serve, until};
use crate::standing::{gone, shares};

/// How often it is looked how far a run is.
const TICK: Duration = Duration::from_millis(20);

const REGION: &str = "us-east-1";
const DATA: &str = "volume,log-group";

async fn story(speed: f64) -> (Sandbox, Endpoint) {
    serve(scenario::build("failed-eks", speed, Timestamp::now()).unwrap()).await
}

/// A plan of the attempts, saved; its path and its document.
async fn planned(endpoint: &Endpoint) -> (String, Value) {
    let file = endpoint.file("plan.json");
    endpoint.run(&["plan", "--select", ATTEMPTS, "--with-data", DATA, "--out", &file]).await.expect(0);
    let plan = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    (file, plan)
}

/// The ids of a kind that a plan deletes, those of one attempt by their tag.
fn going(plan: &Value, kind: &str, suffix: &str) -> Vec<String> {
    let resources = plan["resources"].as_array().unwrap().iter();
    let found = resources
        .filter(|it| it["kind"] == kind && it["tags"]["EnvironmentSuffix"] == suffix)
        .map(|it| it["id"].as_str().unwrap().to_owned())
        .collect::<Vec<_>>();
    assert!(!found.is_empty(), "no {kind} of {suffix}: {plan:#}");
    found
}

/// Targets of the calls that changed something since then, and were carried out.
fn changed(sandbox: &Sandbox, since: usize) -> Vec<String> {
    let world = sandbox.world();
    let done = world.calls[since..].iter().filter(|call| call.mutating && call.refused.is_none());
    done.map(|call| format!("{} {}", call.action, call.target)).collect()
}

#[track_caller]
fn untouched(changes: &[String], id: &str) {
    let touching: Vec<_> = changes.iter().filter(|change| change.contains(id)).collect();
    assert!(touching.is_empty(), "{id} was touched: {touching:?}");
}

/// Calls the embedded AWS from inside.
pub fn make(sandbox: &Sandbox, service: &str, action: &str, params: &[(&str, &str)]) -> String {
    sandbox
        .world()
        .call(service, REGION, action, params)
        .unwrap_or_else(|error| panic!("{action}: {error:?}"))
}

/// The text of the first element of this name.
pub fn text(xml: &str, name: &str) -> String {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name} in {xml}"));
    rest.split_once('<').unwrap().0.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_instance_that_moved_in_keeps_its_vpc_and_the_way_out() {
    let (sandbox, endpoint) = story(400.0).await;
    let (file, plan) = planned(&endpoint).await;
    let vpc = going(&plan, "vpc", "attempt-1").remove(0);
    let subnet = going(&plan, "subnet", "attempt-1").remove(0);
    let params = [
        ("ImageId", "ami-0c0ffee0c0ffee012"),
        ("InstanceType", "t3.small"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("SubnetId", &subnet),
        ("TagSpecification.1.ResourceType", "instance"),
        ("TagSpecification.1.Tag.1.Key", "Project"),
        ("TagSpecification.1.Tag.1.Value", "billing"),
    ];
    let instance = text(&make(&sandbox, "ec2", "RunInstances", &params), "instanceId");
    sandbox.world().clock.skip(Duration::from_secs(300));
    let seen = sandbox.world().calls.len();
    endpoint.run(&["apply", &file, "--yes"]).await.expect(3);
    let changes = changed(&sandbox, seen);
    for id in [vec![vpc, subnet, instance], going(&plan, "nat-gateway", "attempt-1")].concat() {
        untouched(&changes, &id);
    }
    assert!(changes.iter().any(|it| it.starts_with("ReleaseAddress")), "attempt-2 still goes: {changes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_claimed_after_the_plan_is_left_alone() {
    let (sandbox, endpoint) = story(400.0).await;
    let (file, plan) = planned(&endpoint).await;
    let mut claimed = Vec::new();
    let tag = |id: &str, key: &str, value: &str| {
        make(
            &sandbox,
            "ec2",
            "CreateTags",
            &[("ResourceId.1", id), ("Tag.1.Key", key), ("Tag.1.Value", value)],
        );
    };
    let addresses = going(&plan, "elastic-ip", "attempt-2");
    tag(&addresses[0], "keep", "yes");
    tag(&addresses[1], "EnvironmentSuffix", "live");
    claimed.extend(addresses);
    let role = going(&plan, "iam-role", "attempt-2").remove(0);
    make(
        &sandbox,
        "iam",
        "TagRole",
        &[("RoleName", &role), ("Tags.member.1.Key", "Owner"), ("Tags.member.1.Value", "us")],
    );
    claimed.push(format!("DeleteRole {role}"));
    // A healthy role is given the attempt's policy.
    let policy = going(&plan, "iam-policy", "attempt-1").remove(0);
    make(&sandbox, "iam", "AttachRolePolicy", &[("RoleName", "billing-export"), ("PolicyArn", &policy)]);
    claimed.push(format!("DeletePolicy {policy}"));
    claimed.push("billing-export".to_owned());
    // A healthy group's rule names one of the attempt's, and an interface of the healthy VPC's takes a role.
    let group = going(&plan, "security-group", "attempt-1").remove(0);
    let vpc = going(&plan, "vpc", "attempt-1").remove(0);
    let params = [
        ("GroupName", "healthy"),
        ("GroupDescription", "x"),
        ("VpcId", vpc.as_str()),
        ("TagSpecification.1.ResourceType", "security-group"),
        ("TagSpecification.1.Tag.1.Key", "Project"),
        ("TagSpecification.1.Tag.1.Value", "billing"),
    ];
    let healthy = text(&make(&sandbox, "ec2", "CreateSecurityGroup", &params), "groupId");
    make(
        &sandbox,
        "ec2",
        "AuthorizeSecurityGroupIngress",
        &[
            ("GroupId", &healthy),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "443"),
            ("IpPermissions.1.ToPort", "443"),
            ("IpPermissions.1.Groups.1.GroupId", &group),
        ],
    );
    claimed.extend([group, healthy, vpc]);
    let seen = sandbox.world().calls.len();
    endpoint.run(&["apply", &file, "--yes"]).await.expect(3);
    let changes = changed(&sandbox, seen);
    for id in claimed {
        untouched(&changes, &id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn things_made_anew_under_the_old_name_are_others() {
    let (sandbox, endpoint) = story(400.0).await;
    let (file, plan) = planned(&endpoint).await;
    let role = going(&plan, "iam-role", "attempt-2").remove(0);
    let profile = going(&plan, "iam-instance-profile", "attempt-1").remove(0);
    let log = "/aws/eks/shop-attempt-1/cluster";
    {
        let mut world = sandbox.world();
        world.clock.skip(Duration::from_secs(60));
        let mut iam = |action: &str, params: &[(&str, &str)]| world.call("iam", REGION, action, params);
        let listed = iam("ListAttachedRolePolicies", &[("RoleName", &role)]).unwrap();
        for part in listed.split("<PolicyArn>").skip(1) {
            let arn = part.split('<').next().unwrap().to_owned();
            iam("DetachRolePolicy", &[("RoleName", &role), ("PolicyArn", &arn)]).unwrap();
        }
        iam("DeleteRole", &[("RoleName", &role)]).unwrap();
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        let tags = [
            ("Tags.member.1.Key", "Project"),
            ("Tags.member.1.Value", "shop"),
            ("Tags.member.2.Key", "EnvironmentSuffix"),
            ("Tags.member.2.Value", "attempt-2"),
        ];
        let made =
            [[("RoleName", role.as_str()), ("AssumeRolePolicyDocument", trust)].as_slice(), &tags].concat();
        iam("CreateRole", &made).unwrap();
        let inside = iam("GetInstanceProfile", &[("InstanceProfileName", &profile)]).unwrap();
        let holds = text(&inside, "RoleName");
        iam("RemoveRoleFromInstanceProfile", &[("InstanceProfileName", &profile), ("RoleName", &holds)])
            .unwrap();
        iam("DeleteInstanceProfile", &[("InstanceProfileName", &profile)]).unwrap();
        iam("CreateInstanceProfile", &[("InstanceProfileName", &profile)]).unwrap();
        iam("AddRoleToInstanceProfile", &[("InstanceProfileName", &profile), ("RoleName", &role)]).unwrap();
        let groups = &mut world.region(REGION).logs.groups;
        let names: Vec<String> = groups.keys().filter(|name| name.contains("attempt-1")).cloned().collect();
        assert!(!names.is_empty(), "{log}");
        for name in names {
            world.call_json("logs", REGION, "DeleteLogGroup", json!({ "logGroupName": name })).unwrap();
            world.call_json("logs", REGION, "CreateLogGroup", json!({ "logGroupName": name })).unwrap();
        }
    }
    let seen = sandbox.world().calls.len();
    endpoint.run(&["apply", &file, "--yes"]).await.expect(3);
    let changes = changed(&sandbox, seen);
    untouched(&changes, &role);
    untouched(&changes, &profile);
    untouched(&changes, "/aws/eks/");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_claimed_while_the_run_waits_is_left_alone() {
    let (sandbox, endpoint) = story(60.0).await;
    let (file, plan) = planned(&endpoint).await;
    let addresses = going(&plan, "elastic-ip", "attempt-1");
    let vpc = going(&plan, "vpc", "attempt-1").remove(0);
    let child = endpoint.command(&["apply", &file, "--yes"]).spawn().unwrap();
    // Until the gateways are being deleted: then their addresses are waited for.
    let waiting = || {
        sandbox.world().calls.iter().any(|call| call.action == "DeleteNatGateway" && call.refused.is_none())
    };
    assert!(until(TICK, waiting).await);
    for id in [&addresses[0], &vpc] {
        make(
            &sandbox,
            "ec2",
            "CreateTags",
            &[("ResourceId.1", id), ("Tag.1.Key", "keep"), ("Tag.1.Value", "yes")],
        );
    }
    let ended = child.wait_with_output().await.unwrap();
    assert_eq!(ended.status.code(), Some(3), "{}", String::from_utf8_lossy(&ended.stderr));
    let changes = changed(&sandbox, 0);
    untouched(&changes, &format!("ReleaseAddress {}", addresses[0]));
    untouched(&changes, &format!("DeleteVpc {vpc}"));
    // The rest goes on, whatever of the first attempt's network was looked at while its gateways were still leaving.
    let released = |call: &String| call.starts_with("ReleaseAddress ") && !call.ends_with(&addresses[0]);
    assert!(changes.iter().any(released), "{changes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_that_turn_to_another_account_end_the_run() {
    let (sandbox, endpoint) = story(60.0).await;
    let (file, _) = planned(&endpoint).await;
    let child = endpoint.command(&["apply", &file, "--yes"]).spawn().unwrap();
    let begun = || sandbox.world().calls.iter().any(|call| call.action == "DeleteNatGateway");
    assert!(until(TICK, begun).await);
    let turned = {
        let mut world = sandbox.world();
        world.account = "999988887777".to_owned();
        world.calls.len()
    };
    // Nobody knows before it is asked for, however slow the machine is.
    let asked = || {
        let world = sandbox.world();
        world.calls[turned..].iter().position(|call| call.action == "GetCallerIdentity")
    };
    assert!(until(TICK, || asked().is_some()).await);
    let seen = turned + asked().unwrap();
    let ended = child.wait_with_output().await.unwrap();
    assert_eq!(ended.status.code(), Some(3), "{}", String::from_utf8_lossy(&ended.stderr));
    // Either the look before a call tells whose account it is now, or AWS refuses the call.
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(told.contains("Stopping, because") && told.contains("--resume"), "{told}");
    // What was in flight ends, however long the machine takes over it: no more than may be at once, and never what
    // waits for all the others.
    let after = mutating(&sandbox.world().calls[seen..]);
    let last = after.iter().any(|call| call.starts_with("DeleteVpc "));
    assert!(after.len() <= Limits::default().at_once && !last, "{after:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_probe_asks_ec2_only_and_changes_nothing() {
    let (sandbox, endpoint) = story(400.0).await;
    let (file, _) = planned(&endpoint).await;
    let seen = sandbox.world().calls.len();
    endpoint.run(&["apply", &file, "--probe"]).await.expect(0);
    endpoint.run(&["apply", "--select", ATTEMPTS, "--with-data", DATA, "--probe"]).await.expect(0);
    let calls = sandbox.world().calls.split_off(seen);
    assert_eq!(mutating(&calls), Vec::<String>::new());
    let asked: BTreeSet<String> =
        calls.iter().filter(|call| call.dry_run).map(|call| call.iam_action()).collect();
    assert!(asked.contains("ec2:DeleteVpc") && asked.contains("ec2:ReleaseAddress"), "{asked:?}");
    assert!(asked.iter().all(|action| action.starts_with("ec2:")), "{asked:?}");
}

/// What a plan deletes or cuts, one line each.
fn steps(plan: &Value) -> BTreeSet<String> {
    let steps = plan["steps"].as_array().unwrap().iter().filter(|step| !step["api"].is_null());
    steps.map(|step| format!("{} {}", step["api"], step["resource"])).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_denied_listing_adds_a_deletion_and_the_program_says_so() {
    let (sandbox, endpoint) = story(400.0).await;
    // In the attempts' VPC and behind one of its gateways, a stranger.
    let (_, whole) = planned(&endpoint).await;
    let subnet = going(&whole, "subnet", "attempt-2").remove(0);
    make(
        &sandbox,
        "ec2",
        "CreateNetworkInterface",
        &[
            ("SubnetId", &subnet),
            ("TagSpecification.1.ResourceType", "network-interface"),
            ("TagSpecification.1.Tag.1.Key", "Project"),
            ("TagSpecification.1.Tag.1.Value", "billing"),
        ],
    );
    let args = ["plan", "--select", ATTEMPTS, "--with-data", DATA, "-o", "json"];
    let full = steps(&endpoint.run(&args).await.expect(0).json());
    let policy: Value =
        serde_json::from_str(&std::fs::read_to_string("policies/iam/scan.json").unwrap()).unwrap();
    let actions = policy["Statement"][0]["Action"].as_array().unwrap();
    let mut silent = Vec::new();
    for action in actions.iter().filter_map(Value::as_str).filter(|it| *it != "sts:GetCallerIdentity") {
        sandbox.world().faults.denied = BTreeSet::from([action.to_owned()]);
        let ended = endpoint.run(&args).await;
        let called =
            sandbox.world().calls.iter().any(|call| call.iam_action() == action && call.refused.is_some());
        assert!(matches!(ended.code, Some(0 | 6)), "{action}: {ended:?}");
        let less = steps(&ended.json());
        let more: Vec<&String> = less.difference(&full).collect();
        assert!(more.is_empty(), "without {action} there is more: {more:?}");
        if called && ended.code == Some(0) && less != full {
            silent.push(action);
        }
    }
    assert!(silent.is_empty(), "fewer deletions, and no word of it: {silent:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_that_breaks_down_is_a_gap_and_not_an_empty_answer() {
    let (sandbox, endpoint) = story(400.0).await;
    let args = ["plan", "--select", ATTEMPTS, "-o", "json"];
    let full = steps(&endpoint.run(&args).await.expect(0).json());
    let broken = AwsError::with_status(500, "InternalError", "An internal error has occurred");
    let throttled = AwsError::with_status(503, "RequestLimitExceeded", "Request limit exceeded.");
    for (action, error) in [
        ("ec2:DescribeRouteTables", broken.clone()),
        ("ec2:DescribeInstances", throttled.clone()),
        ("eks:ListClusters", broken),
        ("iam:GetAccountAuthorizationDetails", throttled),
    ] {
        sandbox.world().faults.failing = [(action.to_owned(), (u32::MAX, error))].into();
        let plan = endpoint.run(&args).await.expect(6).json();
        assert!(steps(&plan).is_subset(&full), "{action}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_greedy_selection_takes_no_reserved_role_no_default_vpc_and_nothing_protected() {
    let (sandbox, endpoint) = story(400.0).await;
    let vpcs = endpoint.run(&["scan", "-o", "json"]).await.expect(0).json();
    let default = vpcs["resources"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["kind"] == "vpc" && it.to_string().contains("default"));
    if let Some(default) = default {
        for (key, value) in [("Project", "shop"), ("EnvironmentSuffix", "attempt-1")] {
            let id = default["id"].as_str().unwrap();
            make(
                &sandbox,
                "ec2",
                "CreateTags",
                &[("ResourceId.1", id), ("Tag.1.Key", key), ("Tag.1.Value", value)],
            );
        }
    }
    // Project=shop is the healthy stack's tag as well; it is protected in other letter case.
    let protect = "tag:environmentsuffix=LIVE";
    for select in ["kind=iam-role", "tag:Project=*", "name=?*"] {
        let args = ["plan", "--select", select, "--protect", protect];
        endpoint.run(&args).await.expect(64);
    }
    for select in ["tag:Project=shop", "name=shop*"] {
        let args = ["plan", "--select", select, "--protect", protect, "--with-data", DATA, "-o", "json"];
        let ended = endpoint.run(&args).await;
        let plan = ended.json();
        for step in plan["steps"].as_array().unwrap() {
            let line = step.to_string();
            assert!(!line.contains("AWSServiceRole") && !line.contains("live"), "{select}: {line}");
            assert!(default.is_none_or(|it| !line.contains(it["id"].as_str().unwrap())), "{select}: {line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_do_not_go_on_with_one_journal() {
    let (sandbox, endpoint) = story(60.0).await;
    let before = shares(&sandbox);
    let journal = endpoint.file("run.jsonl");
    let args = ["apply", "--select", ATTEMPTS, "--yes", "--journal", &journal];
    let mut child = endpoint.command(&args).spawn().unwrap();
    let begun = || {
        let world = sandbox.world();
        world
            .calls
            .iter()
            .any(|call| call.mutating && call.refused.is_none() && call.action == "DeleteNatGateway")
    };
    assert!(until(TICK, begun).await);
    let other = endpoint.run(&["apply", "--resume", &journal, "--yes"]).await.expect(1);
    assert!(other.err.contains("another process"), "{}", other.err);
    child.kill().await.unwrap();
    // Torn at any byte of its last line, it is gone on with; nothing else is deleted.
    let bytes = std::fs::read(&journal).unwrap();
    let last = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in [last, last + 1, (last + bytes.len()) / 2, bytes.len() - 1] {
        let torn = endpoint.file(&format!("torn-{cut}.jsonl"));
        std::fs::write(&torn, &bytes[..cut]).unwrap();
        let ended = endpoint.run(&["apply", "--resume", &torn, "--yes"]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    assert_eq!(gone(&before.of_others, &sandbox), Vec::<String>::new());
    assert_eq!(shares(&sandbox).of_attempts, BTreeSet::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_region_that_may_not_be_read_keeps_what_could_be_used_there() {
    let (sandbox, endpoint) = story(400.0).await;
    let args = ["plan", "--select", ATTEMPTS, "-o", "json", "--region", REGION, "--region", REGION];
    let one = steps(&endpoint.run(&args).await.expect(0).json());
    assert!(one.iter().any(|it| it.contains("iam:DeleteRole")), "{one:?}");
    sandbox.world().faults.disabled_regions.insert("eu-west-1".to_owned());
    let both = [args.as_slice(), &["--region", "eu-west-1"]].concat();
    let two = steps(&endpoint.run(&both).await.expect(6).json());
    assert!(two.is_subset(&one), "{:?}", two.difference(&one).collect::<Vec<_>>());
    assert!(!two.iter().any(|it| it.contains("iam:DeleteRole")), "a cluster there may use it: {two:?}");
    assert!(two.iter().any(|it| it.contains("ec2:DeleteVpc")), "what is regional goes: {two:?}");
}
