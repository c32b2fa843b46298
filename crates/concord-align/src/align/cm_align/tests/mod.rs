//! Small worked cases with numbers that can be checked by hand; properties beside them.

mod cut;
mod properties;

use super::*;
use crate::align::{Material, Selection, select};
use crate::data::{FinishReason, Language, Measurements, Method, Response, Similarity, SkipReason, TaskKind};

/// A response by language, sample, text and answer.
fn response(language: &str, sample: u32, text: &str, answer: Option<&str>) -> Response {
    Response {
        prompt_id: "p".into(),
        language: language.into(),
        sample,
        text: text.into(),
        reasoning: None,
        reasoning_tokens: None,
        tokens: vec![sample],
        logprob: Some(-1.0),
        ambiguous: Vec::new(),
        finish_reason: FinishReason::Stop,
        answer: answer.map(str::to_owned),
        detected_language: None,
        model: None,
        translation_of: None,
    }
}

/// Math responses of one language with these answers ("" is none); every text differs.
fn answers(language: &str, answers: &[&str]) -> Vec<Response> {
    let one = |(i, a): (usize, &&str)| {
        response(language, i as u32, &format!("{language} {i}: {a}"), Some(*a).filter(|a| !a.is_empty()))
    };
    answers.iter().enumerate().map(one).collect()
}

fn prompt(task: TaskKind, languages: &[&str]) -> Prompt {
    let text = languages.iter().map(|l| (Language::from(*l), "?".to_owned())).collect();
    Prompt { id: "p".into(), task, text, ..Prompt::default() }
}

fn config(languages: &[&str]) -> SessionConfig {
    SessionConfig {
        languages: languages.iter().map(|l| Language::from(*l)).collect(),
        ..SessionConfig::default()
    }
}

/// Cosines by a function of two responses, in the order of `responses`.
fn similarity(responses: &[Response], cosine: impl Fn(&Response, &Response) -> f32) -> Similarity {
    let order = responses.iter().map(|r| (r.language.clone(), r.sample)).collect();
    let pairs =
        responses.iter().enumerate().flat_map(|(i, a)| responses[i + 1..].iter().map(move |b| (a, b)));
    Similarity { prompt_id: "p".into(), order, cosine: pairs.map(|(a, b)| cosine(a, b)).collect() }
}

/// Cosines from one number a response: `1 - |a - b| / 16`, exact in f32.
fn by_place(responses: &[Response], place: impl Fn(&Response) -> f32) -> Similarity {
    similarity(responses, |a, b| 1.0 - (place(a) - place(b)).abs() / 16.0)
}

/// Picks from responses and cosines alone.
fn pick_all(
    prompts: &[Prompt],
    responses: &[Response],
    similarities: &[Similarity],
    config: &SessionConfig,
) -> Selection {
    select(Material { prompts, responses, similarities, measurements: &Measurements::default() }, config)
}

fn run(
    task: TaskKind,
    responses: &[Response],
    similarity: Option<&Similarity>,
    config: &SessionConfig,
) -> Selection {
    let mut languages: Vec<&str> = responses.iter().map(|r| r.language.as_str()).collect();
    languages.dedup();
    let similarities: Vec<Similarity> = similarity.cloned().into_iter().collect();
    pick_all(&[prompt(task, &languages)], responses, &similarities, config)
}

fn pair<'a>(selection: &'a Selection, language: &str) -> &'a Pair {
    selection.pairs.iter().find(|p| p.language.as_str() == language).unwrap()
}

#[test]
fn math_majority_vote_and_pair() {
    let responses =
        [answers("en", &["12", "13", "12", "", "12.0"]), answers("de", &["12", "7", "12", ""])].concat();
    let similarity = by_place(&responses, |r| r.sample as f32);
    let out = run(TaskKind::Math, &responses, Some(&similarity), &config(&["en", "de"]));
    let reference = &out.references[0];
    // 12 at 0, 2 and 4: sample 2 is nearest to the two others.
    assert_eq!((reference.sample, reference.vote_share, reference.skip), (Some(2), Some(0.6), None));
    assert_eq!(reference.consistency, [0.6, 0.2, 0.6, 0.0, 0.6]);
    assert_eq!(reference.mean_cosine, [0.8125, 0.0, 0.875, 0.0, 0.8125]);
    let de = pair(&out, "de");
    assert_eq!(de.scores, [1.0, 0.0, 1.0, 0.0]);
    assert_eq!(de.cosine, [0.875, 0.9375, 1.0, 0.9375]);
    // Highest cosine among the ones is 2; the zeros 1 and 3 are equally far, so the lower index is rejected.
    assert_eq!((de.chosen, de.rejected, de.margin, de.skip), (Some(2), Some(1), Some(1.0), None));
    assert_eq!(pair(&out, "en").skip, Some(SkipReason::AnchorLanguage));
}

