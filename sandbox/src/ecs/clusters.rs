//! Clusters: create, list, describe, delete, and the tags of what has an ARN.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{cluster, invalid, name_in, page, tags_of, told_tags};
use crate::error::{AwsError, AwsResult};
use crate::fields::Fields;
use crate::protocol::{Answer, Ctx};
use crate::stores::ecs::EcsCluster;
use crate::tags::Tags;
use crate::world::World;

/// CreateCluster, which answers with the standing one if there is one:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html>.
pub(super) fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let input = Fields::from(&ctx.json);
    let name = input.text("clusterName").unwrap_or_else(|| "default".to_owned());
    let arn = format!("arn:aws:ecs:{}:{}:cluster/{name}", ctx.region, world.account);
    let new = EcsCluster { arn, services: BTreeMap::new(), tags: tags_of(&input) };
    let cluster = world.region(&ctx.region).ecs.clusters.entry(name.clone()).or_insert(new);
    Ok(json!({ "cluster": told(&name, cluster) }).into())
}

fn told(name: &str, cluster: &EcsCluster) -> Value {
    json!({
        "clusterArn": cluster.arn,
        "clusterName": name,
        "status": "ACTIVE",
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": cluster.services.values().map(|service| service.running).sum::<u32>(),
        "activeServicesCount": cluster.services.len(),
        "tags": told_tags(&cluster.tags),
    })
}

/// ListClusters: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListClusters.html>.
pub(super) fn list(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let clusters = world.region(&ctx.region).ecs.clusters.values();
    let arns: Vec<String> = clusters.map(|cluster| cluster.arn.clone()).collect();
    page("clusterArns", &arns, &Fields::from(&ctx.json), 100).map(Answer::from)
}

/// DescribeClusters: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html>.
pub(super) fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let named = Fields::from(&ctx.json).texts("clusters");
    let named = if named.is_empty() { vec!["default".to_owned()] } else { named };
    let account = world.account.clone();
    let all = &world.region(&ctx.region).ecs.clusters;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in named.iter().map(|name| name_in(name)) {
        match all.get(name) {
            Some(cluster) => found.push(told(name, cluster)),
            None => {
                let arn = format!("arn:aws:ecs:{}:{account}:cluster/{name}", ctx.region);
                failures.push(json!({ "arn": arn, "reason": "MISSING" }));
            }
        }
    }
    Ok(json!({ "clusters": found, "failures": failures }).into())
}

/// DeleteCluster: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html>.
pub(super) fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let input = Fields::from(&ctx.json);
    let named = input.text("cluster").ok_or_else(|| invalid("cluster can not be blank"))?;
    if !cluster(world, &ctx.region, &input)?.services.is_empty() {
        let text = "The Cluster cannot be deleted while Services are active.";
        return Err(AwsError::new("ClusterContainsServicesException", text));
    }
    let name = name_in(&named);
    let gone = world.region(&ctx.region).ecs.clusters.remove(name);
    let mut value = gone.map_or(Value::Null, |cluster| told(name, &cluster));
    value["status"] = json!("INACTIVE");
    Ok(json!({ "cluster": value }).into())
}

/// ListTagsForResource:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTagsForResource.html>.
pub(super) fn list_tags(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let arn = Fields::from(&ctx.json).text("resourceArn").unwrap_or_default();
    let ecs = &world.region(&ctx.region).ecs;
    let services = ecs.clusters.values().flat_map(|cluster| cluster.services.values());
    let all = (ecs.clusters.values().map(|it| (&it.arn, &it.tags)))
        .chain(services.map(|it| (&it.arn, &it.tags)))
        .chain(ecs.definitions.values().map(|it| (&it.arn, &it.tags)));
    let found = all.into_iter().find(|(of, _)| **of == arn).map(|(_, tags): (_, &Tags)| tags);
    let tags = found.ok_or_else(|| invalid("The specified resource is not found"))?;
    Ok(json!({ "tags": told_tags(tags) }).into())
}
