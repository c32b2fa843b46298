//! A machine room in which things go wrong at chosen moments.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    future::poll_fn,
    task::Poll,
};

use pollster::block_on;

use crate::{
    data::Session,
    engine::{Adapter, Gpu},
    protocol::{
        Answer, BackendChoice, BuildOutcome, BuildRequest, Fault, FromWorker, Interruption, LoadRequest,
        ModelInfo, ModelRequest, ModelSource, Role,
    },
    weights::testing::{RandomModel, random_model},
    worker::{
        load::files::MemoryFiles,
        machine::Machine,
        recovery::{self, Supply},
        task::{Host, Task},
        testing::{TestHost, build_request},
    },
};

/// Responses written at once, when nothing has gone wrong: a quarter of those of a run.
pub(super) const ROWS: u32 = 8;

/// What goes wrong at a breath.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blow {
    Lost,
    NoMemory,
    Dies,
    Cancelled,
}

/// A machine room: a page that listens, the device that there is, the model's file, and what goes wrong at which breath.
pub(super) struct Lab<'a> {
    pub(super) page: TestHost,
    pub(super) bytes: RefCell<&'a [u8]>,
    pub(super) gpu: RefCell<Option<Gpu>>,
    pub(super) n_gpus: Cell<usize>,
    blow: Blow,
    pub(super) at: RefCell<BTreeSet<u32>>,
    pub(super) is_dead: Cell<bool>,
    is_cancelled: Cell<bool>,
}

impl<'a> Lab<'a> {
    pub(super) fn new(bytes: &'a [u8], blow: Blow, at: impl IntoIterator<Item = u32>) -> Self {
        Self {
            page: TestHost::default(),
            bytes: RefCell::new(bytes),
            gpu: RefCell::new(None),
            n_gpus: Cell::new(0),
            blow,
            at: RefCell::new(at.into_iter().collect()),
            is_dead: Cell::new(false),
            is_cancelled: Cell::new(false),
        }
    }

    pub(super) fn interruptions(&self) -> Vec<Interruption> {
        let sent = self.page.sent.borrow();
        let of = |message: &FromWorker| match message {
            FromWorker::Interrupted { interruption, .. } => Some(*interruption),
            _ => None,
        };
        sent.iter().filter_map(of).collect()
    }

    pub(super) fn restored(&self) -> Vec<ModelInfo> {
        let sent = self.page.sent.borrow();
        let of = |message: &FromWorker| match message {
            FromWorker::Restored { info, .. } => Some((**info).clone()),
            _ => None,
        };
        sent.iter().filter_map(of).collect()
    }
}

impl Host for &Lab<'_> {
    fn send(&self, message: FromWorker) {
        self.page.send(message);
    }

    fn now_ms(&self) -> f64 {
        self.page.now_ms()
    }

    async fn breathe(&self) {
        self.page.breathe().await;
        if self.at.borrow_mut().remove(&self.page.breaths.get()) {
            match self.blow {
                Blow::Lost => self.gpu.borrow().iter().for_each(Gpu::destroy),
                Blow::NoMemory => self.gpu.borrow().iter().for_each(Gpu::refuse_memory),
                Blow::Dies => self.is_dead.set(true),
                Blow::Cancelled => self.is_cancelled.set(true),
            }
        }
        if self.is_dead.get() {
            // Nothing that it was about to do is done.
            poll_fn(|_| Poll::<()>::Pending).await;
        }
    }

    fn is_cancelled(&self) -> bool {
        self.is_cancelled.get()
    }

    async fn cancelled(&self) {
        poll_fn(|_| if self.is_cancelled() { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}

impl<'a, 'l> Supply<&'l Self> for Lab<'a> {
    type Files = MemoryFiles<'a>;

    async fn gpu(&self, _: bool) -> Result<Gpu, Option<String>> {
        let gpu = Gpu::new(Adapter::Software).await.expect("a software adapter is needed, such as lavapipe");
        self.n_gpus.set(self.n_gpus.get() + 1);
        self.gpu.replace(Some(gpu.clone()));
        Ok(gpu)
    }

    async fn files(&self, _: &Task<&'l Self>, _: &LoadRequest) -> Result<MemoryFiles<'a>, Fault> {
        Ok(MemoryFiles::new(&[("random.gguf", *self.bytes.borrow())], 20_000))
    }
}

pub(super) fn load_request(backend: BackendChoice) -> LoadRequest {
    let source = ModelSource::File { names: vec!["random.gguf".to_owned()] };
    LoadRequest { rows: Some(ROWS), ..LoadRequest::new(source, Role::Generator, backend) }
}

pub(super) fn load(machine: &mut Machine, lab: &Lab<'_>, backend: BackendChoice) -> Result<ModelInfo, Fault> {
    block_on(recovery::load(machine, lab, &Task::new(lab, 1), &load_request(backend)))
}

/// As [`load`] on the GPU, whatever goes wrong there.
pub(super) fn loaded(lab: &Lab<'_>) -> Machine {
    let mut machine = Machine::default();
    let at = lab.at.take();
    load(&mut machine, lab, BackendChoice::Webgpu).unwrap();
    lab.page.breaths.set(0);
    lab.at.replace(at);
    machine
}

pub(super) fn run(
    machine: &mut Machine,
    lab: &Lab<'_>,
    request: BuildRequest,
) -> Result<BuildOutcome, Fault> {
    let request = ModelRequest::Build(Box::new(request));
    match block_on(recovery::run(machine, lab, &Task::new(lab, 2), request))? {
        Answer::Built(outcome) => Ok(*outcome),
        other => panic!("{other:?}"),
    }
}

pub(super) fn bytes_of(session: &Session) -> Vec<u8> {
    serde_json::to_vec(session).unwrap()
}

/// Requests whose runs are long enough to be disturbed in every part: with a limit, and with one that is measured.
pub(super) fn requests() -> [BuildRequest; 2] {
    [Some(20), None].map(|max_tokens| {
        let mut request = build_request();
        (request.config.n, request.config.max_tokens) = (8, max_tokens);
        request.config.seed = 11;
        request
    })
}

/// The session of a run that nothing disturbs, and its breaths.
pub(super) fn undisturbed(bytes: &[u8], request: &BuildRequest) -> (Vec<u8>, u32) {
    let lab = Lab::new(bytes, Blow::Lost, []);
    let outcome = run(&mut loaded(&lab), &lab, request.clone()).unwrap();
    assert_eq!((outcome.problems, lab.interruptions()), (Vec::new(), Vec::new()));
    (bytes_of(&outcome.session), lab.page.breaths.get())
}

pub(super) fn undisturbed_session(bytes: &[u8], request: &BuildRequest) -> Session {
    let lab = Lab::new(bytes, Blow::Lost, []);
    run(&mut loaded(&lab), &lab, request.clone()).unwrap().session
}

/// The breath of a run at which something goes wrong, by a seed.
pub(super) fn moment(seed: u32, n_breaths: u32) -> u32 {
    let draw = (seed + 1).wrapping_mul(2_654_435_761).wrapping_mul(0x85eb_ca6b) >> 8;
    1 + draw % n_breaths
}

/// A model whose longest response is short, so that a run with a limit that is measured is soon over.
pub(super) fn model() -> Vec<u8> {
    random_model(&RandomModel { seq_len: 96, ..RandomModel::default() })
}
