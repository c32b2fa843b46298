//! Pairs out in the order of their training batches: TRL's explicit-prompt conversational form, one JSON object a line,
//! and a text that says how a trainer keeps the order.
//!
//! Every row carries `concord_epoch`, `concord_step` (optimiser step), `concord_batch` and `concord_group` (rows of one
//! prompt), whole numbers from 0; the prefix keeps them apart from columns that trainers read.

use serde::{Deserialize, Serialize};

use super::{BatchColumns, Export, ExportOptions, ExportRow, PairWriter, TextFinder, export_trl};
use crate::data::{RowProblem, Session};

/// A row and its place among the batches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchedRow {
    /// The pair.
    pub row: ExportRow,
    /// Epoch, from 0.
    pub epoch: u32,
    /// Optimiser step, from 0, counted on through the epochs.
    pub step: u32,
    /// Batch, from 0, counted on through the epochs.
    pub batch: u32,
    /// The same for all rows of a prompt.
    pub group: u32,
}

/// What the text beside the file tells about the batches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchPlan {
    /// How they were composed, as a sentence.
    pub composition: String,
    /// Rows of a full batch.
    pub batch_size: u32,
    /// Batches whose gradients are added before the optimiser steps.
    pub batches_per_step: u32,
    /// Epochs written out.
    pub n_epochs: u32,
    /// Seed of the order.
    pub seed: u32,
    /// Every batch but the last has `batch_size` rows.
    pub has_one_size: bool,
}

/// The two files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchExport {
    /// The rows in training order.
    pub rows: Export,
    /// How to train on them, in Markdown.
    pub read_me: String,
}

/// The rows that [`export_batches`] will write, and what is wrong with the others: compose batches of these, so that no
/// group loses a row on the way out.
pub fn writable_rows(session: &Session, rows: &[ExportRow]) -> (Vec<ExportRow>, Vec<RowProblem>) {
    let problems = export_trl(session, rows).problems;
    let mut is_written = vec![true; rows.len()];
    for problem in problems.iter().filter(|problem| problem.left_out) {
        is_written[problem.row as usize - 1] = false;
    }
    let written = rows.iter().zip(is_written).filter(|(_, is_written)| *is_written);
    (written.map(|(row, _)| row.clone()).collect(), problems)
}

/// Writes rows in the order given, which is the training order.
pub fn export_batches(session: &Session, rows: &[BatchedRow], plan: &BatchPlan) -> BatchExport {
    let finder = TextFinder::new(session);
    let mut writer = PairWriter::new(ExportOptions { metadata: false, ..ExportOptions::default() });
    rows.iter().for_each(|row| writer.write(&finder.record(&row.row), Some(row.columns())));
    let rows_out = Export::of(writer);
    let read_me = batches_read_me(plan, rows, rows_out.kept);
    BatchExport { rows: rows_out, read_me }
}

impl BatchedRow {
    /// Its place, as columns.
    pub fn columns(&self) -> BatchColumns {
        BatchColumns { epoch: self.epoch, step: self.step, batch: self.batch, group: self.group }
    }
}

/// How to train on rows in this order, of which `n_rows` were written, in Markdown.
pub fn batches_read_me(plan: &BatchPlan, rows: &[BatchedRow], n_rows: u32) -> String {
    let count = |of: fn(&BatchedRow) -> u32| rows.iter().map(of).max().map_or(0, |last| last + 1);
    let (n_batches, n_steps) = (count(|row| row.batch), count(|row| row.step));
    let BatchPlan { composition, batch_size, batches_per_step, n_epochs, seed, has_one_size } = plan;
    let rows_per_step = u64::from(*batch_size) * u64::from((*batches_per_step).max(1));
    let mut text = format!(
        "# Preference pairs in training order\n\n\
         {n_rows} rows in {n_batches} batches and {n_steps} optimiser steps, {n_epochs} epoch(s), seed {seed}. {composition}\n\n\
         **The order of the lines is the training order. Do not shuffle.** A shuffled file is an ordinary multilingual pair set: over \
         an epoch its objective is the same, but rows of one prompt no longer meet in one step.\n\n\
         Columns: `prompt`, `chosen`, `rejected` as TRL reads them; `prompt_id` and `language`, of the prompt set; `concord_epoch`, `concord_step`, `concord_batch`, `concord_group` \
         say where a row belongs, all from 0.\n\n"
    );
    text.push_str(if *has_one_size { ONE_SIZE } else { SEVERAL_SIZES });
    text.push_str(&format!(
        "\n- Rows of a full batch: B = {batch_size}; of an optimiser step: {rows_per_step}.\n\
         - `per_device_train_batch_size` x devices x `gradient_accumulation_steps` must be {rows_per_step}, or a multiple of it.\n\
         - `num_train_epochs: 1`: every epoch is written out, each in its own order.\n\n"
    ));
    text.push_str(TRAINERS);
    text
}

