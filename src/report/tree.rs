//! The tree: stack, VPC, subnet, and what is in them, with the reason at the line's end. It takes the rows of
//! `view.rs`, for scans and plans.

use std::collections::{BTreeMap, BTreeSet};

use super::view::{Group, Row};
use super::{Look, cost, width};
use crate::model::Key;

/// The rows of one group as a tree. A row whose parent is not in the group is a root.
pub fn text(group: &Group, look: Look) -> String {
    let rows: BTreeMap<&Key, &Row> = group.rows.iter().map(|row| (&row.key, row)).collect();
    let mut children: BTreeMap<&Key, Vec<&Row>> = BTreeMap::new();
    let mut roots = Vec::new();
    for row in &group.rows {
        match row.parent.as_ref().filter(|parent| rows.contains_key(parent) && !circular(&rows, row)) {
            Some(parent) => children.entry(parent).or_default().push(row),
            None => roots.push(row),
        }
    }
    // Roots with something in them come first, single things after them.
    roots.sort_by_key(|row| (!children.contains_key(&row.key), &row.key));
    let mut tree = Tree { children, look, text: String::new() };
    tree.draw(&roots, "", "");
    tree.text
}

/// Whether going up from this row comes back to it.
fn circular(rows: &BTreeMap<&Key, &Row>, row: &Row) -> bool {
    let mut seen = BTreeSet::from([&row.key]);
    let mut at = row;
    while let Some(up) = at.parent.as_ref().and_then(|parent| rows.get(parent)) {
        if !seen.insert(&up.key) {
            return true;
        }
        at = up;
    }
    false
}

struct Tree<'a> {
    children: BTreeMap<&'a Key, Vec<&'a Row>>,
    look: Look,
    text: String,
}

impl<'a> Tree<'a> {
    /// These rows and all below them. `said` is the reason of the row above: it is not said again.
    fn draw(&mut self, rows: &[&'a Row], before: &str, said: &str) {
        let [branch, end, beside, blank] = self.look.symbols.tree();
        for (index, row) in rows.iter().enumerate() {
            let last = index + 1 == rows.len();
            let own = format!("{before}{}", if last { end } else { branch });
            let below = format!("{before}{}", if last { blank } else { beside });
            let children = self.children.get(&row.key).cloned().unwrap_or_default();
            let side = format!("{below}{}   ", if children.is_empty() { blank } else { beside });
            self.line(row, &own, &side, said);
            self.draw(&children, &below, &row.note);
        }
    }

    /// One row: mark, kind, id, name, price, reason. What does not fit goes on below, indented.
    fn line(&mut self, row: &Row, own: &str, side: &str, said: &str) {
        let head = format!("{} {}", row.mark.symbol(self.look.symbols), row.key);
        let mut words: Vec<String> = Vec::new();
        words.extend(row.name.as_ref().map(|name| format!("({name})")));
        let price = cost::cell(row.monthly);
        words.extend((!price.is_empty()).then(|| format!("{price}/month")));
        if row.note == said {
            // The reason is that of the row above, so only the verdict is repeated.
            words.extend(row.note.split_once(": ").map(|(verdict, _)| verdict.to_owned()));
        } else if !row.note.is_empty() {
            words.push(row.note.clone());
        }
        let rest = words.join("  ");
        let room = self.look.width.saturating_sub(width::columns(own));
        let whole = width::columns(&head) + 2 + width::columns(&rest);
        self.text.push_str(own);
        self.text.push_str(&self.look.paint.tint(row.mark.tone(), &head));
        if rest.is_empty() {
            self.text.push('\n');
        } else if whole <= room {
            self.text.push_str(&format!("  {rest}\n"));
        } else {
            self.text.push('\n');
            for line in super::wrap(&rest, self.look.width.saturating_sub(width::columns(side))) {
                self.text.push_str(&format!("{side}{line}\n"));
            }
        }
    }
}
