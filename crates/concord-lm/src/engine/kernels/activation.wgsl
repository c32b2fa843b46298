// Activations, for kernels to be joined with. Kinds: 0 SiLU, 1 GELU in its tanh form, 2 GELU with erf.
//
// SiLU is x / (1 + exp(-x)). GELU in its tanh form, x / 2 * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), is
// x / (1 + exp(-z)) with z = 2 sqrt(2 / pi) (x + 0.044715 x^3). erf is within 1.5e-7 (Abramowitz and Stegun 7.1.26).

const GELU_TANH: u32 = 1u;
const GELU_ERF: u32 = 2u;

fn activated(x: vec4<f32>, kind: u32) -> vec4<f32> {
    if (kind == GELU_ERF) {
        // 1 - |erf(x / sqrt(2))|, then the side of the bell that x is on.
        let at = min(abs(x) * 0.70710678, vec4<f32>(9.0));
        let t = 1.0 / (1.0 + 0.3275911 * at);
        let polynomial = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
        let tail = 0.5 * polynomial * exp(-at * at);
        return x * select(tail, 1.0 - tail, x > vec4<f32>());
    }
    // Beyond 80 the quotient is below 1e-32; the clamp keeps exp from overflowing.
    var z = x;
    if (kind == GELU_TANH) { z = 1.5957691 * (x + 0.044715 * x * x * x); }
    return x / (1.0 + exp(min(-z, vec4<f32>(80.0))));
}
