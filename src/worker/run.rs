//! The worker in the browser: the port, the clock, and one job at a time.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use crate::{
    browser::{
        clock,
        fetch::{ByteStream, FetchError},
        opfs::{KeptFile, KeptFiles},
        port,
    },
    engine::{Adapter, EngineError, Gpu},
    protocol::{
        Answer, Environment, Fault, FaultCode, FromWorker, JobId, LoadRequest, ModelSource, Request, ToWorker,
    },
};

use super::{
    host::Host,
    queue::{Effect, Queue},
    service::Service,
    source::ByteSource,
    store::{
        browser::Network,
        disk_fault,
        open::{Opened, Store},
        source::{Notes, StoredSource},
        stored,
    },
};

/// Files that came beside messages, by job.
type Files = HashMap<JobId, JsValue>;

/// What the handlers of one worker share.
#[derive(Clone)]
struct Worker {
    scope: DedicatedWorkerGlobalScope,
    queue: Rc<RefCell<Queue>>,
    files: Rc<RefCell<Files>>,
    service: Rc<RefCell<Service>>,
}

/// Listens, finds the GPU, and says that it is ready.
pub fn main() {
    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let worker = Worker { scope, queue: Rc::default(), files: Rc::default(), service: Rc::default() };
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
        match Gpu::new(Adapter::Fastest).await {
            Ok(gpu) => {
                let adapter = Some(gpu.name().to_owned());
                self.service.borrow_mut().gpu = Some(gpu);
                Environment { version, backend: "webgpu".to_owned(), adapter, webgpu_help: String::new() }
            }
            Err(error) => Environment {
                version,
                backend: "cpu".to_owned(),
                adapter: None,
                webgpu_help: webgpu_help(&error),
            },
        }
    }

    fn take(&self, data: &JsValue) {
        match port::open::<ToWorker>(data) {
            Ok((message, file)) => {
                if let (ToWorker::Run { job, .. }, Some(file)) = (&message, file) {
                    self.files.borrow_mut().insert(*job, file);
                }
                let effects = self.queue.borrow_mut().on(message);
                self.carry_out(effects);
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
        let result = match request {
            Request::StoredModels => stored_models().await,
            Request::DeleteModel { id } => match KeptFiles.remove(&id).await {
                Ok(()) => stored_models().await,
                Err(error) => Err(disk_fault(&error)),
            },
            Request::LoadModel(request) => self.load(job, request).await,
            other => self.serve(job, other, None).await,
        };
        self.files.borrow_mut().remove(&job);
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
    async fn serve(&self, job: JobId, request: Request, source: Option<Source>) -> Result<Answer, Fault> {
        let mut service = self.service.borrow_mut();
        if service.gpu.is_none() && matches!(request, Request::LoadModel(_)) {
            // A device may be back after it was lost.
            service.gpu = Gpu::new(Adapter::Fastest).await.ok();
        }
        service.run(job, request, source, self).await
    }

    /// Loads a model; what should be known of its download goes into its notes.
    async fn load(&self, job: JobId, request: LoadRequest) -> Result<Answer, Fault> {
        let notes = Notes::default();
        let (source, new_id) = self.source(job, &request, &notes).await?;
        let mut answer = self.serve(job, Request::LoadModel(request), source).await;
        match &mut answer {
            Ok(Answer::Loaded(info)) => info.notes.extend(notes.take()),
            Err(Fault { code: FaultCode::BadModel | FaultCode::HashMismatch, .. }) => {
                // A new file that is no model, or the wrong one, is of no use to keep.
                if let Some(id) = new_id {
                    let _gone = KeptFiles.remove(&id).await;
                }
            }
            _ => {}
        }
        answer
    }

    /// The bytes of a model, and the name in the store of one that is new there.
    async fn source(
        &self,
        job: JobId,
        request: &LoadRequest,
        notes: &Notes,
    ) -> Result<(Option<Source>, Option<String>), Fault> {
        match &request.source {
            ModelSource::Teaching { url } => {
                let stream = ByteStream::from_url(url).await.map_err(|error| fetch_fault(&error))?;
                Ok((Some(Source::Passing(stream)), None))
            }
            ModelSource::Url { .. } => {
                let (host, notes) = (self.clone(), Notes::clone(notes));
                let store = Store { files: KeptFiles, web: Network, host, job, notes };
                Ok(match store.open(request).await? {
                    Opened::Stored { source, id, was_complete } => {
                        (Some(Source::Stored(source)), (!was_complete).then_some(id))
                    }
                    Opened::Passing { mut body, n_bytes } => {
                        body.n_bytes = n_bytes.map(|n_bytes| n_bytes as f64);
                        (Some(Source::Passing(body)), None)
                    }
                })
            }
            ModelSource::File { .. } => {
                let file = self.files.borrow().get(&job).cloned();
                let blob = file.and_then(|file| file.dyn_into::<Blob>().ok());
                Ok((blob.map(|blob| Source::Passing(ByteStream::from_blob(&blob))), None))
            }
        }
    }
}

/// Where the bytes of a model come from.
enum Source {
    /// A picked file, the teaching model, or an address whose file is not kept.
    Passing(ByteStream),
    /// The store.
    Stored(Box<StoredSource<KeptFile, Network, Worker>>),
}

impl ByteSource for Source {
    fn n_bytes(&self) -> Option<u64> {
        match self {
            Self::Passing(stream) => stream.n_bytes.map(|n_bytes| n_bytes as u64),
            Self::Stored(source) => source.n_bytes(),
        }
    }

    async fn next(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Fault> {
        match self {
            Self::Passing(stream) => stream.read_into(buffer).await.map_err(|error| fetch_fault(&error)),
            Self::Stored(source) => source.next(buffer).await,
        }
    }

    fn sha256(&self) -> Option<String> {
        match self {
            Self::Passing(_) => None,
            Self::Stored(source) => source.sha256(),
        }
    }

    fn end(&mut self, sha256: &str) -> Result<(), Fault> {
        match self {
            Self::Passing(_) => Ok(()),
            Self::Stored(source) => source.end(sha256),
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

fn fetch_fault(error: &FetchError) -> Fault {
    Fault::new(FaultCode::Unreachable, error.to_string())
}

/// Size of the worker's memory, which never shrinks: so also its peak.
fn heap_bytes() -> f64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
    f64::from(buffer.byte_length())
}
