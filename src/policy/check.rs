//! What is wrong with a policy file and what in it is likely to be a slip: every error and every warning with its
//! line. `policy check` tells them, with what the policy would do in plain words.
//!
//! The reading and the compiling are those of every command (`pieces.rs`, `selector.rs`), piece by piece.

use std::collections::BTreeSet;

use crate::model::{Catalog, Class, KindName};

use super::nearest::nearest;
use super::pieces::{Piece, Pieces};
use super::regions::Regions;
use super::selector::SETTLED;
use super::terms::{Term, Terms};
use super::{Policy, PolicyError, ReadGuards, Selector};

/// Something that a reader of a policy file has to know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// The line it is about, from 1; `None` for the file as a whole.
    pub line: Option<usize>,
    /// The key it is about, if it is about one.
    pub key: Option<String>,
    /// What is to be known, in a sentence.
    pub why: String,
}

/// A file, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What makes the file unusable, by line.
    pub errors: Vec<Remark>,
    /// What is likely to be a slip, by line.
    pub warnings: Vec<Remark>,
    /// The policy, if there is no error.
    pub policy: Option<Policy>,
}

/// What a file is held against.
#[derive(Clone, Copy)]
pub struct Against<'a> {
    /// The kinds that there are.
    pub catalog: Catalog,
    /// Whether something stands at the place of a state, as far as this machine can tell.
    pub stands: &'a dyn Fn(&str) -> bool,
    /// Reads the guard files that the policy names.
    pub guards: ReadGuards<'a>,
}

/// Numbers that stand for an account in documents and examples.
const PLACEHOLDERS: [&str; 6] =
    ["123456789012", "012345678901", "111122223333", "111111111111", "000000000000", "999999999999"];

/// The regions that this version knows, for slips of the pen: a newer one may be missing.
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>
const REGIONS: [&str; 39] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// Checks the text of a file.
pub fn check(text: &str, against: Against<'_>) -> Checked {
    let Pieces { broken, mut pieces } = Pieces::of(text);
    for piece in &mut pieces {
        piece.said = piece.said.clone().and_then(|policy| policy.with_guards(against.guards));
    }
    let kinds: Vec<&str> = against.catalog.iter().map(|spec| spec.name).collect();
    let mut errors: Vec<Remark> = broken.iter().flat_map(|error| of_error(None, error)).collect();
    let refused = pieces.iter().filter_map(|piece| Some((piece, piece.said.as_ref().err()?)));
    errors.extend(refused.flat_map(|(piece, error)| of_error(Some(piece), error)));
    // The stack key decides what may be neutral, so each piece is compiled beside it.
    let stack_key: Vec<String> = said(&pieces)
        .filter(|(piece, _)| piece.key == "stack-key")
        .flat_map(|it| it.1.stack_key.clone())
        .collect();
    for (piece, policy) in said(&pieces) {
        let alone = match piece.key.as_str() {
            "stack-key" => policy.clone(),
            _ => Policy { stack_key: stack_key.clone(), ..policy.clone() },
        };
        // An empty key in the stack key is told where it stands, and not beside every other piece.
        let told = |error: &PolicyError| piece.key == "stack-key" || !error.is_in("stack-key");
        let error = Selector::new(&alone, &kinds).err().filter(told);
        errors.extend(error.iter().flat_map(|error| of_error(Some(piece), error)));
    }
    if errors.is_empty() {
        // What no piece alone shows.
        let whole = Policy::from_toml(text).and_then(|whole| whole.with_guards(against.guards));
        let whole = whole.and_then(|whole| Selector::new(&whole, &kinds).map(|_| whole));
        match whole {
            Ok(whole) => {
                let mut warnings = warnings(&pieces, &whole, against);
                warnings.sort();
                warnings.dedup();
                return Checked { errors, warnings, policy: Some(whole) };
            }
            Err(error) => errors.extend(of_error(None, &error)),
        }
    }
    errors.sort();
    errors.dedup();
    Checked { errors, warnings: Vec::new(), policy: None }
}

fn said(pieces: &[Piece]) -> impl Iterator<Item = (&Piece, &Policy)> {
    pieces.iter().filter_map(|piece| Some((piece, piece.said.as_ref().ok()?)))
}

fn of_error(piece: Option<&Piece>, error: &PolicyError) -> Vec<Remark> {
    let remark = |why: String| Remark {
        line: error.line().or(piece.map(|piece| piece.line)),
        key: piece.map(|piece| piece.key.clone()),
        why,
    };
    match error {
        PolicyError::Guards(faults) => faults.iter().map(|fault| remark(fault.to_string())).collect(),
        one => vec![remark(one.without_line())],
    }
}

