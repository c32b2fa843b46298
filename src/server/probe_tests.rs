//! Probes of servers: the recorded llama-server, and fakes of others by what is known of them.

use serde_json::{Value, json};

use super::{
    Capabilities, ServerKind,
    probe::{ModelList, Probe, ProbeError, ProbeReply},
};

const RECORDED_A: &[u8] = include_bytes!("fixtures/llama_server_probe_a.sse");
const RECORDED_B: &[u8] = include_bytes!("fixtures/llama_server_probe_b.sse");

/// Runs a probe on a server that answers a call and a body.
fn probe(
    kind: ServerKind,
    mut server: impl FnMut(&str, &Value) -> (u16, Vec<u8>),
) -> Result<(Capabilities, usize), ProbeError> {
    let (mut probe, mut n_requests) = (Probe::new(kind, "m"), 0);
    while let Some(request) = probe.next() {
        let (status, body) = server(request.call, &serde_json::from_str(&request.body).unwrap());
        probe.on(ProbeReply::Status(status, &body))?;
        n_requests += 1;
        assert!(n_requests < 20);
    }
    Ok((probe.found(), n_requests))
}

/// What a fake server can do.
#[derive(Clone, Copy)]
struct Fake {
    most: u64,
    refuses_more: bool,
    text: fn(seed: u64, at: u64) -> u64,
    has_logprobs: bool,
    refuses_logprobs: bool,
    prompt_logprobs: bool,
    embeddings: bool,
}

const VLLM: Fake = Fake {
    most: 128,
    refuses_more: true,
    text: |seed, at| seed + at,
    has_logprobs: true,
    refuses_logprobs: false,
    prompt_logprobs: true,
    embeddings: false,
};

fn answer(fake: Fake, call: &str, body: &Value) -> (u16, Vec<u8>) {
    let refuse =
        |status, message: &str| (status, json!({ "error": { "message": message } }).to_string().into_bytes());
    if call == "/embeddings" {
        return match fake.embeddings {
            true => (200, json!({ "data": [{ "embedding": [0.5, 0.5] }] }).to_string().into_bytes()),
            false => refuse(501, "no"),
        };
    }
    let n = body["n"].as_u64().unwrap_or(1);
    if n > fake.most && fake.refuses_more {
        return refuse(400, "n");
    }
    if fake.refuses_logprobs && body["logprobs"] == true {
        return refuse(400, "logprobs");
    }
    let choices: Vec<Value> = (0..n.min(fake.most))
        .map(|at| {
            let text = format!("{}", (fake.text)(body["seed"].as_u64().unwrap_or(0), at));
            let logprobs = json!({ "content": [{ "id": 1, "token": text, "logprob": -1.0 }] });
            let logprobs = if fake.has_logprobs { logprobs } else { Value::Null };
            json!({ "index": at, "message": { "content": text }, "logprobs": logprobs, "finish_reason": "length" })
        })
        .collect();
    let mut answer = json!({ "model": "served", "choices": choices });
    if fake.prompt_logprobs && body.get("prompt_logprobs").is_some() {
        answer["prompt_logprobs"] = json!([null, { "1": { "logprob": -1.0 } }]);
    }
    (200, answer.to_string().into_bytes())
}

