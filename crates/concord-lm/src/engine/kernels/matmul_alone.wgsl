// Product of a batch of rows with a weight matrix, on adapters that run the invocations of a workgroup one after another;
// see matmul_store.wgsl.
//
// Dispatch: x * y = tiles of 4 * WG outputs, or of 2 * WG where M is 4 or 8 (folded at tiles_x), z = tiles of M tokens.
// An invocation goes through its outputs alone: four of one token, or two of several, so that a weight is
// dequantised once for these tokens and an input read once for all the outputs.
//
// Numerics: f32, explicit fma along the row, so a token's result is the same, bit for bit, in every batch.

override WG: u32 = 32u;
// Tokens of a tile: 1, 4 or 8.
override M: u32 = 1u;

fn mac8(w: Eight, lo: vec4<f32>, hi: vec4<f32>, sum: f32) -> f32 {
    return mac4(w.hi, hi, mac4(w.lo, lo, sum));
}

// Outputs past the end repeat the last and are not stored.
fn load(out: u32, unit: u32) -> Eight {
    return load8(min(out, params.n_out - 1u) * (params.n_in / 8u) + unit);
}

fn one(out: u32, token: u32) {
    let start = token * (params.n_in / 4u);
    var sum = vec4<f32>();
    for (var unit = 0u; unit < params.n_in / 8u; unit++) {
        let lo = x[start + 2u * unit];
        let hi = x[start + 2u * unit + 1u];
        sum = vec4<f32>(
            mac8(load(out, unit), lo, hi, sum.x), mac8(load(out + 1u, unit), lo, hi, sum.y),
            mac8(load(out + 2u, unit), lo, hi, sum.z), mac8(load(out + 3u, unit), lo, hi, sum.w),
        );
    }
    for (var i = 0u; i < 4u; i++) { store(out + i, token, sum[i]); }
}

// The inputs of four tokens at one unit.
struct Inputs { lo0: vec4<f32>, hi0: vec4<f32>, lo1: vec4<f32>, hi1: vec4<f32>,
    lo2: vec4<f32>, hi2: vec4<f32>, lo3: vec4<f32>, hi3: vec4<f32> }

fn inputs(starts: vec4<u32>, at: u32) -> Inputs {
    let s = starts + at;
    return Inputs(x[s.x], x[s.x + 1u], x[s.y], x[s.y + 1u], x[s.z], x[s.z + 1u], x[s.w], x[s.w + 1u]);
}

// Written out: software adapters keep what is indexed by a counter in memory.
fn mac32(w: Eight, v: Inputs, sums: vec4<f32>) -> vec4<f32> {
    return vec4<f32>(
        mac8(w, v.lo0, v.hi0, sums.x), mac8(w, v.lo1, v.hi1, sums.y),
        mac8(w, v.lo2, v.hi2, sums.z), mac8(w, v.lo3, v.hi3, sums.w),
    );
}

fn store4(out: u32, first: u32, sums: vec4<f32>) {
    for (var i = 0u; i < 4u; i++) { store(out, first + i, sums[i]); }
}

fn starts_of(first: u32) -> vec4<u32> {
    let tokens = min(vec4<u32>(first) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(params.n_tokens - 1u));
    return tokens * (params.n_in / 4u);
}

fn four(out: u32, first: u32) {
    let starts = starts_of(first);
    var a = vec4<f32>();
    var b = vec4<f32>();
    for (var unit = 0u; unit < params.n_in / 8u; unit++) {
        let v = inputs(starts, 2u * unit);
        a = mac32(load(out, unit), v, a);
        b = mac32(load(out + 1u, unit), v, b);
    }
    store4(out, first, a);
    store4(out + 1u, first, b);
}

fn eight(out: u32, first: u32) {
    let s0 = starts_of(first);
    let s1 = starts_of(first + 4u);
    var a0 = vec4<f32>(); var a1 = vec4<f32>();
    var b0 = vec4<f32>(); var b1 = vec4<f32>();
    for (var unit = 0u; unit < params.n_in / 8u; unit++) {
        let wa = load(out, unit);
        let wb = load(out + 1u, unit);
        let v0 = inputs(s0, 2u * unit);
        a0 = mac32(wa, v0, a0);
        b0 = mac32(wb, v0, b0);
        let v1 = inputs(s1, 2u * unit);
        a1 = mac32(wa, v1, a1);
        b1 = mac32(wb, v1, b1);
    }
    store4(out, first, a0);
    store4(out + 1u, first, b0);
    store4(out, first + 4u, a1);
    store4(out + 1u, first + 4u, b1);
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let place = (group.y * params.tiles_x + group.x) * WG + local;
    if (M == 1u) {
        one(place * 4u, group.z);
    } else if (M == 4u) {
        four(place * 2u, group.z * M);
    } else {
        eight(place * 2u, group.z * M);
    }
}
