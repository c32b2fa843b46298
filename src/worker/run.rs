//! The worker in the browser: the port, the clock, and one job at a time.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::poll_fn,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use js_sys::Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use crate::{
    browser::{adapter_name, clock, opfs::KeptFiles, port},
    engine::{Adapter, EngineError, Gpu, Tier},
    protocol::{
        Answer, Backend, Environment, Fault, FaultCode, FromWorker, JobId, LoadRequest, ModelInfo,
        ModelSource, Origin, Request, Role, ToWorker,
    },
};

use super::{
    load::{
        page_files::Files,
        store::{self, browser::Network, found::Store, open::StoredFiles, source::Notes},
    },
    machine::Machine,
    queue::{Effect, Queue},
    recovery::{self, On, Supply},
    stop::Stop,
    task::{Host, Task},
};

/// What computes in the worker lets messages in when it has run for so long, in milliseconds.
const PAUSE_MS: f64 = 25.0;
/// How many times more, and how many milliseconds apart, a device is asked for that was there a moment ago: the browser starts
/// the process again that runs it.
const GPU_TRIES: usize = 15;
const GPU_MS: u32 = 200;

/// Files that came beside messages: an array of blobs each.
#[derive(Default)]
struct PickedFiles {
    /// For a job that is to load them.
    by_job: HashMap<JobId, JsValue>,
    /// Of the models that are loaded, should they be loaded again.
    by_role: HashMap<Role, JsValue>,
}

/// What the handlers of one worker share.
#[derive(Clone)]
pub(super) struct Worker {
    scope: DedicatedWorkerGlobalScope,
    queue: Rc<RefCell<Queue>>,
    picked: Rc<RefCell<PickedFiles>>,
    machine: Rc<RefCell<Machine>>,
    /// How models came to an earlier worker that died.
    remembered: Rc<RefCell<Vec<Origin>>>,
    /// What waits to hear that the page wants the running job to stop.
    on_cancel: Rc<RefCell<Option<Waker>>>,
}

/// Listens, finds the GPU, and says that it is ready.
pub fn main() {
    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let worker = Worker {
        scope,
        queue: Rc::default(),
        picked: Rc::default(),
        machine: Rc::default(),
        remembered: Rc::default(),
        on_cancel: Rc::default(),
    };
    let ear = worker.clone();
    worker.machine.borrow_mut().stop = Some(Stop::new(pause, move |context| ear.poll_cancelled(context)));
    let listener = worker.clone();
    let on_message =
        Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| listener.take(&event.data()));
    worker.scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    spawn_local(async move {
        let environment = worker.open_gpu().await;
        worker.send(FromWorker::Ready { environment });
    });
}

impl Worker {
    async fn open_gpu(&self) -> Environment {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let opened = open_fastest().await;
        let mut machine = self.machine.borrow_mut();
        match opened {
            Ok(gpu) => {
                let adapter = Some(gpu.name().to_owned());
                let software = gpu.tier() == Tier::Software;
                machine.gpu = Some(gpu);
                let webgpu_help = String::new();
                Environment { version, backend: Backend::Webgpu, adapter, software, webgpu_help }
            }
            Err(error) => {
                machine.gpu_problem = problem(&error);
                let webgpu_help = webgpu_help(&error);
                Environment { version, backend: Backend::Cpu, adapter: None, software: false, webgpu_help }
            }
        }
    }

    fn take(&self, data: &JsValue) {
        match port::open::<ToWorker>(data) {
            Ok((message, files)) => {
                let mut picked = self.picked.borrow_mut();
                match (&message, files) {
                    (ToWorker::Run { job, .. }, Some(files)) => drop(picked.by_job.insert(*job, files)),
                    (ToWorker::Remember { origin }, Some(files)) => {
                        picked.by_role.insert(origin.request.role, files);
                    }
                    _ => {}
                }
                drop(picked);
                let effects = self.queue.borrow_mut().on(message);
                self.carry_out(effects);
                if self.is_cancelled() {
                    self.on_cancel.take().into_iter().for_each(Waker::wake);
                }
            }
            Err(_) => {
                let fault = Fault::new(
                    FaultCode::Internal,
                    "the page and its worker are of different versions; reload the page",
                );
                self.send(FromWorker::Failed { job: None, fault });
            }
        }
    }

