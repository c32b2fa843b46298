//! A pair as a line: TRL's three columns, whose pair it is, and what the method said, under names that no trainer reads.
//!
//! A row without a pair has its reason in `concord_skip` and empty lists as `chosen` and `rejected`, so that every row has
//! every column. TRL's columns are written by the exporter of the page, with its guards.

use concord_align::data::{
    ExportOptions, ExportRow, Pair, PairRecord, PairWriter, Prompt, Reference, Response, RowParts, Session,
    SkipReason,
};
use serde::Serialize;
use serde_json::json;

use crate::error::CliError;
use crate::input::Job;

/// The columns of a row of pairs.
pub(crate) const PAIR_COLUMNS: [&str; 13] = [
    "prompt",
    "chosen",
    "rejected",
    "prompt_id",
    "language",
    "concord_chosen_sample",
    "concord_rejected_sample",
    "concord_scores",
    "concord_cosine",
    "concord_margin",
    "concord_skip",
    "concord_reference_sample",
    "concord_method",
];

/// What the method said.
#[derive(Serialize)]
struct Said<'a> {
    concord_chosen_sample: Option<u32>,
    concord_rejected_sample: Option<u32>,
    concord_scores: &'a [f32],
    concord_cosine: &'a [f32],
    concord_margin: Option<f32>,
    concord_skip: Option<SkipReason>,
    concord_reference_sample: Option<u32>,
    concord_method: &'a str,
}

/// Makes lines of pairs.
#[derive(Debug)]
pub(crate) struct PairLines {
    /// A session of settings and a model alone.
    shell: Session,
    has_drafts: bool,
}

impl PairLines {
    pub(crate) fn new(job: &Job) -> Self {
        let shell = Session { config: job.config.clone(), model: job.model.clone(), ..Session::default() };
        Self { shell, has_drafts: job.prompts.iter().any(|prompt| !prompt.drafts.is_empty()) }
    }

    /// The line of a pair without its end, and whether a trainer may read it as one.
    pub(crate) fn line(
        &self,
        prompt: &Prompt,
        reference: &Reference,
        pair: &Pair,
        responses: &[Response],
    ) -> Result<(String, bool), CliError> {
        let of_trl = self.of_trl(prompt, pair, responses);
        let is_pair = of_trl.is_some();
        let mut line = match of_trl {
            Some(line) => line,
            None => self.without_sides(prompt, pair)?,
        };
        let said = Said {
            concord_chosen_sample: pair.chosen,
            concord_rejected_sample: pair.rejected,
            concord_scores: &pair.scores,
            concord_cosine: &pair.cosine,
            concord_margin: pair.margin,
            concord_skip: pair.skip,
            concord_reference_sample: reference.sample,
            concord_method: self.shell.config.picked_by(),
        };
        let said = serde_json::to_string(&said).map_err(|error| CliError::Bug(error.to_string()))?;
        line.truncate(line.trim_end().len() - 1);
        line.push(',');
        line.push_str(&said[1..]);
        Ok((line, is_pair))
    }

    /// The line of a pair that a trainer would read rightly.
    fn of_trl(&self, prompt: &Prompt, pair: &Pair, responses: &[Response]) -> Option<String> {
        let row = ExportRow::of_pair(pair)?;
        let parts =
            RowParts { prompt: Some(prompt), pair: Some(pair), reference: None, has_drafts: self.has_drafts };
        let own = responses.iter().filter(|response| response.language == pair.language);
        let record = PairRecord::of(&self.shell, &row, parts, own);
        let mut writer = PairWriter::new(ExportOptions { metadata: false, ..ExportOptions::default() });
        writer.write(&record, None);
        Some(writer.finish().into_text()).filter(|text| !text.is_empty())
    }

    fn without_sides(&self, prompt: &Prompt, pair: &Pair) -> Result<String, CliError> {
        let text = prompt.text.get(&pair.language).map(String::as_str).unwrap_or_default();
        let spelling = self.shell.config.spellings.of(&pair.language).unwrap_or(pair.language.as_str());
        let all = [
            json!([{ "role": "user", "content": text }]),
            json!([]),
            json!([]),
            json!(pair.prompt_id),
            json!(spelling),
        ];
        let cells = PAIR_COLUMNS.iter().zip(all).map(|(name, value)| format!("\"{name}\":{value}"));
        let line = format!("{{{}}}", cells.collect::<Vec<_>>().join(","));
        // As in the lines of pairs: some readers break lines at these.
        let escaped = line.replace('\u{85}', "\\u0085").replace('\u{2028}', "\\u2028");
        Ok(escaped.replace('\u{2029}', "\\u2029"))
    }
}
