//! `quota` as people and pipelines meet it: what it prints, and how it ends.

use std::collections::{BTreeMap, BTreeSet};

use aws_janitor::cli::Exit;
use aws_janitor::kinds::CATALOG;
use aws_janitor::model::{Region, Scope, Users};
use aws_janitor::quota::{Limit, LimitGap, Limits, Origin};
use aws_janitor::report::width;
use expect_test::{Expect, expect};
use serde_json::Value;

use crate::fake::{Fake, World, gap, recorded};
use crate::{Call, Ended, SELECT};

/// Quotas of which a test says itself what AWS allows, or that it is not known.
const TOLD: [&str; 3] = ["eip", "vpc", "nat-gateway"];

/// The limits of an account: these, and room enough of whatever else the catalog counts.
fn limits(all: &[(&str, u64)]) -> Limits {
    let limit = |value| Limit { value, origin: Origin::Applied, adjustable: Some(true) };
    let mut limits = Limits::default();
    for (spec, quota) in CATALOG.quotas().filter(|(_, quota)| !TOLD.contains(&quota.name)) {
        let region = if spec.scope == Scope::Global { Region::global() } else { Region::new("us-east-1") };
        let place = (region, quota.name.to_owned());
        if quota.users == Users::Others {
            limits.used.insert(place.clone(), 0);
        }
        limits.limits.insert(place, limit(100_000));
    }
    let told =
        all.iter().map(|(name, value)| ((Region::new("us-east-1"), (*name).to_owned()), limit(*value)));
    limits.limits.extend(told);
    limits
}

/// The limits of a young account.
pub(crate) fn young() -> Limits {
    limits(&[("eip", 5), ("vpc", 5), ("nat-gateway", 5)])
}

fn call(limits: Limits) -> Call {
    Call::new(World { limits, ..World::default() })
}

fn quota(line: &str) -> Ended {
    call(young()).run(&format!("quota {line}"))
}

#[track_caller]
fn check(ended: &Ended, expected: Expect) {
    // Commands stand in one line, to be copied; Markdown is not for a terminal.
    let text =
        ended.out.lines().filter(|line| !line.trim_start().starts_with("aws") && !line.starts_with('|'));
    for shown in text {
        assert!(width::columns(shown) <= 80, "too wide: {shown}");
    }
    expected.assert_eq(&format!("{:?}\n{}\n{}", ended.exit, ended.err, ended.out));
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {}{}", ended.out, ended.err))
}

