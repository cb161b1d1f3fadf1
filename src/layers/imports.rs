//! What the code of a crate imports from where, by whatever path: `use`, re-export, inline, in a macro.
//! Gets a source folder, gives the paths between rooms to the laws in `layers`.
//!
//! A room is a direct child module of the crate's root. Test code is left out: it may set up what it likes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::tokens::{Placed, tokens};

/// One path that leads out of its room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) file: PathBuf,
    pub(super) line: usize,
    /// The room of the file; `lib` is the root itself.
    pub(super) from: String,
    /// The room it leads to, or what stands in the place of one.
    pub(super) to: String,
}

/// A crate's source, read.
pub(super) struct Code {
    pub(super) rooms: BTreeSet<String>,
    pub(super) imports: Vec<Import>,
}

struct File {
    path: PathBuf,
    module: Vec<String>,
    tokens: Vec<Placed>,
}

impl Code {
    /// The code of a crate from its source folder. Its binary names it by `name`.
    pub(super) fn read(folder: &Path, name: &str) -> Self {
        let mut files = Vec::new();
        gather(folder, &[], &mut files);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut tests: BTreeSet<Vec<String>> = BTreeSet::new();
        for file in &mut files {
            file.tokens = without_tests(&file.tokens, &file.module, &mut tests);
        }
        files.retain(|file| !tests.iter().any(|test| file.module.starts_with(test)));
        let rooms = files.iter().filter_map(|file| file.module.first().cloned()).collect();
        let imports = files.iter().flat_map(|file| Walk::new(file, name).imports()).collect();
        Self { rooms, imports }
    }
}

fn gather(folder: &Path, module: &[String], files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let inside: Vec<String> = module.iter().cloned().chain([stem.clone()]).collect();
        if path.is_dir() {
            gather(&path, &inside, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let module = if ["mod", "lib"].contains(&stem.as_str()) { module.to_vec() } else { inside };
            let tokens = tokens(&fs::read_to_string(&path).unwrap());
            files.push(File { path, module, tokens });
        }
    }
}

/// Where the group that opens at `at` closes.
fn close(tokens: &[Placed], at: usize) -> usize {
    let mut depth = 0;
    for (i, token) in tokens.iter().enumerate().skip(at) {
        if ['(', '[', '{'].into_iter().any(|open| token.is(open)) {
            depth += 1;
        } else if [')', ']', '}'].into_iter().any(|close| token.is(close)) {
            depth -= 1;
            if depth == 0 {
                return i;
            }
        }
    }
    tokens.len() - 1
}

fn is_test(attribute: &[Placed]) -> bool {
    let words: Vec<&str> = attribute.iter().filter_map(Placed::word).collect();
    words.first() == Some(&"cfg") && words.contains(&"test") && !words.contains(&"not")
}

/// The tokens that are no test code; modules that are, and stand in files of their own, are added to `tests`.
fn without_tests(tokens: &[Placed], module: &[String], tests: &mut BTreeSet<Vec<String>>) -> Vec<Placed> {
    let mut left = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let inner = tokens[at].is('#') && tokens.get(at + 1).is_some_and(|t| t.is('!'));
        let open = at + if inner { 2 } else { 1 };
        if !tokens[at].is('#') || !tokens.get(open).is_some_and(|t| t.is('[')) {
            left.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let end = close(tokens, open);
        at = end + 1;
        if !is_test(&tokens[open..end]) {
            continue;
        }
        if inner {
            tests.insert(module.to_vec());
            return Vec::new();
        }
        let after = item_end(tokens, at);
        let words: Vec<&str> = tokens[at..after].iter().filter_map(Placed::word).collect();
        if tokens[after - 1].is(';')
            && let Some(place) = words.iter().position(|word| *word == "mod")
        {
            tests.insert(module.iter().cloned().chain([words[place + 1].to_owned()]).collect());
        }
        at = after;
    }
    left
}

