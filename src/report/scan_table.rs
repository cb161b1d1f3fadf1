//! A scan for people: by stack first, then by kind.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};

use super::colour::{Mark, Tone};
use super::view::{Coverage, Group, Row, ScanView};
use super::{Look, age, cost, count, wrap};

/// The whole report.
pub fn text(view: &ScanView<'_>, look: Look) -> String {
    let groups = view.groups();
    let mut text = String::new();
    for group in &groups {
        text.push_str(&heading(group, view, look));
        text.push('\n');
        text.push_str(&table(&group.rows, view, look));
        text.push_str("\n\n");
    }
    if groups.is_empty() {
        text.push_str("Nothing was found.\n\n");
    }
    text.push_str(&footer(view, &groups, look));
    text
}

/// `Stack shop/pr-17 · lost · 12 resources · oldest 3d · $71.20/month`.
pub fn heading(group: &Group, view: &ScanView<'_>, look: Look) -> String {
    let mut parts = vec![match &group.stack {
        Some(stack) => format!("Stack {}", super::plain(stack)),
        None => "In no stack".to_owned(),
    }];
    parts.extend(group.verdict.map(|verdict| verdict.word().to_owned()));
    parts.push(count(group.rows.len(), "resource"));
    parts.extend(group.oldest().map(|oldest| format!("oldest {}", age(oldest, view.now))));
    if group.monthly() >= 0.005 {
        parts.push(format!("{}/month", cost::usd(group.monthly())));
    }
    let line = wrap(&parts.join(look.symbols.dot()), look.width).join("\n  ");
    let mut text = look.paint.tint(Tone::Head, &line);
    for note in &group.notes {
        text.push_str("\n  note: ");
        text.push_str(&wrap(&super::plain(note), look.width.saturating_sub(8)).join("\n        "));
    }
    text
}

fn table(rows: &[Row], view: &ScanView<'_>, look: Look) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(look.width).unwrap_or(80));
    match look.paint {
        super::colour::Paint::Colours => table.enforce_styling(),
        super::colour::Paint::Plain => table.force_no_tty(),
    };
    let mut notes = Notes::default();
    let mut kind = None;
    for row in rows {
        // A kind is named once; the eye finds the next one by the gap.
        let first = kind.replace(row.key.kind.as_str()) != Some(row.key.kind.as_str());
        let shown = if first { row.key.kind.as_str() } else { "" };
        let mut mark = Cell::new(row.mark.symbol(look.symbols));
        let mut verdict = Cell::new(notes.refer(&row.note));
        if let Some(colour) = row.mark.tone().cell() {
            mark = mark.fg(colour);
            verdict = verdict.fg(colour);
        }
        let name = row.name.as_deref().unwrap_or_default();
        table.add_row(vec![
            mark,
            Cell::new(shown),
            Cell::new(format!("{} {name}", row.key.id).trim_end()),
            Cell::new(row.created.map(|created| age(created, view.now)).unwrap_or_default()),
            Cell::new(cost::cell(row.monthly)).set_alignment(CellAlignment::Right),
            verdict,
        ]);
    }
    for index in 0..table.column_count() {
        if let Some(column) = table.column_mut(index) {
            column.set_padding((0, 1));
            // Only ids and names may break; a broken kind or price cannot be read.
            if index != 2 {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
    }
    trimmed(&table.trim_fmt()) + &notes.text(look)
}

/// The evidence below a table: the same sentence stands there once, however many rows it is true of.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    /// `orphan [1]`: the verdict and the number of its reason.
    fn refer(&mut self, note: &str) -> String {
        let (verdict, why) = note.split_once(": ").unwrap_or((note, ""));
        if why.is_empty() {
            return verdict.to_owned();
        }
        let place = self.0.iter().position(|known| known == why).unwrap_or_else(|| {
            self.0.push(why.to_owned());
            self.0.len() - 1
        });
        format!("{verdict} [{}]", place + 1)
    }

    fn text(&self, look: Look) -> String {
        let mut text = String::new();
        for (place, why) in self.0.iter().enumerate() {
            let lines = wrap(why, look.width.saturating_sub(7)).join("\n       ");
            text.push_str(&format!("\n  {:>4} {lines}", format!("[{}]", place + 1)));
        }
        text
    }
}

fn trimmed(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The counts, the money and the coverage.
pub fn footer(view: &ScanView<'_>, groups: &[Group], look: Look) -> String {
    let marked = |mark| groups.iter().map(|group| group.marked(mark)).sum::<usize>();
    let orphans = marked(Mark::Delete);
    let uncertain = marked(Mark::Uncertain);
    let cents: f64 = groups
        .iter()
        .flat_map(|group| &group.rows)
        .filter(|row| row.mark == Mark::Delete)
        .filter_map(|row| row.monthly)
        .map(|usd| usd * 100.0)
        .sum();
    let line = format!(
        "Scan: {}, {} uncertain, {} kept; orphans cost {}/month ({})",
        count(orphans, "orphan"),
        uncertain,
        marked(Mark::Kept),
        cost::usd(cents.round() / 100.0),
        cost::note(),
    );
    let gaps: Vec<_> = view.inventory.gaps.iter().cloned().collect();
    let coverage = Coverage {
        caller: &view.inventory.caller,
        regions: &view.inventory.regions,
        kinds: &view.inventory.kinds,
        gaps: &gaps,
    };
    format!("{}\n{}\n", wrap(&line, look.width).join("\n  "), coverage.text())
}
