//! What the methods need of the model, for some prompts: sampled responses, cosines of its states, forced scores,
//! translations.

use std::collections::HashMap;

use concord::align::{cosine_triangle, extract_answer, instructions};
use concord::data::{
    FinishReason, Language, Measurements, Prompt, Response, RowScores, SessionConfig, Similarity,
    TranslationScores,
};
use concord::generate::{Capacity, LanguageModel, ModelError, Pooling, Scheduler, TokenInput};
use concord::reference::ReferenceModel;

use crate::support::{Answered, Asked, Asking, Failure, Model, respond};

const CAPACITY: Capacity = Capacity { n_slots: 8192, n_table_rows: 48, max_batch_tokens: 256, max_rows: 48 };

/// What was measured of some prompts.
#[derive(Default)]
pub(crate) struct Part {
    pub(crate) responses: Vec<Response>,
    pub(crate) similarities: Vec<Similarity>,
    pub(crate) measurements: Measurements,
}

impl Part {
    pub(crate) fn add(&mut self, other: Self) {
        self.responses.extend(other.responses);
        self.similarities.extend(other.similarities);
        self.measurements.instructed.extend(other.measurements.instructed);
        self.measurements.translations.extend(other.measurements.translations);
    }
}

/// Samples the responses of some prompts and measures all of it, prompt by prompt.
pub(crate) async fn measure(
    file: &Model,
    prompts: &[Prompt],
    config: &SessionConfig,
) -> Result<Part, Failure> {
    let weights = file.weights()?;
    let mut model = ReferenceModel::new(weights.clone(), CAPACITY);
    let mut scheduler = Scheduler::new(model.shape(), 1);
    // Has its own slots, because forced texts share them in their own way.
    let mut forced = Forced { file, model: ReferenceModel::new(weights, CAPACITY), known: HashMap::new() };
    let mut part = Part::default();
    for prompt in prompts {
        let mut responses = sample(file, &mut model, &mut scheduler, prompt, config).await?;
        part.similarities.push(embed(file, &mut model, &mut scheduler, &responses).await?);
        forced.known.clear();
        for language in config.languages.iter().filter(|language| prompt.text.contains_key(language)) {
            part.measurements
                .instructed
                .extend(forced.instructed(prompt, language, &responses, config).await?);
            if *language != config.anchor {
                part.measurements
                    .translations
                    .push(forced.translations(prompt, language, &responses, config).await?);
            }
        }
        responses.extend(translate(file, &mut model, &mut scheduler, &responses, config).await?);
        part.responses.extend(responses);
        eprintln!("seed {}: {}", config.seed, prompt.id);
    }
    Ok(part)
}

/// The responses of a prompt, ordered by language, then sample.
async fn sample(
    file: &Model,
    model: &mut ReferenceModel,
    scheduler: &mut Scheduler,
    prompt: &Prompt,
    config: &SessionConfig,
) -> Result<Vec<Response>, Failure> {
    let mut asked = Vec::new();
    for (language, text) in &prompt.text {
        let (prompt_id, language) = (prompt.id.clone(), language.as_str().to_owned());
        asked.push(Asked { prompt_id, language, tokens: file.chat_tokens(text)? });
    }
    let asking = Asking {
        n: config.n,
        temperature: config.temperature,
        seed: config.seed,
        max_tokens: config.max_tokens,
    };
    let answered = respond(model, scheduler, asking.jobs(&asked, file.tokenizer.end_ids()), || ()).await?;
    let responses = answered.into_iter().map(|(row, answered)| {
        let language = Language::from(asked[row.job as usize].language.as_str());
        response(file, prompt.id.clone(), language, row.sample, answered)
    });
    Ok(responses.collect())
}

fn response(
    file: &Model,
    prompt_id: String,
    language: Language,
    sample: u32,
    answered: Answered,
) -> Response {
    let text = file.tokenizer.decode(&answered.tokens, false);
    Response {
        prompt_id,
        sample,
        answer: extract_answer(&text, &language),
        detected_language: concord::text::detect(&text).map(Language::from),
        translation_of: None,
        language,
        text,
        tokens: answered.tokens,
        logprob: answered.logprob,
        finish_reason: if answered.is_cut { FinishReason::Length } else { FinishReason::Stop },
    }
}

