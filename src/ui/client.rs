//! The page's one worker: requests out, events and answers in. The screen and `window.concord` both use it.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
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
        Answer, Backend, Cause, Environment, Fault, FaultCode, FromWorker, Interruption, JobId, LoadRequest,
        MemoryReport, ModelInfo, ModelRequest, Origin, Origins, Progress, Remedy, Request, Role,
        TemplateChoice, ToWorker, TokenUpdate,
        calls::{Calls, Death, Generation, Left},
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
    /// It was interrupted and goes on; what had begun and not ended begins anew.
    Interrupted(Interruption),
    /// A model was loaded again on its own, and is not quite what it was.
    Restored(Role, Box<ModelInfo>),
}

/// A job under way.
pub struct Job {
    /// For [`cancel`].
    pub id: JobId,
    /// Its result.
    pub answer: Pin<Box<dyn Future<Output = Result<Answer, Fault>>>>,
}

type OnEvent = Rc<dyn Fn(JobEvent)>;
type Answered = oneshot::Sender<Result<Answer, Fault>>;

struct Pending {
    on_event: OnEvent,
    answer: Answered,
    changes: Changes,
    /// As it was posted, should it be posted again.
    envelope: JsValue,
    /// What has ended since.
    responses: Vec<Response>,
    is_cancelled: bool,
    /// What happened on the way that the worker cannot say, as it died.
    interruptions: Vec<Interruption>,
}

/// What a request changes about the loaded models, once it is answered.
enum Changes {
    Nothing,
    Loads(Box<LoadRequest>, Option<JsValue>),
    Unloads(Role),
    Picks(TemplateChoice),
}

impl Changes {
    fn of(request: &Request, files: Option<&JsValue>) -> Self {
        match request {
            Request::Load(request) => Self::Loads(Box::new(request.clone()), files.cloned()),
            Request::Unload { role } => Self::Unloads(*role),
            Request::Model(ModelRequest::PickTemplate { template }) => Self::Picks(*template),
            _ => Self::Nothing,
        }
    }
}

#[derive(Default)]
struct Client {
    worker: Option<Worker>,
    environment: Option<Environment>,
    environment_waiters: Vec<oneshot::Sender<Environment>>,
    calls: Calls<Pending, JsValue>,
    /// How the loaded models came, for a worker that takes the place of one that died; with the files that were picked.
    origins: Origins,
    files: HashMap<Role, JsValue>,
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
        let pending = Pending {
            on_event: Rc::new(on_event),
            answer: sender,
            changes: Changes::of(&request, files.as_ref()),
            envelope: JsValue::UNDEFINED,
            responses: Vec::new(),
            is_cancelled: false,
            interruptions: Vec::new(),
        };
        // Messages are plain data, so wrapping cannot fail.
        let envelope =
            |job| port::envelope(&ToWorker::Run { job, request }, files.as_ref()).unwrap_or_default();
        let mut wrapped = JsValue::UNDEFINED;
        let called = client.calls.call(pending, |job| {
            wrapped = envelope(job);
            wrapped.clone()
        });
        match called {
            Ok((job, envelope)) => {
                if let Some(pending) = client.calls.waiting_mut(job) {
                    pending.envelope = wrapped;
                }
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
        if let Some(pending) = client.calls.waiting_mut(job) {
            pending.is_cancelled = true;
            client.send(&ToWorker::Cancel { job });
        }
    });
}