#[test]
fn math_tie_between_answers_goes_to_the_tighter_group_then_to_the_lowest_index() {
    let responses = answers("en", &["1", "2", "2", "1"]);
    let tight_twos = by_place(&responses, |r| r.sample as f32);
    let out = run(TaskKind::Math, &responses, Some(&tight_twos), &config(&["en"]));
    assert_eq!(out.references[0].sample, Some(1));
    let out = run(TaskKind::Math, &responses, None, &config(&["en"]));
    assert_eq!((out.references[0].sample, out.references[0].vote_share), (Some(0), Some(0.5)));
}

#[test]
fn math_skips() {
    for (en, de, reference, pair_skip) in [
        (&["", ""][..], &["1", "2"][..], Some(SkipReason::NoAnswer), SkipReason::NoReference),
        (&["1"], &["1", "2"], Some(SkipReason::TooFewCandidates), SkipReason::NoReference),
        (&[], &["1", "2"], Some(SkipReason::TooFewCandidates), SkipReason::NoReference),
        (&["1", "1"], &["1"], None, SkipReason::TooFewCandidates),
        (&["1", "1"], &[], None, SkipReason::TooFewCandidates),
        (&["1", "1"], &["1", "1"], None, SkipReason::NoneDisagree),
        (&["1", "1"], &["2", ""], None, SkipReason::NoneAgree),
    ] {
        let responses = [answers("en", en), answers("de", de)].concat();
        let out = pick_all(&[prompt(TaskKind::Math, &["en", "de"])], &responses, &[], &config(&["en", "de"]));
        assert_eq!(out.references[0].skip, reference, "{en:?} {de:?}");
        let de_pair = pair(&out, "de");
        assert_eq!(
            (de_pair.skip, de_pair.chosen, de_pair.rejected),
            (Some(pair_skip), None, None),
            "{en:?} {de:?}"
        );
    }
}

#[test]
fn cancelled_responses_are_no_candidates() {
    let mut responses = [answers("en", &["1", "1"]), answers("de", &["1", "2", "3"])].concat();
    responses[3].finish_reason = FinishReason::Cancelled;
    let out = run(TaskKind::Math, &responses, None, &config(&["en", "de"]));
    let de = pair(&out, "de");
    assert_eq!((de.scores.len(), de.chosen, de.rejected), (2, Some(0), Some(2)));
}

#[test]
fn language_gate_bars_a_sure_other_language_from_being_chosen_but_not_from_being_rejected() {
    let mut responses = [answers("en", &["1", "1"]), answers("de", &["1", "1", "2"])].concat();
    responses[2].detected_language = Some("en".into());
    responses[4].detected_language = Some("fr".into());
    let out = run(TaskKind::Math, &responses, None, &config(&["en", "de"]));
    assert_eq!((pair(&out, "de").chosen, pair(&out, "de").rejected), (Some(1), Some(2)));
    responses[3].detected_language = Some("en".into());
    let out = run(TaskKind::Math, &responses, None, &config(&["en", "de"]));
    assert_eq!(pair(&out, "de").skip, Some(SkipReason::WrongLanguage));
    let open = SessionConfig { language_gate: false, ..config(&["en", "de"]) };
    let out = run(TaskKind::Math, &responses, None, &open);
    assert_eq!((pair(&out, "de").chosen, pair(&out, "de").rejected), (Some(0), Some(2)));
}

/// Three anchor and three German texts at these places on a line.
fn general(en: [f32; 3], de: [f32; 3]) -> (Vec<Response>, Similarity) {
    let responses = [answers("en", &["a", "b", "c"]), answers("de", &["a", "b", "c"])].concat();
    let place = |r: &Response| {
        if r.language.as_str() == "en" { en[r.sample as usize] } else { de[r.sample as usize] }
    };
    let similarity = by_place(&responses, place);
    (responses, similarity)
}

