use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::AwsError;
use crate::scenario::{ACCOUNT, REGION, build};
use crate::tags::Tags;
use crate::world::World;
use crate::xml::text_of;

/// A person who tidies up by hand.
struct Hand {
    world: World,
}

impl Hand {
    fn new() -> Self {
        Self::of("failed-eks")
    }

    fn of(scenario: &str) -> Self {
        Self { world: build(scenario, 0.0, "2026-11-20T10:00:00Z".parse().unwrap()).unwrap() }
    }

    /// A call that must succeed.
    #[track_caller]
    fn does(&mut self, service: &str, action: &str, params: &[(&str, &str)]) -> String {
        match self.world.call(service, REGION, action, params) {
            Ok(answer) => answer,
            Err(refusal) => panic!("{action} {params:?} was refused: {refusal:?}"),
        }
    }

    /// A call that must be refused with one of these codes.
    #[track_caller]
    fn cannot(&mut self, service: &str, action: &str, params: &[(&str, &str)], codes: &[&str]) {
        match self.world.call(service, REGION, action, params) {
            Ok(_) => panic!("{action} {params:?} was let through"),
            Err(refusal) => assert!(codes.contains(&refusal.code.as_str()), "{action}: {refusal:?}"),
        }
    }

    #[track_caller]
    fn does_json(&mut self, service: &str, action: &str, input: Value) -> Value {
        match self.world.call_json(service, REGION, action, input) {
            Ok(answer) => answer,
            Err(refusal) => panic!("{action} was refused: {refusal:?}"),
        }
    }

    fn wait(&mut self, minutes: u64) {
        self.world.clock.skip(Duration::from_secs(minutes * 60));
        self.world.settle();
    }
}

fn is_of(tags: &Tags, suffix: &str) -> bool {
    tags.get("EnvironmentSuffix").is_some_and(|value| value == suffix)
}

/// Everything of attempt 1 that the hand needs to know, read from the world itself.
struct Stack {
    vpc: String,
    subnets: Vec<String>,
    gateway: String,
    addresses: Vec<String>,
    nats: Vec<String>,
    tables: Vec<String>,
    groups: Vec<String>,
    cluster: String,
    nodegroup: String,
    balancer: String,
    target: String,
}

fn first_stack(world: &mut World) -> Stack {
    let state = world.region(REGION);
    let (ec2, elb, eks) = (&state.ec2, &state.elb, &state.eks);
    let of = |tags: &Tags| is_of(tags, "attempt-1");
    let vpc = ec2.vpcs.iter().find(|(_, vpc)| of(&vpc.tags)).unwrap().0.clone();
    let cluster = eks.clusters.values().find(|cluster| of(&cluster.tags)).unwrap();
    let marked = |tags: &Tags| tags.get("elbv2.k8s.aws/cluster") == Some(&cluster.name);
    Stack {
        subnets: ec2.subnets.iter().filter(|(_, it)| it.vpc == vpc).map(|(id, _)| id.clone()).collect(),
        gateway: ec2.internet_gateways.iter().find(|(_, it)| of(&it.tags)).unwrap().0.clone(),
        addresses: ec2.addresses.iter().filter(|(_, it)| of(&it.tags)).map(|(id, _)| id.clone()).collect(),
        nats: ec2.nat_gateways.iter().filter(|(_, it)| of(&it.tags)).map(|(id, _)| id.clone()).collect(),
        tables: ec2
            .route_tables
            .iter()
            .filter(|(_, it)| it.vpc == vpc && !it.associations.values().any(|association| association.main))
            .map(|(id, _)| id.clone())
            .collect(),
        groups: ec2
            .security_groups
            .iter()
            .filter(|(_, it)| {
                it.vpc == vpc && it.name != "default" && !it.name.starts_with("eks-cluster-sg-")
            })
            .map(|(id, _)| id.clone())
            .collect(),
        cluster: cluster.name.clone(),
        nodegroup: cluster.nodegroups.keys().next().unwrap().clone(),
        balancer: elb.load_balancers.iter().find(|(_, it)| marked(&it.tags)).unwrap().0.clone(),
        target: elb.target_groups.iter().find(|(_, it)| marked(&it.tags)).unwrap().0.clone(),
        vpc,
    }
}

