//! Derives the links that no single description tells, from the whole inventory. Scans and saved scans go
//! through it; doing it twice changes nothing.
//!
//! A gateway's public address knows its VPC but not the internet gateway it is reached through; a log
//! group knows no cluster but has its name. Listing a kind cannot see this, since it sees one kind.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::words::{fact, how};
use crate::model::{Key, Link, Logs, LookedAfter, MadeFor, Position, Region, Resource};

use super::marks::{self, Hold};
use super::{Inventory, stacks};
use crate::kinds::{self, CATALOG, is, is_log};

/// Roles that only this module makes. They follow from the rest of the inventory, so a saved
/// fingerprint of one resource alone must leave them out.
pub const DERIVED: [&str; 8] = [
    how::MAPPED_THROUGH,
    how::ROUTES_OVER,
    how::MANAGED_FROM,
    how::MADE_FOR_NODES,
    how::MADE_FOR_NODE,
    how::FOR_PODS_OF,
    how::LOGS_TO,
    how::MEMBER_OF,
];

/// Adds every derived link. Doing it twice changes nothing.
pub fn complete(inventory: &mut Inventory) {
    // Derived links of an earlier time may be stale: what they were derived from may be gone.
    for resource in inventory.resources.values_mut() {
        resource.links.retain(|link| !DERIVED.contains(&link.how.as_ref()));
    }
    stacks::join(inventory);
    let view = LinkIndex::of(inventory);
    for (key, resource) in &mut inventory.resources {
        let links = view.links_for(key, resource);
        resource.links.extend(links);
    }
    share(inventory);
}

/// Lets each link name its far end by that one's own key, so that the id is one text in memory and is told as the
/// same at a glance.
fn share(inventory: &mut Inventory) {
    let own: BTreeSet<Key> = inventory.resources.keys().cloned().collect();
    for resource in inventory.resources.values_mut() {
        let links = std::mem::take(&mut resource.links).into_iter();
        let shared = links.map(|link| match own.get(&link.to) {
            Some(to) => Link { to: to.clone(), ..link },
            None => link,
        });
        resource.links = shared.collect();
    }
}

/// What links are derived from.
struct LinkIndex {
    gateways: BTreeMap<Key, BTreeSet<Key>>,
    /// What joins a network to a gateway of no kind here, by the network and that gateway's id.
    joins: BTreeMap<(Key, String), BTreeSet<Key>>,
    clusters: BTreeSet<Key>,
    machines: BTreeSet<Key>,
    logs: BTreeMap<(Region, String), Key>,
    by_issuer: BTreeMap<String, BTreeSet<Key>>,
    node_groups: BTreeMap<(Region, String), BTreeSet<Key>>,
    /// Node groups by the role of their nodes.
    by_role: BTreeMap<Key, BTreeSet<Key>>,
    /// Node groups by the instance profile of their instances.
    by_profile: BTreeMap<Key, BTreeSet<Key>>,
}

impl LinkIndex {
    fn of(inventory: &Inventory) -> Self {
        let mut sources = Self {
            gateways: BTreeMap::new(),
            joins: BTreeMap::new(),
            clusters: BTreeSet::new(),
            machines: BTreeSet::new(),
            logs: BTreeMap::new(),
            by_issuer: BTreeMap::new(),
            node_groups: BTreeMap::new(),
            by_role: BTreeMap::new(),
            by_profile: BTreeMap::new(),
        };
        for (key, resource) in &inventory.resources {
            sources.take(key, resource);
        }
        sources
    }

