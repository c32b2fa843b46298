//! What the worker's tests have in common: a page that only listens, and small models loaded.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::poll_fn,
    task::Poll,
};

use pollster::block_on;

use super::{
    load::files::MemoryFiles,
    machine::Machine,
    task::{self, Host},
};
use crate::{
    data::{Language, Prompt, Session, SessionConfig, TaskKind, check_session},
    protocol::{
        Answer, BackendChoice, BuildOutcome, BuildRequest, Fault, FromWorker, LoadRequest, MeasureOutcome,
        MeasureRequest, ModelRequest, ModelSource, Request, Role,
    },
    weights::testing::{RandomModel, random_model},
};

/// Keeps what was sent; the clock is a count of how often it was asked; cancels at a given breath.
#[derive(Default)]
pub(super) struct TestHost {
    pub(super) sent: RefCell<Vec<FromWorker>>,
    now_ms: Cell<f64>,
    pub(super) breaths: Cell<u32>,
    cancel_at_breath: Option<u32>,
}

impl TestHost {
    /// One that wants the job stopped from a breath on.
    pub(super) fn cancelling_at(breath: u32) -> Self {
        Self { cancel_at_breath: Some(breath), ..Self::default() }
    }
}

impl Host for TestHost {
    fn send(&self, message: FromWorker) {
        self.sent.borrow_mut().push(message);
    }

    fn now_ms(&self) -> f64 {
        self.now_ms.set(self.now_ms.get() + 100.0);
        self.now_ms.get()
    }

    async fn breathe(&self) {
        self.breaths.set(self.breaths.get() + 1);
    }

    fn is_cancelled(&self) -> bool {
        self.cancel_at_breath.is_some_and(|breath| self.breaths.get() >= breath)
    }

    async fn cancelled(&self) {
        poll_fn(|_| if self.is_cancelled() { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}

pub(super) fn load_request(name: &str) -> LoadRequest {
    let source = ModelSource::File { names: vec![name.to_owned()] };
    LoadRequest::new(source, Role::Generator, BackendChoice::Cpu)
}

pub(super) fn load(bytes: &[u8]) -> Result<Machine, Fault> {
    let mut machine = Machine::default();
    let files = MemoryFiles::new(&[("random.gguf", bytes)], 1_000);
    let host = TestHost::default();
    block_on(machine.load(&task::Task::new(&host, 0), &load_request("random.gguf"), files))?;
    Ok(machine)
}

/// Carries out a request as the loop does, without files.
pub(super) fn run(
    machine: &mut Machine,
    request: impl Into<Request>,
    host: &TestHost,
) -> Result<Answer, Fault> {
    let task = task::Task::new(host, 1);
    match request.into() {
        Request::Load(request) => {
            let info = block_on(machine.load(&task, &request, MemoryFiles::new(&[], 1)))?;
            Ok(Answer::Loaded(Box::new(info)))
        }
        Request::Unload { role } => Ok(machine.unload(role)),
        Request::Shelf(request) => panic!("{request:?} is for the disk"),
        Request::Text(request) => machine.text(request),
        Request::Model(request) => block_on(machine.run(&task, request)),
    }
}

pub(super) fn loaded() -> Machine {
    load(&random_model(&RandomModel::default())).unwrap()
}

pub(super) fn prompt(id: &str, texts: &[(&str, &str)]) -> Prompt {
    let text: BTreeMap<Language, String> =
        texts.iter().map(|(language, text)| (Language::from(*language), (*text).to_owned())).collect();
    Prompt { id: id.to_owned(), task: TaskKind::Math, text, ..Prompt::default() }
}

pub(super) fn build_request() -> BuildRequest {
    let prompts = vec![
        prompt("one", &[("en", "How many?"), ("de", "Wie viele?")]),
        prompt("two", &[("en", "And now?"), ("de", "Und jetzt?")]),
    ];
    let languages = ["en", "de"].map(Language::from).to_vec();
    let config = SessionConfig { n: 4, max_tokens: Some(12), languages, seed: 5, ..SessionConfig::default() };
    let created = "2026-01-01T00:00:00Z".to_owned();
    BuildRequest { prompts, config, finished: Vec::new(), finished_by: None, created }
}

pub(super) fn build(
    machine: &mut Machine,
    request: BuildRequest,
    host: &TestHost,
) -> Result<BuildOutcome, Fault> {
    match run(machine, ModelRequest::Build(Box::new(request)), host)? {
        Answer::Built(outcome) => {
            assert_eq!(check_session(&outcome.session), [], "what the worker builds opens again");
            Ok(*outcome)
        }
        other => panic!("{other:?}"),
    }
}

/// A session with what was measured of it has to open again.
pub(super) fn assert_opens_again(asked: &MeasureRequest, outcome: &MeasureOutcome) {
    let mut session = Session {
        prompts: asked.prompts.clone(),
        responses: asked.responses.clone(),
        config: asked.config.clone(),
        ..Session::default()
    };
    if check_session(&session).is_empty() {
        session.responses.extend(outcome.translated.iter().cloned());
        session.measurements = outcome.measurements.clone();
        assert_eq!(check_session(&session), []);
    }
}