/// Past the end of the item, field or arm that begins at `at`.
fn item_end(tokens: &[Placed], mut at: usize) -> usize {
    let to_semicolon = ["use", "const", "static", "type", "let"];
    let to_block = ["fn", "mod", "impl", "struct", "enum", "trait", "macro_rules", "unsafe", "async"];
    let mut word = None;
    while at < tokens.len() {
        let token = &tokens[at];
        let is_item = |of: &[&str]| word.is_some_and(|word| of.contains(&word));
        if token.is('#') {
            at = close(tokens, at + 1) + 1;
            continue;
        }
        if token.is(';') || (token.is(',') && !is_item(&to_semicolon) && !is_item(&to_block)) {
            return at + 1;
        }
        if token.is('}') {
            return at;
        }
        if ['(', '[', '{'].into_iter().any(|open| token.is(open)) {
            let end = close(tokens, at);
            if token.is('{') && !is_item(&to_semicolon) {
                return end + 1;
            }
            at = end + 1;
            continue;
        }
        word = word.or(token.word().filter(|w| to_semicolon.contains(w) || to_block.contains(w)));
        at += 1;
    }
    at
}

/// A walk over a file's tokens that knows in which module it is.
struct Walk<'f> {
    file: &'f File,
    name: &'f str,
    module: Vec<String>,
    /// The ends of the inline modules around the place.
    ends: Vec<usize>,
    found: Vec<Import>,
}

impl<'f> Walk<'f> {
    fn new(file: &'f File, name: &'f str) -> Self {
        Self { file, name, module: file.module.clone(), ends: Vec::new(), found: Vec::new() }
    }

    fn word(&self, at: usize) -> Option<&'f str> {
        self.file.tokens.get(at)?.word()
    }

    fn is(&self, at: usize, sign: char) -> bool {
        self.file.tokens.get(at).is_some_and(|token| token.is(sign))
    }

    fn joins(&self, at: usize) -> bool {
        self.is(at, ':') && self.is(at + 1, ':')
    }

    fn imports(mut self) -> Vec<Import> {
        let mut at = 0;
        while at < self.file.tokens.len() {
            while self.ends.last().is_some_and(|end| *end <= at) {
                self.ends.pop();
                self.module.pop();
            }
            if self.word(at) == Some("mod") && self.is(at + 2, '{') {
                self.module.push(self.word(at + 1).unwrap_or_default().to_owned());
                self.ends.push(close(&self.file.tokens, at + 2));
            }
            // What the root brings in, every room could take from there unseen.
            if self.module.is_empty() && self.word(at) == Some("use") {
                self.leads_to(at, "a name into the root");
            }
            let inside = at >= 2 && self.joins(at - 2);
            let base = self.word(at).filter(|_| !inside).and_then(|word| self.base(word));
            if let Some(base) = base {
                self.path(at + 1, base);
            }
            at += 1;
        }
        self.found
    }

    /// The module at which a path begins, if this word begins one that may leave the room.
    fn base(&self, word: &str) -> Option<Vec<String>> {
        match word {
            "crate" => Some(Vec::new()),
            "self" => Some(self.module.clone()),
            "super" => Some(self.module[..self.module.len().saturating_sub(1)].to_vec()),
            _ if word == self.name => Some(Vec::new()),
            _ => None,
        }
    }

    /// Goes along a path from the place after its last segment, which led to `module`.
    fn path(&mut self, at: usize, module: Vec<String>) {
        if !self.joins(at) {
            // The root by another name, through which any room could be reached unseen.
            if module.is_empty() && self.word(at) == Some("as") {
                self.leads_to(at, "the root");
            }
            return;
        }
        self.segment(at + 2, module);
    }

    fn segment(&mut self, at: usize, mut module: Vec<String>) {
        if self.is(at, '{') {
            let end = close(&self.file.tokens, at);
            let mut item = at + 1;
            while item < end {
                self.segment(item, module.clone());
                while item < end && !self.is(item, ',') {
                    item = if self.is(item, '{') { close(&self.file.tokens, item) + 1 } else { item + 1 };
                }
                item += 1;
            }
            return;
        }
        match self.word(at) {
            Some("super") => {
                module.pop();
                self.path(at + 1, module);
            }
            Some("self") => self.path(at + 1, module),
            Some(word) if module.is_empty() => self.leads_to(at, word),
            None if module.is_empty() => self.leads_to(at, "the root"),
            Some(_) | None => {
                if let Some(room) = module.first().cloned() {
                    self.leads_to(at, &room);
                }
            }
        }
    }

    fn leads_to(&mut self, at: usize, to: &str) {
        let from = self.file.module.first().map_or("lib", String::as_str);
        if from != to {
            let line = self.file.tokens[at.min(self.file.tokens.len() - 1)].line;
            let (file, from, to) = (self.file.path.clone(), from.to_owned(), to.to_owned());
            self.found.push(Import { file, line, from, to });
        }
    }
}

