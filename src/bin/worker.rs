//! The worker's binary; see `concord::worker` for everything it does.

fn main() {
    #[cfg(target_arch = "wasm32")]
    concord::worker::main();
}
