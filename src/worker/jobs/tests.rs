//! The jobs as the page sees them, natively, on the CPU reference over a small random model.

use pollster::block_on;

use crate::{
    data::{FinishReason, Language, Prompt, Response, SessionConfig, read_session, write_session},
    protocol::{
        Answer, Backend, BackendChoice, BuildRequest, EmbedRequest, FaultCode, FromWorker, GenerateRequest,
        Input, LoadRequest, Message, ModelRequest, ModelSource, Role, TextRequest,
    },
    weights::testing::{RandomModel, random_model},
    worker::{load::files::MemoryFiles, machine::Machine, task, testing::*},
};

fn sent_responses(host: &TestHost) -> Vec<Response> {
    let sent = host.sent.borrow();
    let responses = sent.iter().filter_map(|message| match message {
        FromWorker::Responses { responses, .. } => Some(responses.clone()),
        _ => None,
    });
    responses.flatten().collect()
}

#[test]
fn a_build_answers_every_row_and_tells_the_page_on_the_way() {
    let (mut machine, host) = (loaded(), TestHost::default());
    let outcome = build(&mut machine, build_request(), &host).unwrap();
    assert!(!outcome.cancelled);
    assert_eq!(outcome.problems, Vec::<String>::new());
    let session = outcome.session;
    assert_eq!(session.model.numerics.as_deref(), Some("f32"), "a small model on the CPU");
    assert_eq!((session.responses.len(), session.references.len(), session.similarities.len()), (16, 2, 2));
    let order: Vec<(&str, &str, u32)> =
        session.responses.iter().map(|r| (r.prompt_id.as_str(), r.language.as_str(), r.sample)).collect();
    let expected: Vec<(&str, &str, u32)> = ["one", "two"]
        .iter()
        .flat_map(|p| ["en", "de"].iter().flat_map(move |l| (0..4).map(move |s| (*p, *l, s))))
        .collect();
    assert_eq!(order, expected);
    assert_eq!(session.similarities[0].cosine.len(), 8 * 7 / 2);
    assert!(session.config.encoder.as_deref().is_some_and(|encoder| encoder.contains("layer 1, mean")));

    let mut sent = sent_responses(&host);
    assert_eq!(sent.len(), 16);
    sent.sort_by_key(|r| {
        session
            .responses
            .iter()
            .position(|s| (&s.prompt_id, &s.language, s.sample) == (&r.prompt_id, &r.language, r.sample))
    });
    assert_eq!(sent, session.responses, "what was sent as it ended is what the session holds");

    let mut text = String::new();
    for message in host.sent.borrow().iter() {
        if let FromWorker::Tokens { updates, .. } = message {
            let of_row = |u: &&crate::protocol::TokenUpdate| {
                u.prompt_id == "two" && u.language.as_str() == "de" && u.sample == 3
            };
            updates.iter().filter(of_row).for_each(|update| text += &update.text);
        }
    }
    let last = &session.responses[15];
    assert!(last.text.starts_with(&text), "{text:?} streamed, {:?} in the end", last.text);
}

#[test]
fn the_same_seed_gives_the_same_session_and_another_seed_another() {
    let first = build(&mut loaded(), build_request(), &TestHost::default()).unwrap().session;
    let again = build(&mut loaded(), build_request(), &TestHost::default()).unwrap().session;
    assert_eq!(first, again);
    let mut other = build_request();
    other.config.seed = 6;
    assert_ne!(build(&mut loaded(), other, &TestHost::default()).unwrap().session.responses, first.responses);
    assert_eq!(read_session(&write_session(&first).unwrap()).unwrap(), first);
}

#[test]
fn a_cancelled_build_keeps_what_ended_and_going_on_gives_the_whole_session() {
    let whole = build(&mut loaded(), build_request(), &TestHost::default()).unwrap().session;
    let mut seen_partial = false;
    for breath in 1..20 {
        let host = TestHost::cancelling_at(breath);
        let mut machine = loaded();
        let outcome = build(&mut machine, build_request(), &host).unwrap();
        let n_ended = outcome.session.responses.len();
        assert!(outcome.session.responses.iter().all(|r| r.finish_reason != FinishReason::Cancelled));
        seen_partial |= outcome.cancelled && n_ended > 0 && n_ended < 16;
        let request = BuildRequest { finished: sent_responses(&host), ..build_request() };
        let resumed = build(&mut machine, request, &TestHost::default()).unwrap();
        assert_eq!(resumed.session, whole, "cancelled at breath {breath} with {n_ended} ended");
    }
    assert!(seen_partial, "no cancellation fell in the middle");
}

