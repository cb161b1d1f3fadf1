//! Stacks of CloudFormation's in plans: one step takes all members along, after what stands in their way.

use std::collections::BTreeSet;

use super::fixture::{CATALOG, account, key, orphans};
use super::planner::plan;
use super::{Action, Fate, Keep, Plan, Step};
use crate::inventory::{Inventory, complete};
use crate::kinds::{Member, record};
use crate::model::words::{fact, how};
use crate::model::{Key, KindName, Link, Region, Resource, Verdict};

const WEB: &str = "arn:aws:cloudformation:us-east-1:111122223333:stack/web/1";

/// The account's subnet and address in a failed stack; the gateway there is none of its members.
fn stuck(state: &str, also: &[Member]) -> Inventory {
    let mut inventory = account();
    let member = |type_name: &str, id: &str| Member {
        type_name: type_name.into(),
        id: id.into(),
        status: "DELETE_FAILED".into(),
    };
    let mut members = vec![member("AWS::EC2::Subnet", "subnet-1"), member("AWS::EC2::EIP", "198.51.100.7")];
    members.extend_from_slice(also);
    let address = inventory.resources.get_mut(&key("elastic-ip", "eip-1")).unwrap();
    address.facts.insert(fact::PUBLIC_IP.to_owned(), "198.51.100.7".to_owned());
    let mut stack = Resource::new(key("cloudformation-stack", WEB));
    stack.name = Some("web".to_owned());
    stack.state = Some(state.to_owned());
    record(&mut stack, &members);
    inventory.resources.insert(stack.key.clone(), stack);
    complete(&mut inventory);
    inventory
}

fn planned(inventory: &Inventory, with_data: &[&'static str]) -> Plan {
    let with_data = with_data.iter().map(|kind| KindName::of(kind)).collect();
    plan(inventory, CATALOG, &orphans(inventory), &with_data)
}

fn deletions(plan: &Plan) -> Vec<&str> {
    let deletions = plan.steps.iter().filter(|step| step.action == Action::Delete);
    deletions.map(|step| step.resource.kind.as_str()).collect()
}

#[test]
fn what_stands_in_the_way_of_a_members_deletion_goes_before_the_stack_and_the_members_with_it() {
    let inventory = stuck("DELETE_FAILED", &[]);
    let plan = planned(&inventory, &[]);
    assert_eq!(deletions(&plan), ["nat-gateway", "cloudformation-stack"]);
    for member in [key("subnet", "subnet-1"), key("elastic-ip", "eip-1")] {
        assert_eq!(plan.fates[&member], Fate::Carried(key("cloudformation-stack", WEB)), "{member}");
    }
    let of_stack = plan.steps.iter().find(|step| step.api.as_deref() == Some("cloudformation:DeleteStack"));
    assert!(of_stack.unwrap().after.iter().any(|after| after.why.contains("nat-1")), "{of_stack:#?}");
}

#[test]
fn one_member_that_stays_keeps_the_stack_and_all_of_it() {
    let inventory = stuck("DELETE_FAILED", &[]);
    let mut verdicts = orphans(&inventory);
    verdicts.get_mut(&key("elastic-ip", "eip-1")).unwrap().verdict = Verdict::Protected;
    let plan = plan(&inventory, CATALOG, &verdicts, &BTreeSet::new());
    assert!(deletions(&plan).iter().all(|kind| *kind == "nat-gateway"), "{:#?}", plan.steps);
    let stack = key("cloudformation-stack", WEB);
    assert_eq!(plan.fates[&stack], Fate::Kept(Keep::WouldTake { key: key("elastic-ip", "eip-1") }));
}

#[test]
fn a_stack_with_data_that_nobody_asked_to_delete_stays_until_all_of_it_is_named() {
    let data = |type_name: &str| Member {
        type_name: type_name.to_owned(),
        id: "d".to_owned(),
        status: "CREATE_COMPLETE".to_owned(),
    };
    let goes = |state: &str, members: &[Member], named: &[&'static str]| {
        deletions(&planned(&stuck(state, members), named)).contains(&"cloudformation-stack")
    };
    let log = [data("AWS::Logs::LogGroup")];
    let database = [data("AWS::Logs::LogGroup"), data("AWS::RDS::DBInstance")];
    assert!(!goes("CREATE_FAILED", &log, &[]));
    assert!(goes("CREATE_FAILED", &log, &["log-group"]));
    assert!(!goes("CREATE_FAILED", &database, &["log-group"]), "no kind of ours names a database");
    assert!(goes("DELETE_FAILED", &database, &[]), "somebody asked for its deletion");
}

#[test]
fn what_imports_from_a_stack_and_stays_keeps_it() {
    let mut inventory = stuck("DELETE_FAILED", &[]);
    let mut importer = Resource::new(key(
        "cloudformation-stack",
        "arn:aws:cloudformation:us-east-1:111122223333:stack/shop/1",
    ));
    importer.links.insert(Link::new(how::IMPORTS, key("cloudformation-stack", WEB)));
    let importer_key = importer.key.clone();
    inventory.resources.insert(importer.key.clone(), importer);
    let mut verdicts = orphans(&inventory);
    let both = plan(&inventory, CATALOG, &verdicts, &BTreeSet::new());
    let order: Vec<&str> = both
        .steps
        .iter()
        .filter(|step| step.resource.kind.as_str() == "cloudformation-stack")
        .map(|step| step.resource.id.as_str())
        .collect();
    assert_eq!(order, [importer_key.id.as_str(), WEB]);
    verdicts.get_mut(&importer_key).unwrap().verdict = Verdict::Active;
    let kept = plan(&inventory, CATALOG, &verdicts, &BTreeSet::new());
    assert_eq!(
        kept.fates[&key("cloudformation-stack", WEB)],
        Fate::Kept(Keep::HeldBy { by: importer_key, how: "imports".into() })
    );
}

#[test]
fn what_others_attached_to_a_role_that_the_stack_could_not_remove_is_taken_away_before_and_from_no_other() {
    for (status, cuts) in [("DELETE_FAILED", 2), ("CREATE_COMPLETE", 0)] {
        let role = Member { type_name: "AWS::IAM::Role".into(), id: "web".into(), status: status.into() };
        let mut inventory = stuck("DELETE_FAILED", &[role]);
        let mut role = Resource::new(Key::new(KindName::of("iam-role"), Region::global(), "web"));
        let policy = Key::new(KindName::of("iam-policy"), Region::global(), "arn:aws:iam::aws:policy/Any");
        role.links.insert(Link::new(how::ATTACHES, policy));
        let inline = Key::new(KindName::of("iam-inline-policy"), Region::global(), "web/extra");
        role.links.insert(Link::new("has", inline));
        inventory.resources.insert(role.key.clone(), role);
        complete(&mut inventory);
        let plan = planned(&inventory, &[]);
        let cut: Vec<&Step> =
            plan.steps.iter().filter(|step| matches!(step.action, Action::Cut(_))).collect();
        assert_eq!(cut.len(), cuts, "{status}: {:#?}", plan.steps);
        let stack = plan.steps.iter().find(|step| step.resource == key("cloudformation-stack", WEB)).unwrap();
        for cut in cut {
            assert!(stack.after.iter().any(|after| after.step == cut.id), "{:?}", stack.after);
        }
    }
}
