//! Files and requests that are wrong in ways that people have met: each ends in a message that says what to do, or in a
//! model that runs.

use crate::{
    data::SessionConfig,
    protocol::{Answer, Fault, FaultCode, GenerateRequest, Input, Message, ModelRequest},
    weights::testing::{GgufWriter, RandomModel, random_model, speaking_model},
    worker::machine::Machine,
    worker::testing::{TestHost, load, loaded, run},
};

/// Words that tell a person what to do.
const ADVICE: [&str; 13] = [
    "download it again",
    "get the file again",
    "get the model's files again",
    "choose ",
    "take another",
    "take them from",
    "pick ",
    "load ",
    "shorten",
    "give ",
    "write ",
    "ask for ",
    "it must be",
];

fn assert_says_what_to_do(what: &str, fault: &Fault) {
    println!("{what}: {}", fault.message);
    assert!(ADVICE.iter().any(|advice| fault.message.contains(advice)), "{what}: {}", fault.message);
}

fn file() -> Vec<u8> {
    random_model(&RandomModel::default())
}

/// Where the value of a metadata entry stands: after its key and type.
fn place_of(file: &[u8], key: &str) -> usize {
    let wanted = [&(key.len() as u64).to_le_bytes()[..], key.as_bytes()].concat();
    let start = file.windows(wanted.len()).position(|bytes| bytes == wanted);
    start.unwrap_or_else(|| panic!("there is no {key}")) + wanted.len() + 4
}

/// Writes over a value of four bytes.
fn with(mut file: Vec<u8>, key: &str, value: [u8; 4]) -> Vec<u8> {
    let place = place_of(&file, key);
    file[place..place + 4].copy_from_slice(&value);
    file
}

fn with_u32(key: &str, value: u32) -> Vec<u8> {
    with(file(), key, value.to_le_bytes())
}

fn with_f32(key: &str, value: f32) -> Vec<u8> {
    with(file(), key, value.to_le_bytes())
}

/// Writes a text over another of its length wherever it stands.
fn replaced(mut file: Vec<u8>, old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let starts: Vec<usize> =
        (0..=file.len() - old.len()).filter(|&at| file[at..].starts_with(old.as_bytes())).collect();
    assert!(!starts.is_empty(), "there is no {old}");
    starts.into_iter().for_each(|at| file[at..at + old.len()].copy_from_slice(new.as_bytes()));
    file
}

fn generate(input: Input, config: SessionConfig) -> ModelRequest {
    ModelRequest::Generate(Box::new(GenerateRequest { input, config, stop: Vec::new() }))
}

fn config() -> SessionConfig {
    SessionConfig { n: 2, max_tokens: Some(4), ..SessionConfig::default() }
}

/// The file loads and says something, or refuses in words.
fn refusal(what: &str, file: &[u8]) -> Option<Fault> {
    let mut machine = match load(file) {
        Ok(machine) => machine,
        Err(fault) => {
            assert_says_what_to_do(what, &fault);
            return Some(fault);
        }
    };
    match run(&mut machine, generate(Input::Prompt("How many?".to_owned()), config()), &TestHost::default()) {
        Ok(Answer::Generated(responses, _)) => {
            for response in responses {
                assert!(!response.tokens.is_empty(), "{what}");
                assert!(response.logprobs.iter().all(|logprob| logprob.is_finite()), "{what}");
            }
            println!("{what}: runs");
            None
        }
        Ok(other) => panic!("{what}: {other:?}"),
        Err(fault) => {
            assert_says_what_to_do(what, &fault);
            Some(fault)
        }
    }
}

#[test]
fn numbers_that_no_model_has_are_refused_with_what_to_do() {
    let arch = |key: &str| format!("llama.{key}");
    let numbers = [
        ("attention.head_count", 0),
        ("attention.head_count", 3),
        ("attention.head_count", 5),
        ("attention.head_count_kv", 0),
        ("attention.head_count_kv", 3),
        ("block_count", 0),
        ("block_count", 3),
        ("block_count", 5_000),
        ("context_length", 0),
        ("context_length", u32::MAX),
        ("embedding_length", 63),
        ("embedding_length", 128),
        ("feed_forward_length", 97),
        ("rope.dimension_count", 7),
        ("rope.dimension_count", 4_096),
        ("rope.freq_base", 0),
        ("vocab_size", 1),
        ("vocab_size", 300),
    ];
    for (key, value) in numbers {
        let what = format!("{key} {value}");
        let fault = refusal(&what, &with_u32(&arch(key), value)).unwrap_or_else(|| panic!("{what} ran"));
        assert_eq!(fault.code, FaultCode::BadModel, "{what}");
    }
    for (key, value) in [
        ("attention.layer_norm_rms_epsilon", -1e-5),
        ("attention.layer_norm_rms_epsilon", 0.0),
        ("attention.layer_norm_rms_epsilon", f32::NAN),
        ("attention.layer_norm_rms_epsilon", f32::INFINITY),
        ("rope.freq_base", -10_000.0),
        ("rope.freq_base", f32::NAN),
        ("rope.freq_base", f32::INFINITY),
    ] {
        let what = format!("{key} {value}");
        assert!(refusal(&what, &with_f32(&arch(key), value)).is_some(), "{what} ran");
    }
    // Numbers that are odd, but can be computed with, give finite text.
    for (key, value) in
        [("rope.freq_base", 1e-30), ("rope.freq_base", 1e38), ("attention.layer_norm_rms_epsilon", 1e30)]
    {
        refusal(&format!("{key} {value}"), &with_f32(&arch(key), value));
    }
}

