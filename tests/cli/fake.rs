//! A backend over a recorded inventory, which notes every call. Deleting works as far as the tests need it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_janitor::inventory::{Answers, Caller, Gap, Inquiry, Inventory, Looked};
use aws_janitor::memory::ObjectPlace;
use aws_janitor::model::{AccountId, Catalog, CloudError, ErrorClass, Key, KindName, Region, Resource};
use aws_janitor::preflight::EksSupport;
use aws_janitor::quota::Limits;
use aws_janitor::run::cloud::{Change, Cloud};
use aws_janitor::session::{Backend, CallMode, Connection, ScanEvent, ScanRequest, Session};
use aws_janitor::states::{BucketPlace, Fetched};

use crate::catalog::catalog;

/// The recorded account.
pub(crate) fn recorded() -> Inventory {
    Inventory::from_document(include_str!("../data/failed-eks.scan.json")).expect("a recorded scan")
}

/// What a test makes different.
#[derive(Clone, Default)]
pub(crate) struct World {
    pub inventory: Option<Inventory>,
    pub connect_error: Option<CloudError>,
    pub caller_error: Option<CloudError>,
    pub default_region: Option<Region>,
    /// What AWS allows.
    pub limits: Limits,
    /// The virtual processors of instance types.
    pub vcpus: BTreeMap<String, u64>,
    /// What EKS supports, everywhere.
    pub eks: EksSupport,
    /// Whether add-on versions may not be asked for.
    pub deny_addons: bool,
    /// Parameters of Systems Manager's, everywhere.
    pub parameters: BTreeMap<String, String>,
    /// What lies in buckets that may be read, by key.
    pub buckets: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    /// The KMS aliases, everywhere.
    pub aliases: BTreeSet<String>,
    /// These ids stand, and no listing shows them.
    pub left_out: BTreeSet<String>,
    /// These ids cannot be deleted.
    pub refuse: BTreeSet<String>,
    /// What is answered to inquiries: new facts, or why there is no answer. To all others: nothing is known.
    pub answers: BTreeMap<Inquiry, Result<BTreeMap<String, String>, String>>,
    /// Somebody presses Ctrl-C when so many changes were made.
    pub stop: Option<(usize, aws_janitor::run::Stopper)>,
    /// The account changes just before the scan, or the change, of this number.
    pub moves: Vec<(When, Move)>,
    /// The scan of this number cannot read these kinds.
    pub blind: Vec<(usize, KindName)>,
}

/// Just before which call something happens, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Scan(usize),
    Change(usize),
}

/// What somebody else does to the account.
pub(crate) type Move = Arc<dyn Fn(&mut BTreeMap<Key, Resource>) + Send + Sync>;

/// The backend.
#[derive(Clone)]
pub(crate) struct Fake(Arc<Inner>);

struct Inner {
    world: World,
    standing: Mutex<BTreeMap<Key, Resource>>,
    inventory: Inventory,
    calls: Mutex<Vec<String>>,
    changes: Mutex<Vec<String>>,
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    scans: Mutex<Vec<(usize, BTreeMap<Key, Resource>)>>,
}

pub(crate) fn error(class: ErrorClass, code: &str, message: &str) -> CloudError {
    CloudError {
        class,
        api: "sts:GetCallerIdentity".into(),
        code: code.into(),
        message: message.into(),
        request_id: None,
    }
}

pub(crate) fn gap(kind: &'static str, error: &str) -> Gap {
    Gap::new(KindName::of(kind), Region::new("us-east-1"), error)
}

impl Fake {
    pub(crate) fn new(mut world: World) -> Self {
        let inventory = world.inventory.take().unwrap_or_else(recorded);
        let standing = Mutex::new(inventory.resources.clone());
        Self(Arc::new(Inner {
            world,
            standing,
            inventory,
            calls: Mutex::default(),
            changes: Mutex::default(),
            objects: Mutex::default(),
            scans: Mutex::default(),
        }))
    }

    /// Every call that would have changed something.
    pub(crate) fn changes(&self) -> Vec<String> {
        self.0.changes.lock().unwrap().clone()
    }

    /// Every call of any sort.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.0.calls.lock().unwrap().clone()
    }

    /// What is left.
    pub(crate) fn standing(&self) -> BTreeSet<String> {
        self.0.standing.lock().unwrap().keys().map(|key| key.id.to_string()).collect()
    }

    /// After how many changes each scan was made, and what stood then.
    pub(crate) fn scans(&self) -> Vec<(usize, BTreeMap<Key, Resource>)> {
        self.0.scans.lock().unwrap().clone()
    }

    /// Somebody changes the account now.
    pub(crate) fn happens(&self, change: &Move) {
        change(&mut self.0.standing.lock().unwrap());
    }

    /// What happens just before this call.
    fn moves(&self, when: When) {
        let mut standing = self.0.standing.lock().unwrap();
        self.0.world.moves.iter().filter(|(at, _)| *at == when).for_each(|(_, change)| change(&mut standing));
    }

    fn note(&self, call: &str) {
        self.0.calls.lock().unwrap().push(call.to_owned());
    }
}

