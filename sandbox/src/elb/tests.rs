//! The rules of load balancing, each met and then, with the blocker gone, passed.

use super::listeners::TARGET_GROUPS_LINGER;
use super::load_balancers::{INTERFACES_LINGER, PROVISIONING};
use crate::ec2::fixture::{
    DEFAULT_GROUP, GATEWAY, GROUP, REGION, SUBNET_A, SUBNET_B, VPC, code, ec2, skip, world,
};
use crate::error::AwsError;
use crate::world::World;
use crate::xml::{text_of, texts_of};

fn call(world: &mut World, action: &str, params: &[(&str, &str)]) -> Result<String, AwsError> {
    world.call("elasticloadbalancing", REGION, action, params)
}

fn told(world: &mut World, action: &str, params: &[(&str, &str)], element: &str) -> String {
    text_of(&call(world, action, params).unwrap(), element).unwrap()
}

const TWO_SUBNETS: [(&str, &str); 2] = [("Subnets.member.1", SUBNET_A), ("Subnets.member.2", SUBNET_B)];

fn load_balancer(world: &mut World, name: &str, more: &[(&str, &str)]) -> String {
    let mut params = TWO_SUBNETS.to_vec();
    params.extend([("Name", name), ("SecurityGroups.member.1", GROUP)]);
    params.extend(more);
    told(world, "CreateLoadBalancer", &params, "LoadBalancerArn")
}

fn forwarding(world: &mut World, load_balancer: &str) -> String {
    let group = [("Name", "web"), ("Protocol", "HTTP"), ("Port", "80"), ("VpcId", VPC)];
    let group = told(world, "CreateTargetGroup", &group, "TargetGroupArn");
    let listener = [
        ("LoadBalancerArn", load_balancer),
        ("Port", "80"),
        ("Protocol", "HTTP"),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.TargetGroupArn", &group),
    ];
    call(world, "CreateListener", &listener).unwrap();
    group
}

#[test]
fn it_makes_an_interface_in_each_subnet_that_outlasts_it_for_minutes() {
    let mut world = world();
    let arn = load_balancer(&mut world, "web", &[]);
    let id = arn.split('/').next_back().unwrap().to_owned();
    let interfaces = &world.region(REGION).ec2.interfaces;
    assert_eq!(interfaces.len(), 2);
    for interface in interfaces.values() {
        assert_eq!(interface.description, format!("ELB app/web/{id}"));
        assert!(interface.requester_managed && interface.status == "in-use");
        assert!(interface.auto_public_ip.is_some() && interface.groups.contains(GROUP));
        assert_eq!(interface.attachment.as_ref().unwrap().instance_owner, "amazon-elb");
    }
    call(&mut world, "DeleteLoadBalancer", &[("LoadBalancerArn", &arn)]).unwrap();
    let find = [("LoadBalancerArns.member.1", arn.as_str())];
    assert_eq!(code(call(&mut world, "DescribeLoadBalancers", &find)), "LoadBalancerNotFound");
    assert_eq!(world.region(REGION).ec2.interfaces.len(), 2);
    skip(&mut world, INTERFACES_LINGER);
    assert!(world.region(REGION).ec2.interfaces.is_empty());
}

#[test]
fn it_keeps_subnets_groups_and_the_internet_gateway_until_its_interfaces_are_gone() {
    let mut world = world();
    let arn = load_balancer(&mut world, "web", &[]);
    call(&mut world, "DeleteLoadBalancer", &[("LoadBalancerArn", &arn)]).unwrap();
    let blocked: [(&str, &[(&str, &str)]); 3] = [
        ("DetachInternetGateway", &[("InternetGatewayId", GATEWAY), ("VpcId", VPC)]),
        ("DeleteSubnet", &[("SubnetId", SUBNET_A)]),
        ("DeleteSecurityGroup", &[("GroupId", GROUP)]),
    ];
    let interface = world.region(REGION).ec2.interfaces.keys().next().unwrap().clone();
    assert!(ec2(&mut world, "DeleteNetworkInterface", &[("NetworkInterfaceId", &interface)]).is_err());
    for (action, params) in blocked {
        assert_eq!(code(ec2(&mut world, action, params)), "DependencyViolation", "{action}");
    }
    skip(&mut world, INTERFACES_LINGER);
    for (action, params) in blocked {
        ec2(&mut world, action, params).unwrap();
    }
}