#[test]
fn the_world_is_as_the_story_tells_it() {
    let mut hand = Hand::new();
    assert_eq!(hand.world.account, ACCOUNT);
    let iam_roles = hand.world.iam.roles.keys().filter(|name| name.starts_with("shop-")).count();
    assert_eq!(iam_roles, 6, "two roles for each stack");
    let state = hand.world.region(REGION);
    let ec2 = &state.ec2;
    assert_eq!(ec2.vpcs.len(), 5, "the default one, two failed, one live, one stranger's");
    assert_eq!(ec2.addresses.len(), 5);
    assert_eq!(ec2.addresses.values().filter(|address| address.association.is_some()).count(), 3);
    assert_eq!(ec2.nat_gateways.len(), 3);
    assert!(ec2.nat_gateways.values().all(|nat| nat.state == "available"));
    let statuses: BTreeSet<(bool, &str, &str)> = state
        .eks
        .clusters
        .values()
        .flat_map(|cluster| {
            let live = is_of(&cluster.tags, "live");
            cluster
                .nodegroups
                .values()
                .map(move |group| (live, cluster.status.as_str(), group.status.as_str()))
        })
        .collect();
    assert_eq!(statuses, BTreeSet::from([(false, "ACTIVE", "CREATE_FAILED"), (true, "ACTIVE", "ACTIVE")]));
    let running = ec2.instances.values().filter(|instance| instance.state == "running").count();
    assert_eq!(running, 5, "two nodes that never joined, two that work, one stranger's");
    assert_eq!(state.logs.groups.len(), 3);
    assert_eq!(state.elb.load_balancers.len(), 2);
}

#[test]
fn the_third_attempt_gets_neither_an_address_nor_a_vpc() {
    let mut hand = Hand::new();
    hand.cannot("ec2", "AllocateAddress", &[("Domain", "vpc")], &["AddressLimitExceeded"]);
    hand.cannot("ec2", "CreateVpc", &[("CidrBlock", "10.4.0.0/16")], &["VpcLimitExceeded"]);
}

#[test]
fn the_tagging_api_lists_a_group_that_is_no_longer_there() {
    let mut hand = Hand::new();
    let asked = json!({
        "TagFilters": [{ "Key": "EnvironmentSuffix", "Values": ["attempt-2"] }],
        "ResourceTypeFilters": ["ec2:security-group"],
    });
    let told = hand.does_json("tagging", "GetResources", asked);
    let ghost = told["ResourceTagMappingList"][0]["ResourceARN"].as_str().unwrap().to_owned();
    let id = ghost.rsplit('/').next().unwrap();
    assert!(!hand.world.region(REGION).ec2.security_groups.contains_key(id));
    hand.cannot("ec2", "DescribeSecurityGroups", &[("GroupId.1", id)], &["InvalidGroup.NotFound"]);
}

#[test]
fn things_are_as_old_as_the_story_says() {
    let mut hand = Hand::new();
    let now = hand.world.clock.now();
    let age = |created: jiff::Timestamp| (now.duration_since(created).as_secs() as f64 / 3600.0).round();
    let state = hand.world.region(REGION);
    for cluster in state.eks.clusters.values() {
        let days = if is_of(&cluster.tags, "live") { 30.0 } else { 2.0 };
        assert_eq!(age(cluster.created), days * 24.0, "{}", cluster.name);
    }
    for nat in state.ec2.nat_gateways.values() {
        assert_eq!(age(nat.created.unwrap()), 48.0);
    }
    for role in hand.world.iam.roles.values().filter(|role| is_of(&role.tags, "attempt-2")) {
        assert_eq!(age(role.created), 24.0);
    }
}

