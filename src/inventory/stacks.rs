//! Joins stacks of CloudFormation's with their members: takes an inventory, and adds the links that a stack's record
//! and AWS's tags tell. `closure` calls it.
//!
//! A record names its members by physical ids, which for most kinds are ours; an Elastic IP is named by its address,
//! others by their ARN. Never by a name that somebody else may have given to a thing of his. Not every kind takes CloudFormation's tags (roles and templates do not), so the
//! record is what tells.

use std::collections::{BTreeMap, BTreeSet};

use super::Inventory;
use super::marks;
use crate::kinds::{self, is};
use crate::model::words::{fact, how};
use crate::model::{Key, KindName, Link, Position, Region, Resource};

/// Adds the links of members to their stacks, by records and by tags.
pub(super) fn join(inventory: &mut Inventory) {
    let members = members(inventory);
    for (key, resource) in &mut inventory.resources {
        resource.links.extend(members.get(key).into_iter().flatten().cloned());
    }
    mark(inventory);
}

/// Adds the links of what AWS's tags say of which stack it is: by these alone, a stack that no listing shows is asked
/// for by its id.
pub fn mark(inventory: &mut Inventory) {
    for resource in inventory.resources.values_mut() {
        resource.links.retain(|link| link.how != how::TAGGED_BY);
        resource.links.extend(tagged_by(resource).map(|stack| Link::new(how::TAGGED_BY, stack)));
    }
}

/// The stack whose id a resource's tags name. Users cannot write `aws:` tags.
fn tagged_by(resource: &Resource) -> Option<Key> {
    let arn = marks::cloudformation_stack_id(resource)?;
    let region = arn.split(':').nth(3).filter(|region| !region.is_empty())?;
    let stack = Key::new(kinds::that_is(Position::Stack), Region::new(region), arn);
    (stack != resource.key).then_some(stack)
}

/// The links of each member that is in the inventory to its stacks, with what the record says of a failed deletion.
fn members(inventory: &Inventory) -> BTreeMap<Key, BTreeSet<Link>> {
    let mut members: BTreeMap<Key, BTreeSet<Link>> = BTreeMap::new();
    let stacks = || inventory.resources.iter().filter(|(key, _)| is(&key.kind, Position::Stack));
    let owned = || stacks().flat_map(|(stack, it)| it.links_as(how::OWNS).map(move |link| (stack, link)));
    // Only where a record names something otherwise than we do is an index worth its price.
    let strange: BTreeSet<(&KindName, &Region)> = owned()
        .map(|(_, link)| &link.to)
        .filter(|to| !inventory.resources.contains_key(*to))
        .map(|to| (&to.kind, &to.region))
        .collect();
    let mut named: BTreeMap<(&KindName, &Region, &str), Vec<&Key>> = BTreeMap::new();
    for (key, it) in inventory.resources.iter().filter(|(key, _)| strange.contains(&(&key.kind, &key.region)))
    {
        let address = it.facts.get(fact::PUBLIC_IP);
        for name in it.arn.iter().chain(address) {
            named.entry((&key.kind, &key.region, name)).or_default().push(key);
        }
    }
    for (stack, link) in owned() {
        let to = &link.to;
        let by_id = inventory.resources.get_key_value(to).map(|(key, _)| key);
        let by_name = || named.get(&(&to.kind, &to.region, to.id.as_str())).into_iter().flatten().copied();
        // Of several things of one name nobody knows which is meant: each may be.
        let meant: Vec<&Key> = by_id.map_or_else(|| by_name().collect(), |key| vec![key]);
        for key in meant.into_iter().filter(|key| *key != stack) {
            let member_of = Link::via(how::MEMBER_OF, stack.clone(), link.via.clone());
            members.entry(key.clone()).or_default().insert(member_of);
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::complete;
    use crate::inventory::testing::{World, key};

    const WEB: &str = "arn:aws:cloudformation:us-east-1:123456789012:stack/web/1";

    fn stacks_of(world: &World, of: &Key, role: &str) -> Vec<String> {
        world.inventory.resources[of].links_as(role).map(|link| link.to.id.to_string()).collect()
    }

    #[test]
    fn a_record_names_members_by_id_or_arn_an_address_by_itself_and_nothing_by_a_name_of_anybodys() {
        let mut world = World::new();
        world.add("cloudformation-stack", WEB).add("vpc", "vpc-1").add("elastic-ip", "eipalloc-1");
        world.add("security-group", "sg-1").add("vpc", "vpc-2");
        world.fact("elastic-ip", "eipalloc-1", fact::PUBLIC_IP, "198.51.100.7");
        world.add("load-balancer", "lb");
        world.get("load-balancer", "lb").arn = Some("arn:lb".to_owned());
        let group = world.inventory.resources.get_mut(&key("security-group", "sg-1")).unwrap();
        group.name = Some("web-group".to_owned());
        for (kind, id) in [
            ("vpc", "vpc-1"),
            ("elastic-ip", "198.51.100.7"),
            ("security-group", "web-group"),
            ("load-balancer", "arn:lb"),
            ("vpc", "vpc-9"),
        ] {
            world.link("cloudformation-stack", WEB, how::OWNS, kind, id);
        }
        complete(&mut world.inventory);
        for member in [key("vpc", "vpc-1"), key("elastic-ip", "eipalloc-1"), key("load-balancer", "lb")] {
            assert_eq!(stacks_of(&world, &member, how::MEMBER_OF), [WEB], "{member}");
        }
        for other in [key("vpc", "vpc-2"), key("security-group", "sg-1")] {
            assert!(stacks_of(&world, &other, how::MEMBER_OF).is_empty(), "{other}");
        }
        let once = world.inventory.clone();
        complete(&mut world.inventory);
        assert_eq!(world.inventory, once, "completing twice changes nothing");
    }

    #[test]
    fn tags_of_aws_name_the_stack_whether_or_not_it_stands() {
        let mut world = World::new();
        world.add("vpc", "vpc-1").tag("vpc", "vpc-1", "aws:cloudformation:stack-id", WEB);
        world.add("vpc", "vpc-2").tag("vpc", "vpc-2", "aws:cloudformation:stack-id", "no-arn");
        complete(&mut world.inventory);
        assert_eq!(stacks_of(&world, &key("vpc", "vpc-1"), how::TAGGED_BY), [WEB]);
        assert!(stacks_of(&world, &key("vpc", "vpc-2"), how::TAGGED_BY).is_empty());
    }
}
