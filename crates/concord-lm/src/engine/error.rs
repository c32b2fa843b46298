//! What can go wrong before a model runs: opening the device, building kernels, loading weights.

use crate::generate::ModelError;
use crate::weights::WeightsError;

/// Why the engine cannot be used, or a model cannot be loaded into it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EngineError {
    /// The browser or machine has no GPU adapter for us.
    #[error(
        "no GPU adapter was found; turn on WebGPU (or install a Vulkan driver), or use the CPU: {reason}"
    )]
    NoAdapter {
        /// What was tried, and how it failed.
        reason: String,
    },
    /// The adapter gives no device.
    #[error("the GPU {name} gave no device; close other programs that use it and try again: {reason}")]
    NoDevice {
        /// Name of the adapter.
        name: String,
        /// The driver's or browser's own words.
        reason: String,
    },
    /// The device does not accept a kernel or a buffer.
    #[error("the GPU refused {what}; update its driver or use the CPU: {reason}")]
    Refused {
        /// The kernel or buffer.
        what: String,
        /// What the device said.
        reason: String,
    },
    /// A kernel computes something else than it must on this device.
    #[error(
        "the kernel {kernel} gives wrong numbers on this GPU (got {got}, expected {expected}); update its driver or use the CPU"
    )]
    WrongResult {
        /// The kernel and its variant.
        kernel: String,
        /// What came out.
        got: f32,
        /// What must come out.
        expected: f32,
    },
    /// The device has no memory left for something.
    #[error(
        "the GPU has no memory for {what}; close other tabs, lower the number of rows or use a smaller model: {reason}"
    )]
    OutOfMemory {
        /// The buffer.
        what: String,
        /// What the device said.
        reason: String,
    },
    /// One buffer would be larger than the device can bind.
    #[error(
        "{what} takes {needed} bytes, the GPU allows {limit} in one buffer; use a smaller model or fewer rows"
    )]
    TooLarge {
        /// The buffer.
        what: String,
        /// Bytes it would take.
        needed: u64,
        /// Bytes the device allows.
        limit: u64,
    },
    /// A model whose numbers the kernels cannot handle.
    #[error(
        "the model has {what} = {value}, and the GPU kernels need {needed}; use the CPU or another model"
    )]
    Unsupported {
        /// The hyperparameter.
        what: &'static str,
        /// Its value.
        value: u32,
        /// What it must be.
        needed: &'static str,
    },
    /// The model file ended before its last tensor.
    #[error("the model file ended early; download it again")]
    Incomplete,
    /// The model file itself.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The device, while loading.
    #[error(transparent)]
    Model(#[from] ModelError),
}
