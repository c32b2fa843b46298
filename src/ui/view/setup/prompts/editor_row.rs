//! A prompt in the editor: closed a line, open its texts, its gold answer and its task.

use leptos::{html::Textarea, prelude::*};

use super::super::super::{super::words, disclosure::Disclosure};
use crate::{
    curation::PromptEdit,
    data::{Language, Prompt, RowProblem, TaskKind},
};

/// Characters of the text that the line shows.
const SHOWN: usize = 80;
/// Tasks, their values and what they are called.
const TASKS: [(TaskKind, &str, &str); 3] = [
    (TaskKind::Math, "math", "Math: a final number"),
    (TaskKind::Code, "code", "Code: a snippet"),
    (TaskKind::General, "general", "General: a text"),
];

/// The id of a prompt's element.
pub fn id_of(key: usize) -> String {
    format!("edit-{key}")
}

/// One prompt.
#[component]
pub fn EditorRow(
    /// The set.
    edit: RwSignal<PromptEdit>,
    /// Which prompt of it.
    key: usize,
    /// Whether it was just added: then it is open, and its first field has the focus.
    is_new: bool,
    /// Deletes the prompt.
    delete: Callback<usize>,
) -> impl IntoView {
    let line = Memo::new(move |_| edit.with(|edit| edit.prompt(key).map(|prompt| line(edit, key, prompt))));
    let summary = Signal::derive(move || line.get().unwrap_or_default());
    let has_problem = Memo::new(move |_| edit.with(|edit| !edit.problems_of(key).is_empty()));
    let is_open = RwSignal::new(is_new);
    view! {
        <li class="editor__row" class:editor__row--problem=move || has_problem.get() id=id_of(key) tabindex="-1" data-testid="editor-row">
            <Disclosure summary is_open class="editor__prompt" testid="editor-summary">
                <Fields edit key is_new delete />
            </Disclosure>
        </li>
    }
}

/// Number, id, the beginning of the text in the first language that has one, what is missing and what is wrong.
fn line(edit: &PromptEdit, key: usize, prompt: &Prompt) -> String {
    let number = edit.place(key).map_or(0, |place| place + 1);
    let text = edit.languages().iter().find_map(|language| prompt.text.get(language));
    let text = text.map_or("no text", String::as_str);
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    let n_missing = edit.languages().iter().filter(|language| !prompt.text.contains_key(language)).count();
    let missing = match n_missing {
        0 => String::new(),
        n => format!(" · {} missing", words::plural(n, "text", "texts")),
    };
    let drafts = match prompt.drafts.len() {
        0 => String::new(),
        n => format!(" · {}", words::plural(n, "draft", "drafts")),
    };
    let problems = match edit.problems_of(key).len() {
        0 => String::new(),
        n => format!(" · {}", words::plural(n, "problem", "problems")),
    };
    format!("{number}. {} · {shown}{missing}{drafts}{problems}", prompt.id)
}

/// What is open.
#[component]
fn Fields(
    /// The set.
    edit: RwSignal<PromptEdit>,
    /// Which prompt of it.
    key: usize,
    /// Whether the first field takes the focus.
    is_new: bool,
    /// Deletes the prompt.
    delete: Callback<usize>,
) -> impl IntoView {
    let languages = Memo::new(move |_| edit.with(|edit| edit.languages().to_vec()));
    let first = languages.with_untracked(|languages| languages.first().cloned());
    let answer = Memo::new(move |_| {
        edit.with(|edit| edit.prompt(key).and_then(|prompt| prompt.answer.clone()).unwrap_or_default())
    });
    let task = edit.with_untracked(|edit| edit.prompt(key).map(|prompt| prompt.task).unwrap_or_default());
    let tasks = TASKS.map(|(kind, value, name)| {
        view! { <option value=value selected=kind == task>{name}</option> }
    });
    let set_task = move |event: web_sys::Event| {
        let value = event_target_value(&event);
        if let Some((kind, ..)) = TASKS.into_iter().find(|(_, name, _)| *name == value) {
            edit.update(|edit| edit.set_task(key, kind));
        }
    };
    let problems = Memo::new(move |_| edit.with(|edit| edit.problems_of(key)));
    let problems_id = format!("edit-{key}-problems");
    let answer_id = format!("edit-{key}-answer");
    let task_id = format!("edit-{key}-task");
    let text = move |language: Language| {
        let takes_focus = is_new && first.as_ref() == Some(&language);
        view! { <TextField edit key language takes_focus /> }
    };
    view! {
        <div class="editor__fields">
            <For each=move || languages.get() key=|language| language.clone() children=text />
            <div class="editor__facts">
                <div class="field">
                    <label class="field__label" for=answer_id.clone()>"Gold answer"</label>
                    <input
                        id=answer_id
                        class="field__input"
                        type="text"
                        dir="auto"
                        autocomplete="off"
                        aria-describedby=problems_id.clone()
                        data-testid="edit-answer"
                        prop:value=answer
                        on:input=move |event| edit.update(|edit| edit.set_answer(key, event_target_value(&event)))
                    />
                </div>
                <div class="field">
                    <label class="field__label" for=task_id.clone()>"Task"</label>
                    <select id=task_id class="field__input" data-testid="edit-task" on:change=set_task>{tasks}</select>
                </div>
            </div>
            <ul class="editor__problems" id=problems_id data-testid="edit-problems">
                {move || problems.get().into_iter().map(problem).collect_view()}
            </ul>
            <button type="button" class="button button--quiet" data-testid="delete-prompt" on:click=move |_| delete.run(key)>
                "Delete this prompt"
            </button>
        </div>
    }
}

