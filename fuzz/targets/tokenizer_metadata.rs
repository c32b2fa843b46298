//! Untrusted tokenizers: GGUF metadata and `tokenizer.json`.
//!
//! An input that begins with `{` is a `tokenizer.json`. Any other input says what a GGUF file's metadata
//! holds; the parts that every kind needs are added, so that the fuzzer gets past the first checks.

#![no_main]

use arbitrary::{Arbitrary, Unstructured};
use concord::text::{StreamDecoder, Tokenizer};
use concord::weights::testing::GgufWriter;
use concord::weights::{Header, Parsed};
use concord_fuzz::{bounded, hard_texts};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Case {
    kind: u8,
    rule: u8,
    tokens: Vec<(String, u8)>,
    scores: Vec<f32>,
    merges: Vec<(u8, u8)>,
    texts: Vec<String>,
    charsmap: Option<Vec<u8>>,
    ids: Vec<(u8, u32)>,
    flags: Vec<(u8, bool)>,
    is_plain: bool,
    text: String,
}

const KINDS: [&str; 4] = ["gpt2", "llama", "t5", "bert"];
const RULES: [&str; 8] =
    ["default", "gpt-2", "llama-bpe", "qwen2", "smollm", "deepseek-llm", "falcon", "tekken"];
const IDS: [&str; 7] = ["bos", "eos", "unknown", "seperator", "eot", "eom", "cls"];
const FLAGS: [&str; 7] = [
    "add_bos_token",
    "add_eos_token",
    "add_sep_token",
    "add_space_prefix",
    "remove_extra_whitespaces",
    "normalizer.lowercase",
    "normalizer.strip_accents",
];

/// GPT-2's letters for all bytes.
fn byte_letters() -> Vec<String> {
    let is_shown = |byte: &u32| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let hidden = (0..).filter(|byte| !is_shown(byte)).take(68).enumerate().map(|(i, _)| 256 + i as u32);
    (0..256).filter(is_shown).chain(hidden).filter_map(char::from_u32).map(String::from).collect()
}

fn file(case: &Case) -> Vec<u8> {
    let mut writer = GgufWriter::new();
    let kind = KINDS[usize::from(case.kind) % KINDS.len()];
    writer.string("tokenizer.ggml.model", kind);
    writer.string("tokenizer.ggml.pre", RULES[usize::from(case.rule) % RULES.len()]);
    let mut tokens: Vec<String> = case.tokens.iter().map(|(text, _)| text.clone()).collect();
    let mut types: Vec<i32> = case.tokens.iter().map(|(_, kind)| i32::from(kind % 8)).collect();
    let mut merges = case.texts.clone();
    if kind == "gpt2" && !case.is_plain {
        tokens.extend(byte_letters());
        // Merges of tokens, whose unions become tokens.
        for (a, b) in &case.merges {
            let [a, b] = [a, b].map(|index| tokens[usize::from(*index) % tokens.len()].clone());
            tokens.push(format!("{a}{b}"));
            merges.push(format!("{a} {b}"));
        }
        let mut seen = std::collections::HashSet::new();
        tokens.retain(|token| seen.insert(token.clone()));
    } else if !case.is_plain {
        tokens.extend((0..256).map(|byte| format!("<0x{byte:02X}>")));
        types.extend([6; 256]);
    }
    types.resize(tokens.len(), 1);
    let mut scores = case.scores.clone();
    scores.resize(tokens.len(), -1.0);
    writer.strings("tokenizer.ggml.tokens", &tokens).strings("tokenizer.ggml.merges", &merges);
    writer.i32s("tokenizer.ggml.token_type", &types);
    let bytes = |values: &[f32]| -> Vec<u8> { values.iter().flat_map(|value| value.to_le_bytes()).collect() };
    writer.raw("tokenizer.ggml.scores", 9, &array(6, scores.len(), &bytes(&scores)));
    if let Some(charsmap) = &case.charsmap {
        writer.raw("tokenizer.ggml.precompiled_charsmap", 9, &array(0, charsmap.len(), charsmap));
    }
    for (index, name) in IDS.iter().enumerate() {
        if let Some((_, id)) = case.ids.iter().find(|(key, _)| usize::from(*key) % IDS.len() == index) {
            writer.u32(&format!("tokenizer.ggml.{name}_token_id"), *id % (tokens.len() as u32 + 2));
        }
    }
    for (index, name) in FLAGS.iter().enumerate() {
        if let Some((_, value)) = case.flags.iter().find(|(key, _)| usize::from(*key) % FLAGS.len() == index)
        {
            writer.bool(&format!("tokenizer.ggml.{name}"), *value);
        }
    }
    writer.finish()
}

/// An array of GGUF: type of its elements, count, elements.
fn array(type_id: u32, count: usize, bytes: &[u8]) -> Vec<u8> {
    [&type_id.to_le_bytes()[..], &(count as u64).to_le_bytes(), bytes].concat()
}

fn use_all(tokenizer: &Tokenizer, texts: &[String]) {
    for text in texts {
        for special in [false, true] {
            // A refusal is as good an answer as ids.
            let Ok(ids) = tokenizer.encode(text, special) else { continue };
            assert!(
                ids.iter().all(|id| *id < tokenizer.n_tokens() || *id == u32::MAX),
                "an id beyond the vocabulary"
            );
            let whole = tokenizer.decode(&ids, false);
            let mut decoder = StreamDecoder::new();
            let mut parts: String = ids.iter().map(|id| decoder.push(tokenizer, *id)).collect();
            parts.push_str(&decoder.finish());
            assert_eq!(parts, whole);
        }
        let _ = tokenizer.encode_whole(text);
        let _ = tokenizer.encode_prompt(text);
    }
    tokenizer.decode(&[0, 1, tokenizer.n_tokens(), u32::MAX], true);
}

fuzz_target!(|data: &[u8]| {
    if data.starts_with(b"{") {
        bounded(data.len(), || {
            if let Ok(tokenizer) = Tokenizer::from_json(data) {
                use_all(&tokenizer, &hard_texts());
            }
        });
        return;
    }
    let Ok(case) = Case::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let file = file(&case);
    bounded(file.len(), || {
        let Ok(Parsed::Header(header)) = Header::parse(&file, Some(file.len() as u64)) else { return };
        if let Ok(tokenizer) = Tokenizer::from_metadata(&header.metadata) {
            let mut texts = hard_texts().to_vec();
            texts.extend([case.text.clone(), case.tokens.iter().map(|(text, _)| text.as_str()).collect()]);
            use_all(&tokenizer, &texts);
        }
    });
});