/// Cosines of the responses by the model's own middle layer, mean-pooled.
async fn embed(
    file: &Model,
    model: &mut ReferenceModel,
    scheduler: &mut Scheduler,
    responses: &[Response],
) -> Result<Similarity, Failure> {
    let layer = file.header.hyperparameters.n_layers.div_ceil(2);
    let texts: Vec<Vec<u32>> = responses
        .iter()
        .map(|response| file.tokenizer.encode(&response.text, false))
        .collect::<Result<_, _>>()?;
    let vectors = scheduler.embed(model, &texts, layer, Pooling::Mean).await?;
    Ok(Similarity {
        prompt_id: responses.first().map(|r| r.prompt_id.clone()).unwrap_or_default(),
        order: responses.iter().map(|response| (response.language.clone(), response.sample)).collect(),
        cosine: cosine_triangle(&vectors),
    })
}

/// Greedy translations of the anchor's first response into every other language.
async fn translate(
    file: &Model,
    model: &mut ReferenceModel,
    scheduler: &mut Scheduler,
    responses: &[Response],
    config: &SessionConfig,
) -> Result<Vec<Response>, Failure> {
    let is_source = |r: &&Response| r.language == config.anchor && r.sample == 0 && !r.text.trim().is_empty();
    let Some(source) = responses.iter().find(is_source) else { return Ok(Vec::new()) };
    let mut asked = Vec::new();
    for language in config.languages.iter().filter(|language| **language != config.anchor) {
        let text = instructions::translate(&source.text, &config.anchor, language);
        let (prompt_id, language) = (source.prompt_id.clone(), language.as_str().to_owned());
        asked.push(Asked { prompt_id, language, tokens: file.chat_tokens(&text)? });
    }
    let asking = Asking { n: 1, temperature: 0.0, seed: config.seed, max_tokens: config.max_tokens };
    let answered = respond(model, scheduler, asking.jobs(&asked, file.tokenizer.end_ids()), || ()).await?;
    let translations = answered.into_iter().map(|(row, answered)| {
        let language = Language::from(asked[row.job as usize].language.as_str());
        let translated = response(file, source.prompt_id.clone(), language, config.n, answered);
        Response { translation_of: Some((config.anchor.clone(), source.sample)), ..translated }
    });
    Ok(translations.collect())
}

/// Forced scores, each computed once: equal texts after equal instructions have equal scores.
struct Forced<'a> {
    file: &'a Model,
    model: ReferenceModel,
    /// By the user's turn, then by the text: sum of the log-probs.
    known: HashMap<String, HashMap<String, f32>>,
}

