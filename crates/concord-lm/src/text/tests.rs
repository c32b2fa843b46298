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
    let cases: [(&[&str], Change, &str); 3] = [
        (&[], |_| (), "merges"),
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

/// A tokenizer without merges and without tokens for some bytes, and with what `change` adds.
fn without(missing: &[u8], change: impl FnOnce(&mut GgufWriter)) -> Tokenizer {
    let chars = (0..=255u8).zip(byte_chars()).filter(|(byte, _)| !missing.contains(byte));
    let tokens: Vec<String> = chars.map(|(_, char)| char.to_string()).chain(["<unk>".to_owned()]).collect();
    let types: Vec<i32> = tokens.iter().map(|token| if token == "<unk>" { 2 } else { 1 }).collect();
    let mut writer = GgufWriter::new();
    writer.string("tokenizer.ggml.model", "gpt2").string("tokenizer.ggml.pre", "qwen2");
    writer.strings("tokenizer.ggml.tokens", &tokens).i32s("tokenizer.ggml.token_type", &types);
    change(&mut writer);
    Tokenizer::from_metadata(&metadata(&writer.finish())).unwrap()
}

#[test]
fn bytes_without_a_token_are_left_out_or_unknown_and_told() {
    // Fifty bytes, as no published vocabulary lacks; "ü" is C3 BC, "ы" is D1 8B, "🙂" is F0 9F 99 82.
    let missing: Vec<u8> = (0xbc..0xee).collect();
    let no_merges = |w: &mut GgufWriter| {
        w.strings::<&str>("tokenizer.ggml.merges", &[]);
    };
    let tokenizer = without(&missing, no_merges);
    let text = "a üыü🙂 b";
    assert_eq!(tokenizer.unwritable(text), "üы");
    let ids = tokenizer.encode(text, false).unwrap();
    // The second bytes of the two letters stay, as in llama.cpp.
    assert_eq!(tokenizer.token_bytes(ids[2], false), b"\x8b");
    assert_eq!(ids.len(), "a ".len() + 1 + "🙂 b".len());
    assert_eq!(tokenizer.unwritable("plain, 語"), "語");
    assert_eq!(tokenizer.unwritable("plain, 🙂"), "");

    let unknown = 256 - missing.len() as u32;
    let tokenizer = without(&missing, |w| {
        no_merges(w);
        w.u32("tokenizer.ggml.unknown_token_id", unknown);
    });
    let ids = tokenizer.encode("aü", false).unwrap();
    assert_eq!(ids, [u32::from(b'a'), unknown, unknown]);
    // Files of GPT-2's kind name the end of a text as unknown: it must not end a prompt in its middle.
    let tokenizer = without(&missing, |w| {
        no_merges(w);
        w.u32("tokenizer.ggml.unknown_token_id", unknown).u32("tokenizer.ggml.eos_token_id", unknown);
    });
    assert_eq!(tokenizer.encode("aü", false).unwrap(), [u32::from(b'a')]);
}

#[test]
fn merges_that_join_no_tokens_are_steps_to_those_that_do() {
    let a = u32::from(b'a');
    let merges = |list: &'static [&'static str]| {
        move |w: &mut GgufWriter| {
            w.string("tokenizer.ggml.pre", "qwen2").strings("tokenizer.ggml.merges", list);
        }
    };
    let tokenizer = built(&["abc"], merges(&["a b", "ab c", "nothing", "", "a b", " x"])).unwrap();
    assert_eq!(tokenizer.encode("abc", false).unwrap(), [256]);
    assert_eq!(tokenizer.encode("ab", false).unwrap(), [a, a + 1]);
    assert_eq!(tokenizer.decode(&tokenizer.encode("xabxabcab", false).unwrap(), false), "xabxabcab");
    // Of two tokens with one text the last is used.
    let tokenizer = built(&["ab", "ab"], merges(&["a b"])).unwrap();
    assert_eq!(tokenizer.encode("ab", false).unwrap(), [257]);
}

#[test]
fn a_file_may_name_several_end_tokens_and_wrong_ones() {
    let add = |w: &mut GgufWriter| {
        w.strings::<&str>("tokenizer.ggml.merges", &[]);
        w.i32s("tokenizer.ggml.eos_token_id", &[257, 258]).i32s("tokenizer.ggml.eos_token_ids", &[259]);
        w.u32("tokenizer.ggml.eot_token_id", 260).u32("tokenizer.ggml.eom_token_id", 9999);
        w.u32("tokenizer.ggml.bos_token_id", 9999);
    };
    let tokenizer = built(&["0", "1", "2", "3", "4"], add).unwrap();
    assert_eq!(tokenizer.end_ids(), [257, 258, 259, 260]);
    assert_eq!((tokenizer.eos_id(), tokenizer.bos_id()), (Some(257), None));
}

#[test]
fn long_runs_are_encoded_whole() {
    let tokenizer = random_tokenizer();
    for text in [" ".repeat(100_000), "a".repeat(20_000), "\n ".repeat(20_000), "<|im_".repeat(5000)] {
        let ids = tokenizer.encode(&text, true).unwrap();
        assert_eq!(tokenizer.decode(&ids, true).len(), text.len());
    }
}
