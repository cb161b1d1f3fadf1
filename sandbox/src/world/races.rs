//! Changes that others make while a client is at work: each right before a certain call of the client's.

use super::World;

/// A change of the world by somebody else.
pub(crate) type Change = Box<dyn FnOnce(&mut World) + Send>;

/// Which of a client's calls are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Every call.
    All,
    /// Only calls that change something.
    Changing,
}

/// The changes that wait for their call.
#[derive(Default)]
pub(crate) struct Races {
    waiting: Vec<(Counted, usize, Change)>,
    /// What was sent by the control door and refused: it did not happen.
    pub(crate) refused: Vec<String>,
}

impl Races {
    /// How many changes wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

/// How many calls of this sort there were.
fn seen(world: &World, counted: Counted) -> usize {
    match counted {
        Counted::All => world.calls.len(),
        Counted::Changing => world.calls.iter().filter(|call| call.mutating).count(),
    }
}

impl World {
    /// Makes this change right before the `n`-th call from now on; 1 is the next one. It is made once the call
    /// has arrived and before anything is decided about it.
    pub fn before_call(
        &mut self,
        counted: Counted,
        n: usize,
        change: impl FnOnce(&mut World) + Send + 'static,
    ) {
        let at = seen(self, counted) + n;
        self.races.waiting.push((counted, at, Box::new(change)));
    }
}

/// To be called when a call has been recorded: makes the changes that come before it, in the order in which
/// they were asked for.
pub(crate) fn run(world: &mut World) {
    if world.races.waiting.is_empty() {
        return;
    }
    let reached = [Counted::All, Counted::Changing].map(|counted| (counted, seen(world, counted)));
    let is_due = |counted: Counted, at: usize| reached.iter().any(|(of, seen)| *of == counted && at <= *seen);
    let all = std::mem::take(&mut world.races.waiting);
    let (due, waiting) = all.into_iter().partition(|(counted, at, _)| is_due(*counted, *at));
    world.races.waiting = waiting;
    for (_, _, change) in due {
        change(world);
        world.settle();
    }
}
