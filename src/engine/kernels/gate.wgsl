// Gate of the feed-forward layer: y[t, i] = activation(gate[t, i]) * up[t, i].
//
// SiLU is g / (1 + exp(-g)). GELU in its tanh form, g / 2 * (1 + tanh(sqrt(2 / pi) (g + 0.044715 g^3))), is
// g / (1 + exp(-z)) with z = 2 sqrt(2 / pi) (g + 0.044715 g^3).
//
// gate_up: [n_tokens, 2 hidden_dim] as vec4, gate first
// y:       [n_tokens, hidden_dim] as vec4; hidden_dim is a multiple of 4
//
// Dispatch: one invocation per four values, workgroups folded at groups_x.

override WG: u32 = 64u;

struct Params { hidden_dim: u32, n_tokens: u32, groups_x: u32, gelu: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> gate_up: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let quads = params.hidden_dim / 4u;
    let place = (group.y * params.groups_x + group.x) * WG + local;
    let token = place / quads;
    if (token >= params.n_tokens) { return; }
    let start = token * 2u * quads + place % quads;
    let gate = gate_up[start];
    // Beyond 80 the quotient is below 1e-32; the clamp keeps exp from overflowing.
    var z = gate;
    if (params.gelu == 1u) { z = 1.5957691 * (gate + 0.044715 * gate * gate * gate); }
    let e = exp(min(-z, vec4<f32>(80.0)));
    y[place] = gate / (vec4<f32>(1.0) + e) * gate_up[start + quads];
}
