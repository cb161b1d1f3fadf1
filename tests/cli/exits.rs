//! Exit codes, and what bad input meets: a sentence on what happened and one on what to do.

use aws_janitor::cli::Exit;
use aws_janitor::model::{ErrorClass, Guard, GuardRule, Key, KindName, Link, Region, Resource};

use crate::fake::{Fake, error, gap, recorded};
use crate::{Call, Ended, SELECT, World, run};

#[track_caller]
fn refused(ended: &Ended, exit: Exit, parts: &[&str]) {
    assert_eq!(ended.exit, exit, "{}{}", ended.err, ended.out);
    for part in parts {
        assert!(ended.err.contains(part), "`{part}` is missing in:\n{}", ended.err);
    }
    assert_eq!(ended.fake.changes(), [""; 0]);
}

#[test]
fn help_and_version_are_data() {
    for line in ["--help", "--version", "scan --help", "apply --help"] {
        let ended = run(line);
        assert_eq!((ended.exit, ended.err.as_str()), (Exit::Done, ""), "{line}");
        assert!(!ended.out.is_empty());
    }
}

#[test]
fn every_command_has_examples_and_none_is_shown_that_does_not_exist() {
    for command in aws_janitor::cli::command().get_subcommands() {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.contains("Examples:"), "{}", command.get_name());
        assert_ne!(command.get_name(), "sweep");
    }
}

#[test]
fn what_is_not_understood_is_a_usage_error() {
    for (line, part) in [
        ("", "Usage"),
        ("frobnicate", "unrecognized subcommand"),
        ("scan --regoin us-east-1", "--region"),
        ("scan -o yaml", "possible values"),
        ("scan --region US_EAST", "is not the name of a region"),
        ("scan --select knd=vpc", "the term `knd=vpc`"),
        ("scan --select kind=vpcs", "vpc"),
        ("scan --select name=[", "name=["),
        ("plan --select tag:a --older-than 24", "`24` is not an age"),
        ("plan --select tag:a --older-than -1h", "`-1h` is not an age"),
        ("plan --select tag:a --with-data buckets", "there is no kind `buckets`"),
        ("plan --select tag:a --account 12", "twelve digits"),
        ("apply --select tag:a --max-per-kind vpc", "is not KIND=N"),
        ("apply --select tag:a --max-per-kind vpcs=1", "there is no kind `vpcs`"),
        ("apply --select tag:a --timeout 24", "`24` is not an age"),
        ("scan --region us-east-1 --clock-speed 0", "is not a clock speed"),
        ("apply --dry-run --probe", "cannot be used with"),
        ("explain x --region us-east-1 -o csv", "explain prints table or json"),
    ] {
        refused(&run(line), Exit::Usage, &[part]);
    }
    let fortnight =
        Call::new(World::default()).words(&["plan", "--select", "tag:a", "--older-than", "1 fortnight"]);
    refused(&fortnight, Exit::Usage, &["`1 fortnight` is not an age"]);
}

#[test]
fn nothing_is_called_before_the_command_line_is_understood() {
    for line in [
        "plan --region us-east-1",
        "apply --yes",
        "scan --select nonsense",
        "plan --select tag:a --older-than 24",
    ] {
        let ended = run(line);
        assert_eq!(ended.exit, Exit::Usage, "{}", ended.err);
        assert_eq!(ended.fake.calls(), [""; 0], "{line}");
        assert_eq!(ended.out, "");
    }
    refused(
        &run("plan"),
        Exit::Usage,
        &["nothing is selected", "--select stack=PROJECT/ATTEMPT", "--policy"],
    );
}

#[test]
fn a_region_that_does_not_exist_is_refused_with_the_one_that_was_meant() {
    let ended = run("scan --region us-esat-1");
    refused(&ended, Exit::Usage, &["there is no region us-esat-1", "did you mean us-east-1?"]);
    assert!(ended.out.is_empty());
    refused(&run("scan --region nonsense"), Exit::Usage, &["`nonsense` is not the name of a region"]);
}

#[test]
fn an_endpoint_without_a_scheme_is_a_usage_error() {
    refused(&run("scan --endpoint-url 127.0.0.1:9"), Exit::Usage, &["look like http://127.0.0.1:4566"]);
    let call = Call::new(World::default()).variable("AWS_ENDPOINT_URL", "localhost");
    refused(&call.run("scan"), Exit::Usage, &["`localhost` is not the URL of an endpoint"]);
}

