//! Invented catalogs: kinds whose rules combine the words of [`aws_janitor::model::LinkRule`] in every way.
//!
//! The real catalog has few of the combinations, and a kind that is added may bring any other. The planner
//! reads the words, not the kinds: so the laws must hold for all that can be said in them, before AWS says it.
//! Worlds take a catalog by its number from here.

use std::sync::OnceLock;

use aws_janitor::model::{
    Apis, Catalog, Class, Cut, Holds, KindSpec, LinkRule, Near, Scope, Settle, Touches,
};

use crate::rng::Rng;

pub(crate) const POLL: Settle = Settle::Poll { every: 5, usually: 60, at_most: 600 };

/// How many different catalogs there are: each is made once and never freed.
const CATALOGS: usize = 8192;

/// The catalog of a number.
pub(crate) fn catalog(seed: u64) -> Catalog {
    static MADE: OnceLock<Vec<OnceLock<Catalog>>> = OnceLock::new();
    let made = MADE.get_or_init(|| (0..CATALOGS).map(|_| OnceLock::new()).collect());
    let number = usize::try_from(seed % CATALOGS as u64).unwrap();
    *made[number].get_or_init(|| make_catalog(&mut Rng::new(number as u64)))
}

fn make_catalog(rng: &mut Rng) -> Catalog {
    const NAMES: [&str; 6] = ["ant", "bee", "cat", "dog", "eel", "fox"];
    let count = 2 + rng.below(5);
    let names = &NAMES[..count];
    let specs: Vec<&'static KindSpec> =
        names.iter().map(|name| &*Box::leak(Box::new(make_spec(rng, name, names)))).collect();
    Catalog::new(Box::leak(specs.into_boxed_slice()))
}

fn make_spec(rng: &mut Rng, name: &'static str, names: &[&'static str]) -> KindSpec {
    const ROLES: [&str; 5] = ["uses", "within", "names", "made-by", "attached"];
    let count = rng.below(5);
    let mut links = Vec::new();
    for how in &ROLES[..count] {
        links.push(make_rule(rng, how, names));
    }
    let has_part = rng.chance(1, 6);
    if has_part {
        let cut =
            Some(Cut { api: "x:CutPart", touches: Touches::NearEnd, by_hand: None, settle: Settle::AtOnce });
        links.push(LinkRule { how: "part", to: "part", holds: Holds::Nothing, near: Near::CutFirst, cut });
    }
    KindSpec {
        class: match rng.below(12) {
            0 | 1 => Class::Data,
            2 => Class::Witness,
            _ => Class::Plumbing,
        },
        scope: if rng.chance(1, 6) { Scope::Global } else { Scope::Regional },
        links: Box::leak(links.into_boxed_slice()),
        parts: if has_part { &["part"] } else { &[] },
        // What goes with two things is on its way out with the first, and a while in the way of the second.
        patience: 3600,
        settle: if rng.chance(1, 2) { POLL } else { Settle::AtOnce },
        apis: Apis { list: &["x:List"], delete: &["x:Delete"] },
        ..KindSpec::invented(name)
    }
}

fn make_rule(rng: &mut Rng, how: &'static str, names: &[&'static str]) -> LinkRule {
    let holds = *rng.pick(&[
        Holds::Nothing,
        Holds::Delete,
        Holds::DeleteAndCuts,
        Holds::DeleteUntilCut,
        Holds::DeleteUntilCut,
    ]);
    let near = *rng.pick(&[
        Near::Free,
        Near::Free,
        Near::CutFirst,
        Near::AfterTarget,
        Near::AfterIfGoes,
        Near::GoesWithTarget(Settle::AtOnce),
        Near::GoesWithTarget(POLL),
    ]);
    let touches = if rng.chance(1, 3) { Touches::BothEnds } else { Touches::NearEnd };
    let cut = if rng.chance(3, 4) {
        Some(Cut { api: "x:Cut", touches, by_hand: None, settle: Settle::AtOnce })
    } else {
        None
    };
    LinkRule { how, to: names[rng.below(names.len())], holds, near, cut }
}
