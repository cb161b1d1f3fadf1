//! Services: create, scale, list, describe, delete, with the interfaces of their tasks.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::{cluster, definitions, invalid, name_in, page, tags_of, told_tags};
use crate::ec2::held::{self, PublicAddress, ServiceInterface};
use crate::ec2::make_interfaces::release_interface;
use crate::error::{AwsError, AwsResult};
use crate::fields::Fields;
use crate::protocol::{Answer, Ctx};
use crate::stores::ecs::{EcsNetwork, EcsService};
use crate::world::World;

/// How soon the tasks of a service run, or end; customary.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>
pub const START: Duration = Duration::from_secs(60);

/// The most services of one describe call:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html>.
const MOST_DESCRIBED: usize = 10;

/// CreateService: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html>.
pub(super) fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let input = Fields::from(&ctx.json);
    let name = input.text("serviceName").ok_or_else(|| invalid("Service name cannot be empty."))?;
    let named = input.text("taskDefinition").ok_or_else(|| invalid("TaskDefinition cannot be null."))?;
    let (_, _, definition) = definitions::find(&world.region(&ctx.region).ecs, &named)?;
    let definition = definition.arn.clone();
    let network = network(world, &ctx.region, &input)?;
    let (created, account) = (world.clock.now(), world.account.clone());
    let cluster_record = cluster(world, &ctx.region, &input)?;
    let cluster_name = name_in(&cluster_record.arn).to_owned();
    if cluster_record.services.contains_key(&name) {
        return Err(invalid("Creation of service was not idempotent."));
    }
    let service = EcsService {
        arn: format!("arn:aws:ecs:{}:{account}:service/{cluster_name}/{name}", ctx.region),
        created,
        definition,
        desired: input.number("desiredCount").unwrap_or(0),
        running: 0,
        launch_type: input.text("launchType").unwrap_or_else(|| "FARGATE".to_owned()),
        role: input.text("role"),
        network,
        load_balancers: input
            .value("loadBalancers")
            .and_then(|list| list.as_array().cloned())
            .unwrap_or_default(),
        interfaces: Vec::new(),
        tags: tags_of(&input),
    };
    let value = told(&cluster_record.arn, &name, &service);
    cluster_record.services.insert(name.clone(), service);
    follow_later(world, &ctx.region, cluster_name, name);
    Ok(json!({ "service": value }).into())
}

/// `networkConfiguration`, whose subnets and groups have to be there.
fn network(world: &mut World, region: &str, input: &Fields) -> AwsResult<Option<EcsNetwork>> {
    let config = input.object("networkConfiguration").object("awsvpcConfiguration");
    let subnets = config.texts("subnets");
    let groups: BTreeSet<String> = config.texts("securityGroups").into_iter().collect();
    let ec2 = &world.region(region).ec2;
    if let Some(id) = subnets.iter().find(|id| !ec2.subnets.contains_key(*id)) {
        return Err(invalid(format!(
            "Error retrieving subnet information for [{id}]: The subnet ID '{id}' does not exist"
        )));
    }
    if let Some(id) = groups.iter().find(|id| !ec2.security_groups.contains_key(*id)) {
        return Err(invalid(format!(
            "Error retrieving security group information for [{id}]: The security group '{id}' does not exist"
        )));
    }
    let public = config.text("assignPublicIp").as_deref() == Some("ENABLED");
    Ok((!subnets.is_empty()).then_some(EcsNetwork { subnets, groups, public }))
}

/// After a while, as many tasks run as are wanted, each with its interface.
fn follow_later(world: &mut World, region: &str, cluster: String, name: String) {
    let region = region.to_owned();
    world.after(START, move |world| {
        let Some(service) = find(world, &region, &cluster, &name).cloned() else { return };
        for interface in service.interfaces.iter().skip(service.desired as usize) {
            release_interface(world, &region, interface);
        }
        let mut interfaces = service.interfaces;
        interfaces.truncate(service.desired as usize);
        let mut running = service.desired;
        if let Some(network) = &service.network {
            let missing = (interfaces.len()..service.desired as usize).zip(network.subnets.iter().cycle());
            for (_, subnet) in missing {
                // A task that EC2 has no place for does not run.
                interfaces.extend(task_interface(world, &region, network, subnet).ok());
            }
            running = u32::try_from(interfaces.len()).unwrap_or(running);
        }
        if let Some(service) = find(world, &region, &cluster, &name) {
            (service.running, service.interfaces) = (running, interfaces);
        }
    });
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html>
fn task_interface(world: &mut World, region: &str, network: &EcsNetwork, subnet: &str) -> AwsResult<String> {
    let interface = ServiceInterface {
        subnet: subnet.to_owned(),
        description: format!("arn:aws:ecs:{region}:{}:attachment/{}", world.account, world.ids.uuid()),
        interface_type: "interface",
        requester: "amazon-ecs",
        attached_by: "amazon-aws",
        groups: network.groups.clone(),
        public: if network.public { PublicAddress::Own } else { PublicAddress::No },
    };
    held::make_for_service(world, region, interface)
}

fn find<'world>(
    world: &'world mut World,
    region: &str,
    cluster: &str,
    name: &str,
) -> Option<&'world mut EcsService> {
    world.region(region).ecs.clusters.get_mut(cluster)?.services.get_mut(name)
}

