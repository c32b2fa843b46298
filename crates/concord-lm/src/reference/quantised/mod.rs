//! Quantised matrices as they are held and multiplied on the CPU: eight outputs side by side, activations in int8.
//!
//! A weight is `scale * (quant - centre) + offset`, an activation `scale * quant` with a scale for 32 of them. So 32 terms
//! of an output are `x_scale * (w_scale * sum((q - centre) * x) + w_offset * sum(x))`, with both sums of integers, which are
//! exact in any order. The few f32 operations around them have one order for each output: chunks of 32 from first to last.
//! So a row's result has the same bits alone, in any batch, and on every target.

mod activations;
mod pack;
mod product;
#[cfg(test)]
mod tests;
mod unpack;

pub(super) use product::product;

use crate::weights::{Form, PANEL_OUTS, TensorType, WeightsError};

/// Values that share a scale in the activations.
const CHUNK: usize = 32;

/// A quantised matrix `[n_out, n_in]`.
///
/// For eight outputs and a block of inputs at a time: the blocks' f16 scales, their offsets if they have any, then the bytes
/// of the scales of each 32 inputs, then the quants of each 32 inputs, in planes of bits (see `pack`). As many bytes as in
/// the file, and a few more where a file packs scales of 6 bits.
#[derive(Clone, Debug)]
pub(super) struct Quantised {
    tensor_type: TensorType,
    form: Form,
    n_out: usize,
    n_in: usize,
    bytes: Vec<u8>,
}

impl Quantised {
    /// A matrix of zero bytes; `n_in` is a whole number of blocks.
    pub(super) fn zeros(tensor_type: TensorType, form: Form, n_out: usize, n_in: usize) -> Self {
        let n_blocks = n_out.div_ceil(PANEL_OUTS) * (n_in / tensor_type.block_len());
        Self { tensor_type, form, n_out, n_in, bytes: vec![0; n_blocks * form.block_bytes(tensor_type)] }
    }

    /// Bytes of a panel: eight outputs.
    fn panel_bytes(&self) -> usize {
        self.n_in / self.tensor_type.block_len() * self.form.block_bytes(self.tensor_type)
    }

    fn layout(&self) -> BlockLayout {
        let n_chunks = self.tensor_type.block_len() / CHUNK;
        let scales_at = PANEL_OUTS * 2 * self.form.n_halves();
        let scale_bytes = PANEL_OUTS * self.form.scale_bytes;
        BlockLayout {
            n_chunks,
            scales_at,
            scale_bytes,
            quants_at: scales_at + n_chunks * scale_bytes,
            quant_bytes: PANEL_OUTS * CHUNK * self.form.n_bits / 8,
        }
    }

    #[cfg(test)]
    pub(super) fn n_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Takes a row as it is in the file, once.
    ///
    /// # Errors
    /// A row of another length.
    pub(super) fn set_row(&mut self, row_idx: usize, row: &[u8]) -> Result<(), WeightsError> {
        let expected = self.tensor_type.row_bytes(self.n_in);
        if row.len() != expected {
            let (expected, found) = (expected as u64, row.len() as u64);
            return Err(WeightsError::Length { what: "bytes of a row", expected, found });
        }
        let start = row_idx / PANEL_OUTS * self.panel_bytes();
        let (tensor_type, form, layout) = (self.tensor_type, self.form, self.layout());
        let panel = &mut self.bytes[start..];
        let blocks = panel.chunks_exact_mut(form.block_bytes(tensor_type));
        for (block, stored) in blocks.zip(row.chunks_exact(tensor_type.block_bytes())) {
            pack::set_block(block, layout, (tensor_type, form), row_idx % PANEL_OUTS, stored);
        }
        Ok(())
    }

    /// The values of a row, `[n_in]`.
    pub(super) fn row(&self, row_idx: usize) -> impl Iterator<Item = f32> + '_ {
        let start = row_idx / PANEL_OUTS * self.panel_bytes();
        let panel = &self.bytes[start..start + self.panel_bytes()];
        let blocks = panel.chunks_exact(self.form.block_bytes(self.tensor_type));
        let layout = self.layout();
        blocks.flat_map(move |block| {
            let of_block = unpack::block_scales(self.form, block);
            (0..layout.n_chunks).flat_map(move |chunk| {
                let scales = unpack::scales(self.tensor_type, of_block, layout.scales(block, chunk));
                let quants = pack::quants_of(layout.quants(block, chunk), self.form, row_idx % PANEL_OUTS);
                let lane = row_idx % PANEL_OUTS;
                (0..CHUNK).map(move |i| {
                    let (scale, offset) = scales.of(i / self.form.sub_len, lane);
                    scale * (unpack::value(self.tensor_type, quants[i]) - self.form.centre) as f32 + offset
                })
            })
        })
    }
}

/// Where the parts of a block of a panel are, in bytes.
#[derive(Clone, Copy, Debug)]
struct BlockLayout {
    n_chunks: usize,
    scales_at: usize,
    /// Of the scales of a chunk.
    scale_bytes: usize,
    quants_at: usize,
    /// Of the quants of a chunk.
    quant_bytes: usize,
}

impl BlockLayout {
    fn quants(self, block: &[u8], chunk: usize) -> &[u8] {
        let start = self.quants_at + chunk * self.quant_bytes;
        &block[start..start + self.quant_bytes]
    }

    fn scales(self, block: &[u8], chunk: usize) -> &[u8] {
        let start = self.scales_at + chunk * self.scale_bytes;
        &block[start..start + self.scale_bytes]
    }
}
