//! The tree: stack, VPC, subnet, and what is in them, with the reason at the line's end.

use std::collections::{BTreeMap, BTreeSet};

use super::view::{Group, Row};
use super::{Look, cost};
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
    // What holds others comes first: it is what the eye looks for.
    roots.sort_by_key(|row| (!children.contains_key(&row.key), &row.key));
    let tree = Tree { children, look };
    let mut text = String::new();
    for (index, row) in roots.iter().enumerate() {
        tree.draw(row, "", index + 1 == roots.len(), &mut text);
    }
    text
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
}

impl Tree<'_> {
    fn draw(&self, row: &Row, before: &str, last: bool, text: &mut String) {
        let [branch, end, beside, blank] = self.look.symbols.tree();
        let own = format!("{before}{}", if last { end } else { branch });
        let below = format!("{before}{}", if last { blank } else { beside });
        self.line(row, &own, &below, text);
        let children = self.children.get(&row.key).map(Vec::as_slice).unwrap_or_default();
        for (index, child) in children.iter().enumerate() {
            self.draw(child, &below, index + 1 == children.len(), text);
        }
    }

    /// One row: mark, kind, id, name, price, reason. What does not fit goes on below, indented.
    fn line(&self, row: &Row, own: &str, below: &str, text: &mut String) {
        let head = format!("{} {}", row.mark.symbol(self.look.symbols), row.key);
        let mut words: Vec<String> = Vec::new();
        words.extend(row.name.as_ref().map(|name| format!("({name})")));
        let price = cost::cell(row.monthly);
        words.extend((!price.is_empty()).then(|| format!("{price}/month")));
        words.extend((!row.note.is_empty()).then(|| row.note.clone()));
        let rest = words.join("  ");
        let room = self.look.width.saturating_sub(own.chars().count());
        let whole = head.chars().count() + 2 + rest.chars().count();
        let tinted = self.look.paint.tint(row.mark.tone(), &head);
        text.push_str(own);
        text.push_str(&tinted);
        if !rest.is_empty() && whole <= room {
            text.push_str("  ");
            text.push_str(&rest);
        }
        text.push('\n');
        if !rest.is_empty() && whole > room {
            let has_children = self.children.contains_key(&row.key);
            let [_, _, beside, blank] = self.look.symbols.tree();
            let side = if has_children { beside } else { blank };
            for line in super::wrap(&rest, room.saturating_sub(6)) {
                text.push_str(&format!("{below}{side}   {line}\n"));
            }
        }
    }
}
