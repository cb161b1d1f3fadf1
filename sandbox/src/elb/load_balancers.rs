//! Load balancers: create, describe, attributes, delete, with the interfaces that they make.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{listeners, new_name, page, required, validation};
use crate::ec2::addresses::bind_address;
use crate::ec2::held::{self, PublicAddress, ServiceInterface};
use crate::ec2::make_interfaces::{default_group, free_addresses, release_interface};
use crate::ec2::unattached;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::query::Params;
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::ec2::Ec2;
use crate::stores::elb::{Elb, LoadBalancer, Scheme, State, Type};
use crate::world::World;
use crate::xml::Xml;

/// How long a load balancer is `provisioning`; customary.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html>
pub const PROVISIONING: Duration = Duration::from_secs(2 * 60);

/// How long the interfaces of a load balancer outlast it. No page tells it; commonly two to five minutes.
/// They cannot be deleted by the user meanwhile:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>.
pub const INTERFACES_LINGER: Duration = Duration::from_secs(3 * 60);

/// Free addresses that each of its subnets must have:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html>.
const ADDRESSES_NEEDED: u64 = 8;

const PROTECTION: &str = "deletion_protection.enabled";

/// The operations of this file.
pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateLoadBalancer", create),
    ("DescribeLoadBalancers", describe),
    ("DeleteLoadBalancer", delete),
    ("DescribeLoadBalancerAttributes", describe_attributes),
    ("ModifyLoadBalancerAttributes", modify_attributes),
];

/// CreateLoadBalancer:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html>.
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let mut new = read(world, ctx)?;
    let most = world.quotas.limit(&ctx.region, quota(new.lb_type));
    let region = world.region(&ctx.region);
    if let Some((arn, standing)) = region.elb.load_balancers.iter().find(|(_, lb)| lb.name == new.name) {
        // "If you attempt to create multiple load balancers with the same settings, each call succeeds."
        let same = standing.lb_type == new.lb_type
            && standing.scheme == new.scheme
            && standing.zones == new.zones
            && standing.groups == new.groups;
        if same {
            return Ok(told([(arn, standing)]));
        }
        return Err(AwsError::new(
            "DuplicateLoadBalancerName",
            format!("A load balancer with the same name '{}' exists, but with different settings", new.name),
        ));
    }
    check_quota(&region.elb, new.lb_type, most)?;
    check_place(&region.ec2, &new)?;
    let addresses = allocations(&region.ec2, &ctx.params)?;
    let id = world.ids.hex(16);
    let place = format!("{}/{}/{id}", new.lb_type.short(), new.name);
    let arn = format!("arn:aws:elasticloadbalancing:{}:{}:loadbalancer/{place}", ctx.region, world.account);
    new.dns_name = match new.scheme {
        Scheme::InternetFacing => format!("{}-{}.{}.elb.amazonaws.com", new.name, &id[..9], ctx.region),
        Scheme::Internal => format!("internal-{}-{}.{}.elb.amazonaws.com", new.name, &id[..9], ctx.region),
    };
    for subnet in new.zones.values() {
        let interface = interface(&new, &place, subnet, addresses.get(subnet));
        let interface = held::make_for_service(world, &ctx.region, interface)?;
        if let Some(allocation) = addresses.get(subnet) {
            bind_address(world, &ctx.region, allocation, &interface)?;
        }
        new.interfaces.push(interface);
    }
    let answer = told([(&arn, &new)]);
    world.region(&ctx.region).elb.load_balancers.insert(arn.clone(), new);
    let region = ctx.region.clone();
    world.after(PROVISIONING, move |world| {
        if let Some(lb) = world.region(&region).elb.load_balancers.get_mut(&arn) {
            lb.state = State::Active;
        }
    });
    Ok(answer)
}

fn read(world: &mut World, ctx: &Ctx) -> AwsResult<LoadBalancer> {
    let params = &ctx.params;
    let lb_type = match params.get("Type") {
        None | Some("application") => Type::Application,
        Some("network") => Type::Network,
        Some("gateway") => Type::Gateway,
        Some(other) => return Err(validation(format!("'{other}' is not a valid load balancer type"))),
    };
    let scheme = match (params.get("Scheme"), lb_type) {
        (Some("internal"), _) | (None, Type::Gateway) => Scheme::Internal,
        (None | Some("internet-facing"), _) => Scheme::InternetFacing,
        (Some(other), _) => {
            return Err(AwsError::new("InvalidScheme", format!("'{other}' is not a valid scheme")));
        }
    };
    let created = world.clock.now();
    let ec2 = &world.region(&ctx.region).ec2;
    let (vpc, zones) = zones(ec2, params)?;
    let mut groups: BTreeSet<String> = params.list("SecurityGroups").into_iter().collect();
    if groups.is_empty() && lb_type == Type::Application {
        groups.extend(default_group(ec2, &vpc));
    }
    Ok(LoadBalancer {
        name: new_name(params)?,
        dns_name: String::new(),
        created,
        scheme,
        lb_type,
        vpc,
        state: State::Provisioning,
        zones,
        groups,
        interfaces: Vec::new(),
        attributes: BTreeMap::from([(PROTECTION.to_owned(), "false".to_owned())]),
        tags: params.tags("Tags"),
    })
}

