// Rotary position embedding of queries and keys, and the store of keys and values in the KV pool.
//
// Adjacent pairs (2i, 2i + 1) of the first rope_dim values of a head turn by the angle
// position * base^(-2i / rope_dim) (Su et al. 2021); cosines and sines come from a table, because a
// device's own are too coarse at large angles.
//
// batch:  [n_tokens] = {id, position, table_row, unused}
// table:  [n_table_rows, seq_len] slots
// angles: [seq_len, rope_dim / 2] = {cos, sin}
// qkv:    [n_tokens, q_dim + 2 kv_dim] as pairs; queries are turned in place
// k_pool, v_pool: [n_slots, kv_dim] as pairs; the slot of each token is written
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
    pad: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> batch: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> table: array<u32>;
@group(0) @binding(3) var<storage, read> angles: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> qkv: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read_write> k_pool: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read_write> v_pool: array<vec2<f32>>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let q_pairs = params.q_dim / 2u;
    let kv_pairs = params.kv_dim / 2u;
    let row_pairs = q_pairs + 2u * kv_pairs;
    let place = (group.y * params.groups_x + group.x) * WG + local;
    let token = place / row_pairs;
    if (token >= params.n_tokens) { return; }
    let pair = place % row_pairs;
    let position = batch[token].y;
    let slot = table[batch[token].z * params.seq_len + position];
    let value = qkv[place];
    if (pair >= q_pairs + kv_pairs) {
        v_pool[slot * kv_pairs + pair - q_pairs - kv_pairs] = value;
        return;
    }
    // Heads have an even width and q_dim is a whole number of heads.
    let within = pair % (params.head_dim / 2u);
    var turned = value;
    if (within < params.rope_dim / 2u) {
        let angle = angles[position * (params.rope_dim / 2u) + within];
        turned = vec2<f32>(
            value.x * angle.x - value.y * angle.y,
            value.x * angle.y + value.y * angle.x,
        );
    }
    if (pair < q_pairs) {
        qkv[place] = turned;
    } else {
        k_pool[slot * kv_pairs + pair - q_pairs] = turned;
    }
}