#[test]
fn prompts_that_cannot_be_used_are_named_and_the_others_answered() {
    let mut request = build_request();
    request.prompts.push(prompt("empty", &[("en", "Hello?"), ("de", "  ")]));
    request.prompts.push(prompt("alone", &[("en", "Hello?")]));
    request.prompts.push(prompt("foreign", &[("de", "Hallo?")]));
    request.prompts.push(prompt("long", &[("en", &"x".repeat(5_000)), ("de", "Hallo?")]));
    request.prompts.push(prompt("one", &[("en", "Again?"), ("de", "Noch einmal?")]));
    let outcome = build(&mut loaded(), request, &TestHost::default()).unwrap();
    let ids: Vec<&str> = outcome.session.prompts.iter().map(|prompt| prompt.id.as_str()).collect();
    assert_eq!(ids, ["one", "two"]);
    for id in ["empty", "alone", "foreign", "long", "one"] {
        assert!(outcome.problems.iter().any(|problem| problem.contains(id)), "{id}: {:?}", outcome.problems);
    }
}

#[test]
fn settings_that_cannot_work_are_refused_with_what_to_do() {
    type Change = fn(&mut BuildRequest);
    let cases: [(Change, &str); 9] = [
        (|r| r.prompts.clear(), "no prompts"),
        (|r| r.config.n = 1, "at least 2"),
        (|r| r.config.n = u32::MAX, "it must be 1 to 1024"),
        (|r| r.config.languages.push(Language::from("en")), "name every language once"),
        (|r| r.config.top_p = f32::NAN, "topP"),
        (
            |r| {
                let prompt = r.prompts[0].clone();
                (0..600).for_each(|i| r.prompts.push(Prompt { id: format!("p{i}"), ..prompt.clone() }));
                r.config.n = 1_024;
            },
            "responses, of at most 1000000",
        ),
        (|r| r.config.anchor = Language::from("fr"), "anchor"),
        (|r| r.config.languages = vec![Language::from("en")], "only one language"),
        (|r| r.config.temperature = -1.0, "temperature"),
    ];
    let mut machine = loaded();
    for (change, expected) in cases {
        let mut request = build_request();
        change(&mut request);
        let fault = build(&mut machine, request, &TestHost::default()).unwrap_err();
        assert_eq!(fault.code, FaultCode::BadInput);
        assert!(fault.message.contains(expected), "{} does not say {expected:?}", fault.message);
    }
    build(&mut machine, build_request(), &TestHost::default()).expect("the worker goes on working");
}

#[test]
fn the_small_jobs_agree_with_each_other() {
    let mut machine = loaded();
    let host = TestHost::default();
    let input = Input::Messages(vec![Message { role: "user".to_owned(), content: "How many?".to_owned() }]);
    let config = SessionConfig { n: 3, max_tokens: Some(20), seed: 2, ..SessionConfig::default() };
    let request = ModelRequest::Generate(Box::new(GenerateRequest {
        input: input.clone(),
        config: config.clone(),
        stop: Vec::new(),
    }));
    let Ok(Answer::Generated(responses, _)) = run(&mut machine, request, &host) else { panic!() };
    assert_eq!(responses.len(), 3);

    for response in &responses {
        assert_eq!(response.tokens.len(), response.logprobs.len());
        let Ok(Answer::Ids(ids)) =
            run(&mut machine, TextRequest::Tokenize { text: response.text.clone(), special: false }, &host)
        else {
            panic!()
        };
        // Random tokens need not be the ones the tokenizer would choose; only then can they be scored.
        if ids == response.tokens {
            let request =
                ModelRequest::Score { input: input.clone(), completion: response.text.clone(), date: None };
            let Ok(Answer::Scored(scored)) = run(&mut machine, request, &host) else { panic!() };
            for (scored, generated) in scored.logprobs.iter().zip(&response.logprobs) {
                assert!((scored - generated).abs() < 1e-4, "{scored} scored, {generated} generated");
            }
        }
    }

    let longest = (0..3).max_by_key(|&i| responses[i].text.chars().count()).unwrap();
    let stop = responses[longest]
        .text
        .chars()
        .skip(1)
        .find(char::is_ascii)
        .map(String::from)
        .expect("an ASCII character");
    let request =
        ModelRequest::Generate(Box::new(GenerateRequest { input, config, stop: vec![stop.clone()] }));
    let Ok(Answer::Generated(stopped, _)) = run(&mut machine, request, &host) else { panic!() };
    assert!(stopped.iter().all(|response| !response.text.contains(&stop)));
    assert_eq!(stopped[longest].finish_reason, FinishReason::Stop);
    assert!(stopped[longest].tokens.len() <= responses[longest].tokens.len());
    assert!(responses[longest].text.starts_with(&stopped[longest].text));

    let texts = vec!["eins".to_owned(), "zwei".to_owned(), "eins".to_owned()];
    let request = ModelRequest::Embed(EmbedRequest { texts, ..EmbedRequest::default() });
    let Ok(Answer::Vectors(vectors, _)) = run(&mut machine, request, &host) else { panic!() };
    assert_eq!(vectors[0], vectors[2]);
    assert_ne!(vectors[0], vectors[1]);
    let too_deep = EmbedRequest { texts: vec!["a".to_owned()], layer: Some(99), ..EmbedRequest::default() };
    let request = ModelRequest::Embed(too_deep);
    assert!(run(&mut machine, request, &host).unwrap_err().message.contains("layer 99"));
}

