// A scale for 32 weights. scales: [n_rows, n_cols / 32] 16-bit floats, two in a word, the first in the low half.

@group(0) @binding(3) var<storage, read> scales: array<u32>;

fn affine(unit: u32) -> vec2<f32> {
    let block = unit >> 2u;
    let pair = unpack2x16float(scales[block >> 1u]);
    return vec2<f32>(select(pair.x, pair.y, (block & 1u) == 1u), 0.0);
}
