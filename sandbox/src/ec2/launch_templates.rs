//! Launch templates: create, describe, delete. Of a version only image, type and tags are kept.

use super::describe::{self, Kind, Pages, one};
use super::noun::LAUNCH_TEMPLATE;
use super::tags::checked;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::query::Params;
use crate::service::Operation;
use crate::stores::ec2::{Ec2, LaunchTemplate};
use crate::tags::Tags;
use crate::world::World;
use crate::xml::Xml;

/// The operations of this file.
pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateLaunchTemplate", create),
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
    let data = params.nested("LaunchTemplateData");
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
    let template = LaunchTemplate {
        name,
        image: data.get("ImageId").map(str::to_owned),
        instance_type: data.get("InstanceType").map(str::to_owned),
        instance_tags: checked(data.tag_specifications("instance"))?,
        volume_tags: checked(data.tag_specifications("volume"))?,
        client_token: token,
        created: Some(world.clock.now()),
        created_by: world.caller_arn.clone(),
        versions: 1,
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

/// DescribeLaunchTemplateVersions of one template. All versions are alike here.
fn describe_versions(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let ec2 = &world.region(&ctx.region).ec2;
    let id = resolve(ec2, &ctx.params)?;
    let template = LAUNCH_TEMPLATE.find(&id, &ec2.launch_templates)?;
    let mut xml = Xml::new();
    xml.list("launchTemplateVersionSet", 1..=template.versions, |item, version| {
        item.text("launchTemplateId", &id)
            .text("launchTemplateName", &template.name)
            .text("versionNumber", version)
            .maybe("createTime", template.created)
            .text("createdBy", &template.created_by)
            .text("defaultVersion", version == 1)
            .node("launchTemplateData", |data| {
                data.maybe("imageId", template.image.as_ref())
                    .maybe("instanceType", template.instance_type.as_ref())
                    .list("tagSpecificationSet", tag_specifications(template), |item, (kind, tags)| {
                        item.text("resourceType", kind).tags(tags);
                    });
            });
    });
    Ok(xml.into())
}

fn tag_specifications(template: &LaunchTemplate) -> impl Iterator<Item = (&'static str, &Tags)> {
    let both = [("instance", &template.instance_tags), ("volume", &template.volume_tags)];
    both.into_iter().filter(|(_, tags)| !tags.is_empty())
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
        .text("defaultVersionNumber", 1)
        .text("latestVersionNumber", template.versions)
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
}
