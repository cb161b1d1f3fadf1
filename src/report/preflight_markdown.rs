//! The document of a preflight for pull requests and the step summary.

use super::markdown::cell;
use super::preflight::{PreflightDocument, place, subject};
use crate::preflight::{Finding, Outcome};

/// The whole report: what is in the way in a table, the rest folded away.
pub fn text(document: &PreflightDocument) -> String {
    let account = document.account.as_ref().map(|it| format!(" for account {it}")).unwrap_or_default();
    let verdict = document.verdict.word();
    let mut text = format!("### aws-janitor preflight{account}: {verdict}\n\n**{}**\n", document.counts());
    let (open, well): (Vec<&Finding>, Vec<&Finding>) = document
        .findings
        .iter()
        .partition(|finding| !matches!(finding.outcome, Outcome::Pass | Outcome::Skipped));
    let mut open = open;
    open.sort_by_key(|finding| finding.outcome);
    if !open.is_empty() {
        text.push_str("\n| | Check | Where | Evidence | Remedy |\n|---|---|---|---|---|\n");
        text.push_str(&rows(&open));
    }
    if !well.is_empty() {
        text.push_str("\n<details><summary>What is well, and what had nothing to look at</summary>\n\n");
        text.push_str("| | Check | Where | Evidence | Remedy |\n|---|---|---|---|---|\n");
        text.push_str(&rows(&well));
        text.push_str("\n</details>\n");
    }
    text.push_str("\nRead:");
    for file in &document.files {
        text.push_str(&format!(" {} ({})", cell(&file.source), file.format));
    }
    text.push('\n');
    text
}

fn rows(findings: &[&Finding]) -> String {
    findings
        .iter()
        .map(|finding| {
            let about = subject(finding);
            let source = place(finding);
            let place = match (about.is_empty(), source.is_empty() || source == about) {
                (true, _) => source,
                (false, true) => about,
                (false, false) => format!("{about} ({source})"),
            };
            format!(
                "| {} | {} | {} | {} | {} |\n",
                finding.outcome.word(),
                finding.check,
                cell(&place),
                cell(&finding.evidence),
                cell(&finding.remedy)
            )
        })
        .collect()
}