#[test]
fn a_network_load_balancer_holds_its_elastic_ip_until_its_interface_is_gone() {
    let mut world = world();
    let allocation = text_of(&ec2(&mut world, "AllocateAddress", &[]).unwrap(), "allocationId").unwrap();
    let mapping = |name| {
        [
            ("Name", name),
            ("Type", "network"),
            ("SubnetMappings.member.1.SubnetId", SUBNET_A),
            ("SubnetMappings.member.1.AllocationId", allocation.as_str()),
        ]
    };
    let arn = told(&mut world, "CreateLoadBalancer", &mapping("a"), "LoadBalancerArn");
    assert!(arn.contains(":loadbalancer/net/a/"));
    assert_eq!(code(call(&mut world, "CreateLoadBalancer", &mapping("b"))), "AllocationIdNotFound");
    call(&mut world, "DeleteLoadBalancer", &[("LoadBalancerArn", &arn)]).unwrap();
    let release = [("AllocationId", allocation.as_str())];
    assert!(ec2(&mut world, "ReleaseAddress", &release).is_err());
    skip(&mut world, INTERFACES_LINGER);
    ec2(&mut world, "ReleaseAddress", &release).unwrap();
}

#[test]
fn an_internal_one_has_no_public_address_and_the_default_group_if_none_is_named() {
    let mut world = world();
    let mut params = TWO_SUBNETS.to_vec();
    params.extend([("Name", "inner"), ("Scheme", "internal")]);
    call(&mut world, "CreateLoadBalancer", &params).unwrap();
    for interface in world.region(REGION).ec2.interfaces.values() {
        assert_eq!(interface.auto_public_ip, None);
        assert!(interface.groups.contains(DEFAULT_GROUP));
    }
}

#[test]
fn it_is_provisioning_first_and_deleting_it_twice_is_no_error() {
    let mut world = world();
    let arn = load_balancer(&mut world, "web", &[]);
    assert_eq!(told(&mut world, "DescribeLoadBalancers", &[], "Code"), "provisioning");
    skip(&mut world, PROVISIONING);
    assert_eq!(told(&mut world, "DescribeLoadBalancers", &[], "Code"), "active");
    for _ in 0..2 {
        call(&mut world, "DeleteLoadBalancer", &[("LoadBalancerArn", &arn)]).unwrap();
    }
}

#[test]
fn deletion_protection_refuses_until_it_is_off() {
    let mut world = world();
    let arn = load_balancer(&mut world, "web", &[]);
    let set = |value| {
        [
            ("LoadBalancerArn", arn.as_str()),
            ("Attributes.member.1.Key", "deletion_protection.enabled"),
            ("Attributes.member.1.Value", value),
        ]
    };
    let target = [("LoadBalancerArn", arn.as_str())];
    assert_eq!(told(&mut world, "DescribeLoadBalancerAttributes", &target, "Value"), "false");
    call(&mut world, "ModifyLoadBalancerAttributes", &set("true")).unwrap();
    assert_eq!(code(call(&mut world, "DeleteLoadBalancer", &target)), "OperationNotPermitted");
    call(&mut world, "ModifyLoadBalancerAttributes", &set("false")).unwrap();
    call(&mut world, "DeleteLoadBalancer", &target).unwrap();
}

#[test]
fn a_target_group_is_in_use_while_its_listener_stands_and_a_while_longer() {
    let mut world = world();
    let arn = load_balancer(&mut world, "web", &[]);
    let group = forwarding(&mut world, &arn);
    assert_eq!(told(&mut world, "DescribeTargetGroups", &[], "member"), arn);
    let target = [("TargetGroupArn", group.as_str())];
    assert_eq!(code(call(&mut world, "DeleteTargetGroup", &target)), "ResourceInUse");
    call(&mut world, "DeleteLoadBalancer", &[("LoadBalancerArn", &arn)]).unwrap();
    assert!(world.region(REGION).elb.listeners.is_empty());
    assert_eq!(code(call(&mut world, "DeleteTargetGroup", &target)), "ResourceInUse");
    skip(&mut world, TARGET_GROUPS_LINGER);
    for _ in 0..2 {
        call(&mut world, "DeleteTargetGroup", &target).unwrap();
    }
}

