//! A small job: its files, every shape of answer, and the rules of import.

mod rules;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::data::{FinishReason, Response};

/// Three prompts in English and Swahili, the last in English alone; four samples each.
pub(in crate::job) fn job() -> Job {
    let prompt = |id: &str, texts: &[(&str, &str)]| Prompt {
        id: id.to_owned(),
        text: texts.iter().map(|(tag, text)| (Language::from(*tag), (*text).to_owned())).collect(),
        ..Prompt::default()
    };
    let prompts = vec![
        prompt("mgsm-1", &[("en", "One?"), ("sw", "Moja?"), ("de", "Eins?")]),
        prompt("mgsm-2", &[("en", "Two?"), ("sw", "Mbili?")]),
        prompt("x|y ü", &[("en", "Three\u{2028}?")]),
    ];
    let config = SessionConfig {
        languages: vec!["sw".into(), "en".into()],
        n: 4,
        max_tokens: Some(64),
        ..SessionConfig::default()
    };
    Job::new("Qwen/Qwen2.5-7B-Instruct", &config, prompts).unwrap()
}

fn id(line: usize, language: &str, first: u32, count: u32) -> String {
    let job = job().short().to_owned();
    RequestId { job, line, language: language.into(), first, count }.to_string()
}

fn choice(index: u32, text: &str) -> Value {
    json!({ "index": index, "message": { "role": "assistant", "content": text }, "finish_reason": "stop" })
}

/// An answer as vLLM writes it.
fn line(custom_id: &str, choices: &[Value]) -> String {
    let body = json!({ "model": "Qwen/Qwen2.5-7B-Instruct", "choices": choices });
    json!({
        "id": "vllm-1", "custom_id": custom_id, "error": null,
        "response": { "status_code": 200, "request_id": "r", "body": body },
    })
    .to_string()
        + "\n"
}

/// All lines of the job, each sample with its own text.
pub(in crate::job) fn whole() -> Vec<String> {
    let job = job();
    let plan = Plan::new(&job, Dialect::Vllm);
    let ids = (0..job.prompts.len()).flat_map(|line| plan.requests_of(line));
    let answered = ids.map(|id| {
        let choices: Vec<Value> = (0..id.count).map(|i| choice(i, &format!("{id} {i}"))).collect();
        line(&id.to_string(), &choices)
    });
    answered.collect()
}

fn collected(job: &Job, files: &[String]) -> (Report, Vec<Response>) {
    let mut collector = Collector::new(job);
    for (file, number) in files.iter().zip(0..) {
        collector.begin(&format!("results-{number}.jsonl"));
        file.as_bytes().chunks(7).for_each(|piece| collector.push(piece));
        collector.end();
    }
    (collector.report(), collector.responses())
}

/// What is said of one file.
fn said(file: &str) -> Vec<String> {
    report_lines(&collected(&job(), &[file.to_owned()]).0)
}

#[test]
fn the_hash_covers_what_responses_depend_on_and_nothing_else() {
    let job = job();
    let with = |change: &dyn Fn(&mut SessionConfig)| {
        let mut config = job.config.clone();
        change(&mut config);
        Job::new(&job.model, &config, job.prompts.clone()).unwrap().hash().to_owned()
    };
    let same = job.hash();
    assert_eq!(with(&|c| c.min_margin = 0.5), same);
    assert_eq!(with(&|c| c.method = crate::data::Method::Lidr), same);
    assert_eq!(with(&|c| c.languages.reverse()), same);
    let changes: [&dyn Fn(&mut SessionConfig); 10] = [
        &|c| c.n = 5,
        &|c| c.seed = 2,
        &|c| c.temperature = 0.8,
        &|c| c.top_k = 1,
        &|c| c.top_p = 0.9,
        &|c| c.min_p = 0.1,
        &|c| c.repetition_penalty = 1.1,
        &|c| c.max_tokens = Some(65),
        &|c| c.thinking = true,
        &|c| c.languages.push("de".into()),
    ];
    let hashes: BTreeSet<String> = changes.iter().map(|change| with(change)).collect();
    assert!(hashes.len() == changes.len() && !hashes.contains(same));
    let mut prompts = job.prompts.clone();
    prompts[2].text.insert("en".into(), "Three\u{2028}!".into());
    assert_ne!(Job::new(&job.model, &job.config, prompts).unwrap().hash(), same);
    assert_ne!(Job::new("other", &job.config, job.prompts.clone()).unwrap().hash(), same);
}

