// Product of a batch of rows with a weight matrix, on a GPU; see matmul_store.wgsl.
//
// Dispatch: x * y = tiles of outputs (folded at tiles_x), z = tiles of M tokens. K_LANES invocations share
// an output. One invocation holds N_ROWS outputs (1 or 2) for M tokens, so a weight is dequantised once and
// used M times. With few tokens the wait for memory is what costs, so four loads are on their way at once.
//
// Numerics: f32. The order of the sum depends on n_in alone, never on K_LANES, M, N_ROWS or the number of tokens. Thread v
// of SUMS takes every SUMS-th unit of eight inputs from v on, by explicit fma; then, for each of eight lanes, the
// threads 8 apart are added in order, and last the eight. A token's result is the same, bit for bit, in every batch.

override WG: u32 = 64u;
// 8, each of which takes the sums of four threads one after the other, or 32.
override K_LANES: u32 = 8u;
// Tokens of a tile: 1, 4, 8 or 16.
override M: u32 = 4u;
// Consecutive outputs held by one invocation: 1, or 2 where M is 8 or more.
override N_ROWS: u32 = 1u;
// Vectors of the workgroup's partial sums: WG * N_ROWS * ceil(M / 4).
override N_PARTIALS: u32 = 64u;

// Threads of the canonical order.
const SUMS: u32 = 32u;
const EIGHT: u32 = 8u;

// Sums of four tokens in each vector, for every invocation.
var<workgroup> partials: array<vec4<f32>, N_PARTIALS>;

// Adds the products of four inputs to the sums of four tokens, for one or two outputs.
fn accumulate4(
    a: ptr<function, vec4<f32>>, b: ptr<function, vec4<f32>>,
    wa: vec4<f32>, wb: vec4<f32>, starts: vec4<u32>, at: u32,
) {
    let x0 = x[starts.x + at];
    if (M == 1u) {
        (*a).x = mac4(wa, x0, (*a).x);
        if (N_ROWS > 1u) { (*b).x = mac4(wb, x0, (*b).x); }
        return;
    }
    let x1 = x[starts.y + at];
    let x2 = x[starts.z + at];
    let x3 = x[starts.w + at];
    let sa = *a;
    *a = vec4<f32>(mac4(wa, x0, sa.x), mac4(wa, x1, sa.y), mac4(wa, x2, sa.z), mac4(wa, x3, sa.w));
    if (N_ROWS > 1u) {
        let sb = *b;
        *b = vec4<f32>(mac4(wb, x0, sb.x), mac4(wb, x1, sb.y), mac4(wb, x2, sb.z), mac4(wb, x3, sb.w));
    }
}

fn accumulate(
    a: ptr<function, vec4<f32>>, b: ptr<function, vec4<f32>>,
    wa: Eight, wb: Eight, starts: vec4<u32>, at: u32,
) {
    accumulate4(a, b, wa.lo, wb.lo, starts, at);
    accumulate4(a, b, wa.hi, wb.hi, starts, at + 1u);
}

// Where the inputs of four tokens start; tokens past the end repeat the last and are not stored.
fn token_starts(first: u32) -> vec4<u32> {
    let tokens = min(vec4<u32>(first) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(params.n_tokens - 1u));
    return tokens * (params.n_in / 4u);
}

fn store4(out: u32, first: u32, sums: vec4<f32>) {
    for (var i = 0u; i < min(M, 4u); i++) { store(out, first + i, sums[i]); }
}

// One token or four: K_LANES is SUMS.
fn few(row: u32, lane: u32, units: u32, starts: vec4<u32>) -> vec4<f32> {
    var a = vec4<f32>();
    var b = vec4<f32>();
    let last = row + units - 1u;
    for (var unit = lane; unit < units; unit += 4u * SUMS) {
        let w0 = load8(row + unit);
        let w1 = load8(min(row + unit + SUMS, last));
        let w2 = load8(min(row + unit + 2u * SUMS, last));
        let w3 = load8(min(row + unit + 3u * SUMS, last));
        accumulate(&a, &b, w0, w0, starts, 2u * unit);
        if (unit + SUMS < units) { accumulate(&a, &b, w1, w1, starts, 2u * (unit + SUMS)); }
        if (unit + 2u * SUMS < units) { accumulate(&a, &b, w2, w2, starts, 2u * (unit + 2u * SUMS)); }
        if (unit + 3u * SUMS < units) { accumulate(&a, &b, w3, w3, starts, 2u * (unit + 3u * SUMS)); }
    }
    return a;
}

// Eight tokens or sixteen, the sums of one thread of the canonical order after another.
fn many(rows: vec2<u32>, lane: u32, units: u32, first: u32, local: u32) {
    let s0 = token_starts(first);
    let s1 = token_starts(first + 4u);
    let s2 = token_starts(first + 8u);
    let s3 = token_starts(first + 12u);
    for (var thread = lane; thread < SUMS; thread += K_LANES) {
        var a0 = vec4<f32>(); var a1 = vec4<f32>(); var a2 = vec4<f32>(); var a3 = vec4<f32>();
        var b0 = vec4<f32>(); var b1 = vec4<f32>(); var b2 = vec4<f32>(); var b3 = vec4<f32>();
        for (var unit = thread; unit < units; unit += SUMS) {
            let wa = load8(rows.x + unit);
            var wb = wa;
            if (N_ROWS > 1u) { wb = load8(rows.y + unit); }
            accumulate(&a0, &b0, wa, wb, s0, 2u * unit);
            accumulate(&a1, &b1, wa, wb, s1, 2u * unit);
            if (M > 8u) {
                accumulate(&a2, &b2, wa, wb, s2, 2u * unit);
                accumulate(&a3, &b3, wa, wb, s3, 2u * unit);
            }
        }
        add_partial(0u, local, a0, b0);
        add_partial(1u, local, a1, b1);
        if (M > 8u) {
            add_partial(2u, local, a2, b2);
            add_partial(3u, local, a3, b3);
        }
    }
}

// The workgroup's memory begins as zeros.
fn add_partial(quad: u32, local: u32, a: vec4<f32>, b: vec4<f32>) {
    partials[quad * N_ROWS * WG + local] += a;
    if (N_ROWS > 1u) { partials[(quad * N_ROWS + 1u) * WG + local] += b; }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let lane = local % K_LANES;
    let tile_out = (group.y * params.tiles_x + group.x) * (WG / K_LANES) * N_ROWS;
    let out = tile_out + (local / K_LANES) * N_ROWS;
    let first = group.z * M;
    let units = params.n_in / 8u;
    let rows = min(vec2<u32>(out, out + 1u), vec2<u32>(params.n_out - 1u)) * units;
    if (M <= 4u) {
        partials[local] = few(rows.x, lane, units, token_starts(first));
    } else {
        many(rows, lane, units, first, local);
    }
    workgroupBarrier();
    let n_outs = WG / K_LANES;
    let n_quads = (M + 3u) / 4u;
    for (var i = local; i < n_outs * N_ROWS * n_quads; i += WG) {
        let place = (i / n_outs) * WG + (i % n_outs) * K_LANES;
        var sums = vec4<f32>();
        for (var k = 0u; k < EIGHT; k++) {
            var sum = partials[place + k];
            for (var thread = k + EIGHT; thread < K_LANES; thread += EIGHT) { sum += partials[place + thread]; }
            sums += sum;
        }
        let row = (i / n_outs) % N_ROWS;
        store4(tile_out + (i % n_outs) * N_ROWS + row, first + 4u * (i / n_outs / N_ROWS), sums);
    }
}
