// Product of a batch of rows with a weight matrix, on adapters that run the invocations of a workgroup one after another;
// see matmul_store.wgsl.
//
// Dispatch: x * y = tiles of 2 * WG pairs, or of WG where M is 4 or 8 (folded at tiles_x), z = tiles of M tokens.
// An invocation goes through its pairs alone: two of one token, or one of several, so that a weight is
// dequantised once for these tokens and an input read once for all the outputs.
//
// Numerics: f32, explicit fma along the row, so a token's result is the same, bit for bit, in every batch.

override WG: u32 = 32u;
// Tokens of a tile: 1, 4 or 8.
override M: u32 = 1u;

fn mac8(w: Eight, lo: vec4<f32>, hi: vec4<f32>, sum: f32) -> f32 {
    return mac4(w.hi, hi, mac4(w.lo, lo, sum));
}

// Where rows start; those past the end repeat the last and are not stored.
fn row_starts(pair: u32) -> vec2<u32> {
    return min(pair_rows(pair), vec2<u32>(params.n_out - 1u)) * (params.n_in / 8u);
}

fn factor(token: u32) -> f32 {
    return row_factor(lane_squares(token, 0u, 1u));
}

fn factors(first: u32) -> vec4<f32> {
    return vec4<f32>(factor(first), factor(first + 1u), factor(first + 2u), factor(first + 3u));
}

fn one(pair: u32, token: u32) {
    let start = token * (params.n_in / 4u);
    let rows = row_starts(pair);
    let others = row_starts(pair + 1u);
    var sum = vec4<f32>();
    for (var unit = 0u; unit < params.n_in / 8u; unit++) {
        let lo = input(start + 2u * unit);
        let hi = input(start + 2u * unit + 1u);
        sum = vec4<f32>(
            mac8(load8(rows.x + unit), lo, hi, sum.x), mac8(load8(rows.y + unit), lo, hi, sum.y),
            mac8(load8(others.x + unit), lo, hi, sum.z), mac8(load8(others.y + unit), lo, hi, sum.w),
        );
    }
    let scale = vec4<f32>(factor(token));
    finish(pair, token, 1u, vec4<f32>(sum.x), vec4<f32>(sum.y), scale);
    finish(pair + 1u, token, 1u, vec4<f32>(sum.z), vec4<f32>(sum.w), scale);
}

// The inputs of four tokens at one unit.
struct Inputs { lo0: vec4<f32>, hi0: vec4<f32>, lo1: vec4<f32>, hi1: vec4<f32>,
    lo2: vec4<f32>, hi2: vec4<f32>, lo3: vec4<f32>, hi3: vec4<f32> }

fn inputs(starts: vec4<u32>, at: u32) -> Inputs {
    let s = starts + at;
    return Inputs(input(s.x), input(s.x + 1u), input(s.y), input(s.y + 1u), input(s.z), input(s.z + 1u), input(s.w), input(s.w + 1u));
}

// Written out: software adapters keep what is indexed by a counter in memory.
fn mac32(w: Eight, v: Inputs, sums: vec4<f32>) -> vec4<f32> {
    return vec4<f32>(
        mac8(w, v.lo0, v.hi0, sums.x), mac8(w, v.lo1, v.hi1, sums.y),
        mac8(w, v.lo2, v.hi2, sums.z), mac8(w, v.lo3, v.hi3, sums.w),
    );
}

fn four(pair: u32, first: u32) {
    let starts = token_starts(first);
    let rows = row_starts(pair);
    var a = vec4<f32>();
    var b = vec4<f32>();
    for (var unit = 0u; unit < params.n_in / 8u; unit++) {
        let v = inputs(starts, 2u * unit);
        a = mac32(load8(rows.x + unit), v, a);
        b = mac32(load8(rows.y + unit), v, b);
    }
    finish(pair, first, 4u, a, b, factors(first));
}

fn eight(pair: u32, first: u32) {
    let s0 = token_starts(first);
    let s1 = token_starts(first + 4u);
    let rows = row_starts(pair);
    var a0 = vec4<f32>(); var a1 = vec4<f32>();
    var b0 = vec4<f32>(); var b1 = vec4<f32>();
    for (var unit = 0u; unit < params.n_in / 8u; unit++) {
        let wa = load8(rows.x + unit);
        let wb = load8(rows.y + unit);
        let v0 = inputs(s0, 2u * unit);
        a0 = mac32(wa, v0, a0);
        b0 = mac32(wb, v0, b0);
        let v1 = inputs(s1, 2u * unit);
        a1 = mac32(wa, v1, a1);
        b1 = mac32(wb, v1, b1);
    }
    finish(pair, first, 4u, a0, b0, factors(first));
    finish(pair, first + 4u, 4u, a1, b1, factors(first + 4u));
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let place = (group.y * params.tiles_x + group.x) * WG + local;
    if (M == 1u) {
        one(place * 2u, group.z);
    } else if (M == 4u) {
        four(place, group.z * M);
    } else {
        eight(place, group.z * M);
    }
}
