//! The one native integration binary: modules by subject.

#[path = "../cases/mod.rs"]
mod cases;
mod reference;
mod tidy;
