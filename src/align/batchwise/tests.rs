//! Cases counted by hand, and what must hold of every composition.