#[test]
fn a_plan_tells_at_its_top_which_tags_claim_nothing() {
    let ended = run("plan --region us-east-1 --select tag:Project=demo --neutral-tag CreatedBy");
    assert!(ended.out.starts_with("By --neutral-tag, these tags do not say whose a thing is: CreatedBy"));
    let refused = run("plan --region us-east-1 --select tag:Project=demo --neutral-tag Owner");
    assert_eq!(refused.exit, Exit::Usage, "{}", refused.err);
}

#[test]
fn a_selection_that_matches_nothing_says_so_and_names_the_stack_that_was_meant() {
    let ended = run("plan --region us-east-1 --stack-key Project,EnvironmentSuffix --select stack=demo/a2x");
    assert!(
        ended.err.contains("nothing that was found matches --select; did you mean demo/a1?"),
        "{}",
        ended.err
    );
    let ended = run(
        "scan --region us-east-1 --stack-key Project,EnvironmentSuffix --select tag:Project=demo --abandoned demo/liv",
    );
    assert!(
        ended.err.contains("no stack is called `demo/liv` (--abandoned); did you mean demo/live?"),
        "{}",
        ended.err
    );
}

#[test]
fn a_region_is_needed() {
    refused(&run("scan"), Exit::Usage, &["no region is named", "--region"]);
    let with = World { default_region: Some(Region::new("us-east-1")), ..World::default() };
    assert_eq!(Call::new(with).run("scan").exit, Exit::Done);
    let all = run("scan --region all");
    assert!(all.err.contains("Regions eu-west-1, us-east-1"), "{}", all.err);
}

#[test]
fn policy_files_are_read_strictly() {
    let call = Call::new(World::default());
    let path = call.path("policy.toml");
    refused(&call.words(&["plan", "--policy", &path]), Exit::Error, &["cannot read", "policy.toml"]);
    std::fs::write(&path, "protects = ['tag:keep']").unwrap();
    refused(
        &call.words(&["plan", "--policy", &path]),
        Exit::Usage,
        &["policy.toml", "did you mean `protect`?"],
    );
    std::fs::write(&path, "account = '210987654321'\nselect = ['tag:Project=demo']\nregions = ['us-east-1']")
        .unwrap();
    refused(&call.words(&["plan", "--policy", &path]), Exit::Refused, &["210987654321", "--profile"]);
}

#[test]
fn missing_and_expired_credentials_name_the_way_to_get_some() {
    let missing = error(ErrorClass::Credentials, "NoCredentials", "no credentials were found");
    let world = World { connect_error: Some(missing), ..World::default() };
    let ended = Call::new(world).run(&format!("scan {SELECT}"));
    refused(&ended, Exit::Error, &["no credentials were found", "--profile", "aws sso login"]);
    let expired = error(ErrorClass::Credentials, "ExpiredToken", "the SSO session has expired");
    let world = World { caller_error: Some(expired), ..World::default() };
    let ended = Call::new(world).run(&format!("scan --profile dev {SELECT}"));
    refused(&ended, Exit::Error, &["hint: run `aws sso login --profile dev`"]);
}

#[test]
fn an_endpoint_that_is_down_and_a_call_that_is_denied_say_what_to_do() {
    let down = error(ErrorClass::Transient, "Connection", "connection refused");
    let ended =
        Call::new(World { caller_error: Some(down), ..World::default() }).run(&format!("scan {SELECT}"));
    refused(&ended, Exit::Error, &["connection refused", "--endpoint-url"]);
    let denied = error(ErrorClass::Denied, "AccessDenied", "not authorized");
    let ended =
        Call::new(World { caller_error: Some(denied), ..World::default() }).run(&format!("scan {SELECT}"));
    refused(&ended, Exit::Error, &["allow sts:GetCallerIdentity", "iam-policy --for scan"]);
}

#[test]
fn another_account_is_refused() {
    let ended = run(&format!("plan --account 210987654321 {SELECT}"));
    refused(&ended, Exit::Refused, &["belong to account 123456789012", "--profile"]);
}

#[test]
fn two_means_changes_and_only_when_asked_for() {
    assert_eq!(run(&format!("plan {SELECT}")).exit, Exit::Done);
    assert_eq!(run(&format!("plan --detailed-exitcode {SELECT}")).exit, Exit::Pending);
    assert_eq!(run(&format!("scan --detailed-exitcode {SELECT}")).exit, Exit::Pending);
    let none = "--region us-east-1 --select tag:Project=nothing";
    assert_eq!(run(&format!("plan --detailed-exitcode {none}")).exit, Exit::Done);
}

