//! What stands on the stack's own ground, and what only lies where everybody puts things of his own.

use crate::inventory::testing::{World, key};
use crate::judge::tests::judged;
use crate::model::words::how;
use crate::model::{AccountId, Guard, GuardRule, Judged, Verdict};

use super::tests::{own, policy};

const BY_TAG: &str = "tag:Project=shop,tag:EnvironmentSuffix=a1";

#[track_caller]
fn one(world: &World, select: &str, kind: &str, id: &str) -> Judged {
    judged(&world.inventory, &policy(select)).verdicts.remove(&key(kind, id)).expect("judged")
}

/// What somebody put into a VPC where everybody may, with a name and no more.
const OF_OTHERS: [(&str, &str); 6] = [
    ("subnet", "subnet-office"),
    ("route-table", "rtb-office"),
    ("nat-gateway", "nat-office"),
    ("elastic-ip", "eipalloc-office"),
    ("security-group", "sg-office"),
    ("vpc-endpoint", "vpce-office"),
];

/// A VPC in which somebody has things.
fn office() -> World {
    let mut world = World::new();
    world.add("vpc", "vpc-9");
    for (kind, id) in OF_OTHERS {
        world.add(kind, id).tag(kind, id, "Name", "office");
        if kind != "elastic-ip" {
            world.link(kind, id, how::WITHIN, "vpc", "vpc-9");
        }
    }
    world.link("nat-gateway", "nat-office", how::WITHIN, "subnet", "subnet-office");
    world.link("nat-gateway", "nat-office", how::USES, "elastic-ip", "eipalloc-office");
    world
}

/// The same, with a group of the stack's beside them.
fn common() -> World {
    let mut world = office();
    world.add("security-group", "sg-1").link("security-group", "sg-1", how::WITHIN, "vpc", "vpc-9");
    own(&mut world, "security-group", "sg-1");
    world
}

#[test]
fn who_names_a_vpc_where_everybody_puts_things_does_not_mean_what_others_put_there() {
    let default = |world: &mut World| {
        let why = "is a default VPC".to_owned();
        world.get("vpc", "vpc-9").guards.insert(Guard { rule: GuardRule::DefaultThing, why });
    };
    let shared = |world: &mut World| {
        world.get("vpc", "vpc-9").owner = Some(AccountId::new("999999999999"));
    };
    // Even one that somebody has adopted and tagged as the stack's.
    let adopted = |world: &mut World| {
        default(world);
        own(world, "vpc", "vpc-9");
    };
    let protected = (Verdict::Protected, "a default VPC, and nothing says whose it is");
    let nobodys = (Verdict::Uncertain, "it lies in nothing that is the stack's");
    let changes = [(&default as &dyn Fn(&mut World), protected), (&shared, nobodys), (&adopted, protected)];
    for (change, (verdict, evidence)) in changes {
        let mut world = common();
        change(&mut world);
        for (kind, id) in OF_OTHERS {
            let judged = one(&world, "vpc=vpc-9", kind, id);
            assert_ne!(judged.verdict, Verdict::Orphan, "{kind} {id}: {:#?}", judged.evidence);
        }
        let group = one(&world, "vpc=vpc-9", "security-group", "sg-office");
        assert_eq!(group.verdict, verdict, "{group:#?}");
        assert!(group.evidence[0].contains(evidence), "{group:#?}");
        // What says that it is the stack's goes.
        let own = one(&world, BY_TAG, "security-group", "sg-1");
        assert_eq!(own.verdict, Verdict::Orphan, "{:#?}", own.evidence);
    }
    // A VPC of the account's own, made for a stack, is the stack's with all that nobody claims.
    for (kind, id) in OF_OTHERS {
        assert_eq!(one(&office(), "vpc=vpc-9", kind, id).verdict, Verdict::Orphan, "{kind} {id}");
    }
}
