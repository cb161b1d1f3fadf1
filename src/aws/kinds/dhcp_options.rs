//! The calls of `dhcp-options`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::dhcp_options`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{DhcpOptions as Described, Filter};

use super::Kind;
use super::ec2::{PAGE, guard, looked_up};
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::dhcp_options::{NAME, SPEC};
use crate::model::{CloudError, GuardRule, KindSpec, Resource};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        described(aws, None).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        looked_up("dhcp-options-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.ec2.delete_dhcp_options().dhcp_options_id(&resource.key.id).set_dry_run(aws.dry_run());
        aws.change("ec2:DeleteDhcpOptions", || call.send()).await
    }
}

async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws.ec2.describe_dhcp_options().set_filters(filter.map(|it| vec![it])).max_results(PAGE);
    let send = |token| call.clone().set_next_token(token).send();
    let pages = aws.pages("ec2:DescribeDhcpOptions", send, |page| page.next_token()).await?;
    Ok(pages.iter().flat_map(|page| page.dhcp_options()).filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource. AWS tells no creation time.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.dhcp_options_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), it.owner_id());
    resource.arn = Some(site.arn("ec2", &format!("dhcp-options/{id}")));
    if says_what_the_default_says(site, it) {
        guard(&mut resource, GuardRule::DefaultThing, "it says what the region's default set says");
    }
    Some(resource)
}

/// Nothing marks the set that AWS made for the region, and tools tag it like their own
/// (`aws_default_vpc_dhcp_options`): only what it says tells it, so another one that says the same is taken for it.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html>
fn says_what_the_default_says(site: &Site, it: &Described) -> bool {
    let region = site.region.as_str();
    let domain = match region {
        "us-east-1" => "ec2.internal".to_owned(),
        other => format!("{other}.compute.internal"),
    };
    let said = it.dhcp_configurations().iter().flat_map(|option| {
        let key = option.key().unwrap_or_default();
        option.values().iter().map(move |value| (key, value.value().unwrap_or_default()))
    });
    let mut domains = 0;
    let all = said.into_iter().all(|(key, value)| match key {
        "domain-name" => {
            domains += 1;
            value == domain
        }
        "domain-name-servers" => value == "AmazonProvidedDNS",
        // It changes neither names nor servers.
        "ipv6-address-preferred-lease-time" => true,
        _ => false,
    });
    all && domains == 1
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{AttributeValue, DhcpConfiguration};

    use super::*;
    use crate::aws::kinds::testing::{ACCOUNT, guards, site, tag};

    fn set(options: &[(&str, &[&str])]) -> Described {
        let options = options.iter().map(|(key, values)| {
            let values = values.iter().map(|value| AttributeValue::builder().value(*value).build());
            DhcpConfiguration::builder().key(*key).set_values(Some(values.collect())).build()
        });
        Described::builder()
            .dhcp_options_id("dopt-1")
            .owner_id(ACCOUNT)
            .set_dhcp_configurations(Some(options.collect()))
            .tags(tag("Name", "shop"))
            .build()
    }

    #[test]
    fn a_set_has_its_name_its_arn_and_its_owner() {
        let it = read(&site(), &set(&[("domain-name", &["shop.internal"])])).unwrap();
        assert_eq!(it.name.as_deref(), Some("shop"));
        assert_eq!(it.arn.as_deref(), Some("arn:aws:ec2:us-east-1:111122223333:dhcp-options/dopt-1"));
        assert!(guards(&it).is_empty());
        let shared = Described::builder().dhcp_options_id("dopt-1").owner_id("999999999999").build();
        assert_eq!(guards(&read(&site(), &shared).unwrap()), [GuardRule::OtherAccount]);
    }

    #[test]
    fn the_regions_own_set_is_told_by_what_it_says_whatever_tags_it_bears() {
        let own: [(&str, &[&str]); 2] =
            [("domain-name", &["ec2.internal"]), ("domain-name-servers", &["AmazonProvidedDNS"])];
        assert_eq!(guards(&read(&site(), &set(&own)).unwrap()), [GuardRule::DefaultThing]);
        let elsewhere: [(&str, &[&str]); 2] = [
            ("domain-name", &["eu-west-1.compute.internal"]),
            ("domain-name-servers", &["AmazonProvidedDNS"]),
        ];
        let servers: [(&str, &[&str]); 2] =
            [("domain-name", &["ec2.internal"]), ("domain-name-servers", &["AmazonProvidedDNS", "10.0.0.2"])];
        let more: [(&str, &[&str]); 3] = [own[0], own[1], ("ntp-servers", &["169.254.169.123"])];
        for other in [&elsewhere[..], &servers, &more, &own[1..]] {
            assert!(guards(&read(&site(), &set(other)).unwrap()).is_empty(), "{other:?}");
        }
    }
}