    fn carry_out(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(message) => self.send(message),
                Effect::Remember(origin) => self.remembered.borrow_mut().push(*origin),
                Effect::Start(job, request) => {
                    let worker = self.clone();
                    spawn_local(async move { worker.run(job, request).await });
                }
            }
        }
    }

    /// Ready once the page wants the running job to stop; else wakes who asks when it does.
    fn poll_cancelled(&self, context: &Context<'_>) -> Poll<()> {
        if self.is_cancelled() {
            return Poll::Ready(());
        }
        self.on_cancel.replace(Some(context.waker().clone()));
        Poll::Pending
    }

    async fn run(self, job: JobId, request: Request) {
        let task = Task::new(self.clone(), job);
        let answer = self.answer(&task, request).await;
        self.picked.borrow_mut().by_job.remove(&job);
        self.send(match answer {
            Ok(Answer::Counted(mut report)) => {
                report.peak_heap_bytes = heap_bytes();
                FromWorker::Finished { job, answer: Answer::Counted(report) }
            }
            Ok(answer) => FromWorker::Finished { job, answer },
            Err(fault) => FromWorker::Failed { job: Some(job), fault },
        });
        let effects = self.queue.borrow_mut().ended();
        self.carry_out(effects);
    }

    /// Hands a request to what answers it.
    // The queue lets one job run at a time, so nobody else wants the machine meanwhile.
    #[expect(clippy::await_holding_refcell_ref, reason = "one job runs at a time")]
    async fn answer(&self, task: &Task<Self>, request: Request) -> Result<Answer, Fault> {
        let mut machine = self.machine.borrow_mut();
        self.remembered.take().into_iter().for_each(|origin| machine.origins.put(origin));
        let supply = Bringing::new(self);
        match request {
            Request::Load(request) => {
                let info = self.load(&mut machine, task, &request).await?;
                Ok(Answer::Loaded(Box::new(info)))
            }
            Request::Unload { role } => {
                self.picked.borrow_mut().by_role.remove(&role);
                Ok(machine.unload(role))
            }
            Request::Shelf(request) => store::answer(&KeptFiles, request).await,
            Request::Text(request) => {
                recovery::restore(&mut machine, &supply, task, On::Same).await?;
                machine.text(request)
            }
            Request::Model(request) => recovery::run(&mut machine, &supply, task, request).await,
        }
    }

    /// Loads a model; what should be known of its download goes into its notes.
    async fn load(
        &self,
        machine: &mut Machine,
        task: &Task<Self>,
        request: &LoadRequest,
    ) -> Result<ModelInfo, Fault> {
        let supply = Bringing::new(self);
        let mut info = recovery::load(machine, &supply, task, request).await;
        match &mut info {
            Ok(info) => {
                let notes = supply.notes.take();
                info.notes.extend(notes.iter().cloned());
                machine.note(request.role, notes);
                let mut picked = self.picked.borrow_mut();
                match picked.by_job.get(&task.id()).cloned() {
                    Some(files) => picked.by_role.insert(request.role, files),
                    None => picked.by_role.remove(&request.role),
                };
            }
            Err(Fault { code: FaultCode::BadModel | FaultCode::HashMismatch, .. }) => {
                // New files that are no model, or the wrong one, are of no use to keep.
                let new_ids = supply.new_ids.take();
                for id in new_ids.take() {
                    let _gone = KeptFiles.remove(&id).await;
                }
            }
            Err(_) => {}
        }
        info
    }

    /// The files of a model.
    async fn files_of(
        &self,
        task: &Task<Self>,
        request: &LoadRequest,
        notes: &Notes,
    ) -> Result<Files<Self>, Fault> {
        match &request.source {
            ModelSource::Teaching { url } => Ok(Files::Page { names: vec![url.clone()], task: task.clone() }),
            ModelSource::Url { .. } => {
                let (task, notes) = (task.clone(), Notes::clone(notes));
                let store = Store { files: KeptFiles, web: Network, task, notes };
                StoredFiles::find(store, request).await.map(|files| Files::Stored(Box::new(files)))
            }
            ModelSource::File { names } => {
                let picked = self.picked.borrow();
                let of_job = picked.by_job.get(&task.id());
                let picked = of_job.or_else(|| picked.by_role.get(&request.role)).cloned();
                let blobs: Option<Vec<Blob>> = picked
                    .and_then(|picked| picked.dyn_into::<Array>().ok())
                    .and_then(|picked| picked.iter().map(|file| file.dyn_into().ok()).collect());
                let blobs = blobs.filter(|blobs| blobs.len() == names.len() && !blobs.is_empty());
                let files = blobs.map(|blobs| Files::Picked { names: names.clone(), blobs });
                files.ok_or_else(|| {
                    Fault::new(FaultCode::Unreachable, "the model file did not arrive; pick it again")
                })
            }
        }
    }
}

