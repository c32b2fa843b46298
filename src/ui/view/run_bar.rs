//! The run: the one prominent button, then progress, time left and Cancel in its place.

use leptos::{prelude::*, task::spawn_local};

use super::{
    super::{
        actions::{files, run},
        state::{Place, Workbench},
        words,
    },
    fault_note::FaultNote,
    notice::Notice,
};
use crate::{
    curation::Setup,
    protocol::{ModelInfo, Thinking},
};

/// Build, or progress and Cancel.
#[component]
pub fn RunBar() -> impl IntoView {
    let page = Workbench::here();
    let problems = Memo::new(move |_| page.run.with(|run| some(run.problems.clone())));
    // What interrupted the run stands in its notice; whoever hears the page hears it here.
    let is_in_notice = move || page.status.with(|status| page.interrupted.get().as_ref() == Some(status));
    view! {
        <section class="run" aria-label="Run">
            {move || if page.is_busy.get() { view! { <Underway /> }.into_any() } else { view! { <Start /> }.into_any() }}
            <p
                class="run__status"
                class:visually-hidden=is_in_notice
                role="status"
                data-testid="status-message"
            >
                {page.status}
            </p>
            <FaultNote place=Place::Run />
            <Notice says=problems class="note note--warn" testid="run-problems" show=|problems| {
                let items = problems.into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
                view! {
                    <p><strong>"Some things did not go as planned."</strong></p>
                    <ul>{items}</ul>
                }.into_any()
            } />
        </section>
    }
}

/// The button, what it will do, and what still keeps it from doing so.
#[component]
fn Start() -> impl IntoView {
    let page = Workbench::here();
    let blockers = Memo::new(move |_| page.setup.with(|setup| setup.blockers()));
    let warnings = Memo::new(move |_| page.setup.with(|setup| some(setup.warnings())));
    let asks = Memo::new(move |_| page.run.with(|run| run.asks_to_replace));
    let plan = move || {
        page.setup.with(|setup| {
            let (n_prompts, n_languages) = (setup.prompts().len(), setup.config().languages.len());
            format!(
                "{} × {} × {} = {}",
                words::plural(n_prompts, "prompt", "prompts"),
                words::plural(n_languages, "language", "languages"),
                words::plural(setup.config().n as usize, "sample", "samples"),
                words::plural(setup.n_responses(), "response", "responses"),
            )
        })
    };
    let cost = move || {
        let model = page.models.with(|models| models.generator.clone());
        page.setup.with(|setup| cost_words(setup, model.as_ref()))
    };
    view! {
        <div class="run__line">
            <button
                type="button"
                class="button button--strong"
                data-testid="build-button"
                disabled=move || !blockers.get().is_empty()
                on:click=move |_| spawn_local(run::build(page))
            >
                "Build pairs"
            </button>
            <p class="run__plan number">{plan}<br /><span data-testid="run-cost">{cost}</span></p>
        </div>
        {move || {
            let items = blockers.get().into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
            (!blockers.get().is_empty()).then(|| view! { <ul class="run__blockers">{items}</ul> })
        }}
        <Notice says=warnings class="note note--warn" testid="setup-warnings" show=|warnings| {
            let items = warnings.into_iter().map(|text| view! { <p>{text}</p> }).collect_view();
            view! { <div>{items}</div> }.into_any()
        } />
        <Show when=move || asks.get()>
            <AskToReplace />
        </Show>
    }
}

/// A list, where there is something in it.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// What a run takes at most, in tokens, and in time where it is known how fast the model is.
fn cost_words(setup: &Setup, model: Option<&ModelInfo>) -> String {
    let thinks = model.is_some_and(|model| match model.thinking {
        Thinking::Never => false,
        Thinking::Switch => setup.config().thinking,
        Thinking::Always => true,
    });
    let most = setup.most_tokens(model.map_or(u32::MAX, |model| model.seq_len), thinks);
    let limit = match setup.config().max_tokens {
        Some(limit) => format!("limit {}", words::plural(limit as usize, "token", "tokens")),
        None => "limit measured on the first prompts".to_owned(),
    };
    let rate = model.map_or(0.0, |model| model.measured.webgpu.max(model.measured.cpu));
    let time = match rate > 0.0 {
        true => format!(", {}", words::duration(most / rate)),
        false => String::new(),
    };
    format!("{limit}: at most {} tokens{time}", words::count(most))
}

/// A new run replaces the session: asked once where decisions would be lost.
#[component]
fn AskToReplace() -> impl IntoView {
    let page = Workbench::here();
    let stake = run::at_stake(page);
    let has_desk = page.desk.with_untracked(Option::is_some);
    view! {
        <div class="note note--warn" role="alertdialog" aria-label="Replace the session?">
            <p>
                <strong>"A new run replaces this session. "</strong>
                {stake}
            </p>
            <div class="note__acts">
                <Show when=move || has_desk>
                    <button type="button" class="button" on:click=move |_| spawn_local(files::download_session(page))>
                        "Download the session"
                    </button>
                </Show>
                <button
                    type="button"
                    class="button"
                    data-testid="replace-button"
                    on:click=move |_| spawn_local(run::build(page))
                >
                    "Replace it"
                </button>
                <button
                    type="button"
                    class="button button--quiet"
                    on:click=move |_| page.run.update(|run| run.asks_to_replace = false)
                >
                    "Keep it"
                </button>
            </div>
        </div>
    }
}

/// Progress of a load or a run, and Cancel.
#[component]
pub fn Underway() -> impl IntoView {
    let page = Workbench::here();
    let is_cancelling = Memo::new(move |_| page.active.get().is_cancelling);
    let interrupted = Memo::new(move |_| page.interrupted.get());
    let share = move || page.progress.with(words::share);
    let facts = move || {
        page.progress.with(|progress| {
            let rate = (progress.tokens_per_sec > 0.0).then(|| words::rate(progress.tokens_per_sec));
            let rows = (progress.rows_live > 0).then(|| format!("{} at once", progress.rows_live));
            let left = progress.remaining_secs.map(|secs| format!("{} left", words::duration(secs)));
            let bytes = words::byte_rate(progress.bytes_per_sec);
            [rate, bytes, rows, left].into_iter().flatten().collect::<Vec<_>>().join(" · ")
        })
    };
    view! {
        <div class="run__line">
            <button
                type="button"
                class="button"
                data-testid="cancel-button"
                disabled=is_cancelling
                on:click=move |_| page.cancel()
            >
                {move || if is_cancelling.get() { "Stopping…" } else { "Cancel" }}
            </button>
            <div class="run__progress" data-testid="progress">
                <progress
                    class="progress"
                    max="1"
                    prop:value=move || share().unwrap_or_default()
                    class:progress--unknown=move || share().is_none()
                    aria-label="Progress"
                ></progress>
                <p class="run__facts number">
                    <span>{move || page.progress.with(words::stage_words)}</span>
                    <span>{facts}</span>
                </p>
            </div>
        </div>
        <Notice says=interrupted testid="interrupted" show=|said| view! { <p>{said}</p> }.into_any() />
    }
}
