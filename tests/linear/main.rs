//! How the time and the memory that a file of deployment takes grow with the file: reading it, its needs and all
//! checks that need no AWS, held against what `serde_json` takes to parse the same text. `make linear` measures it
//! in an optimized build of the core. Only ratios are held to a law: each machine has its own seconds.

#![expect(clippy::disallowed_methods, reason = "time is measured, and the system is asked for its memory")]
#![expect(clippy::unwrap_used, reason = "a file that cannot be read is a failed test")]
#![expect(clippy::print_stdout, reason = "it tells whoever asks how long each phase took")]

mod depth;
mod pairs;
mod templates;
mod terraform;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use aws_janitor::deployment::{Alone, Deployment, Input, ReadError, file};
use aws_janitor::inventory::{Caller, Elsewhere, Inventory};
use aws_janitor::judge::Judgement;
use aws_janitor::kinds::CATALOG;
use aws_janitor::model::{AccountId, KindSpec, Region, Verdicts};
use aws_janitor::needs::{self, Known, Need};
use aws_janitor::preflight::{self, CHECKS, EksSupport, Facts, Finding};

/// How the things of a file hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// In many stacks that know nothing of each other.
    Apart,
    /// All on one network, one cluster, one output.
    Hub,
    /// Many instances of few blocks.
    Instances,
}

/// As many times as long as the parse of a file everything that is done with it may take, and the share of that for a
/// file of 8,000 things that one of 80,000 may take: so that neither hides that the other grows. Plans and previews
/// are to come to 3 and take 2 to 4 on a loaded machine; templates, whose text is terse, take 5 to 6.
const MOST_TIME: f64 = 10.0;
const MOST_SHARE: f64 = 2.5;

/// What writes a file of so many things.
type Writer = fn(usize, Shape) -> String;

const FILES: [(&str, Writer, Shape); 7] = [
    ("terraform", terraform::plan, Shape::Apart),
    ("terraform", terraform::plan, Shape::Hub),
    ("terraform", terraform::plan, Shape::Instances),
    ("template", templates::template, Shape::Apart),
    ("template", templates::template, Shape::Hub),
    ("pulumi", templates::preview, Shape::Apart),
    ("pulumi", templates::preview, Shape::Hub),
];

fn read(text: &str) -> Deployment {
    read_or_refuse(text).unwrap()
}

fn read_or_refuse(text: &str) -> Result<Deployment, ReadError> {
    let parameters = BTreeMap::new();
    let region = Some(Region::new("us-east-1"));
    let bytes = text.as_bytes();
    file::read(&Input { source: "file", bytes, beside: &Alone, region, parameters: &parameters })
}

fn needs_of(deployment: &Deployment) -> Vec<Need> {
    let vcpus = ["t3.medium", "m5.large"].map(|name| (name.to_owned(), 2)).into();
    let known = Known { vcpus: &vcpus, zones: &BTreeMap::new() };
    needs::needs(std::slice::from_ref(deployment), known).unwrap()
}

fn inventory() -> Inventory {
    Inventory {
        caller: Caller {
            account: AccountId::new("123456789012"),
            alias: None,
            arn: "arn:aws:iam::1:user/x".into(),
        },
        taken: "2026-11-21T12:00:00Z".parse().unwrap(),
        regions: [Region::new("us-east-1")].into(),
        kinds: CATALOG.iter().map(KindSpec::kind).collect(),
        resources: BTreeMap::new(),
        gaps: BTreeSet::new(),
        elsewhere: Elsewhere::default(),
        without_services: BTreeSet::new(),
        unanswered: BTreeMap::new(),
        unread_things: Vec::new(),
        states: Vec::new(),
        gone: BTreeSet::new(),
    }
}

