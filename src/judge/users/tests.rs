//! Who works with what, and the ways one might miss it.

use crate::inventory::testing::{World, at, key, region};
use crate::inventory::{Elsewhere, Gap};
use crate::kinds::CATALOG;
use crate::model::words::{fact, how};
use crate::model::{Gate, GuardRule, Judged, Key, KindName, Link, Region, Resource, Scope, Verdict};
use crate::policy::Policy;

use super::super::tests::{NOW, attempt, check, guard, judged, one, policy, selector, stack};

const AGO_AN_HOUR: &str = "2026-11-21T11:00:00Z";
const AGO_TWO_DAYS: &str = "2026-11-19T11:00:00Z";
const THERE: &str = "eu-west-1";

/// A role of the failed attempt that nothing works with, and a policy and a profile of it.
fn role() -> World {
    let mut world = World::new();
    for (kind, id) in [("iam-role", "r"), ("iam-policy", "arn:p"), ("iam-instance-profile", "prof")] {
        world.add(kind, id).born(kind, id, AGO_TWO_DAYS);
        stack(&mut world, kind, id, "attempt-1");
    }
    world.link("iam-role", "r", how::ATTACHES, "iam-policy", "arn:p");
    world.link("iam-instance-profile", "prof", how::CONTAINS, "iam-role", "r");
    world
}

fn used(world: &mut World, when: &str, region: &str) {
    world.fact("iam-role", "r", fact::LAST_USED, when).fact("iam-role", "r", fact::LAST_USED_REGION, region);
}

/// Something there that works with this.
fn there(world: &mut World, kind: &str, id: &str, how: &'static str, to: Key) {
    let key = Key::new(KindName::new(kind), Region::new(THERE), id);
    let mut resource = Resource::new(key.clone());
    resource.links.insert(Link::new(how, to));
    world.inventory.elsewhere.resources.insert(key, resource);
}

fn gap(world: &mut World, kind: &str) {
    let gap = Gap::new(KindName::new(kind), Region::new(THERE), "denied");
    world.inventory.elsewhere.gaps.insert(gap);
}

fn role_of(world: &World) -> Judged {
    one(world, &policy(), "iam-role", "r")
}

#[track_caller]
fn check_role(world: &World, verdict: Verdict, evidence: &str) {
    check(world, &policy(), "iam-role", "r", verdict, evidence);
}

#[test]
fn what_a_living_thing_elsewhere_works_with_is_active_and_so_is_what_that_needs() {
    let mut world = role();
    world.beside(THERE);
    check_role(&world, Verdict::Orphan, "stack tags");
    there(&mut world, "instance", "i-9", how::USES, key("iam-instance-profile", "prof"));
    check(&world, &policy(), "iam-instance-profile", "prof", Verdict::Active, "i-9 of eu-west-1 uses it");
    check_role(&world, Verdict::Active, "iam-instance-profile prof contains it and is active");
    check(&world, &policy(), "iam-policy", "arn:p", Verdict::Active, "iam-role r has it attached");
    assert!(matches!(
        one(&world, &policy(), "iam-instance-profile", "prof").gate,
        Some(Gate::User { user }) if user.id == "i-9"
    ));
}

#[test]
fn a_provider_whose_cluster_lives_in_a_region_that_was_not_asked_for_is_active() {
    let mut world = World::new();
    world.beside(THERE);
    world.add("iam-oidc-provider", "arn:oidc");
    stack(&mut world, "iam-oidc-provider", "arn:oidc", "attempt-1");
    let issuer = "oidc.eks.eu-west-1.amazonaws.com/id/B";
    world.fact("iam-oidc-provider", "arn:oidc", fact::ISSUER, issuer);
    check(&world, &policy(), "iam-oidc-provider", "arn:oidc", Verdict::Uncertain, "clusters were not listed");
    there(&mut world, "eks-cluster", "blue", how::USES, key("iam-role", "blue"));
    let blue = Key::new(KindName::of("eks-cluster"), Region::new(THERE), "blue");
    let facts = &mut world.inventory.elsewhere.resources.get_mut(&blue).unwrap().facts;
    facts.insert(fact::ISSUER.into(), format!("https://{issuer}"));
    check(
        &world,
        &policy(),
        "iam-oidc-provider",
        "arn:oidc",
        Verdict::Active,
        "blue of eu-west-1 lets its pods in",
    );
}

