//! Who stands among a stack's things and is none of them: takes the claims and what says of itself that it belongs
//! elsewhere, and gives the memberships by which it is judged whether a stack lives.
//!
//! What lies in a stack's network counts as its own until somebody else claims it. Another team's machine there
//! keeps the network, and shows nothing of whether the stack lives: else the report would ask to call the stack
//! abandoned for a neighbour's sake.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::words::how;
use crate::model::{Key, Resource, Verdict};
use crate::policy::Selector;

use super::claims::{Claims, Standing};
use super::selection::is_stranger;
use super::stack;
use super::view::View;

/// The memberships without those of strangers.
pub(super) fn without(
    strangers: &BTreeSet<Key>,
    membership: &BTreeMap<Key, String>,
) -> BTreeMap<Key, String> {
    let own = membership.iter().filter(|(key, _)| !strangers.contains(key));
    own.map(|(key, stack)| (key.clone(), stack.clone())).collect()
}

/// The strangers, and what they made.
pub(super) fn find(view: &View<'_>, selector: &Selector, claims: &Claims) -> BTreeSet<Key> {
    let named = |resource: &Resource| stack::own(resource, selector.stack_key()).is_some();
    let claimed = |key: &Key| match claims.get(key) {
        Some(Standing::Not(ruling)) => ruling.verdict == Verdict::Foreign,
        Some(Standing::Own(_)) | None => false,
    };
    let unnamed = || view.inventory.resources.iter().filter(|(_, resource)| !named(resource));
    let apart = unnamed().filter(|(key, it)| claimed(key) || is_stranger(view, it, selector));
    let mut found: BTreeSet<Key> = apart.map(|(key, _)| key.clone()).collect();
    loop {
        let made = |resource: &Resource| {
            let makers = [how::MADE_BY, how::OF_CLUSTER].into_iter().flat_map(|role| resource.links_as(role));
            let carriers = view.at(&resource.key).carriers.iter();
            makers.map(|link| &link.to).chain(carriers).any(|maker| found.contains(maker))
        };
        let more = unnamed().filter(|(key, it)| !found.contains(*key) && made(it));
        let more: Vec<Key> = more.map(|(key, _)| key.clone()).collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use crate::inventory::testing::{World, at};
    use crate::judge::tests::{attempt, check, policy, stack};
    use crate::model::Verdict;
    use crate::model::words::{fact, how};

    const DAYS_AGO: &str = "2026-11-19T12:00:00Z";

    /// The failed attempt, an address of its own that nothing concerns, and a machine in its network that runs.
    fn with_a_machine() -> World {
        let mut world = attempt();
        world.add("elastic-ip", "eipalloc-9").born("elastic-ip", "eipalloc-9", DAYS_AGO);
        stack(&mut world, "elastic-ip", "eipalloc-9", "attempt-1");
        world.add("instance", "i-9").link("instance", "i-9", how::WITHIN, "subnet", "subnet-1");
        let machine = world.get("instance", "i-9");
        (machine.state, machine.created) = (Some("running".to_owned()), Some(at(DAYS_AGO)));
        world
    }

    #[test]
    fn another_teams_machine_keeps_the_network_and_shows_no_life_of_the_stack() {
        let tagged: [&[(&str, &str)]; 3] = [
            &[("team", "blue")],
            // One of the stack's own keys, with another value.
            &[("Project", "billing")],
            &[("kubernetes.io/cluster/prod", "owned")],
        ];
        for tags in tagged {
            let mut world = with_a_machine();
            for (key, value) in tags {
                world.tag("instance", "i-9", key, value);
            }
            check(&world, &policy(), "instance", "i-9", Verdict::Foreign, "");
            check(&world, &policy(), "vpc", "vpc-1", Verdict::Uncertain, "i-9");
            check(&world, &policy(), "elastic-ip", "eipalloc-9", Verdict::Orphan, "");
        }
    }

    #[test]
    fn a_machine_that_nobody_claims_may_be_the_stacks_and_shows_that_it_lives() {
        let world = with_a_machine();
        check(&world, &policy(), "elastic-ip", "eipalloc-9", Verdict::Active, "lives");
    }

    #[test]
    fn what_a_strangers_cluster_made_is_a_strangers_too() {
        let mut world = with_a_machine();
        world.add("eks-cluster", "ml").link("eks-cluster", "ml", how::WITHIN, "subnet", "subnet-1");
        world.tag("eks-cluster", "ml", "team", "ml");
        world.add("eks-nodegroup", "ml/ng");
        world.link("eks-nodegroup", "ml/ng", how::OF_CLUSTER, "eks-cluster", "ml");
        world.get("eks-nodegroup", "ml/ng").state = Some("ACTIVE".to_owned());
        world.link("instance", "i-9", how::MADE_BY, "eks-nodegroup", "ml/ng");
        world.fact("instance", "i-9", fact::STARTED, DAYS_AGO);
        check(&world, &policy(), "eks-cluster", "ml", Verdict::Foreign, "team=ml");
        check(&world, &policy(), "elastic-ip", "eipalloc-9", Verdict::Orphan, "");
        check(&world, &policy(), "vpc", "vpc-1", Verdict::Uncertain, "");
    }
}