#[test]
fn a_gap_that_concerns_what_was_selected_is_six_and_another_is_not() {
    let with_gap = |kind| {
        let mut inventory = recorded();
        inventory.gaps.insert(gap(kind, "UnauthorizedOperation: no"));
        World { inventory: Some(inventory), ..World::default() }
    };
    let ended = Call::new(with_gap("network-interface")).run(&format!("plan {SELECT}"));
    assert_eq!(ended.exit, Exit::Unclear, "{}", ended.err);
    assert!(ended.out.contains("network-interface in us-east-1: UnauthorizedOperation"), "{}", ended.out);
    assert_eq!(Call::new(with_gap("network-interface")).run(&format!("scan {SELECT}")).exit, Exit::Unclear);
    let roles = "--region us-east-1 --select kind=iam-role,tag:Project=demo";
    assert_eq!(Call::new(with_gap("security-group")).run(&format!("scan {roles}")).exit, Exit::Done);
    // An instance that is being made would tell that the stack is being deployed.
    assert_eq!(Call::new(with_gap("instance")).run(&format!("scan {roles}")).exit, Exit::Unclear);
}

#[test]
fn protection_on_what_was_selected_is_four() {
    let mut inventory = recorded();
    let guard = Guard { rule: GuardRule::Protection, why: "deletion protection is on".into() };
    let nat = inventory.resources.values_mut().find(|it| it.key.id == "nat-0a1000000000000001").unwrap();
    nat.guards.insert(guard);
    let ended =
        Call::new(World { inventory: Some(inventory), ..World::default() }).run(&format!("plan {SELECT}"));
    refused(&ended, Exit::Refused, &["nat-gateway nat-0a1000000000000001: deletion protection is on"]);
}

#[test]
fn protection_on_what_is_to_stay_anyway_is_no_refusal() {
    let mut inventory = recorded();
    let guard = Guard { rule: GuardRule::Protection, why: "deletion protection is on".into() };
    let nat = inventory.resources.values_mut().find(|it| it.key.id == "nat-0f1000000000000001").unwrap();
    nat.guards.insert(guard);
    let call = Call::new(World { inventory: Some(inventory), ..World::default() });
    assert_eq!(call.run(&format!("plan {SELECT}")).exit, Exit::Done);
}

#[test]
fn explain_of_the_unknown_tells_what_comes_near() {
    refused(
        &run(&format!("explain vpc-0a1000000000000002 {SELECT}")),
        Exit::Error,
        &["did you mean vpc-0a1000000000000001"],
    );
    refused(&run(&format!("explain zzz {SELECT}")), Exit::Error, &["nothing in the scan is called `zzz`"]);
    refused(&run(&format!("explain demo-a1-nat {SELECT}")), Exit::Error, &["2 resources are called"]);
}

#[test]
fn reading_commands_change_nothing() {
    for line in [
        "scan",
        "plan",
        "explain demo-a1-vpc",
        "graph --format svg",
        "graph --format dot",
        "apply --dry-run",
        "apply --probe",
    ] {
        let ended = run(&format!("{line} {SELECT}"));
        assert_eq!(ended.exit, Exit::Done, "{line}: {}", ended.err);
        assert_eq!(ended.fake.changes(), [""; 0], "{line}");
    }
}

#[test]
fn caps_are_checked_before_anything_is_changed() {
    for flags in ["--max-deletes 3", "--max-per-kind subnet=1", "--max-per-kind network-interface=0"] {
        let ended = run(&format!("apply --yes {flags} {SELECT}"));
        refused(&ended, Exit::Refused, &["at most", "--max-"]);
    }
}

#[test]
fn as_many_deletions_as_the_cap_are_carried_out_and_one_more_is_refused() {
    let plan = run(&format!("plan -o json {SELECT}"));
    let plan: serde_json::Value = serde_json::from_str(&plan.out).unwrap();
    let deletes = plan["steps"].as_array().unwrap().iter().filter(|step| step["action"] == "delete").count();
    let under = |most: usize| run(&format!("apply --yes --max-deletes {most} {SELECT}"));
    let less = deletes - 1;
    refused(&under(less), Exit::Refused, &[&format!("deletes {deletes} resources, and at most {less}")]);
    assert_eq!(under(deletes).exit, Exit::Done);
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    refused(&run(&format!("apply {SELECT}")), Exit::Refused, &["--yes"]);
}

