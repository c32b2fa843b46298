//! Takes the results of a job: any number of files, in any order, in pieces, with anything in them.
//!
//! A line belongs to the job by its request's name alone. What does not belong is not taken, what came twice is taken once, and
//! what did not come is missing: each is counted and said in the [`Report`]. Of two different texts for one sample the first
//! stays; a response takes the place of a failure, never the other way round. So the order of the lines, how they are spread over
//! files and how often they come change nothing, as long as they do not contradict each other.

mod models;
mod report;
mod slots;

use std::ops::Range;

use super::lines::{Line, Lines};
use super::{Answer, Choice, IdError, Job, Outcome, Plan, RequestId, Sink, read_answer, request_line};
use crate::data::{ImportedFile, Response, Tally};
use models::Models;
use slots::{Place, Slot, Slots};

pub use models::{ModelQuestion, is_same_model};
pub use report::{Examples, FailureRecord, Report, report_lines};

/// What is said of a longer one.
const TOO_LONG: &str = "longer than 64 MiB";

/// Takes result lines.
#[derive(Debug)]
pub struct Collector<'a> {
    job: &'a Job,
    slots: Slots,
    models: Models,
    report: Report,
    /// The file that is being read: its name, what was read of it, and its lines.
    file: String,
    tally: Tally,
    n_lines: usize,
    lines: Lines,
}

impl<'a> Collector<'a> {
    /// For all prompts of a job.
    pub fn new(job: &'a Job) -> Self {
        Self::of(job, 0..job.prompts.len())
    }

    /// For the prompts at these lines. Results of others are passed over in silence: another collector has them.
    pub fn of(job: &'a Job, lines: Range<usize>) -> Self {
        Self {
            job,
            slots: Slots::new(job, lines),
            models: Models::default(),
            report: Report::default(),
            file: String::new(),
            tally: Tally::default(),
            n_lines: 0,
            lines: Lines::default(),
        }
    }

    /// Results of this model are to be taken, whatever the job asked for; of others none.
    pub fn accept_model(&mut self, served: Option<&str>) {
        self.models.accepted = served.map(str::to_owned);
    }

    /// Takes one line of a file that another part of the program reads; `number` counts from 1.
    pub fn line(&mut self, file: &str, number: usize, line: &[u8]) {
        self.file.clear();
        self.file.push_str(file);
        self.n_lines = number;
        self.take_line(line);
    }

    fn on_line(&mut self, number: usize, line: Line<'_>) {
        self.n_lines = number;
        match line {
            Line::TooLong => self.bad_line(TOO_LONG),
            Line::Whole(bytes) if bytes.trim_ascii().is_empty() => {}
            Line::Last(bytes) if serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_err() => {
                self.report.cut.add(self.file.clone());
            }
            Line::Whole(bytes) | Line::Last(bytes) => self.take_line(bytes),
        }
    }

    /// A line that is longer than may be.
    pub fn long_line(&mut self, file: &str, number: usize) {
        (self.file, self.n_lines) = (file.to_owned(), number);
        self.bad_line(TOO_LONG);
    }

    fn bad_line(&mut self, reason: &str) {
        self.report.bad.add(format!("{}, line {}: {reason}", self.file, self.n_lines));
    }

    fn take_line(&mut self, line: &[u8]) {
        match read_answer(line, self.job.max_tokens()) {
            Ok(answer) => self.take(answer),
            Err(reason) => self.bad_line(&reason.to_string()),
        }
    }

    /// Takes one answer.
    pub fn take(&mut self, answer: Answer) {
        let id = match answer.custom_id.parse::<RequestId>() {
            Ok(id) => id,
            Err(IdError::Version) => return self.report.later_version.add(answer.custom_id),
            Err(IdError::Shape) => return self.report.unknown.add(answer.custom_id),
        };
        if id.job != self.job.short() {
            *self.report.other_jobs.entry(id.job).or_default() += 1;
            return;
        }
        if id.line < self.job.prompts.len() && !self.slots.lines().contains(&id.line) {
            return;
        }
        let last = id.first + id.count - 1;
        let places: Option<Vec<usize>> = (id.first..=last)
            .map(|sample| match self.slots.place(id.line, &id.language, sample) {
                Some(Place::Slot(at)) => Some(at),
                _ => None,
            })
            .collect();
        let Some(places) = places else { return self.report.unknown.add(answer.custom_id) };
        match answer.outcome {
            Outcome::Failed { code, message } => {
                for at in places {
                    self.fail(at, &code, &message);
                }
            }
            Outcome::Choices(choices) => self.take_choices(&id, &places, choices, answer.model),
        }
    }