#[test]
fn the_wrong_order_is_refused_at_every_step() {
    let mut hand = Hand::new();
    let stack = first_stack(&mut hand.world);
    let held: &[&str] = &["DependencyViolation"];
    hand.cannot("ec2", "DeleteVpc", &[("VpcId", &stack.vpc)], held);
    let interfaces = hand.world.region(REGION).ec2.interfaces.values();
    let lived_in: BTreeSet<String> =
        interfaces.filter(|it| it.vpc == stack.vpc).map(|it| it.subnet.clone()).collect();
    assert!(lived_in.len() >= 5, "NAT gateways in three, nodes in two");
    for subnet in &lived_in {
        hand.cannot("ec2", "DeleteSubnet", &[("SubnetId", subnet)], held);
    }
    for table in &stack.tables {
        let used = !hand.world.region(REGION).ec2.route_tables[table].associations.is_empty();
        if used {
            hand.cannot("ec2", "DeleteRouteTable", &[("RouteTableId", table)], held);
        }
    }
    for address in &stack.addresses {
        let codes: &[&str] = &["InvalidIPAddress.InUse", "AuthFailure"];
        hand.cannot("ec2", "ReleaseAddress", &[("AllocationId", address)], codes);
    }
    let gateway = [("InternetGatewayId", stack.gateway.as_str()), ("VpcId", stack.vpc.as_str())];
    hand.cannot("ec2", "DetachInternetGateway", &gateway, held);
    hand.cannot("ec2", "DeleteInternetGateway", &gateway[..1], held);
    for group in &stack.groups {
        hand.cannot("ec2", "DeleteSecurityGroup", &[("GroupId", group)], held);
    }
    let target = [("TargetGroupArn", stack.target.as_str())];
    hand.cannot("elasticloadbalancing", "DeleteTargetGroup", &target, &["ResourceInUse"]);
    let refusal = hand.world.call_json("eks", REGION, "DeleteCluster", json!({ "name": stack.cluster }));
    assert_eq!(refusal.unwrap_err().code, "ResourceInUseException");
    for role in names_of_roles(&hand.world) {
        hand.cannot("iam", "DeleteRole", &[("RoleName", &role)], &["DeleteConflict"]);
    }
    // Even an emptied node role is held: by the profile that EKS gave the nodes.
    let node_role =
        names_of_roles(&hand.world).into_iter().find(|name| name.contains("-node-role-")).unwrap();
    let made = hand.world.iam.profiles_of(&node_role).filter(|profile| profile.name.starts_with("eks-"));
    assert_eq!(made.count(), 1);
    // What is under way still holds.
    for nat in &stack.nats {
        hand.does("ec2", "DeleteNatGateway", &[("NatGatewayId", nat)]);
    }
    let codes: &[&str] = &["InvalidIPAddress.InUse", "AuthFailure"];
    hand.cannot("ec2", "ReleaseAddress", &[("AllocationId", &stack.addresses[0])], codes);
    hand.cannot("ec2", "DetachInternetGateway", &gateway, held);
}

fn names_of_roles(world: &World) -> Vec<String> {
    let ours = world.iam.roles.values().filter(|role| is_of(&role.tags, "attempt-1"));
    ours.map(|role| role.name.clone()).collect()
}

