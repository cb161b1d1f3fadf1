//! What cannot go, with its true cause (table B, the lines of life and of promises): named before anything is
//! deleted, never promised, and never at the price of what lives.

use serde_json::json;

use super::stage::{A1, DAY, FAILED, HOME, MINUTE, Stage, Tags, touched};
use crate::gates::make;
use crate::program::mutating;

const SELECT: [&str; 2] = ["--select", FAILED];
const BLUE: Tags<'static> = &[("team", "blue")];
const A2: Tags<'static> = &[("Project", "shop"), ("EnvironmentSuffix", "a2")];

/// A virtual private gateway at this VPC.
fn vpn_gateway(stage: &mut Stage, vpc: &str, tags: Tags<'_>) -> String {
    let gateway = stage.make("CreateVpnGateway", &[("Type", "ipsec.1")], tags, "vpnGatewayId");
    stage.ec2("AttachVpnGateway", &[("VpnGatewayId", &gateway), ("VpcId", vpc)]);
    stage.pass(MINUTE);
    gateway
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b1_a_vpn_gateway_keeps_its_network_whole_and_is_named_before_anything_is_deleted() {
    for tags in [BLUE, &[]] {
        let mut stage = Stage::new();
        stage.ago(3 * DAY);
        let (network, beside) = (stage.network(1, A1), stage.network(2, A1));
        let spare = stage.spare(A1);
        let gateway = vpn_gateway(&mut stage, &network.vpc, tags);
        let scene = stage.open().await;
        // Direct Connect may lead through one that nobody claims: only the stack's owner can say that it does not.
        let abandoned: &[&str] = if tags.is_empty() { &["--abandoned", "shop/a1"] } else { &[] };
        let flags = [&SELECT[..], abandoned].concat();
        let told = scene.told(&flags).await;
        for id in network.all() {
            assert!(["uncertain", "active"].contains(&told.verdict(id)), "{id}: {}", told.evidence(id));
        }
        assert!(told.evidence(&network.vpc).contains(&gateway), "{}", told.evidence(&network.vpc));
        let plan = scene.plan(&flags).await;
        let rows = plan["blocked"].as_array().unwrap().iter();
        let row = rows.clone().find(|row| row["id"] == network.vpc.as_str()).unwrap().to_string();
        assert!(row.contains(&gateway) && !row.contains("acl-"), "{row}");
        // What goes with the VPC is the cause of nothing.
        let causes: Vec<_> = rows.map(|row| row["by"].to_string()).collect();
        assert!(causes.iter().all(|by| !by.contains("acl-") && !by.contains("sg-")), "{causes:?}");
        if tags.is_empty() {
            let told = scene.told(&SELECT).await;
            told.says(&spare.address, "uncertain", "life-unknown", &[&gateway]);
        }
        scene.apply(&flags).await.expect(3);
        scene.stand(&network.all());
        scene.stand(&[&gateway]);
        scene.are_gone(&beside.all());
        scene.are_gone(&spare.all());
        // Nothing of the network was tried.
        let calls = mutating(&scene.sandbox.world().calls);
        assert!(!calls.iter().any(|call| network.all().iter().any(|id| call.contains(id))), "{calls:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b2_no_quota_is_promised_from_a_network_that_cannot_go() {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    // With the default one that is all of five.
    let held = stage.vpc(1, A1);
    let gateway = vpn_gateway(&mut stage, &held, BLUE);
    let free = stage.vpc(2, A2);
    stage.vpc(3, BLUE);
    stage.vpc(4, BLUE);
    let scene = stage.open().await;
    let quota = async |need: &str| {
        let select = "tag:Project=shop";
        let args = ["quota", "--need", need, "--select", select, "--region", HOME, "-o", "json"];
        scene.endpoint.run(&args).await.expect(5).json()["remedy"].clone()
    };
    let one = quota("vpc=1").await;
    assert!(one.to_string().contains("shop/a2") && !one.to_string().contains("shop/a1"), "{one}");
    assert_eq!(quota("vpc=2").await, json!(null));
    let plan = scene.plan(&["--select", "tag:Project=shop"]).await;
    let freed = plan["quota_freed"].as_array().unwrap().iter().find(|it| it["quota"] == "vpc").cloned();
    assert_eq!(freed.unwrap()["amount"].as_f64(), Some(1.0), "{}", plan["quota_freed"]);
    scene.apply(&["--select", "tag:Project=shop"]).await.expect(3);
    scene.stand(&[&held, &gateway]);
    scene.are_gone(&[&free]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b4_a_living_groups_rule_is_named_with_the_command_that_revokes_it() {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    let ground = stage.vpc(7, BLUE);
    let (held, free) = (stage.group(&ground, "a1-held", A1), stage.group(&ground, "a1-free", A1));
    let living = stage.group(&ground, "blue-db", BLUE);
    let rule = stage.let_in(&living, &held);
    let scene = stage.open().await;
    let plan = scene.endpoint.run(&["plan", "--region", HOME, SELECT[0], SELECT[1]]).await;
    let told = format!("{}{}", plan.out, plan.err);
    assert!(told.contains(&rule) && told.contains("revoke-security-group-ingress"), "{told}");
    assert!(told.contains(&living) && !told.contains("select it too"), "{told}");
    scene.apply(&SELECT).await.expect(3);
    scene.stand(&[&held, &living, &rule, &ground]);
    scene.are_gone(&[&free]);
    // What it says is all that is needed.
    let params = [("GroupId", living.as_str()), ("SecurityGroupRuleId.1", &rule)];
    make(&scene.sandbox, "ec2", "RevokeSecurityGroupIngress", &params);
    scene.apply(&SELECT).await.expect(0);
    scene.stand(&[&living, &ground]);
    scene.are_gone(&[&held]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_of_groups_that_stay_are_revoked_where_the_policy_allows_it_and_no_others() {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    let ground = stage.vpc(7, BLUE);
    let (held, kept) = (stage.group(&ground, "a1-held", A1), stage.group(&ground, "a1-kept", A1));
    let (living, friend) = (stage.group(&ground, "blue-db", BLUE), stage.group(&ground, "blue-web", BLUE));
    let (rule, own) = (stage.let_in(&living, &held), stage.let_in(&living, &friend));
    // One whose owner said that it stays as it is.
    let guarded = stage.group(&ground, "blue-keep", &[("team", "blue"), ("aws-janitor:keep", "yes")]);
    let untouched = stage.let_in(&guarded, &kept);
    let scene = stage.open().await;
    let flags = [&SELECT[..], &["--revoke-in-kept-groups"]].concat();
    let plan = scene.plan(&flags).await;
    assert_eq!(plan["cut_from"].as_array().unwrap().len(), 1, "{plan:#}");
    assert_eq!(plan["cut_from"][0]["id"], living.as_str());
    let shown = scene.endpoint.run(&["plan", "--region", HOME, SELECT[0], SELECT[1], flags[2]]).await;
    assert!(shown.out.contains("revoke") && shown.out.contains(&living), "{}", shown.out);
    scene.apply(&[&flags[..], &["--dry-run"]].concat()).await.expect(0);
    scene.stand(&[&held, &rule, &own]);
    // What its owner's word keeps is no failure.
    scene.apply(&flags).await.expect(0);
    scene.are_gone(&[&held]);
    scene.stand(&[&living, &own, &friend, &guarded, &untouched, &kept, &ground]);
    let revoked: Vec<String> =
        mutating(&scene.sandbox.world().calls).into_iter().filter(|call| call.contains("Revoke")).collect();
    assert_eq!(revoked.len(), 1, "{revoked:?}");
    assert!(revoked[0].contains(&rule), "{revoked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b10_a_stack_that_is_being_made_stays_and_the_plan_says_why() {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    let beside = stage.network(2, A2);
    stage.ago(20 * MINUTE);
    let network = stage.network(1, A1);
    let (plane, _) = stage.eks_roles("shop-a1", A1);
    stage.ago(MINUTE);
    let input = json!({
        "name": "shop-a1", "roleArn": plane.arn,
        "resourcesVpcConfig": { "subnetIds": [network.public, network.private] },
        "tags": super::stage::map(A1),
    });
    stage.json("eks", "CreateCluster", input);
    // Slow enough that it is being made until the end.
    let scene = stage.open_at(20.0).await;
    let both = ["--select", "tag:Project=shop,tag:EnvironmentSuffix=a*"];
    let plan = scene.endpoint.run(&["plan", "--region", HOME, both[0], both[1]]).await;
    let told = format!("{}{}", plan.out, plan.err);
    assert!(told.contains("shop/a1") && told.contains("eks-cluster shop-a1"), "{told}");
    assert!(told.contains("being made") || told.contains("still making"), "{told}");
    let plan = touched(&scene.plan(&both).await);
    assert!(network.all().iter().all(|id| !plan.contains(*id)), "{plan:?}");
    let ended = scene.apply(&both).await.expect(3);
    scene.stand(&network.all());
    scene.stand(&["shop-a1", &plane.name]);
    scene.are_gone(&beside.all());
    let told = format!("{}{}", ended.out, ended.err);
    assert!(told.contains("eks-cluster shop-a1"), "{told}");
}
