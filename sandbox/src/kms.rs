//! KMS over AWS JSON 1.1: keys and their aliases. Nothing is encrypted.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::error::{AwsError, AwsResult};
use crate::protocol::{Answer, Ctx, Protocol};
use crate::quotas::table;
use crate::service::{Operation, Service};
use crate::stores::kms::{Alias, Key, arn};
use crate::world::World;

/// KMS as the wire knows it.
pub(crate) const SERVICE: Service = Service { scope: "kms", iam: "kms", protocol: Protocol::Json, operation };

/// Aliases that AWS has defined in every account. Their keys are made at the first use, which nothing here
/// is, so they name none: <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html>.
const PREDEFINED: &[&str] = &[
    "alias/aws/acm",
    "alias/aws/dynamodb",
    "alias/aws/ebs",
    "alias/aws/elasticfilesystem",
    "alias/aws/lambda",
    "alias/aws/rds",
    "alias/aws/s3",
    "alias/aws/secretsmanager",
    "alias/aws/ssm",
];

const OPERATIONS: &[(&str, Operation)] = &[
    ("CancelKeyDeletion", cancel_key_deletion),
    ("CreateAlias", create_alias),
    ("CreateKey", create_key),
    ("DeleteAlias", delete_alias),
    ("DescribeKey", describe_key),
    ("ListAliases", list_aliases),
    ("ListKeys", list_keys),
    ("ListResourceTags", list_resource_tags),
    ("ScheduleKeyDeletion", schedule_key_deletion),
];

fn operation(action: &str) -> Option<Operation> {
    OPERATIONS.iter().find(|(name, _)| *name == action).map(|(_, operation)| *operation)
}

