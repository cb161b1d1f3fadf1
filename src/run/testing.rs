//! A scripted cloud for the run's tests: things take time to go, answers get lost, errors come when told.
//!
//! It holds every call against the plan's own order and notes what was broken.

#![expect(clippy::disallowed_methods, reason = "the fake cloud takes its time by the clock of the run")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::time::Instant;

use super::cloud::{Change, Cloud};
use super::goal::Goal;
use super::observe::{Observer, Progress};
use super::referee::{Agrees, Referee};
use super::{Book, Judged, Limits, Mode, RunError, Setting, StopSignal, run};
use crate::inventory::Caller;
use crate::journal::{Event, JournalError, Line, Memory, Record, RunSummary, SCHEMA, State, fold};
use crate::model::{
    AccountId, Apis, Catalog, CloudError, ErrorClass, Holds, Key, KindName, KindSpec, Life, Link, LinkRule,
    Near, Region, Resource, Settle,
};
use crate::plan::file::{FateLine, PlanFile};
use crate::plan::{Action, After, Fate, Step, StepId};
use crate::policy::Policy;

const fn spec(name: &'static str, settle: Settle, batch: usize) -> KindSpec {
    KindSpec {
        settle,
        patience: 60,
        batch,
        apis: Apis { list: &["ec2:Describe"], delete: &["ec2:Delete"] },
        ..KindSpec::invented(name)
    }
}

/// Gone when the call returns.
static QUICK: KindSpec = spec("quick", Settle::AtOnce, 1);
/// Takes a minute.
static SLOW: KindSpec = spec("slow", Settle::Poll { every: 15, usually: 60, at_most: 600 }, 1);
/// Many in one call.
static BULK: KindSpec = spec("bulk", Settle::Poll { every: 10, usually: 20, at_most: 600 }, 25);
/// Goes with what made it.
static SHADOW: KindSpec = KindSpec {
    links: &[LinkRule {
        how: "made-by",
        to: "slow",
        holds: Holds::Nothing,
        near: Near::GoesWithTarget(Settle::Poll { every: 20, usually: 40, at_most: 900 }),
        cut: None,
    }],
    ..spec("shadow", Settle::AtOnce, 1)
};

/// Its service forgets what used it only a while after that is gone.
static RESTING: KindSpec = KindSpec { pause: 30, ..spec("resting", Settle::AtOnce, 1) };

/// The kinds of the tests.
pub(crate) static CATALOG: Catalog = Catalog::new(&[&QUICK, &SLOW, &BULK, &SHADOW, &RESTING]);

pub(crate) fn account() -> AccountId {
    AccountId::new("111111111111")
}

pub(crate) fn key(kind: &'static str, id: &str) -> Key {
    Key::new(KindName::of(kind), Region::new("us-east-1"), id)
}

pub(crate) fn error(class: ErrorClass, code: &str) -> CloudError {
    CloudError { class, api: "ec2:Delete".into(), code: code.into(), message: "no".into(), request_id: None }
}

fn step(number: u32, action: Action, resource: Key, after: &[u32], expected_seconds: u32) -> Step {
    let after = after.iter().map(|step| After { step: StepId(*step), why: "because".into() }).collect();
    Step { id: StepId(number), action, resource, api: Some("ec2:Delete".into()), after, expected_seconds }
}

/// A delete step of a resource named after it.
pub(crate) fn delete(number: u32, kind: &'static str, after: &[u32]) -> Step {
    step(number, Action::Delete, key(kind, &format!("{kind}-{number}")), after, 10)
}

/// A step that cuts the link `names` between the resource of the later step `of` and `peer`.
pub(crate) fn cut(number: u32, of: Key, after: &[u32]) -> Step {
    step(number, Action::Cut(Link::new("names", key("quick", "peer"))), of, after, 1)
}

/// A step that awaits a shadow.
pub(crate) fn wait(number: u32, after: &[u32]) -> Step {
    step(number, Action::Await, key("shadow", &format!("shadow-{number}")), after, 40)
}

