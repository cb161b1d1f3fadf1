//! `apply FILE`: takes a saved plan and a fresh scan of its account, narrows the plan to what still holds, and
//! hands that to `begin`.

use std::collections::BTreeSet;
use std::path::Path;

use super::{ApplyArgs, NotBegun, begin, nothing, reaching, refuse_account, refuse_selection, request, show};
use crate::cli::args::AwsArgs;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::run::Start;
use crate::cli::shell::Shell;
use crate::cli::survey::{self, Criteria, Survey};
use crate::cli::{connect, core, states};
use crate::model::Region;
use crate::plan::file::PlanFile;
use crate::plan::undo::Touched;
use crate::policy::Policy;
use crate::session::Backend;

/// A saved plan: what it says, less what changed since.
pub(super) async fn saved(
    args: &ApplyArgs,
    path: &Path,
    bounds: Policy,
    shell: &Shell<'_>,
    backend: &dyn Backend,
) -> Result<Exit, Failure> {
    refuse_selection(&args.selection)?;
    let file = core::read_plan(path)?;
    let policy = file.policy.clone().merge(bounds).map_err(|error| Failure::usage(error.to_string()))?;
    let selector = survey::selector(&policy, &backend.catalog())?;
    core::caps(&file, &policy)?;
    refuse_regions(&args.aws, &file)?;
    core::check_applicable(&file, &file.account, shell.environment.now, path)?;
    refuse_account(&args.aws, &file)?;
    let aws = reaching(&args.aws, &file);
    let expected = Policy { account: Some(file.account.as_str().to_owned()), ..Policy::default() };
    let place = connect::connect(shell, backend, &aws, &expected).await?;
    let reading = place.scan(shell, &request(&file)).await?;
    core::check_applicable(&file, &place.caller.account, shell.environment.now, path)?;
    let criteria = Criteria { policy, selector, catalog: backend.catalog() };
    let mut survey = Survey::live(reading, criteria, &place, place.when(shell)).await?;
    states::tell(shell, &survey.inventory.states);
    let narrowed = core::narrow(&file, &Touched::new(), &mut survey)?;
    show(shell, &narrowed.file, &survey, args.output.output)?;
    tell_left_out(shell, &narrowed);
    let start = Start { file: narrowed.file, left_out: narrowed.left_out, unclear: false, goal: None };
    if start.file.steps.is_empty() {
        return nothing(args.output.output, shell, &start, &survey, NotBegun::Nothing(Exit::Done));
    }
    begin(args, shell, &place, survey, start).await
}

fn refuse_regions(aws: &AwsArgs, file: &PlanFile) -> Result<(), Failure> {
    let planned: Vec<&str> = file.regions.iter().map(Region::as_str).collect();
    match aws.region.iter().find(|name| *name != "all" && !planned.contains(&name.as_str())) {
        Some(other) => {
            Err(Failure::refused(format!("the plan is for {} and not for {other}", planned.join(", ")))
                .hint("leave --region away, or make a plan for that region"))
        }
        None => Ok(()),
    }
}

/// Says what of a plan is gone already, and what does not hold any more.
pub(super) fn tell_left_out(shell: &Shell<'_>, narrowed: &core::NarrowedFile) {
    if narrowed.gone > 0 {
        shell.say(&format!(
            "Gone already: {} of the saved plan",
            crate::report::count(narrowed.gone, "resource")
        ));
    }
    let mut said = BTreeSet::new();
    for left in &narrowed.left_out {
        if said.insert((&left.resource, &left.why)) {
            shell.warn(&format!("left out: {}: {}", left.resource, left.why));
        }
    }
}
