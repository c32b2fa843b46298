//! Cuts the bytes of a file, given in chunks of any size, into whole rows of the model's tensors.

use super::model_file::ModelFile;
use super::model_tensor::{ModelTensor, PlacedTensor};

/// Whole rows of one tensor, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows<'a> {
    /// Which tensor.
    pub tensor: ModelTensor,
    /// First row held.
    pub first_row: u64,
    /// The rows' bytes, a whole number of rows, in the tensor's own type.
    pub bytes: &'a [u8],
}

/// Walks a file once from its start; holds at most one partial row.
#[derive(Clone, Debug)]
pub struct RowStream {
    tensors: Vec<PlacedTensor>,
    /// Index of the first tensor not yet complete.
    tensor_idx: usize,
    /// Offset in the file of the next byte.
    position: u64,
    /// Bytes of a row that a chunk boundary cut.
    carry: Vec<u8>,
    /// Rows of the current tensor already handed out.
    n_rows_done: u64,
}

impl RowStream {
    /// A stream over the tensors of a file, from its first byte (header included).
    pub fn new(file: &ModelFile) -> Self {
        Self { tensors: file.tensors.clone(), tensor_idx: 0, position: 0, carry: Vec::new(), n_rows_done: 0 }
    }

    /// Takes the next bytes of the file and hands out the rows that they complete, in file order.
    ///
    /// # Errors
    /// Only those of `on_rows`; the stream must not be used after one.
    pub fn push<E>(
        &mut self,
        chunk: &[u8],
        mut on_rows: impl FnMut(Rows<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = chunk;
        while !rest.is_empty() {
            let Some(placed) = self.tensors.get(self.tensor_idx) else { break };
            let gap = placed.info.start.saturating_sub(self.position);
            if gap > 0 {
                let n_skipped = gap.min(rest.len() as u64) as usize;
                self.position += n_skipped as u64;
                rest = &rest[n_skipped..];
                continue;
            }
            let n_taken = self.take(rest, &mut on_rows)?;
            rest = &rest[n_taken..];
        }
        self.position += rest.len() as u64;
        Ok(())
    }

    /// Every row of every tensor has been handed out.
    pub fn is_complete(&self) -> bool {
        self.tensor_idx == self.tensors.len()
    }

    /// Hands out rows of the current tensor from the start of `bytes`; returns how many were used.
    fn take<E>(
        &mut self,
        bytes: &[u8],
        on_rows: &mut impl FnMut(Rows<'_>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let PlacedTensor { tensor, ref info } = self.tensors[self.tensor_idx];
        let row_bytes = info.row_bytes();
        let n_rows = info.n_rows();
        let first_row = self.n_rows_done;
        let n_taken = if self.carry.is_empty() && bytes.len() >= row_bytes {
            let n_whole = ((bytes.len() / row_bytes) as u64).min(n_rows - first_row);
            let n_taken = n_whole as usize * row_bytes;
            on_rows(Rows { tensor, first_row, bytes: &bytes[..n_taken] })?;
            self.n_rows_done += n_whole;
            n_taken
        } else {
            let n_taken = (row_bytes - self.carry.len()).min(bytes.len());
            self.carry.extend_from_slice(&bytes[..n_taken]);
            if self.carry.len() == row_bytes {
                on_rows(Rows { tensor, first_row, bytes: &self.carry })?;
                self.carry.clear();
                self.n_rows_done += 1;
            }
            n_taken
        };
        self.position += n_taken as u64;
        if self.n_rows_done == n_rows {
            self.tensor_idx += 1;
            self.n_rows_done = 0;
        }
        Ok(n_taken)
    }
}
