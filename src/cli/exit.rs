//! The exit codes, which scripts rely on. Commands give one of these, and `main` ends the program with its
//! number.

use std::process::ExitCode;

use crate::journal::Ending;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do. Also when the reader of our output has gone away: what was to be done is done.
    Done,
    /// An error: no credentials, no connection, a file that cannot be read, a plan that is no plan
    /// (not JSON, or of another schema).
    Error,
    /// There are changes to make. Only with `--detailed-exitcode`.
    Pending,
    /// Something that was selected or planned is left and is not to stay ([`crate::plan::left`]).
    Partly,
    /// A guard refused: no consent, a cap, another account or region than the plan's, an expired plan,
    /// one that was edited by hand, deletion protection on what was selected; a preflight that saw what will
    /// fail, of something else than quotas.
    Refused,
    /// The quota is short.
    Short,
    /// Cannot tell: something that concerns what was selected could not be read.
    Unclear,
    /// The command line or the policy cannot be understood.
    Usage,
}

impl Exit {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Done,
        Self::Error,
        Self::Pending,
        Self::Partly,
        Self::Refused,
        Self::Short,
        Self::Unclear,
        Self::Usage,
    ];

    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Error => 1,
            Self::Pending => 2,
            Self::Partly => 3,
            Self::Refused => 4,
            Self::Short => 5,
            Self::Unclear => 6,
            Self::Usage => 64,
        }
    }

    /// What it means, for the manual and `--help`.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done, or nothing to do",
            Self::Error => "an error",
            Self::Pending => "changes are pending (only with --detailed-exitcode)",
            Self::Partly => {
                "partly done: something that was selected is left, and nobody said that it is to stay"
            }
            Self::Refused => "refused by a guard",
            Self::Short => "a quota is short",
            Self::Unclear => "cannot tell: what concerns the selection could not be read",
            Self::Usage => "the command line or the policy is not understood",
        }
    }
}

impl From<Ending> for Exit {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Done => Self::Done,
            Ending::Left => Self::Partly,
            Ending::Unclear => Self::Unclear,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_numbers_are_the_documented_ones() {
        let codes: Vec<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 64]);
    }
}
