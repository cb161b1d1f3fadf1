//! Every kind against the embedded AWS, through the real SDK: what a listing sees, a look sees too.

use std::collections::{BTreeMap, BTreeSet};

use aws_janitor_sandbox::{Sandbox, scenario};

use super::ALL;
use crate::aws::embedded::Door;
use crate::aws::scripted::aws_over;
use crate::aws::{Aws, Site};
use crate::model::{
    AccountId, Class, ErrorClass, GuardRule, Key, KindName, Life, Link, Region, Resource, Scope, words::how,
};
use crate::session::CallMode;

/// The clients for one region of this embedded AWS.
fn aws(sandbox: &Sandbox, region: Region) -> Aws {
    let account = AccountId::new(sandbox.world().account.clone());
    aws_over(Door::new(sandbox.clone()), Site { region, account }, CallMode::Real)
}

/// Everything in a scenario's first region and in its account, by key; each kind looked at once more
/// by its ids, which must tell the same.
async fn everything(name: &str) -> BTreeMap<Key, Resource> {
    // The clock stands still, almost: nothing changes between a listing and a look.
    let world = scenario::build(name, 1e-6, "2026-11-20T10:00:00Z".parse().unwrap()).unwrap();
    let sandbox = Sandbox::new(world);
    let mut all = BTreeMap::new();
    for kind in ALL {
        let region = match kind.spec().scope {
            Scope::Regional => Region::new("us-east-1"),
            Scope::Global => Region::global(),
        };
        let aws = aws(&sandbox, region);
        let name = kind.spec().name;
        let listed = kind.list(&aws).await.unwrap_or_else(|error| panic!("list {name}: {error}"));
        let ids: Vec<String> = listed.iter().map(|resource| resource.key.id.to_string()).collect();
        let looked = kind.look(&aws, &ids).await.unwrap_or_else(|error| panic!("look {name}: {error}"));
        for it in &listed {
            let unforeseen = it.guards.iter().find(|guard| !kind.spec().guards.contains(&guard.rule));
            assert!(unforeseen.is_none(), "{}: its spec foresees no {unforeseen:?}", it.key);
        }
        let by_key = |found: Vec<Resource>| -> BTreeMap<Key, Resource> {
            found.into_iter().map(|resource| (resource.key.clone(), resource)).collect()
        };
        let (listed, looked) = (by_key(listed), by_key(looked));
        assert_eq!(listed, looked, "{name}");
        assert!(listed.keys().all(|key| key.kind.as_str() == name), "{name}");
        all.extend(listed);
    }
    all
}

