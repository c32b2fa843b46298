//! The body of a request, by what the server that gets it understands.

use serde::{Deserialize, Serialize};

use super::{Job, RequestId};
use crate::align::random::keyed;
use crate::data::{Language, SessionConfig};

/// Most samples of one request. A prompt with more gets several.
pub const MOST_SAMPLES_PER_REQUEST: u32 = 128;

/// Bits of a seed: 31, since some servers take −1 for "random" and some have an `int`; the last ten count a prompt's samples, of
/// which there are at most [`crate::data::MOST_SAMPLES`].
const SEED_BITS: u64 = 0x7fff_fc00;

/// A kind of server: which fields it knows, and whether one request may ask for several samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// vLLM, by `vllm run-batch` or its server. Sample i of a request has the request's seed + i.
    #[default]
    Vllm,
    /// llama.cpp's server: the same, for as many samples as it has slots.
    LlamaServer,
    /// OpenAI's batch service, which refuses fields that it does not know.
    Openai,
    /// Any other: one sample a request. SGLang gives the samples of one request one seed; TGI, Ollama, LM Studio and
    /// llama-cpp-python return one sample whatever is asked.
    Other,
}

impl Dialect {
    /// Every kind, the default first.
    pub const ALL: [Self; 4] = [Self::Vllm, Self::LlamaServer, Self::Openai, Self::Other];

    /// Its name in a manifest and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vllm => "vllm",
            Self::LlamaServer => "llama-server",
            Self::Openai => "openai",
            Self::Other => "other",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.as_str() == name)
    }

    /// How many samples one request asks for, of `n`.
    pub fn samples_per_request(self, n: u32) -> u32 {
        if self == Self::Other { 1 } else { n.clamp(1, MOST_SAMPLES_PER_REQUEST) }
    }
}

/// How a job's requests are written. Responses do not depend on it, so the job's hash does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The kind of server that they are for.
    pub server: Dialect,
    /// Whether they ask for log-probs, which some servers and models refuse.
    pub has_logprobs: bool,
}

impl From<Dialect> for Form {
    fn from(server: Dialect) -> Self {
        Self { server, has_logprobs: true }
    }
}

/// The seed of a prompt's first sample in a language; sample j has this plus j. It depends on nothing else, so a request that
/// is sent again, alone or with others, asks for the same samples.
pub fn base_seed(seed: u32, prompt_id: &str, language: &Language) -> u32 {
    let hash = keyed(seed, &[prompt_id, language.as_str()]);
    ((hash >> 33) & SEED_BITS) as u32
}

/// One line of a request file, with its line feed.
pub(super) fn posted(custom_id: String, url: &'static str, body: impl Serialize) -> String {
    #[derive(Serialize)]
    struct Line<B> {
        custom_id: String,
        method: &'static str,
        url: &'static str,
        body: B,
    }
    // A record of texts and numbers always has a JSON.
    serde_json::to_string(&Line { custom_id, method: "POST", url, body }).unwrap_or_default() + "\n"
}

/// What one request asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asking<'a> {
    /// The model, by the server's name for it.
    pub model: &'a str,
    /// The prompt's text.
    pub text: &'a str,
    /// [`base_seed`] of the prompt and its language.
    pub base_seed: u32,
    /// The first sample.
    pub first: u32,
    /// How many, from it on.
    pub count: u32,
    /// The longest response, in tokens.
    pub max_tokens: u32,
    /// Whether log-probs are asked for; some models of OpenAI refuse a request for them.
    pub has_logprobs: bool,
}

/// The body of a request for chat completions. All sampling settings are always written: servers take what is missing from the
/// model's `generation_config.json`, or have defaults of their own.
#[derive(Debug, Serialize)]
pub struct ChatBody<'a> {
    model: &'a str,
    messages: [Message<'a>; 1],
    n: u32,
    seed: u32,
    temperature: f32,
    top_p: f32,
    max_completion_tokens: u32,
    #[serde(flatten)]
    logprobs: Option<Logprobs>,
    #[serde(flatten)]
    more: Option<More>,
    #[serde(skip_serializing_if = "Option::is_none")]
    return_token_ids: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Debug, Serialize)]
struct Logprobs {
    logprobs: bool,
    /// llama-server gives none at all where this is 0.
    top_logprobs: u32,
}

/// What OpenAI does not know. Ollama knows only this name of the limit, vLLM and llama-server take the other first; the penalty has
/// one name in llama-server and another in vLLM and SGLang.
#[derive(Debug, Serialize)]
struct More {
    max_tokens: u32,
    top_k: u32,
    min_p: f32,
    repetition_penalty: f32,
    repeat_penalty: f32,
    chat_template_kwargs: TemplateSettings,
}

#[derive(Debug, Serialize)]
struct TemplateSettings {
    enable_thinking: bool,
}

/// The body of a request, in the fields that a kind of server knows.
pub fn chat_body<'a>(asking: &Asking<'a>, config: &SessionConfig, dialect: Dialect) -> ChatBody<'a> {
    ChatBody {
        model: asking.model,
        messages: [Message { role: "user", content: asking.text }],
        n: asking.count,
        seed: asking.base_seed.wrapping_add(asking.first),
        temperature: config.temperature,
        top_p: config.top_p,
        max_completion_tokens: asking.max_tokens,
        logprobs: asking.has_logprobs.then_some(Logprobs { logprobs: true, top_logprobs: 1 }),
        more: (dialect != Dialect::Openai).then_some(More {
            max_tokens: asking.max_tokens,
            top_k: config.top_k,
            min_p: config.min_p,
            repetition_penalty: config.repetition_penalty,
            repeat_penalty: config.repetition_penalty,
            chat_template_kwargs: TemplateSettings { enable_thinking: config.thinking },
        }),
        return_token_ids: (dialect == Dialect::Vllm).then_some(true),
    }
}

