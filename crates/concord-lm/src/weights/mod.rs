//! Bytes of model files: the GGUF and safetensors containers, hyperparameters, block layouts, memory arithmetic.
//!
//! Everything here takes bytes and numbers and returns values. It never holds a whole file: a loader
//! feeds [`Header::parse`] a growing prefix, then [`RowStream`] the rest in chunks of any size, and
//! gets whole rows of named tensors back. Knows nothing of devices, fetch or the browser.
//!
//! ```
//! use concord_lm::weights::{ModelFile, Parsed, Header, testing};
//! let file = testing::random_model(&testing::RandomModel::default());
//! let Parsed::Header(header) = Header::parse(&file, Some(file.len() as u64))? else { panic!() };
//! let model = ModelFile::from_header(header)?;
//! assert_eq!(model.hyperparameters.n_layers, 2);
//! # Ok::<(), concord_lm::weights::WeightsError>(())
//! ```

pub mod architecture;
pub mod blocks;
pub mod config;
pub mod dequantise;
pub mod digest;
pub mod encoder;
pub mod error;
pub mod finite;
pub mod header;
pub mod hyperparameters;
pub mod layer_set;
pub mod layout;
pub mod metadata;
pub mod model_file;
pub mod model_tensor;
pub mod numerics;
pub mod offer;
pub mod plan;
pub mod plan_error;
pub mod pooling;
pub mod rope_scaling;
pub mod row_stream;
pub mod safetensors;
pub mod split;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

mod cursor;
mod keys;
mod quants;
mod widths;

pub use architecture::{Activation, Architecture, Head, Norms, Positions, RopePairs, Temperature, Window};
pub use blocks::TensorType;
pub use dequantise::dequantise_rows;
pub(crate) use dequantise::{iq4_xs_scale, q3_k_scale, two_bits};
pub use digest::FileDigest;
pub use encoder::{EncoderProfile, ProfileFiles};
pub use error::WeightsError;
pub use header::{Header, Parsed, TensorInfo};
pub use hyperparameters::Hyperparameters;
pub use layer_set::LayerSet;
pub use metadata::{Metadata, Value};
pub use model_file::ModelFile;
pub use model_tensor::{ModelTensor, PlacedTensor};
pub use numerics::Numerics;
pub(crate) use numerics::{Form, Held, PANEL_OUTS, is_large};
pub use offer::{Offer, Offers};
pub use plan::{Limits, MemoryPlan, Sizes, Wanted};
pub use plan_error::PlanError;
pub use pooling::Pooling;
pub(crate) use quants::{quants, scale_bytes};
pub use rope_scaling::{Rope, RopeDivisors, Yarn};
pub use row_stream::{RowStream, Rows};
pub use safetensors::SafetensorsHeader;
pub use split::PartName;

#[cfg(test)]
mod tests;