    fn take(&mut self, key: &Key, resource: &Resource) {
        if is_log(&key.kind) {
            self.logs.insert((key.region.clone(), key.id.to_string()), key.clone());
        }
        if let Some(gateway) = resource.facts.get(fact::JOINS) {
            for link in resource.links_as(how::ATTACHED) {
                self.joins.entry((link.to.clone(), gateway.clone())).or_default().insert(key.clone());
            }
        }
        match CATALOG.position(&key.kind) {
            Position::WayOut => {
                for link in resource.links_as(how::ATTACHED) {
                    self.gateways.entry(link.to.clone()).or_default().insert(key.clone());
                }
            }
            Position::Cluster => {
                self.clusters.insert(key.clone());
                if let Some(issuer) = issuer(resource) {
                    self.by_issuer.entry(issuer).or_default().insert(key.clone());
                }
            }
            Position::NodeGroup => {
                if let Some((cluster, _)) = key.id.split_once('/') {
                    let place = (key.region.clone(), cluster.to_owned());
                    self.node_groups.entry(place).or_default().insert(key.clone());
                }
                for link in resource.links_as(how::USES).filter(|link| is(&link.to.kind, Position::Role)) {
                    self.by_role.entry(link.to.clone()).or_default().insert(key.clone());
                }
            }
            Position::Machine => {
                self.machines.insert(key.clone());
                let groups =
                    resource.links_as(how::MADE_BY).filter(|link| is(&link.to.kind, Position::NodeGroup));
                let groups: BTreeSet<Key> = groups.map(|link| link.to.clone()).collect();
                for link in resource.links_as(how::USES).filter(|link| made_for_nodes(&link.to)) {
                    self.by_profile.entry(link.to.clone()).or_default().extend(groups.iter().cloned());
                }
            }
            Position::Network | Position::Subnet | Position::Role | Position::Stack | Position::Nothing => {}
        }
    }

    fn links_for(&self, key: &Key, resource: &Resource) -> Vec<Link> {
        let mapped = resource
            .links_as(how::PUBLIC_ADDRESS)
            .flat_map(|link| self.gateways.get(&link.to).into_iter().flatten())
            .map(|gateway| Link::new(how::MAPPED_THROUGH, gateway.clone()));
        let made_for =
            self.made_for(key, resource).into_iter().map(|cluster| Link::new(how::MADE_FOR, cluster));
        let managed =
            self.managers(key, resource).into_iter().map(|group| Link::new(how::MANAGED_FROM, group));
        let for_nodes =
            self.node_groups_of(key, resource).into_iter().map(|group| Link::new(how::MADE_FOR_NODES, group));
        let for_node = self.node_of(key, resource).map(|node| Link::new(how::MADE_FOR_NODE, node));
        let clusters = trusted_issuers(resource).filter_map(|issuer| self.by_issuer.get(&issuer)).flatten();
        let for_pods = clusters.map(|cluster| Link::new(how::FOR_PODS_OF, cluster.clone()));
        let log = self.log_of(key, resource).map(|log| Link::new(how::LOGS_TO, log));
        let over = self.joined(resource).into_iter().map(|it| Link::new(how::ROUTES_OVER, it));
        let of_clusters = made_for.chain(managed).chain(for_nodes).chain(for_node).chain(for_pods);
        mapped.chain(of_clusters).chain(log).chain(over).collect()
    }

    /// What joins the network of a route table to the gateways that its routes lead to.
    fn joined(&self, resource: &Resource) -> BTreeSet<Key> {
        let gateways = resource.facts.get(fact::LEADS_TO).into_iter().flat_map(|ids| ids.split(','));
        let networks: Vec<&Key> = resource.links_as(how::WITHIN).map(|link| &link.to).collect();
        let places = gateways.flat_map(|id| networks.iter().map(move |net| ((*net).clone(), id.to_owned())));
        places.filter_map(|place| self.joins.get(&place)).flatten().cloned().collect()
    }

    /// The log that it writes, if that stands: what has not written yet has none.
    fn log_of(&self, key: &Key, resource: &Resource) -> Option<Key> {
        let Logs::Group(of) = CATALOG.get(&key.kind)?.logs else { return None };
        self.logs.get(&(key.region.clone(), of(resource)?)).cloned()
    }

    /// The instance whose network plugin made this and is about to attach it, or has just detached it. One
    /// that is gone has left it behind: then nothing keeps it.
    fn node_of(&self, key: &Key, resource: &Resource) -> Option<Key> {
        let node = resource.facts.get(fact::NODE)?;
        let node = Key::new(kinds::that_is(Position::Machine), key.region.clone(), node);
        self.machines.contains(&node).then_some(node)
    }

