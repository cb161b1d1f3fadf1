//! What every reader of this room is given, and the errors it gives back.

use std::collections::BTreeMap;

use crate::model::Region;

/// A file, and what the user said beside it.
pub struct Input<'a> {
    /// The file as the user named it, for messages.
    pub source: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The files beside it: nested templates, the templates of a CDK folder.
    pub beside: &'a dyn Beside,
    /// The region that the user named, if it was exactly one: for files that name none.
    pub region: Option<Region>,
    /// Values of a template's parameters, by name.
    pub parameters: &'a BTreeMap<String, String>,
}

/// The folder of a file.
pub trait Beside {
    /// The bytes of a file in that folder; `None` where there is none. A name that leads out of the
    /// folder (`../`, `/`) is none.
    fn file(&self, name: &str) -> Option<Vec<u8>>;
}

/// A folder without files, for files that stand alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Alone;

impl Beside for Alone {
    fn file(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
}

/// Why a file could not be read. Each variant's text is one sentence without the file's name and without
/// a full stop, and never holds a part of the file's content but names, versions, line and column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is none of the formats.
    #[error("this is {found}, not a plan, a preview, a template or a change set")]
    NotAPlan {
        /// What it looks like: `empty`, `JSON without anything of a plan`, `a Terraform state`.
        found: String,
    },
    /// It is one of them, and broken.
    #[error("this {format} cannot be read: {why}")]
    Broken {
        /// [`super::Format::title`].
        format: &'static str,
        /// Where and how, without content.
        why: String,
    },
    /// It ends before its end.
    #[error("this {format} is cut short: it ends in the middle")]
    Truncated {
        /// [`super::Format::title`].
        format: &'static str,
    },
    /// It is of a version that nobody here knows.
    #[error("this {format} is of version {version}, which this program does not know")]
    UnknownVersion {
        /// [`super::Format::title`].
        format: &'static str,
        /// The version it names.
        version: String,
    },
    /// It was written by a run that failed, and so does not tell everything.
    #[error("this {format} was written by a run that failed: {why}")]
    Errored {
        /// [`super::Format::title`].
        format: &'static str,
        /// What says so.
        why: String,
    },
}

impl ReadError {
    /// What to do about it, in one sentence.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::NotAPlan { .. } => {
                "make one with `terraform show -json plan.bin`, `pulumi preview --json`, `cdk synth`, or name a \
                 CloudFormation template or change set"
            }
            Self::Broken { .. } | Self::Truncated { .. } => "write the file anew with the tool it comes from",
            Self::UnknownVersion { .. } => {
                "use a version of this program that knows it, or an older version of the tool"
            }
            Self::Errored { .. } => "mend what the run complains of, then write the file anew",
        }
    }
}
