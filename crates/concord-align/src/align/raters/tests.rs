//! Published worked examples, what is undefined, and what must not change a coefficient.

use proptest::prelude::*;

use super::*;

/// Ratings from a line per person, a digit per unit and `.` for nothing; digits count from 1.
fn ratings(n_values: usize, people: &[&str]) -> Ratings {
    let said = |person: &str, at: usize| {
        let digit = person.as_bytes()[at];
        (digit != b'.').then(|| usize::from(digit - b'1'))
    };
    let unit = |at| Unit { cluster: at, values: people.iter().map(|person| said(person, at)).collect() };
    Ratings { n_values, units: (0..people[0].len()).map(unit).collect() }
}

/// As many units of two people as a table counts.
fn of_table<const N: usize>(counts: [[usize; N]; N]) -> Ratings {
    let mut units = Vec::new();
    for (i, row) in counts.iter().enumerate() {
        for (j, n) in row.iter().enumerate() {
            units.extend((0..*n).map(|_| Unit { cluster: 0, values: vec![Some(i), Some(j)] }));
        }
    }
    units.iter_mut().enumerate().for_each(|(at, unit)| unit.cluster = at);
    Ratings { n_values: N, units }
}

/// Fails unless a value is one that was printed with so many decimals.
fn near(found: Option<f64>, printed: f64, decimals: i32) {
    let tolerance = 0.5 * 10_f64.powi(-decimals) + 1e-12;
    assert!(found.is_some_and(|found| (found - printed).abs() <= tolerance), "{found:?}, not {printed}");
}

#[test]
fn alpha_of_four_observers_with_missing_values() {
    // Krippendorff 2011, data C: nominal 0.743, ordinal 0.815, interval 0.849.
    let four = ratings(5, &["123321412...", "1233224125.3", ".3332342251.", "12332441251."]);
    let alpha = |level| four.coefficient(Measure::Alpha(level));
    near(alpha(Level::Nominal).value, 0.743, 3);
    near(alpha(Level::Ordinal).value, 0.815, 3);
    near(alpha(Level::Interval).value, 0.849, 3);
    // Only one person judged the last unit.
    assert_eq!((alpha(Level::Nominal).n_units, alpha(Level::Nominal).is_few()), (11, true));
}

#[test]
fn alpha_of_three_coders_with_missing_values() {
    // The example of Wikipedia's article on alpha: nominal 0.691, interval 0.811.
    let three = ratings(4, &[".....34121133.3", "1.213343.......", "..21344.21133.4"]);
    near(three.coefficient(Measure::Alpha(Level::Nominal)).value, 0.691, 3);
    near(three.coefficient(Measure::Alpha(Level::Interval)).value, 0.811, 3);
}

#[test]
fn alpha_where_people_were_surprised_by_it() {
    // Cases that were reported to the authors of other programs: each is what the formula gives.
    let of = |people: &[&str]| {
        let found = ratings(3, people).coefficient(Measure::Alpha(Level::Nominal));
        (found.value, found.undefined)
    };
    assert_eq!(of(&["333", "333", "333"]), (None, Some(Undefined::OneValue)));
    // A single disagreement among many equal values is as much as chance gives.
    near(of(&["33333", "33333", "33..3", "33331", "3.333"]).0, 0.0, 12);
    near(of(&["12", "21"]).0, -0.5, 12);
}

#[test]
fn kappa_of_printed_tables() {
    let equal = |table: Ratings| table.coefficient(Measure::Kappa(Weights::Equal)).value;
    // Cohen 1960, two hundred diagnoses.
    near(equal(of_table([[88, 10, 2], [14, 40, 6], [18, 10, 12]])), 0.492, 3);
    // Fleiss, Cohen and Everitt 1969.
    near(equal(of_table([[106, 10, 4], [22, 28, 10], [2, 12, 6]])), 0.429, 3);
    // The three examples of Wikipedia's article on kappa.
    near(equal(of_table([[20, 5], [10, 15]])), 0.4, 12);
    near(equal(of_table([[45, 15], [25, 15]])), 0.1304, 4);
    near(equal(of_table([[25, 35], [5, 35]])), 0.2593, 4);
    // By hand: disagreements cost 4 and 6, by chance 60 / 8 and 96 / 8.
    let ranks = of_table([[2, 1, 0], [0, 1, 1], [1, 0, 2]]);
    near(ranks.coefficient(Measure::Kappa(Weights::Linear)).value, 1.0 - 8.0 * 4.0 / 60.0, 12);
    near(ranks.coefficient(Measure::Kappa(Weights::Quadratic)).value, 1.0 - 8.0 * 6.0 / 96.0, 12);
    near(ranks.coefficient(Measure::Percent).value, 5.0 / 8.0, 12);
}