    /// The node groups for which EKS made this. Its instances tell the group; without any, its role does.
    fn node_groups_of(&self, key: &Key, resource: &Resource) -> BTreeSet<Key> {
        let MadeFor::NodeGroup(looks_like_it) = made_for(key) else { return BTreeSet::new() };
        if !looks_like_it(resource) {
            return BTreeSet::new();
        }
        let by_instances = self.by_profile.get(key).filter(|groups| !groups.is_empty());
        let by_role = || {
            let roles = resource.links_as(how::CONTAINS);
            roles.filter_map(|link| self.by_role.get(&link.to)).flatten().cloned().collect()
        };
        by_instances.cloned().unwrap_or_else(by_role)
    }

    /// The clusters that this was made for.
    fn made_for(&self, key: &Key, resource: &Resource) -> Vec<Key> {
        match made_for(key) {
            MadeFor::ClusterOfIssuer => {
                let of_issuer = issuer(resource).and_then(|issuer| self.by_issuer.get(&issuer));
                of_issuer.into_iter().flatten().cloned().collect()
            }
            MadeFor::ClusterInName(cluster_in) => {
                let named = cluster_in(&key.id);
                let named =
                    named.map(|name| Key::new(kinds::that_is(Position::Cluster), key.region.clone(), name));
                named.filter(|cluster| self.clusters.contains(cluster)).into_iter().collect()
            }
            MadeFor::Told | MadeFor::NodeGroup(_) => Vec::new(),
        }
    }

    /// The node groups on which the software that made this may run.
    fn managers(&self, key: &Key, resource: &Resource) -> BTreeSet<Key> {
        // What goes by itself with its maker (an interface of a control plane) no controller makes anew.
        let after = CATALOG.get(&key.kind).map(|spec| spec.looked_after);
        if after != Some(LookedAfter::FromNodes) || resource.links_as(how::MADE_BY).next().is_some() {
            return BTreeSet::new();
        }
        marks::claims(resource)
            .into_iter()
            .filter(|claim| claim.hold == Hold::Owned)
            .filter_map(|claim| self.node_groups.get(&(key.region.clone(), claim.cluster)))
            .flatten()
            .cloned()
            .collect()
    }
}

