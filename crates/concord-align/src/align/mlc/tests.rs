//! MLC against known values, finite differences and what must not change it.

use proptest::prelude::*;

use super::*;
use crate::align::cosines::unit;
use crate::align::random::SplitMix64;
use crate::align::symmetric::spectrum;

const CODE: MlcSettings = MlcSettings { form: LossForm::Code, tau: TAU };
const PAPER: MlcSettings = MlcSettings { form: LossForm::Paper, tau: TAU };

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance
}

/// MLC of vectors, one language each.
fn mlc_of(vectors: &[Vec<f32>], settings: MlcSettings) -> PromptMlc {
    let vectors: Vec<&[f32]> = vectors.iter().map(Vec::as_slice).collect();
    let languages = (0..vectors.len()).map(|i| Language(format!("l{i}"))).collect();
    let cosines = Cosines::of_vectors(&vectors);
    PromptCosines { prompt_id: "p".into(), languages, cosines }.mlc(settings).unwrap()
}

/// A layer with vectors for `(prompt, language)`.
fn layer(layer: u32, vectors: &[(&str, &str, &[f32])]) -> Representations {
    Representations {
        layer,
        n_layers: 4,
        dim: vectors[0].2.len() as u32,
        order: vectors.iter().map(|(p, l, _)| ((*p).to_owned(), Language::from(*l))).collect(),
        values: vectors.iter().flat_map(|(_, _, v)| v.to_vec()).collect(),
        ..Representations::default()
    }
}

#[test]
fn two_languages_by_their_cosine() {
    let cases = [
        (0.0, std::f64::consts::LN_2),
        (0.2, 0.3361),
        (0.5, 0.1141),
        (0.8, 0.0351),
        (0.95, 0.0149),
        (1.0, 0.0067),
    ];
    for (cosine, expected) in cases {
        let other = vec![cosine, (1.0_f32 - cosine * cosine).sqrt()];
        let found = mlc_of(&[vec![1.0, 0.0], other], CODE);
        assert!(near(found.loss.value, expected, 5e-5), "cosine {cosine}: {found:?}");
        assert!(near(found.min_cosine, f64::from(cosine), 1e-6));
    }
}

#[test]
fn three_languages_in_two_dimensions() {
    let vectors = [vec![1.0, 0.0], vec![0.8, 0.6], vec![0.0, 1.0]];
    let code = mlc_of(&vectors, CODE);
    assert_eq!(code.singular_values.len(), 2);
    assert!(near(code.singular_values[0], 2_f64.sqrt(), 1e-6) && near(code.singular_values[1], 1.0, 1e-6));
    assert!(near(code.loss.value, 0.20799, 5e-6), "{code:?}");
    assert!(near(mlc_of(&vectors, PAPER).loss.value, 0.11872, 5e-6));
    assert!(near(code.min_cosine, 0.0, 1e-9) && near(code.mean_cosine, 1.4 / 3.0, 1e-6));
}

#[test]
fn one_direction_and_right_angles_are_the_ends() {
    for (m, expected) in [(2, 0.0067), (5, 0.0266), (10, 0.0589)] {
        let equal = mlc_of(&vec![vec![0.3_f32; 16]; m], CODE);
        assert!(near(equal.loss.value, expected, 5e-5), "{m}: {equal:?}");
        assert!(near(equal.loss.value, ((m as f64 - 1.0) * (-1.0 / TAU).exp()).ln_1p(), 1e-9));
        assert!(near(equal.effective_rank, 1.0, 1e-9) && near(equal.min_cosine, 1.0, 1e-9));
        let axes: Vec<Vec<f32>> =
            (0..m).map(|i| (0..16).map(|k| f32::from(u8::from(k == i))).collect()).collect();
        let apart = mlc_of(&axes, CODE);
        assert!(near(apart.loss.value, (m as f64).ln(), 1e-9) && near(apart.effective_rank, m as f64, 1e-9));
    }
}

#[test]
fn opposite_directions_have_the_least_loss_and_the_least_cosine() {
    let found = mlc_of(&[vec![1.0, 2.0, 3.0], vec![-2.0, -4.0, -6.0]], CODE);
    let equal = mlc_of(&[vec![1.0, 2.0, 3.0], vec![1.0, 2.0, 3.0]], CODE);
    assert!(near(found.loss.value, equal.loss.value, 1e-9), "{found:?}");
    assert!(near(found.min_cosine, -1.0, 1e-9) && near(equal.min_cosine, 1.0, 1e-9));
}

/// The loss with `c` held fixed, written out: what the gradient belongs to.
fn with_fixed_scale(s: &[f64], c: f64, tau: f64) -> f64 {
    let sum: f64 = s.iter().map(|s| (s / c / tau).exp()).sum();
    sum.ln() - s[0] / c / tau
}

fn fixed_scale(s: &[f64], settings: MlcSettings) -> f64 {
    if settings.form == LossForm::Code { s[0] + 1e-12 } else { 1.0 }
}

