//! The law of the layers: the table "Who may import whom" in `lib.rs` and the code say the same.
//! Gets the table from the crate's documentation and the imports from its source (`imports`);
//! draws the table as a picture as well (`picture`), and holds the glossary against the code (`words`).

#![expect(clippy::disallowed_methods, reason = "it reads the code")]

mod imports;
mod picture;
mod tokens;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use imports::Code;

/// The head of the table.
const HEAD: &str = "//! | room | may import |";

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
struct RoomRow {
    room: String,
    imports: Vec<String>,
}

/// The table of a crate's root file. Names stand in backticks.
fn table(text: &str) -> Vec<RoomRow> {
    let names = |cell: &str| -> Vec<String> {
        let names = cell.split('`').enumerate().filter(|(i, _)| i % 2 == 1);
        names.map(|(_, name)| name.to_owned()).collect()
    };
    let rows = text.lines().skip_while(|line| *line != HEAD).skip(2);
    rows.map_while(|line| {
        let (room, imports) = line.strip_prefix("//! |")?.split_once('|')?;
        Some(RoomRow { room: names(room).pop()?, imports: names(imports) })
    })
    .collect()
}

/// What is wrong with a table in itself.
fn faults_of(table: &[RoomRow]) -> Vec<String> {
    let mut above = BTreeSet::new();
    let mut faults = Vec::new();
    for row in table {
        // A room imports only from rows above its own: so no circle can be written down.
        let below = row.imports.iter().filter(|name| !above.contains(name));
        faults.extend(below.map(|name| format!("`{}` may import `{name}`, which is not above it", row.room)));
        if !above.insert(&row.room) {
            faults.push(format!("`{}` has two rows", row.room));
        }
    }
    faults
}

/// Where a crate's code and its table differ.
fn differences(table: &[RoomRow], code: &Code) -> Vec<String> {
    let may: BTreeMap<&str, &[String]> =
        table.iter().map(|row| (row.room.as_str(), row.imports.as_slice())).collect();
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    for import in &code.imports {
        let place = format!("{}:{}", import.file.display(), import.line);
        if may.get(import.from.as_str()).is_some_and(|names| names.contains(&import.to)) {
            used.insert((import.from.as_str(), import.to.as_str()));
        } else {
            faults.push(format!("{place}: `{}` may not import `{}`", import.from, import.to));
        }
    }
    let rooms = code.rooms.iter().map(String::as_str);
    let without = rooms.filter(|room| !may.contains_key(room));
    faults.extend(without.map(|room| format!("`{room}` has no row")));
    for (room, names) in &may {
        if !code.rooms.contains(*room) {
            faults.push(format!("`{room}` has a row and is no room"));
        }
        let idle = names.iter().filter(|name| !used.contains(&(*room, name.as_str())));
        faults.extend(idle.map(|name| format!("`{room}` may import `{name}` and does not")));
    }
    faults
}

/// Every fault of the crate whose source this folder holds.
fn faults(folder: &Path, name: &str) -> Vec<String> {
    let table = table(&std::fs::read_to_string(folder.join("lib.rs")).unwrap());
    assert!(!table.is_empty(), "{} has no table that begins with {HEAD}", folder.display());
    let differences = differences(&table, &Code::read(folder, name));
    faults_of(&table).into_iter().chain(differences).collect()
}

#[test]
fn who_imports_whom_is_as_the_table_says() {
    let faults = faults(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "aws_janitor");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_table_and_the_code_are_held_against_each_other() {
    let import = |from: &str, to: &str| imports::Import {
        file: "a.rs".into(),
        line: 1,
        from: from.into(),
        to: to.into(),
    };
    let code = |imports| Code { rooms: ["a".to_owned(), "b".to_owned()].into(), imports };
    let rows =
        table(&format!("{HEAD}\n//! | --- | --- |\n//! | `a` | |\n//! | [`b`] | `a` |\n//!\n//! | `c` | |"));
    assert_eq!(faults_of(&rows), [""; 0]);
    assert_eq!(differences(&rows, &code(vec![import("b", "a")])), [""; 0]);
    assert_eq!(differences(&rows, &code(vec![])), ["`b` may import `a` and does not"]);
    let both = code(vec![import("b", "a"), import("a", "b")]);
    assert_eq!(differences(&rows, &both), ["a.rs:1: `a` may not import `b`"]);
    let one = &rows[..1];
    assert_eq!(differences(one, &code(vec![])), ["`b` has no row"]);
    let gone = Code { rooms: ["b".to_owned()].into(), imports: vec![import("b", "a")] };
    assert_eq!(differences(&rows, &gone), ["`a` has a row and is no room"]);
}

#[test]
fn a_circle_cannot_be_written_down() {
    let row = |room: &str, imports: &str| RoomRow { room: room.into(), imports: vec![imports.into()] };
    let circle = [row("a", "b"), row("b", "a")];
    assert_eq!(faults_of(&circle), ["`a` may import `b`, which is not above it"]);
    assert_eq!(faults_of(&[row("a", "a")]), ["`a` may import `a`, which is not above it"]);
}
