//! What is kept of attributes that nobody asks for: where an unresolved output stands in them.

use super::*;

const TO_STRING: &str = "Calling [toString] on an [Output<T>] is not supported.";

fn of(change: Raw) -> Deployment {
    let changes = json!([{
        "address": "aws_sqs_queue.q", "mode": "managed", "type": "aws_sqs_queue", "name": "q",
        "provider_name": "registry.terraform.io/hashicorp/aws", "change": change,
    }]);
    read_raw(&json!({"format_version": "1.2", "resource_changes": changes})).unwrap()
}

#[test]
fn an_unresolved_output_leaves_a_trace_in_an_attribute_that_is_dropped() {
    let policy = format!("hunter2 {TO_STRING}");
    let block = json!([{"sns_topic": TO_STRING, "other": "hunter2"}]);
    let deployment =
        of(made(json!({"policy": policy, "notification": block, "kms_key": "hunter2"}), json!({})));
    let queue = &item_of(&deployment, "aws_sqs_queue.q").properties;
    assert_eq!(queue.at("policy").as_text(), Some("Calling [toString] on an [Output<T>]"));
    assert_eq!(queue.at("notification.sns_topic").as_text(), queue.at("policy").as_text());
    assert_eq!(queue.entries().count(), 2, "nothing else is kept: {queue:?}");
    assert_eq!(queue.at("notification.other"), &Value::Null);
}

#[test]
fn what_is_sensitive_or_unknown_leaves_none() {
    let mut change =
        made(json!({"policy": TO_STRING, "description": TO_STRING}), json!({"description": true}));
    change["after_sensitive"] = json!({"policy": true});
    let deployment = of(change);
    assert!(item_of(&deployment, "aws_sqs_queue.q").properties.is_empty());
}
