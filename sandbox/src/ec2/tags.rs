//! CreateTags, DeleteTags, DescribeTags, and who carries tags.

use super::describe::{Pages, any_matches, check_filters, one, paged, tag_values};
use super::noun::{self, Noun};
use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx};
use crate::query::Filter;
use crate::service::Operation;
use crate::stores::ec2::Ec2;
use crate::tags::Tags;
use crate::world::World;
use crate::xml::Xml;

/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions>
const TAGS_PER_RESOURCE: usize = 50;

pub(crate) const OPERATIONS: &[(&str, Operation)] =
    &[("CreateTags", create), ("DeleteTags", delete), ("DescribeTags", describe_tags)];

/// Tags that a caller may write: none of AWS's own prefix.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions>
pub(crate) fn checked(tags: Tags) -> AwsResult<Tags> {
    if let Some(key) = tags.keys().find(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        let text = format!(
            "Value ( {key} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use"
        );
        return Err(AwsError::new("InvalidParameterValue", text));
    }
    within_limit(&tags)?;
    Ok(tags)
}

fn within_limit(tags: &Tags) -> AwsResult<()> {
    if tags.keys().filter(|key| !key.starts_with("aws:")).count() > TAGS_PER_RESOURCE {
        let text = "The maximum number of Tags for a resource has been reached.";
        return Err(AwsError::new("TagLimitExceeded", text));
    }
    Ok(())
}

/// A kind that carries tags: its ids, its name in tag calls, and all its tagged records.
struct Carrier {
    noun: &'static Noun,
    resource_type: &'static str,
    tags: for<'a> fn(&'a mut Ec2, &str) -> Option<&'a mut Tags>,
    all: for<'a> fn(&'a Ec2) -> Vec<(&'a String, &'a Tags)>,
}

macro_rules! carrier {
    ($noun:ident, $resource_type:literal, $records:ident) => {
        Carrier {
            noun: &noun::$noun,
            resource_type: $resource_type,
            tags: |ec2, id| ec2.$records.get_mut(id).map(|record| &mut record.tags),
            all: |ec2| ec2.$records.iter().map(|(id, record)| (id, &record.tags)).collect(),
        }
    };
}

/// Every kind that carries tags. The resource types are those of
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TagSpecification.html>.
static CARRIERS: &[Carrier] = &[
    carrier!(VPC, "vpc", vpcs),
    carrier!(SUBNET, "subnet", subnets),
    carrier!(ROUTE_TABLE, "route-table", route_tables),
    carrier!(INTERNET_GATEWAY, "internet-gateway", internet_gateways),
    carrier!(NETWORK_ACL, "network-acl", network_acls),
    carrier!(INTERFACE, "network-interface", interfaces),
    carrier!(SECURITY_GROUP, "security-group", security_groups),
    carrier!(RULE, "security-group-rule", rules),
    carrier!(ALLOCATION, "elastic-ip", addresses),
    carrier!(NAT_GATEWAY, "natgateway", nat_gateways),
    carrier!(ENDPOINT, "vpc-endpoint", endpoints),
    carrier!(EGRESS_GATEWAY, "egress-only-internet-gateway", egress_gateways),
    carrier!(VPN_GATEWAY, "vpn-gateway", vpn_gateways),
    carrier!(VPN_CONNECTION, "vpn-connection", vpn_connections),
    carrier!(CUSTOMER_GATEWAY, "customer-gateway", customer_gateways),
    carrier!(CARRIER_GATEWAY, "carrier-gateway", carrier_gateways),
    carrier!(INSTANCE_CONNECT_ENDPOINT, "instance-connect-endpoint", instance_connect_endpoints),
    carrier!(TRANSIT_ATTACHMENT, "transit-gateway-attachment", transit_attachments),
    carrier!(ENDPOINT_SERVICE, "vpc-endpoint-service", endpoint_services),
    carrier!(DHCP_OPTIONS, "dhcp-options", dhcp_options),
    carrier!(FLOW_LOG, "vpc-flow-log", flow_logs),
    carrier!(PEERING, "vpc-peering-connection", peerings),
    carrier!(KEY_PAIR, "key-pair", key_pairs),
    carrier!(PLACEMENT_GROUP, "placement-group", placement_groups),
    carrier!(INSTANCE, "instance", instances),
    carrier!(VOLUME, "volume", volumes),
    carrier!(LAUNCH_TEMPLATE, "launch-template", launch_templates),
];

