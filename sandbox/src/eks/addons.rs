//! Add-ons: create, describe, list, delete. They go with their cluster and hold nothing.

use std::time::Duration;

use serde_json::json;

use super::request::{Body, page};
use super::{addon_versions, clusters, in_use, invalid_request, json as render, not_found};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::stores::eks::{Addon, AddonStatus, ClusterStatus};
use crate::world::World;

/// How long an add-on is CREATING; customary.
/// <https://docs.aws.amazon.com/eks/latest/userguide/creating-an-add-on.html>
pub const CREATION: Duration = Duration::from_secs(40);

/// How long an add-on is DELETING; customary.
/// <https://docs.aws.amazon.com/eks/latest/userguide/removing-an-add-on.html>
pub const DELETION: Duration = Duration::from_secs(30);

/// CreateAddon: <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAddon.html>.
pub(super) fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let (cluster_name, name) = (body.required("clusterName")?, body.required("addonName")?);
    let (now, uuid, account) = (world.clock.now(), world.ids.uuid(), world.account.clone());
    let cluster = clusters::find(world, &ctx.region, &cluster_name)?;
    if cluster.status != ClusterStatus::Active {
        return Err(invalid_request(format!("Cluster '{cluster_name}' is not in ACTIVE status")));
    }
    if cluster.addons.contains_key(&name) {
        return Err(in_use("Addon already exists."));
    }
    let version = addon_versions::for_cluster(&name, body.text("addonVersion"), &cluster.version)?;
    let addon = Addon {
        arn: format!("arn:aws:eks:{}:{account}:addon/{cluster_name}/{name}/{uuid}", ctx.region),
        created: now,
        modified: now,
        version,
        role_arn: body.text("serviceAccountRoleArn"),
        status: AddonStatus::Creating,
        tags: body.map("tags"),
    };
    cluster.addons.insert(name.clone(), addon);
    let answer = describe(world, ctx)?;
    let region = ctx.region.clone();
    world.after(CREATION, move |world| {
        let cluster = world.region(&region).eks.clusters.get_mut(&cluster_name);
        if let Some(addon) = cluster.and_then(|cluster| cluster.addons.get_mut(&name))
            && addon.status == AddonStatus::Creating
        {
            addon.status = AddonStatus::Active;
        }
    });
    Ok(answer)
}

/// DescribeAddon: <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddon.html>.
pub(super) fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let (cluster_name, name) = (body.required("clusterName")?, body.required("addonName")?);
    let cluster = clusters::find(world, &ctx.region, &cluster_name)?;
    let addon = cluster.addons.get(&name).ok_or_else(|| missing(&name, &cluster_name))?;
    Ok(json!({ "addon": render::addon(&cluster_name, &name, addon) }).into())
}

/// ListAddons: <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListAddons.html>.
pub(super) fn list(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let cluster = clusters::find(world, &ctx.region, &body.required("clusterName")?)?;
    page("addons", cluster.addons.keys().cloned().collect(), &body).map(Answer::from)
}

/// DeleteAddon: <https://docs.aws.amazon.com/eks/latest/APIReference/API_DeleteAddon.html>.
pub(super) fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let (cluster_name, name) = (body.required("clusterName")?, body.required("addonName")?);
    let cluster = clusters::find(world, &ctx.region, &cluster_name)?;
    let addon = cluster.addons.get_mut(&name).ok_or_else(|| missing(&name, &cluster_name))?;
    addon.status = AddonStatus::Deleting;
    let answer = json!({ "addon": render::addon(&cluster_name, &name, addon) });
    let (region, arn) = (ctx.region.clone(), addon.arn.clone());
    world.after(DELETION, move |world| {
        let cluster = world.region(&region).eks.clusters.get_mut(&cluster_name);
        if let Some(cluster) = cluster
            && cluster.addons.get(&name).is_some_and(|addon| addon.arn == arn)
        {
            cluster.addons.remove(&name);
        }
    });
    Ok(answer.into())
}

fn missing(name: &str, cluster: &str) -> AwsError {
    not_found(format!("No addon: {name} found in cluster: {cluster}"))
}
