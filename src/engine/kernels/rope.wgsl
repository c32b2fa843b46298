// Bias and rotary position embedding of queries and keys, and the store of keys and values in the KV pool.
//
// Pairs of the first rope_dim values of a head turn by the angle position * frequency of the pair (Su et al.
// 2021): (2i, 2i + 1), or (i, i + rope_dim / 2) where params.halves is 1. Cosines and sines come from a table,
// because a device's own are too coarse at large angles.
//
// batch:  [n_tokens] = {id, position, table_row, unused}
// table:  [n_table_rows, seq_len] slots
// angles: [seq_len, rope_dim / 2] = {cos, sin}
// bias:   [q_dim + 2 kv_dim], zeros where the model has none
// qkv:    [n_tokens, q_dim + 2 kv_dim]; queries are turned in place
// k_pool, v_pool: [n_slots, kv_dim]; the slot of each token is written
//
// Dispatch: one invocation per pair of qkv, workgroups folded at groups_x.

override WG: u32 = 64u;

struct Params {
    n_tokens: u32,
    q_dim: u32,
    kv_dim: u32,
    head_dim: u32,
    rope_dim: u32,
    seq_len: u32,
    groups_x: u32,
    halves: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> batch: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> table: array<u32>;
@group(0) @binding(3) var<storage, read> angles: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read_write> qkv: array<f32>;
@group(0) @binding(6) var<storage, read_write> k_pool: array<f32>;
@group(0) @binding(7) var<storage, read_write> v_pool: array<f32>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let width = params.q_dim + 2u * params.kv_dim;
    let place = (group.y * params.groups_x + group.x) * WG + local;
    let token = place / (width / 2u);
    if (token >= params.n_tokens) { return; }
    let pair = place % (width / 2u);
    let head_pairs = params.head_dim / 2u;
    let rope_pairs = params.rope_dim / 2u;
    // Heads have an even width, so that pairs never cross from one to the next.
    let head = pair / head_pairs * params.head_dim;
    let within = pair % head_pairs;
    let turns = within < rope_pairs;
    var first = head + 2u * within;
    var second = first + 1u;
    if (turns && params.halves == 1u) {
        first = head + within;
        second = first + rope_pairs;
    }
    let row = token * width;
    let x = qkv[row + first] + bias[first];
    let y = qkv[row + second] + bias[second];
    let position = batch[token].y;
    let slot = table[batch[token].z * params.seq_len + position] * params.kv_dim;
    let keys_end = params.q_dim + params.kv_dim;
    if (head >= keys_end) {
        v_pool[slot + first - keys_end] = x;
        v_pool[slot + second - keys_end] = y;
        return;
    }
    var turned = vec2<f32>(x, y);
    if (turns) {
        let angle = angles[position * rope_pairs + within];
        turned = vec2<f32>(x * angle.x - y * angle.y, x * angle.y + y * angle.x);
    }
    if (head < params.q_dim) {
        qkv[row + first] = turned.x;
        qkv[row + second] = turned.y;
    } else {
        k_pool[slot + first - params.q_dim] = turned.x;
        k_pool[slot + second - params.q_dim] = turned.y;
    }
}
