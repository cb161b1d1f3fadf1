//! States of deployment tools, against the embedded AWS: what a state owns stands afterwards, whatever was selected,
//! and the rest of the leftovers goes. What stands is told by AWS's own books.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on is a failed test")]

use std::collections::BTreeSet;

use aws_janitor_sandbox::{Sandbox, Thing, scenario};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::program::{ATTEMPTS, Endpoint, mutating, serve};
use crate::standing::{shares, standing};

/// How Terraform calls what AWS's tagging API calls so; what has no type here the state knows by its id alone.
const TYPES: [(&str, &str); 8] = [
    ("ec2:elastic-ip", "aws_eip"),
    ("ec2:natgateway", "aws_nat_gateway"),
    ("ec2:vpc", "aws_vpc"),
    ("ec2:subnet", "aws_subnet"),
    ("ec2:internet-gateway", "aws_internet_gateway"),
    ("ec2:security-group", "aws_security_group"),
    ("eks:cluster", "aws_eks_cluster"),
    ("iam:role", "aws_iam_role"),
];

async fn story() -> (Sandbox, Endpoint) {
    serve(scenario::build("failed-eks", 400.0, Timestamp::now()).unwrap()).await
}

/// Writes the state that owns these.
fn write<'a>(endpoint: &Endpoint, owned: impl Iterator<Item = &'a Thing>) -> String {
    let resources: Vec<Value> = owned
        .map(|thing| {
            let known = TYPES.iter().find(|(kind, _)| *kind == thing.kind).map(|(_, type_name)| *type_name);
            json!({"mode": "managed", "type": known.unwrap_or("aws_something"), "name": "it",
                   "provider": "provider[\"aws\"]", "instances": [{"attributes": {"id": thing.id}}]})
        })
        .collect();
    let state = json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "outputs": {},
                       "resources": resources});
    let path = endpoint.file("shop.tfstate");
    std::fs::write(&path, state.to_string()).unwrap();
    path
}

/// Whether a name or a tag says that a thing is of this attempt.
fn is_of(thing: &Thing, attempt: &str) -> bool {
    let said = thing.tags.iter().flat_map(|(key, value)| [key, value]).chain([&thing.id]);
    said.into_iter().any(|text| text.contains(attempt))
}

fn lines<'a>(things: impl Iterator<Item = &'a Thing>) -> BTreeSet<String> {
    things.map(|thing| format!("{} {}", thing.kind, thing.id)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_state_owns_of_one_attempt_stands_and_the_other_attempt_goes() {
    let (sandbox, endpoint) = story().await;
    let things = sandbox.inventory();
    let first: Vec<&Thing> = things.iter().filter(|thing| is_of(thing, "attempt-1")).collect();
    let second = lines(things.iter().filter(|thing| is_of(thing, "attempt-2")));
    assert!(first.len() > 10 && second.len() > 10);
    let state = write(&endpoint, first.iter().copied());
    let ended = endpoint.run(&["apply", "--select", ATTEMPTS, "--state", &state, "--yes"]).await.expect(3);
    let after = standing(&sandbox);
    let lost: Vec<String> = lines(first.iter().copied()).difference(&after).cloned().collect();
    assert!(lost.is_empty(), "{lost:?} was the state's: {}", ended.err);
    let left: BTreeSet<&String> = second.intersection(&after).collect();
    let data = |line: &&String| line.starts_with("logs:") || line.starts_with("ec2:volume");
    assert!(left.iter().all(data), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_state_knows_whole_is_nobodys_leftover_and_a_lost_state_keeps_nothing() {
    let (sandbox, endpoint) = story().await;
    let things = sandbox.inventory();
    let state = write(&endpoint, things.iter().filter(|thing| is_of(thing, "attempt-")));
    let apply = ["apply", "--select", ATTEMPTS, "--state", &state, "--yes"];
    let before = sandbox.world().calls.len();
    let ended = endpoint.run(&apply).await;
    assert!(mutating(&sandbox.world().calls[before..]).is_empty(), "{}", ended.err);
    // Nobody can read it, so that it may own anything.
    std::fs::write(&state, r#"{"encrypted_data": "x", "encryption_version": "v0"}"#).unwrap();
    endpoint.run(&apply).await.expect(6);
    assert!(mutating(&sandbox.world().calls[before..]).is_empty());
    // It was made anew, and knows of nothing.
    let shares = shares(&sandbox);
    write(&endpoint, std::iter::empty());
    endpoint.run(&apply).await.expect(0);
    let after = standing(&sandbox);
    assert!(shares.of_attempts.is_disjoint(&after), "{:?}", shares.of_attempts.intersection(&after));
    assert!(shares.of_others.is_subset(&after));
}
