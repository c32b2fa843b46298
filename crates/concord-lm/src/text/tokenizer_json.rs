//! Checks a `tokenizer.json` before the library reads it, because the library trusts its input: a bad merge
//! or character map could end the program, a replacement could fill the memory.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::charsmap::Charsmap;

/// Longest description of a normaliser, pre-tokenizer, post-processor or decoder, in bytes.
const MAX_PART_BYTES: usize = 1 << 20;
/// Deepest nesting of sequences.
const MAX_DEPTH: usize = 3;
const MAX_PATTERNS: usize = 16;
/// Longest pattern, in bytes.
const MAX_PATTERN_BYTES: usize = 4096;
/// How often a pattern may repeat its parts, all its counts multiplied.
const MAX_REPEATS: usize = 256;
/// How much longer all replacements together may make a text.
const MAX_GROWTH: usize = 64;
/// Longest word that WordPiece looks up in the vocabulary, in characters; 100 is usual.
const MAX_WORD_CHARS: u64 = 256;
/// Most tokens that a post-processor puts around a text, and most bytes of what is put before it.
const MAX_AFFIXES: usize = 64;
/// Ids that no token has; files leave some out, but not most.
pub(super) const MAX_UNUSED_IDS: usize = 1 << 16;

/// Parts that do nothing that depends on more than their flags.
const HARMLESS: [&str; 27] = [
    "BertNormalizer",
    "NFC",
    "NFD",
    "NFKC",
    "NFKD",
    "Lowercase",
    "Nmt",
    "Strip",
    "StripAccents",
    "ByteLevel",
    "BertPreTokenizer",
    "CharDelimiterSplit",
    "Digits",
    "Metaspace",
    "Punctuation",
    "UnicodeScripts",
    "Whitespace",
    "WhitespaceSplit",
    "BertProcessing",
    "RobertaProcessing",
    "BPEDecoder",
    "ByteFallback",
    "CTC",
    "Fuse",
    "WordPiece",
    "WordLevel",
    "Unigram",
];

/// The file, as far as it is checked.
#[derive(Deserialize)]
struct Outline<'a> {
    #[serde(borrow)]
    normalizer: Option<&'a RawValue>,
    #[serde(borrow)]
    pre_tokenizer: Option<&'a RawValue>,
    #[serde(borrow)]
    post_processor: Option<&'a RawValue>,
    #[serde(borrow)]
    decoder: Option<&'a RawValue>,
    #[serde(borrow)]
    model: Model<'a>,
}

#[derive(Deserialize)]
struct Model<'a> {
    #[serde(borrow)]
    vocab: &'a RawValue,
    #[serde(borrow)]
    merges: Option<&'a RawValue>,
    continuing_subword_prefix: Option<String>,
    max_input_chars_per_word: Option<u64>,
    dropout: Option<f64>,
}

/// Refuses a file, with what is wrong, that the library might not survive.
pub(super) fn check(json: &[u8]) -> Result<(), String> {
    let outline: Outline<'_> = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let mut parts = Parts { n_patterns: 0, growth: 1 };
    for part in [outline.normalizer, outline.pre_tokenizer, outline.post_processor, outline.decoder] {
        let Some(part) = part else { continue };
        if part.get().len() > MAX_PART_BYTES {
            return Err(format!("a part of it is longer than {MAX_PART_BYTES} bytes"));
        }
        let part: Value = serde_json::from_str(part.get()).map_err(|error| error.to_string())?;
        parts.check(&part, 0)?;
    }
    let model = outline.model;
    if model.max_input_chars_per_word.is_some_and(|n| n > MAX_WORD_CHARS) {
        return Err(format!("its words may be longer than {MAX_WORD_CHARS} characters"));
    }
    if model.dropout.is_some_and(|dropout| dropout != 0.0) {
        return Err("it drops merges at random".to_owned());
    }
    if model.vocab.get().starts_with('[') {
        return check_scores(model.vocab.get());
    }
    let vocab: Vocab<'_> = serde_json::from_str(model.vocab.get()).map_err(|error| error.to_string())?;
    let limit = vocab.0.len() + MAX_UNUSED_IDS;
    if let Some(id) = vocab.0.values().find(|id| **id as usize >= limit) {
        return Err(format!("it has {} tokens, but an id {id}", vocab.0.len()));
    }
    let Some(merges) = model.merges else { return Ok(()) };
    let prefix = model.continuing_subword_prefix.unwrap_or_default();
    let check = Merges { vocab: &vocab, prefix: &prefix };
    check
        .deserialize(&mut serde_json::Deserializer::from_str(merges.get()))
        .map_err(|error| error.to_string())
}

/// Tokens and their ids.
#[derive(Deserialize)]
struct Vocab<'a>(#[serde(borrow)] HashMap<Cow<'a, str>, u32>);

