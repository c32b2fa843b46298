//! Long prompts and responses, on a model as it is after a load, whose pool is small until a job wants more.

use pollster::block_on;

use super::build::build;
use crate::{
    data::{FinishReason, Language, MOST_TOKENS, Prompt, SessionConfig, TaskKind},
    protocol::{
        Answer, BuildOutcome, BuildRequest, EmbedRequest, Fault, FaultCode, FromWorker, GenerateRequest,
        Input, Message, ModelRequest,
    },
    weights::{
        Header, Parsed,
        testing::{RandomModel, random_model},
    },
    worker::{
        jobs,
        models::Models,
        prompter::Prompter,
        scripted::{Scripted, fresh, loaded},
        task,
        testing::TestHost,
    },
};

/// Tokens of the long prompts.
const LONG: usize = 30_000;

/// A model that never ends and has a context of so many tokens.
fn endless(seq_len: u32) -> Models<Scripted> {
    let file = random_model(&RandomModel::default());
    let Ok(Parsed::Header(header)) = Header::parse(&file, Some(file.len() as u64)) else {
        panic!("a whole file has a whole header")
    };
    let generator = loaded(Prompter::from_metadata(&header.metadata).unwrap(), |_, _, _| None);
    Models { generator: Some(fresh(generator, seq_len)), ..Models::default() }
}

fn run(models: &mut Models<Scripted>, request: ModelRequest) -> Result<Answer, Fault> {
    block_on(jobs::run(models, &task::Task::new(&TestHost::default(), 1), request))
}

fn generate(input: Input, max_tokens: Option<u32>) -> ModelRequest {
    let config = SessionConfig { n: 2, max_tokens, ..SessionConfig::default() };
    ModelRequest::Generate(Box::new(GenerateRequest { input, config, stop: Vec::new() }))
}

/// A text of so many tokens: digits are a token each.
fn text(n_tokens: usize) -> String {
    "7".repeat(n_tokens)
}

fn request(texts: &[(&str, String)]) -> BuildRequest {
    let prompt = |(id, text): &(&str, String)| Prompt {
        id: (*id).to_owned(),
        task: TaskKind::Math,
        answer: None,
        text: ["en", "de"].map(|language| (Language::from(language), text.clone())).into(),
        ..Prompt::default()
    };
    let languages = vec!["en".into(), "de".into()];
    BuildRequest {
        prompts: texts.iter().map(prompt).collect(),
        config: SessionConfig { n: 2, languages, ..SessionConfig::default() },
        finished: Vec::new(),
        finished_by: None,
        created: "2026-01-01T00:00:00Z".to_owned(),
    }
}

fn built(models: &mut Models<Scripted>, host: &TestHost, request: BuildRequest) -> BuildOutcome {
    block_on(build(models.generator().unwrap(), None, &task::Task::new(host, 1), request)).unwrap()
}

#[test]
fn a_pool_made_for_less_caps_no_response() {
    let mut models = endless(4_000);
    let Ok(Answer::Generated(responses, _)) = run(&mut models, generate(Input::Prompt(text(600)), None))
    else {
        panic!("refused")
    };
    for response in &responses {
        assert_eq!(response.finish_reason, FinishReason::Length);
        assert_eq!(response.tokens.len(), MOST_TOKENS as usize);
    }
    let outcome = built(&mut endless(4_000), &TestHost::default(), request(&[("one", text(600))]));
    assert_eq!(outcome.problems, Vec::<String>::new());
    assert_eq!(outcome.session.config.max_tokens, Some(MOST_TOKENS));
    assert!(outcome.session.responses.iter().all(|response| response.tokens.len() == MOST_TOKENS as usize));
}

