//! Asks a run to stop: takes Ctrl-C from `main`, and the run finishes the calls in flight and starts nothing
//! new.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

/// The end that asks.
#[derive(Debug, Clone)]
pub struct Stopper {
    asked: watch::Sender<bool>,
    listening: Arc<AtomicUsize>,
}

/// The end that a run listens to.
#[derive(Debug, Clone)]
pub struct StopSignal(Option<Ears>);

/// What a signal is heard with.
#[derive(Debug, Clone)]
struct Ears {
    asked: watch::Receiver<bool>,
    listening: Arc<AtomicUsize>,
}

/// A signal and the end that gives it.
pub fn stop_signal() -> (Stopper, StopSignal) {
    let (sender, receiver) = watch::channel(false);
    let listening = Arc::new(AtomicUsize::new(0));
    let ears = Ears { asked: receiver, listening: Arc::clone(&listening) };
    (Stopper { asked: sender, listening }, StopSignal(Some(ears)))
}

impl Stopper {
    /// Asks the run to stop. Asking twice changes nothing. `false` if no run is under way to hear it.
    pub fn stop(&self) -> bool {
        self.asked.send_replace(true);
        self.listening.load(Ordering::SeqCst) > 0
    }
}

impl StopSignal {
    /// A signal that never comes.
    pub fn never() -> Self {
        Self(None)
    }

    /// Returns when the stop is asked for; never, if nobody is left to ask.
    pub(super) async fn asked(&mut self) {
        if let Some(ears) = &mut self.0
            && ears.asked.wait_for(|asked| *asked).await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }

    /// Returns when the stop is asked for; until then the other end knows that somebody listens.
    pub async fn heard(&self) {
        let _listening = self.listen();
        self.clone().asked().await;
    }

    /// Tells the other end, for as long as the returned value lives, that a run is under way.
    pub(super) fn listen(&self) -> Listening {
        let count = self.0.as_ref().map(|ears| Arc::clone(&ears.listening));
        if let Some(count) = &count {
            count.fetch_add(1, Ordering::SeqCst);
        }
        Listening(count)
    }
}

/// A run is under way while this lives.
pub(super) struct Listening(Option<Arc<AtomicUsize>>);

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(count) = &self.0 {
            count.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_is_heard_only_while_a_run_listens() {
        let (stopper, signal) = stop_signal();
        assert!(!stopper.stop());
        let listening = signal.listen();
        assert!(stopper.stop());
        drop(listening);
        assert!(!stopper.stop());
    }
}
