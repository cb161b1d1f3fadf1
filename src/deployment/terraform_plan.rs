//! Reads what `terraform show -json plan.bin` prints, also OpenTofu's, into a deployment.
//!
//! <https://developer.hashicorp.com/terraform/internals/json-format>

mod addresses;
mod configuration;
mod document;
mod draft;
mod kin;
mod references;
mod regions;
#[cfg(test)]
mod tests;
mod unknowns;

use std::collections::BTreeSet;

use self::document::TerraformPlan;
use self::draft::Draft;
pub use self::references::ADDON_VERSIONS;
use self::references::References;
use self::regions::ProviderRegions;
use super::attributes::Attributes;
use super::places::account_named;
use super::{
    ACCOUNTS, Certainty, Change, DEPENDENCIES, Deployment, Format, Input, Item, ReadError, Uncounted, Weight,
    json,
};
use crate::model::AccountId;

const FORMAT: Format = Format::TerraformPlan;

/// Reads it. Items stand in the plan's order; an object that is left of an earlier replacement is an item
/// of its own (`… (deposed object 1800718f)`).
pub fn read(input: &Input<'_>) -> Result<Deployment, ReadError> {
    let mut plan: TerraformPlan = json::document(input.bytes, FORMAT)?;
    accept(&plan)?;
    let mut drafts = std::mem::take(&mut plan.resource_changes.0);
    let accounts = accounts(&plan, &drafts);
    let mut uncounted = uncounted(&plan);
    let references = References::new(&plan.configuration, &plan.variables, &mut drafts);
    let makers = makers(&plan, &drafts, &references);
    if accounts.len() > 1 {
        let all: Vec<&str> = accounts.iter().map(AccountId::as_str).collect();
        uncounted.push(Uncounted {
            what: format!("{ACCOUNTS}{}", all.join(", ")),
            why: "the plan works in all of them, and what it makes is counted as if it were one".to_owned(),
            // What is made in two of them may fit in the one that is looked at and not in the other.
            weight: if makers.len() > 1 { Weight::Open } else { Weight::Remark },
        });
    }
    let made = || drafts.iter().filter(|draft| draft.change.is_some_and(Change::makes));
    if made().next().is_some() && made().all(|draft| references.block(draft).is_none()) {
        uncounted.push(Uncounted {
            what: DEPENDENCIES.to_owned(),
            why: "the plan does not hold the configuration that it was made of".to_owned(),
            weight: Weight::Remark,
        });
    }
    let regions = ProviderRegions::new(&plan.configuration, &references, &drafts);
    let items = drafts.into_iter().map(|draft| item(draft, &references, &regions));
    let items = items.collect::<Result<Vec<_>, _>>()?;
    Ok(Deployment {
        source: input.source.to_owned(),
        format: FORMAT,
        stack: None,
        account: only(if accounts.len() == 1 { accounts.into_iter().map(Some).collect() } else { makers }),
        items,
        uncounted,
    })
}

/// Versions with a known major number are read, whatever they add: the format's own promise.
fn accept(plan: &TerraformPlan) -> Result<(), ReadError> {
    let major = plan.format_version.split('.').next().unwrap_or_default();
    if !matches!(major, "0" | "1") {
        let version: String =
            plan.format_version.chars().filter(|it| it.is_ascii_graphic()).take(20).collect();
        return Err(ReadError::UnknownVersion { format: FORMAT.title(), version });
    }
    if plan.errored {
        let why = "it says so itself (`errored`)".to_owned();
        return Err(ReadError::Errored { format: FORMAT.title(), why });
    }
    Ok(())
}

fn item(
    mut draft: Draft,
    references: &References<'_>,
    regions: &ProviderRegions<'_>,
) -> Result<Item, ReadError> {
    let Some(change) = draft.change else {
        let why = format!("the actions on `{}` are not known", draft.address);
        return Err(ReadError::Broken { format: FORMAT.title(), why });
    };
    let key = references.block(&draft).map(|block| block.provider_config_key.as_str());
    let attributes = Attributes::of(FORMAT, &draft.type_name, draft.row);
    references.complete(&mut draft, |own| attributes.name(own));
    let after = references.dependencies(&draft, regions.settings(key));
    let region = if draft.type_name.starts_with("aws") {
        draft.region.clone().or_else(|| regions.of(&draft, key)).or(draft.arn.0)
    } else {
        None
    };
    Ok(Item {
        address: draft.address,
        type_name: draft.type_name,
        kind: draft.row.map(|row| row.name()),
        change,
        certainty: Certainty::Certain,
        region: draft.row.map_or(region.clone(), |row| row.region(region)),
        properties: draft.properties,
        before: draft.before,
        after,
    })
}

fn only(accounts: BTreeSet<Option<AccountId>>) -> Option<AccountId> {
    if accounts.len() == 1 { accounts.into_iter().next().flatten() } else { None }
}

/// The accounts in which something is made or changed that counts; `None` for that of the environment.
fn makers(
    plan: &TerraformPlan,
    drafts: &[Draft],
    references: &References<'_>,
) -> BTreeSet<Option<AccountId>> {
    let changes = |draft: &&Draft| {
        draft.row.is_some() && draft.change.is_some_and(|it| it.makes() || it == Change::Update)
    };
    let account = |draft: &Draft| {
        let key = references.block(draft).map(|block| block.provider_config_key.as_str());
        let provider = key.and_then(|key| plan.configuration.provider_config.get(key));
        provider.and_then(|it| it.expressions.account.clone()).or_else(|| draft.arn.1.clone())
    };
    drafts.iter().filter(changes).map(account).collect()
}

fn accounts(plan: &TerraformPlan, drafts: &[Draft]) -> BTreeSet<AccountId> {
    let callers = plan.prior_state.iter().flat_map(|state| state.accounts()).filter_map(account_named);
    let providers = plan.configuration.provider_config.values();
    let set_up = providers.filter_map(|provider| provider.expressions.account.clone());
    callers.chain(set_up).chain(drafts.iter().filter_map(|draft| draft.arn.1.clone())).collect()
}

fn uncounted(plan: &TerraformPlan) -> Vec<Uncounted> {
    let open = |what: String, why: &str| Uncounted { what, why: why.to_owned(), weight: Weight::Open };
    let deferred = plan.deferred_changes.iter().filter_map(|it| it.resource_change.as_ref());
    let managed = deferred.filter(|it| it.mode != "data");
    let why = "Terraform puts it off until more is known, and so does not say how many there will be";
    let mut all: Vec<Uncounted> = managed.map(|it| open(it.address.clone(), why)).collect();
    if plan.complete == Some(false) && all.is_empty() {
        all.push(open(
            "what this plan leaves out".to_owned(),
            "the plan says that it is not complete (`-target`, or changes that were put off)",
        ));
    }
    all
}
