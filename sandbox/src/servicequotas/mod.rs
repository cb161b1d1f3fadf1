//! Service Quotas over AWS JSON 1.1: what it tells of the account's quotas, which all services enforce.
//!
//! <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/Welcome.html>

use serde_json::{Value, json};

use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx, Protocol};
use crate::quotas::table::{self, Row};
use crate::quotas::{HOME, Increase};
use crate::service::{Operation, Service};
use crate::world::World;

/// Service Quotas as the wire knows it.
pub(crate) const SERVICE: Service =
    Service { scope: "servicequotas", iam: "servicequotas", protocol: Protocol::Json, operation };

const OPERATIONS: &[(&str, Operation)] = &[
    ("GetAWSDefaultServiceQuota", get_default),
    ("GetRequestedServiceQuotaChange", get_requested),
    ("GetServiceQuota", get_applied),
    ("ListAWSDefaultServiceQuotas", list_defaults),
    ("ListServiceQuotas", list_applied),
    ("ListServices", list_services),
    ("RequestServiceQuotaIncrease", request_increase),
];

fn operation(action: &str) -> Option<Operation> {
    OPERATIONS.iter().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}

/// The largest page, and the page of a call that names no size; the member `MaxResults` of
/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html>.
const PAGE: u64 = 100;

// The refusals: the lists of errors of the operations' pages, such as
// https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html#API_GetServiceQuota_Errors

fn no_service() -> AwsError {
    let text = "The request failed because the specified service does not exist.";
    AwsError::new("NoSuchResourceException", text)
}

fn no_quota() -> AwsError {
    let text = "The request failed because the specified quota does not exist.";
    AwsError::new("NoSuchResourceException", text)
}

fn illegal(text: impl Into<String>) -> AwsError {
    AwsError::new("IllegalArgumentException", text)
}

fn required<'a>(ctx: &'a Ctx, name: &str) -> AwsResult<&'a str> {
    let given = ctx.json.get(name).and_then(Value::as_str);
    given.ok_or_else(|| AwsError::constraint("ValidationException", name, None, "not be null"))
}

/// The rows of a service that are told in this region.
fn rows_of(ctx: &Ctx, service: &str) -> AwsResult<Vec<Row>> {
    let all = table::rows().into_iter().filter(|row| row.service == service);
    let here: Vec<Row> = all.filter(|row| !row.global || ctx.region == HOME).collect();
    if here.is_empty() { Err(no_service()) } else { Ok(here) }
}

/// The row that `ServiceCode` and `QuotaCode` name.
fn row_of(ctx: &Ctx) -> AwsResult<Row> {
    let rows = rows_of(ctx, required(ctx, "ServiceCode")?)?;
    let code = required(ctx, "QuotaCode")?;
    rows.into_iter().find(|row| row.code == code).ok_or_else(no_quota)
}

/// What Service Quotas tells as the applied value.
fn applied(world: &World, ctx: &Ctx, row: &Row) -> Option<f64> {
    let applied = world.quotas.applied(&ctx.region, &row.code);
    applied.or_else(|| world.quotas.told_by_default.then_some(row.default))
}

/// A quota as
/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ServiceQuota.html> has it. The
/// ARN of a default names no account.
fn told(ctx: &Ctx, account: &str, row: &Row, value: f64) -> Value {
    let name = table::SERVICES.iter().find(|(code, _)| *code == row.service).map_or("", |(_, name)| *name);
    let mut told = json!({
        "ServiceCode": row.service,
        "ServiceName": name,
        "QuotaArn": format!("arn:aws:servicequotas:{}:{account}:{}/{}", ctx.region, row.service, row.code),
        "QuotaCode": row.code,
        "QuotaName": row.name,
        "Value": value,
        "Unit": "None",
        "Adjustable": row.adjustable,
        "GlobalQuota": row.global,
        "QuotaAppliedAtLevel": "ACCOUNT",
    });
    if let Some(class) = row.usage_class {
        told["UsageMetric"] = json!({
            "MetricNamespace": "AWS/Usage",
            "MetricName": "ResourceCount",
            "MetricDimensions": { "Class": class, "Resource": "vCPU", "Service": "EC2", "Type": "Resource" },
            "MetricStatisticRecommendation": "Maximum",
        });
    }
    told
}

