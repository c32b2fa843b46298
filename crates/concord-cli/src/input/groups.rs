//! All that there is of one prompt, prompt after prompt, so that no more than one is in memory.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::path::PathBuf;

use concord_align::align::{Material, PromptIndex};
use concord_align::data::{InOrder, Language, Measurements, Prompt, Response, Similarity};
use serde::Deserialize;

use super::job::Job;
use super::measured::{MeasuredRows, in_order};
use super::response_row::{NEEDS, ResponseRow, read_text};
use super::rows::{Record, Rows};
use crate::error::{CliError, Place};

/// The responses of a prompt and what was measured of them.
#[derive(Debug)]
pub(crate) struct Group {
    /// The place of the prompt in the job.
    pub(crate) prompt_idx: usize,
    /// By language in the order of the settings, then by sample.
    pub(crate) responses: Vec<Response>,
    pub(crate) similarity: Option<Similarity>,
    pub(crate) measurements: Measurements,
}

impl Group {
    /// What the methods look at.
    pub(crate) fn index<'a>(&'a self, prompt: &'a Prompt) -> PromptIndex<'a> {
        PromptIndex::new(Material {
            prompts: std::slice::from_ref(prompt),
            responses: &self.responses,
            similarities: self.similarity.as_slice(),
            measurements: &self.measurements,
        })
    }
}

/// Gives the groups of some prompts in order, one for each, with or without responses.
pub(crate) trait Grouped {
    /// The next group; `None` after the last.
    fn next_group(&mut self) -> Result<Option<Group>, CliError>;
}

/// Groups of files of rows.
#[derive(Debug)]
pub(super) struct FileGroups<'j> {
    job: &'j Job,
    rows: Rows,
    measured: MeasuredRows,
    /// The first prompt that is wanted.
    first: usize,
    /// Those that are left.
    range: Range<usize>,
    reads_texts: bool,
    /// The first row of a later prompt.
    ahead: Option<(usize, Place, Response)>,
    last: usize,
}

/// Whose row it is; the rest of it is passed over.
#[derive(Deserialize)]
struct Owner<'a> {
    #[serde(borrow)]
    prompt_id: Option<Cow<'a, str>>,
}

impl<'j> FileGroups<'j> {
    /// Of the prompts in `range`; `reads_texts` says whether answers and languages are wanted.
    pub(super) fn new(
        job: &'j Job,
        [responses, measured]: [Vec<PathBuf>; 2],
        range: Range<usize>,
        reads_texts: bool,
    ) -> Self {
        Self {
            job,
            rows: Rows::new(from_first(job, responses, range.start), NEEDS),
            measured: MeasuredRows::new(measured),
            first: range.start,
            range,
            reads_texts,
            ahead: None,
            last: 0,
        }
    }

    /// The next row of a prompt that is not before the range.
    fn next_row(&mut self) -> Result<Option<(usize, Place, Response)>, CliError> {
        while let Some(record) = self.rows.next_record()? {
            let place = self.rows.place();
            if self.first > 0
                && let Some(owner) = owner_of(&record)
                && let Some(at) = self.job.place(&owner).filter(|at| *at < self.first)
                && at >= self.last
            {
                self.last = at;
                continue;
            }
            let row: ResponseRow = record.parse(&place)?;
            let response = row.into_response(self.job, &place)?;
            let at = in_order(self.job, &response.prompt_id, self.last, &place)?;
            self.last = at;
            return Ok(Some((at, place, response)));
        }
        Ok(None)
    }
}

/// The files from the one on in which the prompt at `first` may begin, so that a late shard does not read all before it.
fn from_first(job: &Job, files: Vec<PathBuf>, first: usize) -> Vec<PathBuf> {
    if first == 0 || files.len() < 2 {
        return files;
    }
    let start_of = |file: &PathBuf| {
        let record = Rows::new(vec![file.clone()], NEEDS).next_record().ok()??;
        job.place(&owner_of(&record)?)
    };
    let starts: Option<Vec<usize>> = files.iter().map(start_of).collect();
    // Files that cannot be told or are in another order are read from the beginning, where what is wrong is found.
    let Some(starts) = starts.filter(|starts| starts.is_sorted()) else { return files };
    let n_before = starts.partition_point(|start| *start < first).saturating_sub(1);
    files.into_iter().skip(n_before).collect()
}

/// The prompt of a row, where that can be told at a glance.
fn owner_of(record: &Record) -> Option<String> {
    match record {
        Record::Line(line) => serde_json::from_slice::<Owner<'_>>(line).ok()?.prompt_id.map(Cow::into_owned),
        Record::Row(row) => row.get("prompt_id")?.as_str().map(str::to_owned),
    }
}

impl Grouped for FileGroups<'_> {
    fn next_group(&mut self) -> Result<Option<Group>, CliError> {
        let Some(prompt_idx) = self.range.next() else { return Ok(None) };
        let (mut responses, mut seen) = (Vec::new(), HashSet::new());
        loop {
            if self.ahead.is_none() {
                self.ahead = self.next_row()?;
            }
            let Some((_, place, response)) = self.ahead.take_if(|(at, ..)| *at == prompt_idx) else { break };
            if !seen.insert((response.language.clone(), response.sample)) {
                let reason = format!(
                    "{}, {}, sample {} is there twice: keep one, such as by `concord merge`",
                    response.prompt_id,
                    response.language.as_str(),
                    response.sample
                );
                return Err(CliError::Value { place, reason });
            }
            responses.push(response);
        }
        for response in &mut responses {
            response.separate_reasoning();
        }
        if self.reads_texts {
            let looks_for_language = self.job.config.language_gate;
            responses.iter_mut().for_each(|response| read_text(response, looks_for_language));
        }
        in_order_of(&mut responses, &self.job.config.languages);
        let (similarity, measurements) = self.measured.of(self.job, prompt_idx)?;
        Ok(Some(Group { prompt_idx, responses, similarity, measurements }))
    }
}

/// By language as the settings have them, others after them, and by sample.
pub(super) fn in_order_of(responses: &mut [Response], languages: &[Language]) {
    let place = |language: &Language| languages.iter().position(|own| own == language).unwrap_or(usize::MAX);
    responses.order_by_key(|response| (place(&response.language), response.sample));
}
