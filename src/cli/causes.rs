//! Why AWS refused: after a run, one more look at the account for what stands in the way of what could not be deleted.
//! From the place and the survey that was planned by, to the failed lines of the run's summary.
//!
//! AWS names no culprit, and the plan knew of none, or the step would not have been tried.

use super::connect::Place;
use super::shell::Shell;
use super::survey::Survey;
use crate::journal::RunSummary;
use crate::model::{Key, few};
use crate::report::explain_path::Holders;

/// Tells of each refused deletion what holds the thing now, or that nothing does of all that is read.
pub(super) async fn find(shell: &Shell<'_>, place: &Place, survey: &Survey, summary: &mut RunSummary) {
    if !summary.failed.iter().any(|failed| failed.refused) {
        return;
    }
    let fresh = match survey.again(shell, place).await {
        Ok(fresh) => fresh,
        Err(error) => {
            shell.warn(&format!("what blocks it could not be looked for: {}", error.message));
            return;
        }
    };
    let view = fresh.view();
    let holders = Holders::of(&view);
    for failed in summary.failed.iter_mut().filter(|failed| failed.refused) {
        let is = |key: &&Key| key.kind == failed.kind && key.id == failed.id;
        let Some(key) = view.inventory.resources.keys().find(is) else {
            failed.cause = Some("it is gone by now".to_owned());
            continue;
        };
        let path = holders.holding(key);
        failed.cause = Some(match path.is_empty() {
            true => nothing_known(&fresh),
            false => {
                failed.blocked_by = path.iter().map(Key::to_string).collect();
                let told: Vec<String> = path.iter().map(|key| holders.told(key)).collect();
                format!("what holds it now: {}", told.join(", which is held by "))
            }
        });
    }
}

/// That nothing which is read holds it, with what was not read.
fn nothing_known(survey: &Survey) -> String {
    let gaps: Vec<String> =
        survey.inventory.gaps.iter().map(|gap| format!("{} of {}", gap.kind, gap.region)).collect();
    match gaps.is_empty() {
        true => "nothing of a kind that is read holds it: look in its console page for what else is there"
            .to_owned(),
        false => {
            format!("nothing that was read holds it; not read: {}", few(gaps.iter().map(String::as_str), 5))
        }
    }
}