fn text<'a>(input: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn required<'a>(ctx: &'a Ctx, name: &str) -> AwsResult<&'a str> {
    text(&ctx.json, name)
        .ok_or_else(|| AwsError::constraint("ValidationException", name, None, "not be null"))
}

fn not_found(what: impl std::fmt::Display) -> AwsError {
    AwsError::new("NotFoundException", format!("{what} is not found."))
}

/// The id of the key that `KeyId` means: a key's id or ARN, and where `by_alias` permits it an alias' name or
/// ARN. <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>
fn key_of(world: &mut World, ctx: &Ctx, name: &str, by_alias: bool) -> AwsResult<String> {
    let given = required(ctx, name)?;
    let front = arn(&ctx.region, &world.account, "");
    let own = given.strip_prefix(&front).unwrap_or(given);
    let kms = &world.region(&ctx.region).kms;
    let id = if own.starts_with("alias/") {
        let full = format!("{front}{own}");
        let alias = kms.aliases.get(own).filter(|_| by_alias);
        alias.map(|alias| alias.key.as_str()).ok_or_else(|| not_found(format!("Alias {full}")))?
    } else {
        own.strip_prefix("key/").unwrap_or(own)
    };
    if kms.keys.contains_key(id) {
        return Ok(id.to_owned());
    }
    Err(not_found(format!("Key '{front}key/{id}'")))
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html>
fn create_key(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let most = world.quotas.limit(&ctx.region, table::KEYS);
    if world.region(&ctx.region).kms.keys.len() >= most {
        return Err(AwsError::new("LimitExceededException", "You have reached the limit of KMS keys."));
    }
    let tags = ctx.json.get("Tags").and_then(Value::as_array).into_iter().flatten();
    let tags = tags.filter_map(|tag| {
        Some((tag["TagKey"].as_str()?.to_owned(), tag["TagValue"].as_str().unwrap_or_default().to_owned()))
    });
    let key = Key {
        created: world.clock.now(),
        description: text(&ctx.json, "Description").unwrap_or_default().to_owned(),
        deletion: None,
        tags: tags.collect(),
    };
    let id = world.ids.uuid();
    let answer = json!({ "KeyMetadata": metadata(&ctx.region, &world.account, &id, &key) });
    world.region(&ctx.region).kms.keys.insert(id, key);
    Ok(answer.into())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html>
fn metadata(region: &str, account: &str, id: &str, key: &Key) -> Value {
    let mut told = json!({
        "AWSAccountId": account,
        "KeyId": id,
        "Arn": arn(region, account, &format!("key/{id}")),
        "CreationDate": epoch(key.created),
        "Enabled": key.deletion.is_none(),
        "Description": key.description,
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": if key.deletion.is_none() { "Enabled" } else { "PendingDeletion" },
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": false,
    });
    if let Some(at) = key.deletion {
        told["DeletionDate"] = json!(epoch(at));
    }
    told
}

/// Timestamps are epoch seconds: <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>.
fn epoch(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

fn describe_key(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = key_of(world, ctx, "KeyId", true)?;
    let account = world.account.clone();
    let key = &world.region(&ctx.region).kms.keys[&id];
    Ok(json!({ "KeyMetadata": metadata(&ctx.region, &account, &id, key) }).into())
}

/// Names beginning with `alias/aws/` are AWS's own:
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html>.
fn create_alias(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = required(ctx, "AliasName")?.to_owned();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte);
    let rest = name.strip_prefix("alias/").unwrap_or_default();
    if rest.is_empty() || !rest.bytes().all(allowed) {
        return Err(AwsError::new("ValidationException", "Alias must start with the prefix \"alias/\"."));
    }
    if rest.starts_with("aws/") {
        let text = "Alias name cannot begin with the reserved prefix alias/aws/";
        return Err(AwsError::new("NotAuthorizedException", text));
    }
    let key = key_of(world, ctx, "TargetKeyId", false)?;
    let (now, full) = (world.clock.now(), arn(&ctx.region, &world.account, &name));
    let kms = &mut world.region(&ctx.region).kms;
    if kms.aliases.contains_key(&name) {
        let text = format!("An alias with the name {full} already exists");
        return Err(AwsError::new("AlreadyExistsException", text));
    }
    if kms.keys.get(&key).is_some_and(|key| key.deletion.is_some()) {
        return Err(pending(&full));
    }
    kms.aliases.insert(name, Alias { key, created: now });
    Ok(json!({}).into())
}

fn pending(what: &str) -> AwsError {
    AwsError::new("KMSInvalidStateException", format!("{what} is pending deletion."))
}

fn delete_alias(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let name = required(ctx, "AliasName")?;
    let full = arn(&ctx.region, &world.account, name);
    let gone = world.region(&ctx.region).kms.aliases.remove(name);
    gone.map(|_| json!({}).into()).ok_or_else(|| not_found(format!("Alias {full}")))
}

/// One page of rows by their names; the marker is the last name.
fn page(
    ctx: &Ctx,
    field: &str,
    rows: Vec<(String, Value)>,
    (usual, largest): (u64, u64),
) -> AwsResult<Answer> {
    let size = match ctx.json.get("Limit").map(Value::as_u64) {
        None => usual,
        Some(Some(size)) if (1..=largest).contains(&size) => size,
        Some(_) => {
            let must = format!("have value between 1 and {largest}");
            return Err(AwsError::constraint("ValidationException", "Limit", None, &must));
        }
    };
    let size = usize::try_from(size).unwrap_or_default();
    let after = text(&ctx.json, "Marker").unwrap_or_default();
    let start = rows.partition_point(|(name, _)| name.as_str() <= after);
    let truncated = rows.len() > start + size;
    let page: Vec<(String, Value)> = rows.into_iter().skip(start).take(size).collect();
    let last = page.last().map(|(name, _)| name.clone());
    let rows: Vec<Value> = page.into_iter().map(|(_, row)| row).collect();
    let mut answer = json!({ field: rows, "Truncated": truncated });
    if let Some(last) = last.filter(|_| truncated) {
        answer["NextMarker"] = json!(last);
    }
    Ok(answer.into())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html>: 50 a page if nothing is
/// asked, 100 at most; with `KeyId` those of one key.
fn list_aliases(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let only = match ctx.json.contains_key("KeyId") {
        true => Some(key_of(world, ctx, "KeyId", false)?),
        false => None,
    };
    let account = world.account.clone();
    let told = |name: &str| json!({ "AliasName": name, "AliasArn": arn(&ctx.region, &account, name) });
    let kms = &world.region(&ctx.region).kms;
    let mut rows: BTreeMap<String, Value> = BTreeMap::new();
    if only.is_none() {
        rows.extend(PREDEFINED.iter().map(|name| ((*name).to_owned(), told(name))));
    }
    for (name, alias) in &kms.aliases {
        if only.as_ref().is_none_or(|only| *only == alias.key) {
            let mut row = told(name);
            row["TargetKeyId"] = json!(alias.key);
            row["CreationDate"] = json!(epoch(alias.created));
            row["LastUpdatedDate"] = json!(epoch(alias.created));
            rows.insert(name.clone(), row);
        }
    }
    page(ctx, "Aliases", rows.into_iter().collect(), (50, 100))
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html>: 100 a page if nothing is asked,
/// 1000 at most.
fn list_keys(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let account = world.account.clone();
    let row =
        |id: &String| json!({ "KeyId": id, "KeyArn": arn(&ctx.region, &account, &format!("key/{id}")) });
    let keys = world.region(&ctx.region).kms.keys.keys();
    page(ctx, "Keys", keys.map(|id| (id.clone(), row(id))).collect(), (100, 1000))
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html>
fn list_resource_tags(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = key_of(world, ctx, "KeyId", false)?;
    let tags = world.region(&ctx.region).kms.keys[&id].tags.clone();
    let row = |(key, value): (&String, &String)| (key.clone(), json!({ "TagKey": key, "TagValue": value }));
    page(ctx, "Tags", tags.iter().map(row).collect(), (50, 50))
}

/// A key waits for 7 to 30 days before it goes, with its aliases:
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html>.
fn schedule_key_deletion(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = key_of(world, ctx, "KeyId", false)?;
    let days = match ctx.json.get("PendingWindowInDays").map(Value::as_u64) {
        None => 30,
        Some(Some(days @ 7..=30)) => days,
        Some(_) => {
            let must = "have value between 7 and 30";
            return Err(AwsError::constraint("ValidationException", "PendingWindowInDays", None, must));
        }
    };
    let wait = Duration::from_secs(days * 24 * 60 * 60);
    let at = world.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
    let full = arn(&ctx.region, &world.account, &format!("key/{id}"));
    let Some(key) = world.region(&ctx.region).kms.keys.get_mut(&id) else { return Err(not_found(full)) };
    if key.deletion.is_some() {
        return Err(pending(&full));
    }
    key.deletion = Some(at);
    let region = ctx.region.clone();
    world.after(wait, move |world| {
        let kms = &mut world.region(&region).kms;
        if kms.keys.get(&id).is_some_and(|key| key.deletion == Some(at)) {
            kms.keys.remove(&id);
            kms.aliases.retain(|_, alias| alias.key != id);
        }
    });
    Ok(json!({
        "KeyId": full,
        "DeletionDate": epoch(at),
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": days,
    })
    .into())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html>. The key is disabled
/// afterwards on AWS; here it is as before.
fn cancel_key_deletion(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let id = key_of(world, ctx, "KeyId", false)?;
    let full = arn(&ctx.region, &world.account, &format!("key/{id}"));
    let Some(key) = world.region(&ctx.region).kms.keys.get_mut(&id) else { return Err(not_found(full)) };
    if key.deletion.take().is_none() {
        return Err(AwsError::new("KMSInvalidStateException", format!("{full} is not pending deletion.")));
    }
    Ok(json!({ "KeyId": full }).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SimClock;

    fn world() -> World {
        World::new("111122223333", SimClock::new("2026-03-02T09:00:00Z".parse().unwrap(), 0.0))
    }

    fn call(world: &mut World, action: &str, input: Value) -> AwsResult<Value> {
        world.call_json("kms", "us-east-1", action, input)
    }

    fn key(world: &mut World) -> String {
        let told = call(world, "CreateKey", json!({ "Tags": [{ "TagKey": "a", "TagValue": "b" }] })).unwrap();
        told["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
    }

    fn code(outcome: AwsResult<Value>) -> String {
        outcome.unwrap_err().code
    }

    #[test]
    fn an_alias_is_made_once_and_names_its_key() {
        let mut world = world();
        let id = key(&mut world);
        let alias = json!({ "AliasName": "alias/shop", "TargetKeyId": id });
        call(&mut world, "CreateAlias", alias.clone()).unwrap();
        assert_eq!(code(call(&mut world, "CreateAlias", alias)), "AlreadyExistsException");
        for name in ["alias/shop", "arn:aws:kms:us-east-1:111122223333:alias/shop", &id] {
            let told = call(&mut world, "DescribeKey", json!({ "KeyId": name })).unwrap();
            assert_eq!(told["KeyMetadata"]["KeyId"], id.as_str());
            assert_eq!(told["KeyMetadata"]["KeyState"], "Enabled");
        }
        let tags = call(&mut world, "ListResourceTags", json!({ "KeyId": id })).unwrap();
        assert_eq!(tags["Tags"], json!([{ "TagKey": "a", "TagValue": "b" }]));
    }

    #[test]
    fn names_of_awss_and_unknown_keys_are_refused() {
        let mut world = world();
        let id = key(&mut world);
        for (name, key, refusal) in [
            ("alias/aws/shop", id.as_str(), "NotAuthorizedException"),
            ("shop", &id, "ValidationException"),
            ("alias/", &id, "ValidationException"),
            ("alias/shop", "00000000-0000-0000-0000-000000000000", "NotFoundException"),
        ] {
            let input = json!({ "AliasName": name, "TargetKeyId": key });
            assert_eq!(code(call(&mut world, "CreateAlias", input)), refusal, "{name}");
        }
        assert_eq!(
            code(call(&mut world, "DescribeKey", json!({ "KeyId": "alias/none" }))),
            "NotFoundException"
        );
    }

    #[test]
    fn aliases_are_listed_in_pages_with_those_of_aws_among_them() {
        let mut world = world();
        let id = key(&mut world);
        for number in 0..60 {
            let alias = json!({ "AliasName": format!("alias/shop-{number:02}"), "TargetKeyId": id });
            call(&mut world, "CreateAlias", alias).unwrap();
        }
        let first = call(&mut world, "ListAliases", json!({})).unwrap();
        assert_eq!(first["Aliases"].as_array().map(Vec::len), Some(50));
        assert_eq!(first["Truncated"], true);
        assert_eq!(first["Aliases"][0]["AliasName"], "alias/aws/acm");
        assert!(first["Aliases"][0].get("TargetKeyId").is_none());
        let rest = call(&mut world, "ListAliases", json!({ "Marker": first["NextMarker"] })).unwrap();
        assert_eq!(rest["Aliases"].as_array().map(Vec::len), Some(60 + PREDEFINED.len() - 50));
        assert_eq!((rest["Truncated"].as_bool(), rest.get("NextMarker")), (Some(false), None));
        let own = call(&mut world, "ListAliases", json!({ "KeyId": id, "Limit": 100 })).unwrap();
        assert_eq!(own["Aliases"].as_array().map(Vec::len), Some(60));
        assert_eq!(code(call(&mut world, "ListAliases", json!({ "Limit": 101 }))), "ValidationException");
    }

    #[test]
    fn a_key_waits_to_be_deleted_and_takes_its_aliases_along() {
        let mut world = world();
        let id = key(&mut world);
        call(&mut world, "CreateAlias", json!({ "AliasName": "alias/shop", "TargetKeyId": id })).unwrap();
        let soon = json!({ "KeyId": id, "PendingWindowInDays": 6 });
        assert_eq!(code(call(&mut world, "ScheduleKeyDeletion", soon)), "ValidationException");
        let week = json!({ "KeyId": id, "PendingWindowInDays": 7 });
        call(&mut world, "ScheduleKeyDeletion", week.clone()).unwrap();
        assert_eq!(code(call(&mut world, "ScheduleKeyDeletion", week)), "KMSInvalidStateException");
        let told = call(&mut world, "DescribeKey", json!({ "KeyId": id })).unwrap();
        assert_eq!(told["KeyMetadata"]["KeyState"], "PendingDeletion");
        let other = json!({ "AliasName": "alias/other", "TargetKeyId": id });
        assert_eq!(code(call(&mut world, "CreateAlias", other)), "KMSInvalidStateException");
        world.clock.skip(Duration::from_secs(7 * 24 * 60 * 60));
        assert_eq!(call(&mut world, "ListKeys", json!({})).unwrap()["Keys"], json!([]));
        assert!(world.region("us-east-1").kms.aliases.is_empty());
    }

    #[test]
    fn a_cancelled_deletion_does_not_happen() {
        let mut world = world();
        let id = key(&mut world);
        call(&mut world, "ScheduleKeyDeletion", json!({ "KeyId": id })).unwrap();
        call(&mut world, "CancelKeyDeletion", json!({ "KeyId": id })).unwrap();
        assert_eq!(
            code(call(&mut world, "CancelKeyDeletion", json!({ "KeyId": id }))),
            "KMSInvalidStateException"
        );
        world.clock.skip(Duration::from_secs(60 * 24 * 60 * 60));
        assert_eq!(
            call(&mut world, "ListKeys", json!({})).unwrap()["Keys"].as_array().map(Vec::len),
            Some(1)
        );
    }

    #[test]
    fn an_alias_is_deleted_once_and_its_key_stays() {
        let mut world = world();
        let id = key(&mut world);
        call(&mut world, "CreateAlias", json!({ "AliasName": "alias/shop", "TargetKeyId": id })).unwrap();
        call(&mut world, "DeleteAlias", json!({ "AliasName": "alias/shop" })).unwrap();
        assert_eq!(
            code(call(&mut world, "DeleteAlias", json!({ "AliasName": "alias/shop" }))),
            "NotFoundException"
        );
        assert!(call(&mut world, "DescribeKey", json!({ "KeyId": id })).is_ok());
    }

    #[test]
    fn the_quota_of_keys_is_kept() {
        let mut world = world();
        world.quotas.apply("us-east-1", table::KEYS, 1.0);
        key(&mut world);
        assert_eq!(code(call(&mut world, "CreateKey", json!({}))), "LimitExceededException");
    }
}
