// Reads eight consecutive weights of a quantised matrix: weight = scale * (quant - CENTRE) + offset.
//
// Joined with one quants_*.wgsl (the numbers as they are stored) and one scales_*.wgsl (scale and offset of
// the block). The product is exact in f32, so it does not matter whether the device fuses it with the sum.

struct Eight { lo: vec4<f32>, hi: vec4<f32> }

// Eight small numbers.
struct Bits { lo: vec4<u32>, hi: vec4<u32> }

// The nibbles of a word, the first lowest.
fn nibbles(word: u32) -> Bits {
    let words = vec4<u32>(word);
    return Bits(
        (words >> vec4<u32>(0u, 4u, 8u, 12u)) & vec4<u32>(15u),
        (words >> vec4<u32>(16u, 20u, 24u, 28u)) & vec4<u32>(15u),
    );
}

// Nibbles with the bits above them.
fn joined(low: Bits, high: Bits) -> Eight {
    let four = vec4<u32>(4u);
    return Eight(vec4<f32>(low.lo | (high.lo << four)), vec4<f32>(low.hi | (high.hi << four)));
}

fn load8(unit: u32) -> Eight {
    let quants = quants8(unit);
    let block = affine(unit);
    return Eight(
        block.x * (quants.lo - CENTRE) + block.y,
        block.x * (quants.hi - CENTRE) + block.y,
    );
}
