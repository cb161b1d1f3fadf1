//! Network ACLs.

use super::describe::{Kind, Pages, describe, many, one};
use super::noun::{self, NETWORK_ACL, VPC};
use super::tags::{checked, done};
use super::vpcs::last_entries;
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::stores::ec2::{AclEntry, NetworkAcl};
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CreateNetworkAcl", create),
    ("CreateNetworkAclEntry", create_entry),
    ("DeleteNetworkAcl", delete),
    ("DeleteNetworkAclEntry", delete_entry),
    ("DescribeNetworkAcls", |world, ctx| describe(world, ctx, &KIND)),
    ("ReplaceNetworkAclAssociation", replace_association),
];

static KIND: Kind<NetworkAcl> = Kind {
    noun: &NETWORK_ACL,
    ids: "NetworkAclId",
    set: "networkAclSet",
    pages: Pages::Of(1000),
    facts: &[
        ("association.association-id", |_, _, acl| many(acl.associations.keys())),
        ("association.network-acl-id", |_, id, acl| many(acl.associations.keys().map(|_| id))),
        ("association.subnet-id", |_, _, acl| many(acl.associations.values())),
        ("default", |_, _, acl| one(acl.is_default)),
        ("network-acl-id", |_, id, _| one(id)),
        ("owner-id", |_, _, acl| one(&acl.owner)),
        ("vpc-id", |_, _, acl| one(&acl.vpc)),
    ],
    tags: |acl| &acl.tags,
    records: |ec2| &ec2.network_acls,
    write: |_, xml, id, acl| write(xml, id, acl),
};

fn write(xml: &mut Xml, id: &str, acl: &NetworkAcl) {
    xml.text("networkAclId", id).text("vpcId", &acl.vpc).text("ownerId", &acl.owner);
    xml.text("default", acl.is_default);
    xml.list("entrySet", &acl.entries, |item, entry| {
        item.text("ruleNumber", entry.number).text("protocol", &entry.protocol);
        item.text("ruleAction", &entry.action).text("egress", entry.egress);
        item.text("cidrBlock", &entry.cidr);
        if let Some((from, to)) = entry.from_port.zip(entry.to_port) {
            item.node("portRange", |range| {
                range.text("from", from).text("to", to);
            });
        }
    });
    xml.list("associationSet", &acl.associations, |item, (association, subnet)| {
        item.text("networkAclAssociationId", association).text("networkAclId", id).text("subnetId", subnet);
    });
    xml.tags(&acl.tags);
}

fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let vpc = ctx.params.required("VpcId")?;
    let tags = checked(ctx.params.tag_specifications("network-acl"))?;
    let owner = world.account.clone();
    let most = world.quotas.limit(&ctx.region, table::NETWORK_ACLS);
    let ec2 = &world.region(&ctx.region).ec2;
    VPC.check(vpc, &ec2.vpcs)?;
    if ec2.network_acls.values().filter(|acl| acl.vpc == vpc).count() >= most {
        let text = "The maximum number of network ACLs has been reached.";
        return Err(AwsError::new("NetworkAclLimitExceeded", text));
    }
    let acl =
        NetworkAcl { vpc: vpc.to_owned(), owner, entries: last_entries(), tags, ..NetworkAcl::default() };
    let id = world.ids.ec2("acl");
    let mut xml = Xml::new();
    xml.node("networkAcl", |inside| write(inside, &id, &acl));
    world.region(&ctx.region).ec2.network_acls.insert(id, acl);
    Ok(xml.into())
}

/// Not while a subnet uses it, and never the default one. AWS does not document the code for the
/// latter: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkAcl.html>.
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("NetworkAclId")?;
    let account = world.account.clone();
    let ec2 = &mut world.region(&ctx.region).ec2;
    let acl = NETWORK_ACL.find(id, &ec2.network_acls)?;
    if acl.owner != account {
        return Err(noun::not_yours());
    }
    if acl.is_default {
        let text = format!("cannot delete default network ACL {id}");
        return Err(AwsError::new("InvalidParameterValue", text));
    }
    if !acl.associations.is_empty() {
        let text = format!("The networkAcl '{id}' has dependencies and cannot be deleted.");
        return Err(noun::dependency(text));
    }
    ec2.network_acls.remove(id);
    Ok(done())
}

