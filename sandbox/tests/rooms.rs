//! Holds the sources against the table of rooms in the crate's documentation.
#![cfg(test)]
#![expect(clippy::disallowed_methods, reason = "it reads the code")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Imports = BTreeMap<String, BTreeSet<String>>;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The rows of the table, in their order.
fn table(lib: &str) -> Vec<(String, BTreeSet<String>)> {
    let rows = lib.lines().skip_while(|line| *line != "//! | room | may import |").skip(2);
    let row = |line: &str| {
        let mut cells = line.strip_prefix("//! |")?.split('|');
        let named = |cell: Option<&str>| -> Vec<String> {
            cell.unwrap_or_default().split('`').skip(1).step_by(2).map(str::to_owned).collect()
        };
        let room = named(cells.next()).pop()?;
        Some((room, named(cells.next()).into_iter().collect()))
    };
    rows.map_while(row).collect()
}

/// What the root of the crate gives on under another path: `World` → `world`.
fn given_on(lib: &str) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for line in lib.lines().filter_map(|line| line.strip_prefix("pub use ")) {
        let (room, rest) = line.trim_end_matches(';').split_once("::").expect("a path");
        for name in rest.trim_matches(['{', '}']).split(',') {
            names.insert(name.trim().to_owned(), room.to_owned());
        }
    }
    names
}

/// The production code of a file: without comments, without what only tests have.
fn production(text: &str) -> (String, Vec<String>) {
    let mut code = String::new();
    let mut only_tests = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            code.push_str(line.split("//").next().unwrap_or_default());
            code.push('\n');
            continue;
        }
        let item = lines.next().unwrap_or_default();
        if item.ends_with('{') {
            let end = format!("{}}}", &item[..item.len() - item.trim_start().len()]);
            lines.by_ref().find(|line| *line == end);
        } else if let Some((_, name)) = item.split_once("mod ") {
            only_tests.push(name.trim_end_matches(';').to_owned());
        }
    }
    (code, only_tests)
}

/// The first names of what follows `crate::`: one, or those of a group in braces.
fn first_names(path: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![word(path)] };
    let mut names = Vec::new();
    let (mut depth, mut fresh) = (0, true);
    for (place, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            letter if fresh && depth == 0 && !letter.is_whitespace() => {
                names.push(word(&group[place..]));
                fresh = false;
            }
            _ => {}
        }
    }
    names
}

/// What a file of a room imports, by the names at the crate's root. `depth` is how many modules down it is.
fn imports(code: &str, depth: usize) -> Vec<String> {
    let up = format!("{}::", vec!["super"; depth].join("::"));
    let mut found = Vec::new();
    for root in ["crate::", up.as_str()] {
        for (place, _) in code.match_indices(root) {
            let inside = code[..place].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            if !inside {
                found.extend(first_names(&code[place + root.len()..]));
            }
        }
    }
    // These are methods of the world, but written in a room far above it.
    if ["World::new(", ".call(", ".call_json("].iter().any(|call| code.contains(call)) {
        found.push("assembly".to_owned());
    }
    found
}

/// The files of a module (its path without `.rs`) with their depth, but for those that only tests have.
fn files(module: &Path, depth: usize, out: &mut Vec<(String, usize)>) {
    let inside = module.join("mod.rs");
    let own = if inside.exists() { inside } else { module.with_extension("rs") };
    let (code, only_tests) = production(&fs::read_to_string(&own).unwrap());
    let inline = code.lines().find(|line| line.contains("mod ") && line.ends_with('{'));
    assert_eq!(inline, None, "{}: a module in braces has another depth", own.display());
    out.push((code, depth));
    let entries = fs::read_dir(module).into_iter().flatten();
    let children: BTreeSet<PathBuf> = entries.map(|entry| entry.unwrap().path().with_extension("")).collect();
    for child in children {
        let name = child.file_name().unwrap().to_str().unwrap().to_owned();
        if name != "mod" && !only_tests.contains(&name) {
            files(&child, depth + 1, out);
        }
    }
}

/// What each room of the crate imports.
fn rooms(lib: &str) -> Imports {
    let given_on = given_on(lib);
    let (code, _) = production(lib);
    let names = code.lines().filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod "));
    let mut rooms = Imports::new();
    for room in names.map(|name| name.trim_end_matches(';')) {
        let mut all = Vec::new();
        files(&source().join(room), 1, &mut all);
        let imported = all.iter().flat_map(|(code, depth)| imports(code, *depth));
        let imported = imported.map(|name| given_on.get(&name).cloned().unwrap_or(name));
        rooms.insert(room.to_owned(), imported.filter(|name| name != room).collect());
    }
    rooms
}

#[test]
fn each_room_imports_what_the_table_says_and_nothing_else() {
    let lib = fs::read_to_string(source().join("lib.rs")).unwrap();
    let told: Imports = table(&lib).into_iter().collect();
    let so = rooms(&lib);
    assert_eq!(told.keys().collect::<Vec<_>>(), so.keys().collect::<Vec<_>>(), "the rooms");
    for (room, imports) in &so {
        let forbidden: Vec<_> = imports.difference(&told[room]).collect();
        assert!(forbidden.is_empty(), "{room} imports {forbidden:?}, which the table does not permit");
        let unused: Vec<_> = told[room].difference(imports).collect();
        assert!(unused.is_empty(), "{room} no longer imports {unused:?}: take it out of the table");
    }
}

#[test]
fn each_room_imports_only_rooms_above_it() {
    let lib = fs::read_to_string(source().join("lib.rs")).unwrap();
    let mut above = BTreeSet::new();
    for (room, imports) in table(&lib) {
        assert!(imports.is_subset(&above), "{room} imports {:?}", imports.difference(&above));
        above.insert(room);
    }
}

#[test]
fn every_way_of_writing_an_import_is_seen() {
    let code =
        "use crate::{a, b::{c, d}, e as f};\nuse super::super::g::{h, i};\nlet x = crate::j::k(super::l);";
    assert_eq!(imports(code, 2), ["a", "b", "e", "j", "g"]);
    assert_eq!(
        given_on("pub use a::B;\npub use c::{D, E};").into_keys().collect::<Vec<_>>(),
        ["B", "D", "E"]
    );
    let tests =
        "use crate::a;\n#[cfg(test)]\nmod tests {\n    use crate::b;\n}\n// crate::c\n#[cfg(test)]\nmod d;\n";
    let (code, only_tests) = production(tests);
    assert_eq!((imports(&code, 1), only_tests), (vec!["a".to_owned()], vec!["d".to_owned()]));
}
