//! The same story on moto: it does not enforce AWS's rules, but nobody here wrote it.
//!
//! `make test` installs it, and what stands there boto3 tells. Never send it EC2's DryRun: it deletes.

use std::process::Stdio;
use std::time::Duration;

use crate::program::{ABANDONED, ATTEMPTS, Endpoint};
use crate::sandbox::told;
use crate::standing::by_boto3;
use crate::story::Parts;
use crate::venv::Venv;

/// moto's server, which also answers the listings that moto lacks: with nothing.
const SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/moto/server.py");

/// moto's server as a child process, on a free port.
pub async fn start(venv: &Venv) -> (tokio::process::Child, Endpoint) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let child = tokio::process::Command::new(&venv.python)
        .args([SERVER, "-H", "127.0.0.1", "-p", &port.to_string()])
        // Without this moto has no AWS-managed policies to attach.
        .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    for _ in 0..300 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            // moto finishes every deletion at once, so waits may be short.
            return (child, Endpoint::new(format!("http://127.0.0.1:{port}"), 100.0));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{} did not start", venv.server.display());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_moto_too_the_attempts_go_and_the_healthy_stack_stays() {
    let venv = Venv::found();
    let (_child, endpoint) = start(&venv).await;
    let (failed, healthy) = told(&endpoint, Parts::WhatMotoFrees).await;
    let before = by_boto3(&venv, &endpoint.url).await;
    for id in failed.iter().chain([&healthy]).flat_map(|made| made.ids.iter().chain(&made.data)) {
        assert!(before.contains(id), "boto3 does not know {id}: {before:?}");
    }
    // The provider and volumes that carry no tag are left, and told.
    let end =
        endpoint.run(&["apply", "--select", ATTEMPTS, ABANDONED, "--yes", "-o", "json"]).await.expect(3);
    let run = end.last_json();
    assert_eq!(run["outcome"], "done", "{run:#}");
    assert_eq!(run["failed"].as_array().map(Vec::len), Some(0), "{run:#}");
    let left = by_boto3(&venv, &endpoint.url).await;
    // moto gives every cluster the same issuer, so the provider of a failed attempt is the healthy
    // cluster's as well: to leave it is right there.
    let gone = |id: &&String| !id.starts_with("iam:oidc-provider ");
    for id in failed.iter().flat_map(|made| &made.ids).filter(gone) {
        assert!(!left.contains(id), "{id} is left; {}", end.err);
    }
    for id in healthy.ids.iter().chain(&healthy.data) {
        assert!(left.contains(id), "{id} of the healthy stack is gone");
    }
}

/// moto answers Service Quotas with HTTP 500, and EC2's account attributes well: the one quota is known, the
/// others are unknown, and nothing fits by mistake.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_moto_a_limit_that_is_not_told_is_unknown_and_the_one_that_ec2_tells_is_known() {
    let venv = Venv::found();
    let (_child, endpoint) = start(&venv).await;
    endpoint.run(&["quota", "--need", "eip=5"]).await.expect(0);
    endpoint.run(&["quota", "--need", "eip=6"]).await.expect(5);
    let report = endpoint.run(&["quota", "--need", "vpc=1", "-o", "json"]).await.expect(6).json();
    let vpc = report["quotas"].as_array().unwrap().iter().find(|it| it["name"] == "vpc").unwrap();
    // The default VPC is there.
    assert_eq!(vpc["used"], 1, "{vpc:#}");
    assert!(vpc["limit"].is_null() && vpc["fits"].is_null(), "{vpc:#}");
}
