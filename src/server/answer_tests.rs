//! Answers as servers send them: recorded from llama-server, and in the shapes of others; cut, damaged and endless ones.

use proptest::prelude::*;

use super::{Answer, AnswerError, AnswerReader};
use crate::job::{Choice, End, NoLogprob};

/// Two samples from llama-server, in Chinese.
const RECORDED: &str = include_str!("fixtures/llama_server_zh.sse");
/// Two samples from it in one object.
const PLAIN: &str = include_str!("fixtures/llama_server_plain.json");

/// Reads an answer that comes in parts; the samples that ended on the way are put back. What people see of a sample as it
/// grows is how it begins.
fn read_parts<'a>(n: u32, parts: impl IntoIterator<Item = &'a [u8]>) -> Result<Answer, AnswerError> {
    let (mut reader, mut ended) = (AnswerReader::new(n), Vec::new());
    let mut seen = vec![String::new(); n as usize];
    for part in parts {
        reader.push(part)?;
        ended.extend(reader.take_ended());
        reader.take_grown().iter().for_each(|growth| seen[growth.index as usize].push_str(&growth.text));
    }
    let mut answer = reader.finish()?;
    ended.append(&mut answer.choices);
    ended.sort_by_key(|choice| choice.index);
    for choice in &ended {
        assert!(choice.text.starts_with(&seen[choice.index as usize]), "{seen:?} {choice:?}");
    }
    Ok(Answer { choices: ended, ..answer })
}

fn read(n: u32, text: &str) -> Result<Answer, AnswerError> {
    read_parts(n, [text.as_bytes()])
}

fn texts(answer: &Answer) -> Vec<&str> {
    answer.choices.iter().map(|choice| choice.text.as_str()).collect()
}

/// A stream of these objects, ended.
fn stream(chunks: &[&str]) -> String {
    chunks.iter().chain(&["[DONE]"]).map(|chunk| format!("data: {chunk}\n\n")).collect()
}

#[test]
fn a_stream_of_llama_server_is_read() {
    let answer = read(2, RECORDED).unwrap();
    assert_eq!(texts(&answer), ["答案：7", "答案：1"]);
    for choice in &answer.choices {
        assert_eq!((choice.end.clone(), choice.tokens.len()), (End::Stop, 3), "{choice:?}");
        assert!((-20.0..0.0).contains(&choice.logprob.unwrap()), "{choice:?}");
    }
    assert_eq!(answer.model.as_deref(), Some("teaching-model.gguf"));
    assert_eq!(answer.prompt_tokens, Some(20));
    assert!(answer.completion_tokens.is_some() && answer.n_extra == 0);
}

#[test]
fn what_grows_is_seen_before_it_ends() {
    let (mut reader, mut seen) = (AnswerReader::new(2), Vec::new());
    for event in RECORDED.split_inclusive("\n\n") {
        reader.push(event.as_bytes()).unwrap();
        seen.extend(reader.take_grown());
        reader.take_ended();
    }
    let of = |index| {
        seen.iter()
            .filter(|growth| growth.index == index)
            .map(|growth| growth.text.as_str())
            .collect::<String>()
    };
    // The last piece comes with the end or before it; what has ended is taken whole.
    assert!("答案：7".starts_with(&of(0)) && of(0).starts_with("答案"), "{seen:?}");
    assert!("答案：1".starts_with(&of(1)) && of(1).starts_with("答案"), "{seen:?}");
    assert!(seen.windows(2).all(|two| two[0].index != two[1].index || two[0].n_tokens < two[1].n_tokens));
}

#[test]
fn an_object_of_llama_server_is_read() {
    let answer = read(2, PLAIN).unwrap();
    assert_eq!(texts(&answer), ["Tom has 3", "Answer: 7"]);
    assert_eq!(answer.choices[0].tokens, [1823, 471, 223, 21]);
    // Those of Tom, has, a space and 3.
    let sum = -2.266_761_8;
    assert!((answer.choices[0].logprob.unwrap() - sum).abs() < 1e-5, "{answer:?}");
    assert_eq!((answer.choices[1].end.clone(), answer.prompt_tokens), (End::Length, Some(19)));
}

