//! The picture behind `graph`: it takes a scan and its plan and gives boxes, with what happens to each, and
//! arrows, few enough to be looked at. DOT, Mermaid and SVG (`graph_*.rs`) draw it.

use std::collections::{BTreeMap, BTreeSet};

use super::colour::Mark;
use super::label::Called;
use super::view::{Group, Row, ScanView};
use super::{cost, count, fates, sums};
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

/// What of a scan is drawn.
#[derive(Debug, Clone, Copy)]
pub enum Drawing<'a> {
    /// A box for each stack, and how many links lead from one to another.
    Stacks,
    /// A box for each thing.
    Things,
    /// A box for each thing of one stack, and one for each other stack that is linked to it.
    Stack(&'a str),
    /// A thing, and what is so many links away from it at most.
    Near(&'a Key, usize),
}

/// The picture of a scan and its plan.
pub fn picture(view: &ScanView<'_>, file: &PlanFile, drawing: Drawing<'_>) -> Picture {
    let groups = view.groups();
    let marks = Marks::of(file);
    let shown = match drawing {
        Drawing::Stacks => return collapsed(&groups, view, &marks, None),
        Drawing::Stack(stack) => return collapsed(&groups, view, &marks, Some(stack)),
        Drawing::Things => None,
        Drawing::Near(key, depth) => Some(neighbourhood(view, key, depth)),
    };
    let mut rows: Vec<Drawn> = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        let visible =
            group.rows.iter().filter(|row| shown.as_ref().is_none_or(|shown| shown.contains(&row.key)));
        rows.extend(visible.map(|row| Drawn { group: index, row: row.clone() }));
    }
    for drawn in &mut rows {
        drawn.row.mark = marks.mark(&drawn.row);
    }
    let names =
        groups.iter().map(|group| group.stack.clone().unwrap_or_else(|| "no stack".to_owned())).collect();
    let mut picture = if rows.len() > MANY { folded(&rows, view) } else { whole(&rows, view) };
    picture.groups = names;
    drop_empty_groups(&mut picture);
    picture
}

/// What a plan does with each thing.
struct Marks<'a> {
    fates: BTreeMap<&'a Key, &'a Fate>,
    blocked: BTreeSet<Key>,
    cut: BTreeSet<&'a Key>,
}

impl<'a> Marks<'a> {
    fn of(file: &'a PlanFile) -> Self {
        let cuts = file.steps.iter().filter(|step| matches!(step.action, Action::Cut(_)));
        let blocked = fates::stays(file).blocked.into_iter();
        Self {
            fates: file.fates.iter().map(|line| (&line.resource, &line.fate)).collect(),
            blocked: blocked.map(|it| Key::new(it.kind.clone(), it.region.clone(), it.id.clone())).collect(),
            cut: cuts.map(|step| &step.resource).collect(),
        }
    }

    fn mark(&self, row: &Row) -> Mark {
        match self.fates.get(&row.key) {
            Some(Fate::Delete | Fate::Carried(_) | Fate::Leaving) => Mark::Delete,
            Some(Fate::Kept(_)) | None if self.blocked.contains(&row.key) => Mark::Blocked,
            Some(Fate::Kept(_)) | None if self.cut.contains(&row.key) => Mark::Cut,
            // An orphan that is in no plan.
            Some(Fate::Kept(_)) | None if row.mark == Mark::Delete => Mark::Blocked,
            Some(Fate::Kept(_)) | None => row.mark,
        }
    }
}

/// Each stack as one box, but for one of which every thing has its own.
fn collapsed(groups: &[Group], view: &ScanView<'_>, marks: &Marks<'_>, whole: Option<&str>) -> Picture {
    let mut picture = Picture { groups: vec!["stacks".to_owned()], ..Picture::default() };
    let mut places: BTreeMap<&Key, usize> = BTreeMap::new();
    for group in groups {
        if group.stack.is_some() && group.stack.as_deref() == whole {
            picture.groups.push(group.stack.clone().unwrap_or_default());
            for row in &group.rows {
                places.insert(&row.key, picture.nodes.len());
                let row = Row { mark: marks.mark(row), ..row.clone() };
                picture.nodes.push(Drawn { group: 1, row }.node());
            }
            continue;
        }
        places.extend(group.rows.iter().map(|row| (&row.key, picture.nodes.len())));
        let shown: BTreeSet<Mark> = group.rows.iter().map(|row| marks.mark(row)).collect();
        let goes = group.rows.iter().filter(|row| marks.mark(row) == Mark::Delete).count();
        let first = [Mark::Delete, Mark::Blocked, Mark::Cut, Mark::Uncertain];
        let mark = first.into_iter().find(|mark| shown.contains(mark));
        let money = Some(group.monthly())
            .filter(|usd| *usd >= 0.005)
            .map(|usd| format!(", {}/month", cost::usd(usd)));
        let verdict = sums::verdict(group).map(|verdict| format!(", {verdict}")).unwrap_or_default();
        picture.nodes.push(Node {
            mark: mark.unwrap_or(Mark::Kept),
            kind: group.stack.as_ref().map_or("in no stack", |_| "stack").to_owned(),
            id: group.stack.clone().unwrap_or_else(|| "the rest".to_owned()),
            name: Some(format!(
                "{}, {goes} to go{verdict}{}",
                count(group.rows.len(), "resource"),
                money.unwrap_or_default()
            )),
            group: 0,
        });
    }
    let mut links: BTreeMap<(usize, usize), BTreeMap<&str, usize>> = BTreeMap::new();
    for (key, resource) in &view.inventory.resources {
        for link in &resource.links {
            let ends = places.get(key).copied().zip(places.get(&link.to).copied());
            if let Some((from, to)) = ends.filter(|(from, to)| from != to) {
                *links.entry((from, to)).or_default().entry(link.how.as_ref()).or_default() += 1;
            }
        }
    }
    picture.arrows = links
        .into_iter()
        .map(|((from, to), roles)| {
            let one = |(role, number): (&str, usize)| match number {
                1 => role.to_owned(),
                _ => format!("{number} {role}"),
            };
            Arrow { from, to, how: roles.into_iter().map(one).collect::<Vec<_>>().join(", ") }
        })
        .collect();
    if whole.is_some() {
        drop_strangers(&mut picture);
    }
    drop_empty_groups(&mut picture);
    picture
}

/// Leaves out the stacks that have nothing to do with the one that is drawn whole.
fn drop_strangers(picture: &mut Picture) {
    let whole: Vec<bool> = picture.nodes.iter().map(|node| node.group == 1).collect();
    picture.arrows.retain(|arrow| whole[arrow.from] || whole[arrow.to]);
    let linked: BTreeSet<usize> = picture.arrows.iter().flat_map(|arrow| [arrow.from, arrow.to]).collect();
    let mut places = Vec::new();
    let mut kept = Vec::new();
    for (place, node) in std::mem::take(&mut picture.nodes).into_iter().enumerate() {
        places.push(kept.len());
        if whole[place] || linked.contains(&place) {
            kept.push(node);
        }
    }
    picture.nodes = kept;
    for arrow in &mut picture.arrows {
        (arrow.from, arrow.to) = (places[arrow.from], places[arrow.to]);
    }
}

/// The resource, what it refers to and what refers to it, so many links far.
fn neighbourhood(view: &ScanView<'_>, focus: &Key, depth: usize) -> BTreeSet<Key> {
    let mut shown = BTreeSet::from([focus.clone()]);
    for _ in 0..depth {
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
