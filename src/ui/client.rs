//! The page's one worker: requests out, events and answers in. The screen and `window.concord` both use it.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    pin::Pin,
    rc::Rc,
};

use futures_channel::oneshot;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker};

use crate::{
    browser::{port, worker::Program},
    data::Response,
    protocol::{
        Answer, Backend, Environment, Fault, FaultCode, FromWorker, JobId, MemoryReport, Progress, Request,
        ToWorker, TokenUpdate,
        calls::{Calls, Death, Generation},
    },
};

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

type Answered = oneshot::Sender<Result<Answer, Fault>>;

struct Pending {
    on_event: Rc<dyn Fn(JobEvent)>,
    answer: Answered,
}

#[derive(Default)]
struct Client {
    worker: Option<Worker>,
    environment: Option<Environment>,
    environment_waiters: Vec<oneshot::Sender<Environment>>,
    calls: Calls<Pending, JsValue>,
}

thread_local! {
    static CLIENT: RefCell<Client> = RefCell::default();
}

/// Starts the worker, once per page; later calls do nothing while it lives.
pub fn start() {
    let Some(generation) = CLIENT.with_borrow_mut(|client| client.calls.start()) else { return };
    let Ok((worker, script)) = Program::own().start() else { return die(generation, Death::Stopped) };
    let script = Rc::new(Cell::new(Some(script)));
    let script_too = Rc::clone(&script);
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        // It has spoken, so it has its script.
        script_too.take();
        if !CLIENT.with_borrow(|client| client.calls.is_current(generation)) {
            return;
        }
        match port::open(&event.data()) {
            Ok((message, _)) => take(generation, message),
            Err(_) => die(
                generation,
                Death::Useless(
                    "the page and its worker are of different versions; reload the page".to_owned(),
                ),
            ),
        }
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let on_error = Closure::<dyn Fn()>::new(move || {
        script.take();
        die(generation, Death::Stopped);
    });
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    // The worker lives as long as the page, and so do its handlers.
    on_message.forget();
    on_error.forget();
    CLIENT.with_borrow_mut(|client| client.worker = Some(worker));
}

/// What the machine offers; known once the worker has spoken.
pub async fn environment() -> Environment {
    start();
    let waiter = CLIENT.with_borrow_mut(|client| {
        let (sender, receiver) = oneshot::channel();
        match &client.environment {
            Some(environment) => drop(sender.send(environment.clone())),
            // Dropped where nobody will ever answer.
            None if client.calls.gone().is_some() => {}
            None => client.environment_waiters.push(sender),
        }
        receiver
    });
    waiter.await.unwrap_or_else(|_| Environment {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        backend: Backend::Cpu,
        adapter: None,
        software: false,
        webgpu_help: "The worker did not start; reload the page.".to_owned(),
    })
}

/// Asks for something that is soon there.
///
/// # Errors
/// What the worker says, or that it died.
pub async fn ask(request: Request) -> Result<Answer, Fault> {
    run(request, None, |_event| {}).answer.await
}

/// What went wrong, where an answer is not of the kind that was asked for.
pub fn fault_of(answer: Result<Answer, Fault>) -> Fault {
    let unexpected = "the worker answered another request; reload the page";
    answer.err().unwrap_or_else(|| Fault::new(FaultCode::Internal, unexpected))
}

/// Sends a request; `files`, an array of blobs, travel beside it. Events come until the answer does.
pub fn run(request: Request, files: Option<JsValue>, on_event: impl Fn(JobEvent) + 'static) -> Job {
    start();
    let (sender, receiver) = oneshot::channel();
    let id = CLIENT.with_borrow_mut(|client| {
        let pending = Pending { on_event: Rc::new(on_event), answer: sender };
        // Messages are plain data, so wrapping cannot fail.
        let envelope = |job| port::envelope(&ToWorker::Run { job, request }, files.as_ref());
        match client.calls.call(pending, |job| envelope(job).unwrap_or_default()) {
            Ok((job, envelope)) => {
                client.post(envelope);
                job
            }
            Err((pending, fault)) => {
                // The receiver is there: it is returned below.
                let _sent = pending.answer.send(Err(fault));
                NO_JOB
            }
        }
    });
    let answer = Box::pin(async move {
        receiver.await.unwrap_or_else(|_| {
            Err(Fault::new(FaultCode::Internal, "the request was given up; reload the page"))
        })
    });
    Job { id, answer }
}

/// The id of a request that was refused at once; the first job has another one.
const NO_JOB: JobId = 0;

/// Asks a job to stop; its answer still comes.
pub fn cancel(job: JobId) {
    CLIENT.with_borrow_mut(|client| {
        if client.calls.waiting(job).is_some()
            && let Ok(envelope) = port::envelope(&ToWorker::Cancel { job }, None)
        {
            let envelope = client.calls.post(envelope);
            client.post(envelope);
        }
    });
}

impl Client {
    fn post(&self, envelope: Option<JsValue>) {
        if let (Some(worker), Some(envelope)) = (&self.worker, envelope) {
            // What was wrapped can be posted.
            drop(worker.post_message(&envelope));
        }
    }

    fn ready(&mut self, environment: Environment) {
        for waiter in self.environment_waiters.drain(..) {
            // A waiter that gave up needs no answer.
            let _gone = waiter.send(environment.clone());
        }
        self.environment = Some(environment);
        for envelope in self.calls.ready() {
            self.post(Some(envelope));
        }
    }
}

fn take(generation: Generation, message: FromWorker) {
    match message {
        FromWorker::Ready { environment } => CLIENT.with_borrow_mut(|client| client.ready(environment)),
        FromWorker::Progress { job, progress } => tell(job, JobEvent::Progress(progress)),
        FromWorker::Tokens { job, updates } => tell(job, JobEvent::Tokens(updates)),
        FromWorker::Responses { job, responses } => tell(job, JobEvent::Responses(responses)),
        FromWorker::Memory { job, memory } => tell(job, JobEvent::Memory(memory)),
        FromWorker::Finished { job, answer } => end(job, Ok(answer)),
        FromWorker::Failed { job: Some(job), fault } => end(job, Err(fault)),
        FromWorker::Failed { job: None, fault } => die(generation, Death::Useless(fault.message)),
    }
}

fn tell(job: JobId, event: JobEvent) {
    let handler =
        CLIENT.with_borrow(|client| client.calls.waiting(job).map(|pending| Rc::clone(&pending.on_event)));
    if let Some(handler) = handler {
        handler(event);
    }
}

fn end(job: JobId, result: Result<Answer, Fault>) {
    if let Some(pending) = CLIENT.with_borrow_mut(|client| client.calls.answered(job)) {
        // Nobody may be waiting any more.
        let _gone = pending.answer.send(result);
    }
}

/// The worker is of no more use: every job ends with what to do about it.
fn die(generation: Generation, death: Death) {
    let died = CLIENT.with_borrow_mut(|client| {
        if !client.calls.is_current(generation) {
            return None;
        }
        if let Some(worker) = client.worker.take() {
            worker.terminate();
        }
        client.environment = None;
        client.environment_waiters.clear();
        Some(client.calls.died(death))
    });
    let Some((waiting, fault)) = died else { return };
    for pending in waiting {
        // Nobody may be waiting any more.
        let _gone = pending.answer.send(Err(fault.clone()));
    }
}
