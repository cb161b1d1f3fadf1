//! The embedded AWS: a small imitation that speaks AWS's wire protocols and,
//! unlike the emulators, refuses what AWS refuses.
//!
//! It imports nothing of aws-janitor, so that a wrong belief about AWS has to be
//! held twice to go unnoticed. Each rule names its source:
//! an AWS documentation page, or the service model.
//!
//! ```text
//! door (in process | loopback server) ─► wire ─► service (ec2, iam, …) ─► World ─► records
//! ```
//!
//! Time: the world has its own clock that may run faster than the machine's.
//! What takes time on AWS is an event on that clock ([`World::after`]); due
//! events are carried out before each request is answered.
//!
//! # Rooms
//!
//! A room is a module of the crate's root. It imports rooms that stand above it here and no others
//! (`tests/rooms.rs` holds the sources against this table):
//!
//! | room | may import |
//! | --- | --- |
//! | `calls` | |
//! | `clock` | |
//! | `error` | |
//! | `fields` | |
//! | `ids` | |
//! | `quotas` | |
//! | `tags` | |
//! | `faults` | `error` |
//! | `query` | `error`, `tags` |
//! | `stores` | `ids`, `tags` |
//! | `xml` | `tags` |
//! | `protocol` | `error`, `query`, `xml` |
//! | `world` | `calls`, `clock`, `error`, `faults`, `ids`, `protocol`, `quotas`, `stores`, `tags` |
//! | `service` | `error`, `protocol`, `query`, `world`, `xml` |
//! | `ec2` | `error`, `protocol`, `query`, `quotas`, `service`, `stores`, `tags`, `world`, `xml` |
//! | `iam` | `error`, `protocol`, `query`, `quotas`, `service`, `stores`, `tags`, `world`, `xml` |
//! | `autoscaling` | `ec2`, `error`, `protocol`, `query`, `quotas`, `service`, `stores`, `world`, `xml` |
//! | `cloudformation` | `error`, `protocol`, `query`, `service`, `stores`, `tags`, `world`, `xml` |
//! | `cloudtrail` | `error`, `fields`, `protocol`, `quotas`, `service`, `world` |
//! | `ecs` | `ec2`, `error`, `fields`, `protocol`, `service`, `stores`, `tags`, `world` |
//! | `eks` | `ec2`, `error`, `fields`, `iam`, `protocol`, `query`, `quotas`, `service`, `stores`, `tags`, `world` |
//! | `elb` | `ec2`, `error`, `protocol`, `query`, `quotas`, `service`, `stores`, `tags`, `world`, `xml` |
//! | `kms` | `error`, `protocol`, `quotas`, `service`, `stores`, `world` |
//! | `lambda` | `ec2`, `error`, `fields`, `protocol`, `service`, `stores`, `world` |
//! | `logs` | `error`, `protocol`, `quotas`, `service`, `stores`, `tags`, `world` |
//! | `s3` | `error`, `fields`, `protocol`, `service`, `stores`, `tags`, `world`, `xml` |
//! | `servicequotas` | `error`, `protocol`, `quotas`, `service`, `world` |
//! | `ssm` | `error`, `fields`, `protocol`, `service`, `stores`, `world` |
//! | `sts` | `error`, `protocol`, `service`, `world`, `xml` |
//! | `tagging` | `error`, `protocol`, `service`, `tags`, `world` |
//! | `throttle` | `error`, `protocol`, `service`, `world` |
//! | `gate` | `calls`, `error`, `faults`, `protocol`, `service`, `sts`, `throttle`, `world` |
//! | `lag` | `error`, `protocol`, `service`, `world` |
//! | `damage` | `faults`, `protocol`, `service`, `xml` |
//! | `wire` | `autoscaling`, `calls`, `cloudformation`, `cloudtrail`, `damage`, `ec2`, `ecs`, `eks`, `elb`, `error`, `gate`, `iam`, `kms`, `lag`, `lambda`, `logs`, `protocol`, `query`, `s3`, `service`, `servicequotas`, `ssm`, `sts`, `tagging`, `world` |
//! | `assembly` | `autoscaling`, `clock`, `ec2`, `eks`, `error`, `protocol`, `query`, `wire`, `world` |
//! | `scenario` | `assembly`, `clock`, `cloudformation`, `ec2`, `eks`, `error`, `quotas`, `stores`, `tags`, `world`, `xml` |
//! | `inventory` | `stores`, `tags`, `world` |
//! | `control` | `assembly`, `calls`, `inventory`, `protocol`, `world` |
//! | `door` | `control`, `inventory`, `protocol`, `wire`, `world` |
//! | `server` | `door`, `protocol` |
//! | `command` | `door`, `quotas`, `scenario`, `server`, `world` |
//!
//! In words: plain data and ways of writing, then the records of all services (`stores`), then the
//! [`world`] that holds them and lets time pass. A [`service`] is a table of operations over the world. EKS
//! and load balancing make interfaces, groups and addresses, so they know `ec2`, which knows neither. The
//! `wire` knows all services, asks `gate`, `throttle` and `lag` on the way, and `assembly` puts a fresh world
//! together: [`World::new`], [`World::call`] and [`World::call_json`] are written there, so that whoever
//! calls them stands below it.
//!
//! # Circles
//!
//! Between rooms there is none. EC2 has to tell Auto Scaling that an instance is lost, the world has to have a
//! new region furnished, and CloudFormation calls every other service: all three go through [`world::Hooks`],
//! which `assembly` fills. Inside `ec2` and `eks` files use each other both ways, as the things they are about
//! do: an instance makes volumes and interfaces, and their rules ask for the instance.

mod assembly;
pub mod autoscaling;
pub mod calls;
pub mod clock;
pub mod cloudformation;
mod cloudtrail;
pub mod command;
mod control;
mod damage;
mod door;
pub mod ec2;
pub mod ecs;
pub mod eks;
pub mod elb;
pub mod error;
pub mod faults;
mod fields;
mod gate;
pub mod iam;
pub mod ids;
pub mod inventory;
pub mod kms;
mod lag;
pub mod lambda;
pub mod logs;
pub mod protocol;
pub mod query;
pub mod quotas;
pub mod s3;
pub mod scenario;
pub mod server;
pub mod service;
mod servicequotas;
pub mod ssm;
pub mod stores;
mod sts;
pub mod tagging;
pub mod tags;
mod throttle;
pub mod wire;
pub mod world;
pub mod xml;

/// The example of the README, kept true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use calls::Call;
pub use clock::SimClock;
pub use door::Sandbox;
pub use inventory::Thing;
pub use protocol::{Request, Response};
pub use world::{Counted, Torn, World};
