//! Comma-separated values for spreadsheets, of a scan or a plan: a header, quoting as RFC 4180 has it, CRLF.
//!
//! A cell that a spreadsheet would take for a formula is quoted with an apostrophe in front: tags are written by strangers.

use super::cost;
use super::plain;
use super::view::ScanView;
use crate::plan::file::PlanFile;
use crate::plan::{Action, Fate};
use crate::quota::QuotaDocument;

/// One line per resource of a scan.
pub fn scan(view: &ScanView<'_>) -> String {
    let mut text = line(&[
        "kind",
        "id",
        "region",
        "name",
        "stack",
        "created",
        "verdict",
        "monthly_usd",
        "evidence",
        "arn",
    ]);
    for (key, resource) in &view.inventory.resources {
        let judged = view.verdicts.get(key);
        let monthly = cost::monthly(resource, view.catalog);
        text.push_str(&line(&[
            key.kind.as_str(),
            &key.id,
            key.region.as_str(),
            resource.name.as_deref().unwrap_or_default(),
            judged.and_then(|judged| judged.stack.as_deref()).unwrap_or_default(),
            &resource.created.map(|created| created.to_string()).unwrap_or_default(),
            judged.map_or("uncertain", |judged| judged.verdict.word()),
            &monthly.map(|usd| format!("{usd:.2}")).unwrap_or_default(),
            &judged.map(|judged| judged.evidence.join("; ")).unwrap_or_default(),
            resource.arn.as_deref().unwrap_or_default(),
        ]));
    }
    text
}

/// One line per step of a plan, then one per blocked resource.
pub fn plan(file: &PlanFile) -> String {
    let mut text =
        line(&["step", "action", "kind", "id", "region", "api", "after", "expected_seconds", "why"]);
    for step in &file.steps {
        let after: Vec<String> = step.after.iter().map(|after| after.step.0.to_string()).collect();
        let why: Vec<&str> = step.after.iter().map(|after| after.why.as_str()).collect();
        text.push_str(&line(&[
            &step.id.0.to_string(),
            action(&step.action),
            step.resource.kind.as_str(),
            &step.resource.id,
            step.resource.region.as_str(),
            step.api.as_deref().unwrap_or_default(),
            &after.join(" "),
            &step.expected_seconds.to_string(),
            &why.join("; "),
        ]));
    }
    for blocked in &file.blocked {
        text.push_str(&line(&[
            "",
            "blocked",
            blocked.kind.as_str(),
            &blocked.id,
            blocked.region.as_str(),
            "",
            "",
            "",
            &blocked.why,
        ]));
    }
    text
}

/// An action as one word.
pub const fn action(action: &Action) -> &'static str {
    match action {
        Action::Cut(_) => "cut",
        Action::Delete => "delete",
        Action::Await => "await",
    }
}

/// A fate as one word.
pub const fn fate(fate: &Fate) -> &'static str {
    match fate {
        Fate::Delete => "delete",
        Fate::Carried(_) => "carried",
        Fate::Leaving => "leaving",
        Fate::Kept(_) => "kept",
    }
}

/// One line with its end.
pub fn line(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

fn quoted(cell: &str) -> String {
    let cell = plain(cell);
    let risky = cell.trim_start().starts_with(['=', '+', '-', '@']);
    let cell = if risky { format!("'{cell}") } else { cell };
    if cell.contains(['"', ',']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

/// One line per quota and place. Unknown is empty, never 0.
pub fn quota(document: &QuotaDocument) -> String {
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let mut text = line(&[
        "name",
        "region",
        "scope",
        "unit",
        "limit",
        "used",
        "free",
        "used_by_orphans",
        "freed_by_plan",
        "need",
        "fits",
        "service",
        "code",
    ]);
    for it in &document.quotas {
        text.push_str(&line(&[
            &it.name,
            it.region.as_str(),
            &it.scope,
            &it.unit,
            &number(it.limit),
            &number(it.used),
            &number(it.free),
            &it.used_by_orphans.to_string(),
            &it.freed_by_plan.to_string(),
            &it.need.to_string(),
            &it.fits.map(|fits| fits.to_string()).unwrap_or_default(),
            &it.service,
            it.code.as_deref().unwrap_or_default(),
        ]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn commas_and_quotes_are_quoted_and_a_row_is_one_line() {
        assert_eq!(
            line(&["a", "b,c", "say \"x\"", "two\r\nlines"]),
            "a,\"b,c\",\"say \"\"x\"\"\",two  lines\r\n"
        );
    }

    #[test]
    fn a_tag_cannot_become_a_formula() {
        assert_eq!(line(&["=HYPERLINK(1)"]), "'=HYPERLINK(1)\r\n");
        assert_eq!(line(&["\t=HYPERLINK(1)"]), "' =HYPERLINK(1)\r\n");
    }
}
