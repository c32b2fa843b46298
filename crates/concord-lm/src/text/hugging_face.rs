//! A tokenizer from a `tokenizer.json`, run by the library that writes such files.

use tokenizers::tokenizer::{AddedVocabulary, Encoding, Model as _, OffsetType, PreTokenizer as _, Token};
use tokenizers::{DecoderWrapper, ModelWrapper, Tokenizer};

use super::byte_level::{bytes_by_char, token_bytes};
use super::error::TextError;
use super::pieces::{SPACE, byte_of};
use super::tokenizer_json::{self, MAX_UNUSED_IDS};
use super::vocabulary::{AddedToken, Vocabulary, by_first_byte, looks_steering};
use super::word_piece::unknown_words;

/// Normaliser, pre-tokenizer, model and post-processor of a file.
#[derive(Debug)]
pub(super) struct HuggingFace {
    tokenizer: Tokenizer,
    /// The added tokens, with the special ones taken for plain text.
    plain: AddedVocabulary,
    /// Stands for what the vocabulary lacks.
    unknown_id: Option<u32>,
}

/// How tokens spell text, by the decoder that a file names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    ByteLevel,
    VisibleSpace,
    WordPiece,
}

impl HuggingFace {
    /// Reads a file; gives the vocabulary too, and whether decoding drops the first space.
    pub(super) fn parse(json: &[u8]) -> Result<(Self, Vocabulary, bool), TextError> {
        let wrong = |reason: String| TextError::TokenizerJson { reason };
        tokenizer_json::check(json).map_err(wrong)?;
        let mut tokenizer = Tokenizer::from_bytes(json).map_err(|error| wrong(error.to_string()))?;
        // How long a text may be is for the model to say, not for its tokenizer.
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|error| wrong(error.to_string()))?;
        let spelling = tokenizer.get_decoder().and_then(spelling);
        let spelling = spelling
            .ok_or_else(|| wrong(format!("its decoder {} is not supported", decoder_name(&tokenizer))))?;
        let vocabulary = vocabulary(&tokenizer, spelling)?;
        let mut plain = tokenizer.get_added_vocabulary().clone();
        plain.set_encode_special_tokens(true);
        let unknown_id = unknown_id(&tokenizer);
        Ok((Self { tokenizer, plain, unknown_id }, vocabulary, spelling != Spelling::ByteLevel))
    }

    /// Ids of a text; special tokens are found in it where `special`.
    pub(super) fn encode(&self, text: &str, special: bool) -> Result<Vec<u32>, TextError> {
        self.encoding(text, special).map(|encoding| encoding.get_ids().to_vec())
    }

    /// Ids of a text with what the file's post-processor puts around it.
    pub(super) fn encode_whole(&self, text: &str) -> Result<Vec<u32>, TextError> {
        let encoding = self.encoding(text, false)?;
        let whole = self.tokenizer.post_process(encoding, None, true).map_err(encode_error)?;
        Ok(whole.get_ids().to_vec())
    }

    /// The words of a text that become the unknown token.
    pub(super) fn unknown_words(&self, text: &str) -> Vec<String> {
        let Some(_) = self.unknown_id else { return Vec::new() };
        self.encoding(text, false)
            .map_or_else(|_| Vec::new(), |encoding| unknown_words(text, &encoding, self.unknown_id))
    }

    fn encoding(&self, text: &str, special: bool) -> Result<Encoding, TextError> {
        let added = if special { self.tokenizer.get_added_vocabulary() } else { &self.plain };
        let mut words = added.extract_and_normalize(self.tokenizer.get_normalizer(), text);
        if let Some(pre_tokenizer) = self.tokenizer.get_pre_tokenizer() {
            pre_tokenizer.pre_tokenize(&mut words).map_err(encode_error)?;
        }
        words
            .tokenize(|word| self.tokenizer.get_model().tokenize(word.get()))
            .and_then(|()| words.into_encoding(None, 0, OffsetType::Byte))
            .map_err(encode_error)
    }
}

/// The id that stands for what the vocabulary lacks.
fn unknown_id(tokenizer: &Tokenizer) -> Option<u32> {
    let text = match tokenizer.get_model() {
        ModelWrapper::BPE(model) => model.unk_token.clone()?,
        ModelWrapper::WordPiece(model) => model.unk_token.clone(),
        ModelWrapper::WordLevel(model) => model.unk_token.clone(),
        ModelWrapper::Unigram(model) => {
            // It says which only by using it: for a character that no vocabulary has.
            let tokens = model.tokenize("\u{10fffd}").ok()?;
            let is_unknown = |token: &&Token| model.token_to_id(&token.value).is_none();
            return tokens.iter().find(is_unknown).map(|token| token.id);
        }
    };
    tokenizer.get_model().token_to_id(&text)
}

fn encode_error(error: tokenizers::Error) -> TextError {
    TextError::Encode { reason: error.to_string() }
}

