// Two bits. quants: [n_rows, n_cols / 16], a word holds sixteen, the first lowest.

@group(0) @binding(2) var<storage, read> quants: array<u32>;

fn quants8(unit: u32) -> Eight {
    let bits = vec4<u32>(quants[unit >> 1u] >> (16u * (unit & 1u)));
    return Eight(
        vec4<f32>((bits >> vec4<u32>(0u, 2u, 4u, 6u)) & vec4<u32>(3u)),
        vec4<f32>((bits >> vec4<u32>(8u, 10u, 12u, 14u)) & vec4<u32>(3u)),
    );
}
