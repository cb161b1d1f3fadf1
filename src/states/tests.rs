//! Locks and pending operations of states, and states that nobody can read.

use serde_json::{Value as Json, json};

use super::*;
use crate::deployment::Alone;
use crate::deployment::testing::Files;

fn read_alone(source: &str, document: &Json) -> Result<StackState, StateError> {
    read(source, document.to_string().as_bytes(), &Alone).map(|state| state.stack)
}

const LOCK: &str = r#"{"ID":"3c58","Operation":"OperationTypeApply","Info":"","Who":"ann@host",
    "Version":"1.11.4","Created":"2026-11-21T19:55:14.4Z","Path":"shop.tfstate"}"#;

fn terraform() -> Json {
    json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "resources": [
        {"mode": "managed", "type": "aws_db_instance", "name": "a", "instances": [{"attributes": {"password": "hunter2"}}]}]})
}

fn export() -> Json {
    let urn = "urn:pulumi:dev::shop::eks:index:Cluster$aws:eks/cluster:Cluster::main::odd";
    json!({"version": 3, "deployment": {
        "resources": [{"urn": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", "outputs": {"a": "hunter2"}}],
        "pending_operations": [{"resource": {"urn": urn, "inputs": {"password": "hunter2"}}, "type": "creating"}],
    }})
}

#[test]
fn locks_beside_a_terraform_state_lie_on_it() {
    for name in [".shop.tfstate.lock.info", "shop.tfstate.lock.info", "shop.tfstate.tflock"] {
        let folder = Files::of(&[(name, LOCK)]);
        let text = terraform().to_string();
        let state = read("live/shop.tfstate", text.as_bytes(), &folder).unwrap().stack;
        let [lock] = state.locks.as_slice() else { panic!("{name}") };
        assert_eq!(lock.source, format!("live/{name}"));
        assert_eq!((lock.id.as_deref(), lock.who.as_deref()), (Some("3c58"), Some("ann@host")));
        assert_eq!(lock.operation.as_deref(), Some("OperationTypeApply"));
        assert_eq!(lock.since, "2026-11-21T19:55:14.4Z".parse().ok());
    }
    let other = Files::of(&[(".other.tfstate.lock.info", LOCK)]);
    let text = terraform().to_string();
    assert!(read("shop.tfstate", text.as_bytes(), &other).unwrap().stack.locks.is_empty(), "another's lock");
    assert_eq!(
        read_alone("shop.tfstate", &terraform()).map(|it| (it.tool, it.locks.len())),
        Ok((TERRAFORM, 0))
    );
}

#[test]
fn a_lock_that_cannot_be_read_is_a_lock() {
    for broken in ["", "{", "[]", "{\"ID\": 3}"] {
        let folder = Files::of(&[(".shop.tfstate.lock.info", broken)]);
        let state = read("shop.tfstate", terraform().to_string().as_bytes(), &folder).unwrap().stack;
        assert_eq!(state.locks.len(), 1, "{broken:?}");
    }
}

#[test]
fn a_lock_may_be_named_itself() {
    let state = read(".shop.tfstate.lock.info", LOCK.as_bytes(), &Alone).unwrap().stack;
    assert_eq!((state.tool, state.locks.len()), (TERRAFORM, 1));
    let text = json!({"pid": 7, "username": "ann", "hostname": "host", "timestamp": "2026-11-21T19:55:14Z"});
    let state = read_alone(".pulumi/locks/organization/shop/dev/0a1b.json", &text).unwrap();
    let lock = &state.locks[0];
    assert_eq!((state.tool, state.stack.as_deref()), (PULUMI, Some("shop/dev")));
    assert_eq!((lock.id.as_deref(), lock.who.as_deref()), (Some("0a1b"), Some("ann@host")));
    assert!(lock.since.is_some());
}

#[test]
fn what_pulumi_began_and_did_not_finish_is_pending() {
    let checkpoint = json!({"version": 4, "features": ["views"], "checkpoint":
        {"stack": "organization/other/name", "latest": export()["deployment"]}});
    for document in [export(), checkpoint] {
        let state = read_alone("stack.json", &document).unwrap();
        assert_eq!((state.tool, state.stack.as_deref()), (PULUMI, Some("shop/dev")));
        let [pending] = state.pending.as_slice() else { panic!("one is pending") };
        assert_eq!(
            (pending.operation.as_str(), pending.type_name.as_str(), pending.name.as_str()),
            ("creating", "aws:eks/cluster:Cluster", "main::odd")
        );
        assert!(!format!("{state:?}").contains("hunter2"), "nothing of a resource is kept");
    }
}

#[test]
fn a_stack_that_holds_nothing_yet_is_free() {
    for document in [
        json!({"version": 3, "deployment": {"manifest": {}}}),
        json!({"version": 3, "deployment": null}),
        json!({"version": 3, "checkpoint": {"stack": "organization/shop/dev"}}),
        json!({"version": 1, "checkpoint": {"target": "dev", "latest": {"resources": null}}}),
    ] {
        let state = read_alone("stack.json", &document).unwrap();
        assert!(state.pending.is_empty() && state.locks.is_empty(), "{document}");
    }
}

#[test]
fn what_cannot_be_read_whole_is_never_free() {
    let sealed = json!({"meta": {}, "encrypted_data": "x", "encryption_version": "v0"});
    assert_eq!(read_alone("a", &sealed), Err(StateError::Sealed { how: "encrypted" }));
    let sealed = json!({"serial": 3, "lineage": "x", "version": 4, "encrypted_data": "x"});
    assert!(read_alone("a", &sealed).is_err(), "whatever stands beside it");
    assert!(matches!(read("a", &[0x1f, 0x8b, 8], &Alone), Err(StateError::Broken { .. })));
    for (document, version) in [
        (json!({"version": 3, "terraform_version": "0.11.1", "serial": 1}), "3"),
        (json!({"version": 5, "terraform_version": "2.0.0"}), "5"),
        (json!({"version": 5, "deployment": {}}), "5"),
        (json!({"version": 9, "checkpoint": {}}), "9"),
    ] {
        assert!(
            matches!(read_alone("a", &document), Err(StateError::UnknownVersion { version: it, .. }) if it == version),
            "{document}"
        );
    }
    for document in [
        json!({"version": "4", "serial": 1}),
        json!({"deployment": {}}),
        json!({"version": 3, "deployment": {"pending_operations": [{"resource": {}, "type": "creating"}]}}),
        json!({"version": 3, "deployment": {"pending_operations": [{"resource": {"urn": "x"}, "type": "creating"}]}}),
        json!({"version": 3, "deployment": {"pending_operations": 3}}),
    ] {
        assert!(matches!(read_alone("a", &document), Err(StateError::Broken { .. })), "{document}");
    }
    for text in ["", " ", "[]", "PK", "{}", "{\"format_version\": \"1.0\", \"values\": {}}", "name: x"] {
        assert!(matches!(read("a", text.as_bytes(), &Alone), Err(StateError::NotAState { .. })), "{text:?}");
    }
}

#[test]
fn a_state_that_is_cut_anywhere_is_an_error() {
    for document in [terraform(), export()] {
        let text = document.to_string();
        for end in 0..text.len() {
            assert!(read("a", &text.as_bytes()[..end], &Alone).is_err(), "cut at {end}");
        }
    }
}

#[test]
fn an_error_tells_where_and_never_what() {
    for text in ["{\"version\": hunter2}", "{\"ID\": [\"hunter2\"]}", "{\"deployment\": \"hunter2\"}"] {
        let error = read("a", text.as_bytes(), &Alone).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
