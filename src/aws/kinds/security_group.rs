//! The calls of `security-group`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::security_group`].

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, IpPermission, SecurityGroup as Described, SecurityGroupRule as Rule};

use super::Kind;
use super::ec2::{PAGE, fact, looked_up};
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::security_group::{NAME, REVOKE_EGRESS, REVOKE_INGRESS, SPEC};
use crate::model::words::{fact as facts, how};
use crate::model::{CloudError, ErrorClass, KindSpec, Link, Resource};

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
            read(&aws.site, it, rules)
        })
        .collect())
}

/// The SDK's description, and that of the group's rules, as a resource.
fn read(site: &Site, it: &Described, rules: &[&Rule]) -> Option<Resource> {
    let id = it.group_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), it.owner_id());
    resource.arn = Some(site.arn("ec2", &format!("security-group/{id}")));
    resource.name = it.group_name().map(str::to_owned).or(resource.name);
    fact(&mut resource, facts::DESCRIPTION, it.description().filter(|text| !text.is_empty()));
    fact(&mut resource, facts::RULES, fullest_list(it).map(|count| count.to_string()));
    if let Some(vpc) = it.vpc_id() {
        resource.links.insert(Link::new(how::WITHIN, site.key("vpc", vpc)));
        // Every VPC has one group of this name, and no other may bear it.
        if it.group_name() == Some("default") {
            resource.links.insert(Link::new(how::MADE_BY, site.key("vpc", vpc)));
        }
    }
    // Tags under `aws:` are AWS's own: nobody else can set this one.
    if let Some(cluster) = resource.tags.get("aws:eks:cluster-name") {
        let key = site.key("eks-cluster", cluster.clone());
        resource.links.insert(Link::new(how::MADE_BY, key));
    }
    for (outbound, permissions) in [(false, it.ip_permissions()), (true, it.ip_permissions_egress())] {
        for (named, ids) in named_groups(id, outbound, permissions, rules) {
            let how = if outbound { how::NAMES_OUTBOUND } else { how::NAMES };
            resource.links.insert(Link::via(how, site.key(NAME, named), ids));
        }
    }
    Some(resource)
}

/// How many rules the fullest of its four lists has: inbound and outbound, of IPv4 and of IPv6, each may
/// be as long as the quota allows. <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
fn fullest_list(it: &Described) -> Option<usize> {
    Some(longer_list(it.ip_permissions())?.max(longer_list(it.ip_permissions_egress())?))
}

/// How many rules of one direction count, of IPv4 or of IPv6, whichever are more. A rule that names a
/// group counts in both, once, however large the group is. One that names a prefix list counts as many as
/// that may hold, which the group does not tell: then the count is not known.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html#security-group-size>
fn longer_list(permissions: &[IpPermission]) -> Option<usize> {
    if permissions.iter().any(|permission| !permission.prefix_list_ids().is_empty()) {
        return None;
    }
    let sum = |count: fn(&IpPermission) -> usize| permissions.iter().map(count).sum::<usize>();
    let (ipv4, ipv6) = (sum(|it| it.ip_ranges().len()), sum(|it| it.ipv6_ranges().len()));
    Some(ipv4.max(ipv6) + sum(|it| it.user_id_group_pairs().len()))
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
    use aws_sdk_ec2::types::{IpRange, Ipv6Range, PrefixListId, ReferencedSecurityGroup, UserIdGroupPair};

    use super::*;
    use crate::aws::kinds::testing::{ACCOUNT, links, site, tag};
    use crate::model::Amount;

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
    fn rules_count_in_the_fullest_list_and_one_that_names_a_group_in_both_families() {
        let ipv4 = |text: &str| IpRange::builder().cidr_ip(text).build();
        let inbound = IpPermission::builder()
            .ip_ranges(ipv4("10.0.0.0/8"))
            .ip_ranges(ipv4("192.168.0.0/16"))
            .ipv6_ranges(Ipv6Range::builder().cidr_ipv6("::/0").build())
            .user_id_group_pairs(UserIdGroupPair::builder().group_id("sg-2").build())
            .build();
        let outbound = IpPermission::builder().ip_ranges(ipv4("0.0.0.0/0")).build();
        let it = group("web").ip_permissions(inbound).ip_permissions_egress(outbound);
        let used = |it: Described| -> Vec<Amount> {
            let resource = read(&site(), &it, &[]).unwrap();
            SPEC.quotas.iter().map(|quota| (quota.amount)(&resource)).collect()
        };
        assert_eq!(used(it.clone().build()), [Amount::Known(1), Amount::Known(3)]);
        let list = PrefixListId::builder().prefix_list_id("pl-1").build();
        let unknown = it.clone().ip_permissions(IpPermission::builder().prefix_list_ids(list).build());
        assert_eq!(used(unknown.build()), [Amount::Known(1), Amount::Unknown]);
        assert_eq!(used(it.owner_id("999999999999").build()), [Amount::Known(0), Amount::Known(0)]);
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
        let read = read(&site(), &group("web").build(), &rules.each_ref()).unwrap();
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
        let read = read(&site(), &group("web").build(), &rules.each_ref()).unwrap();
        assert_eq!(links(&read), ["within vpc vpc-1"]);
    }

    #[test]
    fn a_reference_seen_only_in_the_group_still_holds() {
        let pair = UserIdGroupPair::builder().group_id("sg-2").build();
        let it =
            group("web").ip_permissions(IpPermission::builder().user_id_group_pairs(pair).build()).build();
        assert!(links(&read(&site(), &it, &[]).unwrap()).contains(&"names security-group sg-2".to_owned()));
    }

    #[test]
    fn the_default_group_goes_with_its_vpc_and_the_clusters_with_its_cluster() {
        let default = read(&site(), &group("default").build(), &[]).unwrap();
        assert_eq!(links(&default), ["made-by vpc vpc-1", "within vpc vpc-1"]);
        let it = group("eks-cluster-sg-dev-1").tags(tag("aws:eks:cluster-name", "dev")).build();
        assert_eq!(links(&read(&site(), &it, &[]).unwrap()), ["made-by eks-cluster dev", "within vpc vpc-1"]);
    }
}
