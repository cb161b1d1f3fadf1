//! Finds tags and names that hold an unresolved output of a program, and tags that AWS refuses.
//!
//! Limits of all services: <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>.
//! Characters differ by service: what each takes, its kinds say ([`Tagging`]).

use std::collections::{BTreeMap, BTreeSet};

use crate::deployment::types::is_aws;
use crate::deployment::unresolved::word_in_name;
use crate::deployment::{Format, Value};
use crate::model::deployed::{Characters, Letters, Tagging};

use super::super::scene::{Planned, Scene};
use super::super::{CheckName, Finding, Outcome};
use super::texts;

const CHECK: CheckName = CheckName::Tags;

/// Tags that users may give a resource; AWS's own (`aws:`) do not count.
const MOST: usize = 50;
/// The longest key and the longest value, in characters.
const LONGEST: (usize, usize) = (128, 256);

pub(super) fn look(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut healthy: BTreeMap<&str, usize> = BTreeMap::new();
    let mut silent: BTreeMap<&str, Format> = BTreeMap::new();
    for planned in scene.changed().filter(|planned| is_aws(&planned.item.type_name)) {
        if planned.is_bare() && tells_no_attributes(planned.deployment.format) {
            silent.insert(&planned.deployment.source, planned.deployment.format);
        }
        let tags: Vec<(&str, &Value)> = tags(planned).collect();
        let found = of(planned, &tags);
        if found.is_empty() && !tags.is_empty() {
            *healthy.entry(&planned.deployment.source).or_default() += 1;
        }
        findings.extend(found);
    }
    findings.extend(healthy.into_iter().map(|(source, things)| Finding {
        check: CHECK,
        outcome: Outcome::Pass,
        subject: source.to_owned(),
        source: source.to_owned(),
        line: None,
        evidence: match things {
            1 => "AWS takes the tags of the one thing that has some".to_owned(),
            _ => format!("AWS takes the tags of the {things} things that have some"),
        },
        remedy: String::new(),
    }));
    findings.extend(silent.into_iter().map(|(source, format)| Finding {
        check: CHECK,
        outcome: Outcome::Unclear,
        subject: source.to_owned(),
        source: source.to_owned(),
        line: None,
        evidence: format!("this {} tells no tags", format.title()),
        remedy: "look at the plan as JSON, or at a change set with its property values".to_owned(),
    }));
    findings
}

/// Formats that may tell of a thing without its attributes.
const fn tells_no_attributes(format: Format) -> bool {
    matches!(format, Format::TerraformLog | Format::CloudFormationChangeSet)
}

/// All tags of an item: key and value. Terraform's `tags_all` holds those of the provider as well.
pub(super) fn tags<'a>(planned: Planned<'a>) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let properties = &planned.item.properties;
    let maps = ["tags", "tags_all"].map(|name| properties.at(name));
    let specifications = properties.at("tag_specifications").members().iter().map(|it| it.at("tags"));
    let of_maps = maps.into_iter().chain(specifications).flat_map(|tags| tags.entries().chain(pairs(tags)));
    // Auto Scaling groups have a block for each tag.
    let blocks = properties.at("tag");
    let block = blocks.entries().next().is_some().then_some(std::slice::from_ref(blocks));
    of_maps.chain(block.unwrap_or_default().iter().filter_map(pair)).chain(pairs(blocks))
}

/// The tags of a list of keys and values.
fn pairs(tags: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let list = match tags {
        Value::List(list) => list.as_slice(),
        _ => &[],
    };
    list.iter().filter_map(pair)
}

fn pair(tag: &Value) -> Option<(&str, &Value)> {
    Some((tag.at("key").as_text()?, tag.at("value")))
}

fn of(planned: Planned<'_>, tags: &[(&str, &Value)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    // The same tag may stand in `tags` and `tags_all`.
    let mut seen: BTreeSet<(&str, String)> = BTreeSet::new();
    for (key, value) in tags.iter().copied() {
        let troubles = [of_key(planned, key), of_value(planned, key, value)];
        for (outcome, evidence, remedy) in troubles.into_iter().flatten() {
            if seen.insert((key, evidence.clone())) {
                findings.push(planned.finding(CHECK, outcome, evidence, remedy));
            }
        }
    }
    findings.extend(too_many(planned));
    findings.extend(alike(planned, tags));
    for name in ["name", "cluster_name", "node_group_name", "bucket"] {
        let Some(text) = planned.item.properties.at(name).as_text() else { continue };
        if let Some(word) = word_in_name(text) {
            let evidence =
                format!("its {name} holds an output that was not resolved: {}", excerpt(text, word));
            findings.push(planned.finding(CHECK, Outcome::Fail, evidence, RESOLVE));
        }
    }
    findings.extend(texts::of(planned));
    findings
}

