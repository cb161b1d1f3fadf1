//! What is printed is safe as it stands: every command line that the README, `--help`, the shipped policies and
//! the program's own hints show is planned on the demo's account, and none plans anything that is not a failed
//! attempt's, by AWS's own books.

use std::collections::BTreeSet;
use std::path::Path;

use aws_janitor_sandbox::{Sandbox, scenario};
use jiff::Timestamp;

use crate::program::{Endpoint, serve};
use crate::standing::shares;

/// Flags that say what a command is about, each with a value. What else stands in a line says how it is shown.
const CHOOSE: [&str; 8] = [
    "--select",
    "--protect",
    "--older-than",
    "--policy",
    "--with-data",
    "--stack-key",
    "--neutral-tag",
    "--abandoned",
];

/// The words of a line as a shell reads them, up to what another program gets.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for letter in line.chars() {
        match (quote, letter) {
            (Some(mark), _) if letter == mark => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '#' | '>' | '|' | '&') => break,
            (None, ' ') => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            _ => word.push(letter),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// What a line chooses, as flags for `plan`; nothing if it names no selection.
fn chosen(line: &str) -> Vec<String> {
    let words = words(line);
    let pairs = words.windows(2).filter(|pair| CHOOSE.contains(&pair[0].as_str()));
    pairs.flatten().cloned().collect()
}

/// The lines of a text that call the program.
fn calls(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.trim_start_matches(['#', ' ', '`', '$']));
    let lines = lines.flat_map(|line| line.split(" && "));
    lines.filter(|line| line.starts_with("aws-janitor ")).map(str::to_owned).collect()
}

fn project(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The shipped policies, as paths.
fn policies() -> Vec<String> {
    let found = std::fs::read_dir(project("policies")).unwrap().map(|entry| entry.unwrap().path());
    let found = found.filter(|path| path.extension().is_some_and(|ext| ext == "toml"));
    found.map(|path| path.to_str().unwrap().to_owned()).collect()
}

/// All lines that people are shown.
async fn printed(endpoint: &Endpoint) -> BTreeSet<String> {
    let mut lines: BTreeSet<String> =
        calls(&std::fs::read_to_string(project("README.md")).unwrap()).into_iter().collect();
    for policy in policies() {
        lines.extend(calls(&std::fs::read_to_string(policy).unwrap()));
    }
    let help = endpoint.run(&["--help"]).await.expect(0).out;
    lines.extend(calls(&help));
    let list = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    let commands: Vec<&str> = list
        .take_while(|line| line.starts_with("  "))
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.len() > 10, "{help}");
    for command in commands {
        lines.extend(calls(&endpoint.run(&[command, "--help"]).await.expect(0).out));
    }
    lines
}

/// The ids that a plan with these flags would delete or cut, and that are no failed attempt's.
async fn strangers(sandbox: &Sandbox, endpoint: &Endpoint, flags: &[String]) -> Vec<String> {
    let mut args = vec!["plan", "-o", "json", "--region", "us-east-1"];
    args.extend(flags.iter().map(String::as_str));
    let ended = endpoint.run(&args).await;
    // An example that selects nothing, for quota and preflight, plans nothing.
    let empty = ended.err.contains("nothing is selected");
    assert!(ended.code != Some(64) || empty, "{flags:?}: {}", ended.err);
    if ended.out.trim().is_empty() {
        return Vec::new();
    }
    let plan = ended.json();
    let steps = plan["steps"].as_array().unwrap().iter().filter(|step| step["action"] != "await");
    let touched: BTreeSet<String> = steps.map(|step| step["resource"].as_str().unwrap().to_owned()).collect();
    let others = shares(sandbox).of_others;
    let of_others = |id: &&String| others.iter().any(|line| line.split(' ').nth(1) == Some(id.as_str()));
    touched.iter().filter(of_others).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_line_that_people_are_shown_plans_anything_that_lives() {
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 60.0, Timestamp::now()).unwrap()).await;
    let lines = printed(&endpoint).await;
    let mut tried = BTreeSet::new();
    for line in &lines {
        let flags = chosen(line);
        // A file that a line only names as an example stands for each that is shipped.
        let named = flags.iter().position(|word| word == "--policy").map(|at| at + 1);
        let variants = match named {
            Some(at) => policies().into_iter().map(|path| replaced(&flags, at, path)).collect(),
            None => vec![flags],
        };
        tried.extend(variants.into_iter().filter(|flags| !flags.is_empty()));
    }
    assert!(tried.len() >= 8, "few lines select: {tried:?}");
    for flags in &tried {
        let strangers = strangers(&sandbox, &endpoint, flags).await;
        assert!(strangers.is_empty(), "{flags:?} would touch {strangers:?}");
    }
}

fn replaced(flags: &[String], at: usize, path: String) -> Vec<String> {
    let mut flags = flags.to_vec();
    flags[at] = path;
    flags
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_that_a_scan_of_an_unknown_account_prints_lead_to_the_failed_attempts_and_to_nothing_else()
{
    let (sandbox, endpoint) = serve(scenario::build("failed-eks", 60.0, Timestamp::now()).unwrap()).await;
    let scan = endpoint.run(&["scan"]).await.expect(0).out;
    let lines = calls(&scan);
    let plans: Vec<Vec<String>> = lines.iter().map(|line| chosen(line)).filter(|it| !it.is_empty()).collect();
    assert!(plans.len() >= 2, "a newcomer is shown no way to the two failed attempts:\n{scan}");
    assert!(!lines.iter().any(|line| line.contains("live")), "a living stack is named ready to run:\n{scan}");
    for flags in &plans {
        assert_eq!(strangers(&sandbox, &endpoint, flags).await, [""; 0], "{flags:?}");
    }
}

#[test]
fn a_line_is_read_as_a_shell_reads_it() {
    let line = "aws-janitor plan --select 'tag:Project=shop,tag:E=a *' --out x.json   # saved";
    assert_eq!(chosen(line), ["--select", "tag:Project=shop,tag:E=a *"]);
    assert_eq!(chosen("aws-janitor scan -o json > scan.json"), [""; 0]);
    assert_eq!(calls("x\n    aws-janitor scan\n#   aws-janitor plan\n").len(), 2);
}
