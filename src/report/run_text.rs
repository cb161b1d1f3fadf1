//! What came of a run, for people: what is gone, what failed and what blocks it, what was left. It takes the
//! summary that the journal folds, and gives what `apply` ends with, as text and as CSV.

use std::time::Duration;

use super::colour::Tone;
use super::label::{kinds, said, short};
use super::{Detail, Look, cost, duration, hang, wrap};
use crate::journal::{Outcome, RunSummary, SkippedLine};
use crate::plan::file::PlanFile;

/// What a report of a run needs beside the summary.
#[derive(Debug, Clone, Copy)]
pub struct RunView<'a> {
    /// What came of it.
    pub summary: &'a RunSummary,
    /// The plan.
    pub file: &'a PlanFile,
    /// What is freed per month by what is gone.
    pub monthly_usd: f64,
    /// How long it took.
    pub took: Duration,
}

/// The whole report.
pub fn text(view: &RunView<'_>, look: Look) -> String {
    let summary = view.summary;
    let mut text = match look.detail {
        Detail::Full => all(summary, look),
        Detail::Brief => counted(summary, look),
    };
    // What failed comes before what was left because of it.
    for failed in &summary.failed {
        head(&mut text, Tone::Blocks, &format!("failed {} {}", failed.kind, short(&failed.id)), look);
        push(&mut text, &super::plain(&failed.error), look);
        if !failed.blocked_by.is_empty() {
            push(&mut text, &format!("blocked by {}", failed.blocked_by.join(look.symbols.arrow())), look);
        }
        if let Some(cause) = &failed.cause {
            push(&mut text, &super::plain(cause), look);
        }
    }
    text.push_str(&left(&summary.skipped, look));
    text.push_str(&left(&summary.kept, look));
    if !text.is_empty() {
        text.push('\n');
    }
    let tone = match summary.outcome {
        Outcome::Done | Outcome::Rehearsed => Tone::Good,
        Outcome::Partly | Outcome::Stopped => Tone::Changes,
    };
    text.push_str(&look.paint.tint(tone, &wrap(&count_line(view), look.width).join("\n  ")));
    text.push('\n');
    text
}

/// The words for what was done, or would be.
struct Verbs {
    delete: &'static str,
    cut: &'static str,
}

const fn verbs(outcome: Outcome) -> Verbs {
    match outcome {
        Outcome::Rehearsed => Verbs { delete: "would delete", cut: "would cut" },
        Outcome::Done | Outcome::Partly | Outcome::Stopped => Verbs { delete: "deleted", cut: "cut" },
    }
}

/// What is gone and what was cut, by kind.
fn counted(summary: &RunSummary, look: Look) -> String {
    let Verbs { delete: gone, cut } = verbs(summary.outcome);
    let mut text = String::new();
    let deleted = kinds(summary.deleted.iter().map(|key| &key.kind));
    let cuts = kinds(summary.cut.iter().map(|done| &done.resource.kind));
    for (word, tone, counted) in [(gone, Tone::Goes, deleted), (&format!("{cut} from"), Tone::Changes, cuts)]
    {
        if !counted.is_empty() {
            for line in hang(&format!("  {word:<12} "), &counted, look).lines() {
                text.push_str(&format!("{}\n", look.paint.tint(tone, line)));
            }
        }
    }
    text
}

/// What is left, by its reason; more than a few for the same one are counted.
fn left(skipped: &[SkippedLine], look: Look) -> String {
    let mut reasons: Vec<(&str, Vec<&SkippedLine>)> = Vec::new();
    for line in skipped {
        match reasons.iter_mut().find(|(why, _)| *why == line.why) {
            Some((_, lines)) => lines.push(line),
            None => reasons.push((&line.why, vec![line])),
        }
    }
    let mut text = String::new();
    for (why, lines) in reasons {
        match look.detail {
            Detail::Brief if lines.len() > FEW => {
                let counted = kinds(lines.iter().map(|line| &line.kind));
                for line in hang("  left         ", &counted, look).lines() {
                    text.push_str(&format!("{}\n", look.paint.tint(Tone::Changes, line)));
                }
            }
            Detail::Brief | Detail::Full => {
                for line in lines {
                    let line = format!("left {} {}", line.kind, short(&line.id));
                    head(&mut text, Tone::Changes, &line, look);
                }
            }
        }
        push(&mut text, &super::plain(why), look);
    }
    text
}

/// As many as this are listed one by one.
const FEW: usize = 3;

/// One by one.
fn all(summary: &RunSummary, look: Look) -> String {
    let Verbs { delete: gone, cut } = verbs(summary.outcome);
    let mut text = String::new();
    for done in &summary.cut {
        let line = format!("{cut} {}: {} {}", said(&done.resource), done.how, short(&done.to));
        head(&mut text, Tone::Changes, &line, look);
    }
    for key in &summary.deleted {
        head(&mut text, Tone::Goes, &format!("{gone} {}", said(key)), look);
    }
    text
}

fn head(text: &mut String, tone: Tone, line: &str, look: Look) {
    for (index, part) in wrap(line, look.width.saturating_sub(6)).into_iter().enumerate() {
        let indent = if index == 0 { "  " } else { "      " };
        text.push_str(&format!("{indent}{}\n", look.paint.tint(tone, &part)));
    }
}

fn push(text: &mut String, line: &str, look: Look) {
    for part in wrap(line, look.width.saturating_sub(6)) {
        text.push_str(&format!("      {part}\n"));
    }
}

/// `Run: 12 deleted, 3 cut, 1 failed, 2 left, $71.20/month freed, took 9 min`.
pub fn count_line(view: &RunView<'_>) -> String {
    let summary = view.summary;
    let money = cost::usd(view.monthly_usd);
    match summary.outcome {
        Outcome::Rehearsed => format!(
            "Dry run: would delete {}, would cut {}; {money}/month would be freed; nothing was changed",
            summary.deleted.len(),
            summary.cut.len(),
        ),
        Outcome::Done | Outcome::Partly | Outcome::Stopped => format!(
            "Run: {} deleted, {} cut, {} failed, {} left, {money}/month freed ({}), took {}",
            summary.deleted.len(),
            summary.cut.len(),
            summary.failed.len(),
            summary.skipped.len() + summary.kept.len(),
            cost::note(),
            duration(view.took),
        ),
    }
}

/// One line per resource, for spreadsheets.
pub fn csv(view: &RunView<'_>) -> String {
    use super::csv::line;
    let summary = view.summary;
    let gone = verbs(summary.outcome).delete;
    let mut text = line(&["result", "kind", "id", "why"]);
    for key in &summary.deleted {
        text.push_str(&line(&[gone, key.kind.as_str(), &key.id, ""]));
    }
    for failed in &summary.failed {
        text.push_str(&line(&["failed", failed.kind.as_str(), &failed.id, &failed.error]));
    }
    for left in summary.skipped.iter().chain(&summary.kept) {
        text.push_str(&line(&["left", left.kind.as_str(), &left.id, &left.why]));
    }
    text
}
