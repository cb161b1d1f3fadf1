//! Markdown for pull requests and the step summary: short, with the long lists folded away. It shows what the
//! text reports show of a scan, a plan, a run and quotas.

use std::collections::BTreeSet;

use quick_xml::escape::partial_escape;

use super::colour::Mark;
use super::plan_text::{self, PlanView};
use super::run_text::{self, RunView};
use super::view::{Coverage, ScanView};
use super::{age, cost, count, csv, fates, spared, unread};
use crate::judge::Spared;
use crate::quota::{Answer, QuotaDocument, QuotaLine};

/// A scan.
pub fn scan(view: &ScanView<'_>) -> String {
    let groups = view.groups();
    let mut text = format!("### AWS leftovers in account {}\n\n", view.inventory.caller.account);
    text.push_str(&stays(&view.spared()));
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
        without: &view.inventory.without_services,
    };
    for line in unread::lines(view.unread) {
        text.push_str(&format!("\n{}\n", cell(&line)));
    }
    text.push_str(&format!("\n{}\n\nPrices: {}.\n", lines(&coverage.text()), cost::note()));
    text
}

/// The selected stacks that stay as a whole, as a list.
fn stays(all: &[Spared]) -> String {
    let lines: String = all.iter().map(|it| format!("- {}\n", cell(&spared::line(it, usize::MAX)))).collect();
    if lines.is_empty() { lines } else { lines + "\n" }
}

/// A plan.
pub fn plan(view: &PlanView<'_>) -> String {
    let file = view.file;
    let mut text =
        format!("### aws-janitor plan for account {}\n\n**{}**\n", file.account, plan_text::count_line(file));
    if !file.expired.is_empty() {
        let lines = file.expired.iter().map(|it| format!("- {}\n", cell(&spared::expired(it))));
        text.push_str(&format!("\n{}", lines.collect::<String>()));
    }
    if !file.spared.is_empty() {
        text.push_str(&format!("\n{}", stays(&file.spared)));
    }
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
    let coverage = Coverage {
        caller: &file.caller,
        regions: &file.regions,
        kinds: &file.kinds,
        gaps: &file.gaps,
        without: &file.policy.without_services,
    };
    for line in unread::lines(view.scan.map_or(&[], |scan| scan.unread)) {
        text.push_str(&format!("\n{}\n", cell(&line)));
    }
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

/// A quota report: what is needed or nearly used up, the rest folded away.
pub fn quota(document: &QuotaDocument) -> String {
    let headline = match document.verdict {
        Answer::Fits => "fits",
        Answer::Short => "**does not fit**",
        Answer::Unknown => "cannot tell",
    };
    let mut text = format!("### AWS quotas of account {}: {headline}\n\n", document.account);
    let (first, rest): (Vec<&QuotaLine>, Vec<&QuotaLine>) =
        document.quotas.iter().partition(|it| matters(it));
    text.push_str(&quota_table(&first));
    if !rest.is_empty() {
        let lines = count(rest.len(), "more line");
        text.push_str(&format!(
            "\n<details><summary>{lines}</summary>\n\n{}\n</details>\n",
            quota_table(&rest)
        ));
    }
    if let Some(remedy) = &document.remedy {
        let stacks: Vec<String> = remedy.stacks.iter().chain(&remedy.resources).map(|it| cell(it)).collect();
        text.push_str(&format!(
            "\nEnough comes free with {}:\n\n{}",
            stacks.join(", "),
            code(&remedy.command)
        ));
    }
    let doubts: BTreeSet<&String> =
        document.quotas.iter().filter(|it| it.fits == Some(false)).flat_map(|it| &it.doubts).collect();
    for doubt in doubts {
        text.push_str(&format!("\n- Uncertain, whether it is left over: {}", cell(doubt)));
    }
    let commands: Vec<&str> = document.increases.iter().filter_map(|it| it.command.as_deref()).collect();
    if !commands.is_empty() {
        text.push_str(&format!("\nOr ask AWS for more:\n\n{}", code(&commands.join("\n"))));
    }
    for it in &document.uncounted {
        let weight = if it.open { "Not counted, so that nothing is certain" } else { "Not counted" };
        text.push_str(&format!("\n- {weight}: {}: {}", cell(&it.what), cell(&it.why)));
    }
    for gap in &document.coverage.limits {
        let place = format!("{} in {}", gap.service, gap.region);
        text.push_str(&format!("\n- Not read: quotas of {}: {}", cell(&place), cell(&gap.error)));
    }
    for gap in &document.coverage.usage {
        let place = format!("{} in {}", gap.kind, gap.region);
        text.push_str(&format!("\n- Not read: {}: {}", cell(&place), cell(&gap.error)));
    }
    text.push('\n');
    text
}

/// What stands unfolded: needs, what is at four fifths of its limit or more, and what orphans hold in a
/// region, a zone or the account. Of each VPC and table of theirs there would be hundreds of lines.
fn matters(it: &QuotaLine) -> bool {
    let nearly = it
        .limit
        .zip(it.used)
        .is_some_and(|(limit, used)| used > 0 && used.saturating_mul(5) >= limit.saturating_mul(4));
    let orphans = it.used_by_orphans > 0 && it.scope.starts_with(it.region.as_str());
    it.need_parts.is_some() || nearly || orphans
}

fn quota_table(lines: &[&QuotaLine]) -> String {
    let number = |number: Option<u64>| number.map_or_else(|| "?".to_owned(), |number| number.to_string());
    let mut text = String::from(
        "| Quota | Where | Used | Limit | Free | Orphans hold | Needed | Fits |\n|---|---|---:|---:|---:|---:|---:|---|\n",
    );
    for it in lines {
        let fits = match (it.need_parts.is_some(), it.fits) {
            (false, _) => "",
            (true, Some(true)) => "yes",
            (true, Some(false)) => "**no**",
            (true, None) => "cannot tell",
        };
        let need = it.need_parts.as_ref().map(|parts| match parts.unknown {
            Some(0) => it.need.to_string(),
            Some(more) => format!("{} to {}", it.need, it.need.saturating_add(more)),
            None => format!("{} or more", it.need),
        });
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} | {fits} |\n",
            cell(&it.name),
            cell(&it.scope),
            number(it.used),
            number(it.limit),
            number(it.free),
            it.used_by_orphans,
            need.unwrap_or_default(),
        ));
    }
    text
}

