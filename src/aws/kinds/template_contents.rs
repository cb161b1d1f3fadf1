//! What launch templates hold: the groups, subnets, interfaces, instance profiles, key pairs and placement groups that a machine launched
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
    let by_id =
        versions.iter().filter_map(|it| it.launch_template_data()).any(|it| placement_id(it).is_some());
    let places = if by_id { placement_groups(aws).await? } else { BTreeMap::new() };
    let mut contents = Contents::new();
    for version in versions {
        let Some(id) = version.launch_template_id() else { continue };
        // A version without data would read like one that uses nothing.
        let data = told(VERSIONS, version.launch_template_data())?;
        let links = contents.entry(id.to_owned()).or_default();
        links.extend(read(&aws.site, data));
        let named = group_names(data).filter_map(|name| groups.get(&name)).flatten();
        links.extend(named.map(|group| would_use(&aws.site, "security-group", group)));
        let place = placement_id(data).and_then(|id| places.get(id));
        links.extend(place.map(|name| would_use(&aws.site, "placement-group", name)));
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

/// The id of a placement group that it names by its id and not by its name.
fn placement_id(data: &Described) -> Option<&str> {
    data.placement()?.group_id()
}

/// The names of all placement groups, by id: a list of ids would fail the whole call for one that is gone.
async fn placement_groups(aws: &Aws) -> Result<BTreeMap<String, String>, CloudError> {
    let call = aws.ec2.describe_placement_groups();
    let answer = aws.read("ec2:DescribePlacementGroups", || call.clone().send()).await?;
    let named = answer.placement_groups().iter();
    Ok(named.filter_map(|it| Some((it.group_id()?.to_owned(), it.group_name()?.to_owned()))).collect())
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
    let placement = data.placement().and_then(|it| it.group_name()).filter(|name| !name.is_empty());
    groups
        .map(|group| would_use(site, "security-group", group))
        .chain(subnets.map(|subnet| would_use(site, "subnet", subnet)))
        .chain(standing.map(|interface| would_use(site, "network-interface", interface)))
        .chain(profile.and_then(|profile| would_use_profile(site, profile)))
        .chain(data.key_name().map(|pair| would_use(site, "key-pair", pair)))
        .chain(placement.map(|group| would_use(site, "placement-group", group)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::scripted::Script;
    use crate::session::CallMode;

    fn answer(action: &str, body: &str) -> String {
        format!(
            r#"<{action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">{body}</{action}Response>"#
        )
    }

    fn version(number: u8, data: &str) -> String {
        format!(
            "<item><launchTemplateId>lt-1</launchTemplateId><versionNumber>{number}</versionNumber>
             <launchTemplateData>{data}</launchTemplateData></item>"
        )
    }

    #[tokio::test]
    async fn a_template_names_its_key_pair_and_its_placement_group_by_name_or_by_id() {
        let by_name = "<keyName>ops</keyName><placement><groupName>close</groupName></placement>";
        let by_id = "<placement><groupId>pg-2</groupId></placement>";
        let items = version(1, by_name) + &version(2, by_id);
        let versions = format!("<launchTemplateVersionSet>{items}</launchTemplateVersionSet>");
        let groups = "<placementGroupSet><item><groupId>pg-1</groupId><groupName>close</groupName></item>
            <item><groupId>pg-2</groupId><groupName>spread</groupName></item></placementGroupSet>";
        let script = Script::new([
            (200, answer("DescribeLaunchTemplateVersions", &versions).as_str()),
            (200, answer("DescribePlacementGroups", groups).as_str()),
        ]);
        let found = of_all(&script.aws(CallMode::Real)).await.unwrap();
        let links: Vec<String> =
            found["lt-1"].iter().map(|link| format!("{} {}", link.how, link.to)).collect();
        for expected in
            ["would-use key-pair ops", "would-use placement-group close", "would-use placement-group spread"]
        {
            assert!(links.iter().any(|link| link == expected), "{links:?}");
        }
        assert_eq!(links.len(), 3);
    }
}
