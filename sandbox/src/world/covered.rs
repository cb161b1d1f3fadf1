//! What the tagging API covers, and how it names it.
//!
//! Not there, as on AWS: IAM roles and users, Auto Scaling groups, EKS access entries.
//! <https://docs.aws.amazon.com/ARG/latest/userguide/supported-resources.html>.

use super::World;
use crate::stores::ec2::Ec2;
use crate::stores::eks::Eks;
use crate::stores::elb::Elb;
use crate::tags::Tags;

/// The region from which the global services are seen.
pub(crate) const HOME: &str = "us-east-1";

/// What is told of each thing: its type, its id (or ARN, or name), its tags.
type Visit<'v, 'a> = &'v mut dyn FnMut(&'static str, &'a str, &'a Tags);

/// Visits everything of a region that the tagging API covers.
pub(crate) fn walk<'a>(world: &'a World, region: &str, visit: Visit<'_, 'a>) {
    if region == HOME {
        for profile in world.iam.profiles.values() {
            visit("iam:instance-profile", &profile.arn, &profile.tags);
        }
        for policy in world.iam.policies.values() {
            visit("iam:policy", &policy.arn, &policy.tags);
        }
        for provider in world.iam.providers.values() {
            visit("iam:oidc-provider", &provider.arn, &provider.tags);
        }
    }
    for bucket in world.s3.buckets.values().filter(|bucket| bucket.region == region) {
        visit("s3:bucket", &bucket.arn, &bucket.tags);
    }
    let Some(state) = world.regions.get(region) else { return };
    for (name, group) in &state.logs.groups {
        visit("logs:log-group", name, &group.tags);
    }
    for stack in state.cloudformation.stacks.values().filter(|stack| stack.stands()) {
        visit("cloudformation:stack", &stack.id, &stack.tags);
    }
    for parameter in state.ssm.parameters.values() {
        visit("ssm:parameter", &parameter.arn, &parameter.tags);
    }
    for (id, key) in &state.kms.keys {
        visit("kms:key", id, &key.tags);
    }
    for cluster in state.ecs.clusters.values() {
        visit("ecs:cluster", &cluster.arn, &cluster.tags);
        for service in cluster.services.values() {
            visit("ecs:service", &service.arn, &service.tags);
        }
    }
    for definition in state.ecs.definitions.values() {
        visit("ecs:task-definition", &definition.arn, &definition.tags);
    }
    for function in state.lambda.functions.values() {
        visit("lambda:function", &function.arn, &function.tags);
    }
    walk_clusters(&state.eks, visit);
    walk_balancers(&state.elb, visit);
    walk_network(&state.ec2, visit);
    walk_joining(&state.ec2, visit);
    walk_compute(&state.ec2, visit);
}

/// EKS: clusters, node groups, Fargate profiles, add-ons and pod identity associations, but not access entries.
fn walk_clusters<'a>(eks: &'a Eks, visit: Visit<'_, 'a>) {
    for cluster in eks.clusters.values() {
        visit("eks:cluster", &cluster.arn, &cluster.tags);
        for group in cluster.nodegroups.values() {
            visit("eks:nodegroup", &group.arn, &group.tags);
        }
        for addon in cluster.addons.values() {
            visit("eks:addon", &addon.arn, &addon.tags);
        }
        for profile in cluster.fargate_profiles.values() {
            visit("eks:fargateprofile", &profile.arn, &profile.tags);
        }
        for association in cluster.associations.values() {
            visit("eks:podidentityassociation", &association.arn, &association.tags);
        }
    }
}

/// Load balancing.
fn walk_balancers<'a>(elb: &'a Elb, visit: Visit<'_, 'a>) {
    for (arn, balancer) in &elb.load_balancers {
        visit("elasticloadbalancing:loadbalancer", arn, &balancer.tags);
    }
    for (arn, group) in &elb.target_groups {
        visit("elasticloadbalancing:targetgroup", arn, &group.tags);
    }
    for (arn, listener) in &elb.listeners {
        visit("elasticloadbalancing:listener", arn, &listener.tags);
    }
    for (arn, rule) in &elb.rules {
        visit("elasticloadbalancing:listener-rule", arn, &rule.tags);
    }
}

