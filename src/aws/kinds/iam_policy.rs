//! The calls of `iam-policy`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::iam_policy`].

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_iam::types::{
    AttachedPolicy, EntityType, GroupDetail, ManagedPolicyDetail, RoleDetail, UserDetail,
};
use futures::FutureExt;

use super::Kind;
use crate::aws::shapes::{each, iam_tags, side_by_side, tags_of, told};
use crate::aws::{Aws, Next, Site};
use crate::kinds::iam_policy::{HAS, NAME, SPEC, VERSION};
use crate::model::{CloudError, Guard, GuardRule, KindSpec, Link, Resource, Tags};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        // Whoever may hold one is asked for as well: users and groups keep theirs, and what nobody of these
        // explains of IAM's own counts is a holder that was not read.
        let call = aws
            .iam
            .get_account_authorization_details()
            .filter(EntityType::LocalManagedPolicy)
            .filter(EntityType::User)
            .filter(EntityType::Group)
            .filter(EntityType::Role)
            .max_items(1000);
        let pages = aws
            .pages_by(
                "iam:GetAccountAuthorizationDetails",
                |token| call.clone().set_marker(token).send(),
                |page| Next::marked(page.is_truncated(), page.marker()),
            )
            .await?;
        let mut holders = Holders::default();
        for page in &pages {
            page.user_detail_list().iter().for_each(|it| holders.user(it));
            page.group_detail_list().iter().for_each(|it| holders.group(it));
            page.role_detail_list().iter().for_each(|it| holders.role(it));
        }
        let found: Vec<&ManagedPolicyDetail> = pages.iter().flat_map(|page| page.policies()).collect();
        let arns: Vec<&str> = found.iter().filter_map(|it| it.arn()).collect();
        // The policy's own id is what tells it from a later one of its name: without it, ask one by one.
        if found.iter().any(|it| it.policy_id().is_none()) {
            let arns: Vec<String> = arns.iter().map(|arn| (*arn).to_owned()).collect();
            return self.look(aws, &arns).await;
        }
        let tags = all_tags(aws, &arns).await?;
        let read = |it: &&ManagedPolicyDetail| {
            let mut resource = read(&aws.site, it, &tags, &holders.named)?;
            resource.guards.extend(holders.unexplained(it));
            Some(resource)
        };
        Ok(found.iter().filter_map(read).collect())
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let found = side_by_side(ids.iter().map(|arn| look_at(aws, arn).boxed()).collect()).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn cut(&self, aws: &Aws, resource: &Resource, link: &Link) -> Result<(), CloudError> {
        let version = link.via.first().map_or("", String::as_str);
        let call = aws.iam.delete_policy_version().policy_arn(&resource.key.id).version_id(version);
        aws.change("iam:DeletePolicyVersion", || call.send()).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.iam.delete_policy().policy_arn(&resource.key.id);
        aws.change("iam:DeletePolicy", || call.send()).await
    }
}

/// Who holds which policy, by the policy's ARN.
#[derive(Default)]
struct Holders {
    /// Users and groups, by their names.
    named: BTreeMap<String, Vec<String>>,
    /// To how many users, groups and roles it is attached.
    attached: BTreeMap<String, usize>,
    /// How many users and roles it bounds.
    bounds: BTreeMap<String, usize>,
}

impl Holders {
    fn user(&mut self, it: &UserDetail) {
        let holder = format!("user {}", it.user_name().unwrap_or_default());
        let bound = it.permissions_boundary().and_then(|it| it.permissions_boundary_arn());
        self.add(it.attached_managed_policies(), bound, Some(&holder));
    }

    fn group(&mut self, it: &GroupDetail) {
        let holder = format!("group {}", it.group_name().unwrap_or_default());
        self.add(it.attached_managed_policies(), None, Some(&holder));
    }

    /// A role is a kind: what it has attached is its link.
    fn role(&mut self, it: &RoleDetail) {
        let bound = it.permissions_boundary().and_then(|it| it.permissions_boundary_arn());
        self.add(it.attached_managed_policies(), bound, None);
    }

