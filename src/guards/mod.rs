//! Guard rules: what the user forbids to delete, written in Cedar. A policy hands over the texts of its guard files,
//! the selector has them compiled once, and the judge asks of each thing that he would let go. A rule can only forbid.
//!
//! Only the feature `cedar` can read rules. Without it every rule is refused: none is ever passed over.

#[cfg(any(test, not(feature = "cedar")))]
mod absent;
mod asked;
#[cfg(feature = "cedar")]
mod bounds;
#[cfg(feature = "cedar")]
mod cedar;
mod file;
mod schema;

#[cfg(not(feature = "cedar"))]
use absent::Rules;
#[cfg(feature = "cedar")]
use cedar::Rules;

use std::fmt;
use std::sync::Arc;

pub use asked::Asked;
pub use file::GuardFile;
pub use schema::schema;

/// What is wrong with a guard file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardFault {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1; `None` for the file as a whole.
    pub line: Option<usize>,
    /// What is wrong, and what to do about it.
    pub why: String,
}

impl fmt::Display for GuardFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.why),
            None => write!(f, "{}: {}", self.file, self.why),
        }
    }
}

/// That a thing must stay, by the word of guard rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forbidden {
    /// Where the rules stand: `guards.cedar:12`.
    pub rules: Vec<String>,
    /// Why, with each rule's reason, in a sentence.
    pub why: String,
    /// Whether no rule forbids it, and one of them could not be evaluated: nobody knows what it would say.
    pub unclear: bool,
}

/// The rules of a policy, compiled.
#[derive(Debug, Clone, Default)]
pub struct Guards {
    rules: Option<Arc<Rules>>,
}

impl Guards {
    /// Compiles the rules of these files. `kinds` are the names of all kinds that there are.
    ///
    /// # Errors
    /// With all that is wrong with them. There is no half of a guard file.
    pub fn new(files: &[GuardFile], kinds: &[&str]) -> Result<Self, Vec<GuardFault>> {
        if files.is_empty() {
            return Ok(Self::default());
        }
        let mut faults = Vec::new();
        let mut read = Vec::new();
        for file in files {
            match file.rules() {
                Some(rules) => read.push((file.name(), rules)),
                None => faults.push(GuardFault {
                    file: file.name().to_owned(),
                    line: None,
                    why: "it was not read, so nobody knows what it forbids".to_owned(),
                }),
            }
        }
        match Rules::new(&read, kinds) {
            Ok(rules) if faults.is_empty() => Ok(Self { rules: Some(Arc::new(rules)) }),
            Ok(_) => Err(faults),
            Err(more) => Err(faults.into_iter().chain(more).collect()),
        }
    }

    /// Whether there are none, so that nothing needs to be asked.
    pub fn is_empty(&self) -> bool {
        self.rules.is_none()
    }

    /// What they say of one thing: `None` if all of them let it go.
    pub fn forbid(&self, asked: &Asked<'_>) -> Option<Forbidden> {
        self.rules.as_ref()?.forbid(asked)
    }
}

#[cfg(test)]
#[cfg(feature = "cedar")]
mod tests;