/// The line of a request: what is asked, with settings and seed, as JSON and a line feed.
pub fn request_line(job: &Job, id: &RequestId, form: Form) -> String {
    let prompt = &job.prompts[id.line];
    let asking = Asking {
        model: &job.model,
        text: prompt.text.get(&id.language).map_or("", String::as_str),
        base_seed: base_seed(job.config.seed, &prompt.id, &id.language),
        first: id.first,
        count: id.count,
        max_tokens: job.max_tokens(),
        has_logprobs: form.has_logprobs,
    };
    posted(id.to_string(), "/v1/chat/completions", chat_body(&asking, &job.config, form.server))
}

/// What a kind of server cannot be asked for, of these settings; each a sentence.
pub fn not_sent(config: &SessionConfig, dialect: Dialect) -> Vec<String> {
    if dialect != Dialect::Openai {
        return Vec::new();
    }
    let settings = [
        ("top-k", config.top_k != 0),
        ("min-p", config.min_p != 0.0),
        ("repetition penalty", config.repetition_penalty != 1.0),
        ("thinking", config.thinking),
    ];
    let differing = settings.into_iter().filter(|(_, is_set)| *is_set);
    differing
        .map(|(name, _)| format!("OpenAI's service has no setting for {name}: it is left out."))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::job::tests::job;

    fn body(dialect: Dialect) -> Value {
        let job = job();
        let id =
            RequestId { job: job.short().to_owned(), line: 1, language: "sw".into(), first: 2, count: 2 };
        let line = request_line(&job, &id, dialect.into());
        assert!(line.ends_with("}\n") && line.matches('\n').count() == 1);
        let mut line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["custom_id"], json!(id.to_string()));
        assert_eq!((&line["method"], &line["url"]), (&json!("POST"), &json!("/v1/chat/completions")));
        line["body"].take()
    }

    #[test]
    fn every_setting_is_written_for_servers_and_unknown_fields_are_not_sent_to_openai() {
        let common = ["logprobs", "max_completion_tokens", "messages", "model", "n", "seed", "temperature"];
        let common = [&common[..], &["top_logprobs", "top_p"]].concat();
        let more =
            ["chat_template_kwargs", "max_tokens", "min_p", "repeat_penalty", "repetition_penalty", "top_k"];
        for (dialect, own) in [
            (Dialect::Openai, &[][..]),
            (Dialect::Vllm, &["return_token_ids"][..]),
            (Dialect::LlamaServer, &[][..]),
            (Dialect::Other, &[][..]),
        ] {
            let body = body(dialect);
            let found: std::collections::BTreeSet<&str> =
                body.as_object().unwrap().keys().map(String::as_str).collect();
            let more = if dialect == Dialect::Openai { &[][..] } else { &more[..] };
            let wanted = [&common[..], more, own].concat().into_iter().collect();
            assert_eq!(found, wanted, "{dialect:?}");
            assert_eq!(body["messages"], json!([{ "role": "user", "content": "Mbili?" }]));
        }
    }

    #[test]
    fn log_probs_are_not_asked_for_where_a_server_refuses_them() {
        let job = job();
        let plan = crate::job::Plan::new(&job, Form { server: Dialect::Openai, has_logprobs: false });
        let line = request_line(&job, &plan.requests_of(0).next().unwrap(), plan.form());
        assert!(!line.contains("logprobs") && line.contains("\"seed\""), "{line}");
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        let job = job();
        let id = crate::job::Plan::new(&job, Dialect::Vllm).requests_of(0).next().unwrap();
        let line = request_line(&job, &id, Dialect::Vllm.into());
        assert!(line.contains(r#""temperature":0.9,"top_p":1.0,"#), "{line}");
    }

    #[test]
    fn seeds_leave_room_for_every_sample_and_differ() {
        let mut seen = std::collections::BTreeSet::new();
        for prompt in 0..200 {
            for language in ["en", "de", "sw"] {
                let seed = base_seed(1, &format!("p{prompt}"), &language.into());
                assert!(seed <= 0x7fff_fc00 && seed.is_multiple_of(1_024));
                seen.insert(seed);
            }
        }
        // 600 draws of 2^21: about 0.09 collisions are to be expected.
        assert!(seen.len() >= 598, "{}", seen.len());
        assert_ne!(base_seed(1, "p", &"en".into()), base_seed(2, "p", &"en".into()));
    }

    #[test]
    fn what_a_service_cannot_be_asked_for_is_said() {
        let config = SessionConfig { top_k: 40, min_p: 0.05, ..SessionConfig::default() };
        assert_eq!(not_sent(&config, Dialect::Openai).len(), 2);
        assert!(not_sent(&config, Dialect::Vllm).is_empty());
        assert!(not_sent(&SessionConfig::default(), Dialect::Openai).is_empty());
    }

    #[test]
    fn a_kind_of_server_is_found_by_its_name() {
        for dialect in Dialect::ALL {
            assert_eq!(Dialect::named(dialect.as_str()), Some(dialect));
            assert_eq!(serde_json::to_value(dialect).unwrap(), json!(dialect.as_str()));
        }
        assert_eq!(Dialect::named("VLLM"), None);
        assert_eq!(Dialect::Other.samples_per_request(8), 1);
        assert_eq!(Dialect::Vllm.samples_per_request(500), 128);
    }
}
