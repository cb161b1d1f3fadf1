//! Regions and accounts as zones, ARNs and settings name them: asked by the readers.

use crate::model::{AccountId, Region};

use super::{Certainty, Item, Value};

/// The services whose things are only ever named by things of the same region: a load balancer's target group, a
/// cluster's node group. An image, a key, a queue or a role of another region or of none may be named anywhere.
const OF_ONE_REGION: [&str; 4] = ["autoscaling", "ec2", "eks", "elasticloadbalancing"];

/// The region of an availability, local or Wavelength zone: its name up to the first number
/// (`us-east-1a`, `us-west-2-lax-1a`, `us-east-1-wl1-bos-wlz-1`).
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-regions-availability-zones.html>
pub fn region_of_zone(zone: &str) -> Option<Region> {
    let digit = zone.find(|letter: char| letter.is_ascii_digit())?;
    let rest = zone.get(digit..)?;
    let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let after = rest.get(digits..)?;
    let zone_begins =
        after.starts_with('-') || (after.len() == 1 && after.as_bytes()[0].is_ascii_lowercase());
    if !zone_begins {
        return None;
    }
    region_named(zone.get(..digit + digits)?)
}

/// The region of this name, if it is formed like one: `us-gov-west-1`.
pub fn region_named(name: &str) -> Option<Region> {
    let mut parts: Vec<&str> = name.split('-').collect();
    let number = parts.pop()?;
    let words = parts.iter().all(|part| part.len() >= 2 && part.bytes().all(|it| it.is_ascii_lowercase()));
    let numbered = !number.is_empty() && number.len() <= 2 && number.bytes().all(|it| it.is_ascii_digit());
    (parts.len() >= 2 && words && numbered).then(|| Region::new(name))
}

/// The region that a value names.
pub fn region_in(value: &Value) -> Option<Region> {
    value.as_text().and_then(region_named)
}

/// What a thing's properties name that stands in one region only, each with that region: its zones, and the ARNs of
/// what it works with. Tags are a person's words, and name nothing.
pub fn named_in(properties: &Value) -> Vec<(&str, Region)> {
    let mut found = Vec::new();
    gather("", properties, &mut found);
    found
}

/// What stands last is told first.
fn gather<'a>(name: &str, value: &'a Value, found: &mut Vec<(&'a str, Region)>) {
    match value {
        Value::Text(text) if matches!(name, "availability_zone" | "availability_zones") => {
            found.extend(region_of_zone(text).map(|region| (text.as_str(), region)));
        }
        Value::Text(text) if arn_part(text, 2).is_some_and(|it| OF_ONE_REGION.contains(&it)) => {
            found.extend(region_of_arn(text).map(|region| (text.as_str(), region)));
        }
        Value::List(members) => members.iter().rev().for_each(|member| gather(name, member, found)),
        Value::Map(entries) => {
            for (name, value) in entries.iter().rev().filter(|(name, _)| !name.contains("tags")) {
                gather(name, value, found);
            }
        }
        Value::Text(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::Unknown(_) | Value::Secret => {}
    }
}

/// The region that a thing's properties name, if they name only one.
pub fn region_told(properties: &Value) -> Option<Region> {
    only(named_in(properties).into_iter().map(|(_, region)| region))
}

/// The region that all things tell together that are made for certain, in one place: the stack's, where its file
/// does not name one.
pub fn region_of_all(items: &[Item]) -> Option<Region> {
    let certain = items.iter().filter(|item| item.certainty == Certainty::Certain);
    only(
        certain
            .filter(|item| item.kind.is_some())
            .flat_map(|item| named_in(&item.properties).into_iter().map(|(_, region)| region)),
    )
}

fn only(mut regions: impl Iterator<Item = Region>) -> Option<Region> {
    let first = regions.next()?;
    regions.all(|region| region == first).then_some(first)
}

/// The region of an ARN; `None` for those of services without regions.
pub fn region_of_arn(arn: &str) -> Option<Region> {
    region_named(arn_part(arn, 3)?)
}

/// The account of an ARN; `None` where it is AWS's own (`arn:aws:iam::aws:policy/…`) or none.
pub fn account_of_arn(arn: &str) -> Option<AccountId> {
    account_named(arn_part(arn, 4)?)
}

/// The account of this number: twelve digits.
pub fn account_named(text: &str) -> Option<AccountId> {
    (text.len() == 12 && text.bytes().all(|it| it.is_ascii_digit())).then(|| AccountId::new(text))
}

fn arn_part(arn: &str, at: usize) -> Option<&str> {
    arn.starts_with("arn:").then(|| arn.split(':').nth(at))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_of_any_sort_tells_its_region() {
        for (zone, region) in [
            ("us-east-1a", "us-east-1"),
            ("us-gov-west-1b", "us-gov-west-1"),
            ("us-west-2-lax-1a", "us-west-2"),
            ("us-east-1-wl1-bos-wlz-1", "us-east-1"),
            ("ap-southeast-12c", "ap-southeast-12"),
        ] {
            assert_eq!(region_of_zone(zone), Some(Region::new(region)), "{zone}");
        }
        for none in ["us-east-1", "use1-az1", "", "a", "1a", "us-east-1A", "us-east-1ab", "nowhere"] {
            assert_eq!(region_of_zone(none), None, "{none}");
        }
    }

    #[test]
    fn zones_and_arns_of_what_stands_in_one_region_tell_it_and_no_other_text_does() {
        let map = |entries: &[(&str, Value)]| {
            Value::Map(entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
        };
        let text = |text: &str| Value::text(text);
        let group = text("arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/a/1");
        let zones = Value::List(vec![text("us-west-2a"), Value::zone(1), text("us-west-2b")]);
        for told in [
            map(&[("availability_zone", text("us-west-2b"))]),
            map(&[("availability_zones", zones)]),
            map(&[("placement", Value::List(vec![map(&[("availability_zone", text("us-west-2a"))])]))]),
            map(&[("target_group_arns", Value::List(vec![group.clone()]))]),
        ] {
            assert_eq!(region_told(&told), Some(Region::new("us-west-2")), "{told:?}");
        }
        for silent in [
            Value::Unknown(Vec::new()),
            map(&[("availability_zone", Value::zone(1))]),
            map(&[("availability_zone", text("use1-az1"))]),
            map(&[("key_arn", text("arn:aws:kms:us-west-2:123456789012:key/1"))]),
            map(&[("image", text("us-west-2a"))]),
            map(&[("tags", map(&[("availability_zone", text("us-west-2a")), ("arn", group.clone())]))]),
            map(&[("availability_zone", text("us-east-1a")), ("target_group_arns", group)]),
        ] {
            assert_eq!(region_told(&silent), None, "{silent:?}");
        }
    }

    #[test]
    fn what_is_not_formed_like_a_region_is_none() {
        for none in ["", "-", "us-east", "us-east-1a", "east-1", "US-EAST-1", "us-east-", "${var.region}"] {
            assert_eq!(region_named(none), None, "{none}");
        }
    }

    #[test]
    fn the_account_of_awss_own_policies_is_nobodys() {
        assert_eq!(account_of_arn("arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"), None);
        let arn = "arn:aws-cn:ec2:cn-north-1:123456789012:vpc/vpc-1";
        assert_eq!(account_of_arn(arn), Some(AccountId::new("123456789012")));
        assert_eq!(region_of_arn(arn), Some(Region::new("cn-north-1")));
        assert_eq!(region_of_arn("arn:aws:iam::123456789012:role/r"), None);
        assert_eq!(account_of_arn("::::123456789012"), None);
    }
}
