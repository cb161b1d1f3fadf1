//! How commands reach an account: they ask for sessions, `crate::aws` implements them, tests have their own.
//!
//! Gives inventories, limits and what EKS supports to the commands, progress to the report, and the cloud a
//! run works on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;

use crate::inventory::{self, Answers, Caller, Gap, Inquiry, Inventory, Looked};
use crate::memory::ObjectPlace;
use crate::model::{Catalog, CloudError, Key, KindName, Region};
use crate::policy::{Policy, tag_filters};
use crate::preflight::EksSupport;
use crate::quota::Limits;
use crate::run::cloud::Cloud;
use crate::states::{BucketPlace, Fetched};

pub use crate::policy::TagFilter;

/// How to reach AWS, as the flags and the environment say. What is absent is left to the SDK's own rules.
#[derive(Clone, Default)]
pub struct Connection {
    /// `--profile`.
    pub profile: Option<String>,
    /// The region for calls that need one before the regions to scan are known.
    pub region: Option<Region>,
    /// `--endpoint-url`.
    pub endpoint_url: Option<String>,
    /// `--clock-speed`: the endpoint's clock runs so many times faster than AWS's. Waits shrink by it.
    pub clock_speed: Option<f64>,
    /// The embedded AWS in this process, instead of the network.
    #[cfg(feature = "sandbox")]
    pub embedded: Option<aws_janitor_sandbox::Sandbox>,
}

/// What to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanRequest {
    /// The regions. Kinds that are global are read once, whatever stands here.
    pub regions: BTreeSet<Region>,
    /// The kinds; all of the catalog unless a test narrows it.
    pub kinds: BTreeSet<KindName>,
    /// Where users of global things are looked for beyond these regions.
    pub users: UserRegions,
    /// Services that the endpoint does not know and that the user does without: their kinds count as empty.
    pub without_services: BTreeSet<String>,
    /// By which tags things of kinds that are not read are listed: each filter is a listing of its own.
    pub tags: BTreeSet<TagFilter>,
}

impl ScanRequest {
    /// A scan of these kinds as a policy says.
    pub fn new(regions: BTreeSet<Region>, kinds: BTreeSet<KindName>, policy: &Policy) -> Self {
        let users = match policy.assume_regions.is_empty() {
            true => UserRegions::Enabled,
            false => UserRegions::These(policy.assume_regions.clone()),
        };
        let without_services = policy.without_services.clone();
        Self { regions, kinds, users, without_services, tags: tag_filters(policy) }
    }
}

/// Where users of global things are looked for beyond the regions of a scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum UserRegions {
    /// Nowhere: nothing is selected, so that nothing global can be found to be nobody's.
    Nowhere,
    /// In every region that is enabled.
    #[default]
    Enabled,
    /// In these, by the user's word.
    These(BTreeSet<Region>),
}

/// One step of a scan's progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScanEvent {
    /// So many listings (kind × region) will be made.
    Planned(usize),
    /// A listing began.
    Began(KindName, Region),
    /// A listing ended with so many resources.
    Ended(KindName, Region, usize),
    /// A listing failed; the gap stands in the inventory too.
    Failed(Gap),
    /// So many listings more will be made, of what may use global things in regions beyond those of the scan.
    Beyond(usize),
    /// The scan is at its end.
    Closed(ScanCalls),
}

/// What a scan called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScanCalls {
    /// How many calls the scan took in its own regions and in the account.
    pub within: usize,
    /// How many it took to look for users of global things in other regions.
    pub beyond: usize,
    /// How many kinds were listed in each of those.
    pub kinds_beyond: usize,
    /// Why nobody knows which regions are enabled, if they were asked for and could not be listed.
    pub regions_unknown: Option<String>,
    /// Why things of kinds that are not read may be missing.
    pub unread_unknown: Option<String>,
}

/// How often that which was found by its id is asked for what it refers to in its turn. What is in doubt after
/// that stays so.
const ROUNDS: usize = 4;

/// Reads the inventory, and looks by id at all that its listings do not agree about.
pub async fn scan(
    session: &dyn Session,
    request: &ScanRequest,
    progress: &(dyn Fn(ScanEvent) + Send + Sync),
) -> Result<Inventory, CloudError> {
    let mut inventory = session.scan(request, progress).await?;
    settle(session, &mut inventory).await;
    Ok(inventory)
}

