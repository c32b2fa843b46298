//! The one native integration binary: modules by subject.

mod tidy;
