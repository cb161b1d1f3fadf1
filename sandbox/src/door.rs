//! The door in process: one embedded AWS, shared by all who hold it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::control;
use crate::inventory::{self, Thing};
use crate::protocol::{Request, Response};
use crate::wire;
use crate::world::{Counted, World};

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

    /// Lets somebody else change the world right before the `n`-th call from now on; 1 is the next one. What is
    /// done there through [`World::call`] and [`World::call_json`] keeps AWS's rules.
    pub fn before_call(&self, counted: Counted, n: usize, change: impl FnOnce(&mut World) + Send + 'static) {
        self.world().before_call(counted, n, change);
    }

    /// What stands now, by AWS's own books, whatever its calls tell.
    pub fn inventory(&self) -> Vec<Thing> {
        inventory::of(&self.world())
    }

    /// Answers one request, as AWS would; one of the control door, as that does.
    pub async fn handle(&self, request: Request) -> Response {
        let (answer, delay) = {
            let mut world = self.world();
            match control::answer(&mut world, &request) {
                Some(answer) => (answer, Duration::ZERO),
                None => wire::answer(&mut world, &request),
            }
        };
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        answer
    }
}
