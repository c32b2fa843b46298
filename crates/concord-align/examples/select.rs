//! Reads responses with their embeddings, JSON Lines, and writes preference pairs for TRL.
//!
//! ```sh
//! cargo run -p concord-align --example select -- crates/concord-align/examples/responses.jsonl > pairs.jsonl
//! ```
//!
//! A line is a prompt with a text per language, and its responses: language, text, and the vector that an encoder made of
//! the text. What is asked for in English is the anchor: CM-Align picks a reference among the English responses and, in
//! every other language, the responses that agree with it most and least.

#![expect(clippy::print_stdout, reason = "a command-line tool talks to its user on stdout")]

use std::collections::BTreeMap;
use std::error::Error;

use concord_align::align::{Material, cosine_triangle, extract_answer, select};
use concord_align::data::{
    ExportRow, FinishReason, Language, Prompt, Response, Session, SessionConfig, Similarity, export_trl,
};
use serde::Deserialize;

/// A line of the input.
#[derive(Deserialize)]
struct Row {
    #[serde(flatten)]
    prompt: Prompt,
    responses: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    language: Language,
    text: String,
    vector: Vec<f32>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: select RESPONSES.jsonl")?;
    let (pairs, notes) = run(&std::fs::read_to_string(path)?)?;
    print!("{pairs}");
    notes.iter().for_each(|note| eprintln!("{note}"));
    Ok(())
}

/// The pairs, as JSON Lines, and why rows have none.
pub(crate) fn run(jsonl: &str) -> Result<(String, Vec<String>), Box<dyn Error>> {
    let mut session = Session { config: SessionConfig::default(), ..Session::default() };
    session.config.anchor = Language::from("en");
    for (at, line) in jsonl.lines().enumerate() {
        let row: Row = serde_json::from_str(line).map_err(|error| format!("line {}: {error}", at + 1))?;
        add(&mut session, row).map_err(|reason| format!("line {}: {reason}", at + 1))?;
    }

    let selection = select(Material::of(&session), &session.config);
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    for pair in selection.pairs {
        let (prompt_id, language) = (pair.prompt_id, pair.language);
        match (pair.chosen, pair.rejected, pair.skip) {
            (Some(chosen), Some(rejected), None) => {
                rows.push(ExportRow { prompt_id, language, chosen, rejected, record: Default::default() });
            }
            (_, _, skip) => notes.push(format!("{prompt_id}, {}: no pair, {skip:?}", language.as_str())),
        }
    }
    let export = export_trl(&session, &rows);
    notes.extend(export.problems.iter().map(|problem| format!("{}: {}", problem.reason, problem.fix)));
    Ok((export.text, notes))
}

/// Adds a prompt with its responses, and the cosines between all of them, to the session.
fn add(session: &mut Session, Row { prompt, responses }: Row) -> Result<(), String> {
    let dim = responses.first().map_or(0, |response| response.vector.len());
    if dim == 0 || responses.iter().any(|response| response.vector.len() != dim) {
        return Err("every response needs a vector of the same length".to_owned());
    }
    let mut n_of: BTreeMap<Language, u32> = BTreeMap::new();
    let (mut order, mut vectors) = (Vec::new(), Vec::new());
    for Answer { language, text, vector } in responses {
        let n = n_of.entry(language.clone()).or_default();
        order.push((language.clone(), *n));
        vectors.push(vector);
        if !session.config.languages.contains(&language) {
            session.config.languages.push(language.clone());
        }
        session.responses.push(Response {
            prompt_id: prompt.id.clone(),
            answer: extract_answer(&text, &language),
            language,
            sample: *n,
            text,
            reasoning: None,
            reasoning_tokens: None,
            tokens: Vec::new(),
            logprob: Some(0.0),
            ambiguous: Vec::new(),
            finish_reason: FinishReason::Stop,
            detected_language: None,
            model: None,
            translation_of: None,
        });
        *n += 1;
    }
    let cosine = cosine_triangle(&vectors);
    session.similarities.push(Similarity { prompt_id: prompt.id.clone(), order, cosine });
    session.prompts.push(prompt);
    Ok(())
}
