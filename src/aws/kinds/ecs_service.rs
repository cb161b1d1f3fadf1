//! The calls of `ecs-service`: its description as a resource, with the roles of its task definitions; it is only
//! read. What that means stands in [`crate::kinds::ecs_service`].

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_ecs::types::{LoadBalancer, NetworkConfiguration, Service as Described, ServiceField};
use futures::FutureExt;

use super::Kind;
use crate::aws::shapes::{each, name_in_arn, side_by_side, tags, timestamp, told};
use crate::aws::{Aws, Site};
use crate::kinds::ecs_service::{NAME, SPEC};
use crate::model::words::{fact, how};
use crate::model::{CloudError, ErrorClass, KindSpec, Link, Resource};

/// Its calls.
pub struct Calls;

/// The largest page of both lists.
const PAGE: i32 = 100;

/// How many services one call describes.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html>
const DESCRIBED: usize = 10;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    /// Where there is no cluster, one call tells so.
    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let clusters = clusters(aws).await?;
        let ids = side_by_side(clusters.iter().map(|cluster| ids_of(aws, cluster).boxed()).collect()).await?;
        self.look(aws, &ids.concat()).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let mut by_cluster: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (cluster, service) in ids.iter().filter_map(|id| id.split_once('/')) {
            by_cluster.entry(cluster).or_default().push(service.to_owned());
        }
        let chunks = by_cluster.iter().flat_map(|(cluster, services)| {
            services.chunks(DESCRIBED).map(|chunk| (*cluster, chunk.to_vec()))
        });
        let asked = chunks.map(|(cluster, services)| described(aws, cluster, services).boxed()).collect();
        let found: Vec<Described> = side_by_side(asked).await?.concat();
        let definitions: Vec<String> = found
            .iter()
            .flat_map(definitions)
            .map(str::to_owned)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let asked = definitions.iter().map(|it| roles_of(aws, it).boxed()).collect();
        let roles: BTreeMap<String, Vec<String>> =
            definitions.iter().cloned().zip(side_by_side(asked).await?).collect();
        Ok(found.iter().filter_map(|it| read(&aws.site, it, &roles)).collect())
    }
}

/// The names of all clusters.
async fn clusters(aws: &Aws) -> Result<Vec<String>, CloudError> {
    let api = "ecs:ListClusters";
    let call = aws.ecs.list_clusters().max_results(PAGE);
    let send = |token| call.clone().set_next_token(token).send();
    let mut names = Vec::new();
    for page in aws.pages(api, send, |page| page.next_token()).await? {
        let arns = told(api, page.cluster_arns)?;
        names.extend(arns.iter().filter_map(|arn| name_in_arn(arn)).map(str::to_owned));
    }
    Ok(names)
}

/// The ids of all services of one cluster.
async fn ids_of(aws: &Aws, cluster: &str) -> Result<Vec<String>, CloudError> {
    let api = "ecs:ListServices";
    let call = aws.ecs.list_services().cluster(cluster).max_results(PAGE);
    let send = |token| call.clone().set_next_token(token).send();
    let mut ids = Vec::new();
    // A cluster that went since the listing has no services any more.
    for page in each(aws.pages(api, send, |page| page.next_token()).await)?.into_iter().flatten() {
        let arns = told(api, page.service_arns)?;
        ids.extend(arns.iter().filter_map(|arn| Some(format!("{cluster}/{}", name_in_arn(arn)?))));
    }
    Ok(ids)
}

/// These services of one cluster. The answer tells of each that it cannot describe why not: one that is missing
/// is gone, and any other reason means that nothing is known.
async fn described(aws: &Aws, cluster: &str, services: Vec<String>) -> Result<Vec<Described>, CloudError> {
    let api = "ecs:DescribeServices";
    let call =
        aws.ecs.describe_services().cluster(cluster).set_services(Some(services)).include(ServiceField::Tags);
    let Some(answer) = each(aws.read(api, || call.clone().send()).await)? else { return Ok(Vec::new()) };
    let failures = answer.failures.unwrap_or_default();
    if let Some(failure) = failures.iter().find(|failure| failure.reason() != Some("MISSING")) {
        return Err(CloudError {
            class: ErrorClass::Transient,
            api: api.to_owned(),
            code: "PartialAnswer".to_owned(),
            message: format!(
                "{} could not be described: {}",
                failure.arn().unwrap_or("a service"),
                failure.reason().or(failure.detail()).unwrap_or("no reason")
            ),
            request_id: None,
        });
    }
    told(api, answer.services)
}

