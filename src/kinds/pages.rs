//! Tests that hold the page of each kind and the README's table to the specs. `make docs` writes them anew.

use super::CATALOG;
use crate::model::{Key, Region, Resource};
use crate::report::kind_page;

/// Holds a file to its text, or writes it, if it is asked to.
#[expect(clippy::disallowed_methods, reason = "it holds files to the table")]
fn is_current(file: &str, text: &str) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(file, text).unwrap();
    }
    assert!(std::fs::read_to_string(file).unwrap_or_default() == text, "{file}: make docs writes it anew");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it holds files to the table")]
fn every_kind_has_a_page_and_every_page_a_kind() {
    for spec in CATALOG.iter() {
        is_current(&format!("docs/kinds/{}.md", spec.name), &kind_page::page(spec, CATALOG));
    }
    for file in std::fs::read_dir("docs/kinds").unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(CATALOG.named(name.trim_end_matches(".md")).is_some(), "docs/kinds/{name} is of no kind");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it holds files to the table")]
fn the_readme_has_the_table_of_all_kinds() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let [begins, ends] = kind_page::TABLE;
    let (before, rest) = readme.split_once(begins).unwrap();
    let (_, after) = rest.split_once(ends).unwrap();
    let table = kind_page::table(CATALOG, "docs/kinds/");
    is_current("README.md", &format!("{before}{begins}\n{table}\n{ends}{after}"));
}

#[test]
fn a_kind_tells_of_everything_that_it_costs_by() {
    use crate::model::words::fact;
    let types =
        ["Interface", "GatewayLoadBalancer", "network", "gateway", "application", "gp3", "io2", "standard"];
    for spec in CATALOG.iter() {
        assert!(spec.about.ends_with('.') && spec.about.len() > 10, "{} says what it is", spec.name);
        for of_type in types {
            for version in ["1.29", "1.99"] {
                let mut thing = Resource::new(Key::new(spec.kind(), Region::new("us-east-1"), "it"));
                for (name, value) in [
                    (fact::TYPE, of_type),
                    (fact::VERSION, version),
                    (fact::INSTANCE_TYPE, "t3.micro"),
                    (fact::SIZE_GIB, "10"),
                    (fact::ZONES, "2"),
                    (fact::PUBLIC_IP, "yes"),
                    (fact::LENT_ADDRESSES, "1"),
                ] {
                    thing.facts.insert(name.to_owned(), value.to_owned());
                }
                for cost in (spec.cost)(&thing).iter().filter(|cost| !cost.item.ends_with("unknown-type")) {
                    assert!(spec.priced.contains(&cost.item), "{} costs by {}", spec.name, cost.item);
                }
            }
        }
        for item in spec.priced {
            assert!(crate::price::items().any(|priced| priced == *item), "{item} has no price");
        }
    }
}
