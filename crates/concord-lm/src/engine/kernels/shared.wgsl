// Helpers that several kernels are joined with: reductions over a workgroup.
//
// Both reductions take one value from each of the WG invocations and give every invocation the same
// result, in an order that depends on WG alone. Two barriers each, whatever WG: software adapters pay
// for barriers. WG is a multiple of 16. Must be reached by all invocations of the workgroup.

override WG: u32 = 64u;
// Partial results that one invocation folds in the first round.
const FOLD: u32 = 16u;

// Bits of a NaN; compilers may not write one as a number.
const NAN_BITS: u32 = 0x7fc00000u;
// What stands for a number that is not finite where a maximum is taken: no logit is as large.
const BEYOND: f32 = 3.4e38;

var<workgroup> lane_values: array<f32, WG>;
var<workgroup> folded_values: array<f32, WG>;

// The number, or BEYOND for NaN and infinities. By the bits: shaders may be compiled as if there were none.
fn finite_or_beyond(value: f32) -> f32 {
    return select(value, BEYOND, (bitcast<u32>(value) & 0x7f800000u) == 0x7f800000u);
}

fn workgroup_sum(local: u32, value: f32) -> f32 {
    lane_values[local] = value;
    workgroupBarrier();
    if (local < WG / FOLD) {
        var folded = 0.0;
        for (var i = 0u; i < FOLD; i++) { folded += lane_values[local * FOLD + i]; }
        folded_values[local] = folded;
    }
    workgroupBarrier();
    var total = 0.0;
    for (var i = 0u; i < WG / FOLD; i++) { total += folded_values[i]; }
    return total;
}

fn workgroup_max(local: u32, value: f32) -> f32 {
    lane_values[local] = value;
    workgroupBarrier();
    if (local < WG / FOLD) {
        var folded = lane_values[local * FOLD];
        for (var i = 1u; i < FOLD; i++) { folded = max(folded, lane_values[local * FOLD + i]); }
        folded_values[local] = folded;
    }
    workgroupBarrier();
    var highest = folded_values[0];
    for (var i = 1u; i < WG / FOLD; i++) { highest = max(highest, folded_values[i]); }
    return highest;
}
