//! The calls of `network-interface`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::network_interface`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, NetworkInterface as Described, NetworkInterfaceStatus as Status};

use super::Kind;
use super::ec2::{PAGE, fact, guard, guard_operated, looked_up};
use super::interface_maker::{Maker, by_description, maker, node_of_plugin, way_out};
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::network_interface::{NAME, SPEC};
use crate::model::words::{fact as facts, how};
use crate::model::{CloudError, GuardRule, KindSpec, Link, Resource};

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
        looked_up("network-interface-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws
            .ec2
            .delete_network_interface()
            .network_interface_id(&resource.key.id)
            .set_dry_run(aws.dry_run());
        aws.change("ec2:DeleteNetworkInterface", || call.send()).await
    }
}

/// With those that an account setting hides: they hold subnets all the same.
async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws
        .ec2
        .describe_network_interfaces()
        .set_filters(filter.map(|it| vec![it]))
        .include_managed_resources(true)
        .max_results(PAGE);
    let pages = aws
        .pages(
            "ec2:DescribeNetworkInterfaces",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(pages.iter().flat_map(|page| page.network_interfaces()).filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.network_interface_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tag_set(), it.owner_id());
    resource.arn = Some(site.arn("ec2", &format!("network-interface/{id}")));
    resource.state = it.status().map(|status| status.as_str().to_owned());
    fact(&mut resource, facts::ZONE, it.availability_zone());
    fact(&mut resource, facts::TYPE, it.interface_type().map(|kind| kind.as_str()));
    fact(&mut resource, facts::DESCRIPTION, it.description().filter(|text| !text.is_empty()));
    fact(&mut resource, facts::PUBLIC_IP, public_address(it));
    if let Some(subnet) = it.subnet_id() {
        resource.links.insert(Link::new(how::WITHIN, site.key("subnet", subnet)));
    }
    if let Some(vpc) = it.vpc_id() {
        resource.links.insert(Link::new(how::WITHIN, site.key("vpc", vpc)));
        if public_address(it).is_some() {
            resource.links.insert(Link::new(how::PUBLIC_ADDRESS, site.key("vpc", vpc)));
        }
    }
    for group in it.groups().iter().filter_map(|group| group.group_id()) {
        resource.links.insert(Link::new(how::USES, site.key("security-group", group)));
    }
    add_maker(site, it, &mut resource);
    Some(resource)
}

/// What keeps it: a link, or a guard where AWS does not tell. An `available` one is kept by nothing but the
/// maker that its description names, while that stands, or by a service that operates it.
fn add_maker(site: &Site, it: &Described, resource: &mut Resource) {
    if it.status() == Some(&Status::Available) {
        let description = it.description().unwrap_or_default();
        resource.links.extend(by_description(site, description).map(|key| Link::new(how::MADE_BY, key)));
        fact(resource, facts::NODE, node_of_plugin(description));
        guard_operated(resource, it.operator());
        return;
    }
    match maker(site, it, &resource.tags) {
        Maker::Goes(key) => {
            resource.links.insert(Link::new(how::MADE_BY, key));
        }
        Maker::Outlives(key) => {
            let attachment = it.attachment().and_then(|attachment| attachment.attachment_id());
            let handle = attachment.map(str::to_owned).into_iter().collect();
            resource.links.insert(Link::via(how::ATTACHED, key, handle));
        }
        Maker::Unknown(who) => {
            let hint = way_out(site, it.description().unwrap_or_default());
            let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
            guard(resource, GuardRule::UnknownMaker, format!("{who} is using it{hint}"));
        }
    }
}

