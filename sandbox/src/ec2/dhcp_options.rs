//! DHCP options sets.

use super::describe::{Kind, Pages, describe, many, one};
use super::noun::{self, DHCP_OPTIONS, VPC};
use super::tags::{checked, done};
use crate::error::AwsResult;
use crate::protocol::{Answer, Ctx};
use crate::service::Operation;
use crate::stores::ec2::DhcpOptions;
use crate::tags::Tags;
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("AssociateDhcpOptions", associate),
    ("CreateDhcpOptions", create),
    ("DeleteDhcpOptions", delete),
    ("DescribeDhcpOptions", |world, ctx| describe(world, ctx, &KIND)),
];

static KIND: Kind<DhcpOptions> = Kind {
    noun: &DHCP_OPTIONS,
    ids: "DhcpOptionsId",
    set: "dhcpOptionsSet",
    pages: Pages::Of(1000),
    facts: &[
        ("dhcp-options-id", |_, id, _| one(id)),
        ("key", |_, _, options| many(options.values.keys())),
        ("owner-id", |_, _, options| one(&options.owner)),
        ("value", |_, _, options| many(options.values.values().flatten())),
    ],
    tags: |options| &options.tags,
    records: |ec2| &ec2.dhcp_options,
    write: |_, xml, id, options| write(xml, id, options),
};

fn write(xml: &mut Xml, id: &str, options: &DhcpOptions) {
    xml.text("dhcpOptionsId", id).text("ownerId", &options.owner);
    xml.list("dhcpConfigurationSet", &options.values, |item, (key, values)| {
        item.text("key", key).list("valueSet", values, |item, value| {
            item.text("value", value);
        });
    });
    xml.tags(&options.tags);
}

/// The region's own set, which a new VPC begins with; made on first use.
///
/// <https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html>
pub(crate) fn default_set(world: &mut World, region: &str) -> String {
    if let Some(id) = &world.region(region).ec2.default_dhcp_options {
        return id.clone();
    }
    let domain = match region {
        "us-east-1" => "ec2.internal".to_owned(),
        other => format!("{other}.compute.internal"),
    };
    let values = [("domain-name", domain), ("domain-name-servers", "AmazonProvidedDNS".to_owned())];
    let values = values.into_iter().map(|(key, value)| (key.to_owned(), vec![value])).collect();
    let id = world.ids.ec2("dopt");
    let owner = world.account.clone();
    let ec2 = &mut world.region(region).ec2;
    ec2.dhcp_options.insert(id.clone(), DhcpOptions { owner, values, tags: Tags::new() });
    ec2.default_dhcp_options = Some(id.clone());
    id
}

fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let value = |item: crate::query::Params| Some((item.get("Key")?.to_owned(), item.list("Value")));
    let values = ctx.params.items("DhcpConfiguration").into_iter().filter_map(value).collect();
    let tags = checked(ctx.params.tag_specifications("dhcp-options"))?;
    let options = DhcpOptions { owner: world.account.clone(), values, tags };
    let id = world.ids.ec2("dopt");
    let mut xml = Xml::new();
    xml.node("dhcpOptions", |inside| write(inside, &id, &options));
    world.region(&ctx.region).ec2.dhcp_options.insert(id, options);
    Ok(xml.into())
}

/// `default` takes the set off the VPC.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateDhcpOptions.html>
fn associate(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("DhcpOptionsId")?;
    let vpc = ctx.params.required("VpcId")?;
    let ec2 = &mut world.region(&ctx.region).ec2;
    if id != "default" {
        DHCP_OPTIONS.check(id, &ec2.dhcp_options)?;
    }
    VPC.find_mut(vpc, &mut ec2.vpcs)?.dhcp_options = id.to_owned();
    Ok(done())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteDhcpOptions.html>
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = ctx.params.required("DhcpOptionsId")?;
    let ec2 = &mut world.region(&ctx.region).ec2;
    DHCP_OPTIONS.check(id, &ec2.dhcp_options)?;
    if ec2.vpcs.values().any(|vpc| vpc.dhcp_options == id) {
        let text = format!("The dhcpOptions '{id}' has dependencies and cannot be deleted.");
        return Err(noun::dependency(text));
    }
    ec2.dhcp_options.remove(id);
    if ec2.default_dhcp_options.as_deref() == Some(id) {
        ec2.default_dhcp_options = None;
    }
    Ok(done())
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::Lab;

    #[test]
    fn a_set_stays_while_a_vpc_uses_it() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let domain = [("DhcpConfiguration.1.Key", "domain-name"), ("DhcpConfiguration.1.Value.1", "a.test")];
        let id = lab.get("CreateDhcpOptions", &domain, "dhcpOptionsId");
        let this = ("DhcpOptionsId", id.as_str());
        lab.ok("AssociateDhcpOptions", &[this, ("VpcId", &vpc)]);
        lab.refused("DeleteDhcpOptions", &[this], "DependencyViolation");
        lab.ok("AssociateDhcpOptions", &[("DhcpOptionsId", "default"), ("VpcId", &vpc)]);
        lab.ok("DeleteDhcpOptions", &[this]);
        lab.refused("DeleteDhcpOptions", &[this], "InvalidDhcpOptionID.NotFound");
    }

    #[test]
    fn all_vpcs_begin_with_the_regions_own_set() {
        let mut lab = Lab::new();
        lab.vpc();
        let sets = lab.all("DescribeDhcpOptions", &[], "dhcpOptionsId");
        let used = lab.all("DescribeVpcs", &[], "dhcpOptionsId");
        assert_eq!(used, [sets[0].clone(), sets[0].clone()]);
    }
}
