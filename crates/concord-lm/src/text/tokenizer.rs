//! The tokenizer of a model: one front for every kind.
//!
//! Special tokens are found first, then the kind's own model cuts what is between them.

use std::collections::BTreeSet;

use super::byte_bpe::ByteBpe;
use super::byte_level::{bytes_by_char, token_bytes};
use super::error::TextError;
use super::hugging_face::HuggingFace;
use super::pieces::piece_bytes;
use super::pre_tokenizer::PreTokenizer;
use super::sentence_piece::SentencePiece;
use super::unigram::Unigram;
use super::vocabulary::{AddedToken, DefaultIds, Entries, Vocabulary};
use super::word_piece::WordPiece;
use crate::weights::Metadata;

/// Turns text into token ids and back.
#[derive(Debug)]
pub struct Tokenizer {
    vocabulary: Vocabulary,
    model: Model,
    /// Goes before every text.
    prefix_id: Option<u32>,
    /// Goes after every text that is given whole, as to an encoder.
    suffix_id: Option<u32>,
    /// The model puts a space before texts, so decoding takes one away.
    drops_first_space: bool,
}

#[derive(Debug)]
enum Model {
    ByteBpe(Box<ByteBpe>),
    SentencePiece(SentencePiece),
    Unigram(Unigram),
    WordPiece(Box<WordPiece>),
    HuggingFace(Box<HuggingFace>),
}

impl Tokenizer {
    /// Builds the tokenizer of a GGUF file, which may hold weights or the vocabulary alone.
    ///
    /// # Errors
    /// A tokenizer or pre-tokenizer that is not supported, by name; a vocabulary whose parts do not
    /// fit together.
    pub fn from_metadata(metadata: &Metadata) -> Result<Self, TextError> {
        match metadata.string("tokenizer.ggml.model").unwrap_or("none") {
            "gpt2" => Self::byte_bpe(metadata),
            "llama" => Self::sentence_piece(metadata),
            "t5" => Self::unigram(metadata),
            "bert" => Self::word_piece(metadata),
            found => Err(TextError::TokenizerModel { found: found.to_owned() }),
        }
    }

    /// Builds the tokenizer of a `tokenizer.json`, as the Hugging Face libraries write it.
    ///
    /// # Errors
    /// [`TextError::TokenizerJson`] for a file that is not one, or whose parts are not supported.
    pub fn from_json(json: &[u8]) -> Result<Self, TextError> {
        let (model, vocabulary, drops_first_space) = HuggingFace::parse(json)?;
        let model = Model::HuggingFace(Box::new(model));
        Ok(Self { vocabulary, model, prefix_id: None, suffix_id: None, drops_first_space })
    }

    fn byte_bpe(metadata: &Metadata) -> Result<Self, TextError> {
        let rule = metadata.string("tokenizer.ggml.pre").unwrap_or("default");
        let pre_tokenizer = PreTokenizer::from_name(rule)?;
        let entries = Entries::from_metadata(metadata)?;
        let table = bytes_by_char();
        let vocabulary = Vocabulary::new(metadata, &entries, DefaultIds::default(), |text, _| {
            token_bytes(text, &table).unwrap_or_else(|| text.as_bytes().to_vec())
        })?;
        let (adds_bos, adds_separator) = (pre_tokenizer.adds_bos, pre_tokenizer.adds_separator);
        let model = ByteBpe::from_metadata(metadata, &entries, pre_tokenizer, vocabulary.stand_in_id())?;
        let model = Model::ByteBpe(Box::new(model));
        Ok(Self::with_affixes(metadata, vocabulary, model, [adds_bos, adds_separator], false))
    }

    fn sentence_piece(metadata: &Metadata) -> Result<Self, TextError> {
        let entries = Entries::from_metadata(metadata)?;
        let defaults = DefaultIds { bos: Some(1), eos: Some(2), unknown: Some(0), separator: None };
        let vocabulary = Vocabulary::new(metadata, &entries, defaults, piece_bytes)?;
        let adds_space = metadata.bool("tokenizer.ggml.add_space_prefix").unwrap_or(true);
        let model = SentencePiece::from_metadata(metadata, &entries, vocabulary.unknown_id, adds_space)?;
        let model = Model::SentencePiece(model);
        Ok(Self::with_affixes(metadata, vocabulary, model, [true, false], adds_space))
    }

