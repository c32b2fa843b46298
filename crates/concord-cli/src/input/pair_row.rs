//! A pair as a row of a file, as `concord select` writes it.

use std::collections::HashMap;
use std::path::PathBuf;

use concord_align::data::{Language, Pair, SessionConfig, SkipReason};
use serde::Deserialize;

use super::job::Job;
use super::measured::in_order;
use super::rows::{Needs, Rows};
use crate::error::CliError;

const NEEDS: Needs = Needs {
    columns: &["prompt_id", "language", "concord_chosen_sample", "concord_rejected_sample"],
    told: "prompt_id, language, concord_chosen_sample and concord_rejected_sample, as `concord select` writes them",
};

#[derive(Debug, Deserialize)]
struct Written {
    prompt_id: Option<String>,
    language: Option<String>,
    concord_chosen_sample: Option<u32>,
    concord_rejected_sample: Option<u32>,
    concord_scores: Option<Vec<f32>>,
    concord_cosine: Option<Vec<f32>>,
    concord_margin: Option<f32>,
    concord_skip: Option<SkipReason>,
    concord_reference_sample: Option<u32>,
    concord_method: Option<String>,
}

/// A pair with what is written beside it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PairRow {
    pub(crate) pair: Pair,
    pub(crate) reference: Option<u32>,
    pub(crate) method: String,
}

/// Rows of pairs in the order of the job's prompts.
#[derive(Debug)]
pub(crate) struct PairRows {
    rows: Rows,
    languages: HashMap<String, Language>,
    ahead: Option<(usize, PairRow)>,
    last: usize,
}

/// The languages of the settings by the spellings that files have.
fn languages_by_spelling(config: &SessionConfig) -> HashMap<String, Language> {
    let spelling = |language: &Language| {
        let spelling = config.spellings.of(language).unwrap_or(language.as_str());
        (spelling.to_owned(), language.clone())
    };
    config.languages.iter().map(spelling).collect()
}

impl PairRow {
    /// The rows of files.
    pub(crate) fn rows(files: Vec<PathBuf>, job: &Job) -> PairRows {
        let languages = languages_by_spelling(&job.config);
        PairRows { rows: Rows::new(files, NEEDS), languages, ahead: None, last: 0 }
    }
}

impl PairRows {
    /// The rows of a prompt; prompts are asked in order.
    pub(crate) fn of(&mut self, job: &Job, prompt_idx: usize) -> Result<Vec<PairRow>, CliError> {
        let mut found = Vec::new();
        loop {
            if self.ahead.is_none() {
                self.ahead = self.next(job)?;
            }
            match self.ahead.take_if(|(at, _)| *at <= prompt_idx) {
                Some((at, row)) if at == prompt_idx => found.push(row),
                Some(_) => {}
                None => return Ok(found),
            }
        }
    }

    fn next(&mut self, job: &Job) -> Result<Option<(usize, PairRow)>, CliError> {
        let Some(record) = self.rows.next_record()? else { return Ok(None) };
        let place = self.rows.place();
        let row: Written = record.parse(&place)?;
        let missing = |column| CliError::Missing { place: place.clone(), column, needed: NEEDS.told };
        let prompt_id = row.prompt_id.ok_or_else(|| missing("prompt_id"))?;
        let written = row.language.ok_or_else(|| missing("language"))?;
        let at = in_order(job, &prompt_id, self.last, &place)?;
        self.last = at;
        let language = self.languages.get(&written).cloned();
        let pair = Pair {
            prompt_id,
            language: language.unwrap_or_else(|| Language::from(written.as_str())),
            chosen: row.concord_chosen_sample,
            rejected: row.concord_rejected_sample,
            scores: row.concord_scores.unwrap_or_default(),
            cosine: row.concord_cosine.unwrap_or_default(),
            margin: row.concord_margin,
            skip: row.concord_skip,
        };
        let (reference, method) = (row.concord_reference_sample, row.concord_method.unwrap_or_default());
        Ok(Some((at, PairRow { pair, reference, method })))
    }
}
