// Six bits. quants: nibbles, [n_rows, n_cols / 8], a word holds eight, the first lowest.
// high: [n_rows, n_cols / 16], bits 2i and 2i + 1 of a word are bits 4 and 5 of weight i.

@group(0) @binding(2) var<storage, read> quants: array<u32>;
@group(0) @binding(5) var<storage, read> high: array<u32>;

fn quants8(unit: u32) -> Eight {
    let bits = vec4<u32>(high[unit >> 1u] >> (16u * (unit & 1u)));
    let upper = Bits(
        (bits >> vec4<u32>(0u, 2u, 4u, 6u)) & vec4<u32>(3u),
        (bits >> vec4<u32>(8u, 10u, 12u, 14u)) & vec4<u32>(3u),
    );
    return joined(nibbles(quants[unit]), upper);
}
