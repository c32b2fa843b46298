//! A prompt set and its responses as rows: one per prompt and language.

use std::collections::HashMap;

use crate::{
    data::{FinishReason, InOrder, Language, Prompt, Response},
    generate::LanguageModel,
    protocol::{Fault, MeasureRequest},
    worker::prompter::text_fault,
};

use super::asker::Asker;

/// A prompt in one language with what the model said.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) prompt: &'a Prompt,
    pub(super) language: &'a Language,
    /// The prompt's text in the language.
    pub(super) text: &'a str,
    /// All but cancelled ones, translations among them, by sample.
    pub(super) responses: Vec<&'a Response>,
}

impl<'a> Row<'a> {
    /// The responses to the prompt itself.
    pub(super) fn candidates(&self) -> impl Iterator<Item = &'a Response> {
        self.responses.iter().copied().filter(|response| response.is_candidate())
    }

    /// For problems.
    pub(super) fn name(&self) -> String {
        format!("prompt {}, {}", self.prompt.id, self.language.info().english)
    }
}

/// The rows in the order of prompts and then languages: those of the settings, or all where they name none.
pub(super) fn rows(request: &MeasureRequest) -> Vec<Row<'_>> {
    let mut responses: HashMap<(&str, &Language), Vec<&Response>> = HashMap::new();
    for response in request.responses.iter().filter(|r| r.finish_reason != FinishReason::Cancelled) {
        responses.entry((&response.prompt_id, &response.language)).or_default().push(response);
    }
    let mut rows = Vec::new();
    for prompt in &request.prompts {
        let languages: Vec<&Language> = match request.config.languages.is_empty() {
            true => prompt.text.keys().collect(),
            false => request.config.languages.iter().collect(),
        };
        for language in languages {
            let Some(text) = prompt.text.get(language) else { continue };
            let mut responses = responses.remove(&(prompt.id.as_str(), language)).unwrap_or_default();
            responses.order_by_key(|response| response.sample);
            rows.push(Row { prompt, language, text, responses });
        }
    }
    rows
}

/// The rows of each prompt.
pub(super) fn by_prompt<'a, 'r>(rows: &'r [Row<'a>]) -> impl Iterator<Item = &'r [Row<'a>]> {
    rows.chunk_by(|a, b| std::ptr::eq(a.prompt, b.prompt))
}

impl<M: LanguageModel, H> Asker<'_, M, H> {
    /// Tokens of a response: its own where the loaded model made it and they are no reasoning, else those of its text, which
    /// is all that a trainer sees.
    pub(super) fn tokens_of(&self, response: &Response) -> Result<Vec<u32>, Fault> {
        let has_reasoned = response.reasoning.is_some() || response.reasoning_tokens.is_some();
        if self.is_same_model && !has_reasoned && (!response.tokens.is_empty() || response.text.is_empty()) {
            return Ok(response.tokens.clone());
        }
        self.generator.prompter.tokenizer.encode(&response.text, false).map_err(text_fault)
    }
}
