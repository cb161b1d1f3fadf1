//! That no room knows a kind by its name: what a room keeps of a kind beside the kind's own file, nobody
//! remembers when a kind is added or changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::rows;

/// Where kinds have their own files: a kind's name stands there, and nowhere else.
const OWN: [&str; 2] = ["src/kinds", "src/aws/kinds"];

/// Where a kind's name stands all the same, with the reason.
const EXCUSED: [(&str, &str, &str); 5] = [
    ("src/cli/demo.rs", "vpc", "a word of EC2's: the domain of an address"),
    ("src/deployment/cdk_out.rs", "security-group", "CDK calls a lookup of its context so"),
    ("src/policy/parse.rs", "vpc", "a word of the selection's grammar, `vpc=`"),
    ("src/preflight/network.rs", "route", "an attribute of a route table"),
    ("src/preflight/checks/names.rs", "log-group", "EKS makes the log group of a cluster by itself"),
];

/// The source files at a path, without those of tests.
#[expect(clippy::disallowed_methods, reason = "the sources are files")]
fn sources(at: &Path) -> Vec<PathBuf> {
    let name = at.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let shown = at.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(at).display().to_string();
    let is_test = ["blind", "fixture", "laws", "scripted", "testing", "tests"].contains(&name)
        || name.ends_with("_tests");
    if is_test || OWN.contains(&shown.as_str()) {
        return Vec::new();
    }
    if at.is_file() {
        return vec![at.to_owned()];
    }
    let inside = std::fs::read_dir(at).expect("a folder");
    inside.flat_map(|entry| sources(&entry.expect("an entry").path())).collect()
}

/// A file without its modules of tests, which stand at its end.
fn without_tests(text: &str) -> &str {
    let begins = |(at, mark): (usize, &str)| {
        let below = text[at + mark.len()..].trim_start().lines().next().unwrap_or_default();
        (below.contains("mod ") && below.ends_with('{')).then_some(at)
    };
    &text[..text.match_indices("#[cfg(test)]").find_map(begins).unwrap_or(text.len())]
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the sources are files")]
fn no_room_knows_a_kind_by_its_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for path in sources(&root.join("src")) {
        let text = std::fs::read_to_string(&path).expect("a source file");
        let code = without_tests(&text);
        let shown = path.strip_prefix(root).expect("a file of the project").display().to_string();
        for row in rows() {
            let module = format!("kinds::{}::", row.kind.replace('-', "_"));
            if code.contains(&format!("\"{}\"", row.kind)) || code.contains(&module) {
                found.insert((shown.clone(), row.kind));
            }
        }
    }
    let excused: BTreeSet<(String, &str)> =
        EXCUSED.iter().map(|(file, kind, _)| ((*file).to_owned(), *kind)).collect();
    assert_eq!(found, excused);
}