/// Brings devices and files to a load, or to a job that needs its models again.
struct Bringing<'a> {
    worker: &'a Worker,
    /// What should be known of the last download.
    notes: Notes,
    /// Kept files that it has made.
    new_ids: RefCell<Rc<RefCell<Vec<String>>>>,
}

impl<'a> Bringing<'a> {
    fn new(worker: &'a Worker) -> Self {
        Self { worker, notes: Notes::default(), new_ids: RefCell::default() }
    }
}

impl Supply<Worker> for Bringing<'_> {
    type Files = Files<Worker>;

    async fn gpu(&self, was: bool) -> Result<Gpu, Option<String>> {
        let mut opened = open_fastest().await;
        for _ in 0..if was { GPU_TRIES } else { 0 } {
            if opened.is_ok() || self.worker.is_cancelled() {
                break;
            }
            clock::sleep(GPU_MS).await;
            opened = open_fastest().await;
        }
        opened.map_err(|error| problem(&error))
    }

    async fn files(&self, task: &Task<Worker>, request: &LoadRequest) -> Result<Files<Worker>, Fault> {
        self.notes.take();
        let files = self.worker.files_of(task, request, &self.notes).await?;
        if let Files::Stored(files) = &files {
            self.new_ids.replace(Rc::clone(&files.new_ids));
        }
        Ok(files)
    }
}

impl Host for Worker {
    fn send(&self, message: FromWorker) {
        // Messages are plain data, so wrapping cannot fail; a page that is gone needs no answer.
        if let Ok(envelope) = port::envelope(&message, None) {
            let _gone = self.scope.post_message(&envelope);
        }
    }

    fn now_ms(&self) -> f64 {
        clock::now_ms()
    }

    async fn breathe(&self) {
        clock::breathe().await;
    }

    fn is_cancelled(&self) -> bool {
        self.queue.borrow().is_cancelled()
    }

    async fn cancelled(&self) {
        poll_fn(|context| self.poll_cancelled(context)).await;
    }
}

/// Lets messages in, where none were let in for a while.
fn pause() -> Pin<Box<dyn Future<Output = ()>>> {
    thread_local! {
        static LAST_MS: Cell<f64> = const { Cell::new(0.0) };
    }
    Box::pin(async {
        if clock::now_ms() - LAST_MS.get() >= PAUSE_MS {
            clock::breathe().await;
            LAST_MS.set(clock::now_ms());
        }
    })
}

/// Opens the fastest adapter, and finds out whether it is a real GPU where it does not say.
async fn open_fastest() -> Result<Gpu, EngineError> {
    let called = adapter_name::of_fastest().await.unwrap_or_default();
    let mut gpu = Gpu::known_as(Adapter::Fastest, &called).await?;
    if gpu.name().is_empty() {
        gpu.measure_tier(clock::now_ms).await?;
    }
    Ok(gpu)
}

/// What to say where a machine has a GPU that cannot be used; a machine without one is said so elsewhere.
fn problem(error: &EngineError) -> Option<String> {
    match error {
        EngineError::NoAdapter { .. } => None,
        other => Some(other.to_string()),
    }
}

/// How to get WebGPU, for the person; the page says itself that there is none.
fn webgpu_help(error: &EngineError) -> String {
    let how = "to use the GPU, open this page over https or on localhost in a current Chrome, Edge, Firefox or Safari, \
               turn hardware acceleration on in the browser's settings and update the graphics driver";
    match error {
        EngineError::NoAdapter { .. } => how.to_owned(),
        other => format!("{other}; {how}"),
    }
}

/// Size of the worker's memory, which never shrinks: so also its peak.
fn heap_bytes() -> f64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
    f64::from(buffer.byte_length())
}
