//! Living things of others that a failed stack's selection reaches (table L): they stay, with what they need, and
//! the failed stack's own goes all the same.

use std::collections::BTreeSet;

use aws_janitor_sandbox::stores::eks::Nodes;
use serde_json::json;

use super::stage::{
    A1, DAY, FAILED, FINANCE, HOME, LIVE, MINUTE, Network, Role, Scene, Spare, Stage, Tags, touched,
};

/// The failed stack's network, and what nothing concerns, three days old.
fn failed() -> (Stage, Network, Spare) {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    let network = stage.network(1, A1);
    let spare = stage.spare(A1);
    (stage, network, spare)
}

/// Applies the failed stack's selection: what is others' stands with the whole network, the spare is gone.
async fn network_stays(scene: &Scene, network: &Network, others: &[&str], spare: &Spare) {
    let ended = scene.apply(&["--select", FAILED]).await.expect(3);
    scene.stand(&network.all());
    scene.stand(others);
    scene.are_gone(&spare.all());
    assert!(ended.err.contains(&network.vpc) || ended.out.contains(&network.vpc), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l1_an_active_cluster_of_another_team_keeps_the_network_it_runs_in() {
    let (mut stage, network, spare) = failed();
    let ml: Tags<'_> = &[("team", "ml")];
    let (plane, node) = stage.eks_roles("ml", ml);
    stage.cluster("ml", &plane, &[&network.public, &network.private], ml);
    let nodes = stage.nodegroup(("ml", "workers"), &node, &network.private, ml);
    let scene = stage.open().await;
    let others = ["ml", &nodes, &plane.name, &node.name];
    let told = scene.told(&["--select", FAILED]).await;
    told.says("ml", "foreign", "claimed", &["team=ml"]);
    told.keeps_whole(&network, &["eks-cluster ml", "team=ml"]);
    told.orphans(&spare.all());
    network_stays(&scene, &network, &others, &spare).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l2_a_machine_of_a_cluster_that_is_not_of_eks_lives_with_its_cluster() {
    let (mut stage, network, spare) = failed();
    let mark: Tags<'_> = &[("kubernetes.io/cluster/prod-capa", "owned")];
    let machine = stage.instance(&network.private, mark, &[]);
    let scene = stage.open().await;
    let told = scene.told(&["--select", FAILED]).await;
    told.says(&machine, "foreign", "claimed", &["prod-capa"]);
    told.keeps_whole(&network, &[&machine, "kubernetes.io/cluster/prod-capa=owned"]);
    network_stays(&scene, &network, &[&machine], &spare).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_a_machine_with_another_owners_tags_stays_with_the_network() {
    let (mut stage, network, spare) = failed();
    let machine = stage.instance(&network.private, FINANCE, &[]);
    let scene = stage.open().await;
    let told = scene.told(&["--select", FAILED]).await;
    told.says(&machine, "foreign", "claimed", &["tag Environment=production"]);
    told.keeps_whole(&network, &[&machine, "tag Environment=production"]);
    network_stays(&scene, &network, &[&machine], &spare).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l4_whichever_way_it_is_reached_the_answer_is_the_same() {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    let named: Tags<'_> = &[A1, &[("Name", "shop-a1-net")]].concat();
    let network = stage.network(1, named);
    let beside = stage.network(2, named);
    let spare = stage.address(&[A1, &[("Name", "shop-a1-spare")]].concat());
    let machine = stage.instance(&network.private, FINANCE, &[]);
    let scene = stage.open().await;
    let (vpc, other) = (format!("vpc={}", network.vpc), format!("vpc={}", beside.vpc));
    let ways: [&[&str]; 4] = [
        &["--select", FAILED],
        &["--select", "stack=shop/a1"],
        &["--select", "name=shop-a1*"],
        &["--select", &vpc, "--select", &other],
    ];
    for way in ways {
        let told = scene.told(way).await;
        told.says(&machine, "foreign", "claimed", &["tag Environment=production"]);
        told.keeps_whole(&network, &[&machine, "tag Environment=production"]);
        told.orphans(&beside.all());
        let plan = touched(&scene.plan(way).await);
        let kept: BTreeSet<String> =
            network.all().into_iter().chain([machine.as_str()]).map(str::to_owned).collect();
        assert_eq!(plan.intersection(&kept).collect::<Vec<_>>(), Vec::<&String>::new(), "{way:?}");
        assert!(beside.all().iter().all(|id| plan.contains(*id)), "{way:?}: {plan:?}");
    }
    scene.apply(ways[3]).await.expect(3);
    scene.stand(&network.all());
    scene.stand(&[&machine, &spare]);
    scene.are_gone(&beside.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l5_ground_that_a_failed_cluster_marked_stays_others_and_the_cluster_goes() {
    let mut stage = Stage::new();
    stage.ago(20 * DAY);
    let it: Tags<'_> = &[("team", "it")];
    // In one corporate VPC the subnets were marked, and another cluster's mark stands beside; in the other the
    // VPC itself.
    let (corp, whole) = (stage.network(1, it), stage.network(2, it));
    let erp = stage.instance(&corp.private, &[("team", "erp")], &[]);
    let more = stage.instance(&whole.private, &[("team", "erp")], &[]);
    stage.tag(&corp.private, ("kubernetes.io/cluster/corp-prod", "shared"));
    stage.ago(3 * DAY);
    let (plane, node) = stage.eks_roles("shop-a1", A1);
    stage.world.region(HOME).eks.nodes = Nodes::NeverJoin;
    let mut nodes = Vec::new();
    let mut groups = Vec::new();
    for (name, network) in [("shop-a1-one", &corp), ("shop-a1-two", &whole)] {
        stage.cluster(name, &plane, &[&network.public, &network.private], A1);
        nodes.push(stage.nodegroup((name, "workers"), &node, &network.private, A1));
        let mark = format!("kubernetes.io/cluster/{name}");
        let marks: Tags<'_> = &[("elbv2.k8s.aws/cluster", name), ("ingress.k8s.aws/stack", "shop/web")];
        groups.push(stage.group(&network.vpc, &format!("k8s-{name}"), marks));
        let marked = match name {
            "shop-a1-one" => vec![&network.public, &network.private],
            _ => vec![&network.vpc],
        };
        marked.into_iter().for_each(|id| stage.tag(id, (&mark, "owned")));
    }
    let spare = stage.spare(A1);
    let scene = stage.open().await;
    let told = scene.told(&["--select", FAILED]).await;
    for id in [&corp.public, &corp.private, &whole.vpc] {
        let verdict = told.verdict(id);
        assert!(["foreign", "uncertain"].contains(&verdict), "{id} is {verdict}");
    }
    let ended = scene.apply(&["--select", FAILED]).await;
    scene.stand(&corp.all());
    scene.stand(&whole.all());
    scene.stand(&[&erp, &more]);
    scene.are_gone(&["shop-a1-one", "shop-a1-two", &nodes[0], &nodes[1], &plane.name, &node.name]);
    scene.are_gone(&[&groups[0], &groups[1]]);
    scene.are_gone(&spare.all());
    assert!(matches!(ended.code, Some(0 | 3)), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l6_a_machine_elsewhere_that_names_the_failed_cluster_and_its_own_stack_is_its_stacks() {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    let network = stage.network(1, A1);
    let spare = stage.spare(A1);
    let (plane, _) = stage.eks_roles("shop-a1", A1);
    stage.cluster("shop-a1", &plane, &[&network.public, &network.private], A1);
    let erp: Tags<'_> = &[("Project", "erp"), ("EnvironmentSuffix", "prod")];
    let other = stage.network(2, erp);
    let tags: Tags<'_> = &[erp, &[("KubernetesCluster", "shop-a1")]].concat();
    let machine = stage.instance(&other.private, tags, &[]);
    let scene = stage.open().await;
    let told = scene.told(&["--select", FAILED]).await;
    told.says(&machine, "foreign", "not-selected", &["erp/prod"]);
    scene.apply(&["--select", FAILED]).await.expect(0);
    scene.stand(&[&machine]);
    scene.stand(&other.all());
    scene.are_gone(&network.all());
    scene.are_gone(&["shop-a1", &plane.name]);
    scene.are_gone(&spare.all());
}

/// A living stack of the same project as the failed one.
struct Healthy {
    ids: Vec<String>,
    roles: [Role; 2],
}

/// A cluster whose node joined, made three weeks ago.
fn healthy(stage: &mut Stage) -> Healthy {
    stage.ago(20 * DAY);
    let network = stage.network(3, LIVE);
    let (plane, node) = stage.eks_roles("shop-live", LIVE);
    stage.cluster("shop-live", &plane, &[&network.public, &network.private], LIVE);
    let nodes = stage.nodegroup(("shop-live", "workers"), &node, &network.private, LIVE);
    let mut ids: Vec<String> = network.all().into_iter().map(str::to_owned).collect();
    ids.extend(["shop-live".to_owned(), nodes, plane.name.clone(), node.name.clone()]);
    Healthy { ids, roles: [plane, node] }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l7_a_healthy_stack_under_a_wide_selection_is_spared_told_first_and_goes_only_by_name() {
    const WIDE: [&str; 2] = ["--select", "tag:Project=shop"];
    let mut stage = Stage::new();
    let live = healthy(&mut stage);
    stage.ago(3 * DAY);
    let network = stage.network(1, A1);
    let spare = stage.spare(A1);
    stage.ago(5 * MINUTE);
    live.roles.iter().for_each(|role| stage.used_now(role));
    let ids: Vec<&str> = live.ids.iter().map(String::as_str).collect();
    let scene = stage.open().await;
    let told = scene.told(&WIDE).await;
    for id in &ids {
        told.says(id, "active", "lives", &["shop/live"]);
    }
    let stacks = told.0["stacks"].as_array().unwrap();
    let of = |name: &str| stacks.iter().find(|it| it["name"] == name).map(|it| it["verdict"].clone());
    assert_eq!((of("shop/live"), of("shop/a1")), (Some(json!("healthy")), Some(json!("lost"))));
    let plan = scene.endpoint.run(&["plan", "--region", HOME, WIDE[0], WIDE[1]]).await;
    let at = plan.out.find("shop/live lives and is spared");
    assert!(at.is_some_and(|at| at < 200), "{}", plan.out);
    // Named as abandoned it would go, and no line that is printed has that name ready to run.
    let named = [&WIDE[..], &["--abandoned", "shop/live"]].concat();
    let gone = touched(&scene.plan(&named).await);
    assert!(gone.contains("shop-live"), "{gone:?}");
    let ended = scene.apply(&WIDE).await.expect(3);
    let text = format!("{}{}{}{}", plan.out, plan.err, ended.out, ended.err);
    assert!(!text.contains("--abandoned shop/live"), "{text}");
    assert!(text.matches("shop/live lives and is spared").count() > 1, "apply tells it too: {text}");
    scene.stand(&ids);
    scene.are_gone(&network.all());
    scene.are_gone(&spare.all());
    scene.apply(&[&WIDE[..], &["--spare-living"]].concat()).await.expect(0);
    scene.stand(&ids);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l8_no_remedy_for_a_short_quota_is_the_healthy_stack_however_small_it_is() {
    let mut stage = Stage::new();
    stage.ago(20 * DAY);
    // Three things that live, two attempts of many: with the default VPC and a stranger's that is all of five.
    let live = stage.vpc(3, LIVE);
    let subnet = stage.subnet(&live, "10.3.0.0/24", LIVE);
    let machine = stage.instance(&subnet, LIVE, &[]);
    stage.vpc(9, FINANCE);
    stage.ago(3 * DAY);
    let one = stage.network(1, A1);
    let two = stage.network(2, &[("Project", "shop"), ("EnvironmentSuffix", "a2")]);
    let scene = stage.open().await;
    let args = |need: &str| {
        ["quota", "--need", need, "--select", "tag:Project=shop", "--region", HOME, "-o", "json"]
            .map(str::to_owned)
    };
    for (need, stacks) in [("vpc=1", 1), ("vpc=2", 2), ("vpc=3", 0)] {
        let args = args(need);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let ended = scene.endpoint.run(&args).await.expect(5);
        let remedy = ended.json()["remedy"].clone();
        let text = format!("{remedy}{}", ended.err);
        for id in [live.as_str(), &subnet, &machine, "shop/live", "=live"] {
            assert!(!text.contains(id), "{need}: {text}");
        }
        assert_eq!(remedy["stacks"].as_array().map_or(0, Vec::len), stacks, "{need}: {remedy}");
    }
    // What it proposes makes the room that it says, and takes none of what lives.
    let args = args("vpc=2");
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let remedy = scene.endpoint.run(&args).await.expect(5).json()["remedy"].clone();
    let line: Vec<&str> = remedy["argv"].as_array().unwrap().iter().filter_map(|it| it.as_str()).collect();
    assert!(!is_room_for_two(&scene));
    scene.endpoint.run(&[&line[1..], &["--yes"]].concat()).await.expect(0);
    scene.stand(&[&live, &subnet, &machine]);
    scene.are_gone(&one.all());
    scene.are_gone(&two.all());
    assert!(is_room_for_two(&scene));
}

fn is_room_for_two(scene: &Scene) -> bool {
    let mut world = scene.sandbox.world();
    let mut vpc = |cidr| world.call("ec2", HOME, "CreateVpc", &[("CidrBlock", cidr)]).is_ok();
    ["10.20.0.0/16", "10.21.0.0/16"].into_iter().all(&mut vpc)
}

/// Nobody may look up the account's trail.
fn without_a_trail(scene: &Scene) {
    scene.sandbox.world().faults.denied.insert("cloudtrail:LookupEvents".to_owned());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l9_what_a_redeploy_made_is_not_dated_by_a_role_that_it_found_there() {
    const OLD: [&str; 4] = ["--select", FAILED, "--older-than", "2h"];
    let mut stage = Stage::new();
    stage.ago(7 * DAY);
    let role = stage.role("shop-a1-node", "ec2.amazonaws.com", A1);
    stage.ago(20 * MINUTE);
    let network = stage.network(1, A1);
    let group = stage.group(&network.vpc, "shop-a1-web", A1);
    let scene = stage.open().await;
    let undated = [network.all(), vec![&group]].concat();
    let told = scene.told(&OLD).await;
    told.says(&network.vpc, "too-young", "too-young", &["CloudTrail"]);
    without_a_trail(&scene);
    let told = scene.told(&OLD).await;
    // AWS tells the age of a NAT gateway; of the others it tells none.
    told.says(&network.nat, "too-young", "too-young", &[]);
    for id in undated.iter().filter(|id| **id != network.nat) {
        assert_ne!(told.verdict(id), "orphan", "{id}: {}", told.evidence(id));
    }
    told.says(&network.vpc, "uncertain", "age-unknown", &["cloudtrail:LookupEvents is missing"]);
    told.orphans(&[&role.name]);
    let ended = scene.apply(&OLD).await.expect(3);
    scene.stand(&undated);
    scene.are_gone(&[&role.name]);
    assert!(!ended.out.contains("7d old at least") || !ended.out.contains(&network.vpc), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l10_a_date_in_a_name_makes_nothing_old() {
    const OLD: [&str; 4] = ["--select", FAILED, "--older-than", "2h"];
    let mut stage = Stage::new();
    stage.ago(5 * DAY);
    let network = stage.network(1, A1);
    let spare = stage.spare(A1);
    stage.ago(20 * MINUTE);
    let group = stage.group(&network.vpc, "shop-release-20240131120000-db", A1);
    let scene = stage.open().await;
    let told = scene.told(&OLD).await;
    told.says(&group, "too-young", "too-young", &["CloudTrail"]);
    told.orphans(&spare.all());
    without_a_trail(&scene);
    let told = scene.told(&OLD).await;
    told.says(&group, "uncertain", "age-unknown", &[]);
    scene.sandbox.world().faults.denied.clear();
    scene.apply(&OLD).await.expect(0);
    scene.stand(&[&group, &network.vpc]);
    scene.are_gone(&spare.all());
}
