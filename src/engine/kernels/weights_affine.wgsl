// Reads eight consecutive weights of a quantised matrix: weight = scale * (quant - CENTRE) + offset.
//
// Joined with one quants_*.wgsl (the numbers as they are stored) and one scales_*.wgsl (scale and offset of
// the block). The product is exact in f32, so it does not matter whether the device fuses it with the sum.

struct Eight { lo: vec4<f32>, hi: vec4<f32> }

fn load8(unit: u32) -> Eight {
    let quants = quants8(unit);
    let block = affine(unit);
    return Eight(
        block.x * (quants.lo - CENTRE) + block.y,
        block.x * (quants.hi - CENTRE) + block.y,
    );
}