/// Everything in this region with its tags: `(id, resource type as in ARNs and tag calls, tags)`.
/// Things without tags are included. For the tagging API.
pub(crate) fn all_tags(ec2: &Ec2) -> Vec<(&str, &'static str, &Tags)> {
    let of = |carrier: &'static Carrier| {
        (carrier.all)(ec2).into_iter().map(|(id, tags)| (id.as_str(), carrier.resource_type, tags))
    };
    CARRIERS.iter().flat_map(of).collect()
}

/// The tags of the thing with this id, to change them.
pub(crate) fn tags_mut<'a>(ec2: &'a mut Ec2, id: &str) -> AwsResult<&'a mut Tags> {
    let prefix = id.rsplit_once('-').map_or("", |(prefix, _)| prefix);
    let unknown = || AwsError::new("InvalidID", format!("The ID '{id}' is not valid"));
    let carrier = CARRIERS.iter().find(|carrier| carrier.noun.prefix == prefix).ok_or_else(unknown)?;
    (carrier.tags)(ec2, id).ok_or_else(|| carrier.noun.unknown(id))
}

/// All or nothing: one unknown id refuses the call.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html>
fn create(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let added = checked(ctx.params.tags("Tag"))?;
    let ids = ctx.params.list("ResourceId");
    let ec2 = &mut world.region(&ctx.region).ec2;
    for id in &ids {
        let mut tags = tags_mut(ec2, id)?.clone();
        tags.extend(added.clone());
        within_limit(&tags)?;
    }
    for id in &ids {
        tags_mut(ec2, id)?.extend(added.clone());
    }
    Ok(done())
}

/// A key with a value removes the tag only if it has that value; without keys, all go but AWS's own.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTags.html>
fn delete(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let removed = ctx.params.items("Tag");
    checked(ctx.params.tags("Tag"))?;
    let ids = ctx.params.list("ResourceId");
    let ec2 = &mut world.region(&ctx.region).ec2;
    for id in &ids {
        tags_mut(ec2, id)?;
    }
    for id in &ids {
        let goes = |key: &str, value: &str| {
            if removed.is_empty() {
                return !key.starts_with("aws:");
            }
            let named = |tag: &crate::query::Params| {
                tag.get("Key") == Some(key) && tag.get("Value").is_none_or(|wanted| wanted == value)
            };
            removed.iter().any(named)
        };
        tags_mut(ec2, id)?.retain(|key, value| !goes(key, value));
    }
    Ok(done())
}

/// The answer of a call that tells only that it was carried out.
pub(crate) fn done() -> Answer {
    let mut xml = Xml::new();
    xml.text("return", true);
    xml.into()
}