type Trouble = (Outcome, String, String);

pub(super) const RESOLVE: &str =
    "make the text from within the output (`pulumi.interpolate`, `apply`, `Output.concat`)";

fn of_key(planned: Planned<'_>, key: &str) -> Option<Trouble> {
    if let Some(word) = word_in_name(key) {
        let evidence = format!("a tag's key holds an output that was not resolved: {}", excerpt(key, word));
        return Some((Outcome::Fail, evidence, RESOLVE.to_owned()));
    }
    let shown = || excerpt(key, "");
    let length = key.chars().count();
    if key.is_empty() {
        return Some((
            Outcome::Fail,
            "a tag has an empty key, which AWS refuses".to_owned(),
            "name the key".to_owned(),
        ));
    }
    if length > LONGEST.0 {
        let evidence =
            format!("the tag key {} has {length} characters, and AWS takes {}", shown(), LONGEST.0);
        return Some((Outcome::Fail, evidence, "shorten it".to_owned()));
    }
    if key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
        let evidence = format!("the tag key {} begins with `aws:`, which is AWS's own", shown());
        return Some((Outcome::Fail, evidence, "choose another prefix".to_owned()));
    }
    refused(planned, key).map(|(outcome, what)| {
        (outcome, format!("the tag key {} holds {what}", shown()), "take that out of the key".to_owned())
    })
}

fn of_value(planned: Planned<'_>, key: &str, value: &Value) -> Option<Trouble> {
    // Unknown and secret values are read by no one, and AWS refuses few of them: nothing to say.
    let text = value.as_text()?;
    let shown = || excerpt(key, "");
    if let Some(word) = word_in_name(text) {
        let evidence =
            format!("the tag {} holds an output that was not resolved: {}", shown(), excerpt(text, word));
        return Some((Outcome::Fail, evidence, RESOLVE.to_owned()));
    }
    let length = text.chars().count();
    if length > LONGEST.1 {
        let evidence =
            format!("the value of tag {} has {length} characters, and AWS takes {}", shown(), LONGEST.1);
        return Some((Outcome::Fail, evidence, "shorten it".to_owned()));
    }
    if let Some((outcome, what)) = refused(planned, text) {
        return Some((
            outcome,
            format!("the value of tag {} holds {what}", shown()),
            "take that out of the value".to_owned(),
        ));
    }
    if text.contains("${") && text.contains('}') {
        let evidence = format!("the value of tag {} holds `${{…}}`, which reaches AWS as it stands", shown());
        let remedy = "if a value was meant, let the tool put it in (`Fn::Sub`, an expression without quotes around it)";
        return Some((Outcome::Warn, evidence, remedy.to_owned()));
    }
    None
}

/// What a service refuses in a tag, or would refuse.
fn refused(planned: Planned<'_>, text: &str) -> Option<(Outcome, String)> {
    // Nearly all texts are of these alone.
    if text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b' ' || b"_.:/=+-@".contains(&it)) {
        return None;
    }
    let characters = tagging(planned).characters;
    if let Some(letter) = text.chars().find(|letter| letter.is_control()) {
        let what = match letter {
            '\n' | '\r' => "a line break".to_owned(),
            '\t' => "a tabulator".to_owned(),
            other => format!("the control character U+{:04X}", u32::from(other)),
        };
        return Some(match characters {
            Characters::Strict => (Outcome::Fail, format!("{what}, which AWS refuses there")),
            Characters::Usual | Characters::Any => {
                (Outcome::Warn, format!("{what}, which no other service takes and many tools cannot show"))
            }
        });
    }
    let usual =
        |letter: char| letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter);
    let other = text.chars().find(|letter| !usual(*letter))?;
    match characters {
        Characters::Any => None,
        Characters::Usual => Some((
            Outcome::Warn,
            format!("`{other}`, which is not among the characters that AWS calls allowed there"),
        )),
        Characters::Strict => Some((Outcome::Fail, format!("`{other}`, which AWS refuses there"))),
    }
}

/// What the kind says of its tags; of what we do not know, what EC2 does.
fn tagging(planned: Planned<'_>) -> Tagging {
    planned.deployed().map_or(Tagging::ANY, |it| it.tags)
}

fn too_many(planned: Planned<'_>) -> Option<Finding> {
    let all = ["tags", "tags_all"].map(|name| planned.item.properties.at(name));
    if all.iter().map(|tags| tags.entries().count()).sum::<usize>() <= MOST {
        return None;
    }
    let keys = all.into_iter().flat_map(|tags| tags.entries().map(|(key, _)| key));
    let keys: BTreeSet<&str> = keys.filter(|key| !key.starts_with("aws:")).collect();
    (keys.len() > MOST).then(|| {
        let evidence = format!("it has {} tags, and AWS takes {MOST}", keys.len());
        planned.finding(CHECK, Outcome::Fail, evidence, "leave some away")
    })
}

