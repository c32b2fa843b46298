//! The prompts of the next run.

pub mod columns;
pub mod drafts;
pub mod editor;
pub mod editor_row;
mod embed_form;
pub mod import_dialog;
pub mod paste;
pub mod preview;
pub mod problems;
pub mod responses;
pub mod source_fields;

use leptos::{prelude::*, task::spawn_local};

use self::{
    editor::PromptEditor,
    import_dialog::ImportDialog,
    paste::PasteBox,
    problems::Problems,
    responses::{ResponsesButton, ResponsesDialog},
    source_fields::SourceFields,
};
use super::super::{
    super::{
        actions::prompts,
        state::{Place, Workbench},
        words,
    },
    fault_note::FaultNote,
    fields::FileButton,
    speech::Speech,
};
use crate::{
    browser::picked::Picked,
    curation::{PromptOrigin, Setup, Shipped},
    data::Prompt,
};

/// Most prompts that the list shows at once.
const LISTED: usize = 50;
/// What the file dialog offers.
const ACCEPTED: &str = ".json,.jsonl,.ndjson,.csv,.tsv,.txt,.parquet,.xlsx,.xlsm,.ods,.zip,.gz,application/json,text/csv,text/tab-separated-values";

/// Which prompts run, where they came from, and what is wrong with them.
#[component]
pub fn PromptsPanel() -> impl IntoView {
    let page = Workbench::here();
    let origin = Memo::new(move |_| page.setup.with(|setup| setup.origin().clone()));
    let counts = Memo::new(move |_| page.setup.with(|setup| (setup.prompts().len(), setup.n_available())));
    let n_drafts = Memo::new(move |_| page.setup.with(Setup::n_drafts));
    let is_editing = RwSignal::new(false);
    let title = move || match origin.get() {
        PromptOrigin::Shipped(Shipped::Starter) => "Starter prompts, most with known answers".to_owned(),
        PromptOrigin::Shipped(Shipped::Practice) => "Practice word problems, answers withheld".to_owned(),
        PromptOrigin::File(name) => name,
        PromptOrigin::Session => "Prompts of the session".to_owned(),
    };
    let set_count = move |event: web_sys::Event| {
        if let Ok(n) = event_target_value(&event).parse() {
            page.setup.update(|setup| setup.set_count(n));
        }
        let input: web_sys::HtmlInputElement = event_target(&event);
        input.set_value(&counts.get_untracked().0.to_string());
    };
    let has_responses = Memo::new(move |_| page.response_import.with(Option::is_some));
    view! {
        <section class="panel" aria-labelledby="prompts-title">
            <h2 id="prompts-title">"Prompts"</h2>
            <p class="panel__lead"><bdi>{title}</bdi></p>
            <p class="panel__line count-line">
                <label for="prompt-count">"Use the first"</label>
                <input
                    id="prompt-count"
                    data-testid="prompt-count"
                    class="field__input number"
                    type="number"
                    min="1"
                    max=move || counts.get().1
                    prop:value=move || counts.get().0
                    on:change=set_count
                />
                <span>"of "<span class="number">{move || counts.get().1}</span></span>
            </p>
            <p class="panel__line" data-testid="draft-count" hidden=move || n_drafts.get() == 0>
                {move || format!("{} that nobody has confirmed.", words::plural(n_drafts.get(), "text of these is a draft", "texts of these are drafts"))}
            </p>
            <FaultNote place=Place::Prompts />
            <Problems />
            <SourceFields />
            <Show when=move || page.is_import_open.get()>
                <ImportDialog />
            </Show>
            <Show when=move || has_responses.get()>
                <ResponsesDialog />
            </Show>
            <Show when=move || is_editing.get()>
                <PromptEditor is_open=is_editing />
            </Show>
            <details class="more">
                <summary>"Read them, edit them, or open your own"</summary>
                <div class="more__body">
                    <Ways is_editing />
                    <p class="field__help">
                        "CSV, TSV, JSON, Parquet or a workbook, one file or several, also in a zip archive: a column for each language ("
                        <code>"id, answer, en, sw"</code>"), a row for each, or a file for each ("<code>"questions_sw.tsv"</code>
                        "). You see how it is read before it is used, and can change it. Responses that models have written already open for review without a run: a response or a list of them in each row, with the prompt's id or text beside it."
                    </p>
                    <PasteBox />
                    <PromptList />
                </div>
            </details>
        </section>
    }
}

