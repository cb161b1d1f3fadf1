//! The policy of one call: what its file says, what its flags add, and both together.
//!
//! The commands judge by the whole. A remedy needs the halves: the command it prints names the file again
//! and repeats the flags, and what it would do is tried with exactly these.

use std::fmt::Display;
use std::str::FromStr;

use super::{Policy, PolicyError};

/// Reads what was typed behind a flag.
pub fn read_flag<T: FromStr<Err: Display>>(flag: &'static str, text: &str) -> Result<T, PolicyError> {
    text.parse().map_err(|error: T::Err| PolicyError::Flag { flag, why: error.to_string() })
}

/// Reads what was typed behind a flag that may be repeated.
pub fn read_flags<T: FromStr<Err: Display>>(
    flag: &'static str,
    texts: &[String],
) -> Result<Vec<T>, PolicyError> {
    texts.iter().map(|text| read_flag(flag, text)).collect()
}

/// The policy of a call.
#[derive(Debug, Clone)]
pub struct CallPolicy {
    file: Policy,
    flags: Policy,
    whole: Policy,
}

impl CallPolicy {
    /// Both together, if they do not contradict each other.
    pub fn new(file: Policy, flags: Policy) -> Result<Self, PolicyError> {
        let whole = file.clone().merge(flags.clone())?;
        Ok(Self { file, flags, whole })
    }

    /// What the flags say.
    pub fn flags(&self) -> &Policy {
        &self.flags
    }

    /// What both say together.
    pub fn whole(&self) -> &Policy {
        &self.whole
    }

    /// What both say together, for who asks for nothing else.
    pub fn into_whole(self) -> Policy {
        self.whole
    }

    /// What both would say together if the flags were these.
    pub fn with_flags(&self, flags: Policy) -> Result<Policy, PolicyError> {
        self.file.clone().merge(flags)
    }
}
