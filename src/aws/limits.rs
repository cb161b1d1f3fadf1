//! What AWS allows: Service Quotas, and the services' own account limits where those tell it better.
//!
//! Which quotas are read follows from the catalog. Service Quotas lists what is applied to the account;
//! what it leaves out there is as AWS gives it to everybody, and stands in another listing, which is read
//! only then. A quota that neither tells stays unknown.
//!
//! <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html>
//!
//! # Calls
//!
//! Of one region: the listings of `ebs`, `eks`, `logs` and `vpc` are a page each and that of `ec2` two or
//! three, at a hundred rows to the page; load balancing and Auto Scaling tell their limits in a call each.
//! Of the account: IAM's listing and its summary. That is 11. Where each listing leaves something out, as
//! in an account to which nothing was applied, the defaults are read as well, 8 pages more: 19 at most.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_servicequotas::types::{AppliedLevelEnum, ServiceQuota};
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};

use super::account_limits::{self, tells};
use super::clients::Aws;
use super::shapes::told;
use crate::model::{Catalog, CloudError, ErrorClass, QuotaUse, Region, Scope};
use crate::quota::{Limit, LimitGap, Limits, Origin};

/// The largest page of Service Quotas.
const PAGE: i32 = 100;

/// Numbers up to this one are whole in a float: 2^53.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// What one source told of some quotas.
#[derive(Debug, Default)]
pub(super) struct SourceAnswer {
    /// The service, by its code in Service Quotas.
    pub(super) service: &'static str,
    /// The quotas that it was asked for, by short name.
    pub(super) asked: BTreeSet<&'static str>,
    /// The limits, by the quota's short name.
    pub(super) limits: BTreeMap<&'static str, Limit>,
    /// What AWS says is used, by the quota's short name.
    pub(super) used: BTreeMap<&'static str, u64>,
    /// What went wrong.
    pub(super) error: Option<String>,
}

impl SourceAnswer {
    /// Nothing yet of these quotas.
    pub(super) fn nothing(service: &'static str, quotas: &[&'static QuotaUse]) -> Self {
        Self { service, asked: quotas.iter().map(|quota| quota.name).collect(), ..Self::default() }
    }

    /// The same, which could not be read.
    pub(super) fn failed(mut self, error: &CloudError) -> Self {
        self.error = Some(error.to_string());
        self
    }
}

/// The limits of these places: regions, and the account as a whole as `global`.
pub(super) async fn read(places: &[Aws], catalog: Catalog) -> Limits {
    let mut limits = Limits::default();
    for (region, answers) in join_all(places.iter().map(|aws| of_place(aws, catalog))).await {
        add(&mut limits, &region, answers);
        for quota in wanted(catalog, &region) {
            let Some(value) = quota.documented else { continue };
            let limit = Limit { value, origin: Origin::Documented, adjustable: None };
            limits.limits.entry((region.clone(), quota.name.to_owned())).or_insert(limit);
        }
    }
    limits
}

/// The answer when nothing could be asked at all.
pub(super) fn nothing_read(regions: &BTreeSet<Region>, error: &CloudError) -> Limits {
    let gap = |region: Region| LimitGap { region, service: "sts".to_owned(), error: error.to_string() };
    Limits { gaps: regions.iter().cloned().chain([Region::global()]).map(gap).collect(), ..Limits::default() }
}

/// The quotas that count in this place, each once.
fn wanted(catalog: Catalog, region: &Region) -> Vec<&'static QuotaUse> {
    let mut names = BTreeSet::new();
    let here = catalog.quotas().filter(|(spec, _)| (spec.scope == Scope::Global) == region.is_global());
    here.map(|(_, quota)| quota).filter(|quota| names.insert(quota.name)).collect()
}

/// Everything that is asked in one place, side by side.
async fn of_place(aws: &Aws, catalog: Catalog) -> (Region, Vec<SourceAnswer>) {
    let wanted = wanted(catalog, &aws.site.region);
    let mut listings: BTreeMap<&str, Vec<&QuotaUse>> = BTreeMap::new();
    // What a service tells of itself is not listed, but for IAM's: its summary does not tell all.
    for quota in wanted.iter().filter(|quota| quota.code.is_some()) {
        if !tells(quota) || quota.service == "iam" {
            listings.entry(quota.service).or_default().push(quota);
        }
    }
    let mut questions: Vec<BoxFuture<'_, SourceAnswer>> = account_limits::questions(aws, &wanted);
    for (service, quotas) in listings {
        questions.push(listed(aws, service, quotas).boxed());
    }
    (aws.site.region.clone(), join_all(questions).await)
}

/// Puts together what the sources of one place told. What a service says of itself goes before Service
/// Quotas; what could not be read is a gap if it leaves a limit unknown.
fn add(limits: &mut Limits, region: &Region, answers: Vec<SourceAnswer>) {
    let key = |name: &str| (region.clone(), name.to_owned());
    for answer in &answers {
        for (name, new) in &answer.limits {
            let old = limits.limits.get(&key(name));
            let mut limit = *new;
            if let Some(old) = old {
                let first = if new.origin == Origin::Account { new } else { old };
                limit = Limit { adjustable: new.adjustable.or(old.adjustable), ..*first };
            }
            limits.limits.insert(key(name), limit);
        }
        limits.used.extend(answer.used.iter().map(|(name, used)| (key(name), *used)));
    }
    let mut errors: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for answer in answers {
        let lacking = answer.asked.iter().any(|name| !limits.limits.contains_key(&key(name)));
        if let (Some(error), true) = (answer.error, lacking) {
            errors.entry(answer.service).or_default().push(error);
        }
    }
    limits.gaps.extend(errors.into_iter().map(|(service, errors)| LimitGap {
        region: region.clone(),
        service: service.to_owned(),
        error: errors.join("; "),
    }));
}