/// The issuer as it is compared: providers are named without the scheme, clusters are described with it.
pub(crate) fn issuer(resource: &Resource) -> Option<String> {
    let issuer = resource.facts.get(fact::ISSUER)?;
    let bare = issuer.strip_prefix("https://").unwrap_or(issuer).trim_end_matches('/');
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// The issuers whose tokens a trust policy lets in: it names their providers by an ARN that ends in the issuer, and so
/// tells them whether or not the providers were read.
///
/// <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>
pub(crate) fn trusted_issuers(resource: &Resource) -> impl Iterator<Item = String> {
    let providers = resource.links_as(how::TRUSTS);
    let providers = providers.filter(|link| matches!(made_for(&link.to), MadeFor::ClusterOfIssuer));
    providers.filter_map(|link| Some(link.to.id.split_once(":oidc-provider/")?.1.to_owned()))
}

/// The region whose cluster has this issuer: `oidc.eks.REGION.amazonaws.com/id/…` (EKS User Guide, "Create an IAM OIDC
/// provider"), and of clusters with both families of addresses `oidc-eks.REGION.api.aws/id/…`.
pub(crate) fn region_of_issuer(issuer: &str) -> Option<Region> {
    let (_, rest) = issuer.split_once("oidc.eks.").or_else(|| issuer.split_once("oidc-eks."))?;
    rest.split_once('.').map(|(region, _)| Region::new(region))
}

/// For what things of this one's kind are made. A kind that the catalog does not have says all itself.
fn made_for(key: &Key) -> MadeFor {
    CATALOG.get(&key.kind).map_or(MadeFor::Told, |spec| spec.made_for)
}

/// Whether EKS makes things of this kind for its node groups.
fn made_for_nodes(key: &Key) -> bool {
    matches!(made_for(key), MadeFor::NodeGroup(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::{World, key};
    use crate::model::KindName;

    fn links(inventory: &Inventory, of: &Key, how: &str) -> Vec<String> {
        inventory.resources[of].links_as(how).map(|link| link.to.id.to_string()).collect()
    }

    #[test]
    fn a_public_address_is_mapped_through_the_gateways_of_its_vpc_alone() {
        let mut world = World::new();
        world.add("vpc", "vpc-1");
        world.add("vpc", "vpc-2");
        world.add("internet-gateway", "igw-1").link(
            "internet-gateway",
            "igw-1",
            how::ATTACHED,
            "vpc",
            "vpc-1",
        );
        world.add("internet-gateway", "igw-2").link(
            "internet-gateway",
            "igw-2",
            how::ATTACHED,
            "vpc",
            "vpc-2",
        );
        world.add("nat-gateway", "nat-1").link("nat-gateway", "nat-1", how::PUBLIC_ADDRESS, "vpc", "vpc-1");
        complete(&mut world.inventory);
        assert_eq!(links(&world.inventory, &key("nat-gateway", "nat-1"), how::MAPPED_THROUGH), ["igw-1"]);

        world.inventory.resources.remove(&key("internet-gateway", "igw-1"));
        complete(&mut world.inventory);
        assert!(links(&world.inventory, &key("nat-gateway", "nat-1"), how::MAPPED_THROUGH).is_empty());
    }

    #[test]
    fn a_table_routes_over_what_joins_its_own_network_to_the_gateway_of_its_routes() {
        let mut world = World::new();
        for (vpc, attachment, gateway) in [
            ("vpc-1", "tgw-attach-1", "tgw-1"),
            ("vpc-1", "tgw-attach-2", "tgw-2"),
            ("vpc-2", "tgw-attach-3", "tgw-1"),
        ] {
            let kind = "transit-gateway-attachment";
            world.add("vpc", vpc).add(kind, attachment).link(kind, attachment, how::ATTACHED, "vpc", vpc);
            world.fact(kind, attachment, fact::JOINS, gateway);
        }
        world.add("route-table", "rtb-1").link("route-table", "rtb-1", how::WITHIN, "vpc", "vpc-1");
        world.fact("route-table", "rtb-1", fact::LEADS_TO, "tgw-1,tgw-9");
        complete(&mut world.inventory);
        let over = |world: &World| links(&world.inventory, &key("route-table", "rtb-1"), how::ROUTES_OVER);
        assert_eq!(over(&world), ["tgw-attach-1"]);
        world.inventory.resources.remove(&key("transit-gateway-attachment", "tgw-attach-1"));
        complete(&mut world.inventory);
        assert!(over(&world).is_empty());
    }

    #[test]
    fn an_oidc_provider_and_a_log_group_find_their_cluster() {
        let mut world = World::new();
        world.add("eks-cluster", "demo").fact("eks-cluster", "demo", fact::ISSUER, "https://oidc.eks/id/A/");
        world.add("eks-cluster", "other").fact("eks-cluster", "other", fact::ISSUER, "https://oidc.eks/id/B");
        let provider = Key::new(KindName::of("iam-oidc-provider"), Region::global(), "arn:p");
        let mut resource = Resource::new(provider.clone());
        resource.facts.insert(fact::ISSUER.to_owned(), "oidc.eks/id/A".to_owned());
        world.inventory.resources.insert(provider.clone(), resource);
        world.add("log-group", "/aws/eks/demo/cluster");
        world.add("log-group", "/aws/eks/gone/cluster");
        world.add("log-group", "/aws/eks/demo/cluster/more");
        complete(&mut world.inventory);
        assert_eq!(links(&world.inventory, &provider, how::MADE_FOR), ["demo"]);
        assert_eq!(
            links(&world.inventory, &key("log-group", "/aws/eks/demo/cluster"), how::MADE_FOR),
            ["demo"]
        );
        assert!(
            links(&world.inventory, &key("log-group", "/aws/eks/gone/cluster"), how::MADE_FOR).is_empty()
        );
        assert!(
            links(&world.inventory, &key("log-group", "/aws/eks/demo/cluster/more"), how::MADE_FOR)
                .is_empty()
        );
    }

    #[test]
    fn a_profile_that_eks_made_goes_with_its_node_group_and_one_of_the_users_does_not() {
        let role = Key::new(KindName::of("iam-role"), Region::global(), "node");
        let profile = |name: &str| Key::new(KindName::of("iam-instance-profile"), Region::global(), name);
        let mut world = World::new();
        world.add("eks-nodegroup", "demo/a").add("eks-nodegroup", "demo/b").add("instance", "i-1");
        let inventory = &mut world.inventory;
        for group in ["demo/a", "demo/b"] {
            let group = inventory.resources.get_mut(&key("eks-nodegroup", group)).unwrap();
            group.links.insert(Link::new(how::USES, role.clone()));
        }
        let instance = inventory.resources.get_mut(&key("instance", "i-1")).unwrap();
        instance.links.insert(Link::new(how::MADE_BY, key("eks-nodegroup", "demo/a")));
        instance.links.insert(Link::new(how::USES, profile("eks-1111")));
        for name in ["eks-1111", "eks-2222", "shop-profile"] {
            let mut resource = Resource::new(profile(name));
            resource.links.insert(Link::new(how::CONTAINS, role.clone()));
            inventory.resources.insert(profile(name), resource);
        }
        complete(inventory);
        assert_eq!(links(inventory, &profile("eks-1111"), how::MADE_FOR_NODES), ["demo/a"]);
        assert_eq!(links(inventory, &profile("eks-2222"), how::MADE_FOR_NODES), ["demo/a", "demo/b"]);
        assert!(links(inventory, &profile("shop-profile"), how::MADE_FOR_NODES).is_empty());
    }

    #[test]
    fn an_interface_of_a_network_plugin_is_for_its_node_as_long_as_that_stands() {
        let mut world = World::new();
        world.add("instance", "i-1").add("network-interface", "eni-1").add("network-interface", "eni-2");
        world.fact("network-interface", "eni-1", fact::NODE, "i-1");
        world.fact("network-interface", "eni-2", fact::NODE, "i-2");
        complete(&mut world.inventory);
        assert_eq!(links(&world.inventory, &key("network-interface", "eni-1"), how::MADE_FOR_NODE), ["i-1"]);
        assert!(links(&world.inventory, &key("network-interface", "eni-2"), how::MADE_FOR_NODE).is_empty());
    }

    #[test]
    fn a_log_group_of_another_region_has_no_cluster_here() {
        let mut world = World::new();
        world.add("eks-cluster", "demo");
        let far = Key::new(KindName::of("log-group"), Region::new("eu-west-1"), "/aws/eks/demo/cluster");
        world.inventory.resources.insert(far.clone(), Resource::new(far.clone()));
        complete(&mut world.inventory);
        assert!(links(&world.inventory, &far, how::MADE_FOR).is_empty());
    }

    #[test]
    fn what_controllers_made_is_managed_from_every_node_group_of_its_cluster() {
        let mut world = World::new();
        world.add("eks-nodegroup", "demo/a").add("eks-nodegroup", "demo/b").add("eks-nodegroup", "other/a");
        world.add("load-balancer", "lb").tag("load-balancer", "lb", "elbv2.k8s.aws/cluster", "demo");
        world.add("subnet", "subnet-1").tag("subnet", "subnet-1", "kubernetes.io/cluster/demo", "owned");
        world.add("volume", "vol-1").tag("volume", "vol-1", "kubernetes.io/cluster/demo", "shared");
        complete(&mut world.inventory);
        assert_eq!(
            links(&world.inventory, &key("load-balancer", "lb"), how::MANAGED_FROM),
            ["demo/a", "demo/b"]
        );
        assert!(links(&world.inventory, &key("subnet", "subnet-1"), how::MANAGED_FROM).is_empty());
        assert!(links(&world.inventory, &key("volume", "vol-1"), how::MANAGED_FROM).is_empty());

        let once = world.inventory.clone();
        complete(&mut world.inventory);
        assert_eq!(world.inventory, once, "completing twice changes nothing");
    }
}
