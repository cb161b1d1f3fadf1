//! The calls of `cloudformation-stack`: stacks with their records as resources, and their deletion. What they mean
//! stands in [`crate::kinds::cloudformation_stack`].

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_cloudformation::types::Stack as Described;
use futures::FutureExt;

use super::Kind;
use crate::aws::shapes::{side_by_side, tags, timestamp, told};
use crate::aws::{Aws, Site};
use crate::kinds::cloudformation_stack::{Member, SPEC, record};
use crate::model::words::{fact, how};
use crate::model::{CloudError, Guard, GuardRule, Key, KindSpec, Link, Resource};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let all = stacks(aws, None).await?;
        with_imports(aws, &all).await
    }

    async fn list_users(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let all = stacks(aws, None).await?;
        Ok(with_records(aws, &all).await?.into_iter().map(|(stack, _)| stack).collect())
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let asked = ids.iter().map(|id| one(aws, id).boxed()).collect();
        let found: Vec<Described> = side_by_side(asked).await?.into_iter().flatten().collect();
        with_imports(aws, &found).await
    }

    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        // By its id, since another stack may have its name by now.
        let call = aws.cloudformation.delete_stack().stack_name(&*resource.key.id);
        aws.change("cloudformation:DeleteStack", || call.send()).await
    }
}

/// All stacks that stand, or what is known by this id: also a stack that was deleted in the last ninety days.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html>
async fn stacks(aws: &Aws, id: Option<&str>) -> Result<Vec<Described>, CloudError> {
    let api = "cloudformation:DescribeStacks";
    let call = aws.cloudformation.describe_stacks().set_stack_name(id.map(str::to_owned));
    let send = |token| call.clone().set_next_token(token).send();
    let mut all = Vec::new();
    for page in aws.pages(api, send, |page| page.next_token()).await? {
        all.extend(told(api, page.stacks)?);
    }
    Ok(all)
}

/// The stack of this id, or nothing if AWS says that there is none.
async fn one(aws: &Aws, id: &str) -> Result<Vec<Described>, CloudError> {
    match stacks(aws, Some(id)).await {
        Err(error) if is_unknown(&error) => Ok(Vec::new()),
        found => found,
    }
}

/// Whether AWS says that it knows no such stack. It has no code of its own for that.
fn is_unknown(error: &CloudError) -> bool {
    error.code == "ValidationError" && error.message.contains("does not exist")
}

/// The stacks as resources, with what their records name.
async fn with_records<'a>(
    aws: &Aws,
    found: &'a [Described],
) -> Result<Vec<(Resource, &'a Described)>, CloudError> {
    let mut standing: Vec<(Resource, &Described)> =
        found.iter().filter_map(|it| Some((read(&aws.site, it)?, it))).collect();
    let asked = standing.iter().map(|(stack, _)| members(aws, stack.key.id.to_string()).boxed()).collect();
    let records = side_by_side(asked).await?;
    for ((stack, _), members) in standing.iter_mut().zip(records) {
        record(stack, &members);
    }
    Ok(standing)
}

/// The same, and what they import from each other.
async fn with_imports(aws: &Aws, found: &[Described]) -> Result<Vec<Resource>, CloudError> {
    let standing = with_records(aws, found).await?;
    let imports = imports(aws, &standing).await?;
    let mut stacks: Vec<Resource> = standing.into_iter().map(|(stack, _)| stack).collect();
    for stack in &mut stacks {
        let exporters = stack.name.as_ref().and_then(|name| imports.get(name)).into_iter().flatten();
        stack.links.extend(exporters.map(|of| Link::new(how::IMPORTS, of.clone())));
    }
    Ok(stacks)
}

/// The rows of a stack's record.
async fn members(aws: &Aws, id: String) -> Result<Vec<Member>, CloudError> {
    let api = "cloudformation:ListStackResources";
    let call = aws.cloudformation.list_stack_resources().stack_name(id);
    let send = |token| call.clone().set_next_token(token).send();
    let pages = match aws.pages(api, send, |page| page.next_token()).await {
        // It went since the listing.
        Err(error) if is_unknown(&error) => return Ok(Vec::new()),
        pages => pages?,
    };
    let mut members = Vec::new();
    for page in pages {
        let rows = told(api, page.stack_resource_summaries)?;
        members.extend(rows.into_iter().map(|row| Member {
            type_name: row.resource_type.unwrap_or_default(),
            id: row.physical_resource_id.unwrap_or_default(),
            status: row.resource_status.map(|it| it.as_str().to_owned()).unwrap_or_default(),
        }));
    }
    Ok(members)
}

