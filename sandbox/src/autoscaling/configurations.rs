//! Launch configurations: create, describe, delete.

use super::{already_exists, in_use, invalid, limit_exceeded, page_size, required};
use crate::error::AwsResult;
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::stores::autoscaling::{LaunchConfiguration, LaunchFrom};
use crate::world::World;
use crate::xml::Xml;

/// CreateLaunchConfiguration:
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateLaunchConfiguration.html>.
pub(super) fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let params = &ctx.params;
    let name = required(ctx, "LaunchConfigurationName")?.to_owned();
    let most = world.quotas.limit(&ctx.region, table::LAUNCH_CONFIGURATIONS);
    let there = &world.region(&ctx.region).autoscaling.configurations;
    if there.contains_key(&name) {
        return Err(already_exists(format!(
            "Launch Configuration by this name already exists - A launch configuration already exists with the \
             name {name}"
        )));
    }
    if there.len() >= most {
        return Err(limit_exceeded("The maximum number of launch configurations has been reached"));
    }
    let arn = format!(
        "arn:aws:autoscaling:{}:{}:launchConfiguration:{}:launchConfigurationName/{name}",
        ctx.region,
        world.account,
        world.ids.uuid()
    );
    let configuration = LaunchConfiguration {
        arn,
        created: world.clock.now(),
        image: required(ctx, "ImageId")?.to_owned(),
        instance_type: required(ctx, "InstanceType")?.to_owned(),
        key_name: params.get("KeyName").map(str::to_owned),
        groups: params.list("SecurityGroups").into_iter().collect(),
        profile: params.get("IamInstanceProfile").map(str::to_owned),
        public: params.get("AssociatePublicIpAddress").map(|wanted| wanted == "true"),
    };
    world.region(&ctx.region).autoscaling.configurations.insert(name, configuration);
    Ok(Xml::new().into())
}

/// DescribeLaunchConfigurations:
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLaunchConfigurations.html>.
pub(super) fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let names = ctx.params.list("LaunchConfigurationNames");
    let size = page_size(ctx)?;
    let after = ctx.params.get("NextToken").unwrap_or_default();
    let all = world.region(&ctx.region).autoscaling.configurations.iter();
    let mut rows = all
        .filter(|(name, _)| names.is_empty() || names.contains(name))
        .filter(|(name, _)| name.as_str() > after);
    let page: Vec<_> = rows.by_ref().take(size).collect();
    let more = rows.next().is_some();
    let mut xml = Xml::new();
    xml.members("LaunchConfigurations", &page, |item, (name, it)| {
        item.text("LaunchConfigurationName", name)
            .text("LaunchConfigurationARN", &it.arn)
            .text("ImageId", &it.image)
            .maybe("KeyName", it.key_name.as_ref())
            .member_texts("SecurityGroups", &it.groups)
            .text("InstanceType", &it.instance_type)
            .maybe("IamInstanceProfile", it.profile.as_ref())
            .text("CreatedTime", it.created)
            .maybe("AssociatePublicIpAddress", it.public);
    });
    xml.maybe("NextToken", page.last().filter(|_| more).map(|(name, _)| name));
    Ok(xml.into())
}

/// DeleteLaunchConfiguration, which a group holds that launches from it:
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteLaunchConfiguration.html>.
pub(super) fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = required(ctx, "LaunchConfigurationName")?;
    let state = &mut world.region(&ctx.region).autoscaling;
    let uses = |launch: &LaunchFrom| matches!(launch, LaunchFrom::Configuration(used) if used == name);
    if let Some((group, _)) = state.groups.iter().find(|(_, group)| uses(&group.launch)) {
        return Err(in_use(format!(
            "Cannot delete launch configuration {name} because it is attached to AutoScalingGroup {group}"
        )));
    }
    let missing =
        || invalid(format!("Launch configuration name not found - Launch configuration {name} not found"));
    state.configurations.remove(name).map(|_| Xml::new().into()).ok_or_else(missing)
}
