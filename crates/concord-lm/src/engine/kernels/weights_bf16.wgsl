// Reads eight consecutive weights of a matrix stored as the upper halves of 32-bit floats.
//
// quants: [n_rows, n_cols / 8], a word holds weight 2i in its low half and 2i + 1 in its high half.

struct Eight { lo: vec4<f32>, hi: vec4<f32> }

@group(0) @binding(2) var<storage, read> quants: array<vec4<u32>>;

fn load8(unit: u32) -> Eight {
    let words = quants[unit];
    let even = bitcast<vec4<f32>>(words << vec4<u32>(16u));
    let odd = bitcast<vec4<f32>>(words & vec4<u32>(0xffff0000u));
    return Eight(vec4<f32>(even.x, odd.x, even.y, odd.y), vec4<f32>(even.z, odd.z, even.w, odd.w));
}
