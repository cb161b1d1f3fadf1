//! What carries the failed stack's tags and works for what lives (table U): it stays, its user is named, and what
//! nothing works with goes.

use std::time::Duration;

use serde_json::{Value, json};

use super::stage::{A1, DAY, FAILED, HOME, MINUTE, Role, Scene, Spare, Stage, Tags, map};

const SELECT: [&str; 2] = ["--select", FAILED];

/// Another team that lives.
const BLUE: Tags<'static> = &[("team", "blue")];

/// A region that nobody asks for.
const AWAY: &str = "eu-west-1";

/// The failed stack's account, three days before its end.
fn failed() -> (Stage, Spare) {
    let mut stage = Stage::new();
    stage.ago(3 * DAY);
    let spare = stage.spare(A1);
    (stage, spare)
}

/// A function of the blue team's that works with this role.
fn function(stage: &mut Stage, role: &Role) -> String {
    let input = json!({
        "FunctionName": "blue-export", "Role": role.arn, "Runtime": "python3.13", "Handler": "main.handler",
        "Code": { "ZipFile": "" }, "Tags": map(BLUE),
    });
    let told = stage.json("lambda", "CreateFunction", input);
    stage.pass(2 * MINUTE);
    told["FunctionArn"].as_str().unwrap().to_owned()
}

