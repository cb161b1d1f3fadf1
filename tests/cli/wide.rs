//! Names and tags that are not a column a letter: wide letters, emoji, combining accents.

use aws_janitor::report::width;

use crate::fake::recorded;
use crate::{Call, World};

/// A prefix in letters that take two columns, or none.
const WIDE: &str = "例え店舗🚀e\u{301}a\u{308}-";

/// Every name and every suffix of a stack begins with such letters.
fn world() -> World {
    let mut inventory = recorded();
    for resource in inventory.resources.values_mut() {
        for key in ["EnvironmentSuffix", "Name"] {
            if let Some(value) = resource.tags.get_mut(key) {
                value.insert_str(0, WIDE);
            }
        }
        if let Some(name) = resource.name.as_mut().filter(|name| **name != resource.key.id) {
            name.insert_str(0, WIDE);
        }
    }
    World { inventory: Some(inventory), ..World::default() }
}

fn shown(line: &str) -> String {
    Call::new(world()).run(&format!("{line} --select tag:Project=demo --region us-east-1")).out
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for line in ["scan", "scan -o tree", "plan", "plan -v", "plan -o tree", "scan --protect name=*nat"] {
        let out = shown(line);
        assert!(out.contains("例"), "{line}: {out}");
        for text in out.lines() {
            assert!(width::columns(text) <= 80, "{line}: {} columns: {text}", width::columns(text));
        }
    }
}

#[test]
fn columns_stand_below_each_other() {
    let out = shown("scan");
    let (out, _) = out.split_once("-live · ").unwrap();
    let ends = |line: &str| line.trim_end().ends_with("[1]").then(|| width::columns(line));
    let marks: Vec<usize> = out.lines().filter(|line| line.contains("例")).filter_map(ends).collect();
    assert!(marks.len() > 5, "{out}");
    assert!(marks.iter().all(|mark| *mark == marks[0]), "{marks:?}\n{out}");
}
