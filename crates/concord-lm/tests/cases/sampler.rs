//! A sampler draws from the exact distribution: chi-square of 100,000 draws for each setting.
//!
//! The distribution is computed here in f64, by sorting, independently of the code under test.

#![expect(clippy::print_stdout, reason = "a test tells its figures")]

use concord_lm::generate::{DrawKey, Sampled, SamplingSettings};

/// What a sampler is asked for: logits, seen token ids, settings, and a key for each draw.
pub(crate) struct Draws<'a> {
    pub(crate) logits: &'a [f32],
    pub(crate) seen: &'a [u32],
    pub(crate) settings: SamplingSettings,
    pub(crate) keys: &'a [DrawKey],
}

const N_DRAWS: u32 = 100_000;
/// Draws asked for at once.
const N_PER_CALL: usize = 1000;
/// Log-probs are f32 sums over the vocabulary; 1e-4 nats is far above their rounding.
const LOG_PROB_TOLERANCE: f64 = 1e-4;

/// Checks every setting alone and all together. `draw` answers with one sample per key.
pub(crate) async fn draws_follow_the_exact_distribution(
    mut draw: impl AsyncFnMut(Draws<'_>) -> Vec<Sampled>,
) {
    let logits = spread_logits();
    let seen = [0, 1, 5, 31, 32, 60];
    let all = SamplingSettings::default();
    let plain = SamplingSettings { temperature: 1.0, ..all };
    let cases = [
        ("plain", plain),
        ("temperature 0.5", SamplingSettings { temperature: 0.5, ..plain }),
        ("temperature 1.7", SamplingSettings { temperature: 1.7, ..plain }),
        ("top-k 3, whose last is tied with the fourth", SamplingSettings { top_k: 3, ..plain }),
        ("top-p 0.8", SamplingSettings { top_p: 0.8, ..plain }),
        ("min-p 0.1", SamplingSettings { min_p: 0.1, ..plain }),
        ("repetition penalty 1.8", SamplingSettings { repetition_penalty: 1.8, ..plain }),
        (
            "all together",
            SamplingSettings {
                temperature: 1.3,
                top_k: 30,
                top_p: 0.9,
                min_p: 0.05,
                repetition_penalty: 1.2,
            },
        ),
    ];
    for (name, settings) in cases {
        let exact = exact_distribution(&logits, &seen, &settings);
        check_draws(name, &logits, &exact, &sampled(&mut draw, &logits, &seen, settings).await);
    }
}

/// At temperature 0 the most likely token is taken, of several the one with the lowest id.
pub(crate) async fn zero_temperature_is_greedy(mut draw: impl AsyncFnMut(Draws<'_>) -> Vec<Sampled>) {
    let mut logits = spread_logits();
    logits[40] = 9.0;
    logits[20] = 9.0;
    let keys = [DrawKey { seed: 1, stream: 2, step: 3 }, DrawKey::default()];
    for (seen, penalty, expected) in
        [(&[][..], 1.0, 20), (&[20], 1.0, 20), (&[20], 1.5, 40), (&[20, 40], 1.1, 20)]
    {
        let settings =
            SamplingSettings { temperature: 0.0, repetition_penalty: penalty, ..Default::default() };
        let raw =
            exact_distribution(&logits, &[], &SamplingSettings { temperature: 1.0, ..Default::default() });
        for sampled in draw(Draws { logits: &logits, seen, settings, keys: &keys }).await {
            assert_eq!(sampled.id, expected, "seen {seen:?}, penalty {penalty}");
            assert_eq!(sampled.sampled_logprob, Some(0.0), "a greedy choice is certain");
            assert!((f64::from(sampled.logprob) - raw[expected as usize].ln()).abs() < LOG_PROB_TOLERANCE);
        }
    }
}

/// 67 logits (not a multiple of any lane count) with ties, negative values and a long tail.
fn spread_logits() -> Vec<f32> {
    let mut logits: Vec<f32> = (0..67u32).map(|id| ((id * 29) % 67) as f32 * 0.09 - 3.0).collect();
    for id in [3, 17, 44] {
        logits[id] = 3.0;
    }
    logits[9] = 2.5;
    logits[30] = 3.25;
    logits[61] = -40.0;
    logits
}

async fn sampled(
    draw: &mut impl AsyncFnMut(Draws<'_>) -> Vec<Sampled>,
    logits: &[f32],
    seen: &[u32],
    settings: SamplingSettings,
) -> Vec<Sampled> {
    let keys: Vec<DrawKey> =
        (0..N_DRAWS).map(|i| DrawKey { seed: 11, stream: i / 100, step: i % 100 }).collect();
    let mut sampled = Vec::new();
    for keys in keys.chunks(N_PER_CALL) {
        sampled.extend(draw(Draws { logits, seen, settings, keys }).await);
    }
    assert_eq!(sampled.len(), N_DRAWS as usize);
    sampled
}

/// Penalty, temperature, top-k, top-p, min-p, each on what the one before left, ties kept. `[vocab]`
fn exact_distribution(logits: &[f32], seen: &[u32], settings: &SamplingSettings) -> Vec<f64> {
    let penalty = f64::from(settings.repetition_penalty);
    let scaled = logits.iter().enumerate().map(|(id, &logit)| {
        let logit = f64::from(logit);
        let is_seen = seen.contains(&(id as u32));
        let penalised = match (is_seen, logit > 0.0) {
            (false, _) => logit,
            (true, true) => logit / penalty,
            (true, false) => logit * penalty,
        };
        penalised / f64::from(settings.temperature)
    });
    let mut p: Vec<f64> = scaled.map(f64::exp).collect();
    normalise(&mut p);
    if settings.top_k > 0 {
        let threshold = descending(&p)[settings.top_k as usize - 1];
        keep(&mut p, threshold);
    }
    if settings.top_p < 1.0 {
        let mut sum = 0.0;
        let reaching = descending(&p).into_iter().find(|p| {
            sum += p;
            sum >= f64::from(settings.top_p)
        });
        keep(&mut p, reaching.unwrap_or(0.0));
    }
    let largest = descending(&p)[0];
    keep(&mut p, largest * f64::from(settings.min_p));
    p
}

fn descending(p: &[f64]) -> Vec<f64> {
    let mut sorted = p.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    sorted
}

/// Drops what is below the threshold; equal numbers computed alike are equal, but leave 1e-12 for rounding.
fn keep(p: &mut [f64], threshold: f64) {
    p.iter_mut().filter(|p| **p < threshold * (1.0 - 1e-12)).for_each(|p| *p = 0.0);
    normalise(p);
}

fn normalise(p: &mut [f64]) {
    let total: f64 = p.iter().sum();
    p.iter_mut().for_each(|p| *p /= total);
}

fn check_draws(name: &str, logits: &[f32], exact: &[f64], draws: &[Sampled]) {
    let log_total = logits.iter().map(|&logit| f64::from(logit).exp()).sum::<f64>().ln();
    let mut counts = vec![0u32; exact.len()];
    for draw in draws {
        let id = draw.id as usize;
        counts[id] += 1;
        assert!(exact[id] > 0.0, "{name}: token {id} cannot be drawn");
        let raw_error = f64::from(draw.logprob) - (f64::from(logits[id]) - log_total);
        let sampled_error = f64::from(draw.sampled_logprob.unwrap()) - exact[id].ln();
        assert!(raw_error.abs() < LOG_PROB_TOLERANCE, "{name}: raw log-prob of {id} off by {raw_error}");
        assert!(sampled_error.abs() < LOG_PROB_TOLERANCE, "{name}: log-prob of {id} off by {sampled_error}");
    }
    let z = chi_square_z(exact, &counts, draws.len());
    println!("{name}: {} tokens, z = {z:.2}", exact.iter().filter(|p| **p > 0.0).count());
    // One-sided, 1 in 30,000 for a right sampler; the keys are fixed, so it never flickers.
    assert!(z < 4.0, "{name}: the draws do not follow the distribution, z = {z:.1}");
}

/// Pearson's statistic as a standard normal number (Wilson and Hilferty 1931). Tokens expected fewer
/// than five times share a bin.
fn chi_square_z(exact: &[f64], counts: &[u32], n_draws: usize) -> f64 {
    let (mut rare_expected, mut rare_count) = (0.0, 0.0);
    let (mut statistic, mut n_bins) = (0.0, 0.0);
    let mut add_bin = |expected: f64, count: f64| {
        statistic += (count - expected).powi(2) / expected;
        n_bins += 1.0;
    };
    for (p, &count) in exact.iter().zip(counts).filter(|(p, _)| **p > 0.0) {
        let expected = p * n_draws as f64;
        if expected < 5.0 {
            rare_expected += expected;
            rare_count += f64::from(count);
        } else {
            add_bin(expected, f64::from(count));
        }
    }
    if rare_expected >= 5.0 {
        add_bin(rare_expected, rare_count);
    } else {
        assert!(rare_count < 40.0, "{rare_count} draws of tokens expected {rare_expected} times");
    }
    let freedom: f64 = n_bins - 1.0;
    let spread = 2.0 / (9.0 * freedom);
    ((statistic / freedom).cbrt() - (1.0 - spread)) / spread.sqrt()
}
