//! Measuring as the page sees it, natively, on the CPU reference over a small random model.

use std::collections::BTreeSet;

use pollster::block_on;

use crate::{
    align::instructions,
    data::{
        FinishReason, Language, MeasureKind, Method, Prompt, RepresentedText, Response, Session, SkipReason,
        StatePooling,
    },
    generate::Pooling,
    protocol::{
        Answer, Fault, FaultCode, FromWorker, GenerateRequest, Input, MeasureOutcome, MeasureRequest,
        Message, ModelRequest, Stage,
    },
    weights::testing::{RandomModel, random_model},
    worker::{
        encoder_tests::{WHOLE, load_encoder},
        generator::Generator,
        machine::Machine,
        testing::*,
    },
};

const ALL: [MeasureKind; 7] = [
    MeasureKind::Own,
    MeasureKind::Instructed,
    MeasureKind::Translations,
    MeasureKind::Translated,
    MeasureKind::States,
    MeasureKind::Chat,
    MeasureKind::Plain,
];

fn measure(machine: &mut Machine, request: MeasureRequest, host: &TestHost) -> Result<MeasureOutcome, Fault> {
    let asked = request.clone();
    match run(machine, ModelRequest::Measure(Box::new(request)), host)? {
        Answer::Measured(outcome) => {
            assert_opens_again(&asked, &outcome);
            Ok(*outcome)
        }
        other => panic!("{other:?}"),
    }
}

fn session(machine: &mut Machine) -> Session {
    build(machine, build_request(), &TestHost::default()).unwrap().session
}

fn text_of<'a>(prompts: &'a [Prompt], id: &str, language: &str) -> &'a str {
    &prompts.iter().find(|prompt| prompt.id == id).unwrap().text[&Language::from(language)]
}

fn user(text: String) -> Input {
    Input::Messages(vec![Message { role: "user".to_owned(), content: text }])
}

/// One completion scored alone, by a model that has scored nothing else.
fn score_alone(text: String, completion: &str) -> (u32, f32) {
    let request = ModelRequest::Score { input: user(text), completion: completion.to_owned(), date: None };
    match run(&mut loaded(), request, &TestHost::default()).unwrap() {
        Answer::Scored(scored) => (scored.tokens.len() as u32, scored.logprobs.iter().sum()),
        other => panic!("{other:?}"),
    }
}

/// Counts of the progress messages, in order.
fn progress(host: &TestHost) -> Vec<(f64, f64)> {
    let sent = host.sent.borrow();
    let asked = sent.iter().filter_map(|message| match message {
        FromWorker::Progress { progress, .. } if progress.stage == Stage::Ask => {
            Some((progress.done, progress.total))
        }
        _ => None,
    });
    asked.collect()
}

#[test]
fn own_scores_are_the_recorded_log_probs_and_cancelled_responses_have_none() {
    let mut machine = loaded();
    let mut session = session(&mut machine);
    let place = |session: &Session, sample| {
        session.responses.iter().position(|r| r.prompt_id == "two" && r.sample == sample).unwrap()
    };
    let (empty, cancelled) = (place(&session, 1), place(&session, 2));
    let response = &mut session.responses[empty];
    (response.text, response.tokens, response.logprob) = (String::new(), Vec::new(), Some(0.0));
    session.responses[cancelled].finish_reason = FinishReason::Cancelled;
    let host = TestHost::default();
    let outcome = measure(&mut machine, MeasureRequest::of(&session, vec![MeasureKind::Own]), &host).unwrap();
    assert_eq!((outcome.cancelled, outcome.problems.len()), (false, 0), "{:?}", outcome.problems);
    assert_eq!(outcome.measurements.model.as_ref(), Some(&session.model));
    assert_eq!(outcome.measurements.own.len(), 4);
    for row in &outcome.measurements.own {
        for (i, &sample) in row.samples.iter().enumerate() {
            let response = session.response(&row.prompt_id, &row.language, sample).unwrap();
            assert_ne!(response.finish_reason, FinishReason::Cancelled);
            assert_eq!(row.n_tokens[i] as usize, response.tokens.len());
            let (scored, recorded) = (row.logprob[i], response.logprob.unwrap());
            assert!((scored - recorded).abs() < 1e-3, "{scored} scored, {recorded} recorded");
        }
    }
    assert_eq!(outcome.measurements.own.iter().map(|row| row.samples.len()).sum::<usize>(), 15);
    let two = &outcome.measurements.own[2];
    assert_eq!((two.samples.as_slice(), two.n_tokens[1], two.logprob[1]), (&[0, 1, 3][..], 0, 0.0));
    let progress = progress(&host);
    assert_eq!((progress.first(), progress.last()), (Some(&(0.0, 15.0)), Some(&(15.0, 15.0))));
    assert!(progress.is_sorted_by(|a, b| a.0 <= b.0));
}

