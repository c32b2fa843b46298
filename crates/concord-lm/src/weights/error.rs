//! What can be wrong with a model file, in words a person can act on.

/// Why a model file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// The first bytes are not `GGUF`.
    #[error("this is not a GGUF file; pick a file that ends in .gguf")]
    NotGguf,
    /// A GGUF version other than 2 and 3, or big-endian.
    #[error(
        "GGUF version {version} is not supported; convert the model again with a current llama.cpp (version 3, little-endian)"
    )]
    Version {
        /// The version field as read.
        version: u32,
    },
    /// The file ends before something it announces.
    #[error(
        "the file is cut short: {what} needs {needed} bytes, the file has {available}; download it again"
    )]
    Truncated {
        /// What was being read.
        what: String,
        /// File length that would be needed.
        needed: u64,
        /// File length there is.
        available: u64,
    },
    /// A count, length, offset or value that cannot be right.
    #[error("the file is damaged: {what}; download it again")]
    Damaged {
        /// What is wrong, with the value found.
        what: String,
    },
    /// A weight that is not a number, or infinite.
    #[error(
        "the weights are damaged: row {row} of {tensor} has a number that is not finite (NaN or infinity); get the file again, or take another conversion of the model"
    )]
    NotFinite {
        /// Name of the tensor.
        tensor: String,
        /// The first such row.
        row: u64,
    },
    /// A header larger than any real model's.
    #[error(
        "the header of the file is larger than {limit} bytes, which no known model needs; pick another file"
    )]
    HeaderTooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// A model architecture that is not known.
    #[error(
        "the model architecture is \"{found}\"; supported are llama, qwen2, qwen3, gemma2, gemma3, phi3, granite, smollm3, cohere2 and mistral3, and as encoders bert, xlm-roberta, gte, qwen3 and gemma-embedding, so choose a model of one of them"
    )]
    Architecture {
        /// `general.architecture`.
        found: String,
    },
    /// A JSON file beside the weights that cannot be read.
    #[error("{name} cannot be read: {reason}; get the model's files again")]
    Config {
        /// Which file.
        name: String,
        /// What the JSON parser says.
        reason: String,
    },
    /// A generator where an encoder is wanted.
    #[error(
        "the model generates text and was not trained to embed it; load an encoder such as multilingual-e5, or none: then the generator's own middle layer embeds the responses"
    )]
    NotAnEncoder,
    /// An encoder where a generator is wanted.
    #[error(
        "the model is an encoder: it embeds texts and cannot answer prompts; load it as the encoder, and a model such as Qwen2.5 as the generator"
    )]
    NotAGenerator,
    /// A feature that is not implemented.
    #[error("the model uses {feature}, which is not supported; choose a model without it")]
    Unsupported {
        /// The feature and its value.
        feature: String,
    },
    /// Files that do not make up one model.
    #[error("{what}")]
    Parts {
        /// What is wrong with which file, and what to do.
        what: String,
    },
    /// A tensor type that cannot be read.
    #[error(
        "tensor {tensor} is stored as {found}; supported are F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL and IQ4_XS, so choose such a file"
    )]
    TensorType {
        /// Tensor name.
        tensor: String,
        /// Name of its type, or its number.
        found: String,
    },
    /// A required metadata entry is absent or of the wrong type.
    #[error(
        "the metadata entry {key} is missing or is not {expected}; get the file again, or take another conversion of the model"
    )]
    Metadata {
        /// Metadata key.
        key: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A tensor that the model needs is absent.
    #[error(
        "the file has no tensor {tensor}; it is not a whole model, so get the file again, or take another conversion of it"
    )]
    MissingTensor {
        /// Tensor name.
        tensor: String,
    },
    /// A tensor has another shape than the hyperparameters say.
    #[error(
        "tensor {tensor} has shape {found:?}, the hyperparameters say {expected:?} (rows, columns); take another conversion of the model"
    )]
    Shape {
        /// Tensor name.
        tensor: String,
        /// Shape in the file, `[n_rows, n_cols]`.
        found: [u64; 2],
        /// Shape it must have, `[n_rows, n_cols]`.
        expected: [u64; 2],
    },
    /// A slice given to a function does not hold what its shape says; a bug in the caller.
    #[error("{what}: expected {expected} elements, got {found}")]
    Length {
        /// Which slice.
        what: &'static str,
        /// Elements it must have.
        expected: u64,
        /// Elements it has.
        found: u64,
    },
}

impl WeightsError {
    /// A [`WeightsError::Metadata`] of the given entry.
    pub(crate) fn missing(key: &str, expected: &'static str) -> Self {
        Self::Metadata { key: key.to_owned(), expected }
    }

    /// A [`WeightsError::Damaged`] with the given finding.
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }
}
