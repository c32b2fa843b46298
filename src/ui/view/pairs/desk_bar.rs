//! Above the rows: how far the review is, how it is looked at, which rows are shown; in the overview also the smallest margin
//! and what was cut short.

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{
        super::{
            actions::{annotator, commands, method, run},
            keymap::Command,
            row_focus,
            state::{Look, Place, Workbench},
            words,
        },
        disclosure::Disclosure,
        fault_note::FaultNote,
    },
    bulk_dialog::BulkButton,
    filters::Filters,
    margin_panel::MarginPanel,
    pick_note::PickNote,
};
use crate::{
    browser::clock,
    curation::{CutCount, Summary, cut_count, longer_limit, summary},
};

/// Summary, look, filters; in the overview minimum margin, undo and redo.
#[component]
pub fn DeskBar() -> impl IntoView {
    let page = Workbench::here();
    let counted = Memo::new(move |_| page.desk.with(|desk| desk.as_ref().map(summary).unwrap_or_default()));
    let is_overview = Memo::new(move |_| page.review.look() == Look::Overview);
    view! {
        <div class="results-bar">
            <div class="results-bar__head">
                <h2 id="desk-title">"Pairs"</h2>
                <p class="results-bar__summary number" data-testid="summary">{move || summary_words(&counted.get(), page.review.blind.get().is_some())}</p>
                <Looks />
                <Options />
            </div>
            <div class="results-bar__tools">
                <Filters counted />
                <BulkButton />
                <Show when=move || is_overview.get()>
                    <MinMargin />
                    <Turns />
                </Show>
            </div>
            <FaultNote place=Place::Results />
            <PickNote />
            <Show when=move || is_overview.get()>
                <CutNote />
                <MarginPanel />
                <p class="acts-bar__said" role="status" data-testid="said">{page.review.said}</p>
            </Show>
        </div>
    }
}

/// One row, table or overview.
#[component]
fn Looks() -> impl IntoView {
    let page = Workbench::here();
    let buttons = Look::ALL.into_iter().map(|look| {
        view! {
            <button
                type="button"
                class="chip"
                data-testid=format!("look-{}", look.as_str())
                disabled=move || look == Look::Overview && page.review.blind.get().is_some()
                aria-pressed=move || (page.review.look() == look).to_string()
                on:click=move |_| {
                    page.review.set_look(look);
                    let cell = page.focus.get_untracked().cell;
                    request_animation_frame(move || row_focus::reveal(cell));
                }
            >
                {look.name()}
            </button>
        }
    });
    view! { <div class="chips looks" role="group" aria-label="How the rows are shown">{buttons.collect_view()}</div> }
}

/// Blind mode, and who decides.
#[component]
fn Options() -> impl IntoView {
    let page = Workbench::here();
    let set_blind = move |event: web_sys::Event| {
        // Any number does; it is kept with each decision.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the low digits of a time vary most"
        )]
        let seed = (clock::ms_of(&clock::iso_now()).unwrap_or_default() % 4e9) as u32;
        page.review.set_blind(event_target_checked(&event).then_some(seed));
    };
    let rename = move |event: web_sys::Event| {
        annotator::set(&event_target_value(&event));
        // What can be undone is what this person decided.
        page.desk.notify();
    };
    view! {
        <Disclosure class="options" summary="Options" testid="review-options">
            <div class="options__body">
                <label class="switch">
                    <input type="checkbox" data-testid="blind" prop:checked=move || page.review.blind.get().is_some() on:change=set_blind />
                    <span>"Blind: hide method, scores, gold answers and what is chosen; no overview"</span>
                </label>
                <label class="switch">
                    <input type="checkbox" data-testid="differences"
                        prop:checked=move || page.review.has_differences.get().unwrap_or_default()
                        on:change=move |event| page.review.has_differences.set(event_target_checked(&event).then_some(true)) />
                    <span>"Mark differing words also where the sides are not alike"</span>
                </label>
                <label class="row">
                    <span>"Your name"</span>
                    <input
                        class="field__input"
                        data-testid="annotator-name"
                        autocomplete="nickname"
                        maxlength="60"
                        prop:value=annotator::name()
                        on:change=rename
                    />
                </label>
            </div>
        </Disclosure>
    }
}

/// Undo and redo.
#[component]
fn Turns() -> impl IntoView {
    let page = Workbench::here();
    let can = Memo::new(move |_| {
        page.desk.with(|desk| {
            let actor = annotator::name();
            desk.as_ref().map_or((false, false), |desk| {
                (desk.curation().can_undo(&actor), desk.curation().can_redo(&actor))
            })
        })
    });
    let key = move |command: Command| move || page.review.keys.with(|keys| keys.shown(command));
    view! {
        <div class="row">
            <button type="button" class="button" data-testid="undo"
                disabled=move || !can.get().0 on:click=move |_| commands::run(page, Command::Undo)>
                "Undo "<kbd>{key(Command::Undo)}</kbd>
            </button>
            <button type="button" class="button" data-testid="redo"
                disabled=move || !can.get().1 on:click=move |_| commands::run(page, Command::Redo)>
                "Redo "<kbd>{key(Command::Redo)}</kbd>
            </button>
        </div>
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

/// What goes out, and how right it is by gold, which tells in a blind review.
fn summary_words(summary: &Summary, is_blind: bool) -> String {
    let exported = words::plural(summary.n_exported, "pair to export", "pairs to export");
    if summary.n_gold == 0 || is_blind {
        return exported;
    }
    format!(
        "{exported} · answer is gold in {} of {} chosen · is not in {} of {} rejected",
        summary.n_chosen_right, summary.n_gold, summary.n_rejected_wrong, summary.n_gold
    )
}
