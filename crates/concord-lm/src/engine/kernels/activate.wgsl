// Activation of a feed-forward layer without a gate: y[t, i] = activation(x[t, i] + bias[i]).
//
// x:    [n_tokens, hidden_dim] as vec4
// bias: [hidden_dim] as vec4
// y:    [n_tokens, hidden_dim] as vec4; hidden_dim is a multiple of 4
//
// Joined with activation.wgsl. Dispatch: one invocation per four values, workgroups folded at groups_x.

override WG: u32 = 64u;

struct Params { hidden_dim: u32, n_tokens: u32, groups_x: u32, kind: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let quads = params.hidden_dim / 4u;
    let place = (group.y * params.groups_x + group.x) * WG + local;
    if (place / quads >= params.n_tokens) { return; }
    y[place] = activated(x[place] + bias[place % quads], params.kind);
}
