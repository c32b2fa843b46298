//! The missing responses of a prompt set, made in batches; the page hears of them as they grow and end.

use std::collections::HashSet;

use crate::{
    align,
    data::{FinishReason, Language, Response, SessionConfig, detected_language},
    generate::{Job, LanguageModel, RowEvent, RowId},
    protocol::{Fault, Generated, Progress, Stage},
    worker::{
        generator::{Generator, memory_with},
        pace::{Pace, expected_tokens_left},
        steps::run_steps,
        task::{Host, Task},
    },
};

use super::{
    limit::{Measuring, cut},
    prepare::{Asked, Prepared},
    rows::{EndedRow, Rows, StopTexts},
};

/// The page hears of running responses at most this often, in milliseconds.
const TELL_EVERY_MS: f64 = 80.0;

/// Makes the missing responses; `false` when cancelled before the last one. Rows that cannot be
/// answered go to `failures`; the others go on.
///
/// Where `config` has no limit of tokens, it is measured on the first prompts and put there.
pub(super) async fn respond<M: LanguageModel, H: Host>(
    generator: &mut Generator<M>,
    task: &Task<H>,
    prepared: &Prepared,
    config: &mut SessionConfig,
    responses: &mut Vec<Response>,
    failures: &mut Vec<String>,
) -> Result<bool, Fault> {
    let mut tally = Tally::new(prepared, responses.len());
    let mut responding = Responding { generator, task, prepared, tally: &mut tally, responses, failures };
    if let Some(limit) = config.max_tokens {
        return responding.run(&prepared.asked, None, limit).await;
    }
    let mut measuring = Measuring::new(prepared, config.n, responding.responses);
    let (first, rest) = prepared.asked.split_at(measuring.n_rows);
    if !responding.run(first, Some(&mut measuring), u32::MAX).await? {
        return Ok(false);
    }
    let limit = measuring.limit();
    config.max_tokens = Some(limit);
    responding.run(rest, None, limit).await
}

/// What the parts of a run have in common.
struct Responding<'a, M, H> {
    generator: &'a mut Generator<M>,
    task: &'a Task<H>,
    prepared: &'a Prepared,
    tally: &'a mut Tally,
    responses: &'a mut Vec<Response>,
    failures: &'a mut Vec<String>,
}

impl<M: LanguageModel, H: Host> Responding<'_, M, H> {
    /// Makes the missing responses of some rows, none longer than `limit`; `false` when cancelled before the last one.
    /// While lengths are measured, responses that did not end wait until the limit is known.
    async fn run(
        &mut self,
        asked: &[Asked],
        mut measuring: Option<&mut Measuring>,
        limit: u32,
    ) -> Result<bool, Fault> {
        let Self { generator, task, prepared, tally, responses, failures } = self;
        let Generator { model, scheduler, prompter, info } = &mut **generator;
        let (task, prepared) = (*task, *prepared);
        let name = |row: RowId| {
            let asked = &prepared.asked[row.job as usize];
            (asked.prompt_id.clone(), asked.language.clone())
        };
        let opened: HashSet<u32> =
            asked.iter().filter(|asked| asked.opens_reasoning).map(|asked| asked.job.id).collect();
        let mut rows = Rows::new(&prompter.tokenizer, prompter.stops(), opened.clone());
        let mut stops = StopTexts::new(&prompter.tokenizer, prompter.stops());
        let mut waiting: Vec<(RowId, Generated)> = Vec::new();
        for asked in asked.iter().filter(|asked| !asked.job.samples.is_empty()) {
            let max_tokens = asked.job.max_tokens.min(limit);
            tally.max_tokens = tally.max_tokens.min(max_tokens);
            scheduler.add(Job { max_tokens, ..asked.job.clone() });
        }
        let mut is_whole = true;
        run_steps(model, scheduler, task, &mut |row, token| stops.ends(row, token), |events, scheduler| {
            if let Some(memory) = memory_with(info, scheduler.n_slots()) {
                info.memory = memory;
                task.memory(memory);
            }
            let mut ended = Vec::new();
            for event in events {
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
                        if measuring.as_deref_mut().is_none_or(|measuring| measuring.end(&response)) {
                            ended.push(response_of(name(row), row.sample, response));
                        } else {
                            waiting.push((row, response));
                        }
                    }
                    None => {}
                }
            }
            if let Some(measuring) = measuring.as_deref().filter(|_| scheduler.is_idle() && is_whole) {
                for (row, response) in waiting.drain(..) {
                    let is_opened = opened.contains(&row.job);
                    let response = cut(response, measuring.limit(), is_opened, &prompter.tokenizer);
                    ended.push(response_of(name(row), row.sample, response));
                }
            }
            if !ended.is_empty() {
                task.responses(ended.clone());
                responses.extend(ended);
            }
            if tally.is_due(task.now_ms()) || scheduler.is_idle() {
                task.tokens(rows.updates(name));
                task.progress(tally.progress(task.now_ms(), rows.n_tokens, scheduler.progress()));
            }
        })
        .await?;
        tally.n_tokens_before += rows.n_tokens;
        Ok(is_whole)
    }
}

/// Counts for the progress bar.
struct Tally {
    pace: Pace,
    n_responses: usize,
    n_ended: usize,
    n_ended_now: usize,
    ended_tokens: usize,
    /// Tokens of the parts of the run that are over.
    n_tokens_before: u64,
    max_tokens: u32,
    told_ms: f64,
}

impl Tally {
    fn new(prepared: &Prepared, n_kept: usize) -> Self {
        let max_tokens = prepared.asked.iter().map(|asked| asked.job.max_tokens).max().unwrap_or(0);
        let n_missing: usize = prepared.asked.iter().map(|asked| asked.job.samples.len()).sum();
        Self {
            pace: Pace::default(),
            n_responses: n_missing + n_kept,
            n_ended: n_kept,
            n_ended_now: 0,
            ended_tokens: 0,
            n_tokens_before: 0,
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

    fn progress(&mut self, now_ms: f64, n_tokens: u64, waiting: crate::generate::Progress) -> Progress {
        let tokens = (self.n_tokens_before + n_tokens) as f64;
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
            tokens,
            tokens_per_sec: self.pace.per_sec(),
            rows_live: waiting.n_live,
            rows_waiting: waiting.n_waiting,
            remaining_secs: self.pace.remaining_secs(left),
            ..Progress::of(Stage::Generate, self.n_ended as f64, self.n_responses as f64)
        }
    }
}

/// A response as the session keeps it.
pub(super) fn response_of(
    (prompt_id, language): (String, Language),
    sample: u32,
    response: Generated,
) -> Response {
    let found = align::find_answer(&response.text, &language);
    let (answer, ambiguous) = found.map(|found| (found.value, found.ambiguous)).unzip();
    Response {
        answer,
        ambiguous: ambiguous.unwrap_or_default(),
        detected_language: detected_language(&response.text, &language),
        model: None,
        translation_of: None,
        prompt_id,
        language,
        sample,
        logprob: Some(response.logprobs.iter().sum()),
        text: response.text,
        reasoning: response.reasoning,
        reasoning_tokens: response.reasoning_tokens,
        tokens: response.tokens,
        finish_reason: response.finish_reason,
    }
}