#[test]
fn a_job_reads_as_it_was_written_and_what_was_changed_is_noticed() {
    let job = job();
    let prompts: String = (0..3).map(|line| job.prompt_line(line)).collect();
    let read = Job::read(job.job_json().as_bytes(), prompts.as_bytes()).unwrap();
    assert_eq!((read.hash(), &read.prompts), (job.hash(), &job.prompts));
    let changed = prompts.replace("Moja", "Tatu");
    let error = Job::read(job.job_json().as_bytes(), changed.as_bytes()).unwrap_err().to_string();
    assert_eq!(
        error,
        "prompts.jsonl is not as it was written (job.json names another SHA-256): unpack the job again"
    );
    let later = job.job_json().replace("concord-job/1", "concord-job/2");
    let error = Job::read(later.as_bytes(), prompts.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("use a newer Concord"), "{error}");
    let by_hand = job.job_json().replace("\"seed\":1", "\"seed\": 1");
    assert!(matches!(Job::read(by_hand.as_bytes(), prompts.as_bytes()), Err(JobError::Damaged { .. })));
    assert!(matches!(Job::read(b"[]", b""), Err(JobError::Damaged { .. })));
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let job = job();
    let with = |model: &str, languages: &[&str], n: u32| {
        let languages = languages.iter().map(|tag| Language((*tag).to_owned())).collect();
        Job::new(model, &SessionConfig { languages, n, ..job.config.clone() }, job.prompts.clone())
    };
    assert_eq!(with(" ", &["en"], 4).unwrap_err(), JobError::NoModel);
    assert_eq!(with("m", &["fr"], 4).unwrap_err(), JobError::NothingAsked);
    assert!(matches!(with("m", &["en_prompt"], 4), Err(JobError::Language { .. })));
    assert!(matches!(with("m", &["a-very-long-tag-that-leaves-no-room"], 4), Err(JobError::Language { .. })));
    assert!(matches!(with("m", &["en"], 0), Err(JobError::Setting(_))));
}

#[test]
fn shards_hold_whole_prompts_and_every_sample_once() {
    let job = job();
    for (dialect, most_lines) in
        [(Dialect::Vllm, 1), (Dialect::Vllm, 3), (Dialect::Other, 8), (Dialect::Other, 99)]
    {
        let plan = Plan::new(&job, dialect).with_most_lines(most_lines);
        let shards: Vec<Shard> = plan.shards().collect();
        assert_eq!(shards.iter().map(|shard| shard.n_lines).sum::<usize>(), plan.n_requests());
        assert_eq!(shards[0].prompts.start, 0);
        assert!(shards.windows(2).all(|two| two[0].prompts.end == two[1].prompts.start));
        assert_eq!(shards.last().unwrap().prompts.end, 3);
        let mut seen = BTreeSet::new();
        for request in shards.iter().flat_map(|shard| shard.text.lines()) {
            let request: Value = serde_json::from_str(request).unwrap();
            let id: RequestId = request["custom_id"].as_str().unwrap().parse().unwrap();
            let base = base_seed(1, &job.prompts[id.line].id, &id.language);
            assert_eq!(request["body"]["seed"], json!(base + id.first));
            for sample in id.first..id.first + id.count {
                assert!(seen.insert((id.line, id.language.clone(), sample)));
            }
        }
        assert_eq!(seen.len(), job.n_responses());
    }
}

#[test]
fn a_folder_is_the_same_each_time_and_its_manifest_names_its_files() {
    let job = job();
    let files = |created: &str| -> Vec<FolderFile> {
        let plan = Plan::new(&job, Dialect::Other).with_most_lines(8);
        Folder::new(plan, created.to_owned()).collect()
    };
    let (first, second) = (files("2026-01-01T00:00:00Z"), files("2026-01-02T00:00:00Z"));
    assert_eq!(first[..first.len() - 1], second[..second.len() - 1]);
    let manifest: Manifest = serde_json::from_str(&first.last().unwrap().text).unwrap();
    assert_eq!((manifest.n_requests, manifest.n_responses), (20, 20));
    assert_eq!(manifest.config, job.config);
    let counted: Vec<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
    let shards = ["requests-gen-00000.jsonl", "requests-gen-00001.jsonl", "requests-gen-00002.jsonl"];
    assert_eq!(counted, [&["job.json", "prompts.jsonl"][..], &shards].concat());
    for file in &manifest.files {
        let written = first.iter().find(|written| written.name == file.name).unwrap();
        let mut tally = Tally::default();
        tally.push(written.text.as_bytes());
        assert_eq!(tally.sha256(), file.sha256);
        assert_eq!(written.text.lines().count(), file.lines);
    }
    let read_me = &first.iter().find(|file| file.name == "README.md").unwrap().text;
    assert!(read_me.contains("--array=0-2 ") && !read_me.contains('@'), "{read_me}");
    assert!(first.iter().any(|file| file.name == "run/server.py" && file.is_program));
}

