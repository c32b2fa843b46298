//! Above the cards: how far the review is, which rows to look at, the smallest margin, undo and redo.

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{
        super::{
            actions::{
                method,
                review::{self, Keyboard},
                run,
            },
            state::{Place, Workbench},
            words,
        },
        fault_note::FaultNote,
    },
    margin_panel::MarginPanel,
};
use crate::curation::{CutCount, Decision, Filter, Summary, cut_count, longer_limit, summary};

/// Summary, filters, minimum margin, undo and redo.
#[component]
pub fn ResultsBar() -> impl IntoView {
    let page = Workbench::here();
    let counted = Memo::new(move |_| page.desk.with(|desk| desk.as_ref().map(summary).unwrap_or_default()));
    let can = Memo::new(move |_| {
        page.annotator.track();
        let actor = page.actor();
        page.desk.with(|desk| {
            desk.as_ref().map_or((false, false), |desk| {
                (desk.curation().can_undo(&actor), desk.curation().can_redo(&actor))
            })
        })
    });
    let undo = move |decision| review::decide(page, decision, Keyboard::Stays);
    view! {
        <section class="results-bar" aria-labelledby="results-title">
            <div class="results-bar__head">
                <h2 id="results-title">"Pairs"</h2>
                <p class="results-bar__summary number" data-testid="summary">{move || summary_words(&counted.get())}</p>
            </div>
            <div class="results-bar__tools">
                <Filters counted />
                <MinMargin />
                <div class="row">
                    <button type="button" class="button" data-testid="undo"
                        disabled=move || !can.get().0 on:click=move |_| undo(Decision::Undo)>
                        "Undo "<kbd>"U"</kbd>
                    </button>
                    <button type="button" class="button" data-testid="redo"
                        disabled=move || !can.get().1 on:click=move |_| undo(Decision::Redo)>
                        "Redo "<kbd>"Y"</kbd>
                    </button>
                </div>
            </div>
            <CutNote />
            <FaultNote place=Place::Results />
            <MarginPanel />
        </section>
    }
}

/// How many responses were cut short or never left their reasoning, and a press that runs them again, longer.
#[component]
fn CutNote() -> impl IntoView {
    let page = Workbench::here();
    let counted = Memo::new(move |_| {
        page.record.track();
        page.desk
            .with(|desk| desk.as_ref().map(|desk| (cut_count(desk.session()), longer_limit(desk.session()))))
    });
    move || {
        let (count, limit) = counted.get().filter(|(count, _)| count.n_cut + count.n_still_reasoning > 0)?;
        let lines = cut_words(count).into_iter().map(|line| view! { <p>{line}</p> }).collect_view();
        Some(view! {
            <div class="note note--warn" data-testid="cut-note">
                <div>{lines}</div>
                {(count.n_extendable > 0)
                    .then(|| {
                        let n = words::plural(count.n_cut, "response", "responses");
                        view! {
                            <div class="note__acts">
                                <button type="button" class="button" data-testid="rerun-cut" disabled=page.is_busy
                                    on:click=move |_| spawn_local(run::rerun_cut(page))>
                                    {format!("Run {n} again, up to {limit} tokens")}
                                </button>
                            </div>
                        }
                    })}
            </div>
        })
    }
}

/// A note on responses that were cut short, and on those that never left their reasoning.
fn cut_words(count: CutCount) -> Vec<String> {
    let CutCount { n_responses, n_cut, n_extendable, n_still_reasoning } = count;
    let cut = (n_cut > 0).then(|| {
        let were = if n_cut == 1 { "was" } else { "were" };
        let full = match n_cut - n_extendable {
            0 => String::new(),
            n if n == n_cut => " The model's context was full, so a higher limit will not help.".to_owned(),
            n => format!(" {n} of them filled the model's context; a higher limit will not help there."),
        };
        format!(
            "{n_cut} of {n_responses} responses {were} cut short. A cut response is chosen only if there is no whole one.{full}"
        )
    });
    let reasoning = (n_still_reasoning > 0).then(|| {
        let (whose, it_has) = if n_still_reasoning == 1 { ("its", "it has") } else { ("their", "they have") };
        format!("{n_still_reasoning} of {n_responses} responses never got past {whose} reasoning, so {it_has} no text.")
    });
    [cut, reasoning].into_iter().flatten().collect()
}

/// One choice of rows to look at, with counts.
#[component]
fn Filters(
    /// The counts.
    counted: Memo<Summary>,
) -> impl IntoView {
    let page = Workbench::here();
    let current = Memo::new(move |_| page.focus.with(|focus| focus.filter));
    let buttons = Filter::ALL
        .into_iter()
        .map(|filter| {
            view! {
                <button
                    type="button"
                    class="chip"
                    data-testid=format!("filter-{}", filter.as_str())
                    aria-pressed=move || (current.get() == filter).to_string()
                    on:click=move |_| review::set_filter(page, filter)
                >
                    {words::filter_words(filter)}" "
                    <span class="number">{move || counted.with(|counted| counted.counts.of(filter))}</span>
                </button>
            }
        })
        .collect_view();
    view! { <div class="chips" role="group" aria-label="Rows to look at">{buttons}</div> }
}

/// The smallest margin a pair may have; picks again at once.
#[component]
#[expect(clippy::cast_possible_truncation, reason = "a margin is small")]
fn MinMargin() -> impl IntoView {
    let page = Workbench::here();
    let value = Memo::new(move |_| {
        page.desk.with(|desk| desk.as_ref().map_or(0.0, |desk| f64::from(desk.session().config.min_margin)))
    });
    let shown = move || (value.get() * 1e4).round() / 1e4;
    let change = move |event: web_sys::Event| {
        if let Ok(margin) = event_target_value(&event).parse::<f64>()
            && margin.is_finite()
        {
            spawn_local(method::set_min_margin(page, margin.clamp(0.0, 2.0) as f32));
        }
    };
    view! {
        <label class="min-margin">
            <span>"Minimum margin"</span>
            <input
                class="field__input number"
                data-testid="min-margin"
                type="number"
                min="0"
                max="2"
                step="0.05"
                prop:value=shown
                on:change=change
            />
        </label>
    }
}

fn summary_words(summary: &Summary) -> String {
    let exported = words::plural(summary.n_exported, "pair to export", "pairs to export");
    if summary.n_gold == 0 {
        return exported;
    }
    format!(
        "{exported} · chosen right {} of {} · rejected wrong {} of {}",
        summary.n_chosen_right, summary.n_gold, summary.n_rejected_wrong, summary.n_gold
    )
}
