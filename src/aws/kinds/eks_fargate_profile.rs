//! The calls of `eks-fargate-profile`: its description as a resource; it is only read. What that means stands in
//! [`crate::kinds::eks_fargate_profile`].

use async_trait::async_trait;
use aws_sdk_eks::types::FargateProfile as Described;
use futures::FutureExt;

use super::{Kind, cluster_parts};
use crate::aws::shapes::{each, name_in_arn, owned_tags, timestamp, told};
use crate::aws::{Aws, Site};
use crate::kinds::eks_fargate_profile::{NAME, SPEC};
use crate::model::words::{fact, how};
use crate::model::{CloudError, KindSpec, Link, Resource};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let ids = cluster_parts::ids(aws, |aws, cluster| ids_of(aws, cluster).boxed()).await?;
        self.look(aws, &ids).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        cluster_parts::look(aws, ids, |aws, id| look_at(aws, id).boxed()).await
    }
}

/// The ids of all Fargate profiles of one cluster.
async fn ids_of(aws: &Aws, cluster: &str) -> Result<Vec<String>, CloudError> {
    let api = "eks:ListFargateProfiles";
    let call = aws.eks.list_fargate_profiles().cluster_name(cluster).max_results(100);
    let send = |token| call.clone().set_next_token(token).send();
    let pages = aws.pages(api, send, |page| page.next_token()).await;
    let mut ids = Vec::new();
    // A cluster that went since the listing has no profiles any more.
    for page in each(pages)?.into_iter().flatten() {
        let names = told(api, page.fargate_profile_names)?;
        ids.extend(names.into_iter().map(|name| format!("{cluster}/{name}")));
    }
    Ok(ids)
}

/// The present state of one, or `None` if it is gone. EKS describes one to the call.
async fn look_at(aws: &Aws, id: &str) -> Result<Option<Resource>, CloudError> {
    let api = "eks:DescribeFargateProfile";
    let Some((cluster, name)) = id.split_once('/') else { return Ok(None) };
    let send = || aws.eks.describe_fargate_profile().cluster_name(cluster).fargate_profile_name(name).send();
    let Some(answer) = each(aws.read(api, send).await)? else { return Ok(None) };
    Ok(read(&aws.site, &told(api, answer.fargate_profile)?))
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let (cluster, name) = (it.cluster_name()?, it.fargate_profile_name()?);
    let mut resource = Resource::new(site.key(NAME, format!("{cluster}/{name}")));
    resource.arn = it.fargate_profile_arn().map(str::to_owned);
    resource.name = Some(name.to_owned());
    resource.tags = owned_tags(it.tags());
    resource.created = it.created_at().and_then(timestamp);
    resource.unique_id = resource.created.map(|at| at.to_string());
    resource.state = it.status().map(|status| status.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    resource.facts.insert(fact::CLUSTER.into(), cluster.to_owned());
    let issues = it.health().map(|health| health.issues()).unwrap_or_default();
    let issues = issues.iter().map(|issue| (issue.code().map(|code| code.as_str()), issue.message()));
    cluster_parts::note_trouble(&mut resource, issues);
    resource.links.insert(Link::new(how::OF_CLUSTER, site.key("eks-cluster", cluster)));
    for subnet in it.subnets() {
        resource.links.insert(Link::new(how::USES, site.key("subnet", subnet)));
    }
    if let Some(role) = it.pod_execution_role_arn().and_then(name_in_arn) {
        resource.links.insert(Link::new(how::USES, site.global_key("iam-role", role)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use super::super::testing::links;
    use super::*;
    use crate::aws::scripted::Script;
    use crate::model::Life;
    use crate::session::CallMode;

    const PROFILE: &str = r#"{"fargateProfile": {"fargateProfileName": "pods", "clusterName": "demo",
        "fargateProfileArn": "arn:aws:eks:us-east-1:111122223333:fargateprofile/demo/pods/8cc6f2d1",
        "createdAt": 1700000000, "status": "CREATE_FAILED", "subnets": ["subnet-1", "subnet-2"],
        "podExecutionRoleArn": "arn:aws:iam::111122223333:role/team/pods",
        "selectors": [{"namespace": "default"}], "tags": {"Project": "demo"},
        "health": {"issues": [{"code": "PodExecutionRoleAlreadyInUse", "message": "in use"}]}}}"#;

    #[tokio::test]
    async fn the_profiles_of_every_cluster_are_read() {
        let script = Script::matching([
            ("/demo/fargate-profiles/pods", 200, PROFILE),
            ("/demo/fargate-profiles", 200, r#"{"fargateProfileNames": ["pods"]}"#),
            ("/empty/fargate-profiles", 200, r#"{"fargateProfileNames": []}"#),
            ("/clusters", 200, r#"{"clusters": ["demo", "empty"]}"#),
        ]);
        let found = Calls.list(&script.aws(CallMode::Real)).await.unwrap();
        let [profile] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(profile.key.id, "demo/pods");
        assert_eq!(
            links(profile),
            [
                "of-cluster eks-cluster demo",
                "uses iam-role pods",
                "uses subnet subnet-1",
                "uses subnet subnet-2"
            ]
        );
        assert_eq!((profile.life, &*profile.tags["Project"]), (Life::Standing, "demo"));
        assert_eq!(profile.facts[fact::TROUBLE], "PodExecutionRoleAlreadyInUse: in use");
    }

    #[tokio::test]
    async fn an_answer_without_names_is_not_a_cluster_without_profiles() {
        let script = Script::matching([
            ("/demo/fargate-profiles", 200, "{}"),
            ("/clusters", 200, r#"{"clusters": ["demo"]}"#),
        ]);
        assert!(Calls.list(&script.aws(CallMode::Real)).await.is_err());
    }
}
