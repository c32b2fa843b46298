//! The worker binary; see `concord` for everything it does.

fn main() {}