fn problem(found: RowProblem) -> impl IntoView {
    let RowProblem { reason, fix, left_out, .. } = found;
    view! { <li>{words::sentence(&format!("{reason}; {fix}"))}{left_out.then_some(" Until then it is left out.")}</li> }
}

/// The text in one language.
#[component]
fn TextField(
    /// The set.
    edit: RwSignal<PromptEdit>,
    /// Which prompt of it.
    key: usize,
    /// In which language.
    language: Language,
    /// Whether it takes the focus.
    takes_focus: bool,
) -> impl IntoView {
    let area = NodeRef::<Textarea>::new();
    Effect::new(move |_| {
        if let Some(area) = area.get().filter(|_| takes_focus) {
            let _focused = area.focus();
        }
    });
    let info = language.info();
    let tag = language.as_str().to_owned();
    let id = format!("edit-{key}-{tag}");
    let label = format!("{} ({tag})", info.english);
    let of = language.clone();
    let text = Memo::new(move |_| {
        edit.with(|edit| {
            edit.prompt(key).and_then(|prompt| prompt.text.get(&of).cloned()).unwrap_or_default()
        })
    });
    let of = language.clone();
    let drafted_by = Memo::new(move |_| {
        edit.with(|edit| edit.prompt(key).and_then(|prompt| prompt.drafted_by(&of).map(str::to_owned)))
    });
    let of = StoredValue::new(language.clone());
    let act = move |act: fn(&mut PromptEdit, usize, &Language)| {
        edit.update(|edit| of.with_value(|language| act(edit, key, language)));
        // The button goes with the draft.
        let _focused = area.get_untracked().map(|area| area.focus());
    };
    let draft_id = format!("{id}-draft");
    let described_by = draft_id.clone();
    let name = info.english.clone();
    let mark = move || drafted_by.get().map(|model| words::draft_mark(&model));
    let (confirm, discard) = (format!("Confirm the {name} draft"), format!("Discard the {name} draft"));
    let write = move |event| edit.update(|edit| edit.set_text(key, &language, event_target_value(&event)));
    view! {
        <div class="field">
            <label class="field__label" for=id.clone()>{label}</label>
            <textarea
                id=id
                class="field__input editor__text"
                rows="3"
                lang=tag.clone()
                dir=info.direction.as_str()
                data-testid="edit-text"
                aria-describedby=described_by
                data-language=tag.clone()
                node_ref=area
                prop:value=text
                on:input=write
            ></textarea>
            <div class="row editor__draft" hidden=move || drafted_by.with(Option::is_none)>
                <span id=draft_id data-testid="draft-mark" data-language=tag.clone()>{mark}</span>
                <button type="button" class="button button--small" data-testid="confirm-draft" aria-label=confirm on:click=move |_| act(PromptEdit::confirm)>
                    "Confirm"
                </button>
                <button type="button" class="button button--small button--quiet" data-testid="discard-draft" aria-label=discard on:click=move |_| act(PromptEdit::discard)>
                    "Discard"
                </button>
            </div>
        </div>
    }
}