/// For each stack by name what it imports from. Asked only about the exports of stacks that failed: only these go
/// without being named, and of any other AWS itself refuses the deletion while an export is in use.
async fn imports(
    aws: &Aws,
    stacks: &[(Resource, &Described)],
) -> Result<BTreeMap<String, BTreeSet<Key>>, CloudError> {
    let mut asked = Vec::new();
    let mut exports = Vec::new();
    for (stack, it) in stacks.iter().filter(|(stack, _)| stack.facts.contains_key(fact::FAILED)) {
        for name in it.outputs().iter().filter_map(|output| output.export_name()) {
            exports.push(stack.key.clone());
            asked.push(importers(aws, name.to_owned()).boxed());
        }
    }
    let mut imports: BTreeMap<String, BTreeSet<Key>> = BTreeMap::new();
    for (exporter, importers) in exports.into_iter().zip(side_by_side(asked).await?) {
        for importer in importers {
            imports.entry(importer).or_default().insert(exporter.clone());
        }
    }
    Ok(imports)
}

/// The names of the stacks that import an export.
async fn importers(aws: &Aws, export: String) -> Result<Vec<String>, CloudError> {
    let api = "cloudformation:ListImports";
    let call = aws.cloudformation.list_imports().export_name(export);
    let send = |token| call.clone().set_next_token(token).send();
    let pages = match aws.pages(api, send, |page| page.next_token()).await {
        // AWS answers with an error where there is none, and where the export has gone since.
        // <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListImports.html>
        Err(error) if error.code == "ValidationError" && is_no_import(&error.message) => {
            return Ok(Vec::new());
        }
        pages => pages?,
    };
    Ok(pages.into_iter().flat_map(|page| page.imports.unwrap_or_default()).collect())
}

fn is_no_import(message: &str) -> bool {
    message.contains("is not imported by any stack") || message.contains("does not exist")
}

/// The SDK's description as a resource, without its record; `None` for a stack that is gone.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let mut stack = Resource::new(site.key(SPEC.name, it.stack_id()?));
    stack.arn = it.stack_id().map(str::to_owned);
    stack.unique_id.clone_from(&stack.arn);
    stack.name = it.stack_name().map(str::to_owned);
    stack.tags = tags(it.tags().iter().map(|tag| (tag.key(), tag.value())));
    stack.created = it.creation_time().and_then(timestamp);
    stack.state = it.stack_status().map(|status| status.as_str().to_owned());
    stack.life = SPEC.states.life(stack.state.as_deref())?;
    if let Some(why) = it.stack_status_reason().filter(|why| !why.is_empty()) {
        stack.facts.insert(fact::TROUBLE.to_owned(), why.to_owned());
    }
    if it.enable_termination_protection() == Some(true) {
        let why = "termination protection is on".to_owned();
        stack.guards.insert(Guard { rule: GuardRule::Protection, why });
    }
    let role = it.role_arn().and_then(crate::aws::shapes::name_in_arn);
    stack.links.extend(role.map(|role| Link::new(how::USES, site.global_key("iam-role", role))));
    Some(stack)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{links, site};
    use super::*;
    use aws_sdk_cloudformation::types::StackStatus;

    fn described() -> aws_sdk_cloudformation::types::builders::StackBuilder {
        Described::builder()
            .stack_name("web")
            .stack_id("arn:aws:cloudformation:us-east-1:123456789012:stack/web/1")
            .stack_status(StackStatus::DeleteFailed)
    }

    #[test]
    fn a_stack_tells_its_name_its_state_and_why() {
        let it = described().stack_status_reason("The following resource(s) failed to delete: [A]. ").build();
        let stack = read(&site(), &it).unwrap();
        assert_eq!((stack.name.as_deref(), stack.state.as_deref()), (Some("web"), Some("DELETE_FAILED")));
        assert!(stack.facts[fact::TROUBLE].contains("[A]") && stack.guards.is_empty());
    }

    #[test]
    fn a_protected_stack_is_guarded_and_its_role_in_use() {
        let role = "arn:aws:iam::123456789012:role/path/deployer";
        let it = described().enable_termination_protection(true).role_arn(role).build();
        let stack = read(&site(), &it).unwrap();
        assert_eq!(stack.guards.iter().next().unwrap().rule, GuardRule::Protection);
        assert_eq!(links(&stack), ["uses iam-role deployer"]);
    }

    #[test]
    fn a_deleted_stack_is_none_and_one_that_is_being_deleted_leaves() {
        assert!(read(&site(), &described().stack_status(StackStatus::DeleteComplete).build()).is_none());
        let going = read(&site(), &described().stack_status(StackStatus::DeleteInProgress).build()).unwrap();
        assert_eq!(going.life, crate::model::Life::Leaving);
    }

    #[test]
    fn only_aws_s_own_words_tell_that_a_stack_is_unknown() {
        let error = |code: &str, message: &str| CloudError {
            class: crate::model::ErrorClass::Refused,
            api: "cloudformation:DescribeStacks".into(),
            code: code.into(),
            message: message.into(),
            request_id: None,
        };
        assert!(is_unknown(&error("ValidationError", "Stack with id web does not exist")));
        assert!(!is_unknown(&error("AccessDenied", "Stack with id web does not exist")));
        assert!(!is_unknown(&error("ValidationError", "1 validation error detected")));
    }
}
