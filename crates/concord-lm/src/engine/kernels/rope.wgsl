// Bias and rotary position embedding of queries and keys, and the store of keys and values in the KV pool.
//
// Pairs of the first rope_dim values of a head turn by the angle position * frequency of the pair (Su et al.
// 2021): (2i, 2i + 1), or (i, i + rope_dim / 2) where params.halves is 1. Cosines and sines come from a table,
// because a device's own are too coarse at large angles.
//
// batch:  [n_tokens] = {id, position, table_row, unused}
// table:  [n_table_rows, seq_len] slots
// angles: [seq_len, rope_dim / 2] = {cos, sin}
// bias:   [q_dim + 2 kv_dim] as vec2, zeros where the model has none
// qkv:    [n_tokens, q_dim + 2 kv_dim] as vec2; queries are turned in place
// k_pool, v_pool: [n_slots, kv_dim] of f16, two to a word; the slot of each token is written
//
// Dispatch: one invocation per two pairs of qkv, workgroups folded at groups_x. head_dim and rope_dim are multiples
// of 4, so that the two pairs are two whole words of a pool.

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
@group(0) @binding(4) var<storage, read> bias: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read_write> qkv: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read_write> k_pool: array<u32>;
@group(0) @binding(7) var<storage, read_write> v_pool: array<u32>;

// Two f16, rounded to nearest even, the largest finite one for what is beyond it. WGSL lets a device round either way
// and gives no value beyond the range, so the bits that f16 has no room for are rounded off here. Below 2^-14, where
// f16 has fewer bits, the device's rounding is left: 6e-8 at most.
fn two_halves(values: vec2<f32>) -> u32 {
    let bits = bitcast<vec2<u32>>(clamp(values, vec2<f32>(-65504.0), vec2<f32>(65504.0)));
    let rounded = (bits + 0xfffu + ((bits >> vec2<u32>(13u)) & vec2<u32>(1u))) & vec2<u32>(0xffffe000u);
    return pack2x16float(bitcast<vec2<f32>>(rounded));
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    // All places and widths but those of angles are in words of two values.
    let q_width = params.q_dim / 2u;
    let kv_width = params.kv_dim / 2u;
    let width = q_width + 2u * kv_width;
    let place = (group.y * params.groups_x + group.x) * WG + local;
    let token = place / (width / 2u);
    // Also where no row sits.
    if (token >= params.n_tokens || batch[token].z == 0xffffffffu) { return; }
    let quad = place % (width / 2u);
    let head_quads = params.head_dim / 4u;
    let rope_quads = params.rope_dim / 4u;
    let head = quad / head_quads * (params.head_dim / 2u);
    let within = quad % head_quads;
    let turns = within < rope_quads;
    let split = turns && params.halves == 1u;
    let first = head + select(2u * within, within, split);
    let second = first + select(1u, rope_quads, split);
    let row = token * width;
    var a = qkv[row + first] + bias[first];
    var b = qkv[row + second] + bias[second];
    let position = batch[token].y;
    if (turns && head < q_width + kv_width) {
        let angle = position * (2u * rope_quads) + 2u * within;
        let cosines = vec2<f32>(angles[angle].x, angles[angle + 1u].x);
        let sines = vec2<f32>(angles[angle].y, angles[angle + 1u].y);
        // The first and the second values of both pairs.
        let x = select(vec2<f32>(a.x, b.x), a, split);
        let y = select(vec2<f32>(a.y, b.y), b, split);
        let turned_x = x * cosines - y * sines;
        let turned_y = x * sines + y * cosines;
        a = select(vec2<f32>(turned_x.x, turned_y.x), turned_x, split);
        b = select(vec2<f32>(turned_x.y, turned_y.y), turned_y, split);
    }
    let slot = table[batch[token].z * params.seq_len + position] * kv_width;
    if (head < q_width) {
        qkv[row + first] = a;
        qkv[row + second] = b;
    } else if (head < q_width + kv_width) {
        k_pool[slot + first - q_width] = two_halves(a);
        k_pool[slot + second - q_width] = two_halves(b);
    } else {
        v_pool[slot + first - q_width - kv_width] = two_halves(a);
        v_pool[slot + second - q_width - kv_width] = two_halves(b);
    }
}
