//! Models that think, and the measured limit: a whole build over a model that follows a script.

use pollster::block_on;

use super::{
    build::build,
    limit,
    rows::{Rows, told},
};
use crate::{
    data::{
        ExportRow, FinishReason, Language, ModelRecord, Prompt, Response, Session, SessionConfig, TaskKind,
        export_trl,
    },
    generate::{RowEvent, RowId, Sampled},
    protocol::{BuildOutcome, BuildRequest, FaultCode, Generated, Input, Message, Thinking},
    weights::{
        Header, Metadata, Parsed,
        testing::{RandomModel, random_model::CHAT_TEMPLATE, speaking_model},
    },
    worker::{
        generator::Generator,
        prompter::{Manner, Prompter},
        scripted::{N, Scripted, loaded},
        task,
        testing::TestHost,
    },
};

/// Does what the template of Qwen3 does: a model that is not to think finds an empty thought in its turn.
const SWITCHED: &str = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}\
    <|im_start|>assistant\n{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}";
/// Opens the thought in the model's turn, as that of DeepSeek-R1 does.
const OPENING: &str = "{% for m in messages %}{{ m.content }}{% endfor %}<|im_start|>assistant\n<think>\n";
/// Fails where it is told not to think.
const FAILING: &str = "{% if not enable_thinking | default(true) %}{{ raise_exception('must think') }}{% endif %}\
    {% for m in messages %}{{ m.content }}{% endfor %}<|im_start|>assistant\n";
/// Fails so for one prompt alone.
const FAILING_ONCE: &str = "{% if not enable_thinking | default(true) %}{% if 'now' in messages[0].content %}\
    {{ raise_exception('must think') }}{% endif %}<think></think>{% endif %}{% for m in messages %}{{ m.content }}{% endfor %}";

fn prompter(template: &str, special: &[&str]) -> Prompter {
    let file = speaking_model(&RandomModel::default(), template, special);
    Prompter::from_metadata(&metadata(&file)).unwrap()
}

fn metadata(file: &[u8]) -> Metadata {
    match Header::parse(file, Some(file.len() as u64)).unwrap() {
        Parsed::Header(header) => header.metadata,
        Parsed::NeedMore { at_least } => panic!("a whole file asked for {at_least} bytes"),
    }
}

fn request() -> BuildRequest {
    let prompt = |id: &str, en: &str, de: &str| Prompt {
        id: id.to_owned(),
        task: TaskKind::Math,
        answer: None,
        text: [("en", en), ("de", de)].map(|(l, text)| (Language::from(l), text.to_owned())).into(),
        ..Prompt::default()
    };
    BuildRequest {
        prompts: vec![prompt("one", "How many?", "Wie viele?"), prompt("two", "And now?", "Und jetzt, now?")],
        config: SessionConfig { n: N, languages: vec!["en".into(), "de".into()], ..SessionConfig::default() },
        finished: Vec::new(),
        finished_by: None,
        created: "2026-01-01T00:00:00Z".to_owned(),
    }
}

fn run(loaded: &mut Generator<Scripted>, request: BuildRequest) -> BuildOutcome {
    block_on(build(loaded, None, &task::Task::new(&TestHost::default(), 1), request)).unwrap()
}

/// The four shapes in which a model thinks, about 999 and in English, before it says 7 or 8 in the language asked for.
fn thoughts(language: &str, sample: u32) -> String {
    let said = match (language, sample % 2) {
        ("de", 0) => "Zusammen sind es sieben Kinder und das ist die Antwort: 7",
        ("de", _) => "Zusammen sind es acht Kinder und das ist die Antwort: 8",
        _ => "Together there are seven children and that is the answer: 7",
    };
    let thought = "Okay, the user wants a number and I think the answer is 999.";
    match sample {
        0 => format!("<think>\n{thought}\n</think>\n\n{said}"),
        1 => format!("{thought}\n</think>\n\n{said}"),
        2 => format!("<think>\n\n</think>\n\n{said}"),
        _ => format!("<think>\n{thought} Wait, 999"),
    }
}

