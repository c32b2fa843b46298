//! Drafts of missing texts: asked for, and confirmed or discarded all at once.

use leptos::{prelude::*, task::spawn_local};

use super::super::super::super::{
    actions::drafts::{self, Drafted},
    state::{Activity, Place, Workbench},
    words,
};
use super::super::super::{fault_note::FaultNote, run_bar::Underway};
use super::editor::TITLE_ID;
use crate::{browser::clock, curation::PromptEdit};

/// Where the focus goes when the button that had it is gone.
const ID: &str = "editor-drafts";
/// Most problems that are listed.
const LISTED: usize = 20;

/// How many texts are missing, a button to have them drafted, and what there is of drafts.
#[component]
pub fn Drafts(
    /// The set.
    edit: RwSignal<PromptEdit>,
    /// Goes to the next draft.
    go_to_next: Callback<()>,
) -> impl IntoView {
    let page = Workbench::here();
    let drafted = RwSignal::new(Drafted::default());
    let is_drafting = Memo::new(move |_| page.active.get().activity == Activity::Drafting);
    // Drafts go nowhere without the editor.
    on_cleanup(move || {
        if page.active.get_untracked().activity == Activity::Drafting {
            page.cancel();
        }
    });
    let n_missing = Memo::new(move |_| edit.with(PromptEdit::n_missing));
    let n_drafts = Memo::new(move |_| edit.with(PromptEdit::n_drafts));
    let has_something = Memo::new(move |_| is_drafting.get() || n_missing.get() > 0 || n_drafts.get() > 0);
    let draft = move |_| {
        spawn_local(async move {
            drafts::draft(page, edit, drafted).await;
            refocus().await;
        });
        spawn_local(refocus());
    };
    let all = move |act: fn(&mut PromptEdit)| {
        edit.update(act);
        spawn_local(refocus());
    };
    view! {
        <section class="editor__drafts" id=ID tabindex="-1" aria-label="Drafts" data-testid="drafts" hidden=move || !has_something.get()>
            <Show when=move || is_drafting.get()>
                <Underway />
            </Show>
            <Show when=move || !is_drafting.get() && n_missing.get() != 0>
                <Ask n_missing on_draft=Callback::new(draft) />
            </Show>
            <p class="field__help" role="status" data-testid="drafted">{move || drafted.with(Drafted::words)}</p>
            {move || drafted.with(|drafted| {
                let items = drafted.problems.iter().take(LISTED).map(|problem| view! { <li>{words::sentence(problem)}</li> }).collect_view();
                (!drafted.problems.is_empty()).then(|| view! { <ul class="editor__problems" data-testid="draft-problems">{items}</ul> })
            })}
            <FaultNote place=Place::Drafts />
            <Show when=move || n_drafts.get() != 0>
                <p data-testid="n-drafts">{move || format!("{} that nobody has confirmed.", words::plural(n_drafts.get(), "text is a draft", "texts are drafts"))}</p>
                <div class="row">
                    <button type="button" class="button" data-testid="next-draft" on:click=move |_| go_to_next.run(())>"Next draft"</button>
                    <button type="button" class="button" data-testid="confirm-all" on:click=move |_| all(PromptEdit::confirm_all)>"Confirm all"</button>
                    <button type="button" class="button button--quiet" data-testid="discard-all" on:click=move |_| all(PromptEdit::discard_all)>
                        "Discard all drafts"
                    </button>
                </div>
            </Show>
        </section>
    }
}

/// The button that has them drafted, or why it cannot.
#[component]
fn Ask(
    /// Texts that are missing.
    n_missing: Memo<usize>,
    /// Has them drafted.
    on_draft: Callback<()>,
) -> impl IntoView {
    let page = Workbench::here();
    let model = Memo::new(move |_| {
        page.models.with(|models| models.generator.as_ref().map(|model| model.name.clone()))
    });
    let label = move || {
        let texts = words::plural(n_missing.get(), "missing text", "missing texts");
        match model.get() {
            Some(name) => format!("Draft {texts} with {name}"),
            None => format!("Draft {texts}"),
        }
    };
    let obstacle = move || match (model.with(Option::is_some), page.is_busy.get()) {
        (_, true) => "Wait until what is under way is done.",
        (false, _) => "Load a model first: close this dialog and open one under Model.",
        (true, false) => {
            "The model translates them from English, or from the anchor where there is no English text. Each draft is marked until you confirm it."
        }
    };
    view! {
        <button
            type="button"
            class="button"
            data-testid="draft-missing"
            aria-describedby="draft-help"
            disabled=move || page.is_busy.get() || model.with(Option::is_none)
            on:click=move |_| on_draft.run(())
        >
            {label}
        </button>
        <p class="field__help" id="draft-help" data-testid="draft-help">{obstacle}</p>
    }
}

/// Keeps the focus in the dialog where what had it is gone with the next frame.
async fn refocus() {
    use wasm_bindgen::JsCast;
    clock::next_frame().await;
    let is_lost = document().active_element().is_none_or(|element| {
        element.tag_name() == "BODY" || element.tag_name() == "DIALOG" || element.has_attribute("disabled")
    });
    let group = document().get_element_by_id(ID).filter(|group| !group.has_attribute("hidden"));
    let group = group.or_else(|| document().get_element_by_id(TITLE_ID)).filter(|_| is_lost);
    let _focused =
        group.and_then(|group| group.dyn_into::<web_sys::HtmlElement>().ok()).map(|group| group.focus());
}
