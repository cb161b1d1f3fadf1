//! Regions and accounts as zones, ARNs and settings name them: asked by the readers.

use crate::model::{AccountId, Region};

use super::Value;

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
