//! Launch templates and their versions: create, describe, delete. What a version holds is read and written
//! in `template_contents`.

use super::describe::{self, Kind, Pages, one};
use super::noun::LAUNCH_TEMPLATE;
use super::tags::checked;
use super::template_contents;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::query::Params;
use crate::service::Operation;
use crate::stores::ec2::{Ec2, LaunchTemplate, TemplateContents, TemplateVersion};
use crate::world::World;
use crate::xml::Xml;

/// The operations of this file.
pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateLaunchTemplate", create),
    ("CreateLaunchTemplateVersion", create_version),
    ("ModifyLaunchTemplate", modify),
    ("DescribeLaunchTemplates", describe_templates),
    ("DescribeLaunchTemplateVersions", describe_versions),
    ("DeleteLaunchTemplate", delete),
];

const KIND: Kind<LaunchTemplate> = Kind {
    noun: &LAUNCH_TEMPLATE,
    ids: "LaunchTemplateId",
    set: "launchTemplates",
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplates.html
    pages: Pages::Of(200),
    facts: &[("launch-template-name", |_, _, template| one(&template.name))],
    tags: |template| &template.tags,
    records: |ec2| &ec2.launch_templates,
    write: |_, xml, id, template| write(xml, id, template),
};

/// CreateLaunchTemplate: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html>.
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let params = &ctx.params;
    let name = params.required("LaunchTemplateName")?.to_owned();
    let contents = template_contents::read(&params.nested("LaunchTemplateData"))?;
    let token = params.get("ClientToken").map(str::to_owned);
    let templates = &world.region(&ctx.region).ec2.launch_templates;
    if let Some((id, standing)) = templates.iter().find(|(_, template)| template.name == name) {
        if token.is_some() && standing.client_token == token {
            return Ok(told(id, standing));
        }
        return Err(AwsError::new(
            "InvalidLaunchTemplateName.AlreadyExistsException",
            "Launch template name already in use.",
        ));
    }
    let created = Some(world.clock.now());
    let description = params.get("VersionDescription").map(str::to_owned);
    let template = LaunchTemplate {
        name,
        client_token: token,
        created,
        created_by: world.caller_arn.clone(),
        versions: [(1, TemplateVersion { description, created, contents })].into(),
        default: 1,
        tags: checked(params.tag_specifications("launch-template"))?,
    };
    let id = world.ids.ec2("lt");
    let answer = told(&id, &template);
    world.region(&ctx.region).ec2.launch_templates.insert(id, template);
    Ok(answer)
}

/// DescribeLaunchTemplates, by ids or by names.
fn describe_templates(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let names = ctx.params.list("LaunchTemplateName");
    if names.is_empty() {
        return describe::describe(world, ctx, &KIND);
    }
    let ec2 = &world.region(&ctx.region).ec2;
    let mut rows = Vec::new();
    for name in &names {
        let id = by_name(ec2, name)?;
        rows.extend(ec2.launch_templates.get_key_value(&id));
    }
    let mut xml = Xml::new();
    xml.list("launchTemplates", rows, |item, (id, template)| write(item, id, template));
    Ok(xml.into())
}

/// CreateLaunchTemplateVersion, from nothing or from another version:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html>.
fn create_version(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let params = &ctx.params;
    let created = Some(world.clock.now());
    let ec2 = &mut world.region(&ctx.region).ec2;
    let id = resolve(ec2, params)?;
    let template = LAUNCH_TEMPLATE.find_mut(&id, &mut ec2.launch_templates)?;
    let base = match params.get("SourceVersion") {
        None => TemplateContents::default(),
        source => template.contents(source).cloned().ok_or_else(|| no_version(&id, source))?,
    };
    let contents = template_contents::read(&params.nested("LaunchTemplateData"))?;
    let contents = template_contents::over(base, contents);
    let number = template.latest() + 1;
    let description = params.get("VersionDescription").map(str::to_owned);
    template.versions.insert(number, TemplateVersion { description, created, contents });
    let mut xml = Xml::new();
    xml.node("launchTemplateVersion", |node| write_version(node, &id, template, number));
    Ok(xml.into())
}

