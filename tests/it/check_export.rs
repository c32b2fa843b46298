//! The selection and the export against an independent recomputation in Python (tests/check_export.py): random
//! sessions must agree with it, and a session or file with one thing changed must not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use concord::align::{Material, extract_answer, select};
use concord::curation::{Act, Curation, Decision, Stamp, export_rows};
use concord::data::{
    FinishReason, Language, Measurements, Method, Prompt, Response, Session, SessionConfig, Similarity,
    TaskKind, export_trl, write_session,
};
use serde_json::{Value, json};

use crate::numbers::{Numbers, blank_session};

const LANGUAGES: [&str; 8] = ["en", "de", "es", "ru", "zh-Hans", "ar", "bn", "sw"];

/// A response as the teaching model writes it, now and then cut short, wordless or with other digits.
fn text(language: &str, numbers: &mut Numbers) -> String {
    let (a, b) = (numbers.below(9) + 2, numbers.below(2) + 1);
    let sum = a + b;
    let (lead, end) = match language {
        "en" => ("Tom has", "Answer:"),
        "de" => ("Zusammen sind das", "Antwort:"),
        "es" => ("En total son", "Respuesta:"),
        "ru" => ("Всего", "Ответ:"),
        "zh-Hans" => ("一共有", "答案："),
        "ar" => ("المجموع", "الجواب:"),
        "bn" => ("মোট", "উত্তর:"),
        _ => ("Jumla ni", "Jibu:"),
    };
    let text = match numbers.below(12) {
        0 => format!("{lead} {a} + {b} ="),
        1 => lead.to_owned(),
        2 => format!("{lead} {a}.\n{end} -{sum}"),
        3 => format!("{lead} {sum} = {a} + {b}.  "),
        _ => format!("{lead} {a} + {b} = {sum}.\n{end} {}", 3 + numbers.below(3)),
    };
    let zero = match (language, numbers.below(3)) {
        ("ar", 0) => 0x660,
        ("bn", 0) => 0x9e6,
        _ => 0x30,
    };
    text.chars().map(|c| c.to_digit(10).and_then(|d| char::from_u32(zero + d)).unwrap_or(c)).collect()
}

/// A session whose responses and cosines are random, and whose picks are the method's.
fn session(seed: u64, task: TaskKind, method: Method) -> Session {
    let mut numbers = Numbers::new(seed);
    let config = SessionConfig {
        task,
        method,
        languages: LANGUAGES.map(Language::from).to_vec(),
        n: 5,
        seed: seed as u32,
        min_margin: if seed.is_multiple_of(3) { 0.25 } else { 0.0 },
        merge_duplicates: seed.is_multiple_of(2),
        anchor_pairs: seed % 4 > 1,
        language_gate: seed % 5 != 4,
        ..SessionConfig::default()
    };
    let texts = || LANGUAGES.iter().map(|l| (Language::from(*l), format!("{l}?\u{2028}"))).collect();
    let ids = ["a", "b", "c", "d"];
    let prompts = ids.map(|id| Prompt { id: id.into(), task, text: texts(), ..Prompt::default() }).to_vec();
    let mut responses = Vec::new();
    let mut similarities = Vec::new();
    for prompt in &prompts {
        let mut order = Vec::new();
        for language in &config.languages {
            for sample in 0..config.n {
                let text = text(language.as_str(), &mut numbers);
                let detected = [None, Some(language.clone()), Some(Language::from("fr"))];
                responses.push(Response {
                    prompt_id: prompt.id.clone(),
                    language: language.clone(),
                    sample,
                    answer: extract_answer(&text, language),
                    text,
                    reasoning: None,
                    reasoning_tokens: None,
                    tokens: Vec::new(),
                    logprob: Some(-1.5),
                    ambiguous: Vec::new(),
                    finish_reason: if numbers.below(20) == 0 {
                        FinishReason::Cancelled
                    } else {
                        FinishReason::Stop
                    },
                    detected_language: detected[numbers.below(3) as usize].clone(),
                    model: None,
                    translation_of: None,
                });
                order.push((language.clone(), sample));
            }
        }
        let n = order.len();
        // Few values, so that ties are common.
        let cosine = (0..n * (n - 1) / 2).map(|_| numbers.below(30) as f32 / 30.0 - 0.2).collect();
        similarities.push(Similarity { prompt_id: prompt.id.clone(), order, cosine });
    }
    let measurements = Measurements::default();
    let material = Material {
        prompts: &prompts,
        responses: &responses,
        similarities: &similarities,
        measurements: &measurements,
    };
    let picked = select(material, &config);
    let mut session = Session {
        config,
        prompts,
        responses,
        references: picked.references,
        pairs: picked.pairs,
        similarities,
        ..blank_session()
    };
    curate(&mut session, &mut numbers);
    session
}