#[test]
fn entries_that_are_missing_or_of_another_kind_are_named() {
    for (old, new) in [
        ("general.architecture", "general.architecturx"),
        ("llama.context_length", "llama.context_lengtx"),
        ("llama.block_count", "llama.block_counx"),
        ("llama.attention.layer_norm_rms_epsilon", "llama.attention.layer_norm_rms_epsilox"),
        ("tokenizer.ggml.tokens", "tokenizer.ggml.tokenx"),
        ("tokenizer.ggml.model", "tokenizer.ggml.modex"),
        ("token_embd.weight", "token_embx.weight"),
        ("blk.1.ffn_down.weight", "blk.9.ffn_down.weight"),
        ("output_norm.weight", "output_norx.weight"),
    ] {
        assert!(refusal(old, &replaced(file(), old, new)).is_some(), "{old}");
    }
    // Types as text where numbers belong.
    let mut kinds = file();
    let place = place_of(&kinds, "llama.block_count");
    kinds[place - 4..place].copy_from_slice(&6_u32.to_le_bytes());
    assert!(refusal("block_count as a float", &kinds).is_some());
    for pre in ["qwen9", "qwen\0"] {
        refusal(pre, &replaced(file(), "qwen2", pre));
    }
}

#[test]
fn odd_vocabularies_run_or_say_why_not() {
    // Two tokens of one text, as files of extended vocabularies have.
    for (old, new) in [("<|unused_", "<|unusex_"), ("<|im_start|>", "<|im_end|>xx")] {
        if file().windows(old.len()).any(|bytes| bytes == old.as_bytes()) {
            refusal(&format!("{old} as {new}"), &replaced(file(), old, new));
        }
    }
    let twice = RandomModel { vocab_size: 330, ..RandomModel::default() };
    let file_with_pairs = random_model(&twice);
    refusal("a token twice", &replaced(file_with_pairs.clone(), "ab", "aa"));
    refusal("a merge of what is no token", &replaced(file_with_pairs, "a b", "zz "));
    for id in [301, 9_999, u32::MAX] {
        let what = format!("eos {id}");
        assert!(refusal(&what, &with_u32("tokenizer.ggml.eos_token_id", id)).is_none(), "{what}");
        let what = format!("bos {id}");
        assert!(refusal(&what, &with_u32("tokenizer.ggml.bos_token_id", id)).is_none(), "{what}");
    }
}

/// As in public reports on other programs: each is refused in words, or runs.
#[test]
fn files_that_ended_other_programs_are_refused_or_run() {
    // A vocabulary alone, as llama.cpp's tree has them.
    let mut vocabulary = GgufWriter::new();
    vocabulary.string("general.architecture", "gpt2").string("tokenizer.ggml.model", "gpt2");
    assert!(refusal("a vocabulary of gpt2", &vocabulary.finish()).is_some());
    let (mut hollow, whole) = (file(), file());
    let start = whole.windows(5).position(|bytes| bytes == b"GGUF\x03").unwrap();
    hollow[start + 8..start + 16].copy_from_slice(&0_u64.to_le_bytes());
    assert!(refusal("a header without tensors", &hollow).is_some());
    // A key without letters.
    let mut nameless = GgufWriter::new();
    nameless.u32("", 1).string("general.architecture", "llama");
    assert!(refusal("an empty key", &nameless.finish()).is_some());
    // Arrays of the tokenizer that are too short, of another type, or not there.
    for (key, is_fatal) in [
        ("tokenizer.ggml.tokens", true),
        ("tokenizer.ggml.token_type", true),
        ("tokenizer.ggml.merges", false),
    ] {
        let place = place_of(&whole, key);
        // After the type of the elements stands their number; here the rest of the array would be read as entries.
        let mut fewer = whole.clone();
        fewer[place + 4..place + 12].copy_from_slice(&0_u64.to_le_bytes());
        assert!(refusal(&format!("no elements in {key}"), &fewer).is_some());
        let gone = format!("{}x", &key[..key.len() - 1]);
        let refused = refusal(&format!("no {key}"), &replaced(whole.clone(), key, &gone)).is_some();
        assert!(refused || !is_fatal || key.ends_with("token_type"), "{key}");
    }
    // More tokens than the embedding table has rows.
    let more = replaced(file(), "llama.vocab_size", "llama.vocab_sizx");
    assert!(refusal("a vocabulary size that is not said", &more).is_none());
    // Infinities and what is no number, in the first and the last tensor, whole and cut short.
    for value in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
        let mut broken = file();
        let n = broken.len();
        broken[n - 64..n - 60].copy_from_slice(&value.to_le_bytes());
        let fault = refusal(&format!("{value} in a tensor"), &broken).expect("it is refused");
        assert!(fault.message.contains("not finite"), "{}", fault.message);
        broken.truncate(n - 32);
        let fault = refusal(&format!("{value} in a cut tensor"), &broken).expect("it is refused");
        assert!(fault.message.contains("cut short"), "{}", fault.message);
    }
}

