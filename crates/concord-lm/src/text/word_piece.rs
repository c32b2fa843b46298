//! WordPiece (Devlin et al. 2019): words are cut from the left into the longest known parts.

use tokenizers::models::bpe::Vocab;
use tokenizers::models::wordpiece::WordPiece as Model;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::tokenizer::{
    Encoding, Model as _, Normalizer as _, OffsetType, PreTokenizedString, PreTokenizer as _,
};

use super::error::TextError;
use super::pieces::SPACE;
use super::vocabulary::Entries;
use crate::weights::Metadata;

/// What BERT's own files write before a part that does not begin a word; GGUF marks the others instead.
const CONTINUES: &str = "##";
/// Under which the model knows its unknown token.
const UNKNOWN_TEXT: &str = "unknown word";

/// BERT's words, cut into tokens.
#[derive(Debug)]
pub(super) struct WordPiece {
    normalizer: BertNormalizer,
    model: Model,
}

impl WordPiece {
    /// Reads how text is normalised, and the parts of words.
    pub(super) fn from_metadata(
        metadata: &Metadata,
        entries: &Entries<'_>,
        unknown_id: Option<u32>,
    ) -> Result<Self, TextError> {
        let Some(unknown) = unknown_id else { return Err(TextError::vocabulary("it has no unknown token")) };
        let flag = |name: &str| metadata.bool(&format!("tokenizer.ggml.normalizer.{name}"));
        let lowercase = flag("lowercase").unwrap_or(true);
        let normalizer = BertNormalizer::new(true, true, flag("strip_accents"), lowercase);
        let mut vocab = Vocab::with_capacity(entries.tokens.len());
        for (id, text, _) in entries.iter().filter(|(_, _, token_type)| token_type.is_reachable()) {
            vocab.insert(part(text), id);
        }
        // The model looks its unknown token up by text; no word can spell this one, which has a space.
        vocab.insert(UNKNOWN_TEXT.to_owned(), unknown);
        let model = Model::builder()
            .vocab(vocab)
            .unk_token(UNKNOWN_TEXT.to_owned())
            .continuing_subword_prefix(CONTINUES.to_owned())
            .build()
            .map_err(|error| TextError::vocabulary(error.to_string()))?;
        Ok(Self { normalizer, model })
    }

    /// Appends the ids of a text without special tokens.
    pub(super) fn encode(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), TextError> {
        ids.extend(self.encoding(text)?.get_ids());
        Ok(())
    }

    /// The words of a text that become the unknown token.
    pub(super) fn unknown_words(&self, text: &str) -> Vec<String> {
        let unknown = self.model.token_to_id(UNKNOWN_TEXT);
        self.encoding(text).map_or_else(|_| Vec::new(), |encoding| unknown_words(text, &encoding, unknown))
    }

    fn encoding(&self, text: &str) -> Result<Encoding, TextError> {
        let mut words = PreTokenizedString::from(text);
        words
            .normalize(|word| self.normalizer.normalize(word))
            .and_then(|()| BertPreTokenizer.pre_tokenize(&mut words))
            .and_then(|()| words.tokenize(|word| self.model.tokenize(word.get())))
            .and_then(|()| words.into_encoding(None, 0, OffsetType::Byte))
            .map_err(|error| TextError::Encode { reason: error.to_string() })
    }
}

/// What of a text a token that stands for the unknown takes the place of.
pub(super) fn unknown_words(text: &str, encoding: &Encoding, unknown: Option<u32>) -> Vec<String> {
    let tokens = encoding.get_ids().iter().zip(encoding.get_offsets());
    tokens
        .filter(|(id, _)| Some(**id) == unknown)
        .filter_map(|(_, (start, end))| text.get(*start..*end).map(str::to_owned))
        .collect()
}

/// A token as BERT's own files write it.
fn part(text: &str) -> String {
    text.strip_prefix(SPACE).map_or_else(|| format!("{CONTINUES}{text}"), str::to_owned)
}
