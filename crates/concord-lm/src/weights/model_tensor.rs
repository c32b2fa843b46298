//! Which tensors a model is made of, their names and shapes.

use super::architecture::{Head, Norms};
use super::header::TensorInfo;
use super::hyperparameters::Hyperparameters;
use super::rope_scaling::RopeDivisors;

/// One tensor of a model; layers count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ModelTensor {
    /// Embedding table, `[vocab_size, dim]`; also the output head when that is tied.
    TokenEmbedding,
    /// Vectors of positions, `[seq_len + first_row, dim]`.
    PositionEmbedding,
    /// Vectors of token types, `[n_token_types, dim]`.
    TokenTypes,
    /// Gain of the layer norm of the embeddings, `[dim]`.
    EmbeddingNorm,
    /// Bias of the layer norm of the embeddings, `[dim]`.
    EmbeddingNormBias,
    /// Gain of the RMS norm before attention, `[dim]`.
    AttnNorm(u32),
    /// Query projection, `[n_heads * head_dim, dim]`.
    Q(u32),
    /// Key projection, `[n_kv_heads * head_dim, dim]`.
    K(u32),
    /// Value projection, `[n_kv_heads * head_dim, dim]`.
    V(u32),
    /// Bias of the queries, `[n_heads * head_dim]`.
    QBias(u32),
    /// Bias of the keys, `[n_kv_heads * head_dim]`.
    KBias(u32),
    /// Bias of the values, `[n_kv_heads * head_dim]`.
    VBias(u32),
    /// Gain of the RMS norm of every query head, `[head_dim]`.
    QNorm(u32),
    /// Gain of the RMS norm of every key head, `[head_dim]`.
    KNorm(u32),
    /// Gain of the RMS norm of what attention gives, `[dim]`.
    AttnPostNorm(u32),
    /// Gain of the RMS norm of what the feed-forward layer gives, `[dim]`.
    FfnPostNorm(u32),
    /// Attention output projection, `[dim, n_heads * head_dim]`.
    AttnOutput(u32),
    /// Bias of the attention output, `[dim]`.
    AttnOutputBias(u32),
    /// Gain of the layer norm of the states with what attention gives, `[dim]`.
    AttnSumNorm(u32),
    /// Its bias, `[dim]`.
    AttnSumNormBias(u32),
    /// Gain of the layer norm of the states with what the feed-forward layer gives, `[dim]`.
    FfnSumNorm(u32),
    /// Its bias, `[dim]`.
    FfnSumNormBias(u32),
    /// Gain of the RMS norm before the feed-forward layer, `[dim]`.
    FfnNorm(u32),
    /// Gate projection, `[hidden_dim, dim]`.
    Gate(u32),
    /// Up projection, `[hidden_dim, dim]`.
    Up(u32),
    /// Bias of the up projection of a layer without a gate, `[hidden_dim]`.
    UpBias(u32),
    /// Down projection, `[dim, hidden_dim]`.
    Down(u32),
    /// Bias of the down projection, `[dim]`.
    DownBias(u32),
    /// Divisors of the RoPE frequencies, `[rope_dim / 2]`.
    RopeDivisors,
    /// Divisors for texts within the original context, `[rope_dim / 2]`.
    RopeShort,
    /// Divisors for longer texts, `[rope_dim / 2]`.
    RopeLong,
    /// Gain of the RMS norm before the head, `[dim]`.
    OutputNorm,
    /// First dense layer after pooling, `[dense_dim, dim]`.
    Dense,
    /// Second dense layer after pooling, `[dim, dense_dim]`.
    DenseBack,
    /// Output head, `[vocab_size, dim]`; absent when tied.
    Head,
}

