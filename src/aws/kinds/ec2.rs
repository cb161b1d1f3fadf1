//! What EC2's kinds have in common beside `ec2_resource`: filters of a size EC2 takes, guards.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, OperatorResponse, UnsuccessfulItem};

use crate::aws::error::classify;
use crate::aws::shapes::filter;
use crate::model::{CloudError, ErrorClass, Guard, GuardRule, Resource};

/// EC2 answers `FilterLimitExceeded` to a request with more than 200 filter values.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
pub(super) const FILTER_VALUES: usize = 200;

/// EC2's largest page. Sent always: an unpaged describe draws from a smaller bucket.
/// <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>
pub(super) const PAGE: i32 = 1000;

/// Filters by these ids, each small enough for one request. A filter leaves out what is gone,
/// where a list of ids would fail the whole call.
fn filters(name: &str, ids: &[String]) -> Vec<Filter> {
    ids.chunks(FILTER_VALUES).map(|chunk| filter(name, chunk)).collect()
}

/// What a kind's own describe shows of these ids, by the filter of this name.
pub(super) async fn looked_up<F>(
    name: &str,
    ids: &[String],
    describe: impl Fn(Filter) -> F,
) -> Result<Vec<Resource>, CloudError>
where
    F: Future<Output = Result<Vec<Resource>, CloudError>>,
{
    let mut found = Vec::new();
    for filter in filters(name, ids) {
        found.extend(describe(filter).await?);
    }
    Ok(found)
}

/// Adds a guard.
pub(super) fn guard(resource: &mut Resource, rule: GuardRule, why: impl Into<String>) {
    resource.guards.insert(Guard { rule, why: why.into() });
}

/// Adds a fact, if there is one.
pub(super) fn fact(resource: &mut Resource, name: &str, value: Option<impl Into<String>>) {
    if let Some(value) = value {
        resource.facts.insert(name.to_owned(), value.into());
    }
}

/// A thing that an AWS service operates for the account (EKS Auto CallMode's nodes) is that service's to remove.
pub(super) fn guard_operated(resource: &mut Resource, operator: Option<&OperatorResponse>) {
    if let Some(operator) = operator.filter(|it| it.managed() == Some(true)) {
        let who = operator.principal().unwrap_or("an AWS service");
        guard(resource, GuardRule::UnknownMaker, format!("{who} operates it and must remove it"));
    }
}

/// Whether a refused call for several may owe its refusal to one of them, so that each is to be tried alone.
/// What is wrong with the caller or the service is wrong for all.
pub(super) fn may_be_ones_fault(error: &CloudError) -> bool {
    match error.class {
        ErrorClass::Gone | ErrorClass::NotYet | ErrorClass::Protected | ErrorClass::Refused => true,
        ErrorClass::Throttled
        | ErrorClass::Denied
        | ErrorClass::Transient
        | ErrorClass::Credentials
        | ErrorClass::Unserved => false,
    }
}

/// Whose deletion failed, of these. A failure that names nobody counts for all that none names.
pub(super) fn by_id(api: &str, ids: &[String], failures: &[UnsuccessfulItem]) -> Vec<Result<(), CloudError>> {
    let mut named: BTreeMap<&str, CloudError> = BTreeMap::new();
    let mut nobodys = None;
    for failure in failures {
        let code = failure.error().and_then(|error| error.code()).unwrap_or("Unsuccessful");
        let message = failure.error().and_then(|error| error.message()).unwrap_or("no message");
        let error = CloudError {
            class: classify(api, code, message),
            api: api.to_owned(),
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: None,
        };
        match failure.resource_id().filter(|id| !id.is_empty()) {
            Some(id) => _ = named.insert(id, error),
            None => nobodys = Some(error),
        }
    }
    ids.iter()
        .map(|id| match named.get(id.as_str()).or(nobodys.as_ref()) {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_never_holds_more_values_than_ec2_takes() {
        let ids: Vec<String> = (0..450).map(|n| format!("vpc-{n}")).collect();
        let sizes: Vec<usize> = filters("vpc-id", &ids).iter().map(|it| it.values().len()).collect();
        assert_eq!(sizes, [200, 200, 50]);
        assert!(filters("vpc-id", &[]).is_empty());
    }

    #[test]
    fn times_keep_their_fractions() {
        let there = aws_smithy_types::DateTime::from_secs_and_nanos(1_700_000_000, 500_000_000);
        assert_eq!(crate::aws::shapes::timestamp(&there).unwrap().to_string(), "2023-11-14T22:13:20.5Z");
    }
}
