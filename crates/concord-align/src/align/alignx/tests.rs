//! AlignX against known values, finite differences and what must not change it.

use proptest::prelude::*;

use super::classifier::cross_entropy;
use super::vectors::{shorten, standardise};
use super::*;
use crate::align::random::SplitMix64;
use crate::data::{Language, Representations};

fn language(l: usize) -> Language {
    Language(format!("l{l}"))
}

/// A layer with `vectors[language][prompt]`.
fn layer(vectors: &[Vec<Vec<f32>>]) -> Representations {
    let place = |l: usize| (0..vectors[l].len()).map(move |p| (format!("p{p}"), language(l)));
    Representations {
        layer: 3,
        n_layers: 6,
        dim: vectors[0][0].len() as u32,
        order: (0..vectors.len()).flat_map(place).collect(),
        values: vectors.iter().flatten().flatten().copied().collect(),
        ..Representations::default()
    }
}

fn random_vectors(n_languages: usize, n: usize, dim: usize, seed: u32) -> Vec<Vec<Vec<f32>>> {
    let mut numbers = SplitMix64::new(u64::from(seed));
    let mut vector = || (0..dim).map(|_| numbers.between_minus_one_and_one() as f32).collect();
    (0..n_languages).map(|_| (0..n).map(|_| vector()).collect()).collect()
}

#[test]
fn the_known_contrastive_loss() {
    let sources = vec![vec![1.0, 0.0], vec![0.0, 1.0], vec![1.0, 1.0]];
    let targets = vec![vec![1.0, 0.2], vec![0.1, 1.0], vec![1.0, 0.8]];
    let found = align_layer(&layer(&[sources, targets]), TEMPERATURE);
    let [forward, backward] = &found.pairs[..] else { panic!("{found:?}") };
    assert!((forward.loss - 0.070_237).abs() < 5e-7, "{forward:?}");
    assert_eq!((&forward.source, &forward.target, forward.n_prompts), (&language(0), &language(1), 3));
    assert_eq!((&backward.source, &backward.target), (&language(1), &language(0)));
    assert_eq!((forward.retrieval, backward.retrieval), (1.0, 1.0));
    assert_eq!((forward.matched, forward.unmatched), (backward.matched, backward.unmatched));
    assert_eq!(found.layer, 3);
}

#[test]
fn slices_give_what_the_definition_gives() {
    // More rows than a slice holds, and a pair that shares only some prompts.
    let mut vectors = random_vectors(3, 37, 12, 5);
    vectors[2].truncate(20);
    let reps = layer(&vectors);
    let found = align_layer(&reps, 0.3);
    assert_eq!(found.pairs.len(), 6);
    for pair in &found.pairs {
        let index = |l: &Language| (0..3).find(|i| language(*i) == *l).unwrap();
        let (x, y) = (&vectors[index(&pair.source)], &vectors[index(&pair.target)]);
        let n = pair.n_prompts;
        assert_eq!(n, x.len().min(y.len()));
        let cosine = |j: usize, i: usize| {
            let product = |a: &[f32], b: &[f32]| -> f64 {
                a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
            };
            product(&x[j], &y[i]) / (product(&x[j], &x[j]) * product(&y[i], &y[i])).sqrt()
        };
        let of_source = |j: usize| {
            let sum: f64 = (0..n).map(|i| (cosine(j, i) / 0.3).exp()).sum();
            sum.ln() - cosine(j, j) / 0.3
        };
        let loss = (0..n).map(of_source).sum::<f64>() / (2 * n) as f64;
        assert!((pair.loss - loss).abs() < 1e-9, "{pair:?} {loss}");
        let is_hit = |j: &usize| (0..n).all(|i| i == *j || cosine(*j, i) < cosine(*j, *j));
        assert_eq!(pair.retrieval, (0..n).filter(is_hit).count() as f64 / n as f64);
        let matched = (0..n).map(|j| cosine(j, j)).sum::<f64>() / n as f64;
        let all: f64 = (0..n).flat_map(|j| (0..n).map(move |i| (j, i))).map(|(j, i)| cosine(j, i)).sum();
        let unmatched = (all - matched * n as f64) / (n * (n - 1)) as f64;
        assert!((pair.gap().unwrap() - (matched - unmatched)).abs() < 1e-9, "{pair:?}");
    }
}

