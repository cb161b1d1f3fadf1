//! The kinds: one file each, and one line each in [`ALL`].
//!
//! What the planner must know of a kind is data ([`KindSpec`]); what the edge must do is code in the
//! same file: list (page by page), look (the present state of some), cut, delete, and one pure
//! function from the SDK's type to a [`Resource`].

mod ec2;
mod elastic_ip;
mod instance;
mod interface_maker;
mod internet_gateway;
mod launch_template;
mod nat_gateway;
mod network_acl;
mod network_interface;
mod route_table;
#[cfg(test)]
mod scripts;
mod security_group;
mod subnet;
#[cfg(test)]
mod table;
#[cfg(test)]
mod testing;
mod volume;
mod vpc;
mod vpc_endpoint;

use async_trait::async_trait;

use crate::aws::{Aws, Place};
use crate::model::{Catalog, KindSpec, Link, Resource};
use crate::run::cloud::CloudError;

/// What the edge does for one kind.
#[async_trait]
pub trait Kind: Send + Sync {
    /// All that the planner ever knows of it.
    fn spec(&self) -> &'static KindSpec;

    /// Every resource of this kind in the region, page by page, with the fewest calls. Rows that AWS
    /// still shows although the thing is gone (`deleted`, `terminated`) are left out.
    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError>;

    /// The present state of these, read from the service itself (never from the tagging API), in one
    /// call where the API can. What is gone is left out; an error means that nothing is known.
    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError>;

    /// Severs a link. Kinds whose rules have no cut keep this default.
    async fn cut(&self, aws: &Aws, resource: &Resource, link: &Link) -> Result<(), CloudError> {
        let _ = (aws, link);
        Err(CloudError {
            class: crate::run::cloud::ErrorClass::Refused,
            api: self.spec().delete_api().to_owned(),
            code: "NoSuchCut".to_owned(),
            message: format!("a link of {} cannot be cut", resource.key),
            request_id: None,
        })
    }

    /// Deletes these, at most the spec's `batch`: one answer for each, in order.
    async fn delete(&self, aws: &Aws, resources: &[Resource]) -> Vec<Result<(), CloudError>>;
}

/// Every kind, in reading order.
pub const ALL: &[&dyn Kind] = &[
    &elastic_ip::ElasticIp,
    &nat_gateway::NatGateway,
    &vpc::Vpc,
    &subnet::Subnet,
    &route_table::RouteTable,
    &internet_gateway::InternetGateway,
    &network_acl::NetworkAcl,
    &network_interface::NetworkInterface,
    &security_group::SecurityGroup,
    &vpc_endpoint::VpcEndpoint,
    &instance::Instance,
    &volume::Volume,
    &launch_template::LaunchTemplate,
];

/// The specs of [`ALL`], for the pure parts of the program.
pub const CATALOG: Catalog = Catalog::new(&[
    &elastic_ip::SPEC,
    &nat_gateway::SPEC,
    &vpc::SPEC,
    &subnet::SPEC,
    &route_table::SPEC,
    &internet_gateway::SPEC,
    &network_acl::SPEC,
    &network_interface::SPEC,
    &security_group::SPEC,
    &vpc_endpoint::SPEC,
    &instance::SPEC,
    &volume::SPEC,
    &launch_template::SPEC,
]);

/// The kind of this name.
pub fn named(name: &str) -> Option<&'static dyn Kind> {
    ALL.iter().copied().find(|kind| kind.spec().name == name)
}

/// Tags in the form of the model, from the key and value pairs of any service.
pub(crate) fn tags<'a>(
    pairs: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>,
) -> crate::model::Tags {
    pairs.filter_map(|(key, value)| Some((key?.to_owned(), value.unwrap_or_default().to_owned()))).collect()
}

/// EC2's tags in the form of the model.
pub(crate) fn ec2_tags(tags: &[aws_sdk_ec2::types::Tag]) -> crate::model::Tags {
    self::tags(tags.iter().map(|tag| (tag.key(), tag.value())))
}

/// An EC2 filter by one name and these values.
pub(crate) fn filter(name: &str, values: &[String]) -> aws_sdk_ec2::types::Filter {
    aws_sdk_ec2::types::Filter::builder().name(name).set_values(Some(values.to_vec())).build()
}

/// A resource with what EC2's describes have in common: tags, the Name tag as its name, its owner
/// (and the guard if that is another account).
pub(crate) fn ec2_resource(
    place: &Place,
    kind: &'static str,
    id: &str,
    tags: &[aws_sdk_ec2::types::Tag],
    owner: Option<&str>,
) -> Resource {
    let mut resource = Resource::new(place.key(kind, id));
    resource.tags = ec2_tags(tags);
    resource.name = resource.tags.get("Name").cloned();
    if let Some(owner) = owner {
        resource.owner = Some(crate::model::AccountId::new(owner));
        if owner != place.account.as_str() {
            resource.guards.insert(crate::model::Guard {
                rule: crate::model::GuardRule::OtherAccount,
                why: format!("account {owner} owns it"),
            });
        }
    }
    resource
}
