//! The program that reads foreign files; see `concord::reader`.

fn main() {
    #[cfg(target_arch = "wasm32")]
    concord::reader::main();
}