/// A plan of these steps. A shadow is carried by the resource of the first step it waits for.
pub(crate) fn plan(steps: Vec<Step>) -> PlanFile {
    let mut resources: BTreeMap<Key, Resource> = BTreeMap::new();
    let mut fates: BTreeMap<Key, Fate> = BTreeMap::new();
    let by_id: BTreeMap<StepId, Step> = steps.iter().map(|step| (step.id, step.clone())).collect();
    for step in &steps {
        let row =
            resources.entry(step.resource.clone()).or_insert_with(|| Resource::new(step.resource.clone()));
        let carrier = step.after.first().map(|after| by_id[&after.step].resource.clone());
        let fate = match (&step.action, carrier) {
            (Action::Cut(link), _) => {
                row.links.insert(link.clone());
                Fate::Delete
            }
            (Action::Delete, _) => Fate::Delete,
            (Action::Await, Some(carrier)) => {
                row.links.insert(Link::new("made-by", carrier.clone()));
                Fate::Carried(carrier)
            }
            (Action::Await, None) => Fate::Leaving,
        };
        fates.insert(step.resource.clone(), fate);
    }
    PlanFile {
        schema: crate::plan::file::SCHEMA.into(),
        digest: "digest".into(),
        tool_version: "0".into(),
        account: account(),
        caller: Caller { account: account(), alias: None, arn: "arn".into() },
        regions: BTreeSet::from([Region::new("us-east-1")]),
        kinds: BTreeSet::new(),
        policy: Policy::default(),
        policy_digest: String::new(),
        created: Timestamp::UNIX_EPOCH,
        expires: Timestamp::UNIX_EPOCH,
        expired: Vec::new(),
        unread: Vec::new(),
        cut_from: Vec::new(),
        spared: Vec::new(),
        steps,
        blocked: Vec::new(),
        fates: fates
            .into_iter()
            .map(|(resource, fate)| FateLine { resource, fate, stack: None, proof: None })
            .collect(),
        resources: resources.into_values().collect(),
        gaps: Vec::new(),
        gone: BTreeSet::new(),
        monthly_usd: 0.0,
        unpriced: Vec::new(),
        quota_freed: Vec::new(),
        expected_seconds: 0,
    }
}

/// What the fake does at a call for one resource, instead of what was asked.
#[derive(Debug, Clone)]
pub(crate) enum Script {
    /// Answers with an error and does nothing.
    Refuse(CloudError),
    /// Does it, and answers with an error all the same.
    LoseAnswer,
    /// Says yes, begins, and gives up: the row stands again after half the time, with this trouble.
    GiveUp(&'static str),
}

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Call {
    Look(Vec<String>),
    Delete(Vec<String>),
    Cut(String),
}

#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) rows: BTreeMap<Key, Resource>,
    /// When each one that is being removed will be gone; or stand again, with its trouble.
    leaving: BTreeMap<Key, (Instant, Option<&'static str>)>,
    pub(crate) scripts: BTreeMap<String, VecDeque<Script>>,
    /// The same answer for ever.
    pub(crate) always: BTreeMap<String, CloudError>,
    /// How the next looks at a kind fail; `None` is a look that does not.
    pub(crate) look_errors: BTreeMap<String, VecDeque<Option<CloudError>>>,
    pub(crate) account: Option<AccountId>,
    /// The account changes after so many questions for it.
    pub(crate) account_changes_after: Option<usize>,
    pub(crate) calls: Vec<(Duration, Call)>,
    /// Calls that the plan's order forbids.
    pub(crate) violations: Vec<String>,
    in_flight: usize,
    pub(crate) most_in_flight: usize,
}

/// The cloud.
pub(crate) struct Fake {
    pub(crate) world: Mutex<World>,
    plan: PlanFile,
    began: Instant,
    /// How long a call takes; it takes effect at half of it.
    pub(crate) latency: Duration,
    /// How long a deletion takes of kinds that settle.
    pub(crate) takes: Duration,
    /// The answer to a call of many ends after so many.
    pub(crate) answers_at_most: usize,
}

impl Fake {
    pub(crate) fn of(plan: &PlanFile) -> Self {
        let rows = plan.resources.iter().map(|row| (row.key.clone(), row.clone())).collect();
        let world = World { rows, account: Some(account()), ..World::default() };
        Self {
            world: Mutex::new(world),
            plan: plan.clone(),
            began: Instant::now(),
            latency: Duration::from_millis(100),
            takes: Duration::from_secs(50),
            answers_at_most: usize::MAX,
        }
    }

