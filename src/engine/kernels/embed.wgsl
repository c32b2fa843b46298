// Embedding: y[t, :] = table[id of token t, :].
//
// batch: [n_tokens] = {id, position, table_row, unused}
// table: [vocab_size, dim] behind load8 of the weights_*.wgsl that this file is joined with
// y:     [n_tokens, dim] as vec4<f32>; dim is a multiple of 8
//
// Dispatch: one invocation per eight values, workgroups folded at groups_x.

override WG: u32 = 64u;

struct Params { dim: u32, n_tokens: u32, groups_x: u32, pad: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> batch: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let units = params.dim / 8u;
    let place = (group.y * params.groups_x + group.x) * WG + local;
    let token = place / units;
    if (token >= params.n_tokens) { return; }
    let weights = load8(batch[token].x * units + place % units);
    y[2u * place] = weights.lo;
    y[2u * place + 1u] = weights.hi;
}
