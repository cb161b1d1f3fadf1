//! The grammar of `--select` and `--protect`: one TERMS is a comma-joined AND of terms.
//!
//! ```text
//! tag:KEY        has the tag               kind=NAME      is of this kind
//! tag:KEY=GLOB   has it with such a value  id=GLOB        has such an id
//! name=GLOB      has such a name           vpc=GLOB       is this VPC or lies in it
//! stack=GLOB     belongs to such a stack   cluster=GLOB   is this cluster, or was made by or for it
//! ```
//!
//! A key runs to the first `=`, so `tag:kubernetes.io/cluster/x=owned` and `tag:aws:cloudformation:stack-name`
//! work as they are. `\,` is a comma within a term, `\=` an equals sign within a key. Spaces around a term
//! do not count. Keys have no wildcards. Repeating the flag means OR, which the selector does.
//!
//! The text of a policy file or a flag is read once (`parse.rs`) into the values that stand here. Merging
//! joins them, the selector compiles them (`matcher.rs`), and what must be text again, such as a saved plan
//! or the command of a remedy, prints them so that they are read back the same.

use std::fmt;
use std::str::FromStr;

use crate::model::KindName;

use super::escape::push;
use super::glob::Glob;
use super::nearest::nearest;
use super::parse;

/// A term that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the term `{term}` is not understood: {why}; {remedy}")]
pub struct TermError {
    /// The term.
    pub term: String,
    /// What is wrong with it.
    pub why: String,
    /// What to write instead.
    pub remedy: String,
}

/// What an entry looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// Whose it is: a tag other than `Name`, its stack, or the thing itself by its whole id.
    Itself,
    /// What it is called, or of which kind it is: others may be called so.
    Name,
    /// Only where it lies or what it works for (`vpc=`, `cluster=`).
    Place,
}

/// By what an entry names one thing, letter by letter: it means that thing, and not whatever is like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Naming {
    /// By its id.
    Id,
    /// By its name.
    Name,
    /// By the id of its VPC.
    Vpc,
    /// By the name of its cluster.
    Cluster,
    /// By the name of its stack.
    Stack,
}

/// One entry of `select` or `protect`. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    all: Vec<Term>,
}

/// One term of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Term {
    Tag { key: String, value: Option<Glob> },
    Kind(KindName),
    Id(Glob),
    Name(Glob),
    Vpc(Glob),
    Cluster(Glob),
    Stack(Glob),
}

impl Terms {
    /// The stack of this name and no other.
    pub fn of_stack(name: &str) -> Self {
        Self { all: vec![Term::Stack(Glob::exactly(name))] }
    }

    /// What has this id.
    pub fn of_id(id: &str) -> Self {
        Self { all: vec![Term::Id(Glob::exactly(id))] }
    }

    /// What is of this kind.
    pub fn of_kind(kind: &KindName) -> Self {
        Self { all: vec![Term::Kind(kind.clone())] }
    }

    /// What matches both.
    pub fn and(&self, other: &Self) -> Self {
        Self { all: self.all.iter().chain(&other.all).cloned().collect() }
    }

    /// Every entry of the one joined with every entry of the other: (a OR b) AND (c OR d).
    pub fn each_with_each(these: &[Self], others: &[Self]) -> Vec<Self> {
        these.iter().flat_map(|this| others.iter().map(|other| this.and(other))).collect()
    }

    /// What the entry looks at. A name beside a place is still no more than a place: neither says whose it is.
    pub fn basis(&self) -> Basis {
        let whose = |term: &Term| match term {
            Term::Tag { key, .. } => key != "Name",
            Term::Stack(_) => true,
            Term::Id(glob) => glob.as_exact().is_some(),
            Term::Kind(_) | Term::Name(_) | Term::Vpc(_) | Term::Cluster(_) => false,
        };
        let place = |term: &Term| matches!(term, Term::Vpc(_) | Term::Cluster(_));
        match () {
            () if self.all.iter().any(whose) => Basis::Itself,
            () if self.all.iter().any(place) => Basis::Place,
            () => Basis::Name,
        }
    }

    /// By what it names one thing without a wildcard.
    pub(super) fn names(&self) -> impl Iterator<Item = Naming> {
        self.all.iter().filter_map(|term| {
            let (naming, glob) = match term {
                Term::Id(glob) => (Naming::Id, glob),
                Term::Name(glob) => (Naming::Name, glob),
                Term::Vpc(glob) => (Naming::Vpc, glob),
                Term::Cluster(glob) => (Naming::Cluster, glob),
                Term::Stack(glob) => (Naming::Stack, glob),
                Term::Tag { .. } | Term::Kind(_) => return None,
            };
            glob.as_exact().map(|_| naming)
        })
    }

    /// The clusters that it names without a wildcard.
    pub(super) fn clusters(&self) -> impl Iterator<Item = String> {
        self.all.iter().filter_map(|term| match term {
            Term::Cluster(glob) => glob.as_exact(),
            Term::Tag { .. }
            | Term::Kind(_)
            | Term::Id(_)
            | Term::Name(_)
            | Term::Vpc(_)
            | Term::Stack(_) => None,
        })
    }

    /// The stacks that it names without a wildcard.
    pub fn stacks(&self) -> impl Iterator<Item = String> {
        self.all.iter().filter_map(|term| match term {
            Term::Stack(glob) => glob.as_exact(),
            Term::Tag { .. }
            | Term::Kind(_)
            | Term::Id(_)
            | Term::Name(_)
            | Term::Vpc(_)
            | Term::Cluster(_) => None,
        })
    }

