//! Folders and buckets of states: every state is read, and whatever is in the way of that keeps everything.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::*;
use crate::model::{AccountId, StateClaims};

/// Files in memory; one without bytes cannot be read.
#[derive(Default)]
struct Files(BTreeMap<String, Option<Vec<u8>>>);

impl Place for Files {
    fn names(&self) -> Result<BTreeSet<String>, String> {
        if self.0.contains_key("forbidden") {
            return Err("AccessDenied".to_owned());
        }
        Ok(self.0.keys().cloned().collect())
    }

    fn file(&self, name: &str) -> Result<Vec<u8>, String> {
        self.0.get(name).cloned().flatten().ok_or_else(|| "AccessDenied".to_owned())
    }
}

fn found(files: &[(&str, &str)]) -> Vec<StateClaims> {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), Some(text.as_bytes().to_vec())));
    claims_in("live", &Files(files.collect()), None)
}

/// The sources of what was read, each with what is in its way.
fn told(found: &[StateClaims]) -> Vec<(&str, Option<&str>)> {
    found.iter().map(|it| (it.source.as_str(), it.unread.as_deref())).collect()
}

fn terraform(id: &str) -> String {
    json!({"version": 4, "serial": 1, "resources": [{"mode": "managed", "type": "aws_vpc", "name": "a",
        "instances": [{"attributes": {"id": id, "arn": format!("arn:aws:ec2:us-east-1:1:vpc/{id}")}}]}]})
    .to_string()
}

fn pulumi(id: &str) -> String {
    json!({"version": 3, "checkpoint": {"stack": "organization/shop/dev", "latest": {"resources": [
        {"urn": "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::a", "custom": true, "id": id, "type": "aws:ec2/vpc:Vpc"}]}}})
    .to_string()
}

const LOCK: &str =
    r#"{"ID":"3c58","Operation":"OperationTypeApply","Who":"ann@host","Created":"2026-11-21T19:55:14Z"}"#;
const PULUMI_LOCK: &str =
    r#"{"pid":7,"username":"ann","hostname":"host","timestamp":"2026-11-21T19:55:14Z"}"#;

#[test]
fn every_workspace_of_a_folder_is_read_and_what_is_no_state_is_not() {
    let old = json!({"version": 3, "backend": {"type": "local"}}).to_string();
    let found = found(&[
        ("terraform.tfstate", &terraform("vpc-00000001")),
        ("terraform.tfstate.d/a1/terraform.tfstate", &terraform("vpc-00000002")),
        ("env:/b2/network", &terraform("vpc-00000003")),
        ("terraform.tfstate.backup", "{\"version\": 4, \"serial\""),
        ("terraform.tfstate.d/a1/terraform.tfstate.backup", "broken"),
        (".terraform/terraform.tfstate", &old),
        (".terraform/providers/aws", "{\"version\": 4, \"lineage\""),
        ("main.tf", "{\"lineage\""),
        ("tsconfig.json", "{ // comments\n}"),
        ("package.json", "{\"name\": \"shop\"}"),
        ("empty", ""),
    ]);
    assert_eq!(
        told(&found),
        [
            ("live/env:/b2/network", None),
            ("live/terraform.tfstate", None),
            ("live/terraform.tfstate.d/a1/terraform.tfstate", None),
        ]
    );
    let stacks: Vec<_> = found.iter().map(|it| it.stack.as_deref()).collect();
    assert_eq!(stacks, [Some("b2"), None, Some("a1")]);
    assert!(found.iter().all(|it| it.owned.len() == 1));
}

