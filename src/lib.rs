//! aws-janitor finds what failed stacks left behind in an AWS account, proves that it is nobody's,
//! orders the deletions by their real dependencies, and carries them out.
//!
//! These pages are the architecture of the program.
//!
//! # The way of the data
//!
//! Each value is plain data that can be printed, saved and tested; each arrow is one module; only
//! the arrows marked `*` touch AWS.
//!
//! ```text
//! policies/*.toml + argv ─► policy::Selector ───────────┐
//!                                                       ▼
//! AWS ─ aws::kinds *    ─► inventory ─ closure ─► judge ─► verdicts ─► graph ─► plan (a file)
//!                              │ JSON                                            │
//!                              └─ plan --inventory FILE works offline            ▼
//!                                          report ◄─ journal ◄─ run(plan, dyn Cloud *, dyn Referee *)
//!                                                                Aws | Rehearsal | Probe
//! ```
//!
//! Before a deploy the question is another one, and its data go beside:
//!
//! ```text
//! a plan, preview, template ─► deployment ─► needs ─┐
//! AWS ─ Session::limits * ─► quota::Limits ─────────┼─► quota::Report ─► remedy (a narrower plan)
//! inventory × verdicts × plan ─► quota::Usage ──────┘        │
//! AWS ─ Session::{eks_support, …} * ─► preflight::Facts ─► checks ─► findings
//! ```
//!
//! # The rooms
//!
//! | module | what it holds | may it touch the world? |
//! | --- | --- | --- |
//! | [`model`] | the words: resources, links, kinds and their rules, verdicts | no |
//! | [`kinds`] | the catalog: one file for each kind, with every answer about it | no |
//! | [`guards`] | guard rules: what the user forbids to delete, in Cedar | no |
//! | [`policy`] | the policy file, its terms, the selector compiled from it | no |
//! | [`inventory`] | what a scan saw and could not see; derived links | no |
//! | [`judge`] | the gates: one verdict, the gate that decided it and its evidence for each resource; the scan document | no |
//! | [`graph`] | links through the rules of their kinds: who holds, carries, waits for whom | no |
//! | [`plan`] | the planner, its independent checker, the saved file, judging it again and narrowing it to what still holds; caps, and what a gap leaves open | no |
//! | [`deployment`] | what a tool is about to deploy, read from the file it wrote; one format a file | no |
//! | [`memory`] | what was seen when, so that an age is known that AWS does not tell | no |
//! | [`states`] | what states of deployment tools own and name, who holds them locked, what was not finished | no |
//! | [`needs`] | how much of which quota a deployment uses, and where | no |
//! | [`quota`] | limits, usage and needs put together; what is in the way | no |
//! | [`preflight`] | what can be known before a deploy; one check a file | no |
//! | [`run`] | carrying a plan out on a [`run::cloud::Cloud`], while a [`run::referee::Referee`] says that it still holds; waiting, pacing, retrying | through the traits |
//! | [`journal`] | what happened, append-only; the state of a run is a fold over it | its one file |
//! | [`price`] | list prices, dated, in one place | no |
//! | [`report`] | tables, trees, JSON, Markdown, graphs | writers it is given |
//! | [`cli`] | arguments, the environment, exit codes, the commands, progress | terminal and files |
//! | `aws` | clients, error classes, the calls of each kind, scan, the cloud a run works on | AWS |
//!
//! The embedded AWS is a crate of its own, `aws-janitor-sandbox` in the folder `sandbox`: it cannot
//! import any of these.
//!
//! # Who may import whom
//!
//! A room imports only rooms of rows above its own, so no two can come to lean on each other. A test reads
//! the code against this table: an import that has no leave here fails, and so does leave that nobody uses.
//! `docs/rooms.md` is the same as a picture.
//!
//! | room | may import |
//! | --- | --- |
//! | `model` | |
//! | `price` | `model` |
//! | `kinds` | `model` |
//! | `guards` | `model` |
//! | `policy` | `model`, `guards` |
//! | `inventory` | `model`, `kinds` |
//! | `graph` | `model`, `inventory` |
//! | `deployment` | `model`, `kinds` |
//! | `states` | `model`, `kinds`, `deployment` |
//! | `memory` | `model`, `kinds`, `inventory` |
//! | `judge` | `model`, `price`, `kinds`, `guards`, `policy`, `inventory` |
//! | `plan` | `model`, `price`, `kinds`, `policy`, `inventory`, `graph`, `judge` |
//! | `journal` | `model`, `plan` |
//! | `run` | `model`, `plan`, `journal` |
//! | `needs` | `model`, `kinds`, `policy`, `deployment` |
//! | `quota` | `model`, `kinds`, `policy`, `inventory`, `deployment`, `judge`, `plan`, `needs` |
//! | `preflight` | `model`, `kinds`, `policy`, `inventory`, `deployment`, `states`, `judge`, `quota` |
//! | `session` | `model`, `policy`, `inventory`, `states`, `memory`, `run`, `quota`, `preflight` |
//! | `report` | `model`, `price`, `kinds`, `guards`, `policy`, `inventory`, `graph`, `deployment`, `plan`, `judge`, `journal`, `needs`, `quota`, `preflight` |
//! | `cli` | `model`, `kinds`, `guards`, `policy`, `inventory`, `deployment`, `states`, `memory`, `plan`, `judge`, `journal`, `run`, `needs`, `quota`, `preflight`, `session`, `report` |
//! | `aws` | `model`, `kinds`, `inventory`, `states`, `memory`, `run`, `quota`, `preflight`, `session` |
//! | `main` | `run`, `cli`, `aws` |
//!
//! # Invariants
//!
//! - **Judge, graph, planner, readers, needs, quota, checks and report are pure**: no I/O, no clock, no environment, no SDK type.
//!   The feature `aws` lets the compiler hold that line: `cargo check --no-default-features` builds
//!   everything but `aws`.
//! - **Planning decides, running does not.** Nothing of meaning is left to choose at run time except
//!   to do less.
//! - **What is called was judged within the minute** ([`plan::again`]): by the judge who judged for the plan, who
//!   sees the account as it would be had the run left it alone ([`plan::undo`]), so that what a run lays bare
//!   is neither lost nor mistaken. A dry run keeps to the plan's own judgement.
//! - **A dry run is not a flag inside the program**: it is another implementation of
//!   [`run::cloud::Cloud`].
//! - **Sentences are for people**: verdicts name their gate, errors their remedy, a journal how its run ends.
//!   Exit codes follow from these and never from a text.
//! - **"Could not" is data**: a listing that failed is a gap, and a gap in any kind that could hold a
//!   resource keeps that resource.
//! - **The dependent declares the rule** ([`model::LinkRule`]), since its description always names
//!   what it refers to. So a new kind never edits an old one. [`model::rule_words`] tells with AWS's own
//!   cases why a rule has just these words.
//! - **Unknown is neither nothing nor endless**: a limit, a usage or a need that is not known makes the
//!   answer unknown, and what fits, fits whatever the unknown turns out to be.
//! - **Plans hold secrets**: a reader keeps what is asked for, and no value prints its text.
//! - **Every resource has exactly one fate**, and every reason for keeping one is true. The laws in
//!   `tests/laws` hold the planner to this over random worlds, against a model of AWS's rules that
//!   shares no code with it.
//! - **What AWS removes by itself is awaited, never deleted** (the interfaces of a NAT gateway, of a
//!   load balancer, of a control plane).
//! - **The embedded AWS shares nothing with the rest**, so that a wrong belief about AWS has to be
//!   held twice to go unnoticed.

#![doc = ""]
#![doc = include_str!("words.md")]

#[cfg(feature = "aws")]
pub mod aws;
pub mod cli;
pub mod deployment;
pub mod graph;
pub mod guards;
pub mod inventory;
pub mod journal;
pub mod judge;
pub mod kinds;
#[cfg(test)]
mod layers;
pub mod memory;
pub mod model;
pub mod needs;
pub mod plan;
pub mod policy;
pub mod preflight;
pub mod price;
pub mod quota;
pub mod report;
pub mod run;
pub mod session;
pub mod states;
