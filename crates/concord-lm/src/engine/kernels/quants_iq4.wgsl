// Nibbles that choose from a table of sixteen numbers. quants: [n_rows, n_cols / 8], a word holds eight, the first lowest.

@group(0) @binding(2) var<storage, read> quants: array<u32>;

// Four of the table's numbers in a word, as signed bytes, the first lowest: -127, -104, -83, -65, -49, -35, -22, -10, 1, 13,
// 25, 38, 53, 69, 89, 113.
const TABLE = vec4<u32>(0xbfad9881u, 0xf6eaddcfu, 0x26190d01u, 0x71594535u);

fn chosen(nibbles: vec4<u32>) -> vec4<f32> {
    // Which word by its two upper bits: selects cost less than an array that is indexed.
    let is_odd = (nibbles & vec4<u32>(4u)) != vec4<u32>(0u);
    let lower = select(vec4<u32>(TABLE.x), vec4<u32>(TABLE.y), is_odd);
    let upper = select(vec4<u32>(TABLE.z), vec4<u32>(TABLE.w), is_odd);
    let words = select(lower, upper, nibbles > vec4<u32>(7u));
    let shifted = words << (vec4<u32>(24u) - vec4<u32>(8u) * (nibbles & vec4<u32>(3u)));
    return vec4<f32>(bitcast<vec4<i32>>(shifted) >> vec4<u32>(24u));
}

fn quants8(unit: u32) -> Eight {
    let bits = nibbles(quants[unit]);
    return Eight(chosen(bits.lo), chosen(bits.hi));
}
