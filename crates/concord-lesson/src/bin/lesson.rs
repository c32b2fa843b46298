//! The program of the lesson, which runs in the page's window; see `concord_lesson::page`.

fn main() {
    #[cfg(target_arch = "wasm32")]
    concord_lesson::page::main();
}
