//! The vocabulary of a tokenizer, read and checked from GGUF metadata: what every kind of tokenizer shares.

use std::collections::HashMap;

use super::error::TextError;
use crate::weights::Metadata;

/// What GGUF says a token is. Types that do not matter here count as normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenType {
    /// Text becomes it.
    Normal,
    /// Stands for what the vocabulary lacks.
    Unknown,
    /// Steers the model; no text may become it.
    Control,
    /// Found in text before anything else.
    UserDefined,
    /// Nothing becomes it.
    Unused,
    /// Stands for one byte, written `<0x2A>`.
    Byte,
}

impl TokenType {
    fn from_id(id: u32) -> Self {
        match id {
            2 => Self::Unknown,
            3 => Self::Control,
            4 => Self::UserDefined,
            5 => Self::Unused,
            6 => Self::Byte,
            _ => Self::Normal,
        }
    }

    /// Plain text can become such a token by merging or matching.
    pub(super) fn is_reachable(self) -> bool {
        matches!(self, Self::Normal | Self::UserDefined)
    }
}

/// Texts of tokens that end a turn in the models of this family.
const END_TEXTS: [&str; 13] = [
    "<|im_end|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|eot|>",
    "<|end|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|return|>",
    "<end_of_turn>",
    "<turn|>",
    "<end_of_utterance>",
    "<|END_OF_TURN_TOKEN|>",
    "<｜end▁of▁sentence｜>",
];

/// The tokens of a file with their types.
#[derive(Debug)]
pub(super) struct Entries<'a> {
    pub(super) tokens: &'a [String],
    pub(super) types: Vec<TokenType>,
}

impl<'a> Entries<'a> {
    /// Reads tokens and types; all are normal where the file gives no types.
    pub(super) fn from_metadata(metadata: &'a Metadata) -> Result<Self, TextError> {
        let tokens = metadata
            .strings("tokenizer.ggml.tokens")
            .ok_or_else(|| TextError::vocabulary("it has no tokens"))?;
        let mut types = token_types(metadata, tokens.len())?;
        for (token, token_type) in tokens.iter().zip(&mut types) {
            // Some files call these normal; a response that did not end at them would go on for ever.
            if END_TEXTS.contains(&token.as_str()) {
                *token_type = TokenType::Control;
            }
        }
        Ok(Self { tokens, types })
    }

    /// Ids, texts and types.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &'a str, TokenType)> {
        (0u32..).zip(self.tokens).zip(&self.types).map(|((id, text), kind)| (id, text.as_str(), *kind))
    }

    /// Scores of all tokens, as SentencePiece vocabularies have them.
    pub(super) fn scores(&self, metadata: &Metadata) -> Result<Vec<f32>, TextError> {
        let n_tokens = self.tokens.len();
        match metadata.f32s("tokenizer.ggml.scores") {
            Some(scores) if scores.len() == n_tokens => Ok(scores),
            Some(scores) => {
                let n_scores = scores.len();
                Err(TextError::vocabulary(format!("{n_tokens} tokens, but scores of {n_scores} tokens")))
            }
            // As llama.cpp: all tokens are equally good.
            None => Ok(vec![0.0; n_tokens]),
        }
    }
}

/// A token that is found in text before words are cut.
#[derive(Clone, Debug)]
pub(super) struct AddedToken {
    pub(super) text: String,
    pub(super) id: u32,
    /// Found only where the caller allows special tokens.
    pub(super) is_control: bool,
    /// Never found in what people write in a chat: control tokens, and those that look like one.
    pub(super) is_steering: bool,
}

/// Special ids where a file names none; the format's own defaults.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DefaultIds {
    pub(super) bos: Option<u32>,
    pub(super) eos: Option<u32>,
    pub(super) separator: Option<u32>,
    pub(super) unknown: Option<u32>,
}

/// Tokens by id and the ids with a meaning of their own.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    /// What each id decodes to.
    pub(super) bytes: Vec<Vec<u8>>,
    /// Which ids steer the model.
    pub(super) is_control: Vec<bool>,
    /// Longest first, by first byte of the text.
    pub(super) added: HashMap<u8, Vec<AddedToken>>,
    pub(super) bos_id: Option<u32>,
    pub(super) eos_id: Option<u32>,
    pub(super) separator_id: Option<u32>,
    pub(super) unknown_id: Option<u32>,
    /// Every id that ends a response, ascending.
    pub(super) end_ids: Vec<u32>,
}

