//! Writes `docs/terms.md` from the lesson's texts, which explain every term once: `cargo run --example terms`.

use concord::lesson::texts::Texts;

fn main() -> std::io::Result<()> {
    let english = Texts::read(&std::fs::read_to_string("static/lesson/en.ftl")?);
    std::fs::write("docs/terms.md", english.terms_as_markdown())
}
