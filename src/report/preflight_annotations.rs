//! The document of a preflight as annotations of GitHub Actions: one workflow command a line.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>. The runner reads
//! commands from stderr as well as from stdout, so that they never stand among the data.

use super::preflight::{PreflightDocument, subject};
use crate::preflight::{Finding, Outcome};

/// The lines: errors for what fails, warnings for what is unclear or warns, the worst first, since GitHub
/// shows ten of each a step.
pub fn lines(document: &PreflightDocument) -> Vec<String> {
    let outcomes = [Outcome::Fail, Outcome::Unclear, Outcome::Warn];
    outcomes.into_iter().flat_map(|outcome| document.of(outcome)).map(line).collect()
}

fn line(finding: &Finding) -> String {
    let command = match finding.outcome {
        Outcome::Fail => "error",
        Outcome::Unclear | Outcome::Warn | Outcome::Skipped | Outcome::Pass => "warning",
    };
    let title = format!("{}: {}", finding.check, subject(finding));
    let mut properties = Vec::new();
    if !finding.source.is_empty() {
        properties.push(format!("file={}", property(&finding.source)));
    }
    if let Some(line) = finding.line {
        properties.push(format!("line={line}"));
    }
    properties.push(format!("title={}", property(&title)));
    let message = match finding.remedy.as_str() {
        "" => finding.evidence.clone(),
        remedy => format!("{}\n{remedy}", finding.evidence),
    };
    format!("::{command} {}::{}", properties.join(","), data(&message))
}

/// Text as the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text as a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preflight::CheckName;

    fn finding(outcome: Outcome) -> Finding {
        Finding {
            check: CheckName::PulumiConfig,
            outcome,
            subject: "aws:region".to_owned(),
            source: "infra,a/Pulumi.yaml".to_owned(),
            line: Some(6),
            evidence: "100% wrong".to_owned(),
            remedy: "write\n::error::x".to_owned(),
        }
    }

    #[test]
    fn an_annotation_names_file_and_line_and_cannot_be_broken_out_of() {
        assert_eq!(
            line(&finding(Outcome::Fail)),
            "::error file=infra%2Ca/Pulumi.yaml,line=6,title=pulumi-config%3A aws%3Aregion::100%25 wrong%0Awrite%0A::error::x"
        );
    }

    #[test]
    fn what_is_well_is_no_annotation_and_errors_come_first() {
        let findings = [Outcome::Pass, Outcome::Warn, Outcome::Skipped, Outcome::Fail].map(finding).to_vec();
        let document = PreflightDocument::new(None, &[], findings, 4);
        let lines = lines(&document);
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("::error") && lines[1].starts_with("::warning"));
    }
}
