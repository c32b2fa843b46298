//! The rows of a desk as an export takes them.

use super::{Desk, Row};
use crate::align::{BatchSettings, Batches, batchwise::BatchItem, compose};
use crate::data::{
    BatchedRow, ExportOptions, ExportOrder, ExportRow, ExportStatuses, PairRecord, PairWriter, RowParts,
    RowStatus, Written,
};

/// How many rows an export could hold, and how many it never does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportCounts {
    /// Rows that somebody accepted.
    pub n_accepted: usize,
    /// Rows with a pair that nobody has judged.
    pub n_undecided: usize,
    /// Rows that people decided differently.
    pub n_conflict: usize,
    /// Rows with another verdict, or left out.
    pub n_left_out: usize,
}

impl ExportCounts {
    /// Counts rows.
    pub fn of(rows: &[Row]) -> Self {
        let mut counts = Self::default();
        for row in rows {
            let count = match row.state.status {
                _ if row.is_conflict() => &mut counts.n_conflict,
                RowStatus::Accepted if row.has_pair() => &mut counts.n_accepted,
                RowStatus::Undecided if row.has_pair() => &mut counts.n_undecided,
                RowStatus::Accepted | RowStatus::Undecided => continue,
                _ => &mut counts.n_left_out,
            };
            *count += 1;
        }
        counts
    }
}

impl Desk {
    /// The rows of these statuses, in the session's order.
    pub fn export_rows(&self, statuses: ExportStatuses) -> Vec<ExportRow> {
        let rows = self.curation().rows().iter().filter_map(Row::export);
        rows.filter(|row| statuses.takes(row.record.status)).collect()
    }

    /// Writes the row at a place if it goes out, and lists it if people differ on it; `false` where there is no such row.
    pub fn write_row(&self, at: usize, writer: &mut PairWriter) -> bool {
        let Some(row) = self.curation().rows().get(at) else { return false };
        if row.is_conflict() {
            writer.refuse_conflict(&row.prompt_id, &row.language);
        } else if let Some(row) = row.export().filter(|row| writer.statuses().takes(row.record.status)) {
            writer.write(&self.pair_record(&row), None);
        }
        true
    }

    /// A row with all that stands behind it.
    pub fn pair_record<'a>(&'a self, row: &'a ExportRow) -> PairRecord<'a> {
        let cell = self.cell_of(&row.prompt_id, &row.language);
        let of_row = cell.and_then(|cell| self.beneath(self.row_idx(cell)?));
        let reference = cell.and_then(|cell| self.reference(cell.prompt));
        let parts = RowParts {
            prompt: of_row.map(|(prompt, _)| prompt),
            pair: of_row.and_then(|(_, pair)| pair),
            reference: reference
                .and_then(|found| self.response(&row.prompt_id, &found.language, found.sample?)),
            has_drafts: self.has_drafts(),
        };
        PairRecord::of(self.session(), row, parts, self.responses(&row.prompt_id, &row.language))
    }
}

/// Writes a desk's pairs, a row at a step, so that nobody waits for all of them.
#[derive(Debug)]
pub struct Exporter {
    writer: PairWriter,
    order: ExportOrder,
    settings: BatchSettings,
    next: usize,
    rows: Vec<ExportRow>,
    items: Vec<BatchItem>,
    batches: Option<(Vec<BatchedRow>, Batches)>,
}

/// What was written, and in which batches.
#[derive(Clone, Debug, Default)]
pub struct Exported {
    /// The rows and what was left out.
    pub written: Written,
    /// The rows in the order of their batches, where they are in that order.
    pub batches: Option<(Vec<BatchedRow>, Batches)>,
}

impl Exporter {
    /// Begins an export; with `most_lines` only so many lines are kept, and all are counted.
    pub fn new(options: ExportOptions, settings: BatchSettings, most_lines: Option<u32>) -> Self {
        let order = options.order;
        let writer = match most_lines {
            Some(most) => PairWriter::preview(options, most),
            None => PairWriter::new(options),
        };
        Self { writer, order, settings, next: 0, rows: Vec::new(), items: Vec::new(), batches: None }
    }

    /// Goes on by a row of the same desk; `false` where there is none left.
    pub fn step(&mut self, desk: &Desk) -> bool {
        let at = self.next;
        self.next += 1;
        if self.order == ExportOrder::Session {
            return desk.write_row(at, &mut self.writer);
        }
        if let Some((rows, _)) = &self.batches {
            let Some(row) = rows.get(at) else { return false };
            self.writer.write(&desk.pair_record(&row.row), Some(row.columns()));
            return true;
        }
        if at < desk.curation().rows().len() {
            self.gather(desk, at);
        } else {
            let batches = compose(&self.items, &desk.session().config.anchor, &self.settings);
            self.batches = Some((batches.batched_rows(&self.rows), batches));
            self.next = 0;
        }
        true
    }

