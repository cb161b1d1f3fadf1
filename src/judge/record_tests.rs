//! What CloudFormation's records make of verdicts: members follow their stack, and a stack goes only if it failed and
//! takes nothing along that speaks for itself.

use crate::inventory::testing::{KINDS, World, at, key, region};
use crate::inventory::{Gap, complete};
use crate::kinds::{Member, record};
use crate::model::words::{fact, how};
use crate::model::{
    Gate, Judged, KindName, OwnedStatus, OwnedThing, Resource, StackVerdict, StateClaims, StateTool, Verdict,
};
use crate::policy::{Policy, Selector};

use super::tests::NOW;
use super::{Judgement, judge};

const WEB: &str = "arn:aws:cloudformation:us-east-1:123456789012:stack/web/1";
const NESTED: &str = "arn:aws:cloudformation:us-east-1:123456789012:stack/web-Inner-7/2";

fn member(type_name: &str, id: &str) -> Member {
    Member { type_name: type_name.into(), id: id.into(), status: "CREATE_COMPLETE".into() }
}

/// Writes a record as AWS has it.
fn write(world: &mut World, arn: &str, state: &str, members: &[Member]) {
    let mut stack = Resource::new(key("cloudformation-stack", arn));
    stack.arn = Some(arn.to_owned());
    stack.name = arn.split('/').nth(1).map(str::to_owned);
    stack.state = Some(state.to_owned());
    stack.created = Some(at("2026-11-19T12:00:00Z"));
    record(&mut stack, members);
    world.inventory.resources.insert(stack.key.clone(), stack);
}

/// A network with a role, in a stack of this state; a load balancer and an interface of its gone cluster's stand in
/// it, and a neighbour's stack stands beside.
fn web(state: &str) -> World {
    let mut world = World::new();
    world
        .add("vpc", "vpc-1")
        .add("subnet", "subnet-1")
        .add("iam-role", "web-role")
        .add("iam-role", "other-role");
    world.link("subnet", "subnet-1", how::WITHIN, "vpc", "vpc-1");
    for (kind, id) in [("vpc", "vpc-1"), ("subnet", "subnet-1")] {
        world.tag(kind, id, "aws:cloudformation:stack-id", WEB);
        world.tag(kind, id, "aws:cloudformation:stack-name", "web");
    }
    world.add("load-balancer", "lb").link("load-balancer", "lb", how::WITHIN, "vpc", "vpc-1");
    world.tag("load-balancer", "lb", "elbv2.k8s.aws/cluster", "gone");
    world.add("network-interface", "eni-1").link(
        "network-interface",
        "eni-1",
        how::WITHIN,
        "subnet",
        "subnet-1",
    );
    world.tag("network-interface", "eni-1", "cluster.k8s.amazonaws.com/name", "gone");
    for resource in world.inventory.resources.values_mut() {
        resource.created = Some(at("2026-11-19T12:00:00Z"));
    }
    let mut cluster = member("AWS::EKS::Cluster", "gone");
    cluster.status = "DELETE_COMPLETE".into();
    let members = [
        member("AWS::EC2::VPC", "vpc-1"),
        member("AWS::EC2::Subnet", "subnet-1"),
        member("AWS::IAM::Role", "web-role"),
        cluster,
    ];
    write(&mut world, WEB, state, &members);
    world
}

fn judged_by(world: &World, policy: Policy) -> Judgement {
    let mut world = world.clone();
    complete(&mut world.inventory);
    let selector = Selector::new(&policy, &KINDS).expect("a policy");
    judge(&world.inventory, &selector, at(NOW))
}

fn judged(world: &World, select: &str) -> Judgement {
    judged_by(world, Policy { select: vec![select.parse().expect("terms")], ..Policy::default() })
}

fn of<'a>(judgement: &'a Judgement, kind: &'static str, id: &str) -> &'a Judged {
    &judgement.verdicts[&key(kind, id)]
}

/// What is changed in a world.
type Change = fn(&mut World);

const MEMBERS: [(&str, &str); 3] = [("vpc", "vpc-1"), ("subnet", "subnet-1"), ("iam-role", "web-role")];
const IN_THE_WAY: [(&str, &str); 2] = [("load-balancer", "lb"), ("network-interface", "eni-1")];

