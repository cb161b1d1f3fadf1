//! Guard rules as people meet them: what a rule forbids stays in every command that judges, a saved plan and a run
//! that goes on keep to the rules that they were made with, and no rule is ever passed over.

use aws_janitor::cli::Exit;

use crate::{Call, Ended, SELECT, World};

const NAT: &str = "nat-0a1000000000000001";

/// A call in whose folder a file of guard rules stands.
fn with(rules: &str) -> (Call, String) {
    let call = Call::new(World::default());
    let path = call.path("guards.cedar");
    std::fs::write(&path, rules).unwrap();
    (call, path)
}

#[track_caller]
fn refused(ended: &Ended, exit: Exit, parts: &[&str]) {
    assert_eq!(ended.exit, exit, "{}{}", ended.out, ended.err);
    for part in parts {
        assert!(ended.err.contains(part), "{part}: {}", ended.err);
    }
    assert_eq!(ended.fake.changes(), [""; 0]);
}

#[cfg(not(feature = "cedar"))]
#[test]
fn without_the_feature_every_command_refuses_rules_and_says_how_to_install_it() {
    let (call, path) = with("forbid(principal, action, resource);");
    let policy = call.path("policy.toml");
    std::fs::write(&policy, "guards = ['guards.cedar']").unwrap();
    for line in ["scan", "plan", "apply --yes", &format!("explain {NAT}"), "graph --format dot", "quota"] {
        for flag in [format!("--guard {path}"), format!("--policy {policy}")] {
            let ended = call.run(&format!("{line} {SELECT} {flag}"));
            refused(&ended, Exit::Usage, &["--features cedar"]);
            assert_eq!(ended.fake.calls(), [""; 0], "{line}");
        }
    }
    let ended = call.words(&["policy", "check", &policy]);
    assert_eq!(ended.exit, Exit::Usage);
    assert!(ended.out.contains("--features cedar"), "{}", ended.out);
}

#[cfg(feature = "cedar")]
mod read {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use aws_janitor::model::Key;
    use serde_json::Value;

    use super::*;
    use crate::fake::{Fake, Move, When, recorded};

    const SPARE: &str = "eipalloc-0a1000000000000009";
    const DISK: &str = "vol-0a10000000000000001";
    const VPC: &str = "vpc-0a1000000000000001";

    fn keeping(condition: &str) -> String {
        format!(
            "@reason(\"the VPN needs it\")\nforbid(principal, action == Action::\"delete\", resource)\nwhen {{ {condition} }};\n"
        )
    }

    /// The ids that a plan deletes.
    #[track_caller]
    fn deletes(ended: &Ended) -> BTreeSet<String> {
        let document: Value = serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{}", ended.err));
        let steps = document["steps"].as_array().cloned().unwrap_or_default();
        let deletes = steps.iter().filter(|step| step["action"] == "delete");
        deletes.map(|step| step["resource"].as_str().unwrap().to_owned()).collect()
    }

    fn planned(flags: &str) -> BTreeSet<String> {
        deletes(&Call::new(World::default()).run(&format!("plan -o json {SELECT} {flags}")))
    }

    #[test]
    fn what_a_rule_forbids_stays_as_what_a_term_protects_and_its_reason_is_told() {
        let (call, path) = with(&keeping(&format!("resource.id == \"{NAT}\"")));
        let whole = planned("");
        assert!(whole.contains(NAT));
        let guarded = deletes(&call.run(&format!("plan -o json {SELECT} --guard {path}")));
        assert!(!guarded.contains(NAT) && guarded.is_subset(&whole), "{guarded:?}");
        assert_eq!(guarded, planned(&format!("--protect id={NAT}")));
        for line in [format!("explain {NAT}"), "plan".to_owned(), "scan -v".to_owned()] {
            let ended = call.run(&format!("{line} {SELECT} --guard {path}"));
            let told = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(told.contains("guards.cedar:1 forbids it: the VPN needs it"), "{line}: {told}");
        }
        let scan = call.run(&format!("scan -o json {SELECT} --guard {path}"));
        let document: Value = serde_json::from_str(&scan.out).unwrap();
        crate::documents::follows("scan.json", &document);
        let nat =
            document["resources"].as_array().unwrap().iter().find(|it| it["id"] == NAT).unwrap().clone();
        assert_eq!(nat["gate"]["by"], "forbidden");
        assert!(nat["gate"]["rules"][0].as_str().unwrap().ends_with("guards.cedar:1"), "{nat}");
    }

