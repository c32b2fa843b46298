//! What every kind of measuring has at hand: the model, and how to tell the page.

use crate::{
    data::Day,
    generate::{Forced, LanguageModel},
    protocol::{Fault, Progress, Stage},
    worker::{
        generator::Generator,
        task::{Host, Task},
    },
};

/// What every kind of measuring has at hand.
pub(super) struct Asker<'a, M, H> {
    pub(super) generator: &'a mut Generator<M>,
    pub(super) teller: Teller<'a, H>,
    /// Whether the loaded model made the responses.
    pub(super) is_same_model: bool,
    /// The day that the template tells the model.
    pub(super) date: Option<Day>,
    pub(super) problems: Vec<String>,
}

impl<M: LanguageModel, H: Host> Asker<'_, M, H> {
    /// Whether a completion fits the model after a prompt, and is in its vocabulary.
    pub(super) fn fits(&self, prompt: &[u32], completion: &[u32]) -> bool {
        self.generator.scheduler.check_forced(&Forced { prompt, completion }).is_ok()
    }

    /// A single user message, as the model reads it.
    pub(super) fn user_tokens(&self, text: &str) -> Result<Vec<u32>, Fault> {
        self.generator.prompter.user_tokens(text, self.date)
    }

    /// What to do about responses that do not fit.
    pub(super) fn too_long(&self) -> String {
        format!(
            "the model holds {} tokens with the prompt; load a model with a longer context, or build with shorter responses",
            self.generator.info.seq_len
        )
    }
}

/// Tells the page how far the job is.
pub(super) struct Teller<'a, H> {
    pub(super) task: &'a Task<H>,
    pub(super) done: usize,
    pub(super) total: usize,
}

impl<H: Host> Teller<'_, H> {
    /// So many more texts are done.
    pub(super) fn advance(&mut self, n_more: usize) {
        self.done += n_more;
        let (done, total) = (self.done as f64, self.total as f64);
        self.task.progress(Progress::of(Stage::Ask, done, total));
    }
}
