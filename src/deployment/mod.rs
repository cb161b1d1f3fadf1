//! What somebody is about to deploy, read from the file that their tool wrote of it.
//!
//! Pure: a reader is given the bytes of a file and gives a [`Deployment`], whatever the tool. Needs
//! ([`crate::needs`]) and checks (`crate::preflight`) are made from that, and know no format.
//!
//! Plans hold secrets in plain text. A reader keeps the attributes that a need or a check asks for and
//! drops the rest; what the tool marks as sensitive becomes [`Value::Secret`], and no [`Value`] prints
//! its text.

mod attributes;
pub mod aws_types;
pub mod cdk_out;
pub mod cfn_change_set;
pub mod cfn_template;
mod demand;
pub mod file;
pub mod input;
mod json;
mod makers;
mod perhaps;
pub mod places;
pub mod pulumi_events;
pub mod pulumi_preview;
pub mod pulumi_project;
pub mod terraform_log;
pub mod terraform_plan;
#[cfg(test)]
pub(crate) mod testing;
pub mod types;
pub mod unresolved;
pub mod yaml;

pub use crate::model::deployment::{
    ACCOUNTS, Certainty, Change, DEPENDENCIES, Deployment, Format, Item, ORDER_OF_REPLACEMENTS, ReplaceOrder,
    Uncounted, Weight,
};
pub use crate::model::value::{self, Value};
pub use attributes::NAME_PREFIX;
pub use cfn_template::{GAP, STACK_NAME};
pub use input::{Alone, Beside, Input, ReadError};
pub use terraform_plan::ADDON_VERSIONS;
