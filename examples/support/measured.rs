//! Sampling and measuring prompts by the worker's own jobs, as the page does it.

use concord::data::{MeasureKind, Prompt, Session, SessionConfig};
use concord::protocol::{
    Answer, BackendChoice, BuildRequest, FromWorker, LoadRequest, MeasureRequest, ModelRequest, ModelSource,
    Role,
};
use concord::worker::load::files::MemoryFiles;
use concord::worker::machine::Machine;
use concord::worker::task::{Host, Task};

use crate::Failure;

/// Nobody listens, and nobody cancels.
struct Alone;

impl Host for Alone {
    fn send(&self, _message: FromWorker) {}

    fn now_ms(&self) -> f64 {
        0.0
    }

    async fn breathe(&self) {}

    fn is_cancelled(&self) -> bool {
        false
    }

    async fn cancelled(&self) {
        std::future::pending::<()>().await;
    }
}

/// The teaching model, or another one, on the CPU.
pub(crate) struct Measurer(Machine);

impl Measurer {
    /// Loads the bytes of a GGUF file.
    pub(crate) fn load(model: &[u8]) -> Result<Self, Failure> {
        let mut machine = Machine::default();
        let source = ModelSource::File { names: vec!["model.gguf".to_owned()] };
        let load = LoadRequest::new(source, Role::Generator, BackendChoice::Cpu);
        let files = MemoryFiles::new(&[("model.gguf", model)], 1 << 20);
        pollster::block_on(machine.load(&Task::new(&Alone, 0), &load, files))
            .map_err(|fault| fault.message)?;
        Ok(Self(machine))
    }

    /// Builds a session from prompts, in one run, and measures it.
    pub(crate) fn session(
        &mut self,
        prompts: &[Prompt],
        config: &SessionConfig,
        kinds: &[MeasureKind],
    ) -> Result<Session, Failure> {
        let request = BuildRequest {
            prompts: prompts.to_vec(),
            config: config.clone(),
            finished: Vec::new(),
            finished_by: None,
            created: "1970-01-01T00:00:00Z".to_owned(),
        };
        let Answer::Built(built) = self.run(ModelRequest::Build(Box::new(request)))? else {
            return Err("a build gave something else".into());
        };
        let mut session = built.session;
        if kinds.is_empty() {
            return Ok(session);
        }
        let request = ModelRequest::Measure(Box::new(MeasureRequest::of(&session, kinds.to_vec())));
        let Answer::Measured(measured) = self.run(request)? else {
            return Err("measuring gave something else".into());
        };
        session.responses.extend(measured.translated);
        session.measurements = measured.measurements;
        Ok(session)
    }

    fn run(&mut self, request: ModelRequest) -> Result<Answer, Failure> {
        pollster::block_on(self.0.run(&Task::new(&Alone, 0), request)).map_err(|fault| fault.message.into())
    }
}