const ONE_SIZE: &str = "\
Every batch but the last has the same number of rows, so a trainer that reads the file in order cuts it where the batches end.\n";

const SEVERAL_SIZES: &str = "\
Batches differ in size because some groups lack a language, so a fixed batch size would cut groups apart. `train/trl_dpo.py` reads \
`concord_batch` and keeps them whole; for another trainer, compose again with complete groups only.\n";

const TRAINERS: &str = "\
How to keep the order (an export as a zip has a recipe for each in `train/`, with these numbers):\n\n\
- TRL: `python3 train/trl_dpo.py FILE`. By hand, with batches of one size: `train_sampling_strategy=\"sequential\"` and \
`max_length=None`, since TRL drops rows whose prompt is too long, and every later batch would shift.\n\
- LLaMA-Factory: `disable_shuffling: true`, and neither `val_size` nor `streaming`.\n\
- Axolotl: `shuffle_merged_datasets: false` and the plugin `concord_axolotl.InOrder`; a setting alone cannot keep it.\n\
- ms-swift: `--dataset_shuffle false --train_dataloader_shuffle false --split_dataset_ratio 0`. Over several GPUs it spreads a group.\n\
- Nothing that groups by length or packs rows together.\n";

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::data::ProblemKind;
    use crate::data::test_session::{row, sample};

    fn plan(has_one_size: bool) -> BatchPlan {
        BatchPlan {
            composition: "Whole groups.".to_owned(),
            batch_size: 16,
            batches_per_step: 2,
            n_epochs: 1,
            seed: 3,
            has_one_size,
        }
    }

    #[test]
    fn rows_keep_the_order_and_carry_their_place() {
        let batched = |row, batch, group| BatchedRow { row, epoch: 0, step: batch / 2, batch, group };
        let rows = [batched(row("b", 0, 1), 0, 1), batched(row("a", 0, 1), 2, 0)];
        let export = export_batches(&sample(), &rows, &plan(true));
        let lines: Vec<Value> = export.rows.text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines[1]["prompt"][0]["content"], "a in ar?");
        let columns = ["concord_epoch", "concord_step", "concord_batch", "concord_group"];
        assert_eq!(columns.map(|c| lines[0][c].as_u64().unwrap()), [0, 0, 0, 1]);
        assert_eq!(columns.map(|c| lines[1][c].as_u64().unwrap()), [0, 1, 2, 0]);
        assert!(export.read_me.contains("2 rows in 3 batches and 2 optimiser steps"));
        assert!(export.read_me.contains("must be 32, or a multiple"), "{}", export.read_me);
    }

    #[test]
    fn the_text_says_what_to_do_about_batches_of_several_sizes() {
        let read_me = |one| export_batches(&sample(), &[], &plan(one)).read_me;
        assert!(
            read_me(false).contains("compose again with complete groups only")
                && !read_me(true).contains("compose again")
        );
    }

    #[test]
    fn rows_that_cannot_be_written_are_sorted_out_first() {
        let rows = [row("a", 0, 9), row("a", 0, 1), row("x", 0, 1)];
        let (kept, problems) = writable_rows(&sample(), &rows);
        assert_eq!(kept, [row("a", 0, 1)]);
        assert_eq!(
            problems.iter().map(|p| (p.row, p.kind)).collect::<Vec<_>>(),
            [(1, ProblemKind::MissingRecord), (3, ProblemKind::MissingRecord)]
        );
    }
}
