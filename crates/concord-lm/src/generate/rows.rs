//! The rows that were let into a model, in order: who decodes next, who has ended.

use std::collections::VecDeque;

use super::call::{Call, DecodeRow, Decoded, Ends, Sampled};

/// Rows from their admission to their end, and calls that wait to be done.
#[derive(Clone, Debug, Default)]
pub struct LiveRows {
    rows: Vec<Admitted>,
    calls: VecDeque<Call>,
}

#[derive(Clone, Copy, Debug)]
struct Admitted {
    row: DecodeRow,
    ends: Ends,
}

impl LiveRows {
    /// Rows that have not ended.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Table rows of those.
    pub fn table_rows(&self) -> Vec<u32> {
        self.rows.iter().map(|admitted| admitted.row.input.table_row).collect()
    }

    /// Lets a row in, unless one with its table row is in.
    pub fn admit(&mut self, row: DecodeRow, ends: Ends) -> bool {
        let is_new = self.place_of(row.input.table_row).is_none();
        if is_new {
            self.rows.push(Admitted { row, ends });
        }
        is_new
    }

    /// Ends a row; whether it was in.
    pub fn expel(&mut self, table_row: u32) -> bool {
        let place = self.place_of(table_row);
        place.map(|place| self.rows.remove(place)).is_some()
    }

    /// Ends all rows and forgets all calls.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The rows of the next step: those that came first.
    pub fn seated(&self, max_rows: u32) -> Vec<DecodeRow> {
        self.rows.iter().take(max_rows as usize).map(|admitted| admitted.row).collect()
    }

    /// Takes what the seated rows drew in a step. Those that end make room for the next.
    pub fn advance(&mut self, seated: &[DecodeRow], sampled: &[Sampled]) -> Vec<Decoded> {
        let tokens = seated.iter().zip(sampled);
        tokens.filter_map(|(row, &sampled)| self.take(row.input.table_row, sampled)).collect()
    }

    /// Takes what a row drew; `None` where it is not in.
    pub fn take(&mut self, table_row: u32, sampled: Sampled) -> Option<Decoded> {
        let place = self.place_of(table_row)?;
        let Admitted { row, ends } = &mut self.rows[place];
        row.input.id = sampled.id;
        row.input.position += 1;
        row.key.step += 1;
        ends.n_most -= 1;
        let is_last = ends.n_most == 0 || ends.stops.contains(&sampled.id);
        if is_last {
            self.rows.remove(place);
        }
        Some(Decoded { table_row, sampled, is_last })
    }

    /// Puts a call behind those that wait.
    pub fn push_call(&mut self, call: Call) {
        self.calls.push_back(call);
    }

    /// The call that has waited longest.
    pub fn pop_call(&mut self) -> Option<Call> {
        self.calls.pop_front()
    }

    fn place_of(&self, table_row: u32) -> Option<usize> {
        self.rows.iter().position(|admitted| admitted.row.input.table_row == table_row)
    }
}