fn curate(session: &mut Session, numbers: &mut Numbers) {
    for _ in 0..25 {
        let pair = session.pairs[numbers.below(session.pairs.len() as u64) as usize].clone();
        let (prompt_id, language) = (pair.prompt_id.as_str(), &pair.language);
        let row = (prompt_id, language);
        let decision = match numbers.below(7) {
            0 => Decision::On(row, Act::Accept),
            1 => Decision::On(row, Act::Swap),
            2 => Decision::On(row, Act::LeaveOut),
            3 => Decision::On(row, Act::Choose { chosen: 0, rejected: 1 }),
            4 => Decision::On(row, Act::Reset),
            5 => Decision::Undo,
            _ => Decision::Redo,
        };
        // A row without a pair cannot be accepted, and there may be nothing to undo.
        if let Ok(event) = Curation::fold(session).event(session, decision, Stamp::default()) {
            session.events.push(event);
        }
    }
}

struct Files {
    session: PathBuf,
    export: PathBuf,
}

fn write(name: &str, session: &str, export: &str) -> Files {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let files =
        Files { session: dir.join(format!("{name}.json")), export: dir.join(format!("{name}.jsonl")) };
    fs::write(&files.session, session).unwrap();
    fs::write(&files.export, export).unwrap();
    files
}

/// What the script says: whether it agrees, and its output.
fn recompute(files: &Files) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check_export.py");
    let mut command = Command::new("python3");
    command.arg("-B").arg(script).arg(&files.session).arg(&files.export);
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("python3 cannot be run ({e}): install it, e.g. apt-get install python3"));
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn random_sessions_agree_with_the_recomputation() {
    let mut n_pairs = 0;
    for seed in 0..12 {
        let task = if seed % 3 == 1 { TaskKind::General } else { TaskKind::Math };
        let method = if seed % 6 == 5 { Method::RandomReference } else { Method::CmAlign };
        let session = session(seed, task, method);
        n_pairs += session.pairs.iter().filter(|p| p.skip.is_none()).count();
        let export = export_trl(&session, &export_rows(&session)).text;
        let files = write(&format!("agree-{seed}"), &write_session(&session).unwrap(), &export);
        let (agrees, said) = recompute(&files);
        assert!(agrees, "seed {seed}: {said}");
    }
    assert!(n_pairs > 100, "{n_pairs} pairs say too little");
}

#[test]
fn one_change_in_session_or_file_is_found() {
    let session = session(1, TaskKind::Math, Method::CmAlign);
    let json: Value = serde_json::from_str(&write_session(&session).unwrap()).unwrap();
    let export = export_trl(&session, &export_rows(&session)).text;
    let row = session.pairs.iter().position(|p| p.skip.is_none() && p.margin == Some(1.0)).unwrap();
    let has_answer = session.responses.iter().position(|r| r.answer.is_some()).unwrap();
    let reference = session.references.iter().position(|r| r.sample.is_some()).unwrap();
    let skipped = session.pairs.iter().position(|p| p.skip.is_some()).unwrap();
    let (chosen, rejected) = (json["pairs"][row]["chosen"].clone(), json["pairs"][row]["rejected"].clone());
    let other = (session.references[reference].sample.unwrap() + 1) % 5;
    for (i, (pointer, value)) in [
        (format!("/pairs/{row}/chosen"), rejected.clone()),
        (format!("/pairs/{row}/rejected"), chosen),
        (format!("/pairs/{row}/margin"), json!(0.5)),
        (format!("/pairs/{row}/scores/0"), json!(0.5)),
        (format!("/pairs/{skipped}/skip"), Value::Null),
        (format!("/responses/{has_answer}/answer"), json!("987")),
        (format!("/references/{reference}/sample"), json!(other)),
        (format!("/references/{reference}/consistency/0"), json!(0.123)),
        (format!("/references/{reference}/voteShare"), json!(0.123)),
        ("/schema".to_owned(), json!("concord-session/2")),
    ]
    .into_iter()
    .enumerate()
    {
        let mut changed = json.clone();
        *changed.pointer_mut(&pointer).unwrap() = value;
        let (agrees, said) = recompute(&write(&format!("changed-{i}"), &changed.to_string(), &export));
        assert!(!agrees, "{pointer} was changed and not found: {said}");
    }
    let lines: Vec<&str> = export.lines().collect();
    for (name, file) in [
        ("a line less", lines[1..].join("\n") + "\n"),
        ("a line twice", export.clone() + lines[0] + "\n"),
        ("another role", export.replacen("\"user\"", "\"system\"", 1)),
        ("a space", export.replacen("\"assistant\",\"content\":\"", "\"assistant\",\"content\":\" ", 1)),
        ("a raw line separator", export.replacen("\\u2028", "\u{2028}", 1)),
        ("a byte-order mark", format!("\u{feff}{export}")),
        ("no last line end", export.trim_end().to_owned()),
        (
            "another order of keys",
            export.replacen("\"prompt\"", "\"x\"", 1).replacen("\"chosen\"", "\"prompt\"", 1),
        ),
    ] {
        let (agrees, said) = recompute(&write("changed-file", &json.to_string(), &file));
        assert!(!agrees, "{name} was not found: {said}");
    }
}