    #[test]
    fn a_rule_on_a_vpc_keeps_its_network_as_a_term_would() {
        let (call, path) = with(&keeping(&format!("resource == Resource::\"{VPC}\"")));
        let guarded = deletes(&call.run(&format!("plan -o json {SELECT} --guard {path}")));
        assert_eq!(guarded, planned(&format!("--protect id={VPC}")));
        assert!(!guarded.iter().any(|id| id.starts_with("subnet-0a1")), "{guarded:?}");
    }

    #[test]
    fn a_policy_file_names_its_rules_from_its_own_folder_and_flags_add_to_them() {
        let (call, path) = with(&keeping(&format!("resource.id == \"{NAT}\"")));
        let policy = call.path("policy.toml");
        std::fs::write(&policy, "guards = ['guards.cedar']").unwrap();
        let alone = deletes(&call.run(&format!("plan -o json {SELECT} --policy {policy}")));
        assert!(!alone.contains(NAT) && !alone.is_empty());
        let other = call.path("other.cedar");
        std::fs::write(&other, keeping("resource.class == Class::\"tool\"")).unwrap();
        let both = deletes(&call.run(&format!("plan -o json {SELECT} --policy {policy} --guard {other}")));
        assert!(both.is_subset(&alone) && both.len() < alone.len(), "{both:?}");
        let twice = deletes(&call.run(&format!("plan -o json {SELECT} --guard {path} --guard {other}")));
        assert_eq!(twice, both);
    }

    #[test]
    fn a_run_leaves_what_a_rule_forbids_and_ends_as_beside_a_term() {
        let (call, path) = with(&keeping(&format!("resource.id == \"{NAT}\"")));
        let ended = call.run(&format!("apply --yes {SELECT} --guard {path}"));
        assert!(ended.fake.standing().contains(NAT) && !ended.fake.changes().is_empty());
        let term = Call::new(World::default()).run(&format!("apply --yes {SELECT} --protect id={NAT}"));
        assert_eq!((ended.exit, ended.fake.changes()), (term.exit, term.fake.changes()), "{}", ended.err);
        let (call, path) = with(&keeping(&format!("resource.id == \"{SPARE}\"")));
        let ended = call.run(&format!("apply --yes {SELECT} --guard {path}"));
        assert_eq!(ended.exit, Exit::Done, "{}", ended.err);
        assert!(ended.fake.standing().contains(SPARE));
    }

