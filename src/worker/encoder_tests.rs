//! Encoders as the page sees them, beside a generator or alone, on the CPU reference.

use pollster::block_on;

use super::{load::files::MemoryFiles, machine::Machine, task::Task, testing::*};
use crate::{
    protocol::{
        Answer, BackendChoice, EmbedRequest, Fault, FaultCode, LoadRequest, ModelInfo, ModelRequest,
        ModelSource, Request, Role, TextKind, TextRequest,
    },
    weights::{
        Architecture,
        layout::Layout,
        testing::{RandomEncoder, RandomModel, random_model},
    },
};

/// A tokenizer of single characters with a token before and after every text.
const TOKENIZER: &str = r###"{
    "version": "1.0", "truncation": null, "padding": null, "added_tokens": [
        {"id": 1, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
        {"id": 2, "content": "[SEP]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}
    ],
    "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "WhitespaceSplit"},
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}}
    },
    "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": false},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
        "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "a": 3, "b": 4, "##a": 5, "##b": 6, "q": 7, "##:": 8}}
}"###;
const POOLING: &str = r#"{"pooling_mode_cls_token": true}"#;
const SETTINGS: &str = r#"{"prompts": {"query": "q: "}}"#;

fn encoder() -> RandomEncoder {
    let model = RandomModel { architecture: Architecture::Bert, n_kv_heads: 4, ..RandomModel::default() };
    RandomEncoder { model, layout: Layout::Bert, first_row: 0 }
}

pub(super) fn load_as(
    machine: &mut Machine,
    role: Role,
    names: &[&str],
    files: &[(&str, &[u8])],
) -> Result<ModelInfo, Fault> {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    let request = LoadRequest::new(ModelSource::File { names }, role, BackendChoice::Cpu);
    let files = MemoryFiles::new(files, 1_000);
    block_on(machine.load(&Task::new(&TestHost::default(), 0), &request, files))
}

/// Loads the encoder with the files whose names are given.
pub(crate) fn load_encoder(machine: &mut Machine, names: &[&str]) -> Result<ModelInfo, Fault> {
    let (weights, config) = (encoder().safetensors(), encoder().config());
    let all: [(&str, &[u8]); 5] = [
        ("config.json", config.as_bytes()),
        ("tokenizer.json", TOKENIZER.as_bytes()),
        ("1_Pooling/config.json", POOLING.as_bytes()),
        ("config_sentence_transformers.json", SETTINGS.as_bytes()),
        ("model.safetensors", &weights),
    ];
    let files: Vec<(&str, &[u8])> = all.into_iter().filter(|(name, _)| names.contains(name)).collect();
    load_as(machine, Role::Encoder, names, &files)
}

pub(crate) const WHOLE: [&str; 5] = [
    "config.json",
    "tokenizer.json",
    "1_Pooling/config.json",
    "config_sentence_transformers.json",
    "model.safetensors",
];

fn embed(machine: &mut Machine, request: EmbedRequest) -> Result<Vec<Vec<f32>>, Fault> {
    match run(machine, ModelRequest::Embed(request), &TestHost::default())? {
        Answer::Vectors(vectors, _) => Ok(vectors),
        other => panic!("{other:?}"),
    }
}

fn texts(texts: &[&str]) -> EmbedRequest {
    EmbedRequest { texts: texts.iter().map(|text| (*text).to_owned()).collect(), ..EmbedRequest::default() }
}

#[test]
fn an_encoder_and_a_tokenizer_work_side_by_side() {
    let mut machine = Machine::default();
    load_encoder(&mut machine, &WHOLE).unwrap();
    let model = random_model(&RandomModel::default());
    load_as(&mut machine, Role::Tokenizer, &["random.gguf"], &[("random.gguf", &model)]).unwrap();
    let counted = |machine: &mut Machine| match run(machine, ModelRequest::Counters, &TestHost::default()) {
        Ok(Answer::Counted(report)) => report.text_tokens_evaluated,
        other => panic!("{other:?}"),
    };
    assert_eq!(counted(&mut machine), 0.0);
    assert_eq!(embed(&mut machine, texts(&["ab a", "b"])).unwrap().len(), 2);
    assert_eq!(counted(&mut machine), 3.0 + 2.0 + 3.0);
    run(&mut machine, ModelRequest::ResetCounters, &TestHost::default()).unwrap();
    assert_eq!(counted(&mut machine), 0.0);
    let ids = |machine: &mut Machine| {
        let request = TextRequest::Tokenize { text: "b".to_owned(), special: false };
        run(machine, request, &TestHost::default())
    };
    let of_tokenizer = Ok(Answer::Ids(vec![3 + u32::from(b'b')]));
    assert_eq!(ids(&mut machine), of_tokenizer, "the tokenizer was loaded for this");
    run(&mut machine, Request::Unload { role: Role::Tokenizer }, &TestHost::default()).unwrap();
    assert_ne!(ids(&mut machine), of_tokenizer);
}