fn check_no_reasoning(session: &Session) {
    for response in &session.responses {
        let sample = response.sample;
        assert!(!response.text.contains("999") && !response.text.contains("think"), "{:?}", response.text);
        assert_ne!(response.answer.as_deref(), Some("999"), "sample {sample}");
        assert_eq!(response.reasoning.is_some(), sample != 2, "sample {sample}");
        assert!(response.reasoning_tokens.is_some_and(|n| n > 0), "sample {sample}");
        assert_eq!(response.is_still_reasoning(), sample == 3, "sample {sample}");
        if sample == 3 {
            assert_eq!((response.text.as_str(), &response.answer), ("", &None));
            assert_eq!(response.reasoning_tokens, Some(response.tokens.len() as u32));
        } else {
            let wanted = if response.language.as_str() == "de" && sample == 1 { "8" } else { "7" };
            assert_eq!(response.answer.as_deref(), Some(wanted), "sample {sample}");
            assert_ne!(
                response.detected_language.as_ref().map(Language::as_str),
                Some(if response.language.as_str() == "de" { "en" } else { "de" })
            );
        }
        // The log-probs of both stay.
        assert!((response.logprob.unwrap() + 0.5 * response.tokens.len() as f32).abs() < 1e-3);
    }
}

#[test]
fn nothing_is_read_of_what_a_model_thought() {
    let config = SessionConfig { max_tokens: Some(400), ..request().config };
    let session = run(
        &mut loaded(prompter(SWITCHED, &[]), |_, l, s| Some(thoughts(l, s))),
        BuildRequest { config, ..request() },
    )
    .session;
    assert_eq!(session.responses.len(), 16);
    check_no_reasoning(&session);
    // The cosines are those of a model that said the same without thinking.
    let said = |language: &str, sample| {
        let text = thoughts(language, sample);
        crate::data::split_reasoning(&text, false).response
    };
    let plain = run(
        &mut loaded(prompter(SWITCHED, &[]), |_, l, s| Some(said(l, s))),
        BuildRequest { config: session.config.clone(), ..request() },
    );
    assert_eq!(plain.session.similarities, session.similarities);
    assert_eq!((&plain.session.references, &plain.session.pairs), (&session.references, &session.pairs));
    let rows = session.pairs.iter().filter_map(|pair| {
        let (prompt_id, language) = (pair.prompt_id.clone(), pair.language.clone());
        let (chosen, rejected) = pair.chosen.zip(pair.rejected)?;
        Some(ExportRow { prompt_id, language, chosen, rejected, record: Default::default() })
    });
    let export = export_trl(&session, &rows.collect::<Vec<_>>());
    assert_eq!(export.kept, 2);
    assert!(!export.text.contains("999") && !export.text.contains("think"), "{}", export.text);
}

#[test]
fn a_marker_that_is_a_special_token_is_seen_though_the_text_leaves_it_out() {
    let special = ["<think>", "</think>"];
    let config = SessionConfig { max_tokens: Some(400), ..request().config };
    let prompter = prompter(SWITCHED, &special);
    assert_eq!(prompter.tokenizer.encode("<think>", true).unwrap().len(), 1, "it is one token here");
    let session =
        run(&mut loaded(prompter, |_, l, s| Some(thoughts(l, s))), BuildRequest { config, ..request() })
            .session;
    check_no_reasoning(&session);
}

#[test]
fn what_the_template_opens_is_reasoning_from_the_first_token_on() {
    let prompter = prompter(OPENING, &[]);
    assert_eq!(prompter.thinking(), Thinking::Always);
    let said = |_: &str, _: &str, sample| {
        Some(if sample == 0 { "999".to_owned() } else { "say 999\n</think>\n7".to_owned() })
    };
    let config = SessionConfig { max_tokens: Some(400), ..request().config };
    let session = run(&mut loaded(prompter, said), BuildRequest { config, ..request() }).session;
    for response in &session.responses {
        let wanted = if response.sample == 0 { ("", None) } else { ("7", Some("7")) };
        assert_eq!((response.text.as_str(), response.answer.as_deref()), wanted);
        assert_eq!(response.reasoning.as_deref(), Some(if response.sample == 0 { "999" } else { "say 999" }));
    }
}

fn manner(thinking: bool) -> Manner {
    Manner { thinking, date: None }
}

