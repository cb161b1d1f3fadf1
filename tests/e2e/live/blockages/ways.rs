//! What holds a VPC without lying in a subnet of it: gateways, peerings, endpoints.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html>

use std::time::Duration;

use super::parts::{BLUE, balancer, endpoint, gateway, ground, two_zones};
use super::{Call, Case};
use crate::live::stage::{A1, DAY, MINUTE, Stage};

/// A VPC of the failed stack's that AWS does not delete for what is at it.
fn bare(stage: &mut Stage) -> (String, Case) {
    stage.ago(3 * DAY);
    let vpc = stage.vpc(1, A1);
    let case = stays(&vpc);
    (vpc, case)
}

fn stays(vpc: &str) -> Case {
    Case::of(vpc)
        .refused(Call::query("ec2", "DeleteVpc", &[("VpcId", vpc)]), "DependencyViolation")
        .named("vpc", vpc)
}

pub fn vpn_gateway(stage: &mut Stage) -> Case {
    let (vpc, case) = bare(stage);
    let gateway = stage.make("CreateVpnGateway", &[("Type", "ipsec.1")], BLUE, "vpnGatewayId");
    let both = [("VpnGatewayId", gateway.as_str()), ("VpcId", &vpc)];
    stage.ec2("AttachVpnGateway", &both);
    stage.pass(5 * MINUTE);
    case.named("gateway", &gateway).cured(Call::query("ec2", "DetachVpnGateway", &both))
}

pub fn egress_only_gateway(stage: &mut Stage) -> Case {
    let (vpc, case) = bare(stage);
    let made = "egressOnlyInternetGatewayId";
    let gateway = stage.make("CreateEgressOnlyInternetGateway", &[("VpcId", &vpc)], BLUE, made);
    let this = [("EgressOnlyInternetGatewayId", gateway.as_str())];
    case.named("gateway", &gateway).cured(Call::query("ec2", "DeleteEgressOnlyInternetGateway", &this))
}

pub fn internet_gateway(stage: &mut Stage) -> Case {
    let (vpc, case) = bare(stage);
    let gateway = gateway(stage, &vpc, BLUE);
    let both = [("InternetGatewayId", gateway.as_str()), ("VpcId", &vpc)];
    case.named("gateway", &gateway).cured(Call::query("ec2", "DetachInternetGateway", &both))
}

pub fn peering(stage: &mut Stage) -> Case {
    let (vpc, case) = bare(stage);
    let living = stage.vpc(7, BLUE);
    let params = [("VpcId", vpc.as_str()), ("PeerVpcId", &living)];
    let peering = stage.make("CreateVpcPeeringConnection", &params, BLUE, "vpcPeeringConnectionId");
    stage.pass(Duration::from_secs(10));
    let this = [("VpcPeeringConnectionId", peering.as_str())];
    stage.ec2("AcceptVpcPeeringConnection", &this);
    stage.pass(MINUTE);
    case.named("peering", &peering).cured(Call::query("ec2", "DeleteVpcPeeringConnection", &this))
}

pub fn gateway_endpoint(stage: &mut Stage) -> Case {
    let (vpc, case) = bare(stage);
    let params = [
        ("VpcId", vpc.as_str()),
        ("VpcEndpointType", "Gateway"),
        ("ServiceName", "com.amazonaws.us-east-1.s3"),
    ];
    let endpoint = stage.make("CreateVpcEndpoint", &params, BLUE, "vpcEndpointId");
    stage.pass(5 * MINUTE);
    let this = [("VpcEndpointId.1", endpoint.as_str())];
    case.named("endpoint", &endpoint).cured(Call::query("ec2", "DeleteVpcEndpoints", &this))
}

/// What holds the subnet is the endpoint's own interface, which goes with it.
pub fn interface_endpoint(stage: &mut Stage) -> Case {
    let (vpc, subnet) = ground(stage);
    let group = stage.group(&vpc, "blue-endpoint", BLUE);
    let endpoint = endpoint(stage, (&vpc, &subnet, &group), "sqs", BLUE);
    on_endpoint(&subnet, &endpoint)
}

/// GuardDuty puts one into a VPC with a group of its own, and tags both.
/// <https://docs.aws.amazon.com/guardduty/latest/ug/runtime-monitoring-agent-resource-clean-up.html>
pub fn guardduty(stage: &mut Stage) -> Case {
    let (vpc, subnet) = ground(stage);
    let mark = &[("GuardDutyManaged", "true")];
    let group = stage.group(&vpc, &format!("GuardDutyManagedSecurityGroup-{vpc}"), mark);
    let endpoint = endpoint(stage, (&vpc, &subnet, &group), "guardduty-data", mark);
    on_endpoint(&subnet, &endpoint)
}

fn on_endpoint(subnet: &str, endpoint: &str) -> Case {
    let delete = Call::query("ec2", "DeleteSubnet", &[("SubnetId", subnet)]);
    let this = [("VpcEndpointId.1", endpoint)];
    Case::of(subnet).refused(delete, "DependencyViolation").named("endpoint", endpoint).cured(Call::query(
        "ec2",
        "DeleteVpcEndpoints",
        &this,
    ))
}

/// "You can't delete a load balancer if it is in use by another service. For example, if your load balancer is
/// associated with a VPC endpoint service".
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-delete.html>
pub fn endpoint_service(stage: &mut Stage) -> Case {
    let (_, [one, two]) = two_zones(stage);
    let balancer = balancer(stage, "a1-front", &[&one, &two], A1);
    let params = [("NetworkLoadBalancerArn.1", balancer.as_str())];
    let service = stage.make("CreateVpcEndpointServiceConfiguration", &params, &[], "serviceId");
    stage.tag(&service, ("team", "blue"));
    let delete = Call::query("elasticloadbalancing", "DeleteLoadBalancer", &[("LoadBalancerArn", &balancer)]);
    let this = [("ServiceId.1", service.as_str())];
    Case::of(&balancer).refused(delete, "ResourceInUse").named("service", &service).cured(Call::query(
        "ec2",
        "DeleteVpcEndpointServiceConfigurations",
        &this,
    ))
}