#[test]
fn a_gap_in_any_kind_that_may_use_a_role_anywhere_keeps_it_and_no_other_gap_does() {
    for spec in CATALOG.iter().filter(|spec| spec.scope == Scope::Regional) {
        let mut world = role();
        world.beside(THERE);
        gap(&mut world, spec.name);
        let judged = role_of(&world);
        let direct = CATALOG.may_use(spec, world.get("iam-role", "r"));
        let by_profile = CATALOG.may_use(spec, world.get("iam-instance-profile", "prof"));
        let uncertain = judged.verdict == Verdict::Uncertain;
        assert_eq!(uncertain, direct || by_profile, "{}: {judged:#?}", spec.name);
        if direct {
            let expected = Gate::UsersUnseen { kind: spec.kind(), region: Region::new(THERE) };
            assert_eq!(judged.gate, Some(expected));
            assert!(judged.evidence[0].contains("--assume-regions"), "{judged:#?}");
        }
    }
}

#[test]
fn a_gap_in_a_kind_whose_service_a_role_does_not_trust_does_not_matter() {
    let mut world = role();
    world.beside(THERE);
    world.inventory.resources.remove(&key("iam-instance-profile", "prof"));
    gap(&mut world, "eks-cluster");
    for (trusted, verdict) in [
        ("ec2.amazonaws.com", Verdict::Orphan),
        ("", Verdict::Orphan),
        ("ec2.amazonaws.com,eks.amazonaws.com", Verdict::Uncertain),
        ("*", Verdict::Uncertain),
    ] {
        world.fact("iam-role", "r", fact::TRUSTED_SERVICES, trusted);
        assert_eq!(role_of(&world).verdict, verdict, "{trusted}");
    }
    world.get("iam-role", "r").facts.clear();
    check_role(&world, Verdict::Uncertain, "eks-cluster of eu-west-1 was not read wholly");
}

#[test]
fn where_nobody_knows_the_regions_nothing_global_that_a_region_could_use_is_nobodys() {
    let mut world = role();
    world.add("vpc", "vpc-1");
    stack(&mut world, "vpc", "vpc-1", "attempt-1");
    world.inventory.elsewhere = Elsewhere::default();
    check_role(&world, Verdict::Uncertain, "in which regions it may be used is not known");
    assert_eq!(role_of(&world).gate, Some(Gate::RegionsUnknown));
    check(&world, &policy(), "iam-instance-profile", "prof", Verdict::Uncertain, "in which regions");
    // A stack of any region may own it.
    check(&world, &policy(), "iam-policy", "arn:p", Verdict::Uncertain, "in which regions");
    check(&world, &policy(), "vpc", "vpc-1", Verdict::Orphan, "");
    // By the user's word there is nothing beyond.
    world.inventory.elsewhere.assumed = Some([].into());
    check_role(&world, Verdict::Orphan, "");
    let told = role_of(&world).evidence;
    assert!(told.iter().any(|why| why.contains("the only ones by --assume-regions")), "{told:#?}");
}

#[test]
fn a_region_that_is_enabled_and_was_not_looked_into_keeps_what_could_be_used_there() {
    let mut world = role();
    world.beside(THERE);
    world.inventory.elsewhere.regions.clear();
    check_role(&world, Verdict::Uncertain, "of eu-west-1 was not read wholly");
    world.inventory.elsewhere.assumed = Some([region()].into());
    check_role(&world, Verdict::Orphan, "");
}

