// Product of a batch of rows with a weight matrix, on adapters that run the invocations of a workgroup one after another;
// see matmul_store.wgsl.
//
// Dispatch: x * y = tiles of 4 * WG outputs, or of 2 * WG where M is 4 (folded at tiles_x), z = tiles of M tokens. An
// invocation goes through its outputs alone: four of one token, or two of four tokens, so that a weight is
// dequantised once for four tokens and an input read once for all the outputs.
//
// Numerics: f32, explicit fma along the row, so a token's result is the same, bit for bit, in every batch.

override WG: u32 = 32u;
// Tokens of a tile: 1 or 4.
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

fn four(out: u32, first: u32) {
    let tokens = min(vec4<u32>(first) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(params.n_tokens - 1u));
    let starts = tokens * (params.n_in / 4u);
    var a = vec4<f32>();
    var b = vec4<f32>();
    for (var unit = 0u; unit < params.n_in / 8u; unit++) {
        let wa = load(out, unit);
        let wb = load(out + 1u, unit);
        for (var i = 0u; i < 4u; i++) {
            let lo = x[starts[i] + 2u * unit];
            let hi = x[starts[i] + 2u * unit + 1u];
            a[i] = mac8(wa, lo, hi, a[i]);
            b[i] = mac8(wb, lo, hi, b[i]);
        }
    }
    for (var i = 0u; i < 4u; i++) {
        store(out, first + i, a[i]);
        store(out + 1u, first + i, b[i]);
    }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let place = (group.y * params.tiles_x + group.x) * WG + local;
    if (M == 1u) { one(place * 4u, group.z); } else { four(place * 2u, group.z * M); }
}