    /// Takes a row to be composed if it can be written: a group must not lose one on the way out.
    fn gather(&mut self, desk: &Desk, at: usize) {
        let row = &desk.curation().rows()[at];
        if row.is_conflict() {
            return self.writer.refuse_conflict(&row.prompt_id, &row.language);
        }
        let statuses = self.writer.statuses();
        let Some(row) = row.export().filter(|row| statuses.takes(row.record.status)) else { return };
        if !self.writer.check(&desk.pair_record(&row)) {
            return;
        }
        let response = |sample| desk.response(&row.prompt_id, &row.language, sample);
        let n_tokens = |sample| response(sample).map_or(0, |response| response.tokens.len() as u32);
        let n_tokens = n_tokens(row.chosen) + n_tokens(row.rejected);
        self.items.push(BatchItem {
            prompt_id: row.prompt_id.clone(),
            language: row.language.clone(),
            n_tokens,
        });
        self.rows.push(row);
    }

    /// What was written.
    pub fn finish(self) -> Exported {
        Exported { written: self.writer.finish(), batches: self.batches }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{CurationAct, CurationEvent, ProblemKind, RowState, test_session::sample};

    fn whole(desk: &Desk, options: ExportOptions) -> Exported {
        let mut exporter = Exporter::new(options, BatchSettings::default(), None);
        while exporter.step(desk) {}
        exporter.finish()
    }

    /// The sample session, whose one pair is accepted, as somebody else has judged it too.
    fn judged(by: &str, status: RowStatus) -> Desk {
        let mut session = sample();
        let first = session.events[0].clone();
        let after = RowState { status, ..first.after };
        session.events.push(CurationEvent {
            seq: 1,
            actor: by.into(),
            event: CurationAct::LeaveOut,
            after,
            ..first
        });
        Desk::new(session)
    }

    #[test]
    fn rows_in_conflict_never_go_out_and_are_listed() {
        let desk = judged("you", RowStatus::LeftOut);
        for order in [ExportOrder::Session, ExportOrder::Batches] {
            let written = whole(&desk, ExportOptions { order, ..ExportOptions::default() }).written;
            let kinds: Vec<_> = written.problems.iter().map(|problem| problem.kind).collect();
            assert_eq!((written.n_pairs, kinds), (0, vec![ProblemKind::Conflict]));
        }
        assert_eq!(ExportCounts::of(desk.curation().rows()).n_conflict, 1);
    }

    #[test]
    fn accepted_only_leaves_undecided_rows_behind() {
        let mut session = sample();
        let accepted = Desk::new(session.clone());
        session.events.clear();
        let undecided = Desk::new(session);
        for (desk, statuses, n) in [
            (&accepted, ExportStatuses::Accepted, 1),
            (&accepted, ExportStatuses::AcceptedAndUndecided, 1),
            (&undecided, ExportStatuses::Accepted, 0),
            (&undecided, ExportStatuses::AcceptedAndUndecided, 1),
        ] {
            let written = whole(desk, ExportOptions { statuses, ..ExportOptions::default() }).written;
            assert_eq!((written.n_pairs, written.problems.len()), (n, 0), "{statuses:?}");
            assert_eq!(desk.export_rows(statuses).len() as u32, n);
        }
        let counts = ExportCounts::of(accepted.curation().rows());
        assert_eq!((counts.n_accepted, counts.n_undecided, counts.n_left_out), (1, 0, 0));
        assert_eq!(ExportCounts::of(judged("me", RowStatus::Tie).curation().rows()).n_left_out, 1);
    }

    #[test]
    fn what_a_person_wrote_goes_out_in_the_place_of_the_models_words() {
        let mut session = sample();
        let edit = CurationEvent {
            seq: 1,
            event: CurationAct::Edit,
            sample: Some(0),
            text: Some("A person's words: 3".into()),
            ..session.events[0].clone()
        };
        session.events.push(edit);
        let written = whole(&Desk::new(session), ExportOptions::default()).written;
        assert_eq!((written.n_pairs, written.n_edited), (1, 1));
        assert!(written.into_text().contains("A person's words: 3"));
    }

    #[test]
    fn rows_in_batches_say_where_they_belong() {
        let mut session = sample();
        // A pair of the anchor as well, so that there is a group.
        (session.pairs[0].chosen, session.pairs[0].rejected, session.pairs[0].skip) =
            (Some(0), Some(1), None);
        session.responses[1].text = "another".into();
        let options = ExportOptions { order: ExportOrder::Batches, ..ExportOptions::default() };
        let Exported { written, batches } = whole(&Desk::new(session), options);
        assert_eq!((written.n_pairs, batches.map(|(rows, _)| rows.len())), (2, Some(2)));
        assert!(
            written.into_text().lines().all(|line| line.contains(r#""concord_batch":0,"concord_group":0"#))
        );
    }
}
