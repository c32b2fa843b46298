// Five bits. quants: nibbles, [n_rows, n_cols / 8], a word holds eight, the first lowest.
// high: [n_rows, n_cols / 32], bit i of a word is bit 4 of weight i.

@group(0) @binding(2) var<storage, read> quants: array<u32>;
@group(0) @binding(5) var<storage, read> high: array<u32>;

fn quants8(unit: u32) -> Eight {
    let bits = vec4<u32>(high[unit >> 2u] >> (8u * (unit & 3u)));
    let fifth = Bits(
        (bits >> vec4<u32>(0u, 1u, 2u, 3u)) & vec4<u32>(1u),
        (bits >> vec4<u32>(4u, 5u, 6u, 7u)) & vec4<u32>(1u),
    );
    return joined(nibbles(quants[unit]), fifth);
}
