//! The laws of guard rules: what is a rule, what each may look at, and what is said when one matches or fails.

use std::collections::BTreeSet;

use super::{Asked, Forbidden, GuardFile, Guards};
use crate::model::{Class, Key, KindName, Region, Resource, StackVerdict};

const KINDS: &[&str] = &["vpc", "volume", "elastic-ip"];

fn compiled(text: &str) -> Result<Guards, Vec<String>> {
    let guards = Guards::new(&[GuardFile::read("g.cedar", text)], KINDS);
    guards.map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

#[track_caller]
fn guards(text: &str) -> Guards {
    compiled(text).unwrap_or_else(|faults| panic!("{text}: {faults:#?}"))
}

/// What is wrong with a rule of this condition.
#[track_caller]
fn faults(text: &str) -> Vec<String> {
    compiled(text).expect_err(text)
}

fn when(condition: &str) -> String {
    format!("forbid(principal, action == Action::\"delete\", resource) when {{ {condition} }};")
}

fn volume() -> Resource {
    let mut it = Resource::new(Key::new(KindName::new("volume"), Region::new("eu-west-1"), "vol-1"));
    it.name = Some("db".into());
    it.arn = Some("arn:aws:ec2:eu-west-1:123456789012:volume/vol-1".into());
    it.tags.insert("Project".into(), "shop".into());
    it
}

fn asked(resource: &Resource) -> Asked<'_> {
    Asked {
        caller: "arn:aws:sts::123456789012:assumed-role/ci/run",
        account: "123456789012",
        resource,
        class: Class::Data,
        holds_data: true,
        within: ["vpc-1", "subnet-1"].into(),
        stack: Some(("shop/attempt-1", StackVerdict::Lost)),
        claims: ["stack:shop/attempt-1".to_owned(), "cluster:demo".to_owned()].into(),
        monthly_cents: Some(1250),
        age_hours: Some(48),
    }
}

/// A thing of which nothing is known that need not be.
fn bare(resource: &Resource) -> Asked<'_> {
    let within = BTreeSet::new();
    let claims = BTreeSet::new();
    Asked { within, claims, stack: None, monthly_cents: None, age_hours: None, ..asked(resource) }
}

#[track_caller]
fn forbidden(condition: &str, asked: &Asked<'_>) -> Option<Forbidden> {
    guards(&when(condition)).forbid(asked)
}

#[test]
fn each_word_of_the_schema_can_be_asked_for_and_tells_apart() {
    let volume = volume();
    for (yes, no) in [
        ("resource.kind == Kind::\"volume\"", "resource.kind == Kind::\"vpc\""),
        (
            "[Kind::\"volume\", Kind::\"vpc\"].contains(resource.kind)",
            "[Kind::\"vpc\"].contains(resource.kind)",
        ),
        ("resource.id == \"vol-1\"", "resource.id like \"vpc-*\""),
        ("resource == Resource::\"vol-1\"", "resource == Resource::\"vol-2\""),
        ("resource in Resource::\"vpc-1\"", "resource in Resource::\"vpc-2\""),
        ("resource in [Resource::\"subnet-1\"]", "resource in [Resource::\"subnet-2\"]"),
        ("resource has name && resource.name == \"db\"", "resource has name && resource.name == \"web\""),
        (
            "resource has arn && resource.arn like \"*:volume/*\"",
            "resource has arn && resource.arn like \"*:vpc/*\"",
        ),
        ("resource.region like \"eu-*\"", "resource.region == \"us-east-1\""),
        ("resource.account == \"123456789012\"", "resource.account == \"210987654321\""),
        ("resource.class == Class::\"data\"", "resource.class == Class::\"plumbing\""),
        ("resource.holds_data", "!resource.holds_data"),
        (
            "resource has monthly_cents && resource.monthly_cents >= 1250",
            "resource has monthly_cents && resource.monthly_cents > 1250",
        ),
        (
            "resource has age_hours && resource.age_hours <= 48",
            "resource has age_hours && resource.age_hours < 48",
        ),
        (
            "resource has stack && resource.stack.name like \"shop/*\"",
            "resource has stack && resource.stack.name == \"\"",
        ),
        (
            "resource has stack && resource.stack.verdict == StackVerdict::\"lost\"",
            "resource has stack && resource.stack.verdict == StackVerdict::\"expired\"",
        ),
        ("resource.claims.contains(\"cluster:demo\")", "resource.claims.contains(\"cluster:live\")"),
        ("resource.hasTag(\"Project\")", "resource.hasTag(\"project\")"),
        (
            "resource.hasTag(\"Project\") && resource.getTag(\"Project\") == \"shop\"",
            "resource.hasTag(\"Project\") && resource.getTag(\"Project\") == \"web\"",
        ),
        ("principal.arn like \"*:assumed-role/ci/*\"", "principal.arn like \"*:user/*\""),
    ] {
        assert!(forbidden(yes, &asked(&volume)).is_some(), "{yes}");
        assert_eq!(forbidden(no, &asked(&volume)), None, "{no}");
    }
}

