// What the kernels of a product with weights share: parameters, input and output.
//
// y[t, o] = scale * sum_i x[t, i] * w[o, i] (+ y[t, o])
//
// x:   [n_tokens, n_in] as vec4<f32>; n_in is a multiple of 8
// w:   [n_out, n_in] behind load8 of the weights_*.wgsl that this file is joined with
// y:   [n_tokens, y_stride], written from column y_offset on; added to when params.add is 1

struct Params {
    n_in: u32,
    n_out: u32,
    n_tokens: u32,
    y_stride: u32,
    y_offset: u32,
    add: u32,
    tiles_x: u32,
    scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn mac4(w: vec4<f32>, v: vec4<f32>, sum: f32) -> f32 {
    return fma(w.w, v.w, fma(w.z, v.z, fma(w.y, v.y, fma(w.x, v.x, sum))));
}

fn store(out: u32, token: u32, sum: f32) {
    if (out >= params.n_out || token >= params.n_tokens) { return; }
    let place = token * params.y_stride + params.y_offset + out;
    let product = params.scale * sum;
    if (params.add == 1u) { y[place] += product; } else { y[place] = product; }
}
