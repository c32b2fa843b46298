// Five bits. quants: nibbles, [n_rows, n_cols / 8], a word holds eight, the first lowest.
// high: [n_rows, n_cols / 32], bit i of a word is bit 4 of weight i.

@group(0) @binding(2) var<storage, read> quants: array<u32>;
@group(0) @binding(5) var<storage, read> high: array<u32>;

fn quants8(unit: u32) -> Eight {
    let word = vec4<u32>(quants[unit]);
    let bits = vec4<u32>(high[unit >> 2u] >> (8u * (unit & 3u)));
    let lo = (word >> vec4<u32>(0u, 4u, 8u, 12u)) & vec4<u32>(15u);
    let hi = (word >> vec4<u32>(16u, 20u, 24u, 28u)) & vec4<u32>(15u);
    let lo_bits = (bits >> vec4<u32>(0u, 1u, 2u, 3u)) & vec4<u32>(1u);
    let hi_bits = (bits >> vec4<u32>(4u, 5u, 6u, 7u)) & vec4<u32>(1u);
    return Eight(vec4<f32>(lo | (lo_bits << vec4<u32>(4u))), vec4<f32>(hi | (hi_bits << vec4<u32>(4u))));
}