    #[test]
    fn a_rule_that_cannot_be_evaluated_keeps_the_thing_and_ends_with_three() {
        let overflow = format!(
            "resource.id == \"{NAT}\" && resource has monthly_cents && resource.monthly_cents * 9223372036854775807 > 0"
        );
        let (call, path) = with(&keeping(&overflow));
        let ended = call.run(&format!("apply --yes {SELECT} --guard {path}"));
        assert_eq!(ended.exit, Exit::Partly, "{}", ended.err);
        assert!(ended.fake.standing().contains(NAT));
        let told = call.run(&format!("explain {NAT} {SELECT} --guard {path}")).out;
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("guards.cedar:1 could not be evaluated, so it stays"), "{told}");
    }

    /// The account, as somebody else calls.
    fn as_nightly() -> World {
        let mut inventory = recorded();
        inventory.caller.arn = "arn:aws:sts::123456789012:assumed-role/nightly/run".to_owned();
        World { inventory: Some(inventory), ..World::default() }
    }

    const NO_NIGHT: &str = "principal.arn like \"*:assumed-role/nightly/*\"";

    #[test]
    fn a_saved_plan_is_judged_by_the_rules_it_was_made_with_whatever_became_of_their_file() {
        let (call, path) = with(&keeping(NO_NIGHT));
        let plan = call.path("plan.json");
        let ended = call.run(&format!("plan --out {plan} {SELECT} --guard {path}"));
        assert_eq!(ended.exit, Exit::Done, "{}", ended.err);
        std::fs::remove_file(&path).unwrap();
        let document: Value = serde_json::from_str(&std::fs::read_to_string(&plan).unwrap()).unwrap();
        crate::documents::follows("plan.json", &document);
        assert_eq!(document["policy"]["guards"][0]["rules"], keeping(NO_NIGHT));
        let night = Call::on(Fake::new(as_nightly()));
        let kept = night.run(&format!("apply --yes {plan}"));
        assert_eq!(kept.fake.changes(), [""; 0], "{}", kept.err);
        assert!(kept.err.contains("guards.cedar:1 forbids it: the VPN needs it"), "{}", kept.err);
        let done = call.run(&format!("apply --yes {plan}"));
        assert_eq!(done.exit, Exit::Done, "{}", done.err);
        assert!(!done.fake.standing().contains(NAT));
    }

    #[test]
    fn a_saved_plan_whose_rules_were_edited_is_refused_and_takes_no_others() {
        let (call, path) = with(&keeping(NO_NIGHT));
        let plan = call.path("plan.json");
        assert_eq!(call.run(&format!("plan --out {plan} {SELECT} --guard {path}")).exit, Exit::Done);
        let ended = call.run(&format!("apply --yes {plan} --guard {path}"));
        refused(&ended, Exit::Usage, &["the policy it was made with"]);
        let text = std::fs::read_to_string(&plan).unwrap();
        std::fs::write(&plan, text.replace("assumed-role/nightly", "assumed-role/nobody")).unwrap();
        refused(&call.run(&format!("apply --yes {plan}")), Exit::Refused, &["changed after it was made"]);
    }

    #[test]
    fn a_run_that_goes_on_keeps_to_its_rules() {
        let (stopper, signal) = aws_janitor::run::stop_signal();
        let mut call = Call::new(World { stop: Some((2, stopper)), ..World::default() });
        let path = call.path("guards.cedar");
        std::fs::write(&path, keeping(NO_NIGHT)).unwrap();
        let journal = call.path("run.jsonl");
        call.stop = signal;
        let stopped = call.run(&format!("apply --yes {SELECT} --guard {path} --journal {journal}"));
        assert_eq!(stopped.exit, Exit::Partly, "{}", stopped.err);
        let gone: BTreeSet<String> = &Fake::new(World::default()).standing() - &call.fake.standing();
        std::fs::remove_file(&path).unwrap();
        let mut world = as_nightly();
        let rows = |rows: &mut std::collections::BTreeMap<Key, aws_janitor::model::Resource>| {
            rows.retain(|key, _| !gone.contains(&*key.id));
        };
        world.inventory.as_mut().map(|it| rows(&mut it.resources)).unwrap();
        let night = Call::on(Fake::new(world));
        let kept = night.run(&format!("apply --resume {journal} --yes"));
        assert_eq!(kept.fake.changes(), [""; 0], "{}", kept.err);
        assert!(kept.err.contains("guards.cedar:1 forbids it"), "{}", kept.err);
    }

    #[test]
    fn during_a_run_the_rules_are_asked_again_before_each_call() {
        // A disk grows while the run is at work. Nothing else speaks for it by that.
        let rule = keeping("resource has monthly_cents && resource.monthly_cents > 10000");
        let run = |flags: &str| {
            let grow: Move = Arc::new(|rows| {
                let disk = rows.values_mut().find(|it| &*it.key.id == DISK);
                disk.map(|it| it.facts.insert("size_gib".to_owned(), "5000".to_owned()));
            });
            let call = Call::new(World { moves: vec![(When::Scan(2), grow)], ..World::default() });
            std::fs::write(call.path("guards.cedar"), &rule).unwrap();
            let flags = flags.replace("FILE", &call.path("guards.cedar"));
            call.run(&format!("apply --yes --with-data volume,kms-key {SELECT} {flags}"))
        };
        let (without, with) = (run(""), run("--guard FILE"));
        assert!(!without.fake.standing().contains(DISK), "{}", without.err);
        assert!(with.fake.standing().contains(DISK) && !with.fake.changes().is_empty(), "{}", with.err);
        let told = format!("{}{}", with.out, with.err).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("guards.cedar:1 forbids it: the VPN needs it"), "{told}");
    }

    #[test]
    fn a_slip_refuses_every_command_with_file_and_line_before_anything_is_called() {
        let (call, path) =
            with("forbid(principal, action, resource)\nwhen { resource.knd == Kind::\"vpc\" };");
        let policy = call.path("policy.toml");
        std::fs::write(&policy, "guards = ['guards.cedar']").unwrap();
        for line in ["scan", "plan", "apply --yes", &format!("explain {NAT}"), "graph --format dot", "quota"]
        {
            for flag in [format!("--guard {path}"), format!("--policy {policy}")] {
                let ended = call.run(&format!("{line} {SELECT} {flag}"));
                refused(
                    &ended,
                    Exit::Usage,
                    &["guards.cedar:2: ", "attribute `knd`", "did you mean `kind`?"],
                );
                assert_eq!(ended.fake.calls(), [""; 0], "{line}");
            }
        }
    }

    #[test]
    fn a_file_that_is_not_there_or_has_no_rule_is_refused() {
        let (call, path) = with("// nothing yet\n");
        refused(
            &call.run(&format!("plan {SELECT} --guard {path}")),
            Exit::Usage,
            &["there is no rule in it"],
        );
        let nowhere = call.path("nowhere.cedar");
        let ended = call.run(&format!("plan {SELECT} --guard {nowhere}"));
        refused(
            &ended,
            Exit::Usage,
            &["nowhere.cedar: it cannot be read, and nobody would know what it forbids"],
        );
        std::fs::write(&path, b"forbid(principal, action, resource); // \xff").unwrap();
        refused(&call.run(&format!("plan {SELECT} --guard {path}")), Exit::Usage, &["it cannot be read"]);
    }

    #[test]
    fn policy_check_tells_every_error_of_the_rules_and_what_they_would_do() {
        let (call, path) =
            with("permit(principal, action, resource);\nforbid(principal, action, resource) when { a };");
        let policy = call.path("policy.toml");
        std::fs::write(&policy, "select = ['name=abc']\nguards = [\n'guards.cedar',\n'nowhere.cedar']")
            .unwrap();
        let check = |words: &[&str]| call.words(&[&["policy", "check", &policy], words].concat());
        let ended = check(&[]);
        assert_eq!(ended.exit, Exit::Usage);
        for part in ["policy.toml:4: error: in guards: ", "nowhere.cedar: it cannot be read"] {
            assert!(ended.out.contains(part), "{part}: {}", ended.out);
        }
        std::fs::write(call.path("nowhere.cedar"), "permit(principal, action, resource);").unwrap();
        std::fs::write(
            &path,
            "permit(principal, action, resource);\nforbid(principal, action, resource) when { resource.a };",
        )
        .unwrap();
        let ended = check(&[]);
        for part in [
            "guards.cedar:1: a guard rule can only",
            "guards.cedar:2: attribute `a`",
            "nowhere.cedar:1: a guard",
        ] {
            assert!(ended.out.contains(part), "{part}: {}", ended.out);
        }
        std::fs::write(&path, keeping("true")).unwrap();
        std::fs::write(call.path("nowhere.cedar"), keeping("resource.holds_data")).unwrap();
        let ended = check(&[]);
        assert_eq!(ended.exit, Exit::Done, "{}", ended.out);
        let told = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("Stays as well what a guard rule forbids to delete: "), "{told}");
        let document: Value = serde_json::from_str(&check(&["-o", "json"]).out).unwrap();
        crate::documents::follows("policy-check.json", &document);
    }

    #[test]
    fn what_a_reason_says_is_text_and_commands_nothing() {
        let reason = "x\\u{1b}[2J\\n::stop-commands::pwned\\n##[error]\\u{7}pwned";
        let (call, path) = with(&format!(
            "@reason(\"{reason}\")\nforbid(principal, action, resource) when {{ resource.id == \"{NAT}\" }};"
        ));
        for line in [
            format!("explain {NAT}"),
            "plan".into(),
            "scan".into(),
            "plan -o markdown".into(),
            "scan -o csv".into(),
        ] {
            let ended = call.run(&format!("{line} {SELECT} --guard {path}"));
            let told = format!("{}{}", ended.out, ended.err);
            assert!(!told.contains(['\u{1b}', '\u{7}']) && !told.contains("##["), "{line}: {told:?}");
            assert!(told.lines().all(|line| !line.trim_start().starts_with("::")), "{line}: {told:?}");
        }
        let told = call.run(&format!("explain {NAT} {SELECT} --guard {path}")).out;
        assert!(told.contains("pwned"), "{told}");
    }

    #[test]
    fn the_command_that_makes_room_repeats_the_rules() {
        let call = Call::new(World { limits: crate::quota::young(), ..World::default() });
        let path = call.path("guards.cedar");
        std::fs::write(&path, keeping("resource.kind == Kind::\"kms-key\"")).unwrap();
        let ended = call.run(&format!("quota --need eip=4 -o json {SELECT} --guard {path}"));
        assert_eq!(ended.exit, Exit::Short, "{}", ended.err);
        let document: Value = serde_json::from_str(&ended.out).unwrap();
        let words = document["remedy"]["argv"].as_array().unwrap();
        assert!(words.windows(2).any(|it| it[0] == "--guard" && it[1] == path), "{words:?}");
        // What a rule keeps makes no room.
        std::fs::write(&path, keeping("resource.kind == Kind::\"elastic-ip\"")).unwrap();
        let ended = call.run(&format!("quota --need eip=4 -o json {SELECT} --guard {path}"));
        let document: Value = serde_json::from_str(&ended.out).unwrap();
        assert!(document["remedy"].is_null(), "{}", document["remedy"]);
    }

    #[test]
    fn the_example_can_be_used_and_each_of_its_rules_keeps_something() {
        let path = format!("{}/policies/guards.cedar", env!("CARGO_MANIFEST_DIR"));
        let call = Call::new(World::default());
        let ended = call.run(&format!("plan -o json {SELECT} --guard {path}"));
        assert_eq!(ended.exit, Exit::Done, "{}", ended.err);
        let night = Call::on(Fake::new(as_nightly())).run(&format!("plan -o json {SELECT} --guard {path}"));
        assert!(deletes(&night).len() < deletes(&ended).len());
    }
}
