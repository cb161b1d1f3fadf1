//! A scan for people: a line per stack, then what goes one by one, and what stays by kind. It takes a scan with
//! its verdicts (`view.rs`), for `scan`.

use std::collections::BTreeMap;

use super::colour::{Mark, Tone};
use super::columns::{self, Side};
use super::label::label;
use super::view::{Coverage, Group, Row, ScanView};
use super::{Detail, Look, age, cost, count, hang, spared, sums, unread, wide, wrap};

/// The whole report.
pub fn text(view: &ScanView<'_>, look: Look) -> String {
    let groups = view.groups();
    let mut text = spared::text(&view.spared(), look);
    let wide = wide::is_wide(groups.len(), look);
    if wide {
        text.push_str(&wide::text(&groups, view, look));
    } else if groups.len() > 1 {
        text.push_str(&sums::stacks(&groups, view, look));
        text.push('\n');
    }
    for group in groups.iter().filter(|_| !wide) {
        text.push_str(&heading(group, view, look));
        text.push('\n');
        text.push_str(&details(group, view, look));
        text.push('\n');
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
    parts.extend(sums::verdict(group).map(str::to_owned));
    parts.push(count(group.rows.len(), "resource"));
    parts.extend(group.oldest().map(|oldest| format!("oldest {}", age(oldest, view.now))));
    if group.monthly() >= 0.005 {
        parts.push(format!("{}/month", cost::usd(group.monthly())));
    }
    let line = wrap(&parts.join(look.symbols.dot()), look.width).join("\n  ");
    let mut text = look.paint.tint(Tone::Head, &line);
    for note in &group.notes {
        text.push('\n');
        text.push_str(hang("  note: ", &super::plain(note), look).trim_end());
    }
    text
}

/// What is in a group: with `-v` everything, else what goes or is uncertain, and a count of what stays.
fn details(group: &Group, view: &ScanView<'_>, look: Look) -> String {
    if look.detail == Detail::Full {
        return table(&group.rows.iter().collect::<Vec<_>>(), view, look);
    }
    let (stay, go): (Vec<&Row>, Vec<&Row>) = group.rows.iter().partition(|row| row.mark == Mark::Kept);
    let mut text = String::new();
    if !go.is_empty() {
        text.push_str(&table(&go, view, look));
    }
    let own = sums::aws_own(view);
    let (own, stay): (Vec<&Row>, Vec<&Row>) = stay.into_iter().partition(|row| own.contains(&row.key));
    // Without a selection the question is what there is, not why it stays.
    let asked = view.verdicts.values().any(|judged| judged.selected);
    text.push_str(&if asked { sums::staying(&stay, view, look) } else { sums::by_kind(&stay, view, look) });
    if !own.is_empty() {
        let mark = Mark::Kept.symbol(look.symbols);
        let line =
            format!("{mark} {} of AWS's own: service-linked roles, the default VPC and its parts", own.len());
        for part in wrap(&line, look.width) {
            text.push_str(&format!("{}\n", look.paint.tint(Tone::Stays, &part)));
        }
    }
    text
}

/// One line per resource, and the reasons below.
fn table(rows: &[&Row], view: &ScanView<'_>, look: Look) -> String {
    let mut notes = Notes::of(rows, view, look);
    let kind = rows.iter().map(|row| row.key.kind.as_str().len()).max().unwrap_or(0);
    // A symbol, the kind, an age, a price, the number of a reason, and the blanks between them.
    let room = look.width.saturating_sub(2 + kind + 1 + 5 + 8 + 5);
    let mut cells = Vec::new();
    let mut said = None;
    for row in rows {
        // A kind is named in its first row only.
        let first = said.replace(row.key.kind.as_str()) != Some(row.key.kind.as_str());
        cells.push(vec![
            row.mark.symbol(look.symbols).to_owned(),
            if first { row.key.kind.to_string() } else { String::new() },
            label(&row.key.id, row.name.as_deref(), room, look),
            row.created.map(|created| age(created, view.now)).unwrap_or_default(),
            cost::cell(row.monthly),
            notes.refer(&row.note),
        ]);
    }
    let sides = [Side::Left, Side::Left, Side::Left, Side::Right, Side::Right, Side::Left];
    let mut text = String::new();
    for (row, line) in rows.iter().zip(columns::lines(&cells, &sides)) {
        text.push_str(&look.paint.tint(row.mark.tone(), &line));
        text.push('\n');
    }
    text + &notes.text(look)
}

/// The evidence below a table: the same sentence stands there once, however many rows it is true of.
struct Notes {
    /// The sentences, in the order of their numbers.
    said: Vec<String>,
    /// How each note of a row is said.
    forms: BTreeMap<String, String>,
}

impl Notes {
    /// With `-v` in full; else without details, and sentences that differ in an id alone are one.
    fn of(rows: &[&Row], view: &ScanView<'_>, look: Look) -> Self {
        let kinds = sums::kinds_of(view);
        let mut forms = BTreeMap::new();
        let mut alike: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for row in rows {
            let (_, why) = split(&row.note);
            let form = match look.detail {
                Detail::Full => why.to_owned(),
                Detail::Brief => sums::brief(why),
            };
            let general = sums::general(&form, &kinds);
            let known = alike.entry(general).or_default();
            if !known.contains(&why) {
                known.push(why);
            }
            forms.insert(why.to_owned(), form);
        }
        if look.detail == Detail::Brief {
            for (general, whys) in alike {
                let distinct = whys.iter().any(|why| forms[*why] != forms[whys[0]]);
                for why in whys.into_iter().filter(|_| distinct) {
                    forms.insert(why.to_owned(), general.clone());
                }
            }
        }
        Self { said: Vec::new(), forms }
    }

    /// The number of a row's reason, after the verdict if the symbol does not say it.
    fn refer(&mut self, note: &str) -> String {
        let (verdict, why) = split(note);
        if why.is_empty() {
            return verdict.to_owned();
        }
        let form = self.forms.get(why).map_or(why, String::as_str);
        let sentence = if verdict == "orphan" { form.to_owned() } else { format!("{verdict}: {form}") };
        let place = self.said.iter().position(|known| *known == sentence).unwrap_or_else(|| {
            self.said.push(sentence);
            self.said.len() - 1
        });
        format!("[{}]", place + 1)
    }

    fn text(&self, look: Look) -> String {
        let note = |(place, why): (usize, &String)| {
            hang(&format!("  {:>4} ", format!("[{}]", place + 1)), why, look)
        };
        self.said.iter().enumerate().map(note).collect()
    }
}

fn split(note: &str) -> (&str, &str) {
    note.split_once(": ").unwrap_or((note, ""))
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
    let of = view.only.map_or("Scan".to_owned(), |stack| format!("Stack {}", super::plain(stack)));
    let line = format!(
        "{of}: {}, {} uncertain, {} kept; orphans cost {}/month ({})",
        count(orphans, "orphan"),
        uncertain,
        marked(Mark::Kept),
        cost::usd(cents.round() / 100.0 + 0.0),
        cost::note(),
    );
    let gaps: Vec<_> = view.inventory.gaps.iter().cloned().collect();
    let coverage = Coverage {
        caller: &view.inventory.caller,
        regions: &view.inventory.regions,
        kinds: &view.inventory.kinds,
        gaps: &gaps,
        without: &view.inventory.without_services,
    };
    let mut text = unread::text(view.unread, look);
    if !view.verdicts.values().any(|judged| judged.selected) && !groups.is_empty() {
        text.push_str(&hang(
            "",
            "Nothing is selected, so nothing is an orphan: say what is meant to go with --select, such as --select stack=NAME or tag:KEY=VALUE.",
            look,
        ));
    } else if look.detail == Detail::Brief && marked(Mark::Kept) > 0 {
        text.push_str("-v lists what stays too; `explain ID` tells all of one resource.\n");
    }
    let line = look.paint.tint(Tone::Head, &wrap(&line, look.width).join("\n  "));
    text + &format!("{}\n{line}\n", coverage.text())
}
