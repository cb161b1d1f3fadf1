//! Ways out of a network that hold its VPC without an interface: found, ordered, and gone with it.
//! What lives and what is gone the AWS itself tells.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on is a failed test")]

use std::collections::BTreeSet;

use aws_janitor_sandbox::{Sandbox, SimClock, World};
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use jiff::Timestamp;

use crate::program::{ACCOUNT, Endpoint, refused_for_order, serve};

/// What selects the networks that these tests make.
const STACK: &str = "tag:Project=shop,tag:EnvironmentSuffix=ways-out";

async fn world() -> (Sandbox, Endpoint) {
    let clock = SimClock::new(Timestamp::now(), 400.0);
    serve(World::new(ACCOUNT, clock)).await
}

fn tags(of: ResourceType, suffix: &str) -> TagSpecification {
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    TagSpecification::builder()
        .resource_type(of)
        .tags(tag("Project", "shop"))
        .tags(tag("EnvironmentSuffix", suffix))
        .build()
}

async fn vpc(ec2: &aws_sdk_ec2::Client, cidr: &str, suffix: &str) -> String {
    let call = ec2.create_vpc().cidr_block(cidr).tag_specifications(tags(ResourceType::Vpc, suffix));
    call.send().await.unwrap().vpc().unwrap().vpc_id().unwrap().to_owned()
}

/// The ids that stand, by AWS's own books.
fn standing(sandbox: &Sandbox) -> BTreeSet<String> {
    sandbox.inventory().into_iter().map(|it| it.id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_egress_only_gateway_goes_with_its_vpc_and_before_it() {
    let (sandbox, endpoint) = world().await;
    let ec2 = aws_sdk_ec2::Client::new(&endpoint.sdk().await);
    let vpc = vpc(&ec2, "10.90.0.0/16", "ways-out").await;
    let made = ec2.create_egress_only_internet_gateway().vpc_id(&vpc).send().await.unwrap();
    let gateway = made.egress_only_internet_gateway().unwrap().egress_only_internet_gateway_id().unwrap();
    assert!(ec2.delete_vpc().vpc_id(&vpc).send().await.is_err(), "AWS lets nobody delete the VPC before it");
    let seen = sandbox.world().calls.len();

    endpoint.run(&["apply", "--select", STACK, "--yes"]).await.expect(0);

    let calls = sandbox.world().calls.split_off(seen);
    assert_eq!(refused_for_order(&calls), Vec::<String>::new());
    let left = standing(&sandbox);
    assert!(!left.contains(gateway) && !left.contains(&vpc), "{gateway} or {vpc} is left");
}
