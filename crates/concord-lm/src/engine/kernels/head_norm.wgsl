// Root-mean-square norm of every query and key head, in place (Qwen3, Gemma 3):
// h / sqrt(mean(h^2) + eps) * gain, one gain for queries and one for keys.
//
// qkv:   [n_tokens, qkv_width], queries first, then keys
// gains: [2, head_dim], of queries, of keys
//
// Dispatch: x = query and key heads, y = tokens (folded at tokens_y into z). One workgroup per token and head.
// Numerics: f32, order of the sum depends on head_dim and WG alone. Joined with shared.wgsl.

struct Params {
    n_tokens: u32,
    n_heads: u32,
    head_dim: u32,
    qkv_width: u32,
    tokens_y: u32,
    eps: f32,
    pad0: u32,
    pad1: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> gains: array<f32>;
@group(0) @binding(2) var<storage, read_write> qkv: array<f32>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let token = group.z * params.tokens_y + group.y;
    if (token >= params.n_tokens) { return; }
    let start = token * params.qkv_width + group.x * params.head_dim;
    let gain_start = select(0u, params.head_dim, group.x >= params.n_heads);
    var squares = 0.0;
    for (var i = local; i < params.head_dim; i += WG) {
        let value = qkv[start + i];
        squares = fma(value, value, squares);
    }
    let mean = workgroup_sum(local, squares) / f32(params.head_dim);
    let scale = 1.0 / sqrt(mean + params.eps);
    for (var i = local; i < params.head_dim; i += WG) {
        qkv[start + i] = qkv[start + i] * scale * gains[gain_start + i];
    }
}
