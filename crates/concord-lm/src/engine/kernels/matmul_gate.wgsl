// The product with gate and up, gated: y[t, o] = activation(g) * u, where g = factor(t) * sum_i x[t, i] * w[o, i] and u is
// the same for row n_out / 2 + o. A pair is a gate and its up.
//
// Joined with matmul_norm.wgsl, which knows factor(t), and activation.wgsl.

fn pair_rows(pair: u32) -> vec2<u32> {
    return vec2<u32>(pair, params.n_out / 2u + pair);
}

// The sums of a pair for `n` tokens, at most four.
fn finish(pair: u32, first: u32, n: u32, a: vec4<f32>, b: vec4<f32>, factors: vec4<f32>) {
    let gated = activated(factors * a, params.activation) * (factors * b);
    for (var i = 0u; i < n; i++) {
        if (pair < params.n_out / 2u && first + i < params.n_tokens) {
            y[(first + i) * params.y_stride + pair] = gated[i];
        }
    }
}
