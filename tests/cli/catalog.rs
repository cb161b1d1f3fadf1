//! The program's own catalog, and one rule that no AWS kind has.
//!
//! No link of a kind that holds data holds anything, so nothing would ever be blocked by data that nobody named.
//! Here a key stays while a volume uses it, stricter than AWS, so that the command line has that to tell.

use std::sync::LazyLock;

use aws_janitor::kinds::CATALOG;
use aws_janitor::model::words::how;
use aws_janitor::model::{Apis, Catalog, Cost, KindSpec, LinkRule};

const KEY: KindSpec = KindSpec {
    title: "KMS key",
    patience: 60,
    cost: |_| vec![Cost { item: "kms-key-storage", units: 1.0 }],
    apis: Apis { list: &["kms:ListKeys"], delete: &["kms:ScheduleKeyDeletion"] },
    ..KindSpec::invented("kms-key")
};

/// The catalog of the fake account.
pub(crate) fn catalog() -> Catalog {
    static SPECS: LazyLock<Vec<&'static KindSpec>> = LazyLock::new(|| {
        let with_rule = |spec: &'static KindSpec| {
            if spec.name != "volume" {
                return spec;
            }
            let links = [spec.links, &[LinkRule::until_gone(how::USES, KEY.name)]].concat();
            &*Box::leak(Box::new(KindSpec { links: links.leak(), ..*spec }))
        };
        CATALOG.iter().map(with_rule).chain([&KEY]).collect()
    });
    Catalog::new(&SPECS)
}