#[test]
fn equal_vectors_find_nothing_and_one_prompt_finds_itself() {
    let equal = align_layer(&layer(&vec![vec![vec![0.5, 2.0]; 4]; 2]), TEMPERATURE);
    let zero = align_layer(&layer(&vec![vec![vec![0.0, 0.0]; 4]; 2]), TEMPERATURE);
    for pair in equal.pairs.iter().chain(&zero.pairs) {
        assert!((pair.loss - 4_f64.ln() / 2.0).abs() < 1e-9 && pair.retrieval == 0.0, "{pair:?}");
        assert!(pair.gap().unwrap().abs() < 1e-9);
    }
    let one = align_layer(&layer(&vec![vec![vec![0.5, 2.0]]; 2]), TEMPERATURE);
    assert_eq!((one.pairs[0].loss, one.pairs[0].retrieval, one.pairs[0].unmatched), (0.0, 1.0, None));
    let means = one.means().unwrap();
    assert_eq!((means.loss, means.gap), (0.0, None));
}

#[test]
fn languages_without_a_common_prompt_are_named() {
    let mut reps = layer(&random_vectors(2, 2, 3, 1));
    reps.order[2].0 = "other".into();
    reps.order[3].0 = "another".into();
    let found = align_layer(&reps, TEMPERATURE);
    assert_eq!(found.without_prompts, [(language(0), language(1))]);
    assert!(found.pairs.is_empty() && found.means().is_none());
    assert_eq!(align_layer(&Representations::default(), TEMPERATURE), LayerAlignment::default());
}

#[test]
fn progress_ascends_to_one_and_the_curve_by_layer() {
    let mut alignment = Alignment::new(&layer(&random_vectors(3, 40, 4, 2)), TEMPERATURE);
    let mut last = alignment.progress();
    assert_eq!(last, 0.0);
    let mut n_steps = 1;
    while alignment.step() {
        assert!(alignment.progress() > last);
        last = alignment.progress();
        n_steps += 1;
    }
    assert_eq!((n_steps, alignment.progress()), (9, 1.0));
    let layers = [5, 1, 3].map(|layer| LayerAlignment { layer, ..LayerAlignment::default() });
    assert_eq!(alignment_curve(&layers).iter().map(|p| p.layer).collect::<Vec<_>>(), [1, 3, 5]);
}

#[test]
fn classifier_gradient_is_the_finite_difference() {
    let vectors: Vec<Vec<f64>> = random_vectors(1, 5, 3, 9)[0]
        .iter()
        .map(|v| v.iter().map(|x| f64::from(*x) * 2.0).collect())
        .collect();
    let vectors: Vec<&[f64]> = vectors.iter().map(Vec::as_slice).collect();
    let languages = [false, true, true, false, true];
    let mut classifier = Classifier::new(3, 4, 7);
    assert_eq!(classifier.weights().len(), 2 * 4 * 6 + 2 * 4);
    classifier.weights_mut().iter_mut().for_each(|w| *w *= 3.0);
    let found = classifier.gradient(&vectors, &languages);
    for at in 0..classifier.weights().len() {
        let shifted = |by: f64| {
            let mut classifier = classifier.clone();
            classifier.weights_mut()[at] += by;
            classifier.gradient(&vectors, &languages).loss
        };
        let slope = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
        assert!((found.by_weight[at] - slope).abs() < 1e-8, "{at}: {} {slope}", found.by_weight[at]);
    }
}

