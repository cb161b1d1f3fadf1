//! The quota report for people: gauges on a terminal, numbers elsewhere; then what is short, who holds it,
//! and what would help. It takes the report of the quota room and the document made of it.

use std::collections::BTreeSet;

use super::colour::{Symbols, Tone};
use super::columns::{self, Side};
use super::label::squeeze;
use super::{Detail, Look, count, hang, plain, width};
use crate::model::{Per, Unit};
use crate::needs::{Most, NEW, Wanted};
use crate::quota::{Answer, Balance, Holder, Increase, QuotaDocument, Report};

/// Above how many percent a quota is nearly used up. The two marks are those of AWS's own automatic
/// management of quotas: <https://docs.aws.amazon.com/servicequotas/latest/userguide/automatic-management.html>.
const NEARLY: u64 = 80;

/// Above how many percent it is as good as used up.
const FULL: u64 = 95;

/// How many cells a gauge has: one for five percent, so that both marks stand at a cell of their own; half
/// or a quarter of that where there is less room.
const CELLS: [usize; 3] = [20, 10, 5];

/// Whether to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gauges {
    /// Bars, for a terminal.
    Bars,
    /// Numbers alone.
    Numbers,
}

/// A report with all that is told of it.
#[derive(Debug, Clone, Copy)]
pub struct QuotaView<'a> {
    /// The lines and the answer.
    pub report: &'a Report,
    /// The same as a document: coverage, what could not be counted, what would help.
    pub document: &'a QuotaDocument,
    /// Whether something was selected, so that there can be orphans.
    pub selected: bool,
    /// Whether it was asked if something fits.
    pub asked: bool,
    /// Whether to draw.
    pub gauges: Gauges,
}

/// The report as text.
pub fn text(view: &QuotaView<'_>, look: Look) -> String {
    let lines = &view.report.lines;
    let asked = lines.iter().any(|line| line.need.is_some());
    let shown: Vec<&Balance> = lines.iter().filter(|line| is_shown(line, asked, look.detail)).collect();
    let mut text = table(&shown, view, look);
    let left_out = lines.len() - shown.len();
    if left_out > 0 {
        let more =
            format!("{} below {NEARLY} %; -v shows all, -o json has all.", count(left_out, "more line"));
        text.push_str(&look.paint.tint(Tone::Stays, &more));
        text.push('\n');
    }
    text.push_str(&uncounted(view.document, look));
    text.push_str(&answer(view, look));
    text
}

/// What is worth a line: what is needed, save what has room in something new, and what is nearly used up. Where nothing is asked for, also the
/// region's and the account's own quotas as soon as they are used, and what orphans hold in a zone.
fn is_shown(line: &Balance, asked: bool, detail: Detail) -> bool {
    let full = line.percent().is_some_and(|percent| percent >= NEARLY);
    if detail == Detail::Full || full || (line.need.is_some() && !is_roomy(line)) {
        return true;
    }
    let whole = matches!(line.quota.per, Per::Account | Per::Region);
    let used = line.used.all != Some(0);
    !asked && ((whole && used) || (line.quota.per == Per::Zone && line.used.by_orphans > 0))
}

/// Whether it is the room in something that the deployment makes, of which it takes less than [`NEARLY`]: there is a
/// line for each new role, and nobody can be in the way.
fn is_roomy(line: &Balance) -> bool {
    let most = line.need.as_ref().and_then(|(need, _)| need.most());
    let little = |most: u64| {
        line.limit.is_some_and(|limit| most.saturating_mul(100) < limit.value.saturating_mul(NEARLY))
    };
    line.place.starts_with(NEW) && line.answer == Some(Answer::Fits) && most.is_some_and(little)
}

fn table(lines: &[&Balance], view: &QuotaView<'_>, look: Look) -> String {
    let head = ["QUOTA", "WHERE", "", "USED", "FREE", "ORPHANS", "AFTER", "NEED", ""];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(lines.iter().map(|line| cells(line, look)));
    // A column whose cells are all empty is left out, which its heading must not prevent.
    for column in [5, 6, 7] {
        if rows.iter().skip(1).all(|row| row[column].is_empty()) {
            rows[0][column].clear();
        }
    }
    let right = |column: usize| if matches!(column, 3..=7) { Side::Right } else { Side::Left };
    let sides: Vec<Side> = (0..head.len()).map(right).collect();
    if view.gauges == Gauges::Bars {
        let used = columns::lines(&rows, &sides).iter().map(|line| width::columns(line)).max().unwrap_or(0);
        let room = look.width.saturating_sub(used + 1);
        if let Some(length) = CELLS.into_iter().find(|length| *length <= room) {
            for (row, line) in rows.iter_mut().skip(1).zip(lines) {
                row[2] = gauge(line.percent(), length, look.symbols);
            }
        }
    }
    let mut text = String::new();
    for (index, line) in columns::lines(&rows, &sides).iter().enumerate() {
        let tone = index.checked_sub(1).map_or(Tone::Head, |index| tone(lines[index]));
        text.push_str(&look.paint.tint(tone, line));
        text.push('\n');
    }
    text
}