#[test]
fn gradient_by_singular_value_is_the_finite_difference() {
    let s = [1.7, 0.9, 0.4, 0.05];
    for settings in [CODE, PAPER, MlcSettings { tau: 0.7, ..CODE }] {
        let found = loss(&s, settings);
        let c = fixed_scale(&s, settings);
        assert!(near(found.value, with_fixed_scale(&s, c, settings.tau), 1e-12));
        for j in 0..s.len() {
            let shifted = |by: f64| {
                let mut s = s;
                s[j] += by;
                with_fixed_scale(&s, c, settings.tau)
            };
            let slope = (shifted(1e-6) - shifted(-1e-6)) / 2e-6;
            assert!(near(found.by_singular_value[j], slope, 1e-7), "{settings:?} {j}: {found:?} {slope}");
        }
    }
}

/// Singular values of vectors as they are, not made units.
fn singular_values(vectors: &[Vec<f64>]) -> Vec<f64> {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let gram: Vec<f64> = vectors.iter().flat_map(|a| vectors.iter().map(|b| product(a, b))).collect();
    let eigen = spectrum(&gram, vectors.len());
    eigen.values.iter().take(vectors.len().min(vectors[0].len())).map(|v| v.sqrt()).collect()
}

/// Entries between -1 and 1.
fn random_vectors(m: usize, d: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut random = SplitMix64::new(seed);
    (0..m).map(|_| (0..d).map(|_| random.between_minus_one_and_one()).collect()).collect()
}

/// Compares a gradient by `[m, d]` entries with the slopes of `value`.
fn check_slopes(at: &[Vec<f64>], gradient: &[Vec<f64>], value: impl Fn(&[Vec<f64>]) -> f64) {
    for i in 0..at.len() {
        for k in 0..at[0].len() {
            let shifted = |by: f64| {
                let mut vectors = at.to_vec();
                vectors[i][k] += by;
                value(&vectors)
            };
            let slope = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
            assert!(near(gradient[i][k], slope, 1e-6), "{i} {k}: {} {slope}", gradient[i][k]);
        }
    }
}

#[test]
fn gradient_by_vectors_is_the_finite_difference() {
    for (m, d, seed) in [(2, 3, 1), (4, 6, 2), (5, 3, 3), (8, 5, 4)] {
        for settings in [CODE, PAPER] {
            let vectors: Vec<Vec<f64>> =
                random_vectors(m, d, seed).into_iter().map(|v| v.iter().map(|x| x * 3.0).collect()).collect();
            let to_units = |vectors: &[Vec<f64>]| -> Vec<Vec<f64>> {
                vectors.iter().map(|v| unit(v.iter().copied())).collect()
            };
            let units = to_units(&vectors);
            let c = fixed_scale(&singular_values(&units), settings);
            let value = |units: &[Vec<f64>]| with_fixed_scale(&singular_values(units), c, settings.tau);
            let (found, by_unit) = gradient_by_unit(&units, settings);
            assert!(near(found, value(&units), 1e-9));
            check_slopes(&units, &by_unit, value);
            let (_, by_vector) = gradient_by_vector(&vectors, settings);
            check_slopes(&vectors, &by_vector, |vectors| value(&to_units(vectors)));
        }
    }
}

#[test]
fn a_set_leaves_no_prompt_out_silently() {
    let reps = layer(
        2,
        &[
            ("p", "en", &[1.0, 0.0]),
            ("p", "de", &[0.6, 0.8]),
            ("q", "en", &[1.0, 0.0]),
            ("r", "de", &[0.0, 1.0]),
            ("r", "en", &[0.0, 2.0]),
            ("r", "sw", &[0.0, 0.0]),
        ],
    );
    let prompts = prompt_cosines(&reps);
    let set = mlc_of_set(&prompts, None, CODE);
    assert_eq!(set.prompts.iter().map(|p| p.prompt_id.as_str()).collect::<Vec<_>>(), ["p", "r"]);
    let alone = TooFewLanguages { prompt_id: "q".into(), languages: vec!["en".into()] };
    assert_eq!(set.left_out, [alone]);
    assert_eq!(set.prompts[1].min_cosine, 0.0);
    assert!(near(set.language_pairs.at(0, 1).unwrap(), 0.8, 1e-6), "{:?}", set.language_pairs);
    assert_eq!(set.language_pairs.n_prompts, [0, 2, 1, 2, 0, 1, 1, 1, 0]);
    assert_eq!((set.language_pairs.at(0, 0), set.language_pairs.at(2, 1)), (None, Some(0.0)));
    let without = mlc_of_set(&prompts, Some(&["de".into(), "en".into()]), CODE);
    assert!(near(without.prompts[1].min_cosine, 1.0, 1e-9));
    let means = without.means.unwrap();
    assert!(near(means.min_cosine, 0.8, 1e-6) && near(means.loss, without.loss.mean().unwrap(), 1e-12));
    let none = mlc_of_set(&prompts, Some(&["en".into()]), CODE);
    assert_eq!((none.means, none.left_out.len(), none.loss.quantile(0.5)), (None, 3, None));
}

