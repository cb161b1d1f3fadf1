//! Ten ways in which a run of Terraform's ends, each with the state that it leaves, and what is right to delete then:
//! all of what no state knows any more, one thing that a kill left out of the state, and nothing where the state
//! still knows the stack, however it failed. What stands is told by AWS's own books.
//!
//! | run | the state knows | goes |
//! | --- | --- | --- |
//! | lost | nothing: it was deleted | all |
//! | two | the second stack, which lives | all of the first |
//! | killed while it made NAT gateways | all but those | nothing; the gateways once they are named |
//! | killed while it made the cluster | all but that | the cluster |
//! | killed, with its state in S3 | all but what was made in the last twenty seconds | the cluster; the rest once named |
//! | no quota for an address | all | nothing |
//! | nodes that never joined | all, one tainted | nothing |
//! | an old object that could not be deleted | all, one deposed | nothing |
//! | a cluster at work, and a disk with copied tags | all but what the cluster and the person made | nothing |
//! | healthy | all | nothing |

use aws_janitor_sandbox::s3;
use aws_janitor_sandbox::stores::eks::Nodes;
use serde_json::{Value, json};

use super::stage::{A1, DAY, FAILED, HOME, LIVE, Network, Role, Scene, Stage, Tags};
use crate::program::mutating;

/// How far a run came.
#[derive(Clone, Copy)]
enum Came {
    Network,
    Cluster,
    Nodes(Nodes),
}

/// What one run made.
struct Stack {
    network: Network,
    roles: [Role; 2],
    cluster: Option<String>,
    nodes: Option<String>,
    tags: Tags<'static>,
}

impl Stack {
    fn make(stage: &mut Stage, number: u8, (name, tags): (&str, Tags<'static>), came: Came) -> Self {
        let network = stage.network(number, tags);
        let (plane, node) = stage.eks_roles(name, tags);
        let subnets = [network.public.as_str(), &network.private];
        let cluster = match came {
            Came::Network => None,
            Came::Cluster | Came::Nodes(_) => Some(stage.cluster(name, &plane, &subnets, tags)),
        };
        let nodes = match came {
            Came::Network | Came::Cluster => None,
            Came::Nodes(nodes) => {
                stage.world.region(HOME).eks.nodes = nodes;
                let made = stage.nodegroup((name, "workers"), &node, &network.private, tags);
                stage.world.region(HOME).eks.nodes = Nodes::Join;
                Some(made)
            }
        };
        Self { network, roles: [plane, node], cluster, nodes, tags }
    }

    fn all(&self) -> Vec<&str> {
        let roles = self.roles.iter().map(|role| role.name.as_str());
        let eks = self.cluster.iter().chain(&self.nodes).map(String::as_str);
        self.network.all().into_iter().chain(roles).chain(eks).collect()
    }

    /// What Terraform writes down of it once all of it was made.
    fn state(&self) -> State {
        let network = &self.network;
        let mut state = State(Vec::new());
        for (type_name, id) in [
            ("aws_vpc", &network.vpc),
            ("aws_subnet", &network.public),
            ("aws_subnet", &network.private),
            ("aws_internet_gateway", &network.gateway),
            ("aws_route_table", &network.table),
            ("aws_nat_gateway", &network.nat),
            ("aws_eip", &network.address),
        ] {
            state.own(type_name, json!({ "id": id, "tags_all": super::stage::map(self.tags) }));
        }
        for role in &self.roles {
            state.own("aws_iam_role", json!({ "id": role.name, "name": role.name, "arn": role.arn }));
        }
        if let Some(cluster) = &self.cluster {
            state.own("aws_eks_cluster", json!({ "id": cluster, "name": cluster }));
        }
        if let Some((cluster, group)) = self.nodes.as_ref().and_then(|nodes| nodes.split_once('/')) {
            let id = format!("{cluster}:{group}");
            let group = json!({ "id": id, "cluster_name": cluster, "node_group_name": group });
            state.own("aws_eks_node_group", group);
        }
        state
    }
}

/// A state of Terraform's.
struct State(Vec<Value>);

impl State {
    fn own(&mut self, type_name: &str, attributes: Value) {
        self.0.push(json!({
            "mode": "managed", "type": type_name, "name": format!("it{}", self.0.len()),
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [{ "schema_version": 0, "attributes": attributes }],
        }));
    }

    fn instance(&mut self, type_name: &str) -> &mut Vec<Value> {
        let mut all = self.0.iter_mut();
        let resource = all.find(|it| it["type"] == type_name).unwrap();
        resource["instances"].as_array_mut().unwrap()
    }

