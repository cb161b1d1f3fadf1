//! What can be wrong with a policy: what its file, the flags and the selector refuse, as the commands tell it.
//! Each message says what to write instead.

use super::terms::TermError;
use crate::guards::GuardFault;

/// What is wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The file is not TOML.
    #[error("line {line}: this is no TOML: {why}")]
    Toml {
        /// Where it stands.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// A key that does not exist: a misspelt `protect` must not protect nothing.
    #[error("line {line}: there is no key `{key}` in {place}; {remedy}")]
    UnknownKey {
        /// Where it stands.
        line: usize,
        /// The key.
        key: String,
        /// In what: `a policy`, or the key of a table.
        place: String,
        /// The nearest key that exists, or all of them.
        remedy: String,
    },
    /// A value in the file is not understood, or has the wrong type.
    #[error("line {line}, in {key}: {why}")]
    Value {
        /// Where it stands.
        line: usize,
        /// The key it stands under.
        key: String,
        /// What is wrong with it.
        why: String,
    },
    /// A term of `select`, `protect` or `expired` asks for a kind that does not exist.
    #[error("in {place}: {source}")]
    Term {
        /// `select`, `protect` or `expired`.
        place: &'static str,
        /// What is wrong.
        source: TermError,
    },
    /// A flag is not understood.
    #[error("in {flag}: {why}")]
    Flag {
        /// The flag, without its hyphens.
        flag: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A kind that does not exist.
    #[error("in {place}: there is no kind `{kind}`; {remedy}")]
    Kind {
        /// `with-data` or `max-per-kind`.
        place: &'static str,
        /// The name.
        kind: String,
        /// The nearest kind, or all of them.
        remedy: String,
    },
    /// A name of `abandoned` is none, or an entry of `select` or `expired` selects everything there is.
    #[error("in {place}: `{text}` {why}")]
    Entry {
        /// The key.
        place: &'static str,
        /// The entry.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// Guard files cannot be read, or have rules that cannot be used.
    #[error("{}", faults(.0))]
    Guards(Vec<GuardFault>),
    /// A flag asks for what the policy file does not allow.
    #[error("the flags and the policy contradict each other: {0}")]
    Contradiction(String),
}

/// The first of them, and how many more there are.
fn faults(all: &[GuardFault]) -> String {
    let more = match all.len().saturating_sub(1) {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    all.first().map(|first| format!("{first}{more}")).unwrap_or_default()
}

impl PolicyError {
    /// The line of the file that it is about, if it knows that.
    pub(super) fn line(&self) -> Option<usize> {
        match self {
            Self::Toml { line, .. } | Self::UnknownKey { line, .. } | Self::Value { line, .. } => Some(*line),
            Self::Term { .. }
            | Self::Flag { .. }
            | Self::Kind { .. }
            | Self::Entry { .. }
            | Self::Guards(_)
            | Self::Contradiction(_) => None,
        }
    }

    /// The same in a sentence that names neither line nor key.
    pub(super) fn without_line(&self) -> String {
        match self {
            Self::Toml { why, .. } => format!("this is no TOML: {why}"),
            Self::UnknownKey { key, place, remedy, .. } => {
                format!("there is no key `{key}` in {place}; {remedy}")
            }
            Self::Value { why, .. } => why.clone(),
            Self::Term { source, .. } => source.to_string(),
            Self::Kind { kind, remedy, .. } => format!("there is no kind `{kind}`; {remedy}"),
            Self::Entry { text, why, .. } => format!("`{text}` {why}"),
            Self::Flag { .. } | Self::Guards(_) | Self::Contradiction(_) => self.to_string(),
        }
    }

    /// Whether it is about this key.
    pub(super) fn is_in(&self, key: &str) -> bool {
        matches!(self, Self::Entry { place, .. } if *place == key)
    }
}
