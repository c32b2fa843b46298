//! Writes pairs one after the other, each checked, so that many can be written a few at a time.

use std::collections::BTreeMap;

use super::guards::{Refusal, Texts, checked};
use super::line::{BatchColumns, Line, RowColumn};
use super::shapes::{Labelled, write_row};
use super::warnings::Warnings;
use super::{ExportFormat, ExportOptions, ExportStatuses, PairRecord};
use crate::data::{Language, ProblemKind, RowProblem};

/// A file of rows: UTF-8, one line a row, each ended by `\n`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataFile {
    /// The language of its rows where they have a file each; `None` for all in one.
    pub language: Option<Language>,
    /// The lines.
    pub text: String,
    /// How many.
    pub n_rows: u32,
    /// Their columns, the same in every row.
    pub columns: Vec<RowColumn>,
    /// The same pairs for LLaMA-Factory, which drops rows of lists: in a dataset folder only.
    pub llama_factory: String,
}

/// What was written, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The files: one, or one for each language.
    pub files: Vec<DataFile>,
    /// Their columns, the same in every row.
    pub columns: Vec<RowColumn>,
    /// Pairs written.
    pub n_pairs: u32,
    /// Pairs written in each language, by the canonical tag.
    pub by_language: BTreeMap<Language, u32>,
    /// Pairs written that a person accepted; the others are undecided.
    pub n_accepted: u32,
    /// Texts in them that a person rewrote.
    pub n_edited: u32,
    /// Pairs written whose prompt is a draft that nobody has confirmed.
    pub n_drafts: u32,
    /// Responses that lost leading or trailing white space on the way out.
    pub trimmed: u32,
    /// Rows left out, numbered from 1 as they came in, and warnings about the whole file (row 0).
    pub problems: Vec<RowProblem>,
}

/// Writes pairs in the shape of a format.
#[derive(Debug, Default)]
pub struct PairWriter {
    options: ExportOptions,
    written: Written,
    files: BTreeMap<Option<Language>, DataFile>,
    warnings: Warnings,
    n_seen: u32,
    other_columns: Vec<RowColumn>,
    most_lines: Option<u32>,
}

impl PairWriter {
    /// A writer of whole files.
    pub fn new(options: ExportOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// A writer that checks and counts every pair, but keeps only the first lines.
    pub fn preview(options: ExportOptions, most_lines: u32) -> Self {
        Self { options, most_lines: Some(most_lines), ..Self::default() }
    }

    /// Writes a pair, or lists why not.
    pub fn write(&mut self, record: &PairRecord<'_>, place: Option<BatchColumns>) {
        let Some((texts, rows)) = self.rows_of(record) else { return };
        for labelled in rows {
            self.push(record, texts, labelled, place);
        }
        self.warnings.note([texts.prompt, texts.chosen, texts.rejected], [record.chosen, record.rejected]);
        let written = &mut self.written;
        written.n_pairs += 1;
        *written.by_language.entry(record.language.clone()).or_default() += 1;
        written.n_accepted += u32::from(record.status == crate::data::RowStatus::Accepted);
        written.n_drafts += u32::from(record.is_draft());
        let sides = [record.chosen, record.rejected].into_iter().flatten();
        written.n_edited += sides.map(|side| u32::from(side.is_edited)).sum::<u32>();
        written.trimmed += texts.n_trimmed;
    }

    /// Whether a pair will be written; lists why not.
    pub fn check(&mut self, record: &PairRecord<'_>) -> bool {
        self.rows_of(record).is_some()
    }

    /// The texts of a pair and its rows; listed where it has none.
    fn rows_of<'a>(&mut self, record: &PairRecord<'a>) -> Option<(Texts<'a>, Vec<Option<Labelled<'a>>>)> {
        self.n_seen += 1;
        let found = checked(record).and_then(|texts| Ok((texts, self.labelled(record, texts)?)));
        found.map_err(|refusal| self.refuse(record, refusal)).ok()
    }

