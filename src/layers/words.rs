//! The law of the words: each stands once in the glossary (`words.md`), and what it names exists in the code.
//! Gets the tables from the glossary and the names from the source's text.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const GLOSSARY: &str = include_str!("../words.md");

/// The words, each with the path of what it names.
fn words() -> Vec<(&'static str, &'static str)> {
    let rows = GLOSSARY.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let cells = rows.map(|row| row.split(" | ").collect::<Vec<_>>());
    cells
        .filter_map(|cells| match cells.as_slice() {
            [word, _, path] => Some((*word, path.strip_prefix('`')?.strip_suffix('`')?)),
            _ => None,
        })
        .collect()
}

/// The text of every source file below, or of this one.
fn source(at: &Path) -> String {
    if at.is_dir() {
        let entries = std::fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path());
        return entries.map(|path| source(&path)).collect();
    }
    match at.extension().is_some_and(|it| it == "rs") {
        true => std::fs::read_to_string(at).unwrap(),
        false => String::new(),
    }
}

/// Whether the code has what a path names: a module, or a declaration below the modules that the path begins with.
fn exists(path: &str) -> bool {
    let mut at = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut names = path.split("::").peekable();
    let mut text = String::new();
    while let Some(name) = names.peek() {
        let (folder, file) = (at.join(name), at.join(format!("{name}.rs")));
        if !folder.is_dir() && !file.is_file() {
            break;
        }
        text = if folder.is_dir() { source(&folder) } else { String::new() };
        text += &if file.is_file() { source(&file) } else { String::new() };
        at = folder;
        names.next();
    }
    !text.is_empty()
        && names.all(|name| {
            let declared = ["struct", "enum", "trait", "type", "mod", "fn"];
            declared.iter().any(|word| text.contains(&format!("{word} {name}")))
                || text.contains(&format!("pub {name}: "))
                || [" {", "(", ","].iter().any(|end| text.contains(&format!("\n    {name}{end}")))
        })
}

#[test]
fn every_word_stands_once_and_names_what_exists() {
    let words = words();
    assert!(words.len() > 40, "the tables are read");
    let once: BTreeSet<&str> = words.iter().map(|(word, _)| *word).collect();
    assert_eq!(once.len(), words.len(), "a word stands twice");
    let missing: Vec<&str> = words.iter().map(|(_, path)| *path).filter(|path| !exists(path)).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn what_does_not_exist_is_missed() {
    for path in ["model::Nowhere", "nowhere", "model::KindSpec::impatience", "judge::blindness"] {
        assert!(!exists(path), "{path}");
    }
}
