//! Sessions: takes how to reach AWS from the commands, finds credentials and a region, and makes one set of
//! clients for each region, which `scan`, `limits` and `cloud` are given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use tokio::sync::OnceCell;

use super::clients::{Aws, Pace, Site};
use super::cloud::AwsCloud;
use super::error::cloud_error;
use super::{beyond, bucket, inquire, instance_types, limits, look, scan, support, unread};
use crate::inventory::{Answers, Caller, Inquiry, Inventory, Looked};
use crate::memory::ObjectPlace;
use crate::model::{AccountId, Catalog, CloudError, Key, Region};
use crate::preflight::EksSupport;
use crate::quota::Limits;
use crate::run::bucket::Buckets;
use crate::run::cloud::Cloud;
use crate::session::{
    Backend, CallMode, Connection, ScanCalls, ScanEvent, ScanRequest, Session, UserRegions,
};
use crate::states::{BucketPlace, Fetched};

/// One attempt of a call may take this long. The SDK sets no such bound by itself.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// A call with all the SDK's own tries may take this long.
const CALL_TIMEOUT: Duration = Duration::from_secs(120);

/// AWS, by the SDK.
#[derive(Debug, Clone, Copy, Default)]
pub struct AwsBackend;

#[async_trait]
impl Backend for AwsBackend {
    fn catalog(&self) -> Catalog {
        crate::kinds::CATALOG
    }

    async fn connect(&self, connection: &Connection) -> Result<Arc<dyn Session>, CloudError> {
        let speed = connection.clock_speed.unwrap_or(1.0);
        // The SDK's own back-off is made for AWS's clock.
        let retries = RetryConfig::standard()
            .with_initial_backoff(Duration::from_secs(1).div_f64(speed))
            .with_max_backoff(Duration::from_secs(20).div_f64(speed));
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(CALL_TIMEOUT)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .app_name(app_name()?)
            .retry_config(retries)
            .timeout_config(timeouts);
        if let Some(profile) = &connection.profile {
            // Like the AWS CLI: a profile that is named goes before the keys in the environment, which may
            // belong to another account.
            let named = ProfileFileCredentialsProvider::builder().profile_name(profile).build();
            loader = loader.profile_name(profile).credentials_provider(named);
        }
        if let Some(region) = &connection.region {
            loader = loader.region(sdk_region(region));
        }
        if let Some(url) = &connection.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        #[cfg(feature = "sandbox")]
        if let Some(sandbox) = &connection.embedded {
            let keys = aws_credential_types::Credentials::new("EMBEDDED", "EMBEDDED", None, None, "embedded");
            loader =
                loader.http_client(super::embedded::Door::new(sandbox.clone())).credentials_provider(keys);
        }
        let config = loader.load().await;
        Ok(Arc::new(AwsSession {
            config,
            speed,
            buckets: Arc::new(Buckets::new(speed)),
            caller: OnceCell::new(),
        }))
    }
}

/// The name in the user agent, so that the account's CloudTrail tells who called.
fn app_name() -> Result<aws_config::AppName, CloudError> {
    aws_config::AppName::new("aws-janitor").map_err(|error| CloudError {
        class: crate::model::ErrorClass::Refused,
        api: "none".to_owned(),
        code: "AppName".to_owned(),
        message: error.to_string(),
        request_id: None,
    })
}

/// A region in the SDK's type.
fn sdk_region(region: &Region) -> aws_config::Region {
    aws_config::Region::new(region.as_str().to_owned())
}

/// A connection to one account.
struct AwsSession {
    config: SdkConfig,
    speed: f64,
    buckets: Arc<Buckets>,
    caller: OnceCell<Caller>,
}

impl AwsSession {
    /// The configuration for a region; for `global` the region in which the partition's IAM is signed.
    fn config_in(&self, region: &Region) -> SdkConfig {
        let home = if region.is_global() { self.home_region() } else { region.clone() };
        self.config.to_builder().region(sdk_region(&home)).build()
    }

    /// Where the partition's global services are signed.
    fn home_region(&self) -> Region {
        match self.config.region().map(AsRef::as_ref) {
            Some(name) if str::starts_with(name, "cn-") => Region::new("cn-north-1"),
            Some(name) if str::starts_with(name, "us-gov-") => Region::new("us-gov-west-1"),
            _ => Region::new("us-east-1"),
        }
    }

    /// Where the caller works, or else the partition's home: buckets are asked there for their own region.
    fn own_region(&self) -> Region {
        self.default_region().unwrap_or_else(|| self.home_region())
    }

    /// The regions of DescribeRegions: the enabled ones, or all.
    async fn regions(&self, at: &Region, all: Option<bool>) -> Result<BTreeSet<Region>, CloudError> {
        let config = self.config_in(at);
        let ec2 = aws_sdk_ec2::Client::new(&config);
        let api = "ec2:DescribeRegions";
        let answer = ec2.describe_regions().set_all_regions(all).send().await;
        let answer = answer.map_err(|error| cloud_error(api, &error))?;
        Ok(answer.regions().iter().filter_map(|region| region.region_name()).map(Region::new).collect())
    }

