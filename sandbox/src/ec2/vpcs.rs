//! VPCs.

use std::collections::BTreeMap;

use super::cidr::Cidr;
use super::describe::{Kind, Pages, View, describe, one};
use super::in_use;
use super::noun::{self, VPC};
use super::peerings;
use super::tags::{checked, done};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::ec2::{
    AclEntry, NetworkAcl, Route, RouteAssociation, RouteTable, Rule, SecurityGroup, Vpc,
};
use crate::tags::Tags;
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateVpc", create),
    ("CreateDefaultVpc", create_default),
    ("DeleteVpc", delete),
    ("DescribeVpcs", |world, ctx| describe(world, ctx, &KIND)),
    ("DescribeVpcAttribute", describe_attribute),
    ("ModifyVpcAttribute", modify_attribute),
];

static KIND: Kind<Vpc> = Kind {
    noun: &VPC,
    ids: "VpcId",
    set: "vpcSet",
    pages: Pages::Of(1000),
    facts: &[
        ("cidr", |_, _, vpc| one(&vpc.cidr)),
        ("cidr-block-association.cidr-block", |_, _, vpc| one(&vpc.cidr)),
        ("dhcp-options-id", |_, _, vpc| one(&vpc.dhcp_options)),
        ("is-default", |_, _, vpc| one(vpc.is_default)),
        ("isDefault", |_, _, vpc| one(vpc.is_default)),
        ("owner-id", |_, _, vpc| one(&vpc.owner)),
        ("state", |_, _, _| one("available")),
        ("vpc-id", |_, id, _| one(id)),
    ],
    tags: |vpc| &vpc.tags,
    records: |ec2| &ec2.vpcs,
    write: |_: &View<'_>, xml, id, vpc| write(xml, id, vpc),
};

fn write(xml: &mut Xml, id: &str, vpc: &Vpc) {
    xml.text("vpcId", id).text("ownerId", &vpc.owner).text("state", "available");
    xml.text("cidrBlock", &vpc.cidr).text("dhcpOptionsId", &vpc.dhcp_options);
    xml.list("cidrBlockAssociationSet", [&vpc.cidr], |item, cidr| {
        item.text("associationId", id.replacen("vpc-", "vpc-cidr-assoc-", 1)).text("cidrBlock", cidr);
        item.node("cidrBlockState", |state| {
            state.text("state", "associated");
        });
    });
    xml.text("instanceTenancy", "default").text("isDefault", vpc.is_default).tags(&vpc.tags);
}

