//! The calls of `key-pair`: its description as a resource, and its deletion. What they mean stands in
//! [`crate::kinds::key_pair`].

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, KeyPairInfo as Described};

use super::Kind;
use super::ec2::{fact, looked_up};
use crate::aws::shapes::{ec2_resource, timestamp};
use crate::aws::{Aws, Site};
use crate::kinds::key_pair::{NAME, SPEC};
use crate::model::words::fact as facts;
use crate::model::{CloudError, KindSpec, Resource};

/// Its calls.
pub struct Calls;

#[async_trait]
impl Kind for Calls {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    async fn list(&self, aws: &Aws) -> Result<Vec<Resource>, CloudError> {
        described(aws, None).await
    }

    /// A filter takes `*` and `?` for any letters, and names may hold them: what was not asked for is left out.
    async fn look(&self, aws: &Aws, ids: &[String]) -> Result<Vec<Resource>, CloudError> {
        let found = looked_up("key-name", ids, |filter| described(aws, Some(filter))).await?;
        Ok(found.into_iter().filter(|it| ids.iter().any(|id| it.key.id == *id)).collect())
    }

    /// By AWS's id, so that nothing but the pair that was seen can be hit: its name may be another one's by now.
    async fn delete_one(&self, aws: &Aws, resource: &Resource) -> Result<(), CloudError> {
        let call = aws.ec2.delete_key_pair().set_dry_run(aws.dry_run());
        let call = match &resource.unique_id {
            Some(id) => call.key_pair_id(id),
            None => call.key_name(&resource.key.id),
        };
        aws.change("ec2:DeleteKeyPair", || call.send()).await
    }
}

/// One answer tells all: the call has no pages.
async fn described(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Resource>, CloudError> {
    let call = aws.ec2.describe_key_pairs().set_filters(filter.map(|it| vec![it]));
    let answer = aws.read("ec2:DescribeKeyPairs", || call.clone().send()).await?;
    Ok(answer.key_pairs().iter().filter_map(|it| read(&aws.site, it)).collect())
}

/// The SDK's description as a resource.
fn read(site: &Site, it: &Described) -> Option<Resource> {
    let name = it.key_name()?;
    let mut resource = ec2_resource(site, NAME, name, it.tags(), None);
    resource.name = Some(name.to_owned());
    resource.unique_id = it.key_pair_id().map(str::to_owned);
    resource.arn = it.key_pair_id().map(|id| site.arn("ec2", &format!("key-pair/{id}")));
    resource.created = it.create_time().and_then(timestamp);
    fact(&mut resource, facts::TYPE, it.key_type().map(|it| it.as_str()));
    Some(resource)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::KeyType;
    use aws_smithy_types::DateTime;

    use super::*;
    use crate::aws::kinds::testing::{site, tag};
    use crate::aws::scripted::Script;
    use crate::session::CallMode;

    fn pair() -> Described {
        Described::builder()
            .key_name("ops")
            .key_pair_id("key-1")
            .key_type(KeyType::Ed25519)
            .create_time(DateTime::from_secs(1_700_000_000))
            .tags(tag("Project", "shop"))
            .build()
    }

    #[test]
    fn a_pair_is_known_by_its_name_and_told_from_another_one_by_its_id() {
        let it = read(&site(), &pair()).unwrap();
        assert_eq!((it.key.id.as_str(), it.unique_id.as_deref()), ("ops", Some("key-1")));
        assert_eq!(it.arn.as_deref(), Some("arn:aws:ec2:us-east-1:111122223333:key-pair/key-1"));
        assert_eq!(it.created.unwrap().to_string(), "2023-11-14T22:13:20Z");
        assert_eq!((it.tags["Project"].as_str(), it.facts[facts::TYPE].as_str()), ("shop", "ed25519"));
    }

    #[tokio::test]
    async fn the_pair_that_was_seen_is_deleted_by_its_id_and_no_other_of_its_name() {
        let answer = r#"<DeleteKeyPairResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><return>true</return>
            </DeleteKeyPairResponse>"#;
        let script = Script::always(200, answer);
        let resource = read(&site(), &pair()).unwrap();
        Calls.delete_one(&script.aws(CallMode::Real), &resource).await.unwrap();
        let sent = script.requests();
        assert!(sent[0].contains("KeyPairId=key-1") && !sent[0].contains("KeyName"), "{}", sent[0]);
    }

    #[tokio::test]
    async fn a_look_at_a_name_with_a_star_tells_of_no_other() {
        let item =
            |name: &str| format!("<item><keyName>{name}</keyName><keyPairId>key-{name}</keyPairId></item>");
        let answer = format!(
            r#"<DescribeKeyPairsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><keySet>{}{}</keySet>
            </DescribeKeyPairsResponse>"#,
            item("o*"),
            item("ops")
        );
        let script = Script::always(200, &answer);
        let found = Calls.look(&script.aws(CallMode::Real), &["o*".to_owned()]).await.unwrap();
        assert_eq!(found.iter().map(|it| it.key.id.as_str()).collect::<Vec<_>>(), ["o*"]);
    }
}
