//! The program's own run on the strict cloud: it asks for nothing that is refused, and dying is no matter.

#![expect(clippy::unwrap_used, reason = "what cannot fail here fails the law")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use aws_janitor::journal::{
    Ending, Event, JournalError, LeftOut, Line, Memory, Outcome, Record, RunSummary, SCHEMA, fold,
};
use aws_janitor::judge::Judgement;
use aws_janitor::model::{AccountId, CloudError, ErrorClass, Key, KindName, Region, Resource};
use aws_janitor::plan::Plan;
use aws_janitor::plan::again::{Anew, Question};
use aws_janitor::plan::file::{PlanFile, Sources};
use aws_janitor::plan::narrow::narrow;
use aws_janitor::policy::{Policy, Selector};
use aws_janitor::run::cloud::{Change, Cloud};
use aws_janitor::run::observe::Unobserved;
use aws_janitor::run::referee::{Answer, Asked, NoAnswer, Referee};
use aws_janitor::run::{Book, Limits, Mode, RunError, Setting, StopSignal, run};

use crate::rng::Rng;
use crate::world::Refusal;
use crate::worlds::{Hidden, World};
use crate::{checks, laws, world};

/// The strict cloud behind the calls of a run.
struct Edge {
    account: AccountId,
    inside: Mutex<Inside>,
}

struct Inside {
    cloud: world::Cloud,
    rng: Rng,
    refused: Vec<String>,
}

fn error(class: ErrorClass, message: String) -> CloudError {
    CloudError { class, api: "strict".into(), code: "Strict".into(), message, request_id: None }
}

impl Inside {
    fn answer(&mut self, key: &Key, done: Result<(), Refusal>) -> Result<(), CloudError> {
        done.map_err(|refusal| match refusal {
            Refusal::NotYet => error(ErrorClass::NotYet, format!("{key}: not yet")),
            Refusal::Refused(why) => {
                self.refused.push(format!("{key}: {why}"));
                error(ErrorClass::Refused, why)
            }
        })
    }
}

#[async_trait]
impl Cloud for Edge {
    async fn account(&self) -> Result<AccountId, CloudError> {
        Ok(self.account.clone())
    }

    async fn look(
        &self,
        _kind: &KindName,
        _region: &Region,
        keys: &[Key],
    ) -> Result<BTreeMap<Key, Resource>, CloudError> {
        let mut inside = self.inside.lock().unwrap();
        let Inside { cloud, rng, .. } = &mut *inside;
        while rng.chance(1, 2) && cloud.tick(rng) {}
        let mut rows = cloud.snapshot(rng);
        rows.retain(|key, _| keys.contains(key));
        Ok(rows)
    }

    async fn change(&self, change: &Change) -> Vec<Result<(), CloudError>> {
        // A call takes a moment, so that a run which dies leaves some that were never made.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut inside = self.inside.lock().unwrap();
        match change {
            Change::Cut(owner, link) => {
                let done = inside.cloud.cut(&owner.key, link).map_err(Refusal::Refused);
                vec![inside.answer(&owner.key, done)]
            }
            Change::Delete(rows) => {
                let delete = |row: &Resource| {
                    let done = inside.cloud.delete(&row.key);
                    inside.answer(&row.key, done)
                };
                rows.iter().map(delete).collect()
            }
        }
    }
}

/// Narrows the plan anew to what the strict cloud shows at the moment: in a world that stands still that is all of it.
struct Strict<'a> {
    world: &'a World,
    edge: &'a Edge,
    file: PlanFile,
}

#[async_trait]
impl Referee for Strict<'_> {
    async fn judge(&self, asked: &Asked) -> Result<Answer, NoAnswer> {
        let fresh = {
            let mut inside = self.edge.inside.lock().unwrap();
            let Inside { cloud, rng, .. } = &mut *inside;
            self.world.seen(&cloud.snapshot(rng), &Hidden::default())
        };
        // It takes a moment, in which the world goes on.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (verdicts, catalog) = (self.world.verdicts.clone(), self.world.catalog);
        let narrowed = narrow(&self.file, &fresh, &verdicts, catalog);
        let anew = Anew { judgement: Judgement { verdicts, stacks: Vec::new() }, narrowed };
        let question = Question {
            file: &self.file,
            touched: &asked.touched,
            fresh: &fresh,
            selector: &Selector::new(&Policy::default(), &[]).unwrap(),
            now: Timestamp::UNIX_EPOCH,
            catalog,
        };
        Ok(Answer { rulings: anew.rulings(question, &asked.left), listings: 1 })
    }
}

/// A journal that cannot be written any more after so many lines.
struct Dies {
    memory: Memory,
    left: usize,
}