#[test]
fn a_living_role_that_names_another_in_its_trust_policy_keeps_that_one() {
    let mut world = role();
    world.add("iam-role", "pipeline").link("iam-role", "pipeline", how::TRUSTS, "iam-role", "r");
    check_role(&world, Verdict::Active, "iam-role pipeline names it in its trust policy and is not selected");
    world.add("iam-oidc-provider", "arn:oidc");
    stack(&mut world, "iam-oidc-provider", "arn:oidc", "attempt-1");
    check(&world, &policy(), "iam-oidc-provider", "arn:oidc", Verdict::Orphan, "");
    world.link("iam-role", "pipeline", how::TRUSTS, "iam-oidc-provider", "arn:oidc");
    check(&world, &policy(), "iam-oidc-provider", "arn:oidc", Verdict::Active, "iam-role pipeline names it");
}

#[test]
fn what_only_the_contents_of_a_living_template_name_is_active_interface_or_not() {
    let mut world = role();
    world.add("launch-template", "lt-9").add("security-group", "sg-1").add("subnet", "subnet-1");
    for (kind, id) in [("security-group", "sg-1"), ("subnet", "subnet-1"), ("iam-instance-profile", "prof")] {
        stack(&mut world, kind, id, "attempt-1");
        check(&world, &policy(), kind, id, Verdict::Orphan, "");
        world.link("launch-template", "lt-9", how::WOULD_USE, kind, id);
        check(&world, &policy(), kind, id, Verdict::Active, "lt-9 would launch with it and is not selected");
    }
    check_role(&world, Verdict::Active, "iam-instance-profile prof contains it");
}

#[test]
fn what_living_things_stand_behind_or_route_through_is_active() {
    for (kind, id, user, how) in [
        ("load-balancer", "lb", "target-group", how::BEHIND),
        ("vpc-peering-connection", "pcx-1", "route-table", how::ROUTES_THROUGH),
        ("iam-policy", "arn:p", "iam-role", how::BOUNDED_BY),
    ] {
        let mut world = World::new();
        world.add(kind, id).add(user, "theirs");
        stack(&mut world, kind, id, "attempt-1");
        check(&world, &policy(), kind, id, Verdict::Orphan, "");
        world.link(user, "theirs", how, kind, id);
        check(&world, &policy(), kind, id, Verdict::Active, "theirs");
    }
}

#[test]
fn whatever_stays_keeps_what_it_works_with_for_whatever_reason_it_stays() {
    type Change = fn(&mut World);
    let stays: [(Change, Verdict); 4] = [
        (|it| guard(it, "eks-cluster", "demo", GuardRule::Protection), Verdict::Active),
        (|it| it.get("eks-cluster", "demo").life = crate::model::Life::Coming, Verdict::Active),
        (|it| it.get("eks-cluster", "demo").tags.clear(), Verdict::Active),
        (|it| guard(it, "eks-cluster", "demo", GuardRule::UnknownMaker), Verdict::Uncertain),
    ];
    for (change, verdict) in stays {
        let mut world = role();
        world.add("eks-cluster", "demo").link("eks-cluster", "demo", how::USES, "iam-role", "r");
        // Another stack, so that nothing but the use speaks for the role.
        world.tag("eks-cluster", "demo", "Project", "demo").tag(
            "eks-cluster",
            "demo",
            "EnvironmentSuffix",
            "attempt-2",
        );
        check_role(&world, Verdict::Orphan, "");
        change(&mut world);
        check_role(&world, verdict, "eks-cluster demo uses it");
    }
}

#[test]
fn a_living_user_speaks_louder_than_doubt_and_not_louder_than_another_owner() {
    let mut world = role();
    used(&mut world, AGO_AN_HOUR, "us-east-1");
    check_role(&world, Verdict::Uncertain, "last used 2026-11-21T11:00:00Z in us-east-1, by nothing that is");
    world.add("eks-cluster", "blue").link("eks-cluster", "blue", how::USES, "iam-role", "r");
    check_role(&world, Verdict::Active, "eks-cluster blue uses it and is not selected");
    world.get("iam-role", "r").tags.clear();
    check_role(&world, Verdict::Foreign, "nothing selects it");
}

