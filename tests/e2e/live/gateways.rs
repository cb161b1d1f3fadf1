//! Gateways by which a network reaches what is outside it (table G): what lives behind them keeps them, and a failed
//! stack's own go with its network.

use aws_janitor_sandbox::stores::ec2::VpnConnection;

use super::stage::{A1, DAY, FAILED, HOME, MINUTE, Network, Scene, Spare, Stage, Tags, touched};
use crate::program::mutating;

const SELECT: [&str; 2] = ["--select", FAILED];
/// Direct Connect may lead through an attached gateway, which nothing tells: only the owner can say that it does not.
const ABANDONED: [&str; 4] = ["--select", FAILED, "--abandoned", "shop/a1"];
const BLUE: Tags<'static> = &[("team", "blue")];

/// A VPN connection with the gateways at its ends.
struct Vpn {
    connection: String,
    gateway: String,
    customer: String,
}

impl Vpn {
    fn all(&self) -> [&str; 3] {
        [&self.connection, &self.gateway, &self.customer]
    }
}

fn gateway(stage: &mut Stage, vpc: &str, tags: Tags<'_>) -> String {
    let gateway = stage.make("CreateVpnGateway", &[("Type", "ipsec.1")], tags, "vpnGatewayId");
    stage.ec2("AttachVpnGateway", &[("VpnGatewayId", &gateway), ("VpcId", vpc)]);
    stage.pass(MINUTE);
    gateway
}

fn customer(stage: &mut Stage, ip: &str, tags: Tags<'_>) -> String {
    let params = [("Type", "ipsec.1"), ("IpAddress", ip), ("BgpAsn", "65010")];
    stage.make("CreateCustomerGateway", &params, tags, "customerGatewayId")
}

fn connection(stage: &mut Stage, customer: &str, from: (&str, &str), tags: Tags<'_>) -> String {
    let params = [("Type", "ipsec.1"), ("CustomerGatewayId", customer), from];
    let id = stage.make("CreateVpnConnection", &params, tags, "vpnConnectionId");
    stage.pass(5 * MINUTE);
    id
}

fn vpn(stage: &mut Stage, vpc: &str, tags: Tags<'_>) -> Vpn {
    let gateway = gateway(stage, vpc, tags);
    let customer = customer(stage, "198.51.100.7", tags);
    let connection = connection(stage, &customer, ("VpnGatewayId", &gateway), tags);
    Vpn { connection, gateway, customer }
}

/// The failed stack's network, three days old, with what nothing concerns.
fn failed() -> (Stage, Network, Spare) {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    let network = stage.network(1, A1);
    let spare = stage.spare(A1);
    (stage, network, spare)
}

/// Changes a connection's record.
fn alter(scene: &Scene, id: &str, change: impl Fn(&mut VpnConnection)) {
    change(scene.sandbox.world().region(HOME).ec2.vpn_connections.get_mut(id).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g1_a_vpn_whose_tunnels_have_been_down_for_days_goes_whole_and_in_order() {
    let (mut stage, network, spare) = failed();
    let vpn = vpn(&mut stage, &network.vpc, A1);
    let scene = stage.open().await;
    // While nobody says that the stack is abandoned, Direct Connect may lead through its gateway.
    let told = scene.told(&SELECT).await;
    told.says(&vpn.connection, "uncertain", "life-unknown", &[&vpn.gateway, "Direct Connect"]);
    let plan = scene.plan(&ABANDONED).await;
    assert!(vpn.all().iter().all(|id| touched(&plan).contains(*id)), "{plan:#}");
    scene.apply(&ABANDONED).await.expect(0);
    scene.are_gone(&vpn.all());
    scene.are_gone(&network.all());
    scene.are_gone(&spare.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g2_a_tunnel_that_is_up_or_was_of_late_shows_that_its_stack_lives() {
    let (mut stage, _, spare) = failed();
    let router = customer(&mut stage, "198.51.100.9", A1);
    let id = connection(&mut stage, &router, ("TransitGatewayId", "tgw-0123456789abcdef0"), A1);
    let scene = stage.open().await;
    let all = [id.as_str(), &router, &spare.address];
    scene.told(&SELECT).await.orphans(&all);
    alter(&scene, &id, |it| it.tunnels[1].up = true);
    let told = scene.told(&SELECT).await;
    assert!(all.iter().all(|id| told.verdict(id) == "active"), "{}", told.evidence(&id));
    let ended = scene.apply(&SELECT).await;
    assert!(ended.out.contains("is up") || ended.err.contains("is up"), "{ended:?}");
    assert_eq!(mutating(&scene.sandbox.world().calls), Vec::<String>::new());
    // It went down an hour ago: whoever is at the other end may call again.
    let now = scene.sandbox.world().clock.now();
    alter(&scene, &id, |it| it.tunnels[1].up = false);
    alter(&scene, &id, |it| it.tunnels[1].changed = Some(now - 60 * MINUTE));
    assert_eq!(scene.told(&SELECT).await.verdict(&id), "active");
    // What AWS does not tell is not made up.
    alter(&scene, &id, |it| it.tunnels.clear());
    scene.told(&SELECT).await.says(&id, "uncertain", "life-unknown", &["was not read"]);
    scene.stand(&all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g3_another_teams_connection_keeps_the_gateways_that_it_uses_and_the_network_behind() {
    let (mut stage, network, spare) = failed();
    let beside = stage.network(2, A1);
    let own = vpn(&mut stage, &network.vpc, A1);
    let free = customer(&mut stage, "198.51.100.9", A1);
    let theirs = connection(&mut stage, &own.customer, ("VpnGatewayId", &own.gateway), BLUE);
    let scene = stage.open().await;
    let told = scene.told(&ABANDONED).await;
    told.says(&own.gateway, "active", "user", &[&theirs]);
    told.says(&own.customer, "active", "user", &[&theirs]);
    scene.apply(&ABANDONED).await.expect(3);
    scene.stand(&[&theirs, &own.gateway, &own.customer, &network.vpc]);
    scene.are_gone(&[&own.connection, &free]);
    scene.are_gone(&beside.all());
    scene.are_gone(&spare.all());
    let attached = scene.sandbox.world().region(HOME).ec2.vpn_gateways[&own.gateway].attachment.clone();
    assert_eq!(attached, Some((network.vpc.clone(), "attached".to_owned())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g4_whoever_may_not_read_connections_keeps_what_one_could_use() {
    let (mut stage, network, spare) = failed();
    let router = customer(&mut stage, "198.51.100.9", A1);
    let scene = stage.open().await;
    scene.sandbox.world().faults.denied.insert("ec2:DescribeVpnConnections".to_owned());
    let told = scene.told(&ABANDONED).await;
    assert_eq!(told.verdict(&router), "uncertain", "{}", told.evidence(&router));
    scene.apply(&ABANDONED).await;
    scene.stand(&[&router]);
    scene.sandbox.world().faults.denied.clear();
    scene.apply(&SELECT).await.expect(0);
    scene.are_gone(&[&router]);
    scene.are_gone(&network.all());
    scene.are_gone(&spare.all());
}
