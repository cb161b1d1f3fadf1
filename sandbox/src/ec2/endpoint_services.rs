//! Endpoint services: network load balancers that others reach through endpoints.

use super::describe::{Kind, Pages, describe, one};
use super::noun::ENDPOINT_SERVICE;
use super::tags::checked;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::stores::ec2::{Ec2, EndpointService};
use crate::stores::elb::Type;
use crate::world::World;
use crate::xml::Xml;

/// The operations of this file.
pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateVpcEndpointServiceConfiguration", create),
    ("DescribeVpcEndpointServiceConfigurations", |world, ctx| describe(world, ctx, &KIND)),
    ("DeleteVpcEndpointServiceConfigurations", delete),
];

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServiceConfigurations.html>
static KIND: Kind<EndpointService> = Kind {
    noun: &ENDPOINT_SERVICE,
    ids: "ServiceId",
    set: "serviceConfigurationSet",
    pages: Pages::Clipped(1000),
    facts: &[
        ("service-id", |_, id, _| one(id)),
        ("service-name", |_, _, service| one(&service.name)),
        ("service-state", |_, _, _| one("Available")),
    ],
    tags: |service| &service.tags,
    records: |ec2| &ec2.endpoint_services,
    write: |_, xml, id, service| write(xml, id, service),
};

fn write(xml: &mut Xml, id: &str, service: &EndpointService) {
    let kind = if service.gateway_balancers.is_empty() { "Interface" } else { "GatewayLoadBalancer" };
    xml.list("serviceType", [kind], |item, kind| {
        item.text("serviceType", kind);
    });
    xml.text("serviceId", id)
        .text("serviceName", &service.name)
        .text("serviceState", "Available")
        .text("acceptanceRequired", service.acceptance_required)
        .text("managesVpcEndpoints", false)
        .texts("networkLoadBalancerArnSet", &service.network_balancers)
        .texts("gatewayLoadBalancerArnSet", &service.gateway_balancers)
        .tags(&service.tags);
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpointServiceConfiguration.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let params = &ctx.params;
    let networks = params.list("NetworkLoadBalancerArn");
    let gateways = params.list("GatewayLoadBalancerArn");
    let state = world.region(&ctx.region);
    for (arns, wanted) in [(&networks, Type::Network), (&gateways, Type::Gateway)] {
        let fits = |arn: &String| state.elb.load_balancers.get(arn).is_some_and(|lb| lb.lb_type == wanted);
        if let Some(arn) = arns.iter().find(|arn| !fits(arn)) {
            let text = format!("{arn} is not a {} load balancer of yours", wanted.as_str());
            return Err(AwsError::new("InvalidParameter", text));
        }
    }
    if networks.is_empty() && gateways.is_empty() {
        let text = "A load balancer must be specified";
        return Err(AwsError::new("MissingParameter", text));
    }
    let token = params.get("ClientToken").map(str::to_owned);
    let services = &state.ec2.endpoint_services;
    let same = services.iter().find(|(_, other)| token.is_some() && other.client_token == token);
    if let Some((id, standing)) = same {
        return Ok(answered(id, standing));
    }
    let id = world.ids.ec2("vpce-svc");
    let service = EndpointService {
        name: format!("com.amazonaws.vpce.{}.{id}", ctx.region),
        network_balancers: networks.into_iter().collect(),
        gateway_balancers: gateways.into_iter().collect(),
        acceptance_required: params.get("AcceptanceRequired").is_none_or(|wanted| wanted == "true"),
        client_token: token,
        tags: checked(params.tag_specifications("vpc-endpoint-service"))?,
    };
    let answer = answered(&id, &service);
    world.region(&ctx.region).ec2.endpoint_services.insert(id, service);
    Ok(answer)
}

fn answered(id: &str, service: &EndpointService) -> Answer {
    let mut xml = Xml::new();
    xml.node("serviceConfiguration", |inside| write(inside, id, service));
    xml.maybe("clientToken", service.client_token.as_ref());
    xml.into()
}

/// Each one by itself: what is refused stands in the answer. One with endpoints is refused:
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/delete-endpoint-service.html>.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let ids = ctx.params.list("ServiceId");
    if ids.is_empty() {
        ctx.params.required("ServiceId")?;
    }
    let ec2 = &mut world.region(&ctx.region).ec2;
    let mut refused = Vec::new();
    for id in &ids {
        match removable(ec2, id) {
            Ok(()) => {
                ec2.endpoint_services.remove(id);
            }
            Err(refusal) => refused.push((id, refusal)),
        }
    }
    let mut xml = Xml::new();
    xml.list("unsuccessful", refused, |item, (id, refusal)| {
        item.node("error", |error| {
            error.text("code", &refusal.code).text("message", &refusal.message);
        });
        item.text("resourceId", id);
    });
    Ok(xml.into())
}

