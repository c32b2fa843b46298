//! From rows of blocks to panels: quants in planes of bits.
//!
//! A chunk has 32 inputs of 8 outputs. Two neighbouring inputs of all outputs, a **pair**, are 16 values: output 0's two, then
//! output 1's, and so on, as the dot product of 16-bit lanes takes them. A plane of `w` bits holds `2 w` vectors of 16 bytes;
//! vector `v` has the values of pair `v + 2 w s` at bit `w s` of its bytes: those of the first four outputs in even bytes,
//! those of the others in odd ones, so that a mask and a shift of 16 bits widen them. Quants of 8, 4 and 2 bits are one plane,
//! those of 3, 5 and 6 bits a plane of 2 or 4 bits with their low ones and one of 1 or 2 bits after it.
//!
//! Scales lie in the same way, so that 32-bit lanes take them apart: those of output `i` of the first four and of output
//! `i + 4` are neighbours, and where 32 inputs have two bytes for an output, all four are.

use super::{BlockLayout, CHUNK};
use crate::weights::{Form, PANEL_OUTS, TensorType, finite::halves, quants, scale_bytes};

/// Bytes of a vector: a pair of eight outputs.
pub(super) const PAIR: usize = 2 * PANEL_OUTS;

/// Bits of the planes of a quant, the low ones first; 0 for no second plane.
pub(super) fn planes(n_bits: usize) -> [usize; 2] {
    match n_bits {
        3 => [2, 1],
        5 | 6 => [4, n_bits - 4],
        _ => [n_bits, 0],
    }
}

/// Writes the `lane`-th of eight outputs' block, as stored in the file, into the block of a panel.
pub(super) fn set_block(
    block: &mut [u8],
    layout: BlockLayout,
    (tensor_type, form): (TensorType, Form),
    lane: usize,
    stored: &[u8],
) {
    for (half_idx, &at) in halves(tensor_type).iter().enumerate() {
        let to = half_idx * PAIR + 4 * (lane % 4) + 2 * (lane / 4);
        block[to..to + 2].copy_from_slice(&stored[at..at + 2]);
    }
    for chunk in 0..layout.n_chunks {
        let bytes = scale_bytes(tensor_type, stored, chunk);
        for (idx, byte) in bytes.into_iter().take(form.scale_bytes).enumerate() {
            let at = match form.scale_bytes {
                1 => lane,
                _ => 4 * (lane % 4) + 2 * idx + lane / 4,
            };
            block[layout.scales_at + chunk * layout.scale_bytes + at] = byte;
        }
        let start = layout.quants_at + chunk * layout.quant_bytes;
        let bytes = &mut block[start..start + layout.quant_bytes];
        let quants = quants(tensor_type, stored, chunk);
        let [low, high] = planes(form.n_bits);
        let (low_plane, high_plane) = bytes.split_at_mut(plane_bytes(low));
        set_plane(low_plane, low, lane, quants.map(|quant| quant & ((1u16 << low) - 1) as u8));
        if high > 0 {
            set_plane(high_plane, high, lane, quants.map(|quant| quant >> low));
        }
    }
}

/// The quants of one of eight outputs in a chunk of a panel.
pub(super) fn quants_of(bytes: &[u8], form: Form, lane: usize) -> [u8; CHUNK] {
    let [low, high] = planes(form.n_bits);
    let (low_plane, high_plane) = bytes.split_at(plane_bytes(low));
    std::array::from_fn(|i| {
        let of_plane = |plane: &[u8], width: usize| {
            let (at, shift) = place(width, lane, i);
            plane[at] >> shift & ((1u16 << width) - 1) as u8
        };
        let above = if high > 0 { of_plane(high_plane, high) << low } else { 0 };
        of_plane(low_plane, low) | above
    })
}

/// Bytes of a plane of a chunk.
pub(super) fn plane_bytes(width: usize) -> usize {
    2 * width * PAIR
}

/// Byte and bit of value `i` of an output in a plane.
fn place(width: usize, lane: usize, i: usize) -> (usize, usize) {
    let (pair, n_vectors) = (i / 2, 2 * width);
    let (value, half) = (lane % 4 * 2 + i % 2, lane / 4);
    (pair % n_vectors * PAIR + 2 * value + half, pair / n_vectors * width)
}

/// Puts the values of an output into a plane that has zeros in their place.
fn set_plane(plane: &mut [u8], width: usize, lane: usize, values: [u8; CHUNK]) {
    for (i, value) in values.into_iter().enumerate() {
        let (at, shift) = place(width, lane, i);
        plane[at] |= value << shift;
    }
}
