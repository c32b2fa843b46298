// A scale and a minimum for 32 weights. scales: [n_rows, n_cols / 32], a word holds two 16-bit floats, the scale lowest.

@group(0) @binding(3) var<storage, read> scales: array<u32>;

fn affine(unit: u32) -> vec2<f32> {
    return unpack2x16float(scales[unit >> 2u]);
}