#[test]
fn the_switch_is_off_unless_it_is_chosen() {
    let chat = [Message { role: "user".to_owned(), content: "hi".to_owned() }];
    let switched = prompter(SWITCHED, &[]);
    assert_eq!(switched.thinking(), Thinking::Switch);
    assert!(switched.render(&chat, manner(false)).unwrap().ends_with("assistant\n<think>\n\n</think>\n\n"));
    assert!(switched.render(&chat, manner(true)).unwrap().ends_with("assistant\n"));
    let prompted = |thinking| switched.prompted(&Input::Messages(chat.to_vec()), manner(thinking)).unwrap();
    assert_ne!(prompted(false).tokens, prompted(true).tokens);
    assert!(!prompted(false).opens_reasoning && !prompted(true).opens_reasoning);
    let plain = prompter(CHAT_TEMPLATE, &[]);
    assert_eq!(plain.thinking(), Thinking::Never);
    assert_eq!(plain.render(&chat, manner(true)), plain.render(&chat, manner(false)));
}

#[test]
fn a_template_that_fails_without_thinking_is_used_as_it_is_and_that_is_said() {
    let failing = prompter(FAILING, &[]);
    assert_eq!(failing.thinking(), Thinking::Always);
    let note = failing.thinking_note().unwrap();
    assert!(note.contains("enable_thinking") && note.contains("must think"), "{note}");
    let says = |_: &str, language: &str, sample| Some(thoughts(language, sample));
    let outcome = run(&mut loaded(failing, says), request());
    check_no_reasoning(&outcome.session);

    // One that fails for a prompt alone is found out in the run.
    let failing = prompter(FAILING_ONCE, &[]);
    assert_eq!(failing.thinking(), Thinking::Switch);
    let outcome = run(&mut loaded(failing, says), request());
    assert_eq!(outcome.session.responses.len(), 16);
    let said = |problem: &&String| problem.contains("enable_thinking off") && problem.contains("must think");
    assert_eq!(outcome.problems.iter().filter(said).count(), 1, "{:?}", outcome.problems);
}

#[test]
fn the_page_hears_reasoning_and_response_apart_while_they_grow() {
    let prompter = prompter(SWITCHED, &["<think>", "</think>"]);
    for (text, is_opened, wanted) in [
        ("<think>abc 1</think>\n\nso 7", false, ("abc 1", "so 7")),
        ("abc 1</think>so 7", true, ("abc 1", "so 7")),
        ("so 7 < 8 > 6", false, ("", "so 7 < 8 > 6")),
        ("<b>7</b>", false, ("", "<b>7</b>")),
    ] {
        let opened = is_opened.then_some(0).into_iter().collect();
        let mut rows = Rows::new(&prompter.tokenizer, &[], opened);
        let (mut reasoning, mut response) = (String::new(), String::new());
        for id in prompter.tokenizer.encode(text, true).unwrap() {
            let tokens = vec![Sampled { id, ..Sampled::default() }];
            assert!(rows.on(&RowEvent::Tokens { row: RowId { job: 0, sample: 0 }, tokens }).is_none());
            for update in rows.updates(|_| (String::new(), Language::from(""))) {
                reasoning += &update.reasoning;
                response += &update.text;
            }
        }
        assert_eq!((reasoning.as_str(), response.as_str()), wanted, "{text:?}");
    }
}

/// Ends after so many letters.
fn letters(n: usize) -> Option<String> {
    Some("a1".repeat(n / 2))
}

