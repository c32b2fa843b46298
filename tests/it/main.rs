//! The one native integration binary: modules by subject.

#![expect(missing_docs, reason = "tests say what they show in their names")]

mod tidy;
