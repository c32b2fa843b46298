// Pools the states of consecutive tokens into one vector per group: their mean, the first or the last; an empty
// group gives zeros.
//
// x:      [n_tokens, dim]
// groups: [n_groups] = {first token, n_tokens of the group}
// y:      [n_groups, dim]
//
// Dispatch: x = dim / WG rounded up, y = groups. Numerics: f32, tokens are added in order.

override WG: u32 = 64u;

const FIRST: u32 = 1u;
const LAST: u32 = 2u;

struct Params { dim: u32, kind: u32, pad0: u32, pad1: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> groups: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = group.x * WG + local;
    if (i >= params.dim) { return; }
    let first = groups[group.y].x;
    let n_tokens = groups[group.y].y;
    var pooled = 0.0;
    if (params.kind == FIRST && n_tokens > 0u) {
        pooled = x[first * params.dim + i];
    } else if (params.kind == LAST && n_tokens > 0u) {
        pooled = x[(first + n_tokens - 1u) * params.dim + i];
    } else if (n_tokens > 0u) {
        for (var t = 0u; t < n_tokens; t++) { pooled += x[(first + t) * params.dim + i]; }
        pooled /= f32(n_tokens);
    }
    y[group.y * params.dim + i] = pooled;
}
