//! Whether what is made takes AWS's time, or is there at once.

use std::time::Duration;

use super::World;

/// Whether something takes the time that it takes on AWS. For building scenarios.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// It takes AWS's time.
    AsAws,
    /// It has happened already.
    AtOnce,
}

impl Pace {
    /// Carries out `event` after this much world time, or now.
    pub(crate) fn then(
        self,
        world: &mut World,
        delay: Duration,
        event: impl FnOnce(&mut World) + Send + 'static,
    ) {
        match self {
            Self::AsAws => world.after(delay, event),
            Self::AtOnce => event(world),
        }
    }
}
