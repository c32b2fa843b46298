//! Shares and coefficients in words: with their interval, with "too few" where little stands behind them, or why there is none.

use leptos::prelude::*;

use super::super::super::words;
use crate::{
    align::{
        Interval, Rate,
        raters::{Coefficient, MIN_UNITS, Undefined},
    },
    curation::agreement::{AgreementCell, Judgement},
};

/// A coefficient.
#[component]
pub fn CoefficientView(
    /// Which.
    found: Coefficient,
    /// Whether it is a share, in percent.
    #[prop(optional)]
    is_share: bool,
) -> impl IntoView {
    let number = move |value: f64| if is_share { words::percent(value) } else { format!("{value:.2}") };
    let text = match (found.value, found.undefined) {
        (Some(value), _) if is_share => format!("{} %", number(value)),
        (Some(value), _) => format!("{value:.3}"),
        (None, Some(Undefined::OneValue)) => "undefined: all said the same".to_owned(),
        (None, _) => "–".to_owned(),
    };
    let is_few = found.value.is_some() && found.is_few();
    view! { <Figure text interval=found.interval.map(|Interval { low, high }| ends(number(low), number(high))) is_few n=found.n_units /> }
}

/// A share of counted cases.
#[component]
pub fn RateView(
    /// Which.
    rate: Rate,
) -> impl IntoView {
    let text = rate.share.map_or_else(|| "–".to_owned(), |share| format!("{} %", words::percent(share)));
    let interval =
        rate.interval.map(|Interval { low, high }| ends(words::percent(low), words::percent(high)));
    let is_few = rate.whole > 0 && rate.whole < MIN_UNITS;
    view! { <Figure text interval is_few n=rate.whole /> }
}

/// The number, its interval, and whether it rests on too little.
#[component]
fn Figure(
    /// The number.
    text: String,
    /// Its interval in words.
    interval: Option<String>,
    /// Whether it rests on too little.
    is_few: bool,
    /// On how many rows it rests.
    n: u32,
) -> impl IntoView {
    view! {
        <span class="figure">
            <span class="figure__value">{text}</span>
            {interval.map(|interval| view! {
                <span class="figure__interval"><span class="visually-hidden">", 95 % interval "</span>{interval}</span>
            })}
            {is_few.then(|| view! {
                <span class="figure__few" title=format!("{n} of the {MIN_UNITS} rows that it takes")>
                    <span class="visually-hidden">", "</span>"too few"
                </span>
            })}
        </span>
    }
}

/// The share of a cell.
pub fn rate_of(cell: AgreementCell) -> Rate {
    Rate { interval: cell.interval, ..Rate::of(cell.kept, cell.decided) }
}

/// What somebody made of a row.
pub fn judgement_words(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Kept => "accepted the method's pair",
        Judgement::Swapped => "swapped the method's pair",
        Judgement::Other => "chose another pair",
        Judgement::LeftOut => "left the row out",
        Judgement::Tie => "tie",
        Judgement::BothGood => "both good",
        Judgement::BothBad => "both bad",
        Judgement::CannotJudge => "cannot judge",
        Judgement::Harmful => "harmful",
    }
}

fn ends(low: String, high: String) -> String {
    format!("{low} to {high}")
}
