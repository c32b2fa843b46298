//! A response as a row of a file.

use concord_align::align::find_answer_of;
use concord_align::data::{FinishReason, HIGHEST_SAMPLE, Language, Response, detected_language};
use serde::Deserialize;

use super::job::Job;
use super::rows::Needs;
use crate::error::{CliError, Place};

/// What every row of responses needs.
pub(super) const NEEDS: Needs = Needs {
    columns: &["prompt_id", "language", "sample", "text"],
    told: "prompt_id, language, sample and text",
};

/// The columns that are read. An answer that stands in a file is passed over: it is extracted anew.
#[derive(Debug, Deserialize)]
pub(crate) struct ResponseRow {
    prompt_id: Option<String>,
    language: Option<Language>,
    sample: Option<u32>,
    text: Option<String>,
    reasoning: Option<String>,
    reasoning_tokens: Option<u32>,
    tokens: Option<Vec<u32>>,
    logprob: Option<f32>,
    finish_reason: Option<FinishReason>,
    model: Option<String>,
    /// With `source_sample`: the response that this is a translation of.
    source_language: Option<Language>,
    source_sample: Option<u32>,
}

impl ResponseRow {
    /// The response, as far as the row says it.
    pub(crate) fn into_response(self, job: &Job, place: &Place) -> Result<Response, CliError> {
        let missing = |column| CliError::Missing { place: place.clone(), column, needed: NEEDS.told };
        let response = Response {
            prompt_id: self.prompt_id.ok_or_else(|| missing("prompt_id"))?,
            language: self.language.ok_or_else(|| missing("language"))?,
            sample: self.sample.ok_or_else(|| missing("sample"))?,
            text: self.text.ok_or_else(|| missing("text"))?,
            reasoning: self.reasoning,
            reasoning_tokens: self.reasoning_tokens,
            tokens: self.tokens.unwrap_or_default(),
            logprob: self.logprob.filter(|logprob| logprob.is_finite()),
            finish_reason: self.finish_reason.unwrap_or(FinishReason::Stop),
            answer: None,
            ambiguous: Vec::new(),
            detected_language: None,
            translation_of: self.source_language.zip(self.source_sample),
            // A response names only another model than the job's own.
            model: self.model.filter(|model| !model.is_empty() && *model != job.model.name),
        };
        let most =
            if response.translation_of.is_some() { HIGHEST_SAMPLE } else { job.config.n.saturating_sub(1) };
        if response.sample > most {
            let reason = format!(
                "the sample is {}, and the job asks for {} (config.n): samples are 0 to {most}",
                response.sample, job.config.n
            );
            return Err(CliError::Value { place: place.clone(), reason });
        }
        Ok(response)
    }
}

/// Reads of a text what a run reads of it: the answer, and the language.
pub(crate) fn read_text(response: &mut Response, looks_for_language: bool) {
    find_answer_of(response);
    response.detected_language =
        if looks_for_language { detected_language(&response.text, &response.language) } else { None };
}
