//! The main job: answer a prompt set, embed the responses, pick references and pairs.

use std::collections::HashMap;

use crate::{
    align,
    data::{
        AppRecord, FinishReason, Language, Measurements, ModelRecord, Prompt, Response, SESSION_SCHEMA,
        Session, Similarity,
    },
    generate::{LanguageModel, Pooling, RowEvent, RowId},
    protocol::{
        BuildOutcome, BuildRequest, Fault, FaultCode, FromWorker, Generated, JobId, Progress, Stage, TextKind,
    },
    text,
};

use super::{
    encoder::Encoder,
    host::Host,
    loaded::{Loaded, generate_fault, model_fault},
    pace::{Pace, expected_tokens_left},
    prepare::{Prepared, kept, prepare},
    rows::{EndedRow, Rows},
    similarity::{EmbeddedPrompt, similarity},
    speech::text_fault,
};

/// The page hears of running responses at most this often, in milliseconds.
const TELL_EVERY_MS: f64 = 80.0;

/// Runs the whole job. Responses are sent as they end; when cancelled, what has ended is in the outcome.
///
/// # Errors
/// When nothing can be asked, or the model fails.
pub async fn build<M: LanguageModel, H: Host>(
    loaded: &mut Loaded<M>,
    encoder: Option<&mut Encoder<M>>,
    host: &H,
    job: JobId,
    request: BuildRequest,
) -> Result<BuildOutcome, Fault> {
    let mut prepared = prepare(&request, &loaded.speech, loaded.info.seq_len)?;
    let mut responses: Vec<Response> = kept(&request, &prepared).cloned().collect();
    let mut failures = Vec::new();
    let is_whole = respond(loaded, host, job, &prepared, &mut responses, &mut failures).await?;
    if failures.len() == prepared.asked.len() {
        return Err(Fault::new(FaultCode::BadInput, failures.swap_remove(0)));
    }
    prepared.problems.extend(failures);
    sort(&mut responses, &prepared);

    let mut embedder = match encoder {
        Some(encoder) => Embedder::Encoder(encoder),
        None => Embedder::Generator(&mut *loaded),
    };
    let scored_by = embedder.name();
    let similarities = match is_whole {
        true => embed_all(&mut embedder, host, job, &responses).await?,
        false => None,
    };
    let mut session = session_of(request, prepared.prompts, responses, loaded);
    session.config.encoder = Some(scored_by);
    let cancelled = similarities.is_none();
    if let Some(similarities) = similarities {
        session.similarities = similarities;
        let selection = align::select(align::Material::of(&session), &session.config);
        (session.references, session.pairs) = (selection.references, selection.pairs);
    }
    Ok(BuildOutcome { session, cancelled, problems: prepared.problems })
}

/// Makes the missing responses; `false` when cancelled before the last one. Rows that cannot be
/// answered go to `failures`; the others go on.
async fn respond<M: LanguageModel, H: Host>(
    loaded: &mut Loaded<M>,
    host: &H,
    job: JobId,
    prepared: &Prepared,
    responses: &mut Vec<Response>,
    failures: &mut Vec<String>,
) -> Result<bool, Fault> {
    let Loaded { model, scheduler, speech, .. } = loaded;
    let name = |row: RowId| {
        let asked = &prepared.asked[row.job as usize];
        (asked.prompt_id.clone(), asked.language.clone())
    };
    let mut tally = Tally::new(prepared, responses.len());
    let mut rows = Rows::new(&speech.tokenizer, &[]);
    for asked in &prepared.asked {
        scheduler.add(asked.job.clone());
    }
    let mut is_whole = true;
    loop {
        host.breathe().await;
        let step = if host.is_cancelled() {
            scheduler.cancel();
            Ok(())
        } else {
            scheduler.step(model, &mut |_, _| false).await
        };
        let mut ended = Vec::new();
        for event in scheduler.take_events() {
            if let RowEvent::Failed { job, error } = &event {
                let (prompt_id, language) = name(RowId { job: *job, sample: 0 });
                failures.push(format!("prompt {prompt_id}, {}: {error}", language.as_str()));
            }
            match rows.on(&event) {
                Some(EndedRow { response, .. }) if response.finish_reason == FinishReason::Cancelled => {
                    is_whole = false;
                }
                Some(EndedRow { row, response }) => {
                    tally.end(&response);
                    ended.push(response_of(name(row), row.sample, response));
                }
                None => {}
            }
        }
        if !ended.is_empty() {
            host.send(FromWorker::Responses { job, responses: ended.clone() });
            responses.extend(ended);
        }
        if tally.is_due(host.now_ms()) || scheduler.is_idle() {
            host.send(FromWorker::Tokens { job, updates: rows.updates(name) });
            let progress = tally.progress(host.now_ms(), &rows, scheduler.progress());
            host.send(FromWorker::Progress { job, progress });
        }
        step.map_err(|error| model_fault(&error))?;
        if scheduler.is_idle() {
            return Ok(is_whole);
        }
    }
}