#[async_trait]
impl Backend for Fake {
    fn catalog(&self) -> Catalog {
        catalog()
    }

    async fn connect(&self, _: &Connection) -> Result<Arc<dyn Session>, CloudError> {
        self.note("connect");
        match &self.0.world.connect_error {
            Some(error) => Err(error.clone()),
            None => Ok(Arc::new(self.clone())),
        }
    }
}

#[async_trait]
impl Session for Fake {
    async fn caller(&self) -> Result<Caller, CloudError> {
        self.note("caller");
        self.0.world.caller_error.clone().map_or_else(|| Ok(self.0.inventory.caller.clone()), Err)
    }

    fn default_region(&self) -> Option<Region> {
        self.0.world.default_region.clone()
    }

    async fn enabled_regions(&self) -> Result<BTreeSet<Region>, CloudError> {
        Ok(["us-east-1", "eu-west-1"].into_iter().map(Region::new).collect())
    }

    async fn known_regions(&self) -> Result<BTreeSet<Region>, CloudError> {
        self.enabled_regions().await
    }

    async fn scan(
        &self,
        request: &ScanRequest,
        progress: &(dyn Fn(ScanEvent) + Send + Sync),
    ) -> Result<Inventory, CloudError> {
        self.note("scan");
        let number = self.scans().len() + 1;
        self.moves(When::Scan(number));
        let seen = self.0.standing.lock().unwrap().clone();
        self.0.scans.lock().unwrap().push((self.changes().len(), seen));
        progress(ScanEvent::Planned(request.kinds.len() * request.regions.len()));
        let mut inventory = self.0.inventory.clone();
        inventory.regions.clone_from(&request.regions);
        inventory.kinds.clone_from(&request.kinds);
        let enabled = self.enabled_regions().await?;
        inventory.elsewhere.regions = enabled.difference(&request.regions).cloned().collect();
        inventory.elsewhere.enabled = Some(enabled);
        inventory.resources = self.0.standing.lock().unwrap().clone();
        let regions = &request.regions;
        inventory.resources.retain(|key, _| key.region.is_global() || regions.contains(&key.region));
        let kinds = &request.kinds;
        inventory.resources.retain(|key, _| kinds.contains(&key.kind));
        for (_, kind) in self.0.world.blind.iter().filter(|(at, _)| *at == number) {
            inventory.resources.retain(|key, _| key.kind != *kind);
            let region = Region::new("us-east-1");
            inventory.gaps.insert(Gap::new(kind.clone(), region, "throttled"));
        }
        inventory.resources.retain(|key, _| !self.0.world.left_out.contains(key.id.as_str()));
        Ok(inventory)
    }

    async fn look(&self, keys: &BTreeSet<Key>) -> Looked {
        self.note("look");
        let standing = self.0.standing.lock().unwrap();
        let found = keys.iter().filter_map(|key| Some((key.clone(), standing.get(key)?.clone()))).collect();
        Looked { found, ..Looked::default() }
    }

    async fn inquire(&self, _: &Inventory, inquiries: &BTreeSet<Inquiry>) -> Answers {
        self.note("inquire");
        let (mut answers, known) = (Answers::default(), &self.0.world.answers);
        for inquiry in inquiries {
            match known.get(inquiry) {
                Some(Ok(facts)) => {
                    let (Inquiry::Maker { of } | Inquiry::LastEvent { of }) = inquiry;
                    answers.facts.entry(of.clone()).or_default().extend(facts.clone());
                }
                Some(Err(why)) => {
                    answers.unanswered.insert(inquiry.clone(), why.clone());
                }
                None => {}
            }
        }
        answers
    }

    async fn limits(&self, _: &BTreeSet<Region>) -> Limits {
        self.note("limits");
        self.0.world.limits.clone()
    }

    async fn vcpus(&self, _: &Region, types: &BTreeSet<String>) -> Result<BTreeMap<String, u64>, CloudError> {
        self.note("vcpus");
        let known = self.0.world.vcpus.iter().filter(|(name, _)| types.contains(*name));
        Ok(known.map(|(name, vcpus)| (name.clone(), *vcpus)).collect())
    }

