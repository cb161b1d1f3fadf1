//! What scripts read: every document follows its published schema, and stdout holds nothing else.

use aws_janitor::cli::Exit;
use serde_json::Value;

use crate::{Call, SELECT, World, run};

/// The published schema of this name.
fn published(name: &str) -> Value {
    let path = format!("{}/schemas/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}")))
        .unwrap()
}

#[track_caller]
pub(crate) fn follows(name: &str, document: &Value) {
    let validator = jsonschema::validator_for(&published(name)).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, [""; 0], "{name}");
}

#[test]
fn the_published_schemas_are_current() {
    for (name, schema) in aws_janitor::report::json::schemas() {
        let text = aws_janitor::report::json::text(&schema).unwrap();
        let path = format!("{}/schemas/{name}", env!("CARGO_MANIFEST_DIR"));
        let mut current = std::fs::read_to_string(&path).unwrap_or_default();
        if current != text && std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &text).unwrap();
            current.clone_from(&text);
        }
        assert!(current == text, "{path} is old: run the tests with UPDATE_EXPECT=1");
    }
}

#[test]
fn the_published_schema_of_guard_rules_is_current() {
    let kinds: Vec<&str> = aws_janitor::kinds::CATALOG.iter().map(|spec| spec.name).collect();
    let text = aws_janitor::guards::schema(&kinds);
    let path = format!("{}/schemas/guards.cedarschema", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(current == text, "{path} is old: run the tests with UPDATE_EXPECT=1");
}

#[test]
fn scan_plan_explain_and_run_follow_their_schemas() {
    for (line, schema, exit) in [
        ("scan -o json", "scan.json", Exit::Done),
        ("plan -o json", "plan.json", Exit::Done),
        ("explain demo-a1-vpc -o json", "explain.json", Exit::Done),
        ("apply --yes -o json", "run.json", Exit::Done),
        ("apply --dry-run -o json", "run.json", Exit::Done),
        // What nothing dates is not known to be old: it is left.
        ("apply --yes -o json --older-than 52w", "run.json", Exit::Partly),
    ] {
        let ended = run(&format!("{line} {SELECT}"));
        assert_eq!(ended.exit, exit, "{line}: {}", ended.err);
        let document: Value =
            serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{line}: {error}"));
        follows(schema, &document);
        let name = schema.trim_end_matches(".json");
        // Plans are of the form that carries its proof.
        let form = if name == "plan" { 2 } else { 1 };
        assert_eq!(document["schema"], format!("aws-janitor/{name}/{form}"));
    }
}

#[test]
fn each_line_of_a_run_follows_the_journal_schema_and_the_last_is_the_summary() {
    let ended = run(&format!("apply --yes -o jsonl {SELECT}"));
    let lines: Vec<Value> = ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        follows("journal.json", line);
    }
    assert_eq!(lines.last().unwrap()["event"], "closed");
    assert_eq!(lines.last().unwrap()["summary"]["outcome"], "done");
}

#[test]
fn a_schema_refuses_what_the_document_cannot_be() {
    let validator = jsonschema::validator_for(&published("plan.json")).unwrap();
    assert!(!validator.is_valid(&serde_json::json!({ "schema": "aws-janitor/plan/1" })));
}

#[test]
fn a_scan_can_be_worked_on_offline() {
    let call = Call::new(World::default());
    let path = call.path("scan.json");
    std::fs::write(&path, call.run(&format!("scan -o json {SELECT}")).out).unwrap();
    let online = call.run(&format!("plan {SELECT}"));
    let calls = call.fake.calls().len();
    let offline =
        call.run(&format!("plan --inventory {path} --select tag:Project=demo --protect stack=demo/live"));
    assert_eq!(offline.exit, Exit::Done, "{}", offline.err);
    assert_eq!(offline.out, online.out);
    assert_eq!(call.fake.calls().len(), calls);
    std::fs::write(&path, "{}").unwrap();
    let broken = call.run(&format!("plan --inventory {path} --select tag:Project=demo"));
    assert_eq!(broken.exit, Exit::Error);
    assert!(broken.err.contains("scan -o json"), "{}", broken.err);
}

