//! Translations by the model itself, greedy: the anchor's first response into each language, and each language's first
//! response into the anchor's. For LIDR.

use std::collections::HashSet;

use crate::{
    align::instructions,
    data::{FinishReason, Language, Response, SessionConfig},
    generate::{Job, LanguageModel, RowEvent, SampleKey, SamplingSettings, sampling::stream_id},
    protocol::{Fault, MeasureRequest},
    worker::{
        generator::Generator,
        jobs::{
            respond::response_of,
            response_room::{most, room},
            rows::{EndedRow, Rows, StopTexts},
        },
        prompter::Manner,
        steps::run_steps,
        task::{Host, cancelled},
    },
};

use super::{
    asker::Asker,
    rows::{Row, by_prompt},
};

/// A translation to be made.
#[derive(Debug)]
pub(super) struct Planned<'a> {
    source: &'a Response,
    into: &'a Language,
    /// Its sample: after all others of its row.
    sample: u32,
}

/// The translations that are not there yet, in the order of rows.
pub(super) fn plan<'a>(
    request: &MeasureRequest,
    rows: &[Row<'a>],
    problems: &mut Vec<String>,
) -> Vec<Planned<'a>> {
    let mut planned = Vec::new();
    for rows in by_prompt(rows) {
        let Some(anchor) = rows.iter().find(|row| row.language == &request.config.anchor) else { continue };
        let mut next_of_anchor = next_sample(anchor, request.config.n);
        for row in rows.iter().filter(|row| row.language != anchor.language) {
            let mut next = next_sample(row, request.config.n);
            for (from, into, next) in [(anchor, row, &mut next), (row, anchor, &mut next_of_anchor)] {
                let Some(source) = from.candidates().next() else { continue };
                let is_there = |response: &&Response| {
                    response.translation_of.as_ref() == Some(&(source.language.clone(), source.sample))
                };
                if into.responses.iter().any(is_there) {
                    continue;
                }
                if source.text.trim().is_empty() {
                    problems.push(format!(
                        "{}: the first response is empty, so there is nothing to translate; build with another seed",
                        from.name()
                    ));
                    continue;
                }
                planned.push(Planned { source, into: into.language, sample: *next });
                *next += 1;
            }
        }
    }
    planned
}

/// The sample of the next translation of a row: n or more, and after what is there.
fn next_sample(row: &Row<'_>, n: u32) -> u32 {
    row.responses.iter().map(|response| response.sample + 1).max().unwrap_or(0).max(n)
}

/// Makes the planned translations into `out`, in their order.
pub(super) async fn translate<M: LanguageModel, H: Host>(
    asker: &mut Asker<'_, M, H>,
    planned: &[Planned<'_>],
    config: &SessionConfig,
    out: &mut Vec<Response>,
) -> Result<(), Fault> {
    let Asker { generator, teller, problems, .. } = asker;
    let Generator { model, scheduler, prompter, .. } = &mut **generator;
    let mut opened = HashSet::new();
    for (id, planned) in (0..).zip(planned) {
        let Planned { source, into, sample } = planned;
        let instruction = instructions::translate(&source.text, &source.language, into);
        // A translation needs no thinking.
        match prompter.prompted_user(&instruction, Manner::unthinking(config.date)) {
            Ok(prompted) => {
                opened.extend(prompted.opens_reasoning.then_some(id));
                let prompt = prompted.tokens;
                let most = || most(prompted.opens_reasoning, room(&scheduler.roomiest(), prompt.len()));
                let max_tokens = config.max_tokens.unwrap_or_else(most);
                scheduler.add(Job {
                    id,
                    prompt,
                    samples: vec![SampleKey {
                        sample: *sample,
                        stream: stream_id(&source.prompt_id, into.as_str(), *sample),
                    }],
                    seed: config.seed,
                    settings: GREEDY,
                    max_tokens,
                    stop_tokens: prompter.tokenizer.end_ids().to_vec(),
                });
            }
            Err(fault) => {
                problems.push(problem(planned, &fault.message));
                teller.advance(1);
            }
        }
    }
    let mut rows = Rows::new(&prompter.tokenizer, prompter.stops(), opened);
    let mut stops = StopTexts::new(&prompter.tokenizer, prompter.stops());
    let mut made: Vec<Option<Response>> = vec![None; planned.len()];
    let mut is_whole = true;
    let task = teller.task;
    let ended = run_steps(model, scheduler, task, &mut |row, token| stops.ends(row, token), |events, _| {
        let mut n_more = 0;
        for event in events {
            if let RowEvent::Failed { job, error } = &event {
                problems.push(problem(&planned[*job as usize], &error.to_string()));
                n_more += 1;
            }
            let Some(EndedRow { row, response }) = rows.on(&event) else { continue };
            if response.finish_reason == FinishReason::Cancelled {
                is_whole = false;
                continue;
            }
            let Planned { source, into, sample } = &planned[row.job as usize];
            let name = (source.prompt_id.clone(), (*into).clone());
            made[row.job as usize] = Some(Response {
                model: None,
                translation_of: Some((source.language.clone(), source.sample)),
                ..response_of(name, *sample, response)
            });
            n_more += 1;
        }
        if n_more > 0 {
            teller.advance(n_more);
        }
    })
    .await;
    out.extend(made.into_iter().flatten());
    ended?;
    match is_whole {
        true => Ok(()),
        false => Err(cancelled()),
    }
}

/// The most likely token every time.
const GREEDY: SamplingSettings =
    SamplingSettings { temperature: 0.0, top_k: 0, top_p: 1.0, min_p: 0.0, repetition_penalty: 1.0 };

fn problem(planned: &Planned<'_>, why: &str) -> String {
    let Planned { source, into, .. } = planned;
    let (from, into) = (source.language.info().english, into.info().english);
    format!("prompt {}: the {from} response was not translated into {into}: {why}", source.prompt_id)
}