    /// How fast calls may go in this mode.
    fn pace(&self, mode: CallMode) -> Pace {
        Pace { mode, speed: self.speed, buckets: Arc::clone(&self.buckets), calls: Arc::default() }
    }

    /// The clients of one region.
    fn aws(&self, region: &Region, account: &AccountId, mode: CallMode) -> Aws {
        let site = Site { region: region.clone(), account: account.clone() };
        Aws::new(&self.config_in(region), site, &self.pace(mode))
    }

    /// The clients of one region, to read with, and a count of what they call.
    fn counting(&self, region: &Region, account: &AccountId, calls: &Arc<AtomicUsize>) -> Aws {
        let site = Site { region: region.clone(), account: account.clone() };
        let pace = Pace { calls: Arc::clone(calls), ..self.pace(CallMode::Real) };
        Aws::new(&self.config_in(region), site, &pace)
    }

    /// The enabled regions, asked where the caller works and, if that region does not tell, at the partition's
    /// home. Nobody asks where nobody wants to know.
    async fn enabled_for(&self, users: &UserRegions) -> Option<Result<BTreeSet<Region>, CloudError>> {
        match users {
            UserRegions::Nowhere => return None,
            UserRegions::Enabled | UserRegions::These(_) => {}
        }
        match self.enabled_regions().await {
            Ok(regions) => Some(Ok(regions)),
            Err(_) => Some(self.regions(&Region::global(), None).await),
        }
    }

    /// The clients of one region, to read with.
    async fn reader(&self, region: &Region) -> Result<Aws, CloudError> {
        Ok(self.aws(region, &self.caller().await?.account, CallMode::Real))
    }
}

#[async_trait]
impl Session for AwsSession {
    async fn caller(&self) -> Result<Caller, CloudError> {
        let ask = || async {
            let config = self.config_in(&Region::global());
            let sts = aws_sdk_sts::Client::new(&config);
            let api = "sts:GetCallerIdentity";
            let identity =
                sts.get_caller_identity().send().await.map_err(|error| cloud_error(api, &error))?;
            let iam = aws_sdk_iam::Client::new(&config);
            // The alias is a courtesy: a caller that may not read it is told the number alone.
            let aliases = iam.list_account_aliases().send().await.ok();
            Ok(Caller {
                account: AccountId::new(identity.account().unwrap_or_default()),
                alias: aliases.and_then(|it| it.account_aliases.into_iter().next()),
                arn: identity.arn().unwrap_or_default().to_owned(),
            })
        };
        self.caller.get_or_try_init(ask).await.cloned()
    }

    fn default_region(&self) -> Option<Region> {
        self.config.region().map(|region| Region::new(region.as_ref()))
    }

    async fn enabled_regions(&self) -> Result<BTreeSet<Region>, CloudError> {
        self.regions(&self.default_region().unwrap_or_else(Region::global), None).await
    }

    async fn known_regions(&self) -> Result<BTreeSet<Region>, CloudError> {
        // Not asked in the region that was named: there may be none of that name.
        self.regions(&Region::global(), Some(true)).await
    }

    async fn scan(
        &self,
        request: &ScanRequest,
        progress: &(dyn Fn(ScanEvent) + Send + Sync),
    ) -> Result<Inventory, CloudError> {
        let caller = self.caller().await?;
        let account = caller.account.clone();
        let (within, beyond_calls): (Arc<AtomicUsize>, Arc<AtomicUsize>) = Default::default();
        let clients = |region: Region| (region.clone(), self.counting(&region, &account, &within));
        let regions = request.regions.iter().cloned();
        let places: BTreeMap<Region, Aws> = regions.chain([Region::global()]).map(clients).collect();
        let (mut inventory, enabled, (things, unread_unknown)) = futures::join!(
            scan::scan(&places, request, caller, progress),
            self.enabled_for(&request.users),
            unread::look(&places, request),
        );
        inventory.unread_things = things;
        let (enabled, unknown) = match enabled {
            Some(Ok(regions)) => (Some(regions), None),
            Some(Err(error)) => (None, Some(error.to_string())),
            None => (None, None),
        };
        let clients = |region: Region| (region.clone(), self.counting(&region, &account, &beyond_calls));
        let regions = beyond::regions(request, &inventory, enabled.as_ref());
        let places: BTreeMap<Region, Aws> = regions.into_iter().map(clients).collect();
        inventory.elsewhere = beyond::look(&places, request, enabled, progress).await;
        let count = |calls: &AtomicUsize| calls.load(Ordering::Relaxed);
        progress(ScanEvent::Closed(ScanCalls {
            within: count(&within),
            beyond: count(&beyond_calls),
            kinds_beyond: beyond::users(request).len(),
            regions_unknown: unknown,
            unread_unknown,
        }));
        Ok(inventory)
    }