#[test]
fn the_right_order_takes_all_of_it_and_nothing_else() {
    let mut hand = Hand::new();
    let stack = first_stack(&mut hand.world);
    let before = others(&mut hand.world);
    delete_cluster(&mut hand, &stack);
    delete_network(&mut hand, &stack);
    delete_identity(&mut hand);
    let volumes = &hand.world.region(REGION).ec2.volumes;
    let made_for = format!("kubernetes.io/cluster/{}", stack.cluster);
    let volume = volumes.iter().find(|(_, it)| it.tags.contains_key(&made_for)).unwrap().0.clone();
    hand.does("ec2", "DeleteVolume", &[("VolumeId", &volume)]);
    let templates = &hand.world.region(REGION).ec2.launch_templates;
    let template = templates.iter().find(|(_, it)| is_of(&it.tags, "attempt-1")).unwrap().0.clone();
    hand.does("ec2", "DeleteLaunchTemplate", &[("LaunchTemplateId", &template)]);
    hand.does_json(
        "logs",
        "DeleteLogGroup",
        json!({ "logGroupName": format!("/aws/eks/{}/cluster", stack.cluster) }),
    );
    hand.wait(90);
    assert_eq!(others(&mut hand.world), before, "nobody else's things were touched");
    let logs = &hand.world.region(REGION).logs.groups;
    assert!(!logs.keys().any(|name| name.contains("attempt-1")), "no cluster, no more lines");
    let left = json!({ "TagFilters": [{ "Key": "EnvironmentSuffix", "Values": ["attempt-1"] }] });
    let told = hand.does_json("tagging", "GetResources", left);
    assert_eq!(told["ResourceTagMappingList"], json!([]), "and no ghost is left");
    attempt(&mut hand).unwrap_or_else(|why| panic!("the third attempt failed: {why:?}"));
}

