//! Security groups. One cannot go while an interface uses it or a rule of another group names it, so
//! groups that name each other are parted by revoking exactly those rules. Rules within one group
//! hold nothing. Associations with further VPCs are not read: AWS refuses, and the report says so.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/deleting-security-groups.html>

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, IpPermission, SecurityGroup as Described, SecurityGroupRule as Rule};

use super::ec2::{PAGE, fact, looked_up};
use super::{Kind, ec2_resource};
use crate::aws::{Aws, Place};
use crate::model::words::{fact as facts, how};
use crate::model::{
    Apis, Cut, DataKind, Holds, KindSpec, Link, LinkRule, Near, Per, QuotaUse, Resource, Scope, Settle,
    Touches,
};
use crate::run::cloud::{CloudError, ErrorClass};

/// The kind.
pub struct SecurityGroup;

const NAME: &str = "security-group";

const REVOKE_INGRESS: &str = "ec2:RevokeSecurityGroupIngress";
const REVOKE_EGRESS: &str = "ec2:RevokeSecurityGroupEgress";

/// What the planner knows of it.
pub const SPEC: KindSpec = KindSpec {
    name: NAME,
    title: "security group",
    scope: Scope::Regional,
    links: &[
        LinkRule::until_gone(how::WITHIN, "vpc"),
        LinkRule::goes_with(how::MADE_BY, "vpc", Settle::AtOnce),
        // EKS removes the group it made for a cluster, unless an interface still uses it.
        LinkRule::goes_with(
            how::MADE_BY,
            "eks-cluster",
            Settle::Poll { every: 15, usually: 60, at_most: 600 },
        ),
        names(how::NAMES, REVOKE_INGRESS),
        names(how::NAMES_OUTBOUND, REVOKE_EGRESS),
    ],
    parts: &[],
    data: DataKind::No,
    settle: Settle::AtOnce,
    patience: 300,
    pause: 0,
    batch: 1,
    quotas: &[QuotaUse::each(NAME, "security groups", ("vpc", "L-E79EC296"), Per::Region)],
    cost: |_| Vec::new(),
    apis: Apis {
        list: &["ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules"],
        delete: &["ec2:DeleteSecurityGroup"],
    },
};

/// Inbound and outbound rules are revoked by different calls, and so are different roles.
const fn names(how: &'static str, api: &'static str) -> LinkRule {
    LinkRule {
        how,
        to: NAME,
        holds: Holds::DeleteUntilCut,
        near: Near::Free,
        cut: Some(Cut { api, touches: Touches::NearEnd }),
    }
}