/// Looks by id at all that the listings of an inventory do not agree about.
pub async fn settle(session: &dyn Session, inventory: &mut Inventory) {
    // Tags name stacks that no listing shows any more: whether they are gone is asked by their ids.
    inventory::mark(inventory);
    for _ in 0..ROUNDS {
        let asked = inventory::doubts(inventory);
        if asked.is_empty() {
            return;
        }
        let looked = session.look(&asked).await;
        inventory::settle(inventory, &asked, looked);
    }
}

/// What changes a run may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallMode {
    /// Real calls.
    Real,
    /// EC2's own `DryRun` on every EC2 call, and no call at all elsewhere: it tells missing permissions.
    Probe,
}

/// Makes sessions.
#[async_trait]
pub trait Backend: Send + Sync {
    /// The kinds this backend knows.
    fn catalog(&self) -> Catalog;

    /// Connects: finds credentials and a region. Calls nothing yet.
    async fn connect(&self, connection: &Connection) -> Result<Arc<dyn Session>, CloudError>;
}

/// A connection to one account.
#[async_trait]
pub trait Session: Send + Sync {
    /// Who the credentials belong to, with the account's alias where it may be read.
    async fn caller(&self) -> Result<Caller, CloudError>;

    /// The region that profile, environment or flags name.
    fn default_region(&self) -> Option<Region>;

    /// The regions that are enabled in the account.
    async fn enabled_regions(&self) -> Result<BTreeSet<Region>, CloudError>;

    /// All regions there are, enabled in the account or not: what is not among them is a slip of the pen.
    async fn known_regions(&self) -> Result<BTreeSet<Region>, CloudError>;

    /// Reads the inventory. A listing that fails is a gap, not an error; an error here means that nothing was seen.
    async fn scan(
        &self,
        request: &ScanRequest,
        progress: &(dyn Fn(ScanEvent) + Send + Sync),
    ) -> Result<Inventory, CloudError>;

    /// Looks at single things by their ids. What is neither found nor failed is not there.
    async fn look(&self, keys: &BTreeSet<Key>) -> Looked;

    /// Asks about single things of an inventory what their descriptions do not tell. What is not answered stands
    /// in the answers with the reason: who has not asked knows nothing.
    async fn inquire(&self, inventory: &Inventory, inquiries: &BTreeSet<Inquiry>) -> Answers;

    /// Reads what AWS allows in these regions and in the account. What could not be read is a gap in the answer.
    async fn limits(&self, regions: &BTreeSet<Region>) -> Limits;

    /// How many virtual processors these instance types have. A type that AWS does not know is left out.
    async fn vcpus(
        &self,
        region: &Region,
        types: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, u64>, CloudError>;

    /// What EKS supports in a region: every Kubernetes version, and the versions of these add-ons, each
    /// with the cluster version that it is to run on.
    async fn eks_support(
        &self,
        region: &Region,
        addons: &BTreeSet<(String, String)>,
    ) -> Result<EksSupport, CloudError>;

    /// The KMS aliases of a region, `alias/name`.
    async fn kms_aliases(&self, region: &Region) -> Result<BTreeSet<String>, CloudError>;

    /// Fetches what lies at a place in a bucket where states are kept. An error means that nothing is known of it.
    async fn bucket(&self, place: &BucketPlace) -> Result<Fetched, CloudError>;

    /// An object of a bucket with the mark of its present content; `None` if there is none.
    async fn object(&self, at: &ObjectPlace) -> Result<Option<(Vec<u8>, String)>, CloudError>;

    /// Writes an object, if its content still bears this mark, or if there still is none. `false` if somebody else
    /// has written it meanwhile: then nothing was.
    async fn replace(&self, at: &ObjectPlace, bytes: Vec<u8>, mark: Option<&str>)
    -> Result<bool, CloudError>;

    /// The value of a parameter of Systems Manager's in a region; `None` if there is none.
    async fn parameter(&self, region: &Region, name: &str) -> Result<Option<String>, CloudError>;

    /// The cloud a run works on.
    fn cloud(&self, mode: CallMode) -> Arc<dyn Cloud>;
}
