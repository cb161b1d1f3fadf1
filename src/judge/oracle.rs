//! What is known outside of AWS's descriptions: by a Terraform or Pulumi state, CloudFormation, earlier runs.
//!
//! The judge asks; who reads states and how they are proven reachable is not said here.

use jiff::Timestamp;

use crate::model::{Key, Resource};

/// An owner's answer about one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// It knows nothing of it. Not a proof of anything.
    Silent,
    /// It owns it. The sentence says so for people: `state s3://b/live owns it`.
    Owns(String),
    /// The owner that the resource's marks name is known to be gone, or to have let go of it
    /// (a CloudFormation stack that is deleted or failed to delete).
    LetGo(String),
    /// The owner could not be read, is locked, encrypted or of an unknown version.
    Unreadable(String),
}

/// Somebody who may own resources.
pub trait Oracle {
    /// What it knows of this resource, which belongs to this stack.
    fn ask(&self, resource: &Resource, stack: Option<&str>) -> Word;

    /// When an earlier run first saw this resource: its age where nothing else tells it.
    fn first_seen(&self, _: &Key) -> Option<Timestamp> {
        None
    }
}

/// Nobody was asked: the answer to everything is [`Word::Silent`].
#[derive(Debug, Clone, Copy)]
pub struct NoOracle;

impl Oracle for NoOracle {
    fn ask(&self, _: &Resource, _: Option<&str>) -> Word {
        Word::Silent
    }
}
