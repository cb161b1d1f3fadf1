//! That no room knows a kind by its name: what a room keeps of a kind beside the kind's own file, nobody
//! remembers when a kind is added or changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::rows;

/// The rooms that ask the catalog, and nothing else.
const ROOMS: [&str; 4] = ["src/deployment", "src/needs", "src/preflight", "src/price.rs"];

/// Where a kind's name stands all the same, with the reason.
const EXCUSED: [(&str, &str, &str); 2] = [
    ("src/deployment/cdk_out.rs", "security-group", "CDK calls a lookup of its context so"),
    ("src/preflight/checks/names.rs", "log-group", "EKS makes the log group of a cluster by itself"),
];

/// The source files at a path, without those of tests.
fn sources(at: &Path) -> Vec<PathBuf> {
    let name = at.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    if ["laws", "testing", "tests"].contains(&name) {
        return Vec::new();
    }
    if at.is_file() {
        return vec![at.to_owned()];
    }
    let inside = std::fs::read_dir(at).expect("a folder");
    inside.flat_map(|entry| sources(&entry.expect("an entry").path())).collect()
}

#[test]
fn no_room_knows_a_kind_by_its_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for path in ROOMS.iter().flat_map(|room| sources(&root.join(room))) {
        let text = std::fs::read_to_string(&path).expect("a source file");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let shown = path.strip_prefix(root).expect("a file of the project").display().to_string();
        for row in rows().filter(|row| code.contains(&format!("\"{}\"", row.kind))) {
            found.insert((shown.clone(), row.kind));
        }
    }
    let excused: BTreeSet<(String, &str)> =
        EXCUSED.iter().map(|(file, kind, _)| ((*file).to_owned(), *kind)).collect();
    assert_eq!(found, excused);
}
