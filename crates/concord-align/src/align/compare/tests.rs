//! Cases counted by hand, and what must not change a comparison.

use proptest::prelude::*;

use super::*;
use crate::align::{Material, evaluate_parts, select};
use crate::data::{FinishReason, Measurements, Prompt, Response, Similarity, TaskKind};

const LANGUAGES: [&str; 3] = ["en", "de", "sw"];

/// Prompts `p0`, `p1`, … with these answers: `[prompt][language][sample]`, 0 for none. The gold answer is 3.
fn data(answers: &[Vec<Vec<u8>>]) -> (Vec<Prompt>, Vec<Response>, Vec<Similarity>) {
    let (mut prompts, mut responses, mut similarities) = (Vec::new(), Vec::new(), Vec::new());
    for (p, of_prompt) in answers.iter().enumerate() {
        let id = format!("p{p}");
        let text = LANGUAGES.map(|l| (Language::from(l), "?".to_owned())).into();
        prompts.push(Prompt {
            id: id.clone(),
            task: TaskKind::Math,
            answer: Some("3".to_owned()),
            text,
            ..Prompt::default()
        });
        let mut order = Vec::new();
        for (language, samples) in LANGUAGES.map(Language::from).iter().zip(of_prompt) {
            for (sample, answer) in samples.iter().enumerate() {
                responses.push(Response {
                    prompt_id: id.clone(),
                    language: language.clone(),
                    sample: sample as u32,
                    text: format!("{sample}: {answer}"),
                    reasoning: None,
                    reasoning_tokens: None,
                    tokens: vec![1; sample + 1],
                    logprob: Some(-1.0 - f32::from(*answer)),
                    ambiguous: Vec::new(),
                    finish_reason: FinishReason::Stop,
                    answer: (*answer > 0).then(|| answer.to_string()),
                    detected_language: None,
                    model: None,
                    translation_of: None,
                });
                order.push((language.clone(), sample as u32));
            }
        }
        let n = order.len();
        let cosine = (0..n * n.saturating_sub(1) / 2).map(|i| (i * 37 % 101) as f32 / 101.0).collect();
        similarities.push(Similarity { prompt_id: id, order, cosine });
    }
    (prompts, responses, similarities)
}

fn configs(languages: &[&str]) -> Vec<SessionConfig> {
    let config = |method| SessionConfig {
        method,
        languages: languages.iter().copied().map(Language::from).collect(),
        ..SessionConfig::default()
    };
    [Method::CmAlign, Method::RandomReference].map(config).to_vec()
}

fn compare(
    (prompts, responses, similarities): &(Vec<Prompt>, Vec<Response>, Vec<Similarity>),
    configs: &[SessionConfig],
) -> ComparisonTable {
    let measurements = Measurements::default();
    let index = PromptIndex::new(Material { prompts, responses, similarities, measurements: &measurements });
    let mut comparison = Comparison::new(&index, configs);
    let n_steps = comparison.n_steps();
    let mut n_done = 0;
    while comparison.n_done() < n_steps {
        n_done += 1;
        assert_eq!(comparison.step(), n_done < n_steps);
    }
    assert!(!comparison.step());
    comparison.finish()
}

/// `p0`: the references agree. `p1`: CM-Align's majority is wrong. `p2`: no English response has an answer.
fn three() -> (Vec<Prompt>, Vec<Response>, Vec<Similarity>) {
    data(&[
        vec![vec![3, 3, 3], vec![3, 4, 4], vec![3, 3, 3]],
        vec![vec![4, 4, 3], vec![3, 4, 5], vec![5, 5, 5]],
        vec![vec![0, 0, 0], vec![3, 4, 0], vec![3, 4, 0]],
    ])
}

#[test]
fn cells_by_hand() {
    let table = compare(&three(), &configs(&LANGUAGES));
    assert_eq!((table.n_gold, table.methods.len(), table.agreements.len()), (3, 2, 1));
    let cm_align = &table.methods[0];
    assert_eq!(cm_align.method, Method::CmAlign);
    let de = &cm_align.languages[1];
    assert_eq!((de.coverage.part, de.coverage.whole, de.mean_margin), (2, 3, Some(1.0)));
    assert_eq!((de.quality.right_over_wrong.part, de.quality.right_over_wrong.whole), (1, 2));
    assert_eq!(de.skips, [(SkipReason::NoReference, 1)]);
    let sw = &cm_align.languages[2];
    assert_eq!((sw.coverage.part, sw.quality.chosen_right.share, sw.mean_margin), (0, None, None));
    assert_eq!((cm_align.reference_right.part, cm_align.reference_right.whole), (1, 2));
    // The anchor has no pairs and counts in no coverage, but says why.
    assert_eq!((cm_align.languages[0].coverage, cm_align.all.coverage.whole), (Rate::default(), 6));
    assert_eq!(cm_align.languages[0].skips, [(SkipReason::AnchorLanguage, 3)]);
    let verdicts: Vec<bool> = cm_align.verdicts.iter().flatten().map(|v| v.chosen_right).collect();
    assert_eq!(verdicts, [true, false]);
    let responses = &table.responses;
    assert_eq!((responses.single_right.part, responses.single_right.whole), (4, 9));
    let shares: Vec<u32> = responses.accuracy.iter().map(|rate| rate.part).collect();
    assert_eq!(shares, [4, 3, 4]);
    // Majorities: 3 4 3 | 4 3 5 (three German answers once each: the likeliest per token) | - 3 3.
    assert_eq!(responses.agreement.pag.whole, 7);
    assert!(responses.agreement.rank_c.is_some() && responses.non_anchor_gap.is_some());
}

