//! Why a state cannot be read: the readers of this room give it, whoever asked them tells it.

use std::ops::RangeInclusive;

use serde_json::Value as Json;

/// Why a state cannot be read. Each variant's text is one sentence without the file's name, without a
/// full stop, and without content but versions, line and column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// It is something else.
    #[error("this is {found}, not a state of Terraform or Pulumi, nor a lock of one")]
    NotAState {
        /// What it looks like.
        found: &'static str,
    },
    /// It is one, and broken.
    #[error("this state cannot be read: {why}")]
    Broken {
        /// Where and how, without content.
        why: String,
    },
    /// It ends before its end.
    #[error("this state is cut short: it ends in the middle")]
    Truncated,
    /// Nobody without its key can read it.
    #[error("this state is {how}, so that nothing of it can be told")]
    Sealed {
        /// `encrypted`.
        how: &'static str,
    },
    /// It is of a version that nobody here knows.
    #[error("this {tool} state is of version {version}, which this program does not know")]
    UnknownVersion {
        /// `Terraform` or `Pulumi`.
        tool: &'static str,
        /// The version it names.
        version: String,
    },
}

impl StateError {
    /// What to do about it, in one sentence.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::NotAState { .. } => {
                "name a terraform.tfstate, the output of `terraform state pull` or `pulumi stack export`, or a \
                 lock's file"
            }
            Self::Broken { .. } | Self::Truncated => {
                "fetch it anew with `terraform state pull` or `pulumi stack export`"
            }
            Self::Sealed { .. } => "give the output of `tofu state pull` or `pulumi stack export`",
            Self::UnknownVersion { .. } => {
                "use a version of this program that knows it, or let the tool bring it to a version known here"
            }
        }
    }
}

/// What a file is that serde cannot read.
pub(super) fn unread(bytes: &[u8], error: &serde_json::Error) -> StateError {
    if !matches!(bytes.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'{')) {
        return StateError::NotAState { found: "no JSON object" };
    }
    if error.to_string().starts_with("recursion limit exceeded") {
        return StateError::Broken { why: "it is nested too deeply".to_owned() };
    }
    if error.is_eof() {
        return StateError::Truncated;
    }
    let fault =
        if error.is_data() { "something in it is not what a state has there" } else { "it is not JSON" };
    StateError::Broken { why: format!("{fault} (line {}, column {})", error.line(), error.column()) }
}

/// Whether a file is of one of these versions.
pub(super) fn known(
    tool: &'static str,
    version: Option<&Json>,
    versions: RangeInclusive<u64>,
) -> Result<(), StateError> {
    match version {
        Some(Json::Number(number)) if number.as_u64().is_some_and(|it| versions.contains(&it)) => Ok(()),
        Some(Json::Number(number)) => Err(StateError::UnknownVersion { tool, version: number.to_string() }),
        _ => Err(StateError::Broken { why: "it names no version".to_owned() }),
    }
}
