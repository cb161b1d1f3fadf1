//! Security groups; their rules are in the sibling file.

use super::describe::{Kind, Pages, View, describe, many, one};
use super::in_use;
use super::noun::{self, SECURITY_GROUP};
use super::rules::write_permissions;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::ec2::{Rule, SecurityGroup};
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateSecurityGroup", create),
    ("DeleteSecurityGroup", delete),
    ("DescribeSecurityGroups", describe_groups),
];

static KIND: Kind<SecurityGroup> = Kind {
    noun: &SECURITY_GROUP,
    ids: "GroupId",
    set: "securityGroupInfo",
    pages: Pages::Of(1000),
    facts: &[
        ("description", |_, _, group| one(&group.description)),
        ("group-id", |_, id, _| one(id)),
        ("group-name", |_, _, group| one(&group.name)),
        ("owner-id", |_, _, group| one(&group.owner)),
        ("vpc-id", |_, _, group| one(&group.vpc)),
        ("ip-permission.group-id", |view, id, _| named_groups(view, id, false)),
        ("egress.ip-permission.group-id", |view, id, _| named_groups(view, id, true)),
        ("ip-permission.cidr", |view, id, _| ranges(view, id, false)),
        ("egress.ip-permission.cidr", |view, id, _| ranges(view, id, true)),
        ("ip-permission.protocol", |view, id, _| protocols(view, id, false)),
        ("egress.ip-permission.protocol", |view, id, _| protocols(view, id, true)),
    ],
    tags: |group| &group.tags,
    records: |ec2| &ec2.security_groups,
    write,
};

/// Names select among the default VPC's groups only.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html>
fn describe_groups(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let names = ctx.params.list("GroupName");
    if names.is_empty() {
        return describe(world, ctx, &KIND);
    }
    let vpc = super::defaults::default_vpc(world, &ctx.region)?;
    let groups = &world.region(&ctx.region).ec2.security_groups;
    let mut params = ctx.params.clone();
    for (place, name) in names.iter().enumerate() {
        let found = groups.iter().find(|(_, group)| group.vpc == vpc && group.name == *name);
        let unknown = || {
            let text = format!("The security group '{name}' does not exist in default VPC '{vpc}'");
            AwsError::new("InvalidGroup.NotFound", text)
        };
        params.set(&format!("GroupId.{}", place + 1000), found.ok_or_else(unknown)?.0);
    }
    describe(world, &Ctx { params, ..ctx.clone() }, &KIND)
}

fn named_groups(view: &View<'_>, id: &str, egress: bool) -> Vec<String> {
    many(view.rules(id, egress).filter_map(|(_, rule)| rule.referenced_group.as_ref()))
}

fn ranges(view: &View<'_>, id: &str, egress: bool) -> Vec<String> {
    many(view.rules(id, egress).filter_map(|(_, rule)| rule.cidr.as_ref()))
}

fn protocols(view: &View<'_>, id: &str, egress: bool) -> Vec<String> {
    many(view.rules(id, egress).map(|(_, rule)| &rule.protocol))
}

fn write(view: &View<'_>, xml: &mut Xml, id: &str, group: &SecurityGroup) {
    xml.text("groupId", id).text("groupName", &group.name).text("groupDescription", &group.description);
    xml.text("ownerId", &group.owner).text("vpcId", &group.vpc);
    xml.text("securityGroupArn", arn(view.region, &group.owner, id));
    write_permissions(xml, "ipPermissions", view, id, false);
    write_permissions(xml, "ipPermissionsEgress", view, id, true);
    xml.tags(&group.tags);
}

fn arn(region: &str, owner: &str, id: &str) -> String {
    format!("arn:aws:ec2:{region}:{owner}:security-group/{id}")
}

/// Makes a security group with its default rule (everything out), and gives its id.
///
/// <https://docs.aws.amazon.com/vpc/latest/userguide/creating-security-groups.html>
pub(crate) fn make_security_group(
    world: &mut World,
    region: &str,
    group: SecurityGroup,
) -> AwsResult<String> {
    let id = world.ids.ec2("sg");
    let rule_id = world.ids.ec2("sgr");
    let owner = world.account.clone();
    let most = world.quotas.limit(region, table::SECURITY_GROUPS);
    let ec2 = &mut world.region(region).ec2;
    noun::VPC.check(&group.vpc, &ec2.vpcs)?;
    let same = |other: &SecurityGroup| other.vpc == group.vpc && other.name == group.name;
    if ec2.security_groups.values().any(same) {
        // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
        let text = format!("The security group '{}' already exists for VPC '{}'", group.name, group.vpc);
        return Err(AwsError::new("InvalidGroup.Duplicate", text));
    }
    if ec2.security_groups.len() >= most {
        let text = "The maximum number of security groups has been reached.";
        return Err(AwsError::new("SecurityGroupLimitExceeded", text));
    }
    let outward = Rule {
        group: id.clone(),
        egress: true,
        protocol: "-1".to_owned(),
        from_port: -1,
        to_port: -1,
        cidr: Some("0.0.0.0/0".to_owned()),
        ..Rule::default()
    };
    ec2.rules.insert(rule_id, outward);
    ec2.security_groups.insert(id.clone(), SecurityGroup { owner, ..group });
    Ok(id)
}

fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = ctx.params.required("GroupName")?;
    let description = ctx.params.required("GroupDescription")?;
    let reserved = name.eq_ignore_ascii_case("default");
    if reserved || name.starts_with("sg-") {
        let code = if reserved { "InvalidParameterValue" } else { "InvalidGroup.Reserved" };
        let text = format!("Cannot use reserved security group name: {name}");
        return Err(AwsError::new(code, text));
    }
    let vpc = match ctx.params.get("VpcId") {
        Some(vpc) => vpc.to_owned(),
        None => super::defaults::default_vpc(world, &ctx.region)?,
    };
    let tags = super::tags::checked(ctx.params.tag_specifications("security-group"))?;
    let group = SecurityGroup {
        name: name.to_owned(),
        description: description.to_owned(),
        vpc,
        tags,
        ..SecurityGroup::default()
    };
    let id = make_security_group(world, &ctx.region, group)?;
    let mut xml = Xml::new();
    xml.text("return", true).text("groupId", &id);
    xml.tags(&world.region(&ctx.region).ec2.security_groups[&id].tags);
    xml.text("securityGroupArn", arn(&ctx.region, &world.account, &id));
    Ok(xml.into())
}

fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("GroupId")?;
    remove_security_group(world, &ctx.region, id)?;
    let mut xml = Xml::new();
    xml.text("return", true).text("groupId", id);
    Ok(xml.into())
}

/// Deletes a group as DeleteSecurityGroup does, with its rules, or refuses as it does.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html>,
/// codes: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>.
pub(crate) fn remove_security_group(world: &mut World, region: &str, id: &str) -> AwsResult<()> {
    let account = world.account.clone();
    let ec2 = &mut world.region(region).ec2;
    let group = SECURITY_GROUP.find(id, &ec2.security_groups)?;
    if group.owner != account {
        return Err(noun::not_yours());
    }
    if group.name == "default" {
        let text = format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
        return Err(AwsError::new("CannotDelete", text));
    }
    if !in_use::users_of_group(ec2, id).is_empty() {
        return Err(noun::dependency(format!("resource {id} has a dependent object")));
    }
    ec2.security_groups.remove(id);
    ec2.rules.retain(|_, rule| rule.group != id);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::Lab;

    const DIRECTIONS: [(&str, &str); 2] = [
        ("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"),
        ("AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress"),
    ];

    #[test]
    fn a_group_stays_while_another_groups_rule_names_it_in_either_direction() {
        for (authorize, revoke) in DIRECTIONS {
            let mut lab = Lab::new();
            let vpc = lab.vpc();
            let (one, other) = (lab.group(&vpc, "one"), lab.group(&vpc, "other"));
            let names = [
                ("GroupId", other.as_str()),
                ("IpPermissions.1.IpProtocol", "tcp"),
                ("IpPermissions.1.FromPort", "443"),
                ("IpPermissions.1.ToPort", "443"),
                ("IpPermissions.1.Groups.1.GroupId", one.as_str()),
            ];
            let rule = lab.get(authorize, &names, "securityGroupRuleId");
            let refusal = lab.refused("DeleteSecurityGroup", &[("GroupId", &one)], "DependencyViolation");
            assert_eq!(refusal.message, format!("resource {one} has a dependent object"));
            lab.ok(revoke, &[("GroupId", &other), ("SecurityGroupRuleId.1", &rule)]);
            lab.ok("DeleteSecurityGroup", &[("GroupId", &one)]);
            lab.refused("DeleteSecurityGroup", &[("GroupId", &one)], "InvalidGroup.NotFound");
        }
    }

    #[test]
    fn a_group_that_names_itself_can_go() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let group = lab.group(&vpc, "own");
        let own = [
            ("GroupId", group.as_str()),
            ("IpPermissions.1.IpProtocol", "-1"),
            ("IpPermissions.1.Groups.1.GroupId", group.as_str()),
        ];
        lab.ok("AuthorizeSecurityGroupIngress", &own);
        lab.ok("DeleteSecurityGroup", &[("GroupId", &group)]);
        assert!(lab.world.region("us-east-1").ec2.rules.values().all(|rule| rule.group != group));
    }

    #[test]
    fn a_group_stays_while_an_interface_uses_it() {
        let mut lab = Lab::new();
        let (vpc, subnet) = lab.vpc_with_subnet();
        let group = lab.group(&vpc, "web");
        let params = [("SubnetId", subnet.as_str()), ("SecurityGroupId.1", &group)];
        let eni = lab.get("CreateNetworkInterface", &params, "networkInterfaceId");
        lab.refused("DeleteSecurityGroup", &[("GroupId", &group)], "DependencyViolation");
        lab.ok("DeleteNetworkInterface", &[("NetworkInterfaceId", &eni)]);
        lab.ok("DeleteSecurityGroup", &[("GroupId", &group)]);
    }

    #[test]
    fn the_default_group_cannot_be_deleted_and_names_are_unique_in_a_vpc() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let of = [
            ("Filter.1.Name", "vpc-id"),
            ("Filter.1.Value.1", vpc.as_str()),
            ("Filter.2.Name", "group-name"),
            ("Filter.2.Value.1", "default"),
        ];
        let default = lab.get("DescribeSecurityGroups", &of, "groupId");
        lab.refused("DeleteSecurityGroup", &[("GroupId", &default)], "CannotDelete");
        let twice = [("VpcId", vpc.as_str()), ("GroupName", "a"), ("GroupDescription", "b")];
        lab.ok("CreateSecurityGroup", &twice);
        lab.refused("CreateSecurityGroup", &twice, "InvalidGroup.Duplicate");
    }

    #[test]
    fn names_select_in_the_default_vpc_only() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        lab.group(&vpc, "web");
        assert_eq!(lab.all("DescribeSecurityGroups", &[("GroupName.1", "default")], "vpcId").len(), 1);
        lab.refused("DescribeSecurityGroups", &[("GroupName.1", "web")], "InvalidGroup.NotFound");
    }
}
