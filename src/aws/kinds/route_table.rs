//! The calls of `route-table`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::route_table`].

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    Filter, Route, RouteOrigin, RouteTable as Described, RouteTableAssociation as Association,
};

use super::Kind;
use super::ec2::{fact, guard, looked_up};
use crate::aws::shapes::ec2_resource;
use crate::aws::{Aws, Site};
use crate::kinds::CATALOG;
use crate::kinds::route_table::{NAME, SPEC};
use crate::model::words::{fact as facts, how};
use crate::model::{CloudError, ErrorClass, GuardRule, Key, KindSpec, Link, Resource, RouteTarget};

/// Its calls.
pub struct Calls;

/// DescribeRouteTables alone of its family takes no larger page.
const PAGE: i32 = 100;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        described(aws, None).await
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        looked_up("route-table-id", ids, |filter| described(aws, Some(filter))).await
    }

    async fn cut(&self, aws: &Aws, resource: &Resource, link: &Link) -> Result<(), CloudError> {
        for handle in &link.via {
            let answer = if link.how == how::ROUTES_THROUGH {
                delete_route(aws, resource, handle).await
            } else {
                disassociate(aws, handle).await
            };
            match answer {
                Ok(()) => {}
                Err(error) if error.class == ErrorClass::Gone => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let mut answer = delete_table(aws, resource).await;
        if matches!(&answer, Err(error) if error.class == ErrorClass::NotYet) {
            forget_subnets(aws, resource).await;
            answer = delete_table(aws, resource).await;
        }
        answer
    }
}

async fn delete_table(aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
    let call = aws.ec2.delete_route_table().route_table_id(&resource.key.id).set_dry_run(aws.dry_run());
    aws.change("ec2:DeleteRouteTable", || call.send()).await
}

/// Severs the associations with subnets that the plan knew and has deleted by now. AWS drops them with
/// the subnet; an endpoint that keeps them (emulators do) refuses the table until they are taken away.
async fn forget_subnets(aws: &Aws, resource: &Resource) {
    let subnets = resource.links_as(how::ASSOCIATED).filter(|link| link.to.kind.as_str() == "subnet");
    for handle in subnets.flat_map(|link| &link.via) {
        // Whether it helped, the second delete tells.
        drop(disassociate(aws, handle).await);
    }
}

async fn disassociate(aws: &Aws, association: &str) -> Result<(), CloudError> {
    let call = aws.ec2.disassociate_route_table().association_id(association).set_dry_run(aws.dry_run());
    aws.change("ec2:DisassociateRouteTable", || call.send()).await
}

/// Takes out the route to this destination.
async fn delete_route(aws: &Aws, resource: &Resource, destination: &str) -> Result<(), CloudError> {
    let call = aws.ec2.delete_route().route_table_id(&resource.key.id).set_dry_run(aws.dry_run());
    let call = match destination.contains(':') {
        true => call.destination_ipv6_cidr_block(destination),
        false => call.destination_cidr_block(destination),
    };
    aws.change("ec2:DeleteRoute", || call.send()).await
}

async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws.ec2.describe_route_tables().set_filters(filter.map(|it| vec![it])).max_results(PAGE);
    let pages = aws
        .pages(
            "ec2:DescribeRouteTables",
            |token| call.clone().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(pages.iter().flat_map(|page| page.route_tables()).filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let id = it.route_table_id()?;
    let mut resource = ec2_resource(site, NAME, id, it.tags(), it.owner_id());
    resource.arn = Some(site.arn("ec2", &format!("route-table/{id}")));
    if let Some(vpc) = it.vpc_id() {
        resource.links.insert(Link::new(how::WITHIN, site.key("vpc", vpc)));
        if it.associations().iter().any(|association| association.main() == Some(true)) {
            resource.links.insert(Link::new(how::MADE_BY, site.key("vpc", vpc)));
        }
    }
    for association in it.associations().iter().filter(|it| it.main() != Some(true)) {
        add_association(site, association, &mut resource);
    }
    add_routes(site, it.routes(), &mut resource);
    let beyond: BTreeSet<&str> = it.routes().iter().filter_map(|route| route.transit_gateway_id()).collect();
    let beyond: Vec<&str> = beyond.into_iter().collect();
    fact(&mut resource, facts::LEADS_TO, (!beyond.is_empty()).then(|| beyond.join(",")));
    fact(&mut resource, facts::ROUTES, counted_routes(it.routes()).map(|count| count.to_string()));
    Some(resource)
}

/// How many routes count, of IPv4 or of IPv6, whichever are more: each has the quota for itself, and
/// routes that a gateway propagates have another one. The local route is counted too: AWS does not say
/// that it is not. <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
///
/// A prefix list counts as many as it may hold, which no route tells: then the count is not known. The
/// list of a gateway endpoint is AWS's own, and that of S3 or DynamoDB counts as one.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html>
fn counted_routes(routes: &[Route]) -> Option<usize> {
    let (mut ipv4, mut ipv6) = (0, 0);
    for route in routes.iter().filter(|it| it.origin() != Some(&RouteOrigin::EnableVgwRoutePropagation)) {
        if route.destination_prefix_list_id().is_some() {
            route.gateway_id().filter(|gateway| gateway.starts_with("vpce-"))?;
            ipv4 += 1;
        } else if route.destination_ipv6_cidr_block().is_some() {
            ipv6 += 1;
        } else {
            ipv4 += 1;
        }
    }
    Some(ipv4.max(ipv6))
}

fn add_association(site: &Site, it: &Association, resource: &mut Resource) {
    let handle = it.route_table_association_id().map(str::to_owned).into_iter().collect();
    if let Some(subnet) = it.subnet_id() {
        resource.links.insert(Link::via(how::ASSOCIATED, site.key("subnet", subnet), handle));
        return;
    }
    let gateway = it.gateway_id().and_then(|id| Some((CATALOG.of_id(id)?, id)));
    let ruled =
        |spec: &KindSpec| SPEC.links.iter().any(|rule| rule.how == how::ASSOCIATED && rule.to == spec.name);
    match gateway {
        Some((spec, id)) if ruled(spec) => {
            resource.links.insert(Link::via(how::ASSOCIATED, site.key(spec.name, id), handle));
        }
        // A regional NAT gateway's own table: that gateway names it, and holds it.
        Some((spec, _)) if spec.links.iter().any(|rule| rule.to == NAME) => {}
        Some(_) | None => {
            let with =
                it.gateway_id().or(it.public_ipv4_pool()).unwrap_or("something that AWS does not name");
            guard(resource, GuardRule::UnknownMaker, format!("it is associated with {with}"));
        }
    }
}

/// One link to each thing that routes lead to. Those to a Gateway Load Balancer endpoint carry their
/// destinations, which is what the cut takes. A gateway endpoint's routes, known by their prefix list,
/// are its own: they go with it, and no link is made of them.
fn add_routes(site: &Site, routes: &[Route], resource: &mut Resource) {
    let mut targets: BTreeMap<Key, Vec<String>> = BTreeMap::new();
    for route in routes {
        let Some(target) = target(site, route) else { continue };
        let destinations = targets.entry(target.clone()).or_default();
        let destination = route.destination_cidr_block().or(route.destination_ipv6_cidr_block());
        if target.kind.as_str() == "vpc-endpoint" {
            destinations.extend(destination.map(str::to_owned));
        }
    }
    for (target, destinations) in targets {
        resource.links.insert(Link::via(how::ROUTES_THROUGH, target, destinations));
    }
}

/// What a route leads to, of the things this program knows: its id tells the kind. A route to an instance
/// names its interface as well, which is what the link is to.
fn target(site: &Site, route: &Route) -> Option<Key> {
    let ids = [
        route.nat_gateway_id(),
        route.network_interface_id(),
        route.egress_only_internet_gateway_id(),
        route.vpc_peering_connection_id(),
        route.transit_gateway_id(),
        route.carrier_gateway_id(),
        route.gateway_id(),
    ];
    let id = ids.into_iter().flatten().next()?;
    // A gateway endpoint's routes, known by their prefix list, are its own: they go with it.
    if id.starts_with("vpce-") && route.destination_prefix_list_id().is_some() {
        return None;
    }
    let spec = CATALOG.of_id(id).filter(|spec| spec.route_target == RouteTarget::Yes)?;
    Some(site.key(spec.name, id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::kinds::testing::{ACCOUNT, guards, links, site};
    use crate::model::Amount;

    fn table() -> aws_sdk_ec2::types::builders::RouteTableBuilder {
        Described::builder().route_table_id("rtb-1").vpc_id("vpc-1").owner_id(ACCOUNT)
    }

    fn association(id: &str) -> aws_sdk_ec2::types::builders::RouteTableAssociationBuilder {
        Association::builder().route_table_association_id(id)
    }

    #[test]
    fn the_transit_gateways_that_its_routes_lead_to_are_kept_once_each() {
        let it = table()
            .routes(to("10.3.0.0/16").transit_gateway_id("tgw-2").build())
            .routes(to("10.1.0.0/16").transit_gateway_id("tgw-1").build())
            .routes(to("10.2.0.0/16").transit_gateway_id("tgw-1").build())
            .build();
        assert_eq!(read(&site(), &it).unwrap().facts[facts::LEADS_TO], "tgw-1,tgw-2");
        assert!(!read(&site(), &table().build()).unwrap().facts.contains_key(facts::LEADS_TO));
    }

    #[test]
    fn the_main_table_goes_with_its_vpc() {
        let it = table().associations(association("rtbassoc-1").main(true).build()).build();
        assert_eq!(links(&read(&site(), &it).unwrap()), ["made-by vpc vpc-1", "within vpc vpc-1"]);
    }

    #[test]
    fn a_table_carries_each_association_with_its_id() {
        let it = table()
            .associations(association("rtbassoc-1").main(false).subnet_id("subnet-1").build())
            .associations(association("rtbassoc-2").gateway_id("igw-1").build())
            .build();
        assert_eq!(
            links(&read(&site(), &it).unwrap()),
            [
                r#"associated internet-gateway igw-1 ["rtbassoc-2"]"#,
                r#"associated subnet subnet-1 ["rtbassoc-1"]"#,
                "within vpc vpc-1",
            ]
        );
    }

    #[test]
    fn a_table_of_a_gateway_that_no_kind_knows_is_guarded() {
        let of = |gateway: &str| {
            table().associations(association("rtbassoc-1").gateway_id(gateway).build()).build()
        };
        assert_eq!(guards(&read(&site(), &of("vgw-1")).unwrap()), [GuardRule::UnknownMaker]);
        assert!(guards(&read(&site(), &of("nat-1")).unwrap()).is_empty());
    }

    fn to(destination: &str) -> aws_sdk_ec2::types::builders::RouteBuilder {
        match destination {
            list if list.starts_with("pl-") => Route::builder().destination_prefix_list_id(list),
            ipv6 if ipv6.contains(':') => Route::builder().destination_ipv6_cidr_block(ipv6),
            ipv4 => Route::builder().destination_cidr_block(ipv4),
        }
    }

    #[test]
    fn routes_count_by_family_and_propagated_ones_do_not() {
        let propagated = || to("10.9.0.0/16").origin(RouteOrigin::EnableVgwRoutePropagation).build();
        let routes = [
            to("10.0.0.0/16").gateway_id("local").build(),
            to("0.0.0.0/0").nat_gateway_id("nat-1").build(),
            to("pl-s3").gateway_id("vpce-1").build(),
            to("::/0").gateway_id("igw-1").build(),
            propagated(),
            propagated(),
        ];
        assert_eq!(counted_routes(&routes), Some(3));
        let more_ipv6 = ["::/0", "64:ff9b::/96", "10.0.0.0/16"].map(|it| to(it).build());
        assert_eq!(counted_routes(&more_ipv6), Some(2));
    }

    #[test]
    fn a_table_with_a_prefix_list_of_unknown_size_has_an_unknown_number_of_routes() {
        let it = table().routes(to("pl-own").transit_gateway_id("tgw-1").build()).build();
        let resource = read(&site(), &it).unwrap();
        let used: Vec<Amount> = SPEC.quotas.iter().map(|quota| (quota.amount)(&resource)).collect();
        assert_eq!(used, [Amount::Known(1), Amount::Unknown]);
    }

    #[test]
    fn routes_are_links_once_per_target_and_only_an_endpoints_carry_destinations() {
        let it = table()
            .routes(Route::builder().destination_cidr_block("10.0.0.0/16").gateway_id("local").build())
            .routes(Route::builder().destination_cidr_block("0.0.0.0/0").nat_gateway_id("nat-1").build())
            .routes(
                Route::builder().destination_ipv6_cidr_block("64:ff9b::/96").nat_gateway_id("nat-1").build(),
            )
            .routes(Route::builder().destination_cidr_block("1.0.0.0/8").gateway_id("igw-1").build())
            .routes(Route::builder().destination_cidr_block("2.0.0.0/8").gateway_id("vpce-1").build())
            .routes(Route::builder().destination_ipv6_cidr_block("::/0").gateway_id("vpce-1").build())
            .routes(Route::builder().destination_prefix_list_id("pl-s3").gateway_id("vpce-2").build())
            .build();
        assert_eq!(
            links(&read(&site(), &it).unwrap()),
            [
                "routes-through internet-gateway igw-1",
                "routes-through nat-gateway nat-1",
                r#"routes-through vpc-endpoint vpce-1 ["2.0.0.0/8", "::/0"]"#,
                "within vpc vpc-1",
            ]
        );
    }
}
