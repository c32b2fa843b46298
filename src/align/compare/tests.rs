//! Cases counted by hand, and what must not change a comparison.