    fn unigram(metadata: &Metadata) -> Result<Self, TextError> {
        let entries = Entries::from_metadata(metadata)?;
        let defaults = DefaultIds { bos: None, eos: Some(1), unknown: Some(2), separator: None };
        let vocabulary = Vocabulary::new(metadata, &entries, defaults, piece_bytes)?;
        let adds_space = metadata.bool("tokenizer.ggml.add_space_prefix").unwrap_or(false);
        let model = Unigram::from_metadata(metadata, &entries, vocabulary.unknown_id, adds_space)?;
        let model = Model::Unigram(model);
        Ok(Self::with_affixes(metadata, vocabulary, model, [false, true], true))
    }

    fn word_piece(metadata: &Metadata) -> Result<Self, TextError> {
        let entries = Entries::from_metadata(metadata)?;
        let defaults = DefaultIds { bos: Some(101), eos: None, unknown: Some(100), separator: Some(102) };
        let vocabulary = Vocabulary::new(metadata, &entries, defaults, piece_bytes)?;
        let model = WordPiece::from_metadata(metadata, &entries, vocabulary.unknown_id)?;
        let model = Model::WordPiece(Box::new(model));
        Ok(Self::with_affixes(metadata, vocabulary, model, [true, true], true))
    }

    /// What goes around a text, as the file says, else as `defaults` for its kind: before, after.
    fn with_affixes(
        metadata: &Metadata,
        vocabulary: Vocabulary,
        model: Model,
        defaults: [bool; 2],
        drops_first_space: bool,
    ) -> Self {
        let flag = |name: &str| metadata.bool(&format!("tokenizer.ggml.add_{name}_token"));
        let (bos, eos, separator) = (vocabulary.bos_id, vocabulary.eos_id, vocabulary.separator_id);
        let has_separator = separator.is_some() && flag("sep").unwrap_or(defaults[1]);
        let has_eos = flag("eos").unwrap_or(defaults[1] && separator.is_none());
        let prefix_id = bos.filter(|_| flag("bos").unwrap_or(defaults[0]));
        let suffix_id = if has_separator { separator } else { eos.filter(|_| has_eos) };
        Self { vocabulary, model, prefix_id, suffix_id, drops_first_space }
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
        self.prefix_id.is_some()
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
        if let Model::HuggingFace(model) = &self.model {
            return model.encode(text, special);
        }
        self.encode_around(text, |_, token| special || !token.is_control)
    }

    /// Whether a text is read as one token of its own, as the marks of chat templates are.
    pub fn has_token(&self, text: &str) -> bool {
        match self.encode(text, true).as_deref() {
            Ok(&[id]) => self.token_bytes(id, true) == text.as_bytes(),
            _ => false,
        }
    }

    /// Whether texts are cut into bytes, with nothing put before them.
    pub fn is_byte_level(&self) -> bool {
        matches!(self.model, Model::ByteBpe(_))
    }

    /// Characters of a text that the vocabulary cannot write, each once, in their order: the model reads an unknown token
    /// in their place, or nothing. Of a word that is unknown as a whole it is what is unknown by itself, else all of it.
    pub fn unwritable(&self, text: &str) -> String {
        let unwritable = match &self.model {
            Model::ByteBpe(model) => model.unwritable(text),
            Model::SentencePiece(model) => model.unwritable(text),
            Model::Unigram(model) => model.unwritable(text),
            Model::WordPiece(model) => unknown_by_itself(text, |text| model.unknown_words(text)),
            Model::HuggingFace(model) => unknown_by_itself(text, |text| model.unknown_words(text)),
        };
        let mut seen = BTreeSet::new();
        unwritable.chars().filter(|char| seen.insert(*char)).collect()
    }

    /// Ids of a whole prompt, special tokens recognised, with the begin token that the model expects
    /// unless the text already starts with it (as rendered chats may).
    ///
    /// # Errors
    /// [`TextError::Encode`] when the tokenizer fails on the text.
    pub fn encode_prompt(&self, text: &str) -> Result<Vec<u32>, TextError> {
        self.encode(text, true).map(|ids| self.with_prefix(ids))
    }

    /// As [`Tokenizer::encode_prompt`], but a steering token is taken only where `may_steer` lets it, by the byte at
    /// which its text begins and the length of that; `all_may` where it does everywhere.
    pub(super) fn encode_guarded(
        &self,
        text: &str,
        all_may: bool,
        may_steer: impl Fn(usize, usize) -> bool,
    ) -> Result<Vec<u32>, TextError> {
        let ids = match &self.model {
            Model::HuggingFace(model) if all_may => model.encode(text, true),
            Model::HuggingFace(_) => Err(TextError::Encode {
                reason: "a chat for a tokenizer.json cannot hold texts of special tokens".to_owned(),
            }),
            _ => self
                .encode_around(text, |start, token| !token.is_steering || may_steer(start, token.text.len())),
        };
        ids.map(|ids| self.with_prefix(ids))
    }