#[test]
fn a_stream_of_vllm_is_read() {
    // Token ids beside the text, an end-of-turn entry that stands in no text, usage in a chunk without choices.
    let chunks = [
        r#"{"id":"c","object":"chat.completion.chunk","model":"Qwen/Q","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null,"token_ids":null}],"prompt_token_ids":[1,2]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"Ji"},"logprobs":{"content":[{"token":"Ji","logprob":-0.5,"bytes":[74,105],"top_logprobs":[{"token":"Ji","logprob":-0.5,"bytes":[74,105]}]}]},"finish_reason":null,"token_ids":[91]}]}"#,
        r#"{"choices":[{"index":1,"delta":{"reasoning":"hm"},"logprobs":null,"finish_reason":null}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"bu"},"logprobs":{"content":[{"token":"bu","logprob":-0.25,"bytes":[98,117],"top_logprobs":[]},{"token":"<|im_end|>","logprob":-1.0,"bytes":[60,124,105,109,95,101,110,100,124,62],"top_logprobs":[]}]},"finish_reason":"stop","stop_reason":null,"token_ids":[7,2]}]}"#,
        r#"{"choices":[{"index":1,"delta":{"content":"7"},"logprobs":{"content":[{"token":"7","logprob":-Infinity,"bytes":[55]}]},"finish_reason":"stop"}]}"#,
        r#"{"choices":[],"usage":{"prompt_tokens":31,"completion_tokens":5,"total_tokens":36}}"#,
    ];
    let answer = read(2, &stream(&chunks)).unwrap();
    assert_eq!(texts(&answer), ["Jibu", "7"]);
    assert_eq!((answer.choices[0].logprob, &answer.choices[0].tokens[..]), (Ok(-0.75), &[91, 7][..]));
    assert_eq!(answer.choices[1].reasoning.as_deref(), Some("hm"));
    assert_eq!(answer.choices[1].logprob, Err(NoLogprob::Unsaid), "a number that JSON does not have");
    assert_eq!((answer.prompt_tokens, answer.completion_tokens), (Some(31), Some(5)));
}

