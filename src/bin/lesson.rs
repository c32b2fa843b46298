//! The program of the lesson, which runs in the page's window; see `concord::ui::lesson`.

fn main() {
    #[cfg(target_arch = "wasm32")]
    concord::ui::lesson::main();
}
