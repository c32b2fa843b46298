//! How text is cut into words before merging, by the name that a model file gives.
//!
//! Each rule is a list of patterns; every pattern cuts the pieces that the one before left. The
//! patterns are those that the models were trained with, as llama.cpp applies them.

use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::tokenizer::{PreTokenizedString, PreTokenizer as _, SplitDelimiterBehavior};

use super::error::TextError;
use super::pre_tokenizer_rules::RULES;

/// Cuts text into words and writes them in the byte alphabet.
#[derive(Debug)]
pub(super) struct PreTokenizer {
    splits: Vec<Split>,
    byte_level: ByteLevel,
    /// A word that is itself a token is taken as it is, even where merges would not reach it.
    pub(super) ignore_merges: bool,
    /// The model expects its begin token even where the file does not say so.
    pub(super) adds_bos: bool,
    /// The model expects its separator after a whole text.
    pub(super) adds_separator: bool,
}

impl PreTokenizer {
    /// The rule of a name, as in `tokenizer.ggml.pre`.
    pub(super) fn from_name(name: &str) -> Result<Self, TextError> {
        let Some(rule) = RULES.iter().find(|rule| rule.names.contains(&name)) else {
            let supported: Vec<&str> = RULES.iter().flat_map(|rule| rule.names).copied().collect();
            return Err(TextError::PreTokenizer { found: name.to_owned(), supported: supported.join(", ") });
        };
        let split = |pattern: &&str| {
            let pattern = SplitPattern::Regex((*pattern).to_owned());
            Split::new(pattern, SplitDelimiterBehavior::Isolated, false)
                .map_err(|error| TextError::vocabulary(format!("pattern of {name}: {error}")))
        };
        Ok(Self {
            splits: rule.patterns.iter().map(split).collect::<Result<_, _>>()?,
            byte_level: ByteLevel::new(false, false, false),
            ignore_merges: rule.ignore_merges,
            adds_bos: rule.adds_bos,
            adds_separator: rule.adds_separator,
        })
    }

    /// Words of a text, in the byte alphabet, ready to be merged.
    pub(super) fn words(&self, text: &str) -> Result<PreTokenizedString, TextError> {
        let mut words = PreTokenizedString::from(text);
        let mut result = Ok(());
        for split in &self.splits {
            result = result.and_then(|()| split.pre_tokenize(&mut words));
        }
        match result.and_then(|()| self.byte_level.pre_tokenize(&mut words)) {
            Ok(()) => Ok(words),
            Err(error) => Err(TextError::Encode { reason: error.to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokenizers::tokenizer::{OffsetReferential, OffsetType};

    use super::*;

    fn words(name: &str, text: &str) -> Vec<String> {
        let words = PreTokenizer::from_name(name).unwrap().words(text).unwrap();
        let splits = words.get_splits(OffsetReferential::Original, OffsetType::Byte);
        splits.into_iter().map(|(_, (start, end), _)| text[start..end].to_owned()).collect()
    }

    #[test]
    fn each_rule_cuts_as_its_model_was_trained() {
        let cases: [(&str, &str, &[&str]); 9] = [
            ("gpt-2", "It's 1234 x", &["It", "'s", " 1234", " x"]),
            ("gpt-2", "a  b\n", &["a", " ", " b", "\n"]),
            ("llama-bpe", "It'S 1234 x", &["It", "'S", " ", "123", "4", " x"]),
            ("qwen2", "x 12\n\ny", &["x", " ", "1", "2", "\n\n", "y"]),
            ("qwen2", "3 + 4 = 7.\n", &["3", " +", " ", "4", " =", " ", "7", ".\n"]),
            ("smollm", "in 2024!", &["in", " ", "2", "0", "2", "4", "!"]),
            ("default", "1234, ok", &["123", "4", ",", " ok"]),
            ("qwen2", "১২টি আপেল", &["১", "২", "ট", "ি", " আপ", "েল"]),
            ("qwen2", "三个苹果。", &["三个苹果", "。"]),
        ];
        for (name, text, expected) in cases {
            assert_eq!(words(name, text), expected, "{name}: {text:?}");
        }
    }

    #[test]
    fn an_unknown_rule_is_refused_by_name() {
        let error = PreTokenizer::from_name("llama-9").unwrap_err();
        assert!(error.to_string().contains("\"llama-9\""));
        assert!(error.to_string().contains("qwen2"));
    }
}
