//! The picture (`graph.rs`) as DOT, for Graphviz and pipes.

use super::colour::Mark;
use super::graph::Picture;

/// The picture as text.
pub fn text(picture: &Picture) -> String {
    let mut text = String::from(
        "digraph janitor {\n  rankdir=LR;\n  node [shape=box, style=filled, fontname=\"sans-serif\"];\n",
    );
    for (index, group) in picture.groups.iter().enumerate() {
        text.push_str(&format!("  subgraph cluster_{index} {{\n    label={};\n", quoted(group)));
        for (place, node) in picture.nodes.iter().enumerate().filter(|(_, node)| node.group == index) {
            let name = node.name.as_ref().map(|name| format!("\n{name}")).unwrap_or_default();
            let label = quoted(&format!("{}\n{}{name}", node.kind, node.id));
            text.push_str(&format!("    n{place} [label={label}, fillcolor=\"{}\"];\n", colour(node.mark)));
        }
        text.push_str("  }\n");
    }
    for arrow in &picture.arrows {
        text.push_str(&format!("  n{} -> n{} [label={}];\n", arrow.from, arrow.to, quoted(&arrow.how)));
    }
    text.push_str("}\n");
    text
}

/// The fill of a box, the same in every format.
pub const fn colour(mark: Mark) -> &'static str {
    match mark {
        Mark::Delete => "#f8d7da",
        Mark::Cut | Mark::Uncertain => "#fff3cd",
        Mark::Blocked => "#e2d9f3",
        Mark::Kept => "#e9ecef",
    }
}

/// A quoted string of DOT: a quote and a backslash are the only letters with a meaning in it.
/// <https://graphviz.org/doc/info/lang.html>
fn quoted(text: &str) -> String {
    let lines: Vec<String> =
        text.split('\n').map(|line| super::plain(line).replace('\\', "\\\\").replace('"', "\\\"")).collect();
    format!("\"{}\"", lines.join("\\n"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn quotes_and_backslashes_are_escaped() {
        assert_eq!(quoted("a\"b\\c\nd"), "\"a\\\"b\\\\c\\nd\"");
    }
}
