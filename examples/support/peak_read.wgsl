// Reads a buffer once, so that the time is that of memory.
//
// values: [n_values] of 16 bytes
// sums:   [n_invocations]; written so that the reads are not left out
//
// Dispatch: n_invocations / 256 workgroups; each invocation reads every n_invocations-th value.

struct Params { n_values: u32, n_invocations: u32, pad0: u32, pad1: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> values: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> sums: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    var sum = vec4<u32>();
    for (var i = id.x; i < params.n_values; i += params.n_invocations) { sum += values[i]; }
    sums[id.x] = sum.x + sum.y + sum.z + sum.w;
}