/// UpdateService, as far as numbers and definitions go:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html>.
pub(super) fn update(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let input = Fields::from(&ctx.json);
    let definition = match input.text("taskDefinition") {
        None => None,
        Some(named) => Some(definitions::find(&world.region(&ctx.region).ecs, &named)?.2.arn.clone()),
    };
    let cluster = cluster(world, &ctx.region, &input)?;
    let (arn, cluster_name) = (cluster.arn.clone(), name_in(&cluster.arn).to_owned());
    let named = input.text("service").unwrap_or_default();
    let name = name_in(&named).to_owned();
    let service = cluster.services.get_mut(&name).ok_or_else(not_found)?;
    service.desired = input.number("desiredCount").unwrap_or(service.desired);
    service.definition = definition.unwrap_or_else(|| service.definition.clone());
    let value = told(&arn, &name, service);
    follow_later(world, &ctx.region, cluster_name, name);
    Ok(json!({ "service": value }).into())
}

fn not_found() -> AwsError {
    AwsError::new("ServiceNotFoundException", "Service not found.")
}

/// DeleteService: one that wants tasks only by force.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html>
pub(super) fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let input = Fields::from(&ctx.json);
    let cluster = cluster(world, &ctx.region, &input)?;
    let named = input.text("service").unwrap_or_default();
    let name = name_in(&named);
    let service = cluster.services.get(name).ok_or_else(not_found)?;
    if service.desired > 0 && !input.truth("force") {
        return Err(invalid("The service cannot be stopped while it is scaled above 0."));
    }
    let mut value = told(&cluster.arn, name, service);
    value["status"] = json!("DRAINING");
    let interfaces = service.interfaces.clone();
    cluster.services.remove(name);
    let region = ctx.region.clone();
    world.after(START, move |world| {
        for interface in &interfaces {
            release_interface(world, &region, interface);
        }
    });
    Ok(json!({ "service": value }).into())
}

/// ListServices: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServices.html>.
pub(super) fn list(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let input = Fields::from(&ctx.json);
    let services = cluster(world, &ctx.region, &input)?.services.values();
    let arns: Vec<String> = services.map(|service| service.arn.clone()).collect();
    page("serviceArns", &arns, &input, 10).map(Answer::from)
}

/// DescribeServices: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html>.
pub(super) fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let input = Fields::from(&ctx.json);
    let cluster = cluster(world, &ctx.region, &input)?;
    let named = input.texts("services");
    if named.is_empty() || named.len() > MOST_DESCRIBED {
        return Err(invalid("Services must have between 1 and 10 entries"));
    }
    let with_tags = input.texts("include").iter().any(|more| more == "TAGS");
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in named.iter().map(|name| name_in(name)) {
        match cluster.services.get(name) {
            Some(service) => {
                let mut value = told(&cluster.arn, name, service);
                if with_tags {
                    value["tags"] = told_tags(&service.tags);
                }
                found.push(value);
            }
            None => {
                let arn = format!("{}/{name}", cluster.arn.replacen(":cluster/", ":service/", 1));
                failures.push(json!({ "arn": arn, "reason": "MISSING" }));
            }
        }
    }
    Ok(json!({ "services": found, "failures": failures }).into())
}

fn told(cluster: &str, name: &str, service: &EcsService) -> Value {
    let mut value = json!({
        "serviceArn": service.arn,
        "serviceName": name,
        "clusterArn": cluster,
        "loadBalancers": service.load_balancers,
        "status": "ACTIVE",
        "desiredCount": service.desired,
        "runningCount": service.running,
        "pendingCount": service.desired.saturating_sub(service.running),
        "launchType": service.launch_type,
        "taskDefinition": service.definition,
        "createdAt": service.created.as_millisecond() as f64 / 1000.0,
        "schedulingStrategy": "REPLICA",
    });
    if let Some(role) = &service.role {
        value["roleArn"] = json!(role);
    }
    if let Some(network) = &service.network {
        value["networkConfiguration"] = json!({ "awsvpcConfiguration": {
            "subnets": network.subnets,
            "securityGroups": network.groups,
            "assignPublicIp": if network.public { "ENABLED" } else { "DISABLED" },
        } });
    }
    value
}
