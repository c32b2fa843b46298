//! The vocabulary of a tokenizer, read and checked from GGUF metadata.

use std::collections::HashMap;

use tokenizers::models::bpe::{BPE, Vocab};

use super::byte_level::{byte_chars, bytes_by_char, token_bytes};
use super::error::TextError;
use crate::weights::Metadata;

/// Token types of GGUF vocabularies that matter here.
const TYPE_CONTROL: u32 = 3;
const TYPE_USER_DEFINED: u32 = 4;
const TYPE_UNUSED: u32 = 5;

/// Texts of control tokens that end a turn in the models of this family.
const END_TEXTS: [&str; 6] =
    ["<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<|endoftext|>", "<|end_of_text|>"];

/// Words remembered by the merging model.
const CACHE_WORDS: usize = 10_000;

/// A token that is found in text before words are cut.
#[derive(Clone, Debug)]
pub(super) struct AddedToken {
    pub(super) text: String,
    pub(super) id: u32,
    /// Steers the model: found only where the caller allows special tokens.
    pub(super) is_control: bool,
}

/// Tokens by id and the ids with a meaning of their own.
#[derive(Debug)]
pub(super) struct Vocabulary {
    /// What each id decodes to.
    pub(super) bytes: Vec<Vec<u8>>,
    /// Which ids steer the model.
    pub(super) is_control: Vec<bool>,
    /// Longest first, by first byte of the text.
    pub(super) added: HashMap<u8, Vec<AddedToken>>,
    pub(super) bos_id: Option<u32>,
    pub(super) eos_id: Option<u32>,
    /// Every id that ends a response, ascending.
    pub(super) end_ids: Vec<u32>,
}

impl Vocabulary {
    /// Reads tokens, types and special ids, and the merges into a model of their own.
    pub(super) fn from_metadata(metadata: &Metadata, ignore_merges: bool) -> Result<(Self, BPE), TextError> {
        let tokens = metadata
            .strings("tokenizer.ggml.tokens")
            .ok_or_else(|| TextError::vocabulary("it has no tokens"))?;
        let types = token_types(metadata, tokens.len())?;
        let table = bytes_by_char();
        let bytes = tokens.iter().zip(&types).map(|(token, token_type)| match *token_type {
            TYPE_CONTROL | TYPE_USER_DEFINED => token.as_bytes().to_vec(),
            _ => token_bytes(token, &table).unwrap_or_else(|| token.as_bytes().to_vec()),
        });
        let special_id = |name: &str| special_id(metadata, name, tokens.len());
        let (bos_id, eos_id) = (special_id("bos")?, special_id("eos")?);
        let added = added_tokens(tokens, &types);
        let ends = added.iter().filter(|token| token.is_control && END_TEXTS.contains(&token.text.as_str()));
        let mut end_ids: Vec<u32> = ends.map(|token| token.id).collect();
        end_ids.extend([eos_id, special_id("eot")?, special_id("eom")?].into_iter().flatten());
        end_ids.sort_unstable();
        end_ids.dedup();
        let vocabulary = Self {
            bytes: bytes.collect(),
            is_control: types.iter().map(|&token_type| token_type == TYPE_CONTROL).collect(),
            added: by_first_byte(added),
            bos_id,
            eos_id,
            end_ids,
        };
        Ok((vocabulary, merging_model(metadata, tokens, &types, ignore_merges)?))
    }
}

/// Types of all tokens; normal where the file gives none.
fn token_types(metadata: &Metadata, n_tokens: usize) -> Result<Vec<u32>, TextError> {
    let key = "tokenizer.ggml.token_type";
    let Some(_) = metadata.get(key) else { return Ok(vec![1; n_tokens]) };
    match metadata.u32s(key) {
        Some(types) if types.len() == n_tokens => Ok(types),
        Some(types) => {
            Err(TextError::vocabulary(format!("{n_tokens} tokens, but types of {} tokens", types.len())))
        }
        None => Err(TextError::vocabulary("the token types are not whole numbers")),
    }
}

/// An optional special id, checked against the vocabulary.
fn special_id(metadata: &Metadata, name: &str, n_tokens: usize) -> Result<Option<u32>, TextError> {
    let key = format!("tokenizer.ggml.{name}_token_id");
    match metadata.u32(&key) {
        Some(id) if id as usize >= n_tokens => {
            Err(TextError::vocabulary(format!("{key} is {id}, but there are {n_tokens} tokens")))
        }
        id => Ok(id),
    }
}

fn added_tokens(tokens: &[String], types: &[u32]) -> Vec<AddedToken> {
    let entries = (0u32..).zip(tokens).zip(types);
    let added = entries.filter(|((_, text), token_type)| {
        matches!(**token_type, TYPE_CONTROL | TYPE_USER_DEFINED) && !text.is_empty()
    });
    added
        .map(|((id, text), token_type)| AddedToken {
            text: text.clone(),
            id,
            is_control: *token_type == TYPE_CONTROL,
        })
        .collect()
}

fn by_first_byte(added: Vec<AddedToken>) -> HashMap<u8, Vec<AddedToken>> {
    let mut table: HashMap<u8, Vec<AddedToken>> = HashMap::new();
    for token in added {
        table.entry(token.text.as_bytes()[0]).or_default().push(token);
    }
    table.values_mut().for_each(|tokens| tokens.sort_by_key(|token| std::cmp::Reverse(token.text.len())));
    table
}

/// The merging model over all tokens that text can become. Control and unused tokens are not among
/// them, so no text can spell one.
fn merging_model(
    metadata: &Metadata,
    tokens: &[String],
    types: &[u32],
    ignore_merges: bool,
) -> Result<BPE, TextError> {
    let mut vocab = Vocab::with_capacity(tokens.len());
    for ((id, token), token_type) in (0u32..).zip(tokens).zip(types) {
        if matches!(*token_type, TYPE_CONTROL | TYPE_UNUSED) {
            continue;
        }
        if vocab.insert(token.clone(), id).is_some() {
            return Err(TextError::vocabulary(format!("token {token:?} appears twice")));
        }
    }
    for (byte, char) in byte_chars().into_iter().enumerate() {
        if !vocab.contains_key(char.encode_utf8(&mut [0; 4])) {
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
