//! The calls of `lambda-function`: its description as a resource; it is only read. What that means stands in
//! [`crate::kinds::lambda_function`].

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_lambda::types::{FunctionConfiguration as Described, FunctionVersion};

use super::Kind;
use crate::aws::shapes::{name_in_arn, tags_of, told};
use crate::aws::{Aws, Site};
use crate::kinds::lambda_function::{LOG_GROUP, NAME, SPEC};
use crate::model::words::how;
use crate::model::{CloudError, KindSpec, Link, Resource};

/// Its calls.
pub struct Calls;

/// Lambda gives no more to a page, whatever is asked for.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>
const PAGE: i32 = 50;

/// What the version is called that is worked on.
const LATEST: &str = "$LATEST";

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    /// The list of functions tells no tags, and to ask each for them would take a call for each.
    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let mut found = self.list_users(aws).await?;
        if found.is_empty() {
            return Ok(found);
        }
        let mut tags = tags_of(aws, "lambda:function").await?;
        for it in &mut found {
            it.tags = it.arn.as_ref().and_then(|arn| tags.remove(arn)).unwrap_or_default();
        }
        Ok(found)
    }

    /// With every published version: an alias may lead to one that has another role.
    async fn list_users(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        let api = "lambda:ListFunctions";
        let call = aws.lambda.list_functions().function_version(FunctionVersion::All).max_items(PAGE);
        let send = |marker| call.clone().set_marker(marker).send();
        let mut found: BTreeMap<String, Resource> = BTreeMap::new();
        for page in aws.pages(api, send, |page| page.next_marker()).await? {
            for it in told(api, page.functions)? {
                let Some(read) = read(&aws.site, &it) else { continue };
                let known = found.entry(read.key.id.to_string()).or_insert_with(|| read.clone());
                known.links.extend(read.links);
                if it.version() == Some(LATEST) {
                    known.state = read.state;
                    known.facts = read.facts;
                }
            }
        }
        Ok(found.into_values().collect())
    }

    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let all = self.list(aws).await?;
        Ok(all.into_iter().filter(|it| ids.iter().any(|id| it.key.id == *id)).collect())
    }
}

/// One version's description as a resource. AWS tells no creation time, only that of the last change.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let name = it.function_name()?;
    let mut resource = Resource::new(site.key(NAME, name));
    resource.arn = Some(site.arn("lambda", &format!("function:{name}")));
    resource.name = Some(name.to_owned());
    resource.state = it.state().map(|state| state.as_str().to_owned());
    if let Some(group) = it.logging_config().and_then(|logging| logging.log_group()) {
        resource.facts.insert(LOG_GROUP.into(), group.to_owned());
    }
    let links = &mut resource.links;
    if let Some(role) = it.role().and_then(name_in_arn) {
        links.insert(Link::new(how::USES, site.global_key("iam-role", role)));
    }
    if let Some(network) = it.vpc_config() {
        let subnets = network.subnet_ids().iter().map(|id| site.key("subnet", id));
        let groups = network.security_group_ids().iter().map(|id| site.key("security-group", id));
        links.extend(subnets.chain(groups).map(|to| Link::new(how::USES, to)));
    }
    Some(resource)
}

#[cfg(test)]
mod tests {
    use super::super::testing::links;
    use super::*;
    use crate::aws::scripted::Script;
    use crate::session::CallMode;

    fn function(name: &str, version: &str, role: &str, more: &str) -> String {
        format!(
            r#"{{"FunctionName": "{name}", "Version": "{version}", "State": "Active",
            "FunctionArn": "arn:aws:lambda:us-east-1:111122223333:function:{name}:{version}",
            "Role": "arn:aws:iam::111122223333:role/service-role/{role}"{more}}}"#
        )
    }

    #[tokio::test]
    async fn a_function_uses_the_roles_and_networks_of_all_its_versions() {
        let network =
            r#", "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "VpcId": "vpc-1"}"#;
        let plain = r#", "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": ""}"#;
        let first = format!(
            r#"{{"Functions": [{}, {}], "NextMarker": "two"}}"#,
            function("web", "$LATEST", "new", plain),
            function("job", "$LATEST", "job", "")
        );
        let second = format!(r#"{{"Functions": [{}]}}"#, function("web", "1", "old", network));
        let tags = r#"{"ResourceTagMappingList": [{
            "ResourceARN": "arn:aws:lambda:us-east-1:111122223333:function:web",
            "Tags": [{"Key": "Project", "Value": "shop"}]}]}"#;
        let script = Script::matching([
            ("Marker=two", 200, second.as_str()),
            ("/functions", 200, first.as_str()),
            ("GetResources", 200, tags),
        ]);
        let found = Calls.list(&script.aws(CallMode::Real)).await.unwrap();
        let ids: Vec<&str> = found.iter().map(|it| it.key.id.as_str()).collect();
        assert_eq!(ids, ["job", "web"]);
        assert_eq!(links(&found[0]), ["uses iam-role job"]);
        assert_eq!((found[0].tags.len(), &*found[1].tags["Project"]), (0, "shop"));
        assert_eq!(
            links(&found[1]),
            ["uses iam-role new", "uses iam-role old", "uses security-group sg-1", "uses subnet subnet-1"]
        );
        assert_eq!(
            found[1].arn.as_deref(),
            Some("arn:aws:lambda:us-east-1:111122223333:function:web"),
            "the function's, not a version's"
        );
    }

    #[tokio::test]
    async fn an_answer_without_functions_is_not_an_account_without_them() {
        assert!(Calls.list(&Script::always(200, "{}").aws(CallMode::Real)).await.is_err());
        let none = Script::always(200, r#"{"Functions": []}"#);
        assert!(Calls.list(&none.aws(CallMode::Real)).await.unwrap().is_empty());
    }
}
