//! The whole page.

use leptos::{ev, prelude::*, task::spawn_local};

use super::{
    super::{
        actions::{keep, model, prompts, run, settings},
        client, route,
        screen::View,
        state::{Look, Mode, Workbench},
    },
    agreement::AgreementScreen,
    batches::BatchesScreen,
    compare::CompareScreen,
    example::LookAtExample,
    export::ExportPanel,
    header::Header,
    key_sheet::KeySheet,
    keys,
    lesson::LessonScreen,
    notices::{PageNotice, UnfinishedNotice},
    pairs::{
        board::Board,
        desk_view::{DeskView, RailButton},
        live_pane::LivePane,
    },
    representations::RepresentationsScreen,
    run_bar::RunBar,
    sessions::SessionsPanel,
    setup::{
        languages_panel::LanguagesPanel, model_panel::ModelPanel, prompts::PromptsPanel,
        settings_panel::SettingsPanel,
    },
    speech::Speech,
};
use crate::{
    browser::{offline, preferences},
    curation::{Cell, Shipped},
};

/// The page: the header, and the screen that the URL names.
#[component]
pub fn App() -> impl IntoView {
    let has_letter_keys = preferences::get("letter-keys").as_deref() != Some("off");
    let page = Workbench::new(has_letter_keys, model::kept_backend());
    provide_context(page);
    let linked = settings::out_of_url();
    settings::listen(page);
    keys::listen(page);
    route::listen(page);
    save_when_shown(page);
    let copy = RwSignal::new(offline::Copy::None);
    // Another tab may have let the newer version take over; this one still runs the older.
    let hear =
        move |now| copy.update(|copy| *copy = if *copy == offline::Copy::NewerWaits { *copy } else { now });
    spawn_local(offline::keep_page(hear));
    spawn_local(async move {
        let environment = client::environment().await;
        page.environment.set(Some(environment));
    });
    let is_restored = RwSignal::new(false);
    spawn_local(async move {
        keep::restore(page).await;
        if page.desk.with_untracked(Option::is_none) {
            prompts::take_shipped(page, Shipped::Starter).await;
            page.focus.update(|focus| focus.cell = Cell { prompt: 0, language: 1 });
        }
        settings::restore(page, linked);
        is_restored.set(true);
        run::resume_alone(page).await;
    });
    Effect::new(move |_| {
        if is_restored.get() {
            settings::keep(page);
        }
    });
    let skip = move |event: web_sys::MouseEvent| {
        // The hash names the screen, so it stays.
        event.prevent_default();
        route::focus_content();
    };
    view! {
        <a class="skip-link" href=format!("#{}", route::CONTENT_ID) on:click=skip>"Skip to the content"</a>
        <Header />
        <PageNotice copy />
        <PairsScreen />
        {move || match page.view.get() {
            View::Pairs => ().into_any(),
            View::Lesson => view! { <LessonScreen /> }.into_any(),
            View::Compare => view! { <CompareScreen /> }.into_any(),
            View::Representations => view! { <RepresentationsScreen /> }.into_any(),
            View::Batches => view! { <BatchesScreen /> }.into_any(),
            View::Agreement => view! { <AgreementScreen /> }.into_any(),
        }}
        <footer class="foot">
            // In a tab of its own: a run goes on behind it.
            <a href="./third-party.txt" target="_blank" rel="noopener" data-testid="third-party">"Licences of the software in this page"</a>
            {move || {
                let is_whole = copy.get() != offline::Copy::None;
                is_whole.then(|| view! { <span data-testid="works-offline">"Works offline"</span> })
            }}
        </footer>
        <KeySheet />
    }
}

/// Setup on one side, the run and its results on the other. Hidden while another screen is shown, so that what is open
/// in it stays open.
#[component]
fn PairsScreen() -> impl IntoView {
    let page = Workbench::here();
    let mode = Memo::new(move |_| page.mode());
    let is_hidden = Memo::new(move |_| page.view.get() != View::Pairs);
    let is_review = Memo::new(move |_| mode.get() == Mode::Review);
    let is_folded = Memo::new(move |_| is_review.get() && page.review.is_rail_folded());
    let content_id = move || (!is_hidden.get()).then_some(route::CONTENT_ID);
    view! {
        <main
            class="bench"
            class:bench--folded=is_folded
            class:bench--desk=move || is_review.get() && page.review.look() != Look::Overview
            hidden=is_hidden
        >
            <div class="bench__setup">
                <Show when=move || is_review.get()>
                    <RailButton />
                </Show>
                <div id="setup" hidden=is_folded>
                    <ModelPanel />
                    <PromptsPanel />
                    <LanguagesPanel />
                    <SettingsPanel />
                    <ExportPanel />
                    <SessionsPanel />
                </div>
            </div>
            <div class="bench__work" id=content_id tabindex="-1">
                <UnfinishedNotice />
                <RunBar />
                <Show when=move || !is_review.get()>
                    <Board />
                </Show>
                {move || match mode.get() {
                    Mode::Setup => view! { <Welcome /> }.into_any(),
                    Mode::Running => view! { <LivePane /> }.into_any(),
                    Mode::Review => view! { <DeskView /> }.into_any(),
                }}
            </div>
        </main>
    }
}

/// What will happen, and the looked-at question in its language.
#[component]
fn Welcome() -> impl IntoView {
    let page = Workbench::here();
    let question = Memo::new(move |_| {
        let cell = page.focus.with(|focus| focus.cell);
        page.sheet.with(|sheet| {
            let prompt = sheet.prompts.get(cell.prompt)?;
            let pairs = sheet.languages.iter().filter_map(|language| {
                prompt.text.get(language).map(|text| (language.clone(), text.clone()))
            });
            Some((cell.prompt + 1, pairs.collect::<Vec<_>>()))
        })
    });
    view! {
        <section class="welcome" aria-labelledby="welcome-title">
            <h2 id="welcome-title">"Preference pairs from what a model agrees on across languages"</h2>
            <ol class="welcome__steps">
                <li>"A small language model runs in your browser and answers every prompt in every language several times."</li>
                <li>"In the anchor language, the response that most others agree with becomes the reference."</li>
                <li>"In every other language, the response closest to the reference is chosen and the one furthest from it rejected."</li>
                <li>"You check the pairs and download a file for a preference trainer."</li>
            </ol>
            <div class="row"><LookAtExample /></div>
            {move || {
                question.get().map(|(number, texts)| {
                    let items = texts
                        .into_iter()
                        .map(|(language, text)| view! { <li><Speech language text /></li> })
                        .collect_view();
                    view! {
                        <h3>{format!("Prompt {number} in every language")}</h3>
                        <ul class="welcome__texts">{items}</ul>
                    }
                })
            }}
        </section>
    }
}

/// Somebody who comes back to the tab may have made room: what could not be saved is tried again. And a tab may have been open
/// since long before the newest version.
fn save_when_shown(page: Workbench) {
    let shown = window_event_listener(ev::visibilitychange, move |_| {
        keep::retry_now(page);
        if !document().hidden() {
            spawn_local(offline::look_for_newer());
        }
    });
    on_cleanup(move || shown.remove());
}