#[test]
fn instructed_and_translation_scores_are_those_of_one_completion_after_the_other() {
    let mut machine = loaded();
    let mut session = session(&mut machine);
    for prompt_id in ["one", "two"] {
        let of_prompt = |r: &&mut Response| r.prompt_id == prompt_id;
        let mut responses: Vec<&mut Response> = session.responses.iter_mut().filter(of_prompt).collect();
        responses[1].text = responses[0].text.clone();
        responses[5].text = responses[4].text.clone();
    }
    let kinds = vec![MeasureKind::Instructed, MeasureKind::Translations];
    // Made by a model that is not known, so that texts count and not tokens.
    let request = MeasureRequest { model: None, ..MeasureRequest::of(&session, kinds) };
    let before = machine.models.generator.as_ref().unwrap().info.clone();
    let outcome = measure(&mut machine, request, &TestHost::default()).unwrap();
    assert_eq!(outcome.problems, Vec::<String>::new());
    assert_eq!(outcome.measurements.model.unwrap().sha256, before.sha256);
    let (en, de) = (Language::from("en"), Language::from("de"));
    let text = |id: &str, language: &Language, sample| {
        session.response(id, language, sample).map(|r| r.text.as_str()).unwrap()
    };
    assert_eq!(outcome.measurements.instructed.len(), 4);
    for row in &outcome.measurements.instructed {
        let instruction =
            instructions::answer_in(text_of(&session.prompts, &row.prompt_id, "en"), &row.language);
        assert_eq!(row.samples, [0, 1, 2, 3]);
        for (i, &sample) in row.samples.iter().enumerate() {
            let response = text(&row.prompt_id, &row.language, sample);
            let (n_tokens, logprob) = score_alone(instruction.clone(), response);
            assert_eq!(row.n_tokens[i], n_tokens);
            assert!((row.logprob[i] - logprob).abs() < 1e-4, "{} and {logprob}", row.logprob[i]);
        }
    }
    let translations = &outcome.measurements.translations;
    let rows: Vec<(&str, &Language)> =
        translations.iter().map(|t| (t.prompt_id.as_str(), &t.language)).collect();
    assert_eq!(rows, [("one", &de), ("two", &de)], "the anchor is not translated into itself");
    for matrix in translations {
        assert_eq!((matrix.samples.len(), matrix.targets.len(), matrix.logprob.len()), (4, 4, 4));
        assert_eq!(matrix.logprob[0], matrix.logprob[1], "two sources are the same text");
        for (row, &source) in matrix.logprob.iter().zip(&matrix.samples) {
            assert_eq!(row[0], row[1], "two targets are the same text");
            let source = instructions::translate(text(&matrix.prompt_id, &de, source), &de, &en);
            for ((value, &target), &n) in row.iter().zip(&matrix.targets).zip(&matrix.n_tokens) {
                let (n_tokens, logprob) = score_alone(source.clone(), text(&matrix.prompt_id, &en, target));
                assert_eq!(n, n_tokens);
                assert!((value - logprob).abs() < 1e-4, "{value} and {logprob}");
            }
        }
    }
}

