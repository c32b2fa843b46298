//! Files `tokenizer.json` that the library which reads them would not survive: refused with a reason.

use concord_lm::text::{TextError, Tokenizer};
use serde_json::{Value, json};

const WORD_PIECE: &[u8] = include_bytes!("../../../../fuzz/seeds/tokenizer_metadata/word_piece.json");
const BYTE_BPE: &[u8] = include_bytes!("../../../../fuzz/seeds/tokenizer_metadata/byte_bpe.json");
const FALLBACK_BPE: &[u8] = include_bytes!("../../../../fuzz/seeds/tokenizer_metadata/fallback_bpe.json");
const UNIGRAM: &[u8] = include_bytes!("../../../../fuzz/seeds/tokenizer_metadata/unigram.json");

/// The file with one value changed.
fn changed(file: &[u8], path: &str, value: Value) -> Result<Tokenizer, TextError> {
    let mut json: Value = serde_json::from_slice(file).unwrap();
    *json.pointer_mut(path).unwrap_or_else(|| panic!("{path} is not there")) = value;
    Tokenizer::from_json(json.to_string().as_bytes())
}

/// A normaliser with this character map.
fn precompiled(charsmap: &str) -> Value {
    json!({"type": "Precompiled", "precompiled_charsmap": charsmap})
}

#[test]
fn every_kind_is_read() {
    for (file, text, expected) in
        [(WORD_PIECE, "aba", 3), (BYTE_BPE, "ab a", 3), (FALLBACK_BPE, "ab b", 4), (UNIGRAM, "ab a", 4)]
    {
        let ids = Tokenizer::from_json(file).unwrap().encode(text, false).unwrap();
        assert_eq!(ids.len(), expected, "{text}: {ids:?}");
    }
    // A real character map is accepted.
    let recorded: Value = serde_json::from_str(include_str!("../data/tokenizers.json")).unwrap();
    let charsmap = recorded["vocabularies"]["unigram"]["charsmap"].as_str().unwrap();
    let tokenizer = changed(UNIGRAM, "/normalizer", precompiled(charsmap)).unwrap();
    assert!(!tokenizer.encode("ａｂ ﬁ", false).unwrap().is_empty());
}

#[test]
fn what_the_library_would_not_survive_is_refused() {
    let nested =
        (0..5).fold(json!({"type": "NFC"}), |inner, _| json!({"type": "Sequence", "normalizers": [inner]}));
    let replace =
        |pattern: Value, content: &str| json!({"type": "Replace", "pattern": pattern, "content": content});
    let split = |regex: &str| json!({"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": false});
    let many = json!({"type": "Sequence", "normalizers": vec![replace(json!({"String": "a"}), "aa"); 10]});
    let cases = [
        (BYTE_BPE, "/model/merges", json!(["ab ab"]), "merge"),
        (BYTE_BPE, "/model/merges", json!([["ab", "ab"]]), "merge"),
        (BYTE_BPE, "/model/merges", json!(["ab"]), "merge"),
        (BYTE_BPE, "/model/continuing_subword_prefix", json!("ab"), "merge"),
        (BYTE_BPE, "/model/dropout", json!(0.5), "at random"),
        (BYTE_BPE, "/model/vocab/ab", json!(u32::MAX), "an id 4294967295"),
        (BYTE_BPE, "/pre_tokenizer", json!({"type": "FixedLength", "length": 0}), "FixedLength"),
        (BYTE_BPE, "/pre_tokenizer", split("(\\w{99}){99}"), "too often"),
        (BYTE_BPE, "/pre_tokenizer", split(""), "empty"),
        (BYTE_BPE, "/pre_tokenizer", split(&"a".repeat(5000)), "too long"),
        (UNIGRAM, "/model/vocab/3/0", json!(""), "is empty"),
        (UNIGRAM, "/normalizer", nested, "Sequence"),
        (UNIGRAM, "/normalizer", many, "too long"),
        (UNIGRAM, "/normalizer", replace(json!({"String": "a"}), &"b".repeat(100)), "too long"),
        (UNIGRAM, "/normalizer", replace(json!({"String": ""}), "b"), "empty"),
        (UNIGRAM, "/normalizer", json!({"type": "Prepend", "prepend": "b".repeat(100)}), "too much"),
        // Four gibibytes of array; an array without units; one whose first walk leaves it.
        (UNIGRAM, "/normalizer", precompiled("/////w=="), "character map"),
        (UNIGRAM, "/normalizer", precompiled("AAAAAAA="), "character map"),
        (UNIGRAM, "/normalizer", precompiled("BAAAAAAAAAAA"), "character map"),
        (WORD_PIECE, "/model/max_input_chars_per_word", json!(1000), "256 characters"),
        (WORD_PIECE, "/post_processor/special_tokens", json!({}), "does not define"),
        (WORD_PIECE, "/decoder", json!({"type": "Other"}), "Other"),
    ];
    for (file, path, value, expected) in cases {
        match changed(file, path, value.clone()) {
            Err(error @ TextError::TokenizerJson { .. }) => {
                assert!(error.to_string().contains(expected), "{value}: {error}");
            }
            other => panic!("{path} {value} gave {other:?}"),
        }
    }
}
