//! The page's one worker: requests out, events and answers in. The screen and `window.concord` both use it.

use std::{cell::RefCell, collections::HashMap, future::Future, pin::Pin, rc::Rc};

use futures_channel::oneshot;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker};

use crate::{
    browser::{port, worker},
    data::Response,
    protocol::{
        Answer, Environment, Fault, FaultCode, FromWorker, JobId, MemoryReport, Progress, Request, ToWorker,
        TokenUpdate,
    },
};

/// Where the build puts the worker, relative to the page: its script and its program.
const WORKER: (&str, &str) = ("./worker.js", "./worker_bg.wasm");

/// What a running job says on its way.
#[derive(Clone, Debug)]
pub enum JobEvent {
    /// How far it is.
    Progress(Progress),
    /// New text.
    Tokens(Vec<TokenUpdate>),
    /// What the model takes now.
    Memory(MemoryReport),
    /// Ended responses, to be kept at once.
    Responses(Vec<Response>),
}

/// A job under way.
pub struct Job {
    /// For [`cancel`].
    pub id: JobId,
    /// Its result.
    pub answer: Pin<Box<dyn Future<Output = Result<Answer, Fault>>>>,
}

struct Pending {
    on_event: Rc<dyn Fn(JobEvent)>,
    answer: oneshot::Sender<Result<Answer, Fault>>,
}

#[derive(Default)]
struct Client {
    worker: Option<Worker>,
    environment: Option<Environment>,
    environment_waiters: Vec<oneshot::Sender<Environment>>,
    queued: Vec<JsValue>,
    pending: HashMap<JobId, Pending>,
    last_job: JobId,
}

thread_local! {
    static CLIENT: RefCell<Client> = RefCell::default();
}

/// Starts the worker, once per page; later calls do nothing while it lives.
pub fn start() {
    if CLIENT.with_borrow(|client| client.worker.is_some()) {
        return;
    }
    let worker = match worker::start(WORKER.0, WORKER.1) {
        Ok(worker) => worker,
        Err(_) => {
            return fail_all(
                "the worker could not be started; reload the page, and check that the site's files are complete",
            );
        }
    };
    let on_message =
        Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| match port::open(&event.data()) {
            Ok((message, _)) => take(message),
            Err(_) => fail_all("the page and its worker are of different versions; reload the page"),
        });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let on_error = Closure::<dyn Fn()>::new(|| fail_all("the worker stopped; load the model again to go on"));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    // The worker lives as long as the page, and so do its handlers.
    on_message.forget();
    on_error.forget();
    CLIENT.with_borrow_mut(|client| client.worker = Some(worker));
}

/// What the machine offers; known once the worker has spoken.
pub async fn environment() -> Environment {
    start();
    let waiter = CLIENT.with_borrow_mut(|client| match &client.environment {
        Some(environment) => Err(environment.clone()),
        None => {
            let (sender, receiver) = oneshot::channel();
            client.environment_waiters.push(sender);
            Ok(receiver)
        }
    });
    match waiter {
        Err(environment) => environment,
        Ok(receiver) => receiver.await.unwrap_or_else(|_| Environment {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            backend: "cpu".to_owned(),
            adapter: None,
            software: false,
            webgpu_help: "The worker did not start; reload the page.".to_owned(),
        }),
    }
}

/// Sends a request; `files`, an array of blobs, travel beside it. Events come until the answer does.
pub fn run(request: Request, files: Option<JsValue>, on_event: impl Fn(JobEvent) + 'static) -> Job {
    start();
    let (sender, receiver) = oneshot::channel();
    let id = CLIENT.with_borrow_mut(|client| {
        client.last_job += 1;
        let id = client.last_job;
        client.pending.insert(id, Pending { on_event: Rc::new(on_event), answer: sender });
        client.send(&ToWorker::Run { job: id, request }, files.as_ref());
        id
    });
    let answer = Box::pin(async move {
        receiver.await.unwrap_or_else(|_| {
            Err(Fault::new(FaultCode::Internal, "the worker stopped; load the model again to go on"))
        })
    });
    Job { id, answer }
}

/// Asks a job to stop; its answer still comes.
pub fn cancel(job: JobId) {
    CLIENT.with_borrow_mut(|client| client.send(&ToWorker::Cancel { job }, None));
}

impl Client {
    fn send(&mut self, message: &ToWorker, files: Option<&JsValue>) {
        // Messages are plain data, so wrapping cannot fail.
        let Ok(envelope) = port::envelope(message, files) else { return };
        match (&self.worker, &self.environment) {
            (Some(worker), Some(_)) => drop(worker.post_message(&envelope)),
            _ => self.queued.push(envelope),
        }
    }

    fn ready(&mut self, environment: Environment) {
        for waiter in self.environment_waiters.drain(..) {
            // A waiter that gave up needs no answer.
            let _gone = waiter.send(environment.clone());
        }
        self.environment = Some(environment);
        if let Some(worker) = &self.worker {
            for envelope in self.queued.drain(..) {
                drop(worker.post_message(&envelope));
            }
        }
    }
}

fn take(message: FromWorker) {
    match message {
        FromWorker::Ready { environment } => CLIENT.with_borrow_mut(|client| client.ready(environment)),
        FromWorker::Progress { job, progress } => tell(job, JobEvent::Progress(progress)),
        FromWorker::Tokens { job, updates } => tell(job, JobEvent::Tokens(updates)),
        FromWorker::Responses { job, responses } => tell(job, JobEvent::Responses(responses)),
        FromWorker::Memory { job, memory } => tell(job, JobEvent::Memory(memory)),
        FromWorker::Finished { job, answer } => end(job, Ok(answer)),
        FromWorker::Failed { job: Some(job), fault } => end(job, Err(fault)),
        FromWorker::Failed { job: None, fault } => fail_all(&fault.message),
    }
}

fn tell(job: JobId, event: JobEvent) {
    let handler =
        CLIENT.with_borrow(|client| client.pending.get(&job).map(|pending| Rc::clone(&pending.on_event)));
    if let Some(handler) = handler {
        handler(event);
    }
}

fn end(job: JobId, result: Result<Answer, Fault>) {
    if let Some(pending) = CLIENT.with_borrow_mut(|client| client.pending.remove(&job)) {
        // Nobody may be waiting any more.
        let _gone = pending.answer.send(result);
    }
}

/// The worker is of no more use: every job ends, and the next request starts a fresh worker.
fn fail_all(message: &str) {
    let pending = CLIENT.with_borrow_mut(|client| {
        if let Some(worker) = client.worker.take() {
            worker.terminate();
        }
        client.environment = None;
        client.queued.clear();
        std::mem::take(&mut client.pending)
    });
    for (_, job) in pending {
        let _gone = job.answer.send(Err(Fault::new(FaultCode::Internal, message)));
    }
}