#[test]
fn every_shape_of_answer_is_read() {
    let ask = id(0, "sw", 0, 1);
    let body = json!({ "model": "m", "choices": [choice(0, "Jibu: 7")] });
    for (shape, line) in [
        (
            "vLLM, OpenAI",
            json!({ "custom_id": ask, "response": { "status_code": 200, "body": body }, "error": null }),
        ),
        ("older vLLM", json!({ "custom_id": ask, "response": body, "error": null })),
        (
            "Ray Data",
            json!({ "custom_id": ask, "generated_text": "Jibu: 7", "generated_tokens": [91, 7],
            "logprobs": [{ "91": { "logprob": -0.5, "decoded_token": "Jibu: " } },
                         { "7": { "logprob": -0.25, "decoded_token": "7" } }], "__inference_error__": "" }),
        ),
    ] {
        let answer = read_answer(line.to_string().as_bytes(), 64).unwrap();
        let Outcome::Choices(choices) = answer.outcome else { panic!("{shape}") };
        let choice = &choices[0];
        assert_eq!(
            (choice.text.as_str(), choice.finish_reason()),
            ("Jibu: 7", Ok(FinishReason::Stop)),
            "{shape}"
        );
        if shape == "Ray Data" {
            assert_eq!((choice.tokens.as_slice(), choice.logprob), (&[91, 7][..], Ok(-0.75)));
        }
    }
    for (line, code, message) in [
        (
            json!({ "response": { "status_code": 400, "body": null }, "error": { "error": { "message": "too long", "code": 400 } } }),
            "400",
            "too long",
        ),
        (
            json!({ "response": { "status_code": 400, "body": null }, "error": "URL is not supported" }),
            "400",
            "URL is not supported",
        ),
        (
            json!({ "response": null, "error": { "code": "batch_expired", "message": "expired" } }),
            "batch_expired",
            "expired",
        ),
        (
            json!({ "response": { "status_code": 500, "body": { "error": { "message": "oops" } } }, "error": null }),
            "500",
            "oops",
        ),
        (json!({ "response": null, "error": null }), "empty", "neither a response nor an error"),
        (
            json!({ "response": { "status_code": 200, "body": null }, "error": null }),
            "empty",
            "the server sent no body",
        ),
        (
            json!({ "response": { "status_code": 200, "body": { "choices": [] } } }),
            "not an answer",
            "not an answer: its choices are empty",
        ),
        (
            json!({ "response": { "status_code": 200, "body": { "messages": [], "model": "m" } } }),
            "not an answer",
            "not an answer: the request came back",
        ),
        (
            json!({ "generated_text": "", "__inference_error__": "CUDA out of memory" }),
            "engine",
            "CUDA out of memory",
        ),
    ] {
        let mut line = line;
        line["custom_id"] = json!(ask);
        let answer = read_answer(line.to_string().as_bytes(), 64).unwrap();
        let wanted = Outcome::Failed { code: code.to_owned(), message: message.to_owned() };
        assert_eq!(answer.outcome, wanted, "{line}");
    }
    let nested = format!("{}1{}", "[".repeat(65), "]".repeat(65));
    for (line, wanted) in [
        (nested.as_str(), NotRead::Deep),
        (r#"{"response":null}"#, NotRead::NoId),
        (r#"{"custom_id":"a","method":"POST","url":"/v1","body":{}}"#, NotRead::Request),
    ] {
        assert_eq!(read_answer(line.as_bytes(), 64), Err(wanted));
    }
    assert!(matches!(read_answer(b"<html>", 64), Err(NotRead::Shape(_))));
}

#[test]
fn what_is_no_response_says_why() {
    let read = |choice: Value| {
        let line = json!({ "custom_id": id(0, "sw", 0, 1), "response": { "choices": [choice] } });
        match read_answer(line.to_string().as_bytes(), 64).unwrap().outcome {
            Outcome::Choices(mut choices) => choices.remove(0),
            failed => panic!("{failed:?}"),
        }
    };
    for (change, code) in [
        (json!({ "finish_reason": "content_filter" }), "content_filter"),
        (json!({ "finish_reason": "tool_calls" }), "tool_calls"),
        (json!({ "finish_reason": null }), "unfinished"),
        (json!({ "message": { "content": null, "reasoning_content": "Hm." } }), "only reasoning"),
        (json!({ "message": { "content": "" }, "finish_reason": "length" }), "empty"),
    ] {
        let mut choice = choice(0, "7");
        choice.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(read(choice).finish_reason().unwrap_err().code(), code);
    }
    let thought = json!({ "message": { "content": "7", "reasoning": "Hm." }, "finish_reason": "stop" });
    assert_eq!(read(thought).reasoning.as_deref(), Some("Hm."));
    let said = json!({ "index": 0, "message": { "content": "7" }, "finish_reason": "stop", "logprobs": { "content": [
        { "id": 5, "token": "7", "bytes": [55], "logprob": -0.5, "top_logprobs": [] },
        { "id": 2, "token": "</s>", "bytes": null, "logprob": -4.0, "top_logprobs": [] },
    ] } });
    let said = read(said);
    assert_eq!((said.tokens, said.logprob), (vec![5], Ok(-0.5)));
}
