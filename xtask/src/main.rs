//! The developer commands of Concord.
fn main() {}
