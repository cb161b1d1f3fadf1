//! Updates of a cluster. Of its configuration only deletion protection can be changed here.

use std::time::Duration;

use serde_json::json;

use super::request::Body;
use super::{clusters, in_use, invalid_parameter, invalid_request, json as render};
use crate::error::AwsResult;
use crate::protocol::{Answer, Ctx};
use crate::stores::eks::ClusterStatus;
use crate::world::World;

/// How long a cluster is UPDATING: "typically several minutes"; here the shortest commonly seen.
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterConfig.html>
pub const UPDATE: Duration = Duration::from_secs(60);

/// UpdateClusterConfig. One update at a time, and none that changes nothing (same page).
pub(super) fn update_config(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let body = Body::of(ctx);
    let name = body.required("name")?;
    let (now, id) = (world.clock.now(), world.ids.uuid());
    let cluster = clusters::find(world, &ctx.region, &name)?;
    if !body.has("deletionProtection") {
        return Err(invalid_parameter("Of a cluster's configuration only deletionProtection is modelled"));
    }
    let wanted = body.truth("deletionProtection");
    match cluster.status {
        ClusterStatus::Active => {}
        ClusterStatus::Creating | ClusterStatus::Updating => {
            return Err(in_use(format!(
                "Cannot DeletionProtectionUpdate because cluster {name} currently has an update in progress"
            )));
        }
        ClusterStatus::Deleting | ClusterStatus::Failed => {
            return Err(invalid_request(format!("Cluster '{name}' is not in ACTIVE status")));
        }
    }
    if cluster.deletion_protection == wanted {
        return Err(invalid_parameter("Cluster is already at the desired configuration"));
    }
    cluster.status = ClusterStatus::Updating;
    let region = ctx.region.clone();
    world.after(UPDATE, move |world| {
        if let Some(cluster) = world.region(&region).eks.clusters.get_mut(&name)
            && cluster.status == ClusterStatus::Updating
        {
            cluster.status = ClusterStatus::Active;
            cluster.deletion_protection = wanted;
        }
    });
    let update = json!({
        "id": id,
        "status": "InProgress",
        "type": "DeletionProtectionUpdate",
        "params": [{ "type": "DeletionProtection", "value": wanted.to_string() }],
        "createdAt": render::epoch(now),
        "errors": [],
    });
    Ok(json!({ "update": update }).into())
}
