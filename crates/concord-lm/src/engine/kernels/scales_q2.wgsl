// A scale and a minimum of four bits for 16 weights, and their units for 256.
//
// scales: [n_rows, n_cols / 256, 5] words: sixteen bytes with the scale in the low nibble, then two 16-bit floats, the unit
// of the scales lowest.

@group(0) @binding(3) var<storage, read> scales: array<u32>;

fn affine(unit: u32) -> vec2<f32> {
    let first = (unit >> 5u) * 5u;
    let group = (unit >> 1u) & 15u;
    let packed = scales[first + (group >> 2u)] >> (8u * (group & 3u));
    let steps = vec2<u32>(packed & 15u, (packed >> 4u) & 15u);
    return unpack2x16float(scales[first + 4u]) * vec2<f32>(steps) * vec2<f32>(1.0, -1.0);
}
