//! The rooms as a picture: the same table as a Mermaid graph, which code hosts draw.
//! Gets the table, holds `docs/rooms.md` to it.

use std::collections::BTreeSet;

use super::{RoomRow, table};

const FILE: &str = "docs/rooms.md";

/// Whether a room is reached from another through a third.
fn reaches(table: &[RoomRow], from: &str, to: &str) -> bool {
    let row = table.iter().find(|row| row.room == from);
    row.is_some_and(|row| row.imports.iter().any(|next| next == to || reaches(table, next, to)))
}

/// The picture. An arrow that a longer way implies is left out, or nothing could be made out.
fn picture(table: &[RoomRow]) -> String {
    let mut text = "# The rooms

Who imports whom, drawn from the table in `src/lib.rs`, to which a test holds the code. An arrow leads from a
room to one that it imports; where a longer way leads there too, the short one is left out.

```mermaid
graph TD
"
    .to_owned();
    let mut seen = BTreeSet::new();
    for row in table.iter().rev() {
        let longer = |to: &String| row.imports.iter().any(|other| other != to && reaches(table, other, to));
        for to in row.imports.iter().filter(|to| !longer(to)) {
            text += &format!("    {} --> {to}\n", row.room);
            seen.extend([row.room.as_str(), to.as_str()]);
        }
        if row.imports.is_empty() && !seen.contains(row.room.as_str()) {
            text += &format!("    {}\n", row.room);
        }
    }
    text += "```\n";
    text
}

#[test]
fn the_picture_of_the_rooms_is_up_to_date() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = picture(&table(&std::fs::read_to_string(root.join("src/lib.rs")).unwrap()));
    let file = root.join(FILE);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::create_dir_all(root.join("docs")).unwrap();
        std::fs::write(&file, &text).unwrap();
    }
    let stands = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(stands, text, "{FILE}: make golden draws it anew");
}

#[test]
fn an_arrow_that_a_longer_way_implies_is_left_out() {
    let row = |room: &str, imports: &[&str]| RoomRow {
        room: room.into(),
        imports: imports.iter().map(|name| (*name).to_owned()).collect(),
    };
    let drawn = picture(&[row("a", &[]), row("b", &["a"]), row("c", &["a", "b"]), row("d", &[])]);
    let arrows: Vec<&str> = drawn.lines().filter(|line| line.starts_with("    ")).collect();
    assert_eq!(arrows, ["    d", "    c --> b", "    b --> a"]);
}
