//! Which stacks also stand in regions that were not asked for: takes what was seen there and the stack key, and gives
//! the gates what keeps the global things of such a stack.
//!
//! A stack is its name and its region, and condemnation reaches no further than the regions asked for. A role, a
//! policy or a provider lies in no region: of two stacks of one name it may be either's, so it stays until both were
//! looked at.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::Inventory;
use crate::kinds::that_is;
use crate::model::{Gate, Key, KindName, Position, Region};
use crate::policy::Selector;

use super::gates::Ground;
use super::stack;
use super::view::label;

/// What was seen of stacks beyond the regions asked for.
pub(super) struct Abroad<'a> {
    /// One thing of each stack that stands there.
    stands: BTreeMap<String, &'a Key>,
    /// Where it was not looked.
    unread: Option<(KindName, Region)>,
}

impl<'a> Abroad<'a> {
    /// Takes the regions in which global things may be used, if they are known.
    pub(super) fn of(
        inventory: &'a Inventory,
        selector: &Selector,
        regions: Option<&BTreeSet<Region>>,
    ) -> Self {
        let mut stands = BTreeMap::new();
        for (key, resource) in &inventory.elsewhere.resources {
            if let Some(stack) = stack::own(resource, selector.stack_key()) {
                stands.entry(stack).or_insert(key);
            }
        }
        // Machines are read in every region for the sake of their roles: where not even they were, nobody looked.
        let machines = that_is(Position::Machine);
        let mut beyond = regions.into_iter().flatten().filter(|region| !inventory.regions.contains(*region));
        let unread = beyond.find(|region| !inventory.saw_users(&machines, region));
        Self { stands, unread: unread.map(|region| (machines, region.clone())) }
    }

    /// Why a global thing of this stack stays, if it may be that of another region.
    pub(super) fn keeps(&self, key: &Key, stack: &str) -> Option<Ground> {
        if !key.region.is_global() {
            return None;
        }
        if let Some(thing) = self.stands.get(stack) {
            let gate = Gate::LifeUnknown { stack: stack.to_owned(), thing: Key::clone(thing) };
            return Some(Ground { gate, why: self.told(stack)? });
        }
        let (kind, region) = self.unread.clone()?;
        let why = format!(
            "whether a stack {stack} also stands in {region} cannot be told: {kind} could not be read there; allow it \
             to be read, or, if nothing of yours is there, say so: --assume-regions with the regions that you use"
        );
        Some(Ground { gate: Gate::LifeUnseen { kind, region }, why })
    }

    /// That a stack of this name stands there as well.
    pub(super) fn told(&self, stack: &str) -> Option<String> {
        let thing = self.stands.get(stack)?;
        let region = &thing.region;
        Some(format!(
            "a stack {stack} also stands in {region} ({}), and what is global may be that one's: look at both with \
             --region {region}",
            label(thing)
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::inventory::Gap;
    use crate::inventory::testing::{World, key};
    use crate::judge::tests::{attempt, check, judged, policy, stack};
    use crate::model::words::{fact, how};
    use crate::model::{Key, KindName, Region, Resource, StackVerdict, Verdict};

    const THERE: &str = "eu-west-1";

    /// The attempt with a policy that nobody uses, in an account that has another region.
    fn world() -> World {
        let mut world = attempt();
        world.add("iam-policy", "arn:loose").born("iam-policy", "arn:loose", "2026-11-19T12:00:00Z");
        stack(&mut world, "iam-policy", "arn:loose", "attempt-1");
        world.beside(THERE);
        world
    }

    fn machine_there(world: &mut World, suffix: &str) {
        let machine = Key::new(KindName::of("instance"), Region::new(THERE), "i-9");
        let mut resource = Resource::new(machine.clone());
        for (name, value) in [("Project", "demo"), ("EnvironmentSuffix", suffix)] {
            resource.tags.insert(name.to_owned(), value.to_owned());
        }
        world.inventory.elsewhere.resources.insert(machine, resource);
    }

    #[test]
    fn what_is_global_stays_while_a_stack_of_its_name_stands_in_another_region() {
        let mut world = world();
        check(&world, &policy(), "iam-policy", "arn:loose", Verdict::Orphan, "stack tags");
        machine_there(&mut world, "attempt-2");
        check(&world, &policy(), "iam-policy", "arn:loose", Verdict::Orphan, "stack tags");
        machine_there(&mut world, "attempt-1");
        check(
            &world,
            &policy(),
            "iam-policy",
            "arn:loose",
            Verdict::Uncertain,
            "also stands in eu-west-1 (i-9)",
        );
        check(&world, &policy(), "elastic-ip", "eipalloc-1", Verdict::Orphan, "");
        // Nobody can say of a name that fits two stacks that nobody wants it.
        let abandoned = crate::policy::Policy { abandoned: vec!["demo/attempt-1".to_owned()], ..policy() };
        check(&world, &abandoned, "iam-policy", "arn:loose", Verdict::Uncertain, "also stands in eu-west-1");
    }

    #[test]
    fn what_is_worked_with_here_or_names_a_cluster_of_here_is_of_here() {
        let mut world = world();
        machine_there(&mut world, "attempt-1");
        for id in ["here", "pods", "pods-there"] {
            world.add("iam-role", id).born("iam-role", id, "2026-11-19T12:00:00Z");
            world.fact("iam-role", id, fact::TRUSTED_SERVICES, "");
            stack(&mut world, "iam-role", id, "attempt-1");
        }
        world.link("eks-cluster", "demo", how::USES, "iam-role", "here");
        world.link("iam-role", "here", how::ATTACHES, "iam-policy", "arn:loose");
        for (id, region) in [("pods", "us-east-1"), ("pods-there", "eu-central-1")] {
            let provider = format!("arn:aws:iam::1:oidc-provider/oidc.eks.{region}.amazonaws.com/id/A");
            world.link("iam-role", id, how::TRUSTS, "iam-oidc-provider", &provider);
        }
        for (kind, id) in [("iam-role", "here"), ("iam-role", "pods"), ("iam-policy", "arn:loose")] {
            check(&world, &policy(), kind, id, Verdict::Orphan, "");
        }
        check(&world, &policy(), "iam-role", "pods-there", Verdict::Uncertain, "");
    }

    #[test]
    fn machines_that_were_not_read_there_keep_what_is_global() {
        let mut world = world();
        let gap = Gap::new(KindName::of("instance"), Region::new(THERE), "denied");
        world.inventory.elsewhere.gaps.insert(gap);
        check(&world, &policy(), "iam-policy", "arn:loose", Verdict::Uncertain, "cannot be told");
    }

    #[test]
    fn a_stack_of_which_only_global_things_lie_here_is_not_called_lost() {
        let mut world = world();
        world.inventory.resources.retain(|it, _| *it == key("iam-policy", "arn:loose"));
        machine_there(&mut world, "attempt-1");
        let stacks = judged(&world.inventory, &policy()).stacks;
        assert_eq!(stacks[0].verdict, StackVerdict::Uncertain);
        assert!(stacks[0].doubts[0].contains("also stands in eu-west-1"), "{:?}", stacks[0].doubts);
    }
}