#[test]
fn equal_completions_are_evaluated_once() {
    let mut machine = loaded();
    let mut session = session(&mut machine);
    let count = |machine: &mut Machine, session: &Session| {
        run(machine, ModelRequest::ResetCounters, &TestHost::default()).unwrap();
        let request = MeasureRequest::of(session, vec![MeasureKind::Translations]);
        measure(machine, request, &TestHost::default()).unwrap();
        match run(machine, ModelRequest::Counters, &TestHost::default()) {
            Ok(Answer::Counted(report)) => report.text_tokens_evaluated,
            other => panic!("{other:?}"),
        }
    };
    let different = count(&mut loaded(), &session);
    let first = session.responses[0].clone();
    for response in session.responses.iter_mut().filter(|r| r.prompt_id == "one") {
        (response.text, response.tokens) = (first.text.clone(), first.tokens.clone());
    }
    let same = count(&mut loaded(), &session);
    assert!(same < 0.7 * different, "{same} tokens of {different}");
}

#[test]
fn translations_are_greedy_and_stand_after_the_samples() {
    let mut machine = loaded();
    let mut session = session(&mut machine);
    let (en, de) = (Language::from("en"), Language::from("de"));
    let request = |session: &Session| MeasureRequest::of(session, vec![MeasureKind::Translated]);
    let outcome = measure(&mut machine, request(&session), &TestHost::default()).unwrap();
    let found: BTreeSet<(&str, &str, u32, &str)> = outcome
        .translated
        .iter()
        .map(|r| {
            let (from, sample) = r.translation_of.as_ref().unwrap();
            assert_eq!(*sample, 0);
            (r.prompt_id.as_str(), r.language.as_str(), r.sample, from.as_str())
        })
        .collect();
    let expected = ["one", "two"].into_iter().flat_map(|p| [(p, "de", 4, "en"), (p, "en", 4, "de")]);
    assert_eq!(found, expected.collect());
    for translated in &outcome.translated {
        let (from, into) = if translated.language == de { (&en, &de) } else { (&de, &en) };
        let source = session.response(&translated.prompt_id, from, 0).unwrap();
        let input = user(instructions::translate(&source.text, from, into));
        let mut config = session.config.clone();
        (config.n, config.temperature) = (1, 0.0);
        let request = ModelRequest::Generate(Box::new(GenerateRequest { input, config, stop: Vec::new() }));
        let Ok(Answer::Generated(alone, _)) = run(&mut loaded(), request, &TestHost::default()) else {
            panic!()
        };
        assert_eq!((&translated.text, &translated.tokens), (&alone[0].text, &alone[0].tokens));
        assert!((translated.logprob.unwrap() - alone[0].logprobs.iter().sum::<f32>()).abs() < 1e-4);
    }
    session.responses.extend(outcome.translated);
    let again = measure(&mut machine, request(&session), &TestHost::default()).unwrap();
    assert_eq!(again.translated, [], "what is there is not made again");
    session.responses.iter_mut().find(|r| r.prompt_id == "one" && r.language == de).unwrap().sample = 9;
    session.responses.retain(|r| r.translation_of.is_none() || r.prompt_id == "two");
    let moved = measure(&mut machine, request(&session), &TestHost::default()).unwrap();
    let samples: Vec<u32> = moved.translated.iter().filter(|r| r.language == de).map(|r| r.sample).collect();
    assert_eq!(samples, [10], "no two responses of a row have one number");
}

