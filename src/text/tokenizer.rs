//! Byte-level BPE from GGUF metadata.
//!
//! Text is taken as it is, without Unicode normalisation, so decoding gives back the bytes encoded.

use std::collections::HashMap;

use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::tokenizer::{Model as _, OffsetType};

use super::byte_level::{byte_chars, bytes_by_char, token_bytes};
use super::error::TextError;
use super::pre_tokenizer::PreTokenizer;
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
struct AddedToken {
    text: String,
    id: u32,
    /// Steers the model: found only where the caller allows special tokens.
    is_control: bool,
}

/// Turns text into token ids and back.
#[derive(Debug)]
pub struct Tokenizer {
    bpe: BPE,
    pre_tokenizer: PreTokenizer,
    /// Longest first, by first byte of the text.
    added: HashMap<u8, Vec<AddedToken>>,
    /// What each id decodes to.
    bytes: Vec<Vec<u8>>,
    is_control: Vec<bool>,
    bos_id: Option<u32>,
    eos_id: Option<u32>,
    end_ids: Vec<u32>,
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
        let pre_tokenizer =
            PreTokenizer::from_name(metadata.string("tokenizer.ggml.pre").unwrap_or("default"))?;
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
        let mut end_ids: Vec<u32> =
            [eos_id, special_id("eot")?, special_id("eom")?].into_iter().flatten().collect();
        let added = added_tokens(tokens, &types);
        end_ids.extend(
            added.iter().filter(|t| t.is_control && END_TEXTS.contains(&t.text.as_str())).map(|t| t.id),
        );
        end_ids.sort_unstable();
        end_ids.dedup();
        let add_bos =
            metadata.bool("tokenizer.ggml.add_bos_token").unwrap_or(pre_tokenizer.name == "llama-bpe");
        Ok(Self {
            bpe: merging_model(metadata, tokens, &types, pre_tokenizer.ignore_merges)?,
            pre_tokenizer,
            added: by_first_byte(added),
            bytes: bytes.collect(),
            is_control: types.iter().map(|&token_type| token_type == TYPE_CONTROL).collect(),
            bos_id,
            eos_id,
            end_ids,
            add_bos,
        })
    }

    /// Tokens in the vocabulary; the model's table may have more rows, which have no text.
    pub fn n_tokens(&self) -> u32 {
        self.bytes.len() as u32
    }

    /// The token that begins a text, if the model has one.
    pub fn bos_id(&self) -> Option<u32> {
        self.bos_id
    }

    /// The token that ends a text, if the model has one.
    pub fn eos_id(&self) -> Option<u32> {
        self.eos_id
    }

    /// Every token that ends a response, ascending.
    pub fn end_ids(&self) -> &[u32] {
        &self.end_ids
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
        if let Some(bos_id) = self.bos_id.filter(|_| self.add_bos)
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
        match (self.bytes.get(id), self.is_control.get(id)) {
            (Some(bytes), Some(&is_control)) if special || !is_control => bytes,
            _ => &[],
        }
    }

    /// The longest added token that `text` starts with.
    fn added_token_at(&self, text: &str, special: bool) -> Option<&AddedToken> {
        let candidates = self.added.get(text.as_bytes().first()?)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::testing::{GgufWriter, RandomLlama, random_llama};
    use crate::weights::{Header, Parsed};

    fn metadata(file: &[u8]) -> Metadata {
        match Header::parse(file, Some(file.len() as u64)).unwrap() {
            Parsed::Header(header) => header.metadata,
            Parsed::NeedMore { at_least } => panic!("a whole file asked for {at_least} bytes"),
        }
    }

    fn random_tokenizer() -> Tokenizer {
        Tokenizer::from_metadata(&metadata(&random_llama(&RandomLlama::default()))).unwrap()
    }

    const TEXTS: [&str; 12] = [
        "",
        "Hello, world!",
        "  two  spaces \n\n and lines\r\n\t",
        "Straße, Übung, naïve",
        "¿Cuántas manzanas? ¡Ocho!",
        "Сколько яблок? 12 штук.",
        "三个苹果加四个等于七个。",
        "كم عدد التفاحات؟ ١٢",
        "কতটি আপেল? ১২টি।",
        "Wana maembe mangapi? 12.",
        "e\u{301} vs \u{e9}, \u{200d}\u{200c}, 👩‍👩‍👧, \0",
        "fn main() { x = 3.14e-2; }",
    ];

    #[test]
    fn decoding_gives_back_the_text() {
        let tokenizer = random_tokenizer();
        for text in TEXTS {
            for special in [false, true] {
                let ids = tokenizer.encode(text, special).unwrap();
                assert_eq!(tokenizer.decode(&ids, true), text);
                assert_eq!(tokenizer.decode(&ids, false), text);
            }
        }
    }

    #[test]
    fn merges_are_applied_in_order() {
        let tokenizer = random_tokenizer();
        // Merges of the random model: "a a" to "a z", then "b a" to "b p": ids 259 to 300.
        assert_eq!(tokenizer.encode("ab", false).unwrap(), [260]);
        assert_eq!(tokenizer.encode("bab", false).unwrap(), [3 + u32::from(b'b'), 260]);
        assert_eq!(tokenizer.encode("zz", false).unwrap(), [3 + u32::from(b'z'); 2]);
    }

    #[test]
    fn special_tokens_are_text_unless_allowed() {
        let tokenizer = random_tokenizer();
        let text = "a<|im_end|>\n";
        let ids = tokenizer.encode(text, true).unwrap();
        assert_eq!(ids, [3 + u32::from(b'a'), 2, 3 + u32::from(b'\n')]);
        assert_eq!(tokenizer.decode(&ids, false), "a\n");
        assert_eq!(tokenizer.decode(&ids, true), text);
        let ids = tokenizer.encode(text, false).unwrap();
        assert!(!ids.contains(&2), "{ids:?}");
        assert_eq!(tokenizer.decode(&ids, false), text);
        assert_eq!(tokenizer.encode("<|im_start|><|im_end|>", true).unwrap(), [1, 2]);
        assert_eq!(tokenizer.end_ids(), [0, 2]);
        assert_eq!(tokenizer.decode(&[9999], true), "");
    }

    /// A tokenizer of all bytes and what `change` adds.
    fn built(tokens: &[&str], change: impl FnOnce(&mut GgufWriter)) -> Result<Tokenizer, TextError> {
        let bytes = byte_chars().map(String::from);
        let all: Vec<&str> = bytes.iter().map(String::as_str).chain(tokens.iter().copied()).collect();
        let mut writer = GgufWriter::new();
        writer.string("tokenizer.ggml.model", "gpt2").strings("tokenizer.ggml.tokens", &all);
        change(&mut writer);
        Tokenizer::from_metadata(&metadata(&writer.finish()))
    }

    #[test]
    fn a_whole_word_is_taken_unmerged_only_by_llama_3() {
        for (pre, expected) in
            [("llama-bpe", vec![256]), ("qwen2", vec![b'a'.into(), b'b'.into(), b'c'.into()])]
        {
            let add = |w: &mut GgufWriter| {
                w.string("tokenizer.ggml.pre", pre).strings::<&str>("tokenizer.ggml.merges", &[]);
            };
            assert_eq!(built(&["abc"], add).unwrap().encode("abc", false).unwrap(), expected, "{pre}");
        }
    }

    #[test]
    fn the_begin_token_is_added_once() {
        let add = |w: &mut GgufWriter| {
            let types: Vec<i32> = (0..257).map(|id| if id == 256 { 3 } else { 1 }).collect();
            w.strings::<&str>("tokenizer.ggml.merges", &[]).i32s("tokenizer.ggml.token_type", &types);
            w.u32("tokenizer.ggml.bos_token_id", 256).bool("tokenizer.ggml.add_bos_token", true);
        };
        let tokenizer = built(&["<s>"], add).unwrap();
        assert_eq!(tokenizer.encode_prompt("a").unwrap(), [256, b'a'.into()]);
        assert_eq!(tokenizer.encode_prompt("<s>a").unwrap(), [256, b'a'.into()]);
        assert_eq!(tokenizer.encode("a", true).unwrap(), [u32::from(b'a')]);
        assert_eq!(tokenizer.token_text(256), "<s>");
    }

    #[test]
    fn damaged_vocabularies_are_refused_by_name() {
        type Change = fn(&mut GgufWriter);
        let cases: [(&[&str], Change, &str); 8] = [
            (&[], |_| (), "merges"),
            (
                &["ab"],
                |w| {
                    w.strings("tokenizer.ggml.merges", &["a b", "ab c"]);
                },
                "\"ab c\"",
            ),
            (
                &["ab"],
                |w| {
                    w.strings("tokenizer.ggml.merges", &["ab"]);
                },
                "\"ab\"",
            ),
            (
                &["a"],
                |w| {
                    w.strings::<&str>("tokenizer.ggml.merges", &[]);
                },
                "\"a\" appears twice",
            ),
            (
                &[],
                |w| {
                    w.u32("tokenizer.ggml.eos_token_id", 256);
                },
                "eos_token_id",
            ),
            (
                &[],
                |w| {
                    w.i32s("tokenizer.ggml.token_type", &[1; 3]);
                },
                "types of 3",
            ),
            (
                &[],
                |w| {
                    w.i32s("tokenizer.ggml.token_type", &[3; 256]);
                },
                "byte 0",
            ),
            (
                &[],
                |w| {
                    w.string("tokenizer.ggml.pre", "odd");
                },
                "\"odd\"",
            ),
        ];
        for (tokens, change, expected) in cases {
            let error = built(tokens, change).unwrap_err().to_string();
            assert!(error.contains(expected), "{error} does not name {expected}");
        }
        let mut writer = GgufWriter::new();
        writer.string("tokenizer.ggml.model", "llama");
        let error = Tokenizer::from_metadata(&metadata(&writer.finish())).unwrap_err();
        assert_eq!(error, TextError::TokenizerModel { found: "llama".into() });
    }

    #[test]
    fn long_runs_are_encoded_whole() {
        let tokenizer = random_tokenizer();
        for text in [" ".repeat(100_000), "a".repeat(20_000), "\n ".repeat(20_000), "<|im_".repeat(5000)] {
            let ids = tokenizer.encode(&text, true).unwrap();
            assert_eq!(tokenizer.decode(&ids, true).len(), text.len());
        }
    }
}
