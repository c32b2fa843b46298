//! The smaller jobs on a loaded generator: respond to one prompt, score, embed, tokenise, count.

use crate::{
    data::{Day, FinishReason, Language, SessionConfig},
    generate::{Job, LanguageModel, RowEvent, RowId, SampleKey, sampling::stream_id},
    protocol::{
        Answer, EmbedRequest, Fault, FaultCode, GenerateRequest, Generated, Input, Progress, Request, Role,
        Scored, Stage,
    },
};

use super::{
    build,
    counters::{report, reset_counters},
    encoder::Encoder,
    limit::{self, room},
    loaded::{Loaded, generate_fault},
    measure::measure,
    prepare::sampling_settings,
    rows::{Rows, StopTexts},
    speech::{Manner, text_fault},
    steps::run_steps,
    task::{Host, Task, cancelled},
    texts::embed_tokens,
    unwritable::{lost, lost_of_input, lost_of_request},
};

/// Runs any job that needs a generator; the encoder, where one is loaded, embeds.
///
/// # Errors
/// What the job's own function gives.
pub async fn run<M: LanguageModel, H: Host>(
    loaded: &mut Loaded<M>,
    encoder: Option<&mut Encoder<M>>,
    task: &Task<H>,
    request: Request,
) -> Result<Answer, Fault> {
    match request {
        Request::Build(request) => {
            Ok(Answer::Built(Box::new(build::build(loaded, encoder, task, *request).await?)))
        }
        Request::Measure(request) => Ok(Answer::Measured(Box::new(measure(loaded, task, *request).await?))),
        Request::Generate(request) => {
            let problems = lost_of_input(&loaded.speech.tokenizer, &request.input);
            Ok(Answer::Generated(generate(loaded, task, &request).await?, problems))
        }
        Request::Score { input, completion, date } => {
            score(loaded, task, &input, &completion, date).await.map(Answer::Scored)
        }
        Request::PickTemplate { template } => {
            loaded.pick_template(template)?;
            Ok(Answer::Loaded(Box::new(loaded.info.clone())))
        }
        Request::Logits { tokens } => {
            let Loaded { model, scheduler, .. } = loaded;
            scheduler
                .logits(model, &tokens)
                .await
                .map(Answer::Numbers)
                .map_err(|error| generate_fault(&error))
        }
        Request::Embed(request) => match encoder.filter(|_| request.is_for_encoder()) {
            Some(encoder) => encoder.embed_texts(task, &request).await,
            None => {
                let problems = lost_of_request(&loaded.speech.tokenizer, &request);
                Ok(Answer::Vectors(embed(loaded, task, &request).await?, problems))
            }
        },
        Request::Tokenize { text, special } => {
            loaded.speech.tokenizer.encode(&text, special).map(Answer::Ids).map_err(text_fault)
        }
        Request::Detokenize { ids } => Ok(Answer::Text(loaded.speech.tokenizer.decode(&ids, true))),
        Request::RenderChat { messages, thinking, date } => {
            loaded.speech.render(&messages, Manner { thinking, date }).map(Answer::Text)
        }
        Request::Counters => {
            let counters = loaded.model.counters();
            let counters = encoder.map_or(counters, |encoder| counters + encoder.model.counters());
            Ok(Answer::Counted(report(counters)))
        }
        Request::ResetCounters => {
            reset_counters(&mut loaded.model);
            if let Some(encoder) = encoder {
                reset_counters(&mut encoder.model);
            }
            Ok(Answer::Done)
        }
        Request::LoadModel(_)
        | Request::Unload { .. }
        | Request::StoredModels
        | Request::DeleteModel { .. } => {
            Err(Fault::new(FaultCode::Internal, "that is not a job of a loaded model"))
        }
    }
}

/// `n` responses to one prompt, in sample order. When cancelled, each as far as it came.
async fn generate<M: LanguageModel, H: Host>(
    loaded: &mut Loaded<M>,
    task: &Task<H>,
    request: &GenerateRequest,
) -> Result<Vec<Generated>, Fault> {
    let Loaded { model, scheduler, speech, .. } = loaded;
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
    let mut refused = None;
    run_steps(model, scheduler, task, &mut stop, |events, _| {
        for event in events {
            if let RowEvent::Failed { error, .. } = &event {
                refused = Some(Fault::new(FaultCode::BadInput, error.to_string()));
            }
            if let Some(ended) = rows.on(&event) {
                responses[ended.row.sample as usize] = Some(ended.response);
            }
        }
        task.tokens(rows.updates(|_| (String::new(), Language::from(""))));
        let done = responses.iter().flatten().count();
        let tokens = rows.n_tokens as f64;
        task.progress(Progress { tokens, ..Progress::of(Stage::Generate, done as f64, f64::from(n)) });
    })
    .await?;
    if let Some(fault) = refused {
        return Err(fault);
    }
    let responses: Vec<Generated> = responses.into_iter().flatten().collect();
    if responses.iter().any(|response| response.finish_reason == FinishReason::Cancelled) {
        return Err(cancelled());
    }
    Ok(responses)
}

async fn score<M: LanguageModel, H: Host>(
    loaded: &mut Loaded<M>,
    task: &Task<H>,
    input: &Input,
    completion: &str,
    date: Option<Day>,
) -> Result<Scored, Fault> {
    let Loaded { model, scheduler, speech, .. } = loaded;
    let prompt = speech.prompt_tokens(input, date)?;
    let tokens = speech.tokenizer.encode(completion, false).map_err(text_fault)?;
    // A forced completion is one pass through the model: this is where it can still be stopped.
    task.check().await?;
    let logprobs = scheduler.score(model, &prompt, &tokens).await.map_err(|error| generate_fault(&error))?;
    let mut problems = lost_of_input(&speech.tokenizer, input);
    problems.extend(lost(&speech.tokenizer, "the completion", completion));
    Ok(Scored { tokens, logprobs, problems })
}

async fn embed<M: LanguageModel, H: Host>(
    loaded: &mut Loaded<M>,
    task: &Task<H>,
    request: &EmbedRequest,
) -> Result<Vec<Vec<f32>>, Fault> {
    if request.role == Some(Role::Encoder) {
        return Err(Fault::new(FaultCode::NoModel, "no encoder is loaded; load one with role \"encoder\""));
    }
    let layer = request.layer.unwrap_or_else(|| loaded.middle_layer());
    let n_layers = loaded.info.n_layers;
    if layer > n_layers {
        let message =
            format!("layer {layer} does not exist; the model has layers 0 (the embedding) to {n_layers}");
        return Err(Fault::new(FaultCode::BadInput, message));
    }
    let Loaded { model, scheduler, speech, .. } = loaded;
    let tokens = request.texts.iter().map(|text| speech.tokenizer.encode(text, false));
    let tokens = tokens.collect::<Result<Vec<_>, _>>().map_err(text_fault)?;
    embed_tokens(task, (model, scheduler), &tokens, layer, request.pooling.unwrap_or_default()).await
}
