//! The body of a request for samples of one prompt.

use serde::Serialize;

use super::ServerKind;
use crate::{align::random::draw, data::Language};

/// Bits of a seed that tell prompts and languages apart; the ten below them count the samples.
const SEED_BITS: u32 = 21;
/// Most samples of one request.
const MOST_SAMPLES: u32 = 128;

/// The settings of a run. All are always written: what is missing, servers take from the model's files, or from defaults of
/// their own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// 0 is greedy.
    pub temperature: f32,
    /// 0 keeps all.
    pub top_k: u32,
    /// 1 keeps all.
    pub top_p: f32,
    /// 0 keeps all.
    pub min_p: f32,
    /// 1 is off.
    pub repetition_penalty: f32,
    /// Most tokens of a response, reasoning included.
    pub max_tokens: u32,
    /// Whether the model may think first, where its chat template can switch that off.
    pub is_thinking: bool,
}

/// What one request asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asking<'a> {
    /// The model, by the server's name for it.
    pub model: &'a str,
    /// The prompt.
    pub text: &'a str,
    /// [`base_seed`] of the prompt and its language.
    pub base_seed: u32,
    /// The first sample.
    pub first: u32,
    /// How many, from it on.
    pub count: u32,
    /// Whether log-probs are asked for; some models of OpenAI refuse a request for them.
    pub has_logprobs: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: [Message<'a>; 1],
    n: u32,
    seed: u32,
    temperature: f32,
    top_p: f32,
    max_completion_tokens: u32,
    stream: bool,
    stream_options: StreamOptions,
    #[serde(flatten)]
    logprobs: Option<Logprobs>,
    #[serde(flatten)]
    more: Option<More>,
    /// vLLM alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    return_token_ids: Option<bool>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct Logprobs {
    logprobs: bool,
    /// llama-server gives none at all where this is 0.
    top_logprobs: u32,
}

/// What OpenAI does not know. Ollama knows only the first name of the limit, vLLM and llama-server take the other first; the
/// penalty has one name in llama-server and another in vLLM and SGLang.
#[derive(Serialize)]
struct More {
    max_tokens: u32,
    top_k: u32,
    min_p: f32,
    repetition_penalty: f32,
    repeat_penalty: f32,
    chat_template_kwargs: TemplateSettings,
}

#[derive(Serialize)]
struct TemplateSettings {
    enable_thinking: bool,
}

/// The seed of a prompt's first sample in a language; sample j has this plus j. It is below 2^31, since some servers have an
/// `int`, and take −1 for "random". It depends on nothing else, so a request that is sent again asks for the same samples.
pub fn base_seed(seed: u32, prompt_id: &str, language: &Language) -> u32 {
    (draw(seed, &[prompt_id, language.as_str()], 1 << SEED_BITS) as u32) << (31 - SEED_BITS)
}

/// The body of a request for a stream of chat completions, as JSON.
pub fn request_body(kind: ServerKind, sampling: &Sampling, asking: &Asking<'_>) -> String {
    let max_tokens = sampling.max_tokens;
    let body = Body {
        model: asking.model,
        messages: [Message { role: "user", content: asking.text }],
        n: asking.count,
        seed: asking.base_seed.wrapping_add(asking.first),
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        max_completion_tokens: max_tokens,
        stream: true,
        stream_options: StreamOptions { include_usage: true },
        logprobs: asking.has_logprobs.then_some(Logprobs { logprobs: true, top_logprobs: 1 }),
        more: (!kind.is_strict()).then_some(More {
            max_tokens,
            top_k: sampling.top_k,
            min_p: sampling.min_p,
            repetition_penalty: sampling.repetition_penalty,
            repeat_penalty: sampling.repetition_penalty,
            chat_template_kwargs: TemplateSettings { enable_thinking: sampling.is_thinking },
        }),
        return_token_ids: (kind == ServerKind::Vllm).then_some(true),
    };
    // A record of texts and finite numbers always has a JSON.
    serde_json::to_string(&body).unwrap_or_default()
}

/// The samples of a row that are to be asked for, in runs of neighbours of at most `per_request`: (first, count) each.
pub fn runs(missing: &[u32], per_request: u32) -> Vec<(u32, u32)> {
    let most = per_request.clamp(1, MOST_SAMPLES);
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &sample in missing {
        match runs.last_mut() {
            Some((first, count)) if *first + *count == sample && *count < most => *count += 1,
            _ => runs.push((sample, 1)),
        }
    }
    runs
}