#[test]
fn whatever_is_in_the_way_of_a_state_keeps_everything() {
    let good = terraform("vpc-00000001");
    let remote = json!({"version": 3, "backend": {"type": "s3", "config": {"bucket": "x"}}}).to_string();
    let sealed = json!({"meta": {}, "encrypted_data": "x", "encryption_version": "v0"}).to_string();
    for (name, text, why) in [
        ("b.tfstate", "", "empty"),
        ("b.tfstate", "PK", "no JSON object"),
        ("b.tfstate", &good[..40], "cut short"),
        ("b.tfstate", "{}", "without anything of a state"),
        ("b.tfstate", &sealed, "encrypted"),
        ("network", &sealed, "encrypted"),
        ("network", "{\"version\": 5, \"serial\": 1}", "version 5"),
        ("network", "{\"version\": 4, \"terraform_version\": \"1", "cut short"),
        (".pulumi/stacks/.DS_Store", "x", ""),
        ("a.tfstate.tflock", LOCK, "locked by ann@host"),
        (".a.tfstate.lock.info", "", "locked by somebody"),
        // The first apply was killed: there is no state yet.
        ("c.tfstate.tflock", LOCK, "locked by ann@host"),
        (".terraform/terraform.tfstate", &remote, "lies in its backend s3"),
        (".terraform/terraform.tfstate", "{", "cannot be read"),
        (".pulumi/stacks/shop/dev.json", "", "empty"),
        (".pulumi/stacks/shop/dev.json", "{}", "without anything of a state"),
        (".pulumi/locks/organization/shop/dev/0a.json", PULUMI_LOCK, "locked by ann@host"),
        (".pulumi/locks/organization/shop/dev/0a.json", "{", "locked by somebody"),
    ] {
        let found = found(&[("a.tfstate", &good), (name, text)]);
        let unread: Vec<_> = found.iter().filter_map(|it| it.unread.as_deref()).collect();
        if why.is_empty() {
            assert!(unread.is_empty(), "{name}: {unread:?}");
        } else {
            assert!(unread.len() == 1 && unread[0].contains(why), "{name} {text:?}: {unread:?}");
        }
        assert!(found.iter().any(|it| it.owned.len() == 1), "{name}: the other one is read");
    }
    for nothing in [&[][..], &[("main.tf", "")], &[(".pulumi/meta.yaml", "version: 1")]] {
        assert_eq!(told(&found(nothing)), [("live", Some("no state lies there"))]);
    }
    let listed = found(&[("forbidden", "")]);
    assert_eq!(told(&listed), [("live", Some("its files cannot be listed: AccessDenied"))]);
    for name in ["a.tfstate", "network"] {
        let files = Files([(name.to_owned(), None)].into());
        let source = format!("live/{name}");
        let found = claims_in("live/", &files, None);
        assert_eq!(told(&found), [(source.as_str(), Some("it cannot be read: AccessDenied"))]);
    }
    let lock = Files(
        [("a.tfstate".to_owned(), Some(good.into_bytes())), ("a.tfstate.tflock".to_owned(), None)].into(),
    );
    assert!(claims_in("live", &lock, None)[0].unread.is_some(), "a lock that cannot be read is one");
}

#[test]
fn a_state_of_another_account_among_ours_keeps_everything() {
    let files = [("a.tfstate", terraform("vpc-00000001").replace(":1:", ":123456789012:"))];
    let files = Files(files.map(|(name, text)| (name.to_owned(), Some(text.into_bytes()))).into());
    let of = |account: &str| claims_in("live", &files, Some(&AccountId::new(account))).remove(0).unread;
    assert_eq!(of("123456789012"), None);
    assert!(of("999999999999").is_some());
}

#[test]
fn a_backend_of_pulumis_own_tells_stacks_locks_and_failed_runs() {
    let run = |result: &str| json!({"kind": "update", "result": result, "startTime": 1}).to_string();
    let history =
        |stack: &str, time: u64| format!(".pulumi/history/shop/{stack}/{stack}-{time}.history.json");
    let files: Vec<(String, String)> = vec![
        (".pulumi/meta.yaml".into(), "version: 1".into()),
        (".pulumi/stacks/shop/dev.json".into(), pulumi("vpc-00000001")),
        (".pulumi/stacks/shop/dev.json.bak".into(), "broken".into()),
        (".pulumi/stacks/shop/test.json.gz".into(), pulumi("vpc-00000002")),
        (".pulumi/backups/shop/dev/dev.1.json".into(), "broken".into()),
        (".pulumi/history/shop/dev/dev-2.checkpoint.json".into(), "broken".into()),
        (history("dev", 1), run("succeeded")),
        (history("dev", 2), run("failed")),
        (history("test", 1), run("failed")),
        (history("test", 2), run("succeeded")),
        (".pulumi/locks/organization/shop/test/0a1b.json".into(), PULUMI_LOCK.into()),
    ];
    let with = |more: &[(String, String)]| {
        let all: Vec<_> =
            files.iter().chain(more).map(|(name, text)| (name.as_str(), text.as_str())).collect();
        found(&all)
    };
    let all = with(&[]);
    let lock = "it is locked by ann@host since 2026-11-21 19:55:14Z: somebody may be at work";
    let expected =
        [("live/.pulumi/stacks/shop/dev.json", None), ("live/.pulumi/stacks/shop/test.json.gz", Some(lock))];
    assert_eq!(told(&all), expected);
    assert_eq!(all.iter().map(|it| it.failed).collect::<Vec<_>>(), [true, false]);
    assert!(all.iter().all(|it| it.owned.len() == 1));
    let running = with(&[(history("dev", 3), run("in-progress"))]);
    assert!(running[0].unread.as_ref().is_some_and(|why| why.contains("has not ended")));
}

#[test]
fn only_what_may_tell_of_a_state_is_fetched() {
    for name in [
        "a.tfstate",
        "network",
        "b/export.json",
        "a.tflock",
        ".pulumi/stacks/dev.json",
        ".terraform/terraform.tfstate",
    ] {
        assert!(wanted(name), "{name}");
    }
    for name in [
        "main.tf",
        ".git/HEAD",
        ".terraform/providers/x",
        "a.tfstate.backup",
        ".pulumi/backups/dev/dev.1.json",
    ] {
        assert!(!wanted(name), "{name}");
    }
}
