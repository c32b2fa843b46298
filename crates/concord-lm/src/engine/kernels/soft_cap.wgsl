// Soft cap of logits, in place: cap * tanh(x / cap), as cap - 2 cap / (exp(2 x / cap) + 1).
//
// x: [n_values]; a NaN stays one, whatever a device's min makes of it
//
// Dispatch: one invocation per value, workgroups folded at groups_x.

override WG: u32 = 64u;

struct Params { n_values: u32, cap: f32, groups_x: u32, pad: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let place = (group.y * params.groups_x + group.x) * WG + local;
    if (place >= params.n_values) { return; }
    // Beyond 80 the quotient is below 1e-32; the clamp keeps exp from overflowing.
    let e = exp(min(2.0 * x[place] / params.cap, 80.0));
    let bits = bitcast<u32>(x[place]) & 0x7fffffffu;
    if (bits > 0x7f800000u) { return; }
    x[place] = params.cap - 2.0 * params.cap / (e + 1.0);
}