#[test]
fn the_recorded_llama_server_can_do_what_it_can() {
    let (found, _) = probe(ServerKind::LlamaServer, |call, body| match call {
        "/embeddings" => {
            (501, br#"{"error":{"code":501,"message":"no","type":"not_supported_error"}}"#.to_vec())
        }
        _ if body.get("prompt_logprobs").is_some() => {
            (200, br#"{"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"length"}]}"#.to_vec())
        }
        _ => (200, if body["seed"] == 1_025 { RECORDED_B } else { RECORDED_A }.to_vec()),
    })
    .unwrap();
    let expected = Capabilities {
        kind: ServerKind::LlamaServer,
        model: "m".to_owned(),
        served: Some("teaching-model.gguf".to_owned()),
        several: true,
        counts_seeds: true,
        seed: true,
        equal_texts: false,
        logprobs: true,
        token_ids: true,
        prompt_logprobs: false,
        embeddings: false,
    };
    assert_eq!(found, expected);
    assert_eq!(found.samples_per_request(8), 8);
}

#[test]
fn what_servers_do_with_n_and_seeds_is_told_apart() {
    let single = Fake { most: 1, refuses_more: false, ..VLLM };
    for (name, fake, several, counts, seed, equal, n_requests) in [
        ("vllm", VLLM, true, true, true, false, 5),
        ("one slot", Fake { most: 1, ..VLLM }, false, false, true, false, 6),
        ("n is ignored", single, false, false, true, false, 5),
        ("one seed for all samples", Fake { text: |seed, _| seed, ..VLLM }, true, false, true, false, 5),
        ("fixed seed", Fake { text: |_, _| 7, ..VLLM }, true, false, false, true, 5),
        ("samples differ, whatever the seed", Fake { text: |_, at| at, ..VLLM }, true, false, true, false, 5),
    ] {
        let (found, n) = probe(ServerKind::Unknown, |call, body| answer(fake, call, body)).unwrap();
        let said = (found.several, found.counts_seeds, found.seed, found.equal_texts, n);
        assert_eq!(said, (several, counts, seed, equal, n_requests), "{name}");
        assert!(found.prompt_logprobs && found.logprobs && found.token_ids, "{name}");
    }
    // No seed at all: every answer is another.
    let mut n_answers = 0;
    let (found, _) = probe(ServerKind::Unknown, |call, body| {
        n_answers += 1;
        let body = json!({ "n": body["n"], "seed": n_answers * 100 });
        answer(VLLM, call, &body)
    })
    .unwrap();
    assert_eq!(
        (found.several, found.seed, found.counts_seeds, found.equal_texts),
        (true, false, false, false)
    );
}

#[test]
fn log_probs_and_vectors_are_found_and_openai_is_asked_for_no_field_that_it_does_not_know() {
    let fake = Fake { refuses_logprobs: true, has_logprobs: false, embeddings: true, ..VLLM };
    let (found, n) = probe(ServerKind::Openai, |call, body| {
        assert!(body.get("prompt_logprobs").is_none() && body.get("top_k").is_none(), "{body}");
        answer(fake, call, body)
    })
    .unwrap();
    assert_eq!((found.several, found.logprobs, found.embeddings, n), (true, false, true, 6));
}

#[test]
fn a_server_that_does_not_chat_is_told() {
    let of = |status: u16, body: &str| {
        probe(ServerKind::Unknown, |_, _| (status, body.as_bytes().to_vec())).unwrap_err()
    };
    let error = of(404, r#"{"error":"model 'm' not found"}"#);
    assert_eq!(
        error.to_string(),
        "the server does not answer a chat with m (status 404): model 'm' not found"
    );
    assert!(matches!(of(400, "no"), ProbeError::Refused { status: 400, .. }), "after every form was tried");
    assert!(matches!(of(200, "<html>"), ProbeError::Unreadable(_)));
    let mut probe = Probe::new(ServerKind::Unknown, "m");
    assert_eq!(probe.on(ProbeReply::NoAnswer), Err(ProbeError::NoAnswer));
}

#[test]
fn lists_of_models_are_read() {
    let recorded = ModelList::parse(include_bytes!("fixtures/llama_server_models.json")).unwrap();
    let list = |names: &[&str], kind| {
        Some(ModelList { names: names.iter().map(|name| (*name).to_owned()).collect(), kind })
    };
    assert_eq!(Some(recorded), list(&["teaching-model.gguf"], ServerKind::LlamaServer));
    for (body, expected) in [
        (
            r#"{"object":"list","data":[{"id":"Qwen/Q","object":"model","owned_by":"vllm","max_model_len":32768}]}"#,
            list(&["Qwen/Q"], ServerKind::Vllm),
        ),
        (
            r#"{"object":"list","data":[{"id":"qwen3:8b","owned_by":"library"},{"id":"b","owned_by":"library"}]}"#,
            list(&["qwen3:8b", "b"], ServerKind::Ollama),
        ),
        (r#"{"object":"list","data":null}"#, list(&[], ServerKind::Unknown)),
        (r#"{"data":[{"id":"m"}]}"#, list(&["m"], ServerKind::Unknown)),
        ("<html>", None),
        (r#"{"status":"ok"}"#, None),
        ("[]", None),
        ("", None),
    ] {
        assert_eq!(ModelList::parse(body.as_bytes()), expected, "{body}");
    }
}