#[test]
fn representations_are_what_the_scheduler_embeds_layer_by_layer() {
    let mut machine = loaded();
    let session = session(&mut machine);
    let kinds = vec![MeasureKind::Plain, MeasureKind::Chat];
    let outcome = measure(&mut machine, MeasureRequest::of(&session, kinds.clone()), &TestHost::default());
    let records = outcome.unwrap().measurements.representations;
    assert_eq!(records.len(), 6, "three layers twice");
    let Generator { model, scheduler, prompter, .. } = machine.models.generator.as_mut().unwrap();
    for record in &records {
        let pooling = match record.text {
            RepresentedText::Chat => StatePooling::Last,
            RepresentedText::Plain => StatePooling::Mean,
        };
        assert_eq!((record.pooling, record.n_layers, record.dim, record.order.len()), (pooling, 2, 64, 4));
        for (place, (id, language)) in record.order.iter().enumerate() {
            let text = text_of(&session.prompts, id, language.as_str());
            let (tokens, pooling) = match record.text {
                RepresentedText::Chat => (prompter.user_tokens(text, None).unwrap(), Pooling::Last),
                RepresentedText::Plain => (prompter.tokenizer.encode(text, false).unwrap(), Pooling::Mean),
            };
            let alone = block_on(scheduler.embed(model, &[tokens], record.layer, pooling)).unwrap();
            assert_eq!(record.vector(place), alone[0], "{:?}, layer {}", record.text, record.layer);
        }
    }
    let request = MeasureRequest { layers: vec![2, 1, 2], ..MeasureRequest::of(&session, kinds.clone()) };
    let some = measure(&mut machine, request, &TestHost::default()).unwrap().measurements.representations;
    let expected: Vec<_> = records.into_iter().filter(|record| record.layer > 0).collect();
    assert_eq!(some, expected);
    let request = MeasureRequest { layers: vec![3], ..MeasureRequest::of(&session, kinds) };
    let fault = measure(&mut machine, request, &TestHost::default()).unwrap_err();
    assert!(fault.message.contains("layer 3"), "{}", fault.message);
}

#[test]
fn cancelled_measuring_keeps_what_was_measured_and_all_is_counted_in_the_end() {
    let mut machine = loaded();
    let session = session(&mut machine);
    let (first, host) = (TestHost::default(), TestHost::default());
    let request = MeasureRequest::of(&session, ALL.to_vec());
    let whole = measure(&mut machine, request.clone(), &first).unwrap();
    assert!(!whole.cancelled);
    assert_eq!(progress(&first).last().unwrap(), &(16.0 + 16.0 + 32.0 + 4.0 + 16.0 + 4.0 + 4.0, 92.0));
    measure(&mut machine, request.clone(), &host).unwrap();
    let n_breaths = host.breaths.get(); // Fewer than at first: prompts are kept.
    let mut seen_partial = false;
    for breath in 1..=n_breaths {
        let host = TestHost::cancelling_at(breath);
        let part = measure(&mut machine, request.clone(), &host).unwrap();
        assert!(part.cancelled, "at breath {breath} of {n_breaths}");
        let (part, whole) = (part.measurements, &whole.measurements);
        assert!(whole.own.starts_with(&part.own) && whole.instructed.starts_with(&part.instructed));
        assert!(whole.translations.starts_with(&part.translations) && whole.states.starts_with(&part.states));
        seen_partial |= !part.own.is_empty() && part.states.is_empty();
    }
    assert!(seen_partial, "no cancellation fell in the middle");
    assert_eq!(
        measure(&mut machine, request, &TestHost::default()).unwrap(),
        whole,
        "nothing is left behind"
    );
}

#[test]
fn what_cannot_be_measured_is_named_and_the_rest_measured() {
    let mut machine = loaded();
    let mut session = session(&mut machine);
    (session.responses[0].tokens, session.responses[0].text) = (vec![70; 250], "x".repeat(250));
    session.responses[4].text = String::new();
    session.responses[4].tokens = Vec::new();
    session.responses[13].text = "y".repeat(250);
    session.prompts[1].text.insert(Language::from("de"), "z".repeat(300));
    let outcome =
        measure(&mut machine, MeasureRequest::of(&session, ALL.to_vec()), &TestHost::default()).unwrap();
    let problems = outcome.problems.join("\n");
    for expected in [
        "prompt one, English: samples 0 were not scored: the model holds 256 tokens",
        "samples 0 in English were left out",
        "prompt two, German: samples 1 in German were left out",
        "prompt one, German: the first response is empty, so there is nothing to translate",
        "the English response was not translated into German",
        "prompt two, German: the model holds 256 tokens",
        "longer context",
    ] {
        assert!(problems.contains(expected), "{expected:?} is not in\n{problems}");
    }
    let one = &outcome.measurements.translations[0];
    assert_eq!((one.samples.as_slice(), one.targets.as_slice()), (&[0, 1, 2, 3][..], &[1, 2, 3][..]));
    let two = &outcome.measurements.translations[1];
    assert_eq!((two.samples.as_slice(), two.targets.as_slice()), (&[0, 2, 3][..], &[0, 1, 2, 3][..]));
    assert_eq!(outcome.measurements.own[0].samples, [1, 2, 3]);
    assert_eq!(outcome.measurements.representations[0].order.len(), 3);
}