#[test]
fn streams_of_other_servers_are_read() {
    for (name, n, chunks, expected) in [
        // Ollama: one sample, reasoning, a role in every chunk, no log-probs.
        (
            "ollama",
            1,
            &[
                r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"qwen3:8b","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"so"},"finish_reason":null}]}"#,
                r#"{"model":"qwen3:8b","choices":[{"index":0,"delta":{"role":"assistant","content":"7"},"finish_reason":null}]}"#,
                r#"{"model":"qwen3:8b","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}]}"#,
            ][..],
            &["7"][..],
        ),
        // OpenAI: null usage in every chunk, an empty delta at the end, padding.
        (
            "openai",
            2,
            &[
                r#"{"model":"gpt-x","service_tier":"default","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x9"}"#,
                r#"{"choices":[{"index":1,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-1,"bytes":[97],"top_logprobs":[]}],"refusal":null},"finish_reason":null}],"usage":null}"#,
                r#"{"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":null}],"usage":null}"#,
                r#"{"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}"#,
                r#"{"choices":[{"index":1,"delta":{},"logprobs":null,"finish_reason":"length"}],"usage":null}"#,
                r#"{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":0}}}"#,
            ],
            &["b", "a"],
        ),
        // SGLang: reasoning_content and matched_stop.
        (
            "sglang",
            1,
            &[
                r#"{"model":"q","choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":"so","tool_calls":null},"logprobs":null,"finish_reason":null,"matched_stop":null}],"usage":null}"#,
                r#"{"model":"q","choices":[{"index":0,"delta":{"content":"7","reasoning_content":null},"logprobs":null,"finish_reason":"stop","matched_stop":151645}],"usage":null}"#,
            ],
            &["7"],
        ),
        // A server without indices, and one whose content is a list.
        (
            "bare",
            1,
            &[r#"{"choices":[{"delta":{"content":[{"type":"text","text":"a"}]},"finish_reason":"stop"}]}"#],
            &["a"],
        ),
    ] {
        let answer = read(n, &stream(chunks)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(texts(&answer), expected, "{name}");
        assert!(answer.choices.iter().all(|choice| choice.end != End::Unsaid), "{name}: {answer:?}");
        let thought = (name != "openai" && name != "bare").then_some("so");
        assert_eq!(answer.choices[0].reasoning.as_deref(), thought, "{name}");
    }
}

/// What people have reported of servers and gateways, each with where.
#[test]
fn streams_that_stopped_other_clients_are_read() {
    let text = |text: &str, reason: &str| {
        format!(r#"{{"choices":[{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":{reason}}}]}}"#)
    };
    let [a, b] = [text("a", "null"), text("b", "\"stop\"")];
    let ended = r#"{"choices":[{"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":"stop"}]}"#;
    let of = |chunks: &[&str]| read(1, &stream(chunks)).unwrap();
    for (name, answer) in [
        // NousResearch/hermes-agent#80822.
        ("data: null", of(&[&a, "null", &b])),
        // adolfousier/opencrabs#1499.
        ("an empty reason", of(&[&text("a", "\"\""), &b])),
        // openclaw/openclaw#15488 and cline/cline#8518.
        ("usage without choices", of(&[&a, r#"{"usage":{"prompt_tokens":1}}"#, r#"{"choices":null}"#, &b])),
        // agentuniverse-ai/agentUniverse#772.
        ("delta null", of(&[&a, &b, r#"{"choices":[{"index":0,"delta":null}]}"#])),
        // open-webui/open-webui#16377.
        ("reasoning that ends", of(&[ended, &a, &b])),
        ("log-probs in another form", of(&[&a.replace("\"finish", r#""logprobs":[0.5],"finish"#), &b])),
        ("usage in another form", of(&[&a, &b, r#"{"choices":[],"usage":{"prompt_tokens":-1.5}}"#])),
        ("no blank lines", read(1, &format!("data: {a}\ndata: {b}\ndata: [DONE]\n")).unwrap()),
    ] {
        assert_eq!(texts(&answer), ["ab"], "{name}");
        assert_eq!(answer.choices[0].end, End::Stop, "{name}");
    }
    // Mistral's word for a full context.
    assert_eq!(of(&[&text("a", "\"model_length\"")]).choices[0].end, End::Length);
    // anomalyco/opencode#43379 and vercel/ai#19165: no reason, with and without an end of the stream.
    assert_eq!(of(&[&a]).choices[0].end, End::Unsaid);
    assert_eq!(read(1, &format!("data: {a}\n\n")), Err(AnswerError::Cut));
}

#[test]
fn what_is_no_answer_is_told_apart() {
    let chunk = r#"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}"#;
    let no_answer = |start: &str| AnswerError::NotAnAnswer { start: start.to_owned() };
    let server = |status, message: &str| AnswerError::Server { status, message: message.to_owned() };
    for (body, expected) in [
        ("", AnswerError::Cut),
        (" \n", AnswerError::Cut),
        (": ping\n\n", AnswerError::Cut),
        (&format!("data: {chunk}\n\n"), AnswerError::Cut),
        (&format!("data: {chunk}\n\ndata: {{\"choi"), AnswerError::Cut),
        ("{\"choices\":[{\"index\":0,\"mess", AnswerError::Cut),
        (" <!DOCTYPE html><p>Hello", AnswerError::WebPage),
        ("Internal Server Error", no_answer("Internal Server Error")),
        ("data: [DONE]\n\n", no_answer("data: [DONE]")),
        ("data: {\"a\":1}\n\ndata: [DONE]\n\n", no_answer("data: {\"a\":1}\n\ndata: [DONE]")),
        ("data: nothing", AnswerError::Cut),
        ("data: nothing\n\n", no_answer("data: nothing")),
        (r#"{"status":"ok"}"#, no_answer(r#"{"status":"ok"}"#)),
        (r#"{"choices":[]}"#, no_answer(r#"{"choices":[]}"#)),
        (r#"["a"]"#, no_answer(r#"["a"]"#)),
        (r#"{"model":"m","messages":[{"role":"user","content":"q"}],"n":2}"#, AnswerError::Echo),
        (r#"{"error":{"message":"no"}}"#, server(None, "no")),
        ("data: {\"error\":{\"code\":500,\"message\":\"slot lost\"}}\n\n", server(Some(500), "slot lost")),
        (
            "data: {\"object\":\"error\",\"message\":\"too long\",\"code\":400}\n\n",
            server(Some(400), "too long"),
        ),
        ("error: {\"code\":503,\"message\":\"loading\"}\n\n", server(Some(503), "loading")),
    ] {
        assert_eq!(read(1, body), Err(expected), "{body}");
    }
    for (error, passes) in [
        (AnswerError::Cut, true),
        (AnswerError::WebPage, false),
        (AnswerError::TooLong, false),
        (server(None, ""), true),
        (server(Some(503), ""), true),
        (server(Some(429), ""), true),
        (server(Some(400), ""), false),
    ] {
        assert_eq!(error.may_pass(), passes, "{error:?}");
    }
}

#[test]
fn what_ended_before_a_cut_is_kept() {
    let whole = read(2, RECORDED).unwrap();
    for end in 0..RECORDED.len() {
        let mut reader = AnswerReader::new(2);
        // A recorded stream holds no error, however little of it comes.
        reader.push(&RECORDED.as_bytes()[..end]).unwrap();
        for choice in reader.take_ended() {
            assert_eq!(choice, whole.choices[choice.index as usize]);
        }
        let is_done = RECORDED[..].floor_char_boundary(end) >= RECORDED.find("[DONE]").unwrap() + 6;
        assert_eq!(reader.finish().err(), (!is_done).then_some(AnswerError::Cut), "{end}");
    }
    let one = r#"{"choices":[{"index":1,"delta":{"content":"a"},"finish_reason":"stop"}]}"#;
    let mut reader = AnswerReader::new(2);
    reader.push(format!("data: {one}\n\n").as_bytes()).unwrap();
    assert_eq!(reader.take_ended().iter().map(|choice| choice.index).collect::<Vec<_>>(), [1]);
    assert_eq!(reader.take_ended(), [], "each is taken once");
    assert_eq!(reader.finish(), Err(AnswerError::Cut));
}

#[test]
fn samples_that_nobody_asked_for_are_counted_and_missing_ones_are_missing() {
    let of = |index: u64, reason: &str| {
        format!(r#"{{"choices":[{{"index":{index},"delta":{{"content":"a"}},"finish_reason":{reason}}}]}}"#)
    };
    let (first, far, again) = (of(0, "\"stop\""), of(u64::MAX, "null"), of(0, "null"));
    let answer = read(2, &stream(&[&first, &far, &far, &again])).unwrap();
    assert_eq!((texts(&answer), answer.n_extra), (vec!["a"], 1), "the second sample never came");
    let unended = read(1, &stream(&[&of(0, "null")])).unwrap();
    assert_eq!(unended.choices[0].end, End::Unsaid);
}

#[test]
fn an_answer_without_end_is_refused() {
    let mut reader = AnswerReader::new(1);
    let pings = format!(": {}\n", "-".repeat((1 << 20) - 3));
    assert_eq!(pings.len(), 1 << 20);
    let n_parts = (0..100).take_while(|_| reader.push(pings.as_bytes()).is_ok()).count();
    assert_eq!(n_parts, 64);
    let mut reader = AnswerReader::new(1);
    let refused = (0..9).find_map(|_| reader.push(&vec![b'x'; 1 << 20]).err());
    assert_eq!(refused, Some(AnswerError::TooLong), "a line without end");
}

#[test]
fn a_character_in_two_chunks_of_bytes_and_in_two_tokens_is_whole() {
    let chunks = [
        r#"{"choices":[{"index":0,"delta":{"content":""},"logprobs":{"content":[{"id":1,"token":"","bytes":[240,159],"logprob":-1}]},"finish_reason":null}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"😀"},"logprobs":{"content":[{"id":2,"token":"","bytes":[152,128],"logprob":-1}]},"finish_reason":"stop"}]}"#,
    ];
    let text = stream(&chunks);
    let answer = read_parts(1, text.as_bytes().chunks(1)).unwrap();
    let Choice { text, tokens, logprob, .. } = &answer.choices[0];
    assert_eq!((text.as_str(), tokens.as_slice(), *logprob), ("😀", &[1, 2][..], Ok(-2.0)));
}

proptest! {
    #[test]
    fn any_cut_of_the_stream_gives_the_same_answer(
        cuts in prop::collection::vec(0..RECORDED.len(), 0..12),
        has_returns: bool,
    ) {
        let text = if has_returns { RECORDED.replace('\n', "\r\n") } else { RECORDED.to_owned() };
        let mut cuts = cuts;
        cuts.sort_unstable();
        let bytes = text.as_bytes();
        let froms = [0].into_iter().chain(cuts.iter().copied());
        let parts = froms.zip(cuts.iter().copied().chain([bytes.len()])).map(|(from, to)| &bytes[from..to]);
        prop_assert_eq!(read_parts(2, parts), read(2, RECORDED));
    }

    #[test]
    fn no_bytes_stop_the_reader(
        parts in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..40),
                "(data: |\\{\"choices\":|\\[\\{\"index\":[0-9]{1,3},|\"delta\":\\{\\}\\}|\\]\\}|\n\n|NaN|null)".prop_map(String::into_bytes),
            ],
            0..12,
        ),
    ) {
        let _result = read_parts(2, parts.iter().map(Vec::as_slice));
    }
}
