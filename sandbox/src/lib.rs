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

pub mod autoscaling;
pub mod calls;
pub mod clock;
pub mod command;
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
pub mod query;
pub mod quotas;
pub mod scenario;
pub mod server;
mod servicequotas;
pub mod stores;
mod sts;
pub mod tagging;
pub mod tags;
mod throttle;
pub mod wire;
pub mod world;
pub mod xml;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use calls::Call;
pub use clock::SimClock;
pub use wire::{Request, Response};
pub use world::World;

/// A shared handle on one embedded AWS. Cloning it shares the world.
#[derive(Clone)]
pub struct Sandbox {
    world: Arc<Mutex<World>>,
}

impl Sandbox {
    /// An embedded AWS holding this world.
    pub fn new(world: World) -> Self {
        Self { world: Arc::new(Mutex::new(world)) }
    }

    /// The world itself, with all events due by now carried out. For tests and scenarios.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.settle();
        world
    }

    /// Answers one request, as AWS would.
    pub async fn handle(&self, request: Request) -> Response {
        let (answer, delay) = {
            let mut world = self.world();
            wire::answer(&mut world, &request)
        };
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        answer
    }
}