    /// Ids of a text that is given whole, as to an encoder: with all that the model expects before and
    /// after it. No text becomes a special token.
    ///
    /// # Errors
    /// [`TextError::Encode`] when the tokenizer fails on the text.
    pub fn encode_whole(&self, text: &str) -> Result<Vec<u32>, TextError> {
        if let Model::HuggingFace(model) = &self.model {
            return model.encode_whole(text);
        }
        let ids = self.encode(text, false)?;
        Ok(self.prefix_id.into_iter().chain(ids).chain(self.suffix_id).collect())
    }

    /// A byte begins the text of a token that steers the model.
    pub(super) fn begins_steering(&self, byte: u8) -> bool {
        self.vocabulary.begins_steering(byte)
    }

    /// Byte ranges of the texts of steering tokens, each the longest at its place.
    pub(super) fn steering_texts(&self, text: &str) -> Vec<std::ops::Range<usize>> {
        let found = text.char_indices().filter_map(|(start, _)| {
            let token = self.vocabulary.added_token_at(&text[start..], |token| token.is_steering)?;
            Some(start..start + token.text.len())
        });
        found.collect()
    }

    fn with_prefix(&self, mut ids: Vec<u32>) -> Vec<u32> {
        if let Some(prefix_id) = self.prefix_id
            && ids.first() != Some(&prefix_id)
        {
            ids.insert(0, prefix_id);
        }
        ids
    }

    /// Text of ids. Special tokens are left out unless `special`; ids beyond the vocabulary have no
    /// text; bytes that are not UTF-8 become U+FFFD.
    pub fn decode(&self, ids: &[u32], special: bool) -> String {
        let bytes: Vec<u8> = ids.iter().flat_map(|&id| self.token_bytes(id, special)).copied().collect();
        String::from_utf8_lossy(self.without_first_space(&bytes)).into_owned()
    }

    /// The bytes that begin a text, without the space that the model puts there.
    pub(super) fn without_first_space<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        if self.drops_first_space { bytes.strip_prefix(b" ").unwrap_or(bytes) } else { bytes }
    }

    /// Bytes of a token; none for special tokens unless `special`, and for ids beyond the vocabulary.
    pub fn token_bytes(&self, id: u32, special: bool) -> &[u8] {
        let id = id as usize;
        match (self.vocabulary.bytes.get(id), self.vocabulary.is_control.get(id)) {
            (Some(bytes), Some(&is_control)) if special || !is_control => bytes,
            _ => &[],
        }
    }

    /// Cuts a text at the added tokens that are allowed where they start, and encodes the rest.
    fn encode_around(
        &self,
        text: &str,
        is_allowed: impl Fn(usize, &AddedToken) -> bool,
    ) -> Result<Vec<u32>, TextError> {
        let mut ids = Vec::new();
        let (mut plain_start, mut position) = (0, 0);
        while position < text.len() {
            let token =
                self.vocabulary.added_token_at(&text[position..], |token| is_allowed(position, token));
            if let Some(token) = token {
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

    /// Appends the ids of the text between two added tokens, or before the first or after the last.
    fn encode_plain(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), TextError> {
        if text.is_empty() {
            return Ok(());
        }
        match &self.model {
            Model::ByteBpe(model) => model.encode(text, ids)?,
            Model::SentencePiece(model) => model.encode(text, ids),
            Model::Unigram(model) => model.encode(text, ids),
            Model::WordPiece(model) => model.encode(text, ids)?,
            Model::HuggingFace(model) => ids.extend(model.encode(text, false)?),
        }
        Ok(())
    }
}

/// What of the unknown words of a text is unknown by itself, and all of those of which nothing is.
fn unknown_by_itself(text: &str, unknown_words: impl Fn(&str) -> Vec<String>) -> String {
    let mut unknown = String::new();
    for word in unknown_words(text) {
        let is_unknown = |char: &char| !unknown_words(char.encode_utf8(&mut [0; 4])).is_empty();
        let alone: String = word.chars().filter(is_unknown).collect();
        unknown.push_str(if alone.is_empty() { &word } else { &alone });
    }
    unknown.retain(|char| !char.is_whitespace());
    unknown
}
