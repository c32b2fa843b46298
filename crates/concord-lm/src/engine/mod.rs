//! The model on the GPU: device, buffers, kernels, and the forward pass over them.
//!
//! The only module that names `wgpu`. The same code runs natively (Vulkan, Metal, DirectX 12)
//! and in a browser's worker (WebGPU). It deals in token ids and tensors: no text, no files, no page.

pub mod buffers;
pub mod device;
pub mod error;
pub mod kernel;
pub mod kernels;
pub mod loader;
pub mod model;
pub mod recording;
pub mod weights;

mod attempt;
mod calls;
mod cosines;
mod forward;
mod kv_cache;
mod model_kernels;
mod model_weights;
mod scratch;
mod self_test;
mod self_test_matmul;
mod self_test_parts;
mod shader;
#[cfg(any(test, feature = "testing"))]
mod testing;
mod texts;
mod tier;
mod uploads;

pub use attempt::Attempt;
pub use buffers::Buffer;
pub use device::{Adapter, Gpu, Tier};
pub use error::EngineError;
pub use loader::Loader;
pub use model::GpuModel;
pub use model_weights::ModelWeights;
pub use recording::Recording;
pub use weights::Weights;