#[test]
fn a_use_within_a_day_by_nothing_that_goes_keeps_a_role_and_an_older_one_is_told() {
    for (when, verdict) in [
        (AGO_AN_HOUR, Verdict::Uncertain),
        ("2026-11-20T12:00:01Z", Verdict::Uncertain),
        ("2026-11-20T12:00:00Z", Verdict::Orphan),
        (AGO_TWO_DAYS, Verdict::Orphan),
        // A clock that is off, or a date that nobody can read: just now.
        ("2027-01-01T00:00:00Z", Verdict::Uncertain),
        ("a while ago", Verdict::Uncertain),
    ] {
        let mut world = role();
        used(&mut world, when, "us-east-1");
        let judged = role_of(&world);
        assert_eq!(judged.verdict, verdict, "{when}: {judged:#?}");
        let told = judged.evidence.iter().filter(|why| why.contains("last used")).count();
        assert_eq!(told, 1, "{when}: {judged:#?}");
        assert!(judged.evidence.iter().any(|why| why.contains("fills this in late")), "{judged:#?}");
        if verdict == Verdict::Uncertain {
            assert_eq!(judged.gate, Some(Gate::UsedOfLate { region: Some(region()) }), "{when}");
        }
    }
}

#[test]
fn one_trace_speaks_for_all_that_its_user_may_work_with() {
    let mut world = role();
    used(&mut world, AGO_AN_HOUR, "us-east-1");
    let checks = [("iam-policy", "arn:p", "iam-role r has it attached and is uncertain: last used")];
    for (kind, id, evidence) in checks {
        check(&world, &policy(), kind, id, Verdict::Uncertain, evidence);
    }
    check(
        &world,
        &policy(),
        "iam-instance-profile",
        "prof",
        Verdict::Uncertain,
        "it contains iam-role r: last used",
    );
    // It does so whatever else keeps the role.
    guard(&mut world, "iam-role", "r", GuardRule::AwsManaged);
    check(
        &world,
        &policy(),
        "iam-instance-profile",
        "prof",
        Verdict::Uncertain,
        "it contains iam-role r: last used",
    );
}

#[test]
fn a_condemned_user_that_stood_then_in_that_region_explains_a_use() {
    let with = |change: &dyn Fn(&mut World)| {
        let mut world = role();
        used(&mut world, AGO_AN_HOUR, "us-east-1");
        world.add("eks-cluster", "demo").link("eks-cluster", "demo", how::USES, "iam-role", "r");
        stack(&mut world, "eks-cluster", "demo", "attempt-1");
        change(&mut world);
        role_of(&world)
    };
    let judged = with(&|_| {});
    assert_eq!(judged.verdict, Verdict::Orphan, "{judged:#?}");
    assert!(judged.evidence.iter().any(|why| why.contains("as by eks-cluster demo")), "{judged:#?}");
    type Change = fn(&mut World);
    let unexplained: [Change; 6] = [
        |it| used(it, AGO_AN_HOUR, THERE),
        |it| {
            it.fact("iam-role", "r", fact::LAST_USED_REGION, "");
        },
        |it| it.get("eks-cluster", "demo").created = Some(at("2026-11-21T11:00:01Z")),
        |it| it.get("eks-cluster", "demo").links.clear(),
        |it| {
            it.fact("iam-role", "r", fact::TRUSTED_SERVICES, "ec2.amazonaws.com,codebuild.amazonaws.com");
        },
        |it| {
            it.fact("iam-role", "r", fact::TRUSTED_ACCOUNTS, "999999999999");
        },
    ];
    for (n, change) in unexplained.into_iter().enumerate() {
        let judged = with(&|it| {
            it.beside(THERE);
            change(it);
        });
        assert_eq!(judged.verdict, Verdict::Uncertain, "{n}: {judged:#?}");
    }
}

#[test]
fn an_instance_explains_a_use_of_the_role_in_its_profile_and_a_template_does_not() {
    for (kind, verdict) in [("instance", Verdict::Orphan), ("launch-template", Verdict::Uncertain)] {
        let mut world = role();
        used(&mut world, AGO_AN_HOUR, "us-east-1");
        world.add(kind, "x").link(kind, "x", how::USES, "iam-instance-profile", "prof");
        stack(&mut world, kind, "x", "attempt-1");
        check_role(&world, verdict, "");
    }
}

