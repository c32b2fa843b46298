//! What a running job needs from its host: a way to send messages, a clock, a pause, and the cancel flag.
//!
//! The browser's worker and the native tests are its two implementations.

use std::rc::Rc;

use crate::{
    data::Response,
    protocol::{
        Fault, FaultCode, FromWorker, Interruption, JobId, MemoryReport, ModelInfo, Progress, Role,
        TokenUpdate,
    },
};

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
}

/// A running job: all that it says carries its id.
#[derive(Clone, Copy, Debug)]
pub struct Task<H> {
    host: H,
    id: JobId,
}

impl<H: Host> Task<H> {
    /// The job `id` in the world of `host`.
    pub fn new(host: H, id: JobId) -> Self {
        Self { host, id }
    }

    /// Its world.
    pub fn host(&self) -> &H {
        &self.host
    }

    /// Which job it is.
    pub fn id(&self) -> JobId {
        self.id
    }

    /// Tells the page how far the job is.
    pub fn progress(&self, progress: Progress) {
        self.host.send(FromWorker::Progress { job: self.id, progress });
    }

    /// Tells the page how running responses have grown.
    pub fn tokens(&self, updates: Vec<TokenUpdate>) {
        self.host.send(FromWorker::Tokens { job: self.id, updates });
    }

    /// Hands responses that have ended to the page, which keeps them whatever becomes of the job.
    pub fn responses(&self, responses: Vec<Response>) {
        self.host.send(FromWorker::Responses { job: self.id, responses });
    }

    /// Tells the page what the loaded generator takes now.
    pub fn memory(&self, memory: MemoryReport) {
        self.host.send(FromWorker::Memory { job: self.id, memory });
    }

    /// Tells the page that the job was interrupted, and goes on.
    pub fn interrupted(&self, interruption: Interruption) {
        self.host.send(FromWorker::Interrupted { job: self.id, interruption });
    }

    /// Tells the page that a model is back, and what has changed about it.
    pub fn restored(&self, role: Role, info: ModelInfo) {
        self.host.send(FromWorker::Restored { job: self.id, role, info: Box::new(info) });
    }

    /// Milliseconds since some fixed moment.
    pub fn now_ms(&self) -> f64 {
        self.host.now_ms()
    }

    /// Lets waiting messages be taken.
    pub async fn breathe(&self) {
        self.host.breathe().await;
    }

    /// Whether the page wants the job to stop.
    pub fn is_cancelled(&self) -> bool {
        self.host.is_cancelled()
    }

    /// Ends as soon as the page wants the job to stop.
    pub async fn cancelled(&self) {
        self.host.cancelled().await;
    }

    /// `Err` once the job is cancelled, after a breath. For long loops.
    ///
    /// # Errors
    /// [`FaultCode::Cancelled`].
    pub async fn check(&self) -> Result<(), Fault> {
        self.breathe().await;
        if self.is_cancelled() { Err(cancelled()) } else { Ok(()) }
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

impl<H: Host> Host for &H {
    fn send(&self, message: FromWorker) {
        (**self).send(message);
    }

    fn now_ms(&self) -> f64 {
        (**self).now_ms()
    }

    async fn breathe(&self) {
        (**self).breathe().await;
    }

    fn is_cancelled(&self) -> bool {
        (**self).is_cancelled()
    }

    async fn cancelled(&self) {
        (**self).cancelled().await;
    }
}
