//! What EC2 tells about the account: regions, zones, attributes.

use super::defaults::{OPT_IN_REGIONS, REGIONS, default_vpc, zones};
use super::describe::{any_matches, check_filters, one};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::quotas::table;
use crate::service::Operation;
use crate::world::World;
use crate::xml::Xml;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("DescribeAccountAttributes", describe_attributes),
    ("DescribeAvailabilityZones", describe_zones),
    ("DescribeRegions", describe_regions),
];

/// Without `AllRegions` only the enabled ones. A region that the faults disable counts as not enabled.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html>
fn describe_regions(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let filters = check_filters(ctx.params.filters(), &["endpoint", "opt-in-status", "region-name"])?;
    let names = ctx.params.list("RegionName");
    let mut rows: Vec<(&str, &str)> =
        REGIONS.iter().map(|(name, _, _)| (*name, "opt-in-not-required")).collect();
    rows.extend(OPT_IN_REGIONS.iter().map(|name| (*name, "not-opted-in")));
    // A region that somebody uses is enabled, whatever the list says.
    let used = world.regions.keys().filter(|name| !rows.iter().any(|(row, _)| row == name));
    let mut extra: Vec<(&str, &str)> = used.map(|name| (name.as_str(), "opted-in")).collect();
    rows.append(&mut extra);
    for row in &mut rows {
        if world.faults.disabled_regions.contains(row.0) {
            row.1 = "not-opted-in";
        } else if world.regions.contains_key(row.0) && row.1 == "not-opted-in" {
            row.1 = "opted-in";
        }
    }
    for name in &names {
        if !rows.iter().any(|(row, _)| row == name) {
            let text = format!("Invalid region provided: {name}");
            return Err(AwsError::new("InvalidParameterValue", text));
        }
    }
    let endpoint = |name: &str| format!("ec2.{name}.amazonaws.com");
    let all = ctx.params.bool("AllRegions");
    rows.retain(|(name, status)| {
        let wanted = names.is_empty() || names.iter().any(|wanted| wanted == name);
        let fits = filters.iter().all(|filter| {
            let value = match filter.name.as_str() {
                "endpoint" => endpoint(name),
                "opt-in-status" => (*status).to_owned(),
                _ => (*name).to_owned(),
            };
            any_matches(&one(value), &filter.values)
        });
        wanted && fits && (all || *status != "not-opted-in")
    });
    let mut xml = Xml::new();
    xml.list("regionInfo", rows, |item, (name, status)| {
        item.text("regionName", name).text("regionEndpoint", endpoint(name)).text("optInStatus", status);
    });
    Ok(xml.into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html>
fn describe_zones(_: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let known = ["group-name", "opt-in-status", "region-name", "state", "zone-id", "zone-name", "zone-type"];
    let filters = check_filters(ctx.params.filters(), &known)?;
    let (names, ids) = (ctx.params.list("ZoneName"), ctx.params.list("ZoneId"));
    let all = zones(&ctx.region);
    for wanted in &names {
        if !all.iter().any(|(name, _)| name == wanted) {
            let text = format!("Invalid availability zone: [{wanted}]");
            return Err(AwsError::new("InvalidParameterValue", text));
        }
    }
    let rows = all.into_iter().filter(|(name, id)| {
        let wanted = (names.is_empty() || names.contains(name)) && (ids.is_empty() || ids.contains(id));
        wanted
            && filters.iter().all(|filter| {
                let value = match filter.name.as_str() {
                    "zone-name" => name,
                    "zone-id" => id,
                    "state" => "available",
                    "zone-type" => "availability-zone",
                    "opt-in-status" => "opt-in-not-required",
                    _ => &ctx.region,
                };
                any_matches(&one(value), &filter.values)
            })
    });
    let mut xml = Xml::new();
    xml.list("availabilityZoneInfo", rows, |item, (name, id)| {
        item.text("zoneName", name).text("zoneId", id).text("zoneState", "available");
        item.text("regionName", &ctx.region).text("groupName", format_args!("{}-zg-1", ctx.region));
        item.text("networkBorderGroup", &ctx.region).text("zoneType", "availability-zone");
        item.text("optInStatus", "opt-in-not-required").node("messageSet", |_| {});
    });
    Ok(xml.into())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAccountAttributes.html>
fn describe_attributes(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let wanted = ctx.params.list("AttributeName");
    let default = default_vpc(world, &ctx.region).unwrap_or_else(|_| "none".to_owned());
    let addresses = world.quotas.limit(&ctx.region, table::ADDRESSES);
    let groups = world.quotas.limit(&ctx.region, table::GROUPS_PER_INTERFACE);
    let rows = [
        ("vpc-max-security-groups-per-interface", groups.to_string()),
        ("max-instances", "20".to_owned()),
        ("supported-platforms", "VPC".to_owned()),
        ("default-vpc", default),
        ("max-elastic-ips", addresses.to_string()),
        ("vpc-max-elastic-ips", addresses.to_string()),
    ];
    let rows = rows.into_iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|it| it == name));
    let mut xml = Xml::new();
    xml.list("accountAttributeSet", rows, |item, (name, value)| {
        item.text("attributeName", name);
        item.list("attributeValueSet", [value], |item, value| {
            item.text("attributeValue", value);
        });
    });
    Ok(xml.into())
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::Lab;
    use crate::quotas::table;

    #[test]
    fn a_disabled_region_is_listed_only_on_request() {
        let mut lab = Lab::new();
        lab.world.faults.disabled_regions.insert("eu-west-1".into());
        let enabled = lab.all("DescribeRegions", &[], "regionName");
        assert!(enabled.contains(&"us-east-1".to_owned()) && !enabled.contains(&"eu-west-1".to_owned()));
        let all = lab.all("DescribeRegions", &[("AllRegions", "true")], "regionName");
        assert!(all.contains(&"eu-west-1".to_owned()) && all.contains(&"af-south-1".to_owned()));
    }

    #[test]
    fn the_address_quota_is_an_account_attribute() {
        let mut lab = Lab::new();
        let asked = [("AttributeName.1", "vpc-max-elastic-ips")];
        assert_eq!(lab.all("DescribeAccountAttributes", &asked, "attributeValue"), ["5"]);
        lab.world.quotas.apply("us-east-1", table::ADDRESSES, 12.0);
        assert_eq!(lab.all("DescribeAccountAttributes", &asked, "attributeValue"), ["12"]);
    }

    #[test]
    fn zones_have_names_and_ids() {
        let mut lab = Lab::new();
        let zone = [("ZoneName.1", "us-east-1b")];
        assert_eq!(lab.get("DescribeAvailabilityZones", &zone, "zoneId"), "use1-az2");
        lab.refused("DescribeAvailabilityZones", &[("ZoneName.1", "us-east-1z")], "InvalidParameterValue");
    }
}
