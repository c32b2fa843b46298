// A signed byte of scale for 16 weights, and their unit for 256.
//
// scales: [n_rows, n_cols / 256, 5] words: sixteen bytes, then a 16-bit float in a low half.

@group(0) @binding(3) var<storage, read> scales: array<u32>;

fn affine(unit: u32) -> vec2<f32> {
    let first = (unit >> 5u) * 5u;
    let group = (unit >> 1u) & 15u;
    let word = scales[first + (group >> 2u)] << (24u - 8u * (group & 3u));
    let step = f32(bitcast<i32>(word) >> 24u);
    return vec2<f32>(unpack2x16float(scales[first + 4u]).x * step, 0.0);
}