fn create_entry(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("NetworkAclId")?;
    let number = ctx.params.int("RuleNumber")?.unwrap_or_default();
    let entry = AclEntry {
        number,
        protocol: ctx.params.required("Protocol")?.to_owned(),
        action: ctx.params.required("RuleAction")?.to_owned(),
        egress: ctx.params.bool("Egress"),
        cidr: ctx.params.get("CidrBlock").unwrap_or("0.0.0.0/0").to_owned(),
        from_port: ctx.params.int("PortRange.From")?,
        to_port: ctx.params.int("PortRange.To")?,
    };
    let acl = NETWORK_ACL.find_mut(id, &mut world.region(&ctx.region).ec2.network_acls)?;
    if acl.entries.iter().any(|there| there.number == number && there.egress == entry.egress) {
        let text = format!("The network acl entry identified by {number} already exists.");
        return Err(AwsError::new("NetworkAclEntryAlreadyExists", text));
    }
    acl.entries.push(entry);
    acl.entries.sort_by_key(|entry| (!entry.egress, entry.number));
    Ok(done())
}

fn delete_entry(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("NetworkAclId")?;
    let number = ctx.params.int("RuleNumber")?.unwrap_or_default();
    let egress = ctx.params.bool("Egress");
    let acl = NETWORK_ACL.find_mut(id, &mut world.region(&ctx.region).ec2.network_acls)?;
    let before = acl.entries.len();
    acl.entries.retain(|entry| (entry.number, entry.egress) != (number, egress) || number == 32767);
    if acl.entries.len() == before {
        let text = format!("The network acl entry identified by {number} does not exist.");
        return Err(AwsError::new("InvalidNetworkAclEntry.NotFound", text));
    }
    Ok(done())
}

/// Moves a subnet to another ACL, under a new association id.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceNetworkAclAssociation.html>
fn replace_association(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let association = ctx.params.required("AssociationId")?;
    let id = ctx.params.required("NetworkAclId")?;
    let made = world.ids.ec2("aclassoc");
    let ec2 = &mut world.region(&ctx.region).ec2;
    let vpc = NETWORK_ACL.find(id, &ec2.network_acls)?.vpc.clone();
    let unknown = || noun::unknown_association(association);
    let holder = ec2.network_acls.values_mut().find(|acl| acl.associations.contains_key(association));
    let holder = holder.ok_or_else(unknown)?;
    if holder.vpc != vpc {
        let text = format!("networkAcl {id} and association {association} belong to different networks");
        return Err(AwsError::new("InvalidParameterValue", text));
    }
    let subnet = holder.associations.remove(association).ok_or_else(unknown)?;
    NETWORK_ACL.find_mut(id, &mut ec2.network_acls)?.associations.insert(made.clone(), subnet);
    let mut xml = Xml::new();
    xml.text("newAssociationId", made);
    Ok(xml.into())
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::Lab;

    #[test]
    fn an_acl_stays_while_a_subnet_uses_it() {
        let mut lab = Lab::new();
        let (vpc, subnet) = lab.vpc_with_subnet();
        let of = [("Filter.1.Name", "association.subnet-id"), ("Filter.1.Value.1", subnet.as_str())];
        let first = lab.get("DescribeNetworkAcls", &of, "networkAclId");
        let association = lab.get("DescribeNetworkAcls", &of, "networkAclAssociationId");
        let own = lab.get("CreateNetworkAcl", &[("VpcId", &vpc)], "networkAclId");
        fn to<'a>(association: &'a str, acl: &'a str) -> [(&'static str, &'a str); 2] {
            [("AssociationId", association), ("NetworkAclId", acl)]
        }
        let moved = lab.get("ReplaceNetworkAclAssociation", &to(&association, &own), "newAssociationId");
        lab.refused("DeleteNetworkAcl", &[("NetworkAclId", &own)], "DependencyViolation");
        lab.refused("ReplaceNetworkAclAssociation", &to(&association, &own), "InvalidAssociationID.NotFound");
        lab.ok("ReplaceNetworkAclAssociation", &to(&moved, &first));
        lab.ok("DeleteNetworkAcl", &[("NetworkAclId", &own)]);
        lab.refused("DeleteNetworkAcl", &[("NetworkAclId", &own)], "InvalidNetworkAclID.NotFound");
        lab.refused("DeleteNetworkAcl", &[("NetworkAclId", &first)], "InvalidParameterValue");
    }

    #[test]
    fn entries_are_unique_by_number_and_direction() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let acl = lab.get("CreateNetworkAcl", &[("VpcId", &vpc)], "networkAclId");
        let entry = [
            ("NetworkAclId", acl.as_str()),
            ("RuleNumber", "100"),
            ("Egress", "false"),
            ("Protocol", "6"),
            ("RuleAction", "allow"),
            ("CidrBlock", "0.0.0.0/0"),
        ];
        lab.ok("CreateNetworkAclEntry", &entry);
        lab.refused("CreateNetworkAclEntry", &entry, "NetworkAclEntryAlreadyExists");
        lab.ok("DeleteNetworkAclEntry", &entry[..3]);
        lab.refused("DeleteNetworkAclEntry", &entry[..3], "InvalidNetworkAclEntry.NotFound");
    }
}
