//! `--state`: what a tool's state owns or names stays, in every command that judges, and a state that cannot be read
//! keeps everything.

use aws_janitor::cli::Exit;
use serde_json::{Value, json};

use crate::fake::{Fake, World, recorded};
use crate::{Call, Ended, SELECT};

const NAT: &str = "nat-0a1000000000000001";

/// A Terraform state that manages these, and looks these up.
fn state(managed: &[(&str, &str)], looked_up: &[(&str, &str)]) -> String {
    let resource = |mode: &str, (type_name, id): &(&str, &str)| {
        json!({"mode": mode, "type": type_name, "name": "it", "provider": "provider[\"aws\"]",
               "instances": [{"schema_version": 0, "attributes": {"id": id}}]})
    };
    let managed = managed.iter().map(|it| resource("managed", it));
    let resources: Vec<Value> = managed.chain(looked_up.iter().map(|it| resource("data", it))).collect();
    json!({"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "a", "outputs": {}, "resources": resources})
        .to_string()
}

fn world() -> World {
    World { inventory: Some(recorded()), ..World::default() }
}

/// What a command says beside a state of this text.
fn beside(text: &str, line: &str) -> Ended {
    let call = Call::new(world());
    let path = call.path("shop.tfstate");
    std::fs::write(&path, text).unwrap();
    call.run(&format!("{line} {SELECT} --state {path}"))
}

fn document(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{}", ended.err))
}

/// The ids that a plan deletes.
fn deletes(ended: &Ended) -> Vec<String> {
    let steps = document(ended)["steps"].as_array().cloned().unwrap_or_default();
    let deletes = steps.iter().filter(|step| step["action"] == "delete");
    deletes.map(|step| step["resource"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn without_a_state_the_whole_attempt_goes_and_with_one_what_it_owns_stays() {
    let whole = deletes(&Call::new(world()).run(&format!("plan -o json {SELECT}")));
    assert!(whole.iter().any(|id| id == NAT), "{whole:?}");
    let owned = beside(&state(&[("aws_nat_gateway", NAT)], &[]), "plan -o json");
    let rest = deletes(&owned);
    assert!(!rest.iter().any(|id| id == NAT) && rest.len() < whole.len(), "{rest:?}");
    let explained = beside(&state(&[("aws_nat_gateway", NAT)], &[]), &format!("explain {NAT}"));
    assert!(explained.out.contains("as aws_nat_gateway.it"), "{}", explained.out);
}

#[test]
fn what_a_state_only_looks_up_stays_as_well() {
    let vpc = "vpc-0a1000000000000001";
    let rest = deletes(&beside(&state(&[], &[("aws_vpc", vpc)]), "plan -o json"));
    assert!(!rest.iter().any(|id| id == vpc || id.starts_with("subnet-")), "{rest:?}");
}

#[test]
fn a_stack_that_is_called_abandoned_goes_whatever_its_state_owns() {
    let text = state(&[("aws_nat_gateway", NAT)], &[]);
    let named = beside(&text, "plan -o json --abandoned demo/a1");
    assert!(deletes(&named).iter().any(|id| id == NAT), "{}", named.out);
}

#[test]
fn a_state_that_cannot_be_read_keeps_everything_and_ends_with_6() {
    let encrypted = r#"{"meta": {}, "encrypted_data": "x", "encryption_version": "v0"}"#;
    for text in [encrypted, "", "{", "[]", r#"{"version": 9, "serial": 1, "terraform_version": "9"}"#] {
        for command in ["scan", "plan", "apply --yes"] {
            let call = Call::new(world());
            let path = call.path("shop.tfstate");
            std::fs::write(&path, text).unwrap();
            let ended = call.run(&format!("{command} {SELECT} --state {path}"));
            assert_eq!(ended.exit, Exit::Unclear, "{command} {text}: {}{}", ended.out, ended.err);
            assert!(
                ended.err.contains("may own anything that is selected"),
                "{command} {text}: {}",
                ended.err
            );
        }
        assert!(deletes(&beside(text, "plan -o json")).is_empty(), "{text}");
    }
    let ended = Call::new(world()).run(&format!("plan {SELECT} --state /nowhere/shop.tfstate"));
    assert_eq!(ended.exit, Exit::Unclear, "{}", ended.err);
}

#[test]
fn a_folder_is_every_state_in_it_and_one_without_a_state_keeps_everything() {
    let call = Call::new(world());
    let folder = call.path("live");
    let workspace = format!("{folder}/terraform.tfstate.d/a1");
    std::fs::create_dir_all(&workspace).unwrap();
    let plan = format!("plan -o json {SELECT} --state {folder}");
    let none = call.run(&plan);
    assert_eq!(none.exit, Exit::Unclear, "{}", none.err);
    assert!(none.err.contains("no state lies there"), "{}", none.err);
    std::fs::write(format!("{folder}/terraform.tfstate"), state(&[], &[])).unwrap();
    std::fs::write(format!("{workspace}/terraform.tfstate"), state(&[("aws_nat_gateway", NAT)], &[]))
        .unwrap();
    let both = call.run(&plan);
    assert!(
        !deletes(&both).iter().any(|id| id == NAT) && !deletes(&both).is_empty(),
        "{}{}",
        both.out,
        both.err
    );
    std::fs::write(format!("{workspace}/terraform.tfstate"), "{").unwrap();
    let broken = call.run(&plan);
    assert!(broken.exit == Exit::Unclear && deletes(&broken).is_empty(), "{}{}", broken.out, broken.err);
}

#[test]
fn a_lock_beside_a_state_keeps_everything() {
    let call = Call::new(world());
    let path = call.path("shop.tfstate");
    std::fs::write(&path, state(&[], &[])).unwrap();
    let lock =
        r#"{"ID":"3c58","Operation":"OperationTypeApply","Who":"ann@host","Created":"2026-11-21T09:55:14Z"}"#;
    std::fs::write(call.path(".shop.tfstate.lock.info"), lock).unwrap();
    let ended = call.run(&format!("plan {SELECT} --state {path}"));
    assert_eq!(ended.exit, Exit::Unclear, "{}", ended.out);
    assert!(ended.err.contains("locked by ann@host"), "{}", ended.err);
}

#[test]
fn a_saved_scan_keeps_what_its_states_told_and_a_saved_plan_asks_them_again() {
    let fake = Fake::new(world());
    let call = Call::on(fake.clone());
    let (path, scan, plan) = (call.path("shop.tfstate"), call.path("scan.json"), call.path("plan.json"));
    std::fs::write(&path, state(&[("aws_nat_gateway", NAT)], &[])).unwrap();
    let scanned = call.run(&format!("scan -o json {SELECT} --state {path}"));
    std::fs::write(&scan, &scanned.out).unwrap();
    let offline = call
        .run(&format!("plan -o json --inventory {scan} --select tag:Project=demo --protect stack=demo/live"));
    assert!(!deletes(&offline).iter().any(|id| id == NAT), "{}{}", offline.out, offline.err);

    // A state that takes over a thing between plan and apply.
    std::fs::write(&path, state(&[], &[])).unwrap();
    let planned = call.run(&format!("plan {SELECT} --state {path} --out {plan}"));
    assert!(planned.out.contains(NAT), "{}", planned.out);
    std::fs::write(&path, state(&[("aws_nat_gateway", NAT)], &[])).unwrap();
    let applied = call.run(&format!("apply {plan} --yes"));
    assert!(fake.standing().contains(NAT), "{}{}", applied.out, applied.err);
}

#[test]
fn a_policy_may_name_states_and_the_command_that_makes_room_names_them_again() {
    let call = Call::new(World { limits: crate::quota::young(), ..world() });
    let (path, policy) = (call.path("shop.tfstate"), call.path("policy.toml"));
    std::fs::write(&path, state(&[("aws_nat_gateway", NAT)], &[])).unwrap();
    std::fs::write(
        &policy,
        format!("select = ['tag:Project=demo']\nprotect = ['stack=demo/live']\nstates = ['{path}']\n"),
    )
    .unwrap();
    let ended = call.run(&format!("plan -o json --region us-east-1 --policy {policy}"));
    assert!(!deletes(&ended).iter().any(|id| id == NAT), "{}{}", ended.out, ended.err);
    std::fs::write(&path, state(&[], &[])).unwrap();
    let short = call.run(&format!("quota --need eip=4 {SELECT} --state {path}"));
    assert!(short.out.contains(&format!("--state {path}")), "{}{}", short.out, short.err);
}

/// An account with a bucket `states` of these objects.
fn bucket(objects: &[(&str, String)]) -> World {
    let objects = objects.iter().map(|(key, text)| ((*key).to_owned(), text.clone().into_bytes())).collect();
    World { buckets: [("states".to_owned(), objects)].into(), ..world() }
}

#[test]
fn states_in_a_bucket_are_read_with_the_account_and_those_of_all_workspaces() {
    let owning = || state(&[("aws_nat_gateway", NAT)], &[]);
    let key = "env:/blue/shop/terraform.tfstate";
    for place in ["s3://states/shop", "s3://states/shop/terraform.tfstate", "s3://states"] {
        let world = bucket(&[("shop/terraform.tfstate", state(&[], &[])), (key, owning())]);
        let ended = Call::new(world).run(&format!("plan -o json {SELECT} --state {place}"));
        let rest = deletes(&ended);
        assert!(!rest.is_empty() && !rest.iter().any(|id| id == NAT), "{place}: {rest:?} {}", ended.err);
    }
    let world = bucket(&[("other/terraform.tfstate", owning()), ("shop/terraform.tfstate", state(&[], &[]))]);
    let rest = deletes(&Call::new(world).run(&format!("plan -o json {SELECT} --state s3://states/shop")));
    assert!(rest.iter().any(|id| id == NAT), "another backend's state was not named");
}

#[test]
fn a_bucket_without_a_state_with_a_lock_or_that_may_not_be_read_keeps_everything() {
    let lock = r#"{"ID": "1", "Operation": "OperationTypeApply", "Who": "root@vm", "Created": "2026-11-20T00:00:00Z"}"#;
    let fine = ("shop/terraform.tfstate", state(&[], &[]));
    for (what, world) in [
        ("empty", bucket(&[])),
        ("no state", bucket(&[("photos/cat.jpeg", String::new())])),
        ("another's", bucket(&[("dev/terraform.tfstate", state(&[], &[]))])),
        ("locked", bucket(&[fine, ("shop/terraform.tfstate.tflock", lock.to_owned())])),
        ("denied", world()),
    ] {
        let call = Call::new(world);
        let ended = call.run(&format!("apply --yes {SELECT} --state s3://states/shop"));
        assert_eq!(ended.exit, Exit::Unclear, "{what}: {}{}", ended.out, ended.err);
        assert!(ended.err.contains("may own anything that is selected"), "{what}: {}", ended.err);
    }
}

#[test]
fn a_saved_scan_asks_no_bucket_and_so_nothing_goes() {
    let call = Call::new(bucket(&[("shop/terraform.tfstate", state(&[], &[]))]));
    let path = call.path("scan.json");
    // A scan that was saved with states of the bucket knows nothing of the others there.
    std::fs::write(&path, call.run("scan --region us-east-1 -o json --state s3://states/shop").out).unwrap();
    let ended =
        call.run(&format!("plan -o json --select stack=demo/* --inventory {path} --state s3://states/shop"));
    assert!(deletes(&ended).is_empty() && ended.err.contains("saved scan"), "{}", ended.err);
}
