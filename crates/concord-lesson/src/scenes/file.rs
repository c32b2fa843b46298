//! Step 10: what is taken home, line by line.

use serde::{Deserialize, Serialize};

use super::super::{question::Question, shown::Shown, staged::Staged};
use crate::data::{ExportRow, InOrder, RowRecord, export_trl};

/// Cuts that are asked about are whole steps of this size.
const STEP: f32 = 0.05;

/// The file that a trainer reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileScene {
    /// Its first line, as it stands in the file.
    pub line: String,
    /// The prompt of that line.
    pub prompt: String,
    /// Its chosen response.
    pub chosen: Shown,
    /// Its rejected response.
    pub rejected: Shown,
    /// Lines of the whole file.
    pub n_lines: usize,
    /// Margins of the pairs behind the lines, in their order.
    pub margins: Vec<f32>,
    /// The margin below which pairs would be left out.
    pub cut: f32,
}

impl FileScene {
    /// Writes all pairs as a trainer reads them.
    pub fn of(staged: &Staged) -> Option<Self> {
        let session = &staged.session;
        let row = |pair: &crate::data::Pair| {
            Some(ExportRow {
                prompt_id: pair.prompt_id.clone(),
                language: pair.language.clone(),
                chosen: pair.chosen?,
                rejected: pair.rejected?,
                record: RowRecord::default(),
            })
        };
        let rows: Vec<ExportRow> = session.pairs.iter().filter_map(row).collect();
        let margins = session.pairs.iter().filter(|pair| row(pair).is_some()).filter_map(|pair| pair.margin);
        let margins: Vec<f32> = margins.collect();
        let first = rows.first()?;
        let response = |sample| session.response(&first.prompt_id, &first.language, sample).map(Shown::of);
        let prompt = session.prompts.iter().find(|prompt| prompt.id == first.prompt_id)?;
        let export = export_trl(session, &rows);
        if export.kept as usize != margins.len() {
            return None;
        }
        // About half of the lines are left.
        let mut sorted = margins.clone();
        sorted.order_by(f32::total_cmp);
        let cut = ((sorted[sorted.len() / 2] / STEP).round() * STEP).max(session.config.min_margin + STEP);
        Some(Self {
            line: export.text.lines().next()?.to_owned(),
            prompt: prompt.text.get(&first.language)?.clone(),
            chosen: response(first.chosen)?,
            rejected: response(first.rejected)?,
            n_lines: export.kept as usize,
            margins,
            cut,
        })
    }

    /// Lines that would be left with the cut.
    pub fn n_left(&self) -> usize {
        self.margins.iter().filter(|margin| **margin >= self.cut).count()
    }

    /// The numbers of lines that are offered, ascending.
    pub fn options(&self) -> Vec<usize> {
        let (left, all) = (self.n_left(), self.n_lines);
        let mut options = vec![0, left / 2, left, usize::midpoint(left, all), all];
        options.order();
        options.dedup();
        options
    }

    /// How many lines are left if pairs with a smaller margin are left out?
    pub fn question(&self) -> Question {
        let (options, left) = (self.options(), self.n_left());
        let right = options.iter().position(|option| *option == left).into_iter().collect();
        Question::One { n_options: options.len(), right }
    }
}
