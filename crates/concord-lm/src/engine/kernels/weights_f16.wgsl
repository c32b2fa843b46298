// Reads eight consecutive weights of a matrix stored as 16-bit floats, widened to f32.
//
// quants: [n_rows, n_cols / 8], a word holds weight 2i in its low half and 2i + 1 in its high half.

struct Eight { lo: vec4<f32>, hi: vec4<f32> }

@group(0) @binding(2) var<storage, read> quants: array<vec4<u32>>;

fn load8(unit: u32) -> Eight {
    let words = quants[unit];
    return Eight(
        vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y)),
        vec4<f32>(unpack2x16float(words.z), unpack2x16float(words.w)),
    );
}