    /// The same before what was made last was written down.
    fn before(mut self, ids: &[&str]) -> Self {
        let known = self.0.len();
        self.0.retain(|it| !ids.iter().any(|id| it["instances"][0]["attributes"]["id"] == *id));
        assert_eq!(known - self.0.len(), ids.len());
        self
    }

    fn text(&self) -> String {
        json!({ "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "outputs": {},
                "resources": self.0 })
        .to_string()
    }

    /// Writes it into a folder of its own; gives the file's path.
    fn write(&self, scene: &Scene) -> String {
        let path = scene.endpoint.file("infra/terraform.tfstate");
        std::fs::create_dir_all(std::path::Path::new(&path).parent().unwrap()).unwrap();
        std::fs::write(&path, self.text()).unwrap();
        path
    }
}

const SELECT: [&str; 2] = ["--select", FAILED];

/// An account, three days old.
fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    stage
}

fn failed(stage: &mut Stage, came: Came) -> Stack {
    Stack::make(stage, 1, ("shop-a1", A1), came)
}

/// Applies this selection: nothing is called that changes anything.
async fn nothing_goes(scene: &Scene, flags: &[&str], exit: i32) {
    let ended = scene.apply(flags).await.expect(exit);
    let calls = mutating(&scene.sandbox.world().calls);
    assert!(calls.is_empty(), "{calls:?}: {ended:?}");
}

/// The verdict of the failed stack in a scan.
async fn verdict(scene: &Scene, flags: &[&str]) -> Value {
    let told = scene.told(flags).await.0;
    let stacks = told["stacks"].as_array().unwrap().iter();
    stacks.clone().find(|stack| stack["name"] == "shop/a1").unwrap().clone()
}