impl Record for Dies {
    fn append(&mut self, line: &Line) -> Result<(), JournalError> {
        let Some(left) = self.left.checked_sub(1) else {
            let source = std::io::ErrorKind::StorageFull.into();
            return Err(JournalError::Io { doing: "write", path: "journal".into(), source });
        };
        self.left = left;
        self.memory.append(line)
    }
}

fn opening(world: &World, plan: &Plan, left_out: &[LeftOut]) -> Line {
    let inventory = world.inventory();
    let sources = Sources {
        plan,
        inventory: &inventory,
        verdicts: &world.verdicts,
        policy: &Policy { with_data: world.with_data.clone(), ..Policy::default() },
        catalog: world.catalog,
        tool_version: "0",
        now: Timestamp::UNIX_EPOCH,
        valid_for: Duration::from_secs(1),
        saved: None,
    };
    let plan = Box::new(PlanFile::new(sources).unwrap());
    let left_out = left_out.to_vec();
    let event = Event::Opened { schema: SCHEMA.into(), run: "run".into(), plan, left_out, unclear: false };
    Line { at: Timestamp::UNIX_EPOCH, event }
}

/// Runs on from these lines until the journal dies.
async fn go_on(world: &World, edge: &Edge, journal: &mut Dies) -> Result<RunSummary, RunError> {
    let state = fold(&journal.memory.lines).unwrap();
    let referee = Strict { world, edge, file: state.plan.clone() };
    let setting = Setting {
        catalog: &world.catalog,
        referee: &referee,
        judged: None,
        goal: None,
        left_out: &BTreeMap::new(),
        observer: &Unobserved,
        now: &|| Timestamp::UNIX_EPOCH,
        limits: Limits::default(),
        mode: Mode::Apply,
    };
    run(edge, Book { state, record: journal }, &setting, StopSignal::never()).await
}

/// The world as it is when a saved plan is applied: something that was to go may have been tagged since.
fn later(world: &World, rng: &mut Rng) -> World {
    let mut later = world.clone();
    let tagged = rng.chance(1, 2).then(|| rng.below(later.things.len().max(1)));
    if let Some(thing) = tagged.and_then(|at| later.things.values_mut().nth(at)) {
        thing.tags.insert("used".into(), "yes".into());
    }
    later
}

pub(crate) fn the_real_run_is_never_refused_and_may_die_at_any_event(
    world: &World,
    rng: &mut Rng,
) -> Result<(), String> {
    let (_, saved) = checks::saved(world, &Hidden::default());
    let world = &later(world, rng);
    let narrowed = narrow(&saved, &world.inventory(), &world.verdicts, world.catalog);
    let (plan, left_out) = (narrowed.plan, narrowed.left_out);
    let cloud = laws::cloud(world, rng);
    let whole = laws::run_whole(world, &plan, cloud.clone(), rng)?;
    let inside = Inside { cloud, rng: Rng::new(rng.next()), refused: Vec::new() };
    let edge = Edge { account: world.inventory().caller.account, inside: Mutex::new(inside) };
    let mut journal =
        Dies { memory: Memory { lines: vec![opening(world, &plan, &left_out)] }, left: rng.below(30) };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let summary = runtime.block_on(async {
        match go_on(world, &edge, &mut journal).await {
            Ok(summary) => Ok(summary),
            Err(_) => {
                journal.left = usize::MAX;
                go_on(world, &edge, &mut journal).await
            }
        }
    });
    let Inside { mut cloud, mut rng, refused } = edge.inside.into_inner().unwrap();
    cloud.settle(&mut rng);
    laws::say(refused.is_empty(), || format!("the run was refused: {refused:?}"))?;
    let summary = summary.map_err(|error| error.to_string())?;
    let ends = (summary.outcome, summary.ending());
    // What the plan itself kept of what was selected is told by the ending, and is no failure of the run.
    let kept = match (summary.kept.is_empty(), summary.unclear) {
        (false, _) => Ending::Left,
        (true, true) => Ending::Unclear,
        (true, false) => Ending::Done,
    };
    let should = if left_out.is_empty() { (Outcome::Done, kept) } else { (Outcome::Partly, Ending::Left) };
    laws::say(ends == should, || {
        format!("the run ends {ends:?}, and {left_out:?} was left out: {summary:?}")
    })?;
    let named: BTreeSet<&str> = summary.skipped.iter().map(|line| line.id.as_str()).collect();
    let left: BTreeSet<&str> = left_out.iter().map(|left| left.resource.id.as_str()).collect();
    laws::say(named == left, || format!("{left:?} is left, and the run names {named:?}"))?;
    laws::say(cloud.standing == whole.standing, || "the run ends elsewhere".into())
}
