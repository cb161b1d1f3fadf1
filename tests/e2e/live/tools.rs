//! What machines and networks are given to work with, and lie in no network: it stays while something living names it,
//! whatever tags it wears, and goes after what failed with it.

use serde_json::json;

use crate::gates::text;

use super::stage::{A1, DAY, FAILED, FINANCE, LIVE, MINUTE, Network, Role, Stage, Tags, map};

const SELECT: [&str; 2] = ["--select", FAILED];

/// The failed stack's account, three days before its end.
fn failed() -> Stage {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    stage
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_set_of_dhcp_options_goes_after_its_vpc_and_stays_while_a_living_one_uses_it() {
    let mut stage = failed();
    let spare = stage.spare(A1);
    let (dead, living) = (stage.vpc(1, A1), stage.vpc(2, LIVE));
    let domain = [("DhcpConfiguration.1.Key", "domain-name"), ("DhcpConfiguration.1.Value.1", "shop.test")];
    let set = |stage: &mut Stage| stage.make("CreateDhcpOptions", &domain, A1, "dhcpOptionsId");
    let (own, shared, unused) = (set(&mut stage), set(&mut stage), set(&mut stage));
    let untagged = stage.make("CreateDhcpOptions", &domain, &[], "dhcpOptionsId");
    // A tool that adopts the region's own set tags it like its own.
    let default = text(&stage.ec2("DescribeVpcs", &[("VpcId.1", &dead)]), "dhcpOptionsId");
    A1.iter().for_each(|tag| stage.tag(&default, *tag));
    for (vpc, set) in [(&dead, &own), (&living, &shared)] {
        stage.ec2("AssociateDhcpOptions", &[("VpcId", vpc), ("DhcpOptionsId", set)]);
    }
    let scene = stage.open().await;
    let told = scene.told(&SELECT).await;
    told.orphans(&[&own, &unused, &dead]);
    told.says(&shared, "active", "user", &[&living]);
    told.says(&default, "protected", "guard", &["default set"]);
    // Who may not read VPCs does not know which use one.
    scene.sandbox.world().faults.denied.insert("ec2:DescribeVpcs".to_owned());
    scene.apply(&SELECT).await;
    scene.stand(&[&own, &shared, &unused, &default, &dead, &living]);
    scene.sandbox.world().faults.denied.clear();
    scene.apply(&SELECT).await.expect(3);
    scene.stand(&[&shared, &untagged, &default, &living]);
    scene.are_gone(&[&own, &unused, &dead]);
    scene.are_gone(&spare.all());
}

/// A machine of this network that was stopped: it can be started again.
fn stopped(stage: &mut Stage, subnet: &str, tags: Tags<'_>, more: Tags<'_>) -> String {
    let id = stage.instance(subnet, tags, more);
    stage.ec2("StopInstances", &[("InstanceId.1", &id)]);
    stage.pass(5 * MINUTE);
    id
}

/// A launch template that holds this.
fn template(stage: &mut Stage, name: &str, tags: Tags<'_>, data: (&str, &str)) -> String {
    let params = [("LaunchTemplateName", name), ("LaunchTemplateData.ImageId", "ami-1"), data];
    stage.make("CreateLaunchTemplate", &params, tags, "launchTemplateId")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_pair_goes_unless_a_machine_a_template_or_a_node_group_that_stays_names_it() {
    let mut stage = failed();
    let spare = stage.spare(A1);
    let pair =
        |stage: &mut Stage, name: &str| stage.make("CreateKeyPair", &[("KeyName", name)], A1, "keyPairId");
    let [own, unused, of_machine, of_template] =
        ["a1-own", "a1-unused", "a1-machine", "a1-template"].map(|name| pair(&mut stage, name));
    let other = stage.make("CreateKeyPair", &[("KeyName", "live-own")], LIVE, "keyPairId");
    let (dead, living) = (stage.network(1, A1), stage.network(2, LIVE));
    let failed = stopped(&mut stage, &dead.private, A1, &[("KeyName", "a1-own")]);
    let machine = stopped(&mut stage, &living.private, LIVE, &[("KeyName", "a1-machine")]);
    let held = template(&mut stage, "live", LIVE, ("LaunchTemplateData.KeyName", "a1-template"));
    let scene = stage.open().await;
    let told = scene.told(&SELECT).await;
    told.says("a1-machine", "active", "user", &[&machine]);
    told.says("a1-template", "active", "user", &[&held]);
    // Who may not read machines does not know whose it is.
    scene.sandbox.world().faults.denied.insert("ec2:DescribeInstances".to_owned());
    scene.apply(&SELECT).await;
    scene.stand(&[&own, &unused, &of_machine, &of_template, &other]);
    scene.sandbox.world().faults.denied.clear();
    scene.apply(&["--select", FAILED, "--abandoned=shop/a1"]).await;
    scene.stand(&[&of_machine, &of_template, &other, &machine, &held]);
    scene.are_gone(&[&own, &unused, &failed, &dead.vpc]);
    scene.are_gone(&spare.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_placement_group_goes_after_its_machines_and_stays_with_one_that_stays() {
    let mut stage = failed();
    let spare = stage.spare(A1);
    let group = |stage: &mut Stage, name: &str| {
        stage.make("CreatePlacementGroup", &[("GroupName", name)], A1, "groupId")
    };
    let [own, unused, of_machine, of_template] =
        ["a1-own", "a1-unused", "a1-machine", "a1-template"].map(|name| group(&mut stage, name));
    let (dead, living) = (stage.network(1, A1), stage.network(2, LIVE));
    let failed = stopped(&mut stage, &dead.private, A1, &[("Placement.GroupName", "a1-own")]);
    let machine = stopped(&mut stage, &living.private, LIVE, &[("Placement.GroupName", "a1-machine")]);
    let held = template(&mut stage, "live", LIVE, ("LaunchTemplateData.Placement.GroupId", &of_template));
    let scene = stage.open().await;
    let told = scene.told(&SELECT).await;
    told.says("a1-machine", "active", "user", &[&machine]);
    told.says("a1-template", "active", "user", &[&held]);
    scene.apply(&["--select", FAILED, "--abandoned=shop/a1"]).await;
    scene.stand(&[&of_machine, &of_template, &machine, &held]);
    scene.are_gone(&[&own, &unused, &failed, &dead.vpc]);
    scene.are_gone(&spare.all());
}

/// A flow log that writes into this group as this role.
fn flow_log(stage: &mut Stage, vpc: &str, group: &str, role: &Role, tags: Tags<'_>) -> String {
    let params = [
        ("ResourceType", "VPC"),
        ("ResourceId.1", vpc),
        ("LogGroupName", group),
        ("DeliverLogsPermissionArn", &role.arn),
        ("TrafficType", "ALL"),
    ];
    let id = text(&stage.ec2("CreateFlowLogs", &params), "item");
    tags.iter().for_each(|tag| stage.tag(&id, *tag));
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flow_log_keeps_its_role_and_its_log_group_and_no_network() {
    let mut stage = failed();
    let spare = stage.spare(A1);
    let (dead, living) = (stage.network(1, A1), stage.network(2, LIVE));
    let role = |stage: &mut Stage, name: &str| stage.role(name, "vpc-flow-logs.amazonaws.com", A1);
    let [own, used, security] = ["a1-role", "a1-lent", "a1-security"].map(|name| role(&mut stage, name));
    for name in ["a1-own", "a1-used"] {
        stage.json("logs", "CreateLogGroup", json!({ "logGroupName": name, "tags": map(A1) }));
    }
    let going = flow_log(&mut stage, &dead.vpc, "a1-own", &own, A1);
    let watching = flow_log(&mut stage, &living.vpc, "a1-used", &used, LIVE);
    // Of another team, upon the failed network: it keeps what it works with, and not the network.
    flow_log(&mut stage, &dead.vpc, "finance", &security, FINANCE);
    let scene = stage.open().await;
    let told = scene.told(&SELECT).await;
    told.orphans(&[&going, &dead.vpc, &own.name]);
    told.says(&used.name, "active", "user", &[&watching]);
    told.says("a1-used", "active", "user", &[&watching]);
    // Who may not read flow logs does not know whose role it is; the network goes all the same.
    scene.sandbox.world().faults.denied.insert("ec2:DescribeFlowLogs".to_owned());
    let told = scene.told(&SELECT).await;
    told.says(&own.name, "uncertain", "users-unseen", &["flow-log"]);
    told.orphans(&[&dead.vpc]);
    scene.sandbox.world().faults.denied.clear();
    scene.apply(&["--select", FAILED, "--with-data", "log-group"]).await.expect(3);
    scene.stand(&[&watching, &used.name, "a1-used", &living.vpc, &security.name]);
    scene.are_gone(&[&going, &own.name, "a1-own", &dead.vpc]);
    scene.are_gone(&spare.all());
}

/// A cluster of this stack's that lets one role in, and whose pods work as another one.
fn lets_in(stage: &mut Stage, name: &str, network: &Network, tags: Tags<'_>, roles: [&Role; 2]) {
    let (role, _) = stage.eks_roles(name, tags);
    stage.cluster(name, &role, &[&network.public, &network.private], tags);
    stage.json("eks", "CreateAccessEntry", json!({ "clusterName": name, "principalArn": roles[0].arn }));
    let association = json!({
        "clusterName": name, "namespace": "apps", "serviceAccount": "export", "roleArn": roles[1].arn,
    });
    stage.json("eks", "CreatePodIdentityAssociation", association);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_a_living_cluster_lets_in_and_as_what_its_pods_work_stays() {
    const SELECT: [&str; 3] = ["--select", FAILED, "--abandoned=shop/a1"];
    let mut stage = failed();
    let spare = stage.spare(A1);
    let (dead, living) = (stage.network(1, A1), stage.network(2, LIVE));
    let [ci, own_ci] = ["a1-ci", "a1-own-ci"].map(|name| stage.role(name, "codebuild.amazonaws.com", A1));
    let [pods, own_pods] =
        ["a1-pods", "a1-own-pods"].map(|name| stage.role(name, "pods.eks.amazonaws.com", A1));
    lets_in(&mut stage, "a1", &dead, A1, [&own_ci, &own_pods]);
    lets_in(&mut stage, "live", &living, LIVE, [&ci, &pods]);
    let scene = stage.open().await;
    let told = scene.told(&SELECT).await;
    told.orphans(&[&own_ci.name, &own_pods.name, "a1"]);
    told.says(&ci.name, "active", "user", &["live"]);
    told.says(&pods.name, "active", "user", &["live"]);
    // Who may not read either does not know whose they are.
    for (call, kind, hidden) in [
        ("eks:ListAccessEntries", "eks-access-entry", &ci.name),
        ("eks:DescribePodIdentityAssociation", "eks-pod-identity-association", &pods.name),
    ] {
        scene.sandbox.world().faults.denied.insert(call.to_owned());
        let told = scene.told(&SELECT).await;
        told.says(hidden, "uncertain", "users-unseen", &[kind]);
        scene.sandbox.world().faults.denied.clear();
    }
    scene.apply(&SELECT).await.expect(3);
    scene.stand(&[&ci.name, &pods.name, "live", &living.vpc]);
    scene.are_gone(&[&own_ci.name, &own_pods.name, "a1", &dead.vpc]);
    scene.are_gone(&spare.all());
}
