//! Who is asked right before steps are called whether they still hold: the run asks, the commands answer from a
//! fresh reading of the account, and a rehearsal says yes.

use std::collections::BTreeSet;

use async_trait::async_trait;

use crate::model::{AccountId, CloudError};
use crate::plan::StepId;
use crate::plan::again::{Ruling, Rulings};
use crate::plan::undo::Touched;

/// What a referee is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The steps it is asked about: all that are left, so that one reading serves those that become ready within its
    /// minute. Those of global things only if one of them is ready: before such a step every enabled region is read.
    pub left: BTreeSet<StepId>,
    /// What the run has done of its plan.
    pub touched: Touched,
}

/// What a referee says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What is said of each step. One that is missing was not seen.
    pub rulings: Rulings,
    /// How many listings it took, kind by kind and region by region.
    pub listings: usize,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// The credentials belong to this account, which is not the plan's.
    Account(AccountId),
    /// Nothing could be read.
    Cloud(CloudError),
}

/// Judges a plan again.
#[async_trait]
pub trait Referee: Send + Sync {
    /// Reads the account and judges what is left. Never asked twice at once.
    async fn judge(&self, asked: &Asked) -> Result<Answer, NoAnswer>;
}

/// Says yes to everything: for runs that change nothing, which the plan's own judgement is good enough for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Agrees;

#[async_trait]
impl Referee for Agrees {
    async fn judge(&self, asked: &Asked) -> Result<Answer, NoAnswer> {
        Ok(Answer { rulings: asked.left.iter().map(|step| (*step, Ruling::Go)).collect(), listings: 0 })
    }
}
