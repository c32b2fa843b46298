// Embedding: y[t, :] = scale * table[id of token t, :], or y[t, :] += scale * table[shift + position of token t, :] where
// by_position is 1.
//
// batch: [n_tokens] = {id, position, table_row, unused}
// table: [n_rows, dim], the rows from first_row on, behind load8 of the weights_*.wgsl that this file is joined with
// y:     [n_tokens, dim] as vec4<f32>; dim is a multiple of 8; tokens of other rows are left alone
//
// Dispatch: one invocation per eight values, workgroups folded at groups_x.

override WG: u32 = 64u;

struct Params {
    dim: u32,
    n_tokens: u32,
    groups_x: u32,
    scale: f32,
    // Rows of the table that this part of it holds.
    first_row: u32,
    n_rows: u32,
    by_position: u32,
    shift: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> batch: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let units = params.dim / 8u;
    let place = (group.y * params.groups_x + group.x) * WG + local;
    let token = place / units;
    if (token >= params.n_tokens) { return; }
    let by_position = params.by_position == 1u;
    let row = select(batch[token].x, batch[token].y + params.shift, by_position) - params.first_row;
    // Also when the difference wrapped around below zero.
    if (row >= params.n_rows) { return; }
    let weights = load8(row * units + place % units);
    var lo = params.scale * weights.lo;
    var hi = params.scale * weights.hi;
    if (by_position) {
        lo += y[2u * place];
        hi += y[2u * place + 1u];
    }
    y[2u * place] = lo;
    y[2u * place + 1u] = hi;
}
