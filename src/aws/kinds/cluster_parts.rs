//! What the kinds that are parts of an EKS cluster (node groups, add-ons, Fargate profiles, access entries, pod identity
//! associations) have in common: EKS
//! lists them cluster by cluster, describes one to the call, and tells health issues in one form.

use futures::future::BoxFuture;

use super::eks_cluster::cluster_names;
use crate::aws::shapes::{name_in_arn, side_by_side};
use crate::aws::{Aws, Site};
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

/// Whether the endpoint has no such operation at all (a 404 that is no answer of EKS's), as some emulators do not.
/// Nothing is lost by believing it of what EKS added later: where nobody can make such a part there is none.
pub(super) fn are_unheard_of(error: &CloudError) -> bool {
    error.code == "Http404" || (error.code == "UnreadableAnswer" && error.message.contains("HTTP 404"))
}

/// The name of a role, if the ARN is of one of this account.
pub(super) fn own_role<'arn>(site: &Site, arn: &'arn str) -> Option<&'arn str> {
    let resource = arn.splitn(6, ':').nth(5)?;
    let own = arn.split(':').nth(4) == Some(site.account.as_str());
    (own && resource.starts_with("role/")).then(|| name_in_arn(arn)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_that_is_not_of_eks_means_that_there_is_no_such_operation() {
        let error = |code: &str, message: &str| CloudError {
            class: crate::model::ErrorClass::Refused,
            api: "eks:ListAddons".into(),
            code: code.into(),
            message: message.into(),
            request_id: None,
        };
        assert!(are_unheard_of(&error("Http404", "no message")));
        assert!(!are_unheard_of(&error("AccessDeniedException", "not authorized (HTTP 404)")));
        assert!(!are_unheard_of(&error("Http500", "no message")));
    }
}
