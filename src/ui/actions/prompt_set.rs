//! What a person says of the prompt set, and the prompts they write themselves.

use leptos::prelude::*;

use super::{
    super::{
        slices::in_slices,
        state::{Place, Workbench},
        words,
    },
    keep,
};
use crate::{
    align::unreadable_gold,
    curation::{Desk, PromptEdit},
    data::{ImportProblem, PromptSource, Session},
};

/// Takes name, source or licence of the set. A session that was made of these very prompts takes them too, because they are
/// often looked up when the pairs are to go out.
pub fn say(page: Workbench, change: impl FnOnce(&mut PromptSource)) {
    page.setup.update(|setup| setup.change(|config| change(&mut config.prompt_set)));
    let known = page.setup.with_untracked(|setup| {
        let is_of_setup = |session: &Session| {
            session.prompts == setup.prompts() && session.config.prompt_set != setup.config().prompt_set
        };
        let is_theirs =
            page.desk.with_untracked(|desk| desk.as_ref().is_some_and(|desk| is_of_setup(desk.session())));
        is_theirs.then(|| setup.config().prompt_set.clone())
    });
    let Some(known) = known else { return };
    page.desk.update(|desk| {
        if let Some(desk) = desk {
            desk.take_prompt_set(known);
        }
    });
    keep::session_changed(page);
}

/// Takes over a set that was edited, with what is wrong with it.
pub async fn take_edit(page: Workbench, edit: PromptEdit) {
    page.clear_fault(Place::Prompts);
    let mut problems = edit.problems(usize::MAX);
    page.setup.update(|setup| setup.take_edit(edit));
    // Who confirms a draft after the run confirms it in the session of that run, too.
    if page.desk.with_untracked(|desk| desk.as_ref().is_some_and(Desk::has_drafts)) {
        let confirm = |desk: &mut Option<Desk>| {
            let set = page.setup.with_untracked(|setup| setup.available().to_vec());
            desk.as_mut().is_some_and(|desk| desk.confirm_drafts(&set))
        };
        if page.desk.try_update(confirm) == Some(true) {
            keep::session_changed(page);
        }
    }
    let anchor = page.setup.with_untracked(|setup| setup.config().anchor.clone());
    let mut places = 0..page.setup.with_untracked(|setup| setup.n_available());
    in_slices(|| {
        let Some(place) = places.next() else { return false };
        let found = page.setup.with_untracked(|setup| {
            let prompt = setup.available().get(place);
            prompt.map(|prompt| unreadable_gold(std::slice::from_ref(prompt), &anchor))
        });
        problems.extend(found.into_iter().flatten().map(ImportProblem::from));
        true
    })
    .await;
    let n_prompts =
        page.setup.with_untracked(|setup| words::plural(setup.n_available(), "prompt", "prompts"));
    let n_problems = words::plural(problems.len(), "problem", "problems");
    page.status.set(format!("The edited set has {n_prompts}, {n_problems}."));
    page.prompt_problems.set(problems);
}
