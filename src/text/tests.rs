//! The tokenizer over whole metadata: round trips, special tokens, damaged vocabularies.

use super::byte_level::byte_chars;
use super::{TextError, Tokenizer};
use crate::weights::testing::{GgufWriter, RandomModel, random_model};
use crate::weights::{Header, Metadata, Parsed};

fn metadata(file: &[u8]) -> Metadata {
    match Header::parse(file, Some(file.len() as u64)).unwrap() {
        Parsed::Header(header) => header.metadata,
        Parsed::NeedMore { at_least } => panic!("a whole file asked for {at_least} bytes"),
    }
}

pub(super) fn random_tokenizer() -> Tokenizer {
    Tokenizer::from_metadata(&metadata(&random_model(&RandomModel::default()))).unwrap()
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
    for (pre, expected) in [("llama-bpe", vec![256]), ("qwen2", vec![b'a'.into(), b'b'.into(), b'c'.into()])]
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
            "byte 9",
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
    writer.string("tokenizer.ggml.model", "rwkv");
    let error = Tokenizer::from_metadata(&metadata(&writer.finish())).unwrap_err();
    assert_eq!(error, TextError::TokenizerModel { found: "rwkv".into() });
}

#[test]
fn long_runs_are_encoded_whole() {
    let tokenizer = random_tokenizer();
    for text in [" ".repeat(100_000), "a".repeat(20_000), "\n ".repeat(20_000), "<|im_".repeat(5000)] {
        let ids = tokenizer.encode(&text, true).unwrap();
        assert_eq!(tokenizer.decode(&ids, true).len(), text.len());
    }
}
