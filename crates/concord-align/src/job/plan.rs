//! The requests of a job, in shards.

use std::ops::Range;

use super::{Dialect, Form, Job, RequestId, request_line};

/// Most lines of a shard: of the services that take files, OpenAI allows 50,000.
const MOST_LINES: usize = 20_000;
/// Most bytes of a shard: of the services that take files, OpenAI allows 200 MB.
const MOST_BYTES: usize = 180_000_000;

/// How a job's requests are written.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    job: &'a Job,
    form: Form,
    most_lines: usize,
    most_bytes: usize,
}

/// A file of requests. It holds whole prompts: all requests of a prompt are in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    /// The prompts it asks, by their lines.
    pub prompts: Range<usize>,
    /// How many lines it has.
    pub n_lines: usize,
    /// The lines.
    pub text: String,
}

impl<'a> Plan<'a> {
    /// The requests in a form, or for a kind of server.
    pub fn new(job: &'a Job, form: impl Into<Form>) -> Self {
        Self { job, form: form.into(), most_lines: MOST_LINES, most_bytes: MOST_BYTES }
    }

    /// With at most so many lines a shard, for more and smaller ones.
    pub fn with_most_lines(self, most_lines: usize) -> Self {
        Self { most_lines: most_lines.clamp(1, MOST_LINES), ..self }
    }

    /// The job.
    pub fn job(&self) -> &'a Job {
        self.job
    }

    /// How they are written.
    pub fn form(&self) -> Form {
        self.form
    }

    /// The kind of server.
    pub fn dialect(&self) -> Dialect {
        self.form.server
    }

    /// How many samples a request asks for.
    pub fn samples_per_request(&self) -> u32 {
        self.form.server.samples_per_request(self.job.config.n)
    }

    /// How many requests there are.
    pub fn n_requests(&self) -> usize {
        let per_text = self.job.config.n.div_ceil(self.samples_per_request()) as usize;
        (0..self.job.prompts.len()).map(|line| self.job.languages_at(line).count() * per_text).sum()
    }

    /// The requests of the prompt at a line: language by language, from the first sample on.
    pub fn requests_of(&self, line: usize) -> impl Iterator<Item = RequestId> {
        let (n, step) = (self.job.config.n, self.samples_per_request());
        self.job.languages_at(line).flat_map(move |language| {
            (0..n).step_by(step as usize).map(move |first| RequestId {
                job: self.job.short().to_owned(),
                line,
                language: language.clone(),
                first,
                count: step.min(n - first),
            })
        })
    }

    /// The shards, one at a time. A prompt whose requests alone are too many for one has a shard of its own.
    pub fn shards(&self) -> impl Iterator<Item = Shard> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let shard = self.shard_from(next)?;
            next = shard.prompts.end;
            Some(shard)
        })
    }

    /// The shard that begins with the prompt at a line; `None` where nothing is left to ask.
    pub(super) fn shard_from(&self, first: usize) -> Option<Shard> {
        let mut shard = Shard { prompts: first..first, n_lines: 0, text: String::new() };
        while shard.prompts.end < self.job.prompts.len() {
            let mut lines = String::new();
            let mut n_lines = 0;
            for id in self.requests_of(shard.prompts.end) {
                lines += &request_line(self.job, &id, self.form);
                n_lines += 1;
            }
            let fits = shard.n_lines + n_lines <= self.most_lines
                && shard.text.len() + lines.len() <= self.most_bytes;
            if shard.n_lines > 0 && !fits {
                break;
            }
            shard.prompts.end += 1;
            shard.n_lines += n_lines;
            shard.text += &lines;
        }
        (shard.n_lines > 0).then_some(shard)
    }
}
