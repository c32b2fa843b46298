// Root-mean-square norm: y[r, :] = v / sqrt(mean(v^2) + eps) * gain (+ y[r, :]) with v = x[s, :], or
// v = x[s, :] - mean(x[s, :]) where params.centred is 1: the layer norm without a bias.
//
// x:       [n_tokens, dim], the residual stream
// gain:    [dim]
// indices: [n_rows], which row s of x is read for row r; used when params.gather is 1, else s = first + r
// y:       [n_rows, dim]
//
// Dispatch: one workgroup per row. Numerics: f32, order of the sum depends on dim and WG alone.

struct Params {
    dim: u32,
    eps: f32,
    gather: u32,
    first: u32,
    // 1 adds to y.
    add: u32,
    centred: u32,
    pad1: u32,
    pad2: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read> indices: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    var source = params.first + group.x;
    if (params.gather == 1u) { source = indices[group.x]; }
    let from_start = source * params.dim;
    let to_start = group.x * params.dim;
    var middle = 0.0;
    if (params.centred == 1u) {
        var sum = 0.0;
        for (var i = local; i < params.dim; i += WG) { sum += x[from_start + i]; }
        middle = workgroup_sum(local, sum) / f32(params.dim);
    }
    var squares = 0.0;
    for (var i = local; i < params.dim; i += WG) {
        let value = x[from_start + i] - middle;
        squares = fma(value, value, squares);
    }
    let mean = workgroup_sum(local, squares) / f32(params.dim);
    let scale = 1.0 / sqrt(mean + params.eps);
    for (var i = local; i < params.dim; i += WG) {
        var value = (x[from_start + i] - middle) * scale * gain[i];
        if (params.add == 1u) { value += y[to_start + i]; }
        y[to_start + i] = value;
    }
}