#[test]
fn what_is_not_known_is_absent_and_can_be_kept() {
    let nameless = Resource { name: None, arn: None, ..volume() };
    for field in ["name", "arn", "monthly_cents", "age_hours", "stack"] {
        let rule = format!("!(resource has {field})");
        assert!(forbidden(&rule, &bare(&nameless)).is_some(), "{rule}");
        assert_eq!(forbidden(&rule, &asked(&volume())), None, "{rule}");
    }
}

#[test]
fn a_rule_without_a_condition_forbids_all_and_one_with_unless_what_it_does_not_except() {
    let volume = volume();
    assert!(guards("forbid(principal, action, resource);").forbid(&asked(&volume)).is_some());
    let old = guards(
        "forbid(principal, action, resource) unless { resource has age_hours && resource.age_hours >= 24 };",
    );
    assert_eq!(old.forbid(&asked(&volume)), None);
    assert!(old.forbid(&bare(&volume)).is_some(), "an age that nothing proves is no age");
}

#[test]
fn every_matching_rule_gives_its_reason_and_its_line() {
    let first = "// The first rule.\n@id(\"one\")\n@reason(\"finance asks for it\")\n\
                 forbid(principal, action, resource)\nwhen { resource.holds_data };\n\n";
    let second = "@id(\"second-rule\") forbid(principal, action, resource);\n";
    let third = "@reason(\" \") forbid(principal, action, resource);\n";
    let other = "@reason(\"never\") forbid(principal, action, resource) when { !resource.holds_data };\n";
    let text = format!("{first}{second}{third}{second}{other}");
    let files = [GuardFile::read("a.cedar", text), GuardFile::read("b.cedar", second)];
    let guards = Guards::new(&files, KINDS).expect("rules");
    let said = guards.forbid(&asked(&volume())).expect("forbidden");
    assert_eq!(said.rules, ["a.cedar:2", "a.cedar:7", "a.cedar:8", "a.cedar:9", "b.cedar:1"]);
    assert_eq!(
        said.why,
        "guard rule a.cedar:2 forbids it: finance asks for it; guard rule a.cedar:7 forbids it: second-rule; \
         guard rule a.cedar:8 forbids it; guard rule a.cedar:9 forbids it: second-rule; \
         guard rule b.cedar:1 forbids it: second-rule"
    );
    assert!(!said.unclear);
}

#[test]
fn a_rule_that_cannot_be_evaluated_keeps_the_thing_and_says_so() {
    let volume = volume();
    let overflow = "resource has monthly_cents && resource.monthly_cents * 9223372036854775807 > 0";
    let said = forbidden(overflow, &asked(&volume)).expect("kept");
    assert!(said.unclear);
    assert_eq!(said.rules, ["g.cedar:1"]);
    assert!(
        said.why.starts_with("guard rule g.cedar:1 could not be evaluated, so it stays: "),
        "{}",
        said.why
    );
    assert_eq!(forbidden(overflow, &bare(&volume)), None, "without a price there is nothing to evaluate");
    // A rule that matches decides, and the other one is told all the same.
    let both = guards(&format!("{}\n{}", when(overflow), when("true")));
    let said = both.forbid(&asked(&volume)).expect("kept");
    assert!(!said.unclear && said.why.contains("could not be evaluated"), "{}", said.why);
    assert_eq!(said.rules, ["g.cedar:2"]);
}