fn checked(deployment: &Deployment) -> Vec<Finding> {
    let judgement = Judgement { verdicts: Verdicts::new(), stacks: Vec::new() };
    let inventory = inventory();
    let facts = Facts {
        now: inventory.taken,
        inventory: &inventory,
        judgement: &judgement,
        eks: [(Region::new("us-east-1"), Ok(EksSupport::default()))].into(),
        aliases: BTreeMap::new(),
        regions: Ok([(Region::new("us-east-1"), true)].into()),
        projects: Vec::new(),
        states: Vec::new(),
        flags: String::new(),
        select: Vec::new(),
    };
    let all = CHECKS.iter().map(|check| check.name).collect();
    preflight::questions(std::slice::from_ref(deployment), &facts, &all);
    preflight::run(std::slice::from_ref(deployment), &facts, &all, Vec::new())
}

/// How long this thread worked on something; where the system does not tell that, how long it took.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let worked = || {
        let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        Some(Duration::from_nanos(told.split(' ').next()?.parse().ok()?))
    };
    let (began, before) = (Instant::now(), worked());
    let done = work();
    let took = worked().zip(before).map(|(after, before)| after.saturating_sub(before));
    (done, took.unwrap_or_else(|| began.elapsed()))
}

/// What a file of a size takes.
struct Taken {
    /// Its phases, in seconds: the shortest of a few times, for what else the machine does only makes them longer.
    seconds: Vec<(&'static str, f64)>,
    /// How much memory a process holds at its height for it beside its text, in bytes, where the system tells that.
    memory: Option<f64>,
    /// How long its text is, in bytes.
    length: f64,
}

impl Taken {
    fn time(&self) -> f64 {
        self.seconds.iter().map(|(_, it)| it).sum()
    }
}

/// By what a process of its own is told what to take: the number of the file, its size, and whether it is to be
/// parsed alone.
const TAKE: &str = "LINEAR_TAKE";

/// The phases: of a parse alone, and of all that the program does.
const PHASES: [&str; 4] = ["parse", "read", "needs", "checks"];

/// What a file takes that is parsed alone, or with which the program does all it does. Each is measured in a process
/// of its own, for what one has let go another would find.
fn measure(file: usize, size: usize, parsed: bool, times: usize) -> Taken {
    let mut shortest: BTreeMap<&str, f64> = BTreeMap::new();
    let (mut memory, mut length) = (None, 0.0);
    for _ in 0..times {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--ignored", "--exact", "--nocapture", "a_process_takes_a_file"]);
        let told = child.env(TAKE, format!("{file} {size} {parsed}")).output().unwrap();
        let told = String::from_utf8(told.stdout).unwrap();
        let number = |name: &str| -> Option<f64> {
            told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")?.parse().ok())
        };
        for phase in PHASES {
            if let Some(took) = number(phase) {
                let least = shortest.entry(phase).or_insert(took);
                *least = least.min(took);
            }
        }
        (memory, length) = (number("memory"), number("length").unwrap());
    }
    let seconds = PHASES.iter().filter_map(|it| Some((*it, *shortest.get(it)?))).collect();
    Taken { seconds, memory, length }
}

#[test]
#[ignore = "a_file_of_any_size_takes_a_small_multiple_of_its_parse starts it"]
fn a_process_takes_a_file() {
    let Ok(asked) = std::env::var(TAKE) else { return };
    let parts: Vec<&str> = asked.split(' ').collect();
    let [file, size, parsed] = parts.as_slice() else { panic!("{asked}") };
    let (_, write, shape) = FILES[file.parse::<usize>().unwrap()];
    let text = write(size.parse().unwrap(), shape);
    let told = |which: &str| -> Option<usize> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(which))?;
        line.trim_matches([':', '\t', ' ', 'k', 'B']).parse().ok()
    };
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = told("VmRSS");
    println!("\nlength: {}", text.len());
    if *parsed == "true" {
        let (_, parse) = timed(|| serde_json::from_str::<serde_json::Value>(&text).unwrap());
        println!("parse: {}", parse.as_secs_f64());
    } else {
        let (deployment, read) = timed(|| read(&text));
        let (needed, needs) = timed(|| needs_of(&deployment));
        let (findings, checks) = timed(|| checked(&deployment));
        assert!(needed.len() + findings.len() > 5);
        for (phase, took) in [("read", read), ("needs", needs), ("checks", checks)] {
            println!("{phase}: {}", took.as_secs_f64());
        }
    }
    if let Some((most, before)) = told("VmHWM").zip(before) {
        println!("memory: {}", most.saturating_sub(before) * 1024);
    }
}

