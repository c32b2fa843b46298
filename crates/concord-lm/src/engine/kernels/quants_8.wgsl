// Signed bytes. quants: [n_rows, n_cols / 8], a word holds four, the first lowest.

@group(0) @binding(2) var<storage, read> quants: array<vec2<u32>>;

// Sign-extends the four bytes of a word.
fn signed_bytes(word: u32) -> vec4<f32> {
    let high = vec4<u32>(word) << vec4<u32>(24u, 16u, 8u, 0u);
    return vec4<f32>(bitcast<vec4<i32>>(high) >> vec4<u32>(24u));
}

fn quants8(unit: u32) -> Eight {
    let words = quants[unit];
    return Eight(signed_bytes(words.x), signed_bytes(words.y));
}
