//! What joins a network to others, or lets people in (table J): attachments to transit gateways, Instance Connect
//! endpoints, carrier gateways. What lives behind them keeps them, and a failed stack's own go with its network.

use super::stage::{A1, DAY, FAILED, HOME, MINUTE, Network, Spare, Stage, Tags};

const SELECT: [&str; 2] = ["--select", FAILED];
const BLUE: Tags<'static> = &[("team", "blue")];

/// A transit gateway of another account.
const CENTRAL: &str = "tgw-0123456789abcdef0";

/// The failed stack's network, three days old, with what nothing concerns.
fn failed() -> (Stage, Network, Spare) {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    let network = stage.network(1, A1);
    let spare = stage.spare(A1);
    (stage, network, spare)
}

/// A call that makes something of this type, which its action does not spell as its tags do.
fn make(stage: &mut Stage, action: &str, params: Tags<'_>, of: (&str, Tags<'_>, &str)) -> String {
    let (resource_type, tags, element) = of;
    let id = stage.make(action, params, &[], element);
    assert!(id.contains('-'), "{resource_type}");
    tags.iter().for_each(|tag| stage.tag(&id, *tag));
    stage.pass(5 * MINUTE);
    id
}

fn attachment(stage: &mut Stage, (vpc, subnet): (&str, &str), tags: Tags<'_>) -> String {
    let params = [("TransitGatewayId", CENTRAL), ("VpcId", vpc), ("SubnetIds.1", subnet)];
    let of = ("transit-gateway-attachment", tags, "transitGatewayAttachmentId");
    make(stage, "CreateTransitGatewayVpcAttachment", &params, of)
}

fn endpoint(stage: &mut Stage, subnet: &str, tags: Tags<'_>) -> String {
    let of = ("instance-connect-endpoint", tags, "instanceConnectEndpointId");
    make(stage, "CreateInstanceConnectEndpoint", &[("SubnetId", subnet)], of)
}

fn carrier(stage: &mut Stage, vpc: &str, tags: Tags<'_>) -> String {
    let of = ("carrier-gateway", tags, "carrierGatewayId");
    make(stage, "CreateCarrierGateway", &[("VpcId", vpc)], of)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn j1_all_of_them_go_with_the_failed_network_and_before_what_they_hold() {
    let (mut stage, network, spare) = failed();
    let attached = attachment(&mut stage, (&network.vpc, &network.private), A1);
    stage.route(&network.table, "10.200.0.0/16", ("TransitGatewayId", CENTRAL));
    let endpoint = endpoint(&mut stage, &network.private, A1);
    let carrier = carrier(&mut stage, &network.vpc, A1);
    let scene = stage.open().await;
    let all = [attached.as_str(), &endpoint, &carrier];
    scene.told(&SELECT).await.orphans(&all);
    scene.apply(&SELECT).await.expect(0);
    scene.are_gone(&all);
    scene.are_gone(&network.all());
    scene.are_gone(&spare.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn j2_an_attachment_stays_while_its_network_does_or_is_somebody_elses() {
    // The failed stack attached the blue team's network, whose routes lead through it, and the blue team attached the
    // failed stack's.
    let (mut stage, network, spare) = failed();
    let ground = stage.network(7, BLUE);
    let beside = stage.network(2, A1);
    let of_failed = attachment(&mut stage, (&ground.vpc, &ground.private), A1);
    stage.route(&ground.table, "10.200.0.0/16", ("TransitGatewayId", CENTRAL));
    let of_blue = attachment(&mut stage, (&network.vpc, &network.private), BLUE);
    let scene = stage.open().await;
    let told = scene.told(&SELECT).await;
    told.says(&of_failed, "active", "user", &[&ground.table]);
    told.keeps_whole(&network, &[&of_blue, "team=blue"]);
    scene.apply(&SELECT).await.expect(3);
    scene.stand(&[&of_failed, &of_blue]);
    scene.stand(&network.all());
    scene.stand(&ground.all());
    scene.are_gone(&beside.all());
    scene.are_gone(&spare.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn j3_a_carrier_gateway_of_living_routes_and_another_teams_way_in_stay() {
    let (mut stage, network, spare) = failed();
    let ground = stage.network(7, BLUE);
    let carrier = carrier(&mut stage, &ground.vpc, A1);
    stage.route(&ground.table, "10.201.0.0/16", ("CarrierGatewayId", &carrier));
    let theirs = endpoint(&mut stage, &network.private, BLUE);
    let scene = stage.open().await;
    let told = scene.told(&SELECT).await;
    told.says(&carrier, "active", "user", &[&ground.table]);
    told.keeps_whole(&network, &[&theirs, "team=blue"]);
    scene.apply(&SELECT).await.expect(3);
    scene.stand(&[&carrier, &theirs]);
    scene.stand(&network.all());
    scene.are_gone(&spare.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn j4_what_may_not_be_read_keeps_the_network_that_it_may_stand_in() {
    let (mut stage, network, spare) = failed();
    attachment(&mut stage, (&network.vpc, &network.private), BLUE);
    let scene = stage.open().await;
    for action in [
        "ec2:DescribeTransitGatewayVpcAttachments",
        "ec2:DescribeInstanceConnectEndpoints",
        "ec2:DescribeCarrierGateways",
    ] {
        scene.sandbox.world().faults.denied.insert(action.to_owned());
        let told = scene.told(&SELECT).await;
        assert_ne!(told.verdict(&network.vpc), "orphan", "{action}: {}", told.evidence(&network.vpc));
        scene.apply(&SELECT).await;
        scene.stand(&network.all());
        scene.sandbox.world().faults.denied.clear();
    }
    assert!(scene.sandbox.world().regions.contains_key(HOME));
    scene.apply(&SELECT).await.expect(3);
    scene.stand(&network.all());
    scene.are_gone(&spare.all());
}