/// Another attempt's network: three addresses, a VPC, a NAT gateway in each zone.
fn attempt(hand: &mut Hand) -> Result<(), AwsError> {
    let mut make = |action: &str, params: &[(&str, &str)], field: &str| {
        let told = hand.world.call("ec2", REGION, action, params)?;
        Ok(text_of(&told, field).unwrap())
    };
    let addresses: Vec<String> = (0..3)
        .map(|_| make("AllocateAddress", &[("Domain", "vpc")], "allocationId"))
        .collect::<Result<_, _>>()?;
    let vpc = make("CreateVpc", &[("CidrBlock", "10.4.0.0/16")], "vpcId")?;
    let gateway = make("CreateInternetGateway", &[], "internetGatewayId")?;
    make("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)], "return")?;
    for (place, (address, zone)) in addresses.iter().zip(["a", "b", "c"]).enumerate() {
        let (zone, range) = (format!("{REGION}{zone}"), format!("10.4.{place}.0/24"));
        let home = [("VpcId", vpc.as_str()), ("CidrBlock", &range), ("AvailabilityZone", &zone)];
        let subnet = make("CreateSubnet", &home, "subnetId")?;
        make("CreateNatGateway", &[("SubnetId", &subnet), ("AllocationId", address)], "natGatewayId")?;
    }
    Ok(())
}

#[test]
fn after_the_first_attempt_addresses_are_short_and_nothing_else() {
    let mut hand = Hand::of("first-attempt");
    let ec2 = &hand.world.region(REGION).ec2;
    assert_eq!((ec2.vpcs.len(), ec2.addresses.len()), (4, 3), "of five each");
    assert_eq!(ec2.internet_gateways.len(), 2, "of five");
    assert_eq!(attempt(&mut hand).unwrap_err().code, "AddressLimitExceeded");
    hand = Hand::of("first-attempt");
    let stack = first_stack(&mut hand.world);
    delete_cluster(&mut hand, &stack);
    delete_network(&mut hand, &stack);
    attempt(&mut hand).unwrap_or_else(|why| panic!("the second attempt failed: {why:?}"));
}

#[test]
fn the_first_attempt_left_names_that_the_next_one_gives_again() {
    let mut hand = Hand::of("first-attempt");
    let alias = hand.does_json("kms", "DescribeKey", json!({ "KeyId": "alias/shop-secrets" }));
    let again = json!({
        "AliasName": "alias/shop-secrets",
        "TargetKeyId": alias["KeyMetadata"]["KeyId"],
    });
    let refusal = hand.world.call_json("kms", REGION, "CreateAlias", again).unwrap_err();
    assert_eq!(refusal.code, "AlreadyExistsException");
    let group = json!({ "logGroupName": "/shop/application" });
    let refusal = hand.world.call_json("logs", REGION, "CreateLogGroup", group).unwrap_err();
    assert_eq!(refusal.code, "ResourceAlreadyExistsException");
    let asked = json!({
        "TagFilters": [{ "Key": "EnvironmentSuffix", "Values": ["attempt-1"] }],
        "ResourceTypeFilters": ["kms", "logs"],
    });
    let told = hand.does_json("tagging", "GetResources", asked);
    assert_eq!(told["ResourceTagMappingList"].as_array().map(Vec::len), Some(2), "{told}");
}

/// Node group, load balancer, cluster, in this order; the cluster's log comes back while it lives.
fn delete_cluster(hand: &mut Hand, stack: &Stack) {
    let named = json!({ "clusterName": stack.cluster, "nodegroupName": stack.nodegroup });
    hand.does_json("eks", "DeleteNodegroup", named);
    hand.does("elasticloadbalancing", "DeleteLoadBalancer", &[("LoadBalancerArn", &stack.balancer)]);
    hand.wait(20);
    hand.does("elasticloadbalancing", "DeleteTargetGroup", &[("TargetGroupArn", &stack.target)]);
    let log = format!("/aws/eks/{}/cluster", stack.cluster);
    hand.does_json("logs", "DeleteLogGroup", json!({ "logGroupName": log }));
    hand.does_json("eks", "DeleteCluster", json!({ "name": stack.cluster }));
    hand.wait(30);
    let groups = &hand.world.region(REGION).logs.groups;
    assert!(groups.contains_key(&log), "EKS wrote one more line while the cluster was going");
}

fn delete_network(hand: &mut Hand, stack: &Stack) {
    for nat in &stack.nats {
        hand.does("ec2", "DeleteNatGateway", &[("NatGatewayId", nat)]);
    }
    hand.wait(15);
    for address in &stack.addresses {
        hand.does("ec2", "ReleaseAddress", &[("AllocationId", address)]);
    }
    delete_groups(hand, stack);
    for subnet in &stack.subnets {
        hand.does("ec2", "DeleteSubnet", &[("SubnetId", subnet)]);
    }
    for table in &stack.tables {
        hand.does("ec2", "DeleteRouteTable", &[("RouteTableId", table)]);
    }
    let gateway = [("InternetGatewayId", stack.gateway.as_str()), ("VpcId", stack.vpc.as_str())];
    hand.does("ec2", "DetachInternetGateway", &gateway);
    hand.does("ec2", "DeleteInternetGateway", &gateway[..1]);
    hand.does("ec2", "DeleteVpc", &[("VpcId", &stack.vpc)]);
}

/// Each names the other: none can go before the rules have gone.
fn delete_groups(hand: &mut Hand, stack: &Stack) {
    let rules = &hand.world.region(REGION).ec2.rules;
    let naming: Vec<(String, String)> = rules
        .iter()
        .filter(|(_, rule)| rule.referenced_group.is_some() && stack.groups.contains(&rule.group))
        .map(|(id, rule)| (id.clone(), rule.group.clone()))
        .collect();
    assert_eq!(naming.len(), 4, "the ring of two, the nodes' own, the load balancer's");
    for (rule, group) in naming {
        let params = [("GroupId", group.as_str()), ("SecurityGroupRuleId.1", rule.as_str())];
        hand.does("ec2", "RevokeSecurityGroupIngress", &params);
    }
    for group in &stack.groups {
        hand.does("ec2", "DeleteSecurityGroup", &[("GroupId", group)]);
    }
}

fn delete_identity(hand: &mut Hand) {
    let iam = &hand.world.iam;
    let made = iam.profiles.values().filter(|profile| profile.name.starts_with("eks-"));
    assert_eq!(made.count(), 1, "the live stack's: the other went with its node group");
    let profile = iam.profiles.values().find(|it| is_of(&it.tags, "attempt-1")).unwrap().clone();
    let policy = iam.policies.values().find(|it| is_of(&it.tags, "attempt-1")).unwrap().arn.clone();
    let provider = iam.providers.values().find(|it| is_of(&it.tags, "attempt-1")).unwrap().arn.clone();
    let held =
        [("InstanceProfileName", profile.name.as_str()), ("RoleName", profile.role.as_deref().unwrap())];
    hand.cannot("iam", "DeleteInstanceProfile", &held[..1], &["DeleteConflict"]);
    hand.does("iam", "RemoveRoleFromInstanceProfile", &held);
    hand.does("iam", "DeleteInstanceProfile", &held[..1]);
    for name in names_of_roles(&hand.world) {
        let role = hand.world.iam.roles[&name].clone();
        for inline in role.inline.keys() {
            hand.does("iam", "DeleteRolePolicy", &[("RoleName", &name), ("PolicyName", inline)]);
        }
        for attached in &role.attached {
            hand.does("iam", "DetachRolePolicy", &[("RoleName", &name), ("PolicyArn", attached)]);
        }
        hand.does("iam", "DeleteRole", &[("RoleName", &name)]);
    }
    hand.cannot("iam", "DeletePolicy", &[("PolicyArn", &policy)], &["DeleteConflict"]);
    hand.does("iam", "DeletePolicyVersion", &[("PolicyArn", &policy), ("VersionId", "v1")]);
    hand.does("iam", "DeletePolicy", &[("PolicyArn", &policy)]);
    hand.does("iam", "DeleteOpenIDConnectProvider", &[("OpenIDConnectProviderArn", &provider)]);
}

/// The ids of everything that is not of attempt 1's VPC, cluster and identity.
fn others(world: &mut World) -> BTreeSet<String> {
    let iam = &world.iam;
    let mut ids: BTreeSet<String> = BTreeSet::new();
    ids.extend(iam.roles.values().filter(|it| !is_of(&it.tags, "attempt-1")).map(|it| it.id.clone()));
    ids.extend(iam.policies.values().filter(|it| !is_of(&it.tags, "attempt-1")).map(|it| it.id.clone()));
    ids.extend(iam.providers.values().filter(|it| !is_of(&it.tags, "attempt-1")).map(|it| it.arn.clone()));
    let state = world.region(REGION);
    let (ec2, elb) = (&state.ec2, &state.elb);
    let gone = ec2.vpcs.iter().find(|(_, vpc)| is_of(&vpc.tags, "attempt-1")).map(|(id, _)| id.clone());
    let kept = |vpc: &str| Some(vpc) != gone.as_deref();
    ids.extend(ec2.vpcs.keys().filter(|id| kept(id)).cloned());
    ids.extend(ec2.subnets.iter().filter(|(_, it)| kept(&it.vpc)).map(|(id, _)| id.clone()));
    ids.extend(ec2.security_groups.iter().filter(|(_, it)| kept(&it.vpc)).map(|(id, _)| id.clone()));
    ids.extend(ec2.interfaces.iter().filter(|(_, it)| kept(&it.vpc)).map(|(id, _)| id.clone()));
    ids.extend(ec2.endpoints.keys().cloned());
    let running = ec2.instances.iter().filter(|(_, it)| it.state == "running" && kept(&it.vpc));
    ids.extend(running.map(|(id, _)| id.clone()));
    ids.extend(
        ec2.addresses.iter().filter(|(_, it)| !is_of(&it.tags, "attempt-1")).map(|(id, _)| id.clone()),
    );
    ids.extend(elb.load_balancers.iter().filter(|(_, it)| kept(&it.vpc)).map(|(id, _)| id.clone()));
    ids.extend(state.eks.clusters.values().filter(|it| kept(&it.vpc)).map(|it| it.arn.clone()));
    let logs = state.logs.groups.keys().filter(|name| !name.contains("attempt-1"));
    ids.extend(logs.cloned());
    ids
}