#[test]
fn what_was_condemned_and_removed_explains_a_use_in_its_region_if_its_service_is_trusted() {
    let gone = |kind: &str, place: &str, trusted: Option<&str>| {
        let mut world = role();
        world.beside(THERE);
        used(&mut world, AGO_AN_HOUR, "us-east-1");
        if let Some(trusted) = trusted {
            // One that no kind is read of, so that silence proves nothing.
            world.fact(
                "iam-role",
                "r",
                fact::TRUSTED_SERVICES,
                &format!("{trusted},codebuild.amazonaws.com"),
            );
        }
        let gone = [Key::new(KindName::new(kind), Region::new(place), "demo")].into();
        let judgement = super::super::judge_after(&world.inventory, &selector(&policy()), at(NOW), &gone);
        judgement.verdicts[&key("iam-role", "r")].verdict
    };
    assert_eq!(gone("eks-cluster", "us-east-1", None), Verdict::Orphan);
    assert_eq!(gone("eks-cluster", "us-east-1", Some("eks.amazonaws.com")), Verdict::Orphan);
    assert_eq!(gone("eks-cluster", "us-east-1", Some("ec2.amazonaws.com")), Verdict::Uncertain);
    assert_eq!(gone("eks-cluster", THERE, None), Verdict::Uncertain);
    assert_eq!(gone("vpc", "us-east-1", None), Verdict::Uncertain);
    assert_eq!(gone("launch-template", "us-east-1", None), Verdict::Uncertain);
}

#[test]
fn another_stacks_new_cluster_that_takes_the_role_during_the_run_keeps_it() {
    let mut world = role();
    world.add("eks-cluster", "green").link("eks-cluster", "green", how::USES, "iam-role", "r");
    stack(&mut world, "eks-cluster", "green", "live");
    let gone = [key("eks-cluster", "demo")].into();
    let judgement = super::super::judge_after(&world.inventory, &selector(&policy()), at(NOW), &gone);
    let judged = &judgement.verdicts[&key("iam-role", "r")];
    assert_eq!(judged.verdict, Verdict::Active, "{judged:#?}");
    assert!(judged.evidence[0].contains("green"), "{judged:#?}");
}

#[test]
fn a_use_is_explained_if_all_who_may_have_left_it_were_read_and_none_has_the_role() {
    let with = |trusted: &str, change: &dyn Fn(&mut World)| {
        let mut world = role();
        world.beside(THERE);
        used(&mut world, AGO_AN_HOUR, "us-east-1");
        world.fact("iam-role", "r", fact::TRUSTED_SERVICES, trusted);
        change(&mut world);
        role_of(&world).verdict
    };
    assert_eq!(with("eks.amazonaws.com", &|_| {}), Verdict::Orphan);
    assert_eq!(with("ec2.amazonaws.com,eks.amazonaws.com", &|_| {}), Verdict::Orphan);
    assert_eq!(with("", &|_| {}), Verdict::Orphan);
    // A cluster of the attempt's that has it in another region: then the use there was of somebody else.
    let in_use_here = |it: &mut World| {
        used(it, AGO_AN_HOUR, THERE);
        it.add("eks-cluster", "demo").link("eks-cluster", "demo", how::USES, "iam-role", "r");
        stack(it, "eks-cluster", "demo", "attempt-1");
    };
    assert_eq!(with("eks.amazonaws.com", &in_use_here), Verdict::Uncertain);
    for trusted in
        ["*", "eks.amazonaws.com,*", "codebuild.amazonaws.com", "eks.amazonaws.com,glue.amazonaws.com"]
    {
        assert_eq!(with(trusted, &|_| {}), Verdict::Uncertain, "{trusted}");
    }
    let denied = |it: &mut World| gap(it, "eks-cluster");
    assert_eq!(with("eks.amazonaws.com", &denied), Verdict::Uncertain);
    for accounts in ["999999999999", "*"] {
        let of_others = |it: &mut World| {
            it.fact("iam-role", "r", fact::TRUSTED_ACCOUNTS, accounts);
        };
        assert_eq!(with("eks.amazonaws.com", &of_others), Verdict::Uncertain, "{accounts}");
    }
}

