//! The acts on the row that is looked at, each with its key, how far the review is, and what was decided last.

use leptos::prelude::*;

use super::{
    super::super::{
        actions::{annotator, commands, walk},
        keymap::Command,
        row_focus,
        state::{Part, Workbench},
        words,
    },
    note_field::NoteField,
    reasons::Reasons,
};
use crate::{browser::clock, curation::time_left};

/// The acts in their order, each by its name on the button.
const ACTS: [(&[(Command, &str)], &str); 4] = [
    (
        &[(Command::Accept, "Accept"), (Command::Swap, "Swap"), (Command::LeaveOut, "Leave out")],
        "Judge the pair",
    ),
    (
        &[
            (Command::Tie, "Tie"),
            (Command::BothGood, "Both good"),
            (Command::BothBad, "Both bad"),
            (Command::CannotJudge, "Cannot judge"),
            (Command::Harmful, "Harmful"),
        ],
        "No pair, because",
    ),
    (
        &[
            (Command::Reasons, "Reasons"),
            (Command::Flag, "Flag"),
            (Command::Note, "Note"),
            (Command::Edit, "Edit"),
            (Command::Reset, "Reset"),
        ],
        "Say more",
    ),
    (
        &[
            (Command::Undo, "Undo"),
            (Command::Redo, "Redo"),
            (Command::Previous, "Previous"),
            (Command::Next, "Next"),
        ],
        "Move",
    ),
];

/// The bar; it stays at the lower edge of the window.
#[component]
pub fn ActionBar() -> impl IntoView {
    let page = Workbench::here();
    let groups = ACTS.into_iter().map(|(acts, label)| {
        let buttons = acts.iter().map(|(command, name)| view! { <ActButton command=*command name=*name /> });
        view! { <div class="acts-bar__group" role="group" aria-label=label>{buttons.collect_view()}</div> }
    });
    view! {
        <div class="acts-bar" data-testid="action-bar" role="group" aria-label="Acts">
            <RowProblem />
            <Done />
            {move || match page.review.part.get() {
                Some(Part::Reasons) => Some(view! { <Reasons /> }.into_any()),
                Some(Part::Note) => Some(view! { <NoteField /> }.into_any()),
                Some(Part::Edit(_)) | None => None,
            }}
            <div class="acts-bar__acts">{groups.collect_view()}</div>
            <div class="acts-bar__line">
                <Progress />
                <p class="acts-bar__said" role="status" data-testid="said">{page.review.said}</p>
            </div>
        </div>
    }
}

#[component]
fn ActButton(
    /// What it does.
    command: Command,
    /// What stands on it.
    name: &'static str,
) -> impl IntoView {
    let page = Workbench::here();
    let key = move || page.review.keys.with(|keys| keys.shown(command));
    let can = Memo::new(move |_| match command {
        Command::Undo => page
            .desk
            .with(|desk| desk.as_ref().is_some_and(|desk| desk.curation().can_undo(&annotator::name()))),
        Command::Redo => page
            .desk
            .with(|desk| desk.as_ref().is_some_and(|desk| desk.curation().can_redo(&annotator::name()))),
        _ => true,
    });
    let is_open = move || match (command, page.review.part.get()) {
        (Command::Reasons, part) => Some((part == Some(Part::Reasons)).to_string()),
        (Command::Note, part) => Some((part == Some(Part::Note)).to_string()),
        _ => None,
    };
    let n_reasons = move || {
        let n = page.review.draft.with(|draft| draft.reasons.len());
        (command == Command::Reasons && n > 0).then(|| format!(" ({n})"))
    };
    view! {
        <button
            type="button"
            class="button acts-bar__act"
            class:button--strong=command == Command::Accept
            data-testid=command.as_str()
            disabled=move || !can.get()
            aria-expanded=is_open
            title=command.words()
            on:click=move |_| commands::run(page, command)
        >
            {name}{n_reasons}" "<kbd>{key}</kbd>
        </button>
    }
}

/// Why the last act could not be done.
#[component]
pub fn RowProblem() -> impl IntoView {
    let page = Workbench::here();
    view! {
        <div role="alert">
            {move || {
                page.review.problem.get().map(|problem| view! {
                    <div class="note note--fault row-problem" data-testid="row-problem">
                        <p>{problem}</p>
                        <button type="button" class="button button--small" on:click=move |_| {
                            page.review.problem.set(None);
                            row_focus::enter(page.focus.get_untracked().cell);
                        }>
                            "Dismiss "<kbd>"Esc"</kbd>
                        </button>
                    </div>
                })
            }}
        </div>
    }
}

/// That everything is decided, and what can be done next.
#[component]
pub fn Done() -> impl IntoView {
    let page = Workbench::here();
    let to_files = move |_| {
        page.review.fold_rail(false);
        request_animation_frame(|| {
            let button = document().query_selector("[data-testid=download-trl]").ok().flatten();
            if let Some(button) = button {
                button.scroll_into_view();
            }
        });
    };
    move || {
        page.review.is_done.get().then(|| {
            let first = page.review.listing.with_untracked(|listing| listing.get(0));
            view! {
                <div class="note done" data-testid="all-decided">
                    <p>
                        <strong>{walk::all_decided_words(page)}</strong>
                        " Download the pairs, or look at what you decided."
                    </p>
                    <div class="note__acts">
                        <button type="button" class="button button--strong" on:click=to_files>"To the downloads"</button>
                        {first.map(|cell| view! {
                            <button type="button" class="button" on:click=move |_| {
                                page.look_at(cell);
                                row_focus::enter(cell);
                            }>
                                "Back to the first row"
                            </button>
                        })}
                    </div>
                </div>
            }
        })
    }
}

/// How many rows are decided, and how long the rest takes.
#[component]
fn Progress() -> impl IntoView {
    let page = Workbench::here();
    let words = Memo::new(move |_| {
        page.desk.with(|desk| {
            let desk = desk.as_ref()?;
            let (decided, all) = walk::progress(desk);
            let left = time_left(&desk.session().events, &annotator::name(), all - decided, clock::ms_of);
            let left = left
                .filter(|secs| *secs > 0.0)
                .map(|secs| format!(" · about {} left", words::duration(secs)));
            Some(format!("{decided} of {all} decided{}", left.unwrap_or_default()))
        })
    });
    view! { <p class="acts-bar__progress number" data-testid="progress-words">{words}</p> }
}
