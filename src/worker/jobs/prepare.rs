//! From a prompt set to the rows to answer: what can be asked, and what cannot and why.

use std::collections::HashSet;

use crate::{
    data::{Language, Prompt, Response, SessionConfig},
    generate::{Job, ModelShape, SampleKey, SamplingSettings, sampling::stream_id},
    protocol::{BuildRequest, Fault, FaultCode, Thinking},
    worker::prompter::{Manner, Prompted, Prompter},
};

use super::{
    response_room::{LEAST_ROOM, most, room},
    unwritable::lost,
};

/// One prompt in one language, ready for the scheduler.
#[derive(Debug)]
pub struct Asked {
    /// Which prompt.
    pub prompt_id: String,
    /// In which language.
    pub language: Language,
    /// What the scheduler does; its id is the place in [`Prepared::asked`].
    pub job: Job,
    /// The prompt ends within reasoning.
    pub opens_reasoning: bool,
}

/// A prompt set, checked and tokenised.
#[derive(Debug, Default)]
pub struct Prepared {
    /// Prompts that can be answered, in their order.
    pub prompts: Vec<Prompt>,
    /// Rows to answer, in the order of prompts and then languages.
    pub asked: Vec<Asked>,
    /// What was left out, and what to do about it.
    pub problems: Vec<String>,
    /// Why the prompts were made without the template's switch for thinking, where that failed.
    pub fallback: Option<String>,
}

/// Checks and tokenises a prompt set. Responses that exist already are not asked for again.
///
/// # Errors
/// When nothing can be asked.
pub fn prepare(request: &BuildRequest, prompter: &Prompter, shape: &ModelShape) -> Result<Prepared, Fault> {
    let config = &request.config;
    let finished: HashSet<(&str, &Language, u32)> = request
        .finished
        .iter()
        .filter(|response| response.is_candidate())
        .map(|response| (response.prompt_id.as_str(), &response.language, response.sample))
        .collect();
    let mut prepared = Prepared::default();
    let mut ids = HashSet::new();
    for prompt in &request.prompts {
        if !ids.insert(prompt.id.as_str()) {
            prepared
                .problems
                .push(format!("prompt {}: another prompt has the same id; give each its own", prompt.id));
            continue;
        }
        let mut asked = Vec::new();
        for language in &config.languages {
            match ask(prompt, language, config, prompter, shape) {
                Ok(Some((row, fallback))) => {
                    prepared.problems.extend(unwritable(prompt, language, prompter));
                    asked.push(row);
                    // The template fails for all or none: one sentence says it.
                    if fallback.is_some() && prepared.fallback.is_none() {
                        prepared.fallback = fallback;
                    }
                }
                Ok(None) => {}
                Err(problem) => {
                    prepared.problems.push(format!("prompt {}, {}: {problem}", prompt.id, language.as_str()));
                }
            }
        }
        match unusable(&asked, config) {
            Some(problem) => prepared.problems.push(format!("prompt {}: {problem}", prompt.id)),
            None => {
                prepared.prompts.push(prompt.clone());
                prepared.asked.extend(asked);
            }
        }
    }
    if prepared.prompts.is_empty() {
        return Err(Fault::new(
            FaultCode::BadInput,
            format!("no prompt can be used: {}", prepared.problems.join("; ")),
        ));
    }
    for (idx, asked) in prepared.asked.iter_mut().enumerate() {
        asked.job.id = idx as u32;
        asked
            .job
            .samples
            .retain(|key| !finished.contains(&(asked.prompt_id.as_str(), &asked.language, key.sample)));
    }
    Ok(prepared)
}

/// Responses of an earlier run that belong to the prompts and settings of this one.
pub fn kept<'a>(request: &'a BuildRequest, prepared: &'a Prepared) -> impl Iterator<Item = &'a Response> {
    let rows: HashSet<(&str, &Language)> =
        prepared.asked.iter().map(|asked| (asked.prompt_id.as_str(), &asked.language)).collect();
    // A script may give one twice, and a session has each once.
    let mut seen = HashSet::new();
    request.finished.iter().filter(move |response| {
        let row = (response.prompt_id.as_str(), &response.language);
        response.is_candidate()
            && response.sample < request.config.n
            && rows.contains(&row)
            && seen.insert((row, response.sample))
    })
}

/// The job for a prompt in a language; `None` where the prompt has no text in it.
fn ask(
    prompt: &Prompt,
    language: &Language,
    config: &SessionConfig,
    prompter: &Prompter,
    shape: &ModelShape,
) -> Result<Option<(Asked, Option<String>)>, String> {
    let Some(text) = prompt.text.get(language) else { return Ok(None) };
    if text.trim().is_empty() {
        return Err("the text is empty; write it or take the language out".to_owned());
    }
    let Prompted { tokens, opens_reasoning, fallback } =
        prompter.prompted_user(text, Manner::of(config)).map_err(|fault| fault.message)?;
    let room = room(shape, tokens.len());
    // A response shorter than the limit because of the context is cut like others; one without room is none.
    let least = config.max_tokens.unwrap_or(LEAST_ROOM).min(LEAST_ROOM);
    if least > room {
        return Err(format!(
            "{} prompt tokens leave no room for a response in the model's context of {}; shorten the prompt",
            tokens.len(),
            shape.seq_len.min(shape.n_slots)
        ));
    }
    let thinks = opens_reasoning || (config.thinking && prompter.thinking() != Thinking::Never);
    let max_tokens = config.max_tokens.unwrap_or_else(|| most(thinks, room));
    let samples = (0..config.n)
        .map(|sample| SampleKey { sample, stream: stream_id(&prompt.id, language.as_str(), sample) });
    let job = Job {
        id: 0,
        prompt: tokens,
        samples: samples.collect(),
        seed: config.seed,
        settings: sampling_settings(config),
        max_tokens,
        stop_tokens: prompter.tokenizer.end_ids().to_vec(),
        sampled_logprobs: false,
    };
    let (prompt_id, language) = (prompt.id.clone(), language.clone());
    Ok(Some((Asked { prompt_id, language, job, opens_reasoning }, fallback)))
}

/// The sampling part of a session's settings.
pub fn sampling_settings(config: &SessionConfig) -> SamplingSettings {
    SamplingSettings {
        temperature: config.temperature,
        top_k: config.top_k,
        top_p: config.top_p,
        min_p: config.min_p,
        repetition_penalty: config.repetition_penalty,
    }
}

/// What the model cannot read of a prompt that is asked all the same.
fn unwritable(prompt: &Prompt, language: &Language, prompter: &Prompter) -> Option<String> {
    let name = format!("prompt {}, {}", prompt.id, language.as_str());
    lost(&prompter.tokenizer, &name, prompt.text.get(language)?)
}

/// Why a prompt gives no pair whatever the responses are.
fn unusable(asked: &[Asked], config: &SessionConfig) -> Option<&'static str> {
    let has_anchor = asked.iter().any(|asked| asked.language == config.anchor);
    if asked.is_empty() {
        Some("it has no usable text in any of the languages; add one")
    } else if !has_anchor {
        Some("it has no usable text in the anchor language; add one or pick another anchor")
    } else if asked.len() < 2 && !config.anchor_pairs {
        Some("it has a text in the anchor language only; add a translation, or switch anchor pairs on")
    } else {
        None
    }
}