    async fn look(&self, keys: &BTreeSet<Key>) -> Looked {
        let account = match self.caller().await {
            Ok(caller) => caller.account,
            Err(error) => return look::nothing(keys, &error),
        };
        let regions: BTreeSet<&Region> = keys.iter().map(|key| &key.region).collect();
        let place = |region: &Region| (region.clone(), self.aws(region, &account, CallMode::Real));
        look::look(&regions.into_iter().map(place).collect(), keys).await
    }

    async fn inquire(&self, inventory: &Inventory, inquiries: &BTreeSet<Inquiry>) -> Answers {
        let of = |inquiry: &Inquiry| match inquiry {
            Inquiry::Maker { of } | Inquiry::LastEvent { of } => of.region.clone(),
        };
        let regions: BTreeSet<Region> = inquiries.iter().map(of).collect();
        let account = &inventory.caller.account;
        let clients = |region: Region| (region.clone(), self.aws(&region, account, CallMode::Real));
        let places = regions.into_iter().map(clients).collect();
        inquire::inquire(&places, inventory, inquiries).await
    }

    async fn limits(&self, regions: &BTreeSet<Region>) -> Limits {
        let account = match self.caller().await {
            Ok(caller) => caller.account,
            Err(error) => return limits::nothing_read(regions, &error),
        };
        let places = regions.iter().cloned().chain([Region::global()]);
        let places: Vec<Aws> = places.map(|region| self.aws(&region, &account, CallMode::Real)).collect();
        limits::read(&places, crate::kinds::CATALOG).await
    }

    async fn vcpus(
        &self,
        region: &Region,
        types: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, u64>, CloudError> {
        instance_types::vcpus(&self.reader(region).await?, types).await
    }

    async fn eks_support(
        &self,
        region: &Region,
        addons: &BTreeSet<(String, String)>,
    ) -> Result<EksSupport, CloudError> {
        support::eks(&self.reader(region).await?, addons).await
    }

    async fn kms_aliases(&self, region: &Region) -> Result<BTreeSet<String>, CloudError> {
        support::kms_aliases(&self.reader(region).await?).await
    }

    async fn bucket(&self, place: &BucketPlace) -> Result<Fetched, CloudError> {
        let home = self.own_region();
        bucket::fetch(&self.reader(&home).await?, &self.config_in(&home), place).await
    }

    async fn parameter(&self, region: &Region, name: &str) -> Result<Option<String>, CloudError> {
        support::parameter(&self.reader(region).await?, name).await
    }

    async fn object(&self, at: &ObjectPlace) -> Result<Option<(Vec<u8>, String)>, CloudError> {
        let home = self.own_region();
        bucket::object_of(&self.reader(&home).await?, &self.config_in(&home), at).await
    }

    async fn replace(
        &self,
        at: &ObjectPlace,
        bytes: Vec<u8>,
        mark: Option<&str>,
    ) -> Result<bool, CloudError> {
        let home = self.own_region();
        bucket::replace(&self.reader(&home).await?, &self.config_in(&home), at, (bytes, mark)).await
    }

    fn cloud(&self, mode: CallMode) -> Arc<dyn Cloud> {
        // A change is sent once and a look is repeated by the run, which knows what an unanswered call may
        // have done. The SDK would send a lost delete again by itself.
        let config = self.config.to_builder().retry_config(RetryConfig::disabled()).build();
        let session = AwsSession {
            config,
            speed: self.speed,
            buckets: Arc::clone(&self.buckets),
            caller: OnceCell::new(),
        };
        Arc::new(AwsCloud::new(session.into_maker(mode), self.config_in(&Region::global())))
    }
}

impl AwsSession {
    /// Something that makes the clients of a region on demand and keeps them.
    fn into_maker(self, mode: CallMode) -> RegionClients {
        RegionClients { session: self, mode, made: Mutex::new(BTreeMap::new()) }
    }
}

/// The clients of each region, made on first use.
pub(super) struct RegionClients {
    session: AwsSession,
    mode: CallMode,
    made: Mutex<BTreeMap<Region, Aws>>,
}

impl RegionClients {
    /// Whether calls are real or probes.
    pub(super) fn mode(&self) -> CallMode {
        self.mode
    }

    /// How much faster than AWS's the endpoint's clock runs.
    pub(super) fn speed(&self) -> f64 {
        self.session.speed
    }

    /// The clients of this region.
    pub(super) fn aws(&self, region: &Region, account: &AccountId) -> Aws {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || self.session.aws(region, account, self.mode);
        made.entry(region.clone()).or_insert_with(make).clone()
    }
}