/// Applies the selection: these stand, the spare is gone, and something selected is left.
async fn stay(scene: &Scene, ids: &[&str], spare: &Spare) {
    scene.apply(&SELECT).await.expect(3);
    scene.stand(ids);
    scene.are_gone(&spare.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u1_the_role_of_a_living_function_stays_with_it() {
    let (mut stage, spare) = failed();
    let role = stage.role("shop-a1-export", "lambda.amazonaws.com", A1);
    function(&mut stage, &role);
    stage.ago(MINUTE);
    stage.used_now(&role);
    let scene = stage.open().await;
    let told = scene.told(&SELECT).await;
    told.says(&role.name, "active", "user", &["blue-export"]);
    told.orphans(&spare.all());
    // Who may not read functions knows nothing of the roles that functions may work with.
    scene.sandbox.world().faults.denied.insert("lambda:ListFunctions".to_owned());
    let told = scene.told(&SELECT).await;
    told.says(&role.name, "uncertain", "users-unseen", &["lambda-function"]);
    told.says(&spare.role, "uncertain", "users-unseen", &["lambda-function"]);
    // Nor whether the stack lives, since a function that is called would show it.
    told.says(&spare.address, "uncertain", "life-unseen", &["lambda-function"]);
    scene.sandbox.world().faults.denied.clear();
    stay(&scene, &[&role.name], &spare).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u1_a_role_that_was_used_a_minute_ago_by_nothing_that_goes_stays() {
    let (mut stage, spare) = failed();
    // State machines are not read, so that nobody knows whether one has the role. Functions are, everywhere.
    let role = stage.role("shop-a1-flow", "states.amazonaws.com", A1);
    let idle = stage.role("shop-a1-idle", "states.amazonaws.com", A1);
    stage.used_now(&idle);
    stage.ago(MINUTE);
    stage.used_now(&role);
    let scene = stage.open().await;
    let told = scene.told(&SELECT).await;
    told.says(&role.name, "uncertain", "used-of-late", &["last used", HOME]);
    told.orphans(&[&idle.name]);
    stay(&scene, &[&role.name], &spare).await;
    scene.are_gone(&[&idle.name]);
}

/// A log group of the failed stack, as long ago.
fn log(stage: &mut Stage, name: &str) {
    stage.json("logs", "CreateLogGroup", json!({ "logGroupName": name, "tags": map(A1) }));
}

/// Something writes an event into it, now.
fn written(stage: &mut Stage, name: &str) {
    let now = stage.now().as_millisecond();
    stage.json("logs", "CreateLogStream", json!({ "logGroupName": name, "logStreamName": "s" }));
    let event = json!({ "timestamp": now, "message": "at work" });
    let input = json!({ "logGroupName": name, "logStreamName": "s", "logEvents": [event] });
    stage.json("logs", "PutLogEvents", input);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u1_a_log_stays_while_somebody_writes_it_though_its_kind_was_named() {
    const WITH_DATA: [&str; 4] = ["--select", FAILED, "--with-data", "log-group"];
    let (mut stage, spare) = failed();
    let blue = stage.role("blue-app", "lambda.amazonaws.com", BLUE);
    function(&mut stage, &blue);
    for name in ["/aws/lambda/blue-export", "shop-a1-api", "shop-a1-old", "shop-a1-empty"] {
        log(&mut stage, name);
    }
    stage.ago(2 * DAY);
    written(&mut stage, "shop-a1-old");
    stage.ago(MINUTE);
    written(&mut stage, "shop-a1-api");
    let scene = stage.open().await;
    let told = scene.told(&WITH_DATA).await;
    told.says("/aws/lambda/blue-export", "active", "user", &["blue-export writes its log there"]);
    told.says("shop-a1-api", "uncertain", "used-of-late", &["last written to"]);
    told.orphans(&["shop-a1-old", "shop-a1-empty"]);
    // Who may not ask when a log was written to deletes none.
    scene.sandbox.world().faults.denied.insert("logs:DescribeLogStreams".to_owned());
    let told = scene.told(&WITH_DATA).await;
    told.says("shop-a1-old", "uncertain", "users-unseen", &["logs:DescribeLogStreams"]);
    scene.sandbox.world().faults.denied.clear();
    scene.apply(&WITH_DATA).await.expect(3);
    scene.stand(&["/aws/lambda/blue-export", "shop-a1-api"]);
    scene.are_gone(&["shop-a1-old", "shop-a1-empty"]);
    scene.are_gone(&spare.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u1_a_log_that_somebody_writes_after_the_plan_stays() {
    let (mut stage, spare) = failed();
    for name in ["shop-a1-api", "shop-a1-old"] {
        log(&mut stage, name);
        written(&mut stage, name);
    }
    let scene = stage.open().await;
    let file = scene.endpoint.file("plan.json");
    let plan = ["plan", "--region", HOME, "--select", FAILED, "--with-data", "log-group", "--out", &file];
    scene.endpoint.run(&plan).await.expect(0);
    {
        let mut world = scene.sandbox.world();
        let event = json!({ "timestamp": world.clock.now().as_millisecond(), "message": "at work" });
        let input = json!({ "logGroupName": "shop-a1-api", "logStreamName": "s", "logEvents": [event] });
        world.call_json("logs", HOME, "PutLogEvents", input).unwrap();
    }
    scene.endpoint.run(&["apply", &file, "--yes"]).await.expect(3);
    scene.stand(&["shop-a1-api"]);
    scene.are_gone(&["shop-a1-old"]);
    scene.are_gone(&spare.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u2_who_works_with_a_role_or_profile_in_a_region_not_asked_for_keeps_it() {
    let (mut stage, spare) = failed();
    let (plane, node) = stage.eks_roles("shop-a1", A1);
    stage.profile("shop-a1-node", &node, A1);
    stage.region = AWAY;
    let vpc = stage.vpc(5, BLUE);
    let (one, two) = (stage.subnet(&vpc, "10.5.0.0/24", BLUE), stage.subnet(&vpc, "10.5.1.0/24", BLUE));
    stage.cluster("blue", &plane, &[&one, &two], BLUE);
    let machine = stage.instance(&one, BLUE, &[("IamInstanceProfile.Name", "shop-a1-node")]);
    let scene = stage.open().await;
    let told = scene.told(&SELECT).await;
    told.says(&plane.name, "active", "user", &["blue"]);
    // A role and its profile have one name here: the rows are of two kinds.
    let row = |kind: &str| {
        let rows = told.0["resources"].as_array().unwrap();
        rows.iter().find(|row| row["id"] == "shop-a1-node" && row["kind"] == kind).unwrap()
    };
    for kind in ["iam-role", "iam-instance-profile"] {
        assert_eq!(row(kind)["verdict"], "active", "{}", row(kind));
    }
    assert!(row("iam-instance-profile")["evidence"].to_string().contains(&machine));
    // A region that may not be read is a gap; the narrower view is the user's own word.
    scene.sandbox.world().faults.forbidden_regions.insert(AWAY.to_owned());
    let told = scene.told(&SELECT).await;
    told.says(&plane.name, "uncertain", "users-unseen", &[AWAY]);
    told.says(&spare.role, "uncertain", "users-unseen", &[AWAY]);
    told.orphans(&[&spare.address]);
    scene.sandbox.world().faults.forbidden_regions.clear();
    stay(&scene, &[&plane.name, "shop-a1-node", &machine, "blue"], &spare).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u3_whom_a_living_roles_trust_policy_names_stays_with_that_role() {
    let (mut stage, spare) = failed();
    let trusted = stage.role("shop-a1-app", "ec2.amazonaws.com", A1);
    stage.role_trusting("blue-reader", &json!({ "AWS": trusted.arn }), BLUE);
    // The issuer is a cluster's that this account does not have.
    let url = "https://oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
    let params = [("Url", url), ("ClientIDList.member.1", "sts.amazonaws.com")];
    let provider =
        stage.make_of("iam", "CreateOpenIDConnectProvider", &params, (A1, "OpenIDConnectProviderArn"));
    stage.role_trusting("blue-pod", &json!({ "Federated": provider }), BLUE);
    // One that nothing trusts goes.
    let other = "https://oidc.eks.us-east-1.amazonaws.com/id/FEDCBA9876543210FEDCBA9876543210";
    let params = [("Url", other), ("ClientIDList.member.1", "sts.amazonaws.com")];
    let idle = stage.make_of("iam", "CreateOpenIDConnectProvider", &params, (A1, "OpenIDConnectProviderArn"));
    let scene = stage.open().await;
    let told = scene.told(&SELECT).await;
    told.says(&trusted.name, "active", "user", &["blue-reader"]);
    told.says(&provider, "active", "user", &["blue-pod"]);
    told.orphans(&[&idle]);
    stay(&scene, &[&trusted.name, &provider, "blue-reader", "blue-pod"], &spare).await;
    scene.are_gone(&[&idle]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u4_what_a_living_launch_template_names_stays_and_the_template_of_a_group_at_zero() {
    let (mut stage, spare) = failed();
    let role = stage.role("shop-a1-node-role", "ec2.amazonaws.com", A1);
    stage.profile("shop-a1-node", &role, A1);
    let (vpc, empty) = (stage.vpc(1, A1), stage.vpc(2, A1));
    let group = stage.group(&vpc, "shop-a1-web", A1);
    let params = [
        ("LaunchTemplateName", "blue-workers"),
        ("LaunchTemplateData.InstanceType", "t3.small"),
        ("LaunchTemplateData.ImageId", "ami-0c0ffee0c0ffee012"),
        ("LaunchTemplateData.SecurityGroupId.1", &group),
        ("LaunchTemplateData.IamInstanceProfile.Name", "shop-a1-node"),
    ];
    let theirs = stage.make("CreateLaunchTemplate", &params, BLUE, "launchTemplateId");
    let params = [
        ("LaunchTemplateName", "shop-a1-workers"),
        ("LaunchTemplateData.InstanceType", "t3.small"),
        ("LaunchTemplateData.ImageId", "ami-0c0ffee0c0ffee012"),
    ];
    let template = stage.make("CreateLaunchTemplate", &params, A1, "launchTemplateId");
    let params = [("LaunchTemplateName", "shop-a1-idle"), params[1], params[2]];
    let idle = stage.make("CreateLaunchTemplate", &params, A1, "launchTemplateId");
    let ground = stage.vpc(7, BLUE);
    let subnet = stage.subnet(&ground, "10.7.0.0/24", BLUE);
    at_zero(&mut stage, &template, &subnet);
    let scene = stage.open().await;
    let told = scene.told(&SELECT).await;
    told.says(&group, "active", "user", &[&theirs]);
    told.says("shop-a1-node", "active", "user", &[&theirs]);
    told.says(&role.name, "active", "user", &["shop-a1-node"]);
    told.says(&template, "active", "user", &["blue-at-zero"]);
    told.orphans(&[&idle, &empty]);
    stay(&scene, &[&group, "shop-a1-node", &role.name, &template, &theirs, &vpc], &spare).await;
    scene.are_gone(&[&idle, &empty]);
}

/// The blue team's Auto Scaling group, which runs nothing now.
fn at_zero(stage: &mut Stage, template: &str, subnet: &str) {
    let params = [
        ("AutoScalingGroupName", "blue-at-zero"),
        ("LaunchTemplate.LaunchTemplateId", template),
        ("MinSize", "0"),
        ("MaxSize", "4"),
        ("DesiredCapacity", "0"),
        ("VPCZoneIdentifier", subnet),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "blue"),
    ];
    stage.call("autoscaling", "CreateAutoScalingGroup", &params);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u5_a_balancer_before_living_targets_an_endpoint_of_living_routes_and_the_ground_of_a_group_at_zero_stay()
 {
    let (mut stage, spare) = failed();
    let elb = "elasticloadbalancing";
    // A balancer of the failed stack's forwards to what the blue team runs; another one to nothing of anybody's.
    let vpc = stage.vpc(1, A1);
    let (one, two) = (stage.subnet(&vpc, "10.1.0.0/24", A1), stage.subnet(&vpc, "10.1.1.0/24", A1));
    let alone = stage.vpc(3, A1);
    let three = stage.subnet(&alone, "10.3.0.0/24", A1);
    let mut balancers = Vec::new();
    for (name, owner, vpc, subnets) in
        [("a1-living", BLUE, &vpc, vec![&one, &two]), ("a1-idle", A1, &alone, vec![&three])]
    {
        let mut params = vec![("Name", name), ("Type", "network"), ("Scheme", "internal")];
        let names = ["Subnets.member.1", "Subnets.member.2"];
        params.extend(names.into_iter().zip(subnets.iter().map(|id| id.as_str())));
        let balancer = stage.make_of(elb, "CreateLoadBalancer", &params, (A1, "LoadBalancerArn"));
        let params =
            [("Name", name), ("Protocol", "TCP"), ("Port", "443"), ("VpcId", vpc), ("TargetType", "ip")];
        let targets = stage.make_of(elb, "CreateTargetGroup", &params, (owner, "TargetGroupArn"));
        let params = [
            ("LoadBalancerArn", balancer.as_str()),
            ("Protocol", "TCP"),
            ("Port", "443"),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", &targets),
        ];
        stage.call(elb, "CreateListener", &params);
        balancers.push((balancer, targets));
    }
    stage.pass(5 * MINUTE);
    // An endpoint of the failed stack's that the blue team's routes lead to.
    let ground = stage.network(7, BLUE);
    let params = [
        ("VpcId", ground.vpc.as_str()),
        ("VpcEndpointType", "Gateway"),
        ("ServiceName", "com.amazonaws.us-east-1.s3"),
        ("RouteTableId.1", &ground.table),
    ];
    let endpoint = stage.make("CreateVpcEndpoint", &params, A1, "vpcEndpointId");
    // A subnet of the failed stack's in which a group at zero would launch.
    let subnet = stage.subnet(&vpc, "10.1.2.0/24", A1);
    let params = [
        ("LaunchTemplateName", "blue-workers"),
        ("LaunchTemplateData.InstanceType", "t3.small"),
        ("LaunchTemplateData.ImageId", "ami-0c0ffee0c0ffee012"),
    ];
    let template = stage.make("CreateLaunchTemplate", &params, BLUE, "launchTemplateId");
    at_zero(&mut stage, &template, &subnet);
    let pods = pod_role(&mut stage);
    let scene = stage.open().await;
    let told = scene.told(&SELECT).await;
    let ((living, theirs), (idle, nobodys)) = (&balancers[0], &balancers[1]);
    told.says(living, "active", "user", &["a1-living"]);
    told.says(&endpoint, "active", "user", &[&ground.table]);
    told.says(&subnet, "active", "user", &["blue-at-zero"]);
    told.says(&pods.name, "active", "user", &["blue"]);
    told.orphans(&[idle, nobodys, &alone, &three]);
    let kept = [living, theirs, &endpoint, &subnet, &pods.name, &vpc, &one, &two, &ground.table];
    stay(&scene, &kept.map(String::as_str), &spare).await;
    scene.are_gone(&[idle, nobodys, &alone, &three]);
}

/// A role of the failed stack's by which the pods of a blue cluster run.
fn pod_role(stage: &mut Stage) -> Role {
    let network = stage.network(8, BLUE);
    let (plane, _) = stage.eks_roles("blue", BLUE);
    stage.cluster("blue", &plane, &[&network.public, &network.private], BLUE);
    let role = stage.role("shop-a1-pods", "eks-fargate-pods.amazonaws.com", A1);
    let input = json!({
        "clusterName": "blue", "fargateProfileName": "jobs", "podExecutionRoleArn": role.arn,
        "subnets": [network.private], "selectors": [{ "namespace": "jobs" }],
    });
    stage.json("eks", "CreateFargateProfile", input);
    stage.pass(5 * MINUTE);
    role
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u6_a_network_that_living_routes_lead_to_stays_whole_and_the_peering_is_named() {
    let (mut stage, spare) = failed();
    let network = stage.network(1, A1);
    let beside = stage.network(2, A1);
    let theirs = stage.network(7, BLUE);
    let params = [("VpcId", network.vpc.as_str()), ("PeerVpcId", &theirs.vpc)];
    let peering = stage.make("CreateVpcPeeringConnection", &params, BLUE, "vpcPeeringConnectionId");
    stage.pass(Duration::from_secs(10));
    stage.ec2("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &peering)]);
    stage.pass(Duration::from_secs(10));
    for (table, to) in [(&theirs.table, "10.1.0.0/16"), (&network.table, "10.7.0.0/16")] {
        stage.route(table, to, ("VpcPeeringConnectionId", &peering));
    }
    let scene = stage.open().await;
    let told = scene.told(&SELECT).await;
    for id in network.all() {
        assert!(["uncertain", "active"].contains(&told.verdict(id)), "{id}: {}", told.evidence(id));
    }
    assert!(told.evidence(&network.vpc).contains(&peering), "{}", told.evidence(&network.vpc));
    told.orphans(&beside.all());
    let plan: Value = scene.plan(&SELECT).await;
    assert!(plan["blocked"].to_string().contains(&peering), "{}", plan["blocked"]);
    let kept = [network.all(), theirs.all(), vec![&peering]].concat();
    stay(&scene, &kept, &spare).await;
    scene.are_gone(&beside.all());
    let routes = |id: &str| scene.sandbox.world().region(HOME).ec2.route_tables[id].routes.len();
    assert_eq!((routes(&network.table), routes(&theirs.table)), (3, 3), "no route was cut");
}
