//! The jobs of loaded models: one place says which function does each.

use crate::{
    data::{Day, FinishReason, Language, SessionConfig},
    generate::{Counters, Job, LanguageModel, Pooling, RowEvent, RowId, SampleKey, sampling::stream_id},
    protocol::{
        Answer, EmbedRequest, Fault, FaultCode, GenerateRequest, Generated, Input, ModelRequest,
        PoolingChoice, Progress, Scored, Stage,
    },
};

use super::{
    build::build,
    counters::{report, reset_counters},
    embedder::Embedder,
    generator::{Generator, generate_fault},
    limit::{self, room},
    measure::measure,
    models::Models,
    prepare::sampling_settings,
    rows::{Rows, StopTexts},
    speech::{Manner, text_fault},
    steps::run_steps,
    task::{Host, Task, cancelled},
    texts::embed_tokens,
    unwritable::{lost, lost_of_input, lost_of_request},
};

/// Runs a job on the models that it is for.
///
/// # Errors
/// As [`ModelRequest::check`]; a model that is missing, and what the job's own function gives.
pub async fn run<M: LanguageModel, H: Host>(
    models: &mut Models<M>,
    task: &Task<H>,
    request: ModelRequest,
) -> Result<Answer, Fault> {
    request.check()?;
    match request {
        ModelRequest::Build(request) => {
            let (generator, encoder) = models.with_encoder()?;
            Ok(Answer::Built(Box::new(build(generator, encoder, task, *request).await?)))
        }
        ModelRequest::Measure(request) => {
            Ok(Answer::Measured(Box::new(measure(models.generator()?, task, *request).await?)))
        }
        ModelRequest::Generate(request) => generate(models.generator()?, task, &request).await,
        ModelRequest::Score { input, completion, date } => {
            score(models.generator()?, task, &input, &completion, date).await.map(Answer::Scored)
        }
        ModelRequest::Logits { tokens } => {
            let Generator { model, scheduler, .. } = models.generator()?;
            let logits = scheduler.logits(model, &tokens).await;
            logits.map(Answer::Numbers).map_err(|error| generate_fault(&error))
        }
        ModelRequest::Embed(request) => embed(models.embedder(&request)?, task, &request).await,
        ModelRequest::PickTemplate { template } => {
            let generator = models.generator()?;
            generator.pick_template(template)?;
            Ok(Answer::Loaded(Box::new(generator.info.clone())))
        }
        ModelRequest::Counters => {
            let counters = models.all()?.fold(Counters::default(), |sum, model| sum + model.counters());
            Ok(Answer::Counted(report(counters)))
        }
        ModelRequest::ResetCounters => {
            models.all()?.for_each(reset_counters);
            Ok(Answer::Done)
        }
    }
}