    pub(crate) fn script(self, id: &str, scripts: &[Script]) -> Self {
        self.world.lock().unwrap().scripts.insert(id.to_owned(), scripts.iter().cloned().collect());
        self
    }

    pub(crate) fn always(self, id: &str, error: CloudError) -> Self {
        self.world.lock().unwrap().always.insert(id.to_owned(), error);
        self
    }

    pub(crate) fn look_fails(self, kind: &str, errors: &[Option<CloudError>]) -> Self {
        self.world.lock().unwrap().look_errors.insert(kind.to_owned(), errors.iter().cloned().collect());
        self
    }

    /// From now on the credentials belong to this account.
    pub(crate) fn with_account(&self, account: AccountId) {
        let mut world = self.world.lock().unwrap();
        (world.account, world.account_changes_after) = (Some(account), None);
    }

    pub(crate) fn edit(&self, key: &Key, edit: impl FnOnce(&mut Resource)) {
        edit(self.world.lock().unwrap().rows.get_mut(key).unwrap());
    }

    /// The calls that change something.
    pub(crate) fn changes(&self) -> Vec<Call> {
        let world = self.world.lock().unwrap();
        world
            .calls
            .iter()
            .map(|(_, call)| call.clone())
            .filter(|call| !matches!(call, Call::Look(_)))
            .collect()
    }

    /// How often each resource was to be deleted or cut.
    pub(crate) fn times_called(&self) -> BTreeMap<String, usize> {
        let mut times = BTreeMap::new();
        for call in self.changes() {
            let ids = match call {
                Call::Delete(ids) => ids,
                Call::Cut(id) => vec![format!("cut {id}")],
                Call::Look(_) => Vec::new(),
            };
            for id in ids {
                *times.entry(id).or_insert(0) += 1;
            }
        }
        times
    }

    pub(crate) fn looks(&self) -> usize {
        let world = self.world.lock().unwrap();
        world.calls.iter().filter(|(_, call)| matches!(call, Call::Look(_))).count()
    }

    /// What still stands.
    pub(crate) fn left(&self) -> BTreeSet<String> {
        let mut world = self.world.lock().unwrap();
        world.pass(Instant::now());
        world.rows.keys().map(|key| key.id.to_string()).collect()
    }

    fn delete(&self, world: &mut World, row: &Resource) -> Result<(), CloudError> {
        let script = world.scripts.get_mut(row.key.id.as_str()).and_then(VecDeque::pop_front);
        if let Some(error) = world.always.get(row.key.id.as_str()) {
            return Err(error.clone());
        }
        if let Some(Script::Refuse(error)) = script {
            return Err(error);
        }
        self.hold_against_the_plan(world, &row.key, &Action::Delete);
        if !world.rows.contains_key(&row.key) {
            return Err(error(ErrorClass::Gone, "NotFound"));
        }
        let settles = CATALOG.get(&row.key.kind).unwrap().settle != Settle::AtOnce;
        let trouble = if let Some(Script::GiveUp(trouble)) = script { Some(trouble) } else { None };
        let takes = if trouble.is_some() { self.takes / 2 } else { self.takes };
        let at = if settles { Instant::now() + takes } else { Instant::now() };
        world.leave(&row.key, at, trouble);
        for line in &self.plan.fates {
            if line.fate == Fate::Carried(row.key.clone()) {
                world.leave(&line.resource, at + self.takes, None);
            }
        }
        world.pass(Instant::now());
        match script {
            Some(Script::LoseAnswer) => Err(error(ErrorClass::Transient, "Timeout")),
            Some(Script::Refuse(_) | Script::GiveUp(_)) | None => Ok(()),
        }
    }