/// ModifyLaunchTemplate sets the default version:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyLaunchTemplate.html>.
fn modify(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    // The member's name on the wire, from EC2's service model.
    let wanted = ctx.params.get("SetDefaultVersion").map(str::to_owned);
    let ec2 = &mut world.region(&ctx.region).ec2;
    let id = resolve(ec2, &ctx.params)?;
    let template = LAUNCH_TEMPLATE.find_mut(&id, &mut ec2.launch_templates)?;
    if let Some(wanted) = wanted {
        let number = wanted.parse().ok().filter(|number| template.versions.contains_key(number));
        template.default = number.ok_or_else(|| no_version(&id, Some(&wanted)))?;
    }
    Ok(told(&id, template))
}

fn no_version(id: &str, version: Option<&str>) -> AwsError {
    let version = version.unwrap_or_default();
    let text =
        format!("Could not find the specified version {version} for the launch template with ID {id}.");
    AwsError::new("InvalidLaunchTemplateId.VersionNotFound", text)
}

/// DescribeLaunchTemplateVersions: of one template all versions or those named; of all templates those that
/// are `$Latest` or `$Default`.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html>
fn describe_versions(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let params = &ctx.params;
    let wanted = params.list("LaunchTemplateVersion");
    let ec2 = &world.region(&ctx.region).ec2;
    let named = params.get("LaunchTemplateId").or(params.get("LaunchTemplateName")).is_some();
    let mut rows: Vec<(String, &String, u32)> = Vec::new();
    if named {
        let id = resolve(ec2, params)?;
        let (id, template) =
            ec2.launch_templates.get_key_value(&id).ok_or_else(|| LAUNCH_TEMPLATE.unknown(&id))?;
        for text in &wanted {
            template.contents(Some(text)).ok_or_else(|| no_version(id, Some(text)))?;
        }
        let numbers = template
            .versions
            .keys()
            .filter(|number| wanted.is_empty() || is_wanted(&wanted, template, **number));
        rows.extend(numbers.map(|number| (place(id, *number), id, *number)));
    } else {
        let whole = |text: &String| ["$Latest", "$Default"].contains(&text.as_str());
        if wanted.is_empty() || !wanted.iter().all(whole) {
            let text = "When LaunchTemplateId or LaunchTemplateName is not specified, Versions must be $Latest, $Default or both.";
            return Err(AwsError::new("MissingParameter", text));
        }
        for (id, template) in &ec2.launch_templates {
            let numbers = template.versions.keys().filter(|number| is_wanted(&wanted, template, **number));
            rows.extend(numbers.map(|number| (place(id, *number), id, *number)));
        }
    }
    let rows = rows.iter();
    let (page, next) = describe::paged(ctx, Pages::Of(200), false, rows, |(place, _, _)| place)?;
    let mut xml = Xml::new();
    xml.list("launchTemplateVersionSet", page, |item, (_, id, number)| {
        if let Some(template) = ec2.launch_templates.get(*id) {
            write_version(item, id, template, *number);
        }
    });
    xml.maybe("nextToken", next);
    Ok(xml.into())
}

fn is_wanted(wanted: &[String], template: &LaunchTemplate, number: u32) -> bool {
    wanted.iter().any(|text| match text.as_str() {
        "$Latest" => number == template.latest(),
        "$Default" => number == template.default,
        text => text.parse() == Ok(number),
    })
}

/// A version's place among the rows.
fn place(id: &str, number: u32) -> String {
    format!("{id} {number:05}")
}

fn write_version(xml: &mut Xml, id: &str, template: &LaunchTemplate, number: u32) {
    let Some(version) = template.versions.get(&number) else { return };
    xml.text("launchTemplateId", id)
        .text("launchTemplateName", &template.name)
        .text("versionNumber", number)
        .maybe("versionDescription", version.description.as_ref())
        .maybe("createTime", version.created)
        .text("createdBy", &template.created_by)
        .text("defaultVersion", number == template.default)
        .node("launchTemplateData", |data| template_contents::write(data, &version.contents));
}