    /// The rows of a pair: one without a label, or for KTO each side that the threshold lets through, with its label. A
    /// chosen response may still be bad and a rejected one good, so each is judged by itself.
    fn labelled<'a>(
        &self,
        record: &PairRecord<'_>,
        texts: Texts<'a>,
    ) -> Result<Vec<Option<Labelled<'a>>>, Refusal> {
        if self.options.format != ExportFormat::Kto {
            return Ok(vec![None]);
        }
        let both = [(texts.chosen, true), (texts.rejected, false)];
        let Some(threshold) = self.options.threshold else { return Ok(both.map(Some).to_vec()) };
        let fix = "change the threshold, or leave the row out";
        let no_score = (ProblemKind::NoScore, "a response of the pair has no score to judge it by", fix);
        let scores = record.scores().ok_or(no_score)?;
        let is_as_labelled =
            |(side, score): (Labelled<'a>, f32)| ((score >= threshold) == side.1).then_some(side);
        let rows: Vec<_> = both.into_iter().zip(scores).filter_map(is_as_labelled).map(Some).collect();
        let neither = "chosen is below the threshold, and rejected is not";
        if rows.is_empty() { Err((ProblemKind::BeyondThreshold, neither, fix)) } else { Ok(rows) }
    }

    fn push(
        &mut self,
        record: &PairRecord<'_>,
        texts: Texts<'_>,
        labelled: Option<Labelled<'_>>,
        place: Option<BatchColumns>,
    ) {
        let language = (self.options.format == ExportFormat::Hub).then(|| record.language.clone());
        let file = self.files.entry(language.clone()).or_default();
        file.language = language;
        file.n_rows += 1;
        let before = file.text.len();
        let line = Line::begin(&mut file.text, &mut file.columns);
        write_row(line, &self.options, record, texts, labelled, place);
        if self.most_lines.is_some_and(|most| file.n_rows > most) {
            file.text.truncate(before);
        } else if self.options.format == ExportFormat::Hub {
            let options = ExportOptions { metadata: false, ..ExportOptions::of(ExportFormat::LlamaFactory) };
            let line = Line::begin(&mut file.llama_factory, &mut self.other_columns);
            write_row(line, &options, record, texts, None, None);
        }
    }

    /// Takes the lines so far out of the files that have some, whose counts and columns stay, so that no more than some are in memory.
    pub fn take_lines(&mut self) -> Vec<DataFile> {
        let written = self.files.values_mut().filter(|file| !file.text.is_empty());
        let taken = written.map(|file| DataFile {
            text: std::mem::take(&mut file.text),
            llama_factory: std::mem::take(&mut file.llama_factory),
            ..file.clone()
        });
        taken.collect()
    }

    /// Which rows are to go out.
    pub fn statuses(&self) -> ExportStatuses {
        self.options.statuses
    }

    /// Lists a row on which people differ; it never goes out.
    pub fn refuse_conflict(&mut self, prompt_id: &str, language: &Language) {
        self.n_seen += 1;
        let reason = "several people decided differently";
        self.list(prompt_id, language, (ProblemKind::Conflict, reason, "settle it on the desk"));
    }

    fn refuse(&mut self, record: &PairRecord<'_>, refusal: Refusal) {
        self.list(record.prompt_id, record.language, refusal);
    }

    fn list(&mut self, prompt_id: &str, language: &Language, (kind, reason, fix): Refusal) {
        self.written.problems.push(RowProblem {
            row: self.n_seen,
            prompt_id: Some(prompt_id.to_owned()),
            language: Some(language.clone()),
            kind,
            reason: reason.to_owned(),
            fix: fix.to_owned(),
            left_out: true,
        });
    }

    /// The files, with the warnings about them.
    pub fn finish(self) -> Written {
        let Self { options, mut written, files, warnings, .. } = self;
        for (language, file) in &files {
            // Parquet says what its columns are, so no loader guesses.
            let guessed = file.columns.iter().filter(|column| column.is_all_dates && !options.parquet);
            for column in guessed {
                written.problems.push(super::warnings::dates(column.name, language.as_ref()));
            }
        }
        written.problems.extend(warnings.problems());
        written.problems.extend(super::warnings::drafts(written.n_drafts));
        written.problems.extend(super::warnings::of_format(&options));
        written.files = files.into_values().collect();
        written.columns = written.files.first().map(|file| file.columns.clone()).unwrap_or_default();
        written
    }
}

impl Written {
    /// The lines of all files, one after the other.
    pub fn into_text(mut self) -> String {
        if self.files.len() == 1 {
            return self.files.pop().map(|file| file.text).unwrap_or_default();
        }
        self.files.into_iter().map(|file| file.text).collect()
    }

    /// Lines written.
    pub fn n_rows(&self) -> u32 {
        self.files.iter().map(|file| file.n_rows).sum()
    }
}
