// What the kernels of a product with weights share: parameters, input and output.
//
// x:   [n_tokens, n_in] as vec4<f32>; n_in is a multiple of 8
// w:   [n_out, n_in] behind load8 of the weights_*.wgsl that this file is joined with
// y:   [n_tokens, y_stride], written from column y_offset on
//
// Sums come in pairs, for four tokens at once. What a pair is, and what becomes of it, is said by the file that is joined
// next: matmul_give.wgsl, matmul_gate.wgsl or matmul_feed.wgsl.

struct Params {
    n_in: u32,
    n_out: u32,
    n_tokens: u32,
    y_stride: u32,
    y_offset: u32,
    // 1 adds to y, 0 replaces it.
    add: u32,
    // Workgroups in x.
    tiles_x: u32,
    // Factor of the product.
    scale: f32,
    // Vectors of squares that a token has; 0 where x is multiplied as it is.
    n_squares: u32,
    eps: f32,
    activation: u32,
    pad0: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn input(at: u32) -> vec4<f32> {
    return x[at];
}

fn mac4(w: vec4<f32>, v: vec4<f32>, sum: f32) -> f32 {
    return fma(w.w, v.w, fma(w.z, v.z, fma(w.y, v.y, fma(w.x, v.x, sum))));
}

// Where the inputs of four tokens start; tokens past the end repeat the last and are not stored.
fn token_starts(first: u32) -> vec4<u32> {
    let tokens = min(vec4<u32>(first) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(params.n_tokens - 1u));
    return tokens * (params.n_in / 4u);
}
