//! References and pairs of every method against an independent recomputation in Python (tests/recompute): random sessions
//! must agree with it, and results with one thing changed must not.

use concord::align::{Material, select};
use concord::data::{
    FinishReason, Language, Measurements, Method, Prompt, Response, RowScores, Session, SessionConfig,
    Similarity, TaskKind, TieBreak, TranslationScores,
};
use serde_json::{Map, Value, json};

use super::{check_agrees, recompute};
use crate::numbers::{Numbers, blank_session};

const LANGUAGES: [&str; 4] = ["en", "de", "zh-Hans", "sw"];
const N_SAMPLES: u32 = 5;

/// A program of a few lines of Python, in one of several shapes, under names of its own.
fn code(numbers: &mut Numbers) -> String {
    let name = ["total", "result", "acc"][numbers.below(3) as usize];
    let (op, n) = (["+", "-", "*"][numbers.below(3) as usize], numbers.below(3));
    let comment = ["", "  # a step"][numbers.below(2) as usize];
    let body = match numbers.below(3) {
        0 => format!(
            "def f(xs):\n    {name} = {n}{comment}\n    for x in xs:\n        {name} = {name} {op} x\n    return {name}\n"
        ),
        1 => format!("def f({name}):\n    return sum({name}) {op} {n}\n"),
        _ => format!(
            "def g(a,  {name}):\n  if a > {n}:{comment}\n    return a {op} {name}\n  return len({name})\n"
        ),
    };
    format!("Here it is:\n```python\n{body}```\nDone.")
}

fn response(prompt: &Prompt, language: &str, sample: u32, numbers: &mut Numbers) -> Response {
    let answer = ["12", "12", "13", "-1/2"][numbers.below(4) as usize];
    let text = match (prompt.task, numbers.below(12)) {
        (_, 0) => [" \n", ""][numbers.below(2) as usize].to_owned(),
        (TaskKind::Code, 1) => "```python\nagain = 1\n```".to_owned(),
        (_, 1) => format!("{language} again"),
        (TaskKind::Code, _) => code(numbers),
        _ => format!("{language} {sample}: {answer}"),
    };
    let detected = [None, Some(Language::from(language)), Some(Language::from("fr"))];
    let has_answer = prompt.task == TaskKind::Math && text.contains(':');
    Response {
        prompt_id: prompt.id.clone(),
        language: language.into(),
        sample,
        text,
        reasoning: None,
        reasoning_tokens: None,
        tokens: Vec::new(),
        logprob: Some(-1.0),
        ambiguous: Vec::new(),
        finish_reason: match numbers.below(20) {
            0 => FinishReason::Cancelled,
            1..6 => FinishReason::Length,
            _ => FinishReason::Stop,
        },
        answer: has_answer.then(|| answer.to_owned()),
        detected_language: detected[numbers.below(3) as usize].clone(),
        model: None,
        translation_of: None,
    }
}

/// Cosines of all responses of a prompt but translations, now and then without one of them.
fn cosines(prompt: &Prompt, responses: &[Response], numbers: &mut Numbers) -> Similarity {
    let of_prompt = responses.iter().filter(|r| r.prompt_id == prompt.id && r.translation_of.is_none());
    let mut order: Vec<_> = of_prompt.map(|r| (r.language.clone(), r.sample)).collect();
    if numbers.once_in(6) {
        order.pop();
    }
    let n = order.len();
    let cosine = (0..n * n.saturating_sub(1) / 2).map(|_| numbers.cosine()).collect();
    Similarity { prompt_id: prompt.id.clone(), order, cosine }
}

/// Random scores of everything; now and then a record or a sample is missing.
fn measurements(prompts: &[Prompt], responses: &[Response], numbers: &mut Numbers) -> Measurements {
    let mut out = Measurements::default();
    for prompt in prompts {
        for language in LANGUAGES.iter().map(|l| Language::from(*l)) {
            let mut samples: Vec<u32> = (0..N_SAMPLES).collect();
            if numbers.once_in(8) {
                samples.pop();
            }
            let n_tokens: Vec<u32> = samples.iter().map(|_| numbers.below(9) as u32 + 1).collect();
            let logprob = n_tokens.iter().map(|n| numbers.logprob() - *n as f32).collect();
            if !numbers.once_in(9) {
                out.instructed.push(RowScores {
                    prompt_id: prompt.id.clone(),
                    language: language.clone(),
                    samples: samples.clone(),
                    n_tokens,
                    logprob,
                });
            }
            let targets: Vec<u32> = (0..N_SAMPLES).collect();
            out.translations.push(TranslationScores {
                prompt_id: prompt.id.clone(),
                language,
                n_tokens: targets.iter().map(|_| numbers.below(6) as u32).collect(),
                logprob: samples
                    .iter()
                    .map(|_| targets.iter().map(|_| numbers.logprob()).collect())
                    .collect(),
                samples,
                targets,
            });
        }
        out.states.push(cosines(prompt, responses, numbers));
    }
    out
}