struct Row<'a> {
    id: &'a str,
    resource_type: &'static str,
    tags: &'a Tags,
    key: &'a String,
    value: &'a String,
    /// The row's place: id, then key.
    place: String,
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTags.html>
fn describe_tags(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let filters = check_filters(ctx.params.filters(), &["key", "value", "resource-id", "resource-type"])?;
    let ec2 = &world.region(&ctx.region).ec2;
    let mut rows = Vec::new();
    for (id, resource_type, tags) in all_tags(ec2) {
        for (key, value) in tags {
            let row = Row { id, resource_type, tags, key, value, place: format!("{id} {key}") };
            if filters.iter().all(|filter| fits(&row, filter)) {
                rows.push(row);
            }
        }
    }
    rows.sort_by(|one, other| one.place.cmp(&other.place));
    let places: Vec<(String, Row<'_>)> = rows.into_iter().map(|row| (row.place.clone(), row)).collect();
    let (page, next) = paged(ctx, Pages::Of(1000), false, places.iter(), |(place, _)| place)?;
    let mut xml = Xml::new();
    xml.list("tagSet", page, |item, (_, row)| {
        item.text("resourceId", row.id).text("resourceType", row.resource_type);
        item.text("key", row.key).text("value", row.value);
    });
    xml.maybe("nextToken", next);
    Ok(xml.into())
}

fn fits(row: &Row<'_>, filter: &Filter) -> bool {
    let values = match filter.name.as_str() {
        "key" => one(row.key),
        "value" => one(row.value),
        "resource-id" => one(row.id),
        "resource-type" => one(row.resource_type),
        // `tag:KEY` selects that tag's own row.
        name if name.strip_prefix("tag:").is_some_and(|key| key != row.key) => Vec::new(),
        name => tag_values(row.tags, name),
    };
    any_matches(&values, &filter.values)
}

#[cfg(test)]
mod tests {
    use crate::ec2::lab::{Lab, REGION};

    #[test]
    fn tags_are_all_or_nothing_and_never_of_awss_own_prefix() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let both = [
            ("ResourceId.1", vpc.as_str()),
            ("ResourceId.2", "vpc-00000000000000000"),
            ("Tag.1.Key", "Project"),
            ("Tag.1.Value", "demo"),
        ];
        lab.refused("CreateTags", &both, "InvalidVpcID.NotFound");
        let of = [("Filter.1.Name", "resource-id"), ("Filter.1.Value.1", vpc.as_str())];
        assert!(lab.all("DescribeTags", &of, "key").is_empty());
        let reserved = [both[0], ("Tag.1.Key", "aws:x"), ("Tag.1.Value", "y")];
        lab.refused("CreateTags", &reserved, "InvalidParameterValue");
        lab.ok("CreateTags", &[both[0], both[2], both[3]]);
        assert_eq!(lab.all("DescribeTags", &of, "resourceType"), ["vpc"]);
    }

    #[test]
    fn tag_filters_select_and_unknown_filters_are_refused() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        lab.ok("CreateTags", &[("ResourceId.1", &vpc), ("Tag.1.Key", "Env"), ("Tag.1.Value", "ci-7")]);
        let mut by = |name: &str, value: &str| {
            lab.all("DescribeVpcs", &[("Filter.1.Name", name), ("Filter.1.Value.1", value)], "vpcId")
        };
        assert_eq!(by("tag:Env", "ci-*"), std::slice::from_ref(&vpc));
        assert_eq!(by("tag-key", "Env"), std::slice::from_ref(&vpc));
        assert!(by("tag:Env", "CI-7").is_empty());
        let odd = [("Filter.1.Name", "colour"), ("Filter.1.Value.1", "x")];
        let refusal = lab.refused("DescribeVpcs", &odd, "InvalidParameterValue");
        assert_eq!(refusal.message, "The filter 'colour' is invalid");
    }

    #[test]
    fn a_tag_is_removed_by_key_or_by_key_and_value() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        let this = ("ResourceId.1", vpc.as_str());
        lab.ok("CreateTags", &[this, ("Tag.1.Key", "a"), ("Tag.1.Value", "1")]);
        lab.ok("DeleteTags", &[this, ("Tag.1.Key", "a"), ("Tag.1.Value", "2")]);
        assert_eq!(lab.world.region(REGION).ec2.vpcs[&vpc].tags.len(), 1);
        lab.ok("DeleteTags", &[this, ("Tag.1.Key", "a")]);
        assert!(lab.world.region(REGION).ec2.vpcs[&vpc].tags.is_empty());
    }

    #[test]
    fn pages_join_to_the_whole_without_repeats() {
        let mut lab = Lab::new();
        let vpc = lab.vpc();
        for number in 0..12 {
            let key = format!("k{number:02}");
            lab.ok("CreateTags", &[("ResourceId.1", &vpc), ("Tag.1.Key", &key), ("Tag.1.Value", "v")]);
        }
        let (mut seen, mut token) = (Vec::new(), String::new());
        for _ in 0..3 {
            let answer = lab.ok("DescribeTags", &[("MaxResults", "5"), ("NextToken", &token)]);
            seen.extend(crate::xml::texts_of(&answer, "key"));
            token = crate::xml::text_of(&answer, "nextToken").unwrap_or_default();
        }
        let want: Vec<String> = (0..12).map(|number| format!("k{number:02}")).collect();
        assert_eq!((seen, token), (want, String::new()));
    }
}