/// Keys that differ in case alone: where AWS takes them for one it refuses the second, else it keeps both.
fn alike(planned: Planned<'_>, tags: &[(&str, &Value)]) -> Option<Finding> {
    if are_plainly_different(tags) {
        return None;
    }
    let mut keys: BTreeMap<String, &str> = BTreeMap::new();
    for (key, _) in tags.iter().copied() {
        let first = *keys.entry(key.to_lowercase()).or_insert(key);
        if first != key {
            let are_one = tagging(planned).keys == Letters::OfAnyCase;
            let outcome = if are_one { Outcome::Fail } else { Outcome::Warn };
            let (first, second) = (excerpt(first, ""), excerpt(key, ""));
            let what = if are_one { "which IAM takes for the same key" } else { "which are two keys to AWS" };
            let evidence = format!("the tag keys {first} and {second} differ in case alone, {what}");
            return Some(planned.finding(CHECK, outcome, evidence, "keep one of them"));
        }
    }
    None
}

/// Whether it is seen at once that no two keys differ in case alone: of few in plain letters, as nearly all are.
fn are_plainly_different(tags: &[(&str, &Value)]) -> bool {
    const FEW: usize = 24;
    let differ = |one: &str, other: &str| one == other || !one.eq_ignore_ascii_case(other);
    let is_another = |(at, (key, _)): (usize, &(&str, &Value))| tags[..at].iter().all(|it| differ(it.0, key));
    tags.len() <= FEW && tags.iter().all(|(key, _)| key.is_ascii()) && tags.iter().enumerate().all(is_another)
}

