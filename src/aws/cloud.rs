//! The cloud that a run works on: takes the looks and changes that `run` asks for and gives them to the calls
//! of the kinds. As a probe it asks AWS only whether it would allow them.

#![expect(clippy::disallowed_methods, reason = "an identity is believed for a while of real time")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use aws_config::SdkConfig;
use tokio::sync::Mutex;

use super::backend::RegionClients;
use super::denied;
use super::error::cloud_error;
use super::kinds;
use crate::model::{AccountId, CloudError, ErrorClass, Key, KindName, Region, Resource};
use crate::run::cloud::{Change, Cloud};
use crate::session::CallMode;

/// How long an answer of GetCallerIdentity is believed: as long as looks and calls that begin together take.
const IDENTITY_FOR: Duration = Duration::from_secs(2);

/// AWS, as a run sees it.
pub(super) struct AwsCloud {
    regions: RegionClients,
    sts: aws_sdk_sts::Client,
    identity: Mutex<Option<(Instant, AccountId)>>,
}

impl AwsCloud {
    /// A cloud over these clients; `home` is where the caller's identity is asked.
    pub(super) fn new(regions: RegionClients, home: SdkConfig) -> Self {
        Self { regions, sts: aws_sdk_sts::Client::new(&home), identity: Mutex::new(None) }
    }
}

/// A kind that this program does not know: its plan was made by another version.
fn unknown(kind: &KindName) -> CloudError {
    CloudError {
        class: ErrorClass::Refused,
        api: "none".to_owned(),
        code: "UnknownKind".to_owned(),
        message: format!("this version does not know the kind {kind}"),
        request_id: None,
    }
}

#[async_trait]
impl Cloud for AwsCloud {
    async fn account(&self) -> Result<AccountId, CloudError> {
        // Held while asking, so that looks which begin together ask once.
        let mut identity = self.identity.lock().await;
        let believed = IDENTITY_FOR.div_f64(self.regions.speed());
        if let Some((asked, account)) = identity.as_ref()
            && asked.elapsed() < believed
        {
            return Ok(account.clone());
        }
        let api = "sts:GetCallerIdentity";
        let answer = self.sts.get_caller_identity().send().await.map_err(|error| cloud_error(api, &error))?;
        let account = AccountId::new(answer.account().unwrap_or_default());
        *identity = Some((Instant::now(), account.clone()));
        Ok(account)
    }

    async fn look(
        &self,
        kind: &KindName,
        region: &Region,
        keys: &[Key],
    ) -> Result<BTreeMap<Key, Resource>, CloudError> {
        let edge = kinds::named(kind.as_str()).ok_or_else(|| unknown(kind))?;
        let aws = self.regions.aws(region, &self.account().await?);
        let ids: Vec<String> = keys.iter().map(|key| key.id.to_string()).collect();
        let found = edge.look(&aws, &ids).await?;
        Ok(found.into_iter().map(|it| (it.key.clone(), it)).collect())
    }

    async fn change(&self, change: &Change) -> Vec<Result<(), CloudError>> {
        let (first, count) = match change {
            Change::Cut(resource, _) => (Some(resource.as_ref()), 1),
            Change::Delete(resources) => (resources.first(), resources.len()),
        };
        let Some(first) = first else { return Vec::new() };
        let Some(edge) = kinds::named(first.key.kind.as_str()) else {
            return vec![Err(unknown(&first.key.kind)); count];
        };
        let account = match self.account().await {
            Ok(account) => account,
            Err(error) => return vec![Err(error); count],
        };
        let aws = self.regions.aws(&first.key.region, &account);
        // Only EC2 has DryRun: elsewhere a probe asks nothing.
        if self.regions.mode() == CallMode::Probe && !edge.spec().delete_api().starts_with("ec2:") {
            return vec![Ok(()); count];
        }
        let answers = match change {
            Change::Cut(resource, link) => vec![edge.cut(&aws, resource, link).await],
            Change::Delete(resources) => edge.delete(&aws, resources).await,
        };
        let mut told = Vec::with_capacity(answers.len());
        for answer in answers {
            told.push(match answer {
                Ok(()) => Ok(()),
                Err(error) => Err(denied::in_words(&self.sts, error).await),
            });
        }
        told
    }
}
