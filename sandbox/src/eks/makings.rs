//! What EKS makes for a node group besides its instances: a launch template, and a group for SSH.

use std::collections::BTreeMap;

use crate::ec2::in_use;
use crate::ec2::security_groups::{make_security_group, remove_security_group};
use crate::error::AwsResult;
use crate::stores::ec2::{LaunchTemplate, SecurityGroup, TemplateVersion};
use crate::stores::eks::{Cluster, TemplateRef};
use crate::tags::Tags;
use crate::world::World;

/// The node group that something is made for.
pub(super) struct For<'a> {
    pub cluster: &'a Cluster,
    pub nodegroup: &'a str,
    pub uuid: &'a str,
}

impl For<'_> {
    fn tags(&self) -> Tags {
        Tags::from([
            ("eks:cluster-name".to_owned(), self.cluster.name.clone()),
            ("eks:nodegroup-name".to_owned(), self.nodegroup.to_owned()),
        ])
    }
}

/// EKS makes a launch template of its own even from the user's:
/// <https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html>.
pub(super) fn make_template(
    world: &mut World,
    region: &str,
    owner: &For<'_>,
    from: Option<&TemplateRef>,
    instance_type: Option<&String>,
) -> String {
    let id = world.ids.ec2("lt");
    let (created, account) = (Some(world.clock.now()), world.account.clone());
    let templates = &mut world.region(region).ec2.launch_templates;
    let base = from.and_then(|from| templates.get(&from.id)?.contents(Some(&from.version)).cloned());
    let mut contents = base.unwrap_or_default();
    contents.instance_type = instance_type.cloned().or(contents.instance_type);
    let version = TemplateVersion { description: None, created, contents };
    let template = LaunchTemplate {
        name: format!("eks-{}", owner.uuid),
        created,
        created_by: format!("arn:aws:sts::{account}:assumed-role/AWSServiceRoleForAmazonEKSNodegroup/EKS"),
        versions: BTreeMap::from([(1, version)]),
        default: 1,
        tags: owner.tags(),
        client_token: None,
    };
    templates.insert(id.clone(), template);
    id
}

/// The group that lets SSH in, if the node group was given a key:
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_RemoteAccessConfig.html>.
pub(super) fn make_group(world: &mut World, region: &str, owner: &For<'_>) -> AwsResult<String> {
    let group = SecurityGroup {
        name: format!("eks-remoteAccess-{}", owner.uuid),
        description: "Security group for all nodes in the nodeGroup to allow SSH access".to_owned(),
        vpc: owner.cluster.vpc.clone(),
        tags: owner.tags(),
        ..Default::default()
    };
    make_security_group(world, region, group)
}

/// Removes the group, and says whether it is gone: what else uses or names it keeps it.
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_Issue.html>
pub(super) fn remove_group(world: &mut World, region: &str, group: &str) -> bool {
    if !in_use::users_of_group(&world.region(region).ec2, group).is_empty() {
        return false;
    }
    // A refusal now means that somebody removed it already.
    let _gone = remove_security_group(world, region, group);
    true
}
