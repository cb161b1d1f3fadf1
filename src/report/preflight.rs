//! What a preflight found: the document that `preflight -o json` prints, and the text for people, grouped by
//! outcome, the worst first. The checks give the findings; JUnit, annotations and Markdown take the document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::colour::{Symbols, Tone};
use super::{Detail, Look, TIED, count, hang, plain};
use crate::deployment::Deployment;
use crate::model::AccountId;
use crate::preflight::{Finding, Outcome, Overall, verdict};

/// The schema of [`PreflightDocument`].
pub const SCHEMA: &str = "aws-janitor/preflight/1";

/// What `preflight -o json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreflightDocument {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The account that was looked at; null where no check had to look.
    pub account: Option<AccountId>,
    /// The files that were read.
    pub files: Vec<FileLine>,
    /// Everything that was found, check by check, the worst first within each.
    pub findings: Vec<Finding>,
    /// The worst of them.
    pub verdict: Overall,
    /// The exit code.
    pub exit_code: u8,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileLine {
    /// The file, as the user named it.
    pub source: String,
    /// Its form, for people: `Terraform plan`.
    pub format: String,
    /// The stack it is about, where it says so.
    pub stack: Option<String>,
}

impl PreflightDocument {
    /// The document of these findings.
    pub fn new(
        account: Option<AccountId>,
        deployments: &[Deployment],
        findings: Vec<Finding>,
        exit_code: u8,
    ) -> Self {
        let file = |deployment: &Deployment| FileLine {
            source: deployment.source.clone(),
            format: deployment.format.title().to_owned(),
            stack: deployment.stack.clone(),
        };
        Self {
            schema: SCHEMA.to_owned(),
            account,
            files: deployments.iter().map(file).collect(),
            verdict: verdict(&findings),
            findings,
            exit_code,
        }
    }

    /// The findings of this outcome.
    pub fn of(&self, outcome: Outcome) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.outcome == outcome)
    }

    /// `2 fail, 1 unclear, 9 pass`: the outcomes that there are.
    pub fn counts(&self) -> String {
        let number = |outcome: &Outcome| match self.of(*outcome).count() {
            0 => None,
            many => Some(format!("{many} {}", outcome.word())),
        };
        Outcome::ALL.iter().filter_map(number).collect::<Vec<_>>().join(", ")
    }
}

/// What a finding is about, short enough for a line: of a Pulumi URN its name and type.
pub fn subject(finding: &Finding) -> String {
    let address = plain(&finding.subject);
    let Some(rest) = address.strip_prefix("urn:pulumi:") else { return address };
    let mut parts = rest.rsplitn(3, "::");
    match (parts.next(), parts.next()) {
        (Some(name), Some(types)) => {
            let own = types.rsplit('$').next().unwrap_or(types);
            format!("{name} ({own})")
        }
        (_, _) => address,
    }
}

/// Where it stands: `plan.json`, `Pulumi.yaml:6`.
pub fn place(finding: &Finding) -> String {
    match finding.line {
        Some(line) => format!("{}:{line}", plain(&finding.source)),
        None => plain(&finding.source),
    }
}

/// The sign of an outcome.
pub const fn sign(outcome: Outcome, symbols: Symbols) -> &'static str {
    match (outcome, symbols) {
        (Outcome::Fail, Symbols::Unicode) => "✗",
        (Outcome::Fail, Symbols::Ascii) => "x",
        (Outcome::Unclear, _) => "?",
        (Outcome::Warn, _) => "!",
        (Outcome::Skipped, Symbols::Unicode) => "·",
        (Outcome::Skipped, Symbols::Ascii) => ".",
        (Outcome::Pass, Symbols::Unicode) => "✓",
        (Outcome::Pass, Symbols::Ascii) => "+",
    }
}

const fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Fail => Tone::Goes,
        Outcome::Unclear | Outcome::Warn => Tone::Changes,
        Outcome::Skipped => Tone::Stays,
        Outcome::Pass => Tone::Good,
    }
}

/// The whole report.
pub fn text(document: &PreflightDocument, look: Look) -> String {
    let mut text = String::new();
    for file in &document.files {
        let stack =
            file.stack.as_deref().map(|stack| format!(", stack {}", plain(stack))).unwrap_or_default();
        text.push_str(&hang("", &format!("{} ({}{stack})", plain(&file.source), file.format), look));
    }
    for outcome in Outcome::ALL {
        let found: Vec<&Finding> = document.of(outcome).collect();
        let counted = look.detail == Detail::Brief && matches!(outcome, Outcome::Skipped | Outcome::Pass);
        if found.is_empty() {
            continue;
        }
        text.push('\n');
        if counted {
            text.push_str(&summed(outcome, &found, look));
            continue;
        }
        let several_files = document.files.len() > 1;
        for finding in found {
            text.push_str(&one(finding, several_files, look));
        }
    }
    text.push('\n');
    let tone = match document.verdict {
        Overall::Pass => Tone::Good,
        Overall::Warn | Overall::Unclear => Tone::Changes,
        Overall::Fail => Tone::Goes,
    };
    let counts = document.counts();
    let line = format!("Preflight: {}; {counts}", document.verdict.word());
    for line in hang("", &line, look).lines() {
        text.push_str(&format!("{}\n", look.paint.tint(tone, line)));
    }
    text.lines().map(|line| inert(line) + "\n").collect()
}

