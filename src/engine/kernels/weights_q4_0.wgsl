// Reads eight consecutive weights of a Q4_0 matrix: weight = scale * (nibble - 8), one scale for 32.
//
// quants: [n_rows, n_cols / 8], a word holds eight nibbles, the first weight lowest (the loader has
//         put the file's split halves in order).
// scales: [n_rows, n_cols / 32] 16-bit floats, two in a word, the first in the low half.

struct Eight { lo: vec4<f32>, hi: vec4<f32> }

@group(0) @binding(2) var<storage, read> quants: array<u32>;
@group(0) @binding(3) var<storage, read> scales: array<u32>;

fn load8(unit: u32) -> Eight {
    let block = unit >> 2u;
    let pair = unpack2x16float(scales[block >> 1u]);
    let scale = select(pair.x, pair.y, (block & 1u) == 1u);
    let word = vec4<u32>(quants[unit]);
    let lo = vec4<f32>((word >> vec4<u32>(0u, 4u, 8u, 12u)) & vec4<u32>(15u)) - 8.0;
    let hi = vec4<f32>((word >> vec4<u32>(16u, 20u, 24u, 28u)) & vec4<u32>(15u)) - 8.0;
    return Eight(scale * lo, scale * hi);
}