/// One page of rows; the token is the place of the next one.
fn page(ctx: &Ctx, field: &str, rows: Vec<Value>) -> AwsResult<Answer> {
    let size = match ctx.json.get("MaxResults").map(Value::as_u64) {
        None => PAGE,
        Some(Some(size @ 1..=PAGE)) => size,
        Some(_) => {
            let must = "have value between 1 and 100";
            return Err(AwsError::constraint("ValidationException", "MaxResults", None, must));
        }
    };
    let size = usize::try_from(size).unwrap_or_default();
    let start = match ctx.json.get("NextToken") {
        None => 0,
        Some(token) => token.as_str().and_then(|token| token.parse().ok()).ok_or_else(|| {
            AwsError::new("InvalidPaginationTokenException", "Invalid pagination token was provided.")
        })?,
    };
    let next = start + size;
    let more = rows.len() > next;
    let rows: Vec<Value> = rows.into_iter().skip(start).take(size).collect();
    let mut answer = json!({ field: rows });
    if more {
        answer["NextToken"] = json!(next.to_string());
    }
    Ok(answer.into())
}

/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServices.html>
fn list_services(_: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let rows = table::SERVICES.iter().map(|(code, name)| json!({ "ServiceCode": code, "ServiceName": name }));
    page(ctx, "Services", rows.collect())
}

/// "If the applied quota value is not available for a quota, the quota is not retrieved":
/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html>.
fn list_applied(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let rows = rows_of(ctx, required(ctx, "ServiceCode")?)?;
    let only = ctx.json.get("QuotaCode").and_then(Value::as_str);
    let told = rows
        .iter()
        .filter(|row| only.is_none_or(|only| row.code == only))
        .filter_map(|row| Some(told(ctx, &world.account, row, applied(world, ctx, row)?)))
        .collect();
    page(ctx, "Quotas", told)
}

/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListAWSDefaultServiceQuotas.html>
fn list_defaults(_: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let rows = rows_of(ctx, required(ctx, "ServiceCode")?)?;
    page(ctx, "Quotas", rows.iter().map(|row| told(ctx, "", row, row.default)).collect())
}

/// "For some quotas, only the default values are available": then there is no such resource.
/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html>
fn get_applied(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let row = row_of(ctx)?;
    let value = applied(world, ctx, &row).ok_or_else(no_quota)?;
    Ok(json!({ "Quota": told(ctx, &world.account, &row, value) }).into())
}

/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetAWSDefaultServiceQuota.html>
fn get_default(_: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let row = row_of(ctx)?;
    Ok(json!({ "Quota": told(ctx, "", &row, row.default) }).into())
}

/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_RequestServiceQuotaIncrease.html>
fn request_increase(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let row = row_of(ctx)?;
    let missing = || AwsError::constraint("ValidationException", "DesiredValue", None, "not be null");
    let desired = ctx.json.get("DesiredValue").and_then(Value::as_f64).ok_or_else(missing)?;
    if !row.adjustable {
        return Err(illegal("The quota is not adjustable"));
    }
    if desired <= world.quotas.applied(&ctx.region, &row.code).unwrap_or(row.default) {
        return Err(illegal("You must provide a quota value greater than the current quota value"));
    }
    let open = |asked: &Increase| !asked.granted && asked.region == ctx.region && asked.code == row.code;
    if world.quotas.requests.values().any(open) {
        let text = "Only one open service quota increase request is allowed per quota.";
        return Err(AwsError::new("ResourceAlreadyExistsException", text));
    }
    let id = world.ids.hex(32);
    let increase = Increase {
        service: row.service.to_owned(),
        code: row.code.clone(),
        region: ctx.region.clone(),
        desired,
        created: world.clock.now(),
        granted: false,
    };
    let answer = json!({ "RequestedQuota": told_request(world, &id, &increase) });
    world.quotas.requests.insert(id.clone(), increase);
    if let Some(delay) = world.quotas.grants_after {
        world.after(delay, move |world| grant(world, &id));
    }
    Ok(answer.into())
}

fn grant(world: &mut World, id: &str) {
    let Some(asked) = world.quotas.requests.get_mut(id) else { return };
    asked.granted = true;
    let Increase { region, code, desired, .. } = asked.clone();
    world.quotas.apply(&region, &code, desired);
}

/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetRequestedServiceQuotaChange.html>
fn get_requested(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = required(ctx, "RequestId")?;
    let here = |asked: &&Increase| asked.region == ctx.region;
    let asked = world.quotas.requests.get(id).filter(here).ok_or_else(|| {
        AwsError::new(
            "NoSuchResourceException",
            "The request failed because the specified request does not exist.",
        )
    })?;
    Ok(json!({ "RequestedQuota": told_request(world, id, asked) }).into())
}

/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_RequestedServiceQuotaChange.html>
fn told_request(world: &World, id: &str, asked: &Increase) -> Value {
    json!({
        "Id": id,
        "ServiceCode": asked.service,
        "QuotaCode": asked.code,
        "DesiredValue": asked.desired,
        "Status": if asked.granted { "APPROVED" } else { "PENDING" },
        "Created": asked.created.as_second(),
        "Requester": world.caller_arn,
        "QuotaRequestedAtLevel": "ACCOUNT",
    })
}

#[cfg(test)]
mod tests;
