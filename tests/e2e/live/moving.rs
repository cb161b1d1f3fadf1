//! The account goes on living while the program is at work (table M): while the prompt waits, during the run, and
//! between a kill and its resume.

use std::time::Duration;

use aws_janitor_sandbox::faults::Damage;
use aws_janitor_sandbox::{Counted, World};
use serde_json::json;

use super::stage::{A1, DAY, FAILED, FINANCE, HOME, Network, Role, Scene, Spare, Stage, Tags, map};
use super::terminal::Terminal;
use crate::gates::{make, text};
use crate::program::{ACCOUNT, Ended, until};

const SELECT: [&str; 2] = ["--select", FAILED];
const GREEN: Tags<'static> = &[("Project", "shop"), ("EnvironmentSuffix", "green")];

/// The failed stack, with a cluster that takes its time to go and the roles of it.
struct Failed {
    network: Network,
    spare: Spare,
    plane: Role,
    node: Role,
}

fn failed(stage: &mut Stage) -> Failed {
    stage.ago(3 * DAY);
    let network = stage.network(1, A1);
    let spare = stage.spare(A1);
    let (plane, node) = stage.eks_roles("shop-a1", A1);
    stage.cluster("shop-a1", &plane, &[&network.public, &network.private], A1);
    Failed { network, spare, plane, node }
}

