//! Small worked cases with numbers that can be checked by hand.

mod properties;

use super::*;
use crate::align::{Material, Selection, select};
use crate::data::{FinishReason, Measurements, Response, Similarity, TaskKind, TranslationScores};

/// A response by language and sample; every text differs.
fn response(language: &str, sample: u32) -> Response {
    Response {
        prompt_id: "p".into(),
        language: language.into(),
        sample,
        text: format!("{language} {sample}"),
        reasoning: None,
        reasoning_tokens: None,
        tokens: vec![sample],
        logprob: Some(-1.0),
        ambiguous: Vec::new(),
        finish_reason: FinishReason::Stop,
        answer: None,
        detected_language: None,
        model: None,
        translation_of: None,
    }
}

fn translation(into: &str, sample: u32, of: (&str, u32)) -> Response {
    Response { translation_of: Some((of.0.into(), of.1)), ..response(into, sample) }
}

/// `n` responses in each of these languages.
fn responses(languages: &[&str], n: u32) -> Vec<Response> {
    languages.iter().flat_map(|l| (0..n).map(|sample| response(l, sample))).collect()
}

fn config(method: Method, languages: &[&str]) -> SessionConfig {
    let languages = languages.iter().map(|l| Language::from(*l)).collect();
    SessionConfig { method, languages, task: TaskKind::General, ..SessionConfig::default() }
}

fn run(responses: &[Response], measurements: &Measurements, config: &SessionConfig) -> Selection {
    let text = config.languages.iter().map(|l| (l.clone(), "?".to_owned())).collect();
    let prompts = [Prompt { id: "p".into(), task: config.task, text, ..Prompt::default() }];
    select(Material { prompts: &prompts, responses, similarities: &[], measurements }, config)
}

fn de(selection: &Selection) -> &Pair {
    selection.pairs.iter().find(|p| p.language.as_str() == "de").unwrap()
}

fn instructed(language: &str, scores: &[(u32, f32)]) -> RowScores {
    RowScores {
        prompt_id: "p".into(),
        language: language.into(),
        samples: (0..scores.len() as u32).collect(),
        n_tokens: scores.iter().map(|s| s.0).collect(),
        logprob: scores.iter().map(|s| s.1).collect(),
    }
}

fn translations(n_tokens: &[u32], logprob: &[&[f32]]) -> TranslationScores {
    TranslationScores {
        prompt_id: "p".into(),
        language: "de".into(),
        samples: (0..logprob.len() as u32).collect(),
        targets: (0..n_tokens.len() as u32).collect(),
        n_tokens: n_tokens.to_vec(),
        logprob: logprob.iter().map(|row| row.to_vec()).collect(),
    }
}

/// Cosines by a function of two responses.
fn states(responses: &[Response], cosine: impl Fn(&Response, &Response) -> f32) -> Similarity {
    let order = responses.iter().map(|r| (r.language.clone(), r.sample)).collect();
    let pairs =
        responses.iter().enumerate().flat_map(|(i, a)| responses[i + 1..].iter().map(move |b| (a, b)));
    Similarity { prompt_id: "p".into(), order, cosine: pairs.map(|(a, b)| cosine(a, b)).collect() }
}

#[test]
fn mapo_takes_the_mean_inverse_cross_entropy() {
    let all = responses(&["en", "de"], 2);
    // Cross-entropies: 2 and 4 of the first, 1 and 4 of the second response.
    let scores = translations(&[2, 1], &[&[-4.0, -4.0], &[-2.0, -4.0]]);
    let measurements = Measurements { translations: vec![scores], ..Measurements::default() };
    let out = run(&all, &measurements, &config(Method::Mapo, &["en", "de"]));
    assert_eq!((out.references[0].sample, out.references[0].skip), (None, None));
    assert_eq!(de(&out).scores, [0.375, 0.625]);
    assert_eq!((de(&out).chosen, de(&out).rejected, de(&out).margin), (Some(1), Some(0), Some(0.25)));
    assert_eq!(out.pairs[0].skip, Some(SkipReason::AnchorLanguage));
}

