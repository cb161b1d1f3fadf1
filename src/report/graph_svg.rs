//! The picture (`graph.rs`) as SVG, in layers: what others refer to stands to the right of what refers to it.
//!
//! The layout is a small one of its own: good enough for sixty boxes, and no program has to be installed.

use std::collections::BTreeMap;

use quick_xml::escape::escape;

use super::graph::Picture;
use super::graph_dot::colour;

const BOX_WIDTH: usize = 220;
const BOX_HEIGHT: usize = 46;
const GAP_X: usize = 90;
const GAP_Y: usize = 16;
const MARGIN: usize = 20;
const TITLE: usize = 26;

/// The picture as a document.
pub fn text(picture: &Picture) -> String {
    let layers = layers(picture);
    let Layout { boxes, tops, height } = layout(picture, &layers);
    let widest = layers.iter().max().map_or(1, |layer| layer + 1);
    let width = 2 * MARGIN + widest * (BOX_WIDTH + GAP_X);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <defs><marker id=\"end\" viewBox=\"0 0 10 10\" refX=\"10\" refY=\"5\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L10 5L0 10z\" fill=\"#6c757d\"/></marker></defs>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for (group, top) in picture.groups.iter().zip(&tops) {
        text.push_str(&format!(
            "<text x=\"{MARGIN}\" y=\"{}\" font-weight=\"bold\">{}</text>\n",
            top + 16,
            escaped(group)
        ));
    }
    for arrow in &picture.arrows {
        if let (Some(from), Some(to)) = (boxes.get(&arrow.from), boxes.get(&arrow.to)) {
            text.push_str(&line(*from, *to, &arrow.how));
        }
    }
    for (index, node) in picture.nodes.iter().enumerate() {
        let Some(Corner { x, y }) = boxes.get(&index).copied() else { continue };
        let below = match &node.name {
            Some(name) => format!("{} ({name})", node.id),
            None => node.id.clone(),
        };
        text.push_str(&format!(
            "<g><title>{}: {}</title><rect x=\"{x}\" y=\"{y}\" width=\"{BOX_WIDTH}\" height=\"{BOX_HEIGHT}\" rx=\"4\" fill=\"{}\" stroke=\"#495057\"/>\
             <text x=\"{}\" y=\"{}\" font-weight=\"bold\">{}</text><text x=\"{}\" y=\"{}\">{}</text></g>\n",
            escaped(&below),
            node.mark.word(),
            colour(node.mark),
            x + 8,
            y + 18,
            escaped(&node.kind),
            x + 8,
            y + 36,
            escaped(&short(node.name.as_ref().unwrap_or(&node.id))),
        ));
    }
    text.push_str("</svg>\n");
    text
}

/// The layer of each box: one more than the highest of those that refer to it. An arrow that closes a
/// circle counts for nothing, or it would push the whole circle to the far end.
fn layers(picture: &Picture) -> Vec<usize> {
    let forward = forward(picture);
    let mut layers = vec![0; picture.nodes.len()];
    let mut changed = true;
    while changed {
        changed = false;
        for (from, to) in &forward {
            if layers[*to] <= layers[*from] {
                layers[*to] = layers[*from] + 1;
                changed = true;
            }
        }
    }
    layers
}

/// The arrows without those that close a circle.
fn forward(picture: &Picture) -> Vec<(usize, usize)> {
    /// How far the search is with a box.
    #[derive(Clone, Copy, PartialEq)]
    enum Visit {
        Not,
        Open,
        Done,
    }
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); picture.nodes.len()];
    for arrow in &picture.arrows {
        next[arrow.from].push(arrow.to);
    }
    let mut seen = vec![Visit::Not; picture.nodes.len()];
    let mut forward = Vec::new();
    for start in 0..picture.nodes.len() {
        let mut stack = if seen[start] == Visit::Not { vec![(start, 0)] } else { Vec::new() };
        while let Some((node, place)) = stack.pop() {
            seen[node] = Visit::Open;
            let Some(&to) = next[node].get(place) else {
                seen[node] = Visit::Done;
                continue;
            };
            stack.push((node, place + 1));
            if seen[to] != Visit::Open {
                forward.push((node, to));
            }
            if seen[to] == Visit::Not {
                stack.push((to, 0));
            }
        }
    }
    forward
}

/// The upper left corner of a box.
#[derive(Debug, Clone, Copy)]
struct Corner {
    x: usize,
    y: usize,
}

/// Where everything stands.
struct Layout {
    /// Each box, by its place in the picture.
    boxes: BTreeMap<usize, Corner>,
    /// The top of each group.
    tops: Vec<usize>,
    /// How high all of it is.
    height: usize,
}

/// Groups stand below each other, and in each the boxes of a layer below each other.
fn layout(picture: &Picture, layers: &[usize]) -> Layout {
    let mut boxes = BTreeMap::new();
    let mut tops = Vec::new();
    let mut top = MARGIN;
    for group in 0..picture.groups.len() {
        tops.push(top);
        let mut used: BTreeMap<usize, usize> = BTreeMap::new();
        for (index, _) in picture.nodes.iter().enumerate().filter(|(_, node)| node.group == group) {
            let row = used.entry(layers[index]).or_default();
            let x = MARGIN + layers[index] * (BOX_WIDTH + GAP_X);
            boxes.insert(index, Corner { x, y: top + TITLE + *row * (BOX_HEIGHT + GAP_Y) });
            *row += 1;
        }
        let rows = used.values().max().copied().unwrap_or_default();
        top += TITLE + rows * (BOX_HEIGHT + GAP_Y) + GAP_Y;
    }
    Layout { boxes, tops, height: top + MARGIN }
}

fn line(from: Corner, to: Corner, how: &str) -> String {
    let (x1, y1) = (from.x + BOX_WIDTH, from.y + BOX_HEIGHT / 2);
    let (x2, y2) =
        if to.x > from.x { (to.x, to.y + BOX_HEIGHT / 2) } else { (to.x + BOX_WIDTH, to.y + BOX_HEIGHT / 2) };
    let bend = x1.midpoint(x2).max(x1 + GAP_X / 2);
    format!(
        "<path d=\"M{x1} {y1}C{bend} {y1} {} {y2} {x2} {y2}\" fill=\"none\" stroke=\"#adb5bd\" marker-end=\"url(#end)\"><title>{}</title></path>\n",
        if to.x > from.x { bend.min(x2) } else { x2 + GAP_X / 2 },
        escaped(how)
    )
}

/// What fits into a box; the tooltip has all of it.
fn short(text: &str) -> String {
    super::label::squeeze(text, 27, super::colour::Symbols::Unicode)
}

fn escaped(text: &str) -> String {
    escape(super::plain(text)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{escaped, layers};
    use crate::report::colour::Mark;
    use crate::report::graph::{Arrow, Node, Picture};

    #[test]
    fn a_circle_pushes_nothing_to_the_far_end() {
        let node = |id: &str| Node {
            mark: Mark::Delete,
            kind: "security-group".to_owned(),
            id: id.to_owned(),
            name: None,
            group: 0,
        };
        let arrow = |from, to| Arrow { from, to, how: "names".to_owned() };
        let picture = Picture {
            groups: vec!["shop".to_owned()],
            nodes: vec![node("a"), node("b"), node("c")],
            arrows: vec![arrow(0, 1), arrow(1, 0), arrow(1, 2)],
        };
        assert_eq!(layers(&picture), [0, 1, 2]);
    }

    #[test]
    fn markup_in_a_name_stays_text() {
        assert_eq!(escaped("<script>\"&"), "&lt;script&gt;&quot;&amp;");
    }
}
