//! A wide account, and how long judge and planner take over it: many stacks of every sort beside each other, one
//! network with very many interfaces, one group and one role that very many things work with. `make linear` measures
//! it in an optimized build: five times the things are to take at most six times the time.

#![expect(clippy::print_stdout, reason = "it tells whoever asks how long each phase took")]

use std::time::{Duration, Instant};

use aws_janitor::inventory::{Inventory, ready};
use aws_janitor::judge::{Judgement, ScanDocument, judge};
use aws_janitor::kinds::CATALOG;
use aws_janitor::model::Verdicts;
use aws_janitor::model::words::how;
use aws_janitor::plan::check::check;
use aws_janitor::plan::file::{PlanFile, Sources};
use aws_janitor::plan::planner::plan;
use aws_janitor::policy::{Policy, Selector};

use super::hand::{Hand, KEYED, Part, role};
use super::land::{Draw, HOME, Land, Owner, ago, now};
use super::situation::Situation;
use super::stack::{Living, STAGES, Stack, failed, living, lone};
use crate::rng::Rng;

/// Every way to live, in turn.
const LIVING: [Living; 5] = [Living::Nodes, Living::Boxes, Living::Function, Living::Idle, Living::Service];

/// The phases that the law is about. What comes after them is told beside.
const JUDGE_AND_PLANNER: [&str; 3] = ["ready", "judge", "plan"];

/// Whoever makes the stack of this number.
fn hand(owner: Owner, n: usize) -> Hand {
    let project = if owner == Owner::Team { "theirs" } else { "shop" };
    let label = format!("{project}-{n}");
    let key = [("Project", project), ("EnvironmentSuffix", &format!("w{n}"))];
    Hand {
        owner,
        of: Situation::Attempt,
        style: KEYED[n % KEYED.len()],
        cluster: label.clone(),
        label,
        key: key.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        region: HOME,
        born: ago(60 * 24 * 9),
        marks: n.is_multiple_of(2),
    }
}

/// An account of about so many things, and what is asked: all of the project.
fn account(size: usize) -> (Inventory, Policy) {
    let mut land = Land::new(1);
    let mut rng = Rng::new(1);
    // A tenth of it works in the network of one failed attempt, and a tenth in that of one that lives.
    hub(&mut land, &mut rng, 0, Owner::Failed(0), size / 10);
    hub(&mut land, &mut rng, 1, Owner::Healthy, size / 10);
    for n in 2.. {
        if land.things.len() >= size {
            break;
        }
        match n % 6 {
            0 => living(&mut land, &mut rng, hand(Owner::Team, n), LIVING[n / 6 % LIVING.len()]),
            1 | 2 => living(&mut land, &mut rng, hand(Owner::Healthy, n), LIVING[n / 6 % LIVING.len()]),
            _ => {
                let stage = STAGES[n % STAGES.len()];
                let stack = failed(&mut land, &mut rng, hand(Owner::Failed(n), n), stage);
                if n.is_multiple_of(10) {
                    guest(&mut land, &stack, n);
                }
            }
        }
    }
    let select = vec!["tag:Project=shop".parse().unwrap()];
    // As it is read from a file: every id is a text of its own.
    let nobody = Judgement { verdicts: Verdicts::new(), stacks: Vec::new() };
    let text = ScanDocument::new(&land.inventory(), &nobody, CATALOG).to_json().unwrap();
    (Inventory::from_document(&text).unwrap(), Policy { select, ..Policy::default() })
}

/// Another team's instance in the network of a failed attempt.
fn guest(land: &mut Land, stack: &Stack, n: usize) {
    let team = hand(Owner::Team, n);
    let place = (&stack.net, &stack.net.private[0], &stack.net.group);
    let node = lone(land, &team, place, true);
    let tags = team.tags(Part::Group, "guest", false);
    land.alter(&node, |it| it.tags(&tags));
}

/// A stack in whose network so many interfaces lie, which all use one group, and whose functions all use one role.
fn hub(land: &mut Land, rng: &mut Rng, n: usize, owner: Owner, many: usize) {
    let hand = hand(owner, n);
    let Stack { net, tools, .. } = failed(land, rng, hand.clone(), STAGES[3]);
    let work = role(&hand, "work", "lambda.amazonaws.com", None);
    let work = hand.put(land, work);
    for n in 0..many {
        let id = land.id("eni-");
        let subnet = &net.private[n % net.private.len()];
        let it = hand.thing("network-interface", id).state("available").link(how::WITHIN, subnet);
        let it = it.link(how::WITHIN, &net.vpc).link(how::USES, &tools.node_group);
        hand.put(land, it.tags(&hand.tags(Part::Group, "work", false)));
        if n.is_multiple_of(4) {
            let id = land.id("lt-");
            let it =
                hand.thing("launch-template", id).born(hand.born).link(how::WOULD_USE, &tools.node_group);
            hand.put(land, it.tags(&hand.tags(Part::Template, "work", false)));
        }
        if owner == Owner::Healthy && n.is_multiple_of(4) {
            let id = land.id("work-");
            let it =
                hand.thing("lambda-function", id).link(how::USES, &work).link(how::USES, &tools.node_group);
            hand.put(land, it.tags(&hand.tags(Part::Cluster, "", false)));
        }
    }
}