/// What Service Quotas lists of one service, and what else tells it where that fails.
async fn listed(aws: &Aws, service: &'static str, quotas: Vec<&'static QuotaUse>) -> SourceAnswer {
    let mut answer = of_listings(aws, service, &quotas).await;
    if answer.error.is_some() {
        account_limits::add_attributes(aws, &quotas, &mut answer).await;
    }
    answer
}

/// What is applied, and the defaults of what is not.
async fn of_listings(aws: &Aws, service: &'static str, quotas: &[&'static QuotaUse]) -> SourceAnswer {
    let mut answer = SourceAnswer::nothing(service, quotas);
    let mut unreadable = BTreeSet::new();
    match applied(aws, service).await {
        Ok(rows) => take(&mut answer, &mut unreadable, quotas, &rows, Origin::Applied),
        // Nothing was applied of this service, or it is none of this region's: the defaults will tell.
        Err(error) if error.class == ErrorClass::Gone => {}
        Err(error) => return answer.failed(&error),
    }
    let known = |quota: &QuotaUse| answer.limits.contains_key(quota.name) || unreadable.contains(quota.name);
    if quotas.iter().all(|quota| known(quota)) {
        return answer;
    }
    match defaults(aws, service).await {
        Ok(rows) => take(&mut answer, &mut unreadable, quotas, &rows, Origin::Default),
        Err(error) => return answer.failed(&error),
    }
    answer
}

async fn applied(aws: &Aws, service: &str) -> Result<Vec<ServiceQuota>, CloudError> {
    let api = "servicequotas:ListServiceQuotas";
    let call = aws.quotas.list_service_quotas().service_code(service).max_results(PAGE);
    let send = |token| call.clone().set_next_token(token).send();
    let mut rows = Vec::new();
    for page in aws.pages(api, send, |page| page.next_token()).await? {
        rows.extend(told(api, page.quotas)?);
    }
    Ok(rows)
}

async fn defaults(aws: &Aws, service: &str) -> Result<Vec<ServiceQuota>, CloudError> {
    let api = "servicequotas:ListAWSDefaultServiceQuotas";
    let call = aws.quotas.list_aws_default_service_quotas().service_code(service).max_results(PAGE);
    let send = |token| call.clone().set_next_token(token).send();
    let mut rows = Vec::new();
    for page in aws.pages(api, send, |page| page.next_token()).await? {
        rows.extend(told(api, page.quotas)?);
    }
    Ok(rows)
}

/// Takes the limits of these quotas from a listing. A row that says that its value could not be read, and
/// one whose value makes no sense, tells nothing; its default would not be what is applied.
fn take(
    answer: &mut SourceAnswer,
    unreadable: &mut BTreeSet<&'static str>,
    quotas: &[&'static QuotaUse],
    rows: &[ServiceQuota],
    origin: Origin,
) {
    // A value that was applied to one resource alone is not the account's.
    let of_account = |row: &&ServiceQuota| row.quota_applied_at_level() != Some(&AppliedLevelEnum::Resource);
    let by_code: BTreeMap<&str, &ServiceQuota> =
        rows.iter().filter(of_account).filter_map(|row| Some((row.quota_code()?, row))).collect();
    for quota in quotas {
        let Some(row) = quota.code.and_then(|code| by_code.get(code)) else { continue };
        if answer.limits.contains_key(quota.name) || unreadable.contains(quota.name) {
            continue;
        }
        match value_of(row, quota) {
            Ok(value) => {
                let limit = Limit { value, origin, adjustable: Some(row.adjustable()) };
                answer.limits.insert(quota.name, limit);
            }
            Err(why) => {
                unreadable.insert(quota.name);
                answer.error =
                    Some(format!("Service Quotas does not tell {} of {}: {why}", quota.name, row_name(row)));
            }
        }
    }
}

/// The value of a row in the quota's own unit.
fn value_of(row: &ServiceQuota, quota: &QuotaUse) -> Result<u64, String> {
    if let Some(error) = row.error_reason() {
        let code = error.error_code().map_or("no code", |code| code.as_str());
        return Err(format!("{code}: {}", error.error_message().unwrap_or("no message")));
    }
    let value = row.value().ok_or("it has no value")?;
    let whole = value >= 0.0 && value.fract() == 0.0 && value <= LARGEST;
    // Checked to be whole and in range: nothing is lost.
    let units = whole.then_some(value as u64).and_then(|value| value.checked_mul(quota.unit.factor()));
    units.ok_or_else(|| format!("its value {value} is no whole number"))
}

fn row_name(row: &ServiceQuota) -> &str {
    row.quota_name().or(row.quota_code()).unwrap_or("a quota")
}

#[cfg(test)]
mod tests;
