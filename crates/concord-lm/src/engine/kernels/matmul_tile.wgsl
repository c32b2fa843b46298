// Product of many tokens with a weight matrix, on a GPU; see matmul_store.wgsl. Forty tokens take one pass over the weights.
//
// Dispatch: x * y = tiles of 8 pairs of outputs (folded at tiles_x), z = tiles of 40 tokens. The workgroup goes along the
// row eight units at a time: each weight is dequantised once for all tokens, and each input read once for all outputs, into
// its memory. An invocation then adds up every eighth unit, from `lane` on, for one pair and 20 tokens.
//
// Numerics: the canonical order of matmul.wgsl, bit for bit. Sums are written out: compilers keep what is indexed by a
// counter in memory.

const WG: u32 = 128u;
const LANES: u32 = 8u;
const PAIRS: u32 = 8u;
const TOKENS: u32 = 40u;
// Threads of the canonical order.
const SUMS: u32 = 32u;

// [TOKENS][half of a unit][LANES]; sums of invocations at last, [quad of 20 tokens][WG].
var<workgroup> inputs: array<vec4<f32>, 640>;
// [half of a unit][output][LANES]; sums of squares at last, by four invocations for each token.
var<workgroup> weights: array<vec4<f32>, 256>;

// Sums of four tokens, for both outputs of a pair.
struct Four { a: vec4<f32>, b: vec4<f32> }

struct Twenty { q0: Four, q1: Four, q2: Four, q3: Four, q4: Four }

fn plus(sums: Four, more: Four) -> Four {
    return Four(sums.a + more.a, sums.b + more.b);
}

fn mac8(w: Eight, lo: vec4<f32>, hi: vec4<f32>, sum: f32) -> f32 {
    return mac4(w.hi, hi, mac4(w.lo, lo, sum));
}

// The first of the tokens is at `at`.
fn mac_four(wa: Eight, wb: Eight, at: u32, sums: Four) -> Four {
    let lo0 = inputs[at]; let hi0 = inputs[at + 8u];
    let lo1 = inputs[at + 16u]; let hi1 = inputs[at + 24u];
    let lo2 = inputs[at + 32u]; let hi2 = inputs[at + 40u];
    let lo3 = inputs[at + 48u]; let hi3 = inputs[at + 56u];
    return Four(
        vec4<f32>(
            mac8(wa, lo0, hi0, sums.a.x), mac8(wa, lo1, hi1, sums.a.y),
            mac8(wa, lo2, hi2, sums.a.z), mac8(wa, lo3, hi3, sums.a.w),
        ),
        vec4<f32>(
            mac8(wb, lo0, hi0, sums.b.x), mac8(wb, lo1, hi1, sums.b.y),
            mac8(wb, lo2, hi2, sums.b.z), mac8(wb, lo3, hi3, sums.b.w),
        ),
    );
}

// Brings eight units of the outputs and of the tokens; past the ends, the last again.
fn bring(local: u32, row: u32, first_unit: u32, first_token: u32) {
    let last = params.n_in / 8u - 1u;
    let eight = load8(row + min(first_unit + local % LANES, last));
    weights[local] = eight.lo;
    weights[WG + local] = eight.hi;
    for (var i = local; i < 2u * LANES * TOKENS; i += WG) {
        let unit = min(first_unit + i % LANES, last);
        let token = min(first_token + i / (2u * LANES), params.n_tokens - 1u);
        inputs[i] = input(token * (params.n_in / 4u) + 2u * unit + (i / LANES) % 2u);
    }
}

// Of one token of the tile.
fn factor(token: u32) -> f32 {
    let at = 4u * token;
    return row_factor(weights[at] + weights[at + 1u] + weights[at + 2u] + weights[at + 3u]);
}

// Puts the sums of all invocations side by side, and adds up those of the eight lanes of an output and four tokens.
fn folded(local: u32, q0: vec4<f32>, q1: vec4<f32>, q2: vec4<f32>, q3: vec4<f32>, q4: vec4<f32>) -> vec4<f32> {
    workgroupBarrier();
    inputs[local] = q0;
    inputs[WG + local] = q1;
    inputs[2u * WG + local] = q2;
    inputs[3u * WG + local] = q3;
    inputs[4u * WG + local] = q4;
    workgroupBarrier();
    // Of pair `local % PAIRS` and quad `local / PAIRS`: each half of the workgroup holds five.
    let quad = local / PAIRS;
    let place = (quad % 5u) * WG + ((quad / 5u) * PAIRS + local % PAIRS) * LANES;
    var total = vec4<f32>();
    if (quad < 10u) {
        for (var lane = 0u; lane < LANES; lane++) { total += inputs[place + lane]; }
    }
    return total;
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let first_pair = (group.y * params.tiles_x + group.x) * PAIRS;
    let first_token = group.z * TOKENS;
    let units = params.n_in / 8u;
    let lane = local % LANES;
    // The output that this invocation dequantises; rows past the end repeat the last and are not stored.
    let brought = min(pair_rows(first_pair + local / 16u), vec2<u32>(params.n_out - 1u)) * units;
    let row = select(brought.x, brought.y, (local / LANES) % 2u == 1u);
    // The pair and the tokens that it adds up.
    let held = 2u * LANES * ((local / LANES) % PAIRS) + lane;
    let at = 320u * (local / 64u) + lane;
    var sums = Twenty();
    for (var first = 0u; first < SUMS; first += LANES) {
        var chain = Twenty();
        for (var unit = first; unit < units; unit += SUMS) {
            workgroupBarrier();
            bring(local, row, unit, first_token);
            workgroupBarrier();
            if (unit + lane < units) {
                let wa = Eight(weights[held], weights[WG + held]);
                let wb = Eight(weights[held + LANES], weights[WG + held + LANES]);
                chain.q0 = mac_four(wa, wb, at, chain.q0);
                chain.q1 = mac_four(wa, wb, at + 64u, chain.q1);
                chain.q2 = mac_four(wa, wb, at + 128u, chain.q2);
                chain.q3 = mac_four(wa, wb, at + 192u, chain.q3);
                chain.q4 = mac_four(wa, wb, at + 256u, chain.q4);
            }
        }
        sums = Twenty(
            plus(sums.q0, chain.q0), plus(sums.q1, chain.q1), plus(sums.q2, chain.q2),
            plus(sums.q3, chain.q3), plus(sums.q4, chain.q4),
        );
    }
    let a = folded(local, sums.q0.a, sums.q1.a, sums.q2.a, sums.q3.a, sums.q4.a);
    for (var i = local; i < 4u * TOKENS; i += WG) { weights[i] = lane_squares(first_token + i / 4u, i % 4u, 4u); }
    let b = folded(local, sums.q0.b, sums.q1.b, sums.q2.b, sums.q3.b, sums.q4.b);
    let quad = local / PAIRS;
    if (quad < 10u) {
        let token = 4u * quad;
        let factors = vec4<f32>(factor(token), factor(token + 1u), factor(token + 2u), factor(token + 3u));
        finish(first_pair + local % PAIRS, first_token + token, 4u, a, b, factors);
    }
}