/// Whether a server's name for a model is another one for the model that was asked for: the same, or its last part.
pub fn is_same_model(asked: &str, served: &str) -> bool {
    let last = |name: &str| name.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    asked == served || (!served.is_empty() && last(asked) == last(served))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const SAMPLING: Sampling = Sampling {
        temperature: 0.9,
        top_k: 0,
        top_p: 1.0,
        min_p: 0.0,
        repetition_penalty: 1.0,
        max_tokens: 512,
        is_thinking: false,
    };

    fn body(kind: ServerKind, has_logprobs: bool) -> Value {
        let asking =
            Asking { model: "m", text: "Mbili?", base_seed: 2_048, first: 3, count: 2, has_logprobs };
        let body = request_body(kind, &SAMPLING, &asking);
        assert!(body.contains(r#""temperature":0.9,"top_p":1.0,"#), "{body}");
        serde_json::from_str(&body).unwrap()
    }

    #[test]
    fn every_setting_is_written_and_openai_gets_no_field_that_it_does_not_know() {
        let known =
            ["model", "messages", "n", "seed", "temperature", "top_p", "max_completion_tokens", "stream"];
        let known = [&known[..], &["stream_options", "logprobs", "top_logprobs"]].concat();
        let more =
            ["max_tokens", "top_k", "min_p", "repetition_penalty", "repeat_penalty", "chat_template_kwargs"];
        for (kind, more) in [
            (ServerKind::Openai, &[][..]),
            (ServerKind::Unknown, &more[..]),
            (ServerKind::LlamaServer, &more),
            (ServerKind::Vllm, &[&more[..], &["return_token_ids"]].concat()),
        ] {
            let body = body(kind, true);
            let found: BTreeSet<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(found, [&known[..], more].concat().into_iter().collect(), "{kind:?}");
            assert_eq!(body["messages"], json!([{ "role": "user", "content": "Mbili?" }]));
            assert_eq!((&body["seed"], &body["n"]), (&json!(2_051), &json!(2)));
            assert_eq!(body["stream_options"], json!({ "include_usage": true }));
        }
        let without = body(ServerKind::Openai, false);
        assert!(without.get("logprobs").is_none() && without.get("top_logprobs").is_none());
    }

    #[test]
    fn seeds_are_below_2_to_the_31_leave_room_for_samples_and_differ() {
        let mut seen = BTreeSet::new();
        for prompt in 0..200 {
            for language in ["en", "de", "sw"] {
                let seed = base_seed(1, &format!("p{prompt}"), &Language::from(language));
                assert!(seed <= 0x7fff_fc00 && seed.is_multiple_of(1_024));
                seen.insert(seed);
            }
        }
        assert!(seen.len() >= 598, "{}", seen.len());
        assert_ne!(base_seed(1, "p", &"en".into()), base_seed(2, "p", &"en".into()));
    }

    #[test]
    fn neighbours_are_asked_for_together() {
        for (missing, per_request, expected) in [
            (&[][..], 8, &[][..]),
            (&[0, 1, 2, 3], 8, &[(0, 4)][..]),
            (&[0, 1, 2, 3], 3, &[(0, 3), (3, 1)]),
            (&[0, 1, 2], 1, &[(0, 1), (1, 1), (2, 1)]),
            (&[0, 2, 3, 7], 8, &[(0, 1), (2, 2), (7, 1)]),
            (&[5], 0, &[(5, 1)]),
        ] {
            assert_eq!(runs(missing, per_request), expected, "{missing:?} {per_request}");
        }
    }

    #[test]
    fn a_model_may_be_named_with_or_without_its_folder() {
        for (asked, served, is_same) in [
            ("Qwen/Q", "Qwen/Q", true),
            ("Qwen/Q", "q", true),
            ("Q", "/models/Q", true),
            ("Qwen/Q", "Qwen/R", false),
            ("Q", "", false),
        ] {
            assert_eq!(is_same_model(asked, served), is_same, "{asked} {served}");
        }
    }

    proptest! {
        #[test]
        fn every_missing_sample_is_asked_for_once(missing in prop::collection::btree_set(0u32..300, 0..60), per_request in 0u32..200) {
            let missing: Vec<u32> = missing.into_iter().collect();
            let runs = runs(&missing, per_request);
            let asked: Vec<u32> = runs.iter().flat_map(|(first, count)| *first..first + count).collect();
            prop_assert_eq!(asked, missing);
            prop_assert!(runs.iter().all(|(_, count)| (1..=per_request.clamp(1, 128)).contains(count)));
        }
    }
}
