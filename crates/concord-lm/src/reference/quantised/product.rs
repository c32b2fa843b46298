//! The product of a batch of rows and a quantised matrix.

use wide::{f32x4, i16x8, i32x4};

use super::activations::{Chunk, quantise};
use super::unpack::{self, Dots, Eight, Quants, Scales};
use super::{CHUNK, Quantised};
use crate::weights::PANEL_OUTS;

/// Rows whose sums are kept in registers together.
const TILE: usize = 4;

/// `y = x W^T`: `x` is `[n_rows, n_in]`, `W` `[n_out, n_in]`, the result `[n_rows, n_out]`.
pub(in crate::reference) fn product(x: &[f32], weight: &Quantised) -> Vec<f32> {
    match (weight.form.sub_len, weight.form.has_offset) {
        (CHUNK, false) => product_in::<1, false>(x, weight),
        (CHUNK, true) => product_in::<1, true>(x, weight),
        (_, false) => product_in::<2, false>(x, weight),
        (_, true) => product_in::<2, true>(x, weight),
    }
}

/// The product with a matrix that has `PARTS` scales for 32 inputs, and offsets or none.
fn product_in<const PARTS: usize, const OFFSETS: bool>(x: &[f32], weight: &Quantised) -> Vec<f32> {
    let Quantised { tensor_type, form, n_out, n_in, ref bytes } = *weight;
    let n_rows = x.len() / n_in;
    let n_tiled = n_rows / TILE * TILE;
    let tiles = quantise::<TILE>(&x[..n_tiled * n_in], n_in);
    let singles = quantise::<1>(&x[n_tiled * n_in..], n_in);
    let (n_tiles, n_singles) = (n_tiled / TILE, n_rows - n_tiled);
    let layout = weight.layout();
    let mut y = vec![0.0; n_rows * n_out];
    let mut sums: Vec<Eight> = Vec::with_capacity(n_rows);
    let mut quants: Quants = [[i16x8::ZERO; 2]; CHUNK / 2];
    for (panel_idx, panel) in bytes.chunks_exact(weight.panel_bytes()).enumerate() {
        sums.clear();
        sums.resize(n_rows, [f32x4::ZERO; 2]);
        let mut chunk_idx = 0;
        for block in panel.chunks_exact(form.block_bytes(tensor_type)) {
            let of_block = unpack::block_scales(form, block);
            for chunk in 0..layout.n_chunks {
                let stored = layout.quants(block, chunk);
                let scales = unpack::scales(tensor_type, of_block, layout.scales(block, chunk));
                let (of_tiles, of_singles) = sums.split_at_mut(n_tiled);
                let tiles = &tiles[chunk_idx * n_tiles..(chunk_idx + 1) * n_tiles];
                let singles = &singles[chunk_idx * n_singles..(chunk_idx + 1) * n_singles];
                chunk_idx += 1;
                if let ([], [single], [sums]) = (tiles, singles, of_singles.as_chunks_mut().0)
                    && let Some(dots) = unpack::dots(tensor_type, form, stored, &single.pairs)
                {
                    let dots_of = |part| [if PARTS == 1 { added(dots) } else { dots[part] }];
                    add_chunk::<1, PARTS, OFFSETS>(single, dots_of, &scales, form.centre, sums);
                    continue;
                }
                unpack::quants(tensor_type, form, stored, &mut quants);
                for (tile, sums) in tiles.iter().zip(of_tiles.as_chunks_mut().0) {
                    let dots_of = |part| dots::<TILE, PARTS>(tile, &quants, part);
                    add_chunk::<TILE, PARTS, OFFSETS>(tile, dots_of, &scales, form.centre, sums);
                }
                for (single, sums) in singles.iter().zip(of_singles.as_chunks_mut().0) {
                    let dots_of = |part| dots::<1, PARTS>(single, &quants, part);
                    add_chunk::<1, PARTS, OFFSETS>(single, dots_of, &scales, form.centre, sums);
                }
            }
        }
        let first_out = panel_idx * PANEL_OUTS;
        let width = PANEL_OUTS.min(n_out - first_out);
        for (row, sums) in y.chunks_exact_mut(n_out).zip(&sums) {
            let sums: [f32; PANEL_OUTS] = bytemuck::cast(*sums);
            row[first_out..first_out + width].copy_from_slice(&sums[..width]);
        }
    }
    y
}

/// Sums of both halves.
#[inline]
fn added([first, second]: Dots) -> [i32x4; 2] {
    [first[0] + second[0], first[1] + second[1]]
}

/// Sums of the products of quants in one of `PARTS` parts of a chunk, for `R` rows and eight outputs.
#[inline]
fn dots<const R: usize, const PARTS: usize>(x: &Chunk<R>, quants: &Quants, part: usize) -> [[i32x4; 2]; R] {
    let len = CHUNK / 2 / PARTS;
    let mut dots = [[i32x4::ZERO; 2]; R];
    let pairs = quants[part * len..(part + 1) * len].iter().zip(&x.pairs[part * len..(part + 1) * len]);
    for (quants, pairs) in pairs {
        for row in 0..R {
            let pair: i16x8 = bytemuck::cast(i32x4::splat(pairs[row]));
            dots[row][0] += quants[0].dot(pair);
            dots[row][1] += quants[1].dot(pair);
        }
    }
    dots
}

/// Adds the 32 terms of a chunk to the sums of `R` rows and eight outputs.
#[inline]
fn add_chunk<const R: usize, const PARTS: usize, const OFFSETS: bool>(
    x: &Chunk<R>,
    dots_of: impl Fn(usize) -> [[i32x4; 2]; R],
    scales: &Scales,
    centre: i32,
    sums: &mut [Eight; R],
) {
    let mut terms = [[f32x4::ZERO; 2]; R];
    for part in 0..PARTS {
        let dots = dots_of(part);
        for row in 0..R {
            let sum = match PARTS {
                1 => x.sums[0][row] + x.sums[1][row],
                _ => x.sums[part][row],
            };
            for half in 0..2 {
                // Exact: at most 32 products of 255 and 127 in magnitude, less 128 times as many quants.
                let dot = dots[row][half] - i32x4::splat(centre * sum);
                let mut term = f32x4::from_i32x4(dot) * scales.scales[part][half];
                if OFFSETS {
                    term += f32x4::splat(sum as f32) * scales.offsets[part][half];
                }
                terms[row][half] = if part == 0 { term } else { terms[row][half] + term };
            }
        }
    }
    for row in 0..R {
        for half in 0..2 {
            sums[row][half] += terms[row][half] * f32x4::splat(x.scales[row]);
        }
    }
}