/// DeleteLaunchTemplate. Nothing holds a template, not even the Auto Scaling group that uses it:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplate.html>.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let ec2 = &mut world.region(&ctx.region).ec2;
    let id = resolve(ec2, &ctx.params)?;
    let template = ec2.launch_templates.remove(&id).ok_or_else(|| LAUNCH_TEMPLATE.unknown(&id))?;
    Ok(told(&id, &template))
}

/// The id of the template that a request names by id or by name.
pub(crate) fn resolve(ec2: &Ec2, named: &Params) -> AwsResult<String> {
    match (named.get("LaunchTemplateId"), named.get("LaunchTemplateName")) {
        (Some(id), _) => LAUNCH_TEMPLATE.check(id, &ec2.launch_templates).map(|()| id.to_owned()),
        (None, Some(name)) => by_name(ec2, name),
        (None, None) => Err(AwsError::new(
            "MissingParameter",
            "Either LaunchTemplateId or LaunchTemplateName must be specified.",
        )),
    }
}

/// The contents of the version that a request names; without one, the default version's.
pub(crate) fn contents(ec2: &Ec2, named: &Params) -> AwsResult<TemplateContents> {
    let id = resolve(ec2, named)?;
    let template = LAUNCH_TEMPLATE.find(&id, &ec2.launch_templates)?;
    let version = named.get("Version");
    template.contents(version).cloned().ok_or_else(|| no_version(&id, version))
}

fn by_name(ec2: &Ec2, name: &str) -> AwsResult<String> {
    let found = ec2.launch_templates.iter().find(|(_, template)| template.name == name);
    found.map(|(id, _)| id.clone()).ok_or_else(|| {
        AwsError::new(
            "InvalidLaunchTemplateName.NotFoundException",
            format!("The specified launch template, with template name {name}, does not exist."),
        )
    })
}

fn told(id: &str, template: &LaunchTemplate) -> Answer {
    let mut xml = Xml::new();
    xml.node("launchTemplate", |node| write(node, id, template));
    xml.into()
}

