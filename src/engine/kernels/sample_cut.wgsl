// The distribution that sample.wgsl draws from: what a row's draw asks for, its penalised and scaled
// logits, and the cut that top-k, top-p and min-p make. Joined with shared.wgsl and sample.wgsl.
//
// draws:  [n_rows], what to sample and how
// logits: [n_logits_rows, vocab_size]
// seen:   [n_table_rows, seen_words] bit sets of ids that the penalty sees
//
// Numerics: f32, the maximum is subtracted first. Cuts are thresholds on the order-preserving bits of
// the scaled logit, found bit by bit with one pass over the row each, so nothing is sorted and ties stay.

struct Params {
    vocab_size: u32,
    seen_words: u32,
    n_rows: u32,
    step: u32,
    decode: u32,
    pad0: u32,
    pad1: u32,
    pad2: u32,
}

struct Draw {
    logits_row: u32,
    table_row: u32,
    seed: u32,
    stream: u32,
    step: u32,
    top_k: u32,
    temperature: f32,
    top_p: f32,
    min_p: f32,
    penalty: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> draws: array<Draw>;
@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read_write> seen: array<atomic<u32>>;

var<private> draw: Draw;
var<private> start: u32;
var<private> highest: f32;

fn penalised(id: u32) -> f32 {
    let logit = logits[start + id];
    if (draw.penalty == 1.0) { return logit; }
    let word = atomicLoad(&seen[draw.table_row * params.seen_words + id / 32u]);
    if (((word >> (id % 32u)) & 1u) == 0u) { return logit; }
    return select(logit * draw.penalty, logit / draw.penalty, logit > 0.0);
}

// Logit after penalty and temperature, at most 0.
fn scaled(id: u32) -> f32 { return (penalised(id) - highest) * (1.0 / draw.temperature); }

// Unsigned integer in the order of the float.
fn order_key(value: f32) -> u32 {
    let bits = bitcast<u32>(value);
    return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}

// Number (or weight) of the ids whose key is at least cut.
fn sum_from(local: u32, cut: u32, weigh: bool) -> f32 {
    var sum = 0.0;
    for (var id = local; id < params.vocab_size; id += WG) {
        let value = scaled(id);
        if (order_key(value) >= cut) { sum += select(1.0, exp(value), weigh); }
    }
    return workgroup_sum(local, sum);
}

// The highest cut, at least floor_cut, above which the number (or weight) still reaches the target.
fn find_cut(local: u32, floor_cut: u32, target_sum: f32, weigh: bool) -> u32 {
    var cut = 0u;
    for (var bit = 0x80000000u; bit > 0u; bit >>= 1u) {
        let tried = cut | bit;
        if (tried <= floor_cut) { cut = tried; continue; }
        let sum = sum_from(local, tried, weigh);
        if (sum >= target_sum) { cut = tried; }
        // Exactly the number asked for: every lower bit gives the same set.
        if (sum == target_sum) { break; }
    }
    return max(cut, floor_cut);
}

fn kept_weight(id: u32, cut: u32) -> f32 {
    let value = scaled(id);
    let weight = exp(value);
    return select(0.0, weight, order_key(value) >= cut && weight >= draw.min_p);
}
