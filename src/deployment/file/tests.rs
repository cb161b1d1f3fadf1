use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::deployment::Alone;

fn with<T>(bytes: &[u8], act: impl Fn(&Input<'_>) -> T) -> T {
    let parameters = BTreeMap::new();
    act(&Input { source: "file", bytes, beside: &Alone, region: None, parameters: &parameters })
}

fn format_of(text: &str) -> Format {
    with(text.as_bytes(), recognise).expect(text)
}

fn found_in(bytes: &[u8]) -> String {
    match with(bytes, read) {
        Err(ReadError::NotAPlan { found }) => found,
        other => panic!("{other:?}"),
    }
}

/// A small file of each format of Terraform and Pulumi, with what makes two items.
fn files() -> Vec<(Format, String)> {
    let eip = |at: usize| {
        json!({"address": format!("aws_eip.nat[{at}]"), "mode": "managed", "type": "aws_eip", "name": "nat",
            "index": at, "change": {"actions": ["create"], "before": null, "after": {"domain": "vpc"},
            "after_unknown": {"id": true}, "after_sensitive": {}}})
    };
    let plan = json!({"format_version": "1.2", "variables": {}, "resource_changes": [eip(0), eip(1)],
        "configuration": {"root_module": {}}, "complete": true, "errored": false});
    let line = |at: usize| {
        json!({"@level": "info", "@message": "", "@module": "terraform.ui", "type": "planned_change",
            "change": {"action": "create", "resource": {"addr": format!("aws_eip.nat[{at}]"),
            "resource": "", "resource_type": "aws_eip"}}})
    };
    let end = json!({"@level": "info", "@message": "", "@module": "terraform.ui", "type": "change_summary",
        "changes": {"add": 2, "operation": "plan"}});
    let log = [line(0), line(1), end].map(|line| format!("{line}\n")).concat();
    let step = |at: usize| {
        let urn = format!("urn:pulumi:dev::shop::aws:ec2/eip:Eip::nat-{at}");
        json!({"op": "create", "urn": urn, "newState": {"urn": urn, "custom": true, "inputs": {"domain": "vpc"}}})
    };
    let preview =
        json!({"config": {}, "steps": [step(0), step(1)], "duration": 1, "changeSummary": {"create": 2}});
    let event = |at: usize| {
        let step = step(at);
        let metadata = json!({"op": step["op"], "urn": step["urn"], "new": step["newState"]});
        json!({"sequence": at, "timestamp": 1, "resourcePreEvent": {"planning": true, "metadata": metadata}})
    };
    let summary = json!({"sequence": 2, "timestamp": 1, "summaryEvent": {"maybeCorrupt": false}});
    let events = [event(0), event(1), summary].map(|line| format!("{line}\n")).concat();
    vec![
        (Format::TerraformPlan, plan.to_string()),
        (Format::TerraformLog, log),
        (Format::PulumiPreview, format!("{preview:#}\n")),
        (Format::PulumiEvents, events),
    ]
}

#[test]
fn each_format_is_recognised_and_read() {
    for (format, text) in files() {
        let deployment = with(text.as_bytes(), read).expect("a whole file");
        assert_eq!((deployment.format, deployment.items.len()), (format, 2));
    }
}

#[test]
fn the_other_formats_are_recognised_by_the_names_at_their_top() {
    for (text, format) in [
        (r#"{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}"#, Format::CloudFormationTemplate),
        (r#"{"Resources": {"A": {"Type": "AWS::EC2::VPC"}}}"#, Format::CloudFormationTemplate),
        ("# comment\nResources:\n  A:\n    Type: AWS::EC2::VPC\n", Format::CloudFormationTemplate),
        ("---\r\n\"Resources\": \r\n  A: !Ref B\r\n", Format::CloudFormationTemplate),
        (r#"{"Changes": [], "ChangeSetName": "c", "StackName": "s"}"#, Format::CloudFormationChangeSet),
        (r#"{"version": "36.0.0", "artifacts": {}}"#, Format::CdkOut),
        (r#"{"changeSummary": {}, "duration": 1}"#, Format::PulumiPreview),
    ] {
        assert_eq!(format_of(text), format, "{text}");
    }
}

#[test]
fn what_is_no_plan_is_named_for_what_it_is() {
    for (text, expected) in [
        ("", "empty"),
        (" \n\t", "empty"),
        ("<!DOCTYPE html><html>", "an HTML page"),
        ("PK\u{3}\u{4}rest", "binary form"),
        ("[1, 2]", "a JSON list"),
        ("[command]/usr/bin/terraform show\n{\"format_version\": \"1.2\"}", "JSON further down"),
        ("Previewing update (dev)\n", "preview as people read it"),
        ("Terraform will perform the following actions:\n", "plan as people read it"),
        ("resource \"aws_vpc\" \"a\" {\n}\n", "a Terraform configuration"),
        ("provider \"registry.terraform.io/hashicorp/aws\" {\n}\n", "lock file"),
        ("name: shop\nruntime: nodejs\nconfig:\n  aws:region: x\n", "a Pulumi project file"),
        ("config:\n  aws:region: eu-west-1\n", "stack's configuration"),
        ("apiVersion: v1\nkind: Pod\n", "a Kubernetes manifest"),
        ("a: b\n", "YAML without `Resources`"),
        ("just text", "text"),
        (
            r#"{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x"}"#,
            "a Terraform state",
        ),
        (r#"{"format_version": "1.0", "values": {}}"#, "terraform show -json` prints it"),
        (r#"{"format_version": "1.0"}"#, "a Terraform state"),
        (r#"{"meta": {}, "encrypted_data": "x", "encryption_version": "v0"}"#, "encrypted"),
        (r#"{"version": 3, "deployment": {}}"#, "a Pulumi stack export"),
        (r#"{"version": 3, "checkpoint": {}}"#, "a Pulumi checkpoint"),
        (r#"{"schema": "aws-janitor/scan/1", "resources": []}"#, "an aws-janitor document (scan)"),
        (r#"{"TemplateBody": {"Resources": {}}}"#, "get-template"),
        (r#"{"version": "tree-0.1", "tree": {}}"#, "construct tree"),
        ("{}", "JSON without anything of a plan"),
        (r#"{"a": "#, "JSON that ends in the middle"),
        ("{hunter2}", "no JSON"),
        ("{\n\"a\": hunter2}", "broken at line 2, column 6"),
    ] {
        let found = found_in(text.as_bytes());
        assert!(found.contains(expected), "{text}: {found}");
        assert!(!found.contains("hunter2"));
    }
    assert!(found_in(&[0x1F, 0x8B, 8, 0]).contains("compressed"));
    assert!(found_in(&[b'a', 0, 1]).contains("not text"));
    assert!(found_in(&[b'a', 0xFF]).contains("not text"));
}

#[test]
fn every_encoding_of_a_shell_is_read() {
    for (format, text) in files() {
        let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        let units = || text.encode_utf16();
        let little: Vec<u8> = [0xFF, 0xFE].into_iter().chain(units().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> = [0xFE, 0xFF].into_iter().chain(units().flat_map(u16::to_be_bytes)).collect();
        let unmarked: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        for bytes in [marked, little.clone(), big, unmarked] {
            assert_eq!(with(&bytes, recognise), Ok(format));
            assert_eq!(with(&bytes, read).expect("a whole file").items.len(), 2);
        }
        let cut = &little[..little.len() - 1];
        assert!(with(cut, read).is_err(), "half a letter");
    }
}

#[test]
fn what_follows_a_document_makes_it_broken() {
    let (format, plan) = files().remove(0);
    let error = with(format!("{plan}\nDone!").as_bytes(), read).expect_err("more");
    assert!(matches!(error, ReadError::Broken { .. }), "{error}");
    assert!(error.to_string().contains(format.title()));
    let twice = with(format!("{plan}\n{plan}").as_bytes(), read);
    assert!(matches!(twice, Err(ReadError::Broken { .. })), "two plans are not one");
}

#[test]
fn a_file_cut_short_anywhere_is_never_read_as_less() {
    for (format, text) in files() {
        let whole = with(text.as_bytes(), read).expect("a whole file");
        for end in 0..text.trim_end().len() {
            match with(&text.as_bytes()[..end], read) {
                Ok(part) => assert_eq!(part, whole, "{} cut at {end}", format.title()),
                Err(ReadError::Truncated { .. } | ReadError::NotAPlan { .. }) => {}
                Err(other) => panic!("{} cut at {end}: {other}", format.title()),
            }
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_at_all_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = with(&bytes, read);
    }

    #[test]
    fn a_file_with_a_byte_changed_is_read_or_refused(at in 0_usize..600, byte in any::<u8>(), of in 0_usize..4) {
        let mut bytes = files().swap_remove(of).1.into_bytes();
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        let _ = with(&bytes, read);
    }
}