fn write(xml: &mut Xml, id: &str, template: &LaunchTemplate) {
    xml.text("launchTemplateId", id)
        .text("launchTemplateName", &template.name)
        .maybe("createTime", template.created)
        .text("createdBy", &template.created_by)
        .text("defaultVersionNumber", template.default)
        .text("latestVersionNumber", template.latest())
        .tags(&template.tags);
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;

    #[test]
    fn a_template_is_named_once_found_by_either_name_and_deleted_once() {
        let mut world = world();
        let named = [("LaunchTemplateName", "web"), ("LaunchTemplateData.ImageId", "ami-7")];
        let id = told(&mut world, "CreateLaunchTemplate", &named, "launchTemplateId");
        assert_eq!(
            code(ec2(&mut world, "CreateLaunchTemplate", &named)),
            "InvalidLaunchTemplateName.AlreadyExistsException"
        );
        let by_name = [("LaunchTemplateName.1", "web")];
        assert_eq!(told(&mut world, "DescribeLaunchTemplates", &by_name, "launchTemplateId"), id);
        let versions = [("LaunchTemplateId", id.as_str())];
        assert_eq!(told(&mut world, "DescribeLaunchTemplateVersions", &versions, "imageId"), "ami-7");
        let launch = [("LaunchTemplate.LaunchTemplateId", id.as_str()), ("SubnetId", SUBNET_A)];
        assert_eq!(told(&mut world, "RunInstances", &launch, "imageId"), "ami-7");
        ec2(&mut world, "DeleteLaunchTemplate", &[("LaunchTemplateId", &id)]).unwrap();
        assert_eq!(
            code(ec2(&mut world, "DeleteLaunchTemplate", &[("LaunchTemplateId", &id)])),
            "InvalidLaunchTemplateId.NotFound"
        );
        assert_eq!(
            code(ec2(&mut world, "DescribeLaunchTemplates", &by_name)),
            "InvalidLaunchTemplateName.NotFoundException"
        );
    }

    #[test]
    fn a_version_tells_the_groups_interfaces_profile_and_key_that_it_was_made_with() {
        let mut world = world();
        let data = [
            ("LaunchTemplateName", "web"),
            ("LaunchTemplateData.ImageId", "ami-7"),
            ("LaunchTemplateData.KeyName", "ops"),
            ("LaunchTemplateData.IamInstanceProfile.Name", "web-profile"),
            ("LaunchTemplateData.SecurityGroupId.1", GROUP),
            ("LaunchTemplateData.NetworkInterface.1.DeviceIndex", "0"),
            ("LaunchTemplateData.NetworkInterface.1.SubnetId", SUBNET_A),
            ("LaunchTemplateData.NetworkInterface.1.SecurityGroupId.1", DEFAULT_GROUP),
        ];
        let id = told(&mut world, "CreateLaunchTemplate", &data, "launchTemplateId");
        let of = [("LaunchTemplateId", id.as_str())];
        let answer = ec2(&mut world, "DescribeLaunchTemplateVersions", &of).unwrap();
        for part in [
            "<iamInstanceProfile><name>web-profile</name></iamInstanceProfile>".to_owned(),
            "<keyName>ops</keyName>".to_owned(),
            format!("<securityGroupIdSet><item>{GROUP}</item></securityGroupIdSet>"),
            format!("<groupSet><groupId>{DEFAULT_GROUP}</groupId></groupSet>"),
            format!("<subnetId>{SUBNET_A}</subnetId>"),
        ] {
            assert!(answer.contains(&part), "{part} is missing in {answer}");
        }
        let launch = [("LaunchTemplate.LaunchTemplateId", id.as_str())];
        let node = told(&mut world, "RunInstances", &launch, "instanceId");
        let node = instance(&mut world, &node).unwrap().clone();
        assert_eq!((node.subnet.as_str(), node.key_name.as_deref()), (SUBNET_A, Some("ops")));
        assert_eq!(
            node.profile_arn.as_deref(),
            Some("arn:aws:iam::111122223333:instance-profile/web-profile")
        );
    }

    #[test]
    fn without_a_template_named_the_latest_and_the_default_versions_of_all_are_told() {
        let mut world = world();
        let named = |name| [("LaunchTemplateName", name), ("LaunchTemplateData.ImageId", "ami-1")];
        told(&mut world, "CreateLaunchTemplate", &named("a"), "launchTemplateId");
        told(&mut world, "CreateLaunchTemplate", &named("b"), "launchTemplateId");
        let second =
            [("LaunchTemplateName", "a"), ("LaunchTemplateData.KeyName", "ops"), ("SourceVersion", "1")];
        assert_eq!(told(&mut world, "CreateLaunchTemplateVersion", &second, "versionNumber"), "2");
        let mut numbers = |versions: &[(&str, &str)]| {
            let answer = ec2(&mut world, "DescribeLaunchTemplateVersions", versions);
            answer.map(|answer| crate::xml::texts_of(&answer, "versionNumber"))
        };
        let (latest, default) =
            (("LaunchTemplateVersion.1", "$Latest"), ("LaunchTemplateVersion.2", "$Default"));
        assert_eq!(numbers(&[latest]).unwrap().len(), 2);
        assert_eq!(numbers(&[latest, default]).unwrap().len(), 3);
        assert_eq!(code(numbers(&[])), "MissingParameter");
        assert_eq!(code(numbers(&[("LaunchTemplateVersion.1", "1")])), "MissingParameter");
        let of = ("LaunchTemplateName", "a");
        assert_eq!(numbers(&[of]).unwrap(), ["1", "2"]);
        assert_eq!(numbers(&[of, ("LaunchTemplateVersion.1", "$Default")]).unwrap(), ["1"]);
        assert_eq!(
            code(numbers(&[of, ("LaunchTemplateVersion.1", "7")])),
            "InvalidLaunchTemplateId.VersionNotFound"
        );
        ec2(&mut world, "ModifyLaunchTemplate", &[of, ("SetDefaultVersion", "2")]).unwrap();
        let answer = ec2(&mut world, "DescribeLaunchTemplateVersions", &[of, default]).unwrap();
        assert!(answer.contains("<imageId>ami-1</imageId>") && answer.contains("<keyName>ops</keyName>"));
    }
}
