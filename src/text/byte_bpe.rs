//! Byte-level BPE: words in the byte alphabet, merged in the order of a list.

use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::tokenizer::{Model as _, OffsetType};

use super::byte_level::byte_chars;
use super::error::TextError;
use super::pre_tokenizer::PreTokenizer;
use super::vocabulary::Entries;
use crate::weights::Metadata;

/// Words remembered by the merging model.
const CACHE_WORDS: usize = 10_000;

/// Cuts text into words and merges their bytes.
#[derive(Debug)]
pub(super) struct ByteBpe {
    pre_tokenizer: PreTokenizer,
    bpe: BPE,
}

impl ByteBpe {
    /// Reads merges; the pre-tokenizer says how words are cut.
    pub(super) fn from_metadata(
        metadata: &Metadata,
        entries: &Entries<'_>,
        pre_tokenizer: PreTokenizer,
    ) -> Result<Self, TextError> {
        let bpe = merging_model(metadata, entries, pre_tokenizer.ignore_merges)?;
        Ok(Self { pre_tokenizer, bpe })
    }

    /// Appends the ids of a text without special tokens.
    pub(super) fn encode(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), TextError> {
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

/// The merging model over all tokens that text can become. Control and unused tokens are not among
/// them, so no text can spell one.
fn merging_model(metadata: &Metadata, entries: &Entries<'_>, ignore_merges: bool) -> Result<BPE, TextError> {
    let mut vocab = Vocab::with_capacity(entries.tokens.len());
    for (id, token, _) in entries.iter().filter(|(_, _, token_type)| token_type.is_reachable()) {
        if vocab.insert(token.to_owned(), id).is_some() {
            return Err(TextError::vocabulary(format!("token {token:?} appears twice")));
        }
    }
    for (byte, char) in byte_chars().into_iter().enumerate() {
        // Some vocabularies lack control characters, and bytes that no text has.
        let is_needed = !matches!(byte, 0..=8 | 11..=31 | 127 | 0xc0 | 0xc1 | 0xf5..);
        if is_needed && !vocab.contains_key(char.encode_utf8(&mut [0; 4])) {
            return Err(TextError::vocabulary(format!("it has no token for byte {byte}")));
        }
    }
    let merges = metadata
        .strings("tokenizer.ggml.merges")
        .ok_or_else(|| TextError::vocabulary("it has no merges"))?
        .iter()
        .map(|merge| checked_merge(merge, &vocab))
        .collect::<Result<Vec<_>, _>>()?;
    BPE::builder()
        .vocab_and_merges(vocab, merges)
        .cache_capacity(CACHE_WORDS)
        .ignore_merges(ignore_merges)
        .build()
        .map_err(|error| TextError::vocabulary(error.to_string()))
}

/// The two parts of a merge `"a b"`; both and their union must be tokens (the library would panic on
/// a union longer than any token).
fn checked_merge(merge: &str, vocab: &Vocab) -> Result<(String, String), TextError> {
    let parts = merge.split_once(' ').filter(|(a, b)| {
        vocab.contains_key(*a) && vocab.contains_key(*b) && vocab.contains_key(&format!("{a}{b}"))
    });
    match parts {
        Some((a, b)) => Ok((a.to_owned(), b.to_owned())),
        None => Err(TextError::vocabulary(format!("merge {merge:?} does not join two tokens into a third"))),
    }
}
