//! What can be wrong with a policy. Each message says what to write instead.

use super::age::AgeError;
use super::terms::TermError;

/// What is wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The file is not TOML, or a value has the wrong type. The text names line and column.
    #[error("the policy cannot be read: {0}")]
    Toml(String),
    /// A key that does not exist: a misspelt `protect` must not protect nothing.
    #[error("line {line}: there is no key `{key}` in a policy; {remedy}")]
    UnknownKey {
        /// Where it stands.
        line: usize,
        /// The key.
        key: String,
        /// The nearest key that exists, or all of them.
        remedy: String,
    },
    /// A term of `select` or `protect` is not understood.
    #[error("in {place}: {source}")]
    Term {
        /// `select` or `protect`.
        place: &'static str,
        /// What is wrong.
        source: TermError,
    },
    /// An age is not understood.
    #[error("in {place}: {source}")]
    Age {
        /// `older-than` or `timeout`.
        place: &'static str,
        /// What is wrong.
        source: AgeError,
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
    /// A glob of `abandoned` is broken, or an entry is empty or selects everything there is.
    #[error("in {place}: `{text}` {why}")]
    Entry {
        /// The key.
        place: &'static str,
        /// The entry.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// A flag asks for what the policy file does not allow.
    #[error("the flags and the policy contradict each other: {0}")]
    Contradiction(String),
}