#[test]
fn without_a_model_a_job_says_to_load_one() {
    let fault = run(&mut Machine::default(), ModelRequest::Logits { tokens: vec![1] }, &TestHost::default())
        .unwrap_err();
    assert_eq!(fault.code, FaultCode::NoModel);
}

#[test]
fn a_tokenizer_alone_tokenises_and_says_what_it_cannot_do() {
    let bytes = random_model(&RandomModel::default());
    let mut machine = Machine::default();
    let source = ModelSource::File { names: vec!["random.gguf".to_owned()] };
    let request = LoadRequest::new(source, Role::Tokenizer, BackendChoice::Auto);
    let host = TestHost::default();
    let files = MemoryFiles::new(&[("random.gguf", &bytes)], 777);
    let info = block_on(machine.load(&task::Task::new(&host, 0), &request, files)).unwrap();
    assert_eq!(info.backend, Backend::Cpu);
    let Ok(Answer::Ids(ids)) =
        run(&mut machine, TextRequest::Tokenize { text: "habari".to_owned(), special: false }, &host)
    else {
        panic!()
    };
    assert_eq!(
        run(&mut machine, TextRequest::Detokenize { ids }, &host),
        Ok(Answer::Text("habari".to_owned()))
    );
    assert_eq!(
        run(&mut machine, ModelRequest::Logits { tokens: vec![1] }, &host).unwrap_err().code,
        FaultCode::NoModel
    );
}

#[test]
fn broken_files_are_refused_and_say_why() {
    let whole = random_model(&RandomModel::default());
    let fault = load(b"this is not a model file at all").unwrap_err();
    assert_eq!(fault.code, FaultCode::BadModel);
    assert!(fault.message.contains("GGUF"), "{}", fault.message);
    for n_bytes in [0, 3, 20, 500, whole.len() / 2, whole.len() - 1] {
        let fault = load(&whole[..n_bytes]).unwrap_err();
        assert_eq!(fault.code, FaultCode::BadModel, "{n_bytes} bytes: {}", fault.message);
    }
    let mut machine = load(&whole).unwrap();
    let source =
        ModelSource::Url { url: "https://example.org/m.gguf".to_owned(), sha256: Some("00".repeat(32)) };
    let mut refusal = |request: LoadRequest| {
        let files = MemoryFiles::new(&[("m", &whole)], 4_096);
        block_on(machine.load(&task::Task::new(&TestHost::default(), 0), &request, files)).unwrap_err().code
    };
    let wrong = LoadRequest::new(source, Role::Generator, BackendChoice::Cpu);
    assert_eq!(refusal(wrong), FaultCode::HashMismatch);
    let on_gpu = LoadRequest { backend: BackendChoice::Webgpu, ..load_request("m") };
    assert_eq!(refusal(on_gpu), FaultCode::NoWebgpu);
}
