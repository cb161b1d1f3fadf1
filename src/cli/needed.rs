//! What is needed in all: takes what `--need` says and the deployments that `--for` names, and gives `quota` and
//! `apply` the needs.

use std::collections::BTreeSet;

use super::assess::{self, Allowed};
use super::failure::Failure;
use super::survey::Survey;
use crate::deployment::Deployment;
use crate::model::{Catalog, Region};
use crate::needs::{self, Need};

/// Whether each `--need` can be understood; where its place is, is seen later.
pub(super) fn check(typed: &[String], catalog: Catalog) -> Result<(), Failure> {
    for text in typed {
        match needs::typed(text, catalog, &[].into()) {
            Ok(_) | Err(needs::TypedError::Region(_)) => {}
            Err(error) => return Err(misread(&error, catalog)),
        }
    }
    Ok(())
}

fn misread(error: &needs::TypedError, catalog: Catalog) -> Failure {
    Failure::usage(error.to_string()).hint(error.remedy(catalog))
}

/// All that is needed, of `--need`, which may mean these regions, and of the files.
pub(super) fn all(
    typed: &[String],
    regions: &BTreeSet<Region>,
    survey: &Survey,
    deployments: &[Deployment],
    allowed: &Allowed,
) -> Result<Vec<Need>, Failure> {
    let mut all = assess::needs_of(deployments, survey, allowed)?;
    for text in typed {
        let typed = needs::typed(text, survey.catalog, regions)
            // A file may be for other regions as well, which a need may name too.
            .or_else(|_| needs::typed(text, survey.catalog, &survey.inventory.regions));
        all.extend(typed.map_err(|error| misread(&error, survey.catalog))?);
    }
    Ok(needs::together(all))
}
