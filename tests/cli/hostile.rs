//! What strangers write (files, names, tags, errors, arguments) commands neither the terminal nor the log nor
//! the runner of a CI system, whatever message quotes it.

use std::collections::BTreeMap;

use aws_janitor::cli::Exit;
use aws_janitor::model::ErrorClass;
use serde_json::{Value, json};

use crate::fake::{World, error, gap, recorded};
use crate::{Call, Ended};

/// C0, DEL, C1, what turns the direction of writing, and the ends of lines and paragraphs. Written down anew, so
/// that a slip in the program's own list is seen.
fn controls() -> Vec<char> {
    let ranges = [
        0..=0x1f_u32,
        0x7f..=0x9f,
        0x61c..=0x61c,
        0x200e..=0x200f,
        0x2028..=0x2029,
        0x202a..=0x202e,
        0x2066..=0x2069,
    ];
    ranges.into_iter().flatten().filter_map(char::from_u32).collect()
}

/// What is told of, whenever the input is quoted.
const MARK: &str = "pwned";

/// Texts that hold each of them, one by one and all together.
fn texts() -> Vec<String> {
    let all: String = controls().iter().map(|letter| format!("{letter}x")).collect();
    let one =
        controls().into_iter().map(|letter| format!("a{letter}::stop-commands::{MARK}##[error]{letter}"));
    let escapes = format!("\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\r\n \t::stop-commands::{MARK}");
    one.chain([format!("{all}\n::stop-commands::{MARK}"), escapes]).collect()
}

/// Nothing is printed that would be obeyed, and the input was quoted.
#[track_caller]
fn harmless(ended: &Ended, what: &str) {
    for (stream, text) in [("stdout", &ended.out), ("stderr", &ended.err)] {
        // A row of CSV ends with CR and LF.
        let text = text.replace("\r\n", "\n");
        for letter in controls().into_iter().filter(|letter| *letter != '\n') {
            assert!(!text.contains(letter), "{what}: {letter:?} on {stream}: {text:?}");
        }
        for line in text.lines().map(str::trim_start) {
            assert!(!line.starts_with("::stop"), "{what}: a command on {stream}: {text:?}");
        }
        assert!(!text.contains("##["), "{what}: a command on {stream}: {text:?}");
    }
}

#[track_caller]
fn quoted(ended: &Ended, what: &str) {
    harmless(ended, what);
    let told = format!("{}{}", ended.out, ended.err);
    assert!(told.contains(MARK), "{what} quotes nothing: {told:?}");
}

fn call() -> Call {
    Call::new(World::default()).variable("GITHUB_ACTIONS", "true")
}

fn terraform(address: &str, action: &str, after: &Value) -> Value {
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "planned_values": { "root_module": {} },
        "resource_changes": [{
            "address": address, "mode": "managed", "type": "aws_vpc", "name": "a",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": { "actions": [action], "before": null, "after": after, "after_unknown": {} },
        }],
    })
}

/// Files of every deployment format with the text where its errors quote it.
fn deployments(text: &str) -> Vec<(&'static str, String)> {
    let pulumi = |op: &str, region: &str, urn: &str| {
        let urn = format!("urn:pulumi:d::p::aws:ec2/vpc:Vpc::{urn}");
        json!({
            "config": { "aws:region": region },
            "steps": [{ "op": op, "urn": urn,
                "newState": { "type": "aws:ec2/vpc:Vpc", "urn": urn, "custom": true, "inputs": {} } }],
        })
    };
    let vpc = json!({ "Type": "AWS::EC2::VPC", "Condition": text });
    vec![
        ("an unknown action", terraform("aws_vpc.a", text, &json!({})).to_string()),
        ("an address without a region", terraform(text, "create", &json!({})).to_string()),
        ("an unknown step", pulumi(text, "us-east-1", "e").to_string()),
        ("a step without a region", pulumi("create", "", text).to_string()),
        ("an unknown condition", json!({ "Resources": { "V": vpc } }).to_string()),
        (
            "a resource without a region",
            json!({ "Resources": { text: { "Type": "AWS::EC2::VPC" } } }).to_string(),
        ),
        (
            "a change set that failed",
            json!({ "StackName": text, "ChangeSetName": text, "Status": text, "StatusReason": text,
                "Changes": [], "ChangeSetId": "arn:aws:cloudformation:us-east-1:111122223333:changeSet/c/x" })
            .to_string(),
        ),
        ("a newer plan", json!({ "format_version": text, "resource_changes": [] }).to_string()),
    ]
}

#[test]
fn no_deployment_file_commands_through_an_error() {
    let mut quoting = BTreeMap::<&str, usize>::new();
    for text in texts() {
        for (what, file) in deployments(&text) {
            for command in ["quota --for", "preflight"] {
                let call = call();
                let path = call.path("plan.json");
                std::fs::write(&path, &file).unwrap();
                let ended = call.run(&format!("{command} {path}"));
                harmless(&ended, what);
                *quoting.entry(what).or_default() += usize::from(ended.err.contains(MARK));
            }
        }
    }
    for what in ["an address without a region", "an unknown condition"] {
        assert!(quoting[what] > 0, "{what} is quoted nowhere, so that nothing is tried: {quoting:?}");
    }
}

