// Cosines of all pairs of vectors, each once: v_i . v_j / (|v_i| |v_j|) for i < j; 0 where a norm is 0, and NaN where a number
// is not finite.
//
// vectors: [n_vectors, dim]
// y:       [n_vectors * (n_vectors - 1) / 2], by i, then by j
//
// Dispatch: x = j / WG rounded up, y = i. One invocation per pair. Numerics: f32, in order.

override WG: u32 = 64u;

struct Params { n_vectors: u32, dim: u32, pad0: u32, pad1: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = group.y;
    let j = group.x * WG + local;
    if (j <= i || j >= params.n_vectors) { return; }
    var product = 0.0;
    var squares = vec2<f32>();
    for (var d = 0u; d < params.dim; d++) {
        let a = vectors[i * params.dim + d];
        let b = vectors[j * params.dim + d];
        product = fma(a, b, product);
        squares = fma(vec2<f32>(a, b), vec2<f32>(a, b), squares);
    }
    var cosine = 0.0;
    if (squares.x > 0.0 && squares.y > 0.0) {
        cosine = clamp(product / (sqrt(squares.x) * sqrt(squares.y)), -1.0, 1.0);
    }
    // By the bits: shaders may be compiled as if there were no NaN. A comparison may have hidden it above.
    let sum = bitcast<u32>(squares.x + squares.y);
    if ((sum & 0x7f800000u) == 0x7f800000u) { cosine = bitcast<f32>(sum | 0x7fc00000u); }
    y[i * params.n_vectors - i * (i + 1u) / 2u + j - i - 1u] = cosine;
}