    async fn eks_support(
        &self,
        _: &Region,
        addons: &BTreeSet<(String, String)>,
    ) -> Result<EksSupport, CloudError> {
        self.note("eks_support");
        if self.0.world.deny_addons && !addons.is_empty() {
            return Err(error(ErrorClass::Denied, "AccessDenied", "no add-ons for you"));
        }
        let mut eks = self.0.world.eks.clone();
        eks.addons.retain(|asked, _| addons.contains(asked));
        Ok(eks)
    }

    async fn kms_aliases(&self, _: &Region) -> Result<BTreeSet<String>, CloudError> {
        self.note("kms_aliases");
        Ok(self.0.world.aliases.clone())
    }

    async fn bucket(&self, place: &BucketPlace) -> Result<Fetched, CloudError> {
        self.note("bucket");
        let all = self.0.world.buckets.get(&place.bucket).ok_or_else(|| CloudError {
            class: ErrorClass::Denied,
            api: "s3:ListBucket".to_owned(),
            code: "AccessDenied".to_owned(),
            message: "not yours".to_owned(),
            request_id: None,
        })?;
        let objects = all.iter().filter(|(key, _)| place.takes(key));
        Ok(Fetched { objects: objects.map(|(key, bytes)| (key.clone(), Ok(bytes.clone()))).collect() })
    }

    async fn parameter(&self, _: &Region, name: &str) -> Result<Option<String>, CloudError> {
        self.note("parameter");
        Ok(self.0.world.parameters.get(name).cloned())
    }

    async fn object(&self, at: &ObjectPlace) -> Result<Option<(Vec<u8>, String)>, CloudError> {
        self.note("object");
        let objects = self.0.objects.lock().unwrap();
        Ok(objects.get(&at.key).map(|bytes| (bytes.clone(), bytes.len().to_string())))
    }

    async fn replace(
        &self,
        at: &ObjectPlace,
        bytes: Vec<u8>,
        mark: Option<&str>,
    ) -> Result<bool, CloudError> {
        self.note("replace");
        let mut objects = self.0.objects.lock().unwrap();
        let now = objects.get(&at.key).map(|bytes| bytes.len().to_string());
        let same = now.as_deref() == mark;
        if same {
            objects.insert(at.key.clone(), bytes);
        }
        Ok(same)
    }

    fn cloud(&self, mode: CallMode) -> Arc<dyn Cloud> {
        Arc::new(FakeCloud(self.clone(), mode))
    }
}

struct FakeCloud(Fake, CallMode);

#[async_trait]
impl Cloud for FakeCloud {
    async fn account(&self) -> Result<AccountId, CloudError> {
        Ok(self.0.0.inventory.caller.account.clone())
    }

    async fn look(
        &self,
        _: &KindName,
        _: &Region,
        keys: &[Key],
    ) -> Result<BTreeMap<Key, Resource>, CloudError> {
        let standing = self.0.0.standing.lock().unwrap();
        Ok(keys.iter().filter_map(|key| Some((key.clone(), standing.get(key)?.clone()))).collect())
    }

    async fn change(&self, change: &Change) -> Vec<Result<(), CloudError>> {
        let fake = &self.0;
        match self.1 {
            CallMode::Probe => {
                return vec![Ok(()); if let Change::Delete(all) = change { all.len() } else { 1 }];
            }
            CallMode::Real => {}
        }
        if let Some((after, stopper)) = &fake.0.world.stop
            && fake.changes().len() + 1 == *after
        {
            stopper.stop();
        }
        fake.moves(When::Change(fake.changes().len() + 1));
        let mut standing = fake.0.standing.lock().unwrap();
        match change {
            Change::Cut(resource, link) => {
                fake.0
                    .changes
                    .lock()
                    .unwrap()
                    .push(format!("cut {} {} {}", resource.key.id, link.how, link.to.id));
                if let Some(resource) = standing.get_mut(&resource.key) {
                    resource.links.remove(link);
                }
                vec![Ok(())]
            }
            Change::Delete(resources) => resources
                .iter()
                .map(|resource| {
                    fake.0.changes.lock().unwrap().push(format!("delete {}", resource.key.id));
                    if fake.0.world.refuse.contains(resource.key.id.as_str()) {
                        return Err(CloudError {
                            class: ErrorClass::Refused,
                            api: "ec2:Delete".into(),
                            code: "DependencyViolation".into(),
                            message: "something holds it".into(),
                            request_id: Some("req-1".into()),
                        });
                    }
                    standing.remove(&resource.key);
                    standing.retain(|_, other| {
                        !other.links.iter().any(|link| link.how == "made-by" && link.to == resource.key)
                    });
                    Ok(())
                })
                .collect(),
        }
    }
}