/// Tokens with scores: none may be empty, or the search for the best cut would not end.
fn check_scores(json: &str) -> Result<(), String> {
    let vocab: Vec<(Cow<'_, str>, f64)> = serde_json::from_str(json).map_err(|error| error.to_string())?;
    if vocab.iter().any(|(text, score)| text.is_empty() || !score.is_finite()) {
        return Err("a token is empty or has no score".to_owned());
    }
    Ok(())
}

/// What was met so far of the parts.
struct Parts {
    n_patterns: usize,
    growth: usize,
}

impl Parts {
    fn check(&mut self, part: &Value, depth: usize) -> Result<(), String> {
        if part.is_null() {
            return Ok(());
        }
        let kind = part["type"].as_str().unwrap_or("(none)");
        match kind {
            "Sequence" if depth < MAX_DEPTH => {
                let lists = ["normalizers", "pretokenizers", "processors", "decoders"];
                let items = lists.iter().filter_map(|name| part[*name].as_array()).flatten();
                items.into_iter().try_for_each(|item| self.check(item, depth + 1))
            }
            "Split" => self.pattern(&part["pattern"]).map(|_| ()),
            "Replace" => {
                let least = self.pattern(&part["pattern"])?;
                let n_bytes = part["content"].as_str().map_or(0, str::len);
                self.grow(n_bytes.div_ceil(least))
            }
            "Prepend" => {
                let n_bytes = part["prepend"].as_str().map_or(0, str::len);
                if n_bytes > MAX_AFFIXES { Err("it puts too much before texts".to_owned()) } else { Ok(()) }
            }
            "Precompiled" => check_charsmap(part["precompiled_charsmap"].as_str().unwrap_or_default()),
            "TemplateProcessing" => check_template(part),
            _ if HARMLESS.contains(&kind) => Ok(()),
            _ => Err(format!("its part {:?} is not supported", kind.chars().take(40).collect::<String>())),
        }
    }

    /// Checks a pattern; gives the fewest bytes that it matches, at least 1.
    fn pattern(&mut self, pattern: &Value) -> Result<usize, String> {
        self.n_patterns += 1;
        let (text, least) = match (pattern["String"].as_str(), pattern["Regex"].as_str()) {
            (Some(text), None) => (text, text.len()),
            (None, Some(text)) => (text, 1),
            _ => return Err("a pattern is neither a text nor a regular expression".to_owned()),
        };
        if text.is_empty() || text.len() > MAX_PATTERN_BYTES || self.n_patterns > MAX_PATTERNS {
            return Err("its patterns are empty, too long or too many".to_owned());
        }
        let counts = text.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        let numbers = counts
            .flat_map(|count| count.split(','))
            .filter_map(|number| number.trim().parse::<usize>().ok());
        if numbers.fold(1, |product: usize, number| product.saturating_mul(number.max(1))) > MAX_REPEATS {
            return Err("a pattern repeats its parts too often".to_owned());
        }
        Ok(least)
    }

    fn grow(&mut self, factor: usize) -> Result<(), String> {
        self.growth = self.growth.saturating_mul(factor.max(1));
        if self.growth > MAX_GROWTH { Err("its replacements make texts too long".to_owned()) } else { Ok(()) }
    }
}

/// Every special token of a template must be one that it defines.
fn check_template(part: &Value) -> Result<(), String> {
    for pieces in [&part["single"], &part["pair"]] {
        let Some(pieces) = pieces.as_array() else { continue };
        for id in pieces.iter().filter_map(|piece| piece["SpecialToken"]["id"].as_str()) {
            let token = &part["special_tokens"][id];
            let [n_ids, n_tokens] = ["ids", "tokens"].map(|name| token[name].as_array().map_or(0, Vec::len));
            if n_ids != n_tokens || n_ids == 0 || n_ids > MAX_AFFIXES {
                return Err("its template names a token that it does not define".to_owned());
            }
        }
        if pieces.len() > MAX_AFFIXES {
            return Err("its template is too long".to_owned());
        }
    }
    Ok(())
}

fn check_charsmap(base64: &str) -> Result<(), String> {
    let damaged = || "its character map is damaged".to_owned();
    let bytes = base64_bytes(base64).ok_or_else(damaged)?;
    match Charsmap::parse(&bytes) {
        Ok(map) if map.is_closed() => Ok(()),
        _ => Err(damaged()),
    }
}

/// The bytes that base64 stands for.
fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for four in text.trim_end_matches('=').as_bytes().chunks(4) {
        let mut bits = 0u32;
        for char in four {
            let digit = match char {
                b'A'..=b'Z' => char - b'A',
                b'a'..=b'z' => char - b'a' + 26,
                b'0'..=b'9' => char - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(digit);
        }
        bits <<= 6 * (4 - four.len());
        bytes.extend(&bits.to_be_bytes()[1..four.len()]);
    }
    Some(bytes)
}

/// Checks merges one by one: both parts and their union must be tokens.
struct Merges<'v> {
    vocab: &'v Vocab<'v>,
    prefix: &'v str,
}

impl Merges<'_> {
    fn joins(&self, a: &str, b: &str) -> bool {
        let has = |text: &str| self.vocab.0.contains_key(text);
        let union = b.strip_prefix(self.prefix).map(|rest| format!("{a}{rest}"));
        has(a) && has(b) && union.is_some_and(|union| has(&union))
    }
}

impl<'de> DeserializeSeed<'de> for Merges<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Merges<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of merges")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Merge<'a> {
            #[serde(borrow)]
            Line(Cow<'a, str>),
            Pair(String, String),
        }
        while let Some(merge) = seq.next_element()? {
            let is_good = match &merge {
                Merge::Line(line) if line.starts_with("#version") => true,
                Merge::Line(line) => line.split_once(' ').is_some_and(|(a, b)| self.joins(a, b)),
                Merge::Pair(a, b) => self.joins(a, b),
            };
            if !is_good {
                return Err(A::Error::custom("a merge does not join two tokens into a third"));
            }
        }
        Ok(())
    }
}
