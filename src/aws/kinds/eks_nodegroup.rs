//! The calls of `eks-nodegroup`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::eks_nodegroup`].

use async_trait::async_trait;
use aws_sdk_eks::types::Nodegroup as Described;
use futures::FutureExt;

use super::{Kind, cluster_parts};
use crate::aws::shapes::{each, owned_tags, told};
use crate::aws::{Aws, Site};
use crate::kinds::eks_nodegroup::{NAME, SPEC};
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

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let (cluster, name) = resource.key.id.split_once('/').unwrap_or_default();
        let call = aws.eks.delete_nodegroup().cluster_name(cluster).nodegroup_name(name);
        aws.change("eks:DeleteNodegroup", || call.send()).await
    }
}

/// The ids of all node groups of one cluster.
async fn ids_of(aws: &Aws, cluster: &str) -> Result<Vec<String>, CloudError> {
    let api = "eks:ListNodegroups";
    let call = aws.eks.list_nodegroups().cluster_name(cluster).max_results(100);
    let send = |token| call.clone().set_next_token(token).send();
    let pages = aws.pages(api, send, |page| page.next_token()).await;
    let mut ids = Vec::new();
    // A cluster that went since the listing has no node groups any more.
    for page in each(pages)?.into_iter().flatten() {
        let names = told(api, page.nodegroups)?;
        ids.extend(names.into_iter().map(|name| format!("{cluster}/{name}")));
    }
    Ok(ids)
}

/// The present state of one, or `None` if it is gone. EKS describes one to the call.
async fn look_at(aws: &Aws, id: &str) -> Result<Option<Resource>, CloudError> {
    let api = "eks:DescribeNodegroup";
    let Some((cluster, name)) = id.split_once('/') else { return Ok(None) };
    let send = || aws.eks.describe_nodegroup().cluster_name(cluster).nodegroup_name(name).send();
    let Some(answer) = each(aws.read(api, send).await)? else { return Ok(None) };
    Ok(read(&aws.site, &told(api, answer.nodegroup)?))
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let (cluster, name) = (it.cluster_name()?, it.nodegroup_name()?);
    let mut resource = Resource::new(site.key(NAME, format!("{cluster}/{name}")));
    resource.arn = it.nodegroup_arn().map(str::to_owned);
    resource.name = Some(name.to_owned());
    resource.tags = owned_tags(it.tags());
    resource.created = it.created_at().and_then(crate::aws::shapes::timestamp);
    resource.unique_id = resource.created.map(|at| at.to_string());
    resource.state = it.status().map(|status| status.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    resource.facts.insert(fact::CLUSTER.into(), cluster.to_owned());
    if let Some(nodes) = it.scaling_config().and_then(|scaling| scaling.desired_size()) {
        resource.facts.insert(fact::NODES.into(), nodes.to_string());
    }
    let issues = it.health().map(|health| health.issues()).unwrap_or_default();
    let issues = issues.iter().map(|issue| (issue.code().map(|code| code.as_str()), issue.message()));
    cluster_parts::note_trouble(&mut resource, issues);
    resource.links.insert(Link::new(how::OF_CLUSTER, site.key("eks-cluster", cluster)));
    for subnet in it.subnets() {
        resource.links.insert(Link::new(how::WITHIN, site.key("subnet", subnet)));
    }
    if let Some(role) = it.node_role().and_then(crate::aws::shapes::name_in_arn) {
        resource.links.insert(Link::new(how::USES, site.global_key("iam-role", role)));
    }
    if let Some(template) = it.launch_template().and_then(|template| template.id()) {
        resource.links.insert(Link::new(how::USES, site.key("launch-template", template)));
    }
    if let Some(pair) = it.remote_access().and_then(|access| access.ec2_ssh_key()) {
        resource.links.insert(Link::new(how::USES, site.key("key-pair", pair)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use aws_sdk_eks::types::{
        Issue, LaunchTemplateSpecification, NodegroupHealth, NodegroupIssueCode, NodegroupScalingConfig,
        RemoteAccessConfig,
    };

    use super::super::testing::{links, site};
    use super::*;
    use crate::model::Amount;
    use crate::model::Life;
    use aws_sdk_eks::types::NodegroupStatus;

    fn nodegroup() -> aws_sdk_eks::types::builders::NodegroupBuilder {
        Described::builder().cluster_name("shop").nodegroup_name("workers")
    }

    #[test]
    fn a_node_group_uses_a_place_in_its_cluster_a_scaling_group_and_the_nodes_it_is_to_have() {
        let used = |it: Described| -> Vec<Amount> {
            let resource = read(&site(), &it).unwrap();
            SPEC.quotas.iter().map(|quota| (quota.amount)(&resource)).collect()
        };
        let scaling = NodegroupScalingConfig::builder().min_size(1).desired_size(3).max_size(9).build();
        let one = Amount::Known(1);
        assert_eq!(used(nodegroup().scaling_config(scaling).build()), [one, Amount::Known(3), one]);
        assert_eq!(used(nodegroup().build()), [one, Amount::Unknown, one]);
    }

    #[test]
    fn one_that_failed_stands_and_tells_its_trouble() {
        let issue = Issue::builder()
            .code(NodegroupIssueCode::NodeCreationFailure)
            .message("Instances failed to join the kubernetes cluster")
            .build();
        let it = nodegroup()
            .status(NodegroupStatus::CreateFailed)
            .health(NodegroupHealth::builder().issues(issue).build())
            .node_role("arn:aws:iam::1:role/shop-node")
            .launch_template(LaunchTemplateSpecification::builder().id("lt-1").build())
            .subnets("subnet-1")
            .build();
        let group = read(&site(), &it).unwrap();
        assert_eq!(group.key.id, "shop/workers");
        assert_eq!(group.life, Life::Standing);
        assert_eq!(
            group.facts.get(fact::TROUBLE).map(String::as_str),
            Some("NodeCreationFailure: Instances failed to join the kubernetes cluster")
        );
        assert_eq!(
            links(&group),
            [
                "of-cluster eks-cluster shop",
                "uses iam-role shop-node",
                "uses launch-template lt-1",
                "within subnet subnet-1",
            ]
        );
    }

    #[test]
    fn one_that_lets_somebody_in_uses_his_key_pair() {
        let access = RemoteAccessConfig::builder().ec2_ssh_key("ops").build();
        let group = read(&site(), &nodegroup().remote_access(access).build()).unwrap();
        assert!(links(&group).contains(&"uses key-pair ops".to_owned()), "{:?}", links(&group));
    }

    #[test]
    fn one_whose_deletion_failed_stands() {
        let group = read(&site(), &nodegroup().status(NodegroupStatus::DeleteFailed).build()).unwrap();
        assert_eq!(group.life, Life::Standing);
    }
}
