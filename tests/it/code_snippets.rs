//! Code as models write it (tests/data/code-snippets.jsonl): ten prompts, each answered in Python, JavaScript and Rust.
//! Of every language three responses are one program under other names, comments and layout, one differs in a step, and
//! one goes another way. The normaliser has to group what is the same and part what is not.

use std::collections::{BTreeMap, BTreeSet};

use concord::align::code::{code_similarity, normalised_code};
use concord::align::{Material, select};
use concord::data::{
    FinishReason, Language, Measurements, Prompt, Response, SessionConfig, SkipReason, TaskKind,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct CodePrompt {
    id: String,
    text: BTreeMap<Language, String>,
    responses: Vec<CodeResponse>,
}

#[derive(Deserialize)]
struct CodeResponse {
    /// The programming language.
    code: String,
    /// Responses with the same value are the same program.
    program: String,
    text: String,
}

fn prompts() -> Vec<CodePrompt> {
    let lines = include_str!("../data/code-snippets.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_same_programs_are_grouped_and_others_parted() {
    let prompts = prompts();
    assert_eq!(prompts.len(), 10);
    let mut offenders = Vec::new();
    for prompt in &prompts {
        let languages: BTreeSet<&str> = prompt.responses.iter().map(|r| r.code.as_str()).collect();
        assert_eq!(languages, BTreeSet::from(["javascript", "python", "rust"]), "{}", prompt.id);
        for (i, a) in prompt.responses.iter().enumerate() {
            for b in &prompt.responses[i..] {
                let similarity = code_similarity(&a.text, &b.text);
                assert!((0.0..=1.0).contains(&similarity));
                if (similarity == 1.0) != (a.program == b.program) {
                    let tokens = [&a.text, &b.text].map(|text| normalised_code(text).join(" "));
                    offenders.push(format!("{}: {} and {}: {tokens:#?}", prompt.id, a.program, b.program));
                }
            }
        }
    }
    assert!(offenders.is_empty(), "{} pairs: {}", offenders.len(), offenders.join("\n"));
}

#[test]
fn cm_align_takes_its_reference_from_the_largest_group_and_rejects_another_program() {
    for CodePrompt { id, text, responses } in prompts() {
        for code in ["python", "javascript", "rust"] {
            let programs: Vec<&CodeResponse> = responses.iter().filter(|r| r.code == code).collect();
            let row = |language: &str| {
                let one =
                    |(sample, r): (usize, &&CodeResponse)| response(&id, language, sample as u32, &r.text);
                programs.iter().enumerate().map(one).collect::<Vec<_>>()
            };
            let prompt = Prompt {
                id: id.clone(),
                task: TaskKind::Code,
                answer: None,
                text: text.clone(),
                ..Prompt::default()
            };
            let material = Material {
                prompts: &[prompt],
                responses: &[row("en"), row("de")].concat(),
                similarities: &[],
                measurements: &Measurements::default(),
            };
            let languages = vec!["en".into(), "de".into()];
            let config = SessionConfig { task: TaskKind::Code, languages, ..SessionConfig::default() };
            let out = select(material, &config);
            let program = |sample: Option<u32>| programs[sample.unwrap() as usize].program.as_str();
            let same = format!("{code} same");
            assert_eq!(program(out.references[0].sample), same, "{id}");
            assert_eq!(out.pairs[0].skip, Some(SkipReason::AnchorLanguage));
            let pair = &out.pairs[1];
            assert_eq!(program(pair.chosen), same, "{id}");
            assert_ne!(program(pair.rejected), same, "{id}");
            assert_eq!(pair.scores[pair.chosen.unwrap() as usize], 1.0, "{id}");
        }
    }
}

fn response(prompt_id: &str, language: &str, sample: u32, text: &str) -> Response {
    Response {
        prompt_id: prompt_id.into(),
        language: language.into(),
        sample,
        text: text.into(),
        reasoning: None,
        reasoning_tokens: None,
        tokens: Vec::new(),
        logprob: Some(0.0),
        ambiguous: Vec::new(),
        finish_reason: FinishReason::Stop,
        answer: None,
        detected_language: None,
        model: None,
        translation_of: None,
    }
}
