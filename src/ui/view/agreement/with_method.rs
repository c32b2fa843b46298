//! People against the method: how often they kept its picks, by language and by margin, and from which margin on.

use leptos::prelude::*;

use super::super::{
    super::{screen::View, state::Workbench, words},
    chart::Chart,
    empty::Empty,
};
use super::figures::{RateView, rate_of};
use crate::{
    align::Rate,
    curation::agreement::{Agreement, AgreementCell, GroupAgreement, MarginCut, agreement},
    data::Language,
    pictures::chart::{Ink, Share, Shares, shares},
};

/// Margin bands.
const N_BANDS: usize = 10;

/// The share that the cut keeps, for the line in the pictures.
const KEPT: f64 = 0.95;

/// What people made of the method's picks.
#[component]
pub fn WithMethod() -> impl IntoView {
    let page = Workbench::here();
    let found = Memo::new(move |_| {
        page.desk
            .with(|desk| desk.as_ref().map(|desk| agreement(desk.curation(), N_BANDS)))
            .unwrap_or_default()
    });
    let is_empty = Memo::new(move |_| found.with(|found| found.all.cell.decided == 0));
    let has_bands = Memo::new(move |_| found.with(|found| found.by_margin.len() > 1));
    let by_margin = move |width: f64| shares(&found.with(margin_shares), width);
    let by_language = move |width: f64| shares(&found.with(language_shares), width);
    view! {
        <section class="methods" aria-labelledby="with-method-title" data-testid="with-method">
            <h3 id="with-method-title">"People and the method"</h3>
            <Show when=move || !is_empty.get() fallback=|| view! { <NothingDecided /> }>
                <p class="field__help">
                    "How often people accepted the pair just as the method picked it. A row counts once, by what holds of it now; rows that cannot be judged, and rows on which people still disagree, do not count."
                </p>
                {move || found.with(|found| view! { <Facts all=found.all has_margins={!found.by_margin.is_empty()} /> })}
                {move || found.with(|found| view! { <ByLanguage groups=found.by_language.clone() /> })}
                <Chart id="kept-by-language" draw=by_language />
                <Show when=move || has_bands.get()>
                    <Chart id="kept-by-margin" draw=by_margin />
                </Show>
            </Show>
        </section>
    }
}

#[component]
fn NothingDecided() -> impl IntoView {
    view! {
        <Empty
            view=View::Agreement
            testid="nothing-decided"
            says="Nothing has been decided yet. What you accept, swap or leave out is compared here with what the method picked."
        >
            <a class="button button--strong" href=format!("#{}", View::Pairs.as_str())>"Review the pairs"</a>
        </Empty>
    }
}

#[component]
fn Facts(
    /// All rows.
    all: GroupAgreement,
    /// Whether the method's pairs have margins.
    has_margins: bool,
) -> impl IntoView {
    let AgreementCell { decided, changed, left_out, .. } = all.cell;
    view! {
        <dl class="facts" data-testid="with-method-facts">
            <dt>"Rows decided"</dt><dd>{decided}</dd>
            <dt>"Kept as picked"</dt><dd data-testid="kept-share"><RateView rate=rate_of(all.cell) /></dd>
            <dt>"Given another pair"</dt><dd>{changed}</dd>
            <dt>"Given no pair"</dt><dd>{left_out}</dd>
            <dt>"When to trust the method"</dt><dd data-testid="margin-cut-words">{cut_words(all.cut, has_margins)}</dd>
        </dl>
    }
}

/// From which margin on people kept nearly all picks.
fn cut_words(cut: Option<MarginCut>, has_margins: bool) -> String {
    match cut {
        None if !has_margins => "Its pairs have no margins.".to_owned(),
        None => "There is no margin from which on people kept 95 % of its picks.".to_owned(),
        Some(cut) => {
            let Rate { part, whole, .. } = cut.rate;
            let few = if cut.is_few() { " Too few to rely on." } else { "" };
            format!(
                "From a margin of {:.3} on, people kept {part} of {whole} decided picks, which is at least 95 %. {} that margin or more.{few}",
                cut.margin,
                words::plural(cut.n_picks as usize, "pick has", "picks have"),
            )
        }
    }
}

#[component]
fn ByLanguage(
    /// Each language with its numbers.
    groups: Vec<(Language, GroupAgreement)>,
) -> impl IntoView {
    let rows = groups.into_iter().map(|(language, GroupAgreement { cell, cut })| {
        let cut = cut.map_or_else(
            || "–".to_owned(),
            |cut| {
                format!(
                    "{:.3} ({}{})",
                    cut.margin,
                    words::plural(cut.rate.whole as usize, "row", "rows"),
                    if cut.is_few() { ", too few" } else { "" }
                )
            },
        );
        view! {
            <tr data-testid="with-method-row" data-language=language.as_str().to_owned()>
                <th scope="row">{words::english(&language)}</th>
                <td class="number">{cell.decided}</td>
                <td class="number"><RateView rate=rate_of(cell) /></td>
                <td class="number">{cell.changed}</td>
                <td class="number">{cell.left_out}</td>
                <td class="number">{cut}</td>
            </tr>
        }
    });
    view! {
        <div class="scroll" tabindex="0" role="group" aria-labelledby="with-method-title">
            <table class="grid" data-testid="with-method-table">
                <thead>
                    <tr>
                        <th scope="col">"Language"</th>
                        <th scope="col">"Decided"</th>
                        <th scope="col">"Kept"</th>
                        <th scope="col">"Another pair"</th>
                        <th scope="col">"No pair"</th>
                        <th scope="col">"95 % kept from margin"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

fn share(name: String, ink: Ink, cell: &AgreementCell) -> Share {
    let interval = cell.interval.map(|interval| (interval.low, interval.high));
    Share { name, ink, part: cell.kept, whole: cell.decided, interval }
}

fn margin_shares(found: &Agreement) -> Shares {
    let bands = found.by_margin.iter();
    Shares {
        title: "Kept by margin".to_owned(),
        lanes: "margin".to_owned(),
        what: "kept".to_owned(),
        shares: bands
            .map(|(low, high, cell)| share(format!("{low:.3} to {high:.3}"), Ink::Chosen, cell))
            .collect(),
        line: Some(KEPT),
    }
}

fn language_shares(found: &Agreement) -> Shares {
    let languages = found.by_language.iter().enumerate();
    Shares {
        title: "Kept by language".to_owned(),
        lanes: "language".to_owned(),
        what: "kept".to_owned(),
        shares: languages
            .map(|(at, (language, group))| share(words::english(language), Ink::Language(at), &group.cell))
            .collect(),
        line: Some(KEPT),
    }
}
