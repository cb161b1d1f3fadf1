//! A cluster without a word of its own that stands wholly on the stack. The claims ask it where neither tags nor
//! marks tell whose one is.
//!
//! CloudFormation's tags do not reach what a custom resource makes, and so not the cluster of a CDK app; but its
//! role, its subnets and its groups carry them. One link to anything else, and nobody knows whose it is.

use crate::inventory::marks;
use crate::kinds::{CATALOG, is};
use crate::model::words::how;
use crate::model::{Class, Key, Position};

use super::super::stack;
use super::super::view::label;
use super::{Register, Standing, Subject, tags};

impl Register<'_> {
    /// A role, every subnet and every group of one and the same stack, by its own tags.
    pub(super) fn by_ground(&self, it: Subject<'_>) -> Option<Standing> {
        if !is(&it.key.kind, Position::Cluster) || !it.resource.tags.is_empty() {
            return None;
        }
        let links = [how::WITHIN, how::USES].into_iter().flat_map(|role| it.resource.links_as(role));
        let around = |key: &Key| is(&key.kind, Position::Network);
        let ground: Vec<&Key> = links.map(|link| &link.to).filter(|to| !around(to)).collect();
        let role = ground.iter().find(|to| is(&to.kind, Position::Role))?;
        let subnet = ground.iter().find(|to| is(&to.kind, Position::Subnet))?;
        let own = self.own_stack(role)?;
        let all =
            ground.iter().all(|to| self.own_stack(to).as_ref() == Some(&own) && self.is_free(to, it.key));
        let shown = self.view.get(role).map(|role| stack::tags_shown(role, self.selector.stack_key()))?;
        let why = format!(
            "stands wholly on {}, {} and what else it works with, all with stack tags {shown}",
            label(role),
            label(subnet)
        );
        (all && !self.works_for_strangers(it.key)).then_some(Standing::Own(why))
    }

    /// Whether machines, or what keeps machines, bear a cluster's mark and are not the stack's. Those that EKS made for
    /// a node group are judged with that.
    fn works_for_strangers(&self, cluster: &Key) -> bool {
        let works = |key: &Key| {
            is(&key.kind, Position::Machine)
                || CATALOG.get(&key.kind).is_some_and(|spec| spec.class == Class::Witness)
        };
        self.view.inventory.resources.iter().any(|(key, resource)| {
            works(key)
                && marks::claims(resource).iter().any(|mark| mark.cluster == *cluster.id)
                && self.own_stack(key).is_none()
                && !tags::are_of_nodes(&resource.tags)
        })
    }

    /// Whether neither a service nor another cluster claims what a cluster stands on.
    fn is_free(&self, key: &Key, cluster: &Key) -> bool {
        self.view.get(key).is_some_and(|resource| {
            let marks = marks::claims(resource);
            let strange = marks.iter().any(|mark| mark.cluster != cluster.id);
            let kept = |(key, value): (&String, &String)| {
                marks::claim(key, value).is_none()
                    && (tags::is_of_a_service(key) || key == tags::SCALING_GROUP)
            };
            !strange && !resource.tags.iter().any(kept)
        })
    }
}
