//! What a version of a launch template holds: reading it from a request, writing it into an answer.
//!
//! Names on the wire are those of EC2's service model:
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html>,
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResponseLaunchTemplateData.html>.

use super::tags::checked;
use crate::error::AwsResult;
use crate::query::Params;
use crate::stores::ec2::{TemplateContents, TemplateInterface};
use crate::tags::Tags;
use crate::xml::Xml;

/// Reads `LaunchTemplateData`.
pub(super) fn read(data: &Params) -> AwsResult<TemplateContents> {
    let text = |name: &str| data.get(name).map(str::to_owned);
    let interfaces = data.items("NetworkInterface").iter().map(interface).collect::<AwsResult<_>>()?;
    Ok(TemplateContents {
        image: text("ImageId"),
        instance_type: text("InstanceType"),
        key_name: text("KeyName"),
        placement_group: text("Placement.GroupName"),
        placement_group_id: text("Placement.GroupId"),
        profile_arn: text("IamInstanceProfile.Arn"),
        profile_name: text("IamInstanceProfile.Name"),
        groups: data.list("SecurityGroupId").into_iter().collect(),
        group_names: data.list("SecurityGroup").into_iter().collect(),
        interfaces,
        instance_tags: checked(data.tag_specifications("instance"))?,
        volume_tags: checked(data.tag_specifications("volume"))?,
    })
}

fn interface(item: &Params) -> AwsResult<TemplateInterface> {
    let text = |name: &str| item.get(name).map(str::to_owned);
    Ok(TemplateInterface {
        device_index: item.int("DeviceIndex")?,
        interface: text("NetworkInterfaceId"),
        subnet: text("SubnetId"),
        groups: item.list("SecurityGroupId").into_iter().collect(),
        public: item.get("AssociatePublicIpAddress").map(|wanted| wanted == "true"),
    })
}

/// A new version from an older one: what the request says stands instead of what the older one said.
pub(super) fn over(base: TemplateContents, new: TemplateContents) -> TemplateContents {
    let profile_is_new = new.profile_arn.is_some() || new.profile_name.is_some();
    let profile = if profile_is_new {
        (new.profile_arn, new.profile_name)
    } else {
        (base.profile_arn, base.profile_name)
    };
    let placement = if new.placement_group.is_some() || new.placement_group_id.is_some() {
        (new.placement_group, new.placement_group_id)
    } else {
        (base.placement_group, base.placement_group_id)
    };
    TemplateContents {
        image: new.image.or(base.image),
        instance_type: new.instance_type.or(base.instance_type),
        key_name: new.key_name.or(base.key_name),
        placement_group: placement.0,
        placement_group_id: placement.1,
        profile_arn: profile.0,
        profile_name: profile.1,
        groups: if new.groups.is_empty() { base.groups } else { new.groups },
        group_names: if new.group_names.is_empty() { base.group_names } else { new.group_names },
        interfaces: if new.interfaces.is_empty() { base.interfaces } else { new.interfaces },
        instance_tags: if new.instance_tags.is_empty() { base.instance_tags } else { new.instance_tags },
        volume_tags: if new.volume_tags.is_empty() { base.volume_tags } else { new.volume_tags },
    }
}

/// Writes the fields of `launchTemplateData`.
pub(super) fn write(data: &mut Xml, contents: &TemplateContents) {
    if contents.profile_arn.is_some() || contents.profile_name.is_some() {
        data.node("iamInstanceProfile", |profile| {
            profile.maybe("arn", contents.profile_arn.as_ref()).maybe("name", contents.profile_name.as_ref());
        });
    }
    if contents.placement_group.is_some() || contents.placement_group_id.is_some() {
        data.node("placement", |place| {
            place.maybe("groupName", contents.placement_group.as_ref());
            place.maybe("groupId", contents.placement_group_id.as_ref());
        });
    }
    data.list("networkInterfaceSet", &contents.interfaces, |item, interface| {
        item.maybe("associatePublicIpAddress", interface.public)
            .maybe("deviceIndex", interface.device_index)
            .node("groupSet", |set| {
                for group in &interface.groups {
                    set.text("groupId", group);
                }
            })
            .maybe("networkInterfaceId", interface.interface.as_ref())
            .maybe("subnetId", interface.subnet.as_ref());
    });
    data.maybe("imageId", contents.image.as_ref())
        .maybe("instanceType", contents.instance_type.as_ref())
        .maybe("keyName", contents.key_name.as_ref())
        .list("tagSpecificationSet", tag_specifications(contents), |item, (kind, tags)| {
            item.text("resourceType", kind).tags(tags);
        })
        .texts("securityGroupIdSet", &contents.groups)
        .texts("securityGroupSet", &contents.group_names);
}

fn tag_specifications(contents: &TemplateContents) -> impl Iterator<Item = (&'static str, &Tags)> {
    let both = [("instance", &contents.instance_tags), ("volume", &contents.volume_tags)];
    both.into_iter().filter(|(_, tags)| !tags.is_empty())
}