#[test]
fn mapo_passes_over_targets_that_say_nothing_and_bounds_certain_ones() {
    let mut all = responses(&["en", "de"], 3);
    all[2].text = " \n".into();
    let scores = translations(&[2, 0, 1], &[&[-4.0, 0.0, -0.1], &[0.0, 0.0, -9.0], &[-2.0, 0.0, -9.0]]);
    let measurements = Measurements { translations: vec![scores], ..Measurements::default() };
    let out = run(&all, &measurements, &config(Method::Mapo, &["en", "de"]));
    assert_eq!(de(&out).scores, [0.5, (1.0 / mapo::MIN_CROSS_ENTROPY) as f32, 1.0]);
    assert_eq!((de(&out).chosen, de(&out).rejected), (Some(1), Some(0)));
}

#[test]
fn mapo_pairs_all_that_differ() {
    assert_eq!(ordered_pairs(&[0.5, 2.0, 0.5]), [(1, 0), (1, 2)]);
    assert_eq!(ordered_pairs(&[1.0, 1.0]), []);
    assert_eq!(ordered_pairs(&[f32::NAN, 1.0, f32::INFINITY]), []);
}

#[test]
fn icr_takes_length_out_of_the_likelihood() {
    // Within rows the log-probability falls by 2 a token: the slope, whatever the rows' levels.
    let rows = [instructed("de", &[(2, -4.0), (4, -8.0)]), instructed("sw", &[(1, -50.0), (3, -54.0)])];
    assert!((icr::length_slope(&rows) + 2.0).abs() < 1e-12);
    assert_eq!(icr::length_slope(&[instructed("de", &[(3, -1.0), (3, -9.0)])]), 0.0);
    assert_eq!(icr::length_slope(&[]), 0.0);

    let all = responses(&["en", "de"], 3);
    let measurements = Measurements {
        instructed: vec![instructed("de", &[(2, -4.0), (4, -9.0), (6, -11.0)])],
        ..Measurements::default()
    };
    // Slope: ((-2)(4) + (2)(-3)) / 8 = -1.75.
    let out = run(&all, &measurements, &config(Method::Icr, &["en", "de"]));
    assert_eq!(de(&out).scores, [-0.5, -2.0, -0.5]);
    assert_eq!((de(&out).chosen, de(&out).rejected, de(&out).margin), (Some(0), Some(1), Some(1.5)));
}

#[test]
fn lidr_sets_the_translation_over_the_own_response() {
    let mut all = responses(&["en", "de"], 3);
    all.push(translation("de", 3, ("en", 1)));
    all.push(translation("en", 3, ("de", 2)));
    let with = SessionConfig { anchor_pairs: true, ..config(Method::Lidr, &["en", "de"]) };
    let out = run(&all, &Measurements::default(), &with);
    assert_eq!((de(&out).chosen, de(&out).rejected), (Some(3), Some(1)));
    assert_eq!((de(&out).skip, de(&out).margin, de(&out).scores.len()), (None, None, 0));
    assert_eq!((out.pairs[0].chosen, out.pairs[0].rejected), (Some(2), Some(3)));
    let without = SessionConfig { anchor_pairs: false, ..with };
    let out = run(&all, &Measurements::default(), &without);
    assert_eq!(out.pairs[0].skip, Some(SkipReason::AnchorLanguage));
}

#[test]
fn lidr_skips() {
    let lidr = config(Method::Lidr, &["en", "de", "sw"]);
    let skip = |change: &dyn Fn(&mut Vec<Response>)| {
        let mut all = responses(&["en", "de"], 2);
        all.push(translation("de", 2, ("en", 0)));
        change(&mut all);
        de(&run(&all, &Measurements::default(), &lidr)).skip
    };
    assert_eq!(skip(&|_| {}), None);
    assert_eq!(skip(&|all| all[4].text = "de  0".into()), Some(SkipReason::SameText));
    assert_eq!(skip(&|all| all[4].text = "\n".into()), Some(SkipReason::EmptyResponses));
    assert_eq!(skip(&|all| all[4].detected_language = Some("en".into())), Some(SkipReason::WrongLanguage));
    assert_eq!(skip(&|all| all[4].language = "sw".into()), Some(SkipReason::NoTranslation));
    assert_eq!(skip(&|all| all.truncate(4)), Some(SkipReason::NotMeasured));
    assert_eq!(skip(&|all| drop(all.drain(2..4))), Some(SkipReason::TooFewCandidates));
    assert_eq!(skip(&|all| all[4].finish_reason = FinishReason::Cancelled), Some(SkipReason::NoTranslation));
}

