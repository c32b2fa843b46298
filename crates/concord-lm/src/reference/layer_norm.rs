//! Layer normalisation (Ba, Kiros and Hinton 2016).

/// What a layer norm adds and multiplies, `[dim]` each.
#[derive(Clone, Debug, Default)]
pub struct LayerNorm {
    /// Added to the states before the norm: the bias of the part whose product they hold. Empty for none.
    pub before: Vec<f32>,
    /// Factor of what is normed.
    pub gain: Vec<f32>,
    /// Added to it.
    pub bias: Vec<f32>,
}

/// `x = (v - mean(v)) / sqrt(var(v) + eps) * gain + bias` with `v = x + before`, for each row of `x` `[n_rows, dim]`;
/// nothing where there is no gain.
pub fn layer_norm(x: &mut [f32], norm: &LayerNorm, eps: f32) {
    if norm.gain.is_empty() {
        return;
    }
    let dim = norm.gain.len();
    for row in x.chunks_exact_mut(dim) {
        row.iter_mut().zip(&norm.before).for_each(|(value, before)| *value += before);
        let mean = row.iter().sum::<f32>() / dim as f32;
        let variance = row.iter().map(|value| (value - mean) * (value - mean)).sum::<f32>() / dim as f32;
        let scale = 1.0 / (variance + eps).sqrt();
        for ((value, gain), bias) in row.iter_mut().zip(&norm.gain).zip(&norm.bias) {
            *value = (*value - mean) * scale * gain + bias;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_mean_zero_and_variance_one_before_gain_and_bias() {
        let norm = LayerNorm { before: vec![0.0, 2.0], gain: vec![1.0, 3.0], bias: vec![0.0, 10.0] };
        let mut x = vec![1.0, 1.0, 5.0, -7.0];
        layer_norm(&mut x, &norm, 0.0);
        assert_eq!(x, [-1.0, 13.0, 1.0, 7.0]);
        let mut flat = vec![4.0, 4.0];
        layer_norm(&mut flat, &LayerNorm { before: Vec::new(), ..norm }, 1e-12);
        assert_eq!(flat, [0.0, 10.0], "a row without variance needs eps");
    }
}