#[test]
fn the_curve_ascends_and_keeps_layers_without_a_loss() {
    let near_layer = layer(3, &[("p", "en", &[1.0, 0.0]), ("p", "de", &[1.0, 0.1])]);
    let far_layer = layer(1, &[("p", "en", &[1.0, 0.0]), ("p", "de", &[0.0, 1.0])]);
    let lone_layer = layer(2, &[("p", "en", &[1.0, 0.0])]);
    let points = mlc_curve(&[near_layer, far_layer, lone_layer], None, CODE);
    assert_eq!(points.iter().map(|p| (p.layer, p.n_prompts)).collect::<Vec<_>>(), [(1, 1), (2, 0), (3, 1)]);
    let losses: Vec<f64> = points.iter().filter_map(|p| Some(p.means?.loss)).collect();
    assert!(losses.len() == 2 && near(losses[0], 2_f64.ln(), 1e-9) && losses[1] < 0.02, "{losses:?}");
}

#[test]
fn a_script_that_is_not_seen_is_found() {
    let reps = layer(
        1,
        &[
            ("p", "en", &[1.0, 0.0]),
            ("q", "en", &[0.0, 1.0]),
            ("p", "zh", &[0.5, 0.5]),
            ("q", "zh", &[1.0, 1.0]),
            ("p", "bn", &[2.0, 2.000_001]),
            ("q", "bn", &[0.3, 0.3]),
            ("p", "ar", &[1.0, -1.0]),
            ("q", "ar", &[1.0, -1.0]),
            ("p", "sw", &[0.0, 0.0]),
            ("q", "sw", &[0.0, 0.0]),
            ("p", "de", &[3.0, 1.0]),
        ],
    );
    let found = unseen(&reps);
    let (same, zero) = (Blindness::Identical, Blindness::Zero);
    let languages = [("zh", same), ("bn", same), ("ar", same), ("sw", zero)];
    assert_eq!(found.languages, languages.map(|(l, b)| (Language::from(l), b)));
    assert_eq!(found.pairs, [("zh".into(), "bn".into())]);
}

/// Every number of a result.
fn numbers(found: &PromptMlc) -> Vec<f64> {
    let mut all = vec![found.loss.value, found.min_cosine, found.mean_cosine, found.effective_rank];
    all.extend(&found.loss.by_singular_value);
    all.extend(&found.singular_values);
    all
}

fn odd_number() -> impl Strategy<Value = f32> {
    prop_oneof![
        Just(0.0_f32),
        Just(f32::MAX),
        Just(f32::MIN_POSITIVE),
        Just(1e-45),
        Just(f32::NAN),
        Just(f32::NEG_INFINITY),
        -2_f32..2.0,
    ]
}

proptest! {
    #[test]
    fn order_scale_and_duplicates(vectors in prop::collection::vec(prop::collection::vec(-1_f32..1.0, 5), 2..7), turn in 0_usize..7) {
        let found = mlc_of(&vectors, CODE);
        let mut other = vectors.clone();
        let turn = turn % vectors.len();
        other.rotate_left(turn);
        other.swap(0, vectors.len() - 1);
        other.iter_mut().flatten().for_each(|x| *x *= 8.0);
        let again = mlc_of(&other, CODE);
        for (a, b) in numbers(&found).iter().zip(numbers(&again)) {
            prop_assert!(near(*a, b, 1e-9), "{:?} {:?}", found, again);
        }
        let squares: f64 = found.singular_values.iter().map(|s| s * s).sum();
        prop_assert!(near(squares, vectors.len() as f64, 1e-9));
        let most = (found.singular_values.len() as f64).ln() + 1e-9;
        prop_assert!((0.0..=most).contains(&found.loss.value));
        other.push(other[0].clone());
        prop_assert!(near(mlc_of(&other, CODE).min_cosine, found.min_cosine, 1e-9));
    }

    #[test]
    fn never_a_nan(vectors in prop::collection::vec(prop::collection::vec(odd_number(), 3), 2..6), tau in prop_oneof![Just(0.0), Just(f64::NAN), Just(1e-9), 0.01..10.0]) {
        for form in [LossForm::Code, LossForm::Paper] {
            let settings = MlcSettings { form, tau };
            let found = mlc_of(&vectors, settings);
            prop_assert!(numbers(&found).iter().all(|x| x.is_finite()), "{:?}", found);
            let wide: Vec<Vec<f64>> = vectors.iter().map(|v| v.iter().map(|x| f64::from(*x)).collect()).collect();
            let (value, gradient) = gradient_by_vector(&wide, settings);
            prop_assert!(value.is_finite() && gradient.iter().flatten().all(|x| x.is_finite()), "{:?}", gradient);
        }
    }
}
