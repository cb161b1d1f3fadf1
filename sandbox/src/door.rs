//! The door in process: one embedded AWS, shared by all who hold it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::protocol::{Request, Response};
use crate::wire;
use crate::world::World;

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