fn tell(name: &str, shape: Shape, size: usize, parse: &Taken, all: &Taken) {
    let of_parse = |took: f64| took / parse.time();
    let phases = all.seconds.iter().map(|(name, took)| format!("{name} {:.2}", of_parse(*took)));
    let phases = phases.collect::<Vec<String>>().join(", ");
    let (time, megabytes) = (of_parse(all.time()), parse.length / 1e6);
    println!("{name:>9} {shape:?} {size:>7} ({megabytes:.0} MB): {time:.2} of the parse's time ({phases})");
    if let Some((of_parse, of_all)) = parse.memory.zip(all.memory) {
        let (of_parse, of_file) = (of_all / of_parse, of_all / parse.length);
        println!("          memory: {of_parse:.2} of the parse's, {of_file:.1} of the file");
    }
}

#[test]
fn every_file_that_is_measured_can_be_read_and_makes_as_much_as_was_asked_for() {
    for (name, write, shape) in FILES {
        let deployment = read(&write(600, shape));
        let made = deployment.items.iter().filter(|item| item.change.makes()).count();
        assert!((560..=640).contains(&made), "{name} {shape:?}: {made}");
        let needs = needs_of(&deployment);
        assert!(needs.len() > 5, "{name} {shape:?}: {needs:?}");
        assert!(checked(&deployment).len() > 10, "{name} {shape:?}");
    }
}

/// The shortest of a few times: what else the machine does only makes them longer.
fn shortest(mut work: impl FnMut()) -> f64 {
    (0..3).map(|_| timed(&mut work).1.as_secs_f64()).fold(f64::INFINITY, f64::min)
}

/// How much longer four times the things may take, in the ordinary tests too: sixteen times as long is what takes a
/// walk over all things for each.
const MOST_GROWTH: f64 = 8.0;

#[test]
fn four_times_the_things_that_ask_for_others_take_no_more_than_eight_times_as_long() {
    for (name, make) in pairs::PAIRS {
        let [small, large] = [1_500, 6_000].map(make);
        for (phase, work) in
            [("needs", (|it| drop(needs_of(it))) as fn(&Deployment)), ("checks", |it| drop(checked(it)))]
        {
            let [few, many] = [&small, &large].map(|it| shortest(|| work(it)));
            assert!(many / few < MOST_GROWTH, "{phase}, {name}: {:.1} times", many / few);
        }
    }
}

#[test]
fn four_times_the_file_takes_no_more_than_eight_times_as_long_to_read() {
    for (name, write, shape) in FILES {
        let [few, many] =
            [1_000, 4_000].map(|size| write(size, shape)).map(|text| shortest(|| drop(read(&text))));
        assert!(many / few < MOST_GROWTH, "{name} {shape:?}: {:.1} times", many / few);
    }
}

#[test]
#[ignore = "it measures time, in an optimized build: make linear"]
fn a_file_of_any_size_takes_a_small_multiple_of_its_parse() {
    let largest = std::env::var("LINEAR_LARGEST").ok().and_then(|it| it.parse().ok()).unwrap_or(625_000);
    let only = std::env::var("LINEAR_ONLY").unwrap_or_default();
    let mut broken = Vec::new();
    for (file, (name, _, shape)) in FILES.into_iter().enumerate() {
        if !format!("{name} {shape:?}").contains(&only) {
            continue;
        }
        let mut smallest = None;
        for (size, times) in [(8_000, 5), (80_000, 3), (625_000, 2)] {
            if size > largest {
                continue;
            }
            let [parse, all] = [true, false].map(|parsed| measure(file, size, parsed, times));
            tell(name, shape, size, &parse, &all);
            let time = all.time() / parse.time();
            let first = *smallest.get_or_insert(time);
            if size > 8_000 && (time > MOST_TIME || time > MOST_SHARE * first) {
                broken.push(format!("{name} {shape:?} {size}: {time:.2}, and {first:.2} of 8,000"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