/// A command to copy. No line of it may end the block.
fn code(text: &str) -> String {
    format!(
        "```sh\n{}\n```\n",
        text.lines().map(super::plain).collect::<Vec<_>>().join("\n").replace("```", "` ` `")
    )
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
    partial_escape(super::plain(text)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{QuotaLine, cell, matters};

    #[test]
    fn what_orphans_hold_in_one_of_their_things_is_folded_and_no_limit_is_too_large() {
        let line = |region: &str, scope: &str, used: u64, limit: u64| -> QuotaLine {
            serde_json::from_value(serde_json::json!({
                "name": "x", "title": "x", "service": "x", "code": null, "region": region, "scope": scope,
                "unit": "", "limit": limit, "origin": "applied", "adjustable": null, "used": used,
                "free": limit - used, "used_by_orphans": used, "used_by_stacks": {}, "freed_by_plan": 0,
                "free_after_plan": null, "need": 0, "fits": true
            }))
            .unwrap()
        };
        for (region, scope, unfolded) in [
            ("us-east-1", "us-east-1", true),
            ("us-east-1", "us-east-1a", true),
            ("global", "global", true),
            ("us-east-1", "vpc-1", false),
            ("global", "shop-nodes", false),
        ] {
            assert_eq!(matters(&line(region, scope, 1, u64::MAX)), unfolded, "{scope}");
        }
        assert!(matters(&line("us-east-1", "vpc-1", 4, 5)), "nearly used up");
    }

    #[test]
    fn a_tag_can_neither_end_the_cell_nor_bring_markup() {
        assert_eq!(cell("a|b<img>"), "a\\|b\\<img\\>");
    }
}