#[test]
fn lacomsa_compares_with_every_anchor_response_and_weighs_the_language() {
    let all = responses(&["en", "de", "sw"], 2);
    let measured = states(&all, |a, b| match (a.language.as_str(), b.language.as_str()) {
        ("en", "en") => 1.0,
        ("en", "de") => 0.75 - 0.25 * b.sample as f32,
        ("en", "sw") => 0.25 - 0.25 * b.sample as f32,
        _ => 0.0,
    });
    let measurements = Measurements { states: vec![measured], ..Measurements::default() };
    let with = SessionConfig { anchor_pairs: true, ..config(Method::Lacomsa, &["en", "de", "sw"]) };
    let out = run(&all, &measurements, &with);
    // Differences 1 - 0.625 and 1 - 0.125, deviation 0.25: gaps 1.5 and 3.5.
    let (de_weight, sw_weight) = (lacomsa::language_weight(1.5), lacomsa::language_weight(3.5));
    assert_eq!(de(&out).scores, [(0.75 * de_weight) as f32, (0.5 * de_weight) as f32]);
    assert_eq!(out.pairs[2].scores, [(0.25 * sw_weight) as f32, 0.0]);
    assert_eq!((de(&out).chosen, de(&out).rejected), (Some(0), Some(1)));
    // An anchor response is not compared with itself, and its language has gap 0.
    assert_eq!(out.pairs[0].scores, [0.5, 0.5]);
    assert_eq!(out.pairs[0].skip, Some(SkipReason::EqualScores));
    assert!((lacomsa::language_weight(2.0) - 0.731_058_578_630_004_9).abs() < 1e-15);
}

#[test]
fn lacomsa_draws_its_pair_among_those_that_can_be_one() {
    let mut all = responses(&["en", "de"], 4);
    all[7].detected_language = Some("en".into());
    let measured = states(&all, |_, b| f32::from(u8::try_from(b.sample).unwrap()) / 8.0);
    let measurements = Measurements { states: vec![measured], ..Measurements::default() };
    let mut drawn = std::collections::BTreeSet::new();
    for seed in 0..100 {
        let seeded = SessionConfig { seed, ..config(Method::Lacomsa, &["en", "de"]) };
        let out = run(&all, &measurements, &seeded);
        drawn.insert((de(&out).chosen.unwrap(), de(&out).rejected.unwrap()));
        assert!(de(&out).margin.unwrap() > 0.0);
    }
    // The highest is surely English, so it is never chosen, nor ever rejected.
    assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [(1, 0), (2, 0), (2, 1)]);
}

#[test]
fn what_was_not_measured_is_named() {
    let all = responses(&["en", "de"], 2);
    for method in [Method::Mapo, Method::Lidr, Method::Icr, Method::Lacomsa] {
        let out = run(&all, &Measurements::default(), &config(method, &["en", "de"]));
        assert_eq!(de(&out).skip, Some(SkipReason::NotMeasured), "{method:?}");
        assert_eq!(out.references[0].skip, None, "{method:?}");
    }
    // One candidate of two: nothing says how the other would score.
    let part = Measurements {
        instructed: vec![instructed("de", &[(2, -4.0)])],
        translations: vec![translations(&[1, 1], &[&[-1.0, -1.0]])],
        states: vec![states(&all[..3], |_, _| 0.5)],
        ..Measurements::default()
    };
    for method in [Method::Mapo, Method::Icr, Method::Lacomsa] {
        let out = run(&all, &part, &config(method, &["en", "de"]));
        assert_eq!(de(&out).skip, Some(SkipReason::NotMeasured), "{method:?}");
    }
}