fn tone(line: &Balance) -> Tone {
    match (line.answer, line.percent()) {
        (Some(Answer::Short), _) | (None, Some(FULL..)) => Tone::Goes,
        (Some(Answer::Unknown), _) | (_, None | Some(NEARLY..)) => Tone::Changes,
        (Some(Answer::Fits), _) => Tone::Good,
        (None, Some(_)) => Tone::Stays,
    }
}

fn cells(line: &Balance, look: Look) -> Vec<String> {
    let number = |number: Option<u64>| number.map_or_else(|| "?".to_owned(), |number| number.to_string());
    let orphans = match line.used.by_orphans {
        0 => String::new(),
        orphans => orphans.to_string(),
    };
    let after = if line.used.freed() > 0 { number(line.free_after_plan()) } else { String::new() };
    let name = match line.quota.unit {
        Unit::Things | Unit::Vcpus => line.quota.name.to_owned(),
        Unit::GibOfTib => format!("{} GiB", line.quota.name),
    };
    let wide = look.width >= 100;
    vec![
        name,
        squeeze(&plain(&line.place), if wide { 24 } else { 14 }, look.symbols),
        String::new(),
        format!("{}/{}", number(line.used.all), number(line.limit.map(|limit| limit.value))),
        number(line.free()),
        orphans,
        after,
        line.need.as_ref().map(|(need, _)| needed(*need)).unwrap_or_default(),
        mark(line, look.symbols).to_owned(),
    ]
}

/// `3`, `3+2` where something more may come, `3+?` where nobody can say how much.
fn needed(need: Wanted) -> String {
    match need.unknown {
        Most::Of(0) => need.least().to_string(),
        Most::Of(more) => format!("{}+{more}", need.least()),
        Most::Unbounded => format!("{}+?", need.least()),
    }
}

/// What the line comes to: fits or not where something is needed, else how full it is.
fn mark(line: &Balance, symbols: Symbols) -> &'static str {
    match (line.answer, line.percent(), symbols) {
        (Some(Answer::Fits), _, Symbols::Unicode) => "✓ fits",
        (Some(Answer::Fits), _, Symbols::Ascii) => "fits",
        (Some(Answer::Short), _, Symbols::Unicode) => "✗ short",
        (Some(Answer::Short), _, Symbols::Ascii) => "SHORT",
        (Some(Answer::Unknown), _, _) => "? unclear",
        (None, None, _) => "? unknown",
        (None, Some(100..), _) => "!! used up",
        (None, Some(FULL..), _) => "!! 95 %",
        (None, Some(NEARLY..), _) => "! 80 %",
        (None, Some(_), _) => "",
    }
}

/// A bar of so many cells, with ticks at the two marks: `█████████░░░░░░░│░░│`.
fn gauge(percent: Option<u64>, length: usize, symbols: Symbols) -> String {
    let (full, empty, tick, unknown) = match symbols {
        Symbols::Unicode => ('█', '░', '│', '?'),
        Symbols::Ascii => ('#', '.', '|', '?'),
    };
    let Some(percent) = percent else { return unknown.to_string().repeat(length / 4) };
    let of = |percent: u64| usize::try_from(percent).unwrap_or(usize::MAX).saturating_mul(length) / 100;
    // At least one cell is drawn for what is used, and one is left empty below 100 %.
    let filled = match percent {
        0 => 0,
        100.. => length,
        percent => of(percent).clamp(1, length - 1),
    };
    let cell = |at: usize| match at {
        _ if at < filled => full,
        _ if at == of(NEARLY) || at == of(FULL) => tick,
        _ => empty,
    };
    (0..length).map(cell).collect()
}