mod tests {
    use super::*;

    /// What a file of the module `a::b` imports, by line.
    fn found(text: &str) -> Vec<String> {
        let module = vec!["a".to_owned(), "b".to_owned()];
        let mut tests = BTreeSet::new();
        let tokens = without_tests(&tokens(text), &module, &mut tests);
        let file = File { path: "a/b.rs".into(), module, tokens };
        let imports = Walk::new(&file, "me").imports();
        let tests = tests.iter().map(|test| format!("test {}", test.join("::")));
        imports.iter().map(|it| format!("{} {}", it.line, it.to)).chain(tests).collect()
    }

    #[test]
    fn every_way_to_another_room_is_seen() {
        assert_eq!(found("use crate::{c, d::{e, f}, a::g};"), ["1 c", "1 d"]);
        assert_eq!(found("pub use super::super::c::X;\nuse {crate::d, super::e};"), ["1 c", "2 d"]);
        assert_eq!(found("fn f() -> crate::c::X {\n super::super::d::g(me::e::h) }"), ["1 c", "2 d", "2 e"]);
        assert_eq!(
            found("mod n { use super::super::x; use super::super::super::c; }\nuse super::y;"),
            ["1 c"]
        );
        assert_eq!(found("macro_rules! m { () => { $crate::c::f() } }"), ["1 c"]);
        assert_eq!(found("use self::super::super::{c, d as e};"), ["1 c", "1 d"]);
    }

    #[test]
    fn the_root_itself_is_no_way_around() {
        assert_eq!(found("use crate::*;"), ["1 the root"]);
        assert_eq!(found("use crate as me2;"), ["1 the root"]);
        assert_eq!(found("use super::super::*;"), ["1 the root"]);
        let file = File { path: "lib.rs".into(), module: vec![], tokens: tokens("pub use c::X;") };
        assert_eq!(Walk::new(&file, "me").imports()[0].to, "a name into the root");
    }

    #[test]
    fn what_is_said_of_a_room_or_tried_on_it_is_no_import() {
        assert_eq!(found("/// crate::c\nconst A: &str = \"crate::d\"; // crate::e"), [""; 0]);
        assert_eq!(found("#[cfg(test)]\nmod tests { use crate::c; }\nuse crate::d;"), ["3 d"]);
        assert_eq!(
            found("#[cfg(test)] use crate::{c, d};\n#[cfg(test)] fn f<A, B>() { crate::c() }"),
            [""; 0]
        );
        assert_eq!(
            found("#[cfg(test)]\n#[rustfmt::skip]\npub(crate) mod t;\nuse crate::c;"),
            ["4 c", "test a::b::t"]
        );
        assert_eq!(found("struct S { #[cfg(test)] f: crate::c::X, g: crate::d::X }"), ["1 d"]);
        assert_eq!(found("pub(crate) fn f() {} pub(in crate::a) fn g() {}"), [""; 0]);
    }
}