/// Counts for the progress bar.
struct Tally {
    pace: Pace,
    n_responses: usize,
    n_ended: usize,
    n_ended_now: usize,
    ended_tokens: usize,
    max_tokens: u32,
    told_ms: f64,
}

impl Tally {
    fn new(prepared: &Prepared, n_kept: usize) -> Self {
        let max_tokens = prepared.asked.first().map_or(0, |asked| asked.job.max_tokens);
        let n_missing: usize = prepared.asked.iter().map(|asked| asked.job.samples.len()).sum();
        Self {
            pace: Pace::default(),
            n_responses: n_missing + n_kept,
            n_ended: n_kept,
            n_ended_now: 0,
            ended_tokens: 0,
            max_tokens,
            told_ms: f64::NEG_INFINITY,
        }
    }

    fn end(&mut self, response: &Generated) {
        self.n_ended += 1;
        self.n_ended_now += 1;
        self.ended_tokens += response.tokens.len();
    }

    fn is_due(&mut self, now_ms: f64) -> bool {
        let is_due = now_ms - self.told_ms >= TELL_EVERY_MS;
        if is_due {
            self.told_ms = now_ms;
        }
        is_due
    }

    fn progress(&mut self, now_ms: f64, rows: &Rows<'_>, waiting: crate::generate::Progress) -> Progress {
        let tokens = rows.n_tokens as f64;
        self.pace.mark(now_ms, tokens);
        let n_missing = (self.n_responses - self.n_ended + self.n_ended_now) as f64;
        let left = expected_tokens_left(
            n_missing,
            self.n_ended_now as f64,
            self.ended_tokens as f64,
            tokens,
            f64::from(self.max_tokens),
        );
        Progress {
            stage: Stage::Generate,
            done: self.n_ended as f64,
            total: self.n_responses as f64,
            tokens,
            tokens_per_sec: self.pace.per_sec(),
            bytes_per_sec: 0.0,
            rows_live: waiting.n_live,
            rows_waiting: waiting.n_waiting,
            remaining_secs: self.pace.remaining_secs(left),
        }
    }
}

fn response_of((prompt_id, language): (String, Language), sample: u32, response: Generated) -> Response {
    Response {
        answer: align::extract_answer(&response.text, &language),
        detected_language: text::detect(&response.text).map(Language::from),
        translation_of: None,
        prompt_id,
        language,
        sample,
        logprob: response.logprobs.iter().sum(),
        text: response.text,
        tokens: response.tokens,
        finish_reason: response.finish_reason,
    }
}