/// Makes a VPC with what AWS makes beside it: main route table, default network ACL, default group.
///
/// <https://docs.aws.amazon.com/vpc/latest/userguide/create-vpc.html>
pub(crate) fn make_vpc(world: &mut World, region: &str, vpc: Vpc) -> String {
    let id = world.ids.ec2("vpc");
    let owner = world.account.clone();
    let cidr = vpc.cidr.clone();
    let (table, association) = (world.ids.ec2("rtb"), world.ids.ec2("rtbassoc"));
    let (acl, group) = (world.ids.ec2("acl"), world.ids.ec2("sg"));
    let rules = [world.ids.ec2("sgr"), world.ids.ec2("sgr")];
    let dhcp_options = super::dhcp_options::default_set(world, region);
    let ec2 = &mut world.region(region).ec2;
    let record = Vpc { owner: owner.clone(), dhcp_options, dns_support: true, ..vpc };
    ec2.vpcs.insert(id.clone(), record);
    let main = RouteAssociation { main: true, subnet: None, gateway: None };
    let table_record = RouteTable {
        vpc: id.clone(),
        owner: owner.clone(),
        associations: BTreeMap::from([(association, main)]),
        routes: vec![Route { destination: cidr, target: "local".to_owned() }],
        tags: Tags::new(),
    };
    ec2.route_tables.insert(table, table_record);
    let acl_record = NetworkAcl {
        vpc: id.clone(),
        is_default: true,
        owner: owner.clone(),
        associations: BTreeMap::new(),
        entries: default_entries(),
        tags: Tags::new(),
    };
    ec2.network_acls.insert(acl, acl_record);
    let group_record = SecurityGroup {
        name: "default".to_owned(),
        description: "default VPC security group".to_owned(),
        vpc: id.clone(),
        owner,
        tags: Tags::new(),
    };
    ec2.security_groups.insert(group.clone(), group_record);
    ec2.rules.extend(rules.into_iter().zip(default_rules(&group)));
    id
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html>
fn default_rules(group: &str) -> [Rule; 2] {
    let any = Rule {
        group: group.to_owned(),
        protocol: "-1".to_owned(),
        from_port: -1,
        to_port: -1,
        ..Rule::default()
    };
    let inward = Rule { referenced_group: Some(group.to_owned()), ..any.clone() };
    [inward, Rule { egress: true, cidr: Some("0.0.0.0/0".to_owned()), ..any }]
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html>
fn default_entries() -> Vec<AclEntry> {
    let entry = |egress, number, action: &str| AclEntry {
        number,
        protocol: "-1".to_owned(),
        action: action.to_owned(),
        egress,
        cidr: "0.0.0.0/0".to_owned(),
        from_port: None,
        to_port: None,
    };
    [true, false]
        .into_iter()
        .flat_map(|egress| [entry(egress, 100, "allow"), entry(egress, 32767, "deny")])
        .collect()
}

/// The entries that cannot be removed: everything that nothing permitted is denied.
pub(crate) fn last_entries() -> Vec<AclEntry> {
    default_entries().into_iter().filter(|entry| entry.number == 32767).collect()
}

/// The default VPC counts: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>.
fn within_quota(world: &mut World, region: &str) -> AwsResult<()> {
    let most = world.quotas.limit(region, table::VPCS);
    if world.region(region).ec2.vpcs.len() >= most {
        return Err(AwsError::new("VpcLimitExceeded", "The maximum number of VPCs has been reached."));
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let cidr = ctx.params.required("CidrBlock")?;
    let invalid = |code, text: String| AwsError::new(code, text);
    let range = Cidr::parse(cidr).ok_or_else(|| {
        invalid(
            "InvalidParameterValue",
            format!("Value ({cidr}) for parameter cidrBlock is invalid. This is not a valid CIDR block."),
        )
    })?;
    if !(16..=28).contains(&range.bits()) {
        return Err(invalid("InvalidVpc.Range", format!("The CIDR '{cidr}' is invalid.")));
    }
    let tags = checked(ctx.params.tag_specifications("vpc"))?;
    within_quota(world, &ctx.region)?;
    let vpc = Vpc { cidr: range.to_string(), tags, ..Vpc::default() };
    let id = make_vpc(world, &ctx.region, vpc);
    answer_with(world, ctx, &id)
}

fn answer_with(world: &mut World, ctx: &Ctx, id: &str) -> AwsResult<Answer> {
    let vpc = VPC.find(id, &world.region(&ctx.region).ec2.vpcs)?;
    let mut xml = Xml::new();
    xml.node("vpc", |inside| write(inside, id, vpc));
    Ok(xml.into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDefaultVpc.html>
fn create_default(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    if super::defaults::default_vpc(world, &ctx.region).is_ok() {
        let text = "A Default VPC already exists for this account in this region.";
        return Err(AwsError::new("DefaultVpcAlreadyExists", text));
    }
    within_quota(world, &ctx.region)?;
    super::defaults::make_default_parts(world, &ctx.region);
    let id = super::defaults::default_vpc(world, &ctx.region)?;
    answer_with(world, ctx, &id)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html>
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("VpcId")?;
    let account = world.account.clone();
    let ec2 = &mut world.region(&ctx.region).ec2;
    let vpc = VPC.find(id, &ec2.vpcs)?;
    if vpc.owner != account {
        return Err(noun::not_yours());
    }
    let named_elsewhere = ec2.security_groups.iter().any(|(group, record)| {
        record.vpc == id && record.name == "default" && !in_use::users_of_group(ec2, group).is_empty()
    });
    if named_elsewhere || !in_use::parts_of_vpc(ec2, id).is_empty() {
        return Err(noun::dependency(format!("The vpc '{id}' has dependencies and cannot be deleted.")));
    }
    ec2.vpcs.remove(id);
    let gone = |resource: &str| {
        resource == id || (resource.starts_with("subnet-") && !ec2.subnets.contains_key(resource))
    };
    ec2.flow_logs.retain(|_, log| !gone(&log.resource));
    ec2.route_tables.retain(|_, table| table.vpc != id);
    ec2.network_acls.retain(|_, acl| acl.vpc != id);
    ec2.security_groups.retain(|_, group| group.vpc != id);
    let groups = &ec2.security_groups;
    ec2.rules.retain(|_, rule| groups.contains_key(&rule.group));
    peerings::requester_gone(world, &ctx.region, id);
    Ok(done())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcAttribute.html>
fn describe_attribute(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("VpcId")?;
    let attribute = ctx.params.required("Attribute")?;
    let vpc = VPC.find(id, &world.region(&ctx.region).ec2.vpcs)?;
    let value = match attribute {
        "enableDnsSupport" => vpc.dns_support,
        "enableDnsHostnames" => vpc.dns_hostnames,
        "enableNetworkAddressUsageMetrics" => false,
        other => {
            let text = format!("Value ({other}) for parameter attribute is invalid. Unknown attribute.");
            return Err(AwsError::new("InvalidParameterValue", text));
        }
    };
    let mut xml = Xml::new();
    xml.text("vpcId", id).node(attribute, |inside| {
        inside.text("value", value);
    });
    Ok(xml.into())
}

fn modify_attribute(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("VpcId")?;
    let vpc = VPC.find_mut(id, &mut world.region(&ctx.region).ec2.vpcs)?;
    if ctx.params.get("EnableDnsSupport.Value").is_some() {
        vpc.dns_support = ctx.params.bool("EnableDnsSupport.Value");
    }
    if ctx.params.get("EnableDnsHostnames.Value").is_some() {
        vpc.dns_hostnames = ctx.params.bool("EnableDnsHostnames.Value");
    }
    Ok(done())
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::Lab;

    #[test]
    fn a_vpc_brings_its_main_table_default_acl_and_default_group_and_takes_them_along() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let inside = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc.as_str())];
        let parts = ["DescribeRouteTables", "DescribeNetworkAcls", "DescribeSecurityGroups"];
        for part in parts {
            assert!(lab.ok(part, &inside).contains(&vpc), "{part}");
        }
        lab.ok("DeleteVpc", &[("VpcId", &vpc)]);
        for part in parts {
            assert!(!lab.ok(part, &inside).contains(&vpc), "{part}");
        }
        let refusal = lab.refused("DescribeVpcs", &[("VpcId.1", &vpc)], "InvalidVpcID.NotFound");
        assert_eq!(refusal.message, format!("The vpc ID '{vpc}' does not exist"));
    }

    #[test]
    fn a_vpc_stays_while_it_holds_a_subnet_and_the_refusal_names_no_culprit() {
        let mut lab = Lab::new();
        let (vpc, subnet) = lab.vpc_with_subnet();
        let refusal = lab.refused("DeleteVpc", &[("VpcId", &vpc)], "DependencyViolation");
        assert_eq!(refusal.message, format!("The vpc '{vpc}' has dependencies and cannot be deleted."));
        lab.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
        lab.ok("DeleteVpc", &[("VpcId", &vpc)]);
    }

    /// Each part in turn holds the VPC, and lets it go when deleted.
    #[test]
    fn a_vpc_stays_while_it_holds_a_group_a_table_an_acl_a_gateway_or_an_endpoint() {
        type Part = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);
        const PARTS: &[Part] = &[
            (
                "CreateSecurityGroup",
                "DeleteSecurityGroup",
                "groupId",
                &[("GroupName", "a"), ("GroupDescription", "b")],
            ),
            ("CreateRouteTable", "DeleteRouteTable", "routeTableId", &[]),
            ("CreateNetworkAcl", "DeleteNetworkAcl", "networkAclId", &[]),
            (
                "CreateVpcEndpoint",
                "DeleteVpcEndpoints",
                "vpcEndpointId",
                &[("ServiceName", "com.amazonaws.us-east-1.s3")],
            ),
        ];
        for (create, delete, element, more) in PARTS {
            let mut lab = Lab::new();
            let vpc = lab.vpc();
            let mut params = vec![("VpcId", vpc.as_str())];
            params.extend(more.iter());
            let id = lab.get(create, &params, element);
            lab.refused("DeleteVpc", &[("VpcId", &vpc)], "DependencyViolation");
            let name = match *element {
                "vpcEndpointId" => "VpcEndpointId.1".to_owned(),
                other => format!("{}{}", other[..1].to_uppercase(), &other[1..]),
            };
            lab.ok(delete, &[(&name, &id)]);
            lab.ok("DeleteVpc", &[("VpcId", &vpc)]);
        }
    }

    #[test]
    fn the_quota_counts_the_default_vpc() {
        let mut lab = Lab::new();
        let made: Vec<String> = (0..4).map(|_| lab.vpc()).collect();
        lab.refused("CreateVpc", &[("CidrBlock", "10.0.0.0/16")], "VpcLimitExceeded");
        lab.ok("DeleteVpc", &[("VpcId", &made[0])]);
        lab.vpc();
    }

    #[test]
    fn a_malformed_id_is_refused_before_it_is_looked_up() {
        let mut lab = Lab::new();
        lab.refused("DeleteVpc", &[("VpcId", "vpc-xyz")], "InvalidVpcID.Malformed");
    }

    #[test]
    fn a_shared_vpc_is_not_the_callers_to_delete() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let records = &mut lab.world.region("us-east-1").ec2.vpcs;
        records.get_mut(&vpc).unwrap().owner = "999988887777".into();
        lab.refused("DeleteVpc", &[("VpcId", &vpc)], "AuthFailure");
    }

    #[test]
    fn a_region_begins_with_a_default_vpc_that_can_be_made_again() {
        let mut lab = Lab::new();
        let default = [("Filter.1.Name", "is-default"), ("Filter.1.Value.1", "true")];
        assert_eq!(lab.all("DescribeVpcs", &default, "vpcId").len(), 1);
        assert_eq!(lab.all("DescribeSubnets", &[], "subnetId").len(), 6);
        lab.refused("CreateDefaultVpc", &[], "DefaultVpcAlreadyExists");
    }
}