/// The page hears of a larger pool before the first response, not when the job is over.
#[test]
fn the_page_hears_of_a_pool_when_it_is_made() {
    let (mut models, host) = (endless(4_000), TestHost::default());
    built(&mut models, &host, request(&[("one", text(600))]));
    let sent = host.sent.borrow();
    let place = |is_it: &dyn Fn(&FromWorker) -> bool| sent.iter().position(is_it).expect("it was told");
    let memory = place(&|message| matches!(message, FromWorker::Memory { .. }));
    let responses = place(&|message| matches!(message, FromWorker::Responses { .. }));
    assert!(memory < responses, "{memory}, {responses}");
    let FromWorker::Memory { memory, .. } = &sent[memory] else { unreachable!() };
    let generator = models.generator().unwrap();
    assert_eq!(memory.kv, f64::from(generator.scheduler.n_slots()) * memory.kv_token);
    assert_eq!(generator.info.memory.kv, memory.kv);
}

#[test]
fn a_prompt_longer_than_the_context_is_refused_in_words_and_the_others_go_on() {
    let mut models = endless(8_000);
    let outcome =
        built(&mut models, &TestHost::default(), request(&[("long", text(LONG)), ("short", text(20))]));
    assert_eq!(outcome.session.responses.len(), 4, "the short one is answered");
    let about: Vec<&String> = outcome.problems.iter().filter(|p| p.contains("prompt long, en")).collect();
    assert!(matches!(&about[..], [problem] if problem.contains("8000; shorten the prompt")), "{about:?}");

    let user = Message { role: "user".to_owned(), content: text(LONG) };
    let (prompt, short) = (Input::Prompt(text(LONG)), Input::Prompt(text(20)));
    let embed = EmbedRequest { texts: vec![text(20), text(LONG)], ..EmbedRequest::default() };
    for request in [
        generate(prompt.clone(), None),
        generate(prompt.clone(), Some(5)),
        generate(Input::Messages(vec![user]), None),
        ModelRequest::Score { input: prompt, completion: "7".to_owned(), date: None },
        ModelRequest::Score { input: short, completion: text(LONG), date: None },
        ModelRequest::Logits { tokens: vec![10; LONG] },
        ModelRequest::Embed(embed.clone()),
    ] {
        let fault = run(&mut models, request).unwrap_err();
        assert_eq!(fault.code, FaultCode::BadInput);
        let n_said: Vec<&str> =
            ["tokens", "8000", "shorten"].into_iter().filter(|said| fault.message.contains(said)).collect();
        assert_eq!(n_said.len(), 3, "{}", fault.message);
    }
    // Where it is asked for, as much is read as fits.
    let cut = run(&mut models, ModelRequest::Embed(EmbedRequest { cuts: true, ..embed }));
    assert!(matches!(cut, Ok(Answer::Vectors(vectors, _)) if vectors.len() == 2));
}

#[test]
fn a_prompt_that_just_fits_is_answered_with_what_is_left() {
    let n_context = LONG as u32 + 1;
    let mut models = endless(n_context);
    let Ok(Answer::Generated(responses, _)) = run(&mut models, generate(Input::Prompt(text(LONG)), None))
    else {
        panic!("refused")
    };
    assert!(responses.iter().all(|response| response.tokens.len() == 1));
    let score =
        ModelRequest::Score { input: Input::Prompt(text(LONG)), completion: "7".to_owned(), date: None };
    assert!(matches!(run(&mut models, score), Ok(Answer::Scored(scored)) if scored.logprobs.len() == 1));
    let tokens = vec![10; LONG + 1];
    assert!(matches!(run(&mut models, ModelRequest::Logits { tokens }), Ok(Answer::Numbers(_))));
    let embed = EmbedRequest { texts: vec![text(LONG + 1)], ..EmbedRequest::default() };
    assert!(
        matches!(run(&mut models, ModelRequest::Embed(embed)), Ok(Answer::Vectors(v, _)) if v.len() == 1)
    );
    // A build wants room for a few tokens, and the template takes some.
    let mut models = endless(LONG as u32 + 200);
    let outcome = built(&mut models, &TestHost::default(), request(&[("long", text(LONG))]));
    assert_eq!(outcome.problems, Vec::<String>::new());
    assert!(outcome.session.responses.iter().all(|response| response.tokens.len() > 100));
}
