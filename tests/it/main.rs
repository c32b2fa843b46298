//! The one native integration binary: modules by subject.

#[path = "../cases/mod.rs"]
mod cases;
mod engine;
mod kernels;
mod reference;
mod shaders;
mod tidy;