#[test]
fn classifier_is_the_formula() {
    let (dim, hidden) = (2, 3);
    let classifier = Classifier::new(dim, hidden, 1);
    let (a, b) = ([0.4, -1.2], [2.0, 0.3]);
    let u = [a, b].concat();
    let row = |begin: usize, input: &[f64]| -> f64 {
        classifier.weights()[begin..begin + input.len()].iter().zip(input).map(|(w, x)| w * x).sum()
    };
    let value = |k: usize| {
        let (gate, up) = (row(k * 4, &u), row(12 + k * 4, &u));
        gate / (1.0 + (-gate).exp()) * up
    };
    let values: Vec<f64> = (0..hidden).map(value).collect();
    let found = classifier.logits(&classifier.parts(&a), &classifier.parts(&b));
    for (at, logit) in found.iter().enumerate() {
        assert!((logit - row(24 + at * hidden, &values)).abs() < 1e-12, "{found:?}");
    }
    let (loss, by_logits) = cross_entropy([1.0, 3.0], false);
    assert!((loss - (1.0 + 2_f64.exp()).ln()).abs() < 1e-12);
    assert!((by_logits[1] - 1.0 / (1.0 + (-2_f64).exp())).abs() < 1e-12 && by_logits[0] == -by_logits[1]);
    assert!(
        cross_entropy([900.0, -900.0], true).0 == 1800.0 && cross_entropy([-900.0, 900.0], true).0 == 0.0
    );
}

#[test]
fn a_layer_that_keeps_languages_apart_is_told_from_one_that_does_not() {
    let settings =
        MatchSettings { n_steps: 200, hidden: 16, learning_rate: 0.01, ..MatchSettings::default() };
    let train = |reps: &Representations| language_match(reps, &language(0), &language(1), settings).unwrap();
    let mut apart = random_vectors(2, 20, 8, 4);
    apart[1].iter_mut().for_each(|vector| vector[2] += 3.0);
    let found = train(&layer(&apart));
    assert!(found.train.loss < 0.1 && found.held_out.accuracy > 0.95, "{found:?}");
    assert_eq!((found.train.n_prompts, found.held_out.n_prompts), (16, 4));
    assert!((found.held_out.majority - 0.5).abs() < 1e-12 && found.losses.len() == 200 && found.dim == 8);
    assert!((found.losses[0] - 2_f64.ln()).abs() < 0.2, "an untrained one guesses: {}", found.losses[0]);
    assert_eq!(found, train(&layer(&apart)), "the same seed, the same result");
    let other = MatchSettings { seed: 1, ..settings };
    assert_ne!(Some(found), language_match(&layer(&apart), &language(0), &language(1), other));
    let one = random_vectors(1, 20, 8, 4).remove(0);
    let same = train(&layer(&[one.clone(), one]));
    assert!((same.held_out.accuracy - 0.5).abs() < 1e-9, "equal vectors say nothing: {same:?}");
}

#[test]
fn quality_is_the_mean_over_all_ordered_pairs() {
    let reps = layer(&random_vectors(2, 6, 3, 8));
    let settings = MatchSettings { n_steps: 0, hidden: 5, seed: 3, ..MatchSettings::default() };
    let found = language_match(&reps, &language(0), &language(1), settings).unwrap();
    // Without a step the classifier is its first weights, and the pairs of all training vectors are one mini-batch.
    let mut prompts: Vec<usize> = (0..6).collect();
    SplitMix64::new(3).shuffle(&mut prompts);
    let place = |p: &usize| [*p, 6 + *p];
    let mut vectors: Vec<Vec<f64>> = prompts
        .iter()
        .flat_map(place)
        .map(|at| reps.vector(at).iter().map(|x| f64::from(*x)).collect())
        .collect();
    standardise(&mut vectors, 10);
    let train: Vec<&[f64]> = vectors[..10].iter().map(Vec::as_slice).collect();
    let languages: Vec<bool> = (0..10).map(|at| at % 2 == 1).collect();
    let expected = Classifier::new(3, 5, 3).gradient(&train, &languages).loss;
    assert!((found.train.loss - expected).abs() < 1e-12, "{found:?} {expected}");
}

