//! `iam-policy`: prints the least privilege that a command needs, as the catalog tells it. Calls nothing.

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::failure::Failure;
use super::shell::Shell;
use crate::report::iam::{self, PolicyFor};
use crate::report::json;
use crate::session::Backend;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum For {
    /// scan, plan, explain, graph: read only
    Scan,
    /// apply: the same, and what deletes and cuts
    Apply,
    /// quota: what scan reads, and what AWS allows
    Quota,
    /// preflight: what quota reads, and what EKS supports and KMS has named
    Preflight,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aws-janitor iam-policy --for scan > scan.json
  aws iam create-policy --policy-name janitor-apply --policy-document \"$(aws-janitor iam-policy --for apply)\"")]
pub(super) struct IamPolicyArgs {
    /// What it is to allow
    #[arg(long = "for", value_name = "COMMAND", value_enum)]
    need: For,
}

pub(super) fn run(args: &IamPolicyArgs, shell: &Shell<'_>, backend: &dyn Backend) -> Result<Exit, Failure> {
    let need = match args.need {
        For::Scan => PolicyFor::Scan,
        For::Apply => PolicyFor::Apply,
        For::Quota => PolicyFor::Quota,
        For::Preflight => PolicyFor::Preflight,
    };
    let document = iam::document(need, &backend.catalog());
    let text = json::text(&document).map_err(|error| Failure::error(error.to_string()))?;
    shell.data(&text)?;
    Ok(Exit::Done)
}