#[test]
fn what_is_undefined_says_why() {
    let of = |people: &[&str], measure| {
        let found = ratings(3, people).coefficient(measure);
        (found.value, found.undefined)
    };
    let [kappa, alpha] = [Measure::Kappa(Weights::Equal), Measure::Alpha(Level::Nominal)];
    for measure in [kappa, alpha] {
        assert_eq!(of(&["", ""], measure), (None, Some(Undefined::TooFewUnits)));
        assert_eq!(of(&["1..2", "12.."], measure), (None, Some(Undefined::TooFewUnits)));
        assert_eq!(of(&["111", "111"], measure), (None, Some(Undefined::OneValue)));
        assert_eq!(of(&["12", "12"], measure), (Some(1.0), None));
    }
    // Each keeps to a value of their own: chance agrees on nothing, so kappa is 0; alpha's urn holds both, so it is below.
    assert_eq!(of(&["111", "222"], kappa), (Some(0.0), None));
    near(of(&["111", "222"], alpha).0, 1.0 - 5.0 * 3.0 / 9.0, 12);
    assert_eq!(of(&["..", ".."], Measure::Percent), (None, Some(Undefined::TooFewUnits)));
    assert_eq!(of(&["1.", "1."], Measure::Percent), (Some(1.0), None));
    let alone = ratings(3, &["123"]).coefficient(alpha);
    assert_eq!((alone.n_units, alone.undefined), (0, Some(Undefined::TooFewUnits)));
}

#[test]
fn the_interval_is_seeded_and_holds_the_value() {
    let mut table = of_table([[30, 6, 4], [5, 25, 5], [3, 7, 35]]);
    let interval = |ratings: &Ratings, seed| {
        let mut estimating = Estimating::new(ratings, Measure::Kappa(Weights::Equal), seed);
        (0..500).for_each(|_| estimating.resample());
        estimating.finish()
    };
    let found = interval(&table, 7);
    let (value, ends) = (found.value.unwrap(), found.interval.unwrap());
    // The standard error of Fleiss, Cohen and Everitt (1969) is 0.0592 here (statsmodels 0.15), and 1.96 of it 0.116.
    assert!(
        (ends.low - (value - 0.116)).abs() < 0.03 && (ends.high - (value + 0.116)).abs() < 0.03,
        "{found:?}"
    );
    assert_eq!((interval(&table, 7), found.is_few()), (found, false));
    assert_ne!(interval(&table, 8).interval, found.interval);
    // What is drawn is clusters: of one there is nothing to draw.
    table.units.iter_mut().for_each(|unit| unit.cluster = 3);
    assert_eq!(interval(&table, 7).interval, None);
    assert_eq!(found.undefined, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Neither the order of the people or units nor units that one person judged change alpha; it is at most 1, and 1 where all
    /// agree. Weights change nothing where there are two values.
    #[test]
    fn order_changes_nothing(
        rows in prop::collection::vec(prop::collection::vec(prop::option::of(0..4_usize), 3), 0..30),
        seed in any::<u64>(),
    ) {
        let of = |rows: &[Vec<Option<usize>>], n_values| Ratings {
            n_values,
            units: rows.iter().map(|values| Unit { cluster: 0, values: values.clone() }).collect(),
        };
        let mut moved = rows.clone();
        moved.iter_mut().for_each(|row| row.rotate_left(1));
        crate::align::random::SplitMix64::new(seed).shuffle(&mut moved);
        moved.push(vec![None, Some(1), None]);
        for level in [Level::Nominal, Level::Ordinal, Level::Interval] {
            let [before, after] = [&rows, &moved].map(|rows| of(rows, 4).coefficient(Measure::Alpha(level)));
            prop_assert_eq!(before.n_units, after.n_units);
            match (before.value, after.value) {
                (Some(before), Some(after)) => prop_assert!((before - after).abs() < 1e-9 && before < 1.0 + 1e-12),
                (before, after) => prop_assert_eq!(before, after),
            }
        }
        let two: Vec<Vec<Option<usize>>> =
            rows.iter().map(|row| row.iter().map(|value| value.map(|value| value % 2)).collect()).collect();
        let kappa = |weights| of(&two, 2).of_two(0, 2).coefficient(Measure::Kappa(weights)).value;
        prop_assert_eq!(kappa(Weights::Equal), kappa(Weights::Linear));
        prop_assert_eq!(kappa(Weights::Equal), kappa(Weights::Quadratic));
        let alike: Vec<_> = rows.iter().map(|row| vec![row[0]; 2]).collect();
        if let Some(alpha) = of(&alike, 4).coefficient(Measure::Alpha(Level::Ordinal)).value {
            prop_assert_eq!(alpha, 1.0);
        }
    }
}