#[test]
fn an_encoder_alone_embeds_and_says_what_it_cannot_do() {
    let mut machine = Machine::default();
    let info = load_encoder(&mut machine, &WHOLE).unwrap();
    let profile = info.encoder.unwrap();
    assert_eq!((profile.pooling.as_str(), profile.query_prefix.as_str()), ("first", "q: "));
    assert_eq!(profile.max_tokens, 256);
    let vectors = embed(&mut machine, texts(&["ab a", "b", "ab a"])).unwrap();
    assert_eq!(vectors[0], vectors[2]);
    let Ok(Answer::Vectors(_, problems)) =
        run(&mut machine, ModelRequest::Embed(texts(&["ab", "a 語 語", "b"])), &TestHost::default())
    else {
        panic!()
    };
    assert!(
        matches!(&problems[..], [told] if told.starts_with("text 2: ") && told.contains("\"語\"")),
        "{problems:?}"
    );
    for vector in &vectors {
        let length: f32 = vector.iter().map(|value| value * value).sum();
        assert!((length - 1.0).abs() < 1e-5, "length {length}");
    }
    let as_query = EmbedRequest { text_kind: TextKind::Query, ..texts(&["b"]) };
    assert_eq!(
        embed(&mut machine, as_query).unwrap(),
        embed(&mut machine, texts(&["q: b"])).unwrap(),
        "the prefix of questions"
    );
    let long = "ab ".repeat(400);
    assert_eq!(embed(&mut machine, texts(&[&long])).unwrap()[0].len(), 64, "a long text is cut");
    let fault =
        run(&mut machine, ModelRequest::Logits { tokens: vec![1] }, &TestHost::default()).unwrap_err();
    assert_eq!(fault.code, FaultCode::NoModel);
}

#[test]
fn an_encoder_beside_a_generator_scores_the_responses() {
    let mut machine = loaded();
    let before = build(&mut machine, build_request(), &TestHost::default()).unwrap().session;
    load_encoder(&mut machine, &WHOLE).unwrap();
    let session = build(&mut machine, build_request(), &TestHost::default()).unwrap().session;
    assert_eq!(session.responses, before.responses, "the generator is as it was");
    assert_ne!(session.similarities, before.similarities);
    let encoder = session.config.encoder.unwrap();
    assert!(encoder.contains(", first"), "{encoder}");
    let of_first: Vec<&str> = session.responses[..8].iter().map(|response| response.text.as_str()).collect();
    let vectors = embed(&mut machine, texts(&of_first)).unwrap();
    let cosine: f32 = vectors[0].iter().zip(&vectors[1]).map(|(a, b)| a * b).sum();
    assert!((session.similarities[0].cosine[0] - cosine).abs() < 1e-5);

    let states = EmbedRequest { layer: Some(1), ..texts(&["ab"]) };
    assert_ne!(embed(&mut machine, states).unwrap(), embed(&mut machine, texts(&["ab"])).unwrap());
    let done = run(&mut machine, Request::Unload { role: Role::Encoder }, &TestHost::default());
    assert_eq!(done, Ok(Answer::Done));
    let after = build(&mut machine, build_request(), &TestHost::default()).unwrap().session;
    assert_eq!(after.similarities, before.similarities, "the middle layer embeds again");
}

#[test]
fn a_model_in_the_wrong_place_is_refused_and_what_was_loaded_stays() {
    let mut machine = loaded();
    let generator = random_model(&RandomModel::default());
    let encoder_gguf = random_model(&encoder().model);
    let cases: [(Role, &str, &[u8], &str); 2] = [
        (Role::Encoder, "chat.gguf", &generator, "generates text"),
        (Role::Generator, "bert.gguf", &encoder_gguf, "is an encoder"),
    ];
    for (role, name, bytes, expected) in cases {
        let fault = load_as(&mut machine, role, &[name], &[(name, bytes)]).unwrap_err();
        assert_eq!(fault.code, FaultCode::BadModel);
        assert!(fault.message.contains(expected), "{fault:?}");
    }
    let weights = encoder().safetensors();
    let files: [(&str, &[u8]); 1] = [("model.safetensors", &weights)];
    let fault = load_as(&mut machine, Role::Generator, &["model.safetensors"], &files).unwrap_err();
    assert!(fault.message.contains("role \"encoder\""), "{fault:?}");
    assert!(
        build(&mut machine, build_request(), &TestHost::default()).is_ok(),
        "the generator is still there"
    );
}

#[test]
fn files_that_are_missing_or_of_another_model_are_named() {
    let mut machine = Machine::default();
    for missing in ["config.json", "tokenizer.json"] {
        let names: Vec<&str> = WHOLE.into_iter().filter(|name| *name != missing).collect();
        let fault = load_encoder(&mut machine, &names).unwrap_err();
        assert!(fault.message.contains(missing), "{fault:?}");
    }
    let small = RandomEncoder { model: RandomModel { vocab_size: 5, ..encoder().model }, ..encoder() };
    let (weights, config) = (small.safetensors(), small.config());
    let files: [(&str, &[u8]); 3] = [
        ("config.json", config.as_bytes()),
        ("tokenizer.json", TOKENIZER.as_bytes()),
        ("model.safetensors", &weights),
    ];
    let names = ["config.json", "tokenizer.json", "model.safetensors"];
    let fault = load_as(&mut machine, Role::Encoder, &names, &files).unwrap_err();
    assert!(fault.message.contains("9 tokens") && fault.message.contains("5 rows"), "{fault:?}");
    let half: [(&str, &[u8]); 3] = [files[0], files[1], ("model.safetensors", &weights[..weights.len() / 2])];
    let fault = load_as(&mut machine, Role::Encoder, &names, &half).unwrap_err();
    assert!(fault.message.contains("cut short"), "{fault:?}");
}
