//! What was measured of responses, from lines of their own: cosines and forced scores, as a session has them.

use std::path::PathBuf;

use concord_align::data::{Measurements, RowScores, Similarity, TranslationScores};
use serde::Deserialize;

use super::job::Job;
use super::rows::Rows;
use crate::error::{CliError, Place};

/// A line: one record of a session, under the name of what it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Measured {
    /// Cosines between the responses of a prompt.
    Similarity(Similarity),
    /// The same of the generator's own states.
    States(Similarity),
    /// Scores of responses after their own prompts.
    Own(RowScores),
    /// Scores of responses after the anchor's prompt.
    Instructed(RowScores),
    /// Scores of the anchor's responses as translations.
    Translations(TranslationScores),
}

impl Measured {
    fn prompt_id(&self) -> &str {
        match self {
            Self::Similarity(found) | Self::States(found) => &found.prompt_id,
            Self::Own(found) | Self::Instructed(found) => &found.prompt_id,
            Self::Translations(found) => &found.prompt_id,
        }
    }
}

/// The lines of files, in the order of the job's prompts.
#[derive(Debug)]
pub(super) struct MeasuredRows {
    rows: Rows,
    ahead: Option<(usize, Measured)>,
    last: usize,
}

impl MeasuredRows {
    pub(super) fn new(files: Vec<PathBuf>) -> Self {
        Self { rows: Rows::any(files), ahead: None, last: 0 }
    }

    /// What there is of a prompt; prompts are asked in order.
    pub(super) fn of(
        &mut self,
        job: &Job,
        prompt_idx: usize,
    ) -> Result<(Option<Similarity>, Measurements), CliError> {
        let (mut similarity, mut all) = (None, Measurements::default());
        loop {
            if self.ahead.is_none() {
                self.ahead = self.next(job)?;
            }
            match self.ahead.take_if(|(place, _)| *place <= prompt_idx) {
                Some((place, _)) if place < prompt_idx => {}
                Some((_, Measured::Similarity(found))) => similarity = Some(found),
                Some((_, Measured::States(found))) => all.states.push(found),
                Some((_, Measured::Own(found))) => all.own.push(found),
                Some((_, Measured::Instructed(found))) => all.instructed.push(found),
                Some((_, Measured::Translations(found))) => all.translations.push(found),
                None => return Ok((similarity, all)),
            }
        }
    }

    fn next(&mut self, job: &Job) -> Result<Option<(usize, Measured)>, CliError> {
        let Some(record) = self.rows.next_record()? else { return Ok(None) };
        let place = self.rows.place();
        let found: Measured = record.parse(&place)?;
        let at = in_order(job, found.prompt_id(), self.last, &place)?;
        self.last = at;
        Ok(Some((at, found)))
    }
}

/// The place of a prompt, which must not be before the one that was read last.
pub(super) fn in_order(job: &Job, prompt_id: &str, last: usize, place: &Place) -> Result<usize, CliError> {
    let (place, owned) = (place.clone(), prompt_id.to_owned());
    match job.place(prompt_id) {
        None => Err(CliError::UnknownPrompt { place, prompt_id: owned }),
        Some(at) if at < last => Err(CliError::Order { place, prompt_id: owned }),
        Some(at) => Ok(at),
    }
}
