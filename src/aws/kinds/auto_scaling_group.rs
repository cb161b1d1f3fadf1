//! The calls of `auto-scaling-group`: its description as a resource, with what its launch configuration or the
//! version of a template that it names by number holds; it is only read. What that means stands in
//! [`crate::kinds::auto_scaling_group`].

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_autoscaling::types::{
    AutoScalingGroup as Described, LaunchConfiguration, LaunchTemplateSpecification,
};
use futures::FutureExt;

use super::Kind;
use super::template_contents::{self, Template, would_use_profile};
use crate::aws::shapes::{each, side_by_side, tags, timestamp, told};
use crate::aws::{Aws, Site};
use crate::inventory::marks::node_group;
use crate::kinds::auto_scaling_group::{NAME, SPEC};
use crate::model::words::{fact, how};
use crate::model::{CloudError, KindSpec, Link, Resource};

/// Its calls.
pub struct Calls;

/// Neither call takes a larger page.
const PAGE: i32 = 100;

/// How many names one call takes: those of launch configurations fewer than those of groups.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLaunchConfigurations.html>
const NAMES: usize = 50;

/// With what EKS begins the names of the groups that it makes, beside the two tags.
const EKS_PREFIX: &str = "eks-";

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        read_all(aws, groups(aws, None).await?).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let mut found = Vec::new();
        for chunk in ids.chunks(NAMES) {
            found.extend(groups(aws, Some(chunk.to_vec())).await?);
        }
        read_all(aws, found).await
    }
}

/// All groups, or those of these names.
async fn groups(aws: &Aws, names: Option<Vec<String>>) -> Result<Vec<Described>, CloudError> {
    let api = "autoscaling:DescribeAutoScalingGroups";
    let call =
        aws.autoscaling.describe_auto_scaling_groups().set_auto_scaling_group_names(names).max_records(PAGE);
    let send = |token| call.clone().set_next_token(token).send();
    let mut groups = Vec::new();
    for page in aws.pages(api, send, |page| page.next_token()).await? {
        groups.extend(told(api, page.auto_scaling_groups)?);
    }
    Ok(groups)
}

/// The groups as resources, with what they would launch from.
async fn read_all(aws: &Aws, found: Vec<Described>) -> Result<Vec<Resource>, CloudError> {
    let named: BTreeSet<String> =
        found.iter().filter_map(|it| it.launch_configuration_name()).map(str::to_owned).collect();
    let configurations = configurations(aws, named.into_iter().collect()).await?;
    let mut read_ones: Vec<(Resource, &Described)> =
        found.iter().filter_map(|it| Some((read(&aws.site, it)?, it))).collect();
    let named: BTreeSet<(Template, String)> = read_ones
        .iter()
        // That of a node group launches what the node group's own template says, and goes with it.
        .filter(|(resource, _)| resource.links_as(how::MADE_BY).next().is_none())
        .flat_map(|(_, it)| templates(it).filter_map(by_number))
        .collect();
    let asked = named.iter().map(|(of, version)| contents_of(aws, of, version).boxed()).collect();
    let contents: BTreeMap<(Template, String), BTreeSet<Link>> =
        named.iter().cloned().zip(side_by_side(asked).await?).collect();
    for (resource, it) in &mut read_ones {
        let held = it.launch_configuration_name().and_then(|name| configurations.get(name));
        resource.links.extend(held.into_iter().flatten().cloned());
        let held = templates(it).filter_map(by_number).filter_map(|version| contents.get(&version));
        resource.links.extend(held.flatten().cloned());
    }
    Ok(read_ones.into_iter().map(|(resource, _)| resource).collect())
}

/// What these launch configurations hold, by name. One that is gone holds nothing: its groups launch no more.
async fn configurations(
    aws: &Aws,
    names: Vec<String>,
) -> Result<BTreeMap<String, BTreeSet<Link>>, CloudError> {
    let api = "autoscaling:DescribeLaunchConfigurations";
    let mut all = BTreeMap::new();
    for chunk in names.chunks(NAMES) {
        let call = aws
            .autoscaling
            .describe_launch_configurations()
            .set_launch_configuration_names(Some(chunk.to_vec()))
            .max_records(PAGE);
        let send = |token| call.clone().set_next_token(token).send();
        for page in aws.pages(api, send, |page| page.next_token()).await? {
            for it in told(api, page.launch_configurations)? {
                if let Some(name) = it.launch_configuration_name() {
                    all.insert(name.to_owned(), held_by(&aws.site, &it));
                }
            }
        }
    }
    Ok(all)
}

/// What one launch configuration names.
fn held_by(site: &Site, it: &LaunchConfiguration) -> BTreeSet<Link> {
    let groups =
        it.security_groups().iter().map(|id| Link::new(how::WOULD_USE, site.key("security-group", id)));
    let pair = it.key_name().filter(|name| !name.is_empty());
    groups
        .chain(it.iam_instance_profile().and_then(|it| would_use_profile(site, it)))
        .chain(pair.map(|pair| Link::new(how::WOULD_USE, site.key("key-pair", pair))))
        .collect()
}

