//! Checked policy files, for people and as a document: each error and warning with its file and line, and what a policy
//! would do in plain words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::colour::Tone;
use super::{Look, count, hang, plain};
use crate::guards::GuardFile;
use crate::policy::check::{Checked, Remark};
use crate::policy::{Policy, Regions, Terms, age};

/// The schema of [`PolicyCheckDocument`].
pub const POLICY_CHECK: &str = "aws-janitor/policy-check/1";

/// What `policy check -o json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyCheckDocument {
    /// Always [`POLICY_CHECK`].
    pub schema: String,
    /// The files, as they were named.
    pub files: Vec<CheckedFile>,
    /// 0 if each can be used, else 64.
    pub exit_code: u8,
}

impl PolicyCheckDocument {
    /// The document of these files.
    pub fn new(files: Vec<CheckedFile>, exit_code: u8) -> Self {
        Self { schema: POLICY_CHECK.to_owned(), files, exit_code }
    }
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckedFile {
    /// The file, as it was named.
    pub file: String,
    /// What makes it unusable, by line.
    pub errors: Vec<RemarkLine>,
    /// What is likely to be a slip, by line.
    pub warnings: Vec<RemarkLine>,
    /// What it would do, in sentences; none where it cannot be used.
    pub does: Vec<String>,
}

/// Something about a line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemarkLine {
    /// The line, from 1; `null` for the file as a whole.
    pub line: Option<usize>,
    /// The key at the top of the file, if it is about one.
    pub key: Option<String>,
    /// What is to be known, in a sentence.
    pub why: String,
}

impl CheckedFile {
    /// What was found in a file.
    pub fn new(file: String, checked: Checked) -> Self {
        let line = |remark: Remark| RemarkLine { line: remark.line, key: remark.key, why: remark.why };
        Self {
            file,
            errors: checked.errors.into_iter().map(line).collect(),
            warnings: checked.warnings.into_iter().map(line).collect(),
            does: checked.policy.as_ref().map(does).unwrap_or_default(),
        }
    }

    /// Whether it can be used.
    pub fn is_usable(&self) -> bool {
        self.errors.is_empty()
    }
}

/// The files for people.
pub fn text(files: &[CheckedFile], look: Look) -> String {
    let mut text = String::new();
    for (n, file) in files.iter().enumerate() {
        if n > 0 {
            text.push('\n');
        }
        for (word, remarks) in [("error", &file.errors), ("warning", &file.warnings)] {
            for remark in remarks {
                let line = remark.line.map(|line| format!(":{line}")).unwrap_or_default();
                let key = remark.key.as_ref().map(|key| format!("in {key}: ")).unwrap_or_default();
                // One line each, as editors and CI read them.
                text.push_str(&plain(&format!("{}{line}: {word}: {key}{}", file.file, remark.why)));
                text.push('\n');
            }
        }
        let counted = [("error", file.errors.len()), ("warning", file.warnings.len())];
        let counted =
            counted.into_iter().filter(|(_, number)| *number > 0).map(|(word, number)| count(number, word));
        let counted: Vec<String> = counted.collect();
        let verdict = match (file.is_usable(), counted.is_empty()) {
            (true, true) => "ok".to_owned(),
            (true, false) => format!("ok, {}", counted.join(", ")),
            (false, _) => counted.join(", "),
        };
        let head = hang("", &plain(&format!("{}: {verdict}", file.file)), look);
        text.push_str(&look.paint.tint(Tone::Head, head.trim_end()));
        text.push('\n');
        file.does.iter().for_each(|line| text.push_str(&hang("  ", &plain(line), look)));
    }
    text
}

/// What a policy would do, in sentences.
fn does(policy: &Policy) -> Vec<String> {
    let mut lines = vec![place(policy)];
    let key = match policy.stack_key.is_empty() {
        true => "Project and EnvironmentSuffix, as nothing else is said".to_owned(),
        false => policy.stack_key.join(" and "),
    };
    lines.push(format!("A stack is named by its tags {key}."));
    lines.push(match policy.select.is_empty() {
        true => "Nothing is selected, so nothing goes unless a flag selects it.".to_owned(),
        false => format!("Meant to go, if nothing speaks for it: {}.", any(&policy.select)),
    });
    if !policy.protect.is_empty() {
        lines.push(format!("Stays in any case: {}.", any(&policy.protect)));
    }
    if !policy.guards.is_empty() {
        let files: Vec<&str> = policy.guards.iter().map(GuardFile::name).collect();
        lines.push(format!("Stays as well what a guard rule forbids to delete: {}.", files.join(", ")));
    }
    lines.extend(
        policy.older_than.map(|age| format!("Nothing younger than {age} goes, and nothing of unknown age.")),
    );
    lines.extend(policy.expired.iter().map(|expiry| {
        format!(
            "Of what is selected, stacks of {} are nobody's {} after the youngest of their things was made, alive or not.",
            expiry.select,
            age::show(expiry.after.duration())
        )
    }));
    if !policy.abandoned.is_empty() {
        lines.push(format!("Goes although it may live: stack {}.", policy.abandoned.join(", ")));
    } else if !policy.select.is_empty() {
        let word = if policy.spare_living { ", and that is no failure" } else { "" };
        lines.push(format!(
            "What lives is spared{}{word}.",
            if policy.expired.is_empty() { "" } else { ", unless it expires" }
        ));
    }
    if !policy.states.is_empty() {
        lines.push(format!("What these states own or name stays: {}.", policy.states.join(", ")));
    }
    if !policy.with_data.is_empty() {
        let kinds: Vec<&str> = policy.with_data.iter().map(|kind| kind.as_str()).collect();
        lines.push(format!("Goes with its data: {}.", kinds.join(", ")));
    }
    if policy.revoke_in_kept_groups {
        lines
            .push("Rules of security groups that stay are revoked where all that they name goes.".to_owned());
    }
    lines.extend(bounds(policy));
    if let Some(marker) = &policy.consent_marker {
        let (place, value) = marker.place();
        lines.push(format!("The account has to bear a marker: {place} with the value {value}."));
    }
    lines.extend(
        policy.memory.as_ref().map(|place| format!("When a thing was first seen is remembered in {place}.")),
    );
    lines
}

fn place(policy: &Policy) -> String {
    let accounts: Vec<&str> = match &policy.account {
        Some(only) => vec![only],
        None => policy.accounts.iter().map(String::as_str).collect(),
    };
    let accounts = match accounts.as_slice() {
        [] => "In any account".to_owned(),
        all => format!("In account {} and no other", all.join(" or ")),
    };
    match &policy.regions {
        Regions::Unnamed => format!("{accounts}, in the regions of the call."),
        Regions::All => format!("{accounts}, in every enabled region."),
        these @ Regions::These(_) => format!("{accounts}, in {}.", these.names().join(", ")),
    }
}

fn bounds(policy: &Policy) -> Option<String> {
    let all = policy.max_deletes.map(|all| count(all as usize, "deletion"));
    let kinds = policy.max_per_kind.iter().map(|(kind, cap)| format!("{cap} {kind}"));
    let mut parts: Vec<String> = all.into_iter().chain(kinds).collect();
    parts.extend(policy.timeout.map(|time| format!("within {time}")));
    (!parts.is_empty()).then(|| {
        format!("At most {}; what a plan has beyond these, is refused as a whole.", parts.join(", "))
    })
}

fn any(entries: &[Terms]) -> String {
    entries.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}