#[async_trait]
impl Kind for SecurityGroup {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        described(aws, None).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        looked_up("group-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn cut(&self, aws: &Aws, resource: &Resource, link: &Link) -> Result<(), CloudError> {
        let all = revoke(aws, resource, link, &link.via).await;
        // One rule that is gone fails the call for all of them.
        let one_is_gone = all.as_ref().is_err_and(|error| error.class == ErrorClass::Gone);
        if !one_is_gone || link.via.len() < 2 {
            return all;
        }
        for rule in &link.via {
            match revoke(aws, resource, link, std::slice::from_ref(rule)).await {
                Ok(()) => {}
                Err(error) if error.class == ErrorClass::Gone => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.ec2.delete_security_group().group_id(&resource.key.id).set_dry_run(aws.dry_run());
        aws.change("ec2:DeleteSecurityGroup", || call.send()).await
    }
}

/// Revokes these rules, by their ids alone: so nothing but them can be hit.
async fn revoke(aws: &Aws, resource: &Resource, link: &Link, rules: &[String]) -> Result<(), CloudError> {
    let group = &resource.key.id;
    let outbound = link.how == how::NAMES_OUTBOUND;
    let api = if outbound { REVOKE_EGRESS } else { REVOKE_INGRESS };
    if rules.is_empty() {
        return Err(CloudError {
            class: ErrorClass::Refused,
            api: api.to_owned(),
            code: "NoRuleIds".to_owned(),
            message: format!("the ids of the rules of {group} that name {} are not known", link.to.id),
            request_id: None,
        });
    }
    let (rules, dry_run) = (Some(rules.to_vec()), aws.dry_run());
    if outbound {
        let call = aws.ec2.revoke_security_group_egress().group_id(group);
        return aws.change(api, || call.set_security_group_rule_ids(rules).set_dry_run(dry_run).send()).await;
    }
    let call = aws.ec2.revoke_security_group_ingress().group_id(group);
    aws.change(api, || call.set_security_group_rule_ids(rules).set_dry_run(dry_run).send()).await
}

/// Groups, joined with their rules: only the listing of rules knows the ids that a revoke takes.
async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let filters = filter.map(|it| vec![it]);
    let call = aws.ec2.describe_security_groups().set_filters(filters.clone()).max_results(PAGE);
    let groups = aws
        .pages(
            "ec2:DescribeSecurityGroups",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let call = aws.ec2.describe_security_group_rules().set_filters(filters).max_results(PAGE);
    let rules = aws
        .pages(
            "ec2:DescribeSecurityGroupRules",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let mut by_group: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules.iter().flat_map(|page| page.security_group_rules()) {
        by_group.entry(rule.group_id().unwrap_or_default()).or_default().push(rule);
    }
    Ok(groups
        .iter()
        .flat_map(|page| page.security_groups())
        .filter_map(|it| {
            let rules = by_group.get(it.group_id()?).map(Vec::as_slice).unwrap_or_default();
            read(&aws.place, it, rules)
        })
        .collect())
}

/// The SDK's description, and that of the group's rules, as a resource.
fn read(place: &Place, it: &Described, rules: &[&Rule]) -> Option<Resource> {
    let id = it.group_id()?;
    let mut resource = ec2_resource(place, NAME, id, it.tags(), it.owner_id());
    resource.arn = Some(place.arn("ec2", &format!("security-group/{id}")));
    resource.name = it.group_name().map(str::to_owned).or(resource.name);
    fact(&mut resource, facts::DESCRIPTION, it.description().filter(|text| !text.is_empty()));
    if let Some(vpc) = it.vpc_id() {
        resource.links.insert(Link::new(how::WITHIN, place.key("vpc", vpc)));
        // Every VPC has one group of this name, and no other may bear it.
        if it.group_name() == Some("default") {
            resource.links.insert(Link::new(how::MADE_BY, place.key("vpc", vpc)));
        }
    }
    // Tags under `aws:` are AWS's own: nobody else can set this one.
    if let Some(cluster) = resource.tags.get("aws:eks:cluster-name") {
        let key = place.key("eks-cluster", cluster.clone());
        resource.links.insert(Link::new(how::MADE_BY, key));
    }
    for (outbound, permissions) in [(false, it.ip_permissions()), (true, it.ip_permissions_egress())] {
        for (named, ids) in named_groups(id, outbound, permissions, rules) {
            let how = if outbound { how::NAMES_OUTBOUND } else { how::NAMES };
            resource.links.insert(Link::via(how, place.key(NAME, named), ids));
        }
    }
    Some(resource)
}

/// The other groups that rules of this direction name, each with the ids of those rules. A group that
/// only the group's own description names (the two listings are not of one moment) comes without ids.
fn named_groups(
    own: &str,
    outbound: bool,
    permissions: &[IpPermission],
    rules: &[&Rule],
) -> BTreeMap<String, Vec<String>> {
    let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for pair in permissions.iter().flat_map(|permission| permission.user_id_group_pairs()) {
        if let Some(group) = pair.group_id() {
            named.entry(group.to_owned()).or_default();
        }
    }
    for rule in rules.iter().filter(|rule| rule.is_egress().unwrap_or_default() == outbound) {
        let group = rule.referenced_group_info().and_then(|group| group.group_id());
        if let (Some(group), Some(id)) = (group, rule.security_group_rule_id()) {
            named.entry(group.to_owned()).or_default().insert(id.to_owned());
        }
    }
    named.remove(own);
    named.into_iter().map(|(group, ids)| (group, ids.into_iter().collect())).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{ReferencedSecurityGroup, UserIdGroupPair};

    use super::*;
    use crate::kinds::testing::{ACCOUNT, links, place, tag};

    fn group(name: &str) -> aws_sdk_ec2::types::builders::SecurityGroupBuilder {
        Described::builder().group_id("sg-1").group_name(name).vpc_id("vpc-1").owner_id(ACCOUNT)
    }

    fn rule(id: &str, egress: bool, names: &str) -> Rule {
        Rule::builder()
            .security_group_rule_id(id)
            .group_id("sg-1")
            .is_egress(egress)
            .referenced_group_info(ReferencedSecurityGroup::builder().group_id(names).build())
            .build()
    }

    #[test]
    fn rules_that_name_other_groups_are_links_by_group_and_direction_with_their_ids() {
        let rules = [
            rule("sgr-2", false, "sg-2"),
            rule("sgr-1", false, "sg-2"),
            rule("sgr-3", true, "sg-2"),
            rule("sgr-4", false, "sg-3"),
            Rule::builder().security_group_rule_id("sgr-5").is_egress(true).cidr_ipv4("0.0.0.0/0").build(),
        ];
        let read = read(&place(), &group("web").build(), &rules.each_ref()).unwrap();
        assert_eq!(
            links(&read),
            [
                r#"names security-group sg-2 ["sgr-1", "sgr-2"]"#,
                r#"names security-group sg-3 ["sgr-4"]"#,
                r#"names-outbound security-group sg-2 ["sgr-3"]"#,
                "within vpc vpc-1",
            ]
        );
        assert_eq!(read.name.as_deref(), Some("web"));
    }

    #[test]
    fn a_rule_that_names_its_own_group_is_no_link() {
        let rules = [rule("sgr-1", false, "sg-1"), rule("sgr-2", true, "sg-1")];
        let read = read(&place(), &group("web").build(), &rules.each_ref()).unwrap();
        assert_eq!(links(&read), ["within vpc vpc-1"]);
    }

    #[test]
    fn a_reference_seen_only_in_the_group_still_holds() {
        let pair = UserIdGroupPair::builder().group_id("sg-2").build();
        let it =
            group("web").ip_permissions(IpPermission::builder().user_id_group_pairs(pair).build()).build();
        assert!(links(&read(&place(), &it, &[]).unwrap()).contains(&"names security-group sg-2".to_owned()));
    }

    #[test]
    fn the_default_group_goes_with_its_vpc_and_the_clusters_with_its_cluster() {
        let default = read(&place(), &group("default").build(), &[]).unwrap();
        assert_eq!(links(&default), ["made-by vpc vpc-1", "within vpc vpc-1"]);
        let it = group("eks-cluster-sg-dev-1").tags(tag("aws:eks:cluster-name", "dev")).build();
        assert_eq!(
            links(&read(&place(), &it, &[]).unwrap()),
            ["made-by eks-cluster dev", "within vpc vpc-1"]
        );
    }
}