/// Orders by prompt, language, sample, whatever order the responses ended in.
fn sort(responses: &mut [Response], prepared: &Prepared) {
    let places: HashMap<(&str, &Language), usize> = prepared
        .asked
        .iter()
        .enumerate()
        .map(|(idx, asked)| ((asked.prompt_id.as_str(), &asked.language), idx))
        .collect();
    responses.sort_by_key(|response| {
        (places.get(&(response.prompt_id.as_str(), &response.language)).copied(), response.sample)
    });
}

fn session_of<M: LanguageModel>(
    request: BuildRequest,
    prompts: Vec<Prompt>,
    responses: Vec<Response>,
    loaded: &Loaded<M>,
) -> Session {
    let info = &loaded.info;
    Session {
        schema: SESSION_SCHEMA.to_owned(),
        created: request.created,
        app: AppRecord { version: env!("CARGO_PKG_VERSION").to_owned() },
        config: request.config,
        model: ModelRecord {
            name: info.name.clone(),
            sha256: info.sha256.clone(),
            architecture: info.architecture.clone(),
            quantization: info.quantization.clone(),
        },
        prompts,
        responses,
        references: Vec::new(),
        pairs: Vec::new(),
        similarities: Vec::new(),
        measurements: Measurements::default(),
        events: Vec::new(),
    }
}

/// What makes vectors of responses.
enum Embedder<'a, M> {
    Encoder(&'a mut Encoder<M>),
    /// By the mean of the states after its middle layer.
    Generator(&'a mut Loaded<M>),
}

impl<M: LanguageModel> Embedder<'_, M> {
    /// For the session.
    fn name(&self) -> String {
        match self {
            Self::Encoder(encoder) => encoder.name(),
            Self::Generator(loaded) => format!("{}, layer {}, mean", loaded.info.name, loaded.middle_layer()),
        }
    }

    async fn embed(&mut self, responses: &[Response]) -> Result<Vec<Vec<f32>>, Fault> {
        let loaded = match self {
            Self::Encoder(encoder) => {
                let texts: Vec<&str> = responses.iter().map(|response| response.text.as_str()).collect();
                return encoder.embed(&texts, TextKind::Similar).await;
            }
            Self::Generator(loaded) => loaded,
        };
        let layer = loaded.middle_layer();
        let Loaded { model, scheduler, speech, info, .. } = &mut **loaded;
        let mut texts = Vec::with_capacity(responses.len());
        for response in responses {
            let mut tokens = speech.tokenizer.encode(&response.text, false).map_err(text_fault)?;
            tokens.truncate(info.seq_len as usize);
            texts.push(tokens);
        }
        let vectors = scheduler.embed(model, &texts, layer, Pooling::Mean).await;
        vectors.map_err(|error| generate_fault(&error))
    }

    fn model(&mut self) -> &mut M {
        match self {
            Self::Encoder(encoder) => &mut encoder.model,
            Self::Generator(loaded) => &mut loaded.model,
        }
    }
}

/// The cosines of all responses, prompt by prompt; `None` when cancelled.
async fn embed_all<M: LanguageModel, H: Host>(
    embedder: &mut Embedder<'_, M>,
    host: &H,
    job: JobId,
    responses: &[Response],
) -> Result<Option<Vec<Similarity>>, Fault> {
    let total = responses.len() as f64;
    let mut done = 0.0;
    let mut similarities = Vec::new();
    for responses in responses.chunk_by(|a, b| a.prompt_id == b.prompt_id) {
        host.breathe().await;
        if host.is_cancelled() {
            return Ok(None);
        }
        let prompt = EmbeddedPrompt {
            prompt_id: &responses[0].prompt_id,
            responses: responses.iter().collect(),
            vectors: embedder.embed(responses).await?,
        };
        let cosines = similarity(embedder.model(), prompt).await;
        similarities.push(cosines.map_err(|error| model_fault(&error))?);
        done += responses.len() as f64;
        let progress = Progress { stage: Stage::Embed, done, total, ..Progress::default() };
        host.send(FromWorker::Progress { job, progress });
    }
    Ok(Some(similarities))
}