#[test]
fn what_does_not_fit_the_schema_cannot_be_asked_about_and_stays() {
    let mut unknown = volume();
    unknown.key.kind = KindName::new("zebra");
    let said = forbidden("!resource.holds_data", &asked(&unknown)).expect("kept");
    assert!(said.unclear && said.why.contains("could not be evaluated"), "{said:?}");
    assert_eq!(said.rules, ["g.cedar:1"]);
}

#[test]
fn a_slip_is_refused_with_its_line_and_what_to_do() {
    for (rule, part) in [
        (
            "resource.kin == Kind::\"vpc\"",
            "g.cedar:3: attribute `kin` on entity type `Resource` not found; did you mean `kind`?",
        ),
        (
            "resource.kind == Kind::\"vcp\"",
            "g.cedar:3: entity `Kind::\"vcp\"` is of an enumerated entity type",
        ),
        (
            "resource.kind == Kinds::\"vpc\"",
            "g.cedar:3: unrecognized entity type `Kinds`; did you mean `Kind`?",
        ),
        ("resource.kind == \"vpc\"", "g.cedar:3: the types"),
        ("resource.class == Class::\"dates\"", "is of an enumerated entity type"),
        (
            "resource has stack && resource.stack.verdict == StackVerdict::\"dead\"",
            "is of an enumerated entity type",
        ),
        (
            "resource.name == \"x\"",
            "g.cedar:3: unable to guarantee safety of access to optional attribute `name`",
        ),
        ("resource.getTag(\"a\") == \"x\"", "g.cedar:3: unable to guarantee safety of access to tag"),
        ("resource has nam", "can never match"),
        ("context.hour > 7", "attribute `hour` in context for"),
        ("principal.name == \"x\"", "attribute `name` on entity type `Caller` not found"),
        ("resource.region > 7", "unexpected type"),
        ("resource.kind ==", "g.cedar:3: unexpected"),
        ("1 == 2", "g.cedar:1: this rule can never match, so it keeps nothing; change its condition"),
    ] {
        let text = format!("forbid(principal, action, resource)\nwhen {{\n{rule} }};");
        let faults = faults(&text);
        assert_eq!(faults.len(), 1, "{rule}: {faults:#?}");
        assert!(faults[0].contains(part) && faults[0].starts_with("g.cedar:"), "{rule}: {}", faults[0]);
        assert!(faults[0].contains("; "), "what to do: {}", faults[0]);
    }
}

#[test]
fn another_action_another_principal_and_what_no_rule_can_be_about_are_refused() {
    for (scope, part) in [
        ("principal, action == Action::\"delte\", resource", "unrecognized action `Action::\"delte\"`"),
        ("principal, action == Action::\"create\", resource", "unrecognized action"),
        ("principal == User::\"alice\", action, resource", "unrecognized entity type `User`"),
        ("principal, action, resource is Kind", "can never"),
        ("principal, action, resource == Kind::\"vpc\"", "can never"),
    ] {
        let faults = faults(&format!("forbid({scope});"));
        assert!(faults.iter().all(|fault| fault.starts_with("g.cedar:1: ")), "{scope}: {faults:#?}");
        assert!(faults.iter().any(|fault| fault.contains(part)), "{scope}: {faults:#?}");
    }
}

#[test]
fn a_guard_can_only_forbid_and_a_template_is_no_rule() {
    let text = format!("{}\n\npermit(principal, action, resource);", when("true"));
    assert_eq!(faults(&text).len(), 1);
    assert!(faults(&text)[0].starts_with("g.cedar:3: a guard rule can only forbid"), "{:?}", faults(&text));
    for slot in ["principal == ?principal, action, resource", "principal, action, resource in ?resource"] {
        let faults = faults(&format!("// One.\nforbid({slot});"));
        assert!(faults[0].starts_with("g.cedar:2: a rule with a slot"), "{slot}: {faults:?}");
    }
}

