//! Token ids against llama.cpp's, for every pre-tokenizer and many scripts.

use std::collections::BTreeMap;

use concord_lm::text::Tokenizer;
use concord_lm::weights::testing::GgufWriter;
use concord_lm::weights::{Header, Parsed};
use serde::Deserialize;

/// What `tests/fixtures/record_llama_cpp.py` recorded; ids are keyed by rule, `+special` where texts of
/// control tokens are recognised.
#[derive(Deserialize)]
struct Recorded {
    tokens: Vec<String>,
    n_special: usize,
    merges: Vec<String>,
    texts: Vec<String>,
    ids: BTreeMap<String, Vec<Vec<u32>>>,
}

fn tokenizer(recorded: &Recorded, rule: &str) -> Tokenizer {
    let types: Vec<i32> =
        (0..recorded.tokens.len()).map(|id| if id < recorded.n_special { 3 } else { 1 }).collect();
    let mut writer = GgufWriter::new();
    writer
        .string("tokenizer.ggml.model", "gpt2")
        .string("tokenizer.ggml.pre", rule)
        .strings("tokenizer.ggml.tokens", &recorded.tokens)
        .i32s("tokenizer.ggml.token_type", &types)
        .strings("tokenizer.ggml.merges", &recorded.merges);
    let file = writer.finish();
    match Header::parse(&file, Some(file.len() as u64)).unwrap() {
        Parsed::Header(header) => Tokenizer::from_metadata(&header.metadata).unwrap(),
        Parsed::NeedMore { .. } => panic!("the header is not whole"),
    }
}

#[test]
fn token_ids_are_those_of_llama_cpp() {
    let recorded: Recorded = serde_json::from_str(include_str!("../data/llama_cpp_tokens.json")).unwrap();
    assert_eq!(recorded.ids.len(), 10);
    let mut wrong = Vec::new();
    for (key, lists) in &recorded.ids {
        let (rule, special) = match key.strip_suffix("+special") {
            Some(rule) => (rule, true),
            None => (key.as_str(), false),
        };
        let tokenizer = tokenizer(&recorded, rule);
        assert_eq!(lists.len(), recorded.texts.len());
        for (text, expected) in recorded.texts.iter().zip(lists) {
            let found = tokenizer.encode(text, special).unwrap();
            if found != *expected {
                wrong.push(format!("{key}: {text:?}\n  found    {found:?}\n  expected {expected:?}"));
            }
            assert_eq!(tokenizer.decode(&found, true), *text, "{key}");
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
