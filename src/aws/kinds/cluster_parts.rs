//! What the kinds that are parts of an EKS cluster (node groups, add-ons, Fargate profiles) have in common: EKS
//! lists them cluster by cluster, describes one to the call, and tells health issues in one form.

use futures::future::BoxFuture;

use super::eks_cluster::cluster_names;
use crate::aws::Aws;
use crate::aws::shapes::side_by_side;
use crate::model::words::fact;
use crate::model::{CloudError, Resource};

/// The ids (`cluster/name`) of all parts of one kind, of every cluster of the region; `of` gives those of one.
pub(super) async fn ids(
    aws: &Aws,
    of: impl for<'a> Fn(&'a Aws, &'a str) -> BoxFuture<'a, Result<Vec<String>, CloudError>>,
) -> Result<Vec<String>, CloudError> {
    let clusters = cluster_names(aws).await?;
    let ids = side_by_side(clusters.iter().map(|cluster| of(aws, cluster)).collect()).await?;
    Ok(ids.concat())
}

/// The present state of these parts; `one` gives that of one, or nothing if it is gone.
pub(super) async fn look(
    aws: &Aws,
    ids: &[String],
    one: impl for<'a> Fn(&'a Aws, &'a str) -> BoxFuture<'a, Result<Option<Resource>, CloudError>>,
) -> Result<Vec<Resource>, CloudError> {
    let found = side_by_side(ids.iter().map(|id| one(aws, id)).collect()).await?;
    Ok(found.into_iter().flatten().collect())
}

/// Notes what EKS says is wrong with a part: the code and message of each issue.
pub(super) fn note_trouble<'a>(
    resource: &mut Resource,
    issues: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>,
) {
    let trouble: Vec<String> = issues
        .map(|(code, message)| format!("{}: {}", code.unwrap_or("issue"), message.unwrap_or("no message")))
        .collect();
    if !trouble.is_empty() {
        resource.facts.insert(fact::TROUBLE.into(), trouble.join("; "));
    }
}
