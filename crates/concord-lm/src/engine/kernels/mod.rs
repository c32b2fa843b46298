//! The GPU kernels, one file pair each: `name.wgsl` computes, `name.rs` binds and dispatches it. Each
//! has a CPU twin of the same name in `crate::reference`.
//!
//! A shader is plain text in parts, which are joined when it is compiled (`shader!`); sizes are
//! `override` constants set when the pipeline is made. All bindings are in group 0: parameters first
//! (a uniform block with a dynamic offset), inputs, weights, output last.

pub mod activate;
pub mod attention;
pub mod cosine;
pub mod embed;
pub mod gate;
pub mod head_norm;
pub mod layer_norm;
pub mod log_prob;
pub mod matmul;
pub mod pool;
pub mod rms_norm;
pub mod rope;
pub mod sample;
pub mod seat;
pub mod soft_cap;

pub(crate) mod weights;

pub use activate::Activate;
pub use attention::Attention;
pub use cosine::Cosine;
pub use embed::Embed;
pub use gate::Gate;
pub use head_norm::HeadNorm;
pub use layer_norm::LayerNorm;
pub use log_prob::LogProb;
pub use matmul::Matmul;
pub use pool::Pool;
pub use rms_norm::RmsNorm;
pub use rope::Rope;
pub use sample::Sample;
pub use seat::Seat;
pub use soft_cap::SoftCap;

use super::kernel::Source;
use crate::weights::TensorType;
use matmul::{Body, Role};

/// Every shader, as pipelines use them; the shader test goes through this list.
pub fn sources() -> Vec<Source> {
    let roles = || Role::ALL.into_iter().flat_map(|role| Body::ALL.map(|body| (role, body)));
    let of_weights = TensorType::ALL.into_iter().flat_map(|of| {
        let products = roles().map(move |(role, body)| role.source(body, of));
        products.chain([embed::source(of)])
    });
    let others = [
        rms_norm::SOURCE,
        rope::SOURCE,
        attention::SOURCE,
        gate::SOURCE,
        activate::SOURCE,
        layer_norm::SOURCE,
        head_norm::SOURCE,
        soft_cap::SOURCE,
        sample::SOURCE,
        seat::SOURCE,
        log_prob::SOURCE,
        pool::SOURCE,
        cosine::SOURCE,
    ];
    of_weights.chain(others).collect()
}
