// Chains of fused multiply-adds in registers, so that the time is that of arithmetic.
//
// seeds: [n_invocations] f32
// ends:  [n_invocations] f32
//
// Dispatch: n_invocations / 256 workgroups; four chains of four lanes each, n_steps long.

struct Params { n_steps: u32, pad0: u32, pad1: u32, pad2: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> seeds: array<f32>;
@group(0) @binding(2) var<storage, read_write> ends: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let factor = vec4<f32>(seeds[id.x]);
    let addend = vec4<f32>(0.5);
    var a = vec4<f32>(1.0);
    var b = vec4<f32>(2.0);
    var c = vec4<f32>(3.0);
    var d = vec4<f32>(4.0);
    for (var i = 0u; i < params.n_steps; i++) {
        a = fma(a, factor, addend);
        b = fma(b, factor, addend);
        c = fma(c, factor, addend);
        d = fma(d, factor, addend);
    }
    let all = a + b + c + d;
    ends[id.x] = all.x + all.y + all.z + all.w;
}