fn session(seed: u64, task: TaskKind) -> Session {
    let mut numbers = Numbers::new(seed);
    let config = SessionConfig {
        task,
        languages: LANGUAGES.map(Language::from).to_vec(),
        n: N_SAMPLES,
        seed: seed as u32,
        min_margin: if seed.is_multiple_of(3) { 0.25 } else { 0.0 },
        merge_duplicates: seed.is_multiple_of(2),
        anchor_pairs: seed % 4 > 1,
        language_gate: seed % 5 != 4,
        tie_break: if seed % 3 == 1 { TieBreak::Sample } else { TieBreak::Cosine },
        ..SessionConfig::default()
    };
    let texts = |lacks: Option<&str>| {
        let kept = LANGUAGES.iter().filter(|l| Some(**l) != lacks);
        kept.map(|l| (Language::from(*l), format!("{l}?"))).collect()
    };
    let prompt = |(i, id): (usize, &str)| {
        let lacks = [None, None, None, Some("sw"), Some("en"), None][i];
        Prompt { id: id.into(), task, text: texts(lacks), ..Prompt::default() }
    };
    let prompts: Vec<Prompt> = ["a", "b", "c", "d", "e", "f"].into_iter().enumerate().map(prompt).collect();
    let mut responses = Vec::new();
    for prompt in &prompts {
        for language in prompt.text.keys() {
            // A language with one response now and then.
            let n = if numbers.once_in(12) { 1 } else { N_SAMPLES };
            responses.extend((0..n).map(|s| response(prompt, language.as_str(), s, &mut numbers)));
            let translated = Response {
                model: None,
                translation_of: Some(match language.as_str() {
                    "en" => ("de".into(), numbers.below(2) as u32),
                    _ => ("en".into(), numbers.below(2) as u32),
                }),
                ..response(prompt, language.as_str(), N_SAMPLES, &mut numbers)
            };
            responses.extend((!numbers.once_in(4)).then_some(translated));
        }
    }
    let similarities = prompts.iter().map(|p| cosines(p, &responses, &mut numbers)).collect();
    let measured = measurements(&prompts, &responses, &mut numbers);
    Session {
        config,
        prompts,
        responses,
        similarities,
        measurements: if seed.is_multiple_of(7) { Measurements::default() } else { measured },
        ..blank_session()
    }
}

/// What every method picks.
fn results(session: &Session) -> Value {
    let mut selection = Map::new();
    for method in Method::ALL {
        let config = SessionConfig { method, ..session.config.clone() };
        let picked = select(Material::of(session), &config);
        selection.insert(method.as_str().to_owned(), serde_json::to_value(picked).unwrap());
    }
    json!({ "selection": selection })
}

#[test]
fn every_method_agrees_with_the_recomputation() {
    let mut n_pairs = Map::new();
    for seed in 0..12 {
        let task = [TaskKind::Math, TaskKind::General, TaskKind::Code][(seed % 3) as usize];
        let session = session(seed, task);
        let results = results(&session);
        for (method, picked) in results["selection"].as_object().unwrap() {
            let n = picked["pairs"].as_array().unwrap().iter().filter(|p| p["skip"].is_null()).count();
            let before = n_pairs.get(method).and_then(Value::as_u64).unwrap_or_default();
            n_pairs.insert(method.clone(), json!(before + n as u64));
        }
        check_agrees(&format!("selection-agree-{seed}"), &session, &results);
    }
    assert_eq!(n_pairs.len(), 6);
    assert!(n_pairs.values().all(|n| n.as_u64().unwrap() > 30), "too few pairs to say much: {n_pairs:?}");
}

#[test]
fn one_change_of_a_result_is_found() {
    let session = session(2, TaskKind::General);
    let wanted = results(&session);
    for method in Method::ALL {
        let of_method = &wanted["selection"][method.as_str()];
        let pairs = of_method["pairs"].as_array().unwrap();
        let at = pairs.iter().position(|p| p["skip"].is_null()).unwrap();
        let swapped = [("chosen", &pairs[at]["rejected"]), ("rejected", &pairs[at]["chosen"])];
        for (field, value) in swapped.into_iter().chain([("skip", &json!("same-text"))]) {
            let mut changed = wanted.clone();
            changed["selection"][method.as_str()]["pairs"][at][field] = value.clone();
            let (agrees, said) = recompute("selection-changed", &session, &changed);
            assert!(!agrees, "{method:?}: {field} was changed and not found: {said}");
        }
        if let Some(score) = pairs[at]["scores"].get(0).and_then(Value::as_f64) {
            let mut changed = wanted.clone();
            changed["selection"][method.as_str()]["pairs"][at]["scores"][0] = json!(score * 1.0001 + 1e-5);
            let (agrees, said) = recompute("selection-changed", &session, &changed);
            assert!(!agrees, "{method:?}: a score was changed and not found: {said}");
        }
    }
}