#[test]
fn a_deleted_listener_frees_its_target_group() {
    let mut world = world();
    let arn = load_balancer(&mut world, "web", &[]);
    let group = forwarding(&mut world, &arn);
    let listener = told(&mut world, "DescribeListeners", &[("LoadBalancerArn", &arn)], "ListenerArn");
    assert!(listener.starts_with(&arn.replace(":loadbalancer/", ":listener/")));
    call(&mut world, "DeleteListener", &[("ListenerArn", &listener)]).unwrap();
    call(&mut world, "DeleteTargetGroup", &[("TargetGroupArn", &group)]).unwrap();
    assert_eq!(code(call(&mut world, "DeleteListener", &[("ListenerArn", &listener)])), "ListenerNotFound");
}

#[test]
fn the_same_name_is_the_same_load_balancer_or_refused() {
    let mut world = world();
    let arn = load_balancer(&mut world, "web", &[]);
    assert_eq!(load_balancer(&mut world, "web", &[]), arn);
    let mut other = TWO_SUBNETS.to_vec();
    other.extend([("Name", "web"), ("Scheme", "internal")]);
    assert_eq!(code(call(&mut world, "CreateLoadBalancer", &other)), "DuplicateLoadBalancerName");
}

#[test]
fn where_it_may_stand_is_checked() {
    let mut world = world();
    let one = [("Name", "web"), ("Subnets.member.1", SUBNET_A)];
    assert_eq!(code(call(&mut world, "CreateLoadBalancer", &one)), "ValidationError");
    let mut network = one.to_vec();
    network.push(("Type", "network"));
    call(&mut world, "CreateLoadBalancer", &network).unwrap();
    world.region(REGION).ec2.subnets.get_mut(SUBNET_B).unwrap().cidr = "10.0.1.0/29".into();
    let mut small = TWO_SUBNETS.to_vec();
    small.push(("Name", "small"));
    assert_eq!(code(call(&mut world, "CreateLoadBalancer", &small)), "InvalidSubnet");
    world.region(REGION).ec2.subnets.get_mut(SUBNET_B).unwrap().cidr = "10.0.1.0/24".into();
    for name in ["-web", "a_b", "a-name-of-more-than-thirty-two-characters"] {
        let named = [("Name", name), ("Subnets.member.1", SUBNET_A), ("Type", "network")];
        assert_eq!(code(call(&mut world, "CreateLoadBalancer", &named)), "ValidationError", "{name}");
    }
    world.region(REGION).ec2.internet_gateways.clear();
    let mut open = TWO_SUBNETS.to_vec();
    open.push(("Name", "open"));
    assert_eq!(code(call(&mut world, "CreateLoadBalancer", &open)), "InvalidSubnet");
    world.quotas.apply(REGION, crate::quotas::table::APPLICATION_LOAD_BALANCERS, 0.0);
    assert_eq!(code(call(&mut world, "CreateLoadBalancer", &open)), "TooManyLoadBalancers");
}

#[test]
fn tags_are_told_for_twenty_arns_and_one_unknown_arn_fails_the_call() {
    let mut world = world();
    let arn = load_balancer(
        &mut world,
        "web",
        &[("Tags.member.1.Key", "elbv2.k8s.aws/cluster"), ("Tags.member.1.Value", "demo")],
    );
    let named = [("ResourceArns.member.1", arn.as_str())];
    assert_eq!(told(&mut world, "DescribeTags", &named, "Value"), "demo");
    let more =
        [("ResourceArns.member.1", arn.as_str()), ("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")];
    call(&mut world, "AddTags", &more).unwrap();
    assert_eq!(texts_of(&call(&mut world, "DescribeTags", &named).unwrap(), "Key").len(), 2);
    let keys: Vec<String> = (1..=21).map(|number| format!("ResourceArns.member.{number}")).collect();
    let many: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), arn.as_str())).collect();
    assert_eq!(code(call(&mut world, "DescribeTags", &many)), "ValidationError");
    call(&mut world, "DeleteLoadBalancer", &[("LoadBalancerArn", &arn)]).unwrap();
    assert_eq!(code(call(&mut world, "DescribeTags", &named)), "LoadBalancerNotFound");
}

