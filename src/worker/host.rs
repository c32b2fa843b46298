//! What a running job needs from its host: a way to send messages, a clock, a pause, and the cancel flag.
//!
//! The browser's worker and the native tests are its two implementations.

use std::rc::Rc;

use crate::protocol::{Fault, FaultCode, FromWorker};

/// The world as a running job sees it.
#[expect(async_fn_in_trait, reason = "implementations live in this crate and run on one thread")]
pub trait Host {
    /// Tells the page.
    fn send(&self, message: FromWorker);

    /// Milliseconds since some fixed moment.
    fn now_ms(&self) -> f64;

    /// Lets waiting messages be taken.
    async fn breathe(&self);

    /// Whether the page wants the running job to stop.
    fn is_cancelled(&self) -> bool;

    /// Ends as soon as the page wants the running job to stop.
    async fn cancelled(&self);

    /// `Err` once the job is cancelled, after a breath. For long loops.
    ///
    /// # Errors
    /// [`FaultCode::Cancelled`].
    async fn check(&self) -> Result<(), Fault> {
        self.breathe().await;
        if self.is_cancelled() {
            return Err(cancelled());
        }
        Ok(())
    }
}

/// How a job ends that the page wants no more.
pub(super) fn cancelled() -> Fault {
    Fault::new(FaultCode::Cancelled, "the job was cancelled")
}

impl<H: Host> Host for Rc<H> {
    fn send(&self, message: FromWorker) {
        self.as_ref().send(message);
    }

    fn now_ms(&self) -> f64 {
        self.as_ref().now_ms()
    }

    async fn breathe(&self) {
        self.as_ref().breathe().await;
    }

    fn is_cancelled(&self) -> bool {
        self.as_ref().is_cancelled()
    }

    async fn cancelled(&self) {
        self.as_ref().cancelled().await;
    }
}