/// How the decoder of a file reads tokens; a chain reads them as its first telling part does.
fn spelling(decoder: &DecoderWrapper) -> Option<Spelling> {
    match decoder {
        DecoderWrapper::ByteLevel(_) => Some(Spelling::ByteLevel),
        DecoderWrapper::Metaspace(_) | DecoderWrapper::Replace(_) => Some(Spelling::VisibleSpace),
        DecoderWrapper::WordPiece(_) => Some(Spelling::WordPiece),
        DecoderWrapper::Sequence(parts) => parts.get_decoders().iter().find_map(spelling),
        _ => None,
    }
}

/// The decoder's own name, as the file gives it.
fn decoder_name(tokenizer: &Tokenizer) -> String {
    let value = tokenizer.get_decoder().and_then(|decoder| serde_json::to_value(decoder).ok());
    let name = value.and_then(|value| value["type"].as_str().map(str::to_owned));
    name.map_or_else(|| "(none)".to_owned(), |name| format!("\"{name}\""))
}

fn vocabulary(tokenizer: &Tokenizer, spelling: Spelling) -> Result<Vocabulary, TextError> {
    let ids = tokenizer.get_vocab(true);
    let added = tokenizer.get_added_tokens_decoder();
    let last = ids.values().chain(added.keys()).max().copied().unwrap_or(0) as usize;
    if last >= ids.len() + MAX_UNUSED_IDS {
        let reason = format!("it has {} tokens, but ids up to {last}", ids.len());
        return Err(TextError::TokenizerJson { reason });
    }
    let n_ids = if ids.is_empty() { 0 } else { last + 1 };
    let table = bytes_by_char();
    let mut vocabulary = Vocabulary {
        bytes: vec![Vec::new(); n_ids],
        is_control: vec![false; n_ids],
        ..Vocabulary::default()
    };
    for (text, id) in &ids {
        let is_added = added.contains_key(id);
        vocabulary.bytes[*id as usize] = match spelling {
            _ if is_added => text.clone().into_bytes(),
            Spelling::ByteLevel => token_bytes(text, &table).unwrap_or_else(|| text.clone().into_bytes()),
            Spelling::VisibleSpace => {
                byte_of(text).map_or_else(|| text.replace(SPACE, " ").into_bytes(), |byte| vec![byte])
            }
            Spelling::WordPiece => text
                .strip_prefix("##")
                .map_or_else(|| format!(" {text}").into_bytes(), |part| part.as_bytes().to_vec()),
        };
    }
    let mut tokens = Vec::new();
    for (id, token) in added.iter().filter(|(_, token)| !token.content.is_empty()) {
        let (text, is_control) = (token.content.clone(), token.special);
        vocabulary.is_control[*id as usize] = is_control;
        let is_steering = is_control || looks_steering(&text);
        tokens.push(AddedToken { text, id: *id, is_control, is_steering });
    }
    vocabulary.added = by_first_byte(tokens);
    Ok(vocabulary)
}

#[cfg(test)]
mod tests {
    use crate::text::{TextError, Tokenizer};

    const JSON: &str = r###"{
        "version": "1.0",
        "truncation": {"direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0},
        "padding": null,
        "added_tokens": [
            {"id": 2, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}
        ],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}}
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": false},
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {"[UNK]": 0, "a": 1, "[CLS]": 2, "##b": 3, "[": 4, "cls": 5, "]": 6}
        }
    }"###;

    #[test]
    fn a_file_is_read_with_all_its_parts() {
        let tokenizer = Tokenizer::from_json(JSON.as_bytes()).unwrap();
        assert_eq!(tokenizer.n_tokens(), 7);
        assert_eq!(tokenizer.encode("Ab[CLS] a", true).unwrap(), [1, 3, 2, 1]);
        assert_eq!(tokenizer.encode("Ab[CLS] a", false).unwrap(), [1, 3, 4, 5, 6, 1]);
        // Not cut to three, though the file says so.
        assert_eq!(tokenizer.encode_whole("ab ab").unwrap(), [2, 1, 3, 1, 3]);
        assert_eq!(tokenizer.decode(&[2, 1, 3, 1], false), "ab a");
        // Of a word that is lost, what alone is lost too; else all of it.
        assert_eq!(tokenizer.unwritable("a 語ab aa cls é x"), "語baéx");
        assert_eq!(tokenizer.decode(&[1, 2], true), "a[CLS]");
    }

    #[test]
    fn what_is_not_supported_is_refused_by_name() {
        let cases = [
            ("{}".to_owned(), "tokenizer.json"),
            ("GGUF".to_owned(), "tokenizer.json"),
            (
                JSON.replace(
                    r###"{"type": "WordPiece", "prefix": "##", "cleanup": false}"###,
                    r#"{"type": "Fuse"}"#,
                ),
                "\"Fuse\"",
            ),
            (JSON.replace(r#""cls": 5"#, r#""cls": 4000000000"#), "4000000000"),
        ];
        for (json, expected) in cases {
            match Tokenizer::from_json(json.as_bytes()) {
                Err(error @ TextError::TokenizerJson { .. }) => {
                    assert!(error.to_string().contains(expected), "{error}");
                }
                other => panic!("{json} gave {other:?}"),
            }
        }
    }
}
