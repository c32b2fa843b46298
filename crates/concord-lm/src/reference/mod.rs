//! The whole model on the CPU, one public function per GPU kernel, under the same name.
//!
//! Two jobs: the oracle of every kernel test, in f32, and the model itself where there is no WebGPU and in
//! native tools, where large quantised files are multiplied in int8 ([`Numerics`]). Every function is batch-invariant: an output element is reduced in one fixed order
//! that depends neither on the number of rows nor on their place in the batch. No call of the
//! standard library's transcendental functions is in a hot loop, so the order and the rounding are
//! the same natively and in WebAssembly. It touches no device, no text and no file.
//!
//! Shapes are row-major with the last axis contiguous: `[n_rows, dim]`.

pub mod attention;
pub mod embed;
pub mod gate;
pub mod layer_norm;
pub mod loader;
pub mod log_prob;
pub mod math;
pub mod matmul;
pub mod model;
pub mod pool;
pub mod rms_norm;
pub mod rope;
pub mod sample;
pub mod seat;
pub mod soft_cap;

mod layer;
mod panels;
mod quantised;
mod tables;
mod texts;

pub use crate::weights::Numerics;
pub use attention::{HeadShape, attention};
pub use embed::embed;
pub use gate::{activate, gate};
pub use layer_norm::{LayerNorm, layer_norm};
pub use loader::{Loader, Weights};
pub use log_prob::log_prob;
pub use matmul::{Matrix, matmul};
pub use model::{Pause, ReferenceModel};
pub use pool::{cosine, pool};
pub use rms_norm::{centred_norm, rms_norm};
pub use rope::{LayerKv, RopeAngles, rope};
pub use sample::{sample, sample_at};
pub use seat::{Seated, seat};
pub use soft_cap::soft_cap;
