//! The embedded AWS: a small imitation that speaks AWS's wire protocols and,
//! unlike the emulators, refuses what AWS refuses.
//!
//! It imports nothing from the rest of the program, so that a wrong belief
//! about AWS has to be held twice to go unnoticed. Each rule names its source:
//! an AWS documentation page, or the service model.
//!
//! ```text
//! door (in process | loopback server) ─► wire ─► service (ec2, iam, …) ─► World
//! ```
//!
//! Time: the world has its own clock that may run faster than the machine's.
//! What takes time on AWS is an event on that clock ([`World::after`]); due
//! events are carried out before each request is answered.

mod assembly;
pub mod autoscaling;
pub mod calls;
pub mod clock;
pub mod command;
mod door;
pub mod ec2;
pub mod eks;
pub mod elb;
pub mod error;
pub mod faults;
mod gate;
pub mod iam;
pub mod ids;
pub mod kms;
mod lag;
pub mod logs;
pub mod protocol;
pub mod query;
pub mod quotas;
pub mod scenario;
pub mod server;
pub mod service;
mod servicequotas;
pub mod stores;
mod sts;
pub mod tagging;
pub mod tags;
mod throttle;
pub mod wire;
pub mod world;
pub mod xml;

pub use calls::Call;
pub use clock::SimClock;
pub use door::Sandbox;
pub use protocol::{Request, Response};
pub use world::World;
