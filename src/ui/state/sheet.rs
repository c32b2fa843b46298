//! What the board shows, whatever it is of.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    curation::{Desk, Setup},
    data::{Language, Prompt, SessionConfig},
};

/// What the board shows: the run under way, else the session, else the next run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its prompts.
    pub prompts: Vec<Prompt>,
    /// Its languages, anchor first.
    pub languages: Vec<Language>,
    /// The anchor.
    pub anchor: Language,
    /// Samples per cell.
    pub n: u32,
}

impl Sheet {
    /// The sheet of a run.
    pub fn new(prompts: &[Prompt], config: &SessionConfig) -> Self {
        Self {
            prompts: prompts.to_vec(),
            languages: config.languages.clone(),
            anchor: config.anchor.clone(),
            n: config.n,
        }
    }

    /// Whether it would be the same of these.
    fn is_of(&self, prompts: &[Prompt], config: &SessionConfig) -> bool {
        (self.n, &self.anchor, &self.languages) == (config.n, &config.anchor, &config.languages)
            && self.prompts == prompts
    }
}

/// The sheet of the run under way, else of the session on the desk, else of the next run.
pub(super) fn sheet_of(
    of_run: Memo<Option<Arc<Sheet>>>,
    desk: RwSignal<Option<Desk>>,
    setup: RwSignal<Setup>,
) -> Memo<Arc<Sheet>> {
    Memo::new(move |old: Option<&Arc<Sheet>>| {
        if let Some(sheet) = of_run.get() {
            return sheet;
        }
        // Decisions and picks change the desk and not the sheet, and a large one takes long to make.
        let kept_or_new = |prompts: &[Prompt], config: &SessionConfig| {
            let kept = old.filter(|old| old.is_of(prompts, config));
            kept.map_or_else(|| Arc::new(Sheet::new(prompts, config)), Arc::clone)
        };
        let of_desk = desk.with(|desk| {
            desk.as_ref().map(|desk| kept_or_new(&desk.session().prompts, &desk.session().config))
        });
        of_desk.unwrap_or_else(|| setup.with(|setup| kept_or_new(setup.prompts(), setup.config())))
    })
}