impl Vocabulary {
    /// Reads special ids; `bytes` gives what a token that is not special stands for.
    pub(super) fn new(
        metadata: &Metadata,
        entries: &Entries<'_>,
        defaults: DefaultIds,
        bytes: impl Fn(&str, TokenType) -> Vec<u8>,
    ) -> Result<Self, TextError> {
        let ids = |name: &str| special_ids(metadata, name, entries.tokens.len());
        let id = |name: &str, default: Option<u32>| {
            let default = default.filter(|id| (*id as usize) < entries.tokens.len());
            ids(name).first().copied().or(default)
        };
        let special_bytes = |text: &str, token_type| match token_type {
            TokenType::Normal | TokenType::Byte => bytes(text, token_type),
            _ => text.as_bytes().to_vec(),
        };
        let is_control = |kind| matches!(kind, TokenType::Control | TokenType::Unknown);
        let added = entries.iter().filter(|(_, text, kind)| {
            (is_control(*kind) || *kind == TokenType::UserDefined) && !text.is_empty()
        });
        let added = added.map(|(id, text, kind)| AddedToken {
            text: text.to_owned(),
            id,
            is_control: is_control(kind),
            is_steering: is_control(kind) || looks_steering(text),
        });
        let eos_id = id("eos", defaults.eos);
        let ends = entries.iter().filter(|(_, text, _)| END_TEXTS.contains(text)).map(|(id, _, _)| id);
        let named = ["eos", "eot", "eom", "eog"].into_iter().flat_map(ids);
        let mut end_ids: Vec<u32> = ends.chain(named).chain(eos_id).collect();
        end_ids.sort_unstable();
        end_ids.dedup();
        Ok(Self {
            bytes: entries.iter().map(|(_, text, kind)| special_bytes(text, kind)).collect(),
            is_control: entries.types.iter().map(|kind| is_control(*kind)).collect(),
            added: by_first_byte(added.collect()),
            bos_id: id("bos", None).or_else(|| id("cls", defaults.bos)),
            eos_id,
            // The format spells it so.
            separator_id: id("seperator", defaults.separator),
            unknown_id: id("unknown", defaults.unknown),
            end_ids,
        })
    }

    /// What stands for text that has no token: not a token that begins or ends texts, as some files name it.
    pub(super) fn stand_in_id(&self) -> Option<u32> {
        self.unknown_id.filter(|id| self.bos_id != Some(*id) && self.end_ids.binary_search(id).is_err())
    }

    /// The longest added token that `text` starts with and that `is_allowed`.
    pub(super) fn added_token_at(
        &self,
        text: &str,
        is_allowed: impl Fn(&AddedToken) -> bool,
    ) -> Option<&AddedToken> {
        let candidates = self.added.get(text.as_bytes().first()?)?;
        candidates.iter().find(|token| text.starts_with(&token.text) && is_allowed(token))
    }

    /// Bytes that begin a steering token.
    pub(super) fn begins_steering(&self, byte: u8) -> bool {
        self.added.get(&byte).is_some_and(|tokens| tokens.iter().any(|token| token.is_steering))
    }
}

/// Files disagree on which markers are control tokens; these shapes mark turns in every known family.
pub(super) fn looks_steering(text: &str) -> bool {
    let within = |open, close| text.len() > 4 && text.starts_with(open) && text.ends_with(close);
    let is_bracketed = within("[", "]") && text.chars().all(|c| c.is_ascii_uppercase() || "[]/_".contains(c));
    within("<|", "|>") || within("<｜", "｜>") || within("<", "_of_turn>") || is_bracketed
}

/// Types of all tokens; normal where the file gives none.
fn token_types(metadata: &Metadata, n_tokens: usize) -> Result<Vec<TokenType>, TextError> {
    let key = "tokenizer.ggml.token_type";
    let Some(_) = metadata.get(key) else { return Ok(vec![TokenType::Normal; n_tokens]) };
    match metadata.u32s(key) {
        Some(types) if types.len() == n_tokens => Ok(types.into_iter().map(TokenType::from_id).collect()),
        Some(types) => {
            Err(TextError::vocabulary(format!("{n_tokens} tokens, but types of {} tokens", types.len())))
        }
        None => Err(TextError::vocabulary("the token types are not whole numbers")),
    }
}

/// All ids that the file gives a special token, as a number or a list; those beyond the vocabulary are none, as in llama.cpp.
fn special_ids(metadata: &Metadata, name: &str, n_tokens: usize) -> Vec<u32> {
    let of_key = |plural: &str| {
        let key = format!("tokenizer.ggml.{name}_token_id{plural}");
        metadata.u32s(&key).unwrap_or_else(|| metadata.u32(&key).into_iter().collect())
    };
    let mut ids = of_key("");
    ids.extend(of_key("s"));
    ids.retain(|id| (*id as usize) < n_tokens);
    ids
}

/// Tokens by the first byte of their text, longest first.
pub(super) fn by_first_byte(added: Vec<AddedToken>) -> HashMap<u8, Vec<AddedToken>> {
    let mut table: HashMap<u8, Vec<AddedToken>> = HashMap::new();
    for token in added {
        table.entry(token.text.as_bytes()[0]).or_default().push(token);
    }
    table.values_mut().for_each(|tokens| tokens.sort_by_key(|token| std::cmp::Reverse(token.text.len())));
    table
}