#[tokio::test]
async fn a_look_tells_the_same_as_the_listing_of_every_kind() {
    for name in ["failed-eks", "shared-vpc", "cycle"] {
        assert!(!everything(name).await.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn every_interface_in_use_has_a_maker_that_was_seen() {
    let all = everything("failed-eks").await;
    let in_use = all
        .values()
        .filter(|it| it.key.kind.as_str() == "network-interface" && it.state.as_deref() == Some("in-use"));
    let mut makers = BTreeSet::new();
    for interface in in_use {
        let made_by =
            interface.links.iter().find(|link| [how::MADE_BY, how::ATTACHED].contains(&link.how.as_ref()));
        let maker = &made_by.unwrap_or_else(|| panic!("{interface:?}")).to;
        assert!(all.contains_key(maker), "{} was made by {maker}, which nobody saw", interface.key);
        makers.insert(maker.kind.as_str().to_owned());
    }
    for kind in ["nat-gateway", "eks-cluster", "instance", "load-balancer"] {
        assert!(makers.contains(kind), "{kind} made none: {makers:?}");
    }
}

#[tokio::test]
async fn nothing_of_the_story_is_of_an_unknown_maker() {
    let all = everything("failed-eks").await;
    let unknown =
        all.values().filter(|it| it.guards.iter().any(|guard| guard.rule == GuardRule::UnknownMaker));
    let unknown: Vec<String> = unknown.map(|it| format!("{}: {:?}", it.key, it.guards)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[tokio::test]
async fn every_far_end_that_holds_or_is_waited_for_was_seen() {
    let all = everything("failed-eks").await;
    for resource in all.values().filter(|resource| resource.life == Life::Standing) {
        let spec = super::named(resource.key.kind.as_str()).unwrap().spec();
        for link in &resource.links {
            let matters = spec.rule(&link.how, &link.to.kind).is_some();
            // A part is no resource of its own, and AWS's own policies are not the account's.
            let part =
                spec.parts.contains(&link.to.kind.as_str()) || link.to.id.starts_with("arn:aws:iam::aws:");
            assert!(
                !matters || part || all.contains_key(&link.to),
                "{} {} {}",
                resource.key,
                link.how,
                link.to
            );
        }
    }
}

#[tokio::test]
async fn groups_in_a_ring_name_each_other_by_rules_that_can_be_revoked() {
    let all = everything("cycle").await;
    let naming: Vec<_> = all
        .values()
        .flat_map(|group| group.links_as(how::NAMES).chain(group.links_as(how::NAMES_OUTBOUND)))
        .collect();
    assert!(naming.len() >= 2);
    assert!(naming.iter().all(|link| !link.via.is_empty()), "{naming:?}");
}

/// A kind's clients in a world, and the ids of some that stand there.
async fn standing(sandbox: &Sandbox, kind: &dyn super::Kind) -> (Aws, Vec<Resource>) {
    let region = match kind.spec().scope {
        Scope::Regional => Region::new("us-east-1"),
        Scope::Global => Region::global(),
    };
    let aws = aws(sandbox, region);
    let listed = kind.list(&aws).await.unwrap();
    (aws, listed)
}

/// An id in the form of this kind's that nothing has.
fn missing(kind: &dyn super::Kind) -> String {
    kind.spec().ids.form("0ffffffffffffffff", "us-east-1", "111122223333")
}

fn still_world() -> Sandbox {
    Sandbox::new(scenario::build("failed-eks", 1e-6, "2026-11-20T10:00:00Z".parse().unwrap()).unwrap())
}

#[tokio::test]
async fn a_look_leaves_out_what_is_gone_and_tells_the_rest() {
    let sandbox = still_world();
    for kind in ALL {
        let (aws, listed) = standing(&sandbox, *kind).await;
        let mut ids: Vec<String> = listed.iter().map(|it| it.key.id.to_string()).collect();
        ids.insert(ids.len() / 2, missing(*kind));
        let looked = kind.look(&aws, &ids).await;
        let looked = looked.unwrap_or_else(|error| panic!("{}: {error}", kind.spec().name));
        let keys = |found: &[Resource]| -> BTreeSet<Key> { found.iter().map(|it| it.key.clone()).collect() };
        assert_eq!(keys(&looked), keys(&listed), "{}", kind.spec().name);
    }
}

#[tokio::test]
async fn to_delete_what_is_gone_is_success_for_every_kind_that_is_deleted() {
    let sandbox = still_world();
    for kind in ALL.iter().filter(|kind| kind.spec().class != Class::Witness) {
        let name = kind.spec().name;
        let (aws, _) = standing(&sandbox, *kind).await;
        let mut gone = Resource::new(Key::new(kind.spec().kind(), aws.site.region.clone(), missing(*kind)));
        for rule in kind.spec().links.iter().filter(|rule| rule.cut.is_some()) {
            let to = Key::new(KindName::of(rule.to), aws.site.region.clone(), "gone");
            gone.links.insert(Link::via(rule.how, to, vec!["gone".to_owned()]));
        }
        for answer in kind.delete(&aws, std::slice::from_ref(&gone)).await {
            let class = answer.err().map(|error| (error.class, error));
            assert!(matches!(class, None | Some((ErrorClass::Gone, _))), "delete {name}: {class:?}");
        }
    }
}

#[tokio::test]
async fn to_delete_a_second_time_what_is_leaving_is_success_or_waits() {
    let sandbox = still_world();
    for kind in ALL {
        let name = kind.spec().name;
        let (aws, listed) = standing(&sandbox, *kind).await;
        for resource in listed {
            let one = std::slice::from_ref(&resource);
            if kind.delete(&aws, one).await.iter().any(Result::is_err) {
                continue;
            }
            for answer in kind.delete(&aws, one).await {
                let class = answer.err().map(|error| (error.class, error));
                let fine = matches!(class, None | Some((ErrorClass::Gone | ErrorClass::NotYet, _)));
                assert!(fine, "delete {name} {} again: {class:?}", resource.key);
            }
        }
    }
}