/// That a stack which the state knows stays whole, that its tool's command is told, and that only its name lets it go.
async fn is_left_to_terraform(stage: Stage, stack: &Stack, state: &State, told_failed: bool) {
    let scene = stage.open().await;
    let path = state.write(&scene);
    let flags = [&SELECT[..], &["--state", &path]].concat();
    let told = verdict(&scene, &flags).await;
    assert_eq!(told["verdict"], "failed but tracked", "{told:#}");
    let by = &told["tracked"][0];
    let folder = path.strip_suffix("/terraform.tfstate").unwrap();
    assert_eq!(by["command"], format!("terraform -chdir={folder} destroy").as_str(), "{by:#}");
    assert_eq!((&by["failed"], by["tool"].as_str()), (&json!(told_failed), Some("terraform")), "{by:#}");
    nothing_goes(&scene, &flags, 3).await;
    let said = scene.endpoint.run(&[&["plan", "--region", HOME][..], &flags].concat()).await;
    assert!(said.out.contains("still known to its tool"), "{said:?}");
    scene.stand(&stack.all());
    let named = [&flags[..], &["--abandoned", "shop/a1"]].concat();
    scene.apply(&named).await.expect(0);
    scene.are_gone(&stack.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_lost_state_all_goes_and_of_the_second_stack_which_its_state_knows_nothing() {
    let mut stage = stage();
    let lost = failed(&mut stage, Came::Nodes(Nodes::NeverJoin));
    let lives = Stack::make(&mut stage, 2, ("shop-live", LIVE), Came::Nodes(Nodes::Join));
    let scene = stage.open().await;
    let path = lives.state().write(&scene);
    scene.apply(&["--select", "tag:Project=shop", "--state", &path]).await.expect(3);
    scene.are_gone(&lost.all());
    scene.stand(&lives.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_run_killed_while_it_made_gateways_they_go_once_they_are_named() {
    let mut stage = stage();
    let stack = failed(&mut stage, Came::Network);
    let more: Vec<String> = (0..2)
        .map(|_| {
            let address = stage.address(A1);
            let params = [("SubnetId", stack.network.public.as_str()), ("AllocationId", &address)];
            let nat = stage.make("CreateNatGateway", &params, A1, "natGatewayId");
            stage.pass(DAY / 24);
            nat
        })
        .collect();
    let scene = stage.open().await;
    let path = stack.state().write(&scene);
    let state = ["--state", path.as_str()];
    let flags = [&SELECT[..], &state].concat();
    let told = scene.told(&flags).await;
    for nat in &more {
        assert_eq!(told.verdict(nat), "uncertain", "{}", told.evidence(nat));
        assert!(told.evidence(nat).contains("terraform import"), "{}", told.evidence(nat));
    }
    nothing_goes(&scene, &flags, 3).await;
    let [first, second] = &more[..] else { panic!("two gateways") };
    let ids = [format!("id={first}"), format!("id={second}")];
    let named = [&["--select", &ids[0], "--select", &ids[1]], &state[..]].concat();
    scene.apply(&named).await.expect(0);
    scene.are_gone(&[first, second]);
    scene.stand(&stack.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_run_killed_while_it_made_the_cluster_only_the_cluster_goes() {
    let mut stage = stage();
    let stack = failed(&mut stage, Came::Cluster);
    let scene = stage.open().await;
    let path = stack.state().before(&["shop-a1"]).write(&scene);
    scene.apply(&[&SELECT[..], &["--state", &path]].concat()).await.expect(3);
    scene.are_gone(&["shop-a1"]);
    let rest: Vec<&str> = stack.all().into_iter().filter(|id| *id != "shop-a1").collect();
    scene.stand(&rest);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_run_killed_with_its_state_in_a_bucket_nothing_goes_before_its_lock_is_gone() {
    let mut stage = stage();
    let stack = failed(&mut stage, Came::Cluster);
    let network = &stack.network;
    let late = ["shop-a1", network.nat.as_str(), &network.private];
    let state = stack.state().before(&late);
    let (object, lock) = ("env:/a1/shop.tfstate", "env:/a1/shop.tfstate.tflock");
    let locked =
        r#"{"ID":"3c58","Operation":"OperationTypeApply","Who":"ann@host","Created":"2026-11-21T19:55:14Z"}"#;
    let objects = [(object, state.text()), (lock, locked.to_owned())];
    let objects = objects.each_ref().map(|(name, text)| (*name, text.as_bytes()));
    s3::seed(&mut stage.world, HOME, "states", &objects);
    let scene = stage.open().await;
    let flags = [&SELECT[..], &["--state", "s3://states/"]].concat();
    nothing_goes(&scene, &flags, 6).await;
    scene.sandbox.world().s3.buckets.get_mut("states").unwrap().objects.remove(lock).unwrap();
    scene.apply(&flags).await.expect(3);
    scene.are_gone(&["shop-a1"]);
    let rest: Vec<&str> = stack.all().into_iter().filter(|id| *id != "shop-a1").collect();
    scene.stand(&rest);
    let told = verdict(&scene, &flags).await;
    assert_eq!(told["tracked"][0]["command"], "TF_WORKSPACE=a1 terraform destroy", "{told:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_got_no_address_is_left_to_terraform() {
    let mut stage = stage();
    let stack = failed(&mut stage, Came::Network);
    let state = stack.state();
    is_left_to_terraform(stage, &stack, &state, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_nodes_never_joined_is_left_to_terraform() {
    let mut stage = stage();
    let stack = failed(&mut stage, Came::Nodes(Nodes::NeverJoin));
    let mut state = stack.state();
    state.instance("aws_eks_node_group")[0]["status"] = json!("tainted");
    is_left_to_terraform(stage, &stack, &state, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_could_not_delete_an_old_object_is_left_to_terraform() {
    let mut stage = stage();
    let mut stack = failed(&mut stage, Came::Cluster);
    let old = stage.role("shop-a1-old", "lambda.amazonaws.com", A1);
    let mut state = stack.state();
    let attributes = json!({ "id": old.name, "name": old.name, "arn": old.arn });
    let gone_by = json!({ "schema_version": 0, "deposed": "1800718f", "attributes": attributes });
    state.instance("aws_iam_role").push(gone_by);
    stack.roles[1] = old;
    is_left_to_terraform(stage, &stack, &state, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_healthy_stack_goes_nor_of_what_its_cluster_and_a_person_made_beside_it() {
    let mut stage = stage();
    let stack = failed(&mut stage, Came::Nodes(Nodes::Join));
    let marked: Tags<'_> = &[("elbv2.k8s.aws/cluster", "shop-a1"), ("ingress.k8s.aws/stack", "web/web")];
    let group = stage.group(&stack.network.vpc, "k8s-web", marked);
    let zone = format!("{HOME}a");
    let disk = [("AvailabilityZone", zone.as_str()), ("Size", "10"), ("VolumeType", "gp3")];
    let copied = stage.make("CreateVolume", &disk, A1, "volumeId");
    let scene = stage.open().await;
    let path = stack.state().write(&scene);
    for data in [&[][..], &["--with-data", "volume"]] {
        let flags = [&SELECT[..], &["--state", &path], data].concat();
        let told = verdict(&scene, &flags).await;
        assert_eq!(told["verdict"], "healthy", "{told:#}");
        nothing_goes(&scene, &flags, 3).await;
    }
    scene.stand(&stack.all());
    scene.stand(&[&group, &copied]);
}