/// How long each phase takes over an account, which is none the other for it.
fn phases(inventory: &mut Inventory, policy: &Policy) -> Vec<(&'static str, Duration)> {
    let mut times = Vec::new();
    let mut watch = Watch::started();
    let mut lap = |phase: &'static str, watch: &mut Watch| times.push((phase, watch.lap()));
    let kinds: Vec<&str> = CATALOG.iter().map(|spec| spec.name).collect();
    let selector = Selector::new(policy, &kinds).unwrap();
    watch.lap();
    ready(inventory);
    lap("ready", &mut watch);
    let judgement = judge(inventory, &selector, now());
    lap("judge", &mut watch);
    let text = ScanDocument::new(inventory, &judgement, CATALOG).to_json().unwrap();
    lap("document", &mut watch);
    let scan = text.len() / 1_000_000;
    drop(text);
    let verdicts = &judgement.verdicts;
    watch.lap();
    let plan = plan(inventory, CATALOG, verdicts, &policy.with_data);
    lap("plan", &mut watch);
    check(&plan, CATALOG, Some(verdicts)).unwrap();
    lap("check", &mut watch);
    let sources = Sources {
        plan: &plan,
        inventory,
        verdicts,
        policy,
        catalog: CATALOG,
        tool_version: "0",
        now: now(),
        valid_for: Duration::from_secs(3600),
        saved: None,
    };
    let file = PlanFile::new(sources).unwrap();
    lap("plan file", &mut watch);
    let (things, steps, kept) = (inventory.resources.len(), plan.steps.len(), file.blocked.len());
    println!("{things} things, {steps} steps, {kept} selected and kept, {scan} MB of scan");
    times
}

/// Tells how long this thread has worked; where the system does not tell that, how long it took.
struct Watch {
    began: Instant,
    last: Duration,
}

impl Watch {
    fn started() -> Self {
        Self { began: Instant::now(), last: Duration::ZERO }
    }

    /// The time since the last lap.
    fn lap(&mut self) -> Duration {
        let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        let worked = told.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok());
        let now = worked.map_or_else(|| self.began.elapsed(), Duration::from_nanos);
        let lap = now.saturating_sub(self.last);
        self.last = now;
        lap
    }
}

/// So much of the memory that this process holds, or held at most, where the system tells it.
fn memory(which: &str) -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(which));
    line.map_or_else(|| "unknown".to_owned(), |it| it.trim_start_matches(':').trim().to_owned())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[test]
fn a_wide_account_is_of_the_size_that_was_asked_for() {
    let (mut inventory, policy) = account(1_000);
    assert!((1_000..1_100).contains(&inventory.resources.len()), "{}", inventory.resources.len());
    assert!(phases(&mut inventory, &policy).len() > 4);
}

#[test]
#[ignore = "it measures time, in an optimized build: make linear"]
fn five_times_the_things_take_at_most_six_times_the_time() {
    let mut accounts = [account(11_000), account(55_000)];
    let before = memory("VmRSS");
    // What it took to make the accounts does not count.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    // By turns, so that whatever else the machine does falls on both.
    let mut run = || accounts.each_mut().map(|(inventory, policy)| phases(inventory, policy));
    let runs: Vec<[Vec<(&str, Duration)>; 2]> = (0..5).map(|_| run()).collect();
    let of = |size: usize, phase: usize| median(runs.iter().map(|run| run[size][phase].1).collect());
    let asked = |it: &&(&str, Duration)| JUDGE_AND_PLANNER.contains(&it.0);
    let sum = |run: &[(&str, Duration)]| run.iter().filter(asked).map(|it| it.1).sum();
    let all = |size: usize| median(runs.iter().map(|run| sum(&run[size])).collect());
    let ratio = |small: Duration, large: Duration| large.as_secs_f64() / small.as_secs_f64();
    for (phase, (name, _)) in runs[0][0].iter().enumerate() {
        let (small, large) = (of(0, phase), of(1, phase));
        println!("{name:>10}: {small:>10.1?} {large:>10.1?}  {:.1} times", ratio(small, large));
    }
    let (small, large) = (all(0), all(1));
    println!("{:>10}: {small:>10.1?} {large:>10.1?}  {:.1} times", "both", ratio(small, large));
    println!("memory: the two accounts {before}, at most {}", memory("VmHWM"));
    assert!(ratio(small, large) <= 6.0);
}