fn uncounted(document: &QuotaDocument, look: Look) -> String {
    let mut text = String::new();
    let open = document.uncounted.iter().filter(|it| it.open);
    let remarks = document.uncounted.iter().filter(|it| !it.open);
    for it in open.chain(remarks) {
        let weight = if it.open { "Not counted, so that nothing is certain: " } else { "Not counted: " };
        text.push_str(&hang("", &plain(&format!("{weight}{}: {}.", it.what, it.why)), look));
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

/// The answer: in one line if all is well, else what is short, who holds it and what would help.
fn answer(view: &QuotaView<'_>, look: Look) -> String {
    let lines = &view.report.lines;
    let nothing = lines.iter().all(|line| line.need.is_none());
    let mut text = String::from("\n");
    let headline = match (view.report.answer, view.asked) {
        (Answer::Fits, true) if nothing => look.paint.tint(Tone::Good, "It fits: it needs nothing."),
        (Answer::Fits, true) => look.paint.tint(Tone::Good, "It fits."),
        (Answer::Fits, false) => return String::new(),
        (Answer::Short, _) => look.paint.tint(Tone::Goes, "It does not fit."),
        (Answer::Unknown, true) => look.paint.tint(Tone::Changes, "Cannot tell whether it fits."),
        (Answer::Unknown, false) => look.paint.tint(Tone::Changes, "Not all of it could be read."),
    };
    text.push_str(&headline);
    text.push('\n');
    for line in lines.iter().filter(|line| line.answer == Some(Answer::Short)) {
        text.push_str(&hang("  ", &shortage(line), look));
        text.push_str(&hang("    ", &format!("held by {}", held(line, view.selected)), look));
    }
    for line in lines.iter().filter(|line| line.answer == Some(Answer::Unknown)) {
        text.push_str(&hang("  ", &doubt(line), look));
    }
    if view.report.answer == Answer::Short {
        text.push_str(&help(view, look));
    }
    text
}

fn shortage(line: &Balance) -> String {
    let (used, limit) = (line.used.all.unwrap_or(0), line.limit.map_or(0, |limit| limit.value));
    let need = line.need.as_ref().map_or(0, |(need, _)| need.least());
    format!(
        "{} in {}: {} too few ({used} of {limit} used, {need} needed{})",
        line.quota.title,
        plain(&line.place),
        line.short_by(),
        line.need.as_ref().map(|(need, _)| parts(*need)).unwrap_or_default()
    )
}

/// Of what the need is made, where it is not simply what the file says.
fn parts(need: Wanted) -> String {
    let mut parts = Vec::new();
    if need.implicit > 0 {
        parts.push(format!("{} made by AWS along with it", need.implicit));
    }
    if need.peak > 0 {
        parts.push(format!("{} while replaced things stand twice", need.peak));
    }
    if parts.is_empty() { String::new() } else { format!(", of these {}", parts.join(" and ")) }
}

/// Who holds it. Where nothing was selected there can be no orphans, and nothing is said of them.
fn held(line: &Balance, selected: bool) -> String {
    let one = |holder: &Holder<'_>| {
        let orphans = match (holder.orphans, holder.unread) {
            _ if !selected => "",
            (0, 0) => " (no orphans)",
            (held, _) if held == holder.held => " (orphans)",
            (_, held) if held == holder.held => " (uncertain)",
            (_, 0) => " (some of it orphans)",
            (0, _) => " (some of it uncertain)",
            (_, _) => " (some of it orphans, some uncertain)",
        };
        let who = holder.stack.map_or_else(|| "no stack".to_owned(), plain);
        format!("{who} {}{orphans}", holder.held)
    };
    let holders: Vec<String> = line.holders().iter().map(one).collect();
    if holders.is_empty() { "nobody".to_owned() } else { holders.join(", ") }
}

/// Why a line has no answer.
fn doubt(line: &Balance) -> String {
    let place = format!("{} in {}", line.quota.title, plain(&line.place));
    match (line.limit, line.used.all, line.need.as_ref().map(|(need, _)| need.unknown)) {
        (None, _, _) => format!("{place}: the limit is not known"),
        (_, None, _) => format!("{place}: what is used could not be counted whole"),
        (_, _, Some(Most::Unbounded)) if line.quota.unit == Unit::Vcpus => {
            format!("{place}: how many instances there will be, or how large, is not known")
        }
        (_, _, Some(Most::Unbounded)) => format!("{place}: how much is needed is not known"),
        _ => format!("{place}: {} are free, and more may be needed", line.free().unwrap_or(0)),
    }
}

/// Whether it is short, and may come free all the same.
fn is_doubtful(line: &Balance) -> bool {
    line.answer == Some(Answer::Short) && line.may_come_free()
}

/// What could not be read, where what is short may be left over.
fn doubtful(view: &QuotaView<'_>, look: Look) -> String {
    let lines = view.report.lines.iter().filter(|line| is_doubtful(line));
    let doubts: BTreeSet<&str> = lines.flat_map(|line| &line.used.doubts).map(String::as_str).collect();
    let line = "Whether that is left over cannot be told, as not everything could be read:";
    let mut text = format!("\n{}", hang("", line, look));
    for doubt in doubts {
        text.push_str(&hang("  ", &plain(doubt), look));
    }
    text
}

fn help(view: &QuotaView<'_>, look: Look) -> String {
    let mut text = String::new();
    let document = view.document;
    match &document.remedy {
        Some(remedy) => {
            let mut what: Vec<String> = remedy.stacks.iter().map(|stack| plain(stack)).collect();
            if !remedy.resources.is_empty() {
                what.push("leftovers of no stack".to_owned());
            }
            let what = what.join(", ");
            let freed: Vec<String> =
                remedy.frees.iter().map(|freed| format!("{} {}", freed.amount, freed.quota)).collect();
            let line = format!(
                "Enough comes free with {what}: {} would go, {} come free.",
                count(remedy.deletes, "resource"),
                freed.join(", ")
            );
            text.push_str(&format!("\n{}", hang("", &line, look)));
            // Not wrapped, so that it can be copied.
            text.push_str(&format!("  {}\n", plain(&remedy.command)));
        }
        None if view.report.lines.iter().any(is_doubtful) => text.push_str(&doubtful(view, look)),
        None if view.selected => {
            let line = "The orphans that were selected do not free enough of it, or more of them would go than \
                        the policy allows.";
            text.push_str(&format!("\n{}", hang("", line, look)));
        }
        None => text.push_str(&format!(
            "\n{}",
            hang(
                "",
                "Whether any of it is an orphan shows with --select TERMS, such as tag:Project=NAME.",
                look
            )
        )),
    }
    let increases: Vec<&Increase> = document.increases.iter().collect();
    if !increases.is_empty() {
        text.push_str("\nOr ask AWS for more:\n");
    }
    for increase in increases {
        match &increase.command {
            Some(command) => text.push_str(&format!("  {command}\n")),
            None => text.push_str(&hang(
                "  ",
                &format!(
                    "AWS does not raise {} on request ({} would be needed)",
                    increase.quota, increase.desired
                ),
                look,
            )),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{QuotaUse, Region};
    use crate::quota::{Limit, Origin, Used};

    #[test]
    fn a_gauge_has_its_marks_at_80_and_95_percent() {
        assert_eq!(gauge(Some(0), 20, Symbols::Ascii), "................|..|");
        assert_eq!(gauge(Some(100), 20, Symbols::Ascii), "####################");
        assert_eq!(gauge(Some(85), 20, Symbols::Ascii), "#################..|");
        assert_eq!(gauge(Some(0), 10, Symbols::Ascii), "........||");
        assert_eq!(gauge(Some(250), 20, Symbols::Ascii), "####################", "over the limit");
    }

    #[test]
    fn what_has_room_in_something_new_takes_no_line_and_what_does_not_does() {
        static QUOTA: QuotaUse = QuotaUse::each("p", "policies", ("iam", "L-1"), Per::Itself);
        let shown = |place: &str, need: u64, answer: Answer| {
            let limit = Limit { value: 10, origin: Origin::Applied, adjustable: Some(true) };
            let line = Balance {
                quota: &QUOTA,
                region: Region::global(),
                place: place.to_owned(),
                limit: Some(limit),
                used: Used { all: Some(0), ..Used::default() },
                need: Some((Wanted::certain(need), Vec::new())),
                answer: Some(answer),
            };
            is_shown(&line, true, Detail::Brief)
        };
        assert!(!shown("new aws_iam_role.a", 7, Answer::Fits));
        assert!(shown("new aws_iam_role.a", 8, Answer::Fits), "nearly full");
        assert!(shown("new aws_iam_role.a", 7, Answer::Unknown), "nobody can tell");
        assert!(shown("role-a", 7, Answer::Fits), "it stands already");
    }

    #[test]
    fn a_little_is_not_drawn_as_nothing_nor_nearly_all_as_all() {
        assert_eq!(gauge(Some(1), 20, Symbols::Ascii), "#...............|..|");
        assert_eq!(gauge(Some(99), 20, Symbols::Ascii), "###################|");
        assert_eq!(gauge(None, 20, Symbols::Ascii), "?????");
    }

    #[test]
    fn a_need_tells_what_may_come_on_top() {
        let need = |unknown| Wanted { unknown, ..Wanted::certain(3) };
        assert_eq!(needed(need(Most::Of(0))), "3");
        assert_eq!(needed(need(Most::Of(2))), "3+2");
        assert_eq!(needed(need(Most::Unbounded)), "3+?");
    }
}