#[test]
fn too_few_prompts_train_nothing() {
    let settings = MatchSettings::default();
    let one = layer(&random_vectors(2, 1, 4, 1));
    assert_eq!(language_match(&one, &language(0), &language(1), settings), None);
    let two = layer(&random_vectors(2, 2, 4, 1));
    assert_eq!(language_match(&two, &language(0), &language(0), settings), None);
    assert_eq!(language_match(&two, &language(0), &language(7), settings), None);
    let odd =
        MatchSettings { n_steps: 3, learning_rate: f64::NAN, held_out: f64::NAN, hidden: 0, ..settings };
    let found = language_match(&two, &language(0), &language(1), odd).unwrap();
    assert!(found.held_out.loss.is_finite() && found.held_out.n_prompts == 1);
}

#[test]
fn inputs_are_standardised_and_shortened() {
    let mut vectors = vec![vec![1.0, 7.0, 0.0], vec![3.0, 7.0, 4.0], vec![9.0, 8.0, 2.0]];
    standardise(&mut vectors, 2);
    assert_eq!(vectors, [[-1.0, 0.0, -1.0], [1.0, 0.0, 1.0], [7.0, 0.0, 0.0]]);
    assert_eq!(shorten(vectors.clone(), 3, 1), vectors);
    let long: Vec<Vec<f64>> = random_vectors(1, 2, 400, 6)[0]
        .iter()
        .map(|v| v.iter().map(|x| f64::from(*x) * 3_f64.sqrt()).collect())
        .collect();
    let short = shorten(long, 100, 1);
    for vector in &short {
        let square = vector.iter().map(|x| x * x).sum::<f64>() / 100.0;
        assert!(vector.len() == 100 && (0.5..2.0).contains(&square), "{square}");
    }
}

fn odd_number() -> impl Strategy<Value = f32> {
    let odd = [0.0_f32, f32::MAX, f32::MIN_POSITIVE, 1e-45, f32::NAN, f32::NEG_INFINITY];
    prop_oneof![prop::sample::select(odd.to_vec()), -2_f32..2.0]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_languages_and_prompts_changes_nothing(seed in 0_u32..1000, n in 1_usize..9, shift in 0_usize..20) {
        let reps = layer(&random_vectors(3, n, 5, seed));
        let mut turned = reps.clone();
        turned.order.rotate_left(shift % reps.order.len());
        turned.values.rotate_left(shift % reps.order.len() * 5);
        let (found, again) = (align_layer(&reps, TEMPERATURE), align_layer(&turned, TEMPERATURE));
        for pair in &found.pairs {
            let other = again.pairs.iter().find(|p| (&p.source, &p.target) == (&pair.source, &pair.target)).unwrap();
            prop_assert!((pair.loss - other.loss).abs() < 1e-9 && pair.retrieval == other.retrieval);
            prop_assert!((pair.matched - other.matched).abs() < 1e-9);
            prop_assert!((pair.unmatched.unwrap_or(0.0) - other.unmatched.unwrap_or(0.0)).abs() < 1e-9);
        }
    }

    #[test]
    fn never_a_nan(values in prop::collection::vec(odd_number(), 24), temperature in prop_oneof![Just(0.0), Just(f64::NAN), Just(1e-6), 0.01..10.0]) {
        let mut vectors = values.chunks(3).map(<[f32]>::to_vec);
        let reps = layer(&[vectors.by_ref().take(4).collect(), vectors.collect()]);
        for pair in align_layer(&reps, temperature).pairs {
            prop_assert!([pair.loss, pair.retrieval, pair.matched, pair.gap().unwrap()].iter().all(|x| x.is_finite()), "{:?}", pair);
        }
        let settings = MatchSettings { n_steps: 3, hidden: 4, max_dim: 2, ..MatchSettings::default() };
        let found = language_match(&reps, &language(0), &language(1), settings).unwrap();
        for quality in [found.train, found.held_out] {
            prop_assert!(quality.loss.is_finite() && (0.0..=1.0).contains(&quality.accuracy), "{:?}", found);
        }
    }
}