    fn add(&mut self, attached: &[AttachedPolicy], bound: Option<&str>, holder: Option<&String>) {
        let attached = attached.iter().filter_map(|it| it.policy_arn());
        for arn in attached.clone() {
            *self.attached.entry(arn.to_owned()).or_default() += 1;
        }
        if let Some(arn) = bound {
            *self.bounds.entry(arn.to_owned()).or_default() += 1;
        }
        for arn in attached.chain(bound) {
            self.named.entry(arn.to_owned()).or_default().extend(holder.cloned());
        }
    }

    /// The guard of a policy that IAM counts more often than it was found. A look does not ask: right after a
    /// policy was detached, IAM's counts may be those of before, and IAM itself refuses one that is attached.
    fn unexplained(&self, it: &ManagedPolicyDetail) -> Option<Guard> {
        let found = |among: &BTreeMap<String, usize>| it.arn().and_then(|arn| among.get(arn)).copied();
        let more = |counted: Option<i32>, found: usize| {
            counted.and_then(|counted| usize::try_from(counted).ok()).is_some_and(|counted| counted > found)
        };
        let attached = more(it.attachment_count(), found(&self.attached).unwrap_or_default());
        let bounds = more(it.permissions_boundary_usage_count(), found(&self.bounds).unwrap_or_default());
        (attached || bounds).then(|| Guard {
            rule: GuardRule::UnknownMaker,
            why: "IAM counts more holders of it than were read".to_owned(),
        })
    }
}

/// The present state of one policy, or `None` if it is gone.
async fn look_at(aws: &Aws, arn: &str) -> Result<Option<Resource>, CloudError> {
    let policy = || aws.iam.get_policy().policy_arn(arn).send();
    let versions = aws.iam.list_policy_versions().policy_arn(arn);
    let entities = aws.iam.list_entities_for_policy().policy_arn(arn);
    let (policy, versions, entities) = futures::join!(
        aws.read("iam:GetPolicy", policy),
        aws.pages_by(
            "iam:ListPolicyVersions",
            |token| versions.clone().set_marker(token).send(),
            |page| Next::marked(page.is_truncated(), page.marker()),
        ),
        aws.pages_by(
            "iam:ListEntitiesForPolicy",
            |token| entities.clone().set_marker(token).send(),
            |page| Next::marked(page.is_truncated(), page.marker()),
        ),
    );
    let (Some(policy), Some(versions), Some(entities)) = (each(policy)?, each(versions)?, each(entities)?)
    else {
        return Ok(None);
    };
    let policy = told("iam:GetPolicy", policy.policy)?;
    let detail = ManagedPolicyDetail::builder()
        .set_arn(policy.arn)
        .set_policy_id(policy.policy_id)
        .set_policy_name(policy.policy_name)
        .set_create_date(policy.create_date)
        .set_policy_version_list(Some(versions.iter().flat_map(|page| page.versions()).cloned().collect()))
        .build();
    let tags = BTreeMap::from([(arn.to_owned(), iam_tags(&policy.tags.unwrap_or_default()))]);
    let mut holders = Vec::new();
    for page in &entities {
        holders.extend(
            page.policy_users().iter().map(|it| format!("user {}", it.user_name().unwrap_or_default())),
        );
        holders.extend(
            page.policy_groups().iter().map(|it| format!("group {}", it.group_name().unwrap_or_default())),
        );
    }
    let holders = BTreeMap::from([(arn.to_owned(), holders)]);
    Ok(read(&aws.site, &detail, &tags, &holders))
}

/// The tags of these policies: from the tagging API, or one by one where it does not know IAM.
async fn all_tags(aws: &Aws, arns: &[&str]) -> Result<BTreeMap<String, Tags>, CloudError> {
    let mut tags = tags_of(aws, "iam:policy").await?;
    if !tags.is_empty() {
        return Ok(tags);
    }
    for arn in arns {
        let call = aws.iam.list_policy_tags().policy_arn(*arn);
        let Some(pages) = each(
            aws.pages_by(
                "iam:ListPolicyTags",
                |token| call.clone().set_marker(token).send(),
                |page| Next::marked(page.is_truncated(), page.marker()),
            )
            .await,
        )?
        else {
            continue;
        };
        let found: Vec<_> = pages.iter().flat_map(|page| page.tags()).cloned().collect();
        tags.insert((*arn).to_owned(), iam_tags(&found));
    }
    Ok(tags)
}