/// The VPC, and the subnet in each zone.
fn zones(ec2: &Ec2, params: &Params) -> AwsResult<(String, BTreeMap<String, String>)> {
    let mut ids = params.list("Subnets");
    let mapped = params.items("SubnetMappings");
    ids.extend(mapped.iter().filter_map(|mapping| mapping.get("SubnetId")).map(str::to_owned));
    let (mut vpcs, mut zones) = (BTreeSet::new(), BTreeMap::new());
    for id in ids {
        let Some(subnet) = ec2.subnets.get(&id) else {
            return Err(AwsError::new("SubnetNotFound", format!("The subnet ID '{id}' does not exist")));
        };
        vpcs.insert(subnet.vpc.clone());
        if zones.insert(subnet.zone.clone(), id).is_some() {
            return Err(AwsError::new(
                "InvalidConfigurationRequest",
                "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
            ));
        }
    }
    match (vpcs.pop_first(), vpcs.is_empty()) {
        (Some(vpc), true) => Ok((vpc, zones)),
        (None, _) => Err(validation("At least one subnet must be specified")),
        (Some(_), false) => Err(AwsError::new(
            "InvalidConfigurationRequest",
            "The specified subnets belong to more than one VPC",
        )),
    }
}

fn check_quota(elb: &Elb, lb_type: Type, most: usize) -> AwsResult<()> {
    let used = elb.load_balancers.values().filter(|lb| lb.lb_type == lb_type).count();
    if used >= most {
        let text = format!("The maximum number of {} load balancers has been reached", lb_type.as_str());
        return Err(AwsError::new("TooManyLoadBalancers", text));
    }
    Ok(())
}

/// The quota of load balancers of a type, by its code.
fn quota(lb_type: Type) -> &'static str {
    match lb_type {
        Type::Application => table::APPLICATION_LOAD_BALANCERS,
        Type::Network => table::NETWORK_LOAD_BALANCERS,
        Type::Gateway => table::GATEWAY_LOAD_BALANCERS,
    }
}

fn check_place(ec2: &Ec2, new: &LoadBalancer) -> AwsResult<()> {
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
    if new.lb_type == Type::Application && new.zones.len() < 2 {
        return Err(validation("At least two subnets in two different Availability Zones must be specified"));
    }
    if let Some(subnet) = new.zones.values().find(|id| free_addresses(ec2, id) < ADDRESSES_NEEDED) {
        return Err(AwsError::new(
            "InvalidSubnet",
            format!(
                "Not enough IP space available in {subnet}. ELB requires at least 8 free IP addresses in each \
                 subnet."
            ),
        ));
    }
    let open = ec2.internet_gateways.values().any(|gateway| gateway.vpc.as_ref() == Some(&new.vpc));
    if new.scheme == Scheme::InternetFacing && !open {
        return Err(AwsError::new("InvalidSubnet", format!("VPC {} has no internet gateway", new.vpc)));
    }
    let known = |id: &String| ec2.security_groups.get(id).is_some_and(|group| group.vpc == new.vpc);
    match new.groups.iter().find(|id| !known(id)) {
        Some(id) => {
            Err(AwsError::new("InvalidSecurityGroup", format!("Security group '{id}' does not exist")))
        }
        None => Ok(()),
    }
}

/// Subnet → the Elastic IP that a network load balancer is to have there. It must be free:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SubnetMapping.html>.
fn allocations(ec2: &Ec2, params: &Params) -> AwsResult<BTreeMap<String, String>> {
    let pair = |mapping: Params| {
        Some((mapping.get("SubnetId")?.to_owned(), mapping.get("AllocationId")?.to_owned()))
    };
    let wanted: BTreeMap<_, _> = params.items("SubnetMappings").into_iter().filter_map(pair).collect();
    let free = |id: &String| ec2.addresses.get(id).is_some_and(|address| address.association.is_none());
    match wanted.values().find(|id| !free(id)) {
        Some(id) => {
            let text = format!("The allocation IDs '{id}' are not available for use");
            Err(AwsError::new("AllocationIdNotFound", text))
        }
        None => Ok(wanted),
    }
}

/// Descriptions and owners as they are seen in DescribeNetworkInterfaces; see
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>.
fn interface(lb: &LoadBalancer, place: &str, subnet: &str, allocation: Option<&String>) -> ServiceInterface {
    let (interface_type, attached_by) = match lb.lb_type {
        Type::Application => ("interface", "amazon-elb"),
        Type::Network => ("network_load_balancer", "amazon-aws"),
        Type::Gateway => ("gateway_load_balancer", "amazon-aws"),
    };
    let public = match (lb.scheme, allocation) {
        (Scheme::InternetFacing, None) => PublicAddress::Own,
        (Scheme::InternetFacing, Some(_)) | (Scheme::Internal, _) => PublicAddress::No,
    };
    ServiceInterface {
        subnet: subnet.to_owned(),
        description: format!("ELB {place}"),
        interface_type,
        requester: "amazon-elb",
        attached_by,
        groups: lb.groups.clone(),
        public,
    }
}

