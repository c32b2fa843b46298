// Layer norm in place: with v = x[r, :] + before, x[r, :] = (v - mean(v)) / sqrt(var(v) + eps) * gain + bias.
//
// norm: [3, dim] = {before, gain, bias}
// x:    [n_rows, dim]
//
// Joined with shared.wgsl. Dispatch: one workgroup per row. Numerics: f32, the variance from the differences to the
// mean; order of the sums depends on dim and WG alone.

struct Params { dim: u32, eps: f32, pad0: u32, pad1: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> norm: array<f32>;
@group(0) @binding(2) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let dim = params.dim;
    let start = group.x * dim;
    var sum = 0.0;
    for (var i = local; i < dim; i += WG) { sum += x[start + i] + norm[i]; }
    let mean = workgroup_sum(local, sum) / f32(dim);
    var squares = 0.0;
    for (var i = local; i < dim; i += WG) {
        let difference = x[start + i] + norm[i] - mean;
        squares = fma(difference, difference, squares);
    }
    let scale = 1.0 / sqrt(workgroup_sum(local, squares) / f32(dim) + params.eps);
    for (var i = local; i < dim; i += WG) {
        x[start + i] = (x[start + i] + norm[i] - mean) * scale * norm[dim + i] + norm[2u * dim + i];
    }
}