#[test]
fn a_use_by_pods_is_explained_if_the_provider_that_lets_them_in_is_condemned_or_gone() {
    let with = |change: &dyn Fn(&mut World)| {
        let mut world = role();
        used(&mut world, AGO_AN_HOUR, "us-east-1");
        world.fact("iam-role", "r", fact::TRUSTED_SERVICES, "");
        world.link("iam-role", "r", how::TRUSTS, "iam-oidc-provider", "arn:oidc");
        change(&mut world);
        role_of(&world).verdict
    };
    let stands = |it: &mut World| {
        it.add("iam-oidc-provider", "arn:oidc");
    };
    let condemned = |it: &mut World| {
        stands(it);
        stack(it, "iam-oidc-provider", "arn:oidc", "attempt-1");
    };
    assert_eq!(with(&condemned), Verdict::Orphan);
    assert_eq!(with(&|_| {}), Verdict::Orphan, "nobody is let in by a provider that is gone");
    assert_eq!(with(&stands), Verdict::Uncertain);
    let unread = |it: &mut World| {
        let kind = KindName::of("iam-oidc-provider");
        it.inventory.gaps.insert(Gap::new(kind, Region::global(), "denied"));
    };
    assert_eq!(with(&unread), Verdict::Uncertain);
}

#[test]
fn a_use_where_users_were_not_looked_for_keeps_a_role_however_old_it_is() {
    let mut world = role();
    used(&mut world, AGO_TWO_DAYS, "ap-south-1");
    check_role(&world, Verdict::Uncertain, "in ap-south-1, where users were not looked for");
    check(
        &world,
        &policy(),
        "iam-instance-profile",
        "prof",
        Verdict::Uncertain,
        "where users were not looked for",
    );
    // The user's word that there is nothing does not stand against AWS's.
    world.inventory.elsewhere.assumed = Some([].into());
    check_role(&world, Verdict::Uncertain, "in ap-south-1, where users were not looked for");
    assert_eq!(role_of(&world).gate, Some(Gate::UsedElsewhere { region: Region::new("ap-south-1") }));
}

#[test]
fn a_role_that_another_account_may_assume_says_so() {
    let mut world = role();
    world.fact("iam-role", "r", fact::TRUSTED_ACCOUNTS, "999999999999");
    let judged = role_of(&world);
    assert_eq!(judged.verdict, Verdict::Orphan);
    assert!(
        judged.evidence.iter().any(|why| why.contains("account 999999999999 may assume it")),
        "{judged:#?}"
    );
}

#[test]
fn an_orphans_evidence_tells_who_was_looked_for_and_where() {
    let mut world = role();
    world.beside(THERE);
    let told = |world: &World, kind: &str, id: &str| {
        let evidence = one(world, &policy(), kind, id).evidence;
        evidence.into_iter().find(|why| why.starts_with("no user")).unwrap_or_default()
    };
    let text = told(&world, "iam-role", "r");
    assert!(text.starts_with("no user but iam-instance-profile prof, which goes too, among "), "{text}");
    assert!(text.contains("eks-cluster") && text.ends_with("in eu-west-1 and us-east-1"), "{text}");
    let text = told(&world, "iam-policy", "arn:p");
    assert!(
        text.starts_with("no user but iam-role r") && text.ends_with("in eu-west-1 and us-east-1"),
        "{text}"
    );
    world.fact("iam-role", "r", fact::TRUSTED_SERVICES, "ec2.amazonaws.com");
    assert!(!told(&world, "iam-role", "r").contains("eks-cluster,"), "who cannot use it was not looked for");
    let regions = (0..17).map(|n| Region::new(format!("r-{n}")));
    world.inventory.elsewhere.enabled = Some(regions.clone().chain([region()]).collect());
    world.inventory.elsewhere.regions = regions.collect();
    let text = told(&world, "iam-instance-profile", "prof");
    assert!(text.starts_with("no user among ") && text.ends_with("in 18 regions"), "{text}");
}

