//! A real generator from its file to pairs that are exported.

use std::cell::RefCell;
use std::collections::BTreeMap;

use concord::curation::export_rows;
use concord::data::{Language, Prompt, SessionConfig, Task, export_trl};
use concord::protocol::{
    Answer, BackendChoice, BuildRequest, FromWorker, LoadRequest, ModelSource, Request, Role,
};
use concord::worker::files::MemoryFiles;
use concord::worker::host::Host;
use concord::worker::service::Service;
use pollster::block_on;

use crate::real_models::{SMOLLM2, read};

/// Keeps nothing but what failed; its clock stands still.
#[derive(Default)]
struct Page {
    sent: RefCell<Vec<FromWorker>>,
}

impl Host for Page {
    fn send(&self, message: FromWorker) {
        self.sent.borrow_mut().push(message);
    }

    fn now_ms(&self) -> f64 {
        0.0
    }

    async fn breathe(&self) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}

#[test]
fn smollm2_builds_pairs_that_are_exported() {
    let bytes = read(SMOLLM2);
    let (mut service, page) = (Service::default(), Page::default());
    let source = ModelSource::File { names: vec![SMOLLM2.to_owned()] };
    let load = LoadRequest { rows: Some(6), ..LoadRequest::new(source, Role::Generator, BackendChoice::Cpu) };
    let files = MemoryFiles::new(&[(SMOLLM2, &bytes)], 1 << 20);
    let answer = block_on(service.run(1, Request::LoadModel(load), Some(files), &page)).unwrap();
    let Answer::Loaded(info) = answer else { panic!("{answer:?}") };
    assert_eq!((info.architecture.as_str(), info.quantization.as_str()), ("llama", "Q4_1"));

    let text = [("en", "How much is 2 + 3?"), ("de", "Wie viel ist 2 + 3? \u{50000}")];
    let text = text.map(|(language, text)| (Language::from(language), text.to_owned()));
    let prompt = Prompt { id: "sum".to_owned(), task: Task::Math, answer: None, text: BTreeMap::from(text) };
    let languages = vec![Language::from("en"), Language::from("de")];
    let config = SessionConfig {
        n: 3,
        max_tokens: Some(8),
        languages,
        seed: 5,
        anchor_pairs: true,
        ..SessionConfig::default()
    };
    let created = "2026-01-01T00:00:00Z".to_owned();
    let request =
        BuildRequest { prompts: vec![prompt], config, finished: Vec::new(), finished_by: None, created };
    let built = block_on(service.run(2, Request::Build(Box::new(request)), None::<MemoryFiles<'_>>, &page));
    let Answer::Built(outcome) = built.unwrap() else { panic!("not built") };
    assert_eq!(outcome.session.responses.len(), 6);
    assert!(outcome.session.responses.iter().all(|response| response.tokens.len() <= 8));
    let told = outcome.problems.iter().find(|problem| problem.contains("cannot write"));
    assert!(
        told.is_some_and(|told| told.contains("prompt sum, de") && told.contains('\u{50000}')),
        "{told:?}"
    );
    let export = export_trl(&outcome.session, &export_rows(&outcome.session));
    assert_eq!(export.text.lines().count(), export_rows(&outcome.session).len());
}
