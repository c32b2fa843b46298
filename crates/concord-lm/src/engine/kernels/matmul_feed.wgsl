// The product, added to the states, and what the next norm needs of them:
// y[t, o] += scale * sum_i x[t, i] * w[o, i], fed[t, o] = y[t, o] * gain[o], squares[t, o / 2] = the squares of two of y.
// A pair is two consecutive outputs; n_out is a multiple of 8.
//
// gain:    [n_out], of the next norm
// fed:     [n_tokens, n_out], the input of the next product but for a factor per row: see matmul_norm.wgsl
// squares: [n_tokens, n_out / 2]

@group(0) @binding(6) var<storage, read> gain: array<f32>;
@group(0) @binding(7) var<storage, read_write> fed: array<f32>;
@group(0) @binding(8) var<storage, read_write> squares: array<f32>;

fn pair_rows(pair: u32) -> vec2<u32> {
    return vec2<u32>(2u * pair, 2u * pair + 1u);
}

// x has no norm before it.
fn lane_squares(token: u32, lane: u32, n_lanes: u32) -> vec4<f32> {
    return vec4<f32>();
}

fn row_factor(sum: vec4<f32>) -> f32 {
    return 1.0;
}

// The sums of a pair for `n` tokens, at most four.
fn finish(pair: u32, first: u32, n: u32, a: vec4<f32>, b: vec4<f32>, factors: vec4<f32>) {
    for (var i = 0u; i < n; i++) {
        let token = first + i;
        if (2u * pair < params.n_out && token < params.n_tokens) {
            let place = token * params.y_stride + 2u * pair;
            let states = vec2<f32>(y[place], y[place + 1u]) + params.scale * vec2<f32>(a[i], b[i]);
            y[place] = states.x;
            y[place + 1u] = states.y;
            fed[place] = states.x * gain[2u * pair];
            fed[place + 1u] = states.y * gain[2u * pair + 1u];
            squares[token * 4u * params.n_squares + pair] = fma(states.x, states.x, states.y * states.y);
        }
    }
}