/// A public address of it: the primary one, or that of a secondary private address.
fn public_address(it: &Described) -> Option<&str> {
    let secondary = it.private_ip_addresses().iter().filter_map(|address| address.association());
    it.association().into_iter().chain(secondary).find_map(|association| association.public_ip())
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{
        GroupIdentifier, NetworkInterfaceAssociation, NetworkInterfaceAttachment,
        NetworkInterfacePrivateIpAddress, OperatorResponse,
    };

    use super::*;
    use crate::aws::kinds::testing::{ACCOUNT, guards, links, site};
    use crate::model::Amount;

    fn interface(status: Status) -> aws_sdk_ec2::types::builders::NetworkInterfaceBuilder {
        Described::builder()
            .network_interface_id("eni-1")
            .owner_id(ACCOUNT)
            .subnet_id("subnet-1")
            .vpc_id("vpc-1")
            .status(status)
    }

    #[test]
    fn an_interface_counts_with_its_groups_unless_another_account_owns_it() {
        let group = |id: &str| GroupIdentifier::builder().group_id(id).build();
        let used = |it: Described| -> Vec<Amount> {
            let resource = read(&site(), &it).unwrap();
            SPEC.quotas.iter().map(|quota| (quota.amount)(&resource)).collect()
        };
        let own = interface(Status::InUse).groups(group("sg-1")).groups(group("sg-2"));
        assert_eq!(used(own.clone().build()), [Amount::Known(1), Amount::Known(2)]);
        assert_eq!(used(own.owner_id("999999999999").build()), [Amount::Known(0), Amount::Known(0)]);
    }

    #[test]
    fn an_interface_holds_its_subnet_its_vpc_and_its_groups() {
        let it =
            interface(Status::Available).groups(GroupIdentifier::builder().group_id("sg-1").build()).build();
        let read = read(&site(), &it).unwrap();
        assert_eq!(links(&read), ["uses security-group sg-1", "within subnet subnet-1", "within vpc vpc-1"]);
        assert_eq!(read.state.as_deref(), Some("available"));
    }

    #[test]
    fn an_available_interface_is_its_makers_where_a_text_names_one_and_ordinary_elsewhere() {
        let of = |text: &str| read(&site(), &interface(Status::Available).description(text).build()).unwrap();
        let made = of("Interface for NAT Gateway nat-1");
        assert!(links(&made).contains(&"made-by nat-gateway nat-1".to_owned()));
        assert!(made.guards.is_empty());
        let plugin = of("aws-K8S-i-1");
        assert_eq!(plugin.facts.get(facts::NODE).map(String::as_str), Some("i-1"));
        for text in ["AWS Lambda VPC ENI-report", "front door", "ELB app/web"] {
            let free = of(text);
            assert!(free.links_as(how::MADE_BY).next().is_none() && free.guards.is_empty(), "{text}");
            assert!(!free.facts.contains_key(facts::NODE), "{text}");
        }
    }

    #[test]
    fn a_public_address_is_seen_on_any_private_one() {
        let association = NetworkInterfaceAssociation::builder().public_ip("203.0.113.7").build();
        let primary = interface(Status::Available).association(association.clone()).build();
        let secondary = interface(Status::Available)
            .private_ip_addresses(
                NetworkInterfacePrivateIpAddress::builder().association(association).build(),
            )
            .build();
        for it in [primary, secondary] {
            let read = read(&site(), &it).unwrap();
            assert!(links(&read).contains(&"public-address vpc vpc-1".to_owned()));
            assert_eq!(read.facts[facts::PUBLIC_IP], "203.0.113.7");
        }
    }

    #[test]
    fn an_interface_made_by_something_links_to_it_and_has_no_guard() {
        let it = interface(Status::InUse)
            .requester_managed(true)
            .description("Interface for NAT Gateway nat-1")
            .build();
        let read = read(&site(), &it).unwrap();
        assert!(links(&read).contains(&"made-by nat-gateway nat-1".to_owned()));
        assert!(read.guards.is_empty());
    }

    #[test]
    fn an_interface_that_outlives_its_instance_is_attached_to_it() {
        let attachment = NetworkInterfaceAttachment::builder()
            .attachment_id("eni-attach-1")
            .instance_id("i-1")
            .device_index(1)
            .delete_on_termination(false)
            .build();
        let read = read(&site(), &interface(Status::InUse).attachment(attachment).build()).unwrap();
        assert!(links(&read).contains(&r#"attached instance i-1 ["eni-attach-1"]"#.to_owned()));
    }

    #[test]
    fn an_interface_in_use_by_something_unknown_is_guarded_with_a_name() {
        let it =
            interface(Status::InUse).requester_managed(true).description("EFS mount target for fs-1").build();
        let read = read(&site(), &it).unwrap();
        assert_eq!(guards(&read), [GuardRule::UnknownMaker]);
        assert!(read.guards.first().unwrap().why.contains("EFS"));
    }

    #[test]
    fn an_available_interface_that_a_service_operates_is_guarded() {
        let operator = OperatorResponse::builder().managed(true).principal("eks.amazonaws.com").build();
        let read = read(&site(), &interface(Status::Available).operator(operator).build()).unwrap();
        assert_eq!(guards(&read), [GuardRule::UnknownMaker]);
        assert!(read.guards.first().unwrap().why.contains("eks.amazonaws.com"));
    }
}