/// EC2's network half.
fn walk_network<'a>(ec2: &'a Ec2, visit: Visit<'_, 'a>) {
    for (id, vpc) in &ec2.vpcs {
        visit("ec2:vpc", id, &vpc.tags);
    }
    for (id, subnet) in &ec2.subnets {
        visit("ec2:subnet", id, &subnet.tags);
    }
    for (id, table) in &ec2.route_tables {
        visit("ec2:route-table", id, &table.tags);
    }
    for (id, gateway) in &ec2.internet_gateways {
        visit("ec2:internet-gateway", id, &gateway.tags);
    }
    for (id, acl) in &ec2.network_acls {
        visit("ec2:network-acl", id, &acl.tags);
    }
    for (id, interface) in &ec2.interfaces {
        visit("ec2:network-interface", id, &interface.tags);
    }
    for (id, group) in &ec2.security_groups {
        visit("ec2:security-group", id, &group.tags);
    }
    for (id, rule) in &ec2.rules {
        visit("ec2:security-group-rule", id, &rule.tags);
    }
    for (id, address) in &ec2.addresses {
        visit("ec2:elastic-ip", id, &address.tags);
    }
    for (id, nat) in ec2.nat_gateways.iter().filter(|(_, nat)| nat.state != "deleted") {
        visit("ec2:natgateway", id, &nat.tags);
    }
    for (id, gateway) in &ec2.egress_gateways {
        visit("ec2:egress-only-internet-gateway", id, &gateway.tags);
    }
    for (id, options) in &ec2.dhcp_options {
        visit("ec2:dhcp-options", id, &options.tags);
    }
    for (id, log) in &ec2.flow_logs {
        visit("ec2:vpc-flow-log", id, &log.tags);
    }
    for (id, peering) in ec2.peerings.iter().filter(|(_, peering)| peering.status != "deleted") {
        visit("ec2:vpc-peering-connection", id, &peering.tags);
    }
    for (id, endpoint) in ec2.endpoints.iter().filter(|(_, endpoint)| endpoint.state != "deleted") {
        visit("ec2:vpc-endpoint", id, &endpoint.tags);
    }
}

/// What joins EC2's networks to others, or lets others in.
fn walk_joining<'a>(ec2: &'a Ec2, visit: Visit<'_, 'a>) {
    for (id, gateway) in ec2.vpn_gateways.iter().filter(|(_, gateway)| gateway.state != "deleted") {
        visit("ec2:vpn-gateway", id, &gateway.tags);
    }
    for (id, connection) in ec2.vpn_connections.iter().filter(|(_, it)| it.state != "deleted") {
        visit("ec2:vpn-connection", id, &connection.tags);
    }
    for (id, gateway) in ec2.customer_gateways.iter().filter(|(_, it)| it.state != "deleted") {
        visit("ec2:customer-gateway", id, &gateway.tags);
    }
    for (id, gateway) in &ec2.carrier_gateways {
        visit("ec2:carrier-gateway", id, &gateway.tags);
    }
    let endpoints = ec2.instance_connect_endpoints.iter();
    for (id, endpoint) in endpoints.filter(|(_, it)| it.state != "delete-complete") {
        visit("ec2:instance-connect-endpoint", id, &endpoint.tags);
    }
    for (id, attachment) in ec2.transit_attachments.iter().filter(|(_, it)| it.state != "deleted") {
        visit("ec2:transit-gateway-attachment", id, &attachment.tags);
    }
    for (id, service) in &ec2.endpoint_services {
        visit("ec2:vpc-endpoint-service", id, &service.tags);
    }
}

/// EC2's compute half.
fn walk_compute<'a>(ec2: &'a Ec2, visit: Visit<'_, 'a>) {
    for (id, instance) in ec2.instances.iter().filter(|(_, instance)| instance.state != "terminated") {
        visit("ec2:instance", id, &instance.tags);
    }
    for (id, volume) in &ec2.volumes {
        visit("ec2:volume", id, &volume.tags);
    }
    for (id, pair) in &ec2.key_pairs {
        visit("ec2:key-pair", id, &pair.tags);
    }
    for (id, group) in &ec2.placement_groups {
        visit("ec2:placement-group", id, &group.tags);
    }
    for (id, template) in &ec2.launch_templates {
        visit("ec2:launch-template", id, &template.tags);
    }
}

/// The ARN of something that [`walk`] visits.
pub(crate) fn arn(kind: &str, key: &str, region: &str, account: &str) -> String {
    match kind.split_once(':') {
        Some(("ec2", kind)) => format!("arn:aws:ec2:{region}:{account}:{kind}/{key}"),
        Some(("kms", _)) => crate::stores::kms::arn(region, account, &format!("key/{key}")),
        Some(("logs", _)) => crate::stores::logs::arn(region, account, key),
        _ => key.to_owned(),
    }
}