/// A line that GitHub's runner does not obey: it looks for `::command::` behind the blanks of each line,
/// and where a long text is broken one may come to stand there.
fn inert(line: &str) -> String {
    let words = line.trim_start();
    if !words.starts_with("::") && !words.starts_with("##[") {
        return line.to_owned();
    }
    let indent = line.len() - words.len();
    format!("{}'{words}", &line[..indent])
}

/// One finding: what, where, the evidence and the remedy.
fn one(finding: &Finding, several_files: bool, look: Look) -> String {
    let sign = sign(finding.outcome, look.symbols);
    let mut head = format!("{sign} {} {}", finding.outcome.word(), finding.check);
    let about = subject(finding);
    if !about.is_empty() {
        head.push_str(&format!(" {about}"));
    }
    let source = place(finding);
    if (finding.line.is_some() || several_files) && !source.is_empty() && source != about {
        head.push_str(&format!(" ({source})"));
    }
    let mut text = String::new();
    for (index, line) in super::wrap(&head, look.width.saturating_sub(2)).iter().enumerate() {
        let indent = if index == 0 { "" } else { "  " };
        text.push_str(&format!("{indent}{}\n", look.paint.tint(tone(finding.outcome), line)));
    }
    text.push_str(&hang("  ", &plain(&finding.evidence), look));
    if !finding.remedy.is_empty() {
        text.push_str(&remedy(&plain(&finding.remedy), look));
    }
    text
}

/// A remedy. A command goes on over the end of a line, so that it can be pasted as it stands.
fn remedy(remedy: &str, look: Look) -> String {
    let first = arrow(look.symbols);
    if !COMMANDS.iter().any(|command| remedy.starts_with(command)) {
        return hang(first, remedy, look);
    }
    let mut in_quotes = false;
    let tied: String = remedy
        .chars()
        .map(|letter| {
            in_quotes ^= letter == '\'';
            if in_quotes && letter == ' ' { TIED } else { letter }
        })
        .collect();
    let indent = super::width::columns(first);
    let lines = super::wrap(&tied, look.width.saturating_sub(indent + 2));
    format!("{first}{}\n", lines.join(&format!(" \\\n{}", " ".repeat(indent))))
}

/// How a remedy begins that is a command.
const COMMANDS: [&str; 2] = ["aws-janitor ", "aws "];

/// What stands before a remedy.
const fn arrow(symbols: Symbols) -> &'static str {
    match symbols {
        Symbols::Unicode => "  → ",
        Symbols::Ascii => "  > ",
    }
}

/// What is well or was not looked at, on one line: `✓ pass: region, names`.
fn summed(outcome: Outcome, found: &[&Finding], look: Look) -> String {
    let mut names: Vec<(&str, usize)> = Vec::new();
    for finding in found {
        match names.iter_mut().find(|(name, _)| *name == finding.check.word()) {
            Some((_, many)) => *many += 1,
            None => names.push((finding.check.word(), 1)),
        }
    }
    let counted = |(name, many): &(&str, usize)| match many {
        1 => (*name).to_owned(),
        many => format!("{name} ({many})"),
    };
    let list = names.iter().map(counted).collect::<Vec<_>>().join(", ");
    let what = match outcome {
        Outcome::Skipped => format!("{} had nothing to look at: {list}", count(names.len(), "check")),
        _ => format!("pass: {list}"),
    };
    let first = format!("{} ", sign(outcome, look.symbols));
    let lines = hang(&first, &what, look);
    lines.lines().map(|line| format!("{}\n", look.paint.tint(tone(outcome), line))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preflight::CheckName;

    #[test]
    fn a_command_can_be_pasted_as_it_is_printed() {
        let look = Look {
            width: 60,
            paint: super::super::colour::Paint::Plain,
            symbols: Symbols::Ascii,
            detail: Detail::Brief,
        };
        let command = "aws-janitor apply --select 'stack=one two three four five six' --region us-east-1 --region eu-west-1";
        let printed = remedy(command, look);
        assert!(printed.lines().all(|line| super::super::width::columns(line) <= 60), "{printed}");
        let pasted = printed.trim_start_matches("  > ").trim_end().replace(" \\\n", " ");
        assert_eq!(
            pasted.split_whitespace().collect::<Vec<_>>(),
            command.split_whitespace().collect::<Vec<_>>()
        );
        assert!(
            printed.contains("'stack=one two three four five six'"),
            "a quoted word stays whole: {printed}"
        );
    }

    #[test]
    fn no_line_begins_like_a_command_to_the_runner() {
        assert_eq!(inert("  ::stop-commands::x"), "  '::stop-commands::x");
        assert_eq!(inert("##[error]x"), "'##[error]x");
        assert_eq!(inert("  a ::x"), "  a ::x");
    }

    #[test]
    fn a_pulumi_address_is_told_by_name_and_type() {
        let of = |address: &str| {
            subject(&Finding { subject: address.to_owned(), ..Finding::skipped(CheckName::Tags, "x") })
        };
        assert_eq!(
            of("urn:pulumi:dev::shop::eks:index:Cluster$aws:iam/role:Role::node"),
            "node (aws:iam/role:Role)"
        );
        assert_eq!(of("module.eks.aws_iam_role.node[0]"), "module.eks.aws_iam_role.node[0]");
        assert_eq!(of("a\u{1b}[31m"), "a [31m");
    }
}