#[test]
fn a_file_without_a_rule_is_refused() {
    for text in ["", "\n\n", "// forbid(principal, action, resource);\n"] {
        assert_eq!(
            faults(text),
            ["g.cedar: there is no rule in it, so it keeps nothing; write one, or do not name the file"]
        );
    }
}

#[test]
fn all_that_is_wrong_is_told_by_line_and_of_every_file() {
    let text = format!("{}\n{}\n{}", when("resource.a"), when("true"), when("resource.b"));
    let files = [
        GuardFile::read("a.cedar", text),
        GuardFile::named("b.cedar"),
        GuardFile::read("c.cedar", "forbid(principal, action, resource"),
    ];
    let faults = Guards::new(&files, KINDS).expect_err("refused");
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults.len(), 4, "{faults:#?}");
    for (fault, begin) in
        faults.iter().zip(["b.cedar: it was not read", "a.cedar:1: ", "a.cedar:3: ", "c.cedar:1: "])
    {
        assert!(fault.starts_with(begin), "{fault}");
    }
}

#[test]
fn a_file_that_was_named_and_not_read_is_refused() {
    let faults = Guards::new(&[GuardFile::named("g.cedar")], KINDS).expect_err("refused");
    assert_eq!(faults[0].to_string(), "g.cedar: it was not read, so nobody knows what it forbids");
}

#[test]
fn values_are_text_whatever_they_are_made_of() {
    let hostile = [
        "\"; permit(principal, action, resource); //",
        "a\\\"b\n\r\t\u{0}",
        "*",
        "продукт",
        "\u{202E}drawkcab",
        "🦀",
        "",
    ];
    let mut volume = volume();
    for text in hostile {
        volume.name = Some(text.to_owned());
        volume.tags.insert(text.to_owned(), text.to_owned());
    }
    let named = guards(&when("resource has name && resource.name == \"\""));
    assert!(named.forbid(&asked(&volume)).is_some());
    for tag in ["продукт", "🦀", "*", ""] {
        let rule = format!("resource.hasTag(\"{tag}\") && resource.getTag(\"{tag}\") == \"{tag}\"");
        assert!(forbidden(&rule, &asked(&volume)).is_some(), "{tag}");
    }
    // A star in a tag is no pattern.
    let rule = "resource.hasTag(\"*\") && resource.getTag(\"*\") like \"\\*\"";
    assert!(forbidden(rule, &asked(&volume)).is_some());
    // Ids that look like Cedar's own words.
    volume.key.id = "Action::\"delete\"".to_owned().into();
    assert!(forbidden("resource.id == \"Action::\\\"delete\\\"\"", &asked(&volume)).is_some());
}

#[test]
fn text_that_is_not_shown_as_it_is_read_is_refused_even_in_a_comment() {
    for turned in ["\u{202E}", "\u{2066}", "\u{2069}"] {
        let text = format!("\n// for {turned} reviewers\n{}", when("true"));
        assert!(faults(&text)[0].starts_with("g.cedar:2: a character changes the direction"), "{turned:?}");
    }
}

#[test]
fn what_is_nested_without_end_or_is_no_text_is_refused_and_ends_nothing() {
    for text in [
        when(&format!("{}true{}", "(".repeat(50_000), ")".repeat(50_000))),
        when(&"!".repeat(50_000)),
        when(&format!("{}true", "if true then ".repeat(20_000))),
        "\u{0}\u{1}\u{2}".to_owned(),
        "{".repeat(100_000),
    ] {
        assert!(compiled(&text).is_err());
    }
}

#[test]
fn the_schema_names_every_kind_it_is_made_for() {
    let schema = super::schema(KINDS);
    assert!(KINDS.iter().all(|kind| schema.contains(&format!("    \"{kind}\""))), "{schema}");
}
