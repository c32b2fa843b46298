//! Rows in training batches: which go together, and where each of them stands.

use clap::Args;
use concord_align::align::batchwise::BatchItem;
use concord_align::align::{BatchSettings, Batches, Composition, compose};
use concord_align::data::{BatchColumns, ExportRow, ExportStatuses, PairRecord, PairWriter};

use super::super::named;
use super::rows::{Rows, Seen};
use crate::error::CliError;

/// How rows are put in batches.
#[derive(Debug, Args)]
pub(super) struct BatchArgs {
    /// Write the rows in training order: every batch holds whole groups, a prompt's pairs in all its languages
    #[arg(long)]
    pub(super) batches: bool,
    /// What a batch is made of
    #[arg(long, requires = "batches", value_parser = named::one_of(&Composition::ALL, Composition::as_str), default_value = "anchor-included")]
    composition: Composition,
    /// Groups in a batch
    #[arg(long, requires = "batches", value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=1024))]
    groups_per_batch: u32,
    /// Batches of an optimiser step
    #[arg(long, requires = "batches", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    batches_per_step: u32,
    /// Epochs written out, each in its own order
    #[arg(long, requires = "batches", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    epochs: u32,
    /// Seed of the order
    #[arg(long, requires = "batches", value_name = "N", default_value_t = 1)]
    seed: u32,
    /// Leave out groups without all languages, so that every batch has one size
    #[arg(long, requires = "batches")]
    complete_groups_only: bool,
}

impl BatchArgs {
    fn settings(&self) -> BatchSettings {
        BatchSettings {
            composition: self.composition,
            groups_per_batch: self.groups_per_batch,
            batches_per_step: self.batches_per_step,
            n_epochs: self.epochs,
            seed: self.seed,
            complete_groups_only: self.complete_groups_only,
        }
    }
}

/// The batches of all rows that can be written, and the places of each.
pub(super) struct Composed {
    pub(super) batches: Batches,
    /// The rows that the batches are of.
    pub(super) rows: Vec<ExportRow>,
    /// By the row, counted as they are seen: every place in training order, one for each epoch.
    places: Vec<Vec<(usize, BatchColumns)>>,
}

impl Composed {
    /// Looks at all rows and composes. A row that cannot be written is listed by the writer and belongs to no group.
    pub(super) fn of(rows: &mut Rows, args: &BatchArgs, writer: &mut PairWriter) -> Result<Self, CliError> {
        let (mut items, mut taken, mut item_of) = (Vec::new(), Vec::new(), Vec::new());
        rows.each(writer.statuses(), &mut |seen| {
            match seen {
                Seen::Conflict(prompt_id, language) => writer.refuse_conflict(prompt_id, language),
                Seen::Row(row, record) => {
                    let is_written = writer.check(record);
                    item_of.push(is_written.then_some(items.len()));
                    if is_written {
                        items.push(item(row));
                        taken.push(row.clone());
                    }
                }
            }
            Ok(())
        })?;
        let batches = compose(&items, &rows.session().config.anchor, &args.settings());
        let mut of_items = vec![Vec::new(); items.len()];
        let mut position = 0;
        for (batch, number) in batches.batches.iter().zip(0..) {
            for &item in &batch.items {
                let group = batches.group_of[item as usize];
                let columns = BatchColumns { epoch: batch.epoch, step: batch.step, batch: number, group };
                of_items[item as usize].push((position, columns));
                position += 1;
            }
        }
        let mut of_item = |item: Option<usize>| item.map(|i| std::mem::take(&mut of_items[i]));
        let places = item_of.into_iter().map(|item| of_item(item).unwrap_or_default()).collect();
        Ok(Self { batches, rows: taken, places })
    }

    /// Shows every row at each of its places. Rows come as in the session, so the places do not.
    pub(super) fn each(
        &self,
        rows: &mut Rows,
        statuses: ExportStatuses,
        visit: &mut dyn FnMut(&PairRecord<'_>, usize, BatchColumns) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let mut places = self.places.iter();
        rows.each(statuses, &mut |seen| {
            let Seen::Row(_, record) = seen else { return Ok(()) };
            let of_row = places.next().into_iter().flatten();
            of_row.copied().try_for_each(|(position, columns)| visit(record, position, columns))
        })
    }
}

fn item(row: &ExportRow) -> BatchItem {
    // Tokens are counted for statistics only.
    BatchItem { prompt_id: row.prompt_id.clone(), language: row.language.clone(), n_tokens: 0 }
}
