//! Sampling and measuring some prompts by the worker's own jobs, as the page does it.

use concord::data::{MeasureKind, Prompt, Session, SessionConfig};
use concord::protocol::{
    Answer, BackendChoice, BuildRequest, FromWorker, LoadRequest, MeasureRequest, ModelRequest, ModelSource,
    Role,
};
use concord::worker::load::files::MemoryFiles;
use concord::worker::machine::Machine;
use concord::worker::task::{Host, Task};

use crate::Failure;

/// What the methods beside CM-Align need of the model.
const KINDS: [MeasureKind; 3] = [MeasureKind::Instructed, MeasureKind::Translations, MeasureKind::Translated];

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

/// Builds a session from some prompts, one after the other, and measures it; `None` without prompts.
pub(crate) fn measure(
    model: &[u8],
    prompts: &[Prompt],
    config: &SessionConfig,
) -> Result<Option<Session>, Failure> {
    let mut machine = Machine::default();
    let source = ModelSource::File { names: vec!["model.gguf".to_owned()] };
    let load = LoadRequest::new(source, Role::Generator, BackendChoice::Cpu);
    let files = MemoryFiles::new(&[("model.gguf", model)], 1 << 20);
    pollster::block_on(machine.load(&Task::new(&Alone, 0), &load, files)).map_err(|fault| fault.message)?;
    let mut all: Option<Session> = None;
    for prompt in prompts {
        let request = BuildRequest {
            prompts: vec![prompt.clone()],
            config: config.clone(),
            finished: Vec::new(),
            finished_by: None,
            created: "1970-01-01T00:00:00Z".to_owned(),
        };
        let Answer::Built(built) = run(&mut machine, ModelRequest::Build(Box::new(request)))? else {
            return Err("a build gave something else".into());
        };
        let mut session = built.session;
        let request = ModelRequest::Measure(Box::new(MeasureRequest::of(&session, KINDS.to_vec())));
        let Answer::Measured(measured) = run(&mut machine, request)? else {
            return Err("measuring gave something else".into());
        };
        session.responses.extend(measured.translated);
        session.measurements = measured.measurements;
        eprintln!("seed {}: {}", config.seed, prompt.id);
        match &mut all {
            Some(all) => add(all, session),
            None => all = Some(session),
        }
    }
    Ok(all)
}

fn run(machine: &mut Machine, request: ModelRequest) -> Result<Answer, Failure> {
    pollster::block_on(machine.run(&Task::new(&Alone, 0), request)).map_err(|fault| fault.message.into())
}

/// Puts the prompts of another session with the same settings behind those that are there.
pub(crate) fn add(all: &mut Session, more: Session) {
    all.prompts.extend(more.prompts);
    all.responses.extend(more.responses);
    all.references.extend(more.references);
    all.pairs.extend(more.pairs);
    all.similarities.extend(more.similarities);
    all.measurements.instructed.extend(more.measurements.instructed);
    all.measurements.translations.extend(more.measurements.translations);
}