/// A cluster of the green stack's on the failed one's role, in a network of its own.
fn green_takes(world: &mut World, plane: &str) {
    let mut ec2 = |action: &str, params: Tags<'_>| world.call("ec2", HOME, action, params).unwrap();
    let vpc = text(&ec2("CreateVpc", &[("CidrBlock", "10.8.0.0/16")]), "vpcId");
    let mut subnet = |cidr: &str, zone: &str| {
        let params = [("VpcId", vpc.as_str()), ("CidrBlock", cidr), ("AvailabilityZone", zone)];
        text(&ec2("CreateSubnet", &params), "subnetId")
    };
    let subnets = [subnet("10.8.0.0/24", "us-east-1a"), subnet("10.8.1.0/24", "us-east-1b")];
    let input = json!({
        "name": "green", "roleArn": plane, "resourcesVpcConfig": { "subnetIds": subnets }, "tags": map(GREEN),
    });
    world.call_json("eks", HOME, "CreateCluster", input).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m1_a_network_protected_after_the_second_call_is_not_touched_any_more() {
    let mut stage = Stage::new();
    let Failed { network, spare, node, .. } = failed(&mut stage);
    let scene = stage.open().await;
    let vpc = network.vpc.clone();
    scene.sandbox.world().before_call(Counted::Changing, 3, move |world| {
        let params = [("ResourceId.1", vpc.as_str()), ("Tag.1.Key", "keep"), ("Tag.1.Value", "yes")];
        world.call("ec2", HOME, "CreateTags", &params).unwrap();
    });
    let ended = scene.apply(&[&SELECT[..], &["--protect", "tag:keep"]].concat()).await.expect(3);
    // What was called before it was protected is on its way; all that comes after a look stands.
    scene.stand(&[&network.vpc, &network.public, &network.private, &network.gateway]);
    scene.are_gone(&spare.all());
    scene.are_gone(&[&node.name]);
    assert!(
        ended.out.contains("--protect tag:keep") || ended.err.contains("--protect tag:keep"),
        "{ended:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m2_what_comes_to_life_while_the_prompt_waits_is_seen_after_consent() {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    let network = stage.network(1, A1);
    let beside = stage.network(2, A1);
    let spare = stage.spare(A1);
    let role = stage.role("shop-a1-node-role", "ec2.amazonaws.com", A1);
    stage.profile("shop-a1-node", &role, A1);
    let theirs = stage.network(7, GREEN);
    let scene = stage.open().await;
    let args = [&["apply", "--region", HOME], &SELECT[..]].concat();
    let mut terminal = Terminal::open(scene.endpoint.command(&args)).await;
    terminal.wait_for("Type the account id").await;
    // Somebody's machine starts with the profile, and somebody's routes in the network lead through its gateway.
    let params = [
        ("ImageId", "ami-0c0ffee0c0ffee012"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("SubnetId", theirs.private.as_str()),
        ("IamInstanceProfile.Name", "shop-a1-node"),
        ("TagSpecification.1.ResourceType", "instance"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "blue"),
    ];
    let machine = text(&make(&scene.sandbox, "ec2", "RunInstances", &params), "instanceId");
    let params = [
        ("VpcId", network.vpc.as_str()),
        ("TagSpecification.1.ResourceType", "route-table"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "blue"),
    ];
    let table = text(&make(&scene.sandbox, "ec2", "CreateRouteTable", &params), "routeTableId");
    let params = [
        ("RouteTableId", table.as_str()),
        ("DestinationCidrBlock", "0.0.0.0/0"),
        ("NatGatewayId", &network.nat),
    ];
    make(&scene.sandbox, "ec2", "CreateRoute", &params);
    terminal.types(ACCOUNT).await;
    let (code, shown) = terminal.end().await;
    assert_eq!(code, 3, "{shown}");
    scene.stand(&[&machine, &table, &role.name, "shop-a1-node"]);
    scene.stand(&network.all());
    scene.are_gone(&beside.all());
    scene.are_gone(&spare.all());
    let (asked, told) = (shown.find("Type the account id").unwrap(), shown.find(&table).unwrap_or(0));
    assert!(told > asked && shown.contains(&machine), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m3_a_role_that_another_stacks_new_cluster_takes_during_the_run_stays() {
    let mut stage = Stage::new();
    let Failed { network, spare, plane, node } = failed(&mut stage);
    let scene = stage.open().await;
    let arn = plane.arn.clone();
    // The role waits for the failed cluster's end.
    scene.sandbox.world().before_call(Counted::Changing, 2, move |world| green_takes(world, &arn));
    let ended = scene.apply(&SELECT).await.expect(3);
    scene.stand(&[&plane.name, "green"]);
    let attached = scene.sandbox.world().iam.roles[&plane.name].attached.len();
    assert_eq!(attached, 1, "its policies stay attached");
    scene.are_gone(&network.all());
    scene.are_gone(&["shop-a1", &node.name]);
    scene.are_gone(&spare.all());
    let told = format!("{}{}", ended.out, ended.err);
    assert!(told.contains(&plane.name) && told.contains("green"), "{told}");
}

/// Runs `apply` with these arguments, and kills it as soon as a changing call of this action was carried out.
async fn killed_after(scene: &Scene, args: &[&str], action: &str) {
    let mut child = scene.endpoint.command(args).spawn().unwrap();
    let done = || {
        let world = scene.sandbox.world();
        world.calls.iter().any(|call| call.mutating && call.refused.is_none() && call.action == action)
    };
    assert!(until(Duration::from_millis(2), done).await, "no {action}");
    child.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m4_a_redeploy_under_the_same_names_between_kill_and_resume_keeps_what_it_uses() {
    let mut stage = Stage::new();
    let Failed { network, spare, plane, node } = failed(&mut stage);
    let scene = stage.open().await;
    let args = [&["apply", "--yes", "--region", HOME], &SELECT[..]].concat();
    killed_after(&scene, &args, "DeleteCluster").await;
    {
        let mut world = scene.sandbox.world();
        world.clock.skip(20 * Duration::from_secs(60));
        world.settle();
        assert!(world.region(HOME).eks.clusters.is_empty(), "the failed cluster is gone by now");
        let subnets = [&network.public, &network.private];
        let input = json!({
            "name": "shop-a1", "roleArn": plane.arn, "resourcesVpcConfig": { "subnetIds": subnets },
            "tags": map(A1),
        });
        world.call_json("eks", HOME, "CreateCluster", input).unwrap();
        world.clock.skip(20 * Duration::from_secs(60));
        world.settle();
        let input = json!({
            "clusterName": "shop-a1", "nodegroupName": "workers", "nodeRole": node.arn,
            "subnets": [network.private], "tags": map(A1),
        });
        world.call_json("eks", HOME, "CreateNodegroup", input).unwrap();
        world.clock.skip(30 * Duration::from_secs(60));
        world.settle();
    }
    // Not as if nothing had happened: it shows what is left, and asks.
    let ended = scene.endpoint.run(&["apply", "--resume", "--region", HOME]).await.expect(4);
    assert!(ended.err.contains("nobody agreed"), "{ended:?}");
    let ended = scene.endpoint.run(&["apply", "--resume", "--region", HOME, "--yes"]).await.expect(3);
    scene.stand(&["shop-a1", "shop-a1/workers", &plane.name, &node.name]);
    scene.stand(&[&network.vpc, &network.public, &network.private, &network.gateway]);
    assert!(ended.err.contains("left out: "), "{ended:?}");
    // The failed cluster went before; the stack of its name lives now, and all that bears its tags is that one's.
    scene.stand(&[&spare.address]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m5_a_machine_that_the_list_leaves_out_and_its_interface_names_keeps_the_network() {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    let network = stage.network(1, A1);
    let beside = stage.network(2, A1);
    let spare = stage.spare(A1);
    let machine = stage.instance(&network.private, FINANCE, &[]);
    let scene = stage.open().await;
    for damage in [Damage::LeavesOut(machine.clone()), Damage::Empty] {
        let listing = ("ec2:DescribeInstances".to_owned(), damage);
        scene.sandbox.world().faults.listings = [listing].into();
        let told = scene.told(&SELECT).await;
        for id in network.all() {
            assert!(["uncertain", "active"].contains(&told.verdict(id)), "{id}: {}", told.evidence(id));
        }
        let failed = told.0["coverage"]["failed"].to_string();
        assert!(failed.contains(&machine), "{failed}");
        // What else that list left out nobody knows: so all networks stay, until it is whole again.
        let ended = scene.apply(&SELECT).await;
        assert!(matches!(ended.code, Some(3 | 6)), "{ended:?}");
        scene.stand(&network.all());
        scene.stand(&beside.all());
        scene.stand(&[&machine]);
    }
    scene.sandbox.world().faults.listings.clear();
    scene.apply(&SELECT).await.expect(3);
    scene.stand(&network.all());
    scene.stand(&[&machine]);
    scene.are_gone(&beside.all());
    scene.are_gone(&spare.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m6_what_was_left_out_before_the_kill_is_still_named_after_the_resume() {
    let mut stage = Stage::new();
    let Failed { network, spare, plane, node } = failed(&mut stage);
    let scene = stage.open().await;
    let file = scene.endpoint.file("plan.json");
    scene.plan(&[&SELECT[..], &["--out", &file]].concat()).await;
    let params = [("ResourceId.1", spare.address.as_str()), ("Tag.1.Key", "team"), ("Tag.1.Value", "blue")];
    make(&scene.sandbox, "ec2", "CreateTags", &params);
    killed_after(&scene, &["apply", &file, "--yes"], "DeleteCluster").await;
    let ended: Ended = scene.endpoint.run(&["apply", "--resume", "--yes"]).await.expect(3);
    scene.stand(&[&spare.address]);
    scene.are_gone(&network.all());
    scene.are_gone(&["shop-a1", &plane.name, &node.name, &spare.role]);
    let told = format!("{}{}", ended.out, ended.err);
    assert!(told.contains(&spare.address) && told.contains("team"), "{told}");
}
