//! Byte-level BPE from GGUF metadata.
//!
//! Text is taken as it is, without Unicode normalisation, so decoding gives back the bytes encoded.

use tokenizers::models::bpe::BPE;
use tokenizers::tokenizer::{Model as _, OffsetType};

use super::error::TextError;
use super::pre_tokenizer::PreTokenizer;
use super::vocabulary::{AddedToken, Vocabulary};
use crate::weights::Metadata;

/// Turns text into token ids and back.
#[derive(Debug)]
pub struct Tokenizer {
    vocabulary: Vocabulary,
    bpe: BPE,
    pre_tokenizer: PreTokenizer,
    add_bos: bool,
}

impl Tokenizer {
    /// Builds the tokenizer of a model file.
    ///
    /// # Errors
    /// A tokenizer or pre-tokenizer that is not supported, by name; a vocabulary whose parts do not
    /// fit together.
    pub fn from_metadata(metadata: &Metadata) -> Result<Self, TextError> {
        let model = metadata.string("tokenizer.ggml.model").unwrap_or("none");
        if model != "gpt2" {
            return Err(TextError::TokenizerModel { found: model.to_owned() });
        }
        let rule = metadata.string("tokenizer.ggml.pre").unwrap_or("default");
        let pre_tokenizer = PreTokenizer::from_name(rule)?;
        let (vocabulary, bpe) = Vocabulary::from_metadata(metadata, pre_tokenizer.ignore_merges)?;
        // Llama 3 expects its begin token even where the file does not say so.
        let add_bos =
            metadata.bool("tokenizer.ggml.add_bos_token").unwrap_or(pre_tokenizer.name == "llama-bpe");
        Ok(Self { vocabulary, bpe, pre_tokenizer, add_bos })
    }

    /// Tokens in the vocabulary; the model's table may have more rows, which have no text.
    pub fn n_tokens(&self) -> u32 {
        self.vocabulary.bytes.len() as u32
    }

    /// The token that begins a text, if the model has one.
    pub fn bos_id(&self) -> Option<u32> {
        self.vocabulary.bos_id
    }

    /// The token that ends a text, if the model has one.
    pub fn eos_id(&self) -> Option<u32> {
        self.vocabulary.eos_id
    }

    /// Every token that ends a response, ascending.
    pub fn end_ids(&self) -> &[u32] {
        &self.vocabulary.end_ids
    }

    /// The model was trained with its begin token before every text.
    pub fn adds_bos(&self) -> bool {
        self.add_bos
    }

    /// Text of a token, special tokens included; bytes that are not UTF-8 become U+FFFD.
    pub fn token_text(&self, id: u32) -> String {
        String::from_utf8_lossy(self.token_bytes(id, true)).into_owned()
    }

    /// Ids of a text. Where `special` is false, texts such as `<|im_end|>` are plain text.
    ///
    /// # Errors
    /// [`TextError::Encode`] when the tokenizer fails on the text.
    pub fn encode(&self, text: &str, special: bool) -> Result<Vec<u32>, TextError> {
        let mut ids = Vec::new();
        let mut plain_start = 0;
        let mut position = 0;
        while position < text.len() {
            if let Some(token) = self.added_token_at(&text[position..], special) {
                self.encode_plain(&text[plain_start..position], &mut ids)?;
                ids.push(token.id);
                position += token.text.len();
                plain_start = position;
            } else {
                position = text.ceil_char_boundary(position + 1);
            }
        }
        self.encode_plain(&text[plain_start..], &mut ids)?;
        Ok(ids)
    }

    /// Ids of a whole prompt, special tokens recognised, with the begin token that the model expects
    /// unless the text already starts with it (as rendered chats may).
    ///
    /// # Errors
    /// [`TextError::Encode`] when the tokenizer fails on the text.
    pub fn encode_prompt(&self, text: &str) -> Result<Vec<u32>, TextError> {
        let mut ids = self.encode(text, true)?;
        if let Some(bos_id) = self.vocabulary.bos_id.filter(|_| self.add_bos)
            && ids.first() != Some(&bos_id)
        {
            ids.insert(0, bos_id);
        }
        Ok(ids)
    }

    /// Text of ids. Special tokens are left out unless `special`; ids beyond the vocabulary have no
    /// text; bytes that are not UTF-8 become U+FFFD.
    pub fn decode(&self, ids: &[u32], special: bool) -> String {
        let bytes: Vec<u8> = ids.iter().flat_map(|&id| self.token_bytes(id, special)).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Bytes of a token; none for special tokens unless `special`, and for ids beyond the vocabulary.
    pub fn token_bytes(&self, id: u32, special: bool) -> &[u8] {
        let id = id as usize;
        match (self.vocabulary.bytes.get(id), self.vocabulary.is_control.get(id)) {
            (Some(bytes), Some(&is_control)) if special || !is_control => bytes,
            _ => &[],
        }
    }

    /// The longest added token that `text` starts with.
    fn added_token_at(&self, text: &str, special: bool) -> Option<&AddedToken> {
        let candidates = self.vocabulary.added.get(text.as_bytes().first()?)?;
        candidates.iter().find(|token| (special || !token.is_control) && text.starts_with(&token.text))
    }

    fn encode_plain(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), TextError> {
        if text.is_empty() {
            return Ok(());
        }
        let mut words = self.pre_tokenizer.words(text)?;
        let encoding = words
            .tokenize(|word| self.bpe.tokenize(word.get()))
            .and_then(|()| words.into_encoding(None, 0, OffsetType::None));
        match encoding {
            Ok(encoding) => ids.extend(encoding.get_ids()),
            Err(error) => return Err(TextError::Encode { reason: error.to_string() }),
        }
        Ok(())
    }
}
