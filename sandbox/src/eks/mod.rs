//! EKS over REST JSON: clusters, managed node groups, Fargate profiles, add-ons, access entries and pod identity
//! associations.
//!
//! There is no Kubernetes behind it. Identity provider configurations and capabilities are listed, always as none.

mod access_entries;
mod addon_versions;
pub mod addons;
mod associations;
pub mod clusters;
pub mod fargate;
mod json;
mod makings;
pub mod nodegroups;
mod request;
mod roles;
mod routes;
pub mod scaling;
mod tags;
pub mod updates;
pub(crate) mod versions;

use serde_json::json;

use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx, Protocol};
use crate::service::{Operation, Service};
use crate::world::World;

/// EKS as the wire knows it.
pub(crate) const SERVICE: Service =
    Service { scope: "eks", iam: "eks", protocol: Protocol::RestJson { route: routes::route }, operation };

/// The operations, a line each.
const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateCluster", clusters::create),
    ("DescribeCluster", clusters::describe),
    ("DescribeClusterVersions", versions::describe),
    ("ListClusters", clusters::list),
    ("DeleteCluster", clusters::delete),
    ("UpdateClusterConfig", updates::update_config),
    ("CreateNodegroup", nodegroups::create),
    ("DescribeNodegroup", nodegroups::describe),
    ("ListNodegroups", nodegroups::list),
    ("DeleteNodegroup", nodegroups::delete),
    ("CreateAddon", addons::create),
    ("DescribeAddon", addons::describe),
    ("DescribeAddonVersions", addon_versions::describe),
    ("ListAddons", addons::list),
    ("DeleteAddon", addons::delete),
    ("CreateFargateProfile", fargate::create),
    ("DescribeFargateProfile", fargate::describe),
    ("ListFargateProfiles", fargate::list),
    ("DeleteFargateProfile", fargate::delete),
    ("CreateAccessEntry", access_entries::create),
    ("DescribeAccessEntry", access_entries::describe),
    ("ListAccessEntries", access_entries::list),
    ("DeleteAccessEntry", access_entries::delete),
    ("CreatePodIdentityAssociation", associations::create),
    ("DescribePodIdentityAssociation", associations::describe),
    ("ListPodIdentityAssociations", associations::list),
    ("DeletePodIdentityAssociation", associations::delete),
    ("ListIdentityProviderConfigs", |world, ctx| none(world, ctx, "identityProviderConfigs")),
    ("ListCapabilities", |world, ctx| none(world, ctx, "capabilities")),
    ("TagResource", tags::tag),
    ("UntagResource", tags::untag),
    ("ListTagsForResource", tags::list),
];

fn operation(action: &str) -> Option<Operation> {
    OPERATIONS.iter().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}

/// A list of what a cluster never has here.
fn none(world: &mut World, ctx: &Ctx, field: &str) -> AwsResult<Answer> {
    clusters::find(world, &ctx.region, &request::Body::of(ctx).required("clusterName")?)?;
    Ok(json!({ field: [] }).into())
}

// The refusals and their statuses: https://docs.aws.amazon.com/eks/latest/APIReference/CommonErrors.html
// and the error lists of the operations' pages.

fn no_cluster(name: &str) -> AwsError {
    not_found(format!("No cluster found for name: {name}."))
}

fn not_found(text: impl Into<String>) -> AwsError {
    AwsError::with_status(404, "ResourceNotFoundException", text)
}

fn in_use(text: impl Into<String>) -> AwsError {
    AwsError::with_status(409, "ResourceInUseException", text)
}

/// A full quota: <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html#API_CreateCluster_Errors>.
fn limit_exceeded(text: impl Into<String>) -> AwsError {
    AwsError::new("ResourceLimitExceededException", text)
}

fn invalid_parameter(text: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterException", text)
}

fn invalid_request(text: impl Into<String>) -> AwsError {
    AwsError::new("InvalidRequestException", text)
}

#[cfg(test)]
mod tests;
