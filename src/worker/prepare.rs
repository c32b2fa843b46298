//! From a prompt set to the rows to answer: what can be asked, and what cannot and why.

use std::collections::HashSet;

use crate::{
    data::{Language, Prompt, Response, SessionConfig},
    generate::{Job, SampleKey, SamplingSettings, sampling::stream_id},
    protocol::{BuildRequest, Fault, FaultCode},
};

use super::speech::Speech;

/// One prompt in one language, ready for the scheduler.
#[derive(Debug)]
pub struct Asked {
    /// Which prompt.
    pub prompt_id: String,
    /// In which language.
    pub language: Language,
    /// What the scheduler does; its id is the place in [`Prepared::asked`].
    pub job: Job,
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
}

/// Checks and tokenises a prompt set. Responses that exist already are not asked for again.
///
/// # Errors
/// When nothing can be asked, or the settings cannot be used.
pub fn prepare(request: &BuildRequest, speech: &Speech, seq_len: u32) -> Result<Prepared, Fault> {
    let config = &request.config;
    check(request)?;
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
            match ask(prompt, language, config, speech, seq_len) {
                Ok(Some(job)) => {
                    prepared.problems.extend(unwritable(prompt, language, speech));
                    asked.push(Asked { prompt_id: prompt.id.clone(), language: language.clone(), job });
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
    request.finished.iter().filter(move |response| {
        response.is_candidate()
            && response.sample < request.config.n
            && rows.contains(&(response.prompt_id.as_str(), &response.language))
    })
}

fn check(request: &BuildRequest) -> Result<(), Fault> {
    let config = &request.config;
    let problem = if request.prompts.is_empty() {
        "there are no prompts; open a prompt file or take the starter prompts".to_owned()
    } else if config.n < 2 {
        format!("n is {}; consistency needs at least 2 responses per prompt and language", config.n)
    } else if !config.languages.contains(&config.anchor) {
        format!(
            "the anchor language {} is not among the languages; add it or pick another anchor",
            config.anchor.as_str()
        )
    } else if config.languages.len() < 2 && !config.anchor_pairs {
        "only one language is asked for; add another, or switch anchor pairs on".to_owned()
    } else {
        return Ok(());
    };
    Err(Fault::new(FaultCode::BadInput, problem))
}

/// The job for a prompt in a language; `None` where the prompt has no text in it.
fn ask(
    prompt: &Prompt,
    language: &Language,
    config: &SessionConfig,
    speech: &Speech,
    seq_len: u32,
) -> Result<Option<Job>, String> {
    let Some(text) = prompt.text.get(language) else { return Ok(None) };
    if text.trim().is_empty() {
        return Err("the text is empty; write it or take the language out".to_owned());
    }
    let tokens = speech.user_tokens(text).map_err(|fault| fault.message)?;
    let n_needed = tokens.len() as u32 + config.max_tokens;
    if n_needed > seq_len {
        return Err(format!(
            "{} prompt tokens and {} for the response are more than the model's context of {seq_len}; shorten the prompt or lower the response length",
            tokens.len(),
            config.max_tokens
        ));
    }
    let samples = (0..config.n)
        .map(|sample| SampleKey { sample, stream: stream_id(&prompt.id, language.as_str(), sample) });
    Ok(Some(Job {
        id: 0,
        prompt: tokens,
        samples: samples.collect(),
        seed: config.seed,
        settings: sampling_settings(config),
        max_tokens: config.max_tokens,
        stop_tokens: speech.tokenizer.end_ids().to_vec(),
    }))
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
fn unwritable(prompt: &Prompt, language: &Language, speech: &Speech) -> Option<String> {
    let lost = speech.tokenizer.unwritable(prompt.text.get(language)?);
    if lost.is_empty() {
        return None;
    }
    let (id, language) = (&prompt.id, language.as_str());
    Some(format!(
        "prompt {id}, {language}: the model's vocabulary cannot write \"{lost}\"; it reads the text without these characters"
    ))
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