#[test]
fn the_step_summary_is_written_where_it_is_asked_for() {
    let call = Call::new(World::default());
    let path = call.path("summary.md");
    let call = call.variable("GITHUB_STEP_SUMMARY", &path);
    for line in ["scan", "plan", "apply --yes"] {
        assert_eq!(call.run(&format!("{line} {SELECT}")).exit, Exit::Done);
    }
    let text = std::fs::read_to_string(&path).unwrap();
    for heading in ["### AWS leftovers", "### aws-janitor plan", "### aws-janitor run"] {
        assert!(text.contains(heading), "{text}");
    }
}

#[test]
fn quiet_leaves_only_data() {
    let ended = run(&format!("scan -q -o csv {SELECT}"));
    assert_eq!(ended.err, "");
    assert!(ended.out.starts_with("kind,id,region,name,stack,created,verdict,monthly_usd,evidence,arn\r\n"));
    assert_eq!(ended.out.lines().count(), 25, "{}", ended.out);
}

#[test]
fn completions_and_manuals_know_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(run(&format!("completions {shell}")).out.contains("explain"), "{shell}");
    }
    for command in aws_janitor::cli::command().get_subcommands() {
        let page = run(&format!("man {}", command.get_name()));
        assert!(page.out.contains(".TH"), "{}", page.err);
    }
    assert!(run("man").out.contains("aws\\-janitor"));
    assert_eq!(run("man nonsense").exit, Exit::Usage);
}

#[test]
fn a_picture_is_well_formed_and_names_every_fate() {
    let svg = run(&format!("graph --format svg {SELECT}")).out;
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("<g>").count(), svg.matches("</g>").count());
    assert!(
        svg.contains(": delete</title>")
            && svg.contains(": blocked</title>")
            && svg.contains(": kept</title>")
    );
    let dot = run(&format!("graph --format dot {SELECT}")).out;
    assert!(dot.starts_with("digraph") && dot.matches('{').count() == dot.matches('}').count());
}

#[test]
fn a_picture_of_many_things_is_folded() {
    let mut inventory = crate::fake::recorded();
    let address =
        inventory.resources.values().find(|it| it.key.id == "eipalloc-0a1000000000000009").unwrap().clone();
    for number in 0..100 {
        let mut more = address.clone();
        more.key.id = format!("eipalloc-0b{number:015}").into();
        inventory.resources.insert(more.key.clone(), more);
    }
    let call = Call::new(World { inventory: Some(inventory), ..World::default() });
    let text = call.run(&format!("graph --format dot {SELECT}")).out;
    assert!(text.contains("×102"), "{text}");
    assert!(text.lines().count() < 80);
    let text = call.run(&format!("graph --format mermaid {SELECT}")).out;
    assert!(text.contains("demo/a1<br/>114 resources, 112 to go"), "{text}");
    assert!(text.contains("demo/live<br/>9 resources, 0 to go, healthy, $36.50/month\"]:::kept"), "{text}");
    assert!(text.lines().count() < 20, "{text}");
}

#[test]
fn a_picture_goes_as_far_as_it_is_asked_to() {
    let boxes =
        |line: &str| run(&format!("graph --format mermaid {line} {SELECT}")).out.matches("]:::").count();
    let depths =
        [1, 2, 3].map(|depth| boxes(&format!("--focus eipalloc-0a1000000000000001 --depth {depth}")));
    assert!(depths[0] < depths[1] && depths[1] <= depths[2], "{depths:?}");
    assert_eq!(boxes("--focus eipalloc-0a1000000000000001"), depths[1]);
    // Every thing of the stack, and nothing of one that has nothing to do with it.
    let text = run(&format!("graph --format mermaid --stack demo/a1 {SELECT}")).out;
    assert!(text.contains("igw-0a1000000000000001") && !text.contains("demo/live"), "{text}");
    let wrong = run(&format!("graph --format mermaid --stack demo/a {SELECT}"));
    assert!(
        wrong.err.contains("the scan has no stack `demo/a`") && wrong.err.contains("demo/a1"),
        "{}",
        wrong.err
    );
    assert_eq!(run(&format!("graph --format dot --depth 3 {SELECT}")).exit, Exit::Usage);
}
