//! The calls of `placement-group`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::placement_group`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, PlacementGroup as Described};

use super::Kind;
use super::ec2::{fact, guard, guard_operated, looked_up};
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::placement_group::{NAME, SPEC};
use crate::model::words::fact as facts;
use crate::model::{CloudError, GuardRule, KindSpec, Resource};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        described(aws, None).await
    }

    /// A filter takes `*` and `?` for any letters, and names may hold them: what was not asked for is left out.
    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let found = looked_up("group-name", ids, |filter| described(aws, Some(filter))).await?;
        Ok(found.into_iter().filter(|it| ids.iter().any(|id| it.key.id == *id)).collect())
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.ec2.delete_placement_group().group_name(&resource.key.id).set_dry_run(aws.dry_run());
        aws.change("ec2:DeletePlacementGroup", || call.send()).await
    }
}

/// One answer tells all: the call has no pages.
async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws.ec2.describe_placement_groups().set_filters(filter.map(|it| vec![it]));
    let answer = aws.read("ec2:DescribePlacementGroups", || call.clone().send()).await?;
    let all: Vec<Resource> = answer.placement_groups().iter().filter_map(|it| read(&aws.site, it)).collect();
    Ok(told_apart(all))
}

/// Names are unique in an account and not among those that others share with it. Where two bear one name, whoever
/// names it may mean either: the one that stands for both is guarded if one of them is.
fn told_apart(all: Vec<Resource>) -> Vec<Resource> {
    let mut apart: Vec<Resource> = Vec::new();
    for it in all {
        match apart.iter_mut().find(|other| other.key == it.key) {
            Some(other) => other.guards.extend(it.guards),
            None => apart.push(it),
        }
    }
    apart
}

/// The SDK's description as a resource. AWS tells no creation time.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let name = it.group_name()?;
    // Its ARN alone tells whose it is.
    let owner = it.group_arn().and_then(|arn| arn.split(':').nth(4)).filter(|owner| !owner.is_empty());
    let mut resource = ec2_resource(site, NAME, name, it.tags(), owner);
    resource.name = Some(name.to_owned());
    resource.unique_id = it.group_id().map(str::to_owned);
    resource.arn = it.group_arn().map(str::to_owned);
    resource.state = it.state().map(|state| state.as_str().to_owned());
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    fact(&mut resource, facts::TYPE, it.strategy().map(|it| it.as_str()));
    guard_operated(&mut resource, it.operator());
    if it.parent_group_id().is_some() {
        guard(&mut resource, GuardRule::UnknownMaker, "it is a part of another group");
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{OperatorResponse, PlacementGroupState, PlacementStrategy};

    use super::*;
    use crate::aws::kinds::testing::{guards, site, tag};
    use crate::model::Life;

    fn group(account: &str) -> aws_sdk_ec2::types::builders::PlacementGroupBuilder {
        Described::builder()
            .group_name("shop")
            .group_id("pg-1")
            .group_arn(format!("arn:aws:ec2:us-east-1:{account}:placement-group/shop"))
            .state(PlacementGroupState::Available)
            .strategy(PlacementStrategy::Cluster)
            .tags(tag("Project", "shop"))
    }

    #[test]
    fn a_group_is_known_by_its_name_and_told_from_another_one_by_its_id() {
        let it = read(&site(), &group("111122223333").build()).unwrap();
        assert_eq!((it.key.id.as_str(), it.unique_id.as_deref()), ("shop", Some("pg-1")));
        assert_eq!((it.life, it.tags["Project"].as_str()), (Life::Standing, "shop"));
        assert!(guards(&it).is_empty());
        let gone = group("111122223333").state(PlacementGroupState::Deleted).build();
        assert!(read(&site(), &gone).is_none());
    }

    #[test]
    fn what_another_account_shares_or_a_service_operates_is_guarded() {
        let shared = read(&site(), &group("999999999999").build()).unwrap();
        assert_eq!(guards(&shared), [GuardRule::OtherAccount]);
        let operator = OperatorResponse::builder().managed(true).principal("eks.amazonaws.com").build();
        let operated = read(&site(), &group("111122223333").operator(operator).build()).unwrap();
        assert_eq!(guards(&operated), [GuardRule::UnknownMaker]);
        // Of one name only one is kept apart from the other, and neither goes.
        let own = read(&site(), &group("111122223333").build()).unwrap();
        for two in [[own.clone(), shared.clone()], [shared, own]] {
            let one = told_apart(two.to_vec());
            assert_eq!((one.len(), guards(&one[0])), (1, vec![GuardRule::OtherAccount]));
        }
    }
}
