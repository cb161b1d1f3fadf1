//! Asking a run to stop: it finishes the calls in flight and starts nothing new.

use tokio::sync::watch;

/// The end that asks.
#[derive(Debug, Clone)]
pub struct Stopper(watch::Sender<bool>);

/// The end that a run listens to.
#[derive(Debug, Clone)]
pub struct StopSignal(Option<watch::Receiver<bool>>);

/// A signal and the end that gives it.
pub fn stop_signal() -> (Stopper, StopSignal) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), StopSignal(Some(receiver)))
}

impl Stopper {
    /// Asks the run to stop. Asking twice changes nothing.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl StopSignal {
    /// A signal that never comes.
    pub fn never() -> Self {
        Self(None)
    }

    /// Returns when the stop is asked for; never, if nobody is left to ask.
    pub(super) async fn asked(&mut self) {
        if let Some(receiver) = &mut self.0
            && receiver.wait_for(|asked| *asked).await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }
}
