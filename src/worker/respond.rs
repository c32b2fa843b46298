//! The missing responses of a prompt set, made in batches; the page hears of them as they grow and end.

use crate::{
    align,
    data::{FinishReason, Language, Response},
    generate::{LanguageModel, RowEvent, RowId},
    protocol::{Fault, FromWorker, Generated, JobId, Progress, Stage},
    text,
};

use super::{
    host::Host,
    loaded::Loaded,
    pace::{Pace, expected_tokens_left},
    prepare::Prepared,
    rows::{EndedRow, Rows},
    steps::run_steps,
};

/// The page hears of running responses at most this often, in milliseconds.
const TELL_EVERY_MS: f64 = 80.0;

/// Makes the missing responses; `false` when cancelled before the last one. Rows that cannot be
/// answered go to `failures`; the others go on.
pub(super) async fn respond<M: LanguageModel, H: Host>(
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
    run_steps(model, scheduler, host, &mut |_, _| false, |events, scheduler| {
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
        Ok(())
    })
    .await?;
    Ok(is_whole)
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
