//! Markdown for pull requests and the step summary: short, with the long lists folded away.

use super::colour::Mark;
use super::plan_text::{self, PlanView};
use super::run_text::{self, RunView};
use super::view::{Coverage, ScanView};
use super::{age, cost, count, csv, fates};

/// A scan.
pub fn scan(view: &ScanView<'_>) -> String {
    let groups = view.groups();
    let mut text = format!("### AWS leftovers in account {}\n\n", view.inventory.caller.account);
    text.push_str(
        "| Stack | Verdict | Resources | Orphans | Oldest | $/month |\n|---|---|---:|---:|---:|---:|\n",
    );
    for group in &groups {
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            group.stack.as_deref().map_or("*no stack*".to_owned(), cell),
            group.verdict.map_or("", crate::model::StackVerdict::word),
            group.rows.len(),
            group.marked(Mark::Delete),
            group.oldest().map(|oldest| age(oldest, view.now)).unwrap_or_default(),
            cost::usd(group.monthly()),
        ));
    }
    for group in &groups {
        let name = group.stack.as_deref().unwrap_or("no stack");
        text.push_str(&format!(
            "\n<details><summary>{}: {}</summary>\n\n| | Kind | Id | Name | $/month | Why |\n|---|---|---|---|---:|---|\n",
            html(name),
            count(group.rows.len(), "resource")
        ));
        for row in &group.rows {
            text.push_str(&format!(
                "| {} | {} | {} | {} | {} | {} |\n",
                symbol(row.mark),
                cell(row.key.kind.as_str()),
                cell(&row.key.id),
                cell(row.name.as_deref().unwrap_or_default()),
                cost::cell(row.monthly),
                cell(&row.note),
            ));
        }
        text.push_str("\n</details>\n");
    }
    let gaps: Vec<_> = view.inventory.gaps.iter().cloned().collect();
    let coverage = Coverage {
        caller: &view.inventory.caller,
        regions: &view.inventory.regions,
        kinds: &view.inventory.kinds,
        gaps: &gaps,
    };
    text.push_str(&format!("\n{}\n\nPrices: {}.\n", lines(&coverage.text()), cost::note()));
    text
}

/// A plan.
pub fn plan(view: &PlanView<'_>) -> String {
    let file = view.file;
    let mut text =
        format!("### aws-janitor plan for account {}\n\n**{}**\n", file.account, plan_text::count_line(file));
    let blocked = fates::stays(file).blocked;
    if !blocked.is_empty() {
        text.push_str("\n| Blocked | Held by | Why |\n|---|---|---|\n");
        for blocked in blocked {
            let name = format!("{} {}", blocked.kind, blocked.id);
            text.push_str(&format!(
                "| {} | {} | {} |\n",
                cell(&name),
                cell(&blocked.by.join(" ← ")),
                cell(&blocked.why)
            ));
        }
    }
    if !file.steps.is_empty() {
        text.push_str(&format!(
            "\n<details><summary>{}</summary>\n\n| Step | Action | Resource | Stack | After |\n|---:|---|---|---|---|\n",
            count(file.steps.len(), "step")
        ));
        for step in &file.steps {
            let after: Vec<String> =
                step.after.iter().map(|after| format!("{}: {}", after.step.0, after.why)).collect();
            text.push_str(&format!(
                "| {} | {} | {} | {} | {} |\n",
                step.id.0,
                csv::action(&step.action),
                cell(&fates::step_text(step, None)),
                cell(view.stacks.get(&step.resource).map_or("", String::as_str)),
                cell(&after.join("; ")),
            ));
        }
        text.push_str("\n</details>\n");
    }
    let coverage =
        Coverage { caller: &file.caller, regions: &file.regions, kinds: &file.kinds, gaps: &file.gaps };
    text.push_str(&format!("\n{}\n\nPrices: {}.\n", lines(&coverage.text()), cost::note()));
    text
}

/// What came of a run.
pub fn run(view: &RunView<'_>) -> String {
    let summary = view.summary;
    let mut text = format!(
        "### aws-janitor run in account {}\n\n**{}**\n",
        view.file.account,
        run_text::count_line(view)
    );
    if !summary.failed.is_empty() || !summary.skipped.is_empty() {
        text.push_str("\n| Left | Why |\n|---|---|\n");
        for failed in &summary.failed {
            text.push_str(&format!(
                "| {} | {} |\n",
                cell(&format!("{} {}", failed.kind, failed.id)),
                cell(&failed.error)
            ));
        }
        for left in &summary.skipped {
            text.push_str(&format!(
                "| {} | {} |\n",
                cell(&format!("{} {}", left.kind, left.id)),
                cell(&left.why)
            ));
        }
    }
    if !summary.deleted.is_empty() {
        text.push_str(&format!(
            "\n<details><summary>{}</summary>\n\n",
            count(summary.deleted.len(), "resource")
        ));
        for key in &summary.deleted {
            text.push_str(&format!("- {}\n", cell(&key.to_string())));
        }
        text.push_str("\n</details>\n");
    }
    text
}

const fn symbol(mark: Mark) -> &'static str {
    // A lone `-` in a cell is a list to some readers of Markdown.
    match mark {
        Mark::Delete => "`-`",
        Mark::Cut => "`~`",
        Mark::Blocked => "`!`",
        Mark::Uncertain => "`?`",
        Mark::Kept => "",
    }
}

/// Lines of text as lines of Markdown.
fn lines(text: &str) -> String {
    text.lines().map(cell).collect::<Vec<_>>().join("  \n")
}

/// Text within a table: no bar ends the cell, no markup comes from a tag.
pub(super) fn cell(text: &str) -> String {
    let mut out = String::new();
    for letter in super::plain(text).chars() {
        if matches!(letter, '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '<' | '>' | '@' | '#') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// Text within markup.
fn html(text: &str) -> String {
    super::plain(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_tag_can_neither_end_the_cell_nor_bring_markup() {
        assert_eq!(cell("a|b<img>"), "a\\|b\\<img\\>");
    }
}
