// Nibbles. quants: [n_rows, n_cols / 8], a word holds eight, the first lowest.

@group(0) @binding(2) var<storage, read> quants: array<u32>;

fn quants8(unit: u32) -> Eight {
    let bits = nibbles(quants[unit]);
    return Eight(vec4<f32>(bits.lo), vec4<f32>(bits.hi));
}