/// Every task definition that a service runs or is about to run.
fn definitions(it: &Described) -> impl Iterator<Item = &str> {
    let deployments = it.deployments().iter().filter_map(|it| it.task_definition());
    let sets = it.task_sets().iter().filter_map(|it| it.task_definition());
    it.task_definition().into_iter().chain(deployments).chain(sets)
}

/// The roles of one task definition: that of its tasks, and the one that starts them.
async fn roles_of(aws: &Aws, definition: &str) -> Result<Vec<String>, CloudError> {
    let api = "ecs:DescribeTaskDefinition";
    let call = aws.ecs.describe_task_definition().task_definition(definition);
    let answer = aws.read(api, || call.clone().send()).await?;
    let it = told(api, answer.task_definition)?;
    Ok([it.task_role_arn, it.execution_role_arn].into_iter().flatten().collect())
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described, roles: &BTreeMap<String, Vec<String>>) -> Option<Resource> {
    let (cluster, name) = (it.cluster_arn().and_then(name_in_arn)?, it.service_name()?);
    let mut resource = Resource::new(site.key(NAME, format!("{cluster}/{name}")));
    resource.arn = it.service_arn().map(str::to_owned);
    resource.name = Some(name.to_owned());
    resource.tags = tags(it.tags().iter().map(|tag| (tag.key(), tag.value())));
    resource.created = it.created_at().and_then(timestamp);
    resource.unique_id = resource.created.map(|at| at.to_string());
    resource.state = it.status().map(str::to_owned);
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    resource.facts.insert(fact::RUNNING.into(), it.running_count().to_string());
    resource.facts.insert(fact::DESIRED.into(), it.desired_count().to_string());
    let balancers =
        it.load_balancers().iter().chain(it.task_sets().iter().flat_map(|it| it.load_balancers()));
    let own = balancers.clone().filter_map(|it| it.advanced_configuration()?.role_arn());
    let of_tasks = definitions(it).filter_map(|it| roles.get(it)).flatten().map(String::as_str);
    let roles = it.role_arn().into_iter().chain(own).chain(of_tasks).filter_map(name_in_arn);
    let links = &mut resource.links;
    links.extend(roles.map(|role| Link::new(how::USES, site.global_key("iam-role", role))));
    let groups = balancers.flat_map(target_groups);
    links.extend(groups.map(|group| Link::new(how::USES, site.key("target-group", group))));
    let networks = it.network_configuration().into_iter();
    let networks = networks.chain(it.deployments().iter().filter_map(|it| it.network_configuration()));
    let networks = networks.chain(it.task_sets().iter().filter_map(|it| it.network_configuration()));
    links.extend(networks.flat_map(|network| network_links(site, network)));
    Some(resource)
}

fn target_groups(it: &LoadBalancer) -> impl Iterator<Item = &str> {
    let other = it.advanced_configuration().and_then(|it| it.alternate_target_group_arn());
    it.target_group_arn().into_iter().chain(other)
}