/// DescribeLoadBalancers:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html>.
fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let (arns, names) = (ctx.params.list("LoadBalancerArns"), ctx.params.list("Names"));
    let all = &world.region(&ctx.region).elb.load_balancers;
    if let Some(arn) = arns.iter().find(|arn| !all.contains_key(*arn)) {
        return Err(not_found(arn));
    }
    if let Some(name) = names.iter().find(|name| !all.values().any(|lb| lb.name == **name)) {
        return Err(not_found(name));
    }
    let wanted = |arn: &String, lb: &LoadBalancer| {
        (arns.is_empty() || arns.contains(arn)) && (names.is_empty() || names.contains(&lb.name))
    };
    let rows = all.iter().filter(|(arn, lb)| wanted(arn, lb)).map(|(arn, lb)| (arn.clone(), lb)).collect();
    let (rows, next) = page(&ctx.params, rows)?;
    let mut xml = Xml::new();
    xml.members("LoadBalancers", rows, |item, (arn, lb)| write(item, &arn, lb));
    xml.maybe("NextMarker", next);
    Ok(xml.into())
}

pub(super) fn not_found(name: &str) -> AwsError {
    AwsError::new("LoadBalancerNotFound", format!("Load balancers '[{name}]' not found"))
}

/// DeleteLoadBalancer. "If the load balancer does not exist or has already been deleted, the call succeeds":
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html>.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let arn = required(&ctx.params, "LoadBalancerArn")?;
    if !arn.contains(":loadbalancer/") {
        return Err(validation(format!("'{arn}' is not a valid load balancer ARN")));
    }
    let region = world.region(&ctx.region);
    let behind_a_service =
        region.ec2.endpoint_services.values().any(|service| {
            service.network_balancers.contains(arn) || service.gateway_balancers.contains(arn)
        });
    let all = &mut region.elb.load_balancers;
    let Some(lb) = all.get(arn) else { return Ok(Xml::new().into()) };
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
    if lb.attributes.get(PROTECTION).is_some_and(|value| value == "true") {
        return Err(AwsError::new(
            "OperationNotPermitted",
            format!("Load balancer '{arn}' cannot be deleted because deletion protection is enabled"),
        ));
    }
    // "ResourceInUse" of the page of DeleteLoadBalancer; the sentence is AWS's, seen in
    // cloud-custodian/cloud-custodian#9921. It does not tell which service.
    if behind_a_service {
        return Err(AwsError::new(
            "ResourceInUse",
            format!(
                "Load balancer '{arn}' cannot be deleted because it is currently associated with another service"
            ),
        ));
    }
    let interfaces = all.remove(arn).map(|lb| lb.interfaces).unwrap_or_default();
    listeners::remove_all_of(world, &ctx.region, arn);
    unattached::let_go_before(world, &ctx.region, &interfaces, INTERFACES_LINGER);
    let region = ctx.region.clone();
    world.after(INTERFACES_LINGER, move |world| {
        for interface in &interfaces {
            release_interface(world, &region, interface);
        }
    });
    Ok(Xml::new().into())
}

/// DescribeLoadBalancerAttributes.
fn describe_attributes(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let lb = find(world, ctx)?;
    Ok(attributes(lb))
}

/// ModifyLoadBalancerAttributes.
fn modify_attributes(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let changed = ctx.params.tags("Attributes");
    let lb = find(world, ctx)?;
    lb.attributes.extend(changed);
    Ok(attributes(lb))
}

fn find<'world>(world: &'world mut World, ctx: &Ctx) -> AwsResult<&'world mut LoadBalancer> {
    let arn = required(&ctx.params, "LoadBalancerArn")?;
    world.region(&ctx.region).elb.load_balancers.get_mut(arn).ok_or_else(|| not_found(arn))
}

fn attributes(lb: &LoadBalancer) -> Answer {
    let mut xml = Xml::new();
    xml.members("Attributes", &lb.attributes, |item, (key, value)| {
        item.text("Key", key).text("Value", value);
    });
    xml.into()
}

fn told<'a>(rows: impl IntoIterator<Item = (&'a String, &'a LoadBalancer)>) -> Answer {
    let mut xml = Xml::new();
    xml.members("LoadBalancers", rows, |item, (arn, lb)| write(item, arn, lb));
    xml.into()
}

fn write(xml: &mut Xml, arn: &str, lb: &LoadBalancer) {
    xml.text("LoadBalancerArn", arn)
        .text("DNSName", &lb.dns_name)
        .text("CreatedTime", lb.created)
        .text("LoadBalancerName", &lb.name)
        .text("Scheme", lb.scheme.as_str())
        .text("VpcId", &lb.vpc)
        .node("State", |state| {
            state.text("Code", lb.state.as_str());
        })
        .text("Type", lb.lb_type.as_str())
        .members("AvailabilityZones", &lb.zones, |item, (zone, subnet)| {
            item.text("ZoneName", zone).text("SubnetId", subnet);
        })
        .member_texts("SecurityGroups", &lb.groups)
        .text("IpAddressType", "ipv4");
}
