//! The document of a preflight as JUnit's XML, which CI systems show as tests: a suite for each check, a case
//! for each subject.

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::preflight::{PreflightDocument, place};
use crate::preflight::{CHECKS, Finding, Outcome};

/// The report. What failed is a failure, what is unclear an error, what had nothing to look at is skipped;
/// what warns passes and tells why.
pub fn text(document: &PreflightDocument) -> Result<String, SerializeError> {
    let mut report = Report::new("aws-janitor preflight");
    for check in CHECKS {
        let found: Vec<&Finding> =
            document.findings.iter().filter(|finding| finding.check == check.name).collect();
        if found.is_empty() {
            continue;
        }
        let mut suite = TestSuite::new(check.name.word());
        suite.add_test_cases(found.into_iter().map(case));
        report.add_test_suite(suite);
    }
    report.to_string()
}

fn case(finding: &Finding) -> TestCase {
    let name = if finding.subject.is_empty() { finding.check.word() } else { &finding.subject };
    let mut status = match finding.outcome {
        Outcome::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Outcome::Unclear => TestCaseStatus::non_success(NonSuccessKind::Error),
        Outcome::Skipped => TestCaseStatus::skipped(),
        Outcome::Warn | Outcome::Pass => TestCaseStatus::success(),
    };
    let description = match finding.remedy.as_str() {
        "" => finding.evidence.clone(),
        remedy => format!("{}\nRemedy: {remedy}", finding.evidence),
    };
    match finding.outcome {
        Outcome::Fail | Outcome::Unclear => {
            status
                .set_message(&finding.evidence)
                .set_type(finding.check.word())
                .set_description(&description);
        }
        Outcome::Skipped => {
            status.set_message(&finding.evidence);
        }
        Outcome::Warn | Outcome::Pass => {}
    }
    let mut case = TestCase::new(name, status);
    case.set_classname(format!("preflight.{}", finding.check));
    match finding.outcome {
        Outcome::Warn => {
            case.set_system_out(format!("warning: {description}"));
        }
        Outcome::Pass => {
            case.set_system_out(description);
        }
        Outcome::Fail | Outcome::Unclear | Outcome::Skipped => {}
    }
    if !finding.source.is_empty() {
        case.extra.insert("file".into(), place(finding).into());
    }
    case
}
