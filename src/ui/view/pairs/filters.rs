//! Which rows are looked at: a kind by its chip, and more on demand.

use leptos::prelude::*;

use super::{
    super::{
        super::{actions::walk, state::Workbench, words},
        disclosure::Disclosure,
    },
    row_sets::RowSets,
};
use crate::{
    curation::{Band, Filter, RowFilter, Summary},
    data::SkipReason,
};

/// The kinds with their counts, and what else rows can be picked by.
#[component]
pub fn Filters(
    /// The counts.
    counted: Memo<Summary>,
) -> impl IntoView {
    let page = Workbench::here();
    let current = Memo::new(move |_| page.review.filter.with(|filter| filter.status));
    let n_more = Memo::new(move |_| page.review.filter.with(n_beside_status));
    let chip = move |filter: Filter| {
        let count = Memo::new(move |_| counted.with(|counted| counted.counts.of(filter)));
        // A verdict that nobody gave, or a conflict that nobody has, needs no chip.
        let is_rare = filter.is_verdict() || filter == Filter::Conflict;
        // Where a decided row was counted would tell what the method had picked.
        let tells =
            move || matches!(filter, Filter::Accepted | Filter::Changed) && page.review.blind.get().is_some();
        view! {
            <Show when=move || (!is_rare || count.get() != 0) && !tells() || current.get() == filter>
                <button
                    type="button"
                    class="chip"
                    data-testid=format!("filter-{}", filter.as_str())
                    aria-pressed=move || (current.get() == filter).to_string()
                    on:click=move |_| change(page, |now| now.status = filter)
                >
                    {words::filter_words(filter)}" "<span class="number">{count}</span>
                </button>
            </Show>
        }
    };
    let summary = Signal::derive(move || match n_more.get() {
        0 => "More filters".to_owned(),
        n => format!("More filters ({n})"),
    });
    view! {
        <div class="chips" role="group" aria-label="Rows to look at">
            {Filter::ALL.into_iter().map(chip).collect_view()}
        </div>
        <Disclosure class="filters" summary testid="more-filters">
            <MoreFilters />
        </Disclosure>
        <Show when=move || page.review.filter.with(|filter| *filter != RowFilter::default())>
            <button type="button" class="button button--small" data-testid="clear-filters" on:click=move |_| clear(page)>
                "Show all rows"
            </button>
        </Show>
    }
}

/// What is said where no row passes.
#[component]
pub fn Empty() -> impl IntoView {
    let page = Workbench::here();
    view! {
        <div class="empty" data-testid="no-rows">
            <p><strong>"No row passes these filters."</strong></p>
            <p>
                <button type="button" class="button button--strong" data-testid="show-all-rows" on:click=move |_| clear(page)>
                    "Show all rows"
                </button>
            </p>
        </div>
    }
}

/// Everything that rows can be picked by besides their kind.
#[component]
fn MoreFilters() -> impl IntoView {
    let page = Workbench::here();
    let filter = page.review.filter;
    // What the method says is not to be found out by asking for it either.
    let is_blind = move || page.review.blind.get().is_some();
    let languages = page.sheet.with_untracked(|sheet| sheet.languages.clone());
    let skips = page.desk.with_untracked(|desk| {
        let mut skips: Vec<SkipReason> = Vec::new();
        for skip in desk.iter().flat_map(|desk| desk.curation().rows()).filter_map(|row| row.skip) {
            if !skips.contains(&skip) && skip != SkipReason::AnchorLanguage {
                skips.push(skip);
            }
        }
        skips
    });
    let anchor = page.sheet.with_untracked(|sheet| sheet.anchor.clone());
    let language_options = languages.iter().map(|language| {
        view! { <option value=language.as_str().to_owned()>{words::english(language)}</option> }
    });
    let skip_options = skips.clone().into_iter().enumerate().map(|(at, skip)| {
        view! { <option value=at.to_string()>{words::skip_words(skip, &anchor).0}</option> }
    });
    let shown_skips = skips.clone();
    let set_skip = move |event: web_sys::Event| {
        let at = event_target_value(&event).parse::<usize>().ok();
        let skip = at.and_then(|at| skips.get(at).copied());
        change(page, |now| now.skip = skip);
    };
    let shown_skip = move || {
        let skip = filter.with(|filter| filter.skip);
        let at = skip.and_then(|skip| shown_skips.iter().position(|known| *known == skip));
        at.map(|at| at.to_string()).unwrap_or_default()
    };
    view! {
        <div class="filters__body">
            <label class="field">
                <span class="field__label">"Words in a text"</span>
                <input class="field__input" type="search" data-testid="filter-search"
                    prop:value=move || filter.with(|filter| filter.search.clone())
                    on:change=move |event| change(page, |now| now.search = event_target_value(&event)) />
            </label>
            <label class="field">
                <span class="field__label">"Language"</span>
                <select data-testid="filter-language"
                    prop:value=move || filter.with(|filter| filter.language.as_ref().map(|l| l.as_str().to_owned()).unwrap_or_default())
                    on:change=move |event| {
                        let tag = event_target_value(&event);
                        change(page, |now| now.language = (!tag.is_empty()).then(|| tag.as_str().into()));
                    }>
                    <option value="">"Any"</option>
                    {language_options.collect_view()}
                </select>
            </label>
            <label class="field" style:display=move || is_blind().then_some("none")>
                <span class="field__label">"Why there is no pair"</span>
                <select data-testid="filter-skip" prop:value=shown_skip on:change=set_skip>
                    <option value="">"Any"</option>
                    {skip_options.collect_view()}
                </select>
            </label>
            <Show when=move || !is_blind()>
                <BandField name="margin" label="Margin" read=|filter| shown_band(filter.margin)
                    write=|filter, low, high| filter.margin = Band { low, high } />
                <BandField name="score" label="Score of what is chosen" read=|filter| shown_band(filter.score)
                    write=|filter, low, high| filter.score = Band { low, high } />
            </Show>
            <BandField name="length" label="Characters of the longer side" read=|filter| shown_band(filter.length)
                write=|filter, low, high| filter.length = Band { low: whole(low), high: whole(high) } />
            <Check name="wrong-language" label="In another language" read=|filter| filter.is_wrong_language
                write=|filter, is_on| filter.is_wrong_language = is_on />
            <Check name="flagged" label="Flagged" read=|filter| filter.is_flagged
                write=|filter, is_on| filter.is_flagged = is_on />
            <Check name="conflict" label="People disagree" read=|filter| filter.is_conflict
                write=|filter, is_on| filter.is_conflict = is_on />
            <Check name="edited" label="Edited by a person" read=|filter| filter.is_edited
                write=|filter, is_on| filter.is_edited = is_on />
            <RowSets />
        </div>
    }
}