/// As much of a text as can be shown: quoted, on one line, from a little before `word` on.
fn excerpt(text: &str, word: &str) -> String {
    const SHOWN: usize = 48;
    let at = text.find(word).unwrap_or_default();
    let before = text[..at].chars().count().saturating_sub(8);
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    let mut shown: String = text.chars().skip(before).take(SHOWN).map(plain).collect();
    if before > 0 {
        shown.insert(0, '…');
    }
    if text.chars().count() > before + SHOWN {
        shown.push('…');
    }
    format!("\"{shown}\"")
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Item, World, item, map, text, unknown};
    use super::*;

    fn tagged(kind: &'static str, key: &str, value: &str) -> Item {
        item("a", kind).with("tags", map(&[(key, text(value))]))
    }

    fn of_item(item: Item) -> Finding {
        let mut world = World::new();
        world.add(item);
        world.findings(CHECK).remove(0)
    }

    fn outcome(kind: &'static str, key: &str, value: &str) -> Outcome {
        of_item(tagged(kind, key, value)).outcome
    }

    #[test]
    fn an_unresolved_output_fails_in_keys_values_and_names_for_every_language() {
        for word in [
            "Calling [toString] on an [Output<T>] is not supported.\n\nTo get the value of an Output<T>",
            "shop-[object Object]",
            "<pulumi.output.Output object at 0x7f3a>",
            "Pulumi.Output`1[System.String]",
            "com.pulumi.core.internal.OutputInternal@5b2133b1",
            "shop-{0xc0003a8000}",
            "shop-{%!s(*internal.OutputState=0xc0003a8000)}",
        ] {
            assert_eq!(outcome("vpc", "Name", word), Outcome::Fail, "{word}");
            assert_eq!(outcome("vpc", word, "x"), Outcome::Fail, "{word}");
            let named = item("r", "iam-role").with("name", text(word));
            assert_eq!(of_item(named).outcome, Outcome::Fail, "{word}");
        }
        let shown = of_item(tagged("vpc", "Name", "Calling [toString] on an [Output<T>] is not\nsupported"));
        assert!(!shown.evidence.contains('\n'));
    }

    #[test]
    fn what_warns_of_a_key_hides_nothing_that_fails_of_its_value() {
        for value in ["[object Object]", &"x".repeat(257)] {
            let mut world = World::new();
            world.add(tagged("vpc", "a\nb", value));
            let outcomes: Vec<Outcome> = world.findings(CHECK).iter().map(|it| it.outcome).collect();
            assert_eq!(outcomes, [Outcome::Fail, Outcome::Warn]);
        }
    }

    #[test]
    fn healthy_tags_pass() {
        for (key, value) in [
            ("Name", "shop a1 (blue)"),
            ("kubernetes.io/cluster/shop", "owned"),
            ("Owner", "team@example.com"),
            ("Empty", ""),
            ("Größe", "ä 1/2 = x"),
            ("aws-cdk:subnet-name", "Public"),
            ("Outputs", "the output of <x>"),
        ] {
            assert_eq!(outcome("vpc", key, value), Outcome::Pass, "{key}={value}");
        }
        assert_eq!(outcome("iam-role", "Größe", "ä 1/2 = x_y.z:a+b@c-d"), Outcome::Pass);
    }

    #[test]
    fn characters_are_refused_by_the_service_that_refuses_them_alone() {
        for strict in ["iam-role", "load-balancer", "log-group"] {
            assert_eq!(outcome(strict, "Name", "a(b)"), Outcome::Fail, "{strict}");
            assert_eq!(outcome(strict, "a,b", "x"), Outcome::Fail, "{strict}");
            assert_eq!(outcome(strict, "Name", "a\nb"), Outcome::Fail, "{strict}");
        }
        assert_eq!(outcome("eks-cluster", "Name", "a(b)"), Outcome::Warn);
        assert_eq!(outcome("vpc", "Name", "a(b)"), Outcome::Pass);
        assert_eq!(outcome("vpc", "Name", "a\nb"), Outcome::Warn);
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert_eq!(outcome("vpc", &"ä".repeat(128), &"ö".repeat(256)), Outcome::Pass);
        assert_eq!(outcome("vpc", &"k".repeat(129), "x"), Outcome::Fail);
        assert_eq!(outcome("vpc", "k", &"x".repeat(257)), Outcome::Fail);
        assert_eq!(outcome("vpc", "", "x"), Outcome::Fail);
    }

    #[test]
    fn the_prefix_of_aws_is_refused_in_any_case() {
        assert_eq!(outcome("vpc", "aws:x", "y"), Outcome::Fail);
        assert_eq!(outcome("vpc", "AwS:x", "y"), Outcome::Fail);
        assert_eq!(outcome("vpc", "aws-x", "aws:y"), Outcome::Pass);
    }

    #[test]
    fn fifty_tags_pass_and_one_more_fails() {
        let of = |many: usize| {
            let tags: Vec<(String, Value)> = (0..many).map(|it| (format!("key{it}"), text("x"))).collect();
            of_item(item("a", "vpc").with("tags", Value::Map(tags.into_iter().collect()))).outcome
        };
        assert_eq!((of(50), of(51)), (Outcome::Pass, Outcome::Fail));
    }

    #[test]
    fn keys_that_differ_in_case_alone_warn_and_fail_in_iam() {
        let of =
            |kind| of_item(item("a", kind).with("tags", map(&[("Name", text("x")), ("name", text("y"))])));
        assert_eq!(of("vpc").outcome, Outcome::Warn);
        assert_eq!(of("iam-role").outcome, Outcome::Fail);
        // The same key in both of Terraform's attributes is one.
        let both = item("a", "iam-role")
            .with("tags", map(&[("Name", text("x"))]))
            .with("tags_all", map(&[("Name", text("x"))]));
        assert_eq!(of_item(both).outcome, Outcome::Pass);
    }

    #[test]
    fn tags_of_the_provider_of_groups_and_of_templates_are_looked_at() {
        let bad = || map(&[("Name", text("[object Object]"))]);
        let specification =
            Value::List(vec![map(&[("resource_type", text("volume")), ("tags", bad())]), map(&[])]);
        let group_tag = Value::List(vec![map(&[("key", text("Name")), ("value", text("[object Object]"))])]);
        for item in [
            item("a", "vpc").with("tags_all", bad()),
            item("a", "launch-template").with("tag_specifications", specification),
            item("a", "auto-scaling-group").with("tag", group_tag),
            item("a", "x").of_type("aws_sqs_queue").with("tags", bad()),
        ] {
            assert_eq!(of_item(item).outcome, Outcome::Fail);
        }
    }

    #[test]
    fn a_file_without_attributes_is_unclear_and_never_well() {
        let mut world = World::of_format(Format::TerraformLog);
        world.add(item("a", "vpc"));
        assert_eq!(world.findings(CHECK)[0].outcome, Outcome::Unclear);
    }

    #[test]
    fn a_secret_an_unknown_and_a_literal_expression() {
        let secret = item("a", "vpc").with("tags", map(&[("Token", Value::Secret), ("B", unknown(&["x"]))]));
        assert_eq!(of_item(secret).outcome, Outcome::Pass);
        assert_eq!(outcome("vpc", "Name", "${AWS::StackName}-vpc"), Outcome::Warn);
        let kubernetes =
            item("a", "x").of_type("kubernetes_secret").with("tags", map(&[("N", text("[object Object]"))]));
        assert_eq!(of_item(kubernetes).outcome, Outcome::Skipped);
    }
}