#[test]
fn consent_is_the_account_id() {
    let ended = Call::new(World::default()).typed("yes\n").run(&format!("apply {SELECT}"));
    refused(&ended, Exit::Refused, &["Type the account id 123456789012", "nothing was deleted"]);
    let ended = Call::new(World::default()).typed("123456789012\n").run(&format!("apply {SELECT}"));
    assert_eq!(ended.exit, Exit::Done, "{}", ended.err);
    assert!(ended.fake.changes().contains(&"delete vpc-0a1000000000000001".to_owned()));
}

/// The recorded account with a thing of somebody else in the attempt's network.
fn with_a_stranger() -> World {
    let mut inventory = recorded();
    let subnet = inventory.resources.values().find(|it| it.key.id == "subnet-0a1000000000000001").unwrap();
    let mut stranger =
        Resource::new(Key::new(KindName::of("instance"), subnet.key.region.clone(), "i-0finance"));
    stranger.tags = [("Owner".to_owned(), "finance".to_owned())].into();
    stranger.links.insert(Link::new("within", subnet.key.clone()));
    inventory.resources.insert(stranger.key.clone(), stranger);
    World { inventory: Some(inventory), ..World::default() }
}

#[test]
fn a_stack_that_is_kept_as_blocked_or_uncertain_makes_three_and_is_named() {
    for line in ["apply --yes -o json", "apply --dry-run -o json"] {
        let ended = Call::new(with_a_stranger()).run(&format!("{line} {SELECT}"));
        assert_eq!(ended.exit, Exit::Partly, "{line}: {}", ended.err);
        let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
        assert_eq!(document["exit_code"], 3);
        let left = document["left"].as_array().unwrap();
        let vpc = left.iter().find(|it| it["id"] == "vpc-0a1000000000000001").unwrap();
        assert!(vpc["why"].as_str().unwrap().contains("i-0finance"), "{vpc}");
        // Data that nobody named, and what only that works with, is no failure.
        assert!(!left.iter().any(|it| it["kind"] == "volume" || it["kind"] == "kms-key"), "{left:?}");
    }
}

#[test]
fn what_cannot_be_deleted_makes_three() {
    let world = World { refuse: ["subnet-0a1000000000000002".to_owned()].into(), ..World::default() };
    let ended = Call::new(world).run(&format!("apply --yes -o json {SELECT}"));
    assert_eq!(ended.exit, Exit::Partly, "{}", ended.err);
    let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(document["outcome"], "partly");
    assert_eq!(document["exit_code"], 3);
    assert_eq!(document["failed"][0]["id"], "subnet-0a1000000000000002");
    assert_eq!(document["skipped"][0]["id"], "vpc-0a1000000000000001");
}

#[test]
fn the_healthy_stack_is_left_alone() {
    let before: Vec<String> =
        Fake::new(World::default()).standing().into_iter().filter(|id| id.contains("-0f1")).collect();
    let ended = run(&format!("apply --yes {SELECT}"));
    assert_eq!(ended.exit, Exit::Done, "{}", ended.err);
    let left: Vec<String> = ended.fake.standing().into_iter().filter(|id| id.contains("-0f1")).collect();
    assert_eq!((left, before.len()), (before.clone(), 9));
    assert!(!ended.fake.standing().contains("vpc-0a1000000000000001"));
    // What holds data is kept, and so is its key.
    assert!(ended.fake.standing().contains("vol-0a10000000000000001"));
}

#[test]
fn a_listing_that_leaves_out_what_stands_is_told_and_nothing_of_the_network_goes() {
    let inventory = recorded();
    let left_out = inventory.resources.keys().find(|key| key.kind.as_str() == "subnet").unwrap().clone();
    let world = || World { left_out: [left_out.id.to_string()].into(), ..World::default() };
    let ended = Call::new(world()).run(&format!("plan {SELECT}"));
    assert_eq!(ended.exit, Exit::Unclear, "{}", ended.err);
    let told = format!("the list left out subnet {}, which stands", left_out.id);
    assert!(ended.out.contains(&told), "{}", ended.out);
    assert!(!ended.out.contains("delete vpc"), "{}", ended.out);
}