impl ModelTensor {
    /// Every tensor of a model, in the order the forward pass uses them.
    pub fn all(hyperparameters: &Hyperparameters) -> Vec<Self> {
        let h = hyperparameters;
        let mut tensors = vec![Self::TokenEmbedding];
        tensors.extend((h.n_positions() > 0).then_some(Self::PositionEmbedding));
        tensors.extend((h.n_token_types > 0).then_some(Self::TokenTypes));
        match h.rope_divisors {
            RopeDivisors::None => {}
            RopeDivisors::One => tensors.push(Self::RopeDivisors),
            RopeDivisors::ByLength { .. } => tensors.extend([Self::RopeShort, Self::RopeLong]),
        }
        if h.norms == Norms::After {
            tensors.extend([Self::EmbeddingNorm, Self::EmbeddingNormBias]);
        }
        for layer in 0..h.n_layers {
            tensors.extend(Self::of_attention(h, layer));
            tensors.extend(Self::of_feed_forward(h, layer));
        }
        tensors.extend(h.norms.stand_before().then_some(Self::OutputNorm));
        if h.dense_dim > 0 {
            tensors.extend([Self::Dense, Self::DenseBack]);
        }
        tensors.extend((h.head == Head::Own).then_some(Self::Head));
        tensors
    }

    fn of_attention(h: &Hyperparameters, layer: u32) -> Vec<Self> {
        let mut tensors = Vec::new();
        tensors.extend(h.norms.stand_before().then_some(Self::AttnNorm(layer)));
        tensors.extend([Self::Q(layer), Self::K(layer), Self::V(layer)]);
        if h.qkv_bias {
            tensors.extend([Self::QBias(layer), Self::KBias(layer), Self::VBias(layer)]);
        }
        if h.head_norm {
            tensors.extend([Self::QNorm(layer), Self::KNorm(layer)]);
        }
        tensors.push(Self::AttnOutput(layer));
        tensors.extend((h.norms == Norms::Around).then_some(Self::AttnPostNorm(layer)));
        if h.norms == Norms::After {
            tensors.extend([
                Self::AttnOutputBias(layer),
                Self::AttnSumNorm(layer),
                Self::AttnSumNormBias(layer),
            ]);
        }
        tensors
    }

    fn of_feed_forward(h: &Hyperparameters, layer: u32) -> Vec<Self> {
        let mut tensors = Vec::new();
        tensors.extend((h.norms.stand_before() && !h.norms.are_shared()).then_some(Self::FfnNorm(layer)));
        tensors.push(if h.gated { Self::Gate(layer) } else { Self::UpBias(layer) });
        tensors.extend([Self::Up(layer), Self::Down(layer)]);
        tensors.extend((h.norms == Norms::Around).then_some(Self::FfnPostNorm(layer)));
        if h.norms == Norms::After {
            tensors.extend([Self::DownBias(layer), Self::FfnSumNorm(layer), Self::FfnSumNormBias(layer)]);
        }
        tensors
    }

    /// Whether it is a vector of gains, biases or divisors rather than a matrix.
    pub fn is_vector(self) -> bool {
        !matches!(
            self,
            Self::TokenEmbedding
                | Self::PositionEmbedding
                | Self::TokenTypes
                | Self::Q(_)
                | Self::K(_)
                | Self::V(_)
                | Self::AttnOutput(_)
                | Self::Gate(_)
                | Self::Up(_)
                | Self::Down(_)
                | Self::Dense
                | Self::DenseBack
                | Self::Head
        )
    }

