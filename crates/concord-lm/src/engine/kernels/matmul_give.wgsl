// The product as it is: y[t, o] = scale * factor(t) * sum_i x[t, i] * w[o, i] (+ y[t, o]). A pair is two consecutive outputs.
//
// Joined with matmul_norm.wgsl, which knows factor(t).

fn pair_rows(pair: u32) -> vec2<u32> {
    return vec2<u32>(2u * pair, 2u * pair + 1u);
}

fn store(out: u32, token: u32, sum: f32) {
    if (out >= params.n_out || token >= params.n_tokens) { return; }
    let place = token * params.y_stride + params.y_offset + out;
    let product = params.scale * sum;
    if (params.add == 1u) { y[place] += product; } else { y[place] = product; }
}

// The sums of a pair for `n` tokens, at most four.
fn finish(pair: u32, first: u32, n: u32, a: vec4<f32>, b: vec4<f32>, factors: vec4<f32>) {
    for (var i = 0u; i < n; i++) {
        store(2u * pair, first + i, factors[i] * a[i]);
        store(2u * pair + 1u, first + i, factors[i] * b[i]);
    }
}