    /// Each step that this one waits for must have done its work.
    fn hold_against_the_plan(&self, world: &mut World, key: &Key, action: &Action) {
        let same = |step: &&Step| {
            step.resource == *key && matches!(step.action, Action::Delete) == matches!(action, Action::Delete)
        };
        let Some(step) = self.plan.steps.iter().find(same) else {
            world.violations.push(format!("{key} is in no step"));
            return;
        };
        for after in &step.after {
            let earlier = self.plan.steps.iter().find(|other| other.id == after.step).unwrap();
            let undone = match &earlier.action {
                Action::Cut(link) => {
                    world.rows.get(&earlier.resource).is_some_and(|row| row.links.contains(link))
                }
                Action::Delete | Action::Await => world.rows.contains_key(&earlier.resource),
            };
            if undone {
                world.violations.push(format!("{key} before {}", earlier.resource));
            }
        }
    }

    async fn half(&self) {
        tokio::time::sleep(self.latency / 2).await;
    }
}

impl World {
    fn leave(&mut self, key: &Key, at: Instant, trouble: Option<&'static str>) {
        if let Some(row) = self.rows.get_mut(key) {
            row.life = Life::Leaving;
            row.state = Some("deleting".into());
            self.leaving.entry(key.clone()).or_insert((at, trouble));
        }
    }

    /// Lets go what should be gone by now.
    fn pass(&mut self, now: Instant) {
        let due: Vec<Key> =
            self.leaving.iter().filter(|(_, (at, _))| *at <= now).map(|(key, _)| key.clone()).collect();
        for key in due {
            let Some((_, trouble)) = self.leaving.remove(&key) else { continue };
            let Some(trouble) = trouble else {
                self.rows.remove(&key);
                continue;
            };
            let row = self.rows.get_mut(&key).unwrap();
            row.life = Life::Standing;
            row.state = Some("delete-failed".into());
            row.facts.insert("trouble".into(), trouble.into());
        }
    }
}

#[async_trait]
impl Cloud for Fake {
    async fn account(&self) -> Result<AccountId, CloudError> {
        let mut world = self.world.lock().unwrap();
        if let Some(left) = &mut world.account_changes_after {
            match left.checked_sub(1) {
                Some(less) => *left = less,
                None => world.account = Some(AccountId::new("222222222222")),
            }
        }
        world.account.clone().ok_or_else(|| error(ErrorClass::Credentials, "ExpiredToken"))
    }

    async fn look(
        &self,
        kind: &KindName,
        _region: &Region,
        keys: &[Key],
    ) -> Result<BTreeMap<Key, Resource>, CloudError> {
        self.half().await;
        let answer = {
            let mut world = self.world.lock().unwrap();
            world.pass(Instant::now());
            let ids = keys.iter().map(|key| key.id.to_string()).collect();
            world.calls.push((self.began.elapsed(), Call::Look(ids)));
            match world.look_errors.get_mut(kind.as_str()).and_then(VecDeque::pop_front).flatten() {
                Some(error) => Err(error),
                None => Ok(keys
                    .iter()
                    .filter_map(|key| Some((key.clone(), world.rows.get(key)?.clone())))
                    .collect()),
            }
        };
        self.half().await;
        answer
    }

    async fn change(&self, change: &Change) -> Vec<Result<(), CloudError>> {
        {
            let mut world = self.world.lock().unwrap();
            world.in_flight += 1;
            world.most_in_flight = world.most_in_flight.max(world.in_flight);
        }
        self.half().await;
        let answers = {
            let mut world = self.world.lock().unwrap();
            world.pass(Instant::now());
            let at = self.began.elapsed();
            match change {
                Change::Cut(owner, link) => {
                    world.calls.push((at, Call::Cut(owner.key.id.to_string())));
                    self.hold_against_the_plan(&mut world, &owner.key, &Action::Cut(link.clone()));
                    let removed = world.rows.get_mut(&owner.key).is_some_and(|row| row.links.remove(link));
                    if removed { vec![Ok(())] } else { vec![Err(error(ErrorClass::Gone, "NotFound"))] }
                }
                Change::Delete(rows) => {
                    let ids = rows.iter().map(|row| row.key.id.to_string()).collect();
                    world.calls.push((at, Call::Delete(ids)));
                    let answers = rows.iter().map(|row| self.delete(&mut world, row));
                    answers.collect::<Vec<_>>().into_iter().take(self.answers_at_most).collect()
                }
            }
        };
        self.half().await;
        self.world.lock().unwrap().in_flight -= 1;
        answers
    }
}

/// An observer that remembers.
#[derive(Default)]
pub(crate) struct Watcher {
    pub(crate) progress: Mutex<Vec<Progress>>,
}

impl Observer for Watcher {
    fn event(&self, _event: &Event) {}

