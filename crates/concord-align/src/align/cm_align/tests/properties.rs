//! What holds for any responses and cosines: order does not matter, picks keep their promises.

use proptest::prelude::*;

use super::*;

const LANGUAGES: [&str; 3] = ["en", "de", "sw"];

/// Responses of three languages with random answers, and random cosines in steps of 1/64.
fn arbitrary() -> impl Strategy<Value = (Vec<Response>, Vec<i32>)> {
    let row = prop::collection::vec(prop::sample::select(vec!["", "1", "2", "3"]), 0..6);
    (prop::collection::vec(row, 3), prop::collection::vec(-64..=64, 17 * 16 / 2)).prop_map(
        |(rows, cosines)| {
            let responses =
                rows.iter().zip(LANGUAGES).flat_map(|(row, language)| answers(language, row)).collect();
            (responses, cosines)
        },
    )
}

fn table(responses: &[Response], cosines: &[i32]) -> Similarity {
    let place = |r: &Response| {
        responses.iter().position(|o| o.language == r.language && o.sample == r.sample).unwrap()
    };
    similarity(responses, |a, b| {
        let (i, j) = (place(a).min(place(b)), place(a).max(place(b)));
        cosines[(j * (j - 1) / 2 + i) % cosines.len()] as f32 / 64.0
    })
}

fn sorted(mut selection: Selection) -> Selection {
    selection.pairs.sort_by(|a, b| a.language.cmp(&b.language));
    selection
}

proptest! {
    #[test]
    fn the_order_of_languages_and_records_changes_nothing(
        (responses, cosines) in arbitrary(),
        task in prop::sample::select(vec![TaskKind::Math, TaskKind::General, TaskKind::Code]),
        method in prop::sample::select(vec![Method::CmAlign, Method::RandomReference]),
        (merge_duplicates, anchor_pairs) in any::<(bool, bool)>(),
        shuffle in any::<u64>(),
    ) {
        let settings = SessionConfig { method, merge_duplicates, anchor_pairs, ..config(&LANGUAGES) };
        let prompts = [prompt(task, &LANGUAGES)];
        let similarity = table(&responses, &cosines);
        let out = pick_all(&prompts, &responses, std::slice::from_ref(&similarity), &settings);

        let mut shuffled = responses.clone();
        let mut state = shuffle;
        for i in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(i, (state >> 33) as usize % (i + 1));
        }
        let mut turned = table(&responses, &cosines);
        turned.order = shuffled.iter().map(|r| (r.language.clone(), r.sample)).collect();
        let place = |k: &(Language, u32)| similarity.order.iter().position(|o| o == k).unwrap();
        let n = turned.order.len();
        turned.cosine = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)))
            .map(|(i, j)| similarity.at(place(&turned.order[i]), place(&turned.order[j]))).collect();
        let backwards: Vec<&str> = LANGUAGES.iter().rev().copied().collect();
        let settings = SessionConfig { languages: config(&backwards).languages, ..settings };
        let again = pick_all(&prompts, &shuffled, &[turned], &settings);
        prop_assert_eq!(sorted(out), sorted(again));
    }

    #[test]
    fn renumbering_the_samples_moves_the_picks_with_them((responses, cosines) in arbitrary()) {
        // Distinct places on a line: no ties, so that a lowest index never decides.
        let place = |r: &Response| { let i = responses.iter().position(|o| o == r).unwrap(); (i * i) as f32 / 16.0 + cosines[i] as f32 / 4096.0 };
        let similarity = by_place(&responses, place);
        let n_of = |l: &Language| responses.iter().filter(|r| r.language == *l).count() as u32;
        let turn = |l: &Language, sample: u32| n_of(l) - 1 - sample;
        let mut turned = responses.clone();
        turned.iter_mut().for_each(|r| r.sample = turn(&r.language, r.sample));
        let mut turned_similarity = similarity.clone();
        turned_similarity.order.iter_mut().for_each(|(l, s)| *s = turn(l, *s));
        let prompts = [prompt(TaskKind::General, &LANGUAGES)];
        let out = pick_all(&prompts, &responses, &[similarity], &config(&LANGUAGES));
        let again = pick_all(&prompts, &turned, &[turned_similarity], &config(&LANGUAGES));
        let mut top = out.references[0].consistency.clone();
        top.sort_by(f32::total_cmp);
        prop_assume!(top.len() < 2 || top[top.len() - 1] > top[top.len() - 2] + 1e-5);
        prop_assert_eq!(out.references[0].sample.map(|s| turn(&"en".into(), s)), again.references[0].sample);
        for (a, b) in out.pairs.iter().zip(&again.pairs) {
            let distinct = |p: &Pair| { let mut s = p.scores.clone(); s.sort_by(f32::total_cmp); s.windows(2).all(|w| w[0] < w[1]) };
            if distinct(a) {
                prop_assert_eq!(a.chosen.map(|s| turn(&a.language, s)), b.chosen);
                prop_assert_eq!(a.rejected.map(|s| turn(&a.language, s)), b.rejected);
            }
        }
    }

    #[test]
    fn what_a_pair_promises(
        (responses, cosines) in arbitrary(),
        task in prop::sample::select(vec![TaskKind::Math, TaskKind::General]),
        merge_duplicates in any::<bool>(),
        min_margin in 0_i32..128,
    ) {
        let settings = SessionConfig { merge_duplicates, min_margin: min_margin as f32 / 64.0, ..config(&LANGUAGES) };
        let similarity = table(&responses, &cosines);
        let out = pick_all(&[prompt(task, &LANGUAGES)], &responses, &[similarity], &settings);
        prop_assert_eq!(out.references.len(), 1);
        prop_assert_eq!(out.references[0].sample.is_some(), out.references[0].skip.is_none());
        for pair in &out.pairs {
            prop_assert_eq!(pair.chosen.is_some() && pair.rejected.is_some(), pair.skip.is_none());
            prop_assert!(pair.scores.iter().chain(&pair.cosine).chain(&pair.margin).all(|v| v.is_finite()));
            if let (Some(chosen), Some(rejected), Some(margin)) = (pair.chosen, pair.rejected, pair.margin) {
                prop_assert!(margin > 0.0 && margin >= settings.min_margin);
                prop_assert_eq!(margin, pair.scores[chosen as usize] - pair.scores[rejected as usize]);
            }
        }
    }
}
