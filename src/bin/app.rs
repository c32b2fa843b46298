//! The page's binary; see `concord::ui` for everything it does.

fn main() {
    #[cfg(target_arch = "wasm32")]
    concord::ui::main();
}
