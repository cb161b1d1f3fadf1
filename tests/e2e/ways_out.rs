//! Ways out of a network that hold its VPC without an interface: found, ordered, and gone with it.
//! What lives and what is gone the AWS itself tells.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot go on is a failed test")]

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

/// An active connection between these VPCs, tagged like the stack.
async fn peering(ec2: &aws_sdk_ec2::Client, from: &str, to: &str) -> String {
    let call = ec2.create_vpc_peering_connection().vpc_id(from).peer_vpc_id(to);
    let call = call.tag_specifications(tags(ResourceType::VpcPeeringConnection, "ways-out"));
    let made = call.send().await.unwrap();
    let id = made.vpc_peering_connection().unwrap().vpc_peering_connection_id().unwrap().to_owned();
    for _ in 0..600 {
        // Refused while AWS is still looking at the request; accepted twice does no harm.
        drop(ec2.accept_vpc_peering_connection().vpc_peering_connection_id(&id).send().await);
        let seen =
            ec2.describe_vpc_peering_connections().vpc_peering_connection_ids(&id).send().await.unwrap();
        if format!("{:?}", seen.vpc_peering_connections()[0].status()).contains("Active") {
            return id;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{id} does not become active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peering_between_networks_that_go_goes_before_both() {
    let (sandbox, endpoint) = world().await;
    let ec2 = aws_sdk_ec2::Client::new(&endpoint.sdk().await);
    let one = vpc(&ec2, "10.90.0.0/16", "ways-out").await;
    let other = vpc(&ec2, "10.91.0.0/16", "ways-out").await;
    let joined = peering(&ec2, &one, &other).await;
    assert!(ec2.delete_vpc().vpc_id(&one).send().await.is_err(), "AWS keeps a VPC that is joined");
    let seen = sandbox.world().calls.len();

    endpoint.run(&["apply", "--select", STACK, "--yes"]).await.expect(0);

    let calls = sandbox.world().calls.split_off(seen);
    assert_eq!(refused_for_order(&calls), Vec::<String>::new());
    let left = standing(&sandbox);
    assert!([&one, &other, &joined].iter().all(|id| !left.contains(*id)), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peering_with_a_network_that_stays_keeps_its_vpc_and_is_named() {
    let (sandbox, endpoint) = world().await;
    let ec2 = aws_sdk_ec2::Client::new(&endpoint.sdk().await);
    let failed = vpc(&ec2, "10.90.0.0/16", "ways-out").await;
    let living = vpc(&ec2, "10.91.0.0/16", "live").await;
    let joined = peering(&ec2, &failed, &living).await;
    let seen = sandbox.world().calls.len();

    let end = endpoint.run(&["apply", "--select", STACK, "--yes"]).await;

    let changed = sandbox.world().calls.split_off(seen).into_iter().filter(|call| call.mutating).count();
    assert_eq!(changed, 0, "{end:?}");
    let left = standing(&sandbox);
    assert!([&failed, &living, &joined].iter().all(|id| left.contains(*id)), "{left:?}");
    let plan = endpoint.run(&["plan", "--select", STACK]).await;
    assert!(plan.out.contains(&joined), "{plan:?}");
}
