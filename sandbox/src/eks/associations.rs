//! Pod identity associations: as which role the pods of a service account work. They go with their cluster and hold
//! nothing: IAM lets a role go that one names.

use serde_json::json;

use super::request::{Body, page_of};
use super::{clusters, in_use, invalid_parameter, json as render, not_found};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::stores::eks::Association;
use crate::world::World;

/// CreatePodIdentityAssociation:
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html>.
pub(super) fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let name = body.required("clusterName")?;
    let (namespace, service_account) = (body.required("namespace")?, body.required("serviceAccount")?);
    let role_arn = body.required("roleArn")?;
    // EKS passes the role: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html>.
    let role = role_arn.rsplit('/').next().unwrap_or_default();
    if !world.iam.roles.contains_key(role) {
        return Err(invalid_parameter(format!("Role provided in the request does not exist: {role_arn}")));
    }
    let (now, uuid, account) = (world.clock.now(), world.ids.uuid(), world.account.clone());
    let cluster = clusters::find(world, &ctx.region, &name)?;
    let same = |it: &&Association| it.namespace == namespace && it.service_account == service_account;
    if let Some(standing) = cluster.associations.values().find(same) {
        return Err(in_use(format!("Association already exists: {}", standing.id)));
    }
    let digits: String = uuid.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    let id = format!("a-{digits}");
    let association = Association {
        arn: format!("arn:aws:eks:{}:{account}:podidentityassociation/{name}/{id}", ctx.region),
        id: id.clone(),
        created: now,
        namespace,
        service_account,
        role_arn,
        target_role_arn: body.text("targetRoleArn"),
        tags: body.map("tags"),
    };
    let answer = json!({ "association": render::association(&name, &association) });
    cluster.associations.insert(id, association);
    Ok(answer.into())
}

/// DescribePodIdentityAssociation:
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribePodIdentityAssociation.html>.
pub(super) fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let (name, id) = (body.required("clusterName")?, body.required("associationId")?);
    let cluster = clusters::find(world, &ctx.region, &name)?;
    let association = cluster.associations.get(&id).ok_or_else(|| missing(&id, &name))?;
    Ok(json!({ "association": render::association(&name, association) }).into())
}

/// ListPodIdentityAssociations, which tells neither roles nor tags:
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListPodIdentityAssociations.html>.
pub(super) fn list(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let name = body.required("clusterName")?;
    let cluster = clusters::find(world, &ctx.region, &name)?;
    let rows =
        cluster.associations.iter().map(|(id, it)| (id.clone(), render::association_summary(&name, it)));
    page_of("associations", rows.collect(), &body).map(Answer::from)
}

/// DeletePodIdentityAssociation:
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DeletePodIdentityAssociation.html>.
pub(super) fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let (name, id) = (body.required("clusterName")?, body.required("associationId")?);
    let cluster = clusters::find(world, &ctx.region, &name)?;
    let association = cluster.associations.remove(&id).ok_or_else(|| missing(&id, &name))?;
    Ok(json!({ "association": render::association(&name, &association) }).into())
}

fn missing(id: &str, cluster: &str) -> AwsError {
    not_found(format!("No association found with ID: {id} in cluster: {cluster}"))
}