/// `n` responses to one prompt, in sample order. When cancelled, each as far as it came.
async fn generate<M: LanguageModel, H: Host>(
    generator: &mut Generator<M>,
    task: &Task<H>,
    request: &GenerateRequest,
) -> Result<Answer, Fault> {
    let Generator { model, scheduler, speech, .. } = generator;
    let problems = lost_of_input(&speech.tokenizer, &request.input);
    let manner = Manner::of(&request.config);
    let SessionConfig { n, seed, thinking, .. } = request.config;
    let settings = sampling_settings(&request.config);
    let samples = (0..n).map(|sample| SampleKey { sample, stream: stream_id("", "", sample) }).collect();
    let prompted = speech.prompted(&request.input, manner)?;
    let prompt = prompted.tokens;
    // One prompt alone has no others to be measured for.
    let most =
        || limit::most(thinking || prompted.opens_reasoning, room(&scheduler.roomiest(), prompt.len()));
    let max_tokens = request.config.max_tokens.unwrap_or_else(most);
    let stop_tokens = speech.tokenizer.end_ids().to_vec();
    let opened = prompted.opens_reasoning.then_some(0).into_iter().collect();
    scheduler.add(Job { id: 0, prompt, samples, seed, settings, max_tokens, stop_tokens });

    let tokenizer = &speech.tokenizer;
    let stops: Vec<String> = request.stop.iter().chain(speech.stops()).cloned().collect();
    let mut rows = Rows::new(tokenizer, &stops, opened);
    let mut texts = StopTexts::new(tokenizer, &stops);
    let mut stop = |row: RowId, token: u32| texts.ends(row, token);
    let mut responses: Vec<Option<Generated>> = vec![None; n as usize];
    run_steps(model, scheduler, task, &mut stop, |events, _| {
        for event in events {
            if let RowEvent::Failed { error, .. } = &event {
                return Err(Fault::new(FaultCode::BadInput, error.to_string()));
            }
            if let Some(ended) = rows.on(&event) {
                responses[ended.row.sample as usize] = Some(ended.response);
            }
        }
        task.tokens(rows.updates(|_| (String::new(), Language::from(""))));
        let done = responses.iter().flatten().count();
        let tokens = rows.n_tokens as f64;
        task.progress(Progress { tokens, ..Progress::of(Stage::Generate, done as f64, f64::from(n)) });
        Ok(())
    })
    .await?;
    let responses: Vec<Generated> = responses.into_iter().flatten().collect();
    if responses.iter().any(|response| response.finish_reason == FinishReason::Cancelled) {
        return Err(cancelled());
    }
    Ok(Answer::Generated(responses, problems))
}

async fn score<M: LanguageModel, H: Host>(
    generator: &mut Generator<M>,
    task: &Task<H>,
    input: &Input,
    completion: &str,
    date: Option<Day>,
) -> Result<Scored, Fault> {
    let Generator { model, scheduler, speech, .. } = generator;
    let prompt = speech.prompt_tokens(input, date)?;
    let tokens = speech.tokenizer.encode(completion, false).map_err(text_fault)?;
    // A forced completion is one pass through the model: this is where it can still be stopped.
    task.check().await?;
    let logprobs = scheduler.score(model, &prompt, &tokens).await.map_err(|error| generate_fault(&error))?;
    let mut problems = lost_of_input(&speech.tokenizer, input);
    problems.extend(lost(&speech.tokenizer, "the completion", completion));
    Ok(Scored { tokens, logprobs, problems })
}

/// One vector per text.
async fn embed<M: LanguageModel, H: Host>(
    embedder: Embedder<'_, M>,
    task: &Task<H>,
    request: &EmbedRequest,
) -> Result<Answer, Fault> {
    let problems = lost_of_request(embedder.tokenizer(), request);
    let vectors = match embedder {
        Embedder::Encoder(encoder) => encoder.embed(task, &request.texts, request.text_kind).await?,
        Embedder::Generator(generator) => states(generator, task, request).await?,
    };
    Ok(Answer::Vectors(vectors, problems))
}

/// The generator's states after a layer, pooled.
async fn states<M: LanguageModel, H: Host>(
    generator: &mut Generator<M>,
    task: &Task<H>,
    request: &EmbedRequest,
) -> Result<Vec<Vec<f32>>, Fault> {
    let layer = request.layer.unwrap_or_else(|| generator.middle_layer());
    let n_layers = generator.info.n_layers;
    if layer > n_layers {
        let message =
            format!("layer {layer} does not exist; the model has layers 0 (the embedding) to {n_layers}");
        return Err(Fault::new(FaultCode::BadInput, message));
    }
    let pooling = match request.pooling.unwrap_or_default() {
        PoolingChoice::Mean => Pooling::Mean,
        PoolingChoice::First => Pooling::First,
        PoolingChoice::Last => Pooling::Last,
    };
    let Generator { model, scheduler, speech, .. } = generator;
    let tokens = request.texts.iter().map(|text| speech.tokenizer.encode(text, false));
    let tokens = tokens.collect::<Result<Vec<_>, _>>().map_err(text_fault)?;
    embed_tokens(task, (model, scheduler), &tokens, layer, pooling).await
}