#[test]
fn pages_hold_every_load_balancer_once() {
    let mut world = world();
    for number in 0..7 {
        load_balancer(&mut world, &format!("web-{number}"), &[]);
    }
    let (mut seen, mut marker) = (0, None::<String>);
    loop {
        let mut params = vec![("PageSize", "3")];
        params.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let answer = call(&mut world, "DescribeLoadBalancers", &params).unwrap();
        seen += texts_of(&answer, "LoadBalancerArn").len();
        marker = text_of(&answer, "NextMarker");
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(seen, 7);
}

fn target_group(world: &mut World, name: &str) -> String {
    let group = [("Name", name), ("Protocol", "HTTP"), ("Port", "80"), ("VpcId", VPC)];
    told(world, "CreateTargetGroup", &group, "TargetGroupArn")
}

#[test]
fn a_rule_uses_its_target_groups_and_tells_their_weights() {
    let mut world = world();
    let arn = load_balancer(&mut world, "web", &[]);
    forwarding(&mut world, &arn);
    let listener = told(&mut world, "DescribeListeners", &[("LoadBalancerArn", &arn)], "ListenerArn");
    let (blue, green) = (target_group(&mut world, "blue"), target_group(&mut world, "green"));
    let rule = [
        ("ListenerArn", listener.as_str()),
        ("Priority", "5"),
        ("Conditions.member.1.Field", "path-pattern"),
        ("Conditions.member.1.Values.member.1", "/api/*"),
        ("Actions.member.1.Type", "forward"),
        ("Actions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn", &blue),
        ("Actions.member.1.ForwardConfig.TargetGroups.member.1.Weight", "90"),
        ("Actions.member.1.ForwardConfig.TargetGroups.member.2.TargetGroupArn", &green),
        ("Actions.member.1.ForwardConfig.TargetGroups.member.2.Weight", "10"),
    ];
    let own = told(&mut world, "CreateRule", &rule, "RuleArn");
    assert_eq!(code(call(&mut world, "CreateRule", &rule)), "PriorityInUse");
    let all = call(&mut world, "DescribeRules", &[("ListenerArn", &listener)]).unwrap();
    assert_eq!(texts_of(&all, "Priority"), ["default", "5"]);
    assert!(all.contains(&format!("<TargetGroupArn>{green}</TargetGroupArn><Weight>10</Weight>")), "{all}");
    let green = [("TargetGroupArn", green.as_str())];
    assert_eq!(code(call(&mut world, "DeleteTargetGroup", &green)), "ResourceInUse");
    call(&mut world, "DeleteRule", &[("RuleArn", &own)]).unwrap();
    call(&mut world, "DeleteTargetGroup", &green).unwrap();
}

#[test]
fn a_target_is_unused_until_a_load_balancer_forwards_to_it_and_fares_as_the_world_says() {
    let mut world = world();
    let instance = crate::ec2::fixture::running(&mut world, &[]);
    let arn = load_balancer(&mut world, "web", &[]);
    let alone = target_group(&mut world, "alone");
    let used = forwarding(&mut world, &arn);
    let state = |world: &mut World, group: &str| {
        let told = call(world, "DescribeTargetHealth", &[("TargetGroupArn", group)]).unwrap();
        (text_of(&told, "State").unwrap_or_default(), text_of(&told, "Reason"))
    };
    for group in [&alone, &used] {
        let target = [("TargetGroupArn", group.as_str()), ("Targets.member.1.Id", &instance)];
        call(&mut world, "RegisterTargets", &target).unwrap();
    }
    assert_eq!(state(&mut world, &alone), ("unused".to_owned(), Some("Target.NotInUse".to_owned())));
    assert_eq!(state(&mut world, &used).0, "initial");
    skip(&mut world, super::targets::INITIAL);
    assert_eq!(state(&mut world, &used), ("healthy".to_owned(), None));
    let unhealthy = crate::stores::elb::Health::Unhealthy;
    super::targets::set_health(&mut world, REGION, &used, &instance, unhealthy);
    assert_eq!(state(&mut world, &used).0, "unhealthy");
    ec2(&mut world, "StopInstances", &[("InstanceId.1", &instance)]).unwrap();
    assert_eq!(state(&mut world, &used).1.as_deref(), Some("Target.InvalidState"));
    let target = [("TargetGroupArn", used.as_str()), ("Targets.member.1.Id", &instance)];
    call(&mut world, "DeregisterTargets", &target).unwrap();
    assert_eq!(state(&mut world, &used).0, "");
    assert_eq!(code(call(&mut world, "RegisterTargets", &target)), "InvalidTarget");
}