#[test]
fn regional_things_tell_their_own_region_and_what_nothing_can_work_with_tells_nothing() {
    let world = attempt();
    let evidence = |kind: &str, id: &str| one(&world, &policy(), kind, id).evidence.join("; ");
    let address = evidence("elastic-ip", "eipalloc-1");
    assert!(address.contains("no user but nat-1, which goes too, among"), "{address}");
    assert!(address.contains("in us-east-1"), "{address}");
    assert!(!evidence("volume", "vol-1").contains("no user"));
}

#[test]
fn who_looks_on_uses_nothing_and_is_no_stranger_in_a_network() {
    let mut world = attempt();
    let before = judged(&world.inventory, &policy()).verdicts;
    world.add("log-group", "watcher").tag("log-group", "watcher", "Owner", "security");
    world.link("log-group", "watcher", how::WATCHES, "vpc", "vpc-1");
    let mut after = judged(&world.inventory, &policy()).verdicts;
    let watcher = after.remove(&key("log-group", "watcher")).unwrap();
    assert_eq!(watcher.verdict, Verdict::Foreign);
    assert_eq!(after, before);
}

#[test]
fn a_network_works_with_options_that_stay_and_is_not_kept_by_them() {
    let mut world = World::new();
    world.add("vpc", "vpc-1").add("log-group", "shared");
    stack(&mut world, "vpc", "vpc-1", "attempt-1");
    world.link("vpc", "vpc-1", how::USES, "log-group", "shared");
    check(&world, &policy(), "vpc", "vpc-1", Verdict::Orphan, "");
}

#[test]
fn what_a_policy_that_protects_keeps_is_kept_with_what_it_works_with() {
    let mut world = role();
    world.add("eks-cluster", "demo").link("eks-cluster", "demo", how::USES, "iam-role", "r");
    stack(&mut world, "eks-cluster", "demo", "attempt-1");
    let protect = Policy { protect: vec!["id=demo".parse().expect("terms")], ..policy() };
    check(&world, &protect, "iam-role", "r", Verdict::Active, "eks-cluster demo uses it and is protected");
    check(
        &world,
        &protect,
        "iam-policy",
        "arn:p",
        Verdict::Active,
        "iam-role r has it attached and is active",
    );
}

#[test]
fn a_living_user_makes_active_what_is_too_young_or_uncertain_for_another_reason() {
    let mut world = role();
    world.born("iam-role", "r", AGO_AN_HOUR);
    world.add("eks-cluster", "blue");
    let aged = Policy { older_than: "2h".parse().ok(), ..policy() };
    let verdict = |world: &World| one(world, &aged, "iam-role", "r").verdict;
    assert_eq!(verdict(&world), Verdict::TooYoung);
    world.link("eks-cluster", "blue", how::USES, "iam-role", "r");
    assert_eq!(verdict(&world), Verdict::Active);

    let mut world = role();
    world.inventory.elsewhere = Elsewhere::default();
    check_role(&world, Verdict::Uncertain, "in which regions");
    world.add("eks-cluster", "blue").link("eks-cluster", "blue", how::USES, "iam-role", "r");
    check_role(&world, Verdict::Active, "eks-cluster blue uses it and is not selected");
}

#[test]
fn who_could_not_be_read_may_have_used_the_role_in_a_profile_whosever_that_is() {
    let mut world = role();
    world.beside(THERE);
    world.get("iam-role", "r").tags.clear();
    used(&mut world, AGO_AN_HOUR, "us-east-1");
    world.fact("iam-role", "r", fact::TRUSTED_SERVICES, "eks.amazonaws.com");
    check(&world, &policy(), "iam-instance-profile", "prof", Verdict::Orphan, "");
    gap(&mut world, "eks-cluster");
    check(
        &world,
        &policy(),
        "iam-instance-profile",
        "prof",
        Verdict::Uncertain,
        "it contains iam-role r: last used",
    );
}