#[test]
fn what_is_used_and_what_orphans_hold_of_it() {
    check(
        &quota(SELECT),
        expect![[r#"
            Done
            Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
            Regions us-east-1

            QUOTA             WHERE           USED  FREE ORPHANS  AFTER
            eip               us-east-1        3/5     2       2      4
            nat-gateway       us-east-1a       2/5     3       1      4
            vpc               us-east-1        3/5     2       1      3
            internet-gateway  us-east-1   2/100000 99998       1  99999
            network-interface us-east-1   2/100000 99998       1  99999
            security-group    us-east-1   4/100000 99996       2  99998
            ebs-gp3 GiB       us-east-1  20/100000 99980      20
            iam-role          global      1/100000 99999       1 100000
            iam-policy        global      1/100000 99999       1 100000
            65 more lines below 80 %; -v shows all, -o json has all.
        "#]],
    );
}

#[test]
fn a_need_that_does_not_fit_names_who_is_in_the_way_and_what_would_help() {
    check(
        &quota(&format!("--need eip=4,vpc=1 {SELECT}")),
        expect![[r#"
            Short
            Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
            Regions us-east-1

            QUOTA WHERE     USED FREE ORPHANS AFTER NEED
            eip   us-east-1  3/5    2       2     4    4 ✗ short
            vpc   us-east-1  3/5    2       1     3    1 ✓ fits
            72 more lines below 80 %; -v shows all, -o json has all.

            It does not fit.
              Elastic IPs in us-east-1: 2 too few (3 of 5 used, 4 needed)
                held by demo/a1 2 (orphans), demo/live 1 (no orphans)

            Enough comes free with demo/a1: 12 resources would go, 2 eip come free.
              aws-janitor apply --select tag:Project=demo,stack=demo/a1 --protect stack=demo/live --region us-east-1

            Or ask AWS for more:
              aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-0263D0A3 --desired-value 7 --region us-east-1
        "#]],
    );
}

#[test]
fn what_is_uncertain_for_a_gap_is_neither_no_orphan_nor_paid_for() {
    let kind = "network-interface";
    let mut inventory = recorded();
    inventory.gaps.insert(gap(kind, "UnauthorizedOperation: no"));
    let world = World { limits: young(), inventory: Some(inventory), ..World::default() };
    let call = Call::new(world);
    let ended = call.run(&format!("quota --need eip=4 {SELECT}"));
    assert!(ended.out.contains("some uncertain") && !ended.out.contains("a1 2 (no orphans)"), "{kind}");
    assert!(ended.out.contains(&format!("{kind} of\n  us-east-1")), "{}", ended.out);
    assert!(!ended.out.contains("request-service-quota-increase"), "{}", ended.out);
    let document = json(&call.run(&format!("quota --need eip=4 -o json {SELECT}")));
    let lines = document["quotas"].as_array().unwrap();
    let eip = lines.iter().find(|line| line["name"] == "eip").unwrap();
    assert_eq!(eip["used_by_uncertain"], 1, "{eip}");
    assert!(eip["doubts"][0].as_str().unwrap().contains(kind), "{eip}");
    assert_eq!(document["increases"], serde_json::json!([]));
}

#[test]
fn a_need_that_does_not_fit_without_a_selection_accuses_nobody() {
    check(
        &quota("--need eip=4 --region us-east-1"),
        expect![[r#"
            Short
            Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
            Regions us-east-1

            QUOTA WHERE     USED FREE NEED
            eip   us-east-1  3/5    2    4 ✗ short
            73 more lines below 80 %; -v shows all, -o json has all.

            It does not fit.
              Elastic IPs in us-east-1: 2 too few (3 of 5 used, 4 needed)
                held by demo/a1 2, demo/live 1

            Whether any of it is an orphan shows with --select TERMS, such as
            tag:Project=NAME.

            Or ask AWS for more:
              aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-0263D0A3 --desired-value 7 --region us-east-1
        "#]],
    );
}

#[test]
fn a_need_that_fits_says_so() {
    check(
        &quota("--need eip=1,nat-gateway@us-east-1a=1 --region us-east-1"),
        expect![[r#"
            Done
            Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
            Regions us-east-1

            QUOTA       WHERE      USED FREE NEED
            eip         us-east-1   3/5    2    1 ✓ fits
            nat-gateway us-east-1a  2/5    3    1 ✓ fits
            72 more lines below 80 %; -v shows all, -o json has all.

            It fits.
        "#]],
    );
}

#[test]
fn on_a_terminal_there_are_gauges() {
    let ended =
        call(limits(&[("eip", 3), ("vpc", 3), ("nat-gateway", 5)])).typed("").run("quota --region us-east-1");
    check(
        &ended,
        expect![[r#"
            Done
            Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
            Regions us-east-1

            QUOTA             WHERE                               USED  FREE
            eip               us-east-1 ████████████████████       3/3     0 !! used up
            vpc               us-east-1 ████████████████████       3/3     0 !! used up
            internet-gateway  us-east-1 ░░░░░░░░░░░░░░░░│░░│  2/100000 99998
            network-interface us-east-1 ░░░░░░░░░░░░░░░░│░░│  2/100000 99998
            security-group    us-east-1 ░░░░░░░░░░░░░░░░│░░│  4/100000 99996
            ebs-gp3 GiB       us-east-1 ░░░░░░░░░░░░░░░░│░░│ 20/100000 99980
            iam-role          global    ░░░░░░░░░░░░░░░░│░░│  1/100000 99999
            iam-policy        global    ░░░░░░░░░░░░░░░░│░░│  1/100000 99999
            66 more lines below 80 %; -v shows all, -o json has all.
        "#]],
    );
}

#[test]
fn markdown_for_a_pull_request() {
    let mut ended = quota(&format!("--need eip=4 -o markdown {SELECT}"));
    // Of the rows with room for everything the head of their table is enough.
    let rows = ended.out.lines().filter(|line| !line.contains("| 100000 |"));
    ended.out = rows.map(|line| format!("{line}\n")).collect();
    check(
        &ended,
        expect![[r#"
            Short
            Account 123456789012 (acme-dev), caller arn:aws:iam::123456789012:user/deployer
            Regions us-east-1

            ### AWS quotas of account 123456789012: **does not fit**

            | Quota | Where | Used | Limit | Free | Orphans hold | Needed | Fits |
            |---|---|---:|---:|---:|---:|---:|---|
            | eip | us-east-1 | 3 | 5 | 2 | 2 | 4 | **no** |
            | nat-gateway | us-east-1a | 2 | 5 | 3 | 1 |  |  |
            | vpc | us-east-1 | 3 | 5 | 2 | 1 |  |  |

            <details><summary>65 more lines</summary>

            | Quota | Where | Used | Limit | Free | Orphans hold | Needed | Fits |
            |---|---|---:|---:|---:|---:|---:|---|

            </details>

            Enough comes free with demo/a1:

            ```sh
            aws-janitor apply --select tag:Project=demo,stack=demo/a1 --protect stack=demo/live --region us-east-1
            ```

            Or ask AWS for more:

            ```sh
            aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-0263D0A3 --desired-value 7 --region us-east-1
            ```

        "#]],
    );
}

#[test]
fn the_exit_code_and_the_document_say_the_same() {
    for (line, exit, verdict) in [
        ("--need eip=1", Exit::Done, "fits"),
        ("--need eip=4", Exit::Short, "short"),
        ("--need nat-gateway@us-east-1a=3", Exit::Done, "fits"),
        ("--need nat-gateway@us-east-1a=4", Exit::Short, "short"),
        ("", Exit::Done, "fits"),
    ] {
        let ended = quota(&format!("{line} -o json --region us-east-1"));
        assert_eq!(ended.exit, exit, "{line}: {}", ended.err);
        let document = json(&ended);
        assert_eq!(document["verdict"], verdict, "{line}");
        assert_eq!(document["exit_code"], exit.code(), "{line}");
    }
}

#[test]
fn a_limit_that_could_not_be_read_is_unknown_and_ends_with_6() {
    let denied = || {
        let mut limits = limits(&[("vpc", 5), ("nat-gateway", 5)]);
        limits.gaps.insert(LimitGap {
            region: Region::new("us-east-1"),
            service: "ec2".into(),
            error: "AccessDeniedException: not allowed to servicequotas:ListServiceQuotas".into(),
        });
        limits
    };
    for line in ["quota --need eip=1 -o json --region us-east-1", "quota -o json --region us-east-1"] {
        let ended = call(denied()).run(line);
        assert_eq!(ended.exit, Exit::Unclear, "{line}");
        assert!(ended.err.contains("quotas of ec2 in us-east-1 could not be read"), "{}", ended.err);
        let document = json(&ended);
        let eip = document["quotas"].as_array().unwrap().iter().find(|it| it["name"] == "eip").unwrap();
        assert!(eip["limit"].is_null() && eip["free"].is_null(), "{eip}");
        assert_eq!(document["coverage"]["complete"], false);
    }
    let other = call(denied()).run("quota --need vpc=1 --region us-east-1");
    assert_eq!(other.exit, Exit::Done, "what is asked for is known: {}", other.out);
}

#[test]
fn a_kind_that_could_not_be_listed_is_no_free_quota() {
    let mut inventory = recorded();
    inventory.resources.retain(|key, _| key.kind.as_str() != "elastic-ip");
    inventory.gaps.insert(gap("elastic-ip", "UnauthorizedOperation"));
    let world = World { inventory: Some(inventory), limits: young(), ..World::default() };
    let ended = Call::new(world).run("quota --need eip=1 --region us-east-1");
    assert_eq!(ended.exit, Exit::Unclear, "{}", ended.out);
}

#[test]
fn a_need_that_is_not_understood_calls_nothing() {
    for (needs, told) in [
        ("eips=3", "did you mean eip?"),
        ("eip=-1", "whole number"),
        ("eip", "is no need"),
        ("zebra=1", "there is no quota `zebra`"),
    ] {
        let fake = Fake::new(World::default());
        let ended = Call::on(fake).words(&["quota", "--need", needs, "--region", "us-east-1"]);
        assert_eq!(ended.exit, Exit::Usage, "{needs}: {}", ended.err);
        assert!(ended.err.contains(told) && ended.err.contains("hint:"), "{needs}: {}", ended.err);
        assert_eq!(ended.fake.calls(), [""; 0], "{needs}");
    }
}

#[test]
fn with_two_regions_a_need_has_to_say_in_which() {
    let ended = quota("--need eip=1 --region us-east-1 --region eu-west-1");
    assert_eq!(ended.exit, Exit::Usage, "{}", ended.err);
    let ended = quota("--need eip@us-east-1=1 --region us-east-1 --region eu-west-1");
    assert_eq!(ended.exit, Exit::Done, "{}", ended.err);
}

#[test]
fn the_command_repeats_the_flags_and_narrows_the_selection() {
    let line = "--need eip=4 -o json --region us-east-1 --select tag:Project=demo --select name=xyz \
                --protect stack=demo/live --older-than 1h --profile dev";
    // Of addresses AWS tells no age: what has none would be no leftover by --older-than.
    let mut inventory = recorded();
    for resource in inventory.resources.values_mut() {
        resource.created = Some("2026-01-01T00:00:00Z".parse().unwrap());
    }
    let world = World { limits: young(), inventory: Some(inventory), ..World::default() };
    let ended = Call::new(world).run(&format!("quota {line}"));
    assert_eq!(ended.exit, Exit::Short, "{}", ended.err);
    let remedy = json(&ended)["remedy"].clone();
    let argv: Vec<&str> = remedy["argv"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(
        argv,
        [
            "aws-janitor",
            "apply",
            "--select",
            "tag:Project=demo,stack=demo/a1",
            "--select",
            "name=xyz,stack=demo/a1",
            "--protect",
            "stack=demo/live",
            "--older-than",
            "1h",
            "--profile",
            "dev",
            "--region",
            "us-east-1",
        ]
    );
    assert_eq!(remedy["stacks"], serde_json::json!(["demo/a1"]));
}

#[test]
fn carrying_the_command_out_makes_room() {
    let fake = Fake::new(World { limits: young(), ..World::default() });
    let need = format!("quota --need eip=4 -o json {SELECT}");
    let short = Call::on(fake.clone()).run(&need);
    assert_eq!(short.exit, Exit::Short, "{}", short.err);
    let document = json(&short);
    let argv: Vec<&str> = document["remedy"]["argv"]
        .as_array()
        .unwrap()
        .iter()
        .skip(1)
        .map(|it| it.as_str().unwrap())
        .collect();
    let applied = Call::on(fake.clone()).words(&[argv, vec!["--yes"]].concat());
    assert_eq!(applied.exit, Exit::Done, "{}{}", applied.out, applied.err);
    let fits = Call::on(fake).run(&need);
    assert_eq!(fits.exit, Exit::Done, "{}{}", fits.out, fits.err);
}

#[test]
fn quota_changes_nothing() {
    let ended = quota(&format!("--need eip=4 {SELECT}"));
    assert_eq!(ended.fake.changes(), [""; 0]);
}

#[test]
fn the_same_report_can_be_made_offline() {
    let call = call(young());
    let save = |name: &str, line: &str| {
        let path = call.path(name);
        std::fs::write(&path, call.run(line).out).unwrap();
        path
    };
    let scan = save("scan.json", &format!("scan -o json {SELECT}"));
    let quotas = save("quotas.json", &format!("quota -o json {SELECT}"));
    let online = call.run(&format!("quota --need eip=4 -o json {SELECT}"));
    let select = SELECT.replace("--region us-east-1", "");
    let fake = Fake::new(World::default());
    let offline = Call::on(fake)
        .run(&format!("quota --need eip=4 -o json --inventory {scan} --quotas {quotas} {select}"));
    assert_eq!(offline.exit, Exit::Short, "{}", offline.err);
    assert_eq!(offline.fake.calls(), [""; 0]);
    assert_eq!(json(&offline)["quotas"], json(&online)["quotas"]);
}

#[test]
fn offline_answers_for_the_region_that_is_named_or_not_at_all() {
    let call = call(young());
    let save = |name: &str, line: &str| {
        let path = call.path(name);
        std::fs::write(&path, call.run(line).out).unwrap();
        path
    };
    let scan = save("scan.json", "scan -o json --region us-east-1");
    let quotas = save("quotas.json", "quota -o json --region us-east-1");
    let offline = |more: &str| call.run(&format!("quota --inventory {scan} --quotas {quotas} {more}"));
    assert_eq!(offline("--need eip=1").exit, Exit::Done);
    assert_eq!(offline("--need eip=1 --region us-east-1").exit, Exit::Done);
    let other = offline("--need eip=1 --region eu-west-1");
    assert_eq!(other.exit, Exit::Usage, "{}", other.out);
    assert!(other.err.contains("the saved scan is of us-east-1 and not of eu-west-1"), "{}", other.err);
}

#[test]
fn what_aws_counted_before_the_scan_hides_nothing_that_the_scan_counts() {
    let mut told = young();
    told.used.insert((Region::new("us-east-1"), "eip".to_owned()), 0);
    let call = call(told);
    let save = |name: &str, text: String| {
        let path = call.path(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let scan = save("scan.json", call.run("scan -o json --region us-east-1").out);
    let report = call.run("quota -o json --region us-east-1").out;
    let offline = |report: String| {
        let quotas = save("quotas.json", report);
        call.run(&format!("quota --inventory {scan} --quotas {quotas} --need eip=3"))
    };
    let fits = offline(report.clone());
    assert_eq!(fits.exit, Exit::Done, "AWS's own count: {}", fits.out);
    let mut earlier: Value = serde_json::from_str(&report).unwrap();
    earlier["taken"] = "2020-01-01T00:00:00Z".into();
    let short = offline(earlier.to_string());
    assert_eq!(short.exit, Exit::Short, "{}", short.out);
    assert!(short.err.contains("is older than the scan"), "{}", short.err);
}

#[test]
fn offline_asks_for_both_files_of_one_account() {
    let call = call(young());
    let scan = call.path("scan.json");
    std::fs::write(&scan, call.run(&format!("scan -o json {SELECT}")).out).unwrap();
    assert_eq!(call.run(&format!("quota --inventory {scan}")).exit, Exit::Usage);
    let quotas = call.path("quotas.json");
    let other = call.run(&format!("quota -o json {SELECT}")).out.replace("123456789012", "999999999999");
    std::fs::write(&quotas, other).unwrap();
    let ended = call.run(&format!("quota --inventory {scan} --quotas {quotas}"));
    assert_eq!(ended.exit, Exit::Error, "{}", ended.out);
    assert!(ended.err.contains("account 999999999999"), "{}", ended.err);
    std::fs::write(&quotas, "{}").unwrap();
    assert_eq!(call.run(&format!("quota --inventory {scan} --quotas {quotas}")).exit, Exit::Error);
}

#[test]
fn each_line_and_each_row_is_one_quota_in_one_place() {
    let lines = quota("-o jsonl --region us-east-1").out;
    let names: BTreeMap<String, usize> = lines.lines().fold(BTreeMap::new(), |mut names, line| {
        let line: Value = serde_json::from_str(line).unwrap();
        *names.entry(line["name"].as_str().unwrap().to_owned()).or_default() += 1;
        names
    });
    let counted: BTreeSet<&str> = CATALOG.quotas().map(|(_, quota)| quota.name).collect();
    assert!(names.keys().all(|name| counted.contains(name.as_str())), "{names:?}");
    assert_eq!((names["eip"], names["nat-gateway"], names["vpc"]), (1, 1, 1));
    let rows = quota("-o csv --region us-east-1").out;
    assert_eq!(rows.lines().count(), lines.lines().count() + 1);
}

#[test]
fn the_document_follows_its_schema_whatever_the_answer() {
    for line in ["", "--need eip=1", "--need eip=4", "--need eip=4 --select tag:Project=demo"] {
        let document = json(&quota(&format!("{line} -o json --region us-east-1")));
        crate::documents::follows("quota.json", &document);
        assert_eq!(document["schema"], "aws-janitor/quota/1");
    }
    let unknown = call(Limits::default()).run("quota --need eip=1 -o json --region us-east-1");
    crate::documents::follows("quota.json", &json(&unknown));
}

#[test]
fn a_plan_that_changes_nothing_fits_even_where_no_limit_can_be_read() {
    let nothing = crate::preflight::plan(&[]);
    let call = call(Limits::default());
    let path = call.path("plan.json");
    std::fs::write(&path, nothing).unwrap();
    let ended = call.run(&format!("quota --for {path} --region us-east-1"));
    assert_eq!(ended.exit, Exit::Done, "{}{}", ended.out, ended.err);
    assert!(ended.out.ends_with("It fits: it needs nothing.\n"), "{}", ended.out);
    assert_eq!(call.run("quota --region us-east-1").exit, Exit::Unclear, "without the plan it is unknown");
}

#[test]
fn a_file_that_names_no_region_is_for_that_of_the_environment() {
    const VPC: &str = r#"{"Resources":{"V":{"Type":"AWS::EC2::VPC"}}}"#;
    let read = |call: Call| {
        let path = call.path("template.json");
        std::fs::write(&path, VPC).unwrap();
        [format!("quota --for {path}"), format!("preflight {path} --checks region")]
            .map(|line| call.run(&line))
    };
    for ended in read(call(young())) {
        assert!(ended.err.contains("does not tell in which region"), "{}{}", ended.out, ended.err);
    }
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        for ended in read(call(young()).variable(name, "us-east-1")) {
            assert!(!ended.err.contains("does not tell"), "{}{}", ended.out, ended.err);
            assert_eq!(ended.exit, Exit::Done, "{}{}", ended.out, ended.err);
        }
        let here = Some(Region::new("us-east-1"));
        let world = World { limits: young(), default_region: here, ..World::default() };
        let call = Call::new(world).variable(name, "us-east-1");
        let path = call.path("template.json");
        std::fs::write(&path, VPC).unwrap();
        let ended = call.run(&format!("apply --for {path} --select tag:Project=nobodys --dry-run"));
        assert_eq!(ended.exit, Exit::Done, "{}{}", ended.out, ended.err);
        assert!(ended.err.contains("It fits already"), "{}{}", ended.out, ended.err);
    }
}
