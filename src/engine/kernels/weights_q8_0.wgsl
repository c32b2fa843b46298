// Reads eight consecutive weights of a Q8_0 matrix: weight = scale * quant, one scale for 32 weights.
//
// quants: [n_rows, n_cols / 8], a word holds four signed bytes, the first weight lowest.
// scales: [n_rows, n_cols / 32] 16-bit floats, two in a word, the first in the low half.

struct Eight { lo: vec4<f32>, hi: vec4<f32> }

@group(0) @binding(2) var<storage, read> quants: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read> scales: array<u32>;

// Sign-extends the four bytes of a word.
fn signed_bytes(word: u32) -> vec4<f32> {
    let high = vec4<u32>(word) << vec4<u32>(24u, 16u, 8u, 0u);
    return vec4<f32>(bitcast<vec4<i32>>(high) >> vec4<u32>(24u));
}

fn load8(unit: u32) -> Eight {
    let block = unit >> 2u;
    let pair = unpack2x16float(scales[block >> 1u]);
    let scale = select(pair.x, pair.y, (block & 1u) == 1u);
    let words = quants[unit];
    return Eight(scale * signed_bytes(words.x), scale * signed_bytes(words.y));
}