/// A template that has no end, or none in reasonable time, refuses a chat and leaves plain prompts.
#[test]
fn a_template_without_end_is_said_and_plain_prompts_go_on() {
    let endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}";
    let recursive = "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}";
    for template in [endless, recursive, "{{ messages[0].content", "{{ nothing.at.all }}", ""] {
        let mut machine = load(&speaking_model(&RandomModel::default(), template, &[])).unwrap();
        let messages = vec![Message { role: "user".to_owned(), content: "How many?".to_owned() }];
        match run(&mut machine, generate(Input::Messages(messages), config()), &TestHost::default()) {
            Err(fault) => assert_says_what_to_do(template, &fault),
            Ok(answer) => panic!("{template:?} gave {answer:?}"),
        }
        let plain = generate(Input::Prompt("How many?".to_owned()), config());
        assert!(run(&mut machine, plain, &TestHost::default()).is_ok(), "{template}");
    }
}

/// Without a token that ends a response each goes on to the limit: said where the model is shown.
#[test]
fn a_vocabulary_without_an_end_is_noted() {
    let endless = with_u32("tokenizer.ggml.eos_token_id", 9_999);
    let endless = replaced(replaced(endless, "<|im_end|>", "<|im_enx|>"), "<|endoftext|>", "<|endoftexx|>");
    let notes = |machine: &Machine| machine.models.generator.as_ref().unwrap().info.notes.clone();
    let noted = notes(&load(&endless).unwrap());
    assert!(matches!(&noted[..], [note] if note.contains("no token that ends a response")), "{noted:?}");
    assert_eq!(notes(&loaded()), Vec::<String>::new());
}

#[test]
fn requests_that_cannot_be_are_refused_with_what_to_do() {
    let prompt = || Input::Prompt("How many?".to_owned());
    let requests = [
        ("an empty prompt", generate(Input::Prompt(String::new()), config())),
        ("no tokens", generate(Input::Tokens(Vec::new()), config())),
        (
            "no tokens to score after",
            ModelRequest::Score { input: Input::Tokens(Vec::new()), completion: "a".to_owned(), date: None },
        ),
        ("an unknown token", generate(Input::Tokens(vec![9_999]), config())),
        ("no tokens for logits", ModelRequest::Logits { tokens: Vec::new() }),
        ("no length", generate(prompt(), SessionConfig { max_tokens: Some(0), ..config() })),
        ("no samples", generate(prompt(), SessionConfig { n: 0, ..config() })),
        ("samples without number", generate(prompt(), SessionConfig { n: u32::MAX, ..config() })),
        ("a temperature of NaN", generate(prompt(), SessionConfig { temperature: f32::NAN, ..config() })),
        ("a negative temperature", generate(prompt(), SessionConfig { temperature: -1.0, ..config() })),
        ("a penalty of 0", generate(prompt(), SessionConfig { repetition_penalty: 0.0, ..config() })),
        ("a top-p of 0", generate(prompt(), SessionConfig { top_p: 0.0, ..config() })),
    ];
    let mut machine = loaded();
    for (what, request) in requests {
        match run(&mut machine, request, &TestHost::default()) {
            Err(fault) => {
                assert_eq!(fault.code, FaultCode::BadInput, "{what}");
                assert_says_what_to_do(what, &fault);
            }
            Ok(answer) => panic!("{what} gave {answer:?}"),
        }
    }
    // An empty stop text ends nothing.
    let request = GenerateRequest { input: prompt(), config: config(), stop: vec![String::new()] };
    let Ok(Answer::Generated(responses, _)) =
        run(&mut machine, ModelRequest::Generate(Box::new(request)), &TestHost::default())
    else {
        panic!("refused")
    };
    assert!(responses.iter().all(|response| !response.tokens.is_empty() && !response.text.is_empty()));
}