/// A lowest and a highest number.
#[component]
fn BandField(
    /// For the end-to-end test.
    name: &'static str,
    /// What it is of.
    label: &'static str,
    /// The two as they stand.
    read: fn(&RowFilter) -> [String; 2],
    /// Takes two others.
    write: fn(&mut RowFilter, Option<f32>, Option<f32>),
) -> impl IntoView {
    let page = Workbench::here();
    let field = move |at: usize, side: &'static str| {
        let shown = move || page.review.filter.with(read)[at].clone();
        let set = move |event: web_sys::Event| {
            let typed = event_target_value(&event).parse::<f32>().ok().filter(|value| value.is_finite());
            let mut ends = page.review.filter.with_untracked(read).map(|end| end.parse().ok());
            ends[at] = typed;
            change(page, |now| write(now, ends[0], ends[1]));
        };
        view! {
            <input class="field__input number" type="number" step="any" data-testid=format!("filter-{name}-{side}")
                aria-label=format!("{label}, {side}") placeholder=side prop:value=shown on:change=set />
        }
    };
    view! {
        <div class="field">
            <span class="field__label">{label}</span>
            <span class="row">{field(0, "from")}" – "{field(1, "to")}</span>
        </div>
    }
}

/// A switch for rows that have something.
#[component]
fn Check(
    /// For the end-to-end test.
    name: &'static str,
    /// What they have.
    label: &'static str,
    /// Whether it is asked for.
    read: fn(&RowFilter) -> bool,
    /// Asks for it, or not.
    write: fn(&mut RowFilter, bool),
) -> impl IntoView {
    let page = Workbench::here();
    view! {
        <label class="switch">
            <input type="checkbox" data-testid=format!("filter-{name}") prop:checked=move || page.review.filter.with(read)
                on:change=move |event| change(page, |now| write(now, event_target_checked(&event))) />
            <span>{label}</span>
        </label>
    }
}

fn shown_band<T: ToString>(band: Band<T>) -> [String; 2] {
    [band.low, band.high].map(|end| end.map(|end| end.to_string()).unwrap_or_default())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
fn whole(value: Option<f32>) -> Option<u32> {
    value.map(|value| value as u32)
}

fn change(page: Workbench, change: impl FnOnce(&mut RowFilter)) {
    let mut filter = page.review.filter.get_untracked();
    change(&mut filter);
    walk::set_filter(page, filter);
}

fn clear(page: Workbench) {
    walk::set_filter(page, RowFilter::default());
}

/// How many things are asked for besides the kind.
fn n_beside_status(filter: &RowFilter) -> usize {
    [
        filter.language.is_some(),
        !filter.margin.is_open(),
        !filter.score.is_open(),
        filter.skip.is_some(),
        filter.is_wrong_language,
        !filter.length.is_open(),
        !filter.search.trim().is_empty(),
        filter.is_flagged,
        filter.is_conflict,
        filter.is_edited,
        filter.only.is_some(),
    ]
    .into_iter()
    .filter(|is_asked| *is_asked)
    .count()
}