#[test]
fn general_picks_the_most_consistent_then_the_nearest_and_the_farthest() {
    let (responses, similarity) = general([0.0, 2.0, 8.0], [10.0, 3.0, 6.0]);
    let out = run(TaskKind::General, &responses, Some(&similarity), &config(&["en", "de"]));
    let reference = &out.references[0];
    assert_eq!(reference.consistency, [0.6875, 0.75, 0.5625]);
    assert_eq!((reference.sample, reference.vote_share), (Some(1), None));
    let de = pair(&out, "de");
    assert_eq!(de.scores, [0.5, 0.9375, 0.75]);
    assert_eq!(de.scores, de.cosine);
    assert_eq!((de.chosen, de.rejected, de.margin), (Some(1), Some(0), Some(0.4375)));
}

#[test]
fn general_skips() {
    let (responses, similarity) = general([0.0, 0.0, 0.0], [4.0, 4.0, 4.0]);
    let both = config(&["en", "de"]);
    let out = run(TaskKind::General, &responses, Some(&similarity), &both);
    assert_eq!((out.references[0].sample, pair(&out, "de").skip), (Some(0), Some(SkipReason::EqualScores)));
    let out = run(TaskKind::General, &responses, None, &both);
    assert_eq!(out.references[0].skip, Some(SkipReason::NotEmbedded));
    assert_eq!(pair(&out, "de").skip, Some(SkipReason::NoReference));

    let (mut responses, similarity) = general([0.0, 1.0, 2.0], [4.0, 5.0, 6.0]);
    let strict = SessionConfig { min_margin: 0.2, ..both.clone() };
    let out = run(TaskKind::General, &responses, Some(&similarity), &strict);
    let de = pair(&out, "de");
    assert_eq!((de.skip, de.margin, de.chosen), (Some(SkipReason::SmallMargin), Some(0.125), None));
    let exact = SessionConfig { min_margin: 0.125, ..both.clone() };
    assert_eq!(pair(&run(TaskKind::General, &responses, Some(&similarity), &exact), "de").skip, None);

    // Only the farthest may be chosen: nothing lies below it.
    responses[3].detected_language = Some("en".into());
    responses[4].detected_language = Some("en".into());
    let out = run(TaskKind::General, &responses, Some(&similarity), &both);
    assert_eq!(pair(&out, "de").skip, Some(SkipReason::WrongLanguage));

    let (mut responses, similarity) = general([0.0, 1.0, 2.0], [4.0, 5.0, 6.0]);
    responses[3].text = "ein  Wo\u{308}rt".into();
    responses[5].text = " ein W\u{f6}rt\n".into();
    let out = run(TaskKind::General, &responses, Some(&similarity), &both);
    assert_eq!(pair(&out, "de").skip, Some(SkipReason::SameText));
}

#[test]
fn a_missing_or_broken_cosine_is_named_not_propagated() {
    let (responses, mut similarity) = general([0.0, 1.0, 2.0], [4.0, 5.0, 6.0]);
    similarity.cosine[0] = f32::NAN;
    let out = run(TaskKind::General, &responses, Some(&similarity), &config(&["en", "de"]));
    assert_eq!(out.references[0].skip, Some(SkipReason::NotEmbedded));
    let out = run(TaskKind::Math, &responses, Some(&similarity), &config(&["en", "de"]));
    assert!(out.references[0].mean_cosine.iter().all(|c| c.is_finite()));
    similarity.cosine.pop();
    let out = run(TaskKind::General, &responses, Some(&similarity), &config(&["en", "de"]));
    assert_eq!(out.references[0].skip, Some(SkipReason::NotEmbedded));
}

