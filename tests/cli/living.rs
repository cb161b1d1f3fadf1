//! Stacks that live under a selection that reaches them: spared everywhere, told first, and never proposed.

use aws_janitor::cli::Exit;
use aws_janitor::inventory::{Inquiry, Inventory};
use aws_janitor::model::{Key, KindName, Region, Resource};

use crate::fake::{Fake, World, recorded};
use crate::{Call, Ended};

const WIDE: &str = "--region us-east-1 --stack-key Project,EnvironmentSuffix --select tag:Project=demo";

fn here(kind: &str, id: &str) -> Key {
    Key::new(KindName::new(kind), Region::new("us-east-1"), id)
}

/// The recorded account, in which the other stack has a machine that has run for months.
fn living() -> Inventory {
    let mut inventory = recorded();
    let mut machine = Resource::new(here("instance", "i-0f10000000000000a"));
    machine.state = Some("running".to_owned());
    machine.created = Some("2026-08-01T00:00:00Z".parse().unwrap());
    machine.tags.insert("Project".to_owned(), "demo".to_owned());
    machine.tags.insert("EnvironmentSuffix".to_owned(), "live".to_owned());
    inventory.kinds.insert(machine.key.kind.clone());
    inventory.resources.insert(machine.key.clone(), machine);
    inventory
}

fn run(inventory: Inventory, line: &str) -> Ended {
    Call::new(World { inventory: Some(inventory), ..World::default() }).run(line)
}

#[test]
fn l7_plan_scan_and_apply_tell_first_what_lives_and_delete_nothing_of_it() {
    for command in ["plan", "scan", "plan -o tree", "plan -o markdown", "scan -o markdown", "apply --dry-run"]
    {
        let ended = run(living(), &format!("{command} {WIDE}"));
        let told = "Stack demo/live lives and is spared";
        let at = ended.out.find(told);
        assert!(at.is_some_and(|at| at < 200), "{command}: {}{}", ended.out, ended.err);
    }
    let fake = Fake::new(World { inventory: Some(living()), ..World::default() });
    let live = |standing: &Resource| standing.tags.get("EnvironmentSuffix").is_some_and(|it| it == "live");
    let before: Vec<String> =
        living().resources.values().filter(|it| live(it)).map(|it| it.key.id.to_string()).collect();
    let ended = Call::on(fake.clone()).run(&format!("apply --yes {WIDE}"));
    assert!(!fake.changes().is_empty(), "{}{}", ended.out, ended.err);
    assert!(before.iter().all(|id| fake.standing().contains(id)), "{}", ended.out);
}

#[test]
fn no_line_that_is_printed_names_a_living_stack_ready_to_run() {
    for command in ["plan", "scan", "apply --dry-run", "scan -v", "explain i-0f10000000000000a"] {
        let ended = run(living(), &format!("{command} {WIDE}"));
        let text = ended.out + &ended.err;
        assert!(!text.contains("--abandoned demo/live"), "{command}: {text}");
        assert!(!text.contains("select it too"), "{command}: {text}");
    }
}

/// The living stack, of which all is dated and everything was read.
fn dated() -> Inventory {
    let mut inventory = living();
    inventory.kinds = aws_janitor::kinds::CATALOG.iter().map(|spec| spec.kind()).collect();
    for resource in inventory.resources.values_mut() {
        resource.created = Some("2026-08-01T00:00:00Z".parse().unwrap());
    }
    inventory
}

#[test]
fn it_goes_when_the_policy_lets_it_expire_and_the_plan_says_so_first() {
    let call = Call::new(World { inventory: Some(dated()), ..World::default() });
    let policy = call.path("policy.toml");
    let entry = |after: &str| format!("[[expired]]\nselect = 'stack=demo/live'\nafter = '{after}'\n");
    std::fs::write(&policy, entry("3d")).unwrap();
    let line: Vec<&str> = WIDE.split(' ').chain(["--policy", &policy]).collect();
    let plan = call.words(&[&["plan"], line.as_slice()].concat());
    let told = "By the policy, [[expired]] select stack=demo/live after 3d says that nobody wants stack demo/live any";
    let said = plan.out.replace('\n', " ");
    assert!(said.starts_with(told), "{}{}", plan.out, plan.err);
    assert!(said.contains("it lives: i-0f10000000000000a has been running"), "{}", plan.out);
    let json = call.words(&[&["plan", "-o", "json"], line.as_slice()].concat());
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["expired"][0]["stack"], "demo/live");
    let deleted = |json: &serde_json::Value| {
        let steps = json["steps"].as_array().unwrap();
        steps.iter().any(|step| step["resource"] == "i-0f10000000000000a" && step["action"] == "delete")
    };
    assert!(deleted(&json), "{json:#}");
    // Longer than it stands: it is spared, and the plan says what it waits for.
    std::fs::write(&policy, entry("1000d")).unwrap();
    let plan = call.words(&[&["plan"], line.as_slice()].concat());
    assert!(plan.out.contains("Stack demo/live lives and is spared"), "{}", plan.out);
    let markdown = call.words(&[&["plan", "-o", "markdown"], line.as_slice()].concat());
    assert!(!markdown.out.contains("By the policy"), "{}", markdown.out);
    std::fs::write(&policy, entry("3d")).unwrap();
    let markdown = call.words(&[&["plan", "-o", "markdown"], line.as_slice()].concat());
    assert!(markdown.out.contains("By the policy"), "{}", markdown.out);
}

