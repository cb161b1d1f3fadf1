//! The picture behind `graph`: it takes a scan and its plan and gives boxes, with what happens to each, and
//! arrows, few enough to be looked at. DOT, Mermaid and SVG (`graph_*.rs`) draw it.

use std::collections::{BTreeMap, BTreeSet};

use super::colour::Mark;
use super::label::Called;
use super::view::{Row, ScanView};
use crate::kinds::is;
use crate::model::{Key, Link, Position};
use crate::plan::file::PlanFile;
use crate::plan::{Action, Fate};

/// More nodes than this are folded: nobody reads a bigger picture.
pub const MANY: usize = 60;

/// One box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What happens to it.
    pub mark: Mark,
    /// Its kind.
    pub kind: String,
    /// Its id, or `×5` for a fold of five.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// The group it is drawn in.
    pub group: usize,
}

/// One arrow: `from` refers to `to`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    /// The place of the near end in [`Picture::nodes`].
    pub from: usize,
    /// The place of the far end.
    pub to: usize,
    /// The role.
    pub how: String,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picture {
    /// The names of the groups: stacks.
    pub groups: Vec<String>,
    /// The boxes.
    pub nodes: Vec<Node>,
    /// The arrows, each once.
    pub arrows: Vec<Arrow>,
}

/// The picture of a scan and its plan, or of the neighbourhood of one resource.
pub fn picture(view: &ScanView<'_>, file: &PlanFile, focus: Option<&Key>) -> Picture {
    let groups = view.groups();
    let shown = focus.map(|key| neighbourhood(view, key));
    let mut rows: Vec<Drawn> = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        let visible =
            group.rows.iter().filter(|row| shown.as_ref().is_none_or(|shown| shown.contains(&row.key)));
        rows.extend(visible.map(|row| Drawn { group: index, row: row.clone() }));
    }
    for drawn in &mut rows {
        drawn.row.mark = fate_mark(file, &drawn.row);
    }
    let names =
        groups.iter().map(|group| group.stack.clone().unwrap_or_else(|| "no stack".to_owned())).collect();
    let mut picture = if rows.len() > MANY { folded(&rows, view) } else { whole(&rows, view) };
    picture.groups = names;
    drop_empty_groups(&mut picture);
    picture
}

fn fate_mark(file: &PlanFile, row: &Row) -> Mark {
    let fate = file.fates.iter().find(|line| line.resource == row.key).map(|line| &line.fate);
    match fate {
        Some(Fate::Delete | Fate::Carried(_) | Fate::Leaving) => Mark::Delete,
        Some(Fate::Kept(_)) | None => {
            if file.blocked.iter().any(|blocked| super::view::is(&row.key, blocked)) {
                Mark::Blocked
            } else if file
                .steps
                .iter()
                .any(|step| step.resource == row.key && matches!(step.action, Action::Cut(_)))
            {
                Mark::Cut
            } else if row.mark == Mark::Delete {
                Mark::Blocked
            } else {
                row.mark
            }
        }
    }
}

/// The resource, what it refers to and what refers to it, two links far.
fn neighbourhood(view: &ScanView<'_>, focus: &Key) -> BTreeSet<Key> {
    let mut shown = BTreeSet::from([focus.clone()]);
    for _ in 0..2 {
        let mut more = BTreeSet::new();
        for (key, resource) in &view.inventory.resources {
            for link in &resource.links {
                if shown.contains(key) {
                    more.insert(link.to.clone());
                }
                // Nearly everything refers to its VPC: going on from there would show the whole network.
                if shown.contains(&link.to) && (link.to == *focus || !is(&link.to.kind, Position::Network)) {
                    more.insert(key.clone());
                }
            }
        }
        shown.extend(more);
    }
    shown
}

/// A row that is drawn, and the group it is drawn in.
struct Drawn {
    group: usize,
    row: Row,
}

impl Drawn {
    /// The box of this row alone.
    fn node(&self) -> Node {
        let Called { id, name } = super::label::called(&self.row.key.id, self.row.name.as_deref());
        Node {
            mark: self.row.mark,
            kind: self.row.key.kind.to_string(),
            id: id.to_owned(),
            name: name.map(str::to_owned),
            group: self.group,
        }
    }
}

fn whole(rows: &[Drawn], view: &ScanView<'_>) -> Picture {
    let nodes = rows.iter().map(Drawn::node).collect();
    let places: BTreeMap<Key, usize> =
        rows.iter().enumerate().map(|(n, drawn)| (drawn.row.key.clone(), n)).collect();
    Picture { nodes, arrows: arrows(rows, view, &places), groups: Vec::new() }
}

/// Alike rows (stack, kind, fate, parent) become one box.
fn folded(rows: &[Drawn], view: &ScanView<'_>) -> Picture {
    let mut folds: BTreeMap<(usize, String, Mark), Vec<&Drawn>> = BTreeMap::new();
    for drawn in rows {
        let alike = (drawn.group, drawn.row.key.kind.to_string(), drawn.row.mark);
        folds.entry(alike).or_default().push(drawn);
    }
    let mut places = BTreeMap::new();
    let mut nodes = Vec::new();
    for ((group, kind, mark), rows) in &folds {
        places.extend(rows.iter().map(|drawn| (drawn.row.key.clone(), nodes.len())));
        nodes.push(match rows.as_slice() {
            [one] => one.node(),
            many => Node {
                mark: *mark,
                kind: kind.clone(),
                id: format!("×{}", many.len()),
                name: None,
                group: *group,
            },
        });
    }
    Picture { nodes, arrows: arrows(rows, view, &places), groups: Vec::new() }
}

fn arrows(rows: &[Drawn], view: &ScanView<'_>, places: &BTreeMap<Key, usize>) -> Vec<Arrow> {
    let mut arrows = BTreeSet::new();
    for Drawn { row, .. } in rows {
        let links = view.inventory.resources.get(&row.key).map(|resource| &resource.links);
        for link in links.into_iter().flatten() {
            if let (Some(&from), Some(&to)) = (places.get(&row.key), places.get(&link.to))
                && from != to
                && !implied(view, &row.key, link)
            {
                arrows.insert(Arrow { from, to, how: link.how.to_string() });
            }
        }
    }
    arrows.into_iter().collect()
}

/// Whether a link to a VPC says nothing that the link to a subnet of it does not say.
fn implied(view: &ScanView<'_>, key: &Key, link: &Link) -> bool {
    use crate::model::words::how::WITHIN;
    link.how == WITHIN
        && is(&link.to.kind, Position::Network)
        && view.inventory.resources.get(key).is_some_and(|resource| {
            resource.links_as(WITHIN).any(|other| is(&other.to.kind, Position::Subnet))
        })
}

fn drop_empty_groups(picture: &mut Picture) {
    let used: BTreeSet<usize> = picture.nodes.iter().map(|node| node.group).collect();
    let places: BTreeMap<usize, usize> = used.iter().enumerate().map(|(new, old)| (*old, new)).collect();
    picture.groups = used.iter().filter_map(|old| picture.groups.get(*old).cloned()).collect();
    for node in &mut picture.nodes {
        node.group = places.get(&node.group).copied().unwrap_or_default();
    }
}
