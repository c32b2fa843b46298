// Product of a batch of rows with a weight matrix, on a GPU; see matmul_store.wgsl. Its loops are in matmul_sums.wgsl.
//
// Dispatch: x * y = tiles of pairs of outputs (folded at tiles_x), z = tiles of M tokens. K_LANES invocations share
// an output, or, where tokens are many, a pair; a weight is dequantised once and used M times. With few tokens the wait
// for memory is what costs, so four loads are on their way at once.
//
// Numerics: f32. The order of the sum depends on n_in alone, never on K_LANES, M or the number of tokens. Thread v of
// SUMS takes every SUMS-th unit of eight inputs from v on, by explicit fma; then, for each of eight lanes, the
// threads 8 apart are added in order, and last the eight. A token's result is the same, bit for bit, in every batch.

override WG: u32 = 64u;
// 8, each of which takes the sums of four threads one after the other, or 32.
override K_LANES: u32 = 8u;
// Tokens of a tile: 1, 4, 8 or 16.
override M: u32 = 4u;
// Vectors of the workgroup's partial sums: WG, or WG * M / 2 where tokens are many.
override N_PARTIALS: u32 = 64u;

// Threads of the canonical order.
const SUMS: u32 = 32u;
const EIGHT: u32 = 8u;

// Sums of four tokens in each vector, for every invocation.
var<workgroup> partials: array<vec4<f32>, N_PARTIALS>;
// Sums of squares, by four invocations for each token of the tile.
var<workgroup> norm_sums: array<vec4<f32>, 64>;

// Of one token of the tile.
fn factor(token: u32) -> f32 {
    let at = 4u * token;
    return row_factor(norm_sums[at] + norm_sums[at + 1u] + norm_sums[at + 2u] + norm_sums[at + 3u]);
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let lane = local % K_LANES;
    let holder = local / K_LANES;
    // An output or a pair each; rows past the end repeat the last and are not stored.
    let holders = WG / K_LANES;
    let n_held = select(1u, 2u, M > 4u);
    let n_pairs = holders * n_held / 2u;
    let first_pair = (group.y * params.tiles_x + group.x) * n_pairs;
    let units = params.n_in / 8u;
    let rows = min(pair_rows(first_pair + holder * n_held / 2u), vec2<u32>(params.n_out - 1u)) * units;
    let first = group.z * M;
    if (local < 4u * M) { norm_sums[local] = lane_squares(first + local / 4u, local % 4u, 4u); }
    if (M > 4u) {
        many(rows, lane, units, first, local);
    } else {
        partials[local] = few(select(rows.x, rows.y, holder % 2u == 1u), lane, units, token_starts(first));
    }
    workgroupBarrier();
    let n_quads = (M + 3u) / 4u;
    for (var place = local * K_LANES; place < n_held * n_quads * WG; place += K_LANES * WG) {
        var sums = vec4<f32>();
        for (var k = 0u; k < EIGHT; k++) {
            var sum = partials[place + k];
            for (var thread = k + EIGHT; thread < K_LANES; thread += EIGHT) { sum += partials[place + thread]; }
            sums += sum;
        }
        partials[place] = sums;
    }
    workgroupBarrier();
    // A pair is held by two neighbours, or in two arrays.
    let second = select(K_LANES, WG, M > 4u);
    for (var i = local; i < n_pairs * n_quads; i += WG) {
        let at = 4u * (i / n_pairs);
        let place = (i / n_pairs) * n_held * WG + (i % n_pairs) * (2u / n_held) * K_LANES;
        var factors = vec4<f32>(factor(at));
        if (M > 1u) { factors = vec4<f32>(factors.x, factor(at + 1u), factor(at + 2u), factor(at + 3u)); }
        finish(first_pair + i % n_pairs, first + at, min(M, 4u), partials[place], partials[place + second], factors);
    }
}