#[track_caller]
fn all_are(judgement: &Judgement, things: &[(&'static str, &str)], verdict: Verdict) {
    for (kind, id) in things {
        let it = of(judgement, kind, id);
        assert_eq!(it.verdict, verdict, "{id}: {:?}", it.evidence);
    }
}

#[track_caller]
fn none_goes(judgement: &Judgement) {
    let goes = judgement.verdicts.iter().find(|(_, it)| it.verdict == Verdict::Orphan);
    assert!(goes.is_none(), "{goes:?}");
}

#[test]
fn a_failed_stack_goes_with_its_members_and_what_its_gone_cluster_left_in_its_way() {
    for state in ["CREATE_FAILED", "ROLLBACK_FAILED", "ROLLBACK_COMPLETE", "DELETE_FAILED"] {
        let all = judged(&web(state), "stack=cfn:web");
        all_are(&all, &[("cloudformation-stack", WEB)], Verdict::Orphan);
        all_are(&all, &MEMBERS, Verdict::Orphan);
        all_are(&all, &IN_THE_WAY, Verdict::Orphan);
        all_are(&all, &[("iam-role", "other-role")], Verdict::Foreign);
        assert_eq!(of(&all, "iam-role", "web-role").stack.as_deref(), Some("cfn:web"));
    }
}

#[test]
fn members_of_a_stack_that_has_not_failed_are_active_whatever_they_carry() {
    for state in
        ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_COMPLETE", "NEW"]
    {
        let mut world = web(state);
        world.tag("iam-role", "web-role", "Project", "demo").tag(
            "iam-role",
            "web-role",
            "EnvironmentSuffix",
            "a1",
        );
        for select in ["stack=cfn:web", "tag:Project=demo", "vpc=vpc-1"] {
            let all = judged(&world, select);
            assert!(all.verdicts.values().all(|it| it.verdict != Verdict::Orphan), "{state} {select}");
        }
        let all = judged(&world, "stack=cfn:web");
        all_are(
            &all,
            &[("cloudformation-stack", WEB), ("vpc", "vpc-1"), ("subnet", "subnet-1")],
            Verdict::Active,
        );
        let why = of(&all, "cloudformation-stack", WEB).evidence.first().unwrap();
        assert!(why.contains("aws cloudformation delete-stack --stack-name web --region us-east-1"), "{why}");
    }
}

#[test]
fn one_that_stands_goes_if_it_is_called_abandoned_by_its_name() {
    let policy = |abandoned: &str| Policy {
        select: vec!["stack=cfn:web".parse().expect("terms")],
        abandoned: vec![abandoned.to_owned()],
        ..Policy::default()
    };
    let world = web("CREATE_COMPLETE");
    let all = judged_by(&world, policy("cfn:web"));
    all_are(&all, &[("cloudformation-stack", WEB)], Verdict::Orphan);
    all_are(&all, &MEMBERS, Verdict::Orphan);
    all_are(&judged_by(&world, policy("cfn:we")), &MEMBERS[..2], Verdict::Active);
}

#[test]
fn one_that_aws_is_at_work_on_keeps_everything() {
    for state in ["CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "UPDATE_IN_PROGRESS"] {
        let mut world = web(state);
        let stack = world.inventory.resources.get_mut(&key("cloudformation-stack", WEB)).unwrap();
        stack.life = crate::model::Life::Coming;
        let all = judged(&world, "stack=cfn:web");
        none_goes(&all);
    }
}

#[test]
fn a_stack_takes_nothing_along_that_is_protected_in_use_or_anothers() {
    let worlds: [(&str, Change); 4] = [
        ("protected", |world| {
            world.tag("iam-role", "web-role", "keep", "yes");
        }),
        ("used by a stranger", |world| {
            world.add("eks-cluster", "alive").link("eks-cluster", "alive", how::USES, "iam-role", "web-role");
        }),
        ("another's by its tags", |world| {
            world.tag("vpc", "vpc-1", "Project", "shop").tag("vpc", "vpc-1", "EnvironmentSuffix", "live");
        }),
        ("another's inside", |world| {
            world.add("instance", "i-9").link("instance", "i-9", how::WITHIN, "subnet", "subnet-1");
            world.tag("instance", "i-9", "Owner", "alice");
        }),
    ];
    for (what, change) in worlds {
        let mut world = web("DELETE_FAILED");
        change(&mut world);
        let policy = Policy {
            select: vec!["stack=cfn:web".parse().expect("terms")],
            protect: vec!["tag:keep".parse().expect("terms")],
            ..Policy::default()
        };
        let all = judged_by(&world, policy);
        let stack = of(&all, "cloudformation-stack", WEB);
        assert_ne!(stack.verdict, Verdict::Orphan, "{what}");
        for (kind, id) in MEMBERS {
            assert_ne!(of(&all, kind, id).verdict, Verdict::Orphan, "{what}: {id}");
        }
    }
}

#[test]
fn a_strangers_thing_that_bears_the_name_of_a_gone_member_keeps_the_stack() {
    let mut world = web("DELETE_FAILED");
    let members = [
        member("AWS::EC2::VPC", "vpc-1"),
        member("AWS::EC2::SecurityGroup", "web-Group-1ABC"),
        member("AWS::EKS::Cluster", "gone"),
    ];
    write(&mut world, WEB, "DELETE_FAILED", &members);
    all_are(&judged(&world, "stack=cfn:web"), &[("cloudformation-stack", WEB)], Verdict::Orphan);
    world.add("security-group", "sg-9").link("security-group", "sg-9", how::WITHIN, "vpc", "vpc-1");
    world.get("security-group", "sg-9").name = Some("web-Group-1ABC".into());
    world.tag("security-group", "sg-9", "Owner", "alice");
    let all = judged(&world, "stack=cfn:web");
    assert_ne!(of(&all, "cloudformation-stack", WEB).verdict, Verdict::Orphan);
    assert_ne!(of(&all, "vpc", "vpc-1").verdict, Verdict::Orphan);
    all_are(&all, &[("security-group", "sg-9")], Verdict::Foreign);
}

#[test]
fn a_stack_that_could_not_be_read_may_own_what_its_tags_say_and_one_that_is_gone_owns_nothing() {
    let mut world = web("DELETE_FAILED");
    world.inventory.resources.remove(&key("cloudformation-stack", WEB));
    // What EKS left nobody has a record of any more.
    world.inventory.resources.remove(&key("load-balancer", "lb"));
    world.inventory.resources.remove(&key("network-interface", "eni-1"));
    let mut unread = world.clone();
    let gap = Gap::new(KindName::of("cloudformation-stack"), region(), "denied");
    unread.inventory.gaps.insert(gap);
    let all = judged(&unread, "stack=cfn:web");
    for (kind, id) in &MEMBERS[..2] {
        let it = of(&all, kind, id);
        assert_eq!(it.verdict, Verdict::Uncertain, "{id}");
        assert_eq!(it.gate, Some(Gate::CloudFormation { stack: "web".into() }), "{id}");
    }
    world.inventory.gone.insert(key("cloudformation-stack", WEB));
    all_are(&judged(&world, "stack=cfn:web"), &MEMBERS[..2], Verdict::Orphan);
    // Nobody named it: who selects by a place does not say that nobody means what the stack left.
    let by_place = judged(&world, "name=web*");
    assert!(by_place.verdicts.values().all(|it| it.verdict != Verdict::Orphan));
}

#[test]
fn what_a_new_stack_of_the_name_made_is_not_what_the_gone_one_left() {
    let mut world = web("CREATE_COMPLETE");
    let old = "arn:aws:cloudformation:us-east-1:123456789012:stack/web/0";
    world.inventory.gone.insert(key("cloudformation-stack", old));
    world.add("vpc", "vpc-0").tag("vpc", "vpc-0", "aws:cloudformation:stack-id", old);
    world.tag("vpc", "vpc-0", "aws:cloudformation:stack-name", "web");
    let all = judged(&world, "stack=cfn:web");
    all_are(&all, &[("vpc", "vpc-0")], Verdict::Orphan);
    all_are(&all, &[("vpc", "vpc-1"), ("cloudformation-stack", WEB)], Verdict::Active);
}

#[test]
fn what_only_the_tags_of_a_failed_stack_name_goes_as_its_own_and_of_a_standing_one_stays() {
    for (state, verdict) in [("DELETE_FAILED", Verdict::Orphan), ("CREATE_COMPLETE", Verdict::Active)] {
        let mut world = web(state);
        world.add("vpc", "vpc-2").tag("vpc", "vpc-2", "aws:cloudformation:stack-id", WEB);
        world.tag("vpc", "vpc-2", "aws:cloudformation:stack-name", "web");
        all_are(&judged(&world, "stack=cfn:web"), &[("vpc", "vpc-2")], verdict);
    }
}

#[test]
fn a_kind_of_its_members_that_was_not_read_keeps_the_stack() {
    let mut world = web("DELETE_FAILED");
    world.inventory.resources.remove(&key("iam-role", "web-role"));
    let kind = KindName::of("iam-role");
    world.inventory.gaps.insert(Gap::new(kind.clone(), crate::model::Region::global(), "denied"));
    let all = judged(&world, "stack=cfn:web");
    let stack = of(&all, "cloudformation-stack", WEB);
    assert_eq!(stack.verdict, Verdict::Uncertain, "{:?}", stack.evidence);
    all_are(&all, &MEMBERS[..2], Verdict::Uncertain);
}

#[test]
fn a_nested_stack_follows_its_parent_and_its_members_it() {
    for (state, verdict) in [("DELETE_FAILED", Verdict::Orphan), ("UPDATE_COMPLETE", Verdict::Active)] {
        let mut world = web(state);
        write(&mut world, NESTED, "CREATE_COMPLETE", &[member("AWS::IAM::Role", "inner-role")]);
        world.add("iam-role", "inner-role").born("iam-role", "inner-role", "2026-11-19T12:00:00Z");
        world.inventory.resources.remove(&key("load-balancer", "lb"));
        world.inventory.resources.remove(&key("network-interface", "eni-1"));
        let members = [member("AWS::EC2::VPC", "vpc-1"), member("AWS::CloudFormation::Stack", NESTED)];
        write(&mut world, WEB, state, &members);
        let all = judged(&world, "stack=cfn:web");
        all_are(&all, &[("cloudformation-stack", NESTED), ("iam-role", "inner-role")], verdict);
        assert_eq!(of(&all, "iam-role", "inner-role").stack.as_deref(), Some("cfn:web"));
    }
}

#[test]
fn a_living_member_keeps_the_whole_stack() {
    let mut world = web("CREATE_FAILED");
    world.add("instance", "i-1").link("instance", "i-1", how::WITHIN, "subnet", "subnet-1");
    world.tag("instance", "i-1", "aws:cloudformation:stack-id", WEB);
    world.tag("instance", "i-1", "aws:cloudformation:stack-name", "web");
    world.born("instance", "i-1", "2026-11-19T12:00:00Z").fact(
        "instance",
        "i-1",
        fact::STARTED,
        "2026-11-19T12:00:00Z",
    );
    world.get("instance", "i-1").state = Some("running".into());
    let all = judged(&world, "stack=cfn:web");
    none_goes(&all);
    let stack = all.stacks.iter().find(|stack| stack.name == "cfn:web").unwrap();
    assert_eq!(stack.verdict, StackVerdict::Healthy);
}

#[test]
fn a_failed_stack_is_in_use_while_a_living_one_imports_from_it() {
    let mut world = web("DELETE_FAILED");
    let other = WEB.replace("/web/", "/other/");
    write(&mut world, &other, "CREATE_COMPLETE", &[]);
    world.link("cloudformation-stack", &other, how::IMPORTS, "cloudformation-stack", WEB);
    let all = judged(&world, "stack=cfn:web");
    all_are(&all, &MEMBERS, Verdict::Active);
    let why = of(&all, "cloudformation-stack", WEB).evidence.first().unwrap();
    assert!(why.contains("other imports what it exports"), "{why}");
    let both = Policy {
        select: ["stack=cfn:web", "stack=cfn:other"].map(|terms| terms.parse().expect("terms")).into(),
        abandoned: vec!["cfn:other".to_owned()],
        ..Policy::default()
    };
    all_are(
        &judged_by(&world, both),
        &[("cloudformation-stack", WEB), ("cloudformation-stack", &other)],
        Verdict::Orphan,
    );
}

#[test]
fn the_bootstrap_stack_of_the_cdk_is_protected() {
    let mut world = World::new();
    let arn = WEB.replace("/web/", "/CDKToolkit/");
    write(&mut world, &arn, "DELETE_FAILED", &[]);
    all_are(&judged(&world, "stack=cfn:CDKToolkit"), &[("cloudformation-stack", &arn)], Verdict::Protected);
}

/// Pulumi's classic node group is a stack of CloudFormation's, whose scaling group its state does not know.
#[test]
fn a_stack_that_a_state_owns_stays_with_its_members_however_it_failed_and_whichever_is_selected() {
    let state = StateClaims {
        source: "dev.json".into(),
        tool: Some(StateTool::Pulumi),
        stack: Some("shop/dev".into()),
        account: None,
        owned: vec![OwnedThing {
            address: "urn:pulumi:dev::shop::aws:cloudformation/stack:Stack::nodes".into(),
            type_name: "aws:cloudformation/stack:Stack".into(),
            kind: Some(KindName::of("cloudformation-stack")),
            id: WEB.into(),
            also: Default::default(),
            region: Some(region()),
            status: OwnedStatus::Managed,
            tags: Default::default(),
        }],
        named: Default::default(),
        failed: false,
        unread: None,
    };
    for select in ["stack=cfn:web", "vpc=vpc-1", "id=vpc-1", "kind=iam-role,name=web-*"] {
        let mut world = web("DELETE_FAILED");
        world.inventory.states = vec![state.clone()];
        let all = judged(&world, select);
        for (kind, id) in
            MEMBERS.into_iter().chain([("cloudformation-stack", WEB), ("iam-role", "other-role")])
        {
            assert_ne!(of(&all, kind, id).verdict, Verdict::Orphan, "{select}: {id}");
        }
    }
    let mut world = web("DELETE_FAILED");
    world.inventory.states = vec![state];
    let named = judged_by(
        &world,
        Policy {
            select: vec!["stack=cfn:web".parse().expect("terms")],
            abandoned: vec!["cfn:web".into()],
            ..Policy::default()
        },
    );
    all_are(&named, &MEMBERS, Verdict::Orphan);
}
