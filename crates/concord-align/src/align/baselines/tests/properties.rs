//! What holds for every method and any responses and measurements: order does not matter, nothing is NaN, a pair keeps
//! its promises.

use proptest::prelude::*;

use super::*;
use crate::data::TieBreak;

const LANGUAGES: [&str; 3] = ["en", "de", "sw"];

/// A number for a response by a seed: the same whatever the order of records.
fn value(seed: u64, key: &str, steps: usize) -> f32 {
    crate::align::random::draw(seed as u32, &[key], steps) as f32 / steps as f32
}

fn text(seed: u64, language: &str, sample: u32) -> String {
    match crate::align::random::draw(seed as u32, &["text", language, &sample.to_string()], 8) {
        0 => " ".to_owned(),
        1 | 2 => format!("{language} again"),
        n => format!("{language} {sample} ({n})"),
    }
}

/// Responses, translations and one of every measurement; `steps` 1 makes all scores equal.
fn material(seed: u64, n: u32, steps: usize) -> (Vec<Response>, Vec<Similarity>, Measurements) {
    let mut all = Vec::new();
    let mut measurements = Measurements::default();
    for language in LANGUAGES {
        for sample in 0..n {
            let answer =
                ["1", "2", "3"][crate::align::random::draw(seed as u32, &[language, &sample.to_string()], 3)];
            let text = text(seed, language, sample);
            let answer = (!text.trim().is_empty()).then(|| answer.to_owned());
            all.push(Response { text, answer, ..response(language, sample) });
        }
        let from = if language == "en" { "de" } else { "en" };
        all.push(translation(language, n, (from, 0)));
        let score = |sample: u32| value(seed, &format!("{language} {sample}"), steps) * -20.0;
        let row = instructed(language, &(0..n).map(|s| (s % 3 + 1, score(s))).collect::<Vec<_>>());
        measurements.instructed.push(row);
        let targets =
            |s: u32| (0..n).map(|t| value(seed, &format!("{language} {s} {t}"), steps) * -9.0).collect();
        let logprob: Vec<Vec<f32>> = (0..n).map(targets).collect();
        let rows: Vec<&[f32]> = logprob.iter().map(Vec::as_slice).collect();
        let n_tokens: Vec<u32> = (0..n).map(|t| t % 4).collect();
        let scores = translations(&n_tokens, &rows);
        measurements.translations.push(TranslationScores { language: language.into(), ..scores });
    }
    let name = |r: &Response| format!("{} {}", r.language.as_str(), r.sample);
    let of_pair = |a: &Response, b: &Response| {
        let (a, b) = (name(a).min(name(b)), name(a).max(name(b)));
        value(seed, &format!("{a} {b}"), steps) * 1.5 - 0.5
    };
    let candidates: Vec<Response> = all.iter().filter(|r| r.is_candidate()).cloned().collect();
    measurements.states = vec![states(&candidates, |a, b| of_pair(b, a) * 0.5)];
    (all, vec![states(&candidates, of_pair)], measurements)
}

fn pick(
    (responses, similarities, measurements): &(Vec<Response>, Vec<Similarity>, Measurements),
    config: &SessionConfig,
) -> Selection {
    let text = config.languages.iter().map(|l| (l.clone(), "?".to_owned())).collect();
    let prompts = [Prompt { id: "p".into(), task: config.task, text, ..Prompt::default() }];
    let mut out = select(Material { prompts: &prompts, responses, similarities, measurements }, config);
    out.pairs.sort_by(|a, b| a.language.cmp(&b.language));
    out
}

/// The same cosines in another order of responses.
fn turned(similarity: &Similarity) -> Similarity {
    let n = similarity.order.len();
    let order = similarity.order.iter().rev().cloned().collect();
    let places = (0..n).flat_map(|i| (i + 1..n).map(move |j| (n - 1 - i, n - 1 - j)));
    let cosine = places.map(|(i, j)| similarity.at(i, j)).collect();
    Similarity { prompt_id: similarity.prompt_id.clone(), order, cosine }
}

fn settings() -> impl Strategy<Value = SessionConfig> {
    let task = prop::sample::select(vec![TaskKind::Math, TaskKind::General, TaskKind::Code]);
    (prop::sample::select(Method::ALL.to_vec()), task, any::<[bool; 3]>(), 0_u32..100).prop_map(
        |(method, task, [merge_duplicates, anchor_pairs, by_sample], seed)| SessionConfig {
            task,
            merge_duplicates,
            anchor_pairs,
            seed,
            tie_break: if by_sample { TieBreak::Sample } else { TieBreak::Cosine },
            ..config(method, &LANGUAGES)
        },
    )
}

