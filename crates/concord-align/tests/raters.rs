//! Agreement of people against other programs: `data/raters.jsonl` holds what krippendorff, scikit-learn and statsmodels make
//! of random ratings (`fixtures/record_raters.py`).

#![expect(clippy::unwrap_used, reason = "a broken fixture ends the test")]

use concord_align::align::raters::{Level, Measure, Ratings, Unit, Weights, wilson};
use serde_json::Value;

/// Sums are taken in another order there.
const TOLERANCE: f64 = 1e-9;

fn lines() -> impl Iterator<Item = Value> {
    include_str!("data/raters.jsonl").lines().map(|line| serde_json::from_str(line).unwrap())
}

fn ratings(line: &Value) -> Ratings {
    let people: Vec<&[u8]> =
        line["people"].as_array().unwrap().iter().map(|p| p.as_str().unwrap().as_bytes()).collect();
    let said = |digit: u8| (digit != b'.').then(|| usize::from(digit - b'0'));
    let unit =
        |at: usize| Unit { cluster: at, values: people.iter().map(|person| said(person[at])).collect() };
    let n_values = line["nValues"].as_u64().unwrap() as usize;
    Ratings { n_values, units: (0..people[0].len()).map(unit).collect() }
}

fn check(what: &str, found: Option<f64>, line: &Value) {
    let expected = line[what].as_f64();
    let is_near = match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() <= TOLERANCE,
        (found, expected) => found.is_none() && expected.is_none(),
    };
    assert!(is_near, "{what}: {found:?}, recorded {expected:?}, of {line}");
}

#[test]
fn coefficients_of_random_ratings_are_those_of_krippendorff_and_scikit_learn() {
    let mut n_checked = 0;
    for line in lines().filter(|line| line["people"].is_array()) {
        let ratings = ratings(&line);
        for (what, measure) in [
            ("percent", Measure::Percent),
            ("None", Measure::Kappa(Weights::Equal)),
            ("linear", Measure::Kappa(Weights::Linear)),
            ("quadratic", Measure::Kappa(Weights::Quadratic)),
        ] {
            let people = if measure == Measure::Percent { ratings.clone() } else { ratings.of_two(0, 1) };
            check(what, people.coefficient(measure).value, &line);
        }
        for (what, level) in
            [("nominal", Level::Nominal), ("ordinal", Level::Ordinal), ("interval", Level::Interval)]
        {
            let found = ratings.coefficient(Measure::Alpha(level));
            // Of a single unit the package gives a number; we say that there are too few.
            if found.n_units >= 2 {
                check(what, found.value, &line);
                n_checked += usize::from(found.value.is_some());
            }
        }
    }
    assert!(n_checked > 500, "{n_checked} alphas say too little");
}

#[test]
fn intervals_of_shares_are_those_of_statsmodels() {
    let mut n_checked = 0;
    for line in lines().filter(|line| line["part"].is_u64()) {
        let [part, whole] = ["part", "whole"].map(|key| line[key].as_u64().unwrap() as u32);
        let found = wilson(part, whole).unwrap();
        check("low", Some(found.low), &line);
        check("high", Some(found.high), &line);
        n_checked += 1;
    }
    assert!(n_checked > 15 && wilson(0, 0).is_none());
}
