// Three bits. quants: the lower two, [n_rows, n_cols / 16], a word holds sixteen, the first lowest.
// high: [n_rows, n_cols / 32], bit i of a word is bit 2 of weight i.

@group(0) @binding(2) var<storage, read> quants: array<u32>;
@group(0) @binding(5) var<storage, read> high: array<u32>;

fn quants8(unit: u32) -> Eight {
    let bits = vec4<u32>(quants[unit >> 1u] >> (16u * (unit & 1u)));
    let thirds = vec4<u32>(high[unit >> 2u] >> (8u * (unit & 3u)));
    let lo = (bits >> vec4<u32>(0u, 2u, 4u, 6u)) & vec4<u32>(3u);
    let hi = (bits >> vec4<u32>(8u, 10u, 12u, 14u)) & vec4<u32>(3u);
    let third_lo = (thirds >> vec4<u32>(0u, 1u, 2u, 3u)) & vec4<u32>(1u);
    let third_hi = (thirds >> vec4<u32>(4u, 5u, 6u, 7u)) & vec4<u32>(1u);
    let two = vec4<u32>(2u);
    return Eight(vec4<f32>(lo | (third_lo << two)), vec4<f32>(hi | (third_hi << two)));
}
