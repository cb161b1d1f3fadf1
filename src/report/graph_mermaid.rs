//! The picture (`graph.rs`) as Mermaid, which GitHub and GitLab draw in issues and pull requests.

use super::graph::Picture;

/// The picture as text.
pub fn text(picture: &Picture) -> String {
    let mut text = String::from("flowchart LR\n");
    for (index, group) in picture.groups.iter().enumerate() {
        text.push_str(&format!("  subgraph g{index}[\"{}\"]\n", escaped(group)));
        for (place, node) in picture.nodes.iter().enumerate().filter(|(_, node)| node.group == index) {
            let name = node.name.as_ref().map(|name| format!("<br/>{}", escaped(name))).unwrap_or_default();
            text.push_str(&format!(
                "    n{place}[\"{}<br/>{}{name}\"]:::{}\n",
                escaped(&node.kind),
                escaped(&node.id),
                node.mark.word()
            ));
        }
        text.push_str("  end\n");
    }
    for arrow in &picture.arrows {
        text.push_str(&format!("  n{} -->|\"{}\"| n{}\n", arrow.from, escaped(&arrow.how), arrow.to));
    }
    for (class, style) in STYLES {
        text.push_str(&format!("  classDef {class} {style}\n"));
    }
    text
}

/// Colours that read on white and on black.
const STYLES: [(&str, &str); 5] = [
    ("delete", "fill:#f8d7da,stroke:#b02a37,color:#000"),
    ("cut", "fill:#fff3cd,stroke:#997404,color:#000"),
    ("blocked", "fill:#e2d9f3,stroke:#59359a,color:#000"),
    ("uncertain", "fill:#fff3cd,stroke:#997404,color:#000,stroke-dasharray:4"),
    ("kept", "fill:#e9ecef,stroke:#6c757d,color:#000"),
];

/// Mermaid reads entity codes within quotes: <https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters>.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in super::plain(text).chars() {
        match letter {
            '"' | '#' | '<' | '>' | '&' | '`' | '\\' | ';' => {
                out.push_str(&format!("#{};", u32::from(letter)))
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_name_cannot_end_its_quotes_or_bring_markup() {
        assert_eq!(escaped("a\"]<b>"), "a#34;]#60;b#62;");
    }
}