#[test]
fn a_model_without_a_chat_template_measures_what_needs_none() {
    let mut machine = loaded();
    let session = session(&mut machine);
    let mut bytes = random_model(&RandomModel::default());
    let key = b"tokenizer.chat_template";
    let place = bytes.windows(key.len()).position(|window| window == key).unwrap();
    bytes[place..place + key.len()].copy_from_slice(b"tokenizer.some_template");
    let mut machine = load(&bytes).unwrap();
    let request = MeasureRequest::of(&session, vec![MeasureKind::Own, MeasureKind::Chat]);
    let fault = measure(&mut machine, request, &TestHost::default()).unwrap_err();
    assert_eq!(fault.code, FaultCode::BadTemplate);
    let request = MeasureRequest::of(&session, vec![MeasureKind::Own, MeasureKind::Plain]);
    let outcome = measure(&mut machine, request, &TestHost::default()).unwrap();
    assert_eq!((outcome.measurements.own.len(), outcome.measurements.representations.len()), (0, 3));
    assert!(outcome.problems[0].contains("template"), "{:?}", outcome.problems);
}

#[test]
fn a_build_measures_what_its_method_reads() {
    for method in [Method::Mapo, Method::Lidr, Method::Icr] {
        let (mut machine, host) = (loaded(), TestHost::default());
        let mut request = build_request();
        request.config.method = method;
        let outcome = build(&mut machine, request.clone(), &host).unwrap();
        let Session { measurements, responses, pairs, .. } = outcome.session;
        let n_measured = [
            measurements.translations.len(),
            responses.iter().filter(|r| r.translation_of.is_some()).count(),
            measurements.instructed.len(),
        ];
        let expected = match method {
            Method::Mapo => [2, 0, 0],
            Method::Lidr => [0, 4, 0],
            _ => [0, 0, 4],
        };
        assert_eq!(n_measured, expected, "{method:?}");
        assert!(pairs.iter().all(|pair| pair.skip != Some(SkipReason::NotMeasured)), "{method:?}");
        assert!(responses.is_sorted_by_key(|r| (r.prompt_id.clone(), r.language.as_str() == "de", r.sample)));
        assert_eq!(progress(&host).last().map(|(done, total)| done == total), Some(true));

        request.finished = responses;
        let again = build(&mut machine, request, &TestHost::default()).unwrap().session;
        assert_eq!(again.responses.iter().filter(|r| r.is_candidate()).count(), 16, "{method:?}");
        assert_eq!(again.measurements, measurements, "a translation is not taken for a sample");
    }
}

#[test]
fn an_encoder_leaves_the_states_to_be_measured_and_one_that_is_blind_to_a_script_is_named() {
    let mut machine = loaded();
    let by_states = session(&mut machine);
    load_encoder(&mut machine, &WHOLE).unwrap();
    let mut request = build_request();
    request.config.method = Method::Lacomsa;
    let session = build(&mut machine, request.clone(), &TestHost::default()).unwrap().session;
    assert_ne!(session.similarities, by_states.similarities);
    assert_eq!(session.measurements.states, by_states.similarities);

    // The tokenizer knows a and b alone: every word of another script is the unknown token.
    let words = ["ক", "খ", "গ", "ঘ"];
    request.finished = session.responses;
    for response in &mut request.finished {
        let sample = response.sample as usize;
        response.text = if response.language.as_str() == "de" {
            words[sample].to_owned()
        } else {
            "ab".repeat(sample + 1)
        };
    }
    let problems = build(&mut machine, request, &TestHost::default()).unwrap().problems;
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].contains("cannot write \"কখগঘ\", which 8 of 16 responses hold"), "{problems:?}");
    let expected =
        "gives every text in German the same vector: it cannot tell them apart; load another encoder";
    assert!(problems[1].contains(expected), "{problems:?}");
}
