// The norm of a product's input. Its gains are in x already; the factor of a row is the same for all its products, so it
// comes last: 1 / sqrt(mean(states^2) + eps), and mean(states^2) from what matmul_feed.wgsl left.
//
// squares: [n_tokens, n_squares] of four sums

@group(0) @binding(6) var<storage, read> squares: array<vec4<f32>>;

// Every n_lanes-th vector of a token, from `lane` on.
fn lane_squares(token: u32, lane: u32, n_lanes: u32) -> vec4<f32> {
    var sum = vec4<f32>();
    if (token < params.n_tokens) {
        for (var i = lane; i < params.n_squares; i += n_lanes) { sum += squares[token * params.n_squares + i]; }
    }
    return sum;
}

fn row_factor(sum: vec4<f32>) -> f32 {
    if (params.n_squares == 0u) { return 1.0; }
    let mean = (sum.x + sum.y + sum.z + sum.w) / f32(params.n_in);
    return 1.0 / sqrt(mean + params.eps);
}
