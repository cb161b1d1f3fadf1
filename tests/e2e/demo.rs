//! `demo` as a newcomer runs it: the program as a process, and the embedded AWS inside of it.

use crate::program::Endpoint;

/// What the story says, in its order.
const STORY: [&str; 17] = [
    "1. The third attempt at the stack `shop` asks for an Elastic IP, and is refused",
    "ec2:AllocateAddress: AddressLimitExceeded: ",
    "2. What is there: aws-janitor scan",
    "Scan: 71 orphans, 0 uncertain, 71 kept",
    "3. Would the third attempt fit? aws-janitor quota --need eip=3,vpc=1",
    "It does not fit.",
    "4. What would go, and when: aws-janitor plan",
    "Plan: 44 to delete, 17 to cut, 0 blocked",
    "5. It goes: aws-janitor apply",
    "Run: 69 deleted, 17 cut, 0 failed, 0 left",
    "6. The third attempt asks again",
    "It fits.",
    "ec2:AllocateAddress: here you are",
    "7. What was to stay has stayed",
    "71 resources that were no orphans: all still there",
    "61 calls that change something, refused for their order: 0",
    "Try it yourself:",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_tells_its_story_to_the_end_without_an_account_or_a_network() {
    // Nothing listens there, and no credentials are given: whatever left the process would fail.
    let endpoint = Endpoint::new("http://127.0.0.1:9".to_owned(), 1.0);
    let mut command = endpoint.command(&["demo", "--speed", "400"]);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_JANITOR_CLOCK_SPEED"] {
        command.env_remove(name);
    }
    let output = command.output().await.unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let all = format!("{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{all}");
    let mut rest = told.as_str();
    for line in STORY {
        let (_, after) = rest.split_once(line).unwrap_or_else(|| panic!("no `{line}` in its place:\n{all}"));
        rest = after;
    }
}