/// The SDK's description as a resource.
fn read(
    site: &Site,
    it: &ManagedPolicyDetail,
    tags: &BTreeMap<String, Tags>,
    holders: &BTreeMap<String, Vec<String>>,
) -> Option<Resource> {
    let arn = it.arn()?;
    let mut resource = Resource::new(site.global_key(NAME, arn));
    resource.arn = Some(arn.to_owned());
    resource.unique_id = it.policy_id().map(str::to_owned);
    resource.name = it.policy_name().map(str::to_owned);
    resource.tags = tags.get(arn).cloned().unwrap_or_default();
    resource.created = it.create_date().and_then(crate::aws::shapes::timestamp);
    for version in it.policy_version_list().iter().filter(|it| !it.is_default_version()) {
        let Some(id) = version.version_id() else { continue };
        let part = site.global_key(VERSION, format!("{arn}/{id}"));
        resource.links.insert(Link::via(HAS, part, vec![id.to_owned()]));
    }
    if let Some(holders) = holders.get(arn).filter(|holders| !holders.is_empty()) {
        let why = format!("{} holds it, and stays", holders.join(", "));
        resource.guards.insert(Guard { rule: GuardRule::Held, why });
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::{AttachedPermissionsBoundary, PolicyVersion};

    use super::super::testing::{guards, links, site};
    use super::*;

    const ARN: &str = "arn:aws:iam::111122223333:policy/shop";

    fn policy() -> ManagedPolicyDetail {
        let version =
            |id: &str, default| PolicyVersion::builder().version_id(id).is_default_version(default).build();
        ManagedPolicyDetail::builder()
            .arn(ARN)
            .policy_id("ANPA1")
            .policy_name("shop")
            .policy_version_list(version("v1", false))
            .policy_version_list(version("v2", true))
            .build()
    }

    #[test]
    fn every_version_but_the_default_one_must_go_first() {
        let policy = read(&site(), &policy(), &BTreeMap::new(), &BTreeMap::new()).unwrap();
        assert_eq!(links(&policy), [format!("has iam-policy-version {ARN}/v1 [\"v1\"]")]);
        assert_eq!(guards(&policy), []);
    }

    #[test]
    fn a_policy_of_a_user_is_never_taken_from_the_user() {
        let holders = BTreeMap::from([(ARN.to_owned(), vec!["user alice".to_owned()])]);
        let policy = read(&site(), &policy(), &BTreeMap::new(), &holders).unwrap();
        assert_eq!(guards(&policy), [GuardRule::Held]);
    }

    #[test]
    fn a_policy_of_which_iam_counts_a_holder_that_nobody_read_stays() {
        let attached = || AttachedPolicy::builder().policy_arn(ARN).build();
        let bound = AttachedPermissionsBoundary::builder().permissions_boundary_arn(ARN).build();
        let mut holders = Holders::default();
        holders.role(&RoleDetail::builder().role_name("node").attached_managed_policies(attached()).build());
        holders.user(&UserDetail::builder().user_name("alice").permissions_boundary(bound).build());
        holders
            .group(&GroupDetail::builder().group_name("ops").attached_managed_policies(attached()).build());
        assert_eq!(holders.named[ARN], ["user alice", "group ops"]);
        let counted = |attached, bounds| {
            let it = ManagedPolicyDetail::builder().arn(ARN).attachment_count(attached);
            holders.unexplained(&it.permissions_boundary_usage_count(bounds).build()).map(|guard| guard.rule)
        };
        assert_eq!(counted(2, 1), None);
        assert_eq!(counted(3, 1), Some(GuardRule::UnknownMaker));
        assert_eq!(counted(2, 2), Some(GuardRule::UnknownMaker));
        // IAM may count late: more was found than it counts.
        assert_eq!(counted(0, 0), None);
    }
}