#[test]
fn duplicates_vote_separately_unless_merged() {
    let mut responses = [answers("en", &["1", "2", "1", "3", "2"]), answers("de", &["1", "1", "2"])].concat();
    responses[2].text = format!(" {}\n", responses[0].text);
    let out = run(TaskKind::Math, &responses, None, &config(&["en", "de"]));
    assert_eq!((out.references[0].sample, out.references[0].vote_share), (Some(0), Some(0.4)));
    let merged = SessionConfig { merge_duplicates: true, ..config(&["en", "de"]) };
    let out = run(TaskKind::Math, &responses, None, &merged);
    assert_eq!((out.references[0].sample, out.references[0].vote_share), (Some(1), Some(0.5)));
    assert_eq!(out.references[0].consistency, [0.25, 0.5, 0.25, 0.25, 0.5]);
}

#[test]
fn anchor_pairs_set_the_reference_against_the_least_consistent() {
    let with = SessionConfig { anchor_pairs: true, ..config(&["en"]) };
    let out = run(TaskKind::Math, &answers("en", &["1", "2", "1", "", "1"]), None, &with);
    let en = pair(&out, "en");
    assert_eq!((en.chosen, en.rejected, en.margin), (Some(0), Some(3), Some(0.6)));
    assert_eq!(en.scores, out.references[0].consistency);
    let out = run(TaskKind::Math, &answers("en", &["1", "1"]), None, &with);
    assert_eq!(pair(&out, "en").skip, Some(SkipReason::NoneDisagree));
    let out = run(TaskKind::Math, &answers("en", &["1", "2"]), None, &with);
    assert_eq!(pair(&out, "en").skip, Some(SkipReason::EqualScores));
}

#[test]
fn prompts_without_anchor_text_and_languages_without_text() {
    let responses = answers("de", &["1", "2"]);
    let out =
        pick_all(&[prompt(TaskKind::Math, &["de", "es"])], &responses, &[], &config(&["en", "de", "ru"]));
    assert_eq!(out.references[0].skip, Some(SkipReason::NoAnchorText));
    assert_eq!(out.pairs.iter().map(|p| p.language.as_str()).collect::<Vec<_>>(), ["de"]);
    assert_eq!(out.pairs[0].skip, Some(SkipReason::NoReference));
}

#[test]
fn one_language_only_gives_a_reference_and_no_pair() {
    let out = run(TaskKind::Math, &answers("en", &["1", "1", "2"]), None, &config(&["en"]));
    assert_eq!((out.references[0].sample, out.pairs.len()), (Some(0), 1));
    assert_eq!(out.pairs[0].skip, Some(SkipReason::AnchorLanguage));
}

#[test]
fn code_compares_snippets() {
    let texts = [
        ("en", "```\ndef f(a): return a + 1\n```"),
        ("en", "```\ndef g(x): return x + 1\n```"),
        ("en", "no idea"),
        ("de", "Gern:\n```python\ndef plus(n):\n    # eins mehr\n    return n + 1\n```"),
        ("de", "```\nprint(5)\n```"),
    ];
    let responses: Vec<Response> =
        texts.iter().enumerate().map(|(i, (l, t))| response(l, i as u32, t, None)).collect();
    let out = run(TaskKind::Code, &responses, None, &config(&["en", "de"]));
    assert_eq!(out.references[0].sample, Some(0));
    let de = pair(&out, "de");
    assert_eq!((de.chosen, de.rejected, de.scores[0]), (Some(3), Some(4), 1.0));
}

#[test]
fn random_reference_is_seeded_and_reaches_every_candidate() {
    let responses = answers("en", &["1", "1", "1", "2"]);
    let pick = |seed| {
        let random = SessionConfig { method: Method::RandomReference, seed, ..config(&["en"]) };
        run(TaskKind::Math, &responses, None, &random).references[0].sample.unwrap()
    };
    let picks: Vec<u32> = (0..400).map(pick).collect();
    assert_eq!(picks, (0..400).map(pick).collect::<Vec<_>>());
    for sample in 0..4 {
        let n = picks.iter().filter(|p| **p == sample).count();
        // 400 draws at p = 1/4: mean 100, standard deviation 8.7.
        assert!((65..=135).contains(&n), "{sample}: {n}");
    }
}

#[test]
fn random_reference_without_an_answer_is_skipped_for_math() {
    let responses = answers("en", &["", ""]);
    let random = SessionConfig { method: Method::RandomReference, ..config(&["en"]) };
    assert_eq!(run(TaskKind::Math, &responses, None, &random).references[0].skip, Some(SkipReason::NoAnswer));
}
