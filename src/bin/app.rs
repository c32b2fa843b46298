//! The program that is the page, and in its worker the engine; see `concord::ui` and `concord::worker` for all that they do.

fn main() {
    #[cfg(target_arch = "wasm32")]
    if web_sys::window().is_some() {
        concord::ui::main();
    } else {
        concord::worker::main();
    }
}
