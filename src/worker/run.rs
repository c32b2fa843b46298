//! The worker in the browser: the port, the clock, and one job at a time.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use crate::{
    browser::{
        clock,
        fetch::{ByteStream, FetchError},
        port,
    },
    engine::{Adapter, EngineError, Gpu},
    protocol::{Answer, Environment, Fault, FaultCode, FromWorker, JobId, ModelSource, Request, ToWorker},
};

use super::{
    host::Host,
    queue::{Effect, Queue},
    service::Service,
    source::ByteSource,
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

    // The queue lets one job run at a time, so nobody else wants the service meanwhile.
    #[expect(clippy::await_holding_refcell_ref, reason = "one job runs at a time")]
    async fn run(self, job: JobId, request: Request) {
        let result = {
            let mut service = self.service.borrow_mut();
            if service.gpu.is_none() && matches!(request, Request::LoadModel(_)) {
                // A device may be back after it was lost.
                service.gpu = Gpu::new(Adapter::Fastest).await.ok();
            }
            match self.source(job, &request).await {
                Ok(source) => service.run(job, request, source, &self).await,
                Err(error) => Err(fetch_fault(&error)),
            }
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

    async fn source(&self, job: JobId, request: &Request) -> Result<Option<ByteStream>, FetchError> {
        let Request::LoadModel(request) = request else { return Ok(None) };
        match &request.source {
            ModelSource::Teaching { url } | ModelSource::Url { url, .. } => {
                ByteStream::from_url(url).await.map(Some)
            }
            ModelSource::File { .. } => {
                let file = self.files.borrow().get(&job).cloned();
                Ok(file
                    .and_then(|file| file.dyn_into::<Blob>().ok())
                    .map(|blob| ByteStream::from_blob(&blob)))
            }
        }
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
}

impl ByteSource for ByteStream {
    fn n_bytes(&self) -> Option<u64> {
        self.n_bytes.map(|n_bytes| n_bytes as u64)
    }

    async fn next(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Fault> {
        match self.next_chunk().await {
            Ok(Some(chunk)) => {
                buffer.resize(chunk.length() as usize, 0);
                chunk.copy_to(buffer);
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(error) => Err(fetch_fault(&error)),
        }
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
