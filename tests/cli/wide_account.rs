//! An account with very many stacks: what a person reads of it first.

use aws_janitor::cli::Exit;
use aws_janitor::model::{Key, Link};

use crate::fake::recorded;
use crate::{Call, World};

/// So many failed stacks, each with the things of the recorded one, and one that lives.
const STACKS: usize = 30;

fn world() -> World {
    let mut inventory = recorded();
    let one: Vec<_> = inventory.resources.values().cloned().collect();
    for number in 0..STACKS {
        for mut thing in one.clone() {
            if thing.tags.get("EnvironmentSuffix").is_none_or(|suffix| suffix != "a1") {
                continue;
            }
            let tail = |id: &str| format!("{id}{number:02}");
            thing.key.id = tail(&thing.key.id).into();
            let links = std::mem::take(&mut thing.links).into_iter();
            thing.links = links
                .map(|link| Link { to: Key { id: tail(&link.to.id).into(), ..link.to }, ..link })
                .collect();
            thing.arn = None;
            thing.tags.insert("EnvironmentSuffix".to_owned(), format!("w{number:02}"));
            inventory.resources.insert(thing.key.clone(), thing);
        }
    }
    World { inventory: Some(inventory), ..World::default() }
}

fn shown(line: &str) -> String {
    Call::new(world()).run(&format!("{line} --region us-east-1")).out
}

#[test]
fn a_wide_account_is_summed_up_first_and_told_by_stack() {
    let select = "--select tag:Project=demo";
    let brief = shown(&format!("scan {select}"));
    assert!(brief.lines().count() < 60, "{} lines\n{brief}", brief.lines().count());
    assert!(brief.contains("--stack NAME tells one stack whole"), "{brief}");
    assert!(brief.contains("STACKS") && brief.contains("and 12 more stacks"), "{brief}");
    assert!(!brief.contains("vpc-0a1"), "{brief}");
    let one = shown(&format!("scan {select} --stack demo/w07"));
    assert!(one.contains("Stack demo/w07") && !one.contains("demo/w08"), "{one}");
    assert!(one.contains("vpc-0a100000000000000107"), "{one}");
    let all = shown(&format!("scan -v {select}"));
    assert!(all.lines().count() > 300 && all.contains("Stack demo/w29"), "{} lines", all.lines().count());
    for line in brief.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn what_goes_in_no_stack_has_a_line_in_a_wide_account_as_well() {
    let mut world = world();
    let inventory = world.inventory.as_mut().unwrap();
    let address = inventory.resources.values().find(|it| it.key.id == "eipalloc-0a1000000000000009").unwrap();
    let mut loose = address.clone();
    loose.key.id = "eipalloc-0a1000000000000777".into();
    loose.tags.clear();
    inventory.resources.insert(loose.key.clone(), loose);
    let select = "--select id=eipalloc-0a1000000000000777 --select stack=demo/w0*";
    let out = Call::new(world).run(&format!("scan {select} --region us-east-1")).out;
    assert!(out.contains("STACKS") && out.contains("(no stack)"), "{out}");
}

#[test]
fn a_wide_account_without_a_selection_is_short_as_well() {
    let brief = shown("scan");
    assert!(brief.lines().count() < 60, "{} lines\n{brief}", brief.lines().count());
    assert!(brief.contains("more stacks without a sign of life"), "{brief}");
    assert!(shown("scan --stack demo/w07").contains("demo/w07"));
    let wrong = Call::new(world()).run("scan --region us-east-1 --stack demo/w7");
    assert_eq!(wrong.exit, Exit::Error);
    assert!(wrong.err.contains("the scan has no stack `demo/w7`"), "{}", wrong.err);
}