#[test]
fn a_method_agrees_with_itself() {
    let mut twice = configs(&LANGUAGES);
    twice[1] = twice[0].clone();
    let agreement = &compare(&three(), &twice).agreements[0];
    assert_eq!((agreement.kappa, agreement.jaccard, agreement.n_candidates), (Some(1.0), Some(1.0), 6));
    assert_eq!((agreement.same_chosen, agreement.same_pair), (Rate::of(2, 2), Rate::of(2, 2)));
    assert!(agreement.differing.is_empty());
}

#[test]
fn a_method_that_was_not_measured_agrees_with_none() {
    let mut three_methods = configs(&LANGUAGES);
    three_methods.extend(
        [Method::Lidr, Method::Icr].map(|method| SessionConfig { method, ..three_methods[0].clone() }),
    );
    let table = compare(&three(), &three_methods);
    let of =
        |first, second| table.agreements.iter().find(|a| (a.first, a.second) == (first, second)).unwrap();
    // Two rows have a pair by CM-Align; LIDR and ICR could say nothing of them.
    assert_eq!((of(0, 1).n_unmeasured, of(0, 1).kappa.is_some()), (0, true));
    for other in [2, 3] {
        let found = of(0, other);
        assert_eq!((found.kappa, found.n_candidates, found.jaccard), (None, 0, None));
        assert!(found.differing.is_empty(), "{found:?}");
        assert_eq!(found.n_unmeasured, 2);
        assert!(table.methods[other as usize].all.is_unmeasured());
    }
    assert!(!table.methods[0].all.is_unmeasured());
    assert_eq!((of(2, 3).kappa, of(2, 3).n_unmeasured), (None, 0));
    // Some rows measured: the others say nothing, and what was measured does.
    assert!(!table.methods[1].languages[2].is_unmeasured(), "no pair, but not for want of a model");
}

#[test]
fn the_cells_are_those_of_the_evaluation() {
    let data = three();
    let configs = configs(&LANGUAGES);
    let table = compare(&data, &configs);
    let measurements = Measurements::default();
    let material =
        Material { prompts: &data.0, responses: &data.1, similarities: &data.2, measurements: &measurements };
    let plain = |mut quality: PairQuality| {
        let all = [
            &mut quality.chosen_right,
            &mut quality.rejected_wrong,
            &mut quality.right_over_wrong,
            &mut quality.coverage,
        ];
        all.into_iter().for_each(|rate| rate.interval = None);
        quality
    };
    for (config, row) in configs.iter().zip(&table.methods) {
        let picked = select(material, config);
        assert_eq!(picked, row.selection);
        let evaluation = evaluate_parts(&data.0, &data.1, &picked.references, &picked.pairs, config);
        assert_eq!(evaluation.pairs, plain(row.all.quality));
        for (language, cell) in evaluation.languages.iter().zip(&row.languages) {
            assert_eq!(language.pairs, plain(cell.quality));
        }
    }
}

#[test]
fn nothing_counted_gives_none() {
    let empty = compare(&data(&[]), &configs(&LANGUAGES));
    assert_eq!((empty.agreements[0].kappa, empty.agreements[0].jaccard), (None, None));
    assert_eq!((empty.responses.average, empty.responses.agreement.pag.share), (None, None));
    assert_eq!(compare(&three(), &[]).methods, []);
    let alone = compare(&three(), &configs(&["en"]));
    assert_eq!((alone.methods[0].all.coverage.share, alone.responses.non_anchor_gap), (None, None));
    assert_eq!((alone.responses.agreement.pairs.len(), alone.responses.agreement.pag.share), (0, None));
    let mut no_gold = three();
    no_gold.0.iter_mut().for_each(|prompt| prompt.answer = Some("no number".to_owned()));
    let table = compare(&no_gold, &configs(&LANGUAGES));
    assert_eq!((table.n_gold, table.unread_gold.len()), (0, 3));
    assert_eq!(
        (table.methods[0].all.quality, table.methods[0].all.coverage.part),
        (PairQuality::default(), 2)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Neither the order of the responses nor that of the languages changes a rate, an agreement or a reason.
    #[test]
    fn order_changes_nothing(
        answers in prop::collection::vec(prop::collection::vec(prop::collection::vec(0_u8..6, 0..5), 3), 1..4),
        seed in any::<u64>(),
    ) {
        let mut data = data(&answers);
        let before = compare(&data, &configs(&LANGUAGES));
        crate::align::random::SplitMix64::new(seed).shuffle(&mut data.1);
        let after = compare(&data, &configs(&LANGUAGES));
        prop_assert_eq!(&before.agreements, &after.agreements);
        for (a, b) in before.methods.iter().zip(&after.methods) {
            prop_assert_eq!((&a.all, &a.languages), (&b.all, &b.languages));
        }
        prop_assert_eq!(&before.responses.accuracy, &after.responses.accuracy);
        let other = compare(&data, &configs(&["sw", "en", "de"]));
        for (a, b) in before.methods.iter().zip(&other.methods) {
            prop_assert_eq!(&a.languages[2], &b.languages[0]);
            prop_assert_eq!(a.all.quality, b.all.quality);
        }
        prop_assert_eq!(before.agreements[0].kappa, other.agreements[0].kappa);
        prop_assert_eq!(before.responses.agreement.pag, other.responses.agreement.pag);
        if let Some(kappa) = before.agreements[0].kappa {
            prop_assert!((-1.0..=1.0).contains(&kappa));
        }
    }
}