impl Forced<'_> {
    /// Each response of a language after the anchor's prompt with the instruction to answer in that language.
    async fn instructed(
        &mut self,
        prompt: &Prompt,
        language: &Language,
        responses: &[Response],
        config: &SessionConfig,
    ) -> Result<Option<RowScores>, Failure> {
        let Some(text) = prompt.text.get(&config.anchor) else { return Ok(None) };
        let row = of_language(responses, language);
        let logprob = self.scores(instructions::answer_in(text, language), &row).await?;
        Ok(Some(RowScores {
            prompt_id: prompt.id.clone(),
            language: language.clone(),
            samples: row.iter().map(|r| r.sample).collect(),
            n_tokens: row.iter().map(|r| r.tokens.len() as u32).collect(),
            logprob,
        }))
    }

    /// Each anchor response as a translation of each response of a language.
    async fn translations(
        &mut self,
        prompt: &Prompt,
        language: &Language,
        responses: &[Response],
        config: &SessionConfig,
    ) -> Result<TranslationScores, Failure> {
        let (row, targets) = (of_language(responses, language), of_language(responses, &config.anchor));
        let mut logprob = Vec::new();
        for source in &row {
            let instruction = instructions::translate(&source.text, language, &config.anchor);
            logprob.push(self.scores(instruction, &targets).await?);
        }
        Ok(TranslationScores {
            prompt_id: prompt.id.clone(),
            language: language.clone(),
            samples: row.iter().map(|r| r.sample).collect(),
            targets: targets.iter().map(|r| r.sample).collect(),
            n_tokens: targets.iter().map(|r| r.tokens.len() as u32).collect(),
            logprob,
        })
    }

    /// Sum of the log-probs of each response's tokens after a user's turn.
    async fn scores(&mut self, user: String, responses: &[&Response]) -> Result<Vec<f32>, Failure> {
        let known = self.known.entry(user.clone()).or_default();
        let mut missing: Vec<&Response> = Vec::new();
        for response in responses {
            let is_new = |r: &&Response| r.text != response.text;
            if !known.contains_key(&response.text) && missing.iter().all(is_new) {
                missing.push(response);
            }
        }
        let tokens = self.file.chat_tokens(&user)?;
        let texts: Vec<&[u32]> = missing.iter().map(|r| r.tokens.as_slice()).collect();
        let scores = forced_scores(&mut self.model, &tokens, &texts).await?;
        known.extend(missing.into_iter().map(|r| r.text.clone()).zip(scores));
        Ok(responses.iter().map(|r| known.get(&r.text).copied().unwrap_or(f32::NAN)).collect())
    }
}

fn of_language<'r>(responses: &'r [Response], language: &Language) -> Vec<&'r Response> {
    responses.iter().filter(|r| r.language == *language).collect()
}

/// Sum of the log-probs of each text after one prompt, which is evaluated once: the texts share its slots.
async fn forced_scores(
    model: &mut ReferenceModel,
    prompt: &[u32],
    texts: &[&[u32]],
) -> Result<Vec<f32>, ModelError> {
    let Some((&last, prefix)) = prompt.split_last() else { return Ok(vec![0.0; texts.len()]) };
    let inputs = |tokens: &[u32], first: usize, table_row: u32| -> Vec<TokenInput> {
        let positions = first as u32..;
        tokens.iter().zip(positions).map(|(&id, position)| TokenInput { id, position, table_row }).collect()
    };
    let batch_len = CAPACITY.max_batch_tokens as usize;
    let shared: Vec<u32> = (0..prefix.len() as u32).collect();
    model.set_slots(0, 0, &shared)?;
    for (i, chunk) in prefix.chunks(batch_len).enumerate() {
        model.prefill(&inputs(chunk, i * batch_len, 0), &[]).await?;
    }
    let mut sums = Vec::new();
    let mut rest = texts;
    while !rest.is_empty() {
        let mut n_tokens = 0;
        let fits = rest.iter().take(CAPACITY.n_table_rows as usize).take_while(|text| {
            n_tokens += text.len();
            n_tokens <= batch_len
        });
        let (now, after) = rest.split_at(fits.count().max(1));
        rest = after;
        let (mut tokens, mut targets, mut next_slot) = (Vec::new(), Vec::new(), prefix.len() as u32);
        for (table_row, text) in (0..).zip(now) {
            let own: Vec<u32> = (next_slot..).take(text.len()).collect();
            next_slot += text.len() as u32;
            model.set_slots(table_row, 0, &[shared.as_slice(), own.as_slice()].concat())?;
            let before: Vec<u32> =
                std::iter::once(last).chain(text.iter().copied()).take(text.len()).collect();
            tokens.extend(inputs(&before, prefix.len(), table_row));
            targets.extend_from_slice(text);
        }
        let log_probs = if tokens.is_empty() { Vec::new() } else { model.score(&tokens, &targets).await? };
        let mut log_probs = log_probs.into_iter().map(f64::from);
        sums.extend(now.iter().map(|text| log_probs.by_ref().take(text.len()).sum::<f64>() as f32));
    }
    Ok(sums)
}
