//! The main job: answer a prompt set, embed the responses, ask the model what the method needs, pick references and pairs.

use std::collections::HashMap;

use crate::{
    align,
    data::{
        AppRecord, InOrder, Language, MeasureKind, Measurements, ModelRecord, Prompt, Response,
        SESSION_SCHEMA, Session, Similarity,
    },
    generate::LanguageModel,
    protocol::{BuildOutcome, BuildRequest, Fault, FaultCode, MeasureRequest, Origin, Progress, Stage},
    worker::{
        encoder::Encoder,
        generator::{Generator, record},
        task::{Host, Task},
    },
};

use super::{
    embedder::{Embedder, embed_all},
    measure::measure,
    prepare::{Prepared, kept, prepare},
    respond::respond,
    unwritable::lost_of_responses,
};

/// Runs the whole job. Responses are sent as they end; when cancelled, what has ended is in the outcome.
///
/// # Errors
/// When nothing can be asked, or the model fails.
pub async fn build<M: LanguageModel, H: Host>(
    generator: &mut Generator<M>,
    encoder: Option<&mut Encoder<M>>,
    task: &Task<H>,
    mut request: BuildRequest,
) -> Result<BuildOutcome, Fault> {
    check_model(&request, generator)?;
    let mut prepared = prepare(&request, &generator.prompter, &generator.scheduler.roomiest())?;
    prepared.problems.extend(prepared.fallback.take());
    let mut responses: Vec<Response> = kept(&request, &prepared).cloned().collect();
    let mut failures = Vec::new();
    let config = &mut request.config;
    let is_whole = respond(generator, task, &prepared, config, &mut responses, &mut failures).await?;
    if failures.len() == prepared.asked.len() {
        return Err(Fault::new(FaultCode::BadInput, failures.swap_remove(0)));
    }
    prepared.problems.extend(failures);
    sort(&mut responses, &prepared);

    let kind = MeasureKind::of(request.config.method, encoder.is_some());
    let mut embedder = match encoder {
        Some(encoder) => Embedder::Encoder(encoder),
        None => Embedder::Generator(&mut *generator),
    };
    let scored_by = embedder.name();
    if let Embedder::Encoder(encoder) = &embedder {
        let all: Vec<&Response> = responses.iter().collect();
        prepared.problems.extend(lost_of_responses(&encoder.info.name, &encoder.tokenizer, &all));
    }
    let similarities = match is_whole {
        true => embedded(&mut embedder, task, &responses).await?,
        false => None,
    };
    let prompts = std::mem::take(&mut prepared.prompts);
    let mut session = session_of(request, prompts, responses, generator);
    session.config.encoder = Some(scored_by);
    let Some(similarities) = similarities else {
        return Ok(BuildOutcome { session, cancelled: true, problems: prepared.problems });
    };
    session.similarities = similarities;
    prepared.problems.extend(unseen(&session));
    if let Some(kind) = kind {
        let outcome = measure(generator, task, MeasureRequest::of(&session, vec![kind])).await?;
        session.measurements = outcome.measurements;
        session.responses.extend(outcome.translated);
        sort(&mut session.responses, &prepared);
        prepared.problems.extend(outcome.problems);
        if outcome.cancelled {
            return Ok(BuildOutcome { session, cancelled: true, problems: prepared.problems });
        }
    }
    let selection = align::select(align::Material::of(&session), &session.config);
    (session.references, session.pairs) = (selection.references, selection.pairs);
    Ok(BuildOutcome { session, cancelled: false, problems: prepared.problems })
}

/// What a run gives that was cancelled while its model was away: the responses that had ended.
pub(in crate::worker) fn stopped(request: BuildRequest, made_with: &Origin) -> BuildOutcome {
    let model = record(&made_with.info, Some(made_with.request.template));
    let BuildRequest { prompts, config, finished, created, .. } = request;
    let app = AppRecord { version: env!("CARGO_PKG_VERSION").to_owned() };
    let schema = SESSION_SCHEMA.to_owned();
    let session =
        Session { schema, app, created, config, model, prompts, responses: finished, ..Session::default() };
    BuildOutcome { session, cancelled: true, problems: Vec::new() }
}

/// Responses of another model are not mixed with this one's.
fn check_model<M: LanguageModel>(request: &BuildRequest, generator: &Generator<M>) -> Result<(), Fault> {
    match &request.finished_by {
        Some(record) if record.sha256 != generator.info.sha256 => {
            let message = format!(
                "the responses were made by another model than {}, which is loaded; load that one",
                generator.info.name
            );
            Err(Fault::new(FaultCode::BadInput, message))
        }
        Some(ModelRecord { template, .. }) if *template != generator.record().template => {
            let named = |template: &Option<String>| template.clone().unwrap_or_else(|| "file".to_owned());
            let message = format!(
                "the responses were made with the chat template \"{}\", and \"{}\" is used now; pick that one",
                named(template),
                named(&generator.record().template)
            );
            Err(Fault::new(FaultCode::BadInput, message))
        }
        _ => Ok(()),
    }
}

/// The cosines of all responses; `None` when cancelled.
async fn embedded<M: LanguageModel, H: Host>(
    embedder: &mut Embedder<'_, M>,
    task: &Task<H>,
    responses: &[Response],
) -> Result<Option<Vec<Similarity>>, Fault> {
    let (mut done, total) = (0.0, responses.len() as f64);
    let mut similarities = Vec::new();
    let responses: Vec<&Response> = responses.iter().collect();
    let embedded = embed_all(embedder, task, &responses, &mut similarities, |n_more| {
        done += n_more as f64;
        task.progress(Progress::of(Stage::Embed, done, total));
    });
    match embedded.await {
        Ok(()) => Ok(Some(similarities)),
        Err(fault) if fault.code == FaultCode::Cancelled => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// A problem for each language whose texts all have the same vector.
fn unseen(session: &Session) -> impl Iterator<Item = String> {
    let scored_by = session.config.encoder.clone().unwrap_or_default();
    let languages = align::unseen_languages(&session.similarities, &session.responses);
    languages.into_iter().map(move |language| {
        let name = language.info().english;
        format!(
            "{scored_by} gives every text in {name} the same vector: it cannot tell them apart; load another encoder or leave the language out"
        )
    })
}

/// Orders by prompt, language, sample, whatever order the responses ended in.
fn sort(responses: &mut [Response], prepared: &Prepared) {
    let places: HashMap<(&str, &Language), usize> = prepared
        .asked
        .iter()
        .enumerate()
        .map(|(idx, asked)| ((asked.prompt_id.as_str(), &asked.language), idx))
        .collect();
    responses.order_by_key(|response| {
        (places.get(&(response.prompt_id.as_str(), &response.language)).copied(), response.sample)
    });
}

fn session_of<M: LanguageModel>(
    mut request: BuildRequest,
    prompts: Vec<Prompt>,
    responses: Vec<Response>,
    generator: &Generator<M>,
) -> Session {
    request.config.imported_pairs = false;
    // What the prompts held, whatever was chosen.
    request.config.date = generator.prompter.told_date(request.config.date);
    Session {
        schema: SESSION_SCHEMA.to_owned(),
        created: request.created,
        app: AppRecord { version: env!("CARGO_PKG_VERSION").to_owned() },
        config: request.config,
        model: generator.record(),
        handoff: None,
        prompts,
        responses,
        references: Vec::new(),
        pairs: Vec::new(),
        similarities: Vec::new(),
        measurements: Measurements::default(),
        events: Vec::new(),
    }
}
