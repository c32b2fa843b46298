//! What can be wrong with a tokenizer or a chat template, in words a person can act on.

/// Why text cannot be turned into tokens or a chat into text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// A kind of tokenizer that is not known.
    #[error(
        "the tokenizer is \"{found}\"; supported are gpt2 (byte-level BPE), llama (SentencePiece), t5 (Unigram) and bert (WordPiece), so choose another model"
    )]
    TokenizerModel {
        /// `tokenizer.ggml.model`.
        found: String,
    },
    /// A pre-tokenizer whose rule is not known; guessing one would give silently wrong tokens.
    #[error("the pre-tokenizer is \"{found}\"; supported are {supported}, so choose another model")]
    PreTokenizer {
        /// `tokenizer.ggml.pre`.
        found: String,
        /// The names that are.
        supported: String,
    },
    /// Tokens, merges or ids of the metadata do not fit together.
    #[error(
        "the tokenizer in the file is damaged: {what}; get the file again, or take another conversion of the model"
    )]
    Vocabulary {
        /// What is wrong.
        what: String,
    },
    /// A `tokenizer.json` that is none, or with parts that are not supported.
    #[error(
        "the tokenizer.json cannot be used: {reason}; get the model's files again, or take another model"
    )]
    TokenizerJson {
        /// What is wrong.
        reason: String,
    },
    /// The tokenizer failed on a text.
    #[error("the text could not be tokenised: {reason}; write it another way")]
    Encode {
        /// What the tokenizer said.
        reason: String,
    },
    /// The file has no chat template.
    #[error(
        "the model has no chat template, as base models have none; pick one under Model, or give loadModel a `template`, or give a plain prompt instead of messages"
    )]
    NoTemplate,
    /// The chat template is wrong or refuses these messages.
    #[error("the chat template of the model failed; give a plain prompt instead of messages: {reason}")]
    Template {
        /// What the template engine said, with the line.
        reason: String,
    },
    /// A message holds the text of a special token, and the template hides where messages are.
    #[error(
        "a message contains \"{special}\", which steers this model, and its chat template cannot keep it apart; take it out of the message"
    )]
    SpecialText {
        /// The text.
        special: String,
    },
    /// The chat template ran for too long.
    #[error("the chat template of the model does not end; give a plain prompt instead of messages")]
    TemplateEndless,
    /// The chat template or what it wrote is too long.
    #[error(
        "the chat template of the model or its output is longer than {limit} bytes; give a plain prompt instead of messages"
    )]
    TemplateTooLong {
        /// The limit, in bytes.
        limit: usize,
    },
}

impl TextError {
    /// A [`TextError::Vocabulary`] with the given finding.
    pub(crate) fn vocabulary(what: impl Into<String>) -> Self {
        Self::Vocabulary { what: what.into() }
    }
}
