//! `policy check`: every error with its file and line, what is likely to be a slip, and what a policy would do.

use aws_janitor::cli::Exit;
use serde_json::Value;

use crate::documents::follows;
use crate::{Call, Ended, World};

/// What is said of a file with this text, under the name `it.toml`.
fn checked(text: &str) -> (Ended, Value) {
    let call = Call::new(World::default());
    let path = call.path("it.toml");
    std::fs::write(&path, text).unwrap();
    let json = call.words(&["policy", "check", &path, "-o", "json"]);
    let document: Value = serde_json::from_str(&json.out).unwrap();
    follows("policy-check.json", &document);
    assert_eq!(document["exit_code"], json.exit.code());
    let ended = call.words(&["policy", "check", &path]);
    assert_eq!(ended.exit, json.exit);
    let out = ended.out.replace(&path, "it.toml");
    (Ended { out, ..ended }, document["files"][0].clone())
}

/// `LINE KEY WHY` of each remark.
fn remarks(document: &Value, of: &str) -> Vec<String> {
    let all = document[of].as_array().unwrap();
    let one = |it: &Value| {
        format!("{} {} {}", it["line"], it["key"].as_str().unwrap_or("-"), it["why"].as_str().unwrap())
    };
    all.iter().map(one).collect()
}

#[track_caller]
fn warns(text: &str, expected: &[&str]) {
    let (ended, document) = checked(text);
    assert_eq!(ended.exit, Exit::Done, "{}", ended.out);
    let found = remarks(&document, "warnings");
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn every_error_is_told_with_its_line_and_none_hides_another() {
    let (ended, document) = checked(
        r#"selct = ["tag:a=bcd"]
select = [
    "tagg:b",
    "kind=zebra,name=abc",
    "name=*",
    "tag:fine=yes",
]
protect = ["kind=vpcs"]
older-than = 24
account = "12"
neutral-tags = ["CreatedBy", "Owner"]
abandoned = ["demo/*"]
max-deletes = -1

[max-per-kind]
vpc = "x"
elastic-ips = 3

[[expired]]
select = "tag:purpose=ci-test"
afte = "1d"

[[expired]]
select = "kind=vpc"
after = "24"
"#,
    );
    assert_eq!(ended.exit, Exit::Usage);
    let expected = [
        "1 selct there is no key `selct` in a policy; did you mean `select`?",
        "3 select the term `tagg:b` is not understood",
        "4 select the term `kind=zebra` is not understood",
        "5 select `name=*` selects everything there is",
        "8 protect the term `kind=vpcs` is not understood: there is no kind `vpcs`; did you mean vpc?",
        "9 older-than invalid type: integer `24`",
        "10 account `12` is not an account id",
        "11 neutral-tags `Owner` tells whose a thing is",
        "12 abandoned `demo/*` is a glob",
        "13 max-deletes invalid value",
        "16 max-per-kind invalid type: string",
        "17 max-per-kind there is no kind `elastic-ips`; did you mean elastic-ip?",
        "21 expired there is no key `afte` in expired; did you mean `after`?",
        "25 expired `24` is not an age",
    ];
    let found = remarks(&document, "errors");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    assert!(ended.out.contains("it.toml:3: error: in select: the term `tagg:b`"), "{}", ended.out);
    assert!(ended.out.ends_with("it.toml: 14 errors\n"), "{}", ended.out);
    assert_eq!(document["does"], Value::Array(Vec::new()));
}

#[test]
fn what_is_no_toml_is_told_beside_what_else_is_wrong() {
    let (ended, document) = checked("select = [\"tag:a=bcd\"\nolder-than = 24\n");
    assert_eq!(ended.exit, Exit::Usage);
    assert!(remarks(&document, "errors")[0].contains("this is no TOML"), "{document}");
    let (_, document) = checked("older-than = 24\nthis is none\nmax-deletes = 'x'\n");
    let found = remarks(&document, "errors");
    assert!(found.iter().any(|it| it.starts_with("1 older-than")), "{found:?}");
    assert!(found.iter().any(|it| it.starts_with("2 - this is no TOML")), "{found:?}");
}

#[test]
fn what_no_part_shows_alone_is_told_of_the_whole() {
    let (ended, document) =
        checked("account = '210987654321'\naccounts = ['210987654320']\nselect = ['name=abc']\n");
    assert_eq!(ended.exit, Exit::Usage);
    assert!(remarks(&document, "errors")[0].contains("`210987654321` is none of `accounts`"), "{document}");
    let (_, document) =
        checked("stack-key = ['Team', 'Env']\nneutral-tags = ['Env']\nselect = ['name=abc']\n");
    assert!(remarks(&document, "errors")[0].starts_with("2 neutral-tags `Env` tells whose"), "{document}");
}

#[test]
fn what_is_likely_to_be_a_slip_is_warned_of_and_the_file_can_be_used() {
    warns(
        "select = ['name=abc']\nprotect = []\nspare-living = false\n",
        &["2 protect it says nothing", "3 spare-living it says nothing"],
    );
    warns(
        "select = ['tag:Project=shop,kind=vpc', 'tag:Project=web']\nprotect = ['tag:project=Shop']\n",
        &["1 select all that `tag:Project=shop,kind=vpc` selects is protected by `tag:project=Shop`"],
    );
    warns(
        "select = ['tag:Project=shop']\nprotect = ['tag:project']\n",
        &["1 select all that `tag:Project=shop` selects"],
    );
    warns("select = ['tag:Project=shop']\nprotect = ['tag:Project=shop,name=db*']\n", &[]);
    warns(
        "select = ['name=abc']\naccount = '123456789012'\n",
        &["2 account 123456789012 is a number of documents"],
    );
    warns(
        "select = ['name=abc']\naccounts = ['210987654321', '111122223333']\n",
        &["2 accounts 111122223333 is"],
    );
    warns("select = ['name=abc']\nolder-than = '5m'\n", &["2 older-than 5m is shorter than `settled` (10m)"]);
    warns("select = ['name=abc']\nolder-than = '5m'\nsettled = '1m'\n", &[]);
    warns("select = ['name=abc']\nwith-data = ['volume', 'vpc']\n", &["2 with-data vpc holds no data"]);
    warns(
        "select = ['name=abc']\nmax-deletes = 5\n[max-per-kind]\nvpc = 5\nsubnet = 4\nlambda-function = 1\n",
        &["4 max-per-kind the cap of 5 for vpc does nothing", "6 max-per-kind lambda-function is only read"],
    );
    warns(
        "select = ['name=abc']\nstates = ['/nowhere/at.tfstate', 's3://bucket/state']\n",
        &["2 states nothing is at /nowhere/at.tfstate"],
    );
    warns(
        "select = ['name=abc']\nregions = ['us-east-1', 'us-esat-1']\nassume-regions = ['xx-west-1']\n",
        &[
            "2 regions us-esat-1 is no region that this version knows; did you mean us-east-1?",
            "3 assume-regions xx-west-1 is",
        ],
    );
    warns("older-than = '1d'\nprotect = ['name=abc']\n", &["1 older-than nothing is selected"]);
    warns(
        "select = ['name=abc']\n[[expired]]\nselect = 'tag:purpose=ci-test,kind=vpc'\nafter = '1m'\n",
        &["2 expired 1m is shorter than `settled`", "2 expired `kind=vpc` means single things"],
    );
}

#[test]
fn a_policy_is_told_in_plain_words() {
    let (ended, document) = checked(
        r#"
accounts = ["210987654321", "210987654320"]
regions = ["all"]
stack-key = ["Project", "Run"]
select = ["tag:Owner=robot"]
protect = ["name=*runner*"]
older-than = "12h"
with-data = ["log-group"]
max-deletes = 300
memory = "s3://bucket/first-seen"
consent-marker = { role = "ci", tag = "clean-me", value = "yes" }
expired = [{ select = "tag:Owner=robot", after = "2d" }]
[max-per-kind]
vpc = 20
"#,
    );
    assert_eq!(ended.exit, Exit::Done, "{}", ended.out);
    assert!(ended.out.starts_with("it.toml: ok\n"), "{}", ended.out);
    let does: Vec<&str> =
        document["does"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(
        does,
        [
            "In account 210987654320 or 210987654321 and no other, in every enabled region.",
            "A stack is named by its tags Project and Run.",
            "Meant to go, if nothing speaks for it: tag:Owner=robot.",
            "Stays in any case: name=*runner*.",
            "Nothing younger than 12h goes, and nothing of unknown age.",
            "Of what is selected, stacks of tag:Owner=robot are nobody's 2d after the youngest of their things was made, alive or not.",
            "What lives is spared, unless it expires.",
            "Goes with its data: log-group.",
            "At most 300 deletions, 20 vpc; what a plan has beyond these, is refused as a whole.",
            "The account has to bear a marker: tag clean-me of role ci with the value yes.",
            "When a thing was first seen is remembered in s3://bucket/first-seen.",
        ]
    );
}

#[test]
fn several_files_are_checked_and_one_that_cannot_be_used_decides() {
    let call = Call::new(World::default());
    let (good, bad) = (call.path("good.toml"), call.path("bad.toml"));
    std::fs::write(&good, "select = ['name=abc']").unwrap();
    std::fs::write(&bad, "select = 3").unwrap();
    let both = call.words(&["policy", "check", &good, &bad]);
    assert_eq!(both.exit, Exit::Usage);
    assert!(
        both.out.contains("good.toml: ok") && both.out.contains("bad.toml:1: error: in select"),
        "{}",
        both.out
    );
    assert_eq!(call.words(&["policy", "check", &good, &good]).exit, Exit::Done);
    assert_eq!(call.words(&["policy", "check", "/nowhere/policy.toml"]).exit, Exit::Error);
    assert_eq!(call.words(&["policy", "check", &good, "-o", "csv"]).exit, Exit::Usage);
}

/// Whoever copies an example has one thing to change, and is told which.
#[test]
fn the_examples_have_no_fault_but_the_account_that_is_to_be_put_in() {
    for name in ["between-attempts", "nightly-ci", "sandbox-account", "preflight-only"] {
        let text =
            std::fs::read_to_string(format!("{}/policies/{name}.toml", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let (ended, document) = checked(&text);
        assert_eq!(ended.exit, Exit::Done, "{name}: {}", ended.out);
        let warnings = remarks(&document, "warnings");
        assert!(
            warnings.iter().all(|it| it.contains("is a number of documents and examples")),
            "{warnings:?}"
        );
        assert_eq!(warnings.len(), usize::from(name != "between-attempts"), "{name}: {warnings:?}");
        assert!(text.starts_with("#:schema ../schemas/policy.json\n"), "{name}");
    }
}

#[test]
fn an_account_without_the_marker_that_the_policy_asks_for_loses_nothing() {
    use crate::fake::{World, recorded};
    let world = |parameters: &[(&str, &str)]| World {
        inventory: Some(recorded()),
        parameters: parameters.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        ..World::default()
    };
    let parameter = "consent-marker = { parameter = '/consent', value = 'yes' }";
    let tag = "consent-marker = { role = 'janitor', tag = 'consent', value = 'yes' }";
    for (text, parameters, exit) in [
        (parameter, &[][..], aws_janitor::cli::Exit::Refused),
        (parameter, &[("/consent", "Yes")], aws_janitor::cli::Exit::Refused),
        (parameter, &[("/other", "yes")], aws_janitor::cli::Exit::Refused),
        (tag, &[("/consent", "yes")], aws_janitor::cli::Exit::Refused),
        (parameter, &[("/consent", "yes")], aws_janitor::cli::Exit::Done),
    ] {
        let call = crate::Call::new(world(parameters));
        let path = call.path("policy.toml");
        std::fs::write(&path, text).unwrap();
        let ended = call.run(&format!("apply --yes {} --policy {path}", crate::SELECT));
        let refused = exit == aws_janitor::cli::Exit::Refused;
        assert_eq!(ended.exit == aws_janitor::cli::Exit::Refused, refused, "{text}: {}", ended.err);
        assert_eq!(call.fake.changes().is_empty(), refused, "{text} {parameters:?}: {}", ended.err);
        assert_eq!(ended.err.contains("has not consented"), refused, "{text}: {}", ended.err);
    }
}
