//! The laws of `parsers` on broken copies of their corpus: cut, spliced, nested, with bytes and words that hurt.
//! The same seed breaks the same file in the same way.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::parsers::LAWS;
use crate::rng::Rng;

/// How many broken copies each file of a corpus has.
const COPIES: u64 = 400;

/// What readers stumble over.
const WORDS: [&str; 24] = [
    "null",
    "-1",
    "1e999",
    "18446744073709551616",
    "\"\"",
    "{}",
    "[]",
    "\\u0000",
    "\\ud800",
    "\u{feff}",
    "é",
    "\r\n",
    "---\n",
    "&a *a",
    "<<: *role",
    "!Ref ",
    "${",
    "}",
    "\"",
    "vpc-",
    "arn:aws:",
    "[[",
    "\"id\":",
    "@reason(\"",
];

/// One break.
fn once(bytes: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    let at = rng.below(bytes.len() + 1);
    let to = (at + rng.below(40)).min(bytes.len());
    match rng.below(8) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..to)),
        2 => drop(bytes.splice(at..to, rng.pick(&WORDS).bytes())),
        3 => {
            let again = bytes[at..to].repeat(1 + rng.below(3));
            drop(bytes.splice(at..at, again));
        }
        4 if at < bytes.len() => bytes[at] ^= 1 << rng.below(8),
        5 if !other.is_empty() => {
            let from = rng.below(other.len());
            let piece = &other[from..(from + 60).min(other.len())];
            drop(bytes.splice(at..to, piece.iter().copied()));
        }
        6 => {
            // Deep, and mostly not closed again.
            let deep = [b"[".as_slice(), b"{\"a\":"][rng.below(2)].repeat(rng.below(300));
            drop(bytes.splice(at..at, deep));
        }
        _ => {
            // A number that is another one.
            for byte in bytes[at..].iter_mut().skip_while(|byte| !byte.is_ascii_digit()).take(3) {
                if byte.is_ascii_digit() {
                    *byte = b'0' + u8::try_from(rng.below(10)).unwrap();
                }
            }
        }
    }
}

#[test]
fn no_broken_file_breaks_a_law_of_its_reader() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/laws/corpus");
    let mut folders = 0;
    for folder in fs::read_dir(&corpus).unwrap() {
        let folder = folder.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let (_, law) = LAWS.iter().find(|(law, _)| *law == name).expect("a law for each folder");
        let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        let files: Vec<_> = files.iter().map(|path| (path, fs::read(path).unwrap())).collect();
        assert!(!files.is_empty(), "{name} has a corpus");
        folders += 1;
        for (path, whole) in &files {
            law(whole);
            for seed in 0..COPIES {
                let mut rng = Rng::new(seed);
                let mut broken = whole.clone();
                for _ in 0..=rng.below(4) {
                    once(&mut broken, &files[rng.below(files.len())].1, &mut rng);
                }
                let held = catch_unwind(AssertUnwindSafe(|| law(&broken)));
                let shown = String::from_utf8_lossy(&broken);
                assert!(held.is_ok(), "{}, copy {seed} of {COPIES}: {shown}", path.display());
            }
        }
    }
    assert_eq!(folders, LAWS.len(), "a corpus for each law");
}