    fn waiting(&self, progress: &Progress) {
        self.progress.lock().unwrap().push(progress.clone());
    }
}

/// A journal whose disk is full after so many lines.
pub(crate) struct Cut {
    pub(crate) memory: Memory,
    pub(crate) left: usize,
    pub(crate) killed: StopOnce,
}

/// Tells that the disk was full.
pub(crate) type StopOnce = std::sync::Arc<tokio::sync::Notify>;

impl Record for Cut {
    fn append(&mut self, line: &Line) -> Result<(), JournalError> {
        if self.left == 0 {
            self.killed.notify_one();
            let (doing, path) = ("write", "full".into());
            return Err(JournalError::Io { doing, path, source: std::io::ErrorKind::StorageFull.into() });
        }
        self.left -= 1;
        self.memory.append(line)
    }
}

/// All that a test may change of a run.
pub(crate) struct Trial {
    pub(crate) lines: Vec<Line>,
    pub(crate) limits: Limits,
    pub(crate) stop: StopSignal,
    pub(crate) watcher: Watcher,
    pub(crate) referee: Box<dyn Referee>,
    pub(crate) judged: Option<Judged>,
    pub(crate) goal: Option<Goal>,
    pub(crate) left_out: BTreeMap<StepId, String>,
}

impl Trial {
    pub(crate) fn of(plan: &PlanFile) -> Self {
        let (schema, run) = (SCHEMA.to_owned(), "run-1".to_owned());
        let event =
            Event::Opened { schema, run, plan: Box::new(plan.clone()), left_out: Vec::new(), unclear: false };
        Self {
            lines: vec![Line { at: Timestamp::UNIX_EPOCH, event }],
            limits: Limits::default(),
            stop: StopSignal::never(),
            watcher: Watcher::default(),
            referee: Box::new(Agrees),
            judged: None,
            goal: None,
            left_out: BTreeMap::new(),
        }
    }

    fn state(&self) -> State {
        fold(&self.lines).unwrap()
    }

    /// Runs to the end and keeps the journal. The journal's fold must agree with what the run says.
    pub(crate) async fn run(&mut self, cloud: &dyn Cloud) -> RunSummary {
        let mut memory = Memory { lines: std::mem::take(&mut self.lines) };
        let state = fold(&memory.lines).unwrap();
        let summary = self.start(cloud, state, &mut memory).await.unwrap();
        self.lines = memory.lines;
        assert_eq!(self.state().closed, Some(summary.clone()));
        summary
    }

    /// Runs until so many more lines are written, then dies: at once, or after the calls in flight.
    pub(crate) async fn run_and_die(
        &mut self,
        cloud: &dyn Cloud,
        after: usize,
        at_once: bool,
    ) -> Option<RunSummary> {
        let killed = StopOnce::default();
        let memory = Memory { lines: std::mem::take(&mut self.lines) };
        let state = fold(&memory.lines).unwrap();
        let mut record = Cut { memory, left: after, killed: killed.clone() };
        let ended = if at_once {
            tokio::select! {
                biased;
                () = killed.notified() => None,
                ended = self.start(cloud, state, &mut record) => Some(ended),
            }
        } else {
            Some(self.start(cloud, state, &mut record).await)
        };
        self.lines = record.memory.lines;
        ended.and_then(Result::ok)
    }

    async fn start(
        &self,
        cloud: &dyn Cloud,
        state: State,
        record: &mut (dyn Record + 'static),
    ) -> Result<RunSummary, RunError> {
        let setting = Setting {
            catalog: &CATALOG,
            referee: &*self.referee,
            judged: self.judged.as_ref(),
            goal: self.goal.as_ref(),
            left_out: &self.left_out,
            observer: &self.watcher,
            now: &|| Timestamp::UNIX_EPOCH,
            limits: self.limits,
            mode: Mode::Apply,
        };
        run(cloud, Book { state, record }, &setting, self.stop.clone()).await
    }
}