    fn take_choices(
        &mut self,
        id: &RequestId,
        places: &[usize],
        choices: Vec<Choice>,
        served: Option<String>,
    ) {
        let model = served.as_deref().map(|served| self.models.number(self.job, served));
        let mut seen = vec![false; places.len()];
        for choice in choices {
            let index = choice.index as usize;
            let (Some(at), Some(seen)) = (places.get(index), seen.get_mut(index)) else {
                self.report.extra_choices.add(id.to_string());
                continue;
            };
            if std::mem::replace(seen, true) {
                self.report.double_choices.add(id.to_string());
                continue;
            }
            let (prompt_id, sample) = (&self.job.prompts[id.line].id, id.first + choice.index);
            match choice.response(prompt_id, &id.language, sample) {
                Ok(response) => self.keep(*at, response, model),
                Err(reason) => self.fail(*at, reason.code(), &reason.to_string()),
            }
        }
    }

    fn keep(&mut self, at: usize, response: Response, model: Option<usize>) {
        match self.slots.at(at) {
            Slot::Done { response: kept, .. } => {
                if (&kept.text, &kept.reasoning) == (&response.text, &response.reasoning) {
                    self.report.n_repeated += 1;
                } else {
                    let Response { prompt_id, language, sample, .. } = &response;
                    self.report.conflicts.add(format!("{prompt_id} {} s{sample}", language.as_str()));
                }
            }
            slot => *slot = Slot::Done { response: Box::new(response), model },
        }
    }

    fn fail(&mut self, at: usize, code: &str, message: &str) {
        if let slot @ Slot::Missing = self.slots.at(at) {
            *slot = Slot::Failed(self.report.failure(code, message));
        }
    }

    /// What has come so far.
    pub fn report(&self) -> Report {
        let mut report = self.report.clone();
        report.n_expected = self.slots.len();
        report.failures.iter_mut().for_each(|failure| failure.n = 0);
        for (slot, place) in self.slots.iter() {
            match slot {
                Slot::Missing => report.n_missing += 1,
                Slot::Failed(number) => {
                    report.n_failed += 1;
                    let failure = &mut report.failures[*number];
                    failure.n += 1;
                    if failure.examples.len() < Examples::MOST {
                        failure.examples.push(self.named(place));
                    }
                }
                Slot::Done { response, model } if self.models.takes(*model) => {
                    report.n_done += 1;
                    report.n_without_logprob += usize::from(response.logprob.is_none());
                    report.n_of_model(self.models.name(*model));
                }
                Slot::Done { model, .. } => {
                    report.n_missing += 1;
                    report.n_of_other_model += 1;
                    report.n_of_model(self.models.name(*model));
                }
            }
        }
        report.failures.retain(|failure| failure.n > 0);
        report.question = self.models.question(&self.job.model, &report.models);
        report.job = self.job.short().to_owned();
        report
    }

    fn named(&self, (line, language, sample): (usize, usize, u32)) -> String {
        let tag = self.job.languages_at(line).nth(language).map_or("", |language| language.as_str());
        format!("{} {tag} s{sample}", self.job.prompts[line].id)
    }

    /// The request lines of the samples that are failed or missing, by the plan that the job was written with: neighbours are one
    /// request again, with the seeds that they had.
    pub fn missing_lines(&self, plan: &Plan) -> impl Iterator<Item = String> {
        let (job, form, most) = (self.job, plan.form(), plan.samples_per_request());
        self.slots.gaps(&self.models, most).map(move |((line, language, first), count)| {
            let id = RequestId {
                job: job.short().to_owned(),
                line,
                language: job.languages_at(line).nth(language).cloned().unwrap_or_else(|| "".into()),
                first,
                count,
            };
            request_line(job, &id, form)
        })
    }

    /// The responses that came, by prompt, language and sample. Their answers and languages are still to be read.
    pub fn responses(self) -> Vec<Response> {
        let Self { slots, models, .. } = self;
        let kept = slots.into_iter().filter_map(|slot| match slot {
            Slot::Done { response, model } if models.takes(model) => Some(*response),
            _ => None,
        });
        kept.collect()
    }
}

impl Sink for Collector<'_> {
    fn begin(&mut self, name: &str) {
        self.file = name.to_owned();
        self.n_lines = 0;
        self.lines = Lines::default();
        self.tally = Tally::default();
    }

    fn push(&mut self, bytes: &[u8]) {
        self.tally.push(bytes);
        let mut lines = std::mem::take(&mut self.lines);
        lines.push(bytes, &mut |number, line| self.on_line(number, line));
        self.lines = lines;
    }

    /// A last line without its line feed counts if it is a whole result.
    fn end(&mut self) {
        let lines = std::mem::take(&mut self.lines).end(&mut |number, line| self.on_line(number, line));
        let sha256 = std::mem::take(&mut self.tally).sha256();
        let record = ImportedFile { name: std::mem::take(&mut self.file), sha256, lines };
        if !self.report.files.iter().any(|known| known.sha256 == record.sha256) {
            self.report.files.push(record);
        }
    }

    fn cut(&mut self, file: &str) {
        self.lines.give_up_rest();
        self.report.cut.add(file.to_owned());
    }
}
