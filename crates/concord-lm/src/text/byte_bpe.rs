//! Byte-level BPE: words in the byte alphabet, merged in the order of a list.

use std::collections::HashSet;

use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::tokenizer::{Model as _, OffsetType};

use super::byte_level::byte_chars;
use super::error::TextError;
use super::pre_tokenizer::PreTokenizer;
use super::vocabulary::Entries;
use crate::weights::Metadata;

/// Words remembered by the merging model.
const CACHE_WORDS: usize = 10_000;

/// Texts that are not tokens, but that merges pass through: a vocabulary with more of them is incomplete.
const MAX_STAND_INS: usize = 4096;

/// Cuts text into words and merges their bytes.
#[derive(Debug)]
pub(super) struct ByteBpe {
    pre_tokenizer: PreTokenizer,
    bpe: BPE,
    stand_ins: StandIns,
    /// By byte: it has a token.
    has_byte: Vec<bool>,
}

impl ByteBpe {
    /// Reads merges; the pre-tokenizer says how words are cut. `unknown_id` stands for bytes without a token, which
    /// otherwise are left out.
    pub(super) fn from_metadata(
        metadata: &Metadata,
        entries: &Entries<'_>,
        pre_tokenizer: PreTokenizer,
        unknown_id: Option<u32>,
    ) -> Result<Self, TextError> {
        let mut vocab = Vocab::with_capacity(entries.tokens.len());
        // Control and unused tokens are not among them, so no text can spell one.
        for (id, token, _) in entries.iter().filter(|(_, _, token_type)| token_type.is_reachable()) {
            // Of equal texts the last counts, as in llama.cpp.
            vocab.insert(token.to_owned(), id);
        }
        let chars = byte_chars().map(String::from);
        let has_byte = chars.iter().map(|char| vocab.contains_key(char)).collect();
        let mut stand_ins = StandIns { first_id: entries.tokens.len() as u32, ids: Vec::new() };
        for char in &chars {
            if !vocab.contains_key(char) {
                stand_ins.add(&mut vocab, char, unknown_id.into_iter().collect())?;
            }
        }
        let merges = merges(metadata, &mut vocab, &mut stand_ins)?;
        let bpe = BPE::builder()
            .vocab_and_merges(vocab, merges)
            .cache_capacity(CACHE_WORDS)
            .ignore_merges(pre_tokenizer.ignore_merges)
            .build()
            .map_err(|error| TextError::vocabulary(error.to_string()))?;
        Ok(Self { pre_tokenizer, bpe, stand_ins, has_byte })
    }

    /// Appends the ids of a text without special tokens.
    pub(super) fn encode(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), TextError> {
        let mut words = self.pre_tokenizer.words(text)?;
        let encoding = words
            .tokenize(|word| self.bpe.tokenize(word.get()))
            .and_then(|()| words.into_encoding(None, 0, OffsetType::None));
        match encoding {
            Ok(encoding) => encoding.get_ids().iter().for_each(|&id| match self.stand_ins.of(id) {
                None => ids.push(id),
                Some(stands_for) => ids.extend(stands_for),
            }),
            Err(error) => return Err(TextError::Encode { reason: error.to_string() }),
        }
        Ok(())
    }

    /// Characters of a text with a byte that has no token.
    pub(super) fn unwritable(&self, text: &str) -> String {
        let lacks =
            |char: &char| char.encode_utf8(&mut [0; 4]).bytes().any(|byte| !self.has_byte[usize::from(byte)]);
        text.chars().filter(lacks).collect()
    }
}

/// Entries of the merging model that are no tokens of the vocabulary: bytes without a token, and texts that merges join
/// though they are none. llama.cpp keeps both while it merges and takes them apart at the end.
#[derive(Debug)]
struct StandIns {
    /// Ids from here on are of stand-ins.
    first_id: u32,
    /// What each becomes.
    ids: Vec<Vec<u32>>,
}

impl StandIns {
    fn of(&self, id: u32) -> Option<&[u32]> {
        let idx = id.checked_sub(self.first_id)?;
        self.ids.get(idx as usize).map(Vec::as_slice)
    }

    fn add(&mut self, vocab: &mut Vocab, text: &str, becomes: Vec<u32>) -> Result<(), TextError> {
        if self.ids.len() == MAX_STAND_INS {
            let what = format!("its merges join more than {MAX_STAND_INS} texts that are not tokens");
            return Err(TextError::vocabulary(what));
        }
        vocab.insert(text.to_owned(), self.first_id + self.ids.len() as u32);
        self.ids.push(becomes);
        Ok(())
    }

    /// A text that is no token becomes its bytes.
    fn add_text(&mut self, vocab: &mut Vocab, text: &str) -> Result<(), TextError> {
        if vocab.contains_key(text) {
            return Ok(());
        }
        let mut becomes = Vec::new();
        for char in text.chars() {
            if let Some(&id) = vocab.get(char.encode_utf8(&mut [0; 4])) {
                becomes.extend(self.of(id).unwrap_or(&[id]));
            }
        }
        self.add(vocab, text, becomes)
    }
}

/// Pairs of texts in the order in which they are merged. Entries that hold no pair are left out, and of equal ones all
/// but the first, as llama.cpp does.
fn merges(
    metadata: &Metadata,
    vocab: &mut Vocab,
    stand_ins: &mut StandIns,
) -> Result<Vec<(String, String)>, TextError> {
    let texts =
        metadata.strings("tokenizer.ggml.merges").ok_or_else(|| TextError::vocabulary("it has no merges"))?;
    let mut seen = HashSet::with_capacity(texts.len());
    let mut merges = Vec::with_capacity(texts.len());
    for text in texts {
        let Some((a, b)) = text.split_once(' ').filter(|(a, b)| !a.is_empty() && !b.is_empty()) else {
            continue;
        };
        if !seen.insert(text.as_str()) {
            continue;
        }
        for part in [a, b, &format!("{a}{b}")] {
            stand_ins.add_text(vocab, part)?;
        }
        merges.push((a.to_owned(), b.to_owned()));
    }
    Ok(merges)
}