/// Every template that a group names, also in the overrides of a mixed group.
fn templates(it: &Described) -> impl Iterator<Item = &LaunchTemplateSpecification> {
    let mixed = it.mixed_instances_policy().and_then(|mixed| mixed.launch_template());
    let overrides = mixed.map(|mixed| mixed.overrides()).unwrap_or_default();
    it.launch_template()
        .into_iter()
        .chain(mixed.and_then(|mixed| mixed.launch_template_specification()))
        .chain(overrides.iter().filter_map(|it| it.launch_template_specification()))
}

/// A template with the version that a group names by its number. What the latest and the default one hold is
/// told with the template itself; without an id the template has to be asked for in any case.
fn by_number(it: &LaunchTemplateSpecification) -> Option<(Template, String)> {
    let version = it.version().unwrap_or("$Default");
    match (it.launch_template_id(), it.launch_template_name()) {
        (Some(_), _) if version.starts_with('$') => None,
        (Some(id), _) => Some((Template::Id(id.to_owned()), version.to_owned())),
        (None, Some(name)) => Some((Template::Name(name.to_owned()), version.to_owned())),
        (None, None) => None,
    }
}

/// What one version holds, and the template itself; nothing if either is gone: the group launches no more.
async fn contents_of(aws: &Aws, of: &Template, version: &str) -> Result<BTreeSet<Link>, CloudError> {
    let told_of = each(template_contents::of_version(aws, of, version).await)?.unwrap_or_default();
    let links = told_of.into_iter().flat_map(|(id, links)| {
        let itself = Link::new(how::USES, aws.site.key("launch-template", id));
        links.into_iter().chain([itself])
    });
    Ok(links.collect())
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let name = it.auto_scaling_group_name()?;
    let mut resource = Resource::new(site.key(NAME, name));
    resource.arn = it.auto_scaling_group_arn().map(str::to_owned);
    resource.name = Some(name.to_owned());
    resource.tags = tags(it.tags().iter().map(|tag| (tag.key(), tag.value())));
    resource.created = it.created_time().and_then(timestamp);
    resource.unique_id = resource.created.map(|at| at.to_string());
    resource.state = it.status().map(str::to_owned);
    resource.life = SPEC.states.life(resource.state.as_deref())?;
    if let Some(desired) = it.desired_capacity() {
        resource.facts.insert(fact::DESIRED.into(), desired.to_string());
    }
    let by_eks = node_group(&resource).filter(|_| name.starts_with(EKS_PREFIX));
    let links = &mut resource.links;
    links.extend(by_eks.map(|group| Link::new(how::MADE_BY, site.key("eks-nodegroup", group))));
    for template in templates(it).filter_map(|it| it.launch_template_id()) {
        links.insert(Link::new(how::USES, site.key("launch-template", template)));
    }
    if let Some(group) = it.placement_group().filter(|name| !name.is_empty()) {
        links.insert(Link::new(how::WOULD_USE, site.key("placement-group", group)));
    }
    let subnets = it.vpc_zone_identifier().unwrap_or_default().split(',').map(str::trim);
    for subnet in subnets.filter(|subnet| !subnet.is_empty()) {
        links.insert(Link::new(how::WOULD_USE, site.key("subnet", subnet)));
    }
    let sources = it.traffic_sources().iter().filter_map(|source| source.identifier());
    let sources = sources.filter(|source| source.contains(":targetgroup/"));
    for group in it.target_group_arns().iter().map(String::as_str).chain(sources) {
        links.insert(Link::new(how::USES, site.key("target-group", group)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{links, site};
    use super::*;
    use crate::aws::scripted::Script;
    use crate::model::Life;
    use crate::session::CallMode;

    /// An answer of Auto Scaling's in its envelope.
    fn answer(action: &str, body: &str) -> String {
        format!(
            r#"<{action}Response xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><{action}Result>{body}
            </{action}Result><ResponseMetadata><RequestId>7c6e177f</RequestId></ResponseMetadata></{action}Response>"#
        )
    }

    fn described(groups: &str) -> String {
        answer("DescribeAutoScalingGroups", &format!("<AutoScalingGroups>{groups}</AutoScalingGroups>"))
    }

    fn group(name: &str, more: &str) -> String {
        format!(
            "<member><AutoScalingGroupName>{name}</AutoScalingGroupName><DesiredCapacity>0</DesiredCapacity>
            <CreatedTime>2023-11-14T22:13:20Z</CreatedTime>{more}</member>"
        )
    }

    fn tag(key: &str, value: &str) -> String {
        format!("<member><Key>{key}</Key><Value>{value}</Value></member>")
    }

    async fn listed(script: &Script) -> Vec<Resource> {
        Calls.list(&script.aws(CallMode::Real)).await.unwrap()
    }

    #[tokio::test]
    async fn a_group_of_none_still_names_what_it_would_launch_with() {
        let web = group(
            "web",
            "<LaunchTemplate><LaunchTemplateId>lt-1</LaunchTemplateId><Version>$Latest</Version></LaunchTemplate>
            <VPCZoneIdentifier>subnet-1, subnet-2</VPCZoneIdentifier>
            <TargetGroupARNs><member>arn:aws:elasticloadbalancing:r:1:targetgroup/a/1</member></TargetGroupARNs>
            <TrafficSources><member><Identifier>arn:aws:elasticloadbalancing:r:1:targetgroup/b/2</Identifier>
            <Type>elbv2</Type></member><member><Identifier>classic</Identifier><Type>elb</Type></member>
            </TrafficSources>",
        );
        let script = Script::new([(200, described(&web).as_str())]);
        let found = listed(&script).await;
        assert_eq!(
            links(&found[0]),
            [
                "uses launch-template lt-1",
                "uses target-group arn:aws:elasticloadbalancing:r:1:targetgroup/a/1",
                "uses target-group arn:aws:elasticloadbalancing:r:1:targetgroup/b/2",
                "would-use subnet subnet-1",
                "would-use subnet subnet-2",
            ]
        );
        assert_eq!(found[0].facts[fact::DESIRED], "0");
        assert_eq!(found[0].created.unwrap().to_string(), "2023-11-14T22:13:20Z");
        assert!(script.requests()[0].contains("MaxRecords=100"));
    }

    #[tokio::test]
    async fn what_a_launch_configuration_or_a_version_by_number_holds_is_the_groups_use() {
        let old = group(
            "old",
            "<LaunchConfigurationName>lc</LaunchConfigurationName><PlacementGroup>close</PlacementGroup>",
        );
        let specification = |version: &str| {
            format!(
                "<LaunchTemplateSpecification><LaunchTemplateId>lt-1</LaunchTemplateId>
                <Version>{version}</Version></LaunchTemplateSpecification>"
            )
        };
        let mixed = group(
            "mixed",
            &format!(
                "<MixedInstancesPolicy><LaunchTemplate>{}<Overrides><member>{}</member></Overrides>
                </LaunchTemplate></MixedInstancesPolicy>",
                specification("3"),
                specification("$Default")
            ),
        );
        let configuration = answer(
            "DescribeLaunchConfigurations",
            "<LaunchConfigurations><member><LaunchConfigurationName>lc</LaunchConfigurationName>
            <KeyName>ops</KeyName>
            <SecurityGroups><member>sg-1</member></SecurityGroups>
            <IamInstanceProfile>arn:aws:iam::1:instance-profile/nodes</IamInstanceProfile></member>
            </LaunchConfigurations>",
        );
        let version = r#"<DescribeLaunchTemplateVersionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
            <launchTemplateVersionSet><item><launchTemplateId>lt-1</launchTemplateId><launchTemplateData>
            <securityGroupIdSet><item>sg-3</item></securityGroupIdSet></launchTemplateData></item>
            </launchTemplateVersionSet></DescribeLaunchTemplateVersionsResponse>"#;
        let script = Script::new([
            (200, described(&(old + &mixed)).as_str()),
            (200, configuration.as_str()),
            (200, version),
        ]);
        let found = listed(&script).await;
        assert_eq!(
            links(&found[0]),
            [
                "would-use iam-instance-profile nodes",
                "would-use key-pair ops",
                "would-use placement-group close",
                "would-use security-group sg-1",
            ]
        );
        assert_eq!(links(&found[1]), ["uses launch-template lt-1", "would-use security-group sg-3"]);
        let sent = script.requests();
        assert!(sent[1].contains("LaunchConfigurationNames.member.1=lc"), "{}", sent[1]);
        assert!(sent[2].contains("LaunchTemplateId=lt-1&LaunchTemplateVersion.1=3"), "{}", sent[2]);
        assert_eq!(sent.len(), 3);
    }

    #[tokio::test]
    async fn a_group_that_eks_made_goes_with_its_node_group_and_one_that_only_looks_so_does_not() {
        let tags = tag("eks:cluster-name", "demo") + &tag("eks:nodegroup-name", "blue");
        let more = format!(
            "<Tags>{tags}</Tags><LaunchTemplate><LaunchTemplateId>lt-1</LaunchTemplateId>
            <Version>7</Version></LaunchTemplate>"
        );
        let script = Script::new([(200, described(&group("eks-blue-0a1b", &more)).as_str())]);
        let found = listed(&script).await;
        assert_eq!(links(&found[0]), ["made-by eks-nodegroup demo/blue", "uses launch-template lt-1"]);
        assert_eq!(script.requests().len(), 1);
        for (name, tags) in [("mine", tags), ("eks-blue-0a1b", tag("eks:nodegroup-name", "blue"))] {
            let body = described(&group(name, &format!("<Tags>{tags}</Tags>")));
            assert!(listed(&Script::new([(200, body.as_str())])).await[0].links.is_empty(), "{name}");
        }
    }

    #[test]
    fn a_group_that_is_being_deleted_is_leaving() {
        let it = Described::builder().auto_scaling_group_name("web").status("Delete in progress").build();
        assert_eq!(read(&site(), &it).unwrap().life, Life::Leaving);
    }
}