#[test]
fn the_limit_is_measured_on_the_first_prompts_and_recorded() {
    let says = |prompt: &str, _: &str, sample| match (prompt, sample) {
        ("one", 0) => None,
        ("one", _) => letters(80),
        (_, 0) => None,
        _ => letters(150),
    };
    let mut many = request();
    many.config.n = 16;
    // Sixteen samples in two languages are enough to measure; those that are not told never end, so most of them.
    let session = run(&mut loaded(prompter(CHAT_TEMPLATE, &[]), says), many).session;
    assert!(session.config.max_tokens.is_some_and(|limit| limit > 400), "{:?}", session.config.max_tokens);

    // With four, both prompts are measured: 150 is the longest.
    let session = run(&mut loaded(prompter(CHAT_TEMPLATE, &[]), says), request()).session;
    assert_eq!(session.config.max_tokens, Some(320));
    let cut: Vec<&Response> = session.responses.iter().filter(|response| response.is_cut()).collect();
    assert_eq!(cut.len(), 4);
    assert!(cut.iter().all(|response| response.sample == 0 && response.tokens.len() == 320));

    // The recorded limit gives the same session again; so does a run that goes on from what was there.
    let with_limit = BuildRequest { config: session.config.clone(), ..request() };
    assert_eq!(run(&mut loaded(prompter(CHAT_TEMPLATE, &[]), says), with_limit).session, session);
    for n_there in [1, 3, 9, 16] {
        let finished = session.responses[..n_there].to_vec();
        let goes_on = BuildRequest { finished, ..request() };
        assert_eq!(
            run(&mut loaded(prompter(CHAT_TEMPLATE, &[]), says), goes_on).session,
            session,
            "{n_there} were there"
        );
    }
}

#[test]
fn a_limit_beyond_the_context_cuts_and_leaves_nothing_out() {
    let config = SessionConfig { max_tokens: Some(5_000), ..request().config };
    let outcome = run(
        &mut loaded(prompter(CHAT_TEMPLATE, &[]), |_, _, sample| letters(20).filter(|_| sample > 0)),
        BuildRequest { config, ..request() },
    );
    assert_eq!(outcome.problems, Vec::<String>::new());
    let cut = outcome.session.responses.iter().filter(|response| response.is_cut());
    assert!(cut.into_iter().all(|response| response.sample == 0 && response.tokens.len() > 500));
}

#[test]
fn cut_responses_are_made_again_as_a_longer_run_would_have_made_them() {
    let says = |_: &str, _: &str, sample: u32| letters(60 + 20 * sample as usize);
    let with = |max_tokens| BuildRequest {
        config: SessionConfig { max_tokens: Some(max_tokens), ..request().config },
        ..request()
    };
    let short = run(&mut loaded(prompter(CHAT_TEMPLATE, &[]), says), with(70)).session;
    assert_eq!(short.responses.iter().filter(|response| response.is_cut()).count(), 12);
    let whole = run(&mut loaded(prompter(CHAT_TEMPLATE, &[]), says), with(140)).session;
    let again = BuildRequest {
        finished: short.responses.into_iter().filter(|response| !response.is_cut()).collect(),
        finished_by: Some(ModelRecord { sha256: "m".to_owned(), ..ModelRecord::default() }),
        ..with(140)
    };
    assert_eq!(run(&mut loaded(prompter(CHAT_TEMPLATE, &[]), says), again.clone()).session, whole);
    let other = BuildRequest {
        finished_by: Some(ModelRecord { sha256: "another".to_owned(), ..ModelRecord::default() }),
        ..again
    };
    let mut model = loaded(prompter(CHAT_TEMPLATE, &[]), says);
    let fault =
        block_on(build(&mut model, None, &task::Task::new(&TestHost::default(), 1), other)).unwrap_err();
    assert_eq!(fault.code, FaultCode::BadInput);
}

#[test]
fn a_cut_response_is_what_a_lower_limit_would_have_given() {
    let prompter = prompter(SWITCHED, &[]);
    let tokens = prompter.tokenizer.encode("<think>abc</think>defg", true).unwrap();
    let whole = Generated {
        text: String::new(),
        reasoning: None,
        reasoning_tokens: None,
        logprobs: vec![-1.0; tokens.len()],
        sampled_logprobs: vec![-1.0; tokens.len()],
        finish_reason: FinishReason::Length,
        tokens: tokens.clone(),
    };
    let cut = |n| limit::cut(whole.clone(), n, false, &prompter.tokenizer);
    assert_eq!(
        (cut(9).text, cut(9).reasoning),
        (String::new(), told(&prompter.tokenizer, &tokens[..9], false).reasoning)
    );
    let n = tokens.len() as u32;
    assert_eq!((cut(n - 1).text.as_str(), cut(n - 1).logprobs.len() as u32), ("def", n - 1));
    assert_eq!((cut(2 * n).text.as_str(), cut(2 * n).reasoning.as_deref()), ("defg", Some("abc")));
}
