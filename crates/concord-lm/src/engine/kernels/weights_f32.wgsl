// Reads eight consecutive weights of a matrix stored as 32-bit floats.
//
// quants: [n_rows, n_cols / 8], two vec4<f32> for each unit of eight weights.

struct Eight { lo: vec4<f32>, hi: vec4<f32> }

@group(0) @binding(2) var<storage, read> quants: array<vec4<f32>>;

fn load8(unit: u32) -> Eight {
    return Eight(quants[2u * unit], quants[2u * unit + 1u]);
}