proptest! {
    #[test]
    fn the_order_of_languages_and_records_changes_nothing(config in settings(), seed in any::<u64>(), n in 1_u32..6, steps in 1_usize..9) {
        let material = material(seed, n, steps);
        let out = pick(&material, &config);
        let (mut responses, similarities, mut measurements) = material;
        responses.reverse();
        measurements.instructed.reverse();
        measurements.translations.reverse();
        measurements.states = measurements.states.iter().map(turned).collect();
        let similarities = similarities.iter().map(turned).collect();
        let languages = config.languages.iter().rev().cloned().collect();
        let again = pick(&(responses, similarities, measurements), &SessionConfig { languages, ..config });
        prop_assert_eq!(out, again);
    }

    #[test]
    fn what_a_pair_promises(config in settings(), seed in any::<u64>(), n in 0_u32..6, steps in 1_usize..9) {
        let material = material(seed, n, steps);
        let out = pick(&material, &config);
        let text = |pair: &Pair, sample: Option<u32>| {
            let found = material.0.iter().find(|r| r.language == pair.language && Some(r.sample) == sample);
            found.map(|r| r.text.trim().to_owned()).unwrap_or_default()
        };
        for reference in &out.references {
            prop_assert!(reference.consistency.iter().chain(&reference.mean_cosine).all(|v| v.is_finite()));
            prop_assert!(!config.method.has_reference() || reference.sample.is_some() != reference.skip.is_some());
        }
        for pair in &out.pairs {
            prop_assert!(pair.scores.iter().chain(&pair.cosine).chain(&pair.margin).all(|v| v.is_finite()));
            prop_assert_eq!(pair.chosen.is_some() && pair.rejected.is_some(), pair.skip.is_none());
            if pair.skip.is_none() {
                prop_assert!(!text(pair, pair.chosen).is_empty() && !text(pair, pair.rejected).is_empty());
                prop_assert_ne!(text(pair, pair.chosen), text(pair, pair.rejected));
                prop_assert!(config.method == Method::Lidr || pair.margin > Some(0.0));
            }
        }
    }

    #[test]
    fn equal_scores_prefer_nothing(config in settings(), seed in any::<u64>(), n in 2_u32..6) {
        let config = SessionConfig { task: TaskKind::General, ..config };
        // A length correction of equal likelihoods would prefer by length, so there is one length.
        let mut material = material(seed, n, 1);
        material.2.instructed.iter_mut().for_each(|row| row.n_tokens.fill(4));
        for pair in pick(&material, &config).pairs {
            prop_assert!(pair.skip.is_some() || config.method == Method::Lidr, "{:?}", pair);
        }
    }

    #[test]
    fn one_language_has_no_pair_unless_the_anchor_is_paired(config in settings(), seed in any::<u64>(), n in 0_u32..6) {
        let one = SessionConfig { languages: vec!["en".into()], anchor_pairs: false, ..config };
        let mut material = material(seed, n, 8);
        material.0.retain(|r| r.language.as_str() == "en");
        let out = pick(&material, &one);
        prop_assert_eq!(out.pairs.iter().map(|p| p.skip).collect::<Vec<_>>(), [Some(SkipReason::AnchorLanguage)]);
    }

    #[test]
    fn a_duplicate_that_is_merged_changes_no_pick(config in settings(), seed in any::<u64>(), n in 2_u32..5) {
        prop_assume!(!matches!(config.method, Method::Lacomsa));
        let config = SessionConfig { merge_duplicates: true, task: TaskKind::General, ..config };
        let mut doubled = material(seed, n, 8);
        let mut single = doubled.clone();
        // The last German response says again what the first says, and scores as it does.
        let is_last = |r: &Response| r.language.as_str() == "de" && r.sample + 1 == n && r.is_candidate();
        let first = doubled.0.iter().find(|r| r.language.as_str() == "de" && r.sample == 0).unwrap().text.clone();
        doubled.0.iter_mut().filter(|r| is_last(r)).for_each(|r| r.text = first.clone());
        single.0.retain(|r| !is_last(r));
        let picked = |selection: Selection| {
            let de = selection.pairs.into_iter().find(|p| p.language.as_str() == "de").unwrap();
            (de.chosen, de.rejected)
        };
        // With one text left there is nothing to compare, in either.
        prop_assert_eq!(picked(pick(&doubled, &config)), picked(pick(&single, &config)));
    }
}
