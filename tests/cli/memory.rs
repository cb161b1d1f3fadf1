//! `--memory`: what an earlier scan saw is at least so old, in a file and in a bucket, and nothing is remembered of
//! another account.

use aws_janitor::cli::Exit;
use serde_json::Value;

use crate::fake::{World, recorded};
use crate::{Call, SELECT};

const VPC: &str = "vpc-0a1000000000000001";

fn world() -> World {
    World { inventory: Some(recorded()), ..World::default() }
}

/// The store with every first sight put back to this moment.
fn since(text: &str, when: &str) -> String {
    let mut memory: Value = serde_json::from_str(text).unwrap();
    for sight in memory["seen"].as_object_mut().unwrap().values_mut() {
        sight["first"] = when.into();
    }
    memory.to_string()
}

#[test]
fn what_was_seen_long_ago_is_old_and_what_is_seen_for_the_first_time_is_not() {
    let call = Call::new(world());
    let path = call.path("memory.json");
    let line = format!("plan -o json {SELECT} --older-than 3d --memory {path}");
    let first = call.run(&line);
    assert!(!first.out.contains("DeleteVpc"), "{}", first.out);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(VPC), "{text}");
    std::fs::write(&path, since(&text, "2026-01-01T00:00:00Z")).unwrap();
    let later = Call::new(world()).run(&line);
    assert!(later.out.contains("DeleteVpc"), "{}{}", later.out, later.err);
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept.contains("2026-01-01"), "the first sight stays the first");
}

#[test]
fn a_memory_in_a_bucket_is_one_object_and_a_dry_run_writes_none() {
    let call = Call::new(world());
    let ended = call.run(&format!("apply --dry-run {SELECT} --memory s3://ours/janitor/seen.json"));
    assert_eq!(ended.exit, Exit::Done, "{}", ended.err);
    assert!(!call.fake.calls().contains(&"replace".to_owned()));
    call.run(&format!("scan {SELECT} --memory s3://ours/janitor/seen.json"));
    assert!(call.fake.calls().contains(&"replace".to_owned()));
    let wrong = call.run(&format!("scan {SELECT} --memory s3://ours"));
    assert_eq!(wrong.exit, Exit::Usage, "{}", wrong.err);
}

#[test]
fn a_memory_of_another_account_or_of_another_form_is_refused_and_not_overwritten() {
    for text in [r#"{"schema": "aws-janitor/memory/1", "account": "999999999999", "seen": {}}"#, "[]", ""] {
        let call = Call::new(world());
        let path = call.path("memory.json");
        std::fs::write(&path, text).unwrap();
        let ended = call.run(&format!("apply --yes {SELECT} --memory {path}"));
        assert_eq!(ended.exit, Exit::Usage, "{text}: {}", ended.err);
        assert!(ended.err.contains("cannot be used") && call.fake.changes().is_empty(), "{}", ended.err);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}
