//! Drafts of prompts as the page sees them, natively, on the CPU reference over a small random model.

use crate::{
    align::instructions,
    data::{Language, Response, SessionConfig},
    protocol::{
        Answer, Fault, FaultCode, FromWorker, GenerateRequest, Input, Message, ModelRequest, SourceText,
        Stage, TranslateRequest,
    },
    worker::{machine::Machine, testing::*},
};

fn source(prompt_id: &str, into: &str, text: &str) -> SourceText {
    SourceText { prompt_id: prompt_id.into(), from: "en".into(), into: into.into(), text: text.into() }
}

/// Five texts: more than one prompt, and one prompt into several languages.
fn request() -> TranslateRequest {
    let texts = vec![
        source("a", "de", "How many?"),
        source("a", "sw", "How many?"),
        source("b", "de", "And how many are left of the seven?"),
        source("c", "bn", "Three?"),
        source("d", "sw", "And now?"),
    ];
    TranslateRequest { texts, date: None }
}

fn translate(
    machine: &mut Machine,
    request: TranslateRequest,
    host: &TestHost,
) -> Result<Vec<String>, Fault> {
    match run(machine, ModelRequest::Translate(request), host)? {
        Answer::Translated(problems) => Ok(problems),
        other => panic!("{other:?}"),
    }
}

/// What came as it ended, by prompt and language.
fn sent(host: &TestHost) -> Vec<Response> {
    let sent = host.sent.borrow();
    let responses = sent.iter().filter_map(|message| match message {
        FromWorker::Responses { responses, .. } => Some(responses.clone()),
        _ => None,
    });
    let mut responses: Vec<Response> = responses.flatten().collect();
    responses.sort_by(|a, b| (&a.prompt_id, &a.language).cmp(&(&b.prompt_id, &b.language)));
    responses
}

/// The same instruction alone, by a model that has been asked nothing else.
fn alone(source: &SourceText) -> String {
    let content = instructions::translate(&source.text, &source.from, &source.into);
    let input = Input::Messages(vec![Message { role: "user".to_owned(), content }]);
    let config = SessionConfig { n: 1, temperature: 0.0, ..SessionConfig::default() };
    let request = GenerateRequest { input, config, stop: Vec::new() };
    match run(&mut loaded(), ModelRequest::Generate(Box::new(request)), &TestHost::default()).unwrap() {
        Answer::Generated(responses, _) => responses[0].text.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn many_texts_are_translated_at_once_as_each_would_be_alone() {
    let (mut machine, host) = (loaded(), TestHost::default());
    assert_eq!(translate(&mut machine, request(), &host), Ok(Vec::new()));
    let responses = sent(&host);
    assert_eq!(responses.len(), 5);
    for source in request().texts {
        let of =
            |response: &&Response| response.prompt_id == source.prompt_id && response.language == source.into;
        let response = responses.iter().find(of).unwrap();
        assert_eq!(response.text, alone(&source), "{source:?}");
        assert_eq!(response.translation_of, Some((Language::from("en"), 0)));
    }
    let progress: Vec<(f64, f64)> = host
        .sent
        .borrow()
        .iter()
        .filter_map(|message| match message {
            FromWorker::Progress { progress, .. } if progress.stage == Stage::Translate => {
                Some((progress.done, progress.total))
            }
            _ => None,
        })
        .collect();
    assert_eq!(progress, (0..=5).map(|done| (f64::from(done), 5.0)).collect::<Vec<_>>());
}

#[test]
fn a_text_that_does_not_fit_is_told_of_and_the_others_come() {
    let mut request = request();
    request.texts[2].text = "x".repeat(5_000);
    let host = TestHost::default();
    let problems = translate(&mut loaded(), request, &host).unwrap();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with("prompt b was not translated into German: "), "{problems:?}");
    assert_eq!(sent(&host).len(), 4);
}

#[test]
fn when_it_is_stopped_what_had_come_is_what_comes_anyway_and_nothing_is_left_behind() {
    let whole = TestHost::default();
    let mut machine = loaded();
    translate(&mut machine, request(), &whole).unwrap();
    let (all, n_points) = (sent(&whole), whole.breaths.get());
    let mut counts = Vec::new();
    for point in (1..=n_points).step_by(n_points as usize / 12) {
        let host = TestHost::cancelling_at(point);
        let fault = translate(&mut machine, request(), &host).expect_err("it was to stop");
        assert_eq!(fault.code, FaultCode::Cancelled, "{}", fault.message);
        let came = sent(&host);
        assert!(came.iter().all(|response| all.contains(response)), "point {point}");
        counts.push(came.len());
    }
    assert_eq!(counts[0], 0);
    assert!(counts.is_sorted() && counts.iter().any(|n| (1..5).contains(n)), "{counts:?}");
    let again = TestHost::default();
    translate(&mut machine, request(), &again).unwrap();
    assert_eq!(sent(&again), all);
}

#[test]
fn no_request_is_too_large_and_none_is_refused_for_being_empty() {
    let (mut machine, host) = (loaded(), TestHost::default());
    assert_eq!(translate(&mut machine, TranslateRequest::default(), &host), Ok(Vec::new()));
    let mut request = request();
    request.texts[0].text = "x".repeat((4 << 20) + 1);
    assert_eq!(translate(&mut machine, request, &host).unwrap_err().code, FaultCode::BadInput);
    let nothing = translate(&mut Machine::default(), TranslateRequest::default(), &host);
    assert_eq!(nothing.unwrap_err().code, FaultCode::NoModel);
}
