//! Task definitions: register and describe.

use serde_json::{Value, json};

use super::{invalid, name_in, tags_of, told_tags};
use crate::error::{AwsError, AwsResult};
use crate::fields::Fields;
use crate::protocol::{Answer, Ctx};
use crate::stores::ecs::{Ecs, TaskDefinition};
use crate::world::World;

/// RegisterTaskDefinition makes the next revision of its family:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html>.
pub(super) fn register(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let input = Fields::from(&ctx.json);
    let family = input.text("family").ok_or_else(|| invalid("Family should not be null or empty."))?;
    let registered = world.clock.now();
    let account = world.account.clone();
    let ecs = &mut world.region(&ctx.region).ecs;
    let revision = latest(ecs, &family).unwrap_or(0) + 1;
    let definition = TaskDefinition {
        arn: format!("arn:aws:ecs:{}:{account}:task-definition/{family}:{revision}", ctx.region),
        task_role: input.text("taskRoleArn"),
        execution_role: input.text("executionRoleArn"),
        network_mode: input.text("networkMode"),
        containers: input.value("containerDefinitions").unwrap_or_else(|| json!([])),
        registered,
        tags: tags_of(&input),
    };
    let value = told(&family, revision, &definition);
    ecs.definitions.insert((family, revision), definition);
    Ok(json!({ "taskDefinition": value }).into())
}

fn latest(ecs: &Ecs, family: &str) -> Option<u32> {
    let revisions = ecs.definitions.keys().filter(|(of, _)| of == family);
    revisions.map(|(_, revision)| *revision).max()
}

/// The definition that is named by family, by `family:revision` or by ARN.
pub(super) fn find<'a>(ecs: &'a Ecs, named: &str) -> AwsResult<(&'a str, u32, &'a TaskDefinition)> {
    let missing = || AwsError::new("ClientException", "Unable to describe task definition.");
    let name = name_in(named);
    let (family, revision) = match name.split_once(':') {
        Some((family, revision)) => (family, revision.parse().ok()),
        None => (name, latest(ecs, name)),
    };
    let key = (family.to_owned(), revision.ok_or_else(missing)?);
    let ((family, revision), found) = ecs.definitions.get_key_value(&key).ok_or_else(missing)?;
    Ok((family, *revision, found))
}

/// DescribeTaskDefinition:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html>.
pub(super) fn describe(world: &mut World, ctx: &Ctx) -> AwsResult<Answer> {
    let named = Fields::from(&ctx.json).text("taskDefinition").unwrap_or_default();
    let (family, revision, definition) = find(&world.region(&ctx.region).ecs, &named)?;
    let tags = told_tags(&definition.tags);
    Ok(json!({ "taskDefinition": told(family, revision, definition), "tags": tags }).into())
}

fn told(family: &str, revision: u32, definition: &TaskDefinition) -> Value {
    let mut value = json!({
        "taskDefinitionArn": definition.arn,
        "family": family,
        "revision": revision,
        "status": "ACTIVE",
        "containerDefinitions": definition.containers,
        "registeredAt": definition.registered.as_millisecond() as f64 / 1000.0,
    });
    let more = [
        ("taskRoleArn", &definition.task_role),
        ("executionRoleArn", &definition.execution_role),
        ("networkMode", &definition.network_mode),
    ];
    for (key, text) in more.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?))) {
        value[key] = json!(text);
    }
    value
}
