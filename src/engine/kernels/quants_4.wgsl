// Nibbles. quants: [n_rows, n_cols / 8], a word holds eight, the first lowest.

@group(0) @binding(2) var<storage, read> quants: array<u32>;

fn quants8(unit: u32) -> Eight {
    let word = vec4<u32>(quants[unit]);
    let lo = (word >> vec4<u32>(0u, 4u, 8u, 12u)) & vec4<u32>(15u);
    let hi = (word >> vec4<u32>(16u, 20u, 24u, 28u)) & vec4<u32>(15u);
    return Eight(vec4<f32>(lo), vec4<f32>(hi));
}
