//! Cases counted by hand, and what must not change a judgement.

use super::*;
use crate::align::{Material, select};
use crate::data::{FinishReason, Measurements, TaskKind};

fn response(prompt: &str, language: &str, sample: u32, answer: &str) -> Response {
    Response {
        prompt_id: prompt.into(),
        language: language.into(),
        sample,
        text: format!("{sample} {answer}"),
        reasoning: None,
        reasoning_tokens: None,
        tokens: Vec::new(),
        logprob: Some(0.0),
        ambiguous: Vec::new(),
        finish_reason: FinishReason::Stop,
        answer: Some(answer.to_owned()).filter(|a| !a.is_empty()),
        detected_language: None,
        model: None,
        translation_of: None,
    }
}

fn prompt(id: &str, answer: Option<&str>) -> Prompt {
    let text = ["en", "de", "sw"].map(|l| (Language::from(l), "?".to_owned())).into();
    Prompt {
        id: id.into(),
        task: TaskKind::Math,
        answer: answer.map(str::to_owned),
        text,
        ..Prompt::default()
    }
}

fn rate(part: u32, whole: u32) -> Rate {
    Rate { part, whole, share: (whole > 0).then(|| f64::from(part) / f64::from(whole)), interval: None }
}

#[test]
fn counted_by_hand() {
    let prompts = [prompt("a", Some("1,000")), prompt("b", Some("2")), prompt("c", None)];
    let mut responses = Vec::new();
    for (id, language, answers) in [
        ("a", "en", ["1000", "1000.0", "5"]),
        ("a", "de", ["1000", "7", ""]),
        ("a", "sw", ["7", "7", "7"]),
        ("b", "en", ["3", "3", "2"]),
        ("b", "de", ["3", "2", "2"]),
        ("b", "sw", ["2", "3", "4"]),
        ("c", "en", ["1", "1", "2"]),
        ("c", "de", ["1", "1", "2"]),
    ] {
        responses.extend(answers.iter().enumerate().map(|(i, a)| response(id, language, i as u32, a)));
    }
    let config = SessionConfig {
        languages: ["en", "de", "sw"].map(Language::from).into(),
        ..SessionConfig::default()
    };
    let material = Material {
        prompts: &prompts,
        responses: &responses,
        similarities: &[],
        measurements: &Measurements::default(),
    };
    let picked = select(material, &config);
    let out = evaluate_parts(&prompts, &responses, &picked.references, &picked.pairs, &config);
    assert_eq!(out.n_prompts, 2);
    let accuracy: Vec<Rate> = out.languages.iter().map(|l| l.accuracy).collect();
    assert_eq!(accuracy, [rate(3, 6), rate(3, 6), rate(1, 6)]);
    assert_eq!((out.mixed_rows, out.reference_right, out.single_right), (rate(3, 4), rate(1, 2), rate(3, 6)));
    // a/de: 1000 over 7. a/sw: nobody agrees. b: the reference says 3, so b/de is 3 over 2 and b/sw 3 over 2.
    assert_eq!(out.pairs.coverage, rate(3, 4));
    assert_eq!(out.pairs.chosen_right, rate(1, 3));
    assert_eq!(out.pairs.rejected_wrong, rate(1, 3));
    assert_eq!(out.pairs.right_over_wrong, rate(1, 3));
    assert_eq!(out.languages[1].pairs.coverage, rate(2, 2));
    assert_eq!(out.languages[0].pairs.coverage, rate(0, 0));
}

#[test]
fn without_gold_nothing_is_counted() {
    let out = evaluate_parts(
        &[prompt("a", None)],
        &[response("a", "en", 0, "1")],
        &[],
        &[],
        &SessionConfig::default(),
    );
    assert_eq!(out, Evaluation::default());
}

#[test]
fn gold_that_is_no_number_is_listed() {
    let prompts = [prompt("a", Some("many")), prompt("b", Some(" ")), prompt("c", Some("2"))];
    let out = evaluate_parts(&prompts, &[], &[], &[], &SessionConfig::default());
    assert_eq!(out.n_prompts, 1);
    assert_eq!(out.unread_gold, [UnreadGold { prompt_id: "a".into(), gold: "many".into() }]);
}

fn pair(prompt_id: &str, language: &str, chosen: u32, rejected: u32, margin: f32) -> Pair {
    Pair {
        prompt_id: prompt_id.into(),
        language: language.into(),
        chosen: Some(chosen),
        rejected: Some(rejected),
        scores: Vec::new(),
        cosine: Vec::new(),
        margin: Some(margin),
        skip: None,
    }
}

#[test]
fn a_chosen_translation_is_judged_but_is_no_sample() {
    let mut translation = response("a", "de", 2, "7");
    translation.translation_of = Some(("en".into(), 0));
    let responses = [response("a", "de", 0, "3"), response("a", "de", 1, "7"), translation];
    let config = SessionConfig { languages: vec!["de".into()], ..SessionConfig::default() };
    let pairs = [pair("a", "de", 2, 0, 0.5)];
    let out = evaluate_parts(&[prompt("a", Some("7"))], &responses, &[], &pairs, &config);
    assert_eq!((out.pairs.right_over_wrong, out.languages[0].accuracy), (rate(1, 1), rate(1, 2)));
}

/// Twenty prompts; in the upper half of the margins the chosen response is right.
fn twenty() -> (Vec<Prompt>, Vec<Response>, Vec<Pair>, SessionConfig) {
    let id = |i: u32| format!("p{i:02}");
    let prompts = (0..20).map(|i| prompt(&id(i), Some("1"))).collect();
    let responses = (0..20).flat_map(|i| {
        let answers = if i < 10 { ["2", "1"] } else { ["1", "2"] };
        [response(&id(i), "de", 0, answers[0]), response(&id(i), "de", 1, answers[1])]
    });
    let pairs = (0..20).map(|i| pair(&id(i), "de", 0, 1, i as f32)).collect();
    let config = SessionConfig { languages: vec!["en".into(), "de".into()], ..SessionConfig::default() };
    (prompts, responses.collect(), pairs, config)
}

#[test]
fn bands_hold_equal_counts_from_the_lowest_margin_up() {
    let (prompts, responses, pairs, config) = twenty();
    let out = evaluate_parts(&prompts, &responses, &[], &pairs, &config);
    assert_eq!(out.bands.len(), 10);
    assert_eq!((out.bands[0].low, out.bands[0].high), (0.0, 1.0));
    let right: Vec<u32> = out.bands.iter().map(|band| band.pairs.right_over_wrong.part).collect();
    assert_eq!(right, [0, 0, 0, 0, 0, 2, 2, 2, 2, 2]);
    assert!(out.bands.iter().all(|band| band.pairs.coverage == rate(2, 2)));
}

#[test]
fn intervals_hold_their_rate_and_the_same_seed_gives_the_same() {
    let (prompts, responses, pairs, config) = twenty();
    let judged = |seed| {
        let mut evaluating = Evaluating::new(&prompts, &responses, &[], &pairs, &config, seed);
        (0..200).for_each(|_| evaluating.resample());
        evaluating.finish()
    };
    let out = judged(1);
    let Interval { low, high } = out.pairs.right_over_wrong.interval.unwrap();
    assert!(low < 0.5 && 0.5 < high && low > 0.2 && high < 0.8, "{low} {high}");
    assert_eq!((out.reference_right.interval, out.languages[0].pairs.coverage.interval), (None, None));
    assert_eq!(judged(1), out);
}