fn removable(ec2: &Ec2, id: &str) -> AwsResult<()> {
    let service = ENDPOINT_SERVICE.find(id, &ec2.endpoint_services)?;
    let connected = |state: &str| !["deleting", "deleted", "rejected"].contains(&state);
    if ec2.endpoints.values().any(|other| other.service == service.name && connected(&other.state)) {
        let text = "Service has existing active VPC Endpoint connections!";
        return Err(AwsError::new("ExistingVpcEndpointConnections", text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::ec2::fixture::{REGION, SUBNET_A, VPC, code, ec2, skip, told, world};
    use crate::xml::text_of;

    #[test]
    fn the_load_balancer_behind_one_cannot_be_deleted_and_the_refusal_does_not_name_it() {
        let mut world = world();
        let params = [("Name", "back"), ("Type", "network"), ("Subnets.member.1", SUBNET_A)];
        let answer = world.call("elasticloadbalancing", REGION, "CreateLoadBalancer", &params).unwrap();
        let arn = text_of(&answer, "LoadBalancerArn").unwrap();
        let params = [("NetworkLoadBalancerArn.1", arn.as_str())];
        let id = told(&mut world, "CreateVpcEndpointServiceConfiguration", &params, "serviceId");
        let listed = ec2(&mut world, "DescribeVpcEndpointServiceConfigurations", &[]).unwrap();
        assert!(listed.contains(&format!("<networkLoadBalancerArnSet><item>{arn}</item>")));
        let named = [("LoadBalancerArn", arn.as_str())];
        let refusal = world.call("elasticloadbalancing", REGION, "DeleteLoadBalancer", &named).unwrap_err();
        let said = format!(
            "Load balancer '{arn}' cannot be deleted because it is currently associated with another service"
        );
        assert_eq!((refusal.code.as_str(), refusal.message), ("ResourceInUse", said));
        let gone =
            ec2(&mut world, "DeleteVpcEndpointServiceConfigurations", &[("ServiceId.1", &id)]).unwrap();
        assert_eq!(text_of(&gone, "code"), None);
        world.call("elasticloadbalancing", REGION, "DeleteLoadBalancer", &named).unwrap();
    }

    #[test]
    fn one_with_endpoints_is_kept_and_what_is_no_network_load_balancer_makes_none() {
        let mut world = world();
        let params = [("Name", "back"), ("Type", "network"), ("Subnets.member.1", SUBNET_A)];
        let answer = world.call("elasticloadbalancing", REGION, "CreateLoadBalancer", &params).unwrap();
        let arn = text_of(&answer, "LoadBalancerArn").unwrap();
        let none = [("NetworkLoadBalancerArn.1", "arn:none")];
        assert_eq!(code(ec2(&mut world, "CreateVpcEndpointServiceConfiguration", &none)), "InvalidParameter");
        let params = [("NetworkLoadBalancerArn.1", arn.as_str())];
        let made = ec2(&mut world, "CreateVpcEndpointServiceConfiguration", &params).unwrap();
        let (id, name) = (text_of(&made, "serviceId").unwrap(), text_of(&made, "serviceName").unwrap());
        let endpoint = [
            ("VpcId", VPC),
            ("ServiceName", name.as_str()),
            ("VpcEndpointType", "Interface"),
            ("SubnetId.1", SUBNET_A),
        ];
        let endpoint = told(&mut world, "CreateVpcEndpoint", &endpoint, "vpcEndpointId");
        let delete = [("ServiceId.1", id.as_str())];
        let answer = ec2(&mut world, "DeleteVpcEndpointServiceConfigurations", &delete).unwrap();
        assert_eq!(text_of(&answer, "code").as_deref(), Some("ExistingVpcEndpointConnections"));
        ec2(&mut world, "DeleteVpcEndpoints", &[("VpcEndpointId.1", &endpoint)]).unwrap();
        skip(&mut world, std::time::Duration::from_secs(600));
        let answer = ec2(&mut world, "DeleteVpcEndpointServiceConfigurations", &delete).unwrap();
        assert_eq!(text_of(&answer, "code"), None);
    }
}
