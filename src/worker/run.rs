//! The worker in the browser: the port, the clock, and one job at a time.

use std::{
    cell::RefCell,
    collections::HashMap,
    future::poll_fn,
    rc::Rc,
    task::{Poll, Waker},
};

use js_sys::Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use crate::{
    browser::{adapter_name, clock, opfs::KeptFiles, port},
    engine::{Adapter, EngineError, Gpu, Tier},
    protocol::{
        Answer, Environment, Fault, FaultCode, FromWorker, JobId, LoadRequest, ModelSource, Request, ToWorker,
    },
};

use super::{
    page_files::Files,
    queue::{Effect, Queue},
    service::Service,
    store::{
        self,
        browser::Network,
        disk_fault,
        open::{Store, StoredFiles},
        source::Notes,
        stored,
    },
    task::{Host, Task},
};

/// Files that came beside messages, by job: an array of blobs each.
type PickedFiles = HashMap<JobId, JsValue>;

/// What the handlers of one worker share.
#[derive(Clone)]
pub(super) struct Worker {
    scope: DedicatedWorkerGlobalScope,
    queue: Rc<RefCell<Queue>>,
    picked: Rc<RefCell<PickedFiles>>,
    service: Rc<RefCell<Service>>,
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
        service: Rc::default(),
        on_cancel: Rc::default(),
    };
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
        let mut service = self.service.borrow_mut();
        match opened {
            Ok(gpu) => {
                let adapter = Some(gpu.name().to_owned());
                let software = gpu.tier() == Tier::Software;
                service.gpu = Some(gpu);
                let webgpu_help = String::new();
                Environment { version, backend: "webgpu".to_owned(), adapter, software, webgpu_help }
            }
            Err(error) => {
                service.gpu_problem = problem(&error);
                let webgpu_help = webgpu_help(&error);
                let backend = "cpu".to_owned();
                Environment { version, backend, adapter: None, software: false, webgpu_help }
            }
        }
    }

    fn take(&self, data: &JsValue) {
        match port::open::<ToWorker>(data) {
            Ok((message, files)) => {
                if let (ToWorker::Run { job, .. }, Some(files)) = (&message, files) {
                    self.picked.borrow_mut().insert(*job, files);
                }
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
                Effect::Start(job, request) => {
                    let worker = self.clone();
                    spawn_local(async move { worker.run(job, request).await });
                }
            }
        }
    }

    async fn run(self, job: JobId, request: Request) {
        let task = Task::new(self.clone(), job);
        let result = match request {
            Request::StoredModels => stored_models().await,
            Request::DeleteModel { id } => match store::remove(&KeptFiles, &id).await {
                Ok(()) => stored_models().await,
                Err(error) => Err(disk_fault(&error)),
            },
            Request::LoadModel(request) => self.load(&task, job, request).await,
            other => self.serve(&task, other, None).await,
        };
        self.picked.borrow_mut().remove(&job);
        self.send(match result {
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

    // The queue lets one job run at a time, so nobody else wants the service meanwhile.
    #[expect(clippy::await_holding_refcell_ref, reason = "one job runs at a time")]
    async fn serve(
        &self,
        task: &Task<Self>,
        request: Request,
        files: Option<Files>,
    ) -> Result<Answer, Fault> {
        let mut service = self.service.borrow_mut();
        if service.gpu.is_none() && matches!(request, Request::LoadModel(_)) {
            // A device may be back after it was lost.
            let opened = open_fastest().await;
            service.gpu_problem = opened.as_ref().err().and_then(problem);
            service.gpu = opened.ok();
        }
        service.run(task, request, files).await
    }

    /// Loads a model; what should be known of its download goes into its notes.
    async fn load(&self, task: &Task<Self>, job: JobId, request: LoadRequest) -> Result<Answer, Fault> {
        let notes = Notes::default();
        let files = self.files_of(task, job, &request, &notes).await?;
        let new_ids = match &files {
            Some(Files::Stored(files)) => Rc::clone(&files.new_ids),
            _ => Rc::default(),
        };
        let role = request.role;
        let mut answer = self.serve(task, Request::LoadModel(request), files).await;
        match &mut answer {
            Ok(Answer::Loaded(info)) => {
                let notes = notes.take();
                info.notes.extend(notes.iter().cloned());
                self.service.borrow_mut().note(role, notes);
            }
            Err(Fault { code: FaultCode::BadModel | FaultCode::HashMismatch, .. }) => {
                // New files that are no model, or the wrong one, are of no use to keep.
                for id in new_ids.take() {
                    let _gone = KeptFiles.remove(&id).await;
                }
            }
            _ => {}
        }
        answer
    }

    /// The files of a model.
    async fn files_of(
        &self,
        task: &Task<Self>,
        job: JobId,
        request: &LoadRequest,
        notes: &Notes,
    ) -> Result<Option<Files>, Fault> {
        match &request.source {
            ModelSource::Teaching { url } => {
                Ok(Some(Files::Page { names: vec![url.clone()], task: task.clone() }))
            }
            ModelSource::Url { .. } => {
                let (task, notes) = (task.clone(), Notes::clone(notes));
                let store = Store { files: KeptFiles, web: Network, task, notes };
                StoredFiles::find(store, request).await.map(|files| Some(Files::Stored(Box::new(files))))
            }
            ModelSource::File { names } => {
                let picked = self.picked.borrow().get(&job).cloned();
                let blobs: Option<Vec<Blob>> = picked
                    .and_then(|picked| picked.dyn_into::<Array>().ok())
                    .and_then(|picked| picked.iter().map(|file| file.dyn_into().ok()).collect());
                let files = |blobs: Vec<Blob>| Files::Picked { names: names.clone(), blobs };
                Ok(blobs.filter(|blobs| blobs.len() == names.len() && !blobs.is_empty()).map(files))
            }
        }
    }
}

async fn stored_models() -> Result<Answer, Fault> {
    KeptFiles
        .ledgers()
        .await
        .map(|ledgers| Answer::Stored(stored(&ledgers)))
        .map_err(|error| disk_fault(&error))
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
        poll_fn(|context| {
            if self.is_cancelled() {
                return Poll::Ready(());
            }
            self.on_cancel.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
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