/// Ways to other prompts, and to change these.
#[component]
fn Ways(
    /// Whether the editor is open.
    is_editing: RwSignal<bool>,
) -> impl IntoView {
    let page = Workbench::here();
    let is_busy = Signal::derive(move || page.is_building());
    let has_import = Memo::new(move |_| page.prompt_import.with(Option::is_some));
    let open = move |picked: Vec<Picked>| spawn_local(prompts::open(page, picked));
    view! {
        <div class="row">
            <FileButton
                label="Open a prompt set"
                accept=ACCEPTED
                is_multiple=true
                testid="open-prompts"
                is_disabled=is_busy
                on_files=open
            />
            <button
                type="button"
                class="button"
                data-testid="edit-prompts"
                disabled=is_busy
                on:click=move |_| is_editing.set(true)
            >
                "Edit"
            </button>
            <ResponsesButton is_disabled=is_busy />
            <ShippedButton set=Shipped::Starter is_busy />
            <ShippedButton set=Shipped::Practice is_busy />
            <Show when=move || has_import.get()>
                <button
                    type="button"
                    class="button"
                    data-testid="how-read"
                    on:click=move |_| page.is_import_open.set(true)
                >
                    "How it was read"
                </button>
            </Show>
        </div>
    }
}

/// The way to a set that ships with the page, while another one is there.
#[component]
fn ShippedButton(set: Shipped, #[prop(into)] is_busy: Signal<bool>) -> impl IntoView {
    let page = Workbench::here();
    let is_other = Memo::new(move |_| page.setup.with(|setup| *setup.origin() != PromptOrigin::Shipped(set)));
    view! {
        <Show when=move || is_other.get()>
            <button
                type="button"
                class="button"
                data-testid=set.file()
                disabled=is_busy
                on:click=move |_| spawn_local(prompts::take_shipped(page, set))
            >
                {set.name()}
            </button>
        </Show>
    }
}

/// The prompts in the anchor language, with the languages each has.
#[component]
fn PromptList() -> impl IntoView {
    let page = Workbench::here();
    let to_item = |prompt: &Prompt, anchor: &crate::data::Language| {
        let shown = prompt.text.get_key_value(anchor).or_else(|| prompt.text.iter().next());
        let (language, text) = shown.map_or((anchor.clone(), String::new()), |(l, t)| (l.clone(), t.clone()));
        let name = |language: &crate::data::Language| {
            let draft = if prompt.drafts.contains_key(language) { " (draft)" } else { "" };
            format!("{}{draft}", language.as_str())
        };
        let languages: Vec<String> = prompt.text.keys().map(name).collect();
        let line = match &prompt.answer {
            Some(answer) => format!("{} · answer {answer}", languages.join(" ")),
            None => languages.join(" "),
        };
        view! {
            <li>
                <Speech language text />
                <p class="prompt-list__facts">{line}</p>
            </li>
        }
    };
    view! {
        <ol class="prompt-list" tabindex="0" aria-label="The prompts">
            {move || {
                page.setup.with(|setup| {
                    let anchor = setup.config().anchor.clone();
                    setup.prompts().iter().take(LISTED).map(|prompt| to_item(prompt, &anchor)).collect_view()
                })
            }}
        </ol>
        {move || {
            let n = page.setup.with(|setup| setup.prompts().len());
            (n > LISTED).then(|| view! { <p class="field__help">{format!("and {} more", n - LISTED)}</p> })
        }}
    }
}
