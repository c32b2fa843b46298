// The distribution that sample.wgsl draws from: what a row's draw asks for, its penalised and scaled
// logits, and the cut that top-k, top-p and min-p make. Joined with shared.wgsl, queue.wgsl
// (which holds draws) and sample.wgsl.
//
// logits: [n_logits_rows, vocab_size]
// seen:   [n_table_rows, seen_words] bit sets of ids that the penalty sees
//
// Numerics: f32, the maximum is subtracted first. Cuts are thresholds on the order-preserving bits of
// the scaled logit, found two bits at a time with one pass over the row each, so nothing is sorted and
// ties stay. Which passes run depends on the draw alone, so that barriers are in uniform control flow.

struct Params {
    vocab_size: u32,
    seen_words: u32,
    n_rows: u32,
    step: u32,
    decode: u32,
    first_row: u32,
    // Words of a result.
    n_words: u32,
    pad0: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read_write> seen: array<atomic<u32>>;

// A draw with what is known of its row.
struct Row {
    draw: Draw,
    // Where its logits start.
    start: u32,
    // Its largest logit after the penalty.
    highest: f32,
}

var<workgroup> lane_sums: array<vec3<f32>, WG>;
var<workgroup> folded_sums: array<vec3<f32>, WG>;

// As workgroup_sum, for three sums at once.
fn workgroup_sum3(local: u32, value: vec3<f32>) -> vec3<f32> {
    lane_sums[local] = value;
    workgroupBarrier();
    if (local < WG / FOLD) {
        var folded = vec3<f32>();
        for (var i = 0u; i < FOLD; i++) { folded += lane_sums[local * FOLD + i]; }
        folded_sums[local] = folded;
    }
    workgroupBarrier();
    var total = vec3<f32>();
    for (var i = 0u; i < WG / FOLD; i++) { total += folded_sums[i]; }
    return total;
}

fn penalised(draw: Draw, start: u32, id: u32) -> f32 {
    let logit = logits[start + id];
    if (draw.penalty == 1.0) { return logit; }
    let word = atomicLoad(&seen[draw.table_row * params.seen_words + id / 32u]);
    if (((word >> (id % 32u)) & 1u) == 0u) { return logit; }
    return select(logit * draw.penalty, logit / draw.penalty, logit > 0.0);
}

// Logit after penalty and temperature, at most 0.
fn scaled(row: Row, id: u32) -> f32 {
    return (penalised(row.draw, row.start, id) - row.highest) * (1.0 / row.draw.temperature);
}

// Unsigned integer in the order of the float.
fn order_key(value: f32) -> u32 {
    let bits = bitcast<u32>(value);
    return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}

// Number (or weight) of the ids whose key is at least each of three cuts.
fn sums_from(local: u32, row: Row, cuts: vec3<u32>, weigh: bool) -> vec3<f32> {
    var sums = vec3<f32>();
    for (var id = local; id < params.vocab_size; id += WG) {
        let value = scaled(row, id);
        let share = select(1.0, exp(value), weigh);
        sums += select(vec3<f32>(), vec3<f32>(share), vec3<u32>(order_key(value)) >= cuts);
    }
    return workgroup_sum3(local, sums);
}

// The highest cut, at least floor_cut, above which the number (or weight) still reaches the target.
fn find_cut(local: u32, row: Row, floor_cut: u32, target_sum: f32, weigh: bool) -> u32 {
    var cut = 0u;
    for (var i = 0u; i < 16u; i++) {
        let tried = vec3<u32>(cut) | (vec3<u32>(1u, 2u, 3u) << vec3<u32>(30u - 2u * i));
        let sums = sums_from(local, row, max(tried, vec3<u32>(floor_cut)), weigh);
        // Sums fall as cuts rise: take the last that reaches the target.
        cut = select(cut, tried.x, sums.x >= target_sum);
        cut = select(cut, tried.y, sums.y >= target_sum);
        cut = select(cut, tried.z, sums.z >= target_sum);
    }
    return max(cut, floor_cut);
}

fn kept_weight(row: Row, id: u32, cut: u32) -> f32 {
    let value = scaled(row, id);
    let weight = exp(value);
    return select(0.0, weight, order_key(value) >= cut && weight >= row.draw.min_p);
}