    /// How many characters stand for themselves in the term that narrows it most. A kind, or a tag with any
    /// value, is in everybody's stack.
    pub(super) fn breadth(&self) -> usize {
        let literals = |term: &Term| match term {
            Term::Tag { value, .. } => value.as_ref().map_or(0, Glob::literals),
            Term::Kind(_) => 0,
            Term::Id(glob) | Term::Vpc(glob) => glob.literals_of_id(),
            Term::Name(glob) | Term::Cluster(glob) | Term::Stack(glob) => glob.literals(),
        };
        self.all.iter().map(literals).max().unwrap_or(0)
    }

    /// Whether none of its terms narrows anything (`name=*`).
    pub(super) fn matches_all(&self) -> bool {
        self.all.iter().all(|term| match term {
            Term::Tag { .. } | Term::Kind(_) => false,
            Term::Id(glob) | Term::Name(glob) | Term::Vpc(glob) | Term::Cluster(glob) | Term::Stack(glob) => {
                glob.matches_all()
            }
        })
    }

    /// The tag keys it asks for.
    pub(super) fn tag_keys(&self) -> impl Iterator<Item = &str> {
        self.all.iter().filter_map(|term| match term {
            Term::Tag { key, .. } => Some(key.as_str()),
            Term::Kind(_)
            | Term::Id(_)
            | Term::Name(_)
            | Term::Vpc(_)
            | Term::Cluster(_)
            | Term::Stack(_) => None,
        })
    }

    /// Refuses a kind that does not exist. `kinds` are the names of all that there are.
    pub(super) fn check_kinds(&self, kinds: &[&str]) -> Result<(), TermError> {
        let unknown = self.all.iter().find_map(|term| match term {
            Term::Kind(kind) if !kinds.contains(&kind.as_str()) => Some(kind),
            Term::Kind(_)
            | Term::Tag { .. }
            | Term::Id(_)
            | Term::Name(_)
            | Term::Vpc(_)
            | Term::Cluster(_)
            | Term::Stack(_) => None,
        });
        unknown.map_or(Ok(()), |kind| {
            Err(TermError {
                term: Term::Kind(kind.clone()).to_string(),
                why: format!("there is no kind `{kind}`"),
                remedy: kind_remedy(kind.as_str(), kinds),
            })
        })
    }

    /// The terms that it joins.
    pub(super) fn all(&self) -> &[Term] {
        &self.all
    }
}

/// What to write in place of a kind that is none.
pub(super) fn kind_remedy(value: &str, kinds: &[&str]) -> String {
    match nearest(value, kinds.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("the kinds are {}", kinds.join(" ")),
    }
}

impl FromStr for Terms {
    type Err = TermError;

    fn from_str(text: &str) -> Result<Self, TermError> {
        Ok(Self { all: parse::terms(text)? })
    }
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let terms: Vec<String> = self.all.iter().map(ToString::to_string).collect();
        f.pad(&terms.join(","))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag { key, value: Some(value) } => write!(f, "tag:{}={value}", escaped(key, false)),
            Self::Tag { key, value: None } => write!(f, "tag:{}", escaped(key, true)),
            Self::Kind(kind) => write!(f, "kind={}", escaped(kind.as_str(), true)),
            Self::Id(glob) => write!(f, "id={glob}"),
            Self::Name(glob) => write!(f, "name={glob}"),
            Self::Vpc(glob) => write!(f, "vpc={glob}"),
            Self::Cluster(glob) => write!(f, "cluster={glob}"),
            Self::Stack(glob) => write!(f, "stack={glob}"),
        }
    }
}

/// A text that is no glob. At the end of a term a space would not count.
fn escaped(text: &str, ends_term: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        if ends_term && chars.peek().is_none() && char.is_whitespace() {
            out.push('\\');
        }
        push(&mut out, char, &[',', '\\', '=']);
    }
    out
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::glob::tests::{glob, letter};
    use super::*;

    fn term() -> impl Strategy<Value = Term> {
        let key = prop::collection::vec(letter(), 1..5)
            .prop_map(String::from_iter)
            .prop_filter("no wildcards", |key: &String| !key.contains(['*', '?', '[', ']']));
        prop_oneof![
            (key, prop::option::of(glob())).prop_map(|(key, value)| Term::Tag { key, value }),
            prop::sample::select(vec!["vpc", "nat-gateway"]).prop_map(|kind| Term::Kind(KindName::of(kind))),
            (glob(), 0..5_usize).prop_map(|(glob, at)| {
                [Term::Id, Term::Name, Term::Vpc, Term::Cluster, Term::Stack][at](glob)
            }),
        ]
    }

    /// Any entry.
    pub(in crate::policy) fn terms() -> impl Strategy<Value = Terms> {
        prop::collection::vec(term(), 1..4).prop_map(|all| Terms { all })
    }

    proptest! {
        #[test]
        fn terms_are_read_back_as_they_were_printed(terms in terms()) {
            prop_assert_eq!(terms.to_string().parse::<Terms>(), Ok(terms));
        }

        /// A command that names a stack must mean that one, whatever somebody called it.
        #[test]
        fn a_stack_is_named_whatever_it_is_called(name in prop::collection::vec(letter(), 1..8)) {
            let name = String::from_iter(name);
            let terms = Terms::of_stack(&name).to_string().parse::<Terms>().expect("terms");
            prop_assert_eq!(terms.stacks().collect::<Vec<_>>(), [name]);
        }
    }

    #[test]
    fn joined_entries_ask_for_all_of_both() {
        let read = |text: &str| text.parse::<Terms>().expect(text);
        assert_eq!(read(r"name=a\\").and(&read("tag:b, kind=vpc")).to_string(), r"name=a\\,tag:b,kind=vpc");
    }
}
