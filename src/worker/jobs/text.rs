//! What needs no more than a tokenizer, and a chat template to render: between text and tokens.

use crate::{
    generate::LanguageModel,
    protocol::{Answer, Fault, TextRequest},
    worker::{
        models::Models,
        prompter::{Manner, text_fault},
    },
};

/// Answers a request between text and tokens.
///
/// # Errors
/// As [`TextRequest::check`]; no model, a text that cannot be tokenised, or a template that fails.
pub fn answer<M: LanguageModel>(models: &Models<M>, request: TextRequest) -> Result<Answer, Fault> {
    request.check()?;
    match request {
        TextRequest::Tokenize { text, special } => {
            models.tokenizer()?.encode(&text, special).map(Answer::Ids).map_err(text_fault)
        }
        TextRequest::Detokenize { ids } => Ok(Answer::Text(models.tokenizer()?.decode(&ids, true))),
        TextRequest::RenderChat { messages, thinking, date } => {
            models.prompter()?.render(&messages, Manner { thinking, date }).map(Answer::Text)
        }
    }
}
