//! What launch templates hold: the groups, subnets, interfaces and instance profiles that a machine launched
//! from one would use. Asked by `launch_template` of the versions that are launched by name of none, and by
//! `auto_scaling_group` of the versions that its groups name by number.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html>

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::operation::describe_launch_template_versions::builders::DescribeLaunchTemplateVersionsFluentBuilder as Call;
use aws_sdk_ec2::types::{LaunchTemplateVersion, ResponseLaunchTemplateData as Described};

use super::ec2::PAGE;
use crate::aws::shapes::{filter, name_in_arn, told};
use crate::aws::{Aws, Site};
use crate::model::{CloudError, Link, words::how};

/// The call that tells contents.
pub(super) const VERSIONS: &str = "ec2:DescribeLaunchTemplateVersions";

/// It takes no larger page.
const VERSIONS_PAGE: i32 = 200;

/// The versions that are launched where none is named by its number.
const LAUNCHED: [&str; 2] = ["$Latest", "$Default"];

/// Links of contents, by the id of the template.
pub(super) type Contents = BTreeMap<String, BTreeSet<Link>>;

/// How a template is named: by its id or by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Template {
    /// By its id.
    Id(String),
    /// By its name.
    Name(String),
}

/// What the versions hold that are launched of any template of the region, in pages.
pub(super) async fn of_all(aws: &Aws) -> Result<Contents, CloudError> {
    let call = aws.ec2.describe_launch_template_versions().max_results(VERSIONS_PAGE);
    told_by(aws, launched(call)).await
}

/// The same of one template.
pub(super) async fn of_one(aws: &Aws, id: &str) -> Result<Contents, CloudError> {
    told_by(aws, launched(aws.ec2.describe_launch_template_versions().launch_template_id(id))).await
}

/// What one version of a template holds.
pub(super) async fn of_version(aws: &Aws, of: &Template, version: &str) -> Result<Contents, CloudError> {
    let call = aws.ec2.describe_launch_template_versions().versions(version);
    let call = match of {
        Template::Id(id) => call.launch_template_id(id),
        Template::Name(name) => call.launch_template_name(name),
    };
    told_by(aws, call).await
}

fn launched(call: Call) -> Call {
    call.set_versions(Some(LAUNCHED.map(str::to_owned).to_vec()))
}

async fn told_by(aws: &Aws, call: Call) -> Result<Contents, CloudError> {
    let call = call.include_managed_resources(true);
    let send = |token| call.clone().set_next_token(token).send();
    let pages = aws.pages(VERSIONS, send, |page| page.next_token()).await?;
    let versions: Vec<&LaunchTemplateVersion> =
        pages.iter().flat_map(|page| page.launch_template_versions()).collect();
    let named = versions.iter().filter_map(|it| it.launch_template_data()).flat_map(group_names).collect();
    let groups = groups_named(aws, &named).await?;
    let mut contents = Contents::new();
    for version in versions {
        let Some(id) = version.launch_template_id() else { continue };
        // A version without data would read like one that uses nothing.
        let data = told(VERSIONS, version.launch_template_data())?;
        let links = contents.entry(id.to_owned()).or_default();
        links.extend(read(&aws.site, data));
        let named = group_names(data).filter_map(|name| groups.get(&name)).flatten();
        links.extend(named.map(|group| would_use(&aws.site, "security-group", group)));
    }
    Ok(contents)
}

/// The security groups that it names by name and not by id.
fn group_names(data: &Described) -> impl Iterator<Item = String> + '_ {
    data.security_groups().iter().cloned()
}

/// The ids of all groups of these names, in whichever VPC: that of the template is not told.
async fn groups_named(
    aws: &Aws,
    names: &BTreeSet<String>,
) -> Result<BTreeMap<String, BTreeSet<String>>, CloudError> {
    let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let names: Vec<String> = names.iter().cloned().collect();
    for chunk in names.chunks(super::ec2::FILTER_VALUES) {
        let call = aws.ec2.describe_security_groups().filters(filter("group-name", chunk)).max_results(PAGE);
        let send = |token| call.clone().set_next_token(token).send();
        let pages = aws.pages("ec2:DescribeSecurityGroups", send, |page| page.next_token()).await?;
        for group in pages.iter().flat_map(|page| page.security_groups()) {
            if let (Some(name), Some(id)) = (group.group_name(), group.group_id()) {
                groups.entry(name.to_owned()).or_default().insert(id.to_owned());
            }
        }
    }
    Ok(groups)
}

fn would_use(site: &Site, kind: &'static str, id: &str) -> Link {
    Link::new(how::WOULD_USE, site.key(kind, id))
}

/// A profile by its ARN or name; the ARN ends with its path and name.
pub(super) fn would_use_profile(site: &Site, arn_or_name: &str) -> Option<Link> {
    let name = name_in_arn(arn_or_name)?;
    Some(Link::new(how::WOULD_USE, site.global_key("iam-instance-profile", name)))
}

/// What one version names.
fn read(site: &Site, data: &Described) -> BTreeSet<Link> {
    let interfaces = data.network_interfaces();
    let groups = data.security_group_ids().iter().chain(interfaces.iter().flat_map(|it| it.groups()));
    let subnets = interfaces.iter().filter_map(|it| it.subnet_id());
    let standing = interfaces.iter().filter_map(|it| it.network_interface_id());
    let profile = data.iam_instance_profile().and_then(|profile| profile.arn().or(profile.name()));
    groups
        .map(|group| would_use(site, "security-group", group))
        .chain(subnets.map(|subnet| would_use(site, "subnet", subnet)))
        .chain(standing.map(|interface| would_use(site, "network-interface", interface)))
        .chain(profile.and_then(|profile| would_use_profile(site, profile)))
        .collect()
}
