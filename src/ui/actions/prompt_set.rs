//! What a person says of the prompt set, and the prompts they write themselves.

use leptos::prelude::*;

use super::{super::state::Workbench, keep};
use crate::data::{PromptSource, Session};

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
