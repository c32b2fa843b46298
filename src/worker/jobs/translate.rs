//! Translations by the model itself, greedy, many at once: drafts of a prompt set's missing texts, and what LIDR measures.

use std::collections::HashSet;

use crate::{
    align::instructions,
    data::{Day, FinishReason, Language, Response},
    generate::{Job, LanguageModel, RowEvent, SampleKey, SamplingSettings, sampling::stream_id},
    protocol::{Answer, Fault, Generated, Progress, Stage, TranslateRequest},
    worker::{
        generator::Generator,
        prompter::Manner,
        steps::run_steps,
        task::{Host, Task, cancelled},
    },
};

use super::{
    respond::response_of,
    response_room::{most, room},
    rows::{EndedRow, Rows, StopTexts},
};

/// A translation to be made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Translation<'a> {
    pub(super) prompt_id: &'a str,
    pub(super) text: &'a str,
    pub(super) from: &'a Language,
    pub(super) into: &'a Language,
    /// Which sample of its prompt and language it becomes.
    pub(super) sample: u32,
}

/// How they are made.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    pub(super) seed: u32,
    /// Most tokens of one; `None` is all the room there is.
    pub(super) max_tokens: Option<u32>,
    pub(super) date: Option<Day>,
}

/// Makes all of them; `false` when cancelled before the last one. `on_end` takes the place of each that has ended, with what
/// the model wrote or why it was not asked.
pub(super) async fn translate_all<M: LanguageModel, H: Host>(
    generator: &mut Generator<M>,
    task: &Task<H>,
    all: &[Translation<'_>],
    how: How,
    mut on_end: impl FnMut(usize, Result<Generated, String>),
) -> Result<bool, Fault> {
    let Generator { model, scheduler, prompter, .. } = generator;
    let mut opened = HashSet::new();
    for (id, translation) in (0..).zip(all) {
        let Translation { prompt_id, text, from, into, sample } = *translation;
        let instruction = instructions::translate(text, from, into);
        // A translation needs no thinking.
        let prompted = match prompter.prompted_user(&instruction, Manner::unthinking(how.date)) {
            Ok(prompted) => prompted,
            Err(fault) => {
                on_end(id as usize, Err(fault.message));
                continue;
            }
        };
        opened.extend(prompted.opens_reasoning.then_some(id));
        let prompt = prompted.tokens;
        let room = room(&scheduler.roomiest(), prompt.len());
        scheduler.add(Job {
            id,
            prompt,
            samples: vec![SampleKey { sample, stream: stream_id(prompt_id, into.as_str(), sample) }],
            seed: how.seed,
            settings: GREEDY,
            max_tokens: how.max_tokens.unwrap_or_else(|| most(prompted.opens_reasoning, room)),
            stop_tokens: prompter.tokenizer.end_ids().to_vec(),
            sampled_logprobs: false,
        });
    }
    let mut rows = Rows::new(&prompter.tokenizer, prompter.stops(), opened);
    let mut stops = StopTexts::new(&prompter.tokenizer, prompter.stops());
    let mut is_whole = true;
    run_steps(model, scheduler, task, &mut |row, token| stops.ends(row, token), |events, _| {
        for event in events {
            if let RowEvent::Failed { job, error } = &event {
                on_end(*job as usize, Err(error.to_string()));
            }
            match rows.on(&event) {
                Some(EndedRow { response, .. }) if response.finish_reason == FinishReason::Cancelled => {
                    is_whole = false;
                }
                Some(EndedRow { row, response }) => on_end(row.job as usize, Ok(response)),
                None => {}
            }
        }
    })
    .await?;
    Ok(is_whole)
}

/// The most likely token every time.
const GREEDY: SamplingSettings =
    SamplingSettings { temperature: 0.0, top_k: 0, top_p: 1.0, min_p: 0.0, repetition_penalty: 1.0 };

/// Drafts texts: each goes to the page as it ends, as a response of its prompt in the language it was translated into.
pub(super) async fn translate<M: LanguageModel, H: Host>(
    generator: &mut Generator<M>,
    task: &Task<H>,
    request: &TranslateRequest,
) -> Result<Answer, Fault> {
    generator.prompter.check_template()?;
    let all: Vec<Translation<'_>> = request
        .texts
        .iter()
        .map(|source| Translation {
            prompt_id: &source.prompt_id,
            text: &source.text,
            from: &source.from,
            into: &source.into,
            sample: 0,
        })
        .collect();
    let total = all.len() as f64;
    let tell = |done: usize| task.progress(Progress::of(Stage::Translate, done as f64, total));
    tell(0);
    let (mut n_ended, mut problems) = (0, Vec::new());
    let how = How { seed: 0, max_tokens: None, date: request.date };
    let is_whole = translate_all(generator, task, &all, how, |place, ended| {
        let Translation { prompt_id, from, into, .. } = all[place];
        match ended {
            Ok(generated) => {
                let name = (prompt_id.to_owned(), into.clone());
                let translation_of = Some((from.clone(), 0));
                task.responses(vec![Response { translation_of, ..response_of(name, 0, generated) }]);
            }
            Err(why) => {
                problems.push(format!(
                    "prompt {prompt_id} was not translated into {}: {why}",
                    into.info().english
                ));
            }
        }
        n_ended += 1;
        tell(n_ended);
    })
    .await?;
    if is_whole { Ok(Answer::Translated(problems)) } else { Err(cancelled()) }
}