impl Client {
    /// Posts a message without files, now or once the worker has spoken.
    fn send(&mut self, message: &ToWorker) {
        if let Ok(envelope) = port::envelope(message, None) {
            let envelope = self.calls.post(envelope);
            self.post(envelope);
        }
    }

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
        // A worker that died had models.
        for origin in self.origins.iter() {
            let files = self.files.get(&origin.request.role);
            let message = ToWorker::Remember { origin: Box::new(origin.clone()) };
            self.post(port::envelope(&message, files).ok());
        }
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
        FromWorker::Responses { job, responses } => {
            CLIENT.with_borrow_mut(|client| {
                client.calls.kept(job, responses.len());
                if let Some(pending) = client.calls.waiting_mut(job) {
                    pending.responses.extend_from_slice(&responses);
                }
            });
            tell(job, JobEvent::Responses(responses));
        }
        FromWorker::Memory { job, memory } => tell(job, JobEvent::Memory(memory)),
        FromWorker::Interrupted { job, interruption } => tell(job, JobEvent::Interrupted(interruption)),
        FromWorker::Restored { job, role, info } => {
            CLIENT.with_borrow_mut(|client| {
                client.origins.get_mut(role).into_iter().for_each(|origin| origin.info.clone_from(&info));
            });
            tell(job, JobEvent::Restored(role, info));
        }
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
    let answered = CLIENT.with_borrow_mut(|client| {
        let pending = client.calls.answered(job)?;
        if let Ok(answer) = &result {
            client.note(&pending.changes, answer);
        }
        Some((pending.answer, pending.interruptions))
    });
    if let Some((answer, interruptions)) = answered {
        // Nobody may be waiting any more.
        let _gone = answer.send(result.map(|result| result.noting(&interruptions)));
    }
}

impl Client {
    /// Keeps in mind how the loaded models came.
    fn note(&mut self, changes: &Changes, answer: &Answer) {
        match (changes, answer) {
            (Changes::Loads(request, files), Answer::Loaded(info)) => {
                match files {
                    Some(files) => self.files.insert(request.role, files.clone()),
                    None => self.files.remove(&request.role),
                };
                self.origins.put(Origin { request: (**request).clone(), info: (**info).clone() });
            }
            (Changes::Unloads(role), _) => {
                self.files.remove(role);
                self.origins.remove(*role);
            }
            (Changes::Picks(template), Answer::Loaded(info)) => {
                if let Some(origin) = self.origins.get_mut(Role::Generator) {
                    origin.request.template = *template;
                    origin.info.clone_from(info);
                }
            }
            _ => {}
        }
    }

    /// What is to be posted of a job that a worker left: the responses that have ended are not made again.
    fn again(&mut self, job: JobId, is_first: bool) -> Option<(OnEvent, Interruption)> {
        let pending = self.calls.waiting_mut(job)?;
        let (message, files) = port::open::<ToWorker>(&pending.envelope).ok()?;
        let (message, n_finished) = message.going_on_from(std::mem::take(&mut pending.responses));
        let envelope = port::envelope(&message, files.as_ref()).ok()?;
        pending.envelope = envelope.clone();
        let kept = u32::try_from(n_finished).unwrap_or(u32::MAX);
        let interruption = Interruption { cause: Cause::WorkerStopped, remedy: Remedy::Again, kept };
        if is_first {
            pending.interruptions.push(interruption);
        }
        let (handler, is_cancelled) = (Rc::clone(&pending.on_event), pending.is_cancelled);
        let envelope = self.calls.post(envelope);
        self.post(envelope);
        if is_cancelled {
            self.send(&ToWorker::Cancel { job });
        }
        is_first.then_some((handler, interruption))
    }
}

/// The worker is of no more use. What it left goes to another one, where there is a point in that; what does not ends with what
/// to do about it.
fn die(generation: Generation, death: Death) {
    let left = CLIENT.with_borrow_mut(|client| {
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
    let Some(Left { given_up, fault, again }) = left else { return };
    let has_more = !again.is_empty();
    let interrupted = CLIENT.with_borrow_mut(|client| {
        // Where one was given up, it was the one under way.
        let was_under_way = |at: usize| at == 0 && given_up.is_empty();
        let told = again.into_iter().enumerate().map(|(at, job)| client.again(job, was_under_way(at)));
        told.flatten().collect::<Vec<_>>()
    });
    if has_more {
        start();
    }
    for pending in given_up {
        // Nobody may be waiting any more.
        let _gone = pending.answer.send(Err(fault.clone()));
    }
    for (handler, interruption) in interrupted {
        handler(JobEvent::Interrupted(interruption));
    }
}
