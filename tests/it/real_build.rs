//! A real generator from its file to pairs that are exported.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read as _;

use concord::curation::export_rows;
use concord::data::{Language, Prompt, SessionConfig, TaskKind, export_trl};
use concord::protocol::{
    Answer, BackendChoice, BuildRequest, FromWorker, Input, LoadRequest, Message, ModelInfo, ModelRequest,
    ModelSource, Role, TemplateChoice,
};
use concord::weights::{Header, Parsed};
use concord::worker::load::files::MemoryFiles;
use concord::worker::machine::Machine;
use concord::worker::prompter::{Manner, Prompter};
use concord::worker::task::{self, Host};
use pollster::block_on;

use real_files::SMOLLM2;

#[path = "../../crates/concord-lm/tests/cases/real_files.rs"]
mod real_files;

const GEMMA3: &str = "gemma-3-270m-Q4_K_M.gguf";

/// Keeps what it is sent; its clock stands still.
#[derive(Default)]
pub(crate) struct Page {
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

    async fn cancelled(&self) {
        std::future::pending::<()>().await;
    }
}

#[test]
fn smollm2_builds_pairs_that_are_exported() {
    let bytes = read(SMOLLM2);
    let (mut machine, page) = (Machine::default(), Page::default());
    let source = ModelSource::File { names: vec![SMOLLM2.to_owned()] };
    let load = LoadRequest { rows: Some(6), ..LoadRequest::new(source, Role::Generator, BackendChoice::Cpu) };
    let files = MemoryFiles::new(&[(SMOLLM2, &bytes)], 1 << 20);
    let info = block_on(machine.load(&task::Task::new(&page, 1), &load, files)).unwrap();
    assert_eq!((info.architecture.as_str(), info.quantization.as_str()), ("llama", "Q4_1"));
    // It stays quantised in memory.
    assert_eq!(info.numerics.as_deref(), Some("int8"));
    assert!(info.memory.weights < 1.05 * info.n_bytes, "{} of {}", info.memory.weights, info.n_bytes);

    let text = [("en", "How much is 2 + 3?"), ("de", "Wie viel ist 2 + 3? \u{50000}")];
    let text = text.map(|(language, text)| (Language::from(language), text.to_owned()));
    let prompt = Prompt {
        id: "sum".to_owned(),
        task: TaskKind::Math,
        text: BTreeMap::from(text),
        ..Prompt::default()
    };
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
    let request = ModelRequest::Build(Box::new(request));
    let built = block_on(machine.run(&task::Task::new(&page, 2), request));
    let Answer::Built(outcome) = built.unwrap() else { panic!("not built") };
    assert_eq!(outcome.session.model.numerics.as_deref(), Some("int8"));
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

fn read(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    real_files::open(name).read_to_end(&mut bytes).unwrap();
    bytes
}

fn prompter(name: &str) -> Prompter {
    let bytes = read(name);
    match Header::parse(&bytes, Some(bytes.len() as u64)).unwrap() {
        Parsed::Header(header) => Prompter::from_metadata(&header.metadata).unwrap(),
        Parsed::NeedMore { at_least } => panic!("a whole file asked for {at_least} bytes"),
    }
}

fn notes(prompter: &Prompter) -> Vec<String> {
    let mut info = ModelInfo::default();
    prompter.tell(&mut info);
    info.notes
}

#[test]
fn real_models_are_asked_with_the_template_that_is_picked() {
    let message = |role: &str, content: &str| Message { role: role.to_owned(), content: content.to_owned() };
    let chat = [message("system", "Be brief."), message("user", "2 + 3?")];

    // SmolLM2's own template is ChatML; the known one reads the same where the system message is given.
    let mut smollm2 = prompter(SMOLLM2);
    let own = smollm2.render(&chat, Manner::default()).unwrap();
    smollm2.pick(TemplateChoice::Chatml).unwrap();
    assert_eq!(smollm2.render(&chat, Manner::default()).unwrap(), own);
    assert_eq!(notes(&smollm2), Vec::<String>::new());
    smollm2.pick(TemplateChoice::Gemma).unwrap();
    assert!(notes(&smollm2).concat().contains("<start_of_turn> and <end_of_turn>, which are no tokens"));
    assert_eq!(smollm2.stops(), ["<end_of_turn>"]);

    // Gemma 3 base has no template, but the tokens of Gemma's.
    let mut gemma = prompter(GEMMA3);
    assert_eq!((gemma.choice(), gemma.has_own_template()), (None, false));
    assert!(gemma.render(&chat, Manner::default()).is_err());
    gemma.pick(TemplateChoice::Gemma).unwrap();
    assert_eq!(
        gemma.render(&chat, Manner::default()).unwrap(),
        "<bos><start_of_turn>user\nBe brief.\n\n2 + 3?<end_of_turn>\n<start_of_turn>model\n"
    );
    let tokens = gemma.prompted(&Input::Messages(chat.to_vec()), Manner::default()).unwrap().tokens;
    let token = |text: &str| match gemma.tokenizer.encode(text, true).unwrap()[..] {
        [id] => id,
        ref ids => panic!("{text} is {ids:?}"),
    };
    let (bos, start, end) = (token("<bos>"), token("<start_of_turn>"), token("<end_of_turn>"));
    assert_eq!(tokens[..2], [bos, start]);
    assert_eq!([bos, start, end].map(|id| tokens.iter().filter(|t| **t == id).count()), [1, 2, 1]);
    assert!(gemma.tokenizer.end_ids().contains(&end) && gemma.stops().is_empty());
    assert_eq!(notes(&gemma), Vec::<String>::new());

    gemma.pick(TemplateChoice::Plain).unwrap();
    let text = "Question: 2 + 3?\nAnswer:";
    let plain = gemma.prompted_user(text, Manner::default()).unwrap().tokens;
    assert_eq!(plain, gemma.tokenizer.encode_prompt(text).unwrap());
    gemma.pick(TemplateChoice::Llama3).unwrap();
    assert!(notes(&gemma).concat().contains("<|eot_id|>, which are no tokens"));
    gemma.pick(TemplateChoice::Mistral).unwrap();
    assert_eq!(gemma.render(&chat[1..], Manner::default()).unwrap(), "<bos>[INST] 2 + 3? [/INST]");
}
