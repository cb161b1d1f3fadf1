//! Placement groups: that they are there, and which instances are in one. Hosts are not modelled.

use super::describe::{Kind, Pages, describe, one};
use super::noun::PLACEMENT_GROUP;
use super::tags::{checked, done};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::query::Params;
use crate::service::Operation;
use crate::stores::ec2::{Ec2, PlacementGroup};
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreatePlacementGroup", create),
    ("DeletePlacementGroup", delete),
    ("DescribePlacementGroups", describe_groups),
];

static KIND: Kind<PlacementGroup> = Kind {
    noun: &PLACEMENT_GROUP,
    ids: "GroupId",
    set: "placementGroupSet",
    pages: Pages::None,
    facts: &[
        ("group-arn", |view, _, group| one(arn(view.region, view.account, &group.name))),
        ("group-name", |_, _, group| one(&group.name)),
        ("state", |_, _, _| one("available")),
        ("strategy", |_, _, group| one(&group.strategy)),
    ],
    tags: |group| &group.tags,
    records: |ec2| &ec2.placement_groups,
    write: |view, xml, id, group| write(xml, id, group, &arn(view.region, view.account, &group.name)),
};

fn write(xml: &mut Xml, id: &str, group: &PlacementGroup, arn: &str) {
    xml.text("groupArn", arn).text("groupId", id).text("groupName", &group.name);
    xml.maybe("partitionCount", group.partitions).text("state", "available");
    xml.text("strategy", &group.strategy).tags(&group.tags);
}

fn arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:ec2:{region}:{account}:placement-group/{name}")
}

fn unknown(name: &str) -> AwsError {
    AwsError::new(PLACEMENT_GROUP.not_found, format!("The Placement Group '{name}' is unknown."))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribePlacementGroups.html>
fn describe_groups(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let groups = &world.region(&ctx.region).ec2.placement_groups;
    let mut params = ctx.params.clone();
    for (place, name) in ctx.params.list("GroupName").iter().enumerate() {
        let found = groups.iter().find(|(_, group)| group.name == *name);
        params.set(&format!("GroupId.{}", place + 1000), found.ok_or_else(|| unknown(name))?.0);
    }
    describe(world, &Ctx { params, ..ctx.clone() }, &KIND)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreatePlacementGroup.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = ctx.params.required("GroupName")?.to_owned();
    let tags = checked(ctx.params.tag_specifications("placement-group"))?;
    if world.region(&ctx.region).ec2.placement_groups.values().any(|group| group.name == name) {
        let text = format!("The placement group '{name}' already exists.");
        return Err(AwsError::new("InvalidPlacementGroup.Duplicate", text));
    }
    let group = PlacementGroup {
        strategy: ctx.params.get("Strategy").unwrap_or("cluster").to_owned(),
        partitions: ctx.params.int("PartitionCount")?,
        name,
        tags,
    };
    let id = world.ids.ec2("pg");
    let arn = arn(&ctx.region, &world.account, &group.name);
    let mut xml = Xml::new();
    xml.node("placementGroup", |inside| write(inside, &id, &group, &arn));
    world.region(&ctx.region).ec2.placement_groups.insert(id, group);
    Ok(xml.into())
}

/// "To delete a placement group, you must terminate all instances in the placement group":
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeletePlacementGroup.html>. Codes:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = ctx.params.required("GroupName")?;
    let ec2 = &mut world.region(&ctx.region).ec2;
    let found = ec2.placement_groups.iter().find(|(_, group)| group.name == name);
    let id = found.map(|(id, _)| id.clone()).ok_or_else(|| unknown(name))?;
    let holds = |group: Option<&String>| group.is_some_and(|group| group == name);
    let mut inside = ec2.instances.values().filter(|it| it.state != "terminated");
    if inside.any(|it| holds(it.placement_group.as_ref())) {
        let text = format!("The placement group '{name}' is in use and may not be deleted.");
        return Err(AwsError::new("InvalidPlacementGroup.InUse", text));
    }
    ec2.placement_groups.remove(&id);
    Ok(done())
}

/// The name of the group that a launch or a template names, by its name or by its id.
pub(super) fn named(ec2: &Ec2, placement: &Params) -> AwsResult<Option<String>> {
    match (placement.get("GroupName"), placement.get("GroupId")) {
        (None | Some(""), None) => Ok(None),
        (Some(name), _) if ec2.placement_groups.values().any(|group| group.name == name) => {
            Ok(Some(name.to_owned()))
        }
        (None, Some(id)) => match ec2.placement_groups.get(id) {
            Some(group) => Ok(Some(group.name.clone())),
            None => Err(unknown(id)),
        },
        (Some(name), _) => Err(unknown(name)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::ec2::lab::Lab;

    #[test]
    fn a_group_stays_while_an_instance_is_in_it_also_a_stopped_one() {
        let mut lab = Lab::new();
        let (_, subnet) = lab.vpc_with_subnet();
        let group = [("GroupName", "close")];
        let id = lab.get("CreatePlacementGroup", &group, "groupId");
        lab.refused("CreatePlacementGroup", &group, "InvalidPlacementGroup.Duplicate");
        let launch = |place: (&'static str, &str)| {
            let (name, value) = place;
            [
                ("ImageId", "ami-1".to_owned()),
                ("MinCount", "1".to_owned()),
                ("MaxCount", "1".to_owned()),
                ("SubnetId", subnet.clone()),
                (name, value.to_owned()),
            ]
        };
        let run = |lab: &mut Lab, place| {
            let params = launch(place);
            let params: Vec<(&str, &str)> =
                params.iter().map(|(name, value)| (*name, value.as_str())).collect();
            lab.get("RunInstances", &params, "instanceId")
        };
        let by_name = run(&mut lab, ("Placement.GroupName", "close"));
        let by_id = run(&mut lab, ("Placement.GroupId", &id));
        assert_eq!(
            lab.all("DescribeInstances", &[], "groupName").iter().filter(|it| *it == "close").count(),
            2
        );
        lab.pass(Duration::from_secs(300));
        lab.ok("TerminateInstances", &[("InstanceId.1", &by_name)]);
        lab.ok("StopInstances", &[("InstanceId.1", &by_id)]);
        lab.pass(Duration::from_secs(600));
        lab.refused("DeletePlacementGroup", &group, "InvalidPlacementGroup.InUse");
        lab.ok("TerminateInstances", &[("InstanceId.1", &by_id)]);
        lab.pass(Duration::from_secs(600));
        lab.ok("DeletePlacementGroup", &group);
        lab.refused("DeletePlacementGroup", &group, "InvalidPlacementGroup.Unknown");
        lab.refused("DescribePlacementGroups", &[("GroupName.1", "close")], "InvalidPlacementGroup.Unknown");
    }
}