#[test]
fn no_finding_of_a_preflight_commands_in_any_format() {
    for text in texts() {
        let after = json!({ "cidr_block": text, "tags": { text.clone(): text } });
        let file = terraform(&text, "create", &after).to_string();
        for format in ["table", "json", "markdown", "junit"] {
            let call = call();
            let path = call.path("plan.json");
            std::fs::write(&path, &file).unwrap();
            harmless(&call.run(&format!("preflight {path} --region us-east-1 -o {format}")), format);
        }
    }
}

#[test]
fn no_policy_plan_scan_or_journal_commands_through_an_error() {
    for text in texts() {
        let quote = |text: &str| Value::from(text).to_string();
        let files = [
            (format!("{} = 1\n", toml_text(&text)), "scan --region us-east-1 --policy FILE"),
            (format!("select = [{}]\n", toml_text(&text)), "scan --region us-east-1 --policy FILE"),
            (format!("older-than = {}\n", toml_text(&text)), "scan --region us-east-1 --policy FILE"),
            (format!("{{\"schema\": {}}}", quote(&text)), "show FILE"),
            (format!("{{\"schema\": {}}}", quote(&text)), "apply FILE --yes"),
            (format!("{{\"schema\": {}}}", quote(&text)), "plan --inventory FILE"),
            (format!("{{\"schema\": {}}}\n", quote(&text)), "apply --resume FILE --yes"),
            (format!("{{\"schema\": \"aws-janitor/plan/2\", {}: 1}}", quote(&text)), "show FILE"),
            (text.clone(), "show FILE"),
            (text.clone(), "apply --resume FILE --yes"),
            (text.clone(), "scan --region us-east-1 --policy FILE"),
        ];
        for (file, line) in files {
            let call = call();
            let path = call.path("file");
            std::fs::write(&path, &file).unwrap();
            let ended = call.run(&line.replace("FILE", &path));
            assert_ne!(ended.exit, Exit::Done, "{line}: {}", ended.out);
            harmless(&ended, line);
        }
    }
}

/// A text of TOML, each character by its number.
fn toml_text(text: &str) -> String {
    let letters: String = text.chars().map(|letter| format!("\\u{:04x}", u32::from(letter))).collect();
    format!("\"{letters}\"")
}

#[test]
fn no_argument_commands() {
    for text in texts() {
        let lines: [&[&str]; 12] = [
            &[&text],
            &["scan", &format!("--{text}")],
            &["scan", "--region", &text],
            &["scan", "--region", "us-east-1", "--select", &text],
            &["scan", "--region", "us-east-1", "--older-than", &text],
            &["quota", "--region", "us-east-1", "--need", &text],
            &["quota", "--region", "us-east-1", "--need", &format!("{text}=1")],
            &["quota", "--for", &text],
            &["quota", "--for", &text, "--parameter", &text],
            &["explain", "--region", "us-east-1", &text],
            &["man", &text],
            &["show", &text],
        ];
        for line in lines {
            let ended = call().words(line);
            assert_ne!(ended.exit, Exit::Done, "{line:?}: {}", ended.out);
            harmless(&ended, &format!("{line:?}"));
        }
        quoted(&call().words(&["man", &text]), "an unknown page");
        quoted(&call().words(&["show", &text]), "a file that is not there");
    }
}

#[cfg(unix)]
#[test]
fn no_file_name_commands() {
    for text in texts() {
        let name = text.replace(['\0', '/'], "_");
        let call = call();
        let path = call.path(&name);
        std::fs::write(&path, terraform("aws_vpc.a", "create", &json!({})).to_string()).unwrap();
        quoted(&call.words(&["quota", "--for", &path]), "a plan without a region");
        harmless(&call.words(&["preflight", &path, "--region", "us-east-1"]), "a source of findings");
        quoted(&call.words(&["show", &path]), "no plan of ours");
        let saved = call.path(&format!("saved-{name}"));
        harmless(&call.words(&["plan", "--region", "us-east-1", "--out", &saved]), "where a plan is saved");
    }
}

#[test]
fn no_name_tag_or_error_of_the_account_commands_in_any_report() {
    for text in texts().into_iter().rev().take(2) {
        let world = || {
            let mut inventory = recorded();
            for resource in inventory.resources.values_mut() {
                resource.name = Some(text.clone());
                resource.tags.insert("Project".to_owned(), text.clone());
            }
            inventory.caller.alias = Some(text.clone());
            inventory.gaps.insert(gap("volume", &text));
            World { inventory: Some(inventory), ..World::default() }
        };
        for line in [
            "scan -v",
            "scan -o tree",
            "scan -o json",
            "scan -o jsonl",
            "scan -o csv",
            "scan -o markdown",
            "plan -v",
            "plan -o tree",
            "plan -o json",
            "plan -o jsonl",
            "plan -o csv",
            "plan -o markdown",
            "graph -o dot",
            "graph -o mermaid",
            "graph -o svg",
            "quota",
            "quota -o json",
            "quota -o csv",
            "quota -o markdown",
            "explain vpc-a1",
            "apply --dry-run -o jsonl",
        ] {
            let line = format!("{line} --region us-east-1");
            harmless(&Call::new(world()).variable("GITHUB_ACTIONS", "true").run(&line), &line);
        }
        let denied =
            World { caller_error: Some(error(ErrorClass::Denied, &text, &text)), ..World::default() };
        quoted(&Call::new(denied).run("scan --region us-east-1"), "an error of AWS");
    }
}
