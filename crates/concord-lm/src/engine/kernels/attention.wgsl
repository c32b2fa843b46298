// Grouped-query attention over the slots that a token's table row lists:
// out[t, h, :] = sum_p softmax_p(scale * q[t, h] . k[p, h']) v[p, h'], h' = h / (n_heads / n_kv_heads),
// p = 0..=position(t), or the last `window` of these where window is not 0. Where n_seen(t) is not 0, tokens see those
// after them: p = 0..n_seen(t), or those of them that are at most window / 2 away. A soft cap that is not 0 makes
// cap * tanh(score / cap) of the scores; a temperature that is not 0 multiplies those of a position by
// 1 + temperature * ln(1 + floor(position / step)) before.
//
// batch:  [n_tokens] = {id, position, table_row, n_seen}; n_seen is 0 where a token sees none after its own
// table:  [n_table_rows, seq_len] slots
// qkv:    [n_tokens, qkv_width] as vec4; queries first, turned by rope
// k_pool, v_pool: [n_slots, n_kv_heads, head_dim] of f16, four to a vec2; head_dim is a multiple of 4, at most 4 WG
// out:    [n_tokens, n_heads, head_dim] as vec4
//
// Joined with shared.wgsl. Dispatch: x = heads, y = tokens (folded at tokens_y into z). One workgroup per token and head.
//
// Numerics: f32 from keys and values in f16; positions are taken in chunks of WG with a running maximum and sum (Milakov and
// Gimelshein 2018). Chunks start at the first position seen, so the order depends on the position alone. Within a
// chunk, lane l of n_lanes = WG / (head_dim / 4) adds every n_lanes-th position of four values.

struct Params {
    n_tokens: u32,
    n_heads: u32,
    n_kv_heads: u32,
    head_dim: u32,
    qkv_width: u32,
    seq_len: u32,
    tokens_y: u32,
    scale: f32,
    window: u32,
    soft_cap: f32,
    temperature: f32,
    step: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> batch: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> table: array<u32>;
@group(0) @binding(3) var<storage, read> qkv: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> k_pool: array<vec2<u32>>;
@group(0) @binding(5) var<storage, read> v_pool: array<vec2<u32>>;
@group(0) @binding(6) var<storage, read_write> out: array<vec4<f32>>;

var<workgroup> shares: array<f32, WG>;
var<workgroup> partials: array<vec4<f32>, WG>;

fn four_halves(words: vec2<u32>) -> vec4<f32> {
    return vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y));
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let token = group.z * params.tokens_y + group.y;
    // Also where no row sits.
    if (token >= params.n_tokens || batch[token].z == 0xffffffffu) { return; }
    let head = group.x;
    let quads = params.head_dim / 4u;
    let n_lanes = WG / quads;
    let lane = local / quads;
    let quad = local % quads;
    let position = batch[token].y;
    var n_positions = max(position + 1u, batch[token].w);
    let slots_start = batch[token].z * params.seq_len;
    let q_start = token * (params.qkv_width / 4u) + head * quads;
    let slot_width = params.n_kv_heads * quads;
    let kv_start = head / (params.n_heads / params.n_kv_heads) * quads;

    var first = 0u;
    if (params.window != 0u && batch[token].w == 0u) {
        first = n_positions - min(n_positions, params.window);
    } else if (params.window != 0u) {
        let half = params.window / 2u;
        first = position - min(position, half);
        n_positions = min(n_positions, position + half + 1u);
    }

    var scale = params.scale;
    if (params.temperature != 0.0) { scale *= 1.0 + params.temperature * log(f32(1u + position / params.step)); }

    var highest = -3.0e38;
    var total = 0.0;
    var sums = vec4<f32>();
    for (var chunk = first; chunk < n_positions; chunk += WG) {
        let n_here = min(WG, n_positions - chunk);
        var score = -3.0e38;
        if (local < n_here) {
            let k_start = table[slots_start + chunk + local] * slot_width + kv_start;
            score = 0.0;
            for (var i = 0u; i < quads; i++) { score += dot(qkv[q_start + i], four_halves(k_pool[k_start + i])); }
            score *= scale;
            if (params.soft_cap != 0.0) {
                let e = exp(min(2.0 * score / params.soft_cap, 80.0));
                score = params.soft_cap - 2.0 * params.soft_cap / (e + 1.0);
            }
        }
        let new_highest = max(highest, workgroup_max(local, score));
        let share = select(0.0, exp(score - new_highest), local < n_here);
        shares[local] = share;
        // Its barriers also let every invocation see the shares.
        let chunk_total = workgroup_sum(local, share);
        let fade = exp(highest - new_highest);
        total = total * fade + chunk_total;
        sums *= fade;
        if (lane < n_lanes) {
            for (var i = lane; i < n_here; i += n_lanes) {
                let slot = table[slots_start + chunk + i];
                sums += shares[i] * four_halves(v_pool[slot * slot_width + kv_start + quad]);
            }
        }
        highest = new_highest;
    }
    partials[local] = sums;
    workgroupBarrier();
    if (local < quads) {
        var all = partials[local];
        for (var i = 1u; i < n_lanes; i++) { all += partials[i * quads + local]; }
        out[(token * params.n_heads + head) * quads + local] = all / total;
    }
}
