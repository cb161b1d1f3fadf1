//! The embedded AWS behind its port.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Duration;

use aws_janitor::cli::Exit;

use crate::{Call, World, run};

/// One request as any client would send it, without a signature that anybody checks.
fn ask(address: &str, action: &str) -> String {
    let body = format!("Action={action}&Version=2016-11-15");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=sandbox/20261121/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_sandbox_serves_until_it_is_asked_to_stop() {
    let (stopper, signal) = aws_janitor::run::stop_signal();
    let mut call = Call::new(World::default());
    call.stop = signal;
    let (tell, told) = mpsc::channel();
    let serving = std::thread::spawn(move || call.watched("sandbox --port 0 --scenario cycle", &tell));
    let exports = told.recv_timeout(Duration::from_secs(20)).unwrap();
    for name in
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION=us-east-1", "AWS_JANITOR_CLOCK_SPEED=60"]
    {
        assert!(exports.contains(&format!("export {name}")), "{exports}");
    }
    let address = exports.split("http://").nth(1).unwrap().lines().next().unwrap();
    let answer = ask(address, "DescribeSecurityGroups");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("<groupName>a</groupName>"), "{answer}");
    assert!(stopper.stop(), "somebody listens");
    assert_eq!(serving.join().unwrap().exit, Exit::Done);
}

#[test]
fn what_a_sandbox_may_have_is_asked_for_by_its_user() {
    let (stopper, signal) = aws_janitor::run::stop_signal();
    let mut call = Call::new(World::default());
    call.stop = signal;
    let (tell, told) = mpsc::channel();
    let line = "sandbox --port 0 --scenario empty --quota vpc=2";
    let serving = std::thread::spawn(move || call.watched(line, &tell));
    let exports = told.recv_timeout(Duration::from_secs(20)).unwrap();
    let address = exports.split("http://").nth(1).unwrap().lines().next().unwrap();
    // The default VPC is one.
    let made = ask(address, "CreateVpc&CidrBlock=10.0.0.0/16");
    assert!(made.starts_with("HTTP/1.1 200"), "{made}");
    let refused = ask(address, "CreateVpc&CidrBlock=10.1.0.0/16");
    assert!(refused.contains("VpcLimitExceeded"), "{refused}");
    assert!(stopper.stop(), "somebody listens");
    assert_eq!(serving.join().unwrap().exit, Exit::Done);
}

#[test]
fn a_speed_or_scenario_that_cannot_be_is_a_usage_error() {
    for line in [
        "sandbox --speed 0",
        "sandbox --scenario nonsense",
        "sandbox --port 99999",
        "sandbox --quota vpc",
        "sandbox --quota vpc=-1",
        "sandbox --quota vpcs=5",
        "demo --speed -1",
    ] {
        assert_eq!(run(line).exit, Exit::Usage, "{line}");
    }
}

/// The backend here knows nothing of the embedded AWS, so nothing of the story's leftovers is found.
#[test]
fn a_demo_that_freed_nothing_does_not_claim_to() {
    let ended = run("demo --speed 1000");
    assert_eq!(ended.exit, Exit::Partly, "{}{}", ended.err, ended.out);
    assert_eq!(ended.out.matches("ec2:AllocateAddress: AddressLimitExceeded").count(), 2, "{}", ended.out);
    assert!(ended.out.contains("24 resources that were no orphans: all still there"), "{}", ended.out);
    assert!(ended.out.contains("refused for their order: 0"), "{}", ended.out);
}
