//! Fargate profiles: create, describe, list, delete. One at a time of a cluster comes or goes, and a cluster that
//! has some cannot be deleted.

use std::time::Duration;

use serde_json::json;

use super::request::{Body, page};
use super::{clusters, in_use, invalid_parameter, invalid_request, json as render, not_found, roles};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::stores::ec2::Ec2;
use crate::stores::eks::{ClusterStatus, FargateProfile, ProfileStatus};
use crate::world::World;

/// How long a profile is CREATING; customary.
/// <https://docs.aws.amazon.com/eks/latest/userguide/create-fargate-profile.html>
pub const CREATION: Duration = Duration::from_secs(90);

/// How long it is DELETING, while its pods end; customary.
/// <https://docs.aws.amazon.com/eks/latest/userguide/delete-fargate-profile.html>
pub const DELETION: Duration = Duration::from_secs(3 * 60);

/// CreateFargateProfile: <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateFargateProfile.html>.
pub(super) fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let (cluster_name, name) = (body.required("clusterName")?, body.required("fargateProfileName")?);
    let role_arn = body.required("podExecutionRoleArn")?;
    roles::check(world, &role_arn)?;
    let (now, uuid, account) = (world.clock.now(), world.ids.uuid(), world.account.clone());
    let cluster = clusters::find(world, &ctx.region, &cluster_name)?;
    if cluster.status != ClusterStatus::Active {
        return Err(invalid_request(format!("Cluster '{cluster_name}' is not in ACTIVE status")));
    }
    if cluster.fargate_profiles.contains_key(&name) {
        return Err(in_use(format!(
            "FargateProfile already exists with name {name} and cluster {cluster_name}"
        )));
    }
    one_at_a_time(&cluster.fargate_profiles, "Create", &name, &cluster_name)?;
    let (vpc, all) = (cluster.vpc.clone(), cluster.subnets.iter().cloned().collect());
    let subnets = if body.has("subnets") { body.texts("subnets") } else { all };
    let ec2 = &world.region(&ctx.region).ec2;
    for id in &subnets {
        if ec2.subnets.get(id).is_none_or(|subnet| subnet.vpc != vpc) {
            return Err(invalid_parameter(format!("The subnet ID '{id}' does not exist in {vpc}")));
        }
        // Only private ones: the page of CreateFargateProfile.
        if is_public(ec2, id, &vpc) {
            return Err(invalid_parameter(format!(
                "Subnet {id} provided in Fargate Profile is not a private subnet"
            )));
        }
    }
    let profile = FargateProfile {
        arn: format!("arn:aws:eks:{}:{account}:fargateprofile/{cluster_name}/{name}/{uuid}", ctx.region),
        created: now,
        role_arn,
        subnets,
        selectors: body.value("selectors").unwrap_or_else(|| json!([])),
        status: ProfileStatus::Creating,
        tags: body.map("tags"),
    };
    clusters::find(world, &ctx.region, &cluster_name)?.fargate_profiles.insert(name.clone(), profile);
    let answer = describe(world, ctx)?;
    let region = ctx.region.clone();
    world.after(CREATION, move |world| {
        let cluster = world.region(&region).eks.clusters.get_mut(&cluster_name);
        if let Some(profile) = cluster.and_then(|cluster| cluster.fargate_profiles.get_mut(&name))
            && profile.status == ProfileStatus::Creating
        {
            profile.status = ProfileStatus::Active;
        }
    });
    Ok(answer)
}

/// Whether a subnet's routes lead to an internet gateway.
fn is_public(ec2: &Ec2, subnet: &str, vpc: &str) -> bool {
    let named = |table: &&crate::stores::ec2::RouteTable| {
        table.associations.values().any(|association| association.subnet.as_deref() == Some(subnet))
    };
    let main = || ec2.route_tables.values().find(|table| table.vpc == vpc && table.is_main());
    let table = ec2.route_tables.values().find(named).or_else(main);
    table.is_some_and(|table| table.routes.iter().any(|route| route.target.starts_with("igw-")))
}

/// "Only one Fargate profile in a cluster can be in DELETING status at a time": the page of
/// DeleteFargateProfile. The sentence is AWS's, seen in hashicorp/terraform#25059.
fn one_at_a_time(
    profiles: &std::collections::BTreeMap<String, FargateProfile>,
    verb: &str,
    name: &str,
    cluster: &str,
) -> AwsResult<()> {
    let busy = profiles.iter().find(|(_, profile)| profile.status != ProfileStatus::Active);
    match busy {
        None => Ok(()),
        Some((other, profile)) => Err(in_use(format!(
            "Cannot {verb} Fargate Profile {name} because cluster {cluster} currently has Fargate profile \
             {other} in status {}",
            profile.status.as_str()
        ))),
    }
}

/// DescribeFargateProfile: <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeFargateProfile.html>.
pub(super) fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let (cluster_name, name) = (body.required("clusterName")?, body.required("fargateProfileName")?);
    let cluster = clusters::find(world, &ctx.region, &cluster_name)?;
    let profile = cluster.fargate_profiles.get(&name).ok_or_else(|| missing(&name))?;
    Ok(json!({ "fargateProfile": render::fargate_profile(&cluster_name, &name, profile) }).into())
}

/// ListFargateProfiles: <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListFargateProfiles.html>.
pub(super) fn list(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let cluster = clusters::find(world, &ctx.region, &body.required("clusterName")?)?;
    page("fargateProfileNames", cluster.fargate_profiles.keys().cloned().collect(), &body).map(Answer::from)
}

/// DeleteFargateProfile: <https://docs.aws.amazon.com/eks/latest/APIReference/API_DeleteFargateProfile.html>.
pub(super) fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let (cluster_name, name) = (body.required("clusterName")?, body.required("fargateProfileName")?);
    let cluster = clusters::find(world, &ctx.region, &cluster_name)?;
    if !cluster.fargate_profiles.contains_key(&name) {
        return Err(missing(&name));
    }
    if cluster.status == ClusterStatus::Updating {
        // The sentence is AWS's, seen in terraform-aws-modules/terraform-aws-eks#2194.
        return Err(in_use(format!(
            "Cannot Delete Fargate Profile {name} because cluster {cluster_name} currently has an update in \
             progress"
        )));
    }
    one_at_a_time(&cluster.fargate_profiles, "Delete", &name, &cluster_name)?;
    let profile = cluster.fargate_profiles.get_mut(&name).ok_or_else(|| missing(&name))?;
    profile.status = ProfileStatus::Deleting;
    let answer = json!({ "fargateProfile": render::fargate_profile(&cluster_name, &name, profile) });
    let region = ctx.region.clone();
    world.after(DELETION, move |world| {
        if let Some(cluster) = world.region(&region).eks.clusters.get_mut(&cluster_name) {
            cluster.fargate_profiles.remove(&name);
        }
    });
    Ok(answer.into())
}

fn missing(name: &str) -> AwsError {
    not_found(format!("No Fargate Profile found with name: {name}."))
}
