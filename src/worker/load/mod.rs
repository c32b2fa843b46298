//! From a model's files to a model on a device: the files' bytes, what their headers say, the sizes that fit, the weights to
//! where they are used.

pub mod bytes;
pub mod candidates;
pub mod files;
pub mod headers;
pub(super) mod model_info;
#[cfg(target_arch = "wasm32")]
pub(super) mod page_files;
pub(super) mod place;
pub mod plan;
pub mod store;
pub mod stream;

#[cfg(test)]
mod device_tests;
#[cfg(test)]
mod offer_tests;
#[cfg(test)]
mod split_tests;