#[test]
fn the_common_rules_hold_but_for_the_minimum_margin() {
    let scored = |scores: &[(u32, f32)]| Measurements {
        instructed: vec![instructed("de", scores)],
        ..Measurements::default()
    };
    let icr = SessionConfig { min_margin: 1e6, ..config(Method::Icr, &["en", "de"]) };
    let mut all = responses(&["en", "de"], 2);
    assert_eq!(de(&run(&all, &scored(&[(1, -1.0), (1, -2.0)]), &icr)).skip, None);
    assert_eq!(de(&run(&all, &scored(&[(1, -1.0), (1, -1.0)]), &icr)).skip, Some(SkipReason::EqualScores));
    all[2].detected_language = Some("en".into());
    assert_eq!(de(&run(&all, &scored(&[(1, -1.0), (1, -2.0)]), &icr)).skip, Some(SkipReason::WrongLanguage));
    all[2].text = String::new();
    assert_eq!(de(&run(&all, &scored(&[(1, -1.0), (1, -2.0)]), &icr)).skip, Some(SkipReason::EmptyResponses));
    all[2].text = "de  1 ".into();
    all[2].detected_language = None;
    assert_eq!(de(&run(&all, &scored(&[(1, -1.0), (1, -2.0)]), &icr)).skip, Some(SkipReason::SameText));
    all.pop();
    assert_eq!(de(&run(&all, &scored(&[(1, -1.0)]), &icr)).skip, Some(SkipReason::TooFewCandidates));
    let anchorless = SessionConfig { anchor: "fr".into(), ..icr };
    let out = run(&all, &Measurements::default(), &anchorless);
    assert_eq!(out.references[0].skip, Some(SkipReason::NoAnchorText));
    assert_eq!(de(&out).skip, Some(SkipReason::NoReference));
}

/// Cuts samples of a language.
fn cut(mut responses: Vec<Response>, language: &str, samples: &[u32]) -> Vec<Response> {
    for response in responses.iter_mut().filter(|r| r.language.as_str() == language) {
        if samples.contains(&response.sample) {
            response.finish_reason = FinishReason::Length;
        }
    }
    responses
}

#[test]
fn a_cut_response_is_not_chosen_while_a_whole_one_could_be() {
    let languages = ["en", "de"];
    let icr = config(Method::Icr, &languages);
    let measurements = Measurements {
        instructed: vec![instructed("de", &[(4, -1.0), (4, -2.0), (4, -9.0)])],
        ..Measurements::default()
    };
    let picked = |samples: &[u32]| {
        let selection = run(&cut(responses(&languages, 3), "de", samples), &measurements, &icr);
        (de(&selection).chosen, de(&selection).rejected)
    };
    assert_eq!(picked(&[]), (Some(0), Some(2)));
    assert_eq!(picked(&[0, 2]), (Some(1), Some(2)));
    assert_eq!(picked(&[0, 1]), (Some(0), Some(2)), "the whole one is the worst");

    let all = responses(&languages, 4);
    let measurements = Measurements {
        states: vec![states(&all, |a, b| 1.0 - 0.01 * (a.sample + 3 * b.sample) as f32)],
        ..Measurements::default()
    };
    for seed in 0..30 {
        let lacomsa = SessionConfig { seed, ..config(Method::Lacomsa, &languages) };
        let selection = run(&cut(all.clone(), "de", &[0, 2]), &measurements, &lacomsa);
        let chosen = de(&selection).chosen.unwrap();
        assert!(chosen == 1 || chosen == 3, "{chosen} was cut");
    }
}

#[test]
fn lidr_takes_a_whole_translation_of_a_whole_response() {
    let lidr = config(Method::Lidr, &["en", "de"]);
    let with = |cut_en: &[u32], cut_de: &[u32]| {
        let mut all = responses(&["en", "de"], 2);
        all.extend([translation("de", 2, ("en", 0)), translation("de", 3, ("en", 1))]);
        let all = cut(cut(all, "en", cut_en), "de", cut_de);
        let selection = run(&all, &Measurements::default(), &lidr);
        (de(&selection).chosen, de(&selection).rejected)
    };
    assert_eq!(with(&[], &[]), (Some(2), Some(0)));
    assert_eq!(with(&[], &[2]), (Some(3), Some(1)));
    assert_eq!(with(&[0], &[]), (Some(3), Some(1)), "a translation of what was cut");
    assert_eq!(with(&[0, 1], &[]), (Some(2), Some(0)), "there is no other");

    let anchor = SessionConfig { anchor_pairs: true, ..lidr };
    let mut all = responses(&["en", "de"], 2);
    all.push(translation("en", 2, ("de", 0)));
    let selection = run(&cut(all, "en", &[0]), &Measurements::default(), &anchor);
    let own = selection.pairs.iter().find(|p| p.language.as_str() == "en").unwrap();
    assert_eq!((own.chosen, own.rejected), (Some(1), Some(2)));
}