    /// Name in a GGUF file.
    pub fn name(self) -> String {
        let (layer, name) = match self {
            Self::TokenEmbedding => return "token_embd.weight".to_owned(),
            Self::PositionEmbedding => return "position_embd.weight".to_owned(),
            Self::TokenTypes => return "token_types.weight".to_owned(),
            Self::EmbeddingNorm => return "token_embd_norm.weight".to_owned(),
            Self::EmbeddingNormBias => return "token_embd_norm.bias".to_owned(),
            Self::RopeDivisors => return "rope_freqs.weight".to_owned(),
            Self::RopeShort => return "rope_factors_short.weight".to_owned(),
            Self::RopeLong => return "rope_factors_long.weight".to_owned(),
            Self::OutputNorm => return "output_norm.weight".to_owned(),
            Self::Dense => return "dense_2.weight".to_owned(),
            Self::DenseBack => return "dense_3.weight".to_owned(),
            Self::Head => return "output.weight".to_owned(),
            Self::AttnNorm(layer) => (layer, "attn_norm.weight"),
            Self::Q(layer) => (layer, "attn_q.weight"),
            Self::K(layer) => (layer, "attn_k.weight"),
            Self::V(layer) => (layer, "attn_v.weight"),
            Self::QBias(layer) => (layer, "attn_q.bias"),
            Self::KBias(layer) => (layer, "attn_k.bias"),
            Self::VBias(layer) => (layer, "attn_v.bias"),
            Self::QNorm(layer) => (layer, "attn_q_norm.weight"),
            Self::KNorm(layer) => (layer, "attn_k_norm.weight"),
            Self::AttnPostNorm(layer) => (layer, "post_attention_norm.weight"),
            Self::FfnPostNorm(layer) => (layer, "post_ffw_norm.weight"),
            Self::AttnOutput(layer) => (layer, "attn_output.weight"),
            Self::AttnOutputBias(layer) => (layer, "attn_output.bias"),
            Self::AttnSumNorm(layer) => (layer, "attn_output_norm.weight"),
            Self::AttnSumNormBias(layer) => (layer, "attn_output_norm.bias"),
            Self::FfnSumNorm(layer) => (layer, "layer_output_norm.weight"),
            Self::FfnSumNormBias(layer) => (layer, "layer_output_norm.bias"),
            Self::FfnNorm(layer) => (layer, "ffn_norm.weight"),
            Self::Gate(layer) => (layer, "ffn_gate.weight"),
            Self::Up(layer) => (layer, "ffn_up.weight"),
            Self::UpBias(layer) => (layer, "ffn_up.bias"),
            Self::Down(layer) => (layer, "ffn_down.weight"),
            Self::DownBias(layer) => (layer, "ffn_down.bias"),
        };
        format!("blk.{layer}.{name}")
    }

    /// Shape `[n_rows, n_cols]`; a vector has one row.
    pub fn shape(self, hyperparameters: &Hyperparameters) -> [u64; 2] {
        let h = hyperparameters;
        let [n_rows, n_cols] = match self {
            Self::TokenEmbedding | Self::Head => [h.vocab_size, h.dim],
            Self::PositionEmbedding => [h.n_positions(), h.dim],
            Self::TokenTypes => [h.n_token_types, h.dim],
            Self::EmbeddingNorm | Self::EmbeddingNormBias | Self::OutputNorm => [1, h.dim],
            Self::AttnNorm(_) | Self::AttnPostNorm(_) | Self::AttnOutputBias(_) => [1, h.dim],
            Self::AttnSumNorm(_) | Self::AttnSumNormBias(_) => [1, h.dim],
            Self::FfnNorm(_) | Self::FfnPostNorm(_) | Self::DownBias(_) => [1, h.dim],
            Self::FfnSumNorm(_) | Self::FfnSumNormBias(_) => [1, h.dim],
            Self::UpBias(_) => [1, h.hidden_dim],
            Self::Dense => [h.dense_dim, h.dim],
            Self::DenseBack => [h.dim, h.dense_dim],
            Self::QBias(_) => [1, h.q_dim()],
            Self::KBias(_) | Self::VBias(_) => [1, h.kv_dim()],
            Self::QNorm(_) | Self::KNorm(_) => [1, h.head_dim],
            Self::RopeDivisors | Self::RopeShort | Self::RopeLong => [1, h.rope_dim / 2],
            Self::Q(_) => [h.q_dim(), h.dim],
            Self::K(_) | Self::V(_) => [h.kv_dim(), h.dim],
            Self::AttnOutput(_) => [h.dim, h.q_dim()],
            Self::Gate(_) | Self::Up(_) => [h.hidden_dim, h.dim],
            Self::Down(_) => [h.dim, h.hidden_dim],
        };
        [u64::from(n_rows), u64::from(n_cols)]
    }
}

/// A tensor of the model and where the file holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedTensor {
    /// Which tensor.
    pub tensor: ModelTensor,
    /// Its type, shape and byte range.
    pub info: TensorInfo,
}