#[test]
fn it_goes_when_it_is_called_abandoned_by_its_name_and_the_plan_says_so_first() {
    let ended = run(living(), &format!("plan {WIDE} --abandoned demo/live"));
    assert!(ended.out.starts_with("By --abandoned, nobody wants these stacks any more"), "{}", ended.out);
    assert!(ended.out.contains("Stack demo/live"), "{}", ended.out);
    let glob = run(living(), &format!("plan {WIDE} --abandoned demo/*"));
    assert!(glob.out.contains("Stack demo/live lives and is spared"), "{}", glob.out);
    assert!(glob.err.contains("no stack is called `demo/*` (--abandoned)"), "{}", glob.err);
}

#[test]
fn a_name_that_fits_two_regions_is_refused_with_both() {
    let mut inventory = living();
    let far = Region::new("eu-west-1");
    inventory.regions.insert(far.clone());
    let mut address = Resource::new(Key::new(KindName::of("elastic-ip"), far, "eipalloc-far"));
    address.tags.insert("Project".to_owned(), "demo".to_owned());
    address.tags.insert("EnvironmentSuffix".to_owned(), "live".to_owned());
    inventory.resources.insert(address.key.clone(), address);
    let ended = run(inventory, &format!("plan {WIDE} --region eu-west-1 --abandoned demo/live"));
    assert_eq!(ended.exit, Exit::Refused, "{}{}", ended.out, ended.err);
    assert!(ended.err.contains("demo/live in eu-west-1, demo/live in us-east-1"), "{}", ended.err);
}

#[test]
fn l8_no_remedy_for_a_quota_ever_is_the_living_stack() {
    let limits = crate::quota::young();
    let world = |inventory: Inventory| World {
        inventory: Some(inventory),
        limits: limits.clone(),
        ..World::default()
    };
    let propose = |inventory: &Inventory| -> Vec<String> {
        let needs = 1..=12;
        let of = |need: u32| {
            let line = format!("quota --need eip={need} -o json {WIDE}");
            let ended = Call::new(world(inventory.clone())).run(&line);
            let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap_or_default();
            document["remedy"].to_string()
        };
        needs.map(of).collect()
    };
    let dead = propose(&recorded());
    assert!(dead.iter().any(|remedy| remedy.contains("demo/live")), "nothing shows that it lives: {dead:?}");
    let alive = propose(&living());
    assert!(alive.iter().all(|remedy| !remedy.contains("demo/live")), "{alive:?}");
    assert!(alive.iter().any(|remedy| remedy.contains("demo/a1")), "{alive:?}");
}

#[test]
fn what_has_no_age_is_asked_about_once_and_goes_by_the_answer() {
    let mut inventory = recorded();
    for resource in inventory.resources.values_mut() {
        resource.created = None;
    }
    let of = here("elastic-ip", "eipalloc-0a1000000000000001");
    assert!(inventory.resources.contains_key(&of));
    let made = [("made_at".to_owned(), "2026-11-01T00:00:00Z".to_owned())].into();
    let answers = [(Inquiry::Maker { of }, Ok(made))].into();
    let fake = Fake::new(World { inventory: Some(inventory), answers, ..World::default() });
    let line = "scan -o json --region us-east-1 --stack-key Project,EnvironmentSuffix --select tag:Project=demo,tag:EnvironmentSuffix=a1 --older-than 2h";
    let ended = Call::on(fake.clone()).run(line);
    assert!(ended.out.contains("20d 12h old at least (CloudTrail says so)"), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("age unknown"), "of the others its history has no event");
    let asked = fake.calls().iter().filter(|call| call.starts_with("inquire")).count();
    assert_eq!(asked, 1, "{:?}", fake.calls());
}