/// What is likely to be a slip.
fn warnings(pieces: &[Piece], whole: &Policy, against: Against<'_>) -> Vec<Remark> {
    let mut found = Vec::new();
    for (piece, policy) in said(pieces) {
        let remark = |why: String| Remark { line: Some(piece.line), key: Some(piece.key.clone()), why };
        found.extend(of_piece(policy, whole, against).into_iter().map(remark));
        if *policy == Policy::default() {
            found.push(remark("it says nothing: leave it out".to_owned()));
        } else if whole.select.is_empty() && NEEDS_SELECT.contains(&piece.key.as_str()) {
            found.push(remark("nothing is selected, so it does nothing unless a flag selects".to_owned()));
        }
    }
    found
}

/// Keys that say something of what is selected only.
const NEEDS_SELECT: [&str; 10] = [
    "older-than",
    "with-data",
    "abandoned",
    "expired",
    "settled",
    "revoke-in-kept-groups",
    "spare-living",
    "neutral-tags",
    "max-deletes",
    "max-per-kind",
];

fn of_piece(said: &Policy, whole: &Policy, against: Against<'_>) -> Vec<String> {
    let mut why = Vec::new();
    let settled = whole.settled.map_or(SETTLED, |age| age.duration());
    for select in &said.select {
        why.extend(whole.protect.iter().find(|protect| implies(select, protect)).map(|protect| {
            format!("all that `{select}` selects is protected by `{protect}`, so nothing of it ever goes")
        }));
    }
    for account in said.account.iter().chain(&said.accounts) {
        if PLACEHOLDERS.contains(&account.as_str()) {
            why.push(format!("{account} is a number of documents and examples: put your account's here"));
        }
    }
    if let Some(age) = said.older_than.filter(|age| age.duration() < settled) {
        why.push(format!(
            "{age} is shorter than `settled` ({}), which keeps a younger stack anyway",
            shown(settled)
        ));
    }
    for expiry in &said.expired {
        if expiry.after.duration() < settled {
            let after = expiry.after;
            why.push(format!(
                "{after} is shorter than `settled` ({}), which keeps a younger stack anyway",
                shown(settled)
            ));
        }
        why.extend(single(&expiry.select).map(|term| {
            format!("`{term}` means single things, and a stack expires only if all that bears its name matches: use tag:, stack= or cluster=")
        }));
    }
    for kind in &said.with_data {
        if against.catalog.get(kind).is_some_and(|spec| spec.class != Class::Data) {
            why.push(format!("{kind} holds no data, so it needs no leave to go: leave it out"));
        }
    }
    why.extend(of_caps(said, whole, against.catalog));
    why.extend(said.states.iter().filter(|place| !(against.stands)(place)).map(|place| {
        format!("nothing is at {place}: a state that cannot be read may own anything, and then nothing goes")
    }));
    let named = match &said.regions {
        Regions::These(regions) => regions.iter().collect(),
        Regions::Unnamed | Regions::All => Vec::new(),
    };
    let regions: BTreeSet<&str> =
        named.into_iter().chain(&said.assume_regions).map(|region| region.as_str()).collect();
    why.extend(regions.into_iter().filter(|name| !REGIONS.contains(name)).map(|name| {
        let meant = nearest(name, REGIONS).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        format!("{name} is no region that this version knows{meant}")
    }));
    why
}

fn of_caps(said: &Policy, whole: &Policy, catalog: Catalog) -> Vec<String> {
    let one = |(kind, cap): (&KindName, &u32)| {
        let never = catalog.get(kind).is_some_and(|spec| spec.class == Class::Witness);
        match whole.max_deletes {
            _ if never => Some(format!("{kind} is only read and never deleted: its cap does nothing")),
            Some(all) if all <= *cap => {
                Some(format!("the cap of {cap} for {kind} does nothing: `max-deletes` is {all}"))
            }
            Some(_) | None => None,
        }
    };
    said.max_per_kind.iter().filter_map(one).collect()
}

fn shown(duration: std::time::Duration) -> String {
    super::age::show(duration)
}

/// Whether whatever the one matches the other one matches as well, as far as their texts show it. Protection does not
/// look at letter case.
fn implies(select: &Terms, protect: &Terms) -> bool {
    let same = |a: &Term, b: &Term| a.to_string().eq_ignore_ascii_case(&b.to_string());
    protect.all().iter().all(|wanted| {
        select.all().iter().any(|term| match (term, wanted) {
            (Term::Tag { key, .. }, Term::Tag { key: any, value: None }) => key.eq_ignore_ascii_case(any),
            (term, wanted) => same(term, wanted),
        })
    })
}

/// The term by which an entry means single things of a stack.
fn single(terms: &Terms) -> Option<String> {
    let is_single = |term: &&Term| match term {
        Term::Kind(_) | Term::Id(_) | Term::Name(_) | Term::Vpc(_) => true,
        Term::Tag { .. } | Term::Cluster(_) | Term::Stack(_) => false,
    };
    terms.all().iter().find(is_single).map(ToString::to_string)
}