fn network_links(site: &Site, it: &NetworkConfiguration) -> Vec<Link> {
    let Some(network) = it.awsvpc_configuration() else { return Vec::new() };
    let subnets = network.subnets().iter().map(|id| site.key("subnet", id));
    let groups = network.security_groups().iter().map(|id| site.key("security-group", id));
    subnets.chain(groups).map(|to| Link::new(how::USES, to)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::links;
    use super::*;
    use crate::aws::scripted::Script;
    use crate::session::CallMode;

    const CLUSTERS: &str = r#"{"clusterArns": ["arn:aws:ecs:us-east-1:111122223333:cluster/shop"]}"#;
    const SERVICES: &str = r#"{"serviceArns": ["arn:aws:ecs:us-east-1:111122223333:service/shop/web"]}"#;
    const DESCRIPTION: &str = r#"{"failures": [], "services": [{
        "serviceArn": "arn:aws:ecs:us-east-1:111122223333:service/shop/web", "serviceName": "web",
        "clusterArn": "arn:aws:ecs:us-east-1:111122223333:cluster/shop", "status": "ACTIVE",
        "desiredCount": 2, "runningCount": 1, "pendingCount": 0, "createdAt": 1700000000,
        "roleArn": "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
        "taskDefinition": "web:2", "tags": [{"key": "Project", "value": "shop"}],
        "loadBalancers": [{"targetGroupArn": "arn:tg/blue", "containerName": "web", "containerPort": 80,
            "advancedConfiguration": {"alternateTargetGroupArn": "arn:tg/green",
                "roleArn": "arn:aws:iam::111122223333:role/shift"}}],
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}},
        "deployments": [{"id": "d", "taskDefinition": "web:1", "networkConfiguration":
            {"awsvpcConfiguration": {"subnets": ["subnet-2"]}}}]}]}"#;

    fn definition(task: &str) -> String {
        format!(
            r#"{{"taskDefinition": {{"taskRoleArn": "arn:aws:iam::111122223333:role/{task}",
            "executionRoleArn": "arn:aws:iam::111122223333:role/start"}}}}"#
        )
    }

    #[tokio::test]
    async fn a_service_uses_the_roles_groups_and_networks_of_all_that_it_runs() {
        let (new, old) = (definition("new"), definition("old"));
        let script = Script::matching([
            ("ListClusters", 200, CLUSTERS),
            ("ListServices", 200, SERVICES),
            ("DescribeServices", 200, DESCRIPTION),
            (r#""web:2""#, 200, new.as_str()),
            (r#""web:1""#, 200, old.as_str()),
        ]);
        let found = Calls.list(&script.aws(CallMode::Real)).await.unwrap();
        let [service] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(service.key.id, "shop/web");
        assert_eq!(
            links(service),
            [
                "uses iam-role AWSServiceRoleForECS",
                "uses iam-role new",
                "uses iam-role old",
                "uses iam-role shift",
                "uses iam-role start",
                "uses security-group sg-1",
                "uses subnet subnet-1",
                "uses subnet subnet-2",
                "uses target-group arn:tg/blue",
                "uses target-group arn:tg/green",
            ]
        );
        assert_eq!((&*service.facts[fact::RUNNING], &*service.facts[fact::DESIRED]), ("1", "2"));
        assert_eq!(service.tags["Project"], "shop");
    }

    #[tokio::test]
    async fn without_a_cluster_one_call_is_enough() {
        let script = Script::new([(200, r#"{"clusterArns": []}"#)]);
        assert!(Calls.list(&script.aws(CallMode::Real)).await.unwrap().is_empty());
        assert!(Calls.list(&Script::always(200, "{}").aws(CallMode::Real)).await.is_err());
    }

    #[tokio::test]
    async fn a_service_that_is_missing_is_gone_and_one_that_is_not_told_of_for_another_reason_is_not() {
        let look = ["shop/web".to_owned()];
        let failed = |reason: &str| {
            format!(r#"{{"services": [], "failures": [{{"arn": "arn:web", "reason": "{reason}"}}]}}"#)
        };
        let missing = Script::always(200, &failed("MISSING"));
        assert!(Calls.look(&missing.aws(CallMode::Real), &look).await.unwrap().is_empty());
        let other = Script::always(200, &failed("ACCESS_DENIED"));
        assert!(Calls.look(&other.aws(CallMode::Real), &look).await.is_err());
    }

    #[tokio::test]
    async fn one_that_is_inactive_is_gone_and_one_that_drains_is_going() {
        let in_state = |state: &str| DESCRIPTION.replace("ACTIVE", state);
        let (new, old) = (definition("new"), definition("old"));
        for (state, life) in [("INACTIVE", None), ("DRAINING", Some(crate::model::Life::Leaving))] {
            let body = in_state(state);
            let script = Script::matching([
                ("DescribeServices", 200, body.as_str()),
                (r#""web:2""#, 200, new.as_str()),
                (r#""web:1""#, 200, old.as_str()),
            ]);
            let found = Calls.look(&script.aws(CallMode::Real), &["shop/web".to_owned()]).await.unwrap();
            assert_eq!(found.first().map(|it| it.life), life, "{state}");
        }
    }
}
