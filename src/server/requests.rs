//! The body of a request for samples of one prompt.

use serde::Serialize;

use super::ServerKind;
use crate::{
    data::SessionConfig,
    job::{Asking, ChatBody, MOST_SAMPLES_PER_REQUEST, chat_body},
};

#[derive(Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    chat: ChatBody<'a>,
    stream: bool,
    stream_options: StreamOptions,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// The body of a request for a stream of chat completions, as JSON.
pub fn request_body(kind: ServerKind, config: &SessionConfig, asking: &Asking<'_>) -> String {
    let body = Body {
        chat: chat_body(asking, config, kind.dialect()),
        stream: true,
        stream_options: StreamOptions { include_usage: true },
    };
    // A record of texts and finite numbers always has a JSON.
    serde_json::to_string(&body).unwrap_or_default()
}

/// The samples of a row that are to be asked for, in runs of neighbours of at most `per_request`: (first, count) each.
pub fn runs(missing: &[u32], per_request: u32) -> Vec<(u32, u32)> {
    let most = per_request.clamp(1, MOST_SAMPLES_PER_REQUEST);
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &sample in missing {
        match runs.last_mut() {
            Some((first, count)) if *first + *count == sample && *count < most => *count += 1,
            _ => runs.push((sample, 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn body(kind: ServerKind, has_logprobs: bool) -> Value {
        let (model, text, max_tokens) = ("m", "Mbili?", 512);
        let asking = Asking { model, text, base_seed: 2_048, first: 3, count: 2, max_tokens, has_logprobs };
        let body = request_body(kind, &SessionConfig::default(), &asking);
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
