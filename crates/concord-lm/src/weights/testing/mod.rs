//! Small models made of seeded noise, for tests and benches: native, in the browser and in kernels.
//!
//! The same settings give the same bytes on every machine: only integer arithmetic and correctly
//! rounded float operations (`+ - * /` and square root) are used.

pub mod quantise;
pub mod random_encoder;
pub mod random_model;
pub mod split_model;
pub mod writer;

pub use quantise::quantise_rows;
pub use random_encoder::RandomEncoder;
pub use random_model::{Noise, RandomModel, random_model, speaking_model};
pub use split_model::split_model;
pub use writer::GgufWriter;
