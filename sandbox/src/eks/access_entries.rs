//! Access entries: whom of IAM a cluster lets in, and as what. They go with their cluster and hold nothing. Policies
//! that one is associated with are not modelled.

use serde_json::json;

use super::request::{Body, page};
use super::{clusters, in_use, json as render, not_found};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::stores::eks::AccessEntry;
use crate::world::World;

/// CreateAccessEntry: <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAccessEntry.html>.
pub(super) fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let (name, principal) = (body.required("clusterName")?, body.required("principalArn")?);
    let (now, uuid, account) = (world.clock.now(), world.ids.uuid(), world.account.clone());
    let cluster = clusters::find(world, &ctx.region, &name)?;
    if cluster.access_entries.contains_key(&principal) {
        return Err(in_use("The specified access entry resource is already in use on this cluster."));
    }
    let who = principal.rsplit('/').next().unwrap_or_default();
    let entry = AccessEntry {
        arn: format!("arn:aws:eks:{}:{account}:access-entry/{name}/role/{account}/{who}/{uuid}", ctx.region),
        created: now,
        // <https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html>
        entry_type: body.text("type").unwrap_or_else(|| "STANDARD".to_owned()),
        groups: body.texts("kubernetesGroups"),
        tags: body.map("tags"),
    };
    let answer = json!({ "accessEntry": render::access_entry(&name, &principal, &entry) });
    cluster.access_entries.insert(principal, entry);
    Ok(answer.into())
}

/// DescribeAccessEntry: <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAccessEntry.html>.
pub(super) fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let (name, principal) = (body.required("clusterName")?, body.required("principalArn")?);
    let cluster = clusters::find(world, &ctx.region, &name)?;
    let entry = cluster.access_entries.get(&principal).ok_or_else(missing)?;
    Ok(json!({ "accessEntry": render::access_entry(&name, &principal, entry) }).into())
}

/// ListAccessEntries: <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListAccessEntries.html>.
pub(super) fn list(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let cluster = clusters::find(world, &ctx.region, &body.required("clusterName")?)?;
    page("accessEntries", cluster.access_entries.keys().cloned().collect(), &body).map(Answer::from)
}

/// DeleteAccessEntry: <https://docs.aws.amazon.com/eks/latest/APIReference/API_DeleteAccessEntry.html>.
pub(super) fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let (name, principal) = (body.required("clusterName")?, body.required("principalArn")?);
    let cluster = clusters::find(world, &ctx.region, &name)?;
    cluster.access_entries.remove(&principal).map(|_| json!({}).into()).ok_or_else(missing)
}

fn missing() -> AwsError {
    not_found(
        "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.",
    )
}
